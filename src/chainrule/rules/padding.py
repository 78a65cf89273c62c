"""Padding in every mode of np.pad, axis after axis: later axes fill the corners, as in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.rules.rule import composite, dtype_of
from chainrule.rules.untracked import plain_array


def _pairs(value: Any, ndim: int) -> list[tuple[Any, Any]]:
    """One (before, after) for each axis, from any of the forms that NumPy takes. The items may be tracked."""
    if isinstance(value, dict):
        chosen = {axis % ndim: pair for axis, pair in value.items()}
        return [(0, 0) if k not in chosen else _pairs(chosen[k], 1)[0] for k in range(ndim)]
    shape = np.shape(value) if not isinstance(value, (list, tuple)) else (len(value),)
    if shape == ():
        return [(value, value)] * ndim
    items = list(value)
    if len(items) == 1 and not (isinstance(items[0], (list, tuple)) or np.ndim(items[0])):
        return [(items[0], items[0])] * ndim
    if len(items) == 2 and not any(isinstance(i, (list, tuple)) or np.ndim(i) for i in items):
        return [(items[0], items[1])] * ndim
    rows = [tuple(i) if len(i) == 2 else (i[0], i[0]) for i in items]
    return rows * ndim if len(rows) == 1 else rows


def _pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    if callable(mode):
        raise NoRuleError(
            "np.pad with a function as its mode has no rule: the function writes into a plain array. "
            "Pad with mode='constant' and build the borders with np.concatenate."
        )
    ndim = np.ndim(array)
    if ndim == 0:
        return array
    widths = [(int(before), int(after)) for before, after in _pairs(pad_width, ndim)]
    for axis, width in enumerate(widths):
        if width != (0, 0):
            array = _PADDERS[mode](array, axis, width, ndim, **kwargs)
    return array


def _slab(value: Any, like: Any, axis: int, width: int) -> Any:
    """`value` (a number, or of length one along `axis`) spread over a border of the given width."""
    shape = list(np.shape(like))
    shape[axis] = width
    if dtype_of(value) != dtype_of(like):
        value = np.asarray(value, dtype_of(like)) if not hasattr(value, "astype") else value.astype(dtype_of(like))
    return np.broadcast_to(value, shape)


def _edge(array: Any, axis: int, position: int) -> Any:
    index = slice(position, position + 1) if position >= 0 else slice(-1, None)
    return array[(*(slice(None),) * axis, index)]


def _constant(array: Any, axis: int, width: tuple[int, int], ndim: int, constant_values: Any = 0) -> Any:
    before, after = _pairs(constant_values, ndim)[axis]
    parts = [_slab(before, array, axis, width[0]), array, _slab(after, array, axis, width[1])]
    return np.concatenate(parts, axis=axis)


def _linear_ramp(array: Any, axis: int, width: tuple[int, int], ndim: int, end_values: Any = 0) -> Any:
    before, after = _pairs(end_values, ndim)[axis]

    def ramp(end: Any, edge: Any, count: int) -> Any:
        t = np.reshape(
            np.arange(count, dtype=np.real(np.zeros(0, dtype_of(array))).dtype) / max(count, 1),
            [-1 if k == axis else 1 for k in range(ndim)],
        )
        return _slab(end, edge, axis, 1) * (1 - t) + edge * t

    left = ramp(before, _edge(array, axis, 0), width[0])
    right = np.flip(ramp(after, _edge(array, axis, -1), width[1]), axis)
    return np.concatenate([left, array, right], axis=axis)


def _statistic(function: Callable[..., Any]) -> Callable[..., Any]:
    def pad(array: Any, axis: int, width: tuple[int, int], ndim: int, stat_length: Any = None) -> Any:
        n = np.shape(array)[axis]
        lengths = [n if k is None else min(int(k), n) for k in _pairs(stat_length, ndim)[axis]]
        before = (slice(None),) * axis
        left = function(array[(*before, slice(lengths[0]))], axis=axis, keepdims=True)
        right = function(array[(*before, slice(n - lengths[1], n))], axis=axis, keepdims=True)
        return np.concatenate(
            [_slab(left, array, axis, width[0]), array, _slab(right, array, axis, width[1])], axis=axis
        )

    return pad


def _by_position(mode: str) -> Callable[..., Any]:
    def pad(array: Any, axis: int, width: tuple[int, int], ndim: int, reflect_type: str = "even") -> Any:
        n = np.shape(array)[axis]
        if reflect_type == "even":
            positions = np.pad(np.arange(n), width, mode=mode)  # type: ignore[call-overload]
            return array[(*(slice(None),) * axis, positions)]
        # An odd reflection, 2·edge − entry, mixes entries; padding the identity gives the weights.
        weights = np.pad(np.eye(n, dtype=dtype_of(array)), (width, (0, 0)), mode=mode, reflect_type="odd")  # type: ignore[call-overload]
        return np.moveaxis(np.tensordot(weights, array, axes=(1, axis)), 0, axis)

    return pad


def _empty(array: Any, axis: int, width: tuple[int, int], ndim: int) -> Any:
    """The border is undefined in NumPy; here it is 0."""
    return _constant(array, axis, width, ndim)


_PADDERS: dict[str, Callable[..., Any]] = {
    "constant": _constant,
    "linear_ramp": _linear_ramp,
    "maximum": _statistic(np.max),
    "minimum": _statistic(np.min),
    "mean": _statistic(np.mean),
    "median": _statistic(np.median),
    "edge": _by_position("edge"),
    "reflect": _by_position("reflect"),
    "symmetric": _by_position("symmetric"),
    "wrap": _by_position("wrap"),
    "empty": _empty,
}
composite(
    np.pad,
    lambda array, pad_width, mode="constant", **kwargs: _pad(array, plain_width(pad_width), mode, **kwargs),
    asks=True,
)


def plain_width(width: Any) -> Any:
    """Widths as plain integers."""
    return width if isinstance(width, dict) else plain_array(width).tolist()
