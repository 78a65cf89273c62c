"""How the values, names and gradients of a graph are written: as plain text and, beside it, as LaTeX.

Text is for SVG and terminals, LaTeX (the part of it that matplotlib reads) for figures. Numbers are rounded
to three digits; a gradient that was not computed is "·".
"""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.formula.expression import Call, Expression, Symbol, free_symbols, substitute
from chainrule.formula.latex import latex, latex_name
from chainrule.formula.simplify import simplify
from chainrule.formula.text import text
from chainrule.graphs.graph import ArraySummary, Node, Value

FORMULA_LIMIT = 60  # symbols, constants and functions; a longer formula is not read by anyone
ENTRIES_LIMIT = 4  # entries of a vector up to which they are shown, instead of its shape
SUM_LIMIT = 4  # terms of a sum that are shown
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NAME_BEFORE_A_FACTOR = re.compile(
    r"(\\mathrm\{\w+\}) \\, "
)  # df·g(x): with a space alone it reads as dfg(x)
_MACRON = "\N{COMBINING MACRON}"


@dataclass(frozen=True)
class Written:
    """A piece of mathematics as `text` and as `latex` (without dollar signs)."""

    text: str
    latex: str

    def __add__(self, other: Written) -> Written:
        return Written(self.text + other.text, self.latex + other.latex)


NOT_COMPUTED = Written("·", r"\cdot")
LONGER = Written("…", r"\ldots")
PLUS = Written(" + ", " + ")
EQUALS = Written(" = ", " = ")
TIMES = Written("× ", r"\times\, ")


def number(value: bool | int | float | complex, digits: int = 3) -> Written:
    """A number rounded to `digits` significant digits, with a true minus sign.

    >>> number(-0.000012345).text
    '−1.23·10⁻⁵'
    """
    if isinstance(value, bool):
        return Written(str(value), rf"\mathrm{{{value}}}")
    if isinstance(value, complex):
        real, imaginary = number(value.real, digits), number(abs(value.imag), digits)
        sign = "−" if math.copysign(1.0, value.imag) < 0 else "+"
        return Written(
            f"{real.text} {sign} {imaginary.text}i", f"{real.latex} {_ascii(sign)} {imaginary.latex}i"
        )
    if cmath.isnan(value):
        return Written("NaN", r"\mathrm{NaN}")
    if cmath.isinf(value):
        return Written("∞", r"\infty") if value > 0 else Written("−∞", r"-\infty")
    shown = str(value) if isinstance(value, int) and abs(value) < 10**6 else f"{value:.{digits}g}"
    mantissa, _, exponent = shown.partition("e")
    mantissa = "0" if float(mantissa) == 0 else mantissa.replace("-", "−")
    if not exponent:
        return Written(mantissa, _ascii(mantissa))
    power = str(int(exponent))
    return Written(
        f"{mantissa}·10{power.translate(_SUPERSCRIPTS)}", rf"{_ascii(mantissa)}\cdot 10^{{{power}}}"
    )


def formula(expression: Expression) -> Written | None:
    """A formula as it stands; None if it has more than `FORMULA_LIMIT` parts."""
    if expression.written_size > FORMULA_LIMIT:
        return None
    named: dict[str, Expression] = {name: Symbol(_displayed(name)) for name in free_symbols(expression)}
    set_as_latex = _NAME_BEFORE_A_FACTOR.sub(r"\1 \\cdot ", latex(expression, mathtext=True))
    return Written(text(substitute(expression, named), style="math"), set_as_latex)


def factor(expression: Expression) -> Written | None:
    """A formula as a factor: in parentheses if it is a sum or has a sign; None if it is too long."""
    written = formula(expression)
    if written is None:
        return None
    is_sum = isinstance(expression, Call) and expression.function in (np.add, np.subtract, np.negative)
    if is_sum or written.text.startswith(("−", "-")):
        return Written(f"({written.text})", rf"\left({written.latex}\right)")
    return written


def operand(shown: Value | None) -> Written:
    """A value as it stands in a product: in parentheses if it is a sum, complex or has a sign."""
    if isinstance(shown, Expression):
        return factor(shown) or LONGER
    written = value(shown) or LONGER
    if isinstance(shown, complex) or written.text.startswith("−"):
        return Written(f"({written.text})", f"({written.latex})")
    return written


def value(shown: Value | None) -> Written | None:
    """A value: a number, an array's shape, "·" for None, a formula; None if that is too long."""
    if shown is None:
        return NOT_COMPUTED
    if isinstance(shown, Expression):
        return formula(shown)
    if isinstance(shown, ArraySummary):
        shape = str(shown.shape)
        return entries(shown) or Written(shape, shape)
    return number(shown)


def entries(shown: ArraySummary) -> Written | None:
    """The entries of a short vector of real numbers, `[0.5, 1, 2]`; None for any other array."""
    if len(shown.shape) != 1 or not 0 < shown.shape[0] <= ENTRIES_LIMIT or shown.dtype.startswith("complex"):
        return None
    written = [number(bool(entry) if shown.dtype == "bool" else entry) for entry in shown.strip]
    return Written(
        f"[{', '.join(one.text for one in written)}]", f"[{', '.join(one.latex for one in written)}]"
    )


def symbol(node: Node) -> Written:
    """The name of a node's value: `x`, `v₃`; a constant without a name is written as its value."""
    if node.kind == "constant" and node.name is None:
        return value(node.value) or Written(node.symbol, node.symbol)
    return name(node.symbol)


def name(identifier: str) -> Written:
    """The name of a variable: `v₃` for v3."""
    return Written(_displayed(identifier), latex_name(identifier))


def gradient_symbol(node: Node) -> Written:
    """The name of a node's gradient: `x̄` for a letter with or without an index, `∇loss` for a longer name."""
    letter, index = node.symbol[:1], node.symbol[1:]
    whole = name(node.symbol)
    if index and not index.isdecimal():
        return Written(f"∇{whole.text}", rf"\nabla {whole.latex}")
    subscript = f"_{{{index}}}" if index else ""
    return Written(letter + _MACRON + whole.text[1:], rf"\bar{{{latex_name(letter)}}}{subscript}")


def sum_of(terms: Sequence[Value]) -> Written | None:
    """`0.45 + 0.15 − 0.17`; None where the terms are arrays, too many, or too long."""
    if not 0 < len(terms) <= SUM_LIMIT or any(isinstance(term, ArraySummary) for term in terms):
        return None
    result: Written | None = None
    for term in terms:
        written = value(term)
        if written is None:
            return None
        if isinstance(term, complex):
            written = Written(f"({written.text})", f"({written.latex})")
        if result is None:
            result = written
        elif written.text.startswith("−"):
            result = result + Written(f" − {written.text[1:]}", f" - {written.latex.lstrip('-')}")
        else:
            result = result + PLUS + written
    return result


def joined(terms: Sequence[Written]) -> Written:
    """The terms with plus signs between them."""
    return Written(PLUS.text.join([term.text for term in terms]), PLUS.latex.join([term.latex for term in terms]))


def tidy(expression: Expression) -> Expression:
    """The formula simplified, if it is short enough to be shown at all."""
    return simplify(expression) if expression.written_size <= FORMULA_LIMIT else expression


def _displayed(identifier: str) -> str:
    letter, index = identifier[:1], identifier[1:]
    return letter + index.translate(_SUBSCRIPTS) if letter.isalpha() and index.isdecimal() else identifier


def _ascii(shown: str) -> str:
    return shown.replace("−", "-")
