"""Sorting and order statistics.

Sorted values are the values at sorted positions. Equal values could stand in any order: moving one of them moves the
first of their places if it falls and the last if it rises, so each place's slope is the mean over the equal values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.axes import along, one_axis, refuse_unless, sized, some_axes
from chainrule.rules.choosing import grid
from chainrule.rules.function import dispatched
from chainrule.rules.rule import composite, dtype_of, explicit, linear
from chainrule.rules.shaping import indexed, several_axes
from chainrule.rules.untracked import plain_array, seen


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


linear(mean_of_equals, lambda g, x, labels: mean_of_equals(g, labels), source="its own transpose")


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
    moves=True,
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
    if not seen(positions):
        return np.argsort(positions, axis=-1)
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
    if not seen(ordered):
        new = np.concatenate([np.ones_like(ordered[..., :1], bool), ordered[..., 1:] != ordered[..., :-1]], axis=-1)
        in_order = np.reshape(np.cumsum(new) - 1, np.shape(ordered))
        return np.take_along_axis(in_order, np.argsort(order, axis=-1), -1)
    new = np.ones(ordered.shape, bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    if new.all():
        return None
    labels = np.empty(ordered.shape, int)
    np.put_along_axis(labels, order, np.reshape(np.cumsum(new) - 1, new.shape), -1)
    return labels


def _shared(a: Any, order: Any = None) -> Any:
    """`a` with the derivative shared among equal values along the last axis."""
    values = plain_array(a)
    if order is None:
        ordered = np.sort(values, axis=-1)
        if seen(ordered) and (ordered[..., 1:] != ordered[..., :-1]).all():
            return a
        order = np.argsort(values, axis=-1)
    labels = _labels(values, order)
    return a if labels is None else as_equals(a, labels)


def _sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    refuse_unless(order is None)
    if axis is None:
        a, axis = np.ravel(a), -1
    last = one_axis(axis, np.ndim(a)) == np.ndim(a) - 1
    a = a if last else np.moveaxis(a, axis, -1)
    positions = np.argsort(plain_array(a), axis=-1, kind=kind, stable=stable)
    result = arranged(_shared(a, positions), positions)
    return result if last else np.moveaxis(result, -1, axis)


def _partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: Any = None) -> Any:
    refuse_unless(order is None)
    if axis is None:
        a, axis = np.ravel(a), -1
    last = one_axis(axis, np.ndim(a)) == np.ndim(a) - 1
    a = a if last else np.moveaxis(a, axis, -1)
    positions = np.argpartition(plain_array(a), kth, axis=-1, kind=kind)
    result = arranged(_shared(a), positions)
    return result if last else np.moveaxis(result, -1, axis)


composite(np.sort, _sort, asks=several_axes)
composite(np.partition, _partition, asks=several_axes)

# ---------------------------------------------------------------------- distinct values


def _unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None, *, equal_nan: bool = True, sorted: bool = True,
) -> Any:  # fmt: skip
    plain = plain_array(ar)
    _, index, inverse, counts = np.unique(
        plain, return_index=True, return_inverse=True, return_counts=True, axis=axis, equal_nan=equal_nan
    )
    if axis is None:
        ar = np.ravel(ar)
        chosen = (ar if counts.size == ar.size else as_equals(ar, np.ravel(inverse)))[index]
    elif np.size(plain) == 0:
        chosen = ar[along(axis, np.ndim(ar), index)]
    else:
        rows = np.moveaxis(ar, axis, 0)
        flat = np.reshape(rows, (np.shape(rows)[0], -1))
        width = np.shape(flat)[1]
        labels = np.ravel(inverse)[:, None] * width + np.arange(width)
        chosen = np.moveaxis(np.reshape(as_equals(flat, labels)[index], (len(index), *np.shape(rows)[1:])), 0, axis)
    extras = [x for x, wanted in ((index, return_index), (inverse, return_inverse), (counts, return_counts)) if wanted]
    return (chosen, *extras) if extras else chosen


def _unique_values(x: Any) -> Any:
    """The values in NumPy's order, which is that of a hash table for some dtypes."""
    values = np.unique_values(plain_array(x))
    places = np.empty(values.shape, int)
    places[np.argsort(values, kind="stable")] = np.arange(values.size)
    return _unique(x, equal_nan=False)[places]


