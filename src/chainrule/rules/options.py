"""The arguments where= and initial= of reductions, by the same reductions without them.

Entries left out take the reduction's neutral value first; the initial value joins last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.axes import refuse_unless, sized, some_axes
from chainrule.rules.reductions import count
from chainrule.rules.rule import composite, dtype_of, in_dtype
from chainrule.rules.tips import root
from chainrule.rules.untracked import fixed, plain_array, seen

WITH_OPTIONS: dict[Function, Function] = {}
"""For each reduction, its definition for calls with where= or initial=."""


def _kept(where: Any, a: Any, neutral: Any) -> Any:
    return a if where is True else np.where(fixed(where), a, neutral)


def _sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = 0,
    where: Any = True,
) -> Any:
    return np.sum(_kept(where, a, 0), axis=axis, dtype=dtype, keepdims=keepdims) + initial


def _prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    return np.prod(_kept(where, a, 1), axis=axis, dtype=dtype, keepdims=keepdims) * initial


def _extreme(function: Function, joined: Function) -> Function:
    def extreme(
        a: Any, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
    ) -> Any:
        if initial is None:
            return function(a, axis=axis, keepdims=keepdims)
        if sized(np.shape(a)) == 0:
            return _sum(a, axis, keepdims=keepdims) + initial
        # Entries left out become ∓∞, which the initial value beats, so a slice without any is that value.
        a = _kept(where, a, -np.inf if function is np.max else np.inf)
        return joined(function(a, axis=axis, keepdims=keepdims), initial)

    return extreme


def number_left(a: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    """How many entries are left in each slice: an integer, or an array of them where a mask says which."""
    if where is True:
        return count(np.shape(a), axis)
    return np.sum(np.broadcast_to(fixed(where), np.shape(a)), axis=axis, keepdims=keepdims, dtype=np.intp)


def _mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    if dtype is None and dtype_of(a) == np.float16:  # NumPy adds up half precision in single
        return in_dtype(_mean(a, axis, np.float32, None, keepdims, where=where), np.float16)
    total = _sum(a, axis, dtype, keepdims=keepdims, where=where)
    return in_dtype(total / number_left(a, axis, keepdims, where), dtype_of(total))


def _var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        return np.var(
            plain_array(a), axis, dtype, None, ddof, keepdims, where=where, **_given(mean=mean, correction=correction)
        )
    refuse_unless(correction is None or ddof == 0)
    if axis is not None and where is True:
        some_axes(axis, np.ndim(a))  # unlike a sum's, the axes of a number are refused
    if mean is None:
        total = _sum(a, axis, dtype, keepdims=True, where=where)
        mean = in_dtype(total / number_left(a, axis, True, where), dtype_of(total))
    centred = a - mean
    squares = np.square(centred)
    if dtype_of(a).kind == "c":
        squares = np.square(np.real(centred)) + np.square(np.imag(centred))
    total = _sum(squares, axis, dtype, keepdims=keepdims, where=where)
    divisor = number_left(a, axis, keepdims, where) - (ddof if correction is None else correction)
    unseen = not seen(divisor)
    divisor = np.maximum(divisor, 0) if unseen or np.ndim(divisor) else max(divisor, 0)
    if not unseen and not np.ndim(divisor) and not divisor:
        divisor = np.float64(0.0)  # no degree of freedom: NaN or infinity, not Python's ZeroDivisionError
    return in_dtype(total / divisor, dtype_of(total))


def _given(**options: Any) -> dict[str, Any]:
    """The options that are not None, without tracking."""
    return {name: plain_array(value) for name, value in options.items() if value is not None}


def root_of_variance(variance: Any) -> Any:
    """The square root; at 0, where all entries are equal, it is the tip of a cone: the mean of opposite slopes, 0."""
    if seen(variance) and np.all(variance):
        return np.sqrt(variance)  # a tenth of the time of the gradient of a standard deviation
    return root(variance)


def _std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        return np.std(
            plain_array(a), axis, dtype, None, ddof, keepdims, where=where, **_given(mean=mean, correction=correction)
        )
    variance = _var(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction)
    if mean is None and where is True and count(np.shape(a), axis) == 1:
        return variance  # one entry does not deviate from itself: 0 as well, and no tip of a cone
    return root_of_variance(variance)


WITH_OPTIONS.update(
    {
        np.sum: _sum,
        np.prod: _prod,
        np.max: _extreme(np.max, np.maximum),
        np.min: _extreme(np.min, np.minimum),
        np.mean: _mean,
        np.var: _var,
        np.std: _std,
    }
)
composite(np.var, _var)
composite(np.std, _std)
