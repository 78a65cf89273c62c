"""The positions of a point that runs along a curve, each with its tangent: what an interactive picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.debug import looking_away
from chainrule.drawing.lines import tangent
from chainrule.drawing.picture import Picture, Tangent
from chainrule.drawing.subject import subject
from chainrule.drawing.window import border_at
from chainrule.formula.data import Data

COUNT = 321  # positions: 64 times 5 and both ends, so that whole numbers and halves are often among them


@dataclass(frozen=True, eq=False)
class Stops(Data):
    """Evenly spaced positions over the window; `tangents` have NaN for the height where the function has no value."""

    tangents: tuple[Tangent, ...]
    start: int


def stops(f: Any, picture: Picture, count: int = COUNT) -> Stops:
    """The positions over the picture's window, and the one nearest to its point. `f` is what the picture is of.

    >>> from chainrule.drawing.curve import describe
    >>> found = stops("x^2", describe("x^2", at=1), count=11)
    >>> found.start, [each.slope for each in found.tangents[:3]]
    (6, [-10.0, -8.0, -6.0])
    """
    low, high = picture.window
    x = np.linspace(low, high, count)
    with looking_away():
        what = subject(f, dict(picture.parameters))
        heights, slopes = what.values(x), what.slopes(x)
    tangents = tuple(
        tangent(at, height, slope, border_at(at, picture.borders), picture.window, picture.function.view)
        for at, height, slope in zip(x.tolist(), heights.tolist(), slopes.tolist(), strict=True)
    )
    return Stops(tangents, int(np.argmin(np.abs(x - picture.tangent.x))))
