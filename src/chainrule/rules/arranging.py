"""Functions that arrange entries anew: repeat, tile, rotate, insert, delete, split, take diagonals and triangles.

Most are indexing in disguise: what NumPy does to the positions 0, 1, 2, … says which entry goes where.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.axes import along, one_axis, refuse_unless, sized, some_axes
from chainrule.rules.function import dispatched, is_lazy
from chainrule.rules.lazy import scattered
from chainrule.rules.rule import Shaped, as_array, composite, dtype_of, in_dtype, linear
from chainrule.rules.shaping import each, scatter, several_axes
from chainrule.rules.untracked import plain_array

# ---------------------------------------------------------------------- repeating


def _take_along_one(a: Any, positions: Any, axis: int) -> Any:
    return a[along(axis, np.ndim(a), positions)]


def _repeat_back(g: Any, x: Shaped, repeats: Any, axis: int | None = None) -> Any:
    counts = np.asarray(repeats)
    shape = (x.size,) if axis is None or not x.ndim else x.shape
    axis = 0 if axis is None or not x.ndim else one_axis(axis, x.ndim)
    if counts.size == 1:
        grouped = np.reshape(g, (*shape[: axis + 1], int(counts.reshape(())), *shape[axis + 1 :]))
        return np.reshape(np.sum(grouped, axis=axis + 1), x.shape)
    positions = np.repeat(np.arange(shape[axis]), counts)
    return np.reshape(scatter(g, along(axis, len(shape), positions), shape), x.shape)


def _tile(A: Any, reps: Any) -> Any:  # noqa: N803
    counts = [operator.index(k) for k in (reps if np.ndim(reps) else (reps,))]
    ndim = max(np.ndim(A), len(counts))
    counts = [1] * (ndim - len(counts)) + counts
    shape = (1,) * (ndim - np.ndim(A)) + np.shape(A)
    doubled = [n for size in shape for n in (1, size)]
    repeated = [n for size, k in zip(shape, counts, strict=True) for n in (k, size)]
    whole = [size * k for size, k in zip(shape, counts, strict=True)]
    if np.size(A) == 0:
        return np.reshape(A, whole)
    return np.reshape(np.broadcast_to(np.reshape(A, doubled), repeated), whole)


def _resize(a: Any, new_shape: Any) -> Any:
    shape = (new_shape,) if isinstance(new_shape, int | np.integer) else tuple(new_shape)
    refuse_unless(all(n >= 0 for n in shape))
    size = sized(shape)
    if np.size(a) == 0:
        return np.zeros(shape, dtype_of(a)) if size else np.reshape(np.copy(a), shape)
    return np.reshape(np.ravel(a)[np.arange(size) % np.size(a)], shape)


linear(np.repeat, _repeat_back, selects=True)
composite(np.tile, _tile, asks=True)
composite(np.resize, _resize, asks=lambda a, new_shape: np.size(new_shape) == 0)  # an array without axes

# ---------------------------------------------------------------------- turning


def _rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    refuse_unless(axes is not None)
    first, second = some_axes(axes, np.ndim(m))
    k = k % 4
    if k == 0:
        return m[...]
    if k == 2:
        return np.flip(m, (first, second))
    return np.flip(np.swapaxes(m, first, second), first) if k == 1 else np.swapaxes(np.flip(m, first), first, second)


def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    ndim = np.ndim(a)
    axis = one_axis(axis, ndim)
    start = start + ndim if start < 0 else start
    refuse_unless(0 <= start <= ndim)
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def _fliplr(m: Any) -> Any:
    refuse_unless(np.ndim(m) >= 2)
    return m[:, ::-1]


def _flipud(m: Any) -> Any:
    refuse_unless(np.ndim(m) >= 1)
    return m[::-1]


composite(np.rot90, _rot90, asks=True)
composite(np.fliplr, _fliplr, asks=True)
composite(np.flipud, _flipud, asks=True)
composite(np.rollaxis, _rollaxis, asks=True)

# ---------------------------------------------------------------------- inserting and deleting


def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, axis = np.ravel(arr), 0
    ndim, axis = np.ndim(arr), one_axis(axis, np.ndim(arr))
    n = np.shape(arr)[axis]
    values = in_dtype(values, dtype_of(arr))
    if np.ndim(values) < ndim:
        values = np.reshape(values, (1,) * (ndim - np.ndim(values)) + np.shape(values))
    single = not isinstance(obj, slice) and np.ndim(obj) == 0
    if single:
        values = np.moveaxis(values, 0, axis)
    places = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(obj)
    if places.dtype == bool:
        places = np.flatnonzero(places)
    places = places if places.size else places.astype(np.intp)  # an empty list names no place
    count = np.shape(values)[axis] if places.size == 1 else places.size
    order = np.insert(np.arange(n), places if places.size != 1 else int(places.reshape(())), n + np.arange(count))
    shape = list(np.shape(arr))
    shape[axis] = count
    return _take_along_one(np.concatenate([arr, np.broadcast_to(values, shape)], axis=axis), order, axis)


def _delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, axis = np.ravel(arr), 0
    kept = np.delete(np.arange(np.shape(arr)[axis]), obj if isinstance(obj, slice | list) else plain_array(obj))
    return _take_along_one(arr, kept, axis)


def _trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    trim, nonzero = trim.lower(), np.argwhere(filt)
    axes = some_axes(axis, np.ndim(filt))
    index: list[Any] = [slice(None)] * np.ndim(filt)
    for a in axes:
        if not len(nonzero):
            index[a] = slice(0, 0)
            continue
        first = int(nonzero[:, a].min()) if "f" in trim else None
        last = int(nonzero[:, a].max()) + 1 if "b" in trim else None
        index[a] = slice(first, last)
    return filt[tuple(index)]


composite(np.insert, _insert, asks=True)
composite(np.delete, _delete, asks=several_axes)
composite(np.trim_zeros, _trim_zeros, asks=True)

# ---------------------------------------------------------------------- joining


def _block(arrays: Any) -> Any:
    def depth(item: Any) -> int:
        return 1 + max((depth(i) for i in item), default=0) if isinstance(item, list) else 0

    levels = depth(arrays)

    def ranks(item: Any) -> int:
        return max(ranks(i) for i in item) if isinstance(item, list) else np.ndim(item)

    ndim = max(levels, ranks(arrays))

    def joined(item: Any, level: int) -> Any:
        if not isinstance(item, list):
            return np.reshape(item, (1,) * (ndim - np.ndim(item)) + np.shape(item))
        return np.concatenate([joined(i, level + 1) for i in item], axis=ndim - levels + level)

    return joined(arrays, 0)


def _atleast_3d(*arrays: Any) -> Any:
    def deep(a: Any) -> Any:
        shape = np.shape(a)
        return np.reshape(a, {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}.get(len(shape), shape))

    return each(arrays, deep)


def _column_stack(tup: Sequence[Any]) -> Any:
    return np.concatenate([np.reshape(a, (-1, 1)) if np.ndim(a) < 2 else a for a in tup], axis=1)


composite(np.block, _block, asks=True)
composite(np.atleast_3d, _atleast_3d, asks=True)
composite(np.column_stack, _column_stack)
composite(np.dstack, lambda tup: np.concatenate([_atleast_3d(a) for a in tup], axis=2))

# ---------------------------------------------------------------------- splitting


def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    ary = as_array(ary)
    positions = np.array_split(np.arange(np.shape(ary)[axis]), plain_array(indices_or_sections))
    bounds = [(int(p[0]), int(p[-1]) + 1) if len(p) else (0, 0) for p in positions]
    return [_take_along_one(ary, slice(*bound), axis) for bound in bounds]


def _splitting(axis: int, ndim: int) -> Function:
    """The definition of a split along one axis of arrays with at least so many axes."""

    def split(ary: Any, indices_or_sections: Any) -> Any:
        refuse_unless(np.ndim(ary) >= ndim)
        return np.split(ary, indices_or_sections, axis=min(axis, ary.ndim - 1))

    return split


def _unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    refuse_unless(axis is not None)
    (axis,) = some_axes(axis, np.ndim(x))
    return tuple(_take_along_one(x, i, axis) for i in range(np.shape(x)[axis]))


composite(np.array_split, _array_split, asks=True)
composite(np.hsplit, _splitting(1, 1), asks=True)
composite(np.vsplit, _splitting(0, 2), asks=True)
composite(np.dsplit, _splitting(2, 3), asks=True)
if hasattr(np, "unstack"):  # NumPy 2.1
    composite(np.unstack, _unstack, asks=True)

# ---------------------------------------------------------------------- grids


def _broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    shape = np.broadcast_shapes(*(np.shape(a) for a in args))
    return tuple(np.broadcast_to(a, shape) for a in args)


def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    order = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        order[:2] = [1, 0]
    open_ = tuple(
        np.reshape(x, [-1 if k == axis else 1 for k in range(len(xi))]) for x, axis in zip(xi, order, strict=True)
    )
    return open_ if sparse else _broadcast_arrays(*open_)


def _ix(*args: Any) -> tuple[Any, ...]:
    args = tuple(as_array(a) for a in args)
    refuse_unless(all(np.ndim(a) == 1 for a in args))
    args = tuple(np.flatnonzero(a) if dtype_of(a).kind == "b" else a for a in args)
    return tuple(np.reshape(a, [-1 if k == axis else 1 for k in range(len(args))]) for axis, a in enumerate(args))


composite(np.broadcast_arrays, _broadcast_arrays, asks=True)
composite(np.meshgrid, _meshgrid, asks=True)
composite(np.ix_, _ix, asks=True)

# ---------------------------------------------------------------------- diagonals and triangles


@dispatched(lazy=True)
def embed_diagonal(v: Any, shape: tuple[int, int], offset: int = 0) -> Any:
    """Matrices of the given shape with the last axis of `v` on a diagonal: the transpose of taking it.

    >>> embed_diagonal(np.array([1.0, 2.0]), (2, 3), 1)
    array([[0., 1., 0.],
           [0., 0., 2.]])
    """
    if is_lazy(v):
        count = np.shape(v)[-1]
        across = scattered(v, (Ellipsis, slice(max(offset, 0), max(offset, 0) + count)), (*np.shape(v)[:-1], shape[1]))
        equal_rows = np.broadcast_to(across[..., None, :], (*np.shape(v)[:-1], *shape))
        return np.triu(np.tril(equal_rows, offset), offset)
    result = np.zeros((*np.shape(v)[:-1], *shape), dtype_of(v))
    rows, columns = _diagonal_places(shape, offset)
    result[..., rows, columns] = v
    return result


def _diagonal_places(shape: tuple[int, int], offset: int) -> tuple[Any, Any]:
    start = (max(-offset, 0), max(offset, 0))
    places = np.arange(max(min(shape[0] - start[0], shape[1] - start[1]), 0))
    return places + start[0], places + start[1]


@dispatched(lazy=True)
def last_diagonal(x: Any, offset: int = 0) -> Any:
    """A diagonal of the matrices in the last two axes of `x`.

    >>> last_diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([1., 4.])
    """
    return np.diagonal(x, offset, -2, -1)


linear(last_diagonal, lambda g, x, offset=0: embed_diagonal(g, x.shape[-2:], offset), selects=True)
linear(embed_diagonal, lambda g, x, shape, offset=0: last_diagonal(g, offset))


def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    axis1, axis2 = some_axes((axis1, axis2), np.ndim(a))
    if (axis1, axis2) != (np.ndim(a) - 2, np.ndim(a) - 1):
        a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    return last_diagonal(a, operator.index(offset))


def _diag(v: Any, k: int = 0) -> Any:
    if np.ndim(v) == 1:
        n = np.size(v) + abs(k)
        return embed_diagonal(v, (n, n), k)
    if np.ndim(v) == 2:
        return last_diagonal(v, k)
    raise ValueError(f"np.diag takes a vector or a matrix, not an array with {np.ndim(v)} axes")


composite(np.diagonal, _diagonal, asks=True)
composite(np.diag, _diag, asks=True)
composite(np.diagflat, lambda v, k=0: _diag(np.ravel(v), k))
composite(
    np.trace,
    lambda a, offset=0, axis1=0, axis2=1, dtype=None, out=None: np.sum(
        _diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype
    ),
)


def _triangle_back(function: Callable[..., Any]) -> Callable[..., Any]:
    """A triangle is its own transpose; of a vector NumPy makes a matrix of equal rows first."""
    return lambda g, x, k=0: function(g, k) if x.ndim > 1 else np.sum(function(g, k), axis=0)


linear(np.tril, _triangle_back(np.tril), selects=True)
linear(np.triu, _triangle_back(np.triu), selects=True)


def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803
    refuse_unless(np.ndim(x) == 1)
    n = np.size(x) if N is None else operator.index(N)
    refuse_unless(n >= 0)
    exponents = np.arange(n) if increasing else np.arange(n)[::-1]
    dtype = np.promote_types(dtype_of(x), int)
    return x.astype(dtype)[:, None] ** exponents.astype(dtype) if n else np.zeros((np.size(x), 0), dtype)


def _kron(a: Any, b: Any) -> Any:
    ndim = max(np.ndim(a), np.ndim(b))
    left = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    right = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    product = np.reshape(a, [n for size in left for n in (size, 1)]) * np.reshape(
        b, [n for size in right for n in (1, size)]
    )
    return np.reshape(product, [m * n for m, n in zip(left, right, strict=True)])


composite(np.vander, _vander)
composite(np.kron, _kron)


def windows_back(g: Any, x: Shaped, window_shape: Any, axis: Any = None, **options: Any) -> Any:
    """Each entry receives from every window that shows it: scatter to the windows' own positions."""
    from numpy.lib.stride_tricks import sliding_window_view

    places = sliding_window_view(np.arange(x.size).reshape(x.shape), window_shape, axis)
    return np.reshape(scatter(np.ravel(g), np.ravel(places), (x.size,)), x.shape)


linear(np.lib.stride_tricks.sliding_window_view, windows_back)
composite(np.sort_complex, lambda a: np.sort(a, axis=-1), asks=True)
