"""Find the points that a textbook marks: zeros, maxima, minima and points of inflection.

Each is a change of sign: of the function, of its derivative, of its second derivative. A change is looked for only
between the places where the function may break, followed down to two neighbouring floats, and believed only if the
curve runs through it. So 1/x has no zero at 0, tan no maximum at its poles, and a constant that is computed with
rounding errors no thousand of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.picture import Border, Special
from chainrule.drawing.structure import between, length, sign

Floats = NDArray[np.float64]
Values = Callable[[Floats], Floats]
Interval = tuple[float, float]

CELLS = 1200  # of the grid on which changes are looked for
_STILL = 1e-10  # of the usual size: smaller derivatives are rounding
_ZERO = 1e-13
_JUMP = 1e-6


@dataclass(frozen=True)
class Smooth:
    """A function on the stretches of an interval on which it is smooth.

    `stretches` end at borders, or at the ends of the interval, which belong to it (`bare`). `tall` is the height of
    what is shown, `view` its lowest and highest value.
    """

    stretches: tuple[Interval, ...]
    bare: tuple[float, ...]
    view: Interval
    cells: int = CELLS

    @property
    def tall(self) -> float:
        return self.view[1] - self.view[0]

    @property
    def width(self) -> float:
        """How wide the stretches are together."""
        return sum(high - low for low, high in self.stretches) or 1.0

    def changes(self, values: Values, noise: float) -> list[tuple[float, int]]:
        """Where a function changes sign, and the sign to the right of it. Values up to `noise` have no sign."""
        found = []
        for low, high in self.stretches:
            count = max(16, math.ceil(self.cells * (high - low) / self.width))
            x = np.linspace(low, high, count + 1)
            x = x[int(low not in self.bare) : len(x) - int(high not in self.bare)]
            found += list(_changes(values, x, noise))
        return found


def _changes(values: Values, x: Floats, noise: float) -> Iterator[tuple[float, int]]:
    y = values(x)
    with np.errstate(invalid="ignore"):
        states = np.where(np.abs(y) <= noise, 0.0, np.sign(y))
    clear = np.flatnonzero(np.isin(states, (-1.0, 1.0)))
    pairs = [(i, j) for i, j in pairwise(clear.tolist()) if states[i] != states[j] and _once(y[i : j + 1])]
    if not pairs:
        return
    left, right = (np.array([x[pair[side]] for pair in pairs]) for side in (0, 1))
    before, after = between(values, sign, left, right)
    for (_, j), low, high, y_low, y_high in zip(
        pairs, before, after, values(before), values(after), strict=True
    ):
        if math.isfinite(y_low) and math.isfinite(y_high):
            nearest = min((low, high), key=lambda end: (abs(y_low if end == low else y_high), length(end)))
            yield float(nearest) + 0.0, int(states[j])


def _once(y: Floats) -> bool:
    """Whether values have one change of sign among them: noise has many, and a flat stretch many zeros."""
    if np.isnan(y).any() or np.count_nonzero(y == 0) > 1:
        return False
    signs = np.sign(y[y != 0])
    return int(np.count_nonzero(signs[1:] != signs[:-1])) == 1


def special_points(
    smooth: Smooth,
    values: Values,
    slopes: Values,
    bends: Values,
    slope_view: Interval,
    borders: Sequence[Border],
) -> tuple[Special, ...]:
    """The points to mark on a curve with these values, first derivatives and second derivatives, in order of x.

    Corners count as maxima and minima where the slopes on both sides say so; the ends of the interval do not.
    """
    found: list[Special] = []
    runs_through = _continuous(values, smooth.tall, smooth.view)
    zero = _ZERO * smooth.tall

    def add(kind: Literal["root", "maximum", "minimum", "inflection"], x: float) -> None:
        y = float(values(np.array([x]))[0])
        if kind == "root" or abs(y) <= zero:  # sin π is not quite 0
            y = 0.0
        if smooth.view[0] <= y <= smooth.view[1]:
            found.append(Special(kind, x, y))

    for x, _ in smooth.changes(values, zero):
        if runs_through(x):
            add("root", x)
    for x, after in smooth.changes(slopes, _STILL * smooth.tall / smooth.width):
        if runs_through(x):
            add("minimum" if after > 0 else "maximum", x)
            if _none(values, x, zero):
                add("root", x)
    tall = slope_view[1] - slope_view[0]
    slope_runs_through = _continuous(slopes, tall, slope_view)
    for x, _ in smooth.changes(bends, _STILL * smooth.tall / smooth.width**2):
        if slope_runs_through(x):
            add("inflection", x)
    for border in borders:
        if border.kind in ("kink", "cusp", "vertical tangent", "edge") and border.function.value == 0:
            add("root", border.x)
        left, right = border.derivative.left.value, border.derivative.right.value
        if border.kind in ("kink", "cusp") and left * right < 0:
            add("minimum" if left < 0 else "maximum", border.x)
        if border.kind == "vertical tangent" and _bends_over(bends, border.x, smooth.width):
            add("inflection", border.x)
    return _apart(found, 1e-9 * smooth.width)


def _continuous(values: Values, tall: float, view: Interval) -> Callable[[float], bool]:
    """Whether a curve runs through a point: next to it are values that differ little and are not far out of view."""

    def runs_through(x: float) -> bool:
        y = values(np.array([np.nextafter(x, -np.inf), x, np.nextafter(x, np.inf)]))
        if not np.isfinite(y).all():
            return False
        return bool(np.ptp(y) <= _JUMP * tall and view[0] - tall <= y.min() and y.max() <= view[1] + tall)

    return runs_through


def _bends_over(bends: Values, x: float, width: float) -> bool:
    before, after = bends(np.array([x - 1e-3 * width, x + 1e-3 * width]))
    return bool(before * after < 0)


def _apart(found: list[Special], near: float) -> tuple[Special, ...]:
    """The points in order of x, the same one only once."""
    result: list[Special] = []
    for point in sorted(found, key=lambda each: (each.kind, each.x)):
        if not result or result[-1].kind != point.kind or point.x - result[-1].x > near:
            result.append(point)
    return tuple(sorted(result, key=lambda each: each.x))


def tangent_points(
    smooth: Smooth, values: Values, slopes: Values, bends: Values, outside: tuple[float, float]
) -> tuple[float, ...]:
    """The x at which the tangent goes through a point: where f(x) + f′(x)(p − x) is its height.

    A point on the curve lies on its own tangent, and is a double solution.
    """
    px, py = outside
    scale = max(smooth.tall, abs(py - smooth.view[0]), abs(py - smooth.view[1]))

    def misses(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return values(x) + slopes(x) * (px - x) - py

    def turning(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return bends(x) * (px - x)

    runs_through = _continuous(values, smooth.tall, smooth.view)
    hits = [x for x, _ in smooth.changes(misses, _ZERO * scale)]
    hits += [x for x, _ in smooth.changes(turning, _STILL * scale / smooth.width) if _none(misses, x, 1e-12 * scale)]
    return tuple(
        point.x
        for point in _apart([Special("root", x, 0.0) for x in hits if runs_through(x)], 1e-7 * smooth.width)
        if _none(misses, point.x, 1e-6 * scale)
    )


def _none(values: Values, x: float, noise: float) -> bool:
    return bool(abs(values(np.array([x]))[0]) <= noise)
