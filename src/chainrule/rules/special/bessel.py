"""Bessel, Hankel, Airy, Kelvin and Struve functions, and functions defined by related differential equations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import UNKNOWN, composite, rule

x, y, z, w, out = symbols("x y z w out")


def part_of(function: Any, position: int) -> Any:
    """The output number `position` of a function that has several, as a function of its own."""

    @entrywise
    def part(*args: Any) -> Any:
        return function(*args)[position]

    part.__name__ = part.__qualname__ = f"{function.__name__}_{position}"
    globals()[part.__name__] = part  # a public name, by which formulas that hold it are pickled
    part.__doc__ = f"Output number {position} of scipy.special.{function.__name__}, counted from 0."
    return part


def parts_of(function: Any, count: int) -> tuple[Any, ...]:
    """The first `count` outputs of `function` as functions, and the rule that puts them together."""
    parts = tuple(part_of(function, i) for i in range(count))
    composite(function, lambda *args: tuple(part(*args) for part in parts))
    return parts


# ---------------------------------------------------------------------- Bessel functions of any order, in x

_orders = ((0, 3), (0.5, 5))
_exact: dict[str, Any] = {"sample": _orders, "source": "DLMF 10.6.1"}


def _cylinder(function: Any) -> Any:
    return (function(x - 1, y) - function(x + 1, y)) / 2


for _function in (special.jv, special.hankel1, special.hankel2):
    rule(_function, UNKNOWN, _cylinder(_function), **_exact)
for _function in (special.jve, special.yve):  # the factor exp(−|Im y|) is 1 for real y
    _half: dict[str, Any] = {"domain": y > 0} if _function is special.yve else {}
    rule(_function, UNKNOWN, _cylinder(_function), analytic=(None, np.nan), **_exact, **_half)
_whole = np.trunc(x)  # SciPy drops the fraction of an order that must be a whole number
rule(special.yv, UNKNOWN, _cylinder(special.yv), domain=y > 0, **_exact)
_f = (special.yv(_whole - 1, y) - special.yv(_whole + 1, y)) / 2
rule(special.yn, UNKNOWN, _f, domain=y > 0, sample=((1, 1), (0.5, 5)), source="DLMF 10.6.1")

_exact["source"] = "DLMF 10.29.1"
rule(special.iv, UNKNOWN, (special.iv(x - 1, y) + special.iv(x + 1, y)) / 2, **_exact)
rule(special.kv, UNKNOWN, -(special.kv(x - 1, y) + special.kv(x + 1, y)) / 2, domain=y > 0, **_exact)
_f = -(special.kv(_whole - 1, y) + special.kv(_whole + 1, y)) / 2
rule(special.kn, UNKNOWN, _f, domain=y > 0, sample=((1, 1), (0.5, 5)), source="DLMF 10.29.1")


@entrywise
def far_series(order: Any, x: Any, sign: Any, derivative: Any) -> Any:
    """The derivative of the given order of √(2πx)⁻¹·(1 − …), which e⁻ˣI(x) is for large x; shapes broadcast.

    `sign` is −1 for e⁻ˣI(x); with 1 it is eˣK(x)/π. Differences of Bessel functions would lose as many digits as x
    has before the point; here the asymptotic series (DLMF 10.40.1 and 10.40.2) is differentiated term by term.
    """
    order, x = np.broadcast_arrays(np.asarray(order, float), np.asarray(x, float))
    total, coefficient = np.zeros(x.shape), np.ones(x.shape)
    for k in range(30):
        falling = 1.0
        for j in range(int(derivative)):
            falling *= -(k + 0.5) - j
        total = total + coefficient * falling
        coefficient = coefficient * sign * (4 * order * order - (2 * k + 1) ** 2) / (8 * (k + 1) * x)
    return (total / np.sqrt(2 * np.pi * x) / x**derivative)[()]


def _scaled(order: Any, x: Any, sign: int, near: Any) -> Any:
    """The derivative of e⁻ˣI(x) (sign −1) or eˣK(x) (sign 1): `near` for small x, the series where the order allows."""
    far = far_series(order, abs(x), sign, 1)
    return np.where(abs(x) > 50 + abs(order) ** 2, np.pi * far if sign > 0 else far, near)


rule(
    far_series, UNKNOWN, far_series(x, y, z, w + 1), None, None, sample=((0, 0), (60, 90), (1, 1), (0, 0)),
    source="DLMF 10.40.1 and 10.40.2",
)
_near = (special.ive(x - 1, y) + special.ive(x + 1, y)) / 2 - np.sign(y) * out
rule(
    special.ive, UNKNOWN, _near, computed=(None, np.where(y > 0, _scaled(x, y, -1, _near), _near)),
    analytic=(None, np.nan), smooth=y > 0, sample=_orders, source="DLMF 10.29.1; far out 10.40.1",
)
_near = out - (special.kve(x - 1, y) + special.kve(x + 1, y)) / 2
rule(
    special.kve, UNKNOWN, _near, computed=(None, _scaled(x, y, 1, _near)), analytic=(None, _near), domain=y > 0,
    sample=_orders, source="DLMF 10.29.1; far out 10.40.2",
)
# ---------------------------------------------------------------------- orders 0 and 1

_axis: dict[str, Any] = {"sample": (0.5, 5), "domain": x > 0}
rule(special.j0, -special.j1(x), sample=(0.5, 5), source="DLMF 10.6.3")
rule(
    special.j1, special.j0(x) - out / x, computed=(special.j0(x) - special.jv(2, x)) / 2, sample=(0.5, 5),
    source="DLMF 10.6.2",
)
rule(special.y0, -special.y1(x), **_axis, source="DLMF 10.6.3")
rule(special.y1, special.y0(x) - out / x, **_axis, source="DLMF 10.6.2")
rule(special.i0, special.i1(x), sample=(0.5, 5), source="DLMF 10.29.3")
rule(
    special.i1, special.i0(x) - out / x, computed=(special.i0(x) + special.iv(2, x)) / 2, sample=(0.5, 5),
    source="DLMF 10.29.2",
)
rule(special.k0, -special.k1(x), **_axis, source="DLMF 10.29.3")
rule(special.k1, -special.k0(x) - out / x, **_axis, source="DLMF 10.29.2")
_near = special.i1e(x) - np.sign(x) * out
rule(
    special.i0e, _near, computed=np.where(abs(x) > 50, np.sign(x) * _scaled(0, x, -1, _near), _near),
    smooth=np.not_equal(x, 0), sample=(0.5, 5), source="DLMF 10.29.3; far out 10.40.1",
)
_near = (special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * out
rule(
    special.i1e, special.i0e(x) - out / x - np.sign(x) * out,
    computed=np.where(abs(x) > 51, _scaled(1, x, -1, _near), _near), smooth=np.not_equal(x, 0),
    sample=(0.5, 5), source="DLMF 10.29.2; far out 10.40.1",
)
_near = out - special.k1e(x)
rule(
    special.k0e, _near, computed=_scaled(0, x, 1, _near), **_axis, source="DLMF 10.29.3; far out 10.40.2"
)
_near = out - special.k0e(x) - out / x
rule(
    special.k1e, _near, computed=_scaled(1, x, 1, _near), **_axis, source="DLMF 10.29.2; far out 10.40.2"
)

# ---------------------------------------------------------------------- spherical Bessel functions

# SciPy's own are Python functions that make plain arrays of their arguments. The order −1 is not theirs: where it would
# occur, the factor before it is 0.


@entrywise
def spherical_jn(n: Any, z: Any) -> Any:
    """The spherical Bessel function jₙ(z) of whole n ≥ 0, as :func:`scipy.special.spherical_jn`; shapes broadcast."""
    return special.spherical_jn(n, z)[()]


@entrywise
def spherical_yn(n: Any, z: Any) -> Any:
    """The spherical Bessel function yₙ(z) of whole n ≥ 0, as :func:`scipy.special.spherical_yn`; shapes broadcast."""
    return special.spherical_yn(n, z)[()]


@entrywise
def spherical_in(n: Any, z: Any) -> Any:
    """The modified spherical Bessel function iₙ(z), as :func:`scipy.special.spherical_in`; shapes broadcast."""
    return special.spherical_in(n, z)[()]


@entrywise
def spherical_kn(n: Any, z: Any) -> Any:
    """The modified spherical Bessel function kₙ(z), as :func:`scipy.special.spherical_kn`; shapes broadcast."""
    return special.spherical_kn(n, z)[()]


_spherical_orders = ((2, 2), (0.5, 5))
_not_zero = np.not_equal(y, 0)
rule(
    spherical_jn, UNKNOWN, (x * spherical_jn(abs(x - 1), y) - (x + 1) * spherical_jn(x + 1, y)) / (2 * x + 1),
    sample=_spherical_orders, source="DLMF 10.51.1",
)
rule(
    spherical_yn, UNKNOWN, (x * spherical_yn(abs(x - 1), y) - (x + 1) * spherical_yn(x + 1, y)) / (2 * x + 1),
    domain=_not_zero, sample=_spherical_orders, source="DLMF 10.51.1",
)
rule(
    spherical_in, UNKNOWN, (x * spherical_in(abs(x - 1), y) + (x + 1) * spherical_in(x + 1, y)) / (2 * x + 1),
    sample=_spherical_orders, source="DLMF 10.51.4",
)
rule(
    spherical_kn, UNKNOWN, -(x * spherical_kn(abs(x - 1), y) + (x + 1) * spherical_kn(x + 1, y)) / (2 * x + 1),
    domain=_not_zero, sample=_spherical_orders, source="DLMF 10.51.4",
)

# ---------------------------------------------------------------------- Struve functions

_struve: dict[str, Any] = {"sample": ((0, 2), (0.5, 5)), "domain": y > 0, "source": "DLMF 11.4.27 and 11.4.29"}
for _function in (special.struve, special.modstruve):
    rule(_function, UNKNOWN, _function(x - 1, y) - x / y * out, **_struve)

# ---------------------------------------------------------------------- Airy functions

airy_parts = parts_of(special.airy, 4)
_scaled_airy = parts_of(special.airye, 4)
for _i in (0, 2):
    _value, _slope = airy_parts[_i : _i + 2]
    rule(_value, _slope(x), source="DLMF 9.2.1")
    rule(_slope, x * _value(x), source="DLMF 9.2.1")
    _value, _slope = _scaled_airy[_i : _i + 2]
    _rate = np.sqrt(np.maximum(x, 0)) * (1 - _i)  # of the factor exp(±⅔x√x), which is 1 for Bi to the left of 0
    _right: dict[str, Any] = {
        "sample": (0.3, 3), "domain": x >= 0 if _i == 0 else None,
        "source": "DLMF 9.2.1 and the product rule",
    }  # fmt: skip
    rule(_value, _slope(x) + _rate * out, **_right)
    rule(_slope, x * _value(x) + _rate * out, **_right)

# ---------------------------------------------------------------------- Kelvin functions


@entrywise
def kelvin_series(x: Any, part: Any, order: Any) -> Any:
    """The derivative of the given order of ber (part 0) or bei (part 1), for |x| < 3; same shape as `x`.

    The power series (DLMF 10.65.1) is differentiated term by term. Kelvin's equation, which gives the second derivative
    otherwise, divides by x.

    >>> float(kelvin_series(0.0, 0, 4))
    -0.375
    """
    x, part, order = np.asarray(x, float), int(part), int(order)
    total = np.zeros_like(x)
    for k in range(8 + order // 4, -1, -1):
        power = 4 * k + 2 * part
        if power >= order:
            coefficient = (-1) ** k / 2.0**power / math.factorial(power // 2) ** 2
            total = total + coefficient * math.perm(power, order) * x ** (power - order)
    return total[()]


rule(
    kelvin_series, kelvin_series(x, y, z + 1), None, None, sample=((-2, 2), (1, 1), (2, 2)), source="DLMF 10.65.1",
)
for _real, _imaginary, _real_slope, _imaginary_slope in (
    (special.ber, special.bei, special.berp, special.beip),
    (special.ker, special.kei, special.kerp, special.keip),
):
    _kelvin: dict[str, Any] = {"sample": (0.5, 5), "source": "DLMF 10.61.3"}
    if _real is special.ker:
        _kelvin["domain"] = x > 0
    rule(_real, _real_slope(x), **_kelvin)
    rule(_imaginary, _imaginary_slope(x), **_kelvin)
    for _part, _slope, _bend in (
        (0, _real_slope, -_imaginary(x) - out / x), (1, _imaginary_slope, _real(x) - out / x)
    ):  # fmt: skip
        _near = np.where(abs(x) < 2, kelvin_series(x, _part, 2), _bend) if _real is special.ber else None
        rule(_slope, _bend, computed=_near, **_kelvin)

composite(
    special.kelvin,
    lambda x: (
        special.ber(x) + 1j * special.bei(x),
        special.ker(x) + 1j * special.kei(x),
        special.berp(x) + 1j * special.beip(x),
        special.kerp(x) + 1j * special.keip(x),
    ),
)

# ---------------------------------------------------------------------- solutions of second-order equations


def _oscillator(function: Any, parameters: int, second: Callable[..., Any], unit: float = 1, **facts: Any) -> None:
    """Rows of a function that returns a solution and its slope in the last argument.

    `second(*arguments, value, slope)` is the equation solved for the second derivative; `unit` is the slope's change
    of units.
    """
    parts = parts_of(function, 2)
    arguments = symbols("x y z w")[: parameters + 1]
    values = [part(*arguments) for part in parts]
    for part, rate in zip(parts, (values[1], second(*arguments, *values)), strict=True):
        rule(part, *[UNKNOWN] * parameters, rate if unit == 1 else rate * unit, **facts)


for _function in (special.pbdv, special.pbvv):
    _oscillator(
        _function, 1, lambda order, x, value, slope: (x**2 / 4 - order - 0.5) * value, sample=((1, 1), (-2, 2)),
        source="DLMF 12.2.2",
    )
_oscillator(
    special.pbwa, 1, lambda a, x, value, slope: (a - x**2 / 4) * value, sample=((1, 1), (-2, 2)),
    source="DLMF 12.14.1",
)
_degree = np.pi / 180
for _function, _characteristic in ((special.mathieu_cem, special.mathieu_a), (special.mathieu_sem, special.mathieu_b)):
    _oscillator(
        _function, 2,
        lambda m, q, x, value, slope, c=_characteristic: (2 * q * np.cos(2 * _degree * x) - c(m, q)) * value,
        _degree, sample=((2, 2), (1, 1), (10, 80)), source="DLMF 28.2.1",
    )
for _function in (special.mathieu_modcem1, special.mathieu_modcem2, special.mathieu_modsem1, special.mathieu_modsem2):
    _characteristic = special.mathieu_a if "cem" in _function.__name__ else special.mathieu_b
    _oscillator(
        _function, 2, lambda m, q, x, value, slope, c=_characteristic: (c(m, q) - 2 * q * np.cosh(2 * x)) * value,
        sample=((2, 2), (1, 1), (0.3, 1.5)), source="DLMF 28.20.1",
    )


def _spheroidal(m: Any, n: Any, c: Any, x: Any, value: Any, slope: Any) -> Any:
    """The prolate equation solved for the second derivative (DLMF 30.2.1)."""
    side = 1 - x * x
    return (2 * x * slope - (special.pro_cv(m, n, c) - c * c * x * x - m * m / side) * value) / side


def _oblate_angular(m: Any, n: Any, c: Any, x: Any, value: Any, slope: Any) -> Any:
    side = 1 - x * x
    return (2 * x * slope - (special.obl_cv(m, n, c) + c * c * x * x - m * m / side) * value) / side


def _oblate_radial(m: Any, n: Any, c: Any, x: Any, value: Any, slope: Any) -> Any:
    side = 1 + x * x
    return ((special.obl_cv(m, n, c) - c * c * x * x - m * m / side) * value - 2 * x * slope) / side


# SciPy's obl_rad2 is left out: the slope that it returns is not that of the value that it returns.
_waves: list[tuple[Any, Any, tuple[float, float]]] = [
    (special.pro_ang1, _spheroidal, (0.1, 0.8)), (special.pro_rad1, _spheroidal, (1.2, 3)),
    (special.pro_rad2, _spheroidal, (1.2, 3)), (special.obl_ang1, _oblate_angular, (0.1, 0.8)),
    (special.obl_rad1, _oblate_radial, (0.3, 2)),
]  # fmt: skip
for _function, _second, _interval in _waves:
    _oscillator(
        _function, 3, _second, sample=((1, 1), (2, 2), (0.5, 0.5), _interval), source="DLMF 30.2.1",
    )
