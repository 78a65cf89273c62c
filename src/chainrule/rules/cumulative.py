"""Products along axes, running sums and products, and differences.

A product's slope in one factor is the product of the others. Where no factor is 0 that is the product over the factor;
where one is, it is found without division, from the products of what stands before and after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.rules.axes import reduced_axes, refuse_unless, sized, some_axes
from chainrule.rules.reductions import restored
from chainrule.rules.rule import composite, dtype_of, explicit
from chainrule.rules.untracked import either, fixed


def _divides(out: Any) -> Any:
    """Whether the other factors' product is `out / x`: no factor is 0 or infinite, nor the product near 0."""
    size = np.abs(fixed(out))
    return ((size > _LEAST[size.dtype.char]) & (size < np.inf)).all()


_LEAST = {kind: 1e4 * float(np.finfo(kind).tiny) for kind in "efdg"}


def _front(x: Any, axes: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """`x` with the given axes flattened into the last one, and its shape before that."""
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    shape = np.shape(moved)
    return np.reshape(moved, (*shape[: len(shape) - len(axes)], -1)), shape


def _others(x: Any) -> Any:
    """Along the last axis, for each entry the product of all the others."""
    one = np.ones((*np.shape(x)[:-1], 1), dtype_of(x))
    before = np.concatenate([one, np.cumprod(x[..., :-1], axis=-1)], axis=-1)
    after = np.concatenate([np.cumprod(x[..., :0:-1], axis=-1)[..., ::-1], one], axis=-1)
    return before * after


def _prod_slope(out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    ndim = np.ndim(x)
    if sized(np.shape(x)) == 0 or ndim == 0:
        return np.ones_like(x)

    def without_division() -> Any:
        axes = reduced_axes(axis, ndim)
        flat, moved = _front(x, axes)
        return np.moveaxis(np.reshape(_others(flat), moved), range(-len(axes), 0), axes)

    return either(_divides(out), lambda: restored(out, np.shape(x), axis, keepdims) / x, without_division)


def _prod_reverse(
    out: Any, operands: Any, tracked: Any, axis: Any = None, dtype: Any = None, out_: Any = None, keepdims: bool = False
) -> Callable[[Any], tuple[Any, ...]]:
    x = operands[0]
    return lambda g: (restored(g, np.shape(x), axis, keepdims) * _prod_slope(out, x, axis, keepdims),)


def _prod_forward(
    out: Any,
    operands: Any,
    tangents: Any,
    axis: Any = None,
    dtype: Any = None,
    out_: Any = None,
    keepdims: bool = False,
) -> Any:
    return np.sum(tangents[0] * _prod_slope(out, operands[0], axis, keepdims), axis=axis, keepdims=keepdims)


explicit(np.prod, 1, _prod_reverse, _prod_forward, source="product rule")


def recurrence(a: Any, b: Any) -> Any:
    """The sequence d with d_k = a_k·d_{k−1} + b_k (d_{−1} = 0) along the last axis, in log₂ n sweeps over it.

    Hillis and Steele (1986), "Data parallel algorithms": each sweep joins every step with the one 1, 2, 4, … before it.

    >>> recurrence(np.array([0.0, 2.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    array([1., 3., 7.])
    """
    n, shift = np.shape(b)[-1], 1
    a, b = np.broadcast_arrays(a, b)
    while shift < n:
        b = np.concatenate([b[..., :shift], b[..., shift:] + a[..., shift:] * b[..., :-shift]], axis=-1)
        a = np.concatenate([a[..., :shift], a[..., shift:] * a[..., :-shift]], axis=-1)
        shift *= 2
    return b


def _rows(x: Any, axis: int | None) -> Any:
    return np.ravel(x) if axis is None or np.ndim(x) == 0 else np.moveaxis(x, axis, -1)


def _unrows(x: Any, axis: int | None, shape: tuple[int, ...]) -> Any:
    return np.reshape(x, shape) if axis is None or not shape else np.moveaxis(x, -1, axis)


def _exclusive(x: Any) -> Any:
    """Along the last axis, for each entry the product of those before it."""
    one = np.ones((*np.shape(x)[:-1], 1), dtype_of(x))
    return np.concatenate([one, np.cumprod(x[..., :-1], axis=-1)], axis=-1)


def _cumprod_reverse(
    out: Any, operands: Any, tracked: Any, axis: int | None = None, dtype: Any = None, out_: Any = None
) -> Callable[[Any], tuple[Any, ...]]:
    x = operands[0]

    def pull(g: Any) -> tuple[Any, ...]:
        if sized(np.shape(x)) == 0:
            return (np.reshape(g, np.shape(x)),)
        rows, cotangents = _rows(x, axis), _rows(g, axis)

        def by_division() -> Any:
            return np.flip(np.cumsum(np.flip(cotangents * _rows(out, axis), -1), axis=-1), -1) / rows

        def by_recurrence() -> Any:  # what follows an entry weighs in with the product of what stands between
            following = np.concatenate([rows[..., 1:], np.zeros_like(rows[..., :1])], axis=-1)
            return np.flip(recurrence(np.flip(following, -1), np.flip(cotangents, -1)), -1) * _exclusive(rows)

        return (_unrows(either(_divides(out), by_division, by_recurrence), axis, np.shape(x)),)

    return pull


def _cumprod_forward(
    out: Any, operands: Any, tangents: Any, axis: int | None = None, dtype: Any = None, out_: Any = None
) -> Any:
    x = operands[0]
    rows, moved = _rows(x, axis), _rows(tangents[0], axis)
    if sized(np.shape(x)) == 0:
        return np.reshape(tangents[0], np.shape(out))
    total = either(
        _divides(out) & _divides(rows),  # the tangent over a subnormal factor would be infinite
        lambda: _rows(out, axis) * np.cumsum(moved / rows, axis=-1),
        lambda: recurrence(rows, moved * _exclusive(rows)),
    )
    return _unrows(total, axis, np.shape(out))


explicit(np.cumprod, 1, _cumprod_reverse, _cumprod_forward, source="product rule")


def _array_api(function: Any, first: float) -> Callable[..., Any]:
    def cumulative(
        x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False
    ) -> Any:
        if axis is None:
            refuse_unless(np.ndim(x) <= 1)
            axis = 0
        else:
            (axis,) = some_axes(axis, max(np.ndim(x), 1))
        result = function(x, axis=axis, dtype=dtype) if dtype is not None else function(x, axis=axis)
        if include_initial:
            shape = list(np.shape(result))
            shape[axis] = 1
            result = np.concatenate([np.full(shape, first, dtype_of(result)), result], axis=axis)
        return result

    return cumulative


if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    composite(np.cumulative_sum, _array_api(np.cumsum, 0.0))
    composite(np.cumulative_prod, _array_api(np.cumprod, 1.0))
