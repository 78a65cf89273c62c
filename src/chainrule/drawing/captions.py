"""The words on a drawing, in English and Chinese."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.drawing.picture import Special, Tangent
from chainrule.errors import DomainError

MOST_NAMED = 3  # points of a kind, or asymptotes, that a legend names


@dataclass(frozen=True)
class Labels:
    """The words of one language. A `{}` takes the place of what is different from drawing to drawing."""

    function: str
    derivative: str
    tangent: str
    vertical: str
    corner: str
    none: str
    convention: str
    point: str
    asymptote: str
    asymptotes: str
    undefined: str
    dense: str
    limit: str
    samples_only: str
    secant: str
    through: str
    outside: str
    band: str
    parameters: str
    special: dict[str, str]
    several: dict[str, str]
    obstacles: dict[str, str]


LANGUAGES = {
    "en": Labels(
        function="function {}",
        derivative="derivative {}",
        tangent="tangent: {} (slope {})",
        vertical="vertical tangent: {}",
        corner="no tangent: slope {} from the left, {} from the right",
        none="no tangent: {}",
        convention=" (derivative {} by convention)",
        point="point {}",
        asymptote="asymptote {}",
        asymptotes="asymptotes {}",
        undefined="undefined",
        dense="too dense to draw",
        limit="limit, not reached",
        samples_only="drawn from values only: jumps and poles are not known",
        secant="secant, h = {}: slope {}",
        through="tangent at {}: {}",
        outside="point {} outside the curve",
        band="envelope: {} turns, too many to draw",
        parameters="with {}",
        special={"root": "root {}", "maximum": "maximum {}", "minimum": "minimum {}", "inflection": "inflection {}"},
        several={
            "root": "roots {}",
            "maximum": "maxima {}",
            "minimum": "minima {}",
            "inflection": "inflections {}",
        },
        obstacles={
            "jump": "the function jumps here",
            "pole": "the function has a pole here",
            "removable": "the value here is not the limit",
            "oscillation": "the function oscillates here",
            "edge": "the edge of the domain",
            "other": "there is no slope here",
        },
    ),
    "zh": Labels(
        function="函数 {}",
        derivative="导数 {}",
        tangent="切线：{}（斜率 {}）",
        vertical="竖直切线：{}",
        corner="无切线：左侧斜率 {}，右侧斜率 {}",
        none="无切线：{}",
        convention="（导数约定为 {}）",
        point="点 {}",
        asymptote="渐近线 {}",
        asymptotes="渐近线 {}",
        undefined="无定义",
        dense="过密，无法绘出",
        limit="极限（取不到）",
        samples_only="仅按函数值绘制：间断点与极点未知",
        secant="割线，h = {}：斜率 {}",
        through="{} 处的切线：{}",
        outside="曲线外的点 {}",
        band="包络：共 {} 次起伏，过密，无法绘出",
        parameters="其中 {}",
        special={"root": "零点 {}", "maximum": "极大值点 {}", "minimum": "极小值点 {}", "inflection": "拐点 {}"},
        several={"root": "零点 {}", "maximum": "极大值点 {}", "minimum": "极小值点 {}", "inflection": "拐点 {}"},
        obstacles={
            "jump": "函数在此跳跃",
            "pole": "函数在此趋于无穷",
            "removable": "此处函数值不等于极限",
            "oscillation": "函数在此振荡",
            "edge": "定义域的端点",
            "other": "此处没有斜率",
        },
    ),
}


def labels(lang: str) -> Labels:
    """The words of a language: "en" or "zh". Raises DomainError for any other.

    >>> labels("zh").undefined
    '无定义'
    """
    if lang not in LANGUAGES:
        raise DomainError(
            f"lang must be one of {', '.join(map(repr, LANGUAGES))}, but got {lang!r}. Write lang='en'."
        )
    return LANGUAGES[lang]


def tangent_label(tangent: Tangent, variable: str, words: Labels) -> str:
    """The legend's line for a tangent: its equation and slope, or why there is none."""
    convention = "" if math.isnan(tangent.slope) else words.convention.format(number(tangent.slope))
    if tangent.sides is not None:
        return words.corner.format(*(number(slope) for slope in tangent.sides)) + convention
    vertical = math.isinf(tangent.slope) or (tangent.obstacle == "vertical tangent" and bool(tangent.segments))
    if (tangent.obstacle in words.obstacles and not tangent.segments) or (math.isnan(tangent.slope) and not vertical):
        why = words.obstacles.get(tangent.obstacle or "other", words.obstacles["other"])
        return words.none.format(why) + convention
    if vertical:
        return words.vertical.format(f"{variable} = {number(tangent.x)}")
    return words.tangent.format(
        equation(tangent.x, tangent.y, tangent.slope, variable), number(tangent.slope)
    )


def special_label(points: Sequence[Special], variable: str, words: Labels) -> str:
    """The legend's line for the points of one kind: where they are, the first few of them.

    >>> special_label([Special("root", -2.0, 0.0), Special("root", 2.0, 0.0)], "x", labels("en"))
    'roots x = −2, x = 2'
    """
    kind = points[0].kind
    shown = [place(variable, p.x) if kind == "root" else f"({number(p.x)}, {number(p.y)})" for p in points]
    text = ", ".join(shown[:MOST_NAMED]) + (f", … ({len(shown)})" if len(shown) > MOST_NAMED else "")
    return (words.special if len(points) == 1 else words.several)[kind].format(text)


def derivative_name(name: str, order: int) -> str:
    """The name of a function's derivative: f, f′, f″, f‴, f⁗.

    >>> derivative_name("f", 2)
    'f″'
    """
    return name + ("", "′", "″", "‴", "⁗")[order]


def equation(x: float, y: float, slope: float, variable: str = "x") -> str:
    """The line through (x, y) with a slope, as y = m x + b; "≈" where the numbers shown are rounded.

    >>> equation(1.0, 1.0, 2.0)
    'y = 2x − 1'
    """
    intercept = y - slope * x
    if abs(intercept) < 1e-12 * max(abs(y), abs(slope * x)):  # what is left of a cancellation
        intercept = 0.0
    exact = all(float(f"{value:.4g}") == value for value in (slope, intercept))
    steep = {"1": "", "−1": "−"}.get(number(slope), number(slope))
    terms = f"{steep}{variable}" if slope else ""
    if intercept or not slope:
        size = number(abs(intercept)) if terms else number(intercept)
        terms += (f" {'+' if intercept > 0 else '−'} " if terms else "") + size
    return f"y {'=' if exact else '≈'} {terms}"


def place(name: str, value: float) -> str:
    """Where a line lies: x = −π/2, y = 1, x ≈ 1.414.

    >>> place("x", -math.pi / 2)
    'x = −π/2'
    """
    halves = round(value / (math.pi / 2))
    if halves and abs(halves) <= 24 and abs(value - halves * (math.pi / 2)) <= 8 * math.ulp(value):
        over, size = ("", abs(halves) // 2) if halves % 2 == 0 else ("/2", abs(halves))
        return f"{name} = {'−' if halves < 0 else ''}{'' if size == 1 else size}π{over}"
    return f"{name} {'=' if float(f'{value:.4g}') == value else '≈'} {number(value)}"


def number(value: float) -> str:
    """A number in four digits, with a true minus sign: −0.3679.

    >>> number(-1.2345678e-7)
    '−1.235×10⁻⁷'
    """
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    digits, _, power = f"{value + 0.0:.4g}".partition("e")
    shown = digits.replace("-", "−")
    return shown if not power else f"{shown}×10{str(int(power)).translate(_RAISED)}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
