"""Orthogonal polynomials and Legendre functions, in their variable. The degree comes first.

A derivative is a polynomial of one degree less of the next family (DLMF table 18.9), which has no quotient that fails
at the ends of the interval.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import UNKNOWN, At, rule

x, y, z, w = symbols("x y z w")
_jacobi, _gegenbauer, _laguerre = special.eval_jacobi, special.eval_gegenbauer, special.eval_genlaguerre


def _polynomial(function: Any, slope: Any, parameters: int = 0, interval: tuple[float, float] = (-0.9, 0.9)) -> None:
    fixed: tuple[Any, ...] = (UNKNOWN,) * (1 + parameters)
    sample = ((3.0, 3.0), *[(1.5, 1.5)] * parameters, interval)
    constant = At(np.equal(x, 0), (None,) * len(fixed) + (0,), "a polynomial of degree 0 is constant")
    rule(function, *fixed, slope, at=(constant,), sample=sample, source="DLMF 18.9.15 to 18.9.28")


_polynomial(special.eval_legendre, (x + 1) / 2 * _jacobi(x - 1, 1, 1, y))
_polynomial(special.eval_sh_legendre, (x + 1) * _jacobi(x - 1, 1, 1, 2 * y - 1), interval=(0.1, 0.9))
_polynomial(special.eval_chebyt, x * special.eval_chebyu(x - 1, y))
_polynomial(special.eval_chebyu, 2 * _gegenbauer(x - 1, 2, y))
_polynomial(special.eval_chebyc, x * special.eval_chebyu(x - 1, y / 2))
_polynomial(special.eval_chebys, _gegenbauer(x - 1, 2, y / 2))
_polynomial(special.eval_sh_chebyt, 2 * x * special.eval_chebyu(x - 1, 2 * y - 1), interval=(0.1, 0.9))
_polynomial(special.eval_sh_chebyu, 4 * _gegenbauer(x - 1, 2, 2 * y - 1), interval=(0.1, 0.9))
_polynomial(special.eval_laguerre, -_laguerre(x - 1, 1, y), interval=(0.3, 3))
_polynomial(special.eval_genlaguerre, -_laguerre(x - 1, y + 1, z), 1, (0.3, 3))
_polynomial(special.eval_gegenbauer, 2 * y * _gegenbauer(x - 1, y + 1, z), 1)
_polynomial(special.eval_jacobi, (x + y + z + 1) / 2 * _jacobi(x - 1, y + 1, z + 1, w), 2)
_polynomial(special.eval_sh_jacobi, x * special.eval_sh_jacobi(x - 1, y + 2, z + 1, w), 2, (0.1, 0.9))


@entrywise
def lower_hermite(n: Any, x: Any) -> Any:
    """Hₙ₋₁(x), and 0 for n = 0. SciPy takes the degree in an integer type only, which a formula does not keep."""
    return special.eval_hermite(np.maximum(np.asarray(n, int) - 1, 0), x) * np.greater(n, 0)


@entrywise
def lower_hermitenorm(n: Any, x: Any) -> Any:
    """Heₙ₋₁(x), and 0 for n = 0."""
    return special.eval_hermitenorm(np.maximum(np.asarray(n, int) - 1, 0), x) * np.greater(n, 0)


_whole = np.trunc(x)  # SciPy drops the fraction of a degree
_polynomial(special.eval_hermite, 2 * _whole * lower_hermite(x, y), interval=(-2, 2))
_polynomial(lower_hermite, 2 * (_whole - 1) * lower_hermite(x - 1, y), interval=(-2, 2))
_polynomial(special.eval_hermitenorm, _whole * lower_hermitenorm(x, y), interval=(-2, 2))
_polynomial(lower_hermitenorm, (_whole - 1) * lower_hermitenorm(x - 1, y), interval=(-2, 2))

rule(
    special.lpmv, UNKNOWN, UNKNOWN, (y * z * special.lpmv(x, y, z) - (x + y) * special.lpmv(x, y - 1, z)) / (z**2 - 1),
    domain=abs(z) < 1, sample=((1, 1), (3, 3), (-0.8, 0.8)), source="DLMF 14.10.5",
)
