"""Sums, products, quotients, powers and roots."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule.formula.expression import symbols
from chainrule.rules.axes import refuse_unless
from chainrule.rules.function import ending, entrywise
from chainrule.rules.rule import At, as_full, carry, composite, in_dtype, rule
from chainrule.rules.steps import bare

x, y, z, out = symbols("x y z out")

rule(np.add, 1, 1, source="sum rule")
rule(np.subtract, 1, -1, source="sum rule")
rule(np.multiply, y, x, source="product rule")
rule(np.divide, 1 / y, -out / y, domain=np.not_equal(y, 0), sample=((-2, 2), (0.5, 2)), source="quotient rule")
rule(np.negative, -1, source="sum rule")
rule(np.positive, 1, source="identity")
rule(np.square, 2 * x, source="power rule")
rule(np.reciprocal, -(out**2), computed=-out / x, domain=np.not_equal(x, 0), sample=(0.5, 2), source="power rule")
rule(
    np.sqrt, 1 / (2 * out), domain=x >= 0, smooth=x > 0, sample=(0.2, 4), source="power rule",
    at=(At(np.equal(x, 0), np.inf, "the tangent at 0 is vertical"),),
)
rule(
    np.cbrt, 1 / (3 * out**2), computed=out / x / 3, smooth=np.not_equal(x, 0), sample=(0.2, 4), source="power rule",
    at=(
        At(np.equal(x, 0), np.inf, "the tangent at 0 is vertical"),
        At(np.isinf(x), 0, "the slope dies out at infinity"),
    ),
)


@entrywise
def power_log(x: Any, y: Any, n: Any) -> Any:
    """xʸ·(ln x)ⁿ for x > 0, and its limit at x = 0, or NaN there if the limit is infinite. Shapes broadcast.

    >>> power_log(0.0, 1.0, 1), power_log(1.0, 2.0, 1)
    (np.float64(0.0), np.float64(0.0))
    """
    x, y = np.broadcast_arrays(x, y)
    inside = x > 0
    with np.errstate(all="ignore"):
        usual = np.where(inside, x, 1) ** y * np.log(np.where(inside, x, 1)) ** n
    at_zero = np.where(y > 0, 0.0, 1.0 if n == 0 else np.nan)
    return np.where(inside, usual, np.where(np.equal(x, 0), at_zero, np.nan)).astype(usual.dtype)[()]


carry(
    power_log, y * power_log(x, y - 1, z) + z * power_log(x, y - 1, abs(z - 1)), power_log(x, y, z + 1), None,
    source="product rule",
)

# Where y - 1 is not exact, x**(y - 1) magnifies what is lost by log x, and for small y it may overflow: then
# y * out / x is used.
_exponent_is_exact = np.equal((y - 1) + 1, y) & (abs(y) >= 0.5)
_half = x ** (y / 2)  # out itself overflows or becomes subnormal where out * log x does not
_power = {
    "computed": (np.where(_exponent_is_exact, y * x ** (y - 1), y * out / x), _half * np.log(x) * _half),
    "domain": (x > 0) | (np.equal(y, np.floor(y)) & (np.not_equal(x, 0) | (y >= 0))) | (np.equal(x, 0) & (y >= 0)),
    "smooth": (x > 0) | (np.not_equal(x, 0) & np.equal(y, np.floor(y))),
    "sample": ((0.3, 3), (-2, 2)),
    "source": "power rule and exponential rule",
    "at": (
        At(
            np.equal(x, 0) & np.equal(y, 0), (ending(0, y), np.nan),
            "x⁰ is constant in x, also at x = 0; 0ʸ jumps at y = 0",
        ),
        At(np.equal(x, 0) & (y < 1), (np.inf, power_log(x, y, 1)), "the tangent at 0 is vertical"),
        At(np.equal(x, 0), (y * x ** (y - 1), power_log(x, y, 1)), "the limit of out·log x as x → 0⁺"),
        At(x < 0, (None, np.nan), "a negative base has no derivative in the exponent"),
    ),
}
for _function in (np.power, np.float_power):
    rule(_function, y * x ** (y - 1), out * np.log(x), **_power)

rule(
    np.absolute, np.sign(x), analytic=np.conjugate(x) / np.where(np.equal(out, 0), 1, out), smooth=np.not_equal(x, 0),
    source="piecewise linear; at 0 the mean of the slopes −1 and 1",
)
rule(np.fabs, np.sign(x), smooth=np.not_equal(x, 0), source="piecewise linear; at 0 the mean of the slopes −1 and 1")


def _sign_of_complex(z: Any, *, dtype: Any = None, **options: Any) -> Any:
    """z/|z|, the direction of z: it turns as the angle of z does, d(z/|z|) = i·z/|z|·dφ. At 0 it is 0."""
    z = as_full(z) if dtype is None else in_dtype(z, dtype)
    plain = bare(z)
    angle = np.angle(np.where(plain == 0, 1.0, z))
    return np.sign(plain) * np.exp(1j * (angle - bare(angle)))  # NumPy's own value, times 1


# Steps: constant between their jumps. (The sign of a complex number is not.)
_integers = np.not_equal(x, np.rint(x))
rule(np.sign, 0, of_complex=_sign_of_complex, smooth=np.not_equal(x, 0), source="step")
for _step in (np.floor, np.ceil, np.trunc):
    rule(_step, 0, smooth=_integers, source="step")
rule(np.rint, 0, smooth=np.not_equal(x - 0.5, np.rint(x - 0.5)), source="step")
rule(
    np.heaviside, 0, 0, smooth=np.not_equal(x, 0), source="step",
    at=(At(np.equal(x, 0), (0, 1), "at 0 the value is y itself"),),
)
_quotient = x / y
_between_steps = np.not_equal(_quotient, np.rint(_quotient))
rule(np.floor_divide, 0, 0, domain=np.not_equal(y, 0), smooth=_between_steps, sample=((-2, 2), (0.5, 2)), source="step")
# The rounded quotient x / y may reach a whole number that x / y itself does not; what the remainder took off tells.
for _remainder, _whole in ((np.remainder, np.floor(_quotient)), (np.fmod, np.trunc(_quotient))):
    rule(
        _remainder, 1, -_whole, computed=(None, -np.rint((x - out) / y)), domain=np.not_equal(y, 0),
        smooth=_between_steps, sample=((-2, 2), (0.5, 2)), source="x − y·⌊x/y⌋, between the jumps of the quotient",
    )
rule(
    np.copysign, np.sign(x) * np.sign(out), 0, smooth=np.not_equal(x, 0) & np.not_equal(y, 0),
    source="piecewise linear",
)


def _round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    decimals = operator.index(decimals)
    if decimals == 0:
        return np.rint(a)
    unit = 10.0 ** abs(decimals)
    return np.rint(a * unit) / unit if decimals > 0 else np.rint(a / unit) * unit


def _fix(x: Any, out: Any = None) -> Any:
    refuse_unless(out is None)
    return np.trunc(x)


composite(np.round, _round, asks=True)
composite(np.fix, _fix)
