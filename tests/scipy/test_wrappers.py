"""The wrappers give SciPy's values, and derivatives that agree with differences to second order."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.optimize
import scipy.sparse
import scipy.special
import scipy.stats

import chainrule as cr
from chainrule.scipy import integrate, interpolate, linalg, optimize, sparse, special, stats


def normal(*shape: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


v, m = normal(4, seed=3), normal(3, 4, seed=4)
square = normal(3, 3, seed=5) + 4 * np.eye(3)
positive = square @ square.T
right = normal(3, 2, seed=6)


@pytest.mark.parametrize(
    ("ours", "theirs", "args"),
    [
        (special.logsumexp, scipy.special.logsumexp, (m,)),
        (lambda a: special.logsumexp(a, axis=0), lambda a: scipy.special.logsumexp(a, axis=0), (m,)),
        (lambda a, b: special.logsumexp(a, 1, b, keepdims=True),
         lambda a, b: scipy.special.logsumexp(a, 1, b, keepdims=True), (m, np.exp(m))),
        (lambda x: special.softmax(x, axis=1), lambda x: scipy.special.softmax(x, axis=1), (m,)),
        (special.softmax, scipy.special.softmax, (v,)),
        (lambda x: special.log_softmax(x, axis=-1), lambda x: scipy.special.log_softmax(x, axis=-1), (m,)),
        (lambda x: special.multigammaln(x, 3), lambda x: scipy.special.multigammaln(x, 3), (2.5,)),
        (lambda x: special.polygamma(2, x), lambda x: scipy.special.polygamma(2, x), (np.array([0.7, 2.0]),)),
        (linalg.solve, scipy.linalg.solve, (square, right)),
        (linalg.solve, scipy.linalg.solve, (square, right[:, 0])),
        (linalg.inv, scipy.linalg.inv, (square,)),
        (linalg.det, scipy.linalg.det, (square,)),
        (lambda a: linalg.cholesky(a @ a.T), lambda a: scipy.linalg.cholesky(a @ a.T), (square,)),
        (lambda a: linalg.cholesky(a @ a.T, True), lambda a: scipy.linalg.cholesky(a @ a.T, True), (square,)),
        *[
            (lambda a, b, low=low: linalg.cho_solve(linalg.cho_factor(a @ a.T, low), b),
             lambda a, b: np.linalg.solve(a @ a.T, b), (square, right))
            for low in (False, True)
        ],
        *[
            (lambda a, b, o=options: linalg.solve_triangular(a, b, **o),
             lambda a, b, o=options: scipy.linalg.solve_triangular(a, b, **o), (square, b))
            for options in ({}, {"lower": True}, {"trans": 1}, {"trans": "T", "lower": True}, {"unit_diagonal": True})
            for b in (right, right[:, 0])
        ],
        (linalg.block_diag, scipy.linalg.block_diag, (m, square, v)),
        *[
            (getattr(linalg, name), getattr(scipy.linalg, name), (positive / 20 if name == "tanm" else positive / 10,))
            for name in ("expm", "sqrtm", "logm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm")
        ],
        (lambda x: sparse.matmul(scipy.sparse.csr_array(m), x), lambda x: m @ x, (v,)),
        (lambda x: sparse.matmul(scipy.sparse.csr_array(m), x), lambda x: m @ x, (normal(4, 2, seed=7),)),
    ],
)  # fmt: skip
def test_values_are_scipy_s_and_derivatives_agree_with_differences(ours: Any, theirs: Any, args: Any) -> None:
    np.testing.assert_allclose(ours(*args), theirs(*args), rtol=1e-9, atol=1e-12)
    value, _ = cr.vjp(ours, *args)
    np.testing.assert_allclose(value, theirs(*args), rtol=1e-9, atol=1e-12)
    cr.check_grads(ours, args, order=2)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("norm", (0.7, 0.2, 1.3)), ("t", (0.7, 3.5, 0.2, 1.3)), ("gamma", (1.7, 2.5, 0.2, 1.3)),
        ("beta", (0.7, 2.5, 1.5, 0.1, 1.3)), ("expon", (1.7, 0.2, 1.3)), ("lognorm", (1.7, 0.6, 0.2, 1.3)),
        ("laplace", (0.7, 0.2, 1.3)), ("cauchy", (0.7, 0.2, 1.3)), ("uniform", (0.7, 0.2, 1.3)),
        ("multivariate_normal", (v[:3], right[:, 0], positive)),
        ("dirichlet", (np.array([0.2, 0.5, 0.3]), np.exp(v[:3]))),
    ],
)  # fmt: skip
def test_log_densities(name: str, args: Any) -> None:
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    np.testing.assert_allclose(ours.logpdf(*args), theirs.logpdf(*args), rtol=1e-12)
    np.testing.assert_allclose(ours.pdf(*args), theirs.pdf(*args), rtol=1e-12)
    if name == "multivariate_normal":
        cr.check_grads(lambda x, mean, root: ours.logpdf(x, mean, root @ root.T), (*args[:2], square), order=2)
        points = normal(2, 5, 3, seed=8)
        np.testing.assert_allclose(ours.logpdf(points, *args[1:]), theirs.logpdf(points, *args[1:]), rtol=1e-12)
    else:
        cr.check_grads(ours.logpdf, args, order=1)


def test_outside_the_support_the_log_density_is_minus_infinity_and_its_gradient_zero() -> None:
    for name, args in (("gamma", (2.5,)), ("beta", (2.5, 1.5)), ("expon", ()), ("lognorm", (0.6,)), ("uniform", ())):
        x = np.array([-0.5, 0.5])
        logpdf = getattr(stats, name).logpdf
        np.testing.assert_allclose(logpdf(x, *args), getattr(scipy.stats, name).logpdf(x, *args), rtol=1e-12)
        assert cr.grad(lambda x, f=logpdf, a=args: np.sum(np.where(x > 0, f(x, *a), 0.0)))(x)[0] == 0


@pytest.mark.parametrize(("name", "args"), [("poisson", (3, 2.5)), ("binom", (3, 7, 0.3)), ("bernoulli", (1, 0.3))])
def test_log_probabilities(name: str, args: Any) -> None:
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    np.testing.assert_allclose(ours.logpmf(*args), theirs.logpmf(*args), rtol=1e-12)
    np.testing.assert_allclose(ours.pmf(*args), theirs.pmf(*args), rtol=1e-12)
    cr.check_grads(lambda p: ours.logpmf(*args[:-1], p), (args[-1],), order=2)


def test_odeint_is_differentiable_in_start_times_and_parameters() -> None:
    def pendulum(y: Any, t: Any, rate: Any, pull: Any) -> Any:
        return [y[1] + 0.1 * t, -pull[0] * np.sin(y[0]) - rate * y[1] + pull[1]]

    start, times, pull = np.array([0.5, 0.1]), np.array([0.0, 0.4, 1.0]), np.array([2.0, 0.3])

    def states(y0: Any, t: Any, rate: Any, pull: Any) -> Any:
        return integrate.odeint(pendulum, y0, t, (rate, pull), rtol=1e-10, atol=1e-10)

    expected = scipy.integrate.odeint(pendulum, start, times, (0.2, pull), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(states(start, times, 0.2, pull), expected, rtol=1e-9)
    cr.check_grads(states, (start, times, 0.2, pull), order=1)
    cr.check_grads(lambda y0, rate: states(y0, times, rate, pull)[-1], (start, 0.2), order=2)


def test_solve_ivp_is_differentiable_in_start_and_parameters() -> None:
    def growth(t: Any, y: Any, rate: Any) -> Any:
        return rate * y * (1 - y)

    for t_eval in (np.array([0.5, 1.0]), np.array([0.0, 1.0]), None):
        result = integrate.solve_ivp(growth, (0.0, 1.0), [0.2, 0.3], t_eval=t_eval, args=(1.5,), rtol=1e-9, atol=1e-9)
        exact = 1 / (1 + (1 / np.array([[0.2], [0.3]]) - 1) * np.exp(-1.5 * result.t))
        np.testing.assert_allclose(result.y, exact, rtol=1e-7)

        def last(y0: Any, rate: Any, t_eval: Any = t_eval) -> Any:
            found = integrate.solve_ivp(growth, (0.0, 1.0), y0, t_eval=t_eval, args=(rate,), rtol=1e-9, atol=1e-9)
            return found.y[:, -1]

        cr.check_grads(last, (np.array([0.2, 0.3]), 1.5), order=1)


def test_roots_fixed_points_and_minimisers_follow_the_implicit_function_theorem() -> None:
    def equations(x: Any, c: Any) -> Any:
        return np.stack([x[0] ** 2 + x[1] - c[0], x[0] - x[1] ** 3 - c[1]])

    c = np.array([2.0, 0.5])
    result = optimize.root(equations, np.array([1.0, 0.5]), (c,), tol=1e-12)
    np.testing.assert_allclose(result.x, scipy.optimize.root(equations, [1.0, 0.5], (c,), tol=1e-12).x, rtol=1e-10)
    cr.check_grads(lambda c: optimize.root(equations, np.array([1.0, 0.5]), (c,), tol=1e-12).x, (c,), order=2)
    cr.check_grads(lambda a: optimize.fixed_point(lambda x, a: np.cos(a * x), 0.5, (a,), xtol=1e-13), (0.8,), order=2)
    cr.check_grads(lambda a: optimize.brentq(lambda x, a: x**3 - a, 0.0, 3.0, (a,), xtol=1e-14), (2.0,), order=2)

    def valley(x: Any, c: Any) -> Any:
        return np.sum((x - c) ** 2) + np.exp(0.3 * x[0] * x[1])

    def lowest(c: Any) -> Any:
        return optimize.minimize(valley, np.zeros(2), (c,), "BFGS", cr.grad(valley), options={"gtol": 1e-10}).x

    np.testing.assert_allclose(cr.grad(lambda x: valley(x, c))(lowest(c)), 0, atol=1e-9)
    cr.check_grads(lowest, (c,), order=1)


def test_splines_are_differentiable_in_points_and_values() -> None:
    knots, values, points = np.array([0.0, 0.7, 1.5, 2.0, 3.0]), normal(5, seed=9), np.array([0.3, 1.1, 2.4])
    for kind in ("not-a-knot", "natural", "clamped"):
        theirs = scipy.interpolate.CubicSpline(knots, values, bc_type=kind)
        ours = interpolate.CubicSpline(knots, values, bc_type=kind)
        np.testing.assert_allclose(ours(points), theirs(points), rtol=1e-10)
        np.testing.assert_allclose(ours(points, 1), theirs(points, 1), rtol=1e-9)
        cr.check_grads(lambda x, y, k=kind: interpolate.CubicSpline(knots, y, bc_type=k)(x), (points, values), order=2)
    theirs = scipy.interpolate.make_interp_spline(knots, values, 2)
    np.testing.assert_allclose(interpolate.make_interp_spline(knots, values, 2)(points), theirs(points), rtol=1e-10)
    cr.check_grads(lambda x, y: interpolate.make_interp_spline(knots, y, 3)(x), (points, values), order=2)
    many = normal(5, 2, seed=10)
    np.testing.assert_allclose(
        interpolate.CubicSpline(knots, many)(points), scipy.interpolate.CubicSpline(knots, many)(points), rtol=1e-10
    )
    closed = np.append(values[:-1], values[0])
    theirs = scipy.interpolate.CubicSpline(knots, closed, bc_type="periodic")
    ring = functools.partial(interpolate.CubicSpline, knots, bc_type="periodic")
    np.testing.assert_allclose(ring(closed)(points), theirs(points), rtol=1e-10)
    cr.check_grads(lambda x, y: ring(np.append(y, y[0]))(x), (points, closed[:-1]), order=2)
    by_values = cr.jacobian(lambda y: ring(y)(points))(closed)
    np.testing.assert_array_equal(by_values[:, -1], 0)  # the first value stands for both


@pytest.mark.parametrize(
    ("make", "y", "options"),
    [
        ("CubicSpline", np.array([0.0, 1.0, 2.0, 3.0]), {"bc_type": "periodic"}),  # does not close
        ("CubicSpline", np.zeros(5), {}),
        ("CubicSpline", np.array([0.0, np.nan, 1.0, 2.0]), {}),
        ("make_interp_spline", np.zeros(3), {}),
        ("make_interp_spline", np.zeros(4), {"k": 5}),
    ],
)
def test_values_that_scipy_refuses_for_a_spline_are_refused_at_the_user_s_line(
    make: str, y: Any, options: dict[str, Any]
) -> None:
    knots = np.arange(4.0)
    with pytest.raises(ValueError):  # noqa: PT011, whatever SciPy says
        getattr(scipy.interpolate, make)(knots, y, **options)
    for call in (
        lambda: getattr(interpolate, make)(knots, y, **options),
        lambda: cr.vjp(lambda y: getattr(interpolate, make)(knots, y, **options)(0.5), y),
    ):
        with pytest.raises(ValueError, match=r"test_wrappers\.py:\d+"):
            call()


def test_differential_equations_take_parameters_in_containers() -> None:
    start, times = np.array([1.0, 0.5]), np.array([0.0, 0.7])
    layers = [{"w": normal(2, 2, seed=11), "b": np.array([0.1, -0.2])}]

    def slope(y: Any, t: Any, layers: Any) -> Any:
        return y @ layers[0]["w"] + layers[0]["b"]

    def one_by_one(w: Any, b: Any) -> Any:
        return np.sum(integrate.odeint(lambda y, t, w, b: y @ w + b, start, times, (w, b))[-1])

    expected = cr.grad(one_by_one, (0, 1))(layers[0]["w"], layers[0]["b"])
    for end in (
        lambda p: integrate.odeint(slope, start, times, (p,))[-1],
        lambda p: integrate.solve_ivp(lambda t, y, p: slope(y, t, p), (0.0, 0.7), start, args=(p,)).y[:, -1],
    ):
        found = cr.grad(lambda p, end=end: np.sum(end(p)))(layers)[0]
        np.testing.assert_allclose(found["w"], expected[0], rtol=1e-7)
        np.testing.assert_allclose(found["b"], expected[1], rtol=1e-7)


@pytest.mark.parametrize("name", ["cdf", "logcdf"])
def test_the_normal_distribution_function_agrees_with_scipy_and_with_differences(name: str) -> None:
    ours, theirs = getattr(stats.norm, name), getattr(scipy.stats.norm, name)
    args = (np.array([-3.0, 0.4, 1.7]), 0.2, 1.3)
    np.testing.assert_allclose(ours(*args), theirs(*args), rtol=1e-12)
    cr.check_grads(ours, args)
