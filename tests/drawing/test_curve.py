"""The plain description of a drawing: branches, cuts, borders, undefined stretches, the tangent, the view."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functions
from chainrule.drawing.curve import describe
from chainrule.drawing.picture import Curve, Picture
from chainrule.errors import ChainruleError, DomainError, FormulaError, NotDifferentiableError, ShapeError
from chainrule.formula.expression import evaluate

CUT = {
    "tan": np.tan,
    "tan 5x": lambda x: np.tan(5 * x),
    "1/x": lambda x: 1 / x,
    "1/x²": lambda x: 1 / x**2,
    "two poles": lambda x: 1 / (x**2 - 2),
    "close poles": lambda x: 1 / (x**2 - 1e-6),
    "exp(1/x)": lambda x: np.exp(1 / x),
    "log|x|": lambda x: np.log(abs(x)),
    "floor": np.floor,
    "sign": np.sign,
    "where": lambda x: np.where(x < 1, x, x + 2),
    "sqrt": np.sqrt,
    "arcsin(x/2)": lambda x: np.arcsin(x / 2),
    "sqrt(sin x)": lambda x: np.sqrt(np.sin(x)),
}


def kinds(picture: Picture) -> dict[float, str]:
    return {border.x: border.kind for border in picture.borders}


def crossings(curve: Curve, x: float) -> int:
    return sum(bool(((xs[:-1] < x) & (x < xs[1:])).any()) for xs, _ in curve.branches)


@pytest.mark.parametrize("name", CUT)
def test_no_segment_crosses_a_border_at_which_the_curve_breaks(name: str) -> None:
    picture = describe(CUT[name])
    assert picture.borders
    for border in picture.borders:
        for curve, there in ((picture.function, border.function), (picture.derivative, border.derivative)):
            if there.kind != "continuous":
                assert crossings(curve, border.x) == 0, (name, border)


@pytest.mark.parametrize("name", CUT)
def test_branches_lie_on_the_function(name: str) -> None:
    f = CUT[name]
    picture = describe(f)
    low, high = picture.function.view
    for x, y in picture.function.branches:
        assert (np.diff(x) > 0).all()
        inner = slice(1, -1)
        with np.errstate(all="ignore"):
            expected = np.clip(f(x)[inner], low - 9 * (high - low), high + 9 * (high - low))
        assert np.allclose(y[inner], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: 1 / (x**2 - 2), {-math.sqrt(2): "pole", math.sqrt(2): "pole"}),
        (lambda x: np.arccosh(x), {1.0: "edge"}),
        (lambda x: np.log(x**2 - 4), {-2.0: "pole", 2.0: "pole"}),
        (lambda x: np.maximum(x, 1 - x), {0.5: "kink"}),
        (lambda x: np.where((x > -1) & (x < 4), x, 0), {-1.0: "jump", 4.0: "jump"}),
        (lambda x: np.clip(x, -1, 2), {-1.0: "kink", 2.0: "kink"}),
        (lambda x: np.arcsin(np.sin(x)), {k * math.pi / 2: "kink" for k in (-3, -1, 1, 3)}),
        (lambda x: 1 / (1 + np.exp(-1 / x)), {0.0: "jump"}),
        (lambda x: np.remainder(x, 2), {-4.0: "jump", -2.0: "jump", 0.0: "jump", 2.0: "jump", 4.0: "jump"}),
        (lambda x: x ** (1 / 3), {0.0: "edge"}),
        (lambda x: x**x, {0.0: "edge"}),
        (lambda x: np.sign(x) ** 2, {0.0: "removable"}),
        (lambda x: np.sinc(x), {}),
        (lambda x: np.hypot(x, 0), {0.0: "kink"}),
    ],
)
def test_borders_are_where_something_happens_and_nowhere_else(
    f: Callable[[Any], Any], expected: dict[float, str]
) -> None:
    found = kinds(describe(f))
    assert list(found) == pytest.approx(list(expected), rel=1e-15)
    assert list(found.values()) == list(expected.values())


def test_tan_is_cut_at_its_four_poles_and_has_an_asymptote_at_each() -> None:
    picture = describe(np.tan)
    expected = tuple(k * np.pi / 2 for k in (-3, -1, 1, 3))
    assert picture.function.poles == pytest.approx(expected, rel=3e-16)
    assert picture.derivative.poles == picture.function.poles
    assert set(kinds(picture).values()) == {"pole"}
    low, high = picture.function.view
    assert -20 < low < -3
    assert 3 < high < 20
    assert all(y[-1] > high for x, y in picture.function.branches if x[-1] < 5)


def test_both_sides_of_a_kink_are_given() -> None:
    picture = describe(abs, at=0)
    (border,) = picture.borders
    assert (border.x, border.kind) == (0.0, "kink")
    assert (border.derivative.left.value, border.derivative.right.value) == (-1.0, 1.0)
    assert {(mark.x, mark.y, mark.filled) for mark in picture.derivative.marks} == {
        (0, -1, False),
        (0, 1, False),
    }
    assert picture.function.marks == ()
    assert picture.tangent.sides == (-1.0, 1.0)
    assert picture.tangent.slope == cr.grad(np.abs)(0.0) == 0.0
    assert len(picture.tangent.segments) == 2


@pytest.mark.parametrize(
    ("f", "at", "slopes"),
    [
        (lambda x: abs(x), 0, (-1, 1)),
        (lambda x: np.maximum(x, 0), 0, (0, 1)),
        (lambda x: np.maximum(1 - 2 * x, x / 2), 0.4, (-2, 0.5)),
        (lambda x: np.minimum(x**2, x), 1, (2, 1)),
        (lambda x: abs(np.sin(x)), 0, (-1, 1)),
        (lambda x: np.where(x < 1, x**2, 3 * x - 2), 1, (2, 3)),
    ],
)
def test_each_half_of_a_tangent_has_the_slope_of_its_side(f: Callable[[Any], Any], at: float, slopes: Any) -> None:
    for segment in describe(f, at=at).tangent.segments:
        (x0, y0), (x1, y1) = sorted(segment)
        assert f(np.float64(at)) == pytest.approx(y1 if x1 == at else y0)
        if (x0 < at) != (x1 > at):  # one half
            assert (y1 - y0) / (x1 - x0) == pytest.approx(slopes[x1 > at])
        else:
            assert (y1 - y0) / (x1 - x0) == pytest.approx(slopes[0])


def test_a_corner_is_a_point_of_the_drawn_curve() -> None:
    ((x, y),) = describe(lambda x: abs(x - 0.1), over=(-1, 1)).function.branches
    assert y[x == 0.1] == 0.0


def test_a_jump_shows_the_value_taken_and_the_limit_not_taken() -> None:
    picture = describe(np.floor, over=(-1.5, 1.5))
    assert kinds(picture) == {-1.0: "jump", 0.0: "jump", 1.0: "jump"}
    at_one = {(mark.y, mark.filled) for mark in picture.function.marks if mark.x == 1.0}
    assert at_one == {(0.0, False), (1.0, True)}
    assert all(np.ptp(y) == 0 for _, y in picture.function.branches)
    assert [x[0] for x, _ in picture.function.branches] == [-1.5, -1.0, 0.0, 1.0]
    assert [x[-1] for x, _ in picture.function.branches] == [-1.0, 0.0, 1.0, 1.5]
    at_zero = {(mark.y, mark.filled) for mark in describe(np.sign).function.marks}
    assert at_zero == {(-1.0, False), (0.0, True), (1.0, False)}


@pytest.mark.parametrize("over", [(0.0, 2.0), (-1.0, 1.0), (-2.0, 0.0), (-1.5, 1.5), (1.0, 3.0)])
@pytest.mark.parametrize(
    "f",
    [
        np.floor, np.sign, lambda x: x + np.heaviside(x, 0.5), lambda x: np.where(x < 1, x, 3.0),
        lambda x: np.sqrt(x + 1), lambda x: np.sin(x) / x, lambda x: np.where(x > 0, 1 / x, -x),
        lambda x: np.remainder(x, 1.0),
    ],
)  # fmt: skip
def test_every_circle_is_at_the_end_of_a_branch_or_at_the_value(f: Callable[[Any], Any], over: Any) -> None:
    with np.errstate(all="ignore"):
        picture = describe(f, over=over)
        for curve, values in ((picture.function, f), (picture.derivative, cr.derivative(f))):
            ends = [(x[i], y[i]) for x, y in curve.branches for i in (0, -1)]
            for mark in curve.marks:
                assert over[0] <= mark.x <= over[1]
                at_end = any(np.allclose((mark.x, mark.y), end, atol=1e-9) for end in ends)
                assert at_end or (mark.filled and np.isclose(float(values(np.float64(mark.x))), mark.y))


@pytest.mark.parametrize(
    ("f", "beyond"),
    [
        (lambda x: x**400 if x < 9 else 0.0, 7.0),  # OverflowError
        (lambda x: 1 / x if x < 9 else 0.0, 0.0),  # ZeroDivisionError
        (lambda x: x if x != 2.0 else int("two"), 2.0),  # ValueError
    ],
)
def test_where_python_s_own_arithmetic_raises_there_is_no_value(f: Callable[[Any], Any], beyond: float) -> None:
    with pytest.raises((OverflowError, ZeroDivisionError, ValueError)):
        f(beyond)
    picture = describe(f, at=1.0, over=(-1.0, 8.0))
    assert (picture.tangent.y, picture.tangent.slope) == cr.value_and_grad(f)(1.0)
    assert not any(np.isclose(x, beyond, atol=1e-12).any() for x, _ in picture.function.branches)


def test_a_hole_is_an_open_circle_at_the_limit() -> None:
    picture = describe(lambda x: np.sin(x) / x)
    assert kinds(picture) == {0.0: "removable"}
    (mark,) = picture.function.marks
    assert (mark.x, mark.filled) == (0.0, False)
    assert mark.y == pytest.approx(1.0)


def test_undefined_stretches_end_at_the_edge_of_the_domain() -> None:
    assert describe(np.sqrt).undefined == ((-5.0, 0.0),)
    assert describe(np.log).undefined == ((-5.0, 0.0),)
    assert describe(np.arcsin, at=0, over=(-2, 2)).undefined == ((-2.0, -1.0), (1.0, 2.0))
    assert describe(lambda x: x**2).undefined == ()
    assert describe(np.log, over=(0, 3)).undefined == ()
    picture = describe(np.sqrt)
    assert kinds(picture) == {0.0: "edge"}
    assert [(mark.x, mark.y, mark.filled) for mark in picture.function.marks] == [(0.0, 0.0, True)]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.log(x) * np.sqrt(x + 1) * np.arcsin(x / 9), lambda x: np.sqrt(-(x**2)),
        lambda x: np.sqrt(x) + abs(x + 2), lambda x: np.log(np.floor(x)), lambda x: np.sqrt(np.sin(3 * x) - 0.9),
        lambda x: np.arcsin(2 * np.sign(x)), lambda x: np.where(x < -3, 1.0, np.log(x) / (x + 1)),
        lambda x: np.sqrt(x**2 * (x - 1)), lambda x: 1 / np.log(x - 1), lambda x: np.sqrt(1e-9 - x**2),
        lambda x: np.log(x - 2) + 1 / (x + 1) + np.sign(x), lambda x: x if x > 2 else math.nan,
    ],
)  # fmt: skip
def test_undefined_stretches_are_as_long_as_they_can_be(f: Callable[[Any], Any]) -> None:
    picture = describe(f, at=next(x for x in (0.0, 4.0, 0.5) if np.isfinite(_at(f, x))))
    stretches = picture.undefined
    assert all(left[1] < right[0] for left, right in itertools.pairwise(stretches))
    for left, right in stretches:
        for x in np.linspace(left, right, 201)[1:-1]:
            assert np.isnan(_at(f, x)) or np.any(np.isclose(x, [b.x for b in picture.borders], atol=1e-4))
        for beyond, edge in ((-1, left), (1, right)):
            if edge not in picture.window:
                near = edge + beyond * 1e-3 * np.array([1.0, 0.1, 0.01, 1e-4])
                assert not all(np.isnan(_at(f, x)) for x in near)


def _at(f: Callable[[Any], Any], x: float) -> float:
    with np.errstate(all="ignore"):
        return float(f(np.float64(x)))


def test_the_log_runs_down_along_its_asymptote() -> None:
    picture = describe(np.log)
    assert picture.function.poles == (0.0,)
    ((x, y),) = picture.function.branches
    assert x[0] < 1e-2
    assert y[0] < picture.function.view[0]


def test_a_selected_branch_is_smooth_where_both_agree() -> None:
    assert kinds(describe(lambda x: np.where(x > 0, x**3, -(x**4)))) == {}
    assert kinds(describe(lambda x: np.where(x > 0, np.sqrt(x), 0))) == {0.0: "kink"}
    assert kinds(describe(lambda x: np.maximum(x, 0))) == {0.0: "kink"}


@pytest.mark.parametrize(
    ("f", "kind"),
    [
        (np.cbrt, "vertical tangent"),
        (lambda x: np.sqrt(abs(x)), "cusp"),
        (lambda x: np.sin(1 / x), "oscillation"),
    ],
)
def test_what_happens_at_zero_has_its_name(f: Callable[[Any], Any], kind: str) -> None:
    assert kinds(describe(f)) == {0.0: kind}


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x**3,
        lambda x: x**2 / 3,
        lambda x: 3,
        lambda x: 3.0 + 0 * x,
        lambda x: np.exp(x) * np.sin(x),
        lambda x: abs(x) * x**2,
        lambda x: 1 / (1 + x**2),
        lambda x: np.sqrt(1 + x**2),
    ],
)
def test_a_smooth_function_is_one_branch_without_borders(f: Callable[[Any], Any]) -> None:
    picture = describe(f)
    assert picture.borders == ()
    assert len(picture.function.branches) == len(picture.derivative.branches) == 1
    assert picture.function.branches[0][0][[0, -1]].tolist() == [-5.0, 5.0]


def test_horizontal_asymptotes_are_drawn_where_the_curve_comes_near_them() -> None:
    assert describe(np.arctan).function.levels == pytest.approx((-np.pi / 2, np.pi / 2))
    low, high = describe(np.arctan).function.view
    assert low < -np.pi / 2
    assert high > np.pi / 2
    assert describe(np.tanh).function.levels == (-1.0, 1.0)
    assert describe(np.exp, over=(-5, 2)).function.levels == (0.0,)
    assert describe(np.exp, over=(1, 2)).function.levels == ()
    assert describe(lambda x: np.maximum(x, 0)).function.levels == ()
    assert describe(np.sin).function.levels == ()


def test_the_tangent_has_the_slope_and_passes_through_the_point() -> None:
    picture = describe(lambda x: x**3 - 2 * x, at=1, over=(-2, 2))
    tangent = picture.tangent
    assert (tangent.x, tangent.y, tangent.slope) == (1.0, -1.0, 1.0)
    (((x1, y1), (x2, y2)),) = tangent.segments
    assert (y2 - y1) / (x2 - x1) == pytest.approx(1.0)
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx((1.0, -1.0))


@pytest.mark.parametrize("slope", [0.0, 0.01, 1.0, 300.0, -1e6])
def test_the_tangent_is_equally_long_on_the_page_for_every_slope(slope: float) -> None:
    picture = describe(lambda x: slope * x, at=1, over=(-2, 2))
    low, high = picture.function.view
    (((x1, y1), (x2, y2)),) = picture.tangent.segments
    assert math.hypot((x2 - x1) / 4, (y2 - y1) / (high - low)) == pytest.approx(0.6)


def test_a_vertical_tangent_is_vertical() -> None:
    picture = describe(np.cbrt, at=0)
    (((x1, y1), (x2, y2)),) = picture.tangent.segments
    assert x1 == x2 == 0.0
    assert y1 < 0 < y2
    assert picture.tangent.slope == math.inf
    (((x1, y1), (x2, y2)),) = describe(np.sqrt, at=0).tangent.segments
    assert (x1, y1, x2) == (0.0, 0.0, 0.0)
    assert y2 > 0


def test_a_jump_has_no_tangent() -> None:
    tangent = describe(np.floor, at=1).tangent
    assert (tangent.segments, tangent.obstacle) == ((), "jump")


def test_the_default_point_is_one_or_a_smooth_point_near_it() -> None:
    assert describe(np.sin).tangent.x == 1.0
    assert describe(np.floor).tangent.x in (0.5, 1.5)
    assert describe(lambda x: np.log(x - 3)).tangent.x == 4.0
    assert describe(np.sin, over=(2, 4)).tangent.x == 3.0


def test_the_window_moves_so_that_the_point_is_inside() -> None:
    assert describe(np.sin).window == (-5.0, 5.0)
    for at in (7, -8.5, 1e6, -3e4):
        low, high = describe(np.sin, at=at).window
        assert low < at < high
        assert high - low < 30


def test_integer_points_and_windows_are_fine() -> None:
    picture = describe(lambda x: x**-1, at=2, over=(1, 4))
    assert picture.tangent.slope == -0.25
    assert describe(lambda x: 2, at=0, over=(-1, 1)).tangent.slope == 0.0


def test_a_point_outside_the_domain_is_an_error_that_names_the_domain() -> None:
    with pytest.raises(DomainError, match=r"no value at x = -1; .* defined on 0 … 5"):
        describe(np.log, at=-1)
    with pytest.raises(DomainError, match=r"no value at x = 0; .* -5 … 5 without 0\."):
        describe(lambda x: 1 / x, at=0)
    with pytest.raises(DomainError, match="nowhere"):
        describe(lambda x: np.log(-1 - x**2))


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ((2, -2), r"Write over=\(-2, 2\)"),
        ((1, 1), "no width"),
        ((math.nan, 1), "finite number"),
        ((0, math.inf), "finite number"),
        ((1.0, 1.0 + 1e-15), "no width"),
        (("a", 1), "finite number"),
        ((1, 2, 3), "pair"),
        (5, "pair"),
    ],
)
def test_a_malformed_interval_is_an_error_with_advice(over: Any, message: str) -> None:
    with pytest.raises(DomainError, match=message):
        describe(np.sin, over=over)


@pytest.mark.parametrize("at", [math.nan, math.inf, "one", [1, 2], 1j])
def test_a_malformed_point_is_an_error(at: Any) -> None:
    with pytest.raises(DomainError, match="at must be a finite number"):
        describe(np.sin, at=at)


def test_a_point_outside_the_interval_asked_for_is_an_error() -> None:
    with pytest.raises(DomainError, match="not in the interval"):
        describe(np.sin, at=7, over=(-1, 1))


def test_anything_but_a_function_of_one_variable_is_an_error() -> None:
    with pytest.raises(ShapeError, match="takes 2: a, b"):
        describe(lambda a, b: a + b)
    with pytest.raises(ShapeError, match="takes 2"):
        describe(np.add)
    with pytest.raises(NotDifferentiableError, match="function of one variable"):
        describe(3.0)
    with pytest.raises(ShapeError, match=r"returned shape \(2, 2\)"):
        describe(lambda x: np.stack([x, x]))
    with pytest.raises(ChainruleError):
        describe(lambda x: "text")


def test_a_python_branch_is_drawn_from_its_values_and_says_so() -> None:
    picture = describe(lambda x: x if x > 0 else -x, over=(-2, 2))
    assert "the truth of the formula" in str(picture.reason)
    assert picture.borders == ()
    ((x, y),) = picture.function.branches
    assert np.allclose(y, np.abs(x))


def test_values_that_a_python_branch_lacks_are_undefined() -> None:
    picture = describe(lambda x: math.nan if x < 1 else x * 2, at=2)
    assert picture.undefined == ((-5.0, 1.0),)


def test_a_comparison_that_a_symbol_hides_is_noticed() -> None:
    picture = describe(lambda x: -x if np.sign(x) == -1 else x)  # the sign of a symbol is a formula, not -1
    assert picture.reason == "its formula gives other values than the function itself"
    assert picture.expression is None


def test_a_hole_that_python_fills_is_no_border() -> None:
    picture = describe(lambda x: 1.0 if x == 0 else np.sin(x) / x)
    assert picture.reason is None
    assert kinds(picture) == {}
    assert len(picture.function.branches) == 1


def test_a_function_with_countless_poles_leaves_the_dense_part_out() -> None:
    picture = describe(lambda x: np.tan(1 / x))
    ((low, high),) = picture.dense
    assert low < 0 < high
    for x, _ in (*picture.function.branches, *picture.derivative.branches):
        assert x[-1] <= low or x[0] >= high


def test_the_view_near_a_pole_shows_the_point_and_the_body_of_the_curve() -> None:
    for f in (lambda x: 1 / x, lambda x: np.exp(1 / x), lambda x: 1 / x**2, lambda x: np.arctanh(x / 5)):
        picture = describe(f)
        low, high = picture.function.view
        assert low < picture.tangent.y < high
        assert high - low < 30
    assert describe(lambda x: x**3).function.view[1] > 125


def test_a_steep_curve_is_sampled_finely_enough_to_look_smooth() -> None:
    ((x, y),) = describe(lambda x: np.sin(40 * x)).function.branches
    middle = (x[1:] + x[:-1]) / 2
    assert np.abs(np.sin(40 * middle) - (y[1:] + y[:-1]) / 2).max() < 2e-3


def test_branches_cannot_be_written_to() -> None:
    ((x, _),) = describe(np.sin).function.branches
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 1.0


def test_rounding_noise_beside_a_hole_is_not_drawn() -> None:
    picture = describe(lambda x: (1 - np.cos(x)) / x**2)
    assert kinds(picture) == {0.0: "removable"}
    assert picture.function.poles == picture.derivative.poles == ()
    for curve, low, high in ((picture.function, 0.0, 0.5001), (picture.derivative, -0.14, 0.14)):
        for _, y in curve.branches:
            assert y.min() >= low
            assert y.max() <= high


def test_formulas_texts_and_catalogue_entries_are_drawn() -> None:
    typed = describe("t^2 - 1", at=2)
    assert (typed.variable, typed.tangent.slope) == ("t", 4.0)
    assert describe("3").tangent.slope == 0.0
    entry = describe(functions.arcsin)
    assert entry.window == (-0.999, 0.999)
    assert entry.tangent.x == 0.25
    with pytest.raises(FormulaError):
        describe("2 +")
    with pytest.raises(ShapeError, match="takes 2: x, y"):
        describe("x y")


@pytest.mark.parametrize("entry", functions.TUTORIAL, ids=lambda entry: repr(entry.expression))
def test_the_derivative_drawn_is_the_one_of_the_formula_in_its_title(entry: Any) -> None:
    picture = describe(entry)
    assert picture.derivative_expression is not None
    assert picture.derivative.branches
    for x, y in picture.derivative.branches:
        with np.errstate(all="ignore"):
            expected = evaluate(picture.derivative_expression, {"x": x})
        assert len(x) > 1
        assert np.allclose(y, expected, rtol=1e-9, atol=1e-12)
