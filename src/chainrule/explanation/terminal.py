"""Read a derivation as text for a terminal: aligned, wrapped between terms, rule names at the right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chainrule.explanation.derivation import Derivation
from chainrule.explanation.document import Block, Equation, Heading, Sentence, document, to_text
from chainrule.showing.columns import columns, filled
from chainrule.showing.language import Language

if TYPE_CHECKING:
    from rich.text import Text

Segment = tuple[str, str]
"""A piece of a line and its role: "heading", "note", "sentence", "formula"."""

_STYLES = {"heading": "bold", "note": "cyan", "sentence": "dim", "formula": ""}
_INDENT = "  "


def text(derivation: Derivation, width: int, lang: Language) -> str:
    """The derivation as lines of at most `width` columns, as far as formulas can be broken between terms."""
    return "\n".join("".join(piece for piece, _ in line) for line in _lines(derivation, width, lang)) + "\n"


def styled(derivation: Derivation, width: int, lang: Language) -> Text:
    """The same lines with rich's colours."""
    from rich.text import Text  # late: rich is only needed for colours

    result = Text()
    for line in _lines(derivation, width, lang):
        for piece, role in line:
            result.append(piece, _STYLES[role])
        result.append("\n")
    return result


def _lines(derivation: Derivation, width: int, lang: Language) -> Iterator[list[Segment]]:
    first = True
    for block in document(derivation, lang):
        if isinstance(block, Heading) and not first:
            yield []
        yield from _block(block, width, indent="" if first else _INDENT)
        first = False


def _block(block: Block, width: int, indent: str) -> Iterator[list[Segment]]:
    if isinstance(block, Heading):
        for line in _words(block.text, width):
            yield [(line, "heading")]
    elif isinstance(block, Sentence):
        for line in _words(block.text, width - len(_INDENT)):
            yield [(_INDENT + line, "sentence")]
    else:
        yield from _equation(block, width, indent)


def _equation(equation: Equation, width: int, indent: str) -> Iterator[list[Segment]]:
    """`left = right` with the note at the right edge; then the numbers, on the same line where all fits."""
    left = "" if equation.left is None else to_text(equation.left)
    start = indent + left + (f" {equation.sign} " if equation.sign != ":" else "   ")
    hang = " " * columns(indent + left)
    right, chain = to_text(equation.right), "".join(f" = {to_text(member)}" for member in equation.then)
    room = width - (columns(equation.note) + 2 if equation.note else 0)
    if columns(start + right + chain) <= room:
        rows, numbers = [start + right + chain], []
    else:
        rows = _wrapped(right, start, hang + "   ", width)
        numbers = _wrapped(chain.removeprefix(" = "), hang + " = ", hang + "   ", width) if chain else []
    for row in rows[:-1]:
        yield [(row, "formula")]
    yield from _with_note(rows[-1], equation.note, width)
    for row in numbers:
        yield [(row, "formula")]


def _with_note(row: str, note: str, width: int) -> Iterator[list[Segment]]:
    """The note at the right edge of the row, or in rows of its own where it does not fit."""
    if not note:
        yield [(row, "formula")]
    elif columns(row) + 2 + columns(note) <= width:
        yield [(row, "formula"), (" " * (width - columns(row) - columns(note)) + note, "note")]
    else:
        yield [(row, "formula")]
        for line in _words(note, width - 6):
            yield [(" " * max(6, width - columns(line)) + line, "note")]


_BREAKS = re.compile(r"(?= [+−=] )|(?<=·)|(?=/)|(?<=, )|(?= (?:if|and|or) )")
_OPENING, _CLOSING = "([{⌊⌈", ")]}⌋⌉"


def _wrapped(formula: str, start: str, hang: str, width: int) -> list[str]:
    """The formula in rows, broken outside brackets where possible, before + and − rather than inside a product."""
    rows, row, room = [], start, max(width, columns(start) + 20)
    pieces = _pieces(formula)
    while pieces:
        fitting = 1
        while (
            fitting < len(pieces)
            and columns(row + "".join(piece for piece, _ in pieces[: fitting + 1]).rstrip()) <= room
        ):
            fitting += 1
        if fitting < len(pieces):  # break where brackets are least deep, the latest such place, but not too early
            width_to = [columns(row + "".join(piece for piece, _ in pieces[:k])) for k in range(1, fitting + 1)]
            late = [k for k in range(1, fitting + 1) if width_to[k - 1] >= room * 0.45] or [fitting]
            fitting = min(late, key=lambda k: (pieces[k][1], -k))
        row += "".join(piece for piece, _ in pieces[:fitting])
        pieces = pieces[fitting:]
        rows.append(row.rstrip())
        row = hang
        if pieces:
            pieces[0] = (pieces[0][0].lstrip(), pieces[0][1])
    return rows


def _pieces(formula: str) -> list[tuple[str, int]]:
    """The formula cut at every place where a row may end, each piece with how bad a break before it is."""
    pieces, depth = [], 0
    for piece in _BREAKS.split(formula):
        if piece:
            pieces.append((piece, 2 * depth + (0 if piece.startswith((" +", " −", " =")) else 1)))
            depth += sum(piece.count(c) for c in _OPENING) - sum(piece.count(c) for c in _CLOSING)
    return pieces


def _words(sentence: str, width: int) -> Iterator[str]:
    """A sentence in rows; Chinese may be broken after any character."""
    if columns(sentence) > len(sentence):
        width -= 2  # a row of Chinese may end with one more sign of punctuation
    return filled(re.findall(r"[⺀-鿿＀-￯，。：；]|[^\s⺀-鿿＀-￯，。：；]+|\s+", sentence), width)
