"""Every distribution has SciPy's values, and derivatives that agree with differences of SciPy's own functions."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pytest
import scipy.stats

import chainrule as cr
from chainrule.errors import NoRuleError
from chainrule.scipy import stats
from chainrule.scipy.stats import continuous, discrete
from chainrule.scipy.stats.distribution import Continuous, Discrete

CONTINUOUS = sorted(name for name, value in vars(continuous).items() if isinstance(value, Continuous))
DISCRETE = sorted(name for name, value in vars(discrete).items() if isinstance(value, Discrete) and name != "Discrete")
WHOLE = {"erlang": {1}, "binom": {1}, "betabinom": {1}, "randint": {1, 2}}
"""Parameters that are whole numbers, by which there are no differences of SciPy's values."""
EDGES = (-np.inf, -2.5, -1.0, 0.0, 1e-9, 0.5, 1.0, 2.0, 40.0, np.inf, np.nan)
CHANCES = (-0.1, 0.0, 0.3, 1.0, 1.1, np.nan)


def operands(name: str, loc: bool = True) -> list[Any]:
    """Points inside the support, typical shape parameters, a location and a scale."""
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    parameters = [*ours.typical, *((1.0,) if name in DISCRETE else (0.2, 1.3))]
    return [theirs.ppf([0.1, 0.35, 0.6, 0.9], *parameters), *parameters]


def along(f: Any, args: list[Any], direction: list[Any]) -> Any:
    return lambda step: f(*(a + step * d for a, d in zip(args, direction, strict=True)))


def difference(f: Any, h: float) -> Any:
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def moved(name: str, args: list[Any], seed: int) -> list[Any]:
    """A direction for every operand; whole numbers, and the points of a discrete distribution, stay."""
    random = np.random.default_rng(seed)
    direction: list[Any] = [random.uniform(0.5, 1.0, np.shape(a)) for a in args]
    for fixed in WHOLE.get(name, ()):
        direction[fixed] = 0.0
    if name in DISCRETE:
        direction[0], direction[-1] = np.zeros(np.shape(args[0])), 0.0
    return direction


def check_method(name: str, method: str, args: list[Any], step: float) -> None:
    ours, theirs = getattr(getattr(stats, name), method), getattr(getattr(scipy.stats, name), method)
    direction = moved(name, args, seed=1)
    value, tangent = cr.jvp(ours, args, direction)
    np.testing.assert_array_equal(value, theirs(*args))
    expected = difference(along(theirs, args, direction), step)
    with np.errstate(all="ignore"):
        known = np.isfinite(expected)
    np.testing.assert_allclose(tangent[known], expected[known], rtol=2e-6, atol=1e-9, err_msg=method)
    weights = np.arange(1.0, 1.0 + np.size(value))
    pulled = cr.vjp(ours, *args)[1](weights)
    total = sum(np.sum(p * d) for p, d in zip(pulled, direction, strict=True))
    np.testing.assert_allclose(total, np.sum(weights * tangent), rtol=1e-9, atol=1e-12, err_msg=method)


@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.filterwarnings("ignore:invalid value encountered in subtract")  # −∞ less −∞, in the differences
def test_every_method_of_a_continuous_distribution_agrees_with_differences_of_scipy_s(name: str) -> None:
    args = operands(name)
    for method in getattr(stats, name).points:
        check_method(name, method, args, 1e-4)
    for method in ("ppf", "isf"):
        check_method(name, method, [np.array([0.15, 0.45, 0.7]), *args[1:]], 1e-4)


@pytest.mark.parametrize("name", DISCRETE)
@pytest.mark.filterwarnings("ignore:invalid value encountered in subtract")  # −∞ less −∞, in the differences
def test_every_method_of_a_discrete_distribution_agrees_with_differences_of_scipy_s(name: str) -> None:
    args = operands(name)
    for method in getattr(stats, name).points:
        check_method(name, method, args, 1e-4)
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    for method in ("ppf", "isf"):  # steps, but for the location
        quantile = [np.array([0.15, 0.45, 0.7]), *args[1:]]
        value, pullback = cr.vjp(getattr(ours, method), *quantile)
        np.testing.assert_array_equal(value, getattr(theirs, method)(*quantile))
        pulled = pullback(np.ones(3))
        assert pulled[-1] == 3
        assert all(np.all(p == 0) for p in pulled[:-1])


