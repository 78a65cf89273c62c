"""Covariances, correlations and histograms with weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.rules.axes import refuse_unless, sized, some_axes
from chainrule.rules.function import is_lazy
from chainrule.rules.linalg import conj, swap
from chainrule.rules.reductions import count
from chainrule.rules.rule import as_array, composite, dtype_of, in_dtype
from chainrule.rules.shaping import scatter
from chainrule.rules.untracked import either, plain_array

range_ = range  # NumPy's name for the outer edges, `range`, hides Python's in the functions below


def _cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None,
    aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    m, y, fweights, aweights = as_array(m), as_array(y), as_array(fweights), as_array(aweights)
    if dtype is None:
        dtype = np.result_type(dtype_of(m), np.float64, *(() if y is None else (dtype_of(y),)))
    x = np.atleast_2d(in_dtype(m, dtype))
    if not rowvar and np.ndim(m) != 1:
        x = x.T
    if np.shape(x)[0] == 0:
        return np.zeros((0, 0))
    if y is not None:
        y = np.atleast_2d(in_dtype(y, dtype))
        x = np.concatenate([x, y.T if not rowvar and np.shape(y)[0] != 1 else y], axis=0)
    ddof = (0 if bias else 1) if ddof is None else ddof
    fweights, aweights = (None if w is None else in_dtype(w, np.float64) for w in (fweights, aweights))
    weights = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    if weights is None:
        centred = x - np.mean(x, axis=1, keepdims=True)
        weighted, divisor = centred, np.float64(np.shape(x)[1] - ddof)
    else:
        total = np.sum(weights, dtype=np.real(np.zeros(0, np.result_type(dtype_of(x), np.float64))).dtype)
        # in the dtype of x, as NumPy, which subtracts the means in place
        centred = in_dtype(x - np.sum(x * weights, axis=1, keepdims=True) / total, dtype_of(x))
        weighted = centred * weights
        divisor = total - (ddof if aweights is None else ddof * np.sum(weights * aweights) / total if ddof else 0)
    # Without a degree of freedom there is nothing to divide by.
    divisor = either(divisor <= 0, lambda: np.float64(0.0), lambda: divisor)
    return np.squeeze(centred @ swap(conj(weighted)) * (1 / divisor))


def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    c = _cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    deviation = np.sqrt(np.real(np.diagonal(c)))
    c = c / deviation[:, None] / deviation[None, :]
    if dtype_of(c).kind == "c":
        return np.clip(np.real(c), -1, 1) + 1j * np.clip(np.imag(c), -1, 1)
    return np.clip(c, -1, 1)


composite(np.cov, _cov, asks=True)
composite(np.corrcoef, _corrcoef, asks=True)


def _average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    a, weights = as_array(a), as_array(weights)
    axes = None if axis is None else some_axes(axis, np.ndim(a))
    if weights is None:
        result = np.mean(a, axis=axes, keepdims=keepdims)
        refuse_unless(sized(np.shape(result)))
        return (result, np.full(np.shape(result), count(np.shape(a), axes), dtype_of(a))) if returned else result
    if np.shape(weights) != np.shape(a):
        axes = () if axes is None else axes  # which fits no weights of another shape
        refuse_unless(np.shape(weights) == tuple(np.shape(a)[k] for k in axes))
        shape = [np.shape(a)[k] if k in axes else 1 for k in range_(np.ndim(a))]
        weights = np.reshape(np.transpose(weights, np.argsort(axes)) if len(axes) > 1 else weights, shape)
    dtype = np.result_type(dtype_of(a), dtype_of(weights), *((np.float64,) if dtype_of(a).kind in "iub" else ()))
    a, weights = in_dtype(a, dtype), in_dtype(weights, dtype)
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis=axes, keepdims=keepdims)
    regular = np.all(total != 0)
    refuse_unless(is_lazy(regular) or regular)
    result = np.sum(a * weights, axis=axes, keepdims=keepdims) / total
    return (result, total) if returned else result


composite(np.average, _average)

# ---------------------------------------------------------------------- histograms


def _edges(a: Any, bins: Any, span: Any, weights: Any = None) -> Any:
    """The edges of the bins: given, or evenly spaced from the smallest entry to the largest."""
    if np.ndim(bins) == 1:
        return as_array(bins)
    ends = None if span is None else (float(plain_array(span[0])), float(plain_array(span[1])))
    plain = np.histogram_bin_edges(plain_array(a), bins if isinstance(bins, str | int) else plain_array(bins), ends)
    count = len(plain) - 1
    if span is None and sized(np.shape(a)):
        low, high = np.min(a), np.max(a)
        if bool(np.equal(low, high)):
            low, high = low - 0.5, high + 0.5
    elif span is None:
        return np.linspace(0.0, 1.0, count + 1)
    else:
        low, high = span
    return np.linspace(low, high, count + 1)


def _bin(a: Any, edges: Any) -> tuple[Any, Any]:
    """For each entry of `a` its bin, and whether it lies in one; the last bin includes its right edge."""
    a, edges = plain_array(a), plain_array(edges)
    place = np.searchsorted(edges, a, side="right") - 1
    place = np.where(a == edges[-1], len(edges) - 2, place)
    return place, (place >= 0) & (place < len(edges) - 1)


def _histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> tuple[Any, Any]:
    edges = _edges(a, as_array(bins), range)
    flat = np.ravel(a)
    if weights is None:
        counts: Any = np.histogram(plain_array(flat), plain_array(edges))[0]
    else:
        place, inside = _bin(flat, edges)
        counts = scatter(np.ravel(as_array(weights))[inside], place[inside], (sized(np.shape(edges)) - 1,))
    if density:
        counts = counts / in_dtype(edges[1:] - edges[:-1], np.float64) / np.sum(counts)
    return counts, edges


def _histogramdd(
    sample: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
) -> tuple[Any, list[Any]]:
    if isinstance(sample, (list, tuple)):
        columns = list(sample) if np.ndim(sample[0]) else [np.stack(sample)]
    else:
        rows = sample if np.ndim(sample) == 2 else np.transpose(np.atleast_2d(sample))  # one axis: points of a line
        columns = [rows[:, k] for k in range_(np.shape(rows)[1])]
    dtype = np.result_type(*(dtype_of(column) for column in columns))
    columns = [in_dtype(column, dtype) for column in columns]
    count = len(columns)
    each: Any = bins if hasattr(bins, "__len__") and np.ndim(bins) else [bins] * count
    spans = [None] * count if range is None else range
    edges = [_edges(c, b, s) for c, b, s in zip(columns, each, spans, strict=True)]
    shape = tuple(int(sized(np.shape(e))) - 1 for e in edges)
    places, inside = zip(*(_bin(c, e) for c, e in zip(columns, edges, strict=True)), strict=True)
    kept = np.logical_and.reduce(inside)
    weights = as_array(weights)
    if weights is None:
        weights = np.ones(kept.shape)
    counts = scatter(in_dtype(weights, np.float64)[kept], tuple(place[kept] for place in places), shape)
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
    numbers = np.ndim(bins) == 0 or len(bins) in (1, 2)
    counts, edges = _histogramdd([x, y], bins if numbers else [bins, bins], range, density, weights)
    return counts, edges[0], edges[1]


def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    places, weights = plain_array(x).astype(np.intp), as_array(weights)
    if weights is None:
        return np.bincount(places, minlength=minlength)
    return scatter(in_dtype(weights, np.float64), places, (max(int(places.max(initial=-1)) + 1, minlength),))


composite(np.histogram, _histogram, asks=True)
composite(np.histogramdd, _histogramdd, asks=True)
composite(np.histogram2d, _histogram2d, asks=True)
composite(
    np.histogram_bin_edges, lambda a, bins=10, range=None, weights=None: _edges(a, as_array(bins), range), asks=True
)
composite(np.bincount, _bincount, asks=True)
