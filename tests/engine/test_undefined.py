"""What is NaN has the derivative NaN, whatever made it: a constant, a step, a branch; and nothing else has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from tests.rules.calls import ELEMENTWISE

x3 = np.array([0.5, -1.0, 2.0])
NAN = float("nan")
SOMEWHERE = np.array([1.0, NAN, 3.0])

# Each of them makes NaN of a number, and of an array everywhere.
UNDEFINED: dict[str, Callable[[Any], Any]] = {
    "a constant": lambda x: np.full(np.shape(x), NAN)[()],
    "a constant beside": lambda x: x + NAN,
    "a constant times a step": lambda x: np.floor(x) * NAN,
    "a step and a constant": lambda x: np.sign(x) + NAN,
    "a function outside its domain": lambda x: np.log(-1 - x * x),
    "a selection": lambda x: np.where(x > 9, x, NAN),
    "a selection of it": lambda x: np.where(x > -9, x + NAN, x),
    "untracked": lambda x: cr.stop_gradient(x) * NAN,
}


@pytest.mark.parametrize("name", UNDEFINED)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_the_derivative_of_nan_is_nan_in_every_transform(name: str) -> None:
    f = UNDEFINED[name]
    assert np.isnan(cr.grad(f)(0.5))
    assert np.isnan(cr.value_and_grad(f)(0.5)).all()
    assert np.isnan(cr.derivative(f)(0.5))
    assert np.isnan(cr.derivative(f)(x3)).all()
    assert np.isnan(cr.grad(lambda x: np.sum(f(x)))(x3)).all()
    assert np.isnan(cr.grad(f)(np.float32(0.5)))
    assert np.isnan(cr.grad(f)(np.array(0.5)))


@pytest.mark.filterwarnings("ignore:invalid value")
def test_only_the_entries_that_are_nan_have_the_derivative_nan() -> None:
    for f in (lambda x: x * 2 + SOMEWHERE, lambda x: np.where(np.isnan(SOMEWHERE), NAN, 2 * x), lambda x: SOMEWHERE):
        found = cr.derivative(f)(x3)
        assert np.isnan(found).tolist() == [False, True, False]
    assert cr.derivative(lambda x: SOMEWHERE)(x3)[0] == 0
    np.testing.assert_array_equal(cr.derivative(lambda x: x * 2 + SOMEWHERE)(x3)[[0, 2]], [2, 2])


def test_one_nan_entry_makes_the_gradient_of_the_sum_nan_but_leaves_the_others_of_the_pullback_finite() -> None:
    value, pullback = cr.vjp(lambda x: x * SOMEWHERE, x3)
    assert np.isnan(value).tolist() == [False, True, False]
    (found,) = pullback(np.ones(3))
    assert np.isnan(found).tolist() == [False, True, False]
    np.testing.assert_array_equal(found[[0, 2]], [1.0, 3.0])
    assert np.isnan(cr.grad(lambda x: np.sum(x * SOMEWHERE))(x3)[1])
    moved = cr.jvp(lambda x: x * SOMEWHERE, (x3,), (np.ones(3),))[1]
    np.testing.assert_array_equal(moved[[0, 2]], [1.0, 3.0])
    assert np.isnan(moved[1])


def test_gradients_by_what_is_not_used_are_nan_only_with_the_value() -> None:
    gradients = cr.grad(lambda x, y: x * 2.0, (0, 1))(1.0, x3)
    assert gradients[0] == 2.0
    np.testing.assert_array_equal(gradients[1], 0.0)
    undefined = cr.grad(lambda x, y: x * NAN, (0, 1))(1.0, x3)
    assert np.isnan(undefined[0])
    assert np.isnan(undefined[1]).all()


def test_an_infinite_value_keeps_its_derivative() -> None:
    with np.errstate(all="ignore"):
        assert cr.grad(lambda x: x + np.inf)(1.0) == 1.0
        assert cr.derivative(lambda x: x * 2 - np.inf)(1.0) == 2.0
        np.testing.assert_array_equal(cr.derivative(lambda x: x + np.array([1, np.inf, 2]))(x3), 1.0)


@pytest.mark.parametrize("rule", [rule for rule in ELEMENTWISE if len(rule.partials) == 1], ids=lambda rule: rule.name)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_nothing_but_nan_comes_back_through_a_function_at_nan_be_it_a_step(rule: Any) -> None:
    for x in (np.float64(np.nan), np.array([np.nan]), np.array([np.nan, np.nan], np.float32)):
        value, pullback = cr.vjp(rule.function, x)
        if np.isnan(value).all():
            assert np.isnan(pullback(np.ones_like(value)[()])[0]).all()


REDUCTIONS: dict[str, Callable[[Any], Any]] = {
    name: lambda x, name=name: getattr(np, name)(x, axis=1)
    for name in ("max", "min", "sum", "mean", "prod", "var", "std", "median", "ptp", "cumsum", "cumprod", "sort")
}
REDUCTIONS |= {
    "norm": lambda x: np.linalg.norm(x, axis=1), "norm of order 1": lambda x: np.linalg.norm(x, 1, axis=1),
    "largest norm": lambda x: np.linalg.norm(x, np.inf, axis=1), "quantile": lambda x: np.quantile(x, 0.3, axis=1),
    "logaddexp": lambda x: np.logaddexp.reduce(x, axis=1), "average": lambda x: np.average(x, 1, [1.0, 2.0, 3.0]),
    "maximum": lambda x: np.maximum.reduce(x, axis=1),
    "running maximum": lambda x: np.maximum.accumulate(x, axis=1),
    "trapezoid": lambda x: np.trapezoid(x, axis=1), "matmul": lambda x: x @ np.array([1.0, 2.0, 3.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_nan_in_one_slice_comes_back_to_that_slice_and_to_no_other(name: str) -> None:
    x = np.array([[1.0, 2.0, 4.0], [3.0, NAN, 0.5], [2.0, 5.0, 1.5]])
    value, pullback = cr.vjp(REDUCTIONS[name], x)
    (found,) = pullback(np.ones_like(value))
    assert np.isnan(value[1]).any()
    assert np.isnan(found[1]).any()
    assert np.isfinite(found[[0, 2]]).all()
    moved = cr.jvp(REDUCTIONS[name], (x,), (np.ones_like(x),))[1]
    np.testing.assert_array_equal(np.isnan(moved), np.isnan(value))


@pytest.mark.parametrize(
    ("f", "x"),
    [(np.sqrt, 0.0), (np.cbrt, 0.0), (np.log, 0.0), (np.arcsin, 1.0), (np.arccos, -1.0), (np.arccosh, 1.0)],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_an_infinite_slope_has_no_finite_slope_itself(f: Any, x: float) -> None:
    for at in (np.float64(x), np.array([x])):
        with np.errstate(all="ignore"):
            for outer in (cr.jacfwd, cr.jacrev):
                for inner in (cr.jacfwd, cr.jacrev):
                    assert not np.isfinite(inner(f)(at)).any()
                    assert not np.isfinite(outer(inner(f))(at)).any()


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin, np.hypot], ids=lambda f: f.__name__)
@pytest.mark.parametrize("points", [(NAN, 1.0), (1.0, NAN), (NAN, NAN), (2.0, 1.0)])
def test_a_nan_that_is_one_of_two_arguments_comes_back_in_both_directions(function: Any, points: Any) -> None:
    for given in (points, tuple(np.array([p, 0.5]) for p in points)):
        value, pullback = cr.vjp(function, *given)
        back = pullback(np.ones_like(value)[()])
        moved = cr.jvp(function, given, tuple(np.ones_like(p)[()] for p in given))[1]
        np.testing.assert_array_equal(np.isnan(moved), np.isnan(value))
        np.testing.assert_array_equal(np.isnan(back[0]) | np.isnan(back[1]), np.isnan(value))
        for place, p in enumerate(given):
            alone = cr.vjp(lambda v, i=place, g=given: function(*g[:i], v, *g[i + 1 :]), p)[1](np.ones_like(value)[()])
            np.testing.assert_array_equal(np.isnan(alone[0]), np.isnan(value))
    for given in ((NAN, 0.0, 1.0), (0.5, NAN, 1.0), (0.5, 0.0, NAN)):
        assert np.isnan(cr.vjp(np.clip, *given)[1](1.0)).any()


def test_a_nan_that_a_selection_chose_has_the_tangent_nan_in_jvp_as_well() -> None:
    for x in (np.float64(-1.0), np.array([-1.0, 2.0])):
        value, tangent = cr.jvp(lambda v: np.where(v > 0, v, np.nan), (x,), (np.ones_like(x)[()],))
        np.testing.assert_array_equal(np.isnan(tangent), np.isnan(value))
        assert np.isnan(value).any()
