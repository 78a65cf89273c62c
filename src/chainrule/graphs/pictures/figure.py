"""Draw the picture of a graph with matplotlib, its formulas set as mathematics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from chainrule.graphs.graph import Graph
from chainrule.graphs.lettering import Written
from chainrule.graphs.pictures.geometry import bars, cards, head, inner, outline, rounding
from chainrule.graphs.pictures.layout import Box
from chainrule.graphs.pictures.scene import Arrow, Scene, Shape, Strip, Text, TextStyle, scene
from chainrule.showing.fonts import families
from chainrule.showing.language import Language
from chainrule.showing.style import BLUE, GREY, VERMILION

POINTS_PER_INCH = 72.0
INK, FILL = "#1a1a1a", "#f4f6f8"
BLUE_TEXT, VERMILION_TEXT = (
    "#005f96",
    "#b04a00",
)  # darker than the lines: small text needs a contrast above 4.5
TEXT_COLOURS = {
    "name": INK,
    "legend": INK,
    "value": BLUE_TEXT,
    "gradient": VERMILION_TEXT,
    "local": VERMILION_TEXT,
}
LINE_COLOURS = {"forward": BLUE, "backward": VERMILION, "missing": GREY}
DASHES: dict[str, Any] = {"forward": "-", "backward": (0, (3.2, 2.0)), "missing": (0, (1.0, 2.2))}


def draw(graph: Graph, axes: Axes | None = None, lang: Language = "en") -> Figure:
    """Draw `graph` into `axes`, scaled to fit, or into a new figure of its own size; returns the figure.

    `lang` is the legend's language, "en" or "zh". Raises ValueError for another one. No pyplot state is
    touched.
    """
    return paint(scene(graph, measure, lang), axes)


def paint(picture: Scene, axes: Axes | None = None) -> Figure:
    """Draw a scene, as :func:`draw` draws a graph. What appears in an animation has its moment as its gid."""
    if axes is None:
        figure = Figure(figsize=(picture.width / POINTS_PER_INCH, picture.height / POINTS_PER_INCH))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        scale = 1.0
    else:
        extent = axes.get_window_extent()
        pixels = min(extent.width / picture.width, extent.height / picture.height)
        root = axes.get_figure(root=True)
        assert root is not None
        figure, scale = root, pixels * POINTS_PER_INCH / root.dpi
    axes.set_xlim(0.0, picture.width)
    axes.set_ylim(picture.height, 0.0)
    axes.set_aspect("equal")
    axes.set_axis_off()
    _paint(picture, axes, scale)
    return figure


def measure(written: Written, style: TextStyle) -> tuple[float, float]:
    """A text's width and height as matplotlib sets it, with a little air."""
    return _measured(written, style.size, style.bold)


@lru_cache(maxsize=4096)
def _measured(written: Written, size: float, bold: bool) -> tuple[float, float]:
    content, is_math = _content(written)
    font = FontProperties(family=families(content), size=size, weight="bold" if bold else "normal")
    width, height, _ = text_to_path.get_text_width_height_descent(content, font, ismath=is_math)
    return 1.04 * width, height + 2.0


def _content(written: Written) -> tuple[str, bool]:
    """What to hand to matplotlib, and whether it is mathematics: plain numbers and words need no mathtext."""
    plain = written.text.replace("−", "-")
    if written.latex.replace("−", "-") in ("", plain, rf"\mathrm{{{plain}}}"):
        return written.text, False
    return f"${written.latex}$", True


def _paint(picture: Scene, axes: Axes, scale: float) -> None:
    for arrow in picture.arrows:
        with _marking(axes, arrow.moment):
            _paint_arrow(arrow, axes, scale)
    for shape in picture.shapes:
        _paint_shape(shape, axes, scale)
    for strip in picture.strips:
        with _marking(axes, strip.moment):
            _paint_strip(strip, axes, scale)
    for text in picture.texts:
        with _marking(axes, text.moment):
            _paint_text(text, axes, scale)


@contextmanager
def _marking(axes: Axes, moment: int) -> Iterator[None]:
    """Mark what is added to the axes within with its moment."""
    if not moment:
        yield
        return
    before = set(axes.get_children())
    yield
    for artist in set(axes.get_children()) - before:
        artist.set_gid(str(moment))


def _paint_arrow(arrow: Arrow, axes: Axes, scale: float) -> None:
    tip, shaft, wings = head(arrow)
    points = (*arrow.points[:-1], shaft)
    vertices, codes = [points[0]], [Path.MOVETO]
    for index, (one, other) in enumerate(pairwise(points)):
        if index % 2:
            middle = (one[0] + other[0]) / 2
            vertices += [(middle, one[1]), (middle, other[1]), other]
            codes += [Path.CURVE4] * 3
        else:
            vertices.append(other)
            codes.append(Path.LINETO)
    colour = LINE_COLOURS[arrow.kind]
    axes.add_patch(
        PathPatch(
            Path(vertices, codes),
            fill=False,
            edgecolor=colour,
            linewidth=1.5 * scale,
            linestyle=DASHES[arrow.kind],
            capstyle="butt",
        )
    )
    axes.add_patch(Polygon([tip, *wings], closed=True, facecolor=colour, edgecolor="none"))


def _paint_shape(shape: Shape, axes: Axes, scale: float) -> None:
    look: dict[str, Any] = {"facecolor": FILL, "edgecolor": INK, "linewidth": 1.1 * scale}
    if shape.kind == "constant":
        axes.add_patch(Polygon(outline(shape), closed=True, **look))
    else:
        radius = rounding(shape)
        style = f"round,pad=0,rounding_size={radius}" if radius else "square,pad=0"
        for box in cards(shape):
            axes.add_patch(FancyBboxPatch((box.left, box.top), box.width, box.height, boxstyle=style, **look))
    if shape.kind == "output":
        axes.add_patch(_rectangle(inner(shape), **look))


def _paint_strip(strip: Strip, axes: Axes, scale: float) -> None:
    middle = strip.box.top + strip.box.height / 2
    axes.plot((strip.box.left, strip.box.right), (middle, middle), color=GREY, linewidth=0.5 * scale)
    for bar in bars(strip):
        axes.add_patch(_rectangle(bar, facecolor=TEXT_COLOURS[strip.role], edgecolor="none"))


def _paint_text(text: Text, axes: Axes, scale: float) -> None:
    content, is_math = _content(text.written)
    axes.text(
        *text.at,
        content,
        fontfamily=families(content),
        fontsize=text.style.size * scale,
        fontweight="bold" if text.style.bold else "normal",
        math_fontfamily="dejavusans",
        color=TEXT_COLOURS[text.role],
        horizontalalignment="center" if text.centred else "left",
        verticalalignment="center" if is_math else "center_baseline",
        parse_math=is_math,
        usetex=False,
    )


def _rectangle(box: Box, **look: Any) -> Rectangle:
    return Rectangle((box.left, box.top), box.width, box.height, **look)
