"""Sorting and order statistics.

Sorted values are the values at sorted positions. Equal values could stand in any order: moving one of them moves the
first of their places if it falls and the last if it rises, so each place's slope is the mean over the equal values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.rules.choosing import grid
from chainrule.rules.function import dispatched
from chainrule.rules.rule import composite, dtype_of, explicit, linear
from chainrule.rules.shaping import several_axes
from chainrule.rules.steps import bare


@dispatched
def mean_of_equals(x: Any, labels: Any) -> Any:
    """Each entry replaced by the mean of the entries with the same label. It is its own transpose.

    >>> mean_of_equals(np.array([1.0, 2.0, 6.0]), np.array([0, 1, 1]))
    array([1., 4., 4.])
    """
    flat = np.ravel(labels)
    totals = np.zeros(int(flat.max(initial=-1)) + 1, dtype_of(x))
    np.add.at(totals, flat, np.ravel(np.broadcast_to(x, np.shape(labels))))
    counts = np.bincount(flat).astype(np.real(totals).dtype)
    return np.reshape((totals / np.maximum(counts, 1))[flat], np.shape(labels))


linear(mean_of_equals, lambda g, x, labels: mean_of_equals(g, labels), moves=False, source="its own transpose")


@dispatched
def as_equals(x: Any, labels: Any) -> Any:
    """`x` itself, with the derivative shared among the entries with the same label, which are equal.

    >>> as_equals(np.array([2.0, 2.0]), np.array([0, 0]))
    array([2., 2.])
    """
    return x


def _as_equals_reverse(out: Any, operands: Any, tracked: Any, labels: Any) -> Any:
    return lambda g: (mean_of_equals(g, labels),)


explicit(
    as_equals,
    1,
    _as_equals_reverse,
    lambda out, operands, tangents, labels: mean_of_equals(tangents[0], labels),
    source="the mean of the slopes among equal entries",
)


@dispatched
def arranged(x: Any, positions: Any) -> Any:
    """The entries of each row in another order: `positions` holds every place of the last axis once.

    >>> arranged(np.array([5.0, 7.0]), np.array([1, 0]))
    array([7., 5.])
    """
    return x[positions] if np.ndim(x) == 1 else x[grid(positions, -1)]


def _inverse(positions: Any) -> Any:
    places = np.empty_like(positions)
    if positions.ndim == 1:
        places[positions] = np.arange(positions.size)
    else:
        np.put_along_axis(places, positions, np.broadcast_to(np.arange(positions.shape[-1]), positions.shape), -1)
    return places


linear(arranged, lambda g, x, positions: arranged(g, _inverse(positions)))


def _labels(values: Any, order: Any) -> Any:
    """Along the last axis, a label for each group of equal values; None where all differ. `order` sorts the values."""
    ordered = np.take_along_axis(values, order, -1)
    new = np.ones(ordered.shape, bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    if new.all():
        return None
    labels = np.empty(ordered.shape, int)
    np.put_along_axis(labels, order, np.reshape(np.cumsum(new) - 1, new.shape), -1)
    return labels


def _shared(a: Any, order: Any = None) -> Any:
    """`a` with the derivative shared among equal values along the last axis."""
    values = bare(a)
    if order is None:
        ordered = np.sort(values, axis=-1)
        if (ordered[..., 1:] != ordered[..., :-1]).all():
            return a
        order = np.argsort(values, axis=-1)
    labels = _labels(values, order)
    return a if labels is None else as_equals(a, labels)


def _sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), -1
    last = axis % np.ndim(a) == np.ndim(a) - 1
    a = a if last else np.moveaxis(a, axis, -1)
    positions = np.argsort(bare(a), axis=-1, kind=kind, stable=stable)
    result = arranged(_shared(a, positions), positions)
    return result if last else np.moveaxis(result, -1, axis)


def _partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: Any = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), -1
    a = a if np.ndim(a) == 1 else np.moveaxis(a, axis, -1)
    positions = np.argpartition(bare(a), kth, axis=-1, kind=kind)
    result = arranged(_shared(a), positions)
    return result if np.ndim(a) == 1 else np.moveaxis(result, -1, axis)


composite(np.sort, _sort, asks=several_axes)
composite(np.partition, _partition, asks=several_axes)

# ---------------------------------------------------------------------- distinct values


def _unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None, *, equal_nan: bool = True, **options: Any,
) -> Any:  # fmt: skip
    if axis is None:
        ar = np.ravel(ar)
    _, index, inverse, counts = np.unique(
        bare(ar), return_index=True, return_inverse=True, return_counts=True, axis=axis, equal_nan=equal_nan, **options
    )
    if axis is None:
        chosen = (ar if counts.size == ar.size else as_equals(ar, np.ravel(inverse)))[index]
    else:
        rows = np.moveaxis(ar, axis, 0)
        flat = np.reshape(rows, (np.shape(rows)[0], -1))
        width = np.shape(flat)[1]
        labels = np.ravel(inverse)[:, None] * width + np.arange(width)
        chosen = np.moveaxis(np.reshape(as_equals(flat, labels)[index], (len(index), *np.shape(rows)[1:])), 0, axis)
    extras = [x for x, wanted in ((index, return_index), (inverse, return_inverse), (counts, return_counts)) if wanted]
    return (chosen, *extras) if extras else chosen


composite(np.unique, _unique)
composite(np.unique_values, lambda x: _unique(x, equal_nan=False))
composite(
    np.unique_counts, lambda x: type(np.unique_counts(np.zeros(1)))(*_unique(x, return_counts=True, equal_nan=False))
)
composite(np.unique_inverse, lambda x: _unique_inverse(x))
composite(np.unique_all, lambda x: _unique_all(x))


def _unique_inverse(x: Any) -> Any:
    values, inverse = _unique(x, return_inverse=True, equal_nan=False)
    return type(np.unique_inverse(np.zeros(1)))(values, np.reshape(inverse, np.shape(x)))


def _unique_all(x: Any) -> Any:
    values, index, inverse, counts = _unique(x, True, True, True, equal_nan=False)
    return type(np.unique_all(np.zeros(1)))(values, index, np.reshape(inverse, np.shape(x)), counts)


def _union1d(ar1: Any, ar2: Any) -> Any:
    return _unique(np.concatenate([np.ravel(ar1), np.ravel(ar2)]))


def _setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    ar1 = np.ravel(ar1) if assume_unique else _unique(ar1)
    return ar1[np.isin(ar1, ar2, assume_unique=True, invert=True)]


def _intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    common, first, second = np.intersect1d(bare(ar1), bare(ar2), assume_unique=assume_unique, return_indices=True)
    both = np.concatenate([np.ravel(ar1), np.ravel(ar2)])
    plain = bare(both)
    places = np.searchsorted(common, plain)
    labels = np.where(np.isin(plain, common), places, len(common) + np.arange(plain.size))
    chosen = as_equals(both, labels)[first]
    return (chosen, first, second) if return_indices else chosen


def _setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    if not assume_unique:
        ar1, ar2 = _unique(ar1), _unique(ar2)
    both = np.sort(np.concatenate([np.ravel(ar1), np.ravel(ar2)]))
    plain = bare(both)
    different = np.concatenate([[True], plain[1:] != plain[:-1], [True]])
    return both[different[1:] & different[:-1]]


composite(np.union1d, _union1d)
composite(np.setdiff1d, _setdiff1d)
composite(np.intersect1d, _intersect1d)
composite(np.setxor1d, _setxor1d)

# ---------------------------------------------------------------------- quantiles


def _slices(a: Any, axis: Any) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """`a` with the axes to be reduced flattened into the last one, the other axes' lengths, the shape of keepdims."""
    ndim = np.ndim(a)
    axes = tuple(range(ndim)) if axis is None else tuple(k % ndim for k in (axis if np.ndim(axis) else (axis,)))
    rest = tuple(n for k, n in enumerate(np.shape(a)) if k not in axes)
    kept = tuple(1 if k in axes else n for k, n in enumerate(np.shape(a)))
    if ndim == 1:
        return a, rest, kept
    moved = np.moveaxis(a, axes, range(ndim - len(axes), ndim))
    return np.reshape(moved, (*rest, int(np.prod([np.shape(a)[k] for k in axes], dtype=np.int64)))), rest, kept


