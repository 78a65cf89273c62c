"""Functions that rearrange entries: reshape, transpose, index, join. All are linear; a transpose puts entries back."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.axes import along, one_axis
from chainrule.rules.function import dispatched, is_lazy, overrides
from chainrule.rules.lazy import LazyShape, reshaped, scattered, shape_of
from chainrule.rules.rule import Shaped, as_array, composite, dtype_of, explicit, linear
from chainrule.rules.untracked import plain_array

getitem = operator.getitem


def _back(g: Any, x: Shaped, *args: Any, **kwargs: Any) -> Any:
    return np.reshape(g, x.shape)


def _same(g: Any, x: Shaped, *args: Any, **kwargs: Any) -> Any:
    return g


linear(np.expand_dims, _back)
linear(np.squeeze, _back)
linear(np.broadcast_to, _same)  # the engine sums a cotangent over broadcast axes
linear(np.copy, _same)
linear(np.swapaxes, lambda g, x, axis1, axis2: np.swapaxes(g, axis1, axis2))
linear(np.moveaxis, lambda g, x, source, destination: np.moveaxis(g, destination, source))
linear(np.flip, lambda g, x, axis=None: np.flip(g, axis))
linear(np.roll, lambda g, x, shift, axis=None: np.roll(g, np.negative(shift), axis))
linear(np.transpose, lambda g, x, axes=None: np.transpose(g, _inverse(axes, x.ndim)))


def _reshaping(function: Function, order_of: Callable[..., str]) -> None:
    """Row of a function that reads entries in an order: of rows, of columns, or that of `x` in memory (A, K).

    Cotangents and tangents may lie in memory in other ways than `x`, so they follow the order of its axes.
    """

    def reverse(out: Any, operands: Any, tracked: Any, *args: Any, **kwargs: Any) -> Callable[[Any], tuple[Any]]:
        shape = np.shape(operands[0])
        axes, order = _reading(operands[0], order_of(*args, **kwargs))
        if axes is None:
            return lambda g: (_reshaped(g, shape, order),)
        turned = [shape[axis] for axis in axes]
        return lambda g: (np.transpose(np.reshape(g, turned), _inverse(axes, len(axes))),)

    def forward(out: Any, operands: Any, tangents: Any, *args: Any, **kwargs: Any) -> Any:
        axes, order = _reading(operands[0], order_of(*args, **kwargs))
        tangent = tangents[0] if axes is None else np.transpose(tangents[0], axes)
        return _reshaped(tangent, np.shape(out), order)

    explicit(function, 1, reverse, forward, moves=True, linear=True)


def _reshaped(a: Any, shape: tuple[int, ...], order: str) -> Any:
    """np.reshape with an order, C or F, for arrays of other libraries too, whose reshape has none."""
    if is_lazy(a):
        return reshaped(a, shape, order)
    return np.reshape(a, shape) if order == "C" else np.transpose(np.reshape(np.transpose(a), shape[::-1]))


def _reading(x: Any, order: str) -> tuple[list[int] | None, Any]:
    """The order, C or F, in which entries are read after the axes have been put in this sequence."""
    if order in ("C", "F", None):
        return None, order or "C"
    array = plain_array(x)
    if order == "A":
        return None, "F" if array.flags.fnc else "C"
    return _axes_in_memory(array), "C"


def _axes_in_memory(array: Any) -> list[int]:
    """The axes of an array, the slowest first, in the order in which NumPy walks through its memory.

    NumPy's iterator says it, for where strides are 0 no sorting does: the step at which a corner of two entries along
    every axis reaches the second entry of an axis is the later, the slower the axis.
    """
    corner = array[tuple([slice(2) if step >= 0 else slice(None, -3, -1) for step in array.strides])]
    steps = np.nditer(corner, flags=["c_index", "zerosize_ok"])
    reached = {steps.index: count for count, _ in enumerate(steps)}  # noqa: B035
    places = np.arange(corner.size).reshape(corner.shape)
    first = np.zeros(array.ndim, int)

    def step_to(axis: int) -> int:
        if corner.shape[axis] < 2 or not corner.size:
            return 0
        second = first.copy()
        second[axis] = 1
        return reached[int(places[tuple(second)])]

    return sorted(range(array.ndim), key=lambda axis: -step_to(axis))


_reshaping(np.reshape, lambda shape=None, order="C", *, copy=None: order)
_reshaping(np.ravel, lambda order="C": order)


def _inverse(axes: Sequence[int] | None, ndim: int) -> Any:
    """The permutation that undoes `axes`."""
    return None if axes is None else np.argsort([axis % ndim for axis in axes]).tolist()


@dispatched(lazy=True)
def scatter(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of the given shape with `g` added at `index`: the transpose of indexing. An index may repeat.

    >>> import numpy as np
    >>> scatter(np.array([1.0, 2.0, 3.0]), np.array([0, 2, 0]), (3,))
    array([4., 0., 2.])
    """
    for part in index if type(index) is tuple else ():
        if type(part) is not np.ndarray and overrides(part) and not is_lazy(part):
            return part.__array_function__(scatter, (type(part),), (g, index, shape), {})
    if type(shape) is LazyShape or (type(g) is not np.ndarray and is_lazy(g)):
        return scattered(g, index, shape)
    result = np.zeros(shape, dtype=dtype_of(g))
    if repeats(index):
        np.add.at(result, index, g)
    else:
        result[index] = g
    return result


