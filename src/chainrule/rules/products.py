"""Products of vectors and matrices. Each is linear in either factor."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.rules.axes import one_axis, refuse_unless, sized, some_axes
from chainrule.rules.rule import Product, Shaped, as_full, bilinear, both_in, composite, takes_dtype


def _swap(a: Any) -> Any:
    return a.T if a.ndim == 2 else np.swapaxes(a, -1, -2)


def _matmul_left(g: Any, x: Shaped, y: Any) -> Any:
    """The cotangent of `x` in x @ y, broadcast over any stacks of matrices."""
    if y.ndim == 1:
        return g * y if x.ndim == 1 else g[..., None] * y
    if x.ndim == 1:
        return y @ g if y.ndim == 2 else (y @ g[..., None])[..., 0]
    return g @ _swap(y)


def _matmul_right(g: Any, x: Any, y: Shaped) -> Any:
    """The cotangent of `y` in x @ y, broadcast over any stacks of matrices."""
    if x.ndim == 1:
        return g * x if y.ndim == 1 else x[:, None] * g[..., None, :]
    if y.ndim == 1:
        return x.T @ g if x.ndim == 2 else (_swap(x) @ g[..., None])[..., 0]
    return _swap(x) @ g


_WRITTEN = {  # by the factors' numbers of axes
    (2, 2): (Product("g", np.matmul, "yᵀ"), Product("xᵀ", np.matmul, "g")),
    (2, 1): (Product("g", np.outer, "y"), Product("xᵀ", np.matmul, "g")),
    (1, 2): (Product("g", np.matmul, "yᵀ"), Product("x", np.outer, "g")),
    (1, 1): (Product("g", np.multiply, "y"), Product("g", np.multiply, "x")),
}

bilinear(np.matmul, (_matmul_left, _matmul_right), written=_WRITTEN, source="product rule")


def _dot_left(g: Any, x: Shaped, y: Any) -> Any:
    if x.ndim == 0 or np.ndim(y) == 0:
        return g * y if x.ndim else np.sum(g * y)
    last = y if np.ndim(y) == 1 else np.moveaxis(y, -2, 0)  # the contracted axis first
    extra = max(np.ndim(y) - 1, 0)
    return np.tensordot(g, last, axes=(range(np.ndim(g) - extra, np.ndim(g)), range(1, 1 + extra)))


def _dot_right(g: Any, x: Any, y: Shaped) -> Any:
    if np.ndim(x) == 0 or y.ndim == 0:
        return g * x if y.ndim else np.sum(g * x)
    batch = np.ndim(x) - 1
    result = np.tensordot(x, g, axes=(range(batch), range(batch)))  # contracted axis of x, then the axes of y but it
    return np.moveaxis(result, 0, max(y.ndim - 2, 0))


bilinear(np.dot, (_dot_left, _dot_right), written=_WRITTEN, source="product rule")


def _tensordot_axes(x: Any, y: Any, axes: Any) -> tuple[list[int], list[int]]:
    if isinstance(axes, (int, np.integer)):
        return list(range(np.ndim(x) - int(axes), np.ndim(x))), list(range(int(axes)))
    left, right = ((axis,) if np.ndim(axis) == 0 else tuple(axis) for axis in axes)
    refuse_unless(len(left) == len(right))
    return list(some_axes(left, np.ndim(x))), list(some_axes(right, np.ndim(y)))


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Contract by transposing the contracted axes together and multiplying matrices."""
    left, right = _tensordot_axes(a, b, axes)
    left_free = [i for i in range(np.ndim(a)) if i not in left]
    right_free = [i for i in range(np.ndim(b)) if i not in right]
    shape = [np.shape(a)[i] for i in left_free] + [np.shape(b)[i] for i in right_free]
    inner = int(np.prod([np.shape(a)[i] for i in left], dtype=np.int64))
    rows = int(np.prod([np.shape(a)[i] for i in left_free], dtype=np.int64))
    columns = int(np.prod([np.shape(b)[i] for i in right_free], dtype=np.int64))
    flat = np.reshape(np.transpose(a, left_free + left), (rows, inner))
    return np.reshape(flat @ np.reshape(np.transpose(b, right + right_free), (inner, columns)), shape)


composite(np.tensordot, _tensordot)


def _inner(a: Any, b: Any) -> Any:
    a, b = as_full(a), as_full(b)
    return a * b if np.ndim(a) == 0 or np.ndim(b) == 0 else np.tensordot(a, b, axes=(-1, -1))


def _vdot(a: Any, b: Any) -> Any:
    refuse_unless(sized(np.shape(a)) == sized(np.shape(b)))
    return np.sum(np.conjugate(np.ravel(a)) * np.ravel(b))


def vecdot(x1: Any, x2: Any, *, axis: int = -1, dtype: Any = None) -> Any:
    """The sums of x̄₁·x₂ along one axis, which has the same length in both."""
    x1, x2 = both_in(dtype, x1, x2)
    refuse_unless(np.shape(x1)[one_axis(axis, np.ndim(x1))] == np.shape(x2)[one_axis(axis, np.ndim(x2))])
    x1, x2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    return np.sum(np.conjugate(x1) * x2, axis=-1)


composite(np.inner, _inner, asks=lambda a, b: np.ndim(a) > 1 or np.ndim(b) > 1)
composite(np.outer, lambda a, b, out=None: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)))
composite(np.vdot, _vdot)
composite(np.vecdot, vecdot, asks=takes_dtype)
