"""Read a formula as text: the way it is written by hand (1 − tanh²(x)), or in Python (1 - tanh(x)**2).

    >>> import numpy as np
    >>> from chainrule.formula.expression import symbols
    >>> x, y = symbols("x y")
    >>> text(np.exp(-x) / (2 * np.sqrt(x)))
    'e⁻ˣ/(2√x)'
    >>> text(np.where(x > 0, x**2 * np.cos(y), np.abs(y)))
    '{x²·cos(y) if x > 0, |y| otherwise}'

Both styles are read back by :func:`chainrule.formula.parser.parse_expression` to a formula of the same value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from chainrule.formula.expression import Constant, Expression
from chainrule.formula.names import refusal
from chainrule.formula.notation import CONSTANTS, Form, Notation, Precedence
from chainrule.formula.printer import Fragment, number_text, write

TextStyle = Literal["math", "python"]

SUPERSCRIPTS = str.maketrans("0123456789+−abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")


def text(expression: Expression, style: TextStyle = "math") -> str:
    """`expression` as one line of text with the fewest parentheses that keep its meaning.

    `style` is "math", for people, or "python": an expression in Python with NumPy's names (without `np.`). In
    "math", functions that NumPy has for accuracy are written as what they stand for: log1p(x) as ln(1 + x).

    >>> import numpy as np
    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> text(1 - np.tanh(x)**2), text(1 - np.tanh(x)**2, "python")
    ('1 − tanh²(x)', '1 - tanh(x)**2')

    Raises ValueError for another style.
    """
    if style not in _STYLES:
        raise ValueError(f'text has the styles "math" and "python", not {style!r}')
    return write(expression, _STYLES[style])


def superscript(exponent: str) -> str | None:
    """`exponent` in raised characters when it is a whole number or one letter, with or without a minus sign.

    >>> superscript("−12"), superscript("x"), superscript("x + 1")
    ('⁻¹²', 'ˣ', None)
    """
    return exponent.translate(SUPERSCRIPTS) if re.fullmatch(r"−?([0-9]+|[a-pr-z])", exponent) else None


class _PythonStyle:
    minus = "-"

    def form(self, row: Notation) -> Form:
        return row.python

    def constant(self, constant: Constant) -> Fragment:
        if constant.name is not None and constant.name in CONSTANTS:
            return Fragment(*_fields(CONSTANTS[constant.name].python))
        return _signed(number_text(constant.value), self.minus)

    def symbol(self, name: str) -> Fragment:
        return Fragment(name)

    def parenthesised(self, text: str) -> str:
        return f"({text})"

    def exponent(self, exponent: Fragment) -> str:
        raise AssertionError("Python's templates write powers with **")

    def times(self, left: Expression, right: str) -> str:
        return "*"

    def power_of_function(self, call: str, exponent: int) -> str | None:
        return None


_BESIDE_A_NUMBER = r"[√∛π]|(?![eE](?![\^⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵃ-ᶻʰʲˡʳˢʷˣʸ]))[^\W\d_](?![A-Za-z0-9_(])"  # but 2·e: 2e5 is a number


class _MathStyle(_PythonStyle):
    minus = "−"

    def form(self, row: Notation) -> Form:
        return row.math

    def constant(self, constant: Constant) -> Fragment:
        if constant.name is not None and constant.name in CONSTANTS:
            return Fragment(*_fields(CONSTANTS[constant.name].math))
        number = number_text(constant.value).replace("inf", "∞")
        return _signed("−" + number[1:] if number.startswith("-") else number, self.minus)

    def symbol(self, name: str) -> Fragment:
        # (xe)²: raised without brackets, the name would look like x·e².
        return Fragment(name, Precedence.POWER if _looks_like_a_product(name) else Precedence.ATOM)

    def exponent(self, exponent: Fragment) -> str:
        raised = superscript(exponent.text)
        if raised is not None:
            return raised
        return f"^{exponent.text}" if exponent.precedence == Precedence.ATOM else f"^({exponent.text})"

    def times(self, left: Expression, right: str) -> str:
        return "" if isinstance(left, Constant) and self._may_touch(left, right) else "·"

    def _may_touch(self, left: Constant, right: str) -> bool:
        """Whether the factors read well side by side: 2x, 0.5√x; but not 2·sin(x), and 2e5 is a number."""
        number = re.fullmatch(r"−?\d+(\.\d+)?", self.constant(left).text)
        return number is not None and re.match(_BESIDE_A_NUMBER, right) is not None

    def power_of_function(self, call: str, exponent: int) -> str | None:
        return call.replace("(", f"{str(exponent).translate(SUPERSCRIPTS)}(", 1)


@lru_cache(maxsize=512)
def _looks_like_a_product(name: str) -> bool:
    return refusal(name, "^", ()) is not None


def _fields(form: Form) -> tuple[str, Precedence]:
    return form.template, form.precedence


def _signed(number: str, minus: str) -> Fragment:
    return Fragment(number, Precedence.UNARY if number.startswith(minus) else Precedence.ATOM)


_STYLES = {"python": _PythonStyle(), "math": _MathStyle()}