def repeats(index: Any) -> bool:
    """Whether `index` may name the same entry twice: only integer arrays (or lists) may."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, (list, np.ndarray)) and np.asarray(part).dtype != bool for part in parts)


def indexed(x: Any, index: Any) -> Any:
    """`x[index]`, which a program notes also where only the index is its own."""
    for part in index if type(index) is tuple else (index,):
        if type(x) is np.ndarray and type(part) is not np.ndarray and overrides(part):
            return part.__array_function__(getitem, (type(part),), (x, index), {})
    return x[index]


def _getitem_reverse(out: Any, operands: Any, tracked: Any, index: Any) -> Callable[[Any], tuple[Any]]:
    shape = shape_of(operands[0])
    return lambda g: (scatter(g, index, shape),)


explicit(
    getitem, 1, _getitem_reverse, lambda out, operands, tangents, index: indexed(tangents[0], index),
    moves=True, selects=True, linear=True,
)  # fmt: skip
linear(scatter, lambda g, x, index, shape: indexed(g, index))


def _joining(function: Function, take: Callable[..., list[Any]]) -> None:
    """Row of a function that joins a sequence of arrays; `take` cuts a cotangent into the operands' parts."""

    def reverse(out: Any, operands: Any, tracked: Any, *args: Any, **kwargs: Any) -> Callable[[Any], tuple[Any, ...]]:
        shapes = [np.shape(operand) for operand in operands]

        def pull(g: Any) -> tuple[Any, ...]:
            parts = take(g, shapes, *args, **kwargs)
            return tuple(parts[i] for i in tracked)

        return pull

    def forward(out: Any, operands: Any, tangents: Any, *args: Any, **kwargs: Any) -> Any:
        whole = [np.zeros_like(x) if dx is None else dx for x, dx in zip(operands, tangents, strict=True)]
        return function(whole, *args, **kwargs)

    explicit(function, -1, reverse, forward, moves=True)


def _cut_concatenated(g: Any, shapes: list[tuple[int, ...]], axis: int | None = 0, **kwargs: Any) -> list[Any]:
    if axis is None:
        sizes = [int(np.prod(shape)) for shape in shapes]
        ends = np.cumsum(sizes)
        return [np.reshape(g[end - size : end], shape) for end, size, shape in zip(ends, sizes, shapes, strict=True)]
    before = (slice(None),) * (axis % len(shapes[0]))
    ends = np.cumsum([shape[axis] for shape in shapes])
    return [g[(*before, slice(end - shape[axis], end))] for end, shape in zip(ends, shapes, strict=True)]