def _quantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None, skip: bool = False, scale: float = 1.0,
) -> Any:  # fmt: skip
    """Every method is an interpolation between two sorted entries.

    Which two, and where between them, NumPy itself says: it is the same quantile of the positions 0, 1, 2, …
    """
    q = np.asarray(q, dtype=float) / scale
    a, rest, kept = _slices(a, axis)
    n = np.shape(a)[-1]
    values = bare(a)
    order = np.argsort(values, axis=-1)
    ordered = arranged(_shared(a, order), order)
    counts = n - np.count_nonzero(np.isnan(values), axis=-1) if skip else np.full(rest, n)
    places = np.empty((*q.shape, *rest))
    if weights is None:
        for count in np.unique(counts):
            place = np.quantile(np.arange(float(count)), q, method=method) if count else np.zeros(q.shape)  # type: ignore[call-overload]
            places[..., counts == count] = place[..., None]
    else:
        ranks = np.argsort(order, axis=-1).astype(float)
        heavy = (
            np.broadcast_to(_weights(weights, axis, kept), (*rest, n)) if np.ndim(weights) != 1 else np.asarray(weights)
        )
        heavy = np.where(np.isnan(values), 0.0, heavy) if skip else np.broadcast_to(heavy, ranks.shape)
        places[...] = np.quantile(ranks, q, axis=-1, method=method, weights=heavy)  # type: ignore[call-overload]
    low = np.floor(places).astype(int)
    between = places - low
    if not q.ndim:  # as in NumPy, a number leaves the dtype as it is and an array of them does not
        between = between.astype(np.real(np.zeros(0, dtype_of(a))).dtype)
    high = np.minimum(low + 1, np.maximum(n - 1, 0))
    index = tuple(np.indices(rest, sparse=True))
    low_values = ordered[(*index, low)]
    result = low_values
    if q.ndim or between.any():
        result = np.where(between > 0, low_values + (ordered[(*index, high)] - low_values) * between, low_values)
    undefined = counts == 0 if skip else np.isnan(values).any(axis=-1)
    if np.any(undefined):
        result = result + np.where(undefined, np.nan, 0.0).astype(dtype_of(result))  # passes NaN back as well
    return np.reshape(result, (*q.shape, *kept)) if keepdims else result


def _weights(weights: Any, axis: Any, kept: tuple[int, ...]) -> Any:
    return _slices(np.asarray(weights), axis)[0]


def _median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    return _quantile(a, 0.5, axis, keepdims=keepdims)


composite(np.median, _median, asks=True)
composite(np.quantile, _quantile)
composite(np.percentile, lambda a, q, *args, **kwargs: _quantile(a, q, *args, scale=100.0, **kwargs))
composite(
    np.nanmedian,
    lambda a, axis=None, out=None, overwrite_input=False, keepdims=False: _quantile(
        a, 0.5, axis, keepdims=keepdims, skip=True
    ),
    asks=True,
)
composite(np.nanquantile, lambda a, q, *args, **kwargs: _quantile(a, q, *args, skip=True, **kwargs), asks=True)
composite(
    np.nanpercentile,
    lambda a, q, *args, **kwargs: _quantile(a, q, *args, skip=True, scale=100.0, **kwargs),
    asks=True,
)
