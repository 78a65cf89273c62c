"""The methods of ufuncs: reduce, accumulate, reduceat, outer, each defined by other NumPy functions.

A few reductions are functions of their own (`np.add.reduce` is np.sum). Any other binary ufunc is applied entry after
entry, as its definition says.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.axes import reduced_axes, sized
from chainrule.rules.ignoring_nan import largest_present, smallest_present
from chainrule.rules.memory import add_at
from chainrule.rules.options import WITH_OPTIONS
from chainrule.rules.rule import as_full, in_dtype
from chainrule.rules.shaping import scatter
from chainrule.rules.untracked import fixed, plain_array, seen

_missing: Any = object()


def _log_of_sums(base: float) -> Function:
    """log Σ bˣ to the base b, with the largest term taken out so that nothing overflows."""
    power, logarithm = (np.exp, np.log) if base == np.e else (np.exp2, np.log2)

    def reduce(a: Any, axis: Any = 0, keepdims: bool = False) -> Any:
        largest = np.max(plain_array(a), axis=axis, keepdims=True, initial=-np.inf)
        largest = np.where(np.isfinite(largest), largest, 0)
        with np.errstate(divide="ignore"):  # a sum of nothing is 0, whose logarithm -inf is right
            total = logarithm(np.sum(power(a - largest), axis=axis, keepdims=True)) + largest
        if keepdims:
            return total
        return np.squeeze(total, reduced_axes(axis, np.ndim(a)))

    return reduce


_REDUCTIONS: dict[np.ufunc, Function] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.fmax: largest_present,  # np.nanmax warns of slices of NaN alone, fmax does not
    np.fmin: smallest_present,
    np.logaddexp: _log_of_sums(np.e),
    np.logaddexp2: _log_of_sums(2.0),
    np.hypot: lambda a, axis=0, keepdims=False: _root_of_squares(a, axis, keepdims),
}


def _root_of_squares(a: Any, axis: Any, keepdims: bool) -> Any:
    """√Σa² over any axes: the norm of the slices as vectors."""
    axes = reduced_axes(axis, np.ndim(a))
    if not axes:
        return np.abs(a)
    rest = [k for k in range(np.ndim(a)) if k not in axes]
    kept = tuple(np.shape(a)[k] for k in rest)
    rows = np.reshape(np.transpose(a, (*rest, *axes)), (*kept, sized([np.shape(a)[k] for k in axes])))
    total = np.linalg.norm(rows, axis=-1)
    beyond = np.isinf(fixed(rows)).any(axis=-1)
    if not seen(beyond) or beyond.any():  # hypot(inf, NaN) is inf: so it would be whatever the NaN stands for
        total = np.where(beyond & np.isnan(fixed(total)), np.inf, total)
    return np.expand_dims(total, axes) if keepdims else total


def _reduce(
    ufunc: np.ufunc, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False,
    initial: Any = _missing, where: Any = True,
) -> Any:  # fmt: skip
    if dtype is not None:
        array = in_dtype(array, dtype)
    named = _REDUCTIONS.get(ufunc)
    plain_call = initial is _missing and where is True
    if named is not None and plain_call:
        return named(array, axis=axis, keepdims=keepdims)
    if named in WITH_OPTIONS:
        options = {} if initial is _missing else {"initial": initial}
        return WITH_OPTIONS[named](array, axis=axis, keepdims=keepdims, where=where, **options)
    shape = np.shape(array)
    axes = reduced_axes(axis, len(shape))
    moved = np.moveaxis(array, axes, range(len(axes)))
    moved = np.reshape(moved, (sized(np.shape(moved)[: len(axes)]), *np.shape(moved)[len(axes) :]))
    kept = None
    if where is not True:
        kept = np.moveaxis(np.broadcast_to(plain_array(where), shape), axes, range(len(axes))).reshape(np.shape(moved))
    total = ufunc.identity if initial is _missing and kept is not None else initial
    for k in range(np.shape(moved)[0]):
        joined = moved[k] if total is _missing else ufunc(total, moved[k])
        total = joined if kept is None else np.where(kept[k], joined, total)
    if total is _missing:  # an empty axis
        total = np.broadcast_to(ufunc.reduce(np.zeros(0)), np.shape(moved)[1:])
    return np.reshape(total, [1 if k in axes else n for k, n in enumerate(shape)]) if keepdims else total


def _single(axis: Any) -> int:
    """The axis of accumulate and reduceat: None is the only one, a tuple holds one."""
    return 0 if axis is None else axis if np.ndim(axis) == 0 else axis[0]


def _accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    if dtype is not None:
        array = in_dtype(array, dtype)
    axis = _single(axis)
    if ufunc is np.add:
        return np.cumsum(array, axis=axis)
    if ufunc is np.multiply:
        return np.cumprod(array, axis=axis)
    rows = np.moveaxis(array, axis, 0)
    if ufunc in (np.maximum, np.minimum):
        winners = _running_winners(ufunc, plain_array(rows))
        if winners is not None:
            return np.moveaxis(np.take_along_axis(rows, winners, 0), 0, axis)
    results: list[Any] = []
    for k in range(np.shape(rows)[0]):
        results.append(ufunc(results[-1], rows[k]) if results else rows[k])
    return np.moveaxis(np.stack(results), 0, axis) if results else array


def _running_winners(ufunc: np.ufunc, values: Any) -> Any:
    """For each entry the position of the running maximum (or minimum) so far; None where entries tie, or one is NaN."""
    if len(values) == 0:
        return None
    running = ufunc.accumulate(values)
    new = np.ones(values.shape, bool)
    new[1:] = values[1:] != running[:-1]
    tied = ~new[1:] if len(values) > 1 else new[:0]
    if tied.any() or np.isnan(values).any():
        return None
    wins = values == running
    wins[1:] &= running[1:] != running[:-1]
    places = np.reshape(np.arange(len(values)), (-1, *(1,) * (values.ndim - 1)))
    return np.maximum.accumulate(np.where(wins, places, 0))


def _reduceat(ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    if dtype is not None:
        array = in_dtype(array, dtype)
    axis = _single(axis)
    rows = np.moveaxis(array, axis, 0)
    n = np.shape(rows)[0]
    starts = np.asarray(indices)
    ends = np.append(starts[1:], n)
    if ufunc is np.add and np.all(starts < ends):
        labels = np.repeat(np.arange(len(starts)), ends - starts)
        result = scatter(rows[int(starts[0]) :], labels, (len(starts), *np.shape(rows)[1:]))
    else:
        parts = [
            _reduce(ufunc, rows[int(s) : int(e)]) if s + 1 < e else rows[int(s)]
            for s, e in zip(starts, ends, strict=True)
        ]
        result = np.stack(parts)
    return np.moveaxis(result, 0, axis)


def _outer(ufunc: np.ufunc, left: Any, right: Any, **kwargs: Any) -> Any:
    left, right = as_full(left), as_full(right)
    return ufunc(np.reshape(left, np.shape(left) + (1,) * np.ndim(right)), right, **kwargs)


def _at(ufunc: np.ufunc, array: Any, indices: Any, *operands: Any) -> None:
    """`array[indices] = ufunc(array[indices], operand)`, one entry after another where an index repeats."""
    if ufunc in (np.add, np.subtract):
        (operand,) = operands
        array[...] = add_at(array, operand if ufunc is np.add else -operand, indices)
        return
    if not np.ndim(array):
        array, indices = np.reshape(array, 1), slice(None)
    shape = np.shape(array)
    places = np.arange(np.size(array)).reshape(shape)[indices]
    values = [np.ravel(np.broadcast_to(operand, np.shape(places))) for operand in operands]
    places = np.ravel(places)
    order = np.argsort(places, kind="stable")
    sorted_places = places[order]
    first = np.searchsorted(sorted_places, sorted_places)
    turn = np.empty_like(places)
    turn[order] = np.arange(places.size) - first  # how often the entry has come before
    for k in range(int(turn.max(initial=-1)) + 1):
        now = np.flatnonzero(turn == k)
        index = np.unravel_index(places[now], shape)
        array[index] = ufunc(array[index], *(value[now] for value in values))


METHODS: dict[str, Function] = {
    "reduce": _reduce, "accumulate": _accumulate, "reduceat": _reduceat, "outer": _outer, "at": _at,
}  # fmt: skip