@pytest.mark.parametrize("name", CONTINUOUS)
def test_second_derivatives_of_densities_agree_with_differences_of_first_ones(name: str) -> None:
    args = operands(name)
    direction = moved(name, args, seed=2)
    for method in ("logpdf", "pdf"):
        ours = getattr(getattr(stats, name), method)

        def slope(step: Any, ours: Any = ours) -> Any:
            return cr.jvp(along(ours, args, direction), (step,), (1.0,))[1]

        found = cr.jvp(slope, (0.0,), (1.0,))[1]
        np.testing.assert_allclose(found, difference(slope, 1e-4), rtol=2e-6, atol=1e-7)
        by_reverse = cr.grad(lambda step, slope=slope: np.sum(slope(step)))(0.0)
        np.testing.assert_allclose(by_reverse, np.sum(found), rtol=1e-9)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution_functions_have_the_density_s_derivative_to_second_order(name: str) -> None:
    args = operands(name)
    ours = getattr(stats, name)
    slopes = {"cdf": lambda x: ours.pdf(x, *args[1:]), "sf": lambda x: -ours.pdf(x, *args[1:])}
    for method, slope in slopes.items():
        first = cr.grad(lambda x, m=method: np.sum(getattr(ours, m)(x, *args[1:])))
        np.testing.assert_allclose(first(args[0]), slope(args[0]), rtol=1e-9)
        second = cr.grad(lambda x, f=first: np.sum(f(x)))(args[0])
        np.testing.assert_allclose(second, cr.grad(lambda x, f=slope: np.sum(f(x)))(args[0]), rtol=1e-6, atol=1e-10)
    q = np.array([0.2, 0.5, 0.8])
    first = cr.grad(lambda q: np.sum(ours.ppf(q, *args[1:])))
    np.testing.assert_allclose(first(q), 1 / ours.pdf(ours.ppf(q, *args[1:]), *args[1:]), rtol=1e-8)
    second = cr.grad(lambda q: np.sum(first(q)))(q)
    np.testing.assert_allclose(second, difference(lambda h: first(q + h), 1e-4), rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:expect")  # SciPy's sum for the entropy of zipf
@pytest.mark.parametrize("name", [*CONTINUOUS, *DISCRETE])
def test_figures_agree_with_differences_or_are_an_error(name: str) -> None:
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    args = operands(name)[1:]
    direction = moved(name, operands(name), seed=3)[1:]
    for figure in ours.figures:
        own = getattr(ours, figure)
        if name in ("cauchy", "skewcauchy") and figure != "entropy":
            assert np.isnan(cr.grad(lambda loc, f=own: f(*args[: len(ours.typical)], loc))(0.3))  # as the value is
            continue
        if getattr(ours, f"_{'var' if figure == 'std' else figure}") is None:
            with pytest.raises(NoRuleError, match=rf"{name}\.{figure} .* at test_distributions\.py"):
                cr.grad(lambda loc, f=own: f(*args[: len(ours.typical)], loc))(0.3)
            continue
        found, tangent = cr.jvp(own, args, direction)
        assert found == getattr(theirs, figure)(*args)
        expected = difference(along(getattr(theirs, figure), args, direction), 1e-3)
        np.testing.assert_allclose(tangent, expected, rtol=1e-6, atol=1e-9, err_msg=figure)


@pytest.mark.filterwarnings("ignore:The shape parameter of the erlang")
@pytest.mark.parametrize("name", [*CONTINUOUS, *DISCRETE])
def test_every_value_is_scipy_s_at_every_edge_and_no_derivative_there_is_wrong(name: str) -> None:
    """Outside the support, beside wrong parameters and at NaN: 0 where SciPy's value does not change, NaN where NaN."""
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    count = len(ours.typical)
    shapes = [list(ours.typical), *([*ours.typical[:i], wrong, *ours.typical[i + 1 :]]
              for i in range(count) for wrong in (-1.0, 0.0, np.nan, 1.0))]  # fmt: skip
    scales = ((0.0,), (1.0,)) if name in DISCRETE else ((0.0, 1.0), (0.5, 2.0), (0.0, 0.0), (np.nan, 1.0))
    rows = [(x, *s, *t) for x, s, t in itertools.product(EDGES, shapes, scales)]
    args = [np.array(column) for column in zip(*rows, strict=True)]
    for method in (*ours.points, "ppf", "isf"):
        if name == "vonmises" and method in ("ppf", "isf"):
            continue  # SciPy's search for these takes seconds
        given = [np.array([-0.5, 0.0, 0.3, 1.0, 1.5, np.nan]), *ours.typical] if method in ("ppf", "isf") else args
        with np.errstate(all="ignore"):
            expected = getattr(theirs, method)(*given)
        np.testing.assert_array_equal(getattr(ours, method)(*given), expected)
        moving = [0] if name not in DISCRETE else list(range(1, 1 + count))
        if not moving:
            continue
        tracked = moving[0]
        value, pullback = cr.vjp(
            lambda a, m=method, k=tracked, g=given: getattr(ours, m)(*g[:k], a, *g[k + 1 :]), given[tracked]
        )
        np.testing.assert_array_equal(value, expected)
        pulled = pullback(np.where(np.isnan(expected), 0.0, 1.0))[0]
        if method in ("pdf", "cdf", "sf"):
            z = (args[0] - args[-2]) / np.where(args[-1] > 0, args[-1], np.nan)
            outside = np.isinf(z) | np.isnan(expected)
            assert np.all(pulled[outside] == 0), method


def test_parameters_come_by_position_by_keyword_in_lists_and_from_a_frozen_distribution() -> None:
    x = np.array([0.3, 1.2])
    expected = scipy.stats.gamma.logsf(x, 2.5, 0.1, 1.7)
    calls = (
        lambda a, s: stats.gamma.logsf(x, a, 0.1, s), lambda a, s: stats.gamma.logsf(x, a, scale=s, loc=0.1),
        lambda a, s: stats.gamma.logsf(x=x, a=a, loc=0.1, scale=s), lambda a, s: stats.gamma(a, 0.1, s).logsf(x),
        lambda a, s: stats.gamma(a, scale=s, loc=0.1).logsf(x), lambda a, s: stats.gamma.freeze(a, 0.1, s).logsf(x),
        lambda a, s: stats.gamma.logsf([x[0], x[1]], [a, a], [0.1, 0.1], [s, s]),
    )  # fmt: skip
    for call in calls:
        np.testing.assert_array_equal(call(2.5, 1.7), expected)
        value, tangent = cr.jvp(call, (2.5, 1.7), (1.0, -0.5))
        np.testing.assert_array_equal(value, expected)
        np.testing.assert_allclose(tangent, cr.jvp(calls[0], (2.5, 1.7), (1.0, -0.5))[1], rtol=1e-14)
    frozen = stats.norm(1.0, 2.0)
    assert frozen.mean() == 1.0
    assert frozen.support() == (-np.inf, np.inf)
    np.testing.assert_array_equal(frozen.rvs(3, random_state=4), scipy.stats.norm(1.0, 2.0).rvs(3, random_state=4))
    assert frozen.args == (1.0, 2.0)
    assert frozen.dist is stats.norm
    mean, var = cr.jacobian(lambda m, s: np.stack(stats.norm(m, s).stats()), (0, 1))(1.0, 2.0)
    np.testing.assert_allclose([mean, var], [[1, 0], [0, 4]])
    np.testing.assert_allclose(cr.jacobian(lambda s: np.stack(stats.norm(1.0, s).interval(0.9)))(2.0)[1], 1.6448536)
    np.testing.assert_allclose(cr.grad(lambda s: stats.expon.median(scale=s))(2.0), np.log(2))
    np.testing.assert_allclose(cr.jacobian(lambda s: np.stack(stats.uniform.support(0.5, s)))(2.0), [0, 1])
    with pytest.raises(NoRuleError, match="moments 's'"):
        cr.grad(lambda a: stats.gamma.stats(a, moments="s"))(2.0)


def test_what_is_not_differentiated_is_scipy_s_own() -> None:
    assert stats.norm.name == "norm"
    assert stats.norm.fit([1.0, 2.0, 4.0]) == scipy.stats.norm.fit([1.0, 2.0, 4.0])
    assert stats.ecdf is scipy.stats.ecdf
    assert {"norm", "ecdf", "rv_continuous"} <= set(dir(stats))
    with pytest.raises(AttributeError):
        stats.nothing  # noqa: B018


def test_a_program_with_distributions_runs_again_with_its_gradient() -> None:
    def cost(a: Any, s: Any) -> Any:
        return np.sum(stats.gamma.logpdf(np.array([0.5, 2.0]), a, scale=s)) + stats.norm.logsf(a, 0.0, s)

    program = cr.stage(cost, 2.0, 1.5)
    assert program(2.5, 1.1) == cost(2.5, 1.1)
    assert pickle.loads(pickle.dumps(program))(2.5, 1.1) == cost(2.5, 1.1)
    slopes = cr.stage(cr.grad(cost, (0, 1)), 2.0, 1.5)
    np.testing.assert_allclose(slopes(2.5, 1.1), cr.grad(cost, (0, 1))(2.5, 1.1), rtol=1e-14)


def test_tails_keep_their_digits() -> None:
    for f, x, expected in (
        (stats.norm.logsf, 40.0, -40.0249688),  # the slope of log Φ(−x) is −φ/Φ (Mills' ratio)
        (stats.norm.logcdf, -40.0, 40.0249688), (lambda x: stats.logistic.logsf(x), 800.0, -1.0),
        (lambda x: stats.gamma.logsf(x, 2.0), 600.0, -600 / 601), (lambda x: stats.t.logsf(x, 3.0), 1e5, -3e-5),
        (lambda x: stats.weibull_min.logsf(x, 2.0), 50.0, -100.0), (lambda x: stats.chi2.logsf(x, 2.0), 900.0, -0.5),
    ):  # fmt: skip
        np.testing.assert_allclose(cr.grad(f)(x), expected, rtol=1e-8)
