"""What a drawing can be asked for besides the tangent: points, secants, lines from outside, envelopes, more curves."""

from __future__ import annotations

import json
import math
import pickle

import numpy as np
import pytest

from chainrule.drawing import draw
from chainrule.drawing.curve import describe
from chainrule.drawing.data import as_data
from chainrule.errors import DomainError, ShapeError
from chainrule.formula.text import text

ROOT = math.sqrt(2)


def special(f, over=(-5, 5)):
    return {(point.kind, point.x) for point in describe(f, over=over, mark=True).special}


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        ("x^3 - 2x", {("root", -ROOT), ("root", 0), ("root", ROOT), ("maximum", -math.sqrt(2 / 3)),
                      ("minimum", math.sqrt(2 / 3)), ("inflection", 0)}),
        ("(x-1)^2", {("root", 1), ("minimum", 1)}),
        ("x^2 - 2x + 1", {("root", 1), ("minimum", 1)}),
        ("1 - cos(x)", {("root", 0), ("minimum", 0), ("maximum", math.pi), ("maximum", -math.pi)}
         | {("inflection", k * math.pi / 2) for k in (-1, 1, 3)}),
        ("x^10", {("root", 0), ("minimum", 0)}),
        ("x^4", {("root", 0), ("minimum", 0)}),
        ("|x|", {("root", 0), ("minimum", 0)}),
        ("-|x - 1| + 2", {("root", -1), ("root", 3), ("maximum", 1)}),
        ("x*|x|", {("root", 0), ("inflection", 0)}),
        ("cbrt(x)", {("root", 0), ("inflection", 0)}),
        ("sqrt(x)", {("root", 0)}),
        ("e^x - 1", {("root", 0)}),
        ("x^2*e^(-x)", {("root", 0), ("minimum", 0), ("maximum", 2), ("inflection", 2 - ROOT),
                        ("inflection", 2 + ROOT)}),
        (lambda x: x**2 - 1 if x > 0 else 1 - x, {("root", 1)}),
    ],
)  # fmt: skip
def test_the_points_of_a_curve_are_found_to_the_last_digits(f, expected) -> None:
    found = special(f, (-4.7, 4.8))
    assert {kind for kind, _ in found} == {kind for kind, _ in expected}
    assert len(found) == len(expected)
    for kind, x in expected:
        assert min(abs(x - other) for each, other in found if each == kind) < 1e-12


@pytest.mark.parametrize(
    "f",
    [
        "1/x", "tan(x) + 3x", "1/x^2", "sign(x)", "floor(x) + 0.5", "1/(x^2 - 1e-6)", "sin(x)^2 + cos(x)^2 - 1/2", "7",
        "x - x", "sinh(x)/x", lambda x: 1 / x if x > 0 else 1 / x - 1, "e^(1/x)", "mod(x, 2) + 1/4", "ln(x)/(x-1) + 1",
    ],
)  # fmt: skip
def test_no_point_is_found_at_poles_jumps_and_rounding(f) -> None:
    found = special(f)
    allowed = {"tan(x) + 3x": 9, "sinh(x)/x": 1, "1/(x^2 - 1e-6)": 1, "e^(1/x)": 1}
    assert len(found) <= allowed.get(f, 0), found


def test_a_secants_slope_is_the_difference_quotient_and_runs_to_the_tangents() -> None:
    steps = (2.0, 1.0, 0.5, -0.25, 1e-3)
    picture = describe(np.sin, at=0.5, secants=steps)
    for h, each in zip(steps, picture.secants, strict=True):
        assert each.slope == (math.sin(0.5 + h) - math.sin(0.5)) / h
        (x1, y1), (x2, y2) = each.segment
        assert (y2 - y1) / (x2 - x1) == pytest.approx(each.slope, rel=1e-9)
        assert min(x1, x2) < min(0.5, 0.5 + h) < max(0.5, 0.5 + h) < max(x1, x2)
    assert picture.secants[-1].slope == pytest.approx(picture.tangent.slope, abs=1e-3)
    assert describe("x^2", at=4, secants=3).window[1] > 7  # the second point is drawn too


def test_all_tangents_through_a_point_outside_are_found() -> None:
    picture = describe("x^2", outside=(0, -1), over=(-3, 3))
    assert [each.x for each in picture.tangents] == [-1, 1]
    for each in picture.tangents:
        assert each.y + each.slope * (0 - each.x) == pytest.approx(-1)
    assert [each.x for each in describe("x^2", outside=(2, 4)).tangents] == pytest.approx([2])  # on the curve
    assert [each.x for each in describe("x^3 - 3x", outside=(2, 2), over=(-3, 3)).tangents] == pytest.approx([-1, 2])
    assert [each.x for each in describe("1/x", outside=(-1, 3)).tangents] == pytest.approx(
        sorted(np.roots([3, -2, -1]))
    )


