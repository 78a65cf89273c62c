"""Interpolation that is linear in the values: splines, and straight lines on grids.

A curve through values y is their sum, each times a fixed curve of the basis, which SciPy makes of unit values. Without
tracked values it is SciPy's own curve, differentiated by the points through its own derivatives.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import interpolate as plain_interpolate

from chainrule.engine.assignment import has_tracked, joined
from chainrule.engine.definitions import refusal
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain, snapshot
from chainrule.errors import TrackingError
from chainrule.formula.expression import Function
from chainrule.rules.axes import one_axis
from chainrule.rules.function import dispatched
from chainrule.rules.rule import as_array, as_full, explicit
from chainrule.rules.untracked import plain_array
from chainrule.scipy.following import like

__all__ = ["BSpline", "CubicSpline", "RegularGridInterpolator", "interp1d", "interpn", "make_interp_spline"]


@dispatched
def curve_values(points: Any, curve: Any, nu: int) -> Any:
    """The derivative number `nu` of a curve at points; shape points.shape + that of a value of the curve."""
    return np.asarray(curve(points, nu))[()]


def _along_points(tangent: Any, slope: Any, points: Any) -> Any:
    return slope * np.reshape(tangent, np.shape(points) + (1,) * (np.ndim(slope) - np.ndim(points)))


def _back_to_points(g: Any, slope: Any, points: Any) -> Any:
    return np.sum(g * slope, axis=tuple(range(np.ndim(points), np.ndim(slope))))


explicit(
    curve_values,
    1,
    lambda out, operands, tracked, curve, nu: (
        lambda g: (_back_to_points(g, curve_values(operands[0], curve, nu + 1), operands[0]),)
    ),
    lambda out, operands, tangents, curve, nu: (
        _along_points(tangents[0], curve_values(operands[0], curve, nu + 1), operands[0])
    ),
    source="an interpolating curve is linear in its values, with fixed curves of the basis",
)


class Curve:
    """SciPy's curve `through` values, as a function of points and of the values, of which `axis` is interpolated.

    What it does not have, such as `derivative` and `integrate`, is that of SciPy's curve through plain values.
    """

    def __init__(self, through: Function, y: Any, axis: int, count: int, closed: bool = False) -> None:
        self._y = snapshot(as_full(y))  # a curve does not change with the array that it was made of
        self._axis = one_axis(axis, np.ndim(self._y))
        self._curve = through(plain(self._y))
        if isinstance(self._y, Tracked):
            unit = np.eye(count)
            if closed:
                unit[-1] = unit[0]
            self._basis = through(unit)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if isinstance(self._y, Tracked):
            raise TrackingError(
                f"{type(self._curve).__name__}.{name} through tracked values{at_user_line()} has no rule. Call the "
                "curve with points, or make it of cr.stop_gradient(y)."
            )
        return getattr(self._curve, name)

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """The curve's values at `x`, or those of its derivative of order `nu`: `x`'s axes stand where `axis` was."""
        x = joined(x) if has_tracked(x) else x
        values: Any
        if not isinstance(self._y, Tracked):
            if not isinstance(x, Tracked):
                return self._curve(x, nu) if extrapolate is None else self._curve(x, nu, extrapolate)
            values = curve_values(x, _front(self._curve, self._axis, np.ndim(plain(x)), extrapolate), nu)
        else:
            points: Any = x if isinstance(x, Tracked) else np.asarray(x, float)
            basis = curve_values(points, _front(self._basis, 0, np.ndim(points), extrapolate), nu)
            rows: Any = np.moveaxis(self._y, self._axis, 0)  # type: ignore[type-var]
            values = np.tensordot(basis, rows, axes=1)
        ndim = np.ndim(plain(x))
        return np.moveaxis(values, range(ndim), range(self._axis, self._axis + ndim)) if self._axis and ndim else values


def _front(curve: Any, axis: int, ndim: int, extrapolate: Any) -> Function:
    """The values of a curve with the axes of the points in front."""

    def values(points: Any, nu: int) -> Any:
        found = curve(points, nu) if extrapolate is None else curve(points, nu, extrapolate)
        return np.moveaxis(found, range(axis, axis + np.ndim(points)), range(np.ndim(points))) if axis else found

    return values


def _made(name: str, x: Any, y: Any, axis: int, through: Callable[[Any, int], Any], closed: bool = False) -> Curve:
    """The curve. Raises ShapeError with SciPy's reason where SciPy refuses, TrackingError for tracked knots."""
    if isinstance(x, Tracked) or has_tracked(x):
        raise TrackingError(
            f"{name} got tracked knots{at_user_line()}, by which it has no derivative. Pass cr.stop_gradient(x), or "
            "use chainrule.scipy.interpolate.PchipInterpolator, whose knots may move."
        )
    y = as_array(joined(y))
    first = [True]

    def of_values(values: Any) -> Any:
        own_axis, first[0] = (axis, False) if first[0] else (0, False)
        return through(values, own_axis)

    try:
        return Curve(of_values, y, axis, np.size(x), closed)
    except ValueError as reason:
        raise refusal(name, [plain(y)], reason) from reason


