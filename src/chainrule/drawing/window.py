"""Choose the interval of x to draw over and the point of the tangent, where they are not given."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.drawing.faults import Option, refused
from chainrule.drawing.picture import Border
from chainrule.drawing.subject import Subject
from chainrule.errors import DomainError
from chainrule.showing.language import Phrase

Interval = tuple[float, float]


def window(what: Subject, at: float | None, over: Interval | None, also: Sequence[float] = ()) -> Interval:
    """The interval to draw over: the one given, or one that has the point `at` and the points `also` inside."""
    if over is not None:
        return _given(over, at)
    low, high = what.window or (-5.0, 5.0)
    low, high = _moved(float(low), float(high), at, what.window is None)
    for x in also:
        low, high = _moved(low, high, x, False)
    return low, high


def _given(over: Any, at: float | None) -> Interval:
    try:
        low, high = over
    except (TypeError, ValueError):
        raise refused(
            "{over} must be a pair (lowest x, highest x), but got {got!r}. Write {example}.",
            "{over} 必须是一对数（最小的 x，最大的 x），但得到的是 {got!r}。请写 {example}。",
            over=Option("over"),
            got=over,
            example=Option("over", (-5, 5)),
        ) from None
    low, high = (_end(value, over) for value in (low, high))
    if low > high:
        raise refused(
            "{over} must run from a smaller to a larger x, but got ({low:g}, {high:g}). Write {example}.",
            "{over} 必须从较小的 x 到较大的 x，但得到的是 ({low:g}, {high:g})。请写 {example}。",
            over=Option("over"),
            low=low,
            high=high,
            example=Option("over", (high, low)),
        )
    if not max(1e-9 * max(abs(low), abs(high)), 1e-290) < high - low < math.inf:
        raise refused(
            "{got} has no width that can be divided into points to draw. Write a wider interval, such as {example}.",
            "{got} 的宽度无法分成可画的点。请写更宽的区间，例如 {example}。",
            got=Option("over", (repr(low), repr(high))),
            example=Option("over", (low - 1, low + 1)),
        )
    if at is not None and not low <= at <= high:
        raise refused(
            "{at} is not in the interval drawn, {low:g} … {high:g}. Choose {over} so that it is inside.",
            "{at} 不在所画的区间 {low:g} … {high:g} 内。请选择包含它的 {over}。",
            at=Option("at", at),
            low=low,
            high=high,
            over=Option("over"),
        )
    return low, high


def _end(value: Any, over: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise refused(
            "the ends of {over} must be finite numbers, but got {value!r}. Write {example}.",
            "{over} 的两端必须是有限的数，但得到的是 {value!r}。请写 {example}。",
            over=Option("over"),
            value=value,
            example=Option("over", (-5, 5)),
        )
    return number


def _moved(low: float, high: float, x: float | None, may_leave: bool) -> Interval:
    """The interval stretched so that `x` is inside, or moved if `x` is far out and it may leave the interval."""
    if x is None or low <= x <= high:
        return low, high
    if may_leave and abs(x) > 20:  # far out: look at the neighbourhood of the point
        return x - 5.0, x + 5.0
    margin = 0.25 * abs(x - (low if x > high else high))
    return min(low, x - margin), max(high, x + margin)


def border_at(x: float, borders: Iterable[Border]) -> Border | None:
    """The border that lies at `x`, if there is one."""
    return next((border for border in borders if abs(border.x - x) <= 16 * np.spacing(abs(border.x))), None)


def usual_point(
    what: Subject, low: float, high: float, borders: Sequence[Border], undefined: Sequence[Interval]
) -> float:
    """The subject's own point or 1; where the function has no tangent there, the middle of its widest stretch."""
    usual = 1.0 if what.at is None else float(what.at)
    value, slope = (float(values(np.array([usual]))[0]) for values in (what.values, what.slopes))
    if low <= usual <= high and math.isfinite(value) and math.isfinite(slope) and not border_at(usual, borders):
        return usual
    ends = [low, *(border.x for border in borders), high]
    pairs = [(a, b) for a, b in pairwise(ends) if not any(u <= a and b <= v for u, v in undefined)]

    def merit(pair: Interval) -> tuple[float, float]:
        """The widest, and of equally wide ones the nearest to the usual point."""
        return round((pair[1] - pair[0]) / (high - low), 6), -abs((pair[0] + pair[1]) / 2 - usual)

    if not pairs:
        return usual
    left, right = max(pairs, key=merit)
    return (left + right) / 2


def no_value(
    x: float, low: float, high: float, undefined: Sequence[Interval], borders: Sequence[Border], option: str = "at"
) -> DomainError:
    """The error for a point at which the function has no value: it says where in the interval it has one."""
    gaps = [(a, b) for a, b in undefined if a < b]
    ends = [low, *(end for gap in gaps for end in gap), high]
    known = [f"{a:.6g} … {b:.6g}" for a, b in zip(ends[::2], ends[1::2], strict=True) if a < b]
    where = Phrase(", ".join(known), "、".join(known)) if known else Phrase("nowhere", "没有任何区间")
    holes = [
        f"{b.x:.6g}"
        for b in borders
        if not math.isfinite(b.function.value) and not any(a <= b.x <= c for a, c in gaps)
    ]
    shown = f"{', '.join(holes[:6])}{' …' if len(holes) > 6 else ''}"
    without = Phrase(f" without {shown}", f"，除去 {shown}") if holes and known else Phrase("", "")
    return refused(
        "the function has no value at x = {x:g}; of {low:g} … {high:g} it is defined on {where}{without}. "
        "Choose a point inside with {at}, or another interval with {over}.",
        "函数在 x = {x:g} 处没有值；在 {low:g} … {high:g} 中，它有定义的范围是 {where}{without}。"
        "请用 {at} 选择其中的点，或用 {over} 选择别的区间。",
        x=x,
        low=low,
        high=high,
        where=where,
        without=without,
        at=Option(option),
        over=Option("over"),
    )
