"""Transforms nest in any mix and order, without confusing their perturbations."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

Derivative = Callable[[Callable[[Any], Any]], Callable[[Any], Any]]

WAYS: dict[str, Derivative] = {
    "grad": cr.grad,
    "derivative": cr.derivative,
    "jvp": lambda f: lambda x: cr.jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f: lambda x: cr.vjp(f, x)[1](1.0)[0],
    "jacfwd": cr.jacfwd,
    "jacrev": cr.jacrev,
}
two_ways = pytest.mark.parametrize("ways", list(itertools.product(WAYS, WAYS)), ids="-".join)


@two_ways
def test_the_inner_derivative_does_not_see_the_outer_perturbation(ways: tuple[str, str]) -> None:
    # Siskind and Pearlmutter, "Perturbation confusion and referential transparency" (2005): the answer is 1, not 2.
    outer, inner = (WAYS[way] for way in ways)
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0


@two_ways
def test_an_outer_variable_inside_an_inner_function_is_a_constant_that_moves(ways: tuple[str, str]) -> None:
    outer, inner = (WAYS[way] for way in ways)
    # d/dx [x · d/dy (x·y²)|₃] = d/dx 6x² = 12x
    assert outer(lambda x: x * inner(lambda y: x * y * y)(3.0))(2.0) == 24.0
    # The point of the inner derivative moves too: d/dx (2·x·x) at x, with y = x.
    assert outer(lambda x: inner(lambda y: x * y * y)(x))(5.0) == 20.0


@pytest.mark.parametrize("ways", list(itertools.product(("grad", "derivative", "vjp", "jvp"), repeat=3)), ids="-".join)
def test_third_derivatives_by_any_mix_of_transforms(ways: tuple[str, str, str]) -> None:
    f: Any = lambda x: np.sin(x) * np.exp(2 * x)  # noqa: E731
    for way in ways:
        f = WAYS[way](f)
    # Im (2 + i)³ e^((2 + i)x), since sin(x)·e^(2x) = Im e^((2 + i)x)
    expected = ((2 + 1j) ** 3 * np.exp((2 + 1j) * 0.6)).imag
    assert f(0.6) == pytest.approx(expected, rel=1e-14)


@two_ways
def test_a_function_that_returns_a_derivative_closure_keeps_its_perturbations_apart(ways: tuple[str, str]) -> None:
    # Manzyuk et al., "Perturbation confusion in forward automatic differentiation of higher-order functions" (2019):
    # s(u)(f)(x) = f(x + u); the derivative of s at 0, applied twice to exp, is exp″.
    outer, inner = (WAYS[way] for way in ways)

    def shifted(u: Any) -> Any:
        return lambda f: lambda x: f(x + u)

    def d(f: Any) -> Any:
        return lambda x: outer(lambda u: shifted(u)(f)(x))(0.0)

    def e(f: Any) -> Any:
        return lambda x: inner(lambda u: shifted(u)(f)(x))(0.0)

    assert d(e(np.exp))(1.0) == pytest.approx(math.e, rel=1e-15)


def test_fifth_derivatives_agree_with_mathematics() -> None:
    assert cr.derivative(lambda x: x**7, order=5)(1.5) == pytest.approx(2520 * 1.5**2, rel=1e-13)
    f: Any = np.exp
    for _ in range(5):
        f = cr.grad(f)
    assert f(0.3) == pytest.approx(math.exp(0.3), rel=1e-14)


def test_hessians_by_every_mix_are_equal_and_symmetric() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.tanh(x @ x[::-1]) * np.sin(x)) / (1 + x[0] ** 2)

    x = np.array([0.3, -0.7, 1.1])
    reference = cr.hessian(f)(x)
    np.testing.assert_allclose(reference, reference.T, rtol=1e-12)
    for outer in (cr.jacfwd, cr.jacrev, cr.jacobian):
        for inner in (cr.grad, cr.jacfwd, cr.jacrev):
            np.testing.assert_allclose(outer(inner(f))(x), reference, rtol=1e-12)
    np.testing.assert_allclose(cr.hvp(f, (x,), (np.ones(3),)), reference @ np.ones(3), rtol=1e-12)


def test_the_gradient_of_a_gradient_step_sees_both_levels() -> None:
    # One step of gradient descent on w·x² from x, as a function of the step's length r: x − r·2wx.
    def after(r: Any, w: Any, x: Any) -> Any:
        moved = x - r * cr.grad(lambda v: w * v * v)(x)
        return w * moved * moved

    r, w, x = 0.1, 3.0, 2.0
    inside = 1 - 2 * r * w
    assert cr.grad(after, 0)(r, w, x) == pytest.approx(2 * w * x * inside * (-2 * w * x), rel=1e-14)
    assert cr.grad(after, 1)(r, w, x) == pytest.approx((x * inside) ** 2 + 2 * w * x * inside * (-2 * r * x), rel=1e-14)
    assert cr.grad(after, 2)(r, w, x) == pytest.approx(2 * w * x * inside**2, rel=1e-14)


def test_derivatives_inside_loops_and_branches_of_the_language() -> None:
    def newton(a: Any) -> Any:
        x = a if a > 1 else 1.0
        for _ in range(30):
            x = x - (x * x - a) / cr.grad(lambda v: v * v - a)(x)
        return x

    assert cr.grad(newton)(7.0) == pytest.approx(0.5 / math.sqrt(7), rel=1e-13)
    assert cr.derivative(newton)(7.0) == pytest.approx(0.5 / math.sqrt(7), rel=1e-13)


def test_stop_gradient_stops_every_level() -> None:
    assert cr.grad(lambda x: x * cr.stop_gradient(x) ** 2)(3.0) == 9.0
    assert cr.grad(cr.grad(lambda x: x * cr.stop_gradient(x) ** 2))(3.0) == 0.0


@two_ways
def test_what_is_returned_beside_a_result_goes_on_being_followed_by_outer_transforms(ways: tuple[str, str]) -> None:
    outer = WAYS[ways[0]]
    beside = {"product": lambda x, y: y * x, "list": lambda x, y: [x * x, {"a": y}], "outer alone": lambda x, y: x**3}
    expected = {"product": 2.0, "list": 6.0, "outer alone": 27.0}
    for name, aux in beside.items():

        def f(x: Any, aux: Any = aux) -> Any:
            _, made = cr.grad(lambda y: (x * y * y, aux(x, y)), has_aux=True)(2.0)
            return made[0] if isinstance(made, list) else made

        assert outer(f)(3.0) == expected[name]


def test_a_gradient_beside_a_value_is_followed_three_levels_deep() -> None:
    def innermost(x: Any, y: Any) -> Any:
        return cr.grad(lambda z: (x * y * z, x * z), has_aux=True)(2.0)[1]  # 2x

    def inner(x: Any) -> Any:
        return cr.grad(lambda y: (y * innermost(x, y), innermost(x, y) * y), has_aux=True)(5.0)[1]  # 10x

    assert cr.grad(inner)(3.0) == 10.0
