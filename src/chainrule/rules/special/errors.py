"""The error functions, the normal distribution, and integrals of Gaussians. Squares are split, to lose no digits.

exp(−x²) has as many wrong digits as x² has before the point. With h the nearest multiple of 1/64, h² is exact, and
x² = h² + (x − h)(x + h) with a second part below 1/2 for all x that matter.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import Constant, symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import At, composite, rule

x, y, z, out = symbols("x y z out")
_pi = Constant(math.pi, "pi")
_two_over_root_pi = 2 / np.sqrt(_pi)


def _exp_of_square(x: Any, factor: float) -> Any:
    """exp(factor·x²), with x² split."""
    h = np.rint(x * 64) / 64
    return np.exp(factor * (h * h)) * np.exp(factor * ((x - h) * (x + h)))


def _tail(x: Any, sign: int, terms: int = 16) -> Any:
    """s(1 + 3·sign·s(1 + 5·sign·s(…))) with s = 1/(2x²): the asymptotic series of DLMF 7.12.1, for |x| > 8."""
    s = 1 / (2 * x * x)
    total: Any = 1
    for k in range(terms, 0, -1):
        total = 1 + sign * (2 * k + 1) * s * total
    return s * total


def _normal(x: Any) -> Any:
    return np.exp(-(x**2) / 2) / np.sqrt(2 * _pi)


def _normal_computed(x: Any) -> Any:
    return _exp_of_square(x, -0.5) / math.sqrt(2 * math.pi)


rule(
    special.erf, _two_over_root_pi * np.exp(-(x**2)), computed=_two_over_root_pi * _exp_of_square(x, -1),
    analytic=_two_over_root_pi * np.exp(-(x**2)), source="DLMF 7.2.1",
)
rule(
    special.erfc, -_two_over_root_pi * np.exp(-(x**2)), computed=-_two_over_root_pi * _exp_of_square(x, -1),
    analytic=-_two_over_root_pi * np.exp(-(x**2)), source="DLMF 7.2.2",
)
rule(
    special.erfcx, 2 * x * out - _two_over_root_pi,
    computed=np.where(x > 8, -_two_over_root_pi * _tail(x, -1), 2 * x * out - _two_over_root_pi),
    source="DLMF 7.10.1; far out 7.12.1",
)
rule(
    special.erfi, _two_over_root_pi * np.exp(x**2), computed=_two_over_root_pi * _exp_of_square(x, 1),
    analytic=_two_over_root_pi * np.exp(x**2), source="DLMF 7.2.1",
)
rule(
    special.dawsn, 1 - 2 * x * out, computed=np.where(abs(x) > 8, -_tail(x, 1), 1 - 2 * x * out),
    source="DLMF 7.10.1; far out 7.12.1",
)
rule(
    special.erfinv, np.exp(out**2) / _two_over_root_pi, computed=_exp_of_square(out, 1) / _two_over_root_pi,
    domain=abs(x) <= 1, smooth=abs(x) < 1, sample=(-0.9, 0.9), source="inverse function",
    at=(At(np.equal(abs(x), 1), np.inf, "the tangent is vertical at the ends"),),
)
rule(
    special.erfcinv, -np.exp(out**2) / _two_over_root_pi, computed=-_exp_of_square(out, 1) / _two_over_root_pi,
    domain=(x >= 0) & (x <= 2), smooth=(x > 0) & (x < 2), sample=(0.1, 1.9), source="inverse function",
    at=(At(np.equal(x, 0) | np.equal(x, 2), -np.inf, "the tangent is vertical at the ends"),),
)
rule(special.ndtr, _normal(x), computed=_normal_computed(x), analytic=_normal(x), source="the normal density")
rule(
    special.log_ndtr, _normal(x) / special.ndtr(x),
    computed=np.where(
        x < 0,
        math.sqrt(2 / math.pi) / special.erfcx(-x / math.sqrt(2)),
        _normal_computed(x) / special.ndtr(x),
    ),
    source="the normal density; to the left Mills' ratio, DLMF 7.8.1",
)
_back = math.sqrt(2 * math.pi) * _exp_of_square(out, 0.5)
rule(
    special.ndtri, 1 / _normal(out), computed=_back, domain=(x >= 0) & (x <= 1), smooth=(x > 0) & (x < 1),
    sample=(0.1, 0.9), source="inverse function",
    at=(At(np.equal(x, 0) | np.equal(x, 1), np.inf, "the tangent is vertical at the ends"),),
)
rule(
    special.ndtri_exp, np.exp(x) / _normal(out),
    computed=np.where(out < 0, special.erfcx(-out / math.sqrt(2)) * math.sqrt(math.pi / 2), np.exp(x) * _back),
    domain=x <= 0, smooth=x < 0, sample=(-5, -0.2), source="inverse function",
)
rule(
    special.owens_t,
    -_normal(x) * special.erf(x * y / np.sqrt(Constant(2))) / 2,
    np.exp(-(x**2) * (1 + y**2) / 2) / (2 * _pi * (1 + y**2)),
    source="D. B. Owen, Tables for computing bivariate normal probabilities, 1956",
)

_score = (z - out) / y
_quantile_slope = math.sqrt(2 * math.pi) * _exp_of_square(_score, 0.5)
rule(
    special.nrdtrimn, -y / _normal(_score), -_score, 1, computed=(-y * _quantile_slope, None, None),
    sample=((0.1, 0.9), (0.5, 2), (-1, 1)), source="inverse function of the normal distribution's",
)
_score = special.ndtri(y)  # not (z − x)/out, which is 0/0 at z = x
_quantile_slope = math.sqrt(2 * math.pi) * _exp_of_square(_score, 0.5)
rule(
    special.nrdtrisd, -1 / _score, -out / _score / _normal(_score), 1 / _score,
    computed=(None, -out / _score * _quantile_slope, None),
    sample=((-2, -1), (0.6, 0.9), (0.1, 1)), source="inverse function of the normal distribution's",
)


@entrywise
def voigt_dispersion(x: Any, sigma: Any, gamma: Any) -> Any:
    """Im w((x + iγ)/(σ√2)) / (σ√(2π)), whose real part is the Voigt profile; shapes broadcast.

    >>> float(voigt_dispersion(0.0, 1.0, 1.0))
    0.0
    """
    scale = np.asarray(sigma) * math.sqrt(2)
    return (special.wofz((x + 1j * np.asarray(gamma)) / scale).imag / (scale * math.sqrt(math.pi)))[()]


_profile, _dispersion = special.voigt_profile(x, y, z), voigt_dispersion(x, y, z)
_along = (z * _dispersion - x * _profile) / y**2
_across = (x * _dispersion + z * _profile - 1 / _pi) / y**2
_voigt: dict[str, Any] = {
    "domain": (y > 0) & (z >= 0), "sample": ((-2, 2), (0.5, 2), (0.3, 2)),
    "source": "DLMF 7.19.1 and 7.10.2",
}  # fmt: skip
rule(special.voigt_profile, _along, -(out + x * _along + z * _across) / y, _across, **_voigt)
rule(voigt_dispersion, -_across, -(out - x * _across + z * _along) / y, _along, **_voigt)


def _fresnel_part(position: int) -> Any:
    @entrywise
    def part(x: Any) -> Any:
        return special.fresnel(x)[position]

    part.__name__ = part.__qualname__ = ("fresnel_sine", "fresnel_cosine")[position]
    return part


fresnel_sine, fresnel_cosine = _fresnel_part(0), _fresnel_part(1)
_h = np.rint(x * 64) / 64
_quarter_turns = _h * _h - 4 * np.rint(_h * _h / 4)  # whole turns are taken off: the angle itself would be rounded
_angle = _pi / 2 * (_quarter_turns + (x - _h) * (x + _h))
rule(fresnel_sine, np.sin(_pi * x**2 / 2), computed=np.sin(_angle), source="DLMF 7.2.8")
rule(fresnel_cosine, np.cos(_pi * x**2 / 2), computed=np.cos(_angle), source="DLMF 7.2.7")
composite(special.fresnel, lambda x: (fresnel_sine(x), fresnel_cosine(x)))
