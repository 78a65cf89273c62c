"""Transforms in many threads at once, and very long computations."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import chainrule as cr


@pytest.fixture
def switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_eight_threads_of_nested_gradients_are_never_wrong(switching_often: None) -> None:
    def third(x: Any) -> Any:
        return cr.grad(lambda a: a * cr.derivative(lambda b: cr.grad(lambda c: np.sin(c) * a * b)(b))(a))(x)

    def expected(x: float) -> float:
        # ∂/∂b [cos(b)·a·b] at b = a is a·cos a − a²·sin a; then the derivative of a times that.
        return 2 * x * math.cos(x) - x * x * math.sin(x) - 3 * x * x * math.sin(x) - x**3 * math.cos(x)

    points = np.linspace(0.1, 3.0, 4000)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(third, points))
    wrong = [
        x for x, y in zip(points, found, strict=True) if not math.isclose(y, expected(x), rel_tol=1e-11, abs_tol=1e-11)
    ]
    assert wrong == []


def test_a_pullback_may_be_called_often_and_from_many_threads(switching_often: None) -> None:
    x = np.linspace(0.1, 1, 50)
    _, pullback = cr.vjp(lambda v: np.sin(v) * np.exp(v), x)
    slope = np.exp(x) * (np.sin(x) + np.cos(x))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda k: pullback(np.full(50, float(k)))[0], range(200)))
    for k, g in enumerate(found):
        np.testing.assert_allclose(g, k * slope, rtol=1e-13)


def chain(steps: int) -> Any:
    """A function of two operations a step, and its slope."""

    def f(x: Any) -> Any:
        for _ in range(steps):
            x = x * 0.9999999 + 1e-7
        return x

    return f, pytest.approx(0.9999999**steps, rel=1e-9)


def test_a_gradient_through_a_million_operations_needs_no_recursion() -> None:
    f, slope = chain(500_000)
    assert sys.getrecursionlimit() < 100_000
    assert cr.grad(f)(0.5) == slope


# Forward mode takes eight times as long for an operation and keeps nothing of earlier ones: ten thousand steps exceed
# any depth that recursion could reach, and a million are left to the long run.
@pytest.mark.parametrize("steps", [10_000, pytest.param(500_000, marks=pytest.mark.long)])
def test_a_derivative_through_a_long_chain_needs_no_recursion(steps: int) -> None:
    f, slope = chain(steps)
    assert sys.getrecursionlimit() < steps
    assert cr.derivative(f)(0.5) == slope


def test_a_chain_of_a_hundred_thousand_operations_can_be_differentiated_twice() -> None:
    def f(x: Any) -> Any:
        y = x * x
        for _ in range(50_000):
            y = y * 0.99999 + 1e-7
        return y

    assert cr.grad(cr.grad(f))(0.5) == pytest.approx(2 * 0.99999**50_000, rel=1e-9)


def test_one_value_may_be_used_a_hundred_thousand_times() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for k in range(100_000):
            total = total + x * (k % 3)
        return total

    assert cr.grad(f)(2.0) == sum(k % 3 for k in range(100_000))
