"""Draw a picture's description with matplotlib: the function and its tangent on the left, the derivative on
the right.

The figure is made without pyplot: nothing global is opened, changed or shown.
"""

from __future__ import annotations

import base64
import io
import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.drawing.captions import Labels, labels, number, place, tangent_label
from chainrule.drawing.curve import describe
from chainrule.drawing.picture import Curve, Picture
from chainrule.drawing.titles import title as fitted_title
from chainrule.errors import DomainError, OutputError
from chainrule.formula.data import Data
from chainrule.formula.equations import latex_lines, mathematics
from chainrule.formula.latex import latex_name
from chainrule.graphs.lettering import formula as written_formula
from chainrule.graphs.lettering import number as latex_number
from chainrule.showing.files import write_whole
from chainrule.showing.fonts import LATIN, families
from chainrule.showing.notebook import bundle, picture
from chainrule.showing.style import (
    ASYMPTOTE,
    DENSE,
    DERIVATIVE,
    END,
    FUNCTION,
    GRID,
    MATHEMATICS,
    POINT,
    SLOPE_POINT,
    TANGENT,
    UNDEFINED,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 11.5  # inches; the height follows from titles and legends
_BOX = (4.75, 3.7)  # each pair of axes
_LEFT, _BETWEEN = 0.85, 0.95
_MOST_MARKS = 60
_MOST_ARTISTS = 60  # lines, above which they are joined,
_JOINED = 300  # as many as this in one: above 1,024 points matplotlib no longer sets lines to whole dots
_TYPESETTING = threading.RLock()
"""matplotlib's parser of formulas must not run in two threads at once, and its settings are global."""

FORMATS = {".png": "png", ".svg": "svg", ".pdf": "pdf"}


@dataclass(frozen=True, repr=False, eq=False)
class Drawing(Data):
    """A drawn function: the matplotlib `figure`, its two `axes` (function, derivative), and the `data` drawn
    from."""

    figure: Figure = field(compare=False)
    axes: tuple[Axes, Axes] = field(compare=False)
    data: Picture

    def save(self, path: str | Path) -> Path:
        """Write the figure as PNG, SVG or PDF, by the suffix of `path`, whole or not at all; returns the
        path.

        Raises OutputError when the suffix is another or the folder cannot be written to.
        """
        path = Path(path)
        kind = FORMATS.get(path.suffix.lower())
        if kind is None:
            raise OutputError(
                f"cannot save {path}: the suffix {path.suffix!r} is none of {', '.join(FORMATS)}. "
                f"Write for example {path.stem}.png."
            )
        if not path.parent.is_dir():
            raise OutputError(
                f"cannot save {path}: there is no folder {path.parent}. Make it first, or name another."
            )
        write_whole(path, self._rendered(kind, dpi=150))
        return path

    def __repr__(self) -> str:
        low, high = self.data.window
        tangent = self.data.tangent
        point = f"{self.data.variable} = {number(tangent.x)}: value {number(tangent.y)}"
        slope = "no slope" if math.isnan(tangent.slope) else f"slope {number(tangent.slope)}"
        slope += " by convention" * self._is_convention()
        return f"Drawing(at {point}, {slope}; over {number(low)} … {number(high)})"

    def _is_convention(self) -> bool:
        """Whether there is no tangent at the point and the derivative is a convention: at a kink, at a jump."""
        tangent = self.data.tangent
        return (not tangent.segments or tangent.sides is not None) and not math.isnan(tangent.slope)

    def html(self) -> str:
        """The picture and the formulas of f and f′ as a piece of HTML that needs no script."""
        return "\n".join([picture(self._svg(), repr(self)), *map(mathematics, self._equations())])

    def latex(self) -> str:
        """f and f′ in LaTeX, where their formulas are known, and their values at the point."""
        return latex_lines(self._equations())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(
            include,
            exclude,
            plain=self.__repr__,
            html=self.html,
            svg=self._svg,
            latex=self.latex,
            png=lambda: base64.b64encode(self._rendered("png", dpi=100)).decode("ascii"),
        )

    def _svg(self) -> str:
        return self._rendered("svg", dpi=72).decode("utf-8")

    def _equations(self) -> list[str]:
        """f(x) and f′(x), as formulas and at the point; what is not known, or only a convention, is left out."""
        tangent, x = self.data.tangent, latex_name(self.data.variable)
        slope = math.nan if self._is_convention() else tangent.slope
        found = []
        for name, formula, value in (
            ("f", self.data.expression, tangent.y),
            ("f'", self.data.derivative_expression, slope),
        ):
            written = None if formula is None else written_formula(formula)
            if written is not None:
                found.append(rf"{name}\left({x}\right) = {written.latex}")
            if not math.isnan(value):
                found.append(rf"{name}\left({latex_number(tangent.x).latex}\right) = {latex_number(value).latex}")
        return found

    def _rendered(self, kind: str, dpi: int) -> bytes:
        from matplotlib import rc_context

        stamps: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
        content = io.BytesIO()
        with _TYPESETTING, rc_context({"svg.hashsalt": "chainrule"}):  # the same drawing gives the same file
            self.figure.savefig(content, format=kind, dpi=dpi, metadata=stamps)
        return content.getvalue()


def draw(
    f: Any,
    at: float | None = None,
    over: tuple[float, float] | None = None,
    *,
    axes: Sequence[Axes] | None = None,
    lang: str = "en",
    title: str | None = None,
) -> Drawing:
    """Draw a function with its tangent at a point, and beside it its derivative.

    `f` is a NumPy function of one variable, a catalogue entry, a formula or a formula's text. `at` is the
    point, by default 1 (or the entry's own; where `f` has no tangent there, the middle of its widest smooth
    stretch). `over` is the interval of x, by default the entry's own or (-5, 5). `axes` are two matplotlib
    axes to draw into. `lang` is "en" or "zh".

    Curves are cut at poles and jumps, kinks show both slopes, and stretches without values are hatched.

    Raises DomainError when `f` has no value at the point or `over` is no interval, ShapeError when `f` takes
    several variables or returns anything but one number for each x.

    >>> drawing = draw("x^2", at=1, over=(-2, 2))
    >>> drawing.data.tangent.slope
    2.0
    """
    words = labels(lang)
    picture = describe(f, at, over)
    with _TYPESETTING:
        return (
            _whole_figure(picture, words, title) if axes is None else _given_axes(picture, words, title, axes)
        )


def _given_axes(picture: Picture, words: Labels, title: str | None, axes: Sequence[Axes]) -> Drawing:
    try:
        left, right = axes
        root = left.figure.get_figure(root=True)
        assert root is not None
        widths = [ax.get_position().width * root.get_figwidth() for ax in (left, right)]
    except (TypeError, ValueError, AttributeError):
        raise DomainError(
            f"axes must be two matplotlib axes, for the function and for its derivative, but got {axes!r}. "
            "Write axes=figure.subplots(1, 2)."
        ) from None
    for ax, on_left, width in ((left, True, widths[0]), (right, False, widths[1])):
        _axes(ax, picture, words, on_left, width)
        ax.legend(loc="best", framealpha=0.9, prop=_prop(_legend_texts(ax), 8.0))
    if title:
        left.set_title(f"{title}\n{left.get_title()}", fontfamily=families(title))
    return Drawing(root, (left, right), picture)


def _whole_figure(picture: Picture, words: Labels, title: str | None) -> Drawing:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, 6.0), facecolor="white")
    canvas = FigureCanvasAgg(figure)
    left, right = figure.add_axes((0.1, 0.3, 0.3, 0.5)), figure.add_axes((0.6, 0.3, 0.3, 0.5))
    for ax, on_left in ((left, True), (right, False)):
        _axes(ax, picture, words, on_left, _BOX[0] + 0.3)
    # The height in inches, from the top: the overall title, the titles, the axes, their labels, the legends.
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    heading = 0.45 if title else 0.12
    titles = max(ax.title.get_window_extent(renderer).height for ax in (left, right)) / figure.dpi + 0.2
    legends = [_legend(ax, renderer, figure.dpi) for ax in (left, right)]
    below = 0.62 + max(legends) + 0.08
    height = heading + titles + _BOX[1] + below
    figure.set_size_inches(_WIDTH, height)
    for ax, start in ((left, _LEFT), (right, _LEFT + _BOX[0] + _BETWEEN)):
        ax.set_position((start / _WIDTH, below / height, _BOX[0] / _WIDTH, _BOX[1] / height))
        legend = ax.get_legend()
        assert legend is not None
        legend.set_bbox_to_anchor((0.5, -0.62 / _BOX[1]), transform=ax.transAxes)
    if title:
        figure.suptitle(title, y=1 - 0.12 / height, va="top", fontsize=15, fontfamily=families(title))
    return Drawing(figure, (left, right), picture)