@like(plain_interpolate.CubicSpline)
def CubicSpline(x: Any, y: Any, axis: int = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None) -> Any:  # noqa: N802
    """SciPy's `CubicSpline` through (x, y), differentiable in `y` and in the points at which it is called.

    Of a periodic spline the first and the last value are the same number, and the gradient by it is in the first place.

    >>> import chainrule as cr
    >>> spline = CubicSpline([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 8.0, 27.0])
    >>> float(round(cr.grad(spline)(1.5), 6))
    6.75
    """
    knots = x if isinstance(x, Tracked) or has_tracked(x) else np.array(x, float)

    def through(values: Any, axis: int) -> Any:
        return plain_interpolate.CubicSpline(knots, values, axis, bc_type, extrapolate)

    sloped = not isinstance(bc_type, str) and any(np.any(value) for _, value in _conditions(bc_type))
    if sloped and isinstance(joined(y), Tracked):
        raise TrackingError(
            f"CubicSpline with slopes at the ends through tracked values{at_user_line()} has no rule. Use "
            "CubicHermiteSpline, or slopes of 0."
        )
    return _made("CubicSpline", knots, y, axis, through, isinstance(bc_type, str) and bc_type == "periodic")


def _conditions(bc_type: Any) -> list[Any]:
    return [end for end in bc_type if not isinstance(end, str)]


@like(plain_interpolate.make_interp_spline)
def make_interp_spline(
    x: Any, y: Any, k: int = 3, t: Any = None, bc_type: Any = None, axis: int = 0, check_finite: bool = True
) -> Any:
    """SciPy's `make_interp_spline` of degree `k`, differentiable as :func:`CubicSpline` is."""
    knots = x if isinstance(x, Tracked) or has_tracked(x) else np.array(x, float)

    def through(values: Any, axis: int) -> Any:
        return plain_interpolate.make_interp_spline(knots, values, k, t, bc_type, axis, check_finite)

    return _made("make_interp_spline", knots, y, axis, through, isinstance(bc_type, str) and bc_type == "periodic")


@like(plain_interpolate.BSpline)
def BSpline(t: Any, c: Any, k: int, extrapolate: Any = True, axis: int = 0) -> Any:  # noqa: N802, as SciPy names it
    """SciPy's `BSpline` with knots `t`, differentiable in its coefficients `c` and in the points."""
    knots = np.array(t, float)
    c = as_full(as_array(joined(c)))

    def through(values: Any) -> Any:
        at = axis if np.shape(values) == np.shape(c) else 0
        return plain_interpolate.BSpline(knots, values, k, extrapolate, at)

    return Curve(through, c, axis, np.shape(c)[one_axis(axis, np.ndim(c))])


class interp1d:  # noqa: N801, as SciPy names it
    """SciPy's `interp1d`, differentiable in `y` and in the points; at a knot the slope is that of the left piece."""

    def __init__(
        self, x: Any, y: Any, kind: Any = "linear", axis: int = -1, copy: bool = True, bounds_error: Any = None,
        fill_value: Any = np.nan, assume_sorted: bool = False,
    ) -> None:  # fmt: skip
        if isinstance(x, Tracked) or has_tracked(x):
            raise TrackingError(
                f"interp1d got tracked knots{at_user_line()}, by which it has no derivative. np.interp has one."
            )
        self._y = snapshot(as_full(as_array(joined(y))))
        self._axis = one_axis(axis, np.ndim(self._y))
        x = np.array(x, float)
        filled = plain(fill_value) if not isinstance(fill_value, tuple) else tuple(map(plain, fill_value))
        options = {"bounds_error": bounds_error, "assume_sorted": assume_sorted}
        self._curve = plain_interpolate.interp1d(x, plain(self._y), kind, axis, copy, fill_value=filled, **options)
        unit = np.eye(len(x))
        inside = "extrapolate" if isinstance(filled, str) else 0.0
        self._basis = plain_interpolate.interp1d(x, unit, kind, 0, fill_value=inside, bounds_error=False,
                                                 assume_sorted=assume_sorted)  # fmt: skip
        self._extrapolates = isinstance(filled, str)
        self._ends, self._kind, self._knots = (np.min(x), np.max(x)), kind, np.sort(x)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._curve, name)

    def __call__(self, x: Any) -> Any:
        """The values at `x`, whose axes stand in place of `axis`."""
        x = as_full(as_array(joined(x)))
        known = self._curve(plain_array(x))
        if not isinstance(x, Tracked) and not isinstance(self._y, Tracked):
            return known
        basis = curve_values(x, self._with_slopes, 0)
        made = np.tensordot(basis, np.moveaxis(self._y, self._axis, 0), axes=1)
        ndim = np.ndim(x)
        made = np.moveaxis(made, range(ndim), range(self._axis, self._axis + ndim)) if ndim else made
        places = plain_array(x)
        outside = (places < self._ends[0]) | (places > self._ends[1])
        if self._extrapolates or not np.any(outside):
            return made
        outside = np.reshape(outside, (*np.shape(outside), *(1,) * (np.ndim(made) - ndim - self._axis)))
        return np.where(outside, known, made)

    def _with_slopes(self, points: Any, nu: int) -> Any:
        """The basis and its derivatives: straight lines between knots, or splines."""
        if nu == 0:
            return self._basis(points)
        if self._kind in ("linear", "slinear", 1):
            k = np.clip(np.searchsorted(self._knots, points) - 1, 0, len(self._knots) - 2)
            left, right = self._knots[k], self._knots[k + 1]
            rise = self._basis(right) - self._basis(left)
            slope = rise / np.reshape(right - left, (*np.shape(points), 1))
            outside = (points < self._ends[0]) | (points > self._ends[1])
            flat = (nu > 1) | (outside & ~np.bool(self._extrapolates))
            return np.where(np.reshape(flat, (*np.shape(points), 1)), 0.0, slope)
        if self._kind in ("quadratic", "cubic", 2, 3):
            degree = {"quadratic": 2, "cubic": 3}.get(self._kind, self._kind)
            spline = plain_interpolate.make_interp_spline(self._knots, self._basis(self._knots), degree)
            return np.asarray(spline(points, nu))
        return np.zeros((*np.shape(points), len(self._knots)))  # steps


