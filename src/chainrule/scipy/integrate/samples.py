"""Integrals of samples: the trapezoidal rule, Simpson's and Romberg's, and cumulative forms of the first two."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from scipy import integrate as plain_integrate

from chainrule.rules.axes import one_axis
from chainrule.scipy.following import composed

__all__ = ["cumulative_simpson", "cumulative_trapezoid", "romb", "simpson", "trapezoid"]

_MODULE = "chainrule.scipy.integrate"


def _gaps(y: Any, x: Any, dx: Any, axis: int) -> Any:
    """The distances between neighbours, with the axis last: a vector, or rows as `y` has them."""
    count = np.shape(y)[axis] - 1
    if x is None:
        return np.broadcast_to(dx, (count,)) if np.ndim(dx) == 0 else np.moveaxis(dx, axis, -1)
    return np.diff(x) if np.ndim(x) == 1 else np.diff(np.moveaxis(x, axis, -1))


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    return np.trapezoid(y, x, dx, axis)


def _cumulative(parts: Any, initial: Any, axis: int) -> Any:
    """The sums of the parts so far, along the last axis, put back into its place; `initial` stands before them."""
    total = np.cumsum(parts, axis=-1)
    if initial is not None:
        start = np.broadcast_to(initial, (*np.shape(parts)[:-1], 1))
        total = np.concatenate([start, total], axis=-1)
    return np.moveaxis(total, -1, axis)


def _cumulative_trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None) -> Any:
    gaps, rows = _gaps(y, x, dx, axis), np.moveaxis(y, axis, -1)
    return _cumulative(gaps * (rows[..., 1:] + rows[..., :-1]) / 2.0, initial, axis)


def _parabola(left: Any, right: Any, y: Any) -> Any:
    """The integrals over the first of two intervals of the parabola through three points."""
    both = left + right
    bend = left * left / (both * right)
    return left / 6 * ((3 - left / both) * y[0] + (3 + bend + left / both) * y[1] - bend * y[2])


def _first_intervals(gaps: Any, rows: Any) -> Any:
    points = (rows[..., :-2], rows[..., 1:-1], rows[..., 2:])
    return _parabola(gaps[..., :-1], gaps[..., 1:], points)


def _intervals(gaps: Any, rows: Any) -> Any:
    """Each interval with the parabola through its pair of intervals; the last one with the two before it."""
    first = _first_intervals(gaps, rows)
    second = np.flip(_first_intervals(np.flip(gaps, -1), np.flip(rows, -1)), -1)
    count = np.shape(rows)[-1] - 1
    k = np.arange(count)
    own = (k % 2 == 0) & (k < count - 1)
    return np.where(own, first[..., np.minimum(k, count - 2)], second[..., np.maximum(k - 1, 0)])


def _simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Any:
    gaps, rows = _gaps(y, x, dx, axis), np.moveaxis(y, axis, -1)
    if np.shape(rows)[-1] < 3:
        return np.sum(gaps * (rows[..., 1:] + rows[..., :-1]) / 2.0, axis=-1)
    return np.sum(_intervals(gaps, rows), axis=-1)


def _cumulative_simpson(y: Any, *, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None) -> Any:
    axis = one_axis(axis, np.ndim(y))
    if np.shape(y)[axis] < 3:
        found = _cumulative_trapezoid(y, x, dx, axis)
        if initial is None:
            return found
        start = np.expand_dims(np.take(np.broadcast_to(initial, np.shape(np.take(y, [0], axis))), 0, axis), axis)
        return np.concatenate([start, found + initial], axis=axis)
    gaps, rows = _gaps(y, x, dx, axis), np.moveaxis(y, axis, -1)
    parts = _intervals(gaps, rows)
    if initial is None:
        return _cumulative(parts, None, axis)
    start = np.moveaxis(np.broadcast_to(initial, np.shape(np.take(y, [0], axis))), axis, -1)
    return np.moveaxis(np.concatenate([start, start + np.cumsum(parts, axis=-1)], axis=-1), -1, axis)


def _romb(y: Any, dx: Any = 1.0, axis: int = -1, show: bool = False) -> Any:
    """Richardson's extrapolation of the trapezoidal rule with ever finer steps."""
    axis = one_axis(axis, np.ndim(y))
    rows = np.moveaxis(y, axis, -1)
    count = np.shape(rows)[-1] - 1
    column, step = [], count
    while step >= 1:
        values = rows[..., ::step]
        column.append(dx * step * (np.sum(values, axis=-1) - (values[..., 0] + values[..., -1]) / 2.0))
        step //= 2
    for order in range(1, len(column)):
        finer = 4.0**order
        column = [(finer * fine - coarse) / (finer - 1) for coarse, fine in pairwise(column)]
    return column[0]


trapezoid = composed(plain_integrate.trapezoid, _MODULE, _trapezoid, "y x dx initial")
cumulative_trapezoid = composed(plain_integrate.cumulative_trapezoid, _MODULE, _cumulative_trapezoid, "y x dx")
simpson = composed(plain_integrate.simpson, _MODULE, _simpson, "y x dx initial")
cumulative_simpson = composed(plain_integrate.cumulative_simpson, _MODULE, _cumulative_simpson, "y x dx initial")
romb = composed(plain_integrate.romb, _MODULE, _romb, "y x dx initial")