def _legend(ax: Axes, renderer: Any, dpi: float) -> float:
    """A legend under the axes, in two columns where they fit; returns its height in inches."""
    extent = None
    for columns in (2, 1):
        legend = ax.legend(
            loc="upper center",
            ncols=columns,
            frameon=False,
            borderaxespad=0.0,
            columnspacing=1.6,
            prop=_prop(_legend_texts(ax), 10.0),
        )
        extent = legend.get_window_extent(renderer)
        if extent.width <= (_BOX[0] + 0.35) * dpi:
            break
    assert extent is not None
    return float(extent.height) / dpi


def _legend_texts(ax: Axes) -> str:
    return "".join(str(text) for text in ax.get_legend_handles_labels()[1])


def _prop(text: str, size: float) -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=families(text), size=size)


def _axes(ax: Axes, picture: Picture, words: Labels, on_left: bool, width: float) -> None:
    """One pair of axes: the curve, what is special about it, the point, the title and the labels."""
    x, tangent = picture.variable, picture.tangent
    prime = "" if on_left else "'"
    curve, look = (picture.function, FUNCTION) if on_left else (picture.derivative, DERIVATIVE)
    formula = picture.expression if on_left else picture.derivative_expression
    text, size = fitted_title(f"f{prime}({x})", formula, width)
    ax.set_title(text, fontsize=size, math_fontfamily=MATHEMATICS, pad=8, va="bottom")
    ax.set_xlabel(f"${x}$", fontsize=13, math_fontfamily=MATHEMATICS)
    ax.set_ylabel(f"$f{prime}({x})$", fontsize=13, math_fontfamily=MATHEMATICS)
    ax.set_axisbelow(True)
    ax.grid(True, **GRID)
    ax.tick_params(labelfontfamily=LATIN)
    ax.margins(0)

    name = f"f({x})" if on_left else f"f′({x})"
    _curve(ax, curve, (words.function if on_left else words.derivative).format(name), look)
    if on_left:
        label = tangent_label(tangent, x, words)
        for segment in tangent.segments or (((math.nan,) * 2,) * 2,):
            ax.plot(*zip(*segment, strict=True), label=label, **TANGENT)
            label = "_"
    height = tangent.y if on_left else tangent.slope
    if math.isfinite(height):
        point = f"({number(tangent.x)}, {number(height)})"
        ax.plot([tangent.x], [height], label=words.point.format(point), **(POINT if on_left else SLOPE_POINT))
    _circles(ax, curve, words.limit, look)
    _asymptotes(ax, curve, x, words)
    _bands(ax, picture, words)
    if picture.reason is not None and on_left:
        ax.plot([], [], linestyle="none", label=words.samples_only)
    low, high = picture.window
    margin = 0.02 * (high - low)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(*curve.view)


