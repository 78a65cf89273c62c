"""Functions that choose entries by position, by a condition or by cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.rules.axes import along, one_axis, refuse_unless
from chainrule.rules.memory import replace
from chainrule.rules.rule import as_array, as_full, composite, dtype_of, in_dtype
from chainrule.rules.untracked import fixed, plain_array


def grid(indices: Any, axis: int) -> tuple[Any, ...]:
    """The full index that takes `indices` along `axis`, row by row, as np.take_along_axis does."""
    shape = np.shape(indices)
    ndim = len(shape)
    axis = one_axis(axis, ndim)
    return tuple(
        indices if k == axis else np.reshape(np.arange(shape[k]), [-1 if j == k else 1 for j in range(ndim)])
        for k in range(ndim)
    )


def _take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    refuse_unless(isinstance(indices, np.ndarray) and indices.ndim == (1 if axis is None else np.ndim(arr)))
    if axis is None:
        return np.ravel(arr)[indices]
    axis = one_axis(axis, np.ndim(arr))
    index = list(grid(indices, axis))
    for k, n in enumerate(np.shape(arr)):  # axes of length one broadcast
        if k != axis and n == 1:
            index[k] = np.zeros((1,) * np.ndim(arr), dtype=int)
        elif k != axis and np.shape(indices)[k] == 1:
            index[k] = np.reshape(np.arange(n), [-1 if j == k else 1 for j in range(np.ndim(arr))])
    return arr[tuple(index)]


def common_dtype(values: Sequence[Any]) -> np.dtype[Any]:
    """The dtype that holds all of the values; Python's numbers take that of the others."""
    return np.result_type(*(v if type(v) in (int, float, complex) else dtype_of(as_array(v)) for v in values))


def _choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    which = plain_array(a)
    dtype = common_dtype(choices)
    parts = [in_dtype(as_array(part), dtype) for part in choices]
    shape = np.broadcast_shapes(which.shape, *(np.shape(part) for part in parts))
    position = np.choose(  # type: ignore[call-overload]
        np.broadcast_to(which, shape), np.arange(len(parts)).reshape(-1, *(1,) * len(shape)), mode=mode
    )
    stacked = np.stack([np.broadcast_to(part, shape) for part in parts])
    return stacked[(position, *np.indices(shape, sparse=True))]


def _compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    refuse_unless(np.ndim(condition) == 1)
    if axis is None or not np.ndim(a):
        a, axis = np.ravel(a), 0
    return as_full(a)[along(axis, np.ndim(a), np.flatnonzero(condition))]


def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    refuse_unless(len(condlist) == len(choicelist))
    conditions = [fixed(condition) for condition in condlist]
    refuse_unless(all(condition.dtype.kind == "b" for condition in conditions))
    result = in_dtype(default, common_dtype([*choicelist, default]))
    for condition, choice in zip(reversed(conditions), reversed(choicelist), strict=True):
        result = np.where(condition, in_dtype(as_array(choice), dtype_of(result)), result)
    return result


def _piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    """Each function on the entries that its condition picks; later conditions overwrite earlier ones, as in NumPy."""
    conditions = plain_array(condlist).astype(bool)
    if np.ndim(condlist) == 0 or conditions.ndim <= np.ndim(x):
        conditions = np.reshape(conditions, (1, *conditions.shape))
    if len(funclist) == len(conditions) + 1:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    refuse_unless(len(funclist) == len(conditions))
    result: Any = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        chosen = np.broadcast_to(condition, np.shape(x))
        if not callable(function):
            result = replace(result, function, chosen)
        elif np.any(condition):
            result = replace(result, function(x[chosen], *args, **kw), chosen)
    return result


composite(np.take_along_axis, _take_along_axis, asks=True)
composite(np.choose, _choose, asks=True)
composite(np.compress, _compress, asks=True)
composite(np.extract, lambda condition, arr: np.ravel(arr)[np.flatnonzero(condition)])
composite(np.select, _select, asks=True)
composite(np.piecewise, _piecewise)

# ---------------------------------------------------------------------- assignments: `a` changes, as with a[index] = v


def _put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    if axis is None:
        _put(arr, indices, values)
    else:
        index = list(np.indices(np.shape(arr), sparse=True))
        index[axis % np.ndim(arr)] = plain_array(indices)
        arr[tuple(index)] = values


def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    places = np.ravel(plain_array(ind)).astype(int)
    places = np.clip(places, 0, np.size(a) - 1) if mode == "clip" else places % np.size(a) if mode == "wrap" else places
    places = np.arange(np.size(a))[places]  # counts negative positions from the end and refuses those outside
    if places.size:
        values = np.ravel(v)
        a = a if np.ndim(a) else np.reshape(a, 1)
        a[np.unravel_index(places, np.shape(a))] = values[np.arange(places.size) % np.size(values)]


def _place(arr: Any, mask: Any, vals: Any) -> None:
    values = np.ravel(vals)
    count = int(np.count_nonzero(mask))
    if count:
        arr[np.reshape(plain_array(mask).astype(bool), np.shape(arr))] = values[np.arange(count) % np.size(values)]


def _putmask(a: Any, mask: Any, values: Any) -> None:
    mask = np.reshape(plain_array(mask).astype(bool), np.shape(a))
    if np.any(mask):
        a[mask] = np.ravel(values)[np.flatnonzero(mask) % np.size(values)]


def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    dst[...] = src if where is True else np.where(plain_array(where), src, dst)


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    shape = np.shape(a)
    refuse_unless(len(shape) == 2 or (len(shape) > 2 and len(set(shape)) == 1))
    refuse_unless(dtype_of(a).kind == "c" or dtype_of(as_array(val)).kind != "c")
    step = shape[1] + 1 if len(shape) == 2 else 1 + int(np.cumprod(shape[:-1]).sum())
    end = None if wrap or len(shape) != 2 else shape[1] * shape[1]
    places = np.arange(np.size(a))[:end:step]
    a[np.unravel_index(places, shape)] = np.ravel(val)[np.arange(places.size) % np.size(val)]


composite(np.put_along_axis, _put_along_axis, writes=True)
composite(np.put, _put, writes=True)
composite(np.place, _place, writes=True)
composite(np.putmask, _putmask, writes=True)
composite(np.copyto, _copyto, writes=True)
composite(np.fill_diagonal, _fill_diagonal, writes=True)
