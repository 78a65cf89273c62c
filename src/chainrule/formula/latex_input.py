r"""Read LaTeX as it is pasted from a book: \frac{\sin x}{x^{2}} as the typed formula (sin x)/(x^(2)).

Only the signs are exchanged; what they mean together is the parser's business. Each character keeps the column of the
command it came from, so that a fault is shown where it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from chainrule.formula.faults import Fault

Typed = tuple[str, int]
"""A character, and the column at which it was typed."""

_LATEX = re.compile(r"\\[a-zA-Z,;:!()\[\]{} |]|[\^_]\{(?![^{}]*otherwise)")
_DEGREES = re.compile(r"\{?\s*\\(?:circ|degree)\s*\}?")
_COMMAND = re.compile(r"\\([a-zA-Z]+|.)")

_SIGNS = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥",
    "geqslant": "≥", "ne": "≠", "neq": "≠", "lt": "<", "gt": ">", "infty": "∞", "vert": "|", "lvert": "|", "rvert": "|",
    "mid": "|", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "land": "&", "wedge": "&", "lor": "∨",
    "vee": "∨", "lnot": "¬", "neg": "¬", "degree": "°", "circ": "°", "lbrace": "(", "rbrace": ")", "{": "(", "}": ")",
    "varphi": "φ", "vartheta": "θ", "varepsilon": "ε", "bmod": " mod ", "pmod": " mod ", "%": "%", "|": "|",
}  # fmt: skip
_SPACES = frozenset((",", ";", ":", "!", " ", "quad", "qquad", "displaystyle", "textstyle", "limits", "nolimits"))
_SIZES = frozenset(("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "middle"))
_AROUND = frozenset(("(", ")", "[", "]"))  # \( … \) and \[ … \]
_PLAIN_TEXT = frozenset(("mathrm", "operatorname", "text", "mathit", "mathbf", "mathsf", "rm"))
_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac"))
_REFUSED = {
    "lim": "a limit is no formula: write the function itself",
    "int": "an integral is not read: write the function itself",
    "iint": "an integral is not read: write the function itself",
    "sum": "write the terms out",
    "prod": "write the factors out",
    "begin": "cases are written {a if x > 0, b otherwise}",
    "partial": "a formula is the function itself: write only what is differentiated",
    "pm": "write two formulas, one with + and one with -",
    "mp": "write two formulas, one with + and one with -",
}


def typed_from_latex(text: str, functions: Collection[str]) -> list[Typed] | None:
    r"""The characters of the formula that LaTeX stands for; None for a text without LaTeX in it.

    >>> "".join(character for character, _ in typed_from_latex(r"\frac{1}{x^{2}}", ()))
    '((1)/(x^(2)))'

    Raises Fault for a command that is not known, and for braces that do not match.
    """
    if not _LATEX.search(text):
        return None
    return list(_Reader(text, functions).until(0, ""))


class _Reader:
    """Reads the text from left to right; `position` is where it stands."""

    def __init__(self, text: str, functions: Collection[str]) -> None:
        self.text = text
        self.functions = functions
        self.position = 0

    def until(self, start: int, closing: str) -> Iterator[Typed]:
        """The characters up to the closing bracket, which is passed over; up to the end without one."""
        while self.position < len(self.text):
            if closing and self.text.startswith(closing, self.position):
                self.position += 1
                return
            yield from self.piece()
        if closing:
            raise Fault(start, f"'{self.text[start]}' is opened here and never closed")

    def piece(self) -> Iterator[Typed]:
        """What the next command, group or character stands for."""
        at, letter = self.position, self.text[self.position]
        if letter == "\\":
            yield from self.command()
        elif letter == "{":
            yield from self.bracketed()
        elif letter == "}":
            raise Fault(at, "'}' closes nothing: no brace is open here")
        elif letter in "^_":
            self.position += 1
            yield from self.raised(at) if letter == "^" else self.index(at)
        else:
            self.position += 1
            if letter not in "$&":
                yield letter, at

    def argument(self) -> Iterator[Typed]:
        """The next group, command or character in brackets: what LaTeX takes as an argument."""
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1
        if self.position >= len(self.text):
            raise Fault(self.position, "the formula is not finished: something is missing at its end")
        if self.text[self.position] == "{":
            return self.bracketed()
        at = self.position
        return iter([("(", at), *self.piece(), (")", at)])

    def bracketed(self) -> Iterator[Typed]:
        start = self.position
        self.position += 1
        yield "(", start
        yield from self.until(start, "}")
        yield ")", self.position - 1

    def raised(self, at: int) -> Iterator[Typed]:
        """An exponent; 30^\\circ is 30 degrees."""
        degrees = _DEGREES.match(self.text, self.position)
        if degrees:
            self.position = degrees.end()
            yield "°", at
            return
        yield "^", at
        digits = re.match("[0-9]+", self.text[self.position :])
        if digits:  # x^10 is meant as it is typed, though LaTeX would raise the 1 alone
            yield from ((digit, self.position + place) for place, digit in enumerate(digits[0]))
            self.position += len(digits[0])
        else:
            yield from self.argument()

    def index(self, at: int) -> Iterator[Typed]:
        """x_{1} as x_1: an index is a part of the name."""
        yield "_", at
        yield from ((letter, column) for letter, column in self.argument() if letter not in "() ")

    def command(self) -> Iterator[Typed]:
        at = self.position
        found = _COMMAND.match(self.text, at)
        if found is None:
            raise Fault(at, "the formula is not finished: something is missing at its end")
        name = found[1]
        self.position = found.end()
        if name in _FRACTIONS:
            above, below = list(self.argument()), list(self.argument())
            yield from [("(", at), *above, ("/", at), *below, (")", at)]
        elif name == "sqrt":
            yield from self.root(at)
        elif name in _PLAIN_TEXT:
            inside = [piece for piece in self.argument() if piece[0] not in "() "]
            yield from self.word("".join(letter for letter, _ in inside), at)
        elif name in _REFUSED:
            raise Fault(at, _REFUSED[name])
        elif name in _SPACES or name in _AROUND:
            yield " ", at
        elif name in _SIZES:
            if self.text.startswith(".", self.position):  # \left. is no bracket
                self.position += 1
        elif name in _SIGNS:
            yield from ((letter, at) for letter in _SIGNS[name])
        elif name in self.functions:
            yield from self.word(name, at)
        else:
            yield from self.letter(name, at)

    def word(self, name: str, at: int) -> Iterator[Typed]:
        """A name, apart from what stands around it; but log_{2} keeps its base."""
        yield " ", at
        yield from ((letter, at) for letter in name)
        if self.position < len(self.text) and self.text[self.position] not in "^_":
            yield " ", at

    def root(self, at: int) -> Iterator[Typed]:
        if not self.text.startswith("[", self.position):
            yield "√", at
            yield from self.argument()
            return
        start = self.position
        self.position += 1
        index = list(self.until(start, "]"))
        under = list(self.argument())
        if "".join(letter for letter, _ in index).strip() == "3":
            yield from [("∛", at), *under]
        else:
            yield from [("(", at), *under, *((sign, at) for sign in "^(1/("), *index, *((sign, at) for sign in ")))")]

    def letter(self, name: str, at: int) -> Iterator[Typed]:
        size = "SMALL" if name[0].islower() else "CAPITAL"
        spelt = {"lambda": "LAMDA"}.get(name.lower(), name.upper())
        try:
            greek = unicodedata.lookup(f"GREEK {size} LETTER {spelt}")
        except KeyError:
            raise Fault(at, f"the LaTeX command \\{name} is not read here: write it with plain signs") from None
        yield from [(" ", at), (greek, at)]
        if self.position < len(self.text) and self.text[self.position] not in "^_":
            yield " ", at
