"""Write matplotlib's figures as files, and their axes as pictures of their own that a page can arrange."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chainrule.showing.dark import with_dark_mode

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TYPESETTING = threading.RLock()
"""matplotlib's parser of formulas must not run in two threads at once, and its settings are global."""

_DOTS = 72  # units of an SVG in an inch
_EDGE = 0.08  # inches around a pair of axes that stands alone


def rendered(figure: Figure, kind: str, dpi: int, part: Any = None) -> bytes:
    """The figure, or the `part` of it in a box, as the content of a file; an SVG follows the reader's dark mode."""
    from matplotlib import rc_context

    stamps: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
    content = io.BytesIO()
    with TYPESETTING, rc_context({"svg.hashsalt": "chainrule"}):  # the same drawing gives the same file
        figure.savefig(content, format=kind, dpi=dpi, metadata=stamps or None, bbox_inches=part)
    return with_dark_mode(content.getvalue().decode()).encode() if kind == "svg" else content.getvalue()


class Panel(NamedTuple):
    """A pair of axes as an SVG: its `size` in its own units, and in it the axes' `frame` (left, top, width, height)."""

    svg: str
    size: tuple[float, float]
    frame: tuple[float, float, float, float]


def panels(figure: Figure, axes: Sequence[Axes], left: float = 0.0, right: float = 0.0) -> tuple[Panel, ...]:
    """Each pair of axes as an SVG of its own; in a row the axes are at the same height.

    `left` and `right` are inches beside the axes that belong to them, beyond what titles and labels take.
    """
    with TYPESETTING:
        figure.draw_without_rendering()  # a layout that is still to be made
        layout = figure.get_layout_engine()
        figure.set_layout_engine("none")  # it would be made anew for each part
        try:
            return _in_rows(figure, axes, left, right)
        finally:
            figure.set_layout_engine(layout)


def _in_rows(figure: Figure, axes: Sequence[Axes], left: float, right: float) -> tuple[Panel, ...]:
    dpi = figure.dpi
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    tight = [ax.get_tightbbox(renderer) or ax.get_window_extent() for ax in axes]
    rows = [round(ax.get_position().y0, 6) for ax in axes]
    made = []
    for ax, own, row in zip(axes, tight, rows, strict=True):
        inner = ax.get_window_extent()
        top = max(box.y1 for box, other in zip(tight, rows, strict=True) if other == row)
        sides = min(own.x0, inner.x0 - left * dpi), max(own.x1, inner.x1 + right * dpi)
        box = sides[0] / dpi - _EDGE, own.y0 / dpi - _EDGE, sides[1] / dpi + _EDGE, top / dpi + _EDGE
        unit = _DOTS / dpi
        frame = (
            inner.x0 * unit - box[0] * _DOTS, box[3] * _DOTS - inner.y1 * unit, inner.width * unit, inner.height * unit
        )  # fmt: skip
        made.append(Panel(_panel(figure, ax, box), ((box[2] - box[0]) * _DOTS, (box[3] - box[1]) * _DOTS), frame))
    return tuple(made)


def _panel(figure: Figure, ax: Axes, box: tuple[float, float, float, float]) -> str:
    """What lies in this box (in inches) of the figure, with no other axes."""
    from matplotlib.transforms import Bbox

    others = [other for other in figure.axes if other is not ax and other.get_visible()]
    with TYPESETTING:
        for other in others:
            other.set_visible(False)
        try:
            return rendered(figure, "svg", _DOTS, Bbox.from_extents(*box)).decode()
        finally:
            for other in others:
                other.set_visible(True)
