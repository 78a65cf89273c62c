"""How often a transform runs the function, pushes a tangent forward and pulls a cotangent back: no more than needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

A = np.sin(1.0 + np.arange(20.0)).reshape(4, 5)


def counted(matrix: Any) -> tuple[Callable[[Any], Any], Counter[str]]:
    """x ↦ tanh(Ax), and how often it ran and its rules were asked."""
    counts: Counter[str] = Counter()

    def forward(out: Any, xs: Any, ts: Any) -> Any:
        counts["forward"] += 1
        return (1 - out * out) * (matrix @ ts[0])

    def reverse(out: Any, xs: Any, g: Any) -> Any:
        counts["reverse"] += 1
        return ((1 - out * out) * g) @ matrix

    layer = cr.custom(lambda x: np.tanh(matrix @ x), forward=forward, reverse=reverse, samples=[])

    def f(x: Any) -> Any:
        counts["runs"] += 1
        return layer(x)

    return f, counts


def x(size: int) -> Any:
    return np.cos(np.arange(float(size)))


def test_a_gradient_runs_the_function_once_and_pulls_back_once() -> None:
    for transform in (cr.grad, cr.value_and_grad):
        f, counts = counted(A)
        transform(lambda v, f=f: np.sum(f(v)))(x(5))
        assert counts == {"runs": 1, "reverse": 1}


def test_several_arguments_and_an_auxiliary_result_cost_nothing_more() -> None:
    f, counts = counted(A)
    cr.grad(lambda u, v: (np.sum(f(u) * f(v)), f(u)), (0, 1), has_aux=True)(x(5), x(5))
    assert counts == {"runs": 3, "reverse": 2}  # what only comes along is not pulled back


def test_a_value_without_a_use_is_not_pulled_back() -> None:
    f, counts = counted(A)
    cr.grad(lambda v: (f(v), np.sum(v))[1])(x(5))
    assert counts == {"runs": 1}


def test_jvp_runs_the_function_once_and_pushes_once() -> None:
    f, counts = counted(A)
    cr.jvp(f, (x(5),), (x(5),))
    assert counts == {"runs": 1, "forward": 1}


def test_a_pullback_does_not_run_the_function_again() -> None:
    f, counts = counted(A)
    _, pullback = cr.vjp(f, x(5))
    assert counts == {"runs": 1}
    for number in range(1, 4):
        pullback(x(4))
        assert counts == {"runs": 1, "reverse": number}


def test_the_derivative_runs_an_elementwise_function_once_for_each_order() -> None:
    runs = []
    for order in (0, 1, 2, 3):
        runs.clear()
        cr.derivative(lambda v: (runs.append(1), np.sin(v))[1], order)(x(5))
        assert len(runs) == 1


def test_the_derivative_runs_a_function_that_could_mix_entries_twice() -> None:
    runs = []
    cr.derivative(lambda v: (runs.append(1), np.sort(v) * 0 + v)[1])(x(5))
    assert len(runs) == 2  # along two directions


@pytest.mark.parametrize(("rows", "columns"), [(4, 5), (5, 4), (1, 5), (5, 1), (2, 2), (3, 3), (4, 2), (2, 4), (5, 5)])
def test_jacobians_take_one_pass_for_each_column_or_row_and_the_cheaper_way(rows: int, columns: int) -> None:
    matrix = np.resize(A, (rows, columns))
    expected = (1 - np.tanh(matrix @ x(columns)) ** 2)[:, None] * matrix
    for transform in (cr.jacfwd, cr.jacrev, cr.jacobian):
        f, counts = counted(matrix)
        np.testing.assert_allclose(transform(f)(x(columns)), expected, rtol=1e-14)
        if transform is cr.jacobian and columns <= 2:  # forward, without a look at the result first
            assert counts == {"runs": columns, "forward": columns}
        elif transform is cr.jacobian:
            forward = {"runs": columns + 1, "forward": columns}
            assert counts == (forward if columns < rows else {"runs": 2, "reverse": rows})
        elif transform is cr.jacfwd:
            assert counts == {"runs": columns, "forward": columns}
        else:
            assert counts == {"runs": 1, "reverse": rows}


def test_the_jacobian_by_several_arguments_counts_them_all() -> None:
    f, counts = counted(A)
    cr.jacobian(lambda u, v: f(np.concatenate([u, v])), (0, 1))(x(2), x(3))  # 5 columns, 4 rows
    assert counts["reverse"] == 4
    assert counts["forward"] == 0
    f, counts = counted(A.T)
    cr.jacobian(lambda p: {"a": f(np.concatenate([p["u"], p["v"]]))})({"u": x(1), "v": x(3)})  # 4 columns, 5 rows
    assert counts["forward"] == 4
    assert counts["reverse"] == 0


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_hessian_takes_one_pass_for_each_column_and_a_product_with_it_one(size: int) -> None:
    f, counts = counted(A[:, :size])

    def g(v: Any) -> Any:
        return np.sum(f(v))

    hessian = cr.hessian(g)(x(size))
    assert counts["runs"] == size
    counts.clear()
    product = cr.hvp(g, (x(size),), (np.sin(x(size)),))
    assert counts["runs"] == 1
    np.testing.assert_allclose(product, hessian @ np.sin(x(size)), rtol=1e-12)


def test_a_long_sum_is_pulled_back_in_one_walk() -> None:
    """Each value is visited once, whatever uses it: sharing does not double the work at every step."""
    f, counts = counted(np.eye(3))

    def doubling(v: Any) -> Any:
        for _ in range(30):
            v = f(v)
            v = v + v * 0.5
        return np.sum(v)

    cr.grad(doubling)(x(3))
    assert counts == {"runs": 30, "reverse": 30}


def test_checking_a_definition_runs_nothing_at_the_call() -> None:
    calls: list[float] = []

    def body(v: Any) -> Any:
        calls.append(1.0)
        return np.sin(v)

    f = cr.custom(body, formula="cos(x)")
    calls.clear()
    cr.grad(f)(0.3)
    assert len(calls) == 1
