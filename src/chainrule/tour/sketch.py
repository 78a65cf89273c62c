"""Draw curves as small SVG pictures that belong to a page: its colours, light or dark, and its width.

The large figures of `chainrule.drawing` are files to keep. Here the same descriptions are drawn with the page's own
style sheet, one picture for each pair of axes, so that two stand side by side on a wide page and below one another on
a phone. No meaning rests on colour alone: a tangent is dotted, a secant dashed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.captions import number
from chainrule.drawing.picture import Curve, Picture

Floats = NDArray[np.float64]
Interval = tuple[float, float]

WIDTH, HEIGHT = 380.0, 270.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 12.0, 10.0, 38.0
_EXACT = 0.2  # pixels that a drawn curve may be off


@dataclass(frozen=True)
class Axes:
    """A pair of axes: what they show of x and y. On a logarithmic axis `y` holds exponents of ten."""

    x: Interval
    y: Interval
    logarithmic: bool = False

    def across(self, x: float) -> float:
        """Where x lies in the picture."""
        low, high = self.x
        return _LEFT + (x - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)

    def down(self, y: float) -> float:
        """Where y lies in the picture, from above."""
        low, high = self.y
        return _TOP + (high - y) / (high - low) * (HEIGHT - _TOP - _BOTTOM)


def axes_of(picture: Picture, curve: Curve) -> Axes:
    """The axes that show a curve of a picture whole."""
    low, high = picture.window
    margin = 0.02 * (high - low)
    return Axes((low - margin, high + margin), curve.view)


def svg(axes: Axes, parts: Iterable[str], described: str, names: tuple[str, str] = ("x", "")) -> str:
    """The picture: grid, numbers and names of the axes, and the parts, which are cut off at the frame."""
    width, height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    inside = "".join(parts)
    across, up = names
    return (
        f'<svg class="sketch" role="img" aria-label="{escape(described)}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
        f"{''.join(_grid(axes))}"
        f'<text class="name" x="{WIDTH - _RIGHT:g}" y="{HEIGHT - 3:g}" text-anchor="end">{escape(across)}</text>'
        f'<text class="name" x="4" y="{_TOP + 4:g}">{escape(up)}</text>'
        f'<svg x="{_LEFT:g}" y="{_TOP:g}" width="{width:g}" height="{height:g}" '
        f'viewBox="{_LEFT:g} {_TOP:g} {width:g} {height:g}" overflow="hidden">{inside}</svg>'
        f'<rect class="frame" x="{_LEFT:g}" y="{_TOP:g}" width="{width:g}" height="{height:g}"/></svg>'
    )


def curve(axes: Axes, drawn: Curve, look: str) -> str:
    """The branches of a curve with its asymptotes, and circles where it ends or breaks off."""
    made = [line(axes, ((at, axes.y[0]), (at, axes.y[1])), "asymptote") for at in drawn.poles]
    made += [line(axes, ((axes.x[0], level), (axes.x[1], level)), "asymptote") for level in drawn.levels]
    made += [path(axes, *branch, look) for branch in drawn.branches]
    made += [point(axes, mark.x, mark.y, f"{look} {'closed' if mark.filled else 'open'}") for mark in drawn.marks]
    return "".join(made)


def path(axes: Axes, x: Floats, y: Floats, look: str) -> str:
    """A line through many points, without those that no one would miss."""
    values = np.log10(y) if axes.logarithmic else y
    low, high = axes.y
    values = np.clip(values, low - 3 * (high - low), high + 3 * (high - low))
    places = np.column_stack([np.vectorize(axes.across)(x), np.vectorize(axes.down)(values)])
    steps = "L".join(f"{left:.1f} {down:.1f}" for left, down in _thinned(places))
    return f'<path class="{look}" d="M{steps}"/>'


def line(axes: Axes, ends: Sequence[tuple[float, float]], look: str) -> str:
    """A straight line."""
    (x, y), (other_x, other_y) = ends
    return (
        f'<path class="{look}" d="M{axes.across(x):.1f} {axes.down(y):.1f}'
        f'L{axes.across(other_x):.1f} {axes.down(other_y):.1f}"/>'
    )


def point(axes: Axes, x: float, y: float, look: str) -> str:
    """A marked point."""
    radius = 3.2 if look.endswith(("closed", "open")) else 5
    return f'<circle class="{look}" cx="{axes.across(x):.1f}" cy="{axes.down(y):.1f}" r="{radius}"/>'


def diamond(axes: Axes, x: float, y: float, look: str) -> str:
    """A marked point of a derivative."""
    left, down = axes.across(x), axes.down(y)
    corners = ((0, -6), (6, 0), (0, 6), (-6, 0))
    return f'<path class="{look}" d="M{"L".join(f"{left + a:.1f} {down + b:.1f}" for a, b in corners)}Z"/>'


def secant(axes: Axes, at: tuple[float, float], step: float, slope: float, place: int) -> str:
    """The secant number `place` through the point `at` and the one `step` further on."""
    x, y = at
    low, high = axes.x
    ends = ((low, y + slope * (low - x)), (high, y + slope * (high - x)))
    other = point(axes, x + step, y + slope * step, "second")
    return f'<g class="secant" data-place="{place}">{line(axes, ends, "line")}{other}</g>'


def _grid(axes: Axes) -> Iterator[str]:
    for at in _ticks(*axes.x):
        x = axes.across(at)
        yield f'<path class="grid" d="M{x:.1f} {_TOP:g}V{HEIGHT - _BOTTOM:g}"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 16:g}" text-anchor="middle">{number(at)}</text>'
    for at in _powers(*axes.y) if axes.logarithmic else _ticks(*axes.y):
        y = axes.down(at)
        label = _power(at) if axes.logarithmic else number(at)
        yield f'<path class="grid" d="M{_LEFT:g} {y:.1f}H{WIDTH - _RIGHT:g}"/>'
        yield f'<text x="{_LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'


def _power(exponent: float) -> str:
    raised = f'<tspan dy="-5" font-size="9">{number(exponent)}</tspan>'
    return f"10{raised}"


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers within an interval, four to eight of them."""
    raw = (high - low) / 6
    unit = 10 ** math.floor(math.log10(raw))
    step = next(unit * size for size in (1, 2, 5, 10) if unit * size >= raw)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{place * step:.12g}") for place in range(first, last + 1)]


def _powers(low: float, high: float) -> list[float]:
    every = max(1, math.ceil((high - low) / 7))
    return [float(exponent) for exponent in range(math.ceil(low), math.floor(high) + 1) if exponent % every == 0]


def _thinned(points: Floats) -> Floats:
    """The points that a polyline needs to stay within a fraction of a pixel (Douglas and Peucker, 1973)."""
    kept = np.zeros(len(points), bool)
    kept[[0, -1]] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        start, along = points[first], points[last] - points[first]
        length = math.hypot(*along) or 1.0
        between = points[first + 1 : last] - start
        distances = np.abs(between[:, 0] * along[1] - between[:, 1] * along[0]) / length
        furthest = int(np.argmax(distances))
        if distances[furthest] > _EXACT:
            middle = first + 1 + furthest
            kept[middle] = True
            waiting += [(first, middle), (middle, last)]
    return points[kept]


