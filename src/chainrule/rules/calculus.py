"""Differences, gradients on grids, integrals, interpolation and convolution of samples; grids with tracked ends."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.rules.axes import along, one_axis, refuse_unless, row_shape, some_axes
from chainrule.rules.choosing import common_dtype
from chainrule.rules.function import dispatched
from chainrule.rules.linalg import conj
from chainrule.rules.rule import Shaped, as_array, as_full, bilinear, composite, dtype_of, in_dtype, linear
from chainrule.rules.shaping import indexed
from chainrule.rules.untracked import either, plain_array, seen


def _cut(a: Any, axis: int, start: int | None, stop: int | None) -> Any:
    return a[along(axis, np.ndim(a), slice(start, stop))]


# ---------------------------------------------------------------------- differences


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    a, prepend, append = as_array(a), as_array(prepend), as_array(append)
    refuse_unless(n >= 0)
    if n == 0:
        return a
    axis = one_axis(axis, np.ndim(a))

    def end(value: Any) -> Any:
        if np.ndim(value):
            return value
        shape = list(np.shape(a))
        shape[axis] = 1
        return np.broadcast_to(value, shape)

    ends = [None if value is None or type(value) is type(np._NoValue) else end(value) for value in (prepend, append)]
    if any(part is not None for part in ends):
        a = np.concatenate([part for part in (ends[0], a, ends[1]) if part is not None], axis=axis)
    for _ in range(n):
        a = _cut(a, axis, 1, None) - _cut(a, axis, None, -1)
    return a


def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    flat = np.ravel(ary)
    parts = [to_begin, flat[1:] - flat[:-1], to_end]
    for end in (to_begin, to_end):
        refuse_unless(end is None or np.can_cast(dtype_of(end), dtype_of(flat), "same_kind"))
    kept = [np.ravel(in_dtype(part, dtype_of(flat))) for part in parts if part is not None]
    return kept[0] if len(kept) == 1 else np.concatenate(kept)


def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Second-order differences inside, of the given order at the edges; spacings may be unequal (Fornberg 1988)."""
    f = as_array(f)
    if dtype_of(f).kind not in "fc":
        f = in_dtype(f, np.float64)
    axes = some_axes(axis, np.ndim(f))
    if len(varargs) == 1 and np.ndim(varargs[0]) == 0:
        varargs = varargs * len(axes)
    refuse_unless(not varargs or len(varargs) == len(axes))
    refuse_unless(edge_order <= 2)
    steps = [_spacing(step) for step in varargs] or [1.0] * len(axes)
    for step, k in zip(steps, axes, strict=True):
        refuse_unless(np.shape(step) in ((), (np.shape(f)[k],)) and np.shape(f)[k] > edge_order)
    results = tuple(in_dtype(_slope(f, step, k, edge_order), f.dtype) for step, k in zip(steps, axes, strict=True))
    return results[0] if len(axes) == 1 else results


def _spacing(step: Any) -> Any:
    """The distance between neighbours, or the positions of all points; whole numbers could wrap in a difference."""
    step = as_array(step)
    return in_dtype(step, np.float64) if np.ndim(step) and dtype_of(step).kind in "iu" else step


@dispatched(lazy=True)
def neighbours_apart(f: Any, axis: int) -> Any:
    """The difference of the two neighbours of each entry along an axis; at the ends, of the entry and its neighbour.

    >>> neighbours_apart(np.array([1.0, 4.0, 9.0]), 0)
    array([3., 8., 5.])
    """
    right = np.concatenate([_cut(f, axis, 1, None), _cut(f, axis, -1, None)], axis=axis)
    return right - np.concatenate([_cut(f, axis, 0, 1), _cut(f, axis, None, -1)], axis=axis)


def _neighbours_back(g: Any, x: Shaped, axis: int) -> Any:
    left = np.concatenate([-_cut(g, axis, 0, 1), _cut(g, axis, None, -1)], axis=axis)
    return left - np.concatenate([_cut(g, axis, 1, None), -_cut(g, axis, -1, None)], axis=axis)


linear(neighbours_apart, _neighbours_back, moves=False)


