"""Sample a curve as branches: cut where it breaks, with more points where it bends, in a view that fits it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.limits import UNDEFINED, Limit, at_infinity
from chainrule.drawing.picture import Break, Curve, Mark
from chainrule.drawing.turns import turns
from chainrule.formula.expression import Expression

Floats = NDArray[np.float64]
Values = Callable[[Floats], Floats]
Interval = tuple[float, float]

_CELLS = 800  # of the first, even sampling
_CELLS_A_TURN = 8
_MOST_POINTS = 20_000


@dataclass(frozen=True)
class Sampler:
    """Samples curves over the interval drawn, leaving out the `dense` parts of it.

    `known` tells whether the breaks are all there are, or there may be poles that nobody knows of; `quick` whether a
    function takes whole arrays, so that many samples cost little.
    """

    low: float
    high: float
    dense: tuple[Interval, ...]
    known: bool
    quick: bool

    def curve(
        self, values: Values, breaks: Sequence[Break], heights: Sequence[float], formula: Expression | None
    ) -> Curve:
        """The branches of one curve, cut at `breaks`, in a view that shows `heights` too."""
        steep = not self.known or bool(self.dense) or any(b.kind in ("pole", "oscillation") for b in breaks)
        breaks = [b for b in breaks if self.low <= b.x <= self.high]
        turned = turns(values, self.low, self.high, quick=self.quick)
        crowded = turned.crowded()
        uniform = np.linspace(self.low, self.high, max(_CELLS, _CELLS_A_TURN * turned.outside_bands) + 1)
        sampled = turned.y if crowded else values(uniform)
        cuts = [b for b in breaks if b.kind != "continuous"]
        joints = np.array([b.x for b in breaks if b.kind == "continuous"])
        marks = tuple(mark for cut in cuts for mark in _marks(cut, self.low, self.high))
        wanted = [*heights, *(mark.y for mark in marks)]
        shown = _approached(_levels(formula), sampled, _view(sampled, wanted, steep))
        view = _view(sampled, [*wanted, *shown], steep)
        stretches = self._stretches(cuts, _joined(self.dense, crowded))
        known = np.unique(np.concatenate([uniform, joints]))
        grids: list[Floats] = []
        for left, right in stretches:
            inner = known[np.searchsorted(known, left.x, "right") : np.searchsorted(known, right.x, "left")]
            bare = [end.x for end in (left, right) if end.kind == "outside"]
            x = np.unique(np.concatenate([inner, bare, _graded(left.x, right.x)]))
            near = left.right.noise_within, right.left.noise_within
            grids.append(x[((x >= left.x + near[0]) & (x <= right.x - near[1])) | np.isin(x, bare)])
        pieces: list[tuple[Floats, Floats]] = []
        for (left, right), x, y in zip(stretches, grids, of_each(values, grids), strict=True):
            x, y = _with_end(x, y, left.x, left.right, 0)
            pieces.append(_with_end(x, y, right.x, right.left, len(x)))
        refined = _refined(values, pieces, view, (self.high - self.low) * 1e-5)
        branches = [branch for x, y in refined for branch in _visible(x, y, view)]
        poles = tuple(cut.x for cut in cuts if _is_inner_pole(cut, self.low, self.high))
        return Curve(tuple(branches), marks, poles, shown, view, turned.bands(view))

    def _stretches(self, cuts: Sequence[Break], skipped: Sequence[Interval]) -> list[tuple[Break, Break]]:
        """Pairs of ends with nothing to cut between them.

        The window and the parts that are skipped end barely: the curve would go on, or nothing is known of it.
        """
        known = {cut.x for cut in cuts}
        bare = {self.low, self.high, *(end for interval in skipped for end in interval)} - known
        ends = sorted(
            [*cuts, *(Break(x, UNDEFINED, UNDEFINED, math.nan) for x in bare)], key=lambda end: end.x
        )
        starts = [start for start, _ in skipped]

        def inside(left: Break, right: Break) -> bool:  # the skipped intervals are in order and apart
            place = bisect_right(starts, left.x) - 1
            return place >= 0 and right.x <= skipped[place][1]

        return [(left, right) for left, right in pairwise(ends) if not inside(left, right)]


def _joined(*several: Sequence[Interval]) -> list[Interval]:
    """Intervals in order and apart that cover the same as all of these."""
    result: list[Interval] = []
    for low, high in sorted(interval for intervals in several for interval in intervals):
        if result and low <= result[-1][1]:
            result[-1] = result[-1][0], max(high, result[-1][1])
        else:
            result.append((low, high))
    return result


def _graded(left: float, right: float) -> Floats:
    """Points that crowd towards both ends of an open interval, as near as floats allow."""
    width = right - left
    near = 2.0 ** -np.arange(1.0, 50.0) * width
    x = np.concatenate([left + near, right - near, [np.nextafter(left, right), np.nextafter(right, left)]])
    return x[(x > left) & (x < right)]


def _with_end(x: Floats, y: Floats, end: float, limit: Limit, place: int) -> tuple[Floats, Floats]:
    """The branch closed with its limit at a cut; at the window's end the sample next to it stands for it."""
    if not limit.finite:
        return x, y
    return np.insert(x, place, end), np.insert(y, place, limit.value)


def of_each(values: Values, grids: Sequence[Floats]) -> list[Floats]:
    """The values on each of several grids, asked for at once: the function may be slow to begin."""
    if not grids:
        return []
    joined = np.concatenate(grids)
    return np.split(values(joined) if len(joined) else joined, np.cumsum([len(grid) for grid in grids[:-1]]))


