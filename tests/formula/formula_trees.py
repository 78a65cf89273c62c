"""Random formulas, and their values to many digits: an evaluation that shares nothing with NumPy."""

from __future__ import annotations

import operator

import mpmath
import numpy as np
from hypothesis import strategies as st

from chainrule.formula.expression import Constant, Symbol, call, postorder


class UndefinedError(Exception):
    """The formula has no real value at the point."""


def _real(value):
    if isinstance(value, bool):
        return value
    # What is almost 0 is a value as any other: e^(-2.5e20) - 1 is -1, as expm1 says.
    if isinstance(value, mpmath.mpc) or not mpmath.isfinite(value) or (value and mpmath.log10(abs(value)) > 1000):
        raise UndefinedError
    return value


def _power(base, exponent):
    if base < 0 and exponent != int(exponent):
        raise UndefinedError
    if abs(exponent) > 1000:
        raise UndefinedError
    return mpmath.power(base, exponent)


def _positive(function):
    def checked(value):
        if value <= 0:
            raise UndefinedError
        return function(value)

    return checked


_mp = mpmath.mp
EXACT = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.negative: operator.neg,
    np.positive: lambda x: x,
    np.power: _power,
    np.square: lambda x: x * x,
    np.sqrt: mpmath.sqrt,
    np.cbrt: lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    np.reciprocal: lambda x: 1 / x,
    np.absolute: abs,
    np.fabs: abs,
    np.sign: mpmath.sign,
    np.copysign: lambda x, y: abs(x) if y >= 0 else -abs(x),
    np.conjugate: lambda x: x,
    np.exp: mpmath.exp,
    np.exp2: lambda x: _power(2, x),
    np.expm1: lambda x: mpmath.exp(x) - 1,
    np.log: _positive(mpmath.log),
    np.log2: _positive(lambda x: mpmath.log(x, 2)),
    np.log10: _positive(mpmath.log10),
    np.log1p: lambda x: _positive(mpmath.log)(1 + x),
    np.logaddexp: lambda x, y: mpmath.log(_real(mpmath.exp(x)) + _real(mpmath.exp(y))),
    np.logaddexp2: lambda x, y: mpmath.log(_power(2, x) + _power(2, y), 2),
    np.sin: mpmath.sin,
    np.cos: mpmath.cos,
    np.tan: mpmath.tan,
    np.arcsin: mpmath.asin,
    np.arccos: mpmath.acos,
    np.arctan: mpmath.atan,
    np.arctan2: mpmath.atan2,
    np.hypot: mpmath.hypot,
    np.sinc: mpmath.sincpi,
    np.deg2rad: lambda x: x * _mp.pi / 180,
    np.rad2deg: lambda x: x * 180 / _mp.pi,
    np.sinh: mpmath.sinh,
    np.cosh: mpmath.cosh,
    np.tanh: mpmath.tanh,
    np.arcsinh: mpmath.asinh,
    np.arccosh: mpmath.acosh,
    np.arctanh: mpmath.atanh,
    np.maximum: max,
    np.minimum: min,
    np.clip: lambda x, low, high: min(max(x, low), high),
    np.where: lambda condition, yes, no: yes if condition else no,
    np.floor: mpmath.floor,
    np.ceil: mpmath.ceil,
    np.rint: mpmath.nint,
    np.trunc: lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
    np.heaviside: lambda x, y: y if x == 0 else mpmath.mpf(x > 0),
    np.floor_divide: lambda x, y: mpmath.floor(x / y),
    np.remainder: lambda x, y: x - y * mpmath.floor(x / y),
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
    np.logical_and: lambda p, q: p and q,
    np.logical_or: lambda p, q: p or q,
    np.logical_not: operator.not_,
    np.isfinite: lambda x: True,
}
ONE = [
    np.negative, np.positive, np.square, np.sqrt, np.cbrt, np.reciprocal, np.absolute, np.exp, np.exp2,
    np.expm1, np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan, np.arcsin, np.arccos,
    np.arctan, np.deg2rad, np.rad2deg, np.sinc, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh,
    np.arctanh,
]  # fmt: skip
STEPS = [np.sign, np.floor, np.ceil, np.trunc, np.rint]
TWO = [np.add, np.subtract, np.multiply, np.divide, np.power] * 3 + [
    np.hypot, np.logaddexp, np.logaddexp2, np.maximum, np.minimum, np.arctan2]  # fmt: skip
STEPS_OF_TWO = [np.floor_divide, np.remainder, np.copysign, np.heaviside]
COMPARISONS = [np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal]

E, PI, TAU = Constant(np.e, "e"), Constant(np.pi, "pi"), Constant(2 * np.pi, "tau")
NAMED = {"e": lambda: +_mp.e, "pi": lambda: +_mp.pi, "tau": lambda: 2 * _mp.pi}
NAMES = ["x", "y", "x1", "alpha", "θ", "loss", "n_2", "Δt"]


def digits(root, values, precision=50):
    """The value of `root` to `precision` digits; raises Undefined where it is not a finite real number."""
    results = {}
    with mpmath.workdps(precision):
        for node in postorder(root):
            if isinstance(node, Symbol):
                results[node] = mpmath.mpf(values[node.name])
            elif isinstance(node, Constant):
                value = node.value
                if isinstance(value, bool):
                    results[node] = value
                else:
                    results[node] = NAMED[node.name]() if node.name else _real(mpmath.mpf(value))
            else:
                try:
                    results[node] = _real(EXACT[node.function](*(results[a] for a in node.arguments)))
                except (ZeroDivisionError, ValueError, OverflowError, TypeError) as error:
                    raise UndefinedError from error
        return results[root]


def close(one, two, tolerance=1e-25):
    if isinstance(one, bool) or isinstance(two, bool):
        return one == two
    return abs(one - two) <= tolerance * max(1, abs(one))


@st.composite
def _trees(draw, children, steps):
    one = ONE + (STEPS if steps else [])
    two = TWO + (STEPS_OF_TWO if steps else [])
    kind = draw(st.integers(0, 9))
    if kind < 3:
        return call(draw(st.sampled_from(one)), draw(children))
    if kind < 8:
        return call(draw(st.sampled_from(two)), draw(children), draw(children))
    if kind == 8:
        return call(np.clip, draw(children), -1, 2)
    return call(
        np.where, draw(_conditions(children if steps else _leaves(True))), draw(children), draw(children)
    )


def _conditions(numbers):
    plain = st.builds(call, st.sampled_from(COMPARISONS), numbers, numbers)
    return st.one_of(
        plain,
        st.builds(lambda p, q: call(np.logical_and, p, q), plain, plain),
        st.builds(lambda p, q: call(np.logical_or, p, call(np.logical_not, q)), plain, plain),
    )


def _leaves(whole):
    numbers = st.sampled_from([0.5, -2.0, 3.0, 0.1, 1e-5, 2.5e20, -1.0, 1.0, 0.0])
    if whole:
        numbers |= st.integers(-3, 12)
    named = st.sampled_from([E, PI, TAU] if whole else [PI])
    return st.one_of(st.sampled_from(NAMES).map(Symbol), numbers.map(Constant), named)


def trees(whole=True, steps=True):
    """Random formulas; `whole` allows whole numbers (and e), `steps` functions that jump."""
    return st.recursive(_leaves(whole), lambda children: _trees(children, steps), max_leaves=12)