def _unique_of_api(function: Function, **wanted: bool) -> Function:
    """Row of one of the Array API's functions, which NumPy says how to pack."""

    def definition(x: Any) -> Any:
        values, *extras = _unique(x, equal_nan=False, **wanted)
        return type(function(np.zeros(1)))(values, *extras)

    return definition


composite(np.unique, _unique, asks=True)
composite(np.unique_values, _unique_values, asks=True)
composite(np.unique_counts, _unique_of_api(np.unique_counts, return_counts=True), asks=True)
composite(np.unique_inverse, _unique_of_api(np.unique_inverse, return_inverse=True), asks=True)
composite(
    np.unique_all,
    _unique_of_api(np.unique_all, return_index=True, return_inverse=True, return_counts=True),
    asks=True,
)


def _union1d(ar1: Any, ar2: Any) -> Any:
    return _unique(np.concatenate([ar1, ar2], axis=None))


def _setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    ar1 = np.ravel(ar1) if assume_unique else _unique(ar1)
    return ar1[np.isin(ar1, ar2, assume_unique=True, invert=True)]


def _intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    common, first, second = np.intersect1d(
        plain_array(ar1), plain_array(ar2), assume_unique=assume_unique, return_indices=True
    )
    both = np.concatenate([np.ravel(ar1), np.ravel(ar2)])
    plain = plain_array(both)
    places = np.searchsorted(common, plain)
    labels = np.where(np.isin(plain, common), places, len(common) + np.arange(plain.size))
    chosen = as_equals(both, labels)[first]
    return (chosen, first, second) if return_indices else chosen


def _setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    if not assume_unique:
        ar1, ar2 = _unique(ar1), _unique(ar2)
    both = np.sort(np.concatenate([ar1, ar2], axis=None))
    if np.size(both) == 0:
        return both
    plain = plain_array(both)
    different = np.concatenate([[True], plain[1:] != plain[:-1], [True]])
    return both[different[1:] & different[:-1]]


composite(np.union1d, _union1d, asks=True)
composite(np.setdiff1d, _setdiff1d, asks=True)
composite(np.intersect1d, _intersect1d, asks=True)
composite(np.setxor1d, _setxor1d, asks=True)

# ---------------------------------------------------------------------- quantiles


def _slices(a: Any, axis: Any) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """`a` with the axes to be reduced flattened into the last one, the other axes' lengths, the shape of keepdims."""
    ndim = np.ndim(a)
    axes = some_axes(axis, ndim)
    rest = tuple(n for k, n in enumerate(np.shape(a)) if k not in axes)
    kept = tuple(1 if k in axes else n for k, n in enumerate(np.shape(a)))
    if ndim == len(axes) == 1:
        return a, rest, kept
    moved = np.moveaxis(a, sorted(axes), range(ndim - len(axes), ndim))
    return np.reshape(moved, (*rest, sized([np.shape(a)[k] for k in axes]))), rest, kept


