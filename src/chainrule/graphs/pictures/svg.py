"""Draw the picture of a graph as SVG that stands alone: no scripts, no fonts, nothing from elsewhere.

Colours follow the reader's light or dark mode. Text stays text, so it can be searched, copied and read aloud.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from itertools import pairwise

from chainrule.graphs.graph import Graph
from chainrule.graphs.lettering import Written
from chainrule.graphs.pictures.geometry import bars, cards, head, inner, outline, rounding
from chainrule.graphs.pictures.layout import Box, Point
from chainrule.graphs.pictures.scene import Arrow, Scene, Shape, Strip, Text, TextStyle, scene
from chainrule.showing.language import Language

_NARROW = frozenset("ijlI.,:;'|!·′ˢᵗⁱ ")
_SLIM = frozenset("()[]{}/fjrt-⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉")
_WIDE = frozenset("mwMW@%=+−×÷<>≤≥≠→∂∇…∞")

CSS = """
.chainrule-graph { --paper: #ffffff; --ink: #1a1a1a; --faint: #767676; --fill: #f4f6f8;
  --value: #005f96; --forward: #0072b2; --gradient: #b04a00; --backward: #d55e00; }
@media (prefers-color-scheme: dark) { .chainrule-graph { --paper: #14171a; --ink: #ececec; --faint: #9a9a9a;
  --fill: #22272c; --value: #7cc4f2; --forward: #56b4e9; --gradient: #ffa566; --backward: #f5853d; } }
@media print { .chainrule-graph { --paper: #ffffff; --ink: #000000; --faint: #666666; --fill: #ffffff;
  --value: #005f96; --forward: #0072b2; --gradient: #b04a00; --backward: #d55e00; } }
.chainrule-graph text { font-family: "Helvetica Neue", Arial, "Noto Sans", "DejaVu Sans", "PingFang SC",
  "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif; fill: var(--ink); }
.chainrule-graph .paper { fill: var(--paper); }
.chainrule-graph .shape { fill: var(--fill); stroke: var(--ink); stroke-width: 1.2; }
.chainrule-graph .value { fill: var(--value); }
.chainrule-graph .gradient { fill: var(--gradient); }
.chainrule-graph .local { fill: var(--gradient); font-style: italic; }
.chainrule-graph .bold { font-weight: 600; }
.chainrule-graph path.line { fill: none; stroke-width: 1.6; }
.chainrule-graph .line.forward { stroke: var(--forward); }
.chainrule-graph .line.backward { stroke: var(--backward); stroke-dasharray: 5 3; }
.chainrule-graph .line.missing { stroke: var(--faint); stroke-dasharray: 1.5 3.5; }
.chainrule-graph .head.forward { fill: var(--forward); }
.chainrule-graph .head.backward { fill: var(--backward); }
.chainrule-graph .head.missing { fill: var(--faint); }
.chainrule-graph .axis { stroke: var(--faint); stroke-width: 0.6; }
"""


def svg(graph: Graph, lang: Language = "en") -> str:
    """The picture of `graph` as an SVG file's text, its legend in English ("en") or Chinese ("zh")."""
    return draw(scene(graph, measure, lang), lang)


def draw(picture: Scene, lang: Language = "en") -> str:
    """A scene as the text of an SVG file."""
    width, height = _number(picture.width), _number(picture.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainrule-graph" lang="{lang}" role="img" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{escape(picture.title)}</title>",
        f"<style>{CSS}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
    ]
    parts += elements(picture)
    parts.append("</svg>")
    return "\n".join(parts)


def elements(picture: Scene) -> Iterator[str]:
    """The elements of the picture, those of one moment of an animation in a group of their own."""
    for arrow in picture.arrows:
        yield from _at(arrow.moment, _arrow(arrow))
    yield from map(_shape, picture.shapes)
    for strip in picture.strips:
        yield from _at(strip.moment, _strip(strip))
    for text in picture.texts:
        yield from _at(text.moment, [_text(text)])


def _at(moment: int, parts: Iterable[str]) -> Iterator[str]:
    return iter((f'<g class="m{moment}">{"".join(parts)}</g>',)) if moment else iter(parts)


def measure(written: Written, style: TextStyle) -> tuple[float, float]:
    """An upper estimate of a text's width and height: no font is loaded, for the reader's is not known."""
    return _units(written.text) * style.size * (1.08 if style.bold else 1.0), 1.2 * style.size


@lru_cache(maxsize=4096)
def _units(text: str) -> float:
    return sum(map(_letter_units, text))


@lru_cache(maxsize=1024)
def _letter_units(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in _NARROW:
        return 0.34
    if letter in _SLIM:
        return 0.43
    if letter in _WIDE:
        return 0.92
    return 0.74 if letter.isupper() else 0.63


def _arrow(arrow: Arrow) -> Iterator[str]:
    tip, shaft, wings = head(arrow)
    points = (*arrow.points[:-1], shaft)
    commands = [f"M{_point(points[0])}"]
    for index, (one, other) in enumerate(pairwise(points)):
        if index % 2 and one[1] != other[1]:
            middle = (one[0] + other[0]) / 2
            commands.append(f"C{_point((middle, one[1]))} {_point((middle, other[1]))} {_point(other)}")
        elif one != other:
            commands.append(f"L{_point(other)}")
    yield f'<path class="line {arrow.kind}" d="{"".join(commands)}"/>'
    yield f'<polygon class="head {arrow.kind}" points="{" ".join(map(_point, (tip, *wings)))}"/>'


def _shape(shape: Shape) -> str:
    if shape.kind == "constant":
        return f'<polygon class="shape constant" points="{" ".join(map(_point, outline(shape)))}"/>'
    corner = _number(rounding(shape))
    rectangle = "".join(f'<rect class="shape {shape.kind}" {_box(box)} rx="{corner}"/>' for box in cards(shape))
    if shape.kind == "output":
        return rectangle + f'<rect class="shape {shape.kind}" {_box(inner(shape))}/>'
    return rectangle


def _strip(strip: Strip) -> Iterator[str]:
    box = strip.box
    middle = box.top + box.height / 2
    yield (
        f'<line class="axis" x1="{_number(box.left)}" x2="{_number(box.right)}" '
        f'y1="{_number(middle)}" y2="{_number(middle)}"/>'
    )
    for bar in bars(strip):
        yield f'<rect class="{strip.role}" {_box(bar)}/>'


def _text(text: Text) -> str:
    x, y = text.at
    anchor = ' text-anchor="middle"' if text.centred else ""
    names = f"{text.role} bold" if text.style.bold else text.role
    baseline = y + 0.36 * text.style.size
    return (
        f'<text class="{names}" x="{_number(x)}" y="{_number(baseline)}" '
        f'font-size="{_number(text.style.size)}"{anchor}>{escape(text.written.text)}</text>'
    )


def _box(box: Box) -> str:
    x, y, width, height = map(_number, (box.left, box.top, box.width, box.height))
    return f'x="{x}" y="{y}" width="{width}" height="{height}"'


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
