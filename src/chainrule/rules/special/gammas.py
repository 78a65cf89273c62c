"""The gamma and beta functions, their logarithms, their incomplete forms, and zeta functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import Constant, symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import UNKNOWN, rule
from chainrule.rules.special.quadrature import half_line

x, y, z, out = symbols("x y z out")
_pi = Constant(math.pi, "pi")
_no_pole, _no_pole_of_y = (np.logical_not(np.equal(a, np.floor(a)) & (a <= 0)) for a in (x, y))


@entrywise
def polygamma(n: Any, x: Any) -> Any:
    """The nth derivative of the digamma function, as :func:`scipy.special.polygamma`, with shapes broadcast."""
    return special.polygamma(n, x)[()]


@entrywise
def gamma_density(a: Any, x: Any) -> Any:
    """The density xᵃ⁻¹ e⁻ˣ / Γ(a) of the gamma distribution; shapes broadcast.

    >>> round(float(gamma_density(2.0, 1.0)), 6)
    0.367879
    """
    a, x = np.asarray(a, float), np.asarray(x, float)
    with np.errstate(all="ignore"):
        at_zero = np.where(a < 1, np.inf, np.where(a > 1, 0.0, 1.0))
        inside = np.where(np.isposinf(x), 0.0, special._ufuncs._igam_fac(a, x) / x)
        return np.where(x > 0, inside, np.where(x < 0, 0.0, at_zero))[()]


@entrywise
def gamma_shape_slope(a: Any, x: Any) -> Any:
    """∂P(a, x)/∂a of the regularized incomplete gamma function, for a > 0 and x ≥ 0; shapes broadcast.

    It is ∫₀ˣ t^(a−1) e^(−t) (ln t − ψ(a)) dt / Γ(a). Over all t this is 0, and the bracket changes sign once, so on
    the one side of x or on the other nothing cancels: that side is integrated, with t = x·exp(∓w).

    >>> round(float(gamma_shape_slope(1.0, 1.0)), 6)
    -0.43173
    """
    a, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(x, float))
    with np.errstate(all="ignore"):
        excess = np.log(x) - special.psi(a)
        below = excess < 0
        scale = 1 / np.maximum(np.maximum(np.abs(a - x), np.sqrt(np.where(below, np.minimum(a, x), x))), 1)
        scale = np.where(below, 1 / np.maximum(a - x, np.sqrt(a)), scale)
        a, x, excess, below = (value[..., None] for value in (a, x, excess, below))

        def integrand(w: Any) -> Any:
            w = np.where(below, -w, w)
            return np.exp(a * w - x * np.expm1(w)) * (excess + w)

        side = half_line(integrand, scale)
        result = special._ufuncs._igam_fac(a, x)[..., 0] * np.where(below[..., 0], side, -side)
        return np.where((x[..., 0] == 0) | np.isposinf(x[..., 0]), 0.0, result)[()]


@entrywise
def beta_density(a: Any, b: Any, x: Any) -> Any:
    """The density xᵃ⁻¹ (1 − x)ᵇ⁻¹ / B(a, b) of the beta distribution; shapes broadcast.

    >>> round(float(beta_density(2.0, 2.0, 0.5)), 6)
    1.5
    """
    return special._ufuncs._beta_pdf(x, a, b)


@entrywise
def beta_shape_slope(a: Any, b: Any, x: Any) -> Any:
    """∂I(a, b; x)/∂a of the regularized incomplete beta function, for a, b > 0 and 0 ≤ x ≤ 1; shapes broadcast.

    Computed as :func:`gamma_shape_slope` is, on the side of x where ln t − ψ(a) + ψ(a + b) keeps its sign.

    >>> round(float(beta_shape_slope(1.0, 1.0, 0.5)), 6)
    -0.346574
    """
    a, b, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float), np.asarray(x, float))
    with np.errstate(all="ignore"):
        center = special.psi(a) - special.psi(a + b)
        below = np.log(x) < center
        near, far = np.where(below, x, 1 - x), np.where(below, 1 - x, x)
        p, q = np.where(below, a, b), np.where(below, b, a)
        slope, bend = p - (q - 1) * near / far, np.abs(q - 1) * near / far / far
        scale = 1 / np.maximum(np.maximum(np.abs(slope), np.sqrt(bend)), np.minimum(p, 1))
        factor = near * special._ufuncs._beta_pdf(x, a, b)
        below, near, far, p, q, center = (value[..., None] for value in (below, near, far, p, q, center))
        logarithm = np.log(near)

        def integrand(w: Any) -> Any:
            # With t = near·exp(−w): t stands for the variable below, and for 1 minus the variable above.
            log_variable = np.where(below, logarithm - w, np.log1p(-near * np.exp(-w)))
            weight = np.exp(-p * w + (q - 1) * np.log1p(-near * np.expm1(-w) / far))
            return weight * (log_variable - center)

        side = factor * half_line(integrand, scale)
        inside = (x > 0) & (x < 1)
        return np.where(inside, np.where(below[..., 0], side, -side), np.where(np.isnan(x), np.nan, 0.0))[()]


@entrywise
def zeta_slope(s: Any, q: Any) -> Any:
    """∂ζ(s, q)/∂s of Hurwitz's zeta function for s > 1 and q > 0, and for q = 1 at every s but 1; shapes broadcast.

    The first terms of the series are differentiated, and the rest by the Euler–Maclaurin formula (DLMF 25.11.5
    and 25.2.9); for s < 0 Riemann's functional equation is (DLMF 25.4.1).

    >>> round(float(zeta_slope(2.0, 1.0)), 6)
    -0.937548
    """
    s, q = np.broadcast_arrays(np.asarray(s, float), np.asarray(q, float))
    with np.errstate(all="ignore"):
        mirrored = (s < 0) & (q == 1)
        p = np.where(mirrored, 1 - s, s)
        total = np.zeros(p.shape)
        for k in range(20):
            total = total - np.where(q + k == 1, 0.0, np.log(q + k) * (q + k) ** -p)
        end = q + 20
        logarithm, pole = np.log(end), p - 1
        total = total - end**-pole / pole * (logarithm + 1 / pole) - end**-p / 2 * logarithm
        rising, moved = p.copy(), np.ones(p.shape)  # (p)ₘ and its derivative by p
        for k in range(1, 13):
            weight = special.bernoulli(2 * k)[-1] / math.factorial(2 * k) * end ** (1 - p - 2 * k)
            total = total + weight * (moved - rising * logarithm)
            for j in (2 * k - 1, 2 * k):
                rising, moved = rising * (p + j), moved * (p + j) + rising
        zeta = special.zeta(np.where(mirrored, p, 2.0))
        size = 2 * (2 * math.pi) ** -p * special.gamma(p)
        turn = math.pi / 2 * (s - 4 * np.rint(s / 4))
        bracket = zeta * (math.log(2 * math.pi) - special.psi(p)) - total
        reflected = size * (math.pi / 2 * np.cos(turn) * zeta + np.sin(turn) * bracket)
        return np.where(mirrored, reflected, total)[()]


rule(polygamma, UNKNOWN, polygamma(x + 1, y), domain=_no_pole_of_y, sample=((1, 1), (0.3, 4)), source="DLMF 5.15.1")
rule(
    gamma_density, out * (np.log(y) - special.psi(x)), out * ((x - 1) / y - 1), domain=(x > 0) & (y > 0),
    sample=((0.5, 4), (0.3, 5)), source="the logarithm's derivative",
)
rule(
    gamma_shape_slope, UNKNOWN, gamma_density(x, y) * (np.log(y) - special.psi(x)), domain=(x > 0) & (y > 0),
    sample=((0.5, 4), (0.3, 5)), source="DLMF 8.8.13 by a",
)
rule(
    beta_density,
    out * (np.log(z) - special.psi(x) + special.psi(x + y)),
    out * (np.log1p(-z) - special.psi(y) + special.psi(x + y)),
    out * ((x - 1) / z - (y - 1) / (1 - z)),
    domain=(x > 0) & (y > 0) & (z > 0) & (z < 1), sample=((0.5, 4), (0.5, 4), (0.1, 0.9)),
    source="the logarithm's derivative",
)
rule(
    beta_shape_slope, UNKNOWN, UNKNOWN, beta_density(x, y, z) * (np.log(z) - special.psi(x) + special.psi(x + y)),
    domain=(x > 0) & (y > 0) & (z > 0) & (z < 1), sample=((0.5, 4), (0.5, 4), (0.1, 0.9)), source="DLMF 8.17.1 by a",
)
rule(
    zeta_slope, UNKNOWN, -special._ufuncs._zeta(x + 1, y) - x * zeta_slope(x + 1, y), domain=(x > 1) & (y > 0),
    sample=((1.5, 5), (0.5, 4)), source="DLMF 25.11.17 by s",
)

rule(special.gamma, out * special.psi(x), domain=_no_pole, sample=(0.3, 5), source="DLMF 5.2.2")
rule(special.gammaln, special.psi(x), domain=_no_pole, sample=(0.3, 5), source="DLMF 5.2.2")
rule(special.loggamma, special.psi(x), domain=x > 0, sample=(0.3, 5), source="DLMF 5.2.2")
rule(special.psi, polygamma(1, x), domain=_no_pole, sample=(0.3, 5), source="DLMF 5.15.1")


def _slope_of_reciprocal(x: Any) -> Any:
    """(1/Γ)′(x); to the left of ½ by reflection (DLMF 5.5.3), where 1/Γ has no poles but zeros.

    Of sin πx and cos πx whole half turns are taken off: exact at those zeros.
    """
    whole = np.rint(x)
    sign = np.where(np.equal(whole / 2, np.rint(whole / 2)), 1, -1)
    sine, cosine = sign * np.sin(_pi * (x - whole)), sign * np.cos(_pi * (x - whole))
    reflected = special.gamma(1 - x) * (cosine - sine * special.psi(1 - x) / _pi)
    return np.where(x < 0.5, reflected, -special.rgamma(x) * special.psi(x))


rule(
    special.rgamma, -out * special.psi(x), computed=_slope_of_reciprocal(x),
    sample=(0.3, 5), source="DLMF 5.2.2; to the left DLMF 5.5.3, where 1/Γ has no poles",
)
rule(special.gammasgn, 0, smooth=_no_pole, sample=(0.3, 5), source="step")

_both = special.psi(x + y)
_shown = (out * (special.psi(x) - _both), out * (special.psi(y) - _both))
_by_sum = special.gamma(x) * special.gamma(y) * _slope_of_reciprocal(x + y)
rule(
    special.beta, *_shown, domain=_no_pole & _no_pole_of_y, sample=(0.3, 5), source="DLMF 5.12.1 and 5.2.2",
    # Where x + y is a whole number below 1, the function is 0 and ψ(x + y) infinite.
    computed=tuple(
        np.where(x + y > 0.5, shown, out * special.psi(a) + _by_sum) for a, shown in zip((x, y), _shown, strict=True)
    ),
)
rule(
    special.betaln, special.psi(x) - _both, special.psi(y) - _both, domain=_no_pole & _no_pole_of_y,
    sample=(0.3, 5), source="DLMF 5.12.1 and 5.2.2",
)
_rest = special.psi(x - y + 1)
_shown = (out * (special.psi(x + 1) - _rest), out * (_rest - special.psi(y + 1)))
_left, _right = special.rgamma(y + 1), special.rgamma(x - y + 1)
_by_right = special.gamma(x + 1) * _left * _slope_of_reciprocal(x - y + 1)
_usual = (y > -0.5) & (x - y > -0.5)  # elsewhere 1/Γ has zeros, where ψ has poles
rule(
    special.binom, *_shown, domain=np.logical_not(np.equal(x, np.floor(x)) & (x < 0)), sample=((4, 6), (1, 3)),
    computed=(
        np.where(_usual, _shown[0], out * special.psi(x + 1) + _by_right),
        np.where(_usual, _shown[1], special.gamma(x + 1) * _slope_of_reciprocal(y + 1) * _right - _by_right),
    ),
    source="DLMF 1.2.6 and 5.2.2",
)
rule(
    special.poch, out * (_both - special.psi(x)), out * _both, domain=(x > 0) & (x + y > 0),
    sample=((0.5, 4), (0.3, 3)), source="DLMF 5.2.5 and 5.2.2",
)

_density, _shape = gamma_density(x, y), gamma_shape_slope(x, y)
_inside: dict[str, Any] = {"domain": (x > 0) & (y >= 0), "smooth": (x > 0) & (y > 0), "sample": ((0.4, 5), (0.3, 6))}
rule(special.gammainc, _shape, _density, **_inside, source="DLMF 8.8.13, in a by quadrature")
rule(special.gammaincc, -_shape, -_density, **_inside, source="DLMF 8.8.14, in a by quadrature")
_inside["smooth"] = (x > 0) & (y > 0) & (y < 1)
_inside["sample"] = ((0.4, 5), (0.1, 0.9))
_density, _shape = gamma_density(x, out), gamma_shape_slope(x, out)
rule(special.gammaincinv, -_shape / _density, 1 / _density, **_inside, source="inverse function")
rule(special.gammainccinv, -_shape / _density, -1 / _density, **_inside, source="inverse function")

_inside = {"domain": (x > 0) & (y > 0) & (z >= 0) & (z <= 1), "sample": ((0.4, 5), (0.4, 5), (0.1, 0.9))}
_partials = (beta_shape_slope(x, y, z), -beta_shape_slope(y, x, 1 - z), beta_density(x, y, z))
rule(special.betainc, *_partials, **_inside, source="DLMF 8.17.20, in a and b by quadrature")
rule(special.betaincc, *(-p for p in _partials), **_inside, source="DLMF 8.17.20, in a and b by quadrature")
_density = beta_density(x, y, out)
_by_parameters = (-beta_shape_slope(x, y, out) / _density, beta_shape_slope(y, x, 1 - out) / _density)
rule(special.betaincinv, *_by_parameters, 1 / _density, **_inside, source="inverse function")
rule(special.betainccinv, *_by_parameters, -1 / _density, **_inside, source="inverse function")

_hurwitz = special._ufuncs._zeta  # special.zeta is a Python function that calls these two
rule(
    _hurwitz, zeta_slope(x, y), -x * _hurwitz(x + 1, y), domain=(x > 1) & (y > 0), sample=((1.5, 5), (0.5, 4)),
    source="DLMF 25.11.17, in s by the Euler–Maclaurin formula",
)
for _function in (special._ufuncs._riemann_zeta, special.zetac):
    rule(
        _function, zeta_slope(x, 1), domain=np.not_equal(x, 1), sample=(1.5, 5),
        source="DLMF 25.2.9 and 25.4.1, differentiated",
    )