def _slope(f: Any, step: Any, axis: int, edge_order: int) -> Any:
    n = np.shape(f)[axis]

    def at(k: int) -> Any:
        return _cut(f, axis, k, k + 1 or None)

    if np.ndim(step) == 0:
        if edge_order == 1:
            widths = np.full(n, 2.0, np.real(np.zeros(0, dtype_of(f))).dtype)
            widths[[0, -1]] = 1.0
            return neighbours_apart(f, axis) / (
                np.reshape(widths, row_shape(axis, np.ndim(f))) * step
            )
        inner = (_cut(f, axis, 2, None) - _cut(f, axis, None, -2)) / (2.0 * step)
        first = (-1.5 * at(0) + 2.0 * at(1) - 0.5 * at(2)) / step
        last = (0.5 * at(-3) - 2.0 * at(-2) + 1.5 * at(-1)) / step
        return np.concatenate([first, inner, last], axis=axis)
    gaps = step[1:] - step[:-1]
    shape = row_shape(axis, np.ndim(f))
    left, right = np.reshape(gaps[:-1], shape), np.reshape(gaps[1:], shape)
    inner = (
        -right / (left * (left + right)) * _cut(f, axis, None, -2)
        + (right - left) / (left * right) * _cut(f, axis, 1, -1)
        + left / (right * (left + right)) * _cut(f, axis, 2, None)
    )
    if edge_order == 1:
        first, last = (at(1) - at(0)) / gaps[0], (at(-1) - at(-2)) / gaps[-1]
    else:
        h, k = gaps[0], gaps[1]
        first = -(2 * h + k) / (h * (h + k)) * at(0) + (h + k) / (h * k) * at(1) - h / (k * (h + k)) * at(2)
        h, k = gaps[-2], gaps[-1]
        last = k / (h * (h + k)) * at(-3) - (k + h) / (h * k) * at(-2) + (2 * k + h) / (k * (h + k)) * at(-1)
    return np.concatenate([first, inner, last], axis=axis)


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y, x, gaps = as_array(y), as_array(x), as_array(dx)
    if x is not None:
        gaps = _diff(x, axis=-1 if np.ndim(x) == 1 else axis)
        if np.ndim(x) == 1:
            gaps = np.reshape(gaps, row_shape(axis, np.ndim(y)))
    return np.sum(gaps * (_cut(y, axis, 1, None) + _cut(y, axis, None, -1)) / 2.0, axis=axis)


def _unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """`p` with whole periods added: how many does not change continuously."""
    plain = plain_array(p)
    length = float(plain_array(period))
    moved = np.unwrap(plain, discont, axis, period=length)
    turns = np.where(moved == plain, 0, np.rint((moved - plain) / length)).astype(plain.dtype)
    return p + turns * period if np.size(p) else p


composite(np.diff, _diff, asks=lambda a, n=1, *args, **options: n == 0)  # then it is the argument
composite(np.ediff1d, _ediff1d)
composite(np.gradient, _gradient, asks=True)
composite(np.trapezoid, _trapezoid)
composite(np.unwrap, _unwrap, asks=True)

# ---------------------------------------------------------------------- interpolation


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Straight lines between the points. At a point the slope is the mean of the two sides' slopes."""
    fp = in_dtype(as_array(fp), np.complex128 if dtype_of(as_array(fp)).kind == "c" else np.float64)
    x, xp = in_dtype(as_array(x), np.float64), in_dtype(as_array(xp), np.float64)
    if period is not None:
        span = abs(period)
        x, xp = x % span, xp % span
        order = np.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - span, xp, xp[:1] + span])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
        left = right = None
    knots, places = plain_array(xp), plain_array(x)
    n = knots.size
    below = fp[0] if left is None else left
    above = fp[-1] if right is None else right

    def line(k: Any) -> Any:
        """The line from point k to the next, at x; the constants before the first point and from the last one on."""
        inside = np.clip(k, 0, max(n - 2, 0))
        if n == 1:
            value = fp[0] + 0.0 * x
        else:
            start, end = indexed(xp, inside), indexed(xp, inside + 1)
            low = indexed(fp, inside)
            value = low + (indexed(fp, inside + 1) - low) * ((x - start) / (end - start))
        value = np.where(k < 0, below, value)
        return np.where(k >= n - 1, np.where(places == knots[-1], fp[-1], above), value)

    k = np.searchsorted(knots, places, side="right") - 1
    value = line(k)
    here = (k >= 0) & (places == indexed(knots, np.clip(k, 0, n - 1)))
    if n == 1 or (seen(here) and not np.any(here)):
        return value if n > 1 else np.where(here, fp[0], value)
    # Before the first point and after the last one the curve is a constant, whose slope counts only if it meets them.
    jumps_before, jumps_after = plain_array(below) != plain_array(fp[0]), plain_array(above) != plain_array(fp[-1])
    other = np.where((k == 0) & jumps_before, value, np.where(k == 0, fp[0], line(k - 1)))
    value = np.where((k == n - 1) & jumps_after, other, value)
    return np.where(here, 0.5 * value + 0.5 * other, value)


composite(np.interp, _interp, asks=True)

# ---------------------------------------------------------------------- convolution


@dispatched
def convolve_full(x: Any, y: Any) -> Any:
    """The convolution of two vectors at every overlap.

    >>> convolve_full(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([1., 3., 2.])
    """
    return np.convolve(x, y)


@dispatched
def convolve_inside(x: Any, y: Any) -> Any:
    """The convolution of two vectors where the shorter lies within the longer.

    >>> convolve_inside(np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0]))
    array([3., 6.])
    """
    return np.convolve(x, y, "valid")


def _inside_back(g: Any, x: Shaped, y: Any) -> Any:
    return convolve_full(g, np.flip(y)) if x.size >= np.size(y) else convolve_inside(np.flip(y), g)


bilinear(
    convolve_full,
    (lambda g, x, y: convolve_inside(g, np.flip(y)), lambda g, x, y: convolve_inside(g, np.flip(x))),
    source="product rule",
)
bilinear(
    convolve_inside,
    (lambda g, x, y: _inside_back(g, x, y), lambda g, x, y: _inside_back(g, y, x)),
    source="product rule",
)


