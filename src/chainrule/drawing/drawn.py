"""Draw a picture's description with matplotlib: the function and its tangent on the left, the derivative on
the right.

The figure is made without pyplot: nothing global is opened, changed or shown.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.drawing.captions import (
    MOST_NAMED,
    Labels,
    derivative_name,
    equation,
    number,
    place,
    special_label,
    tangent_label,
)
from chainrule.drawing.picture import Curve, Picture
from chainrule.drawing.titles import title as fitted_title
from chainrule.errors import DomainError, OutputError
from chainrule.formula.data import Data
from chainrule.formula.equations import latex_lines, mathematics
from chainrule.formula.expression import Expression
from chainrule.formula.latex import latex_name
from chainrule.formula.text import text as formula_text
from chainrule.graphs.lettering import formula as written_formula
from chainrule.graphs.lettering import number as latex_number
from chainrule.showing.figures import panels, rendered
from chainrule.showing.files import write_whole
from chainrule.showing.fonts import LATIN, families
from chainrule.showing.notebook import beside, bundle
from chainrule.showing.style import (
    ASYMPTOTE,
    BAND,
    DENSE,
    DERIVATIVE,
    END,
    FUNCTION,
    GRID,
    MATHEMATICS,
    OUTSIDE,
    POINT,
    SECANT,
    SECANT_POINT,
    SERIES,
    SLOPE_POINT,
    SPECIAL,
    SPECIAL_POINT,
    TANGENT,
    UNDEFINED,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BOX = (4.75, 3.7)  # inches, of each pair of axes; the figure's height follows from titles and legends
_LEFT, _BETWEEN, _RIGHT = 0.85, 0.95, 0.2
BETWEEN = _LEFT, _RIGHT
_LONGEST_FORMULA = 30  # in a legend
_MOST_MARKS = 60
_MOST_ARTISTS = 60  # lines, above which they are joined,
_JOINED = 300  # as many as this in one: above 1,024 points matplotlib no longer sets lines to whole dots
FORMATS = {".png": "png", ".jpg": "jpg", ".jpeg": "jpg", ".svg": "svg", ".pdf": "pdf"}


@dataclass(frozen=True, repr=False, eq=False)
class Drawing(Data):
    """A drawn function: the matplotlib `figure`, its `axes` (function, derivatives), and the `data` drawn from."""

    figure: Figure = field(compare=False)
    axes: tuple[Axes, ...] = field(compare=False)
    data: Picture
    title: str | None = None

    def save(self, path: str | Path) -> Path:
        """Write the figure as PNG, JPEG, SVG or PDF, by the suffix of `path`, whole or not at all; returns the
        path.

        Raises OutputError when the suffix is another or the folder cannot be written to.
        """
        path = Path(path)
        kind = FORMATS.get(path.suffix.lower())
        if kind is None:
            raise OutputError(
                f"cannot save {path}: the suffix {path.suffix!r} is none of .png, .jpg, .svg, .pdf. "
                f"Write for example {path.stem}.png."
            )
        if not path.parent.is_dir():
            raise OutputError(
                f"cannot save {path}: there is no folder {path.parent}. Make it first, or name another."
            )
        write_whole(path, rendered(self.figure, kind, dpi=150))
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
        """The picture and the formulas of f and f′ as a piece of HTML that needs no script.

        The axes stand side by side where there is room for them, else one below another.
        """
        heading = f"<p><strong>{escape(self.title)}</strong></p>" if self.title else ""
        return "\n".join([heading, beside(self.panels(), repr(self)), *map(mathematics, self._equations())]).strip()

    def panels(self) -> tuple[str, ...]:
        """Each pair of axes as an SVG of its own, with its title and legend; those of a row at the same height."""
        return tuple(panel.svg for panel in panels(self.figure, self.axes, *BETWEEN))

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
            png=lambda: base64.b64encode(rendered(self.figure, "png", dpi=100)).decode("ascii"),
        )

    def _svg(self) -> str:
        return rendered(self.figure, "svg", dpi=72).decode("utf-8")

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


def given_axes(picture: Picture, words: Labels, title: str | None, axes: Sequence[Axes]) -> Drawing:
    count = len(picture.curves)
    try:
        given = tuple(axes)
        sizes = [ax.get_window_extent().size for ax in given]
        root = given[0].figure.get_figure(root=True)
        if len(given) != count or root is None:
            raise ValueError
    except (TypeError, ValueError, AttributeError, IndexError):
        number_of = {2: "two"}.get(count, count)
        raise DomainError(
            f"axes must be {number_of} matplotlib axes, for the function and for its derivative, but got {axes!r}. "
            f"Write axes=figure.subplots(1, {count})."
        ) from None
    for order, (ax, (width, height)) in enumerate(zip(given, sizes, strict=True)):
        _axes(ax, picture, words, order, width / root.dpi, height / width)
        ax.legend(loc="best", framealpha=0.9, prop=_prop(_legend_texts(ax), 8.0))
    if title:
        given[0].set_title(f"{title}\n{given[0].get_title()}", fontfamily=families(title))
    return Drawing(root, given, picture)


def whole_figure(picture: Picture, words: Labels, title: str | None, stacked: bool) -> Drawing:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = len(picture.curves)
    columns = 1 if stacked else count
    width = _LEFT + columns * _BOX[0] + (columns - 1) * _BETWEEN + _RIGHT
    figure = Figure(figsize=(width, 6.0), facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = tuple(figure.add_axes((0.1 + 0.8 * k / count, 0.3, 0.8 / count - 0.05, 0.5)) for k in range(count))
    for order, ax in enumerate(axes):
        _axes(ax, picture, words, order, _BOX[0] + 0.3, _BOX[1] / _BOX[0])
    # The height in inches, from the top: the overall title, then for each row its titles, axes, labels and legends.
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    heading = 0.45 if title else 0.12
    above = [ax.title.get_window_extent(renderer).height / figure.dpi + 0.2 for ax in axes]
    below = [0.62 + _legend(ax, renderer, figure.dpi) + 0.08 for ax in axes]
    rows = [[k] for k in range(count)] if stacked else [list(range(count))]
    heights = [(max(above[k] for k in row), max(below[k] for k in row)) for row in rows]
    height = heading + sum(upper + _BOX[1] + lower for upper, lower in heights)
    figure.set_size_inches(width, height)
    top = height - heading
    for row, (upper, lower) in zip(rows, heights, strict=True):
        for column, k in enumerate(row):
            start = _LEFT + column * (_BOX[0] + _BETWEEN)
            bottom = top - upper - _BOX[1]
            axes[k].set_position((start / width, bottom / height, _BOX[0] / width, _BOX[1] / height))
            legend = axes[k].get_legend()
            assert legend is not None
            legend.set_bbox_to_anchor((0.5, -0.62 / _BOX[1]), transform=axes[k].transAxes)
        top -= upper + _BOX[1] + lower
    if title:
        figure.suptitle(title, y=1 - 0.12 / height, va="top", fontsize=15, fontfamily=families(title))
    return Drawing(figure, axes, picture, title)


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


def _axes(ax: Axes, picture: Picture, words: Labels, order: int, width: float, ratio: float) -> None:
    """One pair of axes, `ratio` times as high as wide: the curves, what is special about them, titles and labels."""
    x = picture.variable
    prime = "'" * order
    text, size = fitted_title(f"f{prime}({x})", picture.expressions[order], width)
    ax.set_title(text, fontsize=size, math_fontfamily=MATHEMATICS, pad=8, va="bottom")
    ax.set_xlabel(f"${x}$", fontsize=13, math_fontfamily=MATHEMATICS)
    ax.set_ylabel("$y$" if picture.others else f"$f{prime}({x})$", fontsize=13, math_fontfamily=MATHEMATICS)
    ax.set_axisbelow(True)
    ax.grid(True, **GRID)
    ax.tick_params(labelfontfamily=LATIN)
    ax.margins(0)

    family = (picture, *picture.others)
    for each, look in zip(family, _looks(picture, order), strict=True):
        name = f"{derivative_name(each.name, order)}({x})"
        if each is not picture:
            name += _short_formula(each.expressions[order])
        label = words.derivative if order else words.function
        _curve(ax, each.curves[order], label.format(name), look, words)
    for each, look in zip(family, _looks(picture, order), strict=True):
        if order == 0:
            _lines(ax, each, words)
        _point(ax, each, order, words)
        _circles(ax, each.curves[order], words.limit, look)
    if order == 0:
        _special(ax, family, words)
    _asymptotes(ax, [each.curves[order] for each in family], x, words)
    _bands(ax, picture, words)
    for label in _remarks(picture, words) if order == 0 else ():
        ax.plot([], [], linestyle="none", label=label)
    low, high = picture.window
    margin = 0.02 * (high - low)
    ax.set_xlim(low - margin, high + margin)
    views = [each.curves[order].view for each in family]
    view = min(view[0] for view in views), max(view[1] for view in views)
    if picture.equal and order == 0:
        view = _equal_view(view, picture.tangent.y, (high - low + 2 * margin) * ratio)
        ax.set_aspect("equal", adjustable="datalim")
    ax.set_ylim(*view)


def _looks(picture: Picture, order: int) -> list[dict[str, Any]]:
    """The look of each curve: of one function that of its order, of several one for each function."""
    if not picture.others:
        return [DERIVATIVE if order else FUNCTION]
    several = (picture, *picture.others)
    styles = (SERIES[k % len(SERIES)] for k in range(len(several)))
    return [FUNCTION | {"color": colour, "linestyle": dashes} for colour, dashes in styles]


def _short_formula(formula: Expression | None) -> str:
    written = "" if formula is None else formula_text(formula)
    return f" = {written}" if 0 < len(written) <= _LONGEST_FORMULA else ""


def _equal_view(view: tuple[float, float], height: float, tall: float) -> tuple[float, float]:
    """A view of this height: around the middle of what there is to show, or around the point if not all of it fits."""
    middle = (view[0] + view[1]) / 2
    if view[1] - view[0] > tall and math.isfinite(height):
        middle = min(max(height, view[0] + tall / 2), view[1] - tall / 2)
    return middle - tall / 2, middle + tall / 2


def _lines(ax: Axes, picture: Picture, words: Labels) -> None:
    """The tangent, those through a point outside, and the secants."""
    x, tangent = picture.variable, picture.tangent
    if all(tangent.x != each.x for each in picture.tangents) and math.isfinite(tangent.y):
        label = tangent_label(tangent, x, words)
        for segment in tangent.segments or (((math.nan,) * 2,) * 2,):
            ax.plot(*zip(*segment, strict=True), label=label, **TANGENT)
            label = "_"
    for each in picture.tangents:
        where = f"({number(each.x)}, {number(each.y)})"
        label = words.through.format(where, equation(each.x, each.y, each.slope, x))
        ax.plot(*zip(*each.segments[0], strict=True), label=label, **TANGENT)
        ax.plot([each.x], [each.y], label="_", **POINT)
    if picture.outside is not None:
        where = f"({number(picture.outside[0])}, {number(picture.outside[1])})"
        ax.plot(*([value] for value in picture.outside), label=words.outside.format(where), **OUTSIDE)
    for secant in picture.secants:
        label = words.secant.format(number(secant.h), number(secant.slope))
        ax.plot(*zip(*secant.segment, strict=True), label=label, **SECANT)
        ax.plot([secant.x + secant.h], [secant.end], label="_", **SECANT_POINT)


def _point(ax: Axes, picture: Picture, order: int, words: Labels) -> None:
    tangent = picture.tangent
    height = (tangent.y, tangent.slope)[order] if order < 2 else math.nan
    if math.isfinite(height) and math.isfinite(tangent.y):
        point = f"({number(tangent.x)}, {number(height)})"
        ax.plot([tangent.x], [height], label=words.point.format(point), **(SLOPE_POINT if order else POINT))


def _special(ax: Axes, family: Sequence[Picture], words: Labels) -> None:
    """The points that are marked, each kind in a shape of its own."""
    for kind, marker in SPECIAL.items():
        points = [point for each in family for point in each.special or () if point.kind == kind]
        if points:
            label = special_label(points, family[0].variable, words)
            drawn = points if len(points) <= _MOST_MARKS else []
            ax.plot([p.x for p in drawn], [p.y for p in drawn], marker=marker, label=label, **SPECIAL_POINT)


def _remarks(picture: Picture, words: Labels) -> Iterator[str]:
    if picture.parameters:
        yield words.parameters.format(", ".join(f"{name} = {number(value)}" for name, value in picture.parameters))
    if picture.reason is not None:
        yield words.samples_only


def _curve(ax: Axes, curve: Curve, label: str, look: dict[str, Any], words: Labels) -> None:
    branches: Sequence[_Line] = curve.branches or (((), ()),)
    if len(branches) > _MOST_ARTISTS:
        branches = tuple(_joined(some) for some in _parts(branches))
    for x, y in branches:
        ax.plot(x, y, label=label, **look)
        label = "_"
    label = words.band.format(f"{sum(band.turns for band in curve.bands):,}")
    for band in curve.bands:
        ax.fill_between(band.x, band.lowest, band.highest, color=look["color"], label=label, **BAND)
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


def _asymptotes(ax: Axes, curves: Sequence[Curve], x: str, words: Labels) -> None:
    poles = tuple(dict.fromkeys(at for curve in curves for at in curve.poles))
    levels = tuple(dict.fromkeys(level for curve in curves for level in curve.levels))
    if len(poles) > _MOST_ARTISTS:
        for some in _parts([((at, at), (0.0, 1.0)) for at in poles]):
            ax.plot(*_joined(some), transform=ax.get_xaxis_transform(), **ASYMPTOTE)
    else:
        for at in poles:
            ax.axvline(at, **ASYMPTOTE)
    for level in levels:
        ax.axhline(level, **ASYMPTOTE)
    named = [place(x, at) for at in poles] + [place("y", level) for level in levels]
    if named:
        text = ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")
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