def _quantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: Any = False, *, weights: Any = None, skip: bool = False, scale: float = 1.0,
    middle: bool = False,
) -> Any:  # fmt: skip
    """Every method is an interpolation between two sorted entries.

    Which two, and where between them, NumPy itself says: it is the same quantile of the positions 0, 1, 2, …
    """
    weak = type(q) in (int, float)
    q = np.asarray(q)
    q = q if scale == 1 else np.true_divide(q, scale, out=...)
    given, (a, rest, kept) = a, _slices(a, axis)
    n = np.shape(a)[-1]
    if np.size(a) == 0:
        places_asked = () if skip else q.shape  # as NumPy has it: then NaN is the mean of nothing
        return np.full((*places_asked, *(kept if keepdims else rest)), np.nan)
    values = plain_array(a)
    order = np.argsort(values, axis=-1)
    ordered = arranged(_shared(a, order), order)
    counts = n - np.count_nonzero(np.isnan(values), axis=-1) if skip else np.full(rest, n)
    places: Any = np.empty((*q.shape, *rest))
    if weights is None and not seen(counts):  # the places for every number of entries that may be there
        every = [np.quantile(np.arange(float(c)), q, method=method) if c else np.zeros(q.shape) for c in range(n + 1)]  # type: ignore[call-overload]
        places = np.moveaxis(indexed(np.stack(every), counts), range(len(rest)), range(-len(rest), 0))
    elif weights is None:
        for count in np.unique(counts):
            place = np.quantile(np.arange(float(count)), q, method=method) if count else np.zeros(q.shape)  # type: ignore[call-overload]
            places[..., counts == count] = place[..., None]
    else:
        ranks = np.argsort(order, axis=-1).astype(float)
        heavy = np.broadcast_to(_weights(weights, axis, given), ranks.shape)
        for place in np.ndindex(rest):  # one slice after another, for NaN entries are not there for `skip`
            there = ~np.isnan(values[place]) if skip else np.full(n, True)
            places[(..., *place)] = (
                np.quantile(ranks[place][there], q, method=method, weights=heavy[place][there])  # type: ignore[call-overload]
                if there.any()
                else 0.0
            )
    low = np.floor(places).astype(int)
    between = places - low
    if weak:  # as in NumPy, Python's number leaves the dtype as it is, an array or a NumPy number does not
        between = between.astype(np.real(np.zeros(0, dtype_of(a))).dtype)
    high = np.minimum(low + 1, np.maximum(n - 1, 0))
    index = tuple(np.indices(rest, sparse=True))
    low_values = ordered[(*index, low)]
    result = low_values
    if q.ndim or not seen(between) or between.any():
        high_values = ordered[(*index, high)]
        if middle:  # a mean, as in NumPy, which infinite neighbours have too
            nearer = 0.5 * low_values + 0.5 * high_values
        else:
            gap = high_values - low_values
            nearer = np.where(between >= 0.5, high_values - gap * (1 - between), low_values + gap * between)
        result = np.where(between > 0, nearer, low_values)
    undefined = counts == 0 if skip else np.isnan(values).any(axis=-1)
    if not seen(undefined) or np.any(undefined):
        result = result + np.where(undefined, np.nan, 0.0).astype(dtype_of(result))  # passes NaN back as well
    return np.reshape(result, (*q.shape, *kept)) if keepdims else result


def _weights(weights: Any, axis: Any, a: Any) -> Any:
    """The weights of the entries of each slice, in the layout of :func:`_slices`."""
    weights = plain_array(weights)
    if weights.shape != np.shape(a):
        axes = some_axes(axis, np.ndim(a))
        shape = [n if k in axes else 1 for k, n in enumerate(np.shape(a))]
        weights = np.broadcast_to(weights.transpose(np.argsort(axes)).reshape(shape), np.shape(a))
    return _slices(weights, axis)[0]


def _of_kind(skip: bool, scale: float) -> Function:
    """The definition of quantile or percentile, with NaN entries left aside or not."""

    def quantile(
        a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
        keepdims: Any = False, *, weights: Any = None,
    ) -> Any:  # fmt: skip
        return _quantile(a, q, axis, None, False, method, keepdims, weights=weights, skip=skip, scale=scale)

    return quantile


def _middle(skip: bool) -> Function:
    """The definition of the median, with NaN entries left aside or not."""

    def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
        return _quantile(a, 0.5, axis, keepdims=keepdims, skip=skip, middle=True)

    return median


composite(np.median, _middle(False), asks=True)
composite(np.nanmedian, _middle(True), asks=True)
composite(np.quantile, _of_kind(False, 1.0), asks=True)
composite(np.percentile, _of_kind(False, 100.0), asks=True)
composite(np.nanquantile, _of_kind(True, 1.0), asks=True)
composite(np.nanpercentile, _of_kind(True, 100.0), asks=True)