def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    refuse_unless(max(np.ndim(a), np.ndim(v)) < 2)
    a, v = np.reshape(a, (-1,)), np.reshape(v, (-1,))
    if mode == "full":
        return convolve_full(a, v)
    if mode == "valid":
        return convolve_inside(a, v)
    long, short = max(np.size(a), np.size(v)), min(np.size(a), np.size(v))
    refuse_unless(mode == "same")
    start = (short - 1) // 2
    return convolve_full(a, v)[start : start + long]


def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    refuse_unless(np.ndim(a) == np.ndim(v) == 1)
    v = np.flip(conj(as_array(v)))
    if mode != "same" or np.size(a) >= np.size(v):
        return _convolve(a, v, mode)
    start = np.size(a) // 2  # NumPy turns the two around and flips the result
    return convolve_full(a, v)[start : start + np.size(v)]


composite(np.convolve, _convolve)
composite(np.correlate, _correlate)

# ---------------------------------------------------------------------- grids with tracked ends


def _inexact(*values: Any) -> np.dtype[Any]:
    """The dtype of a grid between these values; Python's numbers take the others'."""
    dtype = common_dtype(values)
    return dtype if dtype.kind in "fc" else np.result_type(dtype, np.float64)


def _linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
    axis: int = 0, *, device: Any = None,
) -> Any:  # fmt: skip
    start, stop, num = as_array(start), as_array(stop), operator.index(num)
    inner = _inexact(start, stop)
    start, stop = in_dtype(start, inner), in_dtype(stop, inner)
    gaps = num - 1 if endpoint else num
    shape = np.broadcast_shapes(np.shape(start), np.shape(stop))
    t = np.reshape(np.arange(num, dtype=inner), (num, *(1,) * len(shape)))
    step = (stop - start) / gaps if gaps > 0 else np.nan
    values = either(
        np.any(step == 0),  # a subnormal difference may leave a step of 0: so divide after multiplying
        lambda: t / gaps * (stop - start) + start,
        lambda: t * (step if gaps > 0 else stop - start) + start,
    )
    if endpoint and num > 1:  # the last value is `stop` itself, without rounding
        values = np.where(np.reshape(np.arange(num) == num - 1, np.shape(t)), stop, values)
    if axis != 0:
        values = np.moveaxis(values, 0, axis)
    if dtype is not None:
        values = in_dtype(np.floor(values) if np.dtype(dtype).kind in "iu" else values, dtype)
    return (values, step) if retstep else values


def _logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    base = as_array(base)
    if np.ndim(base):
        ndim = len(np.broadcast_shapes(np.shape(start), np.shape(stop), np.shape(base)))
        start, stop, base = (np.reshape(x, (1,) * (ndim - np.ndim(x)) + np.shape(x)) for x in (start, stop, base))
        base = np.expand_dims(base, axis)
    values = np.power(base, _linspace(start, stop, num, endpoint, axis=axis))
    return values if dtype is None else in_dtype(values, dtype)


def _geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """start·(stop/start)ᵗ with t from 0 to 1; the ends are exact."""
    start, stop = as_full(start), as_full(stop)
    inner = np.result_type(dtype_of(start), dtype_of(stop), float, np.zeros((), dtype))
    start, stop = in_dtype(start, inner), in_dtype(stop, inner)
    gaps = num - 1 if endpoint else num
    shape = np.broadcast_shapes(np.shape(start), np.shape(stop))
    t = np.reshape(np.arange(num, dtype=np.real(np.zeros(0, inner)).dtype) / max(gaps, 1), (num, *(1,) * len(shape)))
    values = start * (stop / start) ** t
    stop = np.where(np.isnan(start), start, stop)
    ends = np.reshape(np.arange(num), np.shape(t))
    values = np.where(ends == 0, start, np.where((ends == num - 1) & endpoint & (num > 1), stop, values))
    return values if axis == 0 else np.moveaxis(values, 0, axis)


composite(np.linspace, _linspace, asks=True)
composite(np.logspace, _logspace, asks=True)
composite(np.geomspace, _geomspace, asks=True)


# ---------------------------------------------------------------------- functions of slices


def _apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    axis = one_axis(axis, np.ndim(arr))
    rows = np.moveaxis(arr, axis, -1)
    shape = np.shape(rows)[:-1]
    results = [func1d(rows[place], *args, **kwargs) for place in np.ndindex(shape)]
    refuse_unless(results)
    inner = np.shape(results[0])
    joined = np.reshape(np.stack(results), (*shape, *inner))
    return np.moveaxis(
        joined, range(len(shape), len(shape) + len(inner)), range(axis, axis + len(inner))
    )


def _apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    ndim = np.ndim(a)
    for axis in axes if np.ndim(axes) else (axes,):
        axis = one_axis(axis, ndim)
        result = func(a, axis)
        a = result if np.ndim(result) == ndim else np.expand_dims(result, axis)
    return a


composite(np.apply_along_axis, _apply_along_axis)
composite(np.apply_over_axes, _apply_over_axes, asks=lambda func, a, axes: np.size(axes) == 0)  # then it is `a`
