"""Functions that reduce arrays along axes: sum, mean, max, min and what is built of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.formula.expression import Function, call
from chainrule.rules.axes import Axis, reduced_axes
from chainrule.rules.rule import Shaped, composite, explicit, linear
from chainrule.rules.untracked import seen


def restored(g: Any, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """`g`, the result of a reduction over `axis`, with the reduced axes back as axes of length one."""
    if axis is None:
        return np.reshape(g, (1,) * len(shape)) if g.ndim and g.ndim != len(shape) else g
    if keepdims:
        return g
    if type(axis) is int and type(g) is np.ndarray and g.ndim == len(shape) - 1:  # a third of the time
        return g.reshape((*shape[:axis], 1, *shape[axis:][1:]))
    reduced = reduced_axes(axis, len(shape))
    return np.reshape(g, tuple(1 if a in reduced else n for a, n in enumerate(shape)))


def count(shape: tuple[int, ...], axis: Axis) -> int:
    """How many entries each entry of the result sums."""
    return math.prod(shape) if axis is None else math.prod([shape[a] for a in reduced_axes(axis, len(shape))])


def _sum_back(g: Any, x: Shaped, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    return restored(g, x.shape, axis, keepdims)


def _mean_back(g: Any, x: Shaped, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    return restored(g, x.shape, axis, keepdims) / count(x.shape, axis)


linear(np.sum, _sum_back, source="sum rule", slope=lambda count: 1)
linear(np.mean, _mean_back, source="sum rule", slope=lambda count: call(np.divide, 1, count))


def _cumsum_back(g: Any, x: Shaped, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(np.ravel(g)))), x.shape)
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


linear(np.cumsum, _cumsum_back, source="sum rule")


def _extremum(function: Function) -> None:
    """Row of max or min: the slope 1 is shared equally by the entries that attain it."""

    def shares(out: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
        hit = x == restored(out, np.shape(x), axis, keepdims)
        if not seen(x):
            hit = hit | (x != x)
            return hit, np.sum(hit, axis=axis, keepdims=True)
        if np.count_nonzero(hit) == out.size and np.count_nonzero(out == out) == out.size:
            return hit, None  # one for each, since each has one; counting them takes as long as all the rest
        ties = np.add.reduce(hit, axis=axis, keepdims=True)  # a third of the time of np.sum
        if np.count_nonzero(ties) < ties.size:  # a NaN equals nothing, but it is what made the result NaN
            hit = hit | (x != x)
            ties = np.add.reduce(hit, axis=axis, keepdims=True)
        return hit, ties

    def reverse(
        out: Any, operands: Any, tracked: Any, axis: Axis = None, out_: Any = None, keepdims: bool = False
    ) -> Callable[[Any], tuple[Any, ...]]:
        hit, ties = shares(out, operands[0], axis, keepdims)
        shape = np.shape(operands[0])

        def pull(g: Any) -> tuple[Any, ...]:
            g = restored(g, shape, axis, keepdims)
            return (np.where(hit, g if ties is None else g / ties, 0.0),)

        return pull

    def forward(
        out: Any, operands: Any, tangents: Any, axis: Axis = None, out_: Any = None, keepdims: bool = False
    ) -> Any:
        hit, ties = shares(out, operands[0], axis, keepdims)
        moved = tangents[0] if ties is None else tangents[0] / ties
        return np.sum(np.where(hit, moved, 0.0), axis=axis, keepdims=keepdims)

    explicit(function, 1, reverse, forward, moves=True, selects=True, source="the mean of the equal entries' slopes")


_extremum(np.max)
_extremum(np.min)


def _ptp(a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


composite(np.ptp, _ptp)
