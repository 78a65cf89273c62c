"""Minimisers under constraints, and those that look everywhere: derivatives against closed forms and differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import Bounds, LinearConstraint, NonlinearConstraint

import chainrule as cr
from chainrule.scipy import optimize


def nearest(point: Any, constraints: Any, **options: Any) -> Any:
    """The point nearest to `point` that satisfies constraints."""
    return optimize.minimize(lambda x: np.sum((x - point) ** 2), [0.3, 0.4], constraints=constraints, **options)


ON_THE_LINE = [[0.5, -0.5], [-0.5, 0.5]]  # the Jacobian of the projection to x + y = c


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ({"type": "eq", "fun": lambda x: x[0] + x[1] - 1.0}, ON_THE_LINE),
        ([{"type": "ineq", "fun": lambda x, c: c - x[0] - x[1], "args": (1.0,)}], ON_THE_LINE),
        (({"type": "ineq", "fun": lambda x: [9.0 - x[0], 1.0 - x[0] - x[1], x[1] + 9.0]},), ON_THE_LINE),
        ({"type": "ineq", "fun": lambda x: 9.0 - x[0] - x[1]}, np.eye(2)),
        (LinearConstraint([[1.0, 1.0], [1.0, -1.0]], [-5.0, -8.0], [1.0, 8.0]), ON_THE_LINE),
        (LinearConstraint([[1.0, 1.0]], 1.0, 1.0), ON_THE_LINE),
        (NonlinearConstraint(lambda x: x[0] + x[1], 1.0, 1.0), ON_THE_LINE),
        (NonlinearConstraint(lambda x: x**2, [-1.0, -1.0], [1.0, 1.0]), np.zeros((2, 2))),
    ],
)  # fmt: skip
def test_a_projection_has_the_derivative_of_its_closed_form(constraint: Any, expected: Any) -> None:
    point = np.array([1.7, 2.3])
    found = cr.jacobian(lambda p: nearest(p, constraint).x)(point)
    np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.filterwarnings("ignore:delta_grad == 0.0")  # SciPy's, of a function that is a parabola
@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_constraints_that_capture_tracked_values_move_with_them(method: str) -> None:
    def on_circle(radius: Any, kind: Any) -> Any:
        constraint = (
            NonlinearConstraint(lambda x: x[0] ** 2 + x[1] ** 2 - radius**2, -np.inf, 0.0)
            if kind == "object" else {"type": "ineq", "fun": lambda x: radius**2 - x[0] ** 2 - x[1] ** 2}
        )  # fmt: skip
        return nearest(np.array([3.0, 4.0]), constraint, method=method)

    for kind in ("object", "dict"):
        assert cr.jacobian(lambda r, kind=kind: on_circle(r, kind).x)(1.3) == pytest.approx([0.6, 0.8], rel=1e-6)
        slope, bend = cr.grad(lambda r: on_circle(r, kind).fun), cr.hessian(lambda r: on_circle(r, kind).fun)  # noqa: B023
        assert slope(1.3) == pytest.approx(-2 * (5 - 1.3), rel=1e-6)
        assert bend(1.3) == pytest.approx(2.0, rel=1e-5)


def test_bounds_and_constraints_together() -> None:
    mean, spread = np.array([0.05, 0.08, 0.12]), np.array([[4.0, 1, 0], [1, 9, 2], [0, 2, 16]]) / 100

    def weights(library: Any, aversion: Any) -> Any:
        return library.minimize(
            lambda w: aversion / 2 * w @ spread @ w - mean @ w, np.ones(3) / 3, tol=1e-14, bounds=Bounds(0.1, 0.5),
            constraints={"type": "eq", "fun": lambda w: np.sum(w) - 1},
        ).x  # fmt: skip

    for aversion in (0.5, 1.3, 30.0):
        found = cr.jacobian(lambda a: weights(optimize, a))(aversion)
        step = 1e-3 * aversion
        there, here = weights(scipy.optimize, aversion + step), weights(scipy.optimize, aversion - step)
        np.testing.assert_allclose(found, (there - here) / (2 * step), atol=2e-5)


def slope(f: Callable[[Any], Any]) -> Any:
    return cr.grad(f)(1.3)


def test_minimisers_that_look_everywhere_or_by_comparisons_have_the_derivative_of_the_minimum() -> None:
    """Golden sections compare only: the derivative of its steps would be 0."""

    def valley(x: Any, a: Any) -> Any:
        return (x[0] - a) ** 2 + (x[1] - 2.0) ** 2 * a + 0.1 * x[0] * x[1]

    expected = slope(lambda a: optimize.minimize(valley, [0.1, 0.1], (a,), tol=1e-10).x[0])
    box = [(-3, 3), (-3, 3)]
    for found in (
        slope(lambda a: optimize.differential_evolution(lambda x: valley(x, a), box, seed=1, maxiter=9).x[0]),
        slope(lambda a: optimize.dual_annealing(valley, box, args=(a,), maxiter=9, rng=1).x[0]),
        slope(lambda a: optimize.direct(valley, box, args=(a,)).x[0]),
        slope(lambda a: optimize.basinhopping(lambda x: valley(x, a), [0.1, 0.1], niter=1).x[0]),
        slope(lambda a: optimize.fmin_cg(valley, [0.1, 0.1], args=(a,), disp=0, gtol=1e-9)[0]),
        slope(lambda a: optimize.fmin_powell(valley, [0.1, 0.1], (a,), disp=0)[0]),
    ):
        assert found == pytest.approx(expected, rel=1e-5)
    for name in ("golden", "brent"):
        method = getattr(optimize, name)
        assert slope(lambda a, method=method: method(lambda t: (t - a**2) ** 2 + 1, brack=(-1, 0.5, 3))) == (
            pytest.approx(2.6, rel=1e-6)
        )
