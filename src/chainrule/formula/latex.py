r"""Read a formula as LaTeX, as textbooks set it.

>>> import numpy as np
>>> from chainrule.formula.expression import symbols
>>> x, y = symbols("x y")
>>> print(latex(1 / np.sqrt(1 - x**2)))
\frac{1}{\sqrt{1 - x^{2}}}
"""

from __future__ import annotations

import re

import numpy as np

from chainrule.formula.expression import Constant, Expression
from chainrule.formula.notation import CONSTANTS, MATHTEXT_WHERE, Form, Notation, Precedence, escaped
from chainrule.formula.printer import Fragment, number_text, write


def latex(expression: Expression, mathtext: bool = False) -> str:
    r"""`expression` in LaTeX's mathematics mode, without the surrounding dollar signs.

    With `mathtext=True` the result keeps to what matplotlib's own renderer knows: pieces stand on one line
    after a brace, since it has no `cases`.

    >>> import numpy as np
    >>> from chainrule.formula.expression import symbols
    >>> x, theta = symbols("x theta")
    >>> print(latex(2 * np.sin(theta)**2 + np.log(x)))
    2 \sin^{2}\left(\theta\right) + \ln\left(x\right)
    >>> print(latex(np.where(x > 0, x, 0), mathtext=True))
    \left\{x\ \mathrm{if}\ x > 0,\ 0\ \mathrm{otherwise}\right.
    """
    return write(expression, _MATHTEXT_STYLE if mathtext else _LATEX_STYLE)


def latex_name(name: str) -> str:
    r"""A variable's name in LaTeX: Greek letters as commands, digits as a subscript, several letters upright.

    A prime (u′), a bar (x̄, on a letter; ∇ before a longer name) and a transpose (Wᵀ) may end the name.

    >>> latex_name("x1"), latex_name("θ"), latex_name("loss"), latex_name("x_max"), latex_name("u1′")
    ('x_{1}', '\\theta', '\\mathrm{loss}', 'x_{\\mathrm{max}}', "u_{1}'")
    """
    if name.endswith("′"):
        return latex_name(name[:-1]) + "'"
    if name.endswith("ᵀ"):
        return latex_name(name[:-1]) + "^{T}"
    if name.endswith(_MACRON):
        letter = re.fullmatch(r"([^\W\d_])(\d*)", name[:-1])
        if letter is None:
            return rf"\nabla {latex_name(name[:-1])}"
        return rf"\bar{{{latex_name(letter[1])}}}" + (f"_{{{letter[2]}}}" if letter[2] else "")
    stem, subscript = name, ""
    match = re.fullmatch(r"([^\W\d_]+)(?:_?(\d+)|_([^\W_]+))", name)
    if match:
        stem, subscript = match[1], match[2] or latex_name(match[3])
    shown = _GREEK.get(stem) or (
        stem if len(stem) == 1 and stem.isalpha() else rf"\mathrm{{{escaped(stem)}}}"
    )
    return f"{shown}_{{{subscript}}}" if subscript else shown


class _LatexStyle:
    minus = "-"

    def form(self, row: Notation) -> Form:
        return row.latex

    def constant(self, constant: Constant) -> Fragment:
        if constant.name is not None and constant.name in CONSTANTS:
            form = CONSTANTS[constant.name].latex
            return Fragment(form.template, form.precedence)
        number = number_text(constant.value)
        if number.endswith("inf"):
            number = number.replace("inf", r"\infty")
        elif number.isalpha():
            number = rf"\mathrm{{{number}}}"
        digits, _, exponent = number.partition("e")
        if exponent.removeprefix("-").removeprefix("+").isdigit():
            power = f"10^{{{int(exponent)}}}"
            if digits in ("1", "-1"):
                return Fragment(digits[:-1] + power, Precedence.UNARY if digits == "-1" else Precedence.POWER)
            return Fragment(rf"{digits} \times {power}", Precedence.PRODUCT)
        return Fragment(number, Precedence.UNARY if number.startswith("-") else Precedence.ATOM)

    def symbol(self, name: str) -> Fragment:
        return Fragment(latex_name(name))

    def parenthesised(self, text: str) -> str:
        return rf"\left({text}\right)"

    def exponent(self, exponent: Fragment) -> str:
        raise AssertionError("LaTeX's templates write powers with ^{…}")

    def times(self, left: Expression, right: str) -> str:
        # A dot where two numbers would touch: 2 · 3, and 2 · ½, which would read as a mixed number.
        if re.match(r"\d|\\frac|\\infty", right):
            return r" \cdot "
        return " " if isinstance(left, Constant) else r" \, "

    def power_of_function(self, call: str, exponent: int) -> str | None:
        return call.replace(r"\left(", rf"^{{{exponent}}}\left(", 1)


class _MathtextStyle(_LatexStyle):
    def form(self, row: Notation) -> Form:
        return MATHTEXT_WHERE if row.function is np.where else row.latex


_MACRON = "\N{COMBINING MACRON}"
_LATEX_STYLE = _LatexStyle()
_MATHTEXT_STYLE = _MathtextStyle()

_GREEK_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_GREEK = {spelling: f"\\{name}" for name, letter in _GREEK_LETTERS.items() for spelling in (name, letter)}
