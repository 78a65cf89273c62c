"""Functions that leave NaN entries aside, and the one that replaces them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.options import WITH_OPTIONS, number_left, root_of_variance
from chainrule.rules.rule import composite, dtype_of, in_dtype
from chainrule.rules.untracked import fixed, seen


def _present(a: Any, where: Any) -> Any:
    """The mask of entries that count."""
    return ~np.isnan(a) if where is None or where is True else ~np.isnan(a) & fixed(where)


def _filled(a: Any, value: float) -> Any:
    return np.where(np.isnan(a), value, a)


def _nansum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = 0,
    where: Any = True,
) -> Any:
    return WITH_OPTIONS[np.sum](a, axis, dtype, None, keepdims, initial, _present(a, where))


def _nanprod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    return WITH_OPTIONS[np.prod](a, axis, dtype, None, keepdims, initial, _present(a, where))


def _extreme(function: Function, least: float) -> Function:
    def extreme(
        a: Any, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
    ) -> Any:
        present = _present(a, where)
        result = WITH_OPTIONS[function](a, axis, None, keepdims, least if initial is None else initial, present)
        if initial is None:
            empty = ~np.any(present, axis=axis, keepdims=keepdims)
            if not seen(empty) or np.any(empty):
                result = np.where(empty, np.nan, result)
        return result

    return extreme


largest_present, smallest_present = _extreme(np.max, -np.inf), _extreme(np.min, np.inf)


def _nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    present = _present(a, where)
    total = WITH_OPTIONS[np.sum](a, axis, dtype, keepdims=keepdims, where=present)
    return total / number_left(a, axis, keepdims, present)


def _nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    present = _present(a, where)
    filled = np.where(present, a, 0)
    if mean is None:
        mean = _nanmean(a, axis, dtype, None, True, where=where)
    centred = np.where(present, in_dtype(filled - mean, dtype_of(a)), 0)
    squares = np.square(centred) if dtype_of(a).kind != "c" else np.real(centred * np.conjugate(centred))
    degrees = number_left(a, axis, keepdims, present) - (ddof if correction is None else correction)
    total = np.sum(squares, axis=axis, dtype=dtype, keepdims=keepdims)
    return np.where(degrees <= 0, np.nan, total / np.where(degrees <= 0, 1, degrees))


def _nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    return root_of_variance(
        _nanvar(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction)
    )


def _nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumsum(_filled(a, 0.0), axis=axis, dtype=dtype)


def _nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumprod(_filled(a, 1.0), axis=axis, dtype=dtype)


composite(np.nansum, _nansum, asks=True)
composite(np.nanprod, _nanprod, asks=True)
composite(np.nanmax, largest_present, asks=True)
composite(np.nanmin, smallest_present, asks=True)
composite(np.nanmean, _nanmean, asks=True)
composite(np.nanvar, _nanvar, asks=True)
composite(np.nanstd, _nanstd, asks=True)
composite(np.nancumsum, _nancumsum, asks=True)
composite(np.nancumprod, _nancumprod, asks=True)


def _nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    limits = np.finfo(dtype_of(x))
    if dtype_of(x).kind == "c":
        options = {"nan": nan, "posinf": posinf, "neginf": neginf}
        return _nan_to_num(np.real(x), **options) + 1j * _nan_to_num(np.imag(x), **options)
    x = np.where(np.isnan(x), nan, x)
    x = np.where(np.isposinf(x), float(limits.max) if posinf is None else posinf, x)
    return np.where(np.isneginf(x), float(limits.min) if neginf is None else neginf, x)


composite(np.nan_to_num, _nan_to_num, asks=True)
