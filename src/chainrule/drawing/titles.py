"""Set formulas as titles that fit the width given: smaller, then on several lines, then shortened.

matplotlib's own typesetter (mathtext) knows part of LaTeX. A formula that it cannot set gives way to its
name, f(x).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache

import numpy as np

from chainrule.formula.expression import Call, Expression
from chainrule.formula.latex import latex
from chainrule.showing.style import MATHEMATICS

_SUMS = (np.add, np.subtract)
LARGEST, SMALLEST = 15.0, 9.0
_MOST_LINES = 3
_MOST_PARTS = 400  # symbols, numbers and functions; three lines hold half as many at the smallest size
_DELIMITER = r"([(|\[\])]|\\[lr]floor|\\[lr]ceil)"
_DELIMITED = re.compile(rf"\\left{_DELIMITER}((?:(?!\\left|\\right).)*)\\right{_DELIMITER}")
_LONG_NUMBER = re.compile(r"\d+\.\d{5,}")
_TALL = re.compile(r"\\d?frac|\\sqrt|\\sum|\\int")
_LEFT, _RIGHT = "\ue000", "\ue001"  # stand for \left and \right while inner brackets are being looked at


def title(name: str, formula: Expression | None, width: float) -> tuple[str, float]:
    """The title `name = formula` and its font size in points, at most `width` inches wide.

    >>> from chainrule.formula.expression import Symbol
    >>> title("f(x)", Symbol("x") + 1, 4.0)
    ('$f(x) = x + 1$', 15.0)
    """
    if formula is None:
        return f"${name}$", LARGEST
    if formula.written_size > _MOST_PARTS:
        formula = _beginning(formula)
        if formula.written_size > _MOST_PARTS or not _settable(f"{name} = {mathtext(formula)}"):
            return f"${name}$", LARGEST
        return _shortened(name, _terms(formula), width) or (f"${name}$", LARGEST)
    whole = f"{name} = {mathtext(formula)}"
    if not _settable(whole):
        return f"${name}$", LARGEST
    # 1. One line, if need be a little smaller.
    size = _fitting([whole], width)
    if size >= 11.0:
        return f"${whole}$", size
    # 2. Several lines, broken before the terms of a sum.
    terms = _terms(formula)
    lines = _filled(name, terms, width)
    if len(lines) <= _MOST_LINES and (fitted := _fitting(lines, width)) >= SMALLEST:
        return "\n".join(f"${line}$" for line in lines), fitted
    if size >= SMALLEST:
        return f"${whole}$", size
    return _shortened(name, terms[:-1], width) or (f"${name}$", LARGEST)


def _shortened(name: str, terms: list[str], width: float) -> tuple[str, float] | None:
    """The first terms, as many as fit, and dots for the rest; None where not even one fits."""

    def lines(count: int) -> list[str]:
        return _filled(name, [*terms[:count], r"+ \cdots"], width)

    def too_long(count: int) -> bool:
        shown = lines(count)
        return len(shown) > _MOST_LINES or _fitting(shown, width) < SMALLEST

    count = bisect_left(range(1, len(terms) + 1), True, key=too_long)
    if count == 0:
        return None
    shown = lines(count)
    return "\n".join(f"${line}$" for line in shown), _fitting(shown, width)


def _beginning(formula: Expression) -> Expression:
    """The first terms of a sum that is too long, as a sum of their own."""
    while formula.written_size > _MOST_PARTS and isinstance(formula, Call) and formula.function in _SUMS:
        formula = formula.arguments[0]
    return formula


def mathtext(formula: Expression) -> str:
    """The formula in the part of LaTeX that mathtext knows.

    mathtext shrinks stretching brackets around low contents, so only tall contents keep them.
    """

    def brackets(match: re.Match[str]) -> str:
        opening, content, closing = match.groups()
        if _TALL.search(content):
            return f"{_LEFT}{opening}{content}{_RIGHT}{closing}"
        return f"{opening} {content}{closing}" if opening.startswith("\\") else f"{opening}{content}{closing}"

    text = _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.5g}", latex(formula, mathtext=True))
    while (plainer := _DELIMITED.sub(brackets, text)) != text:
        text = plainer
    return _tall_fractions(text.replace(_LEFT, r"\left").replace(_RIGHT, r"\right"))


def _tall_fractions(text: str) -> str:
    """Fractions in full size, but for those inside exponents, roots and other fractions."""
    pieces, depth = [], 0
    for piece in re.split(r"(\\frac|[{}])", text):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        pieces.append(r"\dfrac" if piece == r"\frac" and depth == 0 else piece)
    return "".join(pieces)


def _terms(formula: Expression) -> list[str]:
    """The terms of a sum, each with its sign; one term for anything else."""
    terms: list[str] = []
    while isinstance(formula, Call) and formula.function in _SUMS:
        first = formula.arguments[0]
        whole, head = mathtext(formula), mathtext(first)
        if not whole.startswith(head):
            break
        terms.append(whole[len(head) :].strip())
        formula = first
    return [mathtext(formula), *reversed(terms)]


def _filled(name: str, terms: list[str], width: float) -> list[str]:
    """Lines of as many terms as fit at the smallest size."""
    lines = [f"{name} = {terms[0]}"]
    for term in terms[1:]:
        if len(lines) > _MOST_LINES:
            break  # it is too long already
        longer = f"{lines[-1]} {term}"
        if _inches(longer, SMALLEST + 2) <= width:
            lines[-1] = longer
        else:
            lines.append(rf"\qquad {term}")
    return lines


def _fitting(lines: list[str], width: float) -> float:
    """The largest size, up to the usual one, at which every line fits."""
    widest = max(_inches(line, LARGEST) for line in lines)
    return min(LARGEST, 0.98 * LARGEST * width / widest)  # glyphs are set to whole dots: not quite linear


@cache
def _inches(formula: str, size: float) -> float:
    from matplotlib.font_manager import FontProperties  # late: matplotlib is slow to import
    from matplotlib.mathtext import MathTextParser

    properties = FontProperties(size=size, math_fontfamily=MATHEMATICS)
    return float(MathTextParser("path").parse(f"${formula}$", dpi=72, prop=properties).width) / 72


def _settable(formula: str) -> bool:
    try:
        _inches(formula, LARGEST)
    except ValueError:  # mathtext's answer to LaTeX that it does not know
        return False
    return True
