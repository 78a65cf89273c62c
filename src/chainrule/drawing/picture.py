"""The plain description of a drawing: the curves' branches, what happens at each border, the tangent, the
view.

A figure is drawn from a :class:`Picture` and from nothing else, so what is drawn can be tested without
looking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.limits import Limit
from chainrule.formula.data import Data
from chainrule.formula.expression import Expression

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Break(Data):
    """What one curve does at a point: its limits from both sides and its own value there (NaN: none)."""

    x: float
    left: Limit
    right: Limit
    value: float

    @property
    def kind(self) -> str:
        """ "continuous", "removable", "jump", "pole", "edge" (of the domain), "oscillation" or "outside"."""
        sides = [side for side in (self.left, self.right) if side.defined]
        if not sides:
            return "outside"
        if any(side.infinite for side in sides):
            return "pole"
        if any(not side.finite for side in sides):
            return "oscillation"
        if len(sides) == 1:
            return "edge"
        left, right = sides
        if not _same(left, right):
            return "jump"
        return "continuous" if _same(left, Limit(self.value)) else "removable"


@dataclass(frozen=True, eq=False)
class Border(Data):
    """A point where the function is not smooth: what the function does there, and what its derivative
    does."""

    x: float
    function: Break
    derivative: Break

    @property
    def kind(self) -> str:
        """As of the function's break; a continuous one is a "kink", a "cusp", a "vertical tangent" or
        "smooth"."""
        if self.function.kind != "continuous":
            return self.function.kind
        if self.derivative.kind in ("continuous", "removable"):
            return "smooth"
        left, right = self.derivative.left, self.derivative.right
        if left.infinite and right.infinite:
            return "vertical tangent" if left.value == right.value else "cusp"
        return "kink"


@dataclass(frozen=True, eq=False)
class Mark(Data):
    """A circle at the end of a branch: filled where the curve takes that value, open where it does not."""

    x: float
    y: float
    filled: bool


@dataclass(frozen=True, eq=False)
class Band(Data):
    """The envelope of a curve that swings faster than can be drawn: at each `x` its lowest and highest values around.

    `turns` is how often the curve turns there, as far as sampling can tell.
    """

    x: Floats
    lowest: Floats
    highest: Floats
    turns: int


@dataclass(frozen=True, eq=False)
class Curve(Data):
    """One curve: branches (x and y, the same shape) that never cross a border at which the curve breaks.

    `poles` are the x of vertical asymptotes, `levels` the y of horizontal ones, `view` the lowest and highest
    y shown. `bands` stand where the curve turns too often to be drawn as a line.
    """

    branches: tuple[tuple[Floats, Floats], ...]
    marks: tuple[Mark, ...]
    poles: tuple[float, ...]
    levels: tuple[float, ...]
    view: tuple[float, float]
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, eq=False)
class Tangent(Data):
    """The tangent at (x, y), and the segments drawn for it.

    `slope` is the derivative that :func:`chainrule.grad` gives: ±inf where the tangent is vertical, NaN where there is
    none, and a convention at a kink or a jump, where there is no tangent. At a kink `sides` holds the slopes from the
    left and from the right, one segment for each. `obstacle` is the kind of border that the point lies on.
    """

    x: float
    y: float
    slope: float
    segments: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    sides: tuple[float, float] | None = None
    obstacle: str | None = None


@dataclass(frozen=True, eq=False)
class Secant(Data):
    """The line through the points of a curve at x and at x + h: its `slope` is the difference quotient.

    `segment` is the part of the line that is drawn. As h shrinks, the secant turns into the tangent.
    """

    x: float
    y: float
    h: float
    end: float
    slope: float
    segment: tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Special(Data):
    """A point of the curve that a textbook marks."""

    kind: Literal["root", "maximum", "minimum", "inflection"]
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Picture(Data):
    """A function, its tangent at a point, and its derivative, over `window`.

    `expression` and `derivative_expression` are the formulas for the titles, where they are known.
    `undefined` are the intervals without values. `reason` says why the function's structure is not known
    (None: it is), in which case nothing is cut but at values that are missing. `dense` are intervals with too
    many borders to draw anything there.

    What was asked for besides: `secants`; the `special` points (None: not asked for); the point `outside` through
    which all of `tangents` go; `higher` derivatives from the second on, with their formulas; `others`, further
    functions over the same window, at the same point. `name` is the function's letter, `parameters` are the values put
    into its formula, and `equal` asks for units of the same length on both axes.
    """

    variable: str
    window: tuple[float, float]
    function: Curve
    derivative: Curve
    borders: tuple[Border, ...]
    undefined: tuple[tuple[float, float], ...]
    tangent: Tangent
    expression: Expression | None = None
    derivative_expression: Expression | None = None
    reason: str | None = None
    dense: tuple[tuple[float, float], ...] = ()
    secants: tuple[Secant, ...] = ()
    special: tuple[Special, ...] | None = None
    outside: tuple[float, float] | None = None
    tangents: tuple[Tangent, ...] = ()
    higher: tuple[Curve, ...] = ()
    higher_expressions: tuple[Expression | None, ...] = ()
    others: tuple[Picture, ...] = ()
    name: str = "f"
    parameters: tuple[tuple[str, float], ...] = ()
    equal: bool = False

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The function and its derivatives, one for each pair of axes."""
        return (self.function, self.derivative, *self.higher)

    @property
    def expressions(self) -> tuple[Expression | None, ...]:
        """The formulas of `curves`, where they are known."""
        return (self.expression, self.derivative_expression, *self.higher_expressions)


def _same(first: Limit, second: Limit) -> bool:
    larger = max(abs(first.value), abs(second.value))
    return abs(first.value - second.value) <= 1e-9 * larger + 4 * (first.error + second.error) + 1e-12