def test_what_turns_too_often_is_an_envelope_and_says_how_often() -> None:
    curve = describe("sin(1000x)").function
    (band,) = curve.bands
    assert abs(band.turns - 3183) <= 2
    assert not curve.branches
    assert band.lowest.max() < -0.95
    assert band.highest.min() > 0.95
    assert describe("sin(20x)").function.bands == ()
    near = describe("sin(1/x)").function.bands
    assert all(-0.3 < band.x[0] < band.x[-1] < 0.3 for band in near)
    assert near


def test_a_wave_that_can_be_drawn_shows_every_turn() -> None:
    (x, y), *rest = describe("sin(100x)", over=(-5, 5)).function.branches
    assert not rest
    assert np.count_nonzero(np.diff(np.sign(np.diff(y)))) == 318
    assert np.allclose(y, np.sin(100 * x), atol=1e-12)


@pytest.mark.parametrize("f", ["x^2", "sin(x)", "sqrt(x)", "sin(x)^2+cos(x)^2", "floor(x)", "1/x", "mod(x, 1)"])
def test_an_ordinary_curve_has_no_envelope(f) -> None:
    picture = describe(f, order=2)
    assert all(curve.bands == () for curve in picture.curves)


def test_higher_derivatives_have_curves_formulas_and_breaks() -> None:
    picture = describe("x^4", order=3)
    assert [text(each) for each in picture.expressions] == ["x⁴", "4x³", "12x²", "24x"]
    for curve, coefficient, power in zip(picture.higher, (12, 24), (2, 1), strict=True):
        ((x, y),) = curve.branches
        assert np.allclose(y, coefficient * x**power, rtol=1e-12)
    second = describe("x*|x|", order=2).higher[0]  # smooth, with a derivative that is not
    assert {(mark.x, mark.y, mark.filled) for mark in second.marks} == {(0, -2, False), (0, 2, False)}
    assert describe(np.tan, order=2).higher[0].poles == describe(np.tan).function.poles


def test_several_functions_share_window_point_and_view() -> None:
    picture = describe(["x^2", np.sin, "ln(x)"], at=2, over=(-3, 3))
    assert [each.name for each in picture.others] == ["g", "h"]
    assert [each.tangent.slope for each in picture.others] == [math.cos(2), 0.5]
    views = [each.function.view for each in (picture, *picture.others)]
    assert all(view[0] <= -1 and view[1] >= 9 for view in views)
    assert describe(["x", "ln(x)"], at=-1).others[0].tangent.segments == ()  # it has no value there
    with pytest.raises(DomainError, match="from 1 to"):
        describe([])


def test_parameters_are_put_into_formulas_and_functions() -> None:
    assert text(describe("a*x^2 + b_1", parameters={"a": 2, "b1": -0.5}).expression) == "2x² − 0.5"
    picture = describe(lambda x, k: np.sin(k * x), parameters={"k": 3.0}, at=0)
    assert (picture.tangent.slope, picture.parameters) == (3.0, (("k", 3.0),))
    with pytest.raises(DomainError, match="no function here has a variable c"):
        describe("x^2", parameters={"c": 1})
    with pytest.raises(ShapeError, match=r'parameters=\{"a": 1\}') as caught:
        describe("a*x")
    assert pickle.loads(pickle.dumps(caught.value)).args[0].said("zh", command=True).endswith("a=1。")


def test_equal_axes_have_equal_units() -> None:
    for f in ("e^x", "sin(x)"):
        drawing = draw(f, equal=True)
        ax = drawing.axes[0]
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        box = ax.get_window_extent()
        assert (right - left) / box.width == pytest.approx((high - low) / box.height, rel=1e-9)
        assert low < drawing.data.tangent.y < high


def test_everything_asked_for_is_on_the_axes_and_in_the_legend() -> None:
    drawing = draw(["x^3 - 2x", "a*x"], parameters={"a": 2}, at=0.5, secant=(1, 0.5), mark=True, order=2, stacked=True)
    assert len(drawing.axes) == 3
    texts = [text.get_text() for text in drawing.axes[0].get_legend().get_texts()]
    for said in ("function f(x)", "function g(x) = 2x", "secant, h = 0.5: slope −0.25", "maximum (−0.8165, 1.089)",
                 "inflection (0, 0)"):  # fmt: skip
        assert said in texts, texts
    assert any(line.startswith("roots x ≈ −1.414") for line in texts)
    assert drawing.axes[0].get_position().y0 > drawing.axes[1].get_position().y1 > drawing.axes[2].get_position().y1


def test_a_picture_is_data_that_json_can_hold() -> None:
    data = as_data(describe(["sin(1000x)", "1/x"], at=1, mark=True, order=2, secants=0.5))
    assert json.loads(json.dumps(data)) == data
    assert data["others"][0]["curves"][2]["poles"] == [0.0]
