"""The functions of np.emath, whose results are complex where they have to be."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.rule import as_full, composite, in_dtype
from chainrule.rules.untracked import plain_array

_SINGLE = "fFbBhH"
"""The dtypes, by their letters, that become complex64; all others become complex128."""


def _complex_where(x: Any, outside: Function) -> Any:
    """`x`, made complex if any real number in it lies outside the real domain."""
    x = as_full(x)
    plain = plain_array(x)
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
    return np.power(x, p * 1.0 if np.any(plain_array(p) < 0) else p)  # whole numbers have no negative powers


composite(np.emath.logn, _logn, asks=True)
composite(np.emath.power, _power, asks=True)
