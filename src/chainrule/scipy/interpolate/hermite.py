"""Cubic pieces with given or estimated slopes, differentiable in knots, values, slopes and points."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate as plain_interpolate

from chainrule.engine.assignment import joined
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain
from chainrule.errors import NoRuleError
from chainrule.formula.expression import Function
from chainrule.rules.axes import one_axis
from chainrule.rules.rule import as_array, as_full
from chainrule.rules.untracked import plain_array

__all__ = ["Akima1DInterpolator", "CubicHermiteSpline", "PchipInterpolator"]


class CubicHermiteSpline:
    """SciPy's `CubicHermiteSpline`: the cubic pieces with values `y` and slopes `dydx` at the knots `x`."""

    def __init__(self, x: Any, y: Any, dydx: Any, axis: int = 0, extrapolate: Any = None) -> None:
        self._set(x, y, axis, extrapolate, plain_interpolate.CubicHermiteSpline, (dydx,))

    def _set(
        self, x: Any, y: Any, axis: int, extrapolate: Any, theirs: Function, given: Any = (), **options: Any
    ) -> None:
        self._x, self._y = (as_full(as_array(joined(value))) for value in (x, y))
        slopes = [as_full(as_array(joined(value))) for value in given]
        self._axis = one_axis(axis, np.ndim(self._y))
        named = options if extrapolate is None else {**options, "extrapolate": extrapolate}
        self._plain = theirs(plain(self._x), plain(self._y), *map(plain, slopes), axis=axis, **named)
        self._tracked = any(isinstance(value, Tracked) for value in (self._x, self._y, *slopes))
        if self._tracked:
            self._rows = np.moveaxis(self._y, self._axis, 0) * 1.0
            estimated = self._estimated if not slopes else lambda *_: np.moveaxis(slopes[0], self._axis, 0)
            self._slopes = estimated(self._x, self._rows, options)

    def _estimated(self, x: Any, y: Any, options: Any) -> Any:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._tracked:
            raise NoRuleError(f"{type(self).__name__}.{name} through tracked values{at_user_line()} has no rule.")
        return getattr(self._plain, name)

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """The values at `x`, or the derivative of order `nu`; `x`'s axes stand where `axis` was."""
        x = as_full(as_array(joined(x)))
        known = self._plain(plain_array(x), nu, extrapolate)
        if not self._tracked and not isinstance(x, Tracked):
            return known
        knots = plain_array(self._x)
        places = np.ravel(plain_array(x))
        k = np.clip(np.searchsorted(knots, places, side="right") - 1, 0, len(knots) - 2)
        coefficients = self._coefficients(k)
        apart = np.reshape(np.ravel(x) - self._x[k], (-1, *(1,) * (np.ndim(self._y) - 1)))
        for _ in range(nu):
            coefficients = [j * c for j, c in enumerate(coefficients)][1:] or [0.0 * coefficients[0]]
        total: Any = 0.0
        for c in reversed(coefficients):
            total = total * apart + c
        total = np.reshape(total, (*np.shape(x), *np.shape(total)[1:]))
        moved = np.moveaxis(total, range(np.ndim(x)), range(self._axis, self._axis + np.ndim(x)))
        return np.where(np.isnan(known), np.nan, moved)[()] if np.any(np.isnan(known)) else moved

    def _coefficients(self, k: Any) -> list[Any]:
        """Of each piece, from the constant up."""
        if not self._tracked:
            c = np.moveaxis(self._plain.c, 0, -1)[k]
            return [c[..., 3], c[..., 2], c[..., 1], c[..., 0]]
        gaps = np.reshape(self._x[k + 1] - self._x[k], (-1, *(1,) * (np.ndim(self._y) - 1)))
        rise = (self._rows[k + 1] - self._rows[k]) / gaps
        left, right = self._slopes[k], self._slopes[k + 1]
        bend = (left + right - 2 * rise) / gaps
        return [self._rows[k], left, (rise - left) / gaps - bend, bend / gaps]


class PchipInterpolator(CubicHermiteSpline):
    """SciPy's `PchipInterpolator`, which keeps monotone data monotone (F. N. Fritsch and J. Butland 1984)."""

    def __init__(self, x: Any, y: Any, axis: int = 0, extrapolate: Any = None) -> None:
        self._set(x, y, axis, extrapolate, plain_interpolate.PchipInterpolator)

    def _estimated(self, x: Any, y: Any, options: Any) -> Any:
        gaps = np.reshape(x[1:] - x[:-1], (-1, *(1,) * (np.ndim(y) - 1)))
        rises = (y[1:] - y[:-1]) / gaps
        if np.shape(y)[0] == 2:
            return np.concatenate([rises, rises], axis=0)
        left, right = rises[:-1], rises[1:]
        first, second = 2 * gaps[1:] + gaps[:-1], gaps[1:] + 2 * gaps[:-1]
        flat = plain_array(left) * plain_array(right) <= 0
        whole = first + second
        mean = (first / np.where(flat, 1.0, left) + second / np.where(flat, 1.0, right)) / whole
        inner = np.where(flat, 0.0, 1 / np.where(flat, 1.0, mean))
        start = _end_slope(gaps[0], gaps[1], rises[0], rises[1])
        stop = _end_slope(gaps[-1], gaps[-2], rises[-1], rises[-2])
        return np.concatenate([start[None], inner, stop[None]], axis=0)


def _end_slope(gap: Any, next_gap: Any, rise: Any, next_rise: Any) -> Any:
    """The slope of the parabola through three points, held back where it would overshoot."""
    slope = ((2 * gap + next_gap) * rise - gap * next_rise) / (gap + next_gap)
    plain_slope, own, other = plain_array(slope), plain_array(rise), plain_array(next_rise)
    turned = np.sign(plain_slope) != np.sign(own)
    steep = (np.sign(own) != np.sign(other)) & (np.abs(plain_slope) > 3 * np.abs(own)) & ~turned
    return np.where(turned, 0.0, np.where(steep, 3 * rise, slope))


class Akima1DInterpolator(CubicHermiteSpline):
    """SciPy's `Akima1DInterpolator` (H. Akima 1970), and its modified form."""

    def __init__(self, x: Any, y: Any, axis: int = 0, *, method: str = "akima", extrapolate: Any = None) -> None:
        self._set(x, y, axis, extrapolate, plain_interpolate.Akima1DInterpolator, method=method)

    def _estimated(self, x: Any, y: Any, options: Any) -> Any:
        gaps = np.reshape(x[1:] - x[:-1], (-1, *(1,) * (np.ndim(y) - 1)))
        inner = (y[1:] - y[:-1]) / gaps
        if np.shape(y)[0] == 2:
            return np.concatenate([inner, inner], axis=0)
        before, after = 2 * inner[:1] - inner[1:2], 2 * inner[-1:] - inner[-2:-1]
        m = np.concatenate([2 * before - inner[:1], before, inner, after, 2 * after - inner[-1:]], axis=0)
        turns = np.abs(m[1:] - m[:-1])
        if options.get("method") == "makima":
            turns = turns + np.abs(m[1:] + m[:-1]) / 2
        right, left = turns[2:], turns[:-2]
        total = left + right
        straight = plain_array(total) <= 1e-9 * np.max(plain_array(total), initial=0.0)
        weighted = (right * m[1:-2] + left * m[2:-1]) / np.where(straight, 1.0, total)
        return np.where(straight, (m[3:] + m[:-3]) / 2, weighted)