def _curve(ax: Axes, curve: Curve, label: str, look: dict[str, Any]) -> None:
    branches: Sequence[_Line] = curve.branches or (((), ()),)
    if len(branches) > _MOST_ARTISTS:
        branches = tuple(_joined(some) for some in _parts(branches))
    for x, y in branches:
        ax.plot(x, y, label=label, **look)
        label = "_"


_Line = tuple[Any, Any]


def _parts(lines: Sequence[_Line]) -> Iterator[Sequence[_Line]]:
    return (lines[start : start + _JOINED] for start in range(0, len(lines), _JOINED))


def _joined(lines: Iterable[_Line]) -> _Line:
    """Several lines as one with gaps: matplotlib takes a millisecond for each line, however short."""
    xs, ys = zip(*((np.append(x, np.nan), np.append(y, np.nan)) for x, y in lines), strict=True)
    return np.concatenate(xs), np.concatenate(ys)


def _circles(ax: Axes, curve: Curve, name: str, look: dict[str, Any]) -> None:
    if len(curve.marks) > _MOST_MARKS:  # circles closer than their own size hide the curve
        return
    for mark in curve.marks:
        face = look["color"] if mark.filled else "white"
        ax.plot(
            [mark.x],
            [mark.y],
            label="_" if mark.filled else name,
            color=look["color"],
            markerfacecolor=face,
            **END,
        )
        name = name if mark.filled else "_"


def _asymptotes(ax: Axes, curve: Curve, x: str, words: Labels) -> None:
    if len(curve.poles) > _MOST_ARTISTS:
        for some in _parts([((at, at), (0.0, 1.0)) for at in curve.poles]):
            ax.plot(*_joined(some), transform=ax.get_xaxis_transform(), **ASYMPTOTE)
    else:
        for at in curve.poles:
            ax.axvline(at, **ASYMPTOTE)
    for level in curve.levels:
        ax.axhline(level, **ASYMPTOTE)
    named = [place(x, at) for at in curve.poles] + [place("y", level) for level in curve.levels]
    if named:
        text = ", ".join(named[:3]) + (", …" if len(named) > 3 else "")
        ax.plot(
            [], [], label=(words.asymptote if len(named) == 1 else words.asymptotes).format(text), **ASYMPTOTE
        )


def _bands(ax: Axes, picture: Picture, words: Labels) -> None:
    """Stretches without values, and stretches too dense to draw."""
    for intervals, look, label in (
        (picture.undefined, UNDEFINED, words.undefined),
        (picture.dense, DENSE, words.dense),
    ):
        for low, high in intervals:
            ax.axvspan(low, high, label=label, **look)
            label = "_"
