"""Solvers and integrals find the tracked values that a function captures, wherever Python keeps them."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.stats

import chainrule as cr
from chainrule.scipy import integrate, optimize, stats


class Decay:
    def __init__(self, rate: Any) -> None:
        self.rate = rate

    def __call__(self, t: Any) -> Any:
        return np.exp(-self.rate * t)

    def at(self, t: Any) -> Any:
        return self(t)


def by_default(rate: Any) -> Any:
    def f(t: Any, rate: Any = rate) -> Any:
        return np.exp(-rate * t)

    return f


def by_itself(rate: Any) -> Any:
    def f(t: Any, again: bool = True) -> Any:
        return f(t, again=False) if again else np.exp(-rate * t)

    return f


PLACES: dict[str, Any] = {
    "a closure": lambda a: lambda t: np.exp(-a * t), "a list in a closure": lambda a, b=None: (
        lambda held: lambda t: np.exp(-held[0]["rate"] * t)
    )([{"rate": a}]),
    "a default": by_default, "an object": Decay, "a bound method": lambda a: Decay(a).at,
    "a partial": lambda a: functools.partial(lambda r, t: np.exp(-r * t), a), "a function that calls itself": by_itself,
    "a function in a function": lambda a: (lambda inner: lambda t: inner(t))(lambda t: np.exp(-a * t)),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_an_integral_moves_with_what_its_function_captures(place: str) -> None:
    def total(a: Any) -> Any:
        return integrate.quad(PLACES[place](a), 0.0, np.inf)[0]

    assert total(2.0) == scipy.integrate.quad(PLACES[place](2.0), 0.0, np.inf)[0]
    np.testing.assert_allclose(cr.grad(total)(2.0), -0.25, rtol=1e-8)
    np.testing.assert_allclose(cr.derivative(total)(2.0), -0.25, rtol=1e-8)
    np.testing.assert_allclose(cr.grad(cr.grad(total))(2.0), 0.25, rtol=1e-7)


def test_solvers_move_with_what_their_functions_capture() -> None:
    for root in (
        lambda c: optimize.root(lambda x: x * x - c, np.array([1.0])).x[0],
        lambda c: optimize.brentq(lambda x: x * x - c, 0.0, 9.0), lambda c: optimize.newton(lambda x: x * x - c, 1.0),
        lambda c: optimize.fsolve(lambda x: [x[0] ** 2 - c], [1.0])[0],
        lambda c: optimize.root_scalar(lambda x: x * x - c, bracket=(0.0, 9.0)).root,
        lambda c: optimize.fixed_point(lambda x: (x + c / x) / 2, 1.0),
        lambda c: optimize.minimize(lambda x: np.sum((x * x - c) ** 2), np.ones(1)).x[0],
        lambda c: optimize.minimize_scalar(lambda x: (x * x - c) ** 2, bracket=(0.5, 1.0, 3.0)).x,
        lambda c: optimize.least_squares(lambda x: x * x - c, np.ones(1)).x[0],
    ):  # fmt: skip
        np.testing.assert_allclose(cr.grad(root)(2.0), 0.5 / 2**0.5, rtol=1e-5)
        np.testing.assert_allclose(cr.jvp(root, (2.0,), (1.0,))[1], 0.5 / 2**0.5, rtol=1e-5)


def test_an_active_bound_holds_its_component() -> None:
    found = cr.jacobian(
        lambda c: optimize.minimize(lambda x: np.sum((x - c) ** 2), np.zeros(2), bounds=[(0.0, 0.5), (None, None)]).x
    )(np.array([0.9, -0.4]))
    np.testing.assert_allclose(found, [[0.0, 0.0], [0.0, 1.0]], atol=1e-7)


def test_the_time_of_an_event_the_state_there_and_dense_output_move_with_the_parameters() -> None:
    def thrown(pull: Any, speed: Any) -> Any:
        def ground(t: Any, y: Any) -> Any:
            return y[0]

        ground.terminal, ground.direction = True, -1.0  # type: ignore[attr-defined]
        return integrate.solve_ivp(
            lambda t, y: [y[1], -pull], (0.0, 9.0), [0.0, speed], events=ground, dense_output=True
        )

    found = cr.jacobian(lambda g, v: thrown(g, v).t_events[0][0], (0, 1))(9.8, 5.0)  # 2v/g
    np.testing.assert_allclose(found, (-10 / 9.8**2, 2 / 9.8), rtol=1e-7)
    found = cr.jacobian(lambda g, v: thrown(g, v).y[1, -1], (0, 1))(9.8, 5.0)  # −v
    np.testing.assert_allclose(found, (0.0, -1.0), atol=1e-7)
    found = cr.jacobian(lambda g, v: thrown(g, v).sol(0.3)[0], (0, 1))(9.8, 5.0)  # vt − gt²/2
    np.testing.assert_allclose(found, (-0.045, 0.3), rtol=1e-7)


def test_joint_distributions_are_scipy_s_frozen_or_not() -> None:
    root = np.random.default_rng(0).normal(size=(3, 2))
    x, thin = root @ [0.3, 0.7], root @ root.T
    law = stats.multivariate_normal
    assert law.logpdf(x, None, thin, True) == scipy.stats.multivariate_normal.logpdf(x, None, thin, True)

    def density(a: Any) -> Any:  # on the range of a singular matrix
        return law(np.zeros(3), a @ a.T, allow_singular=True).logpdf(a @ np.array([0.3, 0.7]))

    cr.check_grads(density, (root,), order=2)
    cr.check_grads(lambda a: law(None, a @ a.T + np.eye(3), True).entropy(), (root,), order=2)
    p = np.array([0.2, 0.3, 0.5])
    value, pullback = cr.vjp(lambda n: stats.multinomial(6, n).pmf([1, 2, 3]), p)
    assert value == scipy.stats.multinomial(6, p).pmf([1, 2, 3])
    ratio = np.array([1, 2, 3]) / p * value
    np.testing.assert_allclose(pullback(1.0)[0] @ [1, 0, -1], ratio @ [1, 0, -1], rtol=1e-10)  # along the simplex
    cr.check_grads(lambda a: stats.dirichlet(a).entropy(), (np.array([1.0, 2.0, 0.5]),), order=2)
    df, shape = 3.5, thin + np.eye(3)
    expected = scipy.stats.multivariate_t.logpdf(x, None, shape, df)
    np.testing.assert_allclose(
        cr.vjp(lambda n: stats.multivariate_t.logpdf(x, None, shape, n), df)[0], expected, rtol=1e-12
    )
