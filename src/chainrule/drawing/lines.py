"""Straight lines at a curve: the tangent at a point, secants through two, tangents through a point outside."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.faults import Option, finite, refused
from chainrule.drawing.picture import Border, Secant, Tangent

Floats = NDArray[np.float64]
Interval = tuple[float, float]

_TANGENT = 0.3  # half the length of the tangent's segment, in widths of the axes
_BEYOND = 0.12  # how far a secant goes on beyond its two points, in widths of the axes


def tangent(x: float, y: float, slope: float, border: Border | None, window: Interval, view: Interval) -> Tangent:
    """The tangent at (x, y) and its segments: one, two at a kink, half of one at an edge, or none."""
    width, tall = window[1] - window[0], view[1] - view[0]

    def half(steepness: float, side: int) -> tuple[float, float]:
        if math.isinf(steepness):
            return x, y + side * math.copysign(_TANGENT * tall, steepness)
        direction = math.hypot(1.0, steepness * width / tall)
        step = side * _TANGENT * width / direction
        return x + step, y + step * steepness

    kind = None if border is None else border.kind
    if border is not None and kind in ("kink", "cusp"):
        left, right = border.derivative.left.value, border.derivative.right.value
        if not math.isnan(left + right) or math.isinf(left):
            segments = (half(left, -1), (x, y)), ((x, y), half(right, 1))
            return Tangent(x, y, slope, segments, (left, right), kind)
    if border is not None and kind in ("vertical tangent", "edge"):
        infinite = [side.value for side in (border.derivative.left, border.derivative.right) if side.infinite]
        steep = infinite[0] if infinite else slope
        sides = [side for side, limit in ((-1, border.function.left), (1, border.function.right)) if limit.defined]
        ends = [half(steep, side) if side in sides else (x, y) for side in (-1, 1)]
        return Tangent(x, y, slope, () if math.isnan(steep) else ((ends[0], ends[1]),), None, kind)
    if kind is not None or math.isnan(slope):
        return Tangent(x, y, slope, (), None, kind)
    return Tangent(x, y, slope, ((half(slope, -1), half(slope, 1)),))


def steps(wanted: float | Sequence[float] | None) -> tuple[float, ...]:
    """The steps h of the secants asked for. Raises DomainError for one that is no number, or 0."""
    if wanted is None:
        return ()
    given = (wanted,) if np.ndim(wanted) == 0 else tuple(wanted)  # type: ignore[arg-type]
    found = tuple(finite(h, "secant") for h in given)
    if 0.0 in found:
        raise refused(
            "a secant needs two points: {zero} gives one. Write a small step, such as {example}.",
            "割线需要两个点，而 {zero} 只给出一个点。请写一个小的步长，例如 {example}。",
            zero=Option("secant", 0),
            example=Option("secant", 0.1),
        )
    return found


def secant(x: float, y: float, h: float, end: float, window: Interval, view: Interval) -> Secant:
    """The secant from (x, y) to (x + h, end), drawn a little beyond both."""
    slope = (end - y) / h
    width, tall = window[1] - window[0], view[1] - view[0]
    step = math.copysign(_BEYOND * width / math.hypot(1.0, slope * width / tall), h)
    first, last = x - step, x + h + step
    return Secant(x, y, h, end, slope, ((first, y - step * slope), (last, end + step * slope)))


def through(
    outside: tuple[float, float],
    points: Iterable[float],
    number: Callable[[float], tuple[float, float]],
) -> tuple[Tangent, ...]:
    """The tangents at these points, each drawn to the point `outside` and as far again beyond the curve."""
    px, py = outside
    found = []
    for x in points:
        y, slope = number(x)
        reach = 0.35 * (x - px)
        ends = (px - reach, py - reach * slope), (x + reach, y + reach * slope)
        found.append(Tangent(x, y, slope, (ends,)))
    return tuple(found)


def read_outside(point: Any) -> tuple[float, float]:
    """The pair of numbers that a point is. Raises DomainError for anything else."""
    try:
        x, y = point
    except (TypeError, ValueError):
        raise refused(
            "{through} must be a point (x, y), but got {got!r}. Write for example {example}.",
            "{through} 必须是一个点 (x, y)，但得到的是 {got!r}。例如写 {example}。",
            through=Option("through"),
            got=point,
            example=Option("through", (0, -1)),
        ) from None
    return finite(x, "through"), finite(y, "through")