class RegularGridInterpolator:
    """SciPy's `RegularGridInterpolator`, differentiable in values and points for the methods linear and nearest."""

    def __init__(
        self, points: Any, values: Any, method: str = "linear", bounds_error: bool = True, fill_value: Any = np.nan,
        **options: Any,
    ) -> None:  # fmt: skip
        self._values = snapshot(as_full(as_array(joined(values))))
        self._points = [np.array(axis, float) for axis in points]
        self._fill, self._method = fill_value, method
        self._plain = plain_interpolate.RegularGridInterpolator(
            tuple(self._points), plain(self._values), method, bounds_error, plain(fill_value), **options
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._plain, name)

    def __call__(self, xi: Any, method: Any = None, **options: Any) -> Any:
        """The values at the points `xi` (…, number of axes)."""
        if isinstance(xi, tuple):
            parts = [as_full(as_array(joined(part))) for part in xi]
            shape = np.broadcast_shapes(*map(np.shape, parts))
            xi = np.stack([np.broadcast_to(part, shape) for part in parts], axis=-1)
        xi = as_full(as_array(joined(xi)))
        known = self._plain(plain_array(xi), method, **options)
        if not isinstance(xi, Tracked) and not isinstance(self._values, Tracked):
            return known
        chosen = self._method if method is None else method
        if chosen not in ("linear", "nearest"):
            raise NotImplementedError(f"the method {chosen!r} of tracked values{at_user_line()}; linear has a rule")
        count = len(self._points)
        rows = np.reshape(xi, (-1, count))
        places = plain_array(rows)
        corners: list[Any] = []
        outside = np.zeros(len(places), bool)
        for axis, knots in enumerate(self._points):
            k = np.clip(np.searchsorted(knots, places[:, axis]) - 1, 0, len(knots) - 2)
            part = (rows[:, axis] - knots[k]) / (knots[k + 1] - knots[k])
            if chosen == "nearest":
                part = np.where(plain_array(part) <= 0.5, 0.0, 1.0)
            corners.append(((k, 1 - part), (k + 1, part)))
            outside |= (places[:, axis] < knots[0]) | (places[:, axis] > knots[-1])
        total: Any = 0.0
        trailing = np.ndim(self._values) - count
        for corner in itertools.product(*corners):
            weight: Any = 1.0
            for _, share in corner:
                weight = weight * share
            weight = np.reshape(weight, (len(places), *(1,) * trailing))
            total = total + weight * self._values[tuple(k for k, _ in corner)]
        if self._fill is not None and np.any(outside):
            total = np.where(np.reshape(outside, (-1, *(1,) * trailing)), self._fill, total)
        return np.reshape(total, np.shape(known))


@like(plain_interpolate.interpn)
def interpn(
    points: Any, values: Any, xi: Any, method: str = "linear", bounds_error: bool = True, fill_value: Any = np.nan
) -> Any:
    """SciPy's `interpn`, differentiable as :class:`RegularGridInterpolator` is."""
    if not isinstance(joined(values), Tracked) and not isinstance(joined(xi), Tracked):
        return plain_interpolate.interpn(points, values, xi, method, bounds_error, fill_value)
    return RegularGridInterpolator(points, values, method, bounds_error, fill_value)(xi)
