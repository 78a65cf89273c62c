"""Distances between vectors, between all rows of two matrices and of one, as in scipy.spatial.distance.

What is not named here is SciPy's own. Distances of truth values, and Hamming's, are steps and have no derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special
from scipy.spatial import distance as _theirs

from chainrule.formula.expression import Function
from chainrule.namesakes import namesake
from chainrule.rules.rule import as_full
from chainrule.rules.untracked import constant_to_all, plain_array
from chainrule.scipy.following import composed
from chainrule.scipy.sequences import joined

_MODULE = "chainrule.scipy.spatial.distance"

# ---------------------------------------------------------------------- between vectors along the last axis


def _weighted(terms: Any, w: Any) -> Any:
    return np.sum(terms if w is None else w * terms, axis=-1)


def _length(difference: Any) -> Any:
    return np.linalg.norm(difference, axis=-1)


def _euclidean(u: Any, v: Any, w: Any = None) -> Any:
    return _length(u - v if w is None else np.sqrt(w) * (u - v))


def _minkowski(u: Any, v: Any, p: Any = 2, w: Any = None) -> Any:
    apart = np.abs(u - v)
    if not np.ndim(p) and plain_array(p) == np.inf:
        return _chebyshev(u, v, w)
    if w is not None:
        apart = np.power(w, 1 / p) * apart
    return np.linalg.norm(apart, p, axis=-1) if constant_to_all(p) else np.sum(apart**p, axis=-1) ** (1 / p)


def _chebyshev(u: Any, v: Any, w: Any = None) -> Any:
    apart = np.abs(u - v)
    if w is not None:
        w = np.where(w > 0, 1.0, 0.0)  # only which components count
        apart = apart * w
    return np.max(apart, axis=-1)


def _canberra(u: Any, v: Any, w: Any = None) -> Any:
    apart, size = np.abs(u - v), np.abs(u) + np.abs(v)
    empty = np.equal(size, 0)
    return _weighted(np.where(empty, 0.0, apart / np.where(empty, 1.0, size)), w)


def _braycurtis(u: Any, v: Any, w: Any = None) -> Any:
    return _weighted(np.abs(u - v), w) / _weighted(np.abs(u + v), w)


def _cosine(u: Any, v: Any, w: Any = None) -> Any:
    return 1 - _weighted(u * v, w) / np.sqrt(_weighted(u * u, w) * _weighted(v * v, w))


def _correlation(u: Any, v: Any, w: Any = None, centered: bool = True) -> Any:
    if centered:
        total = np.shape(u)[-1] if w is None else np.sum(w)
        u, v = (x - np.expand_dims(_weighted(x, w) / total, -1) for x in (u, v))
    return _cosine(u, v, w)


def _mahalanobis(u: Any, v: Any, VI: Any) -> Any:  # noqa: N803, as SciPy names it
    apart = u - v
    return np.sqrt(np.sum((apart @ VI) * apart, axis=-1))


def _seuclidean(u: Any, v: Any, V: Any) -> Any:  # noqa: N803, as SciPy names it
    return _length((u - v) / np.sqrt(V))


def _jensenshannon(p: Any, q: Any, base: Any = None, *, axis: int = 0, keepdims: bool = False) -> Any:
    p, q = (x / np.sum(x, axis=axis, keepdims=True) for x in (p, q))
    middle = (p + q) / 2
    total = np.sum(special.rel_entr(p, middle) + special.rel_entr(q, middle), axis=axis, keepdims=keepdims)
    return np.sqrt((total if base is None else total / np.log(base)) / 2)


_METRICS: dict[str, Function] = {
    "euclidean": _euclidean, "sqeuclidean": lambda u, v, w=None: _weighted((u - v) ** 2, w),
    "cityblock": lambda u, v, w=None: _weighted(np.abs(u - v), w), "minkowski": _minkowski, "chebyshev": _chebyshev,
    "canberra": _canberra, "braycurtis": _braycurtis, "cosine": _cosine, "correlation": _correlation,
    "mahalanobis": _mahalanobis, "seuclidean": _seuclidean,
    "jensenshannon": lambda u, v, base=None: _jensenshannon(u, v, base, axis=-1),
}  # fmt: skip
_ALIASES = {
    "e": "euclidean", "eu": "euclidean", "euclid": "euclidean", "sqe": "sqeuclidean", "sqeuclid": "sqeuclidean",
    "c": "cityblock", "cb": "cityblock", "cblock": "cityblock", "ch": "chebyshev", "cheb": "chebyshev",
    "cheby": "chebyshev", "chebychev": "chebyshev", "mi": "minkowski", "m": "minkowski", "pnorm": "minkowski",
    "cos": "cosine", "co": "correlation", "mahal": "mahalanobis", "mah": "mahalanobis", "se": "seuclidean",
    "s": "seuclidean", "js": "jensenshannon",
}  # fmt: skip


def _metric(metric: Any, options: dict[str, Any], points: list[Any]) -> Function:
    """The distance between vectors along the last axis, with its options; those left out come from all points."""
    options = {
        name: as_full(joined(value)) if name in ("V", "VI", "w") and value is not None else value
        for name, value in options.items()
    }
    if callable(metric):
        name = next((own for own in _METRICS if metric is globals().get(own) or metric is getattr(_theirs, own)), None)
        if name is None:
            return lambda u, v: _one_by_one(metric, u, v, options)
        metric = name
    metric = _ALIASES.get(metric.lower(), metric.lower())
    if metric == "seuclidean" and options.get("V") is None:
        options["V"] = np.var(np.concatenate(points), axis=0, ddof=1)
    if metric == "mahalanobis" and options.get("VI") is None:
        options["VI"] = np.transpose(np.linalg.inv(np.cov(np.transpose(np.concatenate(points)))))
    if metric not in _METRICS:
        raise NotImplementedError(f"the metric {metric!r}")
    return lambda u, v: _METRICS[metric](u, v, **options)


def _one_by_one(metric: Function, u: Any, v: Any, options: dict[str, Any]) -> Any:
    shape = np.broadcast_shapes(np.shape(u), np.shape(v))
    u, v = np.broadcast_to(u, shape), np.broadcast_to(v, shape)
    places = np.ndindex(np.shape(u)[:-1])
    return np.reshape(np.stack([metric(u[place], v[place], **options) for place in places]), np.shape(u)[:-1])


def _cdist(XA: Any, XB: Any, metric: Any = "euclidean", *, out: Any = None, **options: Any) -> Any:  # noqa: N803
    return _metric(metric, options, [XA, XB])(XA[:, None, :], XB[None, :, :])


def _pdist(X: Any, metric: Any = "euclidean", *, out: Any = None, **options: Any) -> Any:  # noqa: N803
    first, second = np.triu_indices(np.shape(X)[0], 1)
    return _metric(metric, options, [X])(X[first], X[second])


def _squareform(X: Any, force: str = "no", checks: bool = True) -> Any:  # noqa: N803
    if np.ndim(X) == 2:
        return X[np.triu_indices(np.shape(X)[0], 1)]
    n = int(np.ceil(np.sqrt(np.size(X) * 2)))
    places = np.zeros((n, n), int)
    places[np.triu_indices(n, 1)] = np.arange(1, np.size(X) + 1)
    return np.concatenate([np.zeros(1), X])[places + places.T]


cdist = composed(_theirs.cdist, _MODULE, _cdist, "XA XB")
pdist = composed(_theirs.pdist, _MODULE, _pdist, "X")
squareform = composed(_theirs.squareform, _MODULE, _squareform, "X")
euclidean = composed(_theirs.euclidean, _MODULE, _euclidean, "u v w")
sqeuclidean = composed(_theirs.sqeuclidean, _MODULE, _METRICS["sqeuclidean"], "u v w")
cityblock = composed(_theirs.cityblock, _MODULE, _METRICS["cityblock"], "u v w")
minkowski = composed(_theirs.minkowski, _MODULE, _minkowski, "u v w")
chebyshev = composed(_theirs.chebyshev, _MODULE, _chebyshev, "u v w")
canberra = composed(_theirs.canberra, _MODULE, _canberra, "u v w")
braycurtis = composed(_theirs.braycurtis, _MODULE, _braycurtis, "u v w")
cosine = composed(_theirs.cosine, _MODULE, _cosine, "u v w")
correlation = composed(_theirs.correlation, _MODULE, _correlation, "u v w")
mahalanobis = composed(_theirs.mahalanobis, _MODULE, _mahalanobis, "u v VI")
seuclidean = composed(_theirs.seuclidean, _MODULE, _seuclidean, "u v V")
jensenshannon = composed(_theirs.jensenshannon, _MODULE, _jensenshannon, "p q")

__all__ = [
    "braycurtis", "canberra", "cdist", "chebyshev", "cityblock", "correlation", "cosine", "euclidean", "jensenshannon",
    "mahalanobis", "minkowski", "pdist", "seuclidean", "sqeuclidean", "squareform",
]  # fmt: skip

__getattr__, __dir__ = namesake(_theirs, globals())