def _refined(
    values: Values, pieces: Sequence[tuple[Floats, Floats]], view: Interval, narrowest: float
) -> list[tuple[Floats, Floats]]:
    """More points on each piece of the curve where it bends visibly."""
    low, high = view
    tall = high - low
    done = list(pieces)
    waiting = [number for number, (x, _) in enumerate(done) if len(x) <= _MOST_POINTS]
    for _ in range(8):
        with np.errstate(all="ignore"):
            cells = [_cells_to_halve(*done[number], (low - tall, high + tall), narrowest) for number in waiting]
            middles = [
                x[at] + (x[at + 1] - x[at]) / 2 for (x, _), at in zip((done[n] for n in waiting), cells, strict=True)
            ]
            bent_pieces = []
            for number, at, middle, there in zip(waiting, cells, middles, of_each(values, middles), strict=True):
                x, y = done[number]
                bent = np.abs(there - (y[at] + y[at + 1]) / 2) > 4e-4 * tall
                if bent.any():
                    places = at[bent] + 1
                    done[number] = np.insert(x, places, middle[bent]), np.insert(y, places, there[bent])
                    bent_pieces.append(number)
        waiting = [number for number in bent_pieces if len(done[number][0]) <= _MOST_POINTS]
        if not waiting:
            break
    return done


def _cells_to_halve(x: Floats, y: Floats, near: Interval, narrowest: float) -> NDArray[np.intp]:
    """The cells between neighbouring points that are wide enough, have values and are not far out of view."""
    lower, upper = np.minimum(y[1:], y[:-1]), np.maximum(y[1:], y[:-1])
    seen = (lower < near[1]) & (upper > near[0]) & (x[1:] - x[:-1] > narrowest) & np.isfinite(y[1:] + y[:-1])
    return np.flatnonzero(seen)


def _visible(x: Floats, y: Floats, view: Interval) -> list[tuple[Floats, Floats]]:
    """The parts of a branch that have values and do not run far above or below what is shown."""
    low, high = view
    tall = high - low
    with np.errstate(invalid="ignore"):
        near = (y >= low - tall) & (y <= high + tall)
    finite = np.isfinite(y)
    kept = near.copy()
    kept[1:] |= near[:-1]
    kept[:-1] |= near[1:]
    kept &= finite
    starts = np.flatnonzero(np.diff(kept.astype(int), prepend=0) == 1)
    ends = np.flatnonzero(np.diff(kept.astype(int), append=0) == -1) + 1
    parts = []
    for start, end in zip(starts, ends, strict=True):
        part_x, part_y = x[start:end].copy(), np.clip(y[start:end], low - 9 * tall, high + 9 * tall)
        part_x.setflags(write=False)
        part_y.setflags(write=False)
        parts.append((part_x, part_y))
    return parts


def _marks(cut: Break, low: float, high: float) -> list[Mark]:
    """Circles at the ends of the branches that meet at a cut, and at a value that lies on neither."""
    sides = [cut.left] * (cut.x > low) + [cut.right] * (cut.x < high)
    ends = dict.fromkeys(side.value for side in sides if side.finite)
    marks = [Mark(cut.x, y, bool(np.isclose(y, cut.value, rtol=1e-9, atol=1e-12))) for y in ends]
    if math.isfinite(cut.value) and not any(mark.filled for mark in marks):
        marks.append(Mark(cut.x, cut.value, True))
    return marks


def _is_inner_pole(cut: Break, low: float, high: float) -> bool:
    return (cut.left.infinite and cut.x > low) or (cut.right.infinite and cut.x < high)


def _view(sampled: Floats, included: Iterable[float], steep: bool) -> Interval:
    """The heights to show, with a margin: all of them, or those of the body of a curve that is `steep` near a
    pole."""
    finite = sampled[np.isfinite(sampled)]
    wanted = [y for y in included if math.isfinite(y)]
    if len(finite):
        low, high = float(finite.min()), float(finite.max())
        first, last = (float(q) for q in np.quantile(finite, (0.15, 0.85)))
        core = max(last - first, 1e-9 * max(abs(first), abs(last)))
        if steep and high - low > 8 * core > 0:  # the core, and as much again above and below
            low, high = max(low, first - core), min(high, last + core)
    else:
        low = high = wanted[0] if wanted else 0.0
    low, high = min([low, *wanted]), max([high, *wanted])
    tall = high - low
    if tall <= 1e-9 * max(abs(low), abs(high)) or tall < 1e-290:
        room = max(1.0, 0.5 * abs(high))
        return low - room, high + room
    return low - 0.06 * tall, high + 0.06 * tall


# ── asymptotes ──


def _levels(formula: Expression | None) -> tuple[float, float]:
    """The heights that a formula tends to far to the left and far to the right; NaN where there is none."""
    if formula is None or not formula.varies:
        return math.nan, math.nan
    return at_infinity(formula, -1) + 0.0, at_infinity(formula, 1) + 0.0


def _approached(levels: tuple[float, float], sampled: Floats, view: Interval) -> tuple[float, ...]:
    """The levels that the curve visibly comes near at their end of the window, without lying on them."""
    low, high = view
    tenth = len(sampled) // 10
    shown = set()
    for level, end in zip(levels, (sampled[: tenth + 1], sampled[: -tenth - 2 : -1]), strict=True):
        if not math.isfinite(level):
            continue
        away = np.abs(end - level) / (high - low)
        if away[0] < 0.15 and away[-1] > 0:
            shown.add(level)
    return tuple(sorted(shown))
