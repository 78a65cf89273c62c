"""Draw a function with its tangent, and beside it its derivative: the one call for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chainrule.drawing.captions import labels
from chainrule.drawing.curve import describe
from chainrule.drawing.drawn import Drawing, given_axes, whole_figure
from chainrule.showing.figures import TYPESETTING
from chainrule.showing.language import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(
    f: Any,
    at: float | None = None,
    over: tuple[float, float] | None = None,
    *,
    secant: float | Sequence[float] | None = None,
    order: int = 1,
    mark: bool = False,
    through: tuple[float, float] | None = None,
    parameters: Mapping[str, float] | None = None,
    equal: bool = False,
    stacked: bool = False,
    interactive: bool = False,
    axes: Sequence[Axes] | None = None,
    lang: str = "en",
    title: str | None = None,
) -> Drawing:
    """Draw a function with its tangent at a point, and beside it its derivative.

    `f` is a NumPy function of one variable, a catalogue entry, a formula or a formula's text, or a list of these,
    drawn on the same axes. `at` is the point, by default 1 (or the entry's own; where `f` has no tangent there, the
    middle of its widest smooth stretch). `over` is the interval of x, by default the entry's own or (-5, 5).

    - `secant`: a step h, or several: the line through the points at x and x + h, with its slope. As h shrinks, the
      secants turn into the tangent.
    - `order`: the highest derivative to draw, from 1 to 4, each in axes of its own.
    - `mark`: mark zeros, maxima, minima and points of inflection; they are the drawing's `data.special`.
    - `through`: a point (x, y), from which all tangents to the curve are drawn.
    - `parameters`: values of further variables, as in `draw("a*x^2", parameters={"a": 2})`.
    - `equal`: units of the same length on both axes of the function.
    - `interactive`: in a notebook, and saved as `.html`, the point can be moved along the curve, and a secant turned
      into the tangent.
    - `stacked`: the axes one below another, for a narrow page.

    `axes` are matplotlib axes to draw into, one for the function and one for each derivative. `lang` is "en" or "zh".

    Curves are cut at poles and jumps, kinks show both slopes, stretches without values are hatched, and a curve that
    swings too fast to be drawn is shown by its envelope.

    Raises DomainError when `f` has no value at the point or `over` is no interval, ShapeError when `f` takes
    several variables or returns anything but one number for each x.

    >>> drawing = draw("x^2", at=1, over=(-2, 2), secant=0.5)
    >>> drawing.data.tangent.slope, drawing.data.secants[0].slope
    (2.0, 2.5)
    """
    words = labels(lang)
    picture = describe(
        f, at, over,
        secants=secant, order=order, mark=mark, outside=through, parameters=parameters, equal=equal,
    )  # fmt: skip
    with TYPESETTING:
        if axes is not None:
            return given_axes(picture, words, title, axes)
        drawing = whole_figure(picture, words, title, stacked)
    if not interactive:
        return drawing
    from chainrule.drawing.interactive import InteractiveDrawing  # late: most drawings stand still
    from chainrule.drawing.stops import stops

    first = f[0] if isinstance(f, list | tuple) else f
    language: Language = "zh" if lang == "zh" else "en"
    return InteractiveDrawing(drawing.figure, drawing.axes, picture, title, stops(first, picture), language)