def _cut_stacked(g: Any, shapes: list[tuple[int, ...]], axis: int = 0, **kwargs: Any) -> list[Any]:
    before = (slice(None),) * (axis % (len(shapes[0]) + 1))
    return [g[(*before, i)] for i in range(len(shapes))]


_joining(np.concatenate, _cut_concatenated)
_joining(np.stack, _cut_stacked)

def several_axes(a: Any, *args: Any, **kwargs: Any) -> bool:
    """Whether an array has an order of axes: the functions that always make new arrays need not ask about vectors."""
    return np.ndim(a) > 1


composite(np.vstack, lambda tup, **kwargs: np.concatenate([_as_matrix(part) for part in tup], axis=0, **kwargs))
composite(np.hstack, lambda tup, **kwargs: _hstack(tup, **kwargs))
composite(
    np.atleast_1d, lambda *arrays: each(arrays, lambda a: np.reshape(a, (1,)) if np.ndim(a) == 0 else a), asks=True
)
composite(np.atleast_2d, lambda *arrays: each(arrays, _as_matrix), asks=True)
composite(np.append, lambda arr, values, axis=None: _append(arr, values, axis))
composite(np.split, lambda ary, indices_or_sections, axis=0: _split(ary, indices_or_sections, axis), asks=True)
composite(np.matrix_transpose, lambda x: np.swapaxes(x, -1, -2), asks=True)
composite(
    np.take,
    lambda a, indices, axis=None, out=None, mode="raise": _take(a, indices, axis, mode),
    asks=several_axes,
)


def _append(arr: Any, values: Any, axis: int | None) -> Any:
    if axis is None:
        return np.concatenate([np.ravel(arr), np.ravel(values)])
    return np.concatenate([arr, values], axis=axis)


def _take(a: Any, indices: Any, axis: int | None, mode: str) -> Any:
    a = np.ravel(a) if axis is None or np.ndim(a) == 0 else a
    axis = 0 if axis is None else one_axis(axis, np.ndim(a))
    shape = (*np.shape(a)[:axis], *np.shape(indices), *np.shape(a)[axis + 1 :])
    if 0 in shape and getattr(indices, "dtype", np.dtype(int)).kind in "biu":
        # There is nothing to take, and NumPy does not look at the positions.
        return np.reshape(a[along(axis, np.ndim(a), slice(0, 0))], shape)
    if mode != "raise" or type(indices) is not np.ndarray or indices.dtype != np.intp:
        places: Any = np.arange(np.shape(a)[axis])
        indices = places.take(indices, mode=mode)  # which positions, NumPy knows
    return a[along(axis, np.ndim(a), indices)]


def each(arrays: tuple[Any, ...], change: Function) -> Any:
    changed = tuple(change(np.stack(a) if isinstance(a, list | tuple) else a) for a in arrays)
    return changed[0] if len(changed) == 1 else changed


def _as_matrix(a: Any) -> Any:
    return a if np.ndim(a) >= 2 else np.reshape(a, (1, -1))


def _hstack(tup: Sequence[Any], **kwargs: Any) -> Any:
    parts = [np.reshape(part, (1,)) if np.ndim(part) == 0 else part for part in tup]
    return np.concatenate(parts, axis=0 if np.ndim(parts[0]) == 1 else 1, **kwargs)


def _split(ary: Any, sections: Any, axis: int) -> list[Any]:
    ary = as_array(ary)
    positions = np.split(np.arange(np.shape(ary)[axis]), plain_array(sections))
    before = (slice(None),) * one_axis(axis, np.ndim(ary))
    bounds = [(int(p[0]), int(p[-1]) + 1) if len(p) else (0, 0) for p in positions]
    return [ary[(*before, slice(*bound))] for bound in bounds]
