"""Norms of vectors and matrices of every order, and condition numbers.

At the zero vector a norm is the tip of a cone: the mean of opposite slopes, 0, and no second derivative.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.rules.axes import sized
from chainrule.rules.rule import composite, dtype_of
from chainrule.rules.tips import root
from chainrule.rules.untracked import plain_array, seen


def _sizes(x: Any) -> Any:
    """|x|, differentiable also for complex entries: √(x·x̄), with slope 0 at 0."""
    return np.abs(x) if dtype_of(x).kind != "c" else root(_squares(x))


def _squares(x: Any) -> Any:
    return np.square(x) if dtype_of(x).kind != "c" else np.real(x * np.conjugate(x))


def _powers(x: Any, order: Any) -> Any:
    """|x| to the power of `order`; even powers without |x|, whose kink they do not have."""
    if order == int(order) and order % 2 == 0:
        return _squares(x) ** (int(order) // 2)
    return _sizes(x) ** order


@functools.cache
def _accurate_range(dtype: Any) -> tuple[Any, Any]:
    """Between which sizes a sum of squares has all its digits."""
    limits = np.finfo(dtype)
    return limits.tiny / limits.eps, limits.max


def _euclidean(x: Any, axis: Any, keepdims: bool) -> Any:
    total = np.sum(_squares(x), axis=axis, keepdims=keepdims)
    if not seen(x):
        return _euclidean_unseen(x, total, axis, keepdims)
    if not sized(np.shape(x)):
        return total
    least, most = _accurate_range(dtype_of(total))
    size = plain_array(total)
    if least < size < most if not size.ndim else np.all((size > least) & (size < most)):
        return np.sqrt(total)
    # A zero vector, or one whose squares leave the range of numbers: divided by its largest entry it is in range.
    largest = np.max(np.abs(plain_array(x)), axis=axis, keepdims=True, initial=0)
    largest = np.where((largest > 0) & (largest < np.inf), largest, 1.0).astype(size.dtype)
    result = root(np.sum(_squares(x / largest), axis=axis, keepdims=True)) * largest
    return result if keepdims else np.squeeze(result, axis=axis)[()]


def _euclidean_unseen(x: Any, total: Any, axis: Any, keepdims: bool) -> Any:
    """The norm where nobody may look which entry is the largest: of the vector itself, enlarged, or made smaller.

    All three sums are made in one pass. (J. L. Blue, "A portable Fortran program to find the Euclidean norm of a
    vector", 1978, has one sum for each size of entries.)
    """
    least, most = _accurate_range(dtype_of(total))
    scale = float(2 ** (np.finfo(dtype_of(total)).maxexp * 3 // 5))
    enlarged = root(np.sum(_squares(x * scale), axis=axis, keepdims=keepdims)) / scale
    reduced = root(np.sum(_squares(x / scale), axis=axis, keepdims=keepdims)) * scale
    return np.where(total < most, np.where(total > least, root(total), enlarged), reduced)[()]


def _vector(x: Any, order: Any, axis: Any, keepdims: bool) -> Any:
    if order is None or order == 2:
        return _euclidean(x, axis, keepdims)
    if order == 0:  # the number of entries that are not 0: a step
        return np.sum(np.where(np.not_equal(x, 0), 1.0, 0.0 * np.real(x)), axis=axis, keepdims=keepdims)
    if order == np.inf:
        return np.max(_sizes(x), axis=axis, keepdims=keepdims)
    if order == -np.inf:
        return np.min(_sizes(x), axis=axis, keepdims=keepdims)
    if order == 1:
        return np.sum(_sizes(x), axis=axis, keepdims=keepdims)
    if not seen(x):
        total, zero = np.sum(_powers(x, order), axis=axis, keepdims=keepdims), np.all(x == 0, axis, keepdims=keepdims)
        return np.where(zero, _euclidean(x, axis, keepdims), np.where(zero, 1.0, total) ** (1 / order))[()]
    zero = np.equal(np.max(np.abs(plain_array(x)), axis=axis, keepdims=True, initial=0), 0)
    if not np.any(zero):
        return np.sum(_powers(x, order), axis=axis, keepdims=keepdims) ** (1 / order)
    # Of a zero vector every norm is a tip, as the Euclidean one is; it has the same value there.
    others = np.sum(_powers(np.where(zero, 1.0, x), order), axis=axis, keepdims=True) ** (1 / order)
    result = np.where(zero, _euclidean(x, axis, True), others)
    return result if keepdims else np.squeeze(result, axis=axis)[()]


def _matrix(x: Any, order: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    rows, columns = (axis % np.ndim(x) for axis in axes)
    if order is None or order in ("fro", "f"):
        return _euclidean(x, axes, keepdims)
    if order in (1, -1, np.inf, -np.inf):
        summed = rows if abs(order) == 1 else columns
        sums = np.sum(_sizes(x), axis=summed, keepdims=True)
        extreme = (np.max if order > 0 else np.min)(sums, axis=(rows, columns), keepdims=True)
        return extreme if keepdims else np.squeeze(extreme, (rows, columns))
    if order in (2, -2, "nuc"):
        last = (np.ndim(x) - 2, np.ndim(x) - 1)
        values = np.linalg.svdvals(x if (rows, columns) == last else np.moveaxis(x, (rows, columns), last))
        result = np.sum(values, axis=-1) if order == "nuc" else values[..., 0 if order == 2 else -1]
        return np.expand_dims(result, (rows, columns)) if keepdims else result
    raise ValueError(
        f"np.linalg.norm got ord={order!r} for matrices; it knows 1, -1, 2, -2, inf, -inf, 'fro' and 'nuc'"
    )


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None:
        ndim = np.ndim(x)
        if ord is None or (ndim == 1 and ord == 2):
            return _euclidean(x, None, keepdims)
        axis = tuple(range(ndim))
    elif not isinstance(axis, tuple):
        axis = (int(axis),)
    if len(axis) == 1:
        if isinstance(ord, str):
            raise ValueError(f"np.linalg.norm got ord={ord!r} for vectors; it knows numbers there")
        return _vector(x, ord, axis, keepdims)
    if len(axis) == 2:
        return _matrix(x, ord, axis, keepdims)
    raise ValueError(f"np.linalg.norm takes one axis or two, not {len(axis)}")


def _vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    if axis is None:
        result = _vector(np.ravel(x), ord, 0, False)
        return np.reshape(result, (1,) * np.ndim(x)) if keepdims else result
    if isinstance(axis, tuple) and len(axis) > 1:
        return _vector(x, ord, tuple(a % np.ndim(x) for a in axis), keepdims)
    return _vector(x, ord, axis, keepdims)


def _cond(x: Any, p: Any = None) -> Any:
    if p is None or p in (2, -2):
        values = np.linalg.svdvals(x)
        with np.errstate(all="ignore"):
            result = values[..., -1] / values[..., 0] if p == -2 else values[..., 0] / values[..., -1]
    else:
        singular = np.equal(np.linalg.slogdet(plain_array(x)).sign, 0)[..., None, None]
        regular = np.where(singular, np.eye(np.shape(x)[-1]), x) if np.any(singular) else x
        result = _norm(x, p, (-2, -1)) * _norm(np.linalg.inv(regular), p, (-2, -1))
        if np.any(singular):
            result = np.where(singular[..., 0, 0], np.inf, result)
    unbounded = np.isnan(result) & ~np.isnan(plain_array(x)).any(axis=(-2, -1))
    return np.where(unbounded, np.inf, result)[()] if np.any(unbounded) else result


composite(np.linalg.norm, _norm)
composite(np.linalg.vector_norm, _vector_norm)
composite(np.linalg.matrix_norm, lambda x, /, *, keepdims=False, ord="fro": _matrix(x, ord, (-2, -1), keepdims))
composite(np.linalg.cond, _cond)
