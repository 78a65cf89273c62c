"""The description of a drawing as plain data, for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.drawing.captions import equation
from chainrule.drawing.picture import Border, Curve, Picture, Tangent
from chainrule.formula.text import text


def as_data(picture: Picture) -> dict[str, Any]:
    """The picture as plain data for JSON: what each curve's branches are, and what happens between them.

    Coordinates are rounded to seven digits, which no screen can tell from all of them; those of the tangent are not.

    >>> from chainrule.drawing.curve import describe
    >>> data = as_data(describe("1/x", at=2.0, over=(-4, 4)))
    >>> data["function"]["poles"], [border["kind"] for border in data["borders"]], data["tangent"]["slope"]
    ([0.0], ['pole'], -0.25)
    """
    return {
        "variable": picture.variable,
        "window": list(picture.window),
        "formula": None if picture.expression is None else text(picture.expression),
        "derivative formula": None if picture.derivative_expression is None else text(picture.derivative_expression),
        "function": _curve(picture.function),
        "derivative": _curve(picture.derivative),
        "borders": [_border(border) for border in picture.borders],
        "undefined": [list(stretch) for stretch in picture.undefined],
        "dense": [list(stretch) for stretch in picture.dense],
        "tangent": _tangent(picture.tangent, picture.variable),
        "reason": picture.reason,
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "branches": [{"x": _rounded(x), "y": _rounded(y)} for x, y in curve.branches],
        "marks": [{"x": mark.x, "y": mark.y, "filled": mark.filled} for mark in curve.marks],
        "poles": list(curve.poles),
        "levels": list(curve.levels),
        "view": list(curve.view),
    }


def _border(border: Border) -> dict[str, Any]:
    return {
        "x": border.x,
        "kind": border.kind,
        "value": border.function.value,
        "limits": [border.function.left.value, border.function.right.value],
        "slopes": [border.derivative.left.value, border.derivative.right.value],
    }


def _tangent(tangent: Tangent, variable: str) -> dict[str, Any]:
    straight = np.isfinite(tangent.slope) and tangent.obstacle is None
    return {
        "x": tangent.x,
        "y": tangent.y,
        "slope": tangent.slope,
        "sides": None if tangent.sides is None else list(tangent.sides),
        "obstacle": tangent.obstacle,
        "segments": [[list(point) for point in segment] for segment in tangent.segments],
        "equation": equation(tangent.x, tangent.y, tangent.slope, variable) if straight else None,
    }


def _rounded(numbers: Any) -> list[float]:
    """The numbers with seven digits: those of the largest in a branch that spans a wide range."""
    with np.errstate(all="ignore"):
        return [float(f"{number:.7g}") for number in numbers.tolist()]
