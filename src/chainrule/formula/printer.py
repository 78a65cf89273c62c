"""Write a formula down by the templates of the notation table, with the parentheses that it needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np

from chainrule.formula.expression import Call, Constant, Expression, Symbol, postorder
from chainrule.formula.notation import Form, Notation, Precedence, notation


class Fragment(NamedTuple):
    """A part of a formula as text, and how tightly the text holds together."""

    text: str
    precedence: Precedence = Precedence.ATOM


class Style(Protocol):
    """What the templates leave to the style: numbers, names, brackets, exponents, multiplication signs."""

    minus: str

    def form(self, row: Notation) -> Form: ...

    def constant(self, constant: Constant) -> Fragment: ...

    def symbol(self, name: str) -> Fragment: ...

    def parenthesised(self, text: str) -> str: ...

    def exponent(self, exponent: Fragment) -> str: ...

    def times(self, left: Expression, right: str) -> str: ...

    def power_of_function(self, call: str, exponent: int) -> str | None:
        """`call`, such as sin(x), with the exponent on the name; None if the style has no such form."""


def write(root: Expression, style: Style) -> str:
    """`root` as text in the given style. No recursion, so that a long chain of operations prints as well."""
    written: dict[Expression, Fragment] = {}
    for node in postorder(root) if isinstance(root, Call) else (root,):
        if isinstance(node, Symbol):
            written[node] = style.symbol(node.name)
        elif isinstance(node, Constant):
            written[node] = style.constant(node)
        else:
            assert isinstance(node, Call)
            written[node] = _write_call(node, [written[argument] for argument in node.arguments], style)
    return written[root].text


def number_text(value: object) -> str:
    """The shortest text that reads back as the same number: 2 for 2.0, 0.1, 1e-05, -0, inf, nan, True."""
    if isinstance(value, (bool, np.bool)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    number = float(value)  # type: ignore[arg-type]
    text = repr(number)
    return text.removesuffix(".0") if abs(number) < 1e16 else text


def _write_call(node: Call, arguments: list[Fragment], style: Style) -> Fragment:
    row = notation(node.function)
    on_name = _power_on_name(node, arguments, style)
    if on_name is not None:
        return on_name
    form = style.form(row)
    pieces = _pieces(form.template)
    precedence = form.precedence
    out = ""
    for piece in pieces:
        # {1 if x > 0, −1 if x < 0, 0 otherwise}: no braces within braces
        if node.function is np.where and _goes_on(node, piece, pieces):
            return Fragment(out + arguments[2].text.removeprefix(str(pieces[0])), precedence)
        if isinstance(piece, str):
            out += piece
        elif piece.kind == "*":
            out += ", ".join(argument.text for argument in arguments)
        elif piece.kind == ".":
            out += style.times(node.arguments[0], _slot_text(pieces[-1], node, arguments, style))
        else:
            text = _slot_text(piece, node, arguments, style)
            if piece.mark == "+" and text.startswith(style.minus) and out.endswith("+ "):
                out = out.removesuffix("+ ") + f"{style.minus} "
                text = text.removeprefix(style.minus)
            out += text
            # −x/y holds together like the quotient, not like the minus sign.
            prefix_operand = len(arguments) == 1 and piece is pieces[-1] and piece.level is not None
            if prefix_operand and text == arguments[0].text:
                precedence = min(precedence, arguments[0].precedence)
    return Fragment(out, precedence)


def _goes_on(node: Call, piece: str | _Placeholder, pieces: Sequence[str | _Placeholder]) -> bool:
    """Whether the last case of np.where is itself a list of cases, which goes on in the same list."""
    otherwise = node.arguments[2]
    in_words = isinstance(pieces[-1], str) and "otherwise" in pieces[-1]
    is_last = isinstance(piece, _Placeholder) and piece.argument == 2
    return in_words and is_last and isinstance(otherwise, Call) and otherwise.function is np.where


def _power_on_name(node: Call, arguments: list[Fragment], style: Style) -> Fragment | None:
    """sin²(x) for the square of sin(x), where the table and the style write it so."""
    base = node.arguments[0] if node.arguments else None
    if not (isinstance(base, Call) and notation(base.function).powered):
        return None
    if node.function is np.square:
        exponent: object = 2
    elif node.function is np.power and isinstance(node.arguments[1], Constant):
        exponent = node.arguments[1].value
    else:
        return None
    if isinstance(exponent, (bool, np.bool)) or exponent not in range(2, 100):
        return None
    text = style.power_of_function(arguments[0].text, int(exponent))  # type: ignore[call-overload]
    return None if text is None else Fragment(text)


class _Placeholder(NamedTuple):
    """A place in a template: which argument, what kind of place, the mark after the kind, how tightly it must hold."""

    argument: int
    kind: str
    mark: str
    level: Precedence | None


_SLOT = re.compile(r"(<(?:\d(?::\w+[!+/]?)?|[.*])>)")


@lru_cache(maxsize=512)
def _pieces(template: str) -> Sequence[str | _Placeholder]:
    pieces: list[str | _Placeholder] = []
    for piece in _SLOT.split(template):
        if _SLOT.fullmatch(piece):
            inside = piece[1:-1]
            if inside in (".", "*"):
                pieces.append(_Placeholder(0, inside, "", None))
            else:
                kind = inside[2:].rstrip("!+/")
                level = Precedence.__members__.get(kind.upper())
                pieces.append(_Placeholder(int(inside[0]), kind, inside[2 + len(kind) :], level))
        elif piece:
            pieces.append(piece)
    return tuple(pieces)


def _slot_text(slot: str | _Placeholder, node: Call, arguments: list[Fragment], style: Style) -> str:
    """The argument as it stands in the slot."""
    assert isinstance(slot, _Placeholder)
    argument = arguments[slot.argument]
    if slot.kind == "exponent":
        return style.exponent(argument)
    if slot.kind == "root":
        return (
            argument.text
            if _stands_under_a_root(node.arguments[slot.argument], argument)
            else style.parenthesised(argument.text)
        )
    level = slot.level
    if level is not None and (
        argument.precedence < level or (slot.mark == "!" and argument.text.startswith(style.minus))
    ):
        return style.parenthesised(argument.text)
    if slot.mark == "/":
        return re.sub(r"\^([^\W\d]\w*)$", lambda raised: f"^{style.parenthesised(raised[1])}", argument.text)
    return argument.text


def _stands_under_a_root(node: Expression, written: Fragment) -> bool:
    return not node.arguments and written.precedence == Precedence.ATOM
