"""The exact value of a formula, by mpmath at as many digits as it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np

from chainrule.formula.expression import Call, Constant, Expression, Function, Symbol
from chainrule.rules.exponential import portion, portion2
from chainrule.rules.modified_bessel import bessel_i
from chainrule.rules.selection import clamp
from chainrule.rules.trigonometric import sinc_derivative

mp = mpmath.mp


def _floor_divide(x: Any, y: Any) -> Any:
    return mp.floor(x / y)


def _remainder(x: Any, y: Any) -> Any:
    return x - y * mp.floor(x / y)


def _fmod(x: Any, y: Any) -> Any:
    return x - y * _trunc(x / y)


def _trunc(x: Any) -> Any:
    return mp.floor(x) if x >= 0 else mp.ceil(x)


def _rint(x: Any) -> Any:
    below = mp.floor(x)
    if x - below == mp.mpf(1) / 2:
        return below if below % 2 == 0 else below + 1
    return mp.floor(x + mp.mpf(1) / 2)


def _sinc_derivative(x: Any, order: Any) -> Any:
    """∫₀¹ (πt)ⁿ cos(πxt + nπ/2) dt, since sinc x = ∫₀¹ cos(πxt) dt."""
    n = int(order)
    if x == 0 or mp.fabs(x) < 0.1:
        total, k = mp.mpf(0), (n + 1) // 2
        while True:
            term = (-1) ** k * mp.pi ** (2 * k) / mp.factorial(2 * k + 1)
            term *= mp.factorial(2 * k) / mp.factorial(2 * k - n) * (x ** (2 * k - n) if 2 * k > n else 1)
            total += term
            if k > n + 5 and mp.fabs(term) <= mp.fabs(total) * mp.mpf(10) ** -mp.dps:
                return total
            k += 1
    value = mp.sinpi(x) / (mp.pi * x)
    for k in range(1, n + 1):
        value = (mp.pi ** (k - 1) * mp.sinpi(x + mp.mpf(k) / 2) - k * value) / x
    return value


def _log_of_sum(base: int | None) -> Function:
    def function(x: Any, y: Any) -> Any:
        larger, smaller = max(x, y), min(x, y)
        scale = mp.mpf(1) if base is None else mp.log(base)
        return larger + mp.log1p(mp.exp((smaller - larger) * scale)) / scale

    return function


EXACT: dict[Function, Function] = {
    np.add: lambda x, y: x + y,
    np.subtract: lambda x, y: x - y,
    np.multiply: lambda x, y: x * y,
    np.divide: lambda x, y: x / y,
    np.negative: lambda x: -x,
    np.positive: lambda x: x,
    np.square: lambda x: x * x,
    np.reciprocal: lambda x: 1 / x,
    np.sqrt: mp.sqrt,
    np.cbrt: lambda x: mp.sign(x) * mp.cbrt(mp.fabs(x)),
    np.power: lambda x, y: mp.mpf(1) if y == 0 else mp.power(x, y),
    np.float_power: lambda x, y: mp.mpf(1) if y == 0 else mp.power(x, y),
    np.absolute: mp.fabs,
    np.fabs: mp.fabs,
    np.sign: mp.sign,
    np.floor: mp.floor,
    np.ceil: mp.ceil,
    np.trunc: _trunc,
    np.rint: _rint,
    np.heaviside: lambda x, y: mp.mpf(x > 0) if x else y,
    np.floor_divide: _floor_divide,
    np.remainder: _remainder,
    np.fmod: _fmod,
    np.copysign: lambda x, y: mp.fabs(x) * (1 if y >= 0 else -1),
    np.exp: mp.exp,
    np.exp2: lambda x: mp.power(2, x),
    np.expm1: mp.expm1,
    np.log: mp.log,
    np.log2: lambda x: mp.log(x) / mp.log(2),
    np.log10: lambda x: mp.log(x) / mp.log(10),
    np.log1p: mp.log1p,
    np.logaddexp: _log_of_sum(None),
    np.logaddexp2: _log_of_sum(2),
    portion: lambda x, y: 1 / (1 + mp.exp(y - x)),
    portion2: lambda x, y: 1 / (1 + mp.power(2, y - x)),
    np.sinh: mp.sinh,
    np.cosh: mp.cosh,
    np.tanh: mp.tanh,
    np.arcsinh: lambda x: mp.sign(x) * mp.asinh(mp.fabs(x)),
    np.arccosh: mp.acosh,
    np.arctanh: mp.atanh,
    np.sin: mp.sin,
    np.cos: mp.cos,
    np.tan: mp.tan,
    np.arcsin: mp.asin,
    np.arccos: mp.acos,
    np.arctan: mp.atan,
    np.arctan2: mp.atan2,
    np.hypot: lambda x, y: mp.sqrt(x * x + y * y),
    np.deg2rad: lambda x: x * mp.pi / 180,
    np.radians: lambda x: x * mp.pi / 180,
    np.rad2deg: lambda x: x * 180 / mp.pi,
    np.degrees: lambda x: x * 180 / mp.pi,
    np.sinc: lambda x: _sinc_derivative(x, 0),
    sinc_derivative: _sinc_derivative,
    np.i0: lambda x: mp.besseli(0, x),
    bessel_i: lambda x, order: mp.besseli(int(order), x),
    clamp: lambda x, lower, upper: min(max(x, lower), upper),
    np.maximum: max,
    np.minimum: min,
    np.fmax: max,
    np.fmin: min,
    np.less: lambda x, y: x < y,
    np.less_equal: lambda x, y: x <= y,
    np.greater: lambda x, y: x > y,
    np.greater_equal: lambda x, y: x >= y,
    np.equal: lambda x, y: x == y,
    np.not_equal: lambda x, y: x != y,
    np.logical_and: lambda x, y: x and y,
    np.logical_or: lambda x, y: x or y,
    np.logical_not: lambda x: not x,
    np.isnan: mp.isnan,
    np.isinf: mp.isinf,
}
"""The functions of formulas over mpmath's real numbers."""


