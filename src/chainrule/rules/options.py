"""The arguments where= and initial= of reductions, by the same reductions without them.

Entries left out take the reduction's neutral value first; the initial value joins last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.reductions import count
from chainrule.rules.rule import composite, dtype_of
from chainrule.rules.steps import bare

WITH_OPTIONS: dict[Function, Function] = {}
"""For each reduction, its definition for calls with where= or initial=."""


def _kept(where: Any, a: Any, neutral: Any) -> Any:
    return a if where is True else np.where(bare(where), a, neutral)


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
            if where is not True:
                raise ValueError(f"np.{function.__name__} with where= needs initial=, the result where nothing is left")
            return function(a, axis=axis, keepdims=keepdims)
        if np.size(a) == 0 or where is not True:
            # Entries left out become the initial value, so a slice without any is that value.
            if np.size(a) == 0:
                return _sum(a, axis, keepdims=keepdims) + initial
            least = -np.inf if function is np.max else np.inf
            a = _kept(where, a, least)
        return joined(function(a, axis=axis, keepdims=keepdims), initial)

    return extreme


def _number(a: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    """How many entries are left in each slice."""
    if where is True:
        return count(np.shape(a), axis)
    counts = np.sum(np.broadcast_to(bare(where), np.shape(a)), axis=axis, keepdims=keepdims)
    return np.asarray(counts).astype(np.real(np.zeros(0, dtype_of(a))).dtype)[()]


def _mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    return _sum(a, axis, dtype, keepdims=keepdims, where=where) / _number(a, axis, keepdims, where)


def _centred(a: Any, axis: Any, where: Any, mean: Any) -> Any:
    return _kept(where, a - (_mean(a, axis, keepdims=True, where=where) if mean is None else mean), 0)


def _var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    centred = _centred(a, axis, where, mean)
    squares = np.square(centred)
    if dtype_of(a).kind == "c":
        squares = np.square(np.real(centred)) + np.square(np.imag(centred))
    divisor = _number(a, axis, keepdims, where) - (ddof if correction is None else correction)
    result = np.sum(squares, axis=axis, keepdims=keepdims) / (
        np.maximum(divisor, 0) if np.ndim(divisor) else max(divisor, 0)
    )
    return result if dtype is None else result.astype(dtype)


def root_of_variance(variance: Any) -> Any:
    """The square root; at 0, where all entries are equal, it is the tip of a cone: the mean of opposite slopes, 0."""
    constant = variance == 0
    if not constant.any():
        return np.sqrt(variance)
    return np.where(constant, 0.0, np.sqrt(np.where(constant, 1.0, variance)))


def _std(a: Any, *args: Any, **kwargs: Any) -> Any:
    return root_of_variance(_var(a, *args, **kwargs))


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
