"""A picture as plain data of numbers and texts: what a page in a browser, or any other program, draws from."""

from __future__ import annotations

from typing import Any

from chainrule.drawing.picture import Curve, Picture, Tangent
from chainrule.formula.text import text


def as_data(picture: Picture) -> dict[str, Any]:
    """The picture in lists, dictionaries, numbers and texts. Numbers may be infinite or NaN; None is "not known".

    >>> from chainrule.drawing.curve import describe
    >>> as_data(describe("x^2", at=1))["tangent"]["slope"]
    2.0
    """
    return {
        "name": picture.name,
        "variable": picture.variable,
        "parameters": dict(picture.parameters),
        "window": list(picture.window),
        "curves": [
            {"formula": None if formula is None else text(formula), **_curve(curve)}
            for formula, curve in zip(picture.expressions, picture.curves, strict=True)
        ],
        "borders": [
            {
                "x": border.x,
                "kind": border.kind,
                "slopes": [border.derivative.left.value, border.derivative.right.value],
            }
            for border in picture.borders
        ],
        "undefined": [list(pair) for pair in picture.undefined],
        "dense": [list(pair) for pair in picture.dense],
        "tangent": _tangent(picture.tangent),
        "secants": [
            {"x": each.x, "y": each.y, "h": each.h, "end": each.end, "slope": each.slope} for each in picture.secants
        ],
        "outside": None if picture.outside is None else list(picture.outside),
        "tangents": [_tangent(each) for each in picture.tangents],
        "special": None
        if picture.special is None
        else [{"kind": point.kind, "x": point.x, "y": point.y} for point in picture.special],
        "others": [as_data(each) for each in picture.others],
        "reason": picture.reason,
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "branches": [{"x": x.tolist(), "y": y.tolist()} for x, y in curve.branches],
        "marks": [{"x": mark.x, "y": mark.y, "filled": mark.filled} for mark in curve.marks],
        "poles": list(curve.poles),
        "levels": list(curve.levels),
        "view": list(curve.view),
        "bands": [
            {name: getattr(band, name).tolist() for name in ("x", "lowest", "highest")} | {"turns": band.turns}
            for band in curve.bands
        ],
    }


def _tangent(tangent: Tangent) -> dict[str, Any]:
    return {
        "x": tangent.x,
        "y": tangent.y,
        "slope": tangent.slope,
        "sides": None if tangent.sides is None else list(tangent.sides),
        "obstacle": tangent.obstacle,
        "segments": [[list(end) for end in segment] for segment in tangent.segments],
    }
