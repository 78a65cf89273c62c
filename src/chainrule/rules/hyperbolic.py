"""Hyperbolic functions and their inverses."""

from __future__ import annotations

import numpy as np

from chainrule.formula.expression import symbols
from chainrule.rules.function import size
from chainrule.rules.rule import At, rule

x, out = symbols("x out")

rule(np.sinh, np.cosh(x), source="DLMF 4.34.1")
rule(np.cosh, np.sinh(x), source="DLMF 4.34.2")
# cosh overflows beyond 710, where the derivative is a perfectly good small number.
_t = np.exp(-2 * size(x))
rule(np.tanh, 1 / np.cosh(x) ** 2, computed=4 * _t / (1 + _t) ** 2, source="DLMF 4.34.3")
# For complex x the sign of a zero tells the two sides of a branch cut apart. x² + 1 and x + 1 lose it, `out` does not.
_on_the_cut = np.equal(np.real(x), 0) & (abs(np.imag(x)) > 1)
rule(
    np.arcsinh, 1 / np.sqrt(1 + x**2), computed=1 / np.hypot(1, x),
    analytic=np.where(_on_the_cut, 1 / np.cosh(out), 1 / np.sqrt(1 + x**2)), source="DLMF 4.38.9",
)
rule(
    np.arccosh, 1 / np.sqrt(x**2 - 1), computed=1 / (np.sqrt(x - 1) * np.sqrt(x + 1)),
    analytic=1 / (np.sqrt(x - 1) * np.sqrt(-(-x - 1))), domain=x >= 1, smooth=x > 1,
    sample=(1.2, 4), source="DLMF 4.38.10", at=(At(np.equal(x, 1), np.inf, "the tangent at 1 is vertical"),),
)
rule(
    np.arctanh, 1 / (1 - x**2), computed=1 / ((1 - x) * (1 + x)), domain=abs(x) < 1, sample=(-0.9, 0.9),
    source="DLMF 4.38.11",
)
