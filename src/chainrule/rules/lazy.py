"""Arrays whose entries are computed later, or elsewhere: those of Dask.

They answer NumPy's functions by NumPy's protocols, so that rules are followed on them as on arrays. But a function that
Dask does not have it answers by computing the array, and some that it has take other arguments than NumPy's. What is
called in their place stands here.
"""

from __future__ import annotations

import functools
import importlib
import operator
from typing import Any

import numpy as np

from chainrule.errors import LazyError
from chainrule.formula.expression import Function
from chainrule.rules.function import is_lazy


class LazyShape(tuple[int, ...]):
    """The shape of a lazy array, which it holds, so that what is spread to the shape is lazy too."""

    like: Any


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a value, to which one spreads as the value itself is: here and now, or lazily."""
    if not is_lazy(value):
        return value.shape  # type: ignore[no-any-return]
    shape = LazyShape(value.shape)
    shape.like = value
    return shape


def spread(g: Any, shape: LazyShape) -> Any:
    """`g` broadcast to the lazy shape that it has, or to one that it stretches to, as a lazy array."""
    if is_lazy(g) and g.shape == shape:
        return g
    return np.zeros_like(shape.like, getattr(g, "dtype", None)) + g


def lazy_form(function: Function, values: Any) -> Function:
    """What computes `function` of these values: itself, unless some of them are lazy.

    Raises LazyError for a function that would compute them. Libraries other than Dask are taken to have all functions.
    """
    lazy = [value for value in values if is_lazy(value)]
    if isinstance(function, np.ufunc) or not any(type(value).__module__.startswith("dask.") for value in lazy):
        return function
    form = _dask_form(function)
    if form is None:
        raise LazyError("Dask has no such function")
    return form


@functools.cache
def _dask_form(function: Function) -> Function | None:
    """The function itself, where Dask or we ourselves have it; what stands for it; or None."""
    if function in _FORMS:
        return _FORMS[function]
    home, *path = (function.__module__ or "").split(".")
    if home != "numpy":
        return function
    place: Any = importlib.import_module("dask.array")
    for name in (*path, function.__name__):
        place = getattr(place, name, None)
    return function if place is not None and place is not function else None


def _dot(a: Any, b: Any) -> Any:
    return np.dot(a, b) if np.ndim(a) and np.ndim(b) else a * b


def _indexed(a: Any, index: Any) -> Any:
    parts = index if isinstance(index, tuple) else (index,)
    if any(is_lazy(part) or np.ndim(part) > 1 for part in parts if part is not None and part is not Ellipsis):
        raise LazyError(
            "of an array in chunks, a mask of unknown entries or of several axes chooses an unknown number of entries; "
            "np.where(mask, x, 0) keeps all"
        )
    return a[index]


def reshaped(a: Any, shape: Any = -1, order: str = "C") -> Any:
    """np.reshape of a lazy array, rows or columns first."""
    shape = shape if isinstance(shape, tuple | list) else (shape,)
    if order == "F":
        return reshaped(a.T, tuple(reversed(shape))).T
    if order != "C":
        raise LazyError(f"an array in chunks lies in no order {order!r}")
    try:
        return a.reshape(shape)
    except NotImplementedError:  # Dask goes from any axes to one, and from one to any
        return a.reshape(-1).reshape(shape)


def _cholesky(a: Any, *, upper: bool = False) -> Any:
    return importlib.import_module("dask.array.linalg").cholesky(a, lower=not upper)  # NumPy's is lower, Dask's upper


_FORMS: dict[Function, Function] = {
    operator.getitem: _indexed,
    np.copy: lambda a, order="K", subok=False: a.copy(),
    np.dot: _dot,
    np.linalg.cholesky: _cholesky,
    np.max: np.max,
    np.min: np.min,
    np.ravel: lambda a, order="C": reshaped(a, -1, order),
    np.reshape: reshaped,
    np.round: np.round,
}
"""For each function that Dask has under another name, or with other arguments, what is called with lazy arrays."""

# ---------------------------------------------------------------------- the transpose of indexing


def scattered(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of the given shape with `g` added at `index`, of lazy arrays: one axis after the other.

    As in Dask, each array in the index stands for its own axis.
    """
    parts = index if isinstance(index, tuple) else (index,)
    missing = len(shape) - sum(part is not None and part is not Ellipsis for part in parts)
    if not any(part is Ellipsis for part in parts):
        parts = (*parts, Ellipsis)
    axis = 0
    for part in parts:
        if part is None:
            g = np.squeeze(g, axis)
        elif part is Ellipsis:
            axis += missing
        else:
            places = np.arange(shape[axis])[part]
            if np.ndim(places) == 0:
                g = np.expand_dims(g, axis)
            g = _spaced(g, axis, np.ravel(places), shape[axis])
            axis += 1
    return g


def _spaced(g: Any, axis: int, places: Any, length: int) -> Any:
    """Along one axis of this length, the slices of `g` added up at their places, zeros elsewhere."""
    count = len(places)
    if not count:
        return np.zeros_like(g, shape=tuple([length if k == axis else n for k, n in enumerate(np.shape(g))]))
    if np.array_equal(places, np.arange(places[0], places[0] + count)):
        widths = [(0, 0)] * np.ndim(g)
        widths[axis] = (int(places[0]), length - int(places[0]) - count)
        return np.pad(g, widths) if widths[axis] != (0, 0) else g
    widths = [(0, 0)] * np.ndim(g)
    widths[axis] = (0, 1)
    padded, total = np.pad(g, widths), None
    order = np.argsort(places, kind="stable")
    turns = np.empty(count, int)
    turns[order] = np.arange(count) - np.searchsorted(places[order], places[order])
    for turn in range(int(turns.max(initial=0)) + 1):  # a place that comes several times takes one slice at each turn
        source = np.full(length, count)
        source[places[turns == turn]] = np.flatnonzero(turns == turn)
        part = np.take(padded, source, axis=axis)
        total = part if total is None else total + part
    return total
