"""Functions of a floating-point number's parts and neighbours: exponent, fraction, the next number, whole quotient."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import symbols
from chainrule.rules.rule import as_full, both_in, composite, constant, dtype_of, in_dtype, rule, takes_dtype
from chainrule.rules.untracked import plain_array

x, y = symbols("x y")

rule(np.nextafter, 1, 0, smooth=np.not_equal(x, y), source="the number itself, moved by one unit in its last place")
constant(np.spacing, because="it changes in steps, from one power of two to the next")


def _ldexp(x1: Any, x2: Any, *, dtype: Any = None) -> Any:
    return _scaled(x1 if dtype is None else in_dtype(x1, dtype), plain_array(x2))


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
    _, exponent = np.frexp(plain_array(x))
    return np.ldexp(x, -exponent), exponent[()]


composite(np.modf, _modf, asks=True)
composite(np.frexp, _frexp, asks=True)
