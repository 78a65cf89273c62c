"""The outlines in a picture of a graph: hexagons, rounded corners, arrow heads, the bars of a strip."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.graphs.pictures.layout import Box, Point
from chainrule.graphs.pictures.scene import STACK, Arrow, Shape, Strip

ARROW = 6.0


def outline(shape: Shape) -> tuple[Point, ...]:
    """The corners of a constant's hexagon; the other shapes are rectangles, more or less rounded."""
    box = shape.box
    x, y = box.left, box.top
    cut = min(9.0, box.height / 2)
    middle = y + box.height / 2
    return (
        (x, middle),
        (x + cut, y),
        (box.right - cut, y),
        (box.right, middle),
        (box.right - cut, box.bottom),
        (x + cut, box.bottom),
    )


def rounding(shape: Shape) -> float:
    """The radius of the corners: inputs are pills, operations and stacks nearly rectangles, outputs rectangles."""
    if shape.kind == "input":
        return min(shape.box.height / 2, 16.0)
    return 3.0 if shape.kind in ("operation", "fold") else 0.0


def cards(shape: Shape) -> tuple[Box, ...]:
    """The rectangles that a shape is drawn as, the last one in front: a folded box is a stack of three."""
    box = shape.box
    if shape.kind != "fold":
        return (box,)
    size = (box.width - 2 * STACK, box.height - 2 * STACK)
    return tuple(Box(box.left + k * STACK, box.top + k * STACK, *size) for k in (2, 1, 0))


def inner(shape: Shape) -> Box:
    """The second rectangle of an output, whose outline is double."""
    box = shape.box
    return Box(box.left + 2.5, box.top + 2.5, box.width - 5.0, box.height - 5.0)


def head(arrow: Arrow) -> tuple[Point, Point, tuple[Point, Point]]:
    """The head of an arrow: its tip, the point where the line ends in it, and its two wings."""
    x, y = arrow.points[-1]
    back = x - ARROW if arrow.points[0][0] < x else x + ARROW
    return (x, y), (back, y), ((back, y - 0.45 * ARROW), (back, y + 0.45 * ARROW))


def bars(strip: Strip) -> Iterator[Box]:
    """A strip's bars: up for positive values, down for negative ones, none for what is not finite."""
    box = strip.box
    middle, half = box.top + box.height / 2, box.height / 2
    finite = [abs(value) for value in strip.values if abs(value) < float("inf")]
    most = max(finite, default=0.0) or 1.0
    width = box.width / max(len(strip.values), 1)
    for index, value in enumerate(strip.values):
        if abs(value) < float("inf"):
            length = max(abs(value) / most * half, 0.5)
            top = middle - length if value > 0 else middle
            yield Box(box.left + index * width + 0.4, top, width - 0.8, length)
