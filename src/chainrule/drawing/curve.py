"""Sample a function and its derivative as cut branches: from what is to be drawn to its plain description."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.debug import looking_away
from chainrule.drawing.limits import UNDEFINED, Limit, at_infinity, one_sided
from chainrule.drawing.picture import Border, Break, Curve, Mark, Picture, Tangent
from chainrule.drawing.structure import Candidates, candidates, undefined_borders
from chainrule.drawing.subject import Subject, subject
from chainrule.errors import DomainError, NoRuleError
from chainrule.formula.expression import Expression
from chainrule.formula.textbook import textbook
from chainrule.rules.symbolic import derivative_expression

Floats = NDArray[np.float64]
Values = Callable[[Floats], Floats]
Interval = tuple[float, float]

_CELLS = 800  # of the first, uniform sampling
_MOST_POINTS = 20_000
_BEYOND = 0.1  # of the window's width, on each side
_TANGENT = 0.3  # half the length of the tangent's segment, in widths of the axes


def describe(f: Any, at: float | None = None, over: Interval | None = None) -> Picture:
    """The plain description of `f`, its tangent at `at` and its derivative, over the interval `over`.

    By default the window is the catalogue entry's own or (-5, 5), moved so that `at` is inside; the point is
    the entry's own or 1, or, where `f` has no tangent there, the middle of the widest smooth stretch.

    Raises DomainError for a malformed interval and for a point at which `f` has no value.

    >>> picture = describe(lambda x: 1 / x, at=2, over=(-4, 4))
    >>> picture.function.poles, picture.tangent.slope
    ((0.0,), -0.25)
    """
    with looking_away():
        what = subject(f)
        asked = None if at is None else _number(at, "at")
        low, high = _window(what, asked, over)
        beyond = _BEYOND * (high - low)  # a pole just outside bends the curve inside
        found = _candidates(what, low - beyond, high + beyond)
        around = _borders(what, found.points, low - beyond, high + beyond)
        borders = tuple(border for border in around if low <= border.x <= high)
        dense = tuple((max(a, low), min(b, high)) for a, b in found.dense if a < high and b > low)
        undefined = _undefined(what.values, [border.x for border in borders], low, high)
        point = _point(what, asked, low, high, borders, undefined)
    height, slope = what.number(point)
    if not math.isfinite(height):
        raise DomainError(_outside(point, low, high, undefined, borders))
    with looking_away():
        formulas = what.expression, _derivative_formula(what)
        sampler = _Sampler(low, high, dense, known=what.expression is not None)
        function = sampler.curve(what.values, [b.function for b in around], height, _levels(formulas[0]))
        slopes = sampler.curve(what.slopes, [b.derivative for b in around], slope, _levels(formulas[1]))
    return Picture(
        variable=what.variable,
        window=(low, high),
        function=function,
        derivative=slopes,
        borders=borders,
        undefined=undefined,
        tangent=_tangent(point, height, slope, _border_at(point, borders), (low, high), function.view),
        expression=formulas[0],
        derivative_expression=formulas[1],
        reason=what.reason,
        dense=dense,
    )


# ── the window and the point ──


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise DomainError(f"{name} must be a finite number, but got {value!r}. Write for example {name}=1.0.")
    return number


def _window(what: Subject, at: float | None, over: Interval | None) -> Interval:
    if over is not None:
        try:
            low, high = over
        except (TypeError, ValueError):
            raise DomainError(
                f"over must be a pair (lowest x, highest x), but got {over!r}. Write over=(-5, 5)."
            ) from None
        low, high = _number(low, "the start of over"), _number(high, "the end of over")
        if low > high:
            raise DomainError(
                f"over must run from a smaller to a larger x, but got ({low:g}, {high:g}). "
                f"Write over=({high:g}, {low:g})."
            )
        if not max(1e-9 * max(abs(low), abs(high)), 1e-290) < high - low < math.inf:
            raise DomainError(
                f"over=({low!r}, {high!r}) has no width that can be divided into points to draw. "
                f"Write a wider interval, such as over=({low - 1:g}, {low + 1:g})."
            )
        if at is not None and not low <= at <= high:
            raise DomainError(
                f"at={at:g} is not in the interval drawn, {low:g} … {high:g}. "
                "Choose over so that it is inside."
            )
        return low, high
    low, high = what.window or (-5.0, 5.0)
    if at is None or low <= at <= high:
        return float(low), float(high)
    if what.window is None and abs(at) > 20:  # far out: look at the neighbourhood of the point
        return at - 5.0, at + 5.0
    margin = 0.25 * abs(at - (low if at > high else high))
    return min(float(low), at - margin), max(float(high), at + margin)


def _values_at(what: Subject, x: float) -> float:
    return float(what.values(np.array([x]))[0])


def _border_at(x: float, borders: Iterable[Border]) -> Border | None:
    return next((border for border in borders if abs(border.x - x) <= 16 * np.spacing(abs(border.x))), None)


def _point(
    what: Subject,
    asked: float | None,
    low: float,
    high: float,
    borders: Sequence[Border],
    undefined: Sequence[Interval],
) -> float:
    """The point asked for; otherwise the usual one, unless the function has no tangent there."""
    if asked is not None:
        return asked
    usual = 1.0 if what.at is None else float(what.at)
    slope = what.slopes(np.array([usual]))[0]
    if (
        low <= usual <= high
        and math.isfinite(_values_at(what, usual))
        and np.isfinite(slope)
        and not _border_at(usual, borders)
    ):
        return usual
    ends = [low, *(border.x for border in borders), high]
    pairs = [(a, b) for a, b in pairwise(ends) if not any(u <= a and b <= v for u, v in undefined)]

    def merit(
        pair: Interval,
    ) -> tuple[float, float]:  # the widest, and of equally wide ones the nearest to the usual point
        return round((pair[1] - pair[0]) / (high - low), 6), -abs((pair[0] + pair[1]) / 2 - usual)

    if not pairs:
        return usual
    left, right = max(pairs, key=merit)
    return (left + right) / 2


def _outside(
    x: float, low: float, high: float, undefined: Sequence[Interval], borders: Sequence[Border]
) -> str:
    gaps = [(a, b) for a, b in undefined if a < b]
    ends = [low, *(end for gap in gaps for end in gap), high]
    known = [f"{a:.6g} … {b:.6g}" for a, b in zip(ends[::2], ends[1::2], strict=True) if a < b]
    where = ", ".join(known) if known else "nowhere"
    holes = [
        f"{b.x:.6g}"
        for b in borders
        if not math.isfinite(b.function.value) and not any(a <= b.x <= c for a, c in gaps)
    ]
    without = f" without {', '.join(holes[:6])}{' …' if len(holes) > 6 else ''}" if holes and known else ""
    return (
        f"the function has no value at x = {x:g}; of {low:g} … {high:g} it is defined on {where}{without}. "
        "Choose a point inside with at=, or another interval with over=."
    )


# ── borders ──


def _candidates(what: Subject, low: float, high: float) -> Candidates:
    if what.expression is None:
        return Candidates(tuple(np.unique(undefined_borders(what.values, low, high, _CELLS)).tolist()))
    return candidates(what.expression, what.values, low, high)


def _borders(what: Subject, points: tuple[float, ...], low: float, high: float) -> tuple[Border, ...]:
    """The candidates at which the function or its derivative is in fact not smooth."""
    x = np.array(points)
    gaps = np.diff(np.concatenate([[low - (high - low)], x, [high + (high - low)]]))
    ways = {-1: gaps[:-1], 1: gaps[1:]}
    reaches = {side: np.minimum(way / 2, (high - low) / 8) for side, way in ways.items()}
    sides = [
        [one_sided(values, x, reaches[side], side) for side in (-1, 1)]
        for values in (what.values, what.slopes)
    ]
    values, slopes = what.values(x), what.slopes(x)
    borders = []
    for i, point in enumerate(points):
        function = _break(what.values, point, sides[0][0][i], sides[0][1][i], float(values[i]))
        derivative = _break(what.slopes, point, sides[1][0][i], sides[1][1][i], float(slopes[i]))
        border = Border(point, function, derivative)
        if border.kind not in (
            "smooth",
            "edge",
            "vertical tangent",
        ):  # the table's convention at a kink is no derivative
            border = Border(point, function, replace(derivative, value=math.nan))
        if border.kind not in ("smooth", "outside"):
            borders.append(border)
    return tuple(borders)


def _break(values: Values, x: float, left: Limit, right: Limit, value: float) -> Break:
    """The break at `x`; at a pole that no float hits exactly (tan at π/2), the huge value there is part of
    the pole."""
    infinite = [side for limit, side in ((left, -1), (right, 1)) if limit.infinite]
    if infinite and math.isfinite(value):
        near = x + 64 * np.spacing(abs(x)) * np.array(infinite)
        if (np.abs(value) >= np.abs(values(near))).any():
            value = math.nan
    return Break(x, left, right, value if math.isfinite(value) else math.nan)


def _undefined(values: Values, cuts: Sequence[float], low: float, high: float) -> tuple[Interval, ...]:
    """The stretches between borders on which the function has no value anywhere."""
    ends = [low, *(cut for cut in cuts if low < cut < high), high]
    inside = [left + (right - left) * np.linspace(0.03, 0.97, 23) for left, right in pairwise(ends)]
    stretches = zip(pairwise(ends), _of_each(values, inside), strict=True)
    return tuple(stretch for stretch, found in stretches if np.isnan(found).all())


# ── curves ──


@dataclass(frozen=True)
class _Sampler:
    """Samples curves over the interval drawn, leaving out the `dense` parts of it.

    `known` tells whether the breaks are all there are, or there may be poles that nobody knows of.
    """

    low: float
    high: float
    dense: tuple[Interval, ...]
    known: bool

    def curve(
        self, values: Values, breaks: Sequence[Break], height: float, levels: tuple[float, float]
    ) -> Curve:
        """The branches of one curve, cut at `breaks`, in a view that shows the point at `height`."""
        steep = not self.known or bool(self.dense) or any(b.kind in ("pole", "oscillation") for b in breaks)
        breaks = [b for b in breaks if self.low <= b.x <= self.high]
        uniform = np.linspace(self.low, self.high, _CELLS + 1)
        sampled = values(uniform)
        cuts = [b for b in breaks if b.kind != "continuous"]
        joints = np.array([b.x for b in breaks if b.kind == "continuous"])
        marks = tuple(mark for cut in cuts for mark in _marks(cut, self.low, self.high))
        wanted = [height, *(mark.y for mark in marks)]
        shown = _approached(levels, sampled, _view(sampled, wanted, steep))
        view = _view(sampled, [*wanted, *shown], steep)
        stretches = self._stretches(cuts)
        known = np.unique(np.concatenate([uniform, joints]))
        grids: list[Floats] = []
        for left, right in stretches:
            inner = known[np.searchsorted(known, left.x, "right") : np.searchsorted(known, right.x, "left")]
            bare = [end.x for end in (left, right) if end.kind == "outside"]
            x = np.unique(np.concatenate([inner, bare, _graded(left.x, right.x)]))
            near = left.right.noise_within, right.left.noise_within
            grids.append(x[((x >= left.x + near[0]) & (x <= right.x - near[1])) | np.isin(x, bare)])
        pieces: list[tuple[Floats, Floats]] = []
        for (left, right), x, y in zip(stretches, grids, _of_each(values, grids), strict=True):
            x, y = _with_end(x, y, left.x, left.right, 0)
            pieces.append(_with_end(x, y, right.x, right.left, len(x)))
        refined = _refined(values, pieces, view, (self.high - self.low) * 1e-5)
        branches = [branch for x, y in refined for branch in _visible(x, y, view)]
        poles = tuple(cut.x for cut in cuts if _is_inner_pole(cut, self.low, self.high))
        return Curve(tuple(branches), marks, poles, shown, view)

    def _stretches(self, cuts: Sequence[Break]) -> list[tuple[Break, Break]]:
        """Pairs of ends with nothing to cut between them.

        The window and its dense parts end barely: the curve would go on, or nothing is known of it.
        """
        known = {cut.x for cut in cuts}
        bare = {self.low, self.high, *(end for interval in self.dense for end in interval)} - known
        ends = sorted(
            [*cuts, *(Break(x, UNDEFINED, UNDEFINED, math.nan) for x in bare)], key=lambda end: end.x
        )
        starts = [start for start, _ in self.dense]

        def inside(left: Break, right: Break) -> bool:  # the dense intervals are in order and apart
            place = bisect_right(starts, left.x) - 1
            return place >= 0 and right.x <= self.dense[place][1]

        return [(left, right) for left, right in pairwise(ends) if not inside(left, right)]


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


def _of_each(values: Values, grids: Sequence[Floats]) -> list[Floats]:
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
            for number, at, middle, there in zip(waiting, cells, middles, _of_each(values, middles), strict=True):
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


# ── asymptotes, tangent, formulas ──


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


def _tangent(
    x: float, y: float, slope: float, border: Border | None, window: Interval, view: Interval
) -> Tangent:
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
        sides = [
            side for side, limit in ((-1, border.function.left), (1, border.function.right)) if limit.defined
        ]
        ends = [half(steep, side) if side in sides else (x, y) for side in (-1, 1)]
        return Tangent(x, y, slope, () if math.isnan(steep) else ((ends[0], ends[1]),), None, kind)
    if kind is not None or math.isnan(slope):
        return Tangent(x, y, slope, (), None, kind)
    return Tangent(x, y, slope, ((half(slope, -1), half(slope, 1)),))


def _derivative_formula(what: Subject) -> Expression | None:
    if what.expression is None:
        return None
    try:
        return textbook(derivative_expression(what.expression, what.variable))
    except NoRuleError:  # a function such as clip, which has a derivative but no formula for it
        return None
