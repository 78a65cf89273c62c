"""Right derivatives in forms that a textbook does not have: SymPy's expansions, factors, fractions and identities."""

from __future__ import annotations

import re
from random import Random

import sympy

X = sympy.Symbol("x", real=True)
_NAMES = {
    "x": X, "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan, "cbrt": sympy.cbrt,
    "log2": lambda u: sympy.log(u, 2), "log10": lambda u: sympy.log(u, 10),
}  # fmt: skip


def _other_trigonometry(formula: sympy.Expr) -> sympy.Expr:
    """cos² as 1 − sin², tan as sin/cos, the hyperbolic functions as exponentials."""
    power = sympy.Wild("power", properties=[lambda k: k.is_Integer and k > 1])
    angle = sympy.Wild("angle")
    formula = formula.replace(sympy.cos(angle) ** power, lambda power, angle: (
        (1 - sympy.sin(angle) ** 2) * sympy.cos(angle) ** (power - 2)
    ))  # fmt: skip
    formula = formula.replace(sympy.tan, lambda u: sympy.sin(u) / sympy.cos(u))
    for function in (sympy.sinh, sympy.cosh, sympy.tanh):
        formula = formula.replace(function, lambda u, function=function: function(u).rewrite(sympy.exp))
    return formula


WAYS = {
    "as it comes": lambda formula: formula,
    "expanded": sympy.expand,
    "factored": sympy.factor,
    "over one denominator": sympy.together,
    "in partial fractions": lambda formula: sympy.apart(formula, X) if formula.is_rational_function(X) else formula,
    "angles expanded": sympy.expand_trig,
    "other trigonometry": _other_trigonometry,
    "powers joined": sympy.powsimp,
    "simplified": sympy.simplify,
    "two forms mixed": lambda formula: 2 * sympy.expand(formula) - sympy.factor(formula),
}


def derivative(python: str) -> sympy.Expr:
    """SymPy's derivative of a formula in Python's notation."""
    return sympy.diff(sympy.sympify(python, locals=_NAMES), X)


def scrambled(python: str, random: Random) -> tuple[str, str]:
    """One of the ways, and the derivative written in it, as text."""
    way = random.choice(sorted(WAYS))
    formula = WAYS[way](derivative(python))
    return way, re.sub(r"\bE\b", "e", str(formula).replace("log(", "ln("))
