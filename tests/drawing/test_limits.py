"""One-sided limits against known ones, and limits at infinity against SymPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy

from chainrule.drawing.limits import Limit, at_infinity, one_sided
from chainrule.formula.expression import Symbol

LEFT, RIGHT = -1, 1


def limit(f: Callable[[Any], Any], at: float, side: int, reach: float = 0.5) -> Limit:
    def values(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return f(x) + 0.0 * x

    return one_sided(values, np.array([at]), np.array([reach]), side)[0]


@pytest.mark.parametrize(
    ("f", "at", "side", "expected"),
    [
        (lambda x: x**2, 3.0, RIGHT, 9.0),
        (np.sqrt, 0.0, RIGHT, 0.0),
        (lambda x: abs(x) / x, 0.0, LEFT, -1.0),
        (lambda x: np.sin(x) / x, 0.0, RIGHT, 1.0),
        (lambda x: (1 - np.cos(x)) / x**2, 0.0, RIGHT, 0.5),
        (lambda x: (np.exp(x) - 1 - x) / x**2, 0.0, LEFT, 0.5),
        (lambda x: x * np.sin(1 / x), 0.0, RIGHT, 0.0),
        (lambda x: x * np.log(x), 0.0, RIGHT, 0.0),
        (lambda x: x**x, 0.0, RIGHT, 1.0),
        (lambda x: np.exp(1 / x), 0.0, LEFT, 0.0),
        (lambda x: 1 / (1 + np.exp(1 / x)), 0.0, RIGHT, 0.0),
        (np.floor, 2.0, LEFT, 1.0),
        (np.floor, 2.0, RIGHT, 2.0),
        (np.arctan, 1.0, LEFT, np.pi / 4),
        (lambda x: np.arctan(1 / x), 0.0, LEFT, -np.pi / 2),
    ],
)
def test_a_limit_that_exists_is_found(f: Callable[[Any], Any], at: float, side: int, expected: float) -> None:
    found = limit(f, at, side)
    assert found.error < 1e-5
    assert abs(found.value - expected) <= 1e-7 + 4 * found.error


@pytest.mark.parametrize(
    ("f", "at", "side", "expected"),
    [
        (lambda x: 1 / x, 0.0, LEFT, -np.inf),
        (lambda x: 1 / x**2, 0.0, LEFT, np.inf),
        (np.tan, np.pi / 2, LEFT, np.inf),
        (np.tan, np.pi / 2, RIGHT, -np.inf),
        (np.log, 0.0, RIGHT, -np.inf),
        (lambda x: np.log(abs(x - 1)), 1.0, LEFT, -np.inf),
        (lambda x: np.exp(1 / x), 0.0, RIGHT, np.inf),
        (lambda x: abs(x) ** -0.1, 0.0, RIGHT, np.inf),
        (lambda x: 3 + x + 1e-5 / x, 0.0, RIGHT, np.inf),
        (lambda x: 1 / (x - 1e6), 1e6, RIGHT, np.inf),
    ],
)
def test_a_function_without_bound_has_an_infinite_limit(
    f: Callable[[Any], Any], at: float, side: int, expected: float
) -> None:
    assert limit(f, at, side).value == expected


def test_a_side_without_values_is_told_from_one_that_swings() -> None:
    assert not limit(np.log, 0.0, LEFT).defined
    swinging = limit(lambda x: np.sin(1 / x), 0.0, RIGHT)
    assert swinging.defined
    assert np.isnan(swinging.value)


x = Symbol("x")


@pytest.mark.parametrize("side", [LEFT, RIGHT])
@pytest.mark.parametrize(
    "formula",
    [
        "1/x",
        "exp(-x**2)",
        "exp(x)",
        "atan(x)",
        "tanh(x)",
        "1/(1 + exp(-x))",
        "1 - 1/x**2",
        "2*atan(x)/pi + 3",
        "log(1 + exp(x))",
        "x**3",
        "sqrt(1 + 1/x**2)",
    ],
)
def test_limits_at_infinity_agree_with_sympy(formula: str, side: int) -> None:
    t = sympy.Symbol("x", real=True)
    expected = sympy.limit(sympy.sympify(formula, {"x": t}), t, side * sympy.oo)
    ours = sympy.lambdify(t, sympy.sympify(formula, {"x": t}), _NUMPY)(x)
    assert at_infinity(ours, side) == pytest.approx(float(expected))


_NUMPY = [{"atan": np.arctan, "exp": np.exp, "log": np.log, "tanh": np.tanh, "sqrt": np.sqrt, "pi": np.pi}]


@pytest.mark.parametrize(
    "tree",
    [
        (1 + 1 / x) ** x,
        x ** (1 / np.log(x)),
        x - x,
        x / x,
        np.sin(x),
        1 / (1 / x - 1 / x),
        1 / (np.sin(x) / x),
        np.floor(1 - 1 / x),
        np.where(1 / x > 0, 1.0, 2.0),
        np.sign(1 / x),
        np.exp(x) * np.exp(-x),
    ],
)
def test_a_limit_that_is_not_certain_is_not_claimed(tree: Any) -> None:
    assert np.isnan(at_infinity(tree, RIGHT))


def test_a_branch_far_out_has_the_limit_of_the_formula_taken_there() -> None:
    tree = np.where(x > 0, np.arctan(x), np.log(-x))
    assert at_infinity(tree, RIGHT) == np.pi / 2
    assert at_infinity(tree, LEFT) == np.inf
