"""Describe what is to be drawn of a function: from the function and the wishes to a plain picture of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.debug import looking_away
from chainrule.drawing.faults import Option, finite, refused
from chainrule.drawing.limits import Limit, one_sided
from chainrule.drawing.lines import read_outside, secant, steps, tangent, through
from chainrule.drawing.picture import Border, Break, Curve, Picture, Secant, Special, Tangent
from chainrule.drawing.points import Smooth, special_points, tangent_points
from chainrule.drawing.sampling import Interval, Sampler, Values, of_each
from chainrule.drawing.structure import Candidates, candidates, undefined_borders
from chainrule.drawing.subject import Subject, has_variable, subject
from chainrule.drawing.window import border_at, no_value, usual_point, window
from chainrule.errors import NoRuleError
from chainrule.formula.expression import Expression
from chainrule.formula.textbook import textbook
from chainrule.rules.symbolic import derivative_expression

_CELLS = 800  # of the grid on which values alone tell where a function has none
_BEYOND = 0.1  # of the window's width, on each side
_MOST_DERIVATIVES = 4
_NAMES = "fghpqrstuvw"


def describe(
    f: Any,
    at: float | None = None,
    over: Interval | None = None,
    *,
    secants: float | Sequence[float] | None = None,
    order: int = 1,
    mark: bool = False,
    outside: tuple[float, float] | None = None,
    parameters: Mapping[str, float] | None = None,
    equal: bool = False,
) -> Picture:
    """The plain description of `f`, its tangent at `at` and its derivative, over the interval `over`.

    By default the window is the catalogue entry's own or (-5, 5), moved so that `at` is inside; the point is
    the entry's own or 1, or, where `f` has no tangent there, the middle of the widest smooth stretch. The other
    arguments are those of :func:`chainrule.draw`. A list of functions is described as the first one, the others in its
    `others`.

    Raises DomainError for a malformed interval and for a point at which `f` has no value.

    >>> picture = describe(lambda x: 1 / x, at=2, over=(-4, 4))
    >>> picture.function.poles, picture.tangent.slope
    ((0.0,), -0.25)
    >>> [(point.kind, point.x) for point in describe("x^2 - 4", mark=True).special]
    [('root', -2.0), ('minimum', 0.0), ('root', 2.0)]
    """
    functions = list(f) if isinstance(f, list | tuple) else [f]
    if not 1 <= len(functions) <= len(_NAMES):
        raise refused(
            "from 1 to {most} functions can be drawn on one pair of axes, not {count}.",
            "一对坐标轴上可以画 1 到 {most} 个函数，而不是 {count} 个。",
            most=len(_NAMES),
            count=len(functions),
        )
    if order not in range(1, _MOST_DERIVATIVES + 1):
        raise refused(
            "{order} must be a whole number from 1 to {most}, the highest derivative to draw, but got {got!r}.",
            "{order} 必须是 1 到 {most} 的整数，即要画的最高阶导数，但得到的是 {got!r}。",
            order=Option("order"),
            most=_MOST_DERIVATIVES,
            got=order,
        )
    wishes = _Wishes(
        None if at is None else finite(at, "at"),
        over,
        steps(secants),
        order,
        mark,
        None if outside is None else read_outside(outside),
        equal,
    )
    with looking_away():
        subjects = [subject(each, parameters or {}) for each in functions]
        _require_known(functions, parameters or {})
        first = _described(subjects[0], wishes, _NAMES[0])
        if len(subjects) == 1:
            return first
        shared = replace(wishes, over=first.window, at=first.tangent.x, lenient=True)
        rest = [_described(each, shared, name) for each, name in zip(subjects[1:], _NAMES[1:], strict=False)]
        # Once more, in the view that holds all of them: a branch ends a little beyond what is shown.
        heights = _heights([first, *rest])
        first, *rest = (
            _described(each, replace(shared, heights=heights, lenient=name != "f"), name)
            for each, name in zip(subjects, _NAMES, strict=False)
        )
        return replace(first, others=tuple(rest))


def _require_known(functions: Sequence[Any], parameters: Mapping[str, float]) -> None:
    for name in parameters:
        if not any(has_variable(f, name) for f in functions):
            raise refused(
                "no function here has a variable {name}, so it cannot be given the value {value:g}.",
                "这里没有函数含有变量 {name}，所以无法给它取值 {value:g}。",
                name=name,
                value=parameters[name],
            )


@dataclass(frozen=True)
class _Wishes:
    """What is asked for, read; `heights` are to be in view, and a `lenient` picture may lack the point."""

    at: float | None
    over: Interval | None
    secants: tuple[float, ...]
    order: int
    mark: bool
    outside: tuple[float, float] | None
    equal: bool
    heights: tuple[tuple[float, ...], ...] = ()
    lenient: bool = False


def _heights(pictures: Sequence[Picture]) -> tuple[tuple[float, ...], ...]:
    """For each pair of axes the ends of all views."""
    return tuple(
        tuple(end for curve in curves for end in curve.view)
        for curves in zip(*(picture.curves for picture in pictures), strict=True)
    )


def _described(what: Subject, wishes: _Wishes, name: str) -> Picture:
    low, high = window(what, wishes.at, wishes.over, [] if wishes.outside is None else [wishes.outside[0]])
    if wishes.over is None and wishes.at is not None:
        low, high = window(replace(what, window=(low, high)), None, None, [wishes.at + h for h in wishes.secants])
    beyond = _BEYOND * (high - low)  # a pole just outside bends the curve inside
    found = _candidates(what, low - beyond, high + beyond)
    around = _borders(what, found.points, low - beyond, high + beyond)
    borders = tuple(border for border in around if low <= border.x <= high)
    dense = tuple((max(a, low), min(b, high)) for a, b in found.dense if a < high and b > low)
    undefined = _undefined(what.values, [border.x for border in borders], low, high)
    sampler = _sampler(what, (low, high), dense)
    touching = _touching(what, wishes.outside, (low, high), borders, dense, undefined, sampler)
    point = wishes.at
    if point is None:
        point = touching[0].x if touching else usual_point(what, low, high, borders, undefined)
    height, slope = what.number(point)
    if not math.isfinite(height) and not wishes.lenient:
        raise no_value(point, low, high, undefined, borders)
    ends = [] if wishes.lenient else _ends(what, point, wishes.secants, low, high, undefined, borders)
    formulas = _formulas(what, wishes.order)
    heights = wishes.heights or ((),) * (wishes.order + 1)
    here = [height, *ends, *([] if wishes.outside is None else [wishes.outside[1]])]
    function = sampler.curve(what.values, [b.function for b in around], [*heights[0], *here], formulas[0])
    derivative = sampler.curve(what.slopes, [b.derivative for b in around], [*heights[1], slope], formulas[1])
    higher = tuple(
        sampler.curve(values, _breaks(values, found.points, around, low, high), heights[degree], formulas[degree])
        for degree in range(2, wishes.order + 1)
        for values in (what.derivative(degree),)
    )
    picture = Picture(
        variable=what.variable,
        window=(low, high),
        function=function,
        derivative=derivative,
        borders=borders,
        undefined=undefined,
        tangent=tangent(point, height, slope, border_at(point, borders), (low, high), function.view),
        expression=formulas[0],
        derivative_expression=formulas[1],
        reason=what.reason,
        dense=dense,
        secants=_secants(point, height, wishes.secants, ends, (low, high), function.view),
        outside=None if wishes.lenient else wishes.outside,
        tangents=touching,
        higher=higher,
        higher_expressions=formulas[2:],
        name=name,
        parameters=what.parameters,
        equal=wishes.equal,
    )
    return replace(picture, special=_special(what, picture)) if wishes.mark else picture


def _sampler(what: Subject, span: Interval, dense: tuple[Interval, ...]) -> Sampler:
    return Sampler(*span, dense, known=what.expression is not None, quick=what.quick)


# ── points and lines ──


def _ends(
    what: Subject,
    x: float,
    secants: Sequence[float],
    low: float,
    high: float,
    undefined: Sequence[Interval],
    borders: Sequence[Border],
) -> list[float]:
    """The values of the function at the second points of the secants."""
    ends = []
    for h in secants:
        end = float(what.values(np.array([x + h]))[0])
        if not low <= x + h <= high:
            raise refused(
                "the secant's second point, {point:g}, is not in the interval drawn, {low:g} … {high:g}. "
                "Choose a smaller {secant} or a wider {over}.",
                "割线的第二个点 {point:g} 不在所画的区间 {low:g} … {high:g} 内。"
                "请选择较小的 {secant} 或较宽的 {over}。",
                point=x + h,
                low=low,
                high=high,
                secant=Option("secant"),
                over=Option("over"),
            )
        if not math.isfinite(end):
            raise no_value(x + h, low, high, undefined, borders, "secant")
        ends.append(end)
    return ends


def _secants(
    x: float, y: float, wanted: Sequence[float], ends: Sequence[float], span: Interval, view: Interval
) -> tuple[Secant, ...]:
    return tuple(secant(x, y, h, end, span, view) for h, end in zip(wanted, ends, strict=False))


def _touching(
    what: Subject,
    outside: tuple[float, float] | None,
    span: Interval,
    borders: Sequence[Border],
    dense: Sequence[Interval],
    undefined: Sequence[Interval],
    sampler: Sampler,
) -> tuple[Tangent, ...]:
    """The tangents through the point asked for. Raises DomainError if there are none."""
    if outside is None:
        return ()
    curve = sampler.curve(what.values, [border.function for border in borders], [], None)
    smooth = _smooth(span, borders, [*dense, *undefined], curve)
    points = tangent_points(smooth, what.values, what.slopes, what.derivative(2), outside)
    if not points:
        raise refused(
            "no tangent to the curve between {low:g} and {high:g} goes through the point ({x:g}, {y:g}). "
            "Choose another point with {through}, or a wider {over}.",
            "曲线在 {low:g} 与 {high:g} 之间没有经过点 ({x:g}, {y:g}) 的切线。"
            "请用 {through} 选择别的点，或用更宽的 {over}。",
            x=outside[0],
            y=outside[1],
            low=span[0],
            high=span[1],
            through=Option("through"),
            over=Option("over"),
        )
    return through(outside, points, what.number)


def _special(what: Subject, picture: Picture) -> tuple[Special, ...]:
    skipped = [*picture.dense, *picture.undefined]
    smooth = _smooth(picture.window, picture.borders, skipped, picture.function)
    bends = what.derivative(2)
    return special_points(smooth, what.values, what.slopes, bends, picture.derivative.view, picture.borders)


def _smooth(span: Interval, borders: Sequence[Border], skipped: Sequence[Interval], curve: Curve) -> Smooth:
    """The window without its borders, its dense parts, and the parts in which the curve turns too often."""
    crowded = [*skipped, *((float(band.x[0]), float(band.x[-1])) for band in curve.bands)]
    ends = sorted({*span, *(border.x for border in borders), *(end for pair in crowded for end in pair)})
    inside = [(a, b) for a, b in pairwise(ends) if not any(low <= a and b <= high for low, high in crowded)]
    cut = {border.x for border in borders}
    turning = sum(len(x) for x, _ in curve.branches)  # as many points as the curve needed, at least
    return Smooth(tuple(inside), tuple(end for end in span if end not in cut), curve.view, max(1200, turning))


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
    stretches = zip(pairwise(ends), of_each(values, inside), strict=True)
    return tuple(stretch for stretch, found in stretches if np.isnan(found).all())


def _breaks(
    values: Values, points: tuple[float, ...], borders: Sequence[Border], low: float, high: float
) -> list[Break]:
    """What a higher derivative does at each place where the function or one of its derivatives may break."""
    x = np.array(points)
    gaps = np.diff(np.concatenate([[2 * low - high], x, [2 * high - low]]))
    sides = [
        one_sided(values, x, np.minimum(way / 2, (high - low) / 8), side)
        for side, way in ((-1, gaps[:-1]), (1, gaps[1:]))
    ]
    here = values(x)
    rough = {border.x for border in borders if border.kind != "edge"}
    found = []
    for point, left, right, value in zip(points, *sides, here, strict=True):
        there = _break(values, point, left, right, float(value))
        if there.kind == "jump" or point in rough:  # a value there is a convention
            there = replace(there, value=math.nan)
        if there.kind not in ("continuous", "outside"):
            found.append(there)
    return found


# ── formulas ──


def _formulas(what: Subject, order: int) -> tuple[Expression | None, ...]:
    """The formulas of the function and its derivatives; None from where on there is none."""
    found: list[Expression | None] = [what.expression]
    for _ in range(order):
        found.append(None if found[-1] is None else _derivative_formula(found[-1], what.variable))
    return tuple(found)


def _derivative_formula(formula: Expression, variable: str) -> Expression | None:
    try:
        return textbook(derivative_expression(formula, variable))
    except NoRuleError:  # a function such as clip, which has a derivative but no formula for it
        return None
