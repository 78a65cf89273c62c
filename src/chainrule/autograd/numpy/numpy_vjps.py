"""Helpers by which rules for primitives sum their cotangents over broadcast axes, or spread them over reduced ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.autograd.tracer import getval

__all__ = ["repeat_to_match_shape", "unbroadcast", "unbroadcast_f"]


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The pullback `f` with its cotangent summed to the shape of `target`.

    >>> unbroadcast_f(1.0, lambda g: 2 * g)(np.ones(3))
    np.float64(6.0)
    """
    shape, real = np.shape(target), not np.iscomplexobj(getval(target))
    return lambda g: _summed(f(g), shape, real)


def unbroadcast(x: Any, target_meta: Any, broadcast_idx: int = 0) -> Any:
    """A cotangent summed to the shape of a broadcast operand, given by its `metadata`.

    An operand with fewer axes has its first axis at `broadcast_idx` of the cotangent.
    """
    shape, axes, _, is_complex = target_meta
    if broadcast_idx not in (0, -1):
        raise NotImplementedError("unbroadcast is for broadcast_idx 0 and -1")
    if broadcast_idx == -1:
        while np.ndim(x) > axes:
            x = np.sum(x, axis=-1)
    return _summed(x, shape, not is_complex)


def _summed(g: Any, shape: tuple[int, ...], real: bool) -> Any:
    g = np.sum(g, axis=tuple(range(np.ndim(g) - len(shape)))) if np.ndim(g) > len(shape) else g
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1 and np.shape(g)[axis] != 1)
    g = np.sum(g, axis=stretched, keepdims=True) if stretched else g
    return np.real(g) if real and np.iscomplexobj(getval(g)) else g


def repeat_to_match_shape(g: Any, shape: Any, dtype: Any, axis: Any, keepdims: bool) -> tuple[Any, int]:
    """The cotangent of a reduction over `axis` spread over `shape`, and how many entries each of its entries sums."""
    if shape == ():
        return g, 1
    axes = tuple(range(len(shape))) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    axes = tuple(axis % len(shape) for axis in axes)
    kept = tuple(1 if axis in axes else n for axis, n in enumerate(shape))
    spread: Any = np.broadcast_to
    count = 1
    for axis in axes:
        count *= shape[axis]
    return spread(np.reshape(g, kept), shape), count