def exact(root: Expression, values: Mapping[str, Any], digits: int = 25) -> Any:
    """The value of a formula where its symbols have exactly the given values, to `digits` digits at least.

    Working digits double until two evaluations agree. They begin with as many as the exponents of the values need, so
    that 1 + x at x = 1e-300 does not look like 1. A condition decides which branch is evaluated, as in a program.
    Raises ZeroDivisionError at a pole.
    """
    sizes = [abs(mp.log10(abs(mp.mpf(v)))) for v in values.values() if v and mp.isfinite(v)]
    working = digits + 15 + int(2.5 * max(sizes, default=0))
    before = _at(root, values, working)
    while True:
        working *= 2
        now = _at(root, values, working)
        if before == now or mp.fabs(before - now) <= mp.mpf(10) ** -digits * mp.fabs(now):
            return now
        if working > 20000:
            raise ArithmeticError(f"no two evaluations of {root!r} at {dict(values)} agree: is it 0?")
        before = now


def _at(root: Expression, values: Mapping[str, Any], digits: int) -> Any:
    results: dict[Expression, Any] = {}

    def value(node: Expression) -> Any:
        if node not in results:
            if isinstance(node, Symbol):
                results[node] = mp.mpf(values[node.name])
            elif isinstance(node, Constant):
                results[node] = +_NAMED[node.name] if node.name else mp.mpf(node.value)
            elif isinstance(node, Call) and node.function is np.where:
                condition, taken, otherwise = node.arguments
                results[node] = value(taken if value(condition) else otherwise)
            else:
                results[node] = EXACT[node.function](*map(value, node.arguments))  # type: ignore[attr-defined]
        return results[node]

    with mp.workdps(digits):
        return value(root)


_NAMED = {"pi": mp.pi, "e": mp.e}
