"""Trigonometric functions and their inverses. Angles are radians unless a name says degrees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.formula.expression import Constant, symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import At, rule

x, y, out = symbols("x y out")
_pi = Constant(math.pi, "pi")

rule(np.sin, np.cos(x), source="DLMF 4.20.1")
rule(np.cos, -np.sin(x), source="DLMF 4.20.2")
rule(
    np.tan, 1 / np.cos(x) ** 2, computed=1 + out * out, domain=np.not_equal(np.cos(x), 0), between_floats=True,
    sample=(-1.2, 1.2), source="DLMF 4.20.3",
)

_arc = {
    "domain": abs(x) <= 1,
    "smooth": abs(x) < 1,
    "sample": (-0.9, 0.9),
}
_half_circle = 1 / np.sqrt((1 - x) * (1 + x))  # 1 - x**2 would lose its digits near x = 1
# 1 - x and x + 1 would lose the sign of a zero imaginary part, which tells the two sides of the branch cut apart.
_on_the_cut = 1 / (np.sqrt(-(x - 1)) * np.sqrt(-(-x - 1)))
rule(
    np.arcsin, 1 / np.sqrt(1 - x**2), computed=_half_circle, analytic=_on_the_cut, **_arc, source="DLMF 4.24.7",
    at=(At(np.equal(abs(x), 1), np.inf, "the tangent is vertical at the ends"),),
)
rule(
    np.arccos, -1 / np.sqrt(1 - x**2), computed=-_half_circle, analytic=-_on_the_cut, **_arc, source="DLMF 4.24.8",
    at=(At(np.equal(abs(x), 1), -np.inf, "the tangent is vertical at the ends"),),
)
# Beyond 1, x**2 is not computed: it would overflow.
rule(
    np.arctan, 1 / (1 + x**2), computed=np.where(abs(x) > 1, (1 / x) / (x + 1 / x), 1 / (1 + x * x)),
    source="DLMF 4.24.9",
)
_radius = np.hypot(x, y)
_up = 2.0**200  # lifts subnormal numbers, which have lost digits
rule(
    np.arctan2, y / (x**2 + y**2), -x / (x**2 + y**2), computed=(y / _radius / _radius, -x / _radius / _radius),
    domain=np.not_equal(x, 0) | np.not_equal(y, 0), smooth=np.not_equal(x, 0) | (y > 0), sample=((0.3, 2), (-2, 2)),
    source="DLMF 4.24.9 with the chain rule",
)
rule(
    np.hypot, x / out, y / out,
    computed=tuple(np.where(out < 1e-290, _up * a / np.hypot(_up * x, _up * y), a / out) for a in (x, y)),
    smooth=np.not_equal(x, 0) | np.not_equal(y, 0), source="√(x² + y²) by the power rule",
    at=(
        At(np.equal(out, 0), (0, 0), "the tip of a cone: the mean of opposite slopes", sharp="x y"),
    ),
)
for _function in (np.deg2rad, np.radians):
    rule(_function, _pi / 180, source="unit conversion")
for _inverse in (np.rad2deg, np.degrees):
    rule(_inverse, 180 / _pi, source="unit conversion")


@entrywise
def sinc_derivative(x: Any, order: Any = 1) -> Any:
    """The derivative of NumPy's sinc, sin(πx)/(πx), of the given order (an integer, at least 0); same shape as `x`.

    Away from 0 it follows from differentiating x·sinc(x) = sin(πx)/π n times:
    x·s⁽ⁿ⁾ + n·s⁽ⁿ⁻¹⁾ = πⁿ⁻¹ sin(πx + nπ/2). Near 0 that subtracts equal numbers, and the power series of sinc
    (DLMF 4.19.1) is differentiated term by term instead.

    >>> round(float(sinc_derivative(0.5)), 6)
    -1.27324
    """
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    order = int(order)
    near = np.abs(x) < 0.5 + 0.35 * order
    result = np.empty_like(x)
    result[near] = _sinc_series(x[near], order)
    far = x[~near]
    value = _sine_of_half_turns(far, 0) / (math.pi * far)
    for n in range(1, order + 1):
        value = (math.pi ** (n - 1) * _sine_of_half_turns(far, n) - n * value) / far
    result[~near] = value
    return result[()]


def _sine_of_half_turns(x: Any, quarters: int) -> Any:
    """sin(πx + quarters·π/2). Whole turns are taken off first, exactly: πx itself is rounded."""
    turn = x - 2 * np.rint(x / 2)
    near = np.where(np.abs(turn) > 0.5, np.copysign(1 - np.abs(turn), turn), turn)
    sine, cosine = np.sin(math.pi * near), np.where(np.abs(turn) > 0.5, -1, 1) * np.sin(math.pi * (0.5 - np.abs(near)))
    return (sine, cosine, -sine, -cosine)[quarters % 4]


def _sinc_series(x: Any, order: int) -> Any:
    total = np.zeros_like(x)
    for k in range((order + 1) // 2 + 16 + order, (order + 1) // 2 - 1, -1):
        power = 2 * k - order
        coefficient = (-1) ** k * math.pi ** (2 * k) / (2 * k + 1) / math.factorial(power)
        total = total + coefficient * x**power
    return total


rule(
    np.sinc, (np.cos(_pi * x) - out) / x, computed=sinc_derivative(x, 1),
    source="quotient rule; a removable singularity at 0",
)
rule(sinc_derivative, sinc_derivative(x, y + 1), None, sample=((-2, 2), (1, 1)), source="the next order")
