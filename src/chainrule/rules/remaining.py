"""Functions of numbers that have no family: parts of a number, neighbours, Bessel's I, angles, and several outputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.formula.expression import Function, symbols
from chainrule.rules.function import dispatched
from chainrule.rules.rule import as_full, both_in, composite, constant, dtype_of, in_dtype, rule, takes_dtype
from chainrule.rules.steps import bare

x, y, out = symbols("x y out")

rule(np.nextafter, 1, 0, smooth=np.not_equal(x, y), source="the number itself, moved by one unit in its last place")
constant(np.spacing, because="it changes in steps, from one power of two to the next")


def _ldexp(x1: Any, x2: Any, *, dtype: Any = None) -> Any:
    return _scaled(x1 if dtype is None else in_dtype(x1, dtype), bare(x2))


def _divmod(x1: Any, x2: Any, *, dtype: Any = None) -> tuple[Any, Any]:
    x1, x2 = (x1, x2) if dtype is None else both_in(dtype, x1, x2)
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


composite(np.ldexp, _ldexp, asks=takes_dtype)
composite(np.divmod, _divmod, asks=takes_dtype)


def _scaled(x: Any, exponent: Any) -> Any:
    """x·2ⁿ in two steps, since 2ⁿ may overflow where x·2ⁿ does not."""
    one, half = np.ones((), dtype_of(x)), exponent // 2
    return x * np.ldexp(one, half) * np.ldexp(one, exponent - half)


def _modf(x: Any, *, dtype: Any = None, **options: Any) -> tuple[Any, Any]:
    x = as_full(x) if dtype is None else in_dtype(x, dtype)
    whole = np.trunc(x)
    return np.where(np.isinf(x), np.zeros((), dtype_of(x)), x - whole), whole


def _frexp(x: Any, *, dtype: Any = None, **options: Any) -> tuple[Any, Any]:
    x = as_full(x) if dtype is None else in_dtype(x, dtype)
    _, exponent = np.frexp(bare(x))
    return np.ldexp(x, -exponent), exponent[()]


composite(np.modf, _modf, asks=True)
composite(np.frexp, _frexp, asks=True)


@dispatched
def bessel_i(x: Any, order: Any) -> Any:
    """The modified Bessel function I of a whole order, at least 0.

    Up to |x| = 17 + n²/2 the power series (DLMF 10.25.2), whose terms all have one sign; beyond, Hankel's expansion
    (DLMF 10.40.1).

    >>> round(float(bessel_i(1.0, 1)), 12)
    0.565159103992
    """
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    n = int(order)
    result = np.empty_like(x)
    near = np.abs(x) <= 17 + n * n / 2
    result[near] = _bessel_series(x[near], n)
    result[~near] = _bessel_far(x[~near], n)
    return result[()]


def _bessel_series(x: Any, n: int) -> Any:
    half = x / 2
    term = half**n / math.factorial(n)
    total = term.copy()
    k = 1
    while np.any(np.abs(term) > 1e-18 * np.abs(total)) and k < 500:
        term = term * (half / k) * (half / (k + n))
        total = total + term
        k += 1
    return total


def _bessel_far(x: Any, n: int) -> Any:
    size = np.abs(x)
    term, total = np.ones_like(size), np.ones_like(size)
    for k in range(1, 30):
        term = -term * (4 * n * n - (2 * k - 1) ** 2) / (8 * k * size)
        total = total + term
    with np.errstate(over="ignore"):
        grown = np.exp(size / 2)
        value = grown * (total / np.sqrt(2 * math.pi * size)) * grown
    return value if n % 2 == 0 else np.sign(x) * value


rule(np.i0, bessel_i(x, 1), source="DLMF 10.29.3")
rule(
    bessel_i, (bessel_i(x, abs(y - 1)) + bessel_i(x, y + 1)) / 2, None, sample=((-2, 2), (1, 1)), source="DLMF 10.29.1"
)


def _angle(z: Any, deg: bool = False) -> Any:
    turned = np.arctan2(np.imag(z), np.real(z)) if dtype_of(z).kind == "c" else np.arctan2(np.zeros_like(z), z)
    return turned * (180 / math.pi) if deg else turned


def _real_if_close(a: Any, tol: float = 100) -> Any:
    return np.real(a) if np.isrealobj(np.real_if_close(bare(a), tol)) else a


composite(np.angle, _angle)
composite(np.real_if_close, _real_if_close, asks=True)

# ---------------------------------------------------------------------- np.emath: complex where it has to be


_SINGLE = "fFbBhH"
"""The dtypes, by their letters, that become complex64; all others become complex128."""


def _complex_where(x: Any, outside: Function) -> Any:
    """`x`, made complex if any real number in it lies outside the real domain."""
    x = as_full(x)
    plain = bare(x)
    if not np.any(np.isreal(plain) & outside(plain)):
        return x
    return in_dtype(x, np.complex64 if plain.dtype.char in _SINGLE else np.complex128)


def _negative(x: Any) -> Any:
    return np.real(x) < 0


def _beyond_one(x: Any) -> Any:
    return np.abs(x) > 1


def _widening(name: str, ordinary: Function, outside: Function) -> None:
    """Row of a function of np.emath: `ordinary`, of complex numbers if any number lies outside the real domain."""
    composite(getattr(np.emath, name), lambda x: ordinary(_complex_where(x, outside)), asks=True)


_from_zero: dict[str, Function] = {"sqrt": np.sqrt, "log": np.log, "log2": np.log2, "log10": np.log10}
_up_to_one: dict[str, Function] = {"arccos": np.arccos, "arcsin": np.arcsin, "arctanh": np.arctanh}
for _name, _ordinary in _from_zero.items():
    _widening(_name, _ordinary, _negative)
for _name, _ordinary in _up_to_one.items():
    _widening(_name, _ordinary, _beyond_one)


def _logn(n: Any, x: Any) -> Any:
    return np.log(_complex_where(x, _negative)) / np.log(_complex_where(n, _negative))


def _power(x: Any, p: Any) -> Any:
    x, p = _complex_where(x, _negative), as_full(p)
    return np.power(x, p * 1.0 if np.any(bare(p) < 0) else p)  # whole numbers have no negative powers


composite(np.emath.logn, _logn, asks=True)
composite(np.emath.power, _power, asks=True)

# ---------------------------------------------------------------------- NumPy's second names

composite(np.amax, lambda a, *args, **kwargs: np.max(a, *args, **kwargs))
composite(np.amin, lambda a, *args, **kwargs: np.min(a, *args, **kwargs))
composite(np.around, lambda a, decimals=0, out=None: np.round(a, decimals), asks=True)
if hasattr(np, "astype"):  # NumPy 2.1
    composite(np.astype, lambda x, dtype, /, *, copy=True, device=None: x.astype(dtype, copy=copy), asks=True)
composite(
    np.full_like,
    lambda a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None: _full_like(
        a, fill_value, dtype, shape
    ),
    asks=True,
)


def _full_like(a: Any, fill_value: Any, dtype: Any, shape: Any) -> Any:
    shape = np.shape(a) if shape is None else shape
    dtype = dtype_of(a) if dtype is None else dtype
    return in_dtype(np.broadcast_to(as_full(fill_value), shape), dtype)
