"""Covariances, correlations and histograms with weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.rules.linalg import conj, swap
from chainrule.rules.reductions import count
from chainrule.rules.rule import as_array, composite, dtype_of
from chainrule.rules.shaping import scatter
from chainrule.rules.steps import bare

range_ = range  # NumPy's name for the outer edges, `range`, hides Python's in the functions below


def _cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None,
    aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    fweights, aweights = as_array(fweights), as_array(aweights)
    x = np.atleast_2d(m)
    if not rowvar and np.shape(x)[0] != 1:
        x = x.T
    if y is not None:
        y = np.atleast_2d(y)
        x = np.concatenate([x, y.T if not rowvar and np.shape(y)[0] != 1 else y], axis=0)
    x = x.astype(np.result_type(dtype_of(x), np.float64) if dtype is None else dtype)
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    if weights is None:
        total: Any = np.shape(x)[1]
        centred = x - np.mean(x, axis=1, keepdims=True)
        weighted, divisor = centred, total - ddof
    else:
        total = np.sum(weights)
        centred = x - np.sum(x * weights, axis=1, keepdims=True) / total
        weighted = centred * weights
        divisor = total - (ddof if aweights is None else ddof * np.sum(weights * aweights) / total if ddof else 0)
    return np.squeeze(centred @ swap(conj(weighted)) / divisor)


def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    c = _cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    deviation = np.sqrt(np.real(np.diagonal(c)))
    return (
        np.clip(c / deviation[:, None] / deviation[None, :], -1, 1)
        if dtype_of(c).kind != "c"
        else (c / deviation[:, None] / deviation[None, :])
    )


composite(np.cov, _cov)
composite(np.corrcoef, _corrcoef)


def _average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    a, weights, keepdims = as_array(a), as_array(weights), keepdims is True
    if weights is None:
        result = np.mean(a, axis=axis, keepdims=keepdims)
        return (result, np.full(np.shape(result), count(np.shape(a), axis), dtype_of(a))) if returned else result
    if np.shape(weights) != np.shape(a):
        if axis is None:
            raise TypeError("np.average needs an axis where the weights have another shape than the array")
        axes = [k % np.ndim(a) for k in (axis if np.ndim(axis) else (axis,))]
        shape = [np.shape(a)[k] if k in axes else 1 for k in range_(np.ndim(a))]
        weights = np.reshape(np.transpose(weights, np.argsort(axes)) if len(axes) > 1 else weights, shape)
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis=axis, keepdims=keepdims)
    result = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (result, total) if returned else result


composite(np.average, _average)

# ---------------------------------------------------------------------- histograms


def _edges(a: Any, bins: Any, span: Any, weights: Any = None) -> Any:
    """The edges of the bins: given, or evenly spaced from the smallest entry to the largest."""
    if np.ndim(bins) == 1:
        return as_array(bins)
    ends = None if span is None else (float(bare(span[0])), float(bare(span[1])))
    plain = np.histogram_bin_edges(bare(a), bins, ends)
    count = len(plain) - 1
    if span is None and np.size(a):
        low, high = np.min(a), np.max(a)
        if bool(np.equal(low, high)):
            low, high = low - 0.5, high + 0.5
    elif span is None:
        return plain
    else:
        low, high = span
    return np.linspace(low, high, count + 1)


def _bin(a: Any, edges: Any) -> tuple[Any, Any]:
    """For each entry of `a` its bin, and whether it lies in one; the last bin includes its right edge."""
    a, edges = bare(a), bare(edges)
    place = np.searchsorted(edges, a, side="right") - 1
    place = np.where(a == edges[-1], len(edges) - 2, place)
    return place, (place >= 0) & (place < len(edges) - 1)


def _histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> tuple[Any, Any]:
    edges = _edges(a, as_array(bins), range)
    flat = np.ravel(a)
    if weights is None:
        counts: Any = np.histogram(bare(flat), bare(edges))[0]
    else:
        place, inside = _bin(flat, edges)
        counts = scatter(np.ravel(weights)[inside], place[inside], (np.size(edges) - 1,))
    if density:
        counts = counts / (edges[1:] - edges[:-1]) / np.sum(counts)
    return counts, edges


def _histogramdd(
    sample: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
) -> tuple[Any, list[Any]]:
    columns = (
        [sample[:, k] for k in range_(np.shape(sample)[1])] if not isinstance(sample, (list, tuple)) else list(sample)
    )
    count = len(columns)
    each: Any = bins if np.iterable(bins) else [bins] * count
    spans = [None] * count if range is None else range
    edges = [_edges(c, b, s) for c, b, s in zip(columns, each, spans, strict=True)]
    shape = tuple(int(np.size(e)) - 1 for e in edges)
    places, inside = zip(*(_bin(c, e) for c, e in zip(columns, edges, strict=True)), strict=True)
    kept = np.logical_and.reduce(inside)
    weights = as_array(weights)
    if weights is None:
        weights = np.ones(kept.shape)
    counts = scatter(weights.astype(float)[kept], tuple(place[kept] for place in places), shape)
    if density:
        counts = counts / np.sum(counts)
        for k, e in enumerate(edges):
            counts = counts / np.reshape(e[1:] - e[:-1], [-1 if j == k else 1 for j in range_(count)])
    return counts, edges


def _histogram2d(
    x: Any,
    y: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
) -> tuple[Any, Any, Any]:
    each = bins if hasattr(bins, "__len__") and len(bins) == 2 else [bins, bins]
    counts, edges = _histogramdd([x, y], each, range, density, weights)
    return counts, edges[0], edges[1]


def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    places, weights = bare(x), as_array(weights)
    if weights is None:
        return np.bincount(places, minlength=minlength)
    return scatter(weights.astype(float), places, (max(int(places.max(initial=-1)) + 1, minlength),))


composite(np.histogram, _histogram)
composite(np.histogramdd, _histogramdd, asks=True)
composite(np.histogram2d, _histogram2d, asks=True)
composite(np.histogram_bin_edges, lambda a, bins=10, range=None, weights=None: _edges(a, bins, range))
composite(np.bincount, _bincount)
