"""Elliptic integrals, in Legendre's and Carlson's forms, Jacobi's functions and the agm. The parameter is m."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import At, explicit, rule
from chainrule.rules.special.bessel import parts_of

x, y, z, w, out = symbols("x y z w out")


def _first_slope(m: Any) -> Any:
    """K′(m). Near m = 0, where E − (1 − m)K loses its digits, by the series (DLMF 19.5.1)."""
    textbook = (special.ellipe(m) / (1 - m) - special.ellipk(m)) / (2 * m)
    return np.where(abs(m) < 0.5, math.pi / 8 * special.hyp2f1(1.5, 1.5, 2, m), textbook)


def _second_slope(m: Any) -> Any:
    """E′(m), in the same way (DLMF 19.5.2)."""
    return np.where(
        abs(m) < 0.5, -math.pi / 8 * special.hyp2f1(0.5, 1.5, 2, m), (special.ellipe(m) - special.ellipk(m)) / (2 * m)
    )


_below: dict[str, Any] = {"domain": x < 1, "sample": (0.05, 0.9)}
rule(
    special.ellipk, (special.ellipe(x) / (1 - x) - out) / (2 * x), computed=_first_slope(x), **_below,
    source="DLMF 19.4.1; near 0 19.5.1",
)
rule(
    special.ellipe, (out - special.ellipk(x)) / (2 * x), computed=_second_slope(x), domain=x <= 1, smooth=x < 1,
    sample=(0.05, 0.9), source="DLMF 19.4.2; near 0 19.5.2", at=(At(np.equal(x, 1), -np.inf, "vertical at 1"),),
)
_textbook = -(special.ellipe(1 - x) / x - out) / (2 * (1 - x))
rule(
    special.ellipkm1, _textbook,
    computed=np.where(abs(1 - x) < 0.5, -math.pi / 8 * special.hyp2f1(1.5, 1.5, 2, 1 - x), _textbook),
    domain=x > 0, sample=(0.1, 0.9), source="DLMF 19.4.1; near 1 19.5.1",
)

# Carlson's symmetric integrals. The textbook's derivatives of two of them are quotients of differences, which lose
# their digits where two arguments come close, and are 0/0 where these are equal. The integral can be differentiated.


@entrywise
def carlson(x: Any, y: Any, z: Any, w: Any, *exponents: float) -> Any:
    """∫₀^∞ (t + x)⁻ᵃ (t + y)⁻ᵇ (t + z)⁻ᶜ (t + w)⁻ᵈ dt for arguments that are not negative; their shapes broadcast.

    Every symmetric integral is one of these (DLMF 19.16.9), and every derivative of one is one. With t = eᵘ nothing is
    singular within a distance of π from the real axis, so that the trapezoidal rule with step ½ is exact to the last
    digits; all its terms are positive. A divergent integral is infinite.

    >>> round(float(carlson(1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 1.5, 0.0)), 12)
    0.666666666667
    """
    arguments = np.broadcast_arrays(*(np.asarray(v, float) for v in (x, y, z, w)))
    used = [(v, k) for v, k in zip(arguments, exponents, strict=True) if k]
    values = np.array([v for v, _ in used])
    with np.errstate(all="ignore"):
        zeros = np.sum([np.where(v == 0, k, 0.0) for v, k in used], axis=0)
        low = np.log(np.min(np.where(values > 0, values, np.inf), axis=0)) - 38 / np.maximum(1 - zeros, 0.1)
        high = np.log(np.max(values, axis=0)) + 38 / (sum(exponents) - 1)
        usable = np.isfinite(low) & np.isfinite(high)
        u = np.rint(2 * low)[..., None] / 2 + np.arange(2 * np.max(high - low, initial=1.0, where=usable) + 2) / 2
        logarithm = u - sum(k * np.logaddexp(u, np.log(v)[..., None]) for v, k in used)
        total = np.sum(np.exp(logarithm), axis=-1) / 2
    return np.where(np.all(values >= 0, axis=0), np.where(zeros < 1, total, np.inf), np.nan)[()]


def _carlson_slope(position: int, operands: Any, exponents: tuple[float, ...]) -> Any:
    raised = (k + (i == position) for i, k in enumerate(exponents))
    return -exponents[position] * carlson(*operands, *raised)


def _carlson_reverse(out: Any, operands: Any, tracked: tuple[int, ...], *exponents: float) -> Any:
    return lambda g: tuple([g * _carlson_slope(i, operands, exponents) for i in tracked])


def _carlson_forward(out: Any, operands: Any, tangents: Any, *exponents: float) -> Any:
    return sum(t * _carlson_slope(i, operands, exponents) for i, t in enumerate(tangents) if t is not None)


explicit(carlson, 4, _carlson_reverse, _carlson_forward, source="DLMF 19.16.9, differentiated under the integral sign")

@entrywise
def elliptic_moment(phi: Any, m: Any, n: Any, p: Any) -> Any:
    """∫₀^φ sin²ⁿθ (1 − m sin²θ)^(−p/2) dθ for whole n and odd p with 1 ≤ p ≤ 2n + 1; shapes of `phi` and `m` broadcast.

    With t = cot²θ − cot²φ this is one of Carlson's integrals (as DLMF 19.25.5 and 19.25.9), after whole half turns are
    taken off the amplitude. Where the amplitude is a quarter turn, that integral is singular and this one is not.

    >>> round(float(elliptic_moment(np.pi / 2, 0.0, 1, 1)), 12)
    0.785398163397
    """
    phi, m = np.broadcast_arrays(np.asarray(phi, float), np.asarray(m, float))
    turns = np.rint(phi / math.pi)
    sine, cosine = np.sin(phi - turns * math.pi), np.cos(phi)

    def up_to(sine: Any, square_of_cosine: Any) -> Any:
        side = 1 - m * sine * sine
        if n == 1 and p in (1, 3):  # SciPy's own integral takes a hundredth of the time
            last = (side, 1) if p == 1 else (1, side)
            return sine**3 / 3 * special.elliprd(square_of_cosine, *last)
        return sine ** (2 * n + 1) / 2 * carlson(square_of_cosine, 1, side, 1, 0.5, 1 + n - p / 2, p / 2, 0)

    with np.errstate(all="ignore"):
        rest = up_to(sine, cosine * cosine)
        return np.where(turns == 0, rest, rest + 2 * turns * up_to(np.ones(m.shape), np.zeros(m.shape)))[()]


rule(
    elliptic_moment, np.sin(x) ** (2 * z) / (1 - y * np.sin(x) ** 2) ** (w / 2),
    w / 2 * elliptic_moment(x, y, z + 1, w + 2), None, None, sample=((-4, 4), (0.1, 0.9), (1, 1), (3, 3)),
    source="the integrand, and differentiation under the integral sign",
)
_side = 1 - y * np.sin(x) ** 2
_root = np.sqrt(_side)
_shown = (
    special.ellipeinc(x, y) / (2 * y * (1 - y)) - special.ellipkinc(x, y) / (2 * y)
    - np.sin(x) * np.cos(x) / (2 * (1 - y) * _root)
)  # fmt: skip
_incomplete: dict[str, Any] = {"domain": _side > 0, "sample": ((-4, 4), (0.1, 0.9))}
rule(
    special.ellipkinc, 1 / _root, _shown, computed=(None, elliptic_moment(x, y, 1, 3) / 2), **_incomplete,
    source="DLMF 19.4.5; computed by Carlson's integral, 19.25.5",
)
rule(
    special.ellipeinc, _root, (out - special.ellipkinc(x, y)) / (2 * y),
    computed=(None, -elliptic_moment(x, y, 1, 1) / 2), **_incomplete,
    source="DLMF 19.4.6; computed by Carlson's integral, 19.25.9",
)

# ---------------------------------------------------------------------- Carlson's forms

_rd = special.elliprd
_arguments: dict[str, Any] = {"sample": ((0.3, 0.8), (1, 1.5), (2, 3)), "source": "DLMF 19.18.1, 19.18.8 and 19.20.1"}
rule(special.elliprf, -_rd(y, z, x) / 6, -_rd(x, z, y) / 6, -_rd(x, y, z) / 6, **_arguments)
rule(
    special.elliprc, -_rd(y, y, x) / 6, -_rd(x, y, y) / 3, domain=(x >= 0) & (y > 0),
    sample=((0.3, 2), (0.3, 2)), source="DLMF 19.2.17 and 19.18.1",
)
_shown = tuple((special.elliprf(x, y, z) - a * _rd(b, c, a) / 3) / 4 for a, b, c in ((x, y, z), (y, x, z), (z, x, y)))
rule(
    special.elliprg, *_shown, analytic=_shown, **_arguments,
    computed=tuple(carlson(a, b, c, 0, 1.5, 0.5, 0.5, -1) / 8 for a, b, c in ((x, y, z), (y, x, z), (z, x, y))),
)
_by_x, _by_y = ((_rd(b, z, a) - out) / (2 * (a - z)) for a, b in ((x, y), (y, x)))
_shown = (_by_x, _by_y, -(1.5 * out + x * _by_x + y * _by_y) / z)
rule(
    _rd, *_shown, computed=(
        -0.75 * carlson(x, y, z, 1, 1.5, 0.5, 1.5, 0), -0.75 * carlson(x, y, z, 1, 0.5, 1.5, 1.5, 0),
        -2.25 * carlson(x, y, z, 1, 0.5, 0.5, 2.5, 0),
    ),
    analytic=_shown, **_arguments,
)  # fmt: skip
_by = [(_rd(b, c, a) - out) / (2 * (a - w)) for a, b, c in ((x, y, z), (y, x, z), (z, x, y))]
_shown = (*_by, -(1.5 * out + sum(a * p for a, p in zip((x, y, z), _by, strict=True))) / w)
_computed = (
    -0.75 * carlson(x, y, z, w, 1.5, 0.5, 0.5, 1), -0.75 * carlson(x, y, z, w, 0.5, 1.5, 0.5, 1),
    -0.75 * carlson(x, y, z, w, 0.5, 0.5, 1.5, 1), -1.5 * carlson(x, y, z, w, 0.5, 0.5, 0.5, 2),
)  # fmt: skip
rule(
    special.elliprj, *_shown, computed=tuple(np.where(w > 0, c, s) for c, s in zip(_computed, _shown, strict=True)),
    analytic=_shown, sample=((0.3, 0.8), (1, 1.5), (2, 3), (3.5, 5)), source="DLMF 19.18.1, 19.18.8 and 19.20.1",
)

# Jacobi's functions: φ(u, m) solves F(φ, m) = u, so ∂φ/∂m is −dn·∂F/∂m.
_sn, _cn, _dn, _am = parts_of(special.ellipj, 4)
_s, _c, _d, _phi = (part(x, y) for part in (_sn, _cn, _dn, _am))
_moved = -_d * elliptic_moment(_phi, y, 1, 3) / 2
_jacobi: dict[str, Any] = {
    "domain": (y >= 0) & (y < 1), "sample": ((-3, 3), (0.1, 0.9)),
    "source": "DLMF 22.13.1 to 22.13.3; in m the inverse of 19.4.5",
}  # fmt: skip
rule(_sn, _c * _d, _c * _moved, **_jacobi)
rule(_cn, -_s * _d, -_s * _moved, **_jacobi)
rule(_dn, -y * _s * _c, -(_s**2 + 2 * y * _s * _c * _moved) / (2 * _d), **_jacobi)
rule(_am, _d, _moved, **_jacobi)

# agm(x, y) = πx / (2K(1 − y²/x²)); the derivative by x follows as agm(tx, ty) = t·agm(x, y).
_m = (x - y) * (x + y) / x**2
_by_y = out / special.ellipk(_m) * _first_slope(_m) * 2 * y / x**2
rule(
    special.agm, (out - y * _by_y) / x, _by_y, domain=(x > 0) & (y > 0), sample=(0.5, 3), source="DLMF 19.8.5"
)
