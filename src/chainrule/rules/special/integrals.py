"""Exponential, trigonometric, hyperbolic and Bessel integrals, and the dilogarithm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import symbols
from chainrule.rules.rule import UNKNOWN, At, rule
from chainrule.rules.special.bessel import airy_parts, parts_of

x, y, out = symbols("x y out")

rule(special.exp1, -np.exp(-x) / x, domain=x > 0, sample=(0.3, 4), source="DLMF 6.2.1")
rule(special.expi, np.exp(x) / x, domain=np.not_equal(x, 0), sample=(0.3, 4), source="DLMF 6.2.5")
rule(
    special.expn, UNKNOWN, -special.expn(x - 1, y), domain=y > 0, sample=((2, 2), (0.3, 4)), source="DLMF 8.19.13",
    at=(At(np.equal(x, 0), (None, -np.exp(-y) * (1 + 1 / y) / y), "E₀ is e⁻ʸ/y"),),
)
_sine_ratio = np.where(abs(x) < 1, np.sinc(x / math.pi), np.sin(x) / x)
_sine, _cosine = parts_of(special.sici, 2)
rule(_sine, np.sin(x) / x, computed=_sine_ratio, sample=(0.3, 6), source="DLMF 6.2.9")
rule(_cosine, np.cos(x) / x, domain=x > 0, sample=(0.3, 6), source="DLMF 6.2.11")
_sine, _cosine = parts_of(special.shichi, 2)
rule(_sine, np.sinh(x) / x, computed=np.exp(-x) * special.exprel(2 * x), sample=(0.3, 4), source="DLMF 6.2.15")
rule(_cosine, np.cosh(x) / x, domain=np.not_equal(x, 0), sample=(0.3, 4), source="DLMF 6.2.16")
rule(
    special.spence, np.log(x) / (1 - x),
    computed=np.where(abs(x - 1) < 0.5, -special.hyp2f1(1, 1, 2, 1 - x), np.log(x) / (1 - x)), domain=x >= 0,
    smooth=x > 0, sample=(0.2, 3), source="DLMF 25.12.2; a removable singularity at 1",
    at=(At(np.equal(x, 0), -np.inf, "the tangent at 0 is vertical"),),
)


def _rest_of_series(sign: int) -> Any:
    """(1 − J₀(x))/x (sign −1) or (I₀(x) − 1)/x (sign 1) by the power series (DLMF 10.2.2), for |x| < 2."""
    total: Any = 1
    for k in range(14, 1, -1):
        total = 1 + sign * x * x / 4 / k**2 * total
    return x / 4 * total


_itj, _ity = parts_of(special.itj0y0, 2)
_iti, _itk = parts_of(special.iti0k0, 2)
_it2j, _it2y = parts_of(special.it2j0y0, 2)
_it2i, _it2k = parts_of(special.it2i0k0, 2)
_half_line: dict[str, Any] = {"sample": (0.5, 4), "domain": x > 0, "source": "the integrand"}
_line: dict[str, Any] = {"sample": (0.5, 4), "source": "the integrand"}
rule(_itj, special.j0(x), **_line)
rule(_ity, special.y0(x), **_half_line)
rule(_iti, special.i0(x), **_line)
rule(_itk, special.k0(x), **_half_line)
_plain = (1 - special.j0(x)) / x
rule(_it2j, _plain, computed=np.where(abs(x) < 2, _rest_of_series(-1), _plain), **_line)
rule(_it2y, -special.y0(x) / x, **_half_line)
_plain = (special.i0(x) - 1) / x
rule(_it2i, _plain, computed=np.where(abs(x) < 2, _rest_of_series(1), _plain), **_line)
rule(_it2k, -special.k0(x) / x, **_half_line)
rule(special.itstruve0, special.struve(0, x), **_half_line)
rule(special.it2struve0, -special.struve(0, x) / x, **_half_line)
rule(special.itmodstruve0, special.modstruve(0, x), **_half_line)

# SciPy's values of these integrals have six to nine digits; their derivatives, which are Airy functions, have all.
_pieces = parts_of(special.itairy, 4)
for _i, _piece in enumerate(_pieces):
    _integrand = airy_parts[2 * (_i % 2)]
    rule(_piece, _integrand(x if _i < 2 else -x), **_line)
