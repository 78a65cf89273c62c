"""Where a function may fail to be smooth, against places known from mathematics (mpmath for the digits)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from chainrule.drawing.structure import Candidates, candidates, undefined_borders
from chainrule.formula.expression import Symbol, evaluate, expression
from chainrule.formula.formula import parse


def found(f: Callable[[Any], Any], low: float = -5.0, high: float = 5.0) -> Candidates:
    tree = expression(f(Symbol("x")))

    def values(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return evaluate(tree, {"x": x}) + 0.0 * x

    return candidates(tree, values, low, high)


def is_within_floats(x: float, exact: Any, count: int = 1) -> bool:
    return abs(mpmath.mpf(x) - exact) <= count * mpmath.mpf(np.spacing(abs(x)))


def test_the_poles_of_tan_are_the_floats_next_to_odd_multiples_of_half_pi() -> None:
    points = found(np.tan).points
    assert len(points) == 4
    for x, k in zip(points, (-3, -1, 1, 3), strict=True):
        assert is_within_floats(x, k * mpmath.pi / 2)


@pytest.mark.parametrize(("rate", "count"), [(5, 16), (20, 64), (60, 190)])
def test_every_pole_of_a_fast_tan_is_found(rate: int, count: int) -> None:
    points = found(lambda x: np.tan(rate * x)).points
    exact = [k * mpmath.pi / (2 * rate) for k in range(-999, 1000, 2) if abs(k * np.pi / (2 * rate)) <= 5]
    assert len(points) == len(exact) == count
    for x, pole in zip(points, exact, strict=True):
        assert is_within_floats(x, pole, 4)


@pytest.mark.parametrize(
    ("f", "exact"),
    [
        (lambda x: 1 / x, [0]),
        (lambda x: 1 / x**2, [0]),
        (lambda x: x**-3, [0]),
        (lambda x: 1 / (x**2 - 2), [-mpmath.sqrt(2), mpmath.sqrt(2)]),
        (lambda x: 1 / ((x - 1) * (x - 3) ** 2), [1, 3]),
        (lambda x: 1 / (x**2 - 1e-6), [-0.001, 0.001]),
        (lambda x: 1 / ((x - 0.0013) ** 2 - 1e-8), [mpmath.mpf("0.0012"), mpmath.mpf("0.0014")]),
        (lambda x: 1 / (x**2 + 1), []),
        (lambda x: np.log(x - 2), [2]),
        (lambda x: np.log(x**2), [0]),
        (lambda x: np.log(x**2 - 3), [-mpmath.sqrt(3), mpmath.sqrt(3)]),
        (lambda x: np.arcsin(x / 2), [-2, 2]),
        (lambda x: np.arccosh(x), [1]),
        (lambda x: abs(x - 0.1), [mpmath.mpf(0.1)]),
        (lambda x: np.maximum(x, 1 - x), [0.5]),
        (lambda x: np.where(x > 1.5, x, 2 * x), [1.5]),
        (lambda x: np.where((x > -1) & (x < 4), x, 0), [-1, 4]),
        (lambda x: np.clip(x, -1, 2), [-1, 2]),
        (lambda x: np.exp(x) + np.sin(x) * x, []),
    ],
)
def test_borders_are_found_to_the_last_float(f: Callable[[Any], Any], exact: list[Any]) -> None:
    points = found(f).points
    assert len(points) <= len(exact) + 2  # a place where nothing happens, such as 0 for x², is no fault
    for border in exact:
        assert any(is_within_floats(x, border, 2) for x in points)


def test_a_denominator_that_only_touches_zero_is_found() -> None:
    assert found(lambda x: 1 / (1 - np.cos(x))).points == (0.0,)
    minimum = found(lambda x: 1 / (1 + np.sin(x))).points
    assert minimum == pytest.approx((-np.pi / 2, 3 * np.pi / 2), abs=3e-8)  # 1 + sin is 0 in floats that wide


def test_steps_of_floor_are_the_integers_and_not_the_floats_beside_them() -> None:
    assert found(np.floor, -5.5, 5.5).points == tuple(float(k) for k in range(-5, 6))
    assert found(np.ceil, -1.5, 1.5).points == (-1.0, 0.0, 1.0)
    assert found(lambda x: np.floor(2 * x), -1.2, 1.2).points == (-1.0, -0.5, 0.0, 0.5, 1.0)


def test_a_window_that_starts_at_a_border_has_it() -> None:
    assert 0.0 in found(np.log, 0.0, 3.0).points
    assert found(lambda x: 1 / (x - 3), 0.0, 3.0).points == (3.0,)


def test_places_with_too_many_borders_are_said_to_be_dense() -> None:
    some = found(lambda x: np.tan(1 / x))
    assert len(some.dense) == 1
    low, high = some.dense[0]
    assert low < 0 < high
    assert high - low < 0.5
    outside = [2 / (k * np.pi) for k in range(-99, 100, 2) if not low <= 2 / (k * np.pi) <= high]
    assert some.points == pytest.approx(sorted(outside), rel=1e-14)
    assert found(lambda x: np.tan(1e6 * x)).dense == ((-5.0, 5.0),)


def test_a_formula_without_a_variable_has_no_borders() -> None:
    assert found(lambda x: 3).points == ()


def test_borders_of_missing_values_are_the_last_floats_with_one() -> None:
    def root(x: Any) -> Any:
        with np.errstate(invalid="ignore"):
            return np.sqrt(x - 1)

    assert undefined_borders(root, -5.0, 5.3).tolist() == [1.0]


@pytest.mark.parametrize(
    "formula", ["sqrt(sin x)", "sqrt(cos x)", "sqrt(x^2 - 2)", "sqrt(2 - x^3)", "sqrt(e^x - 2)", "arcsin(2sin x)"]
)
def test_a_border_of_the_domain_is_the_last_float_with_a_value_wherever_the_zero_is_no_float(formula: str) -> None:
    made = parse(formula)

    def values(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.asarray(made(x))

    points = np.array(candidates(made.expression, values, -5.0, 5.0).points)
    beside = np.isnan(values(np.nextafter(points, -np.inf))) & np.isnan(values(np.nextafter(points, np.inf)))
    assert (np.isfinite(values(points)) | beside).all()
    assert np.isfinite(values(points)).any()
