"""The distributions are SciPy's at ends of the support, NaN, infinities and wrong parameters; derivatives too."""

from __future__ import annotations

import itertools
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.stats

import chainrule as cr
from chainrule.scipy import stats

EDGES = (-np.inf, -500.0, -1.5, -1.0, -1e-300, 0.0, 1e-12, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 500.0, np.inf, np.nan)
COUNTS = (-np.inf, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 6.0, 7.0, 8.0, np.inf, np.nan)
SHAPES = (-1.0, 0.0, 0.3, 1.0, 1.5, 2.0, 40.0, np.nan)
CHANCES = (-0.2, 0.0, 0.3, 1.0, 1.2, np.nan)
CONTINUOUS: dict[str, tuple[tuple[float, ...], ...]] = {
    "norm": (), "expon": (), "laplace": (), "cauchy": (), "uniform": (), "t": ((*SHAPES, np.inf),), "gamma": (SHAPES,),
    "lognorm": (SHAPES,), "beta": (SHAPES, SHAPES),
}  # fmt: skip
DISCRETE: dict[str, tuple[tuple[float, ...], ...]] = {
    "poisson": ((-1.0, 0.0, 0.3, 2.0, 40.0, np.nan),), "bernoulli": (CHANCES,),
    "binom": ((-1.0, 0.0, 1.0, 2.5, 7.0, np.nan), CHANCES),
}  # fmt: skip
SCALES = ((0.0, 1.0), (0.5, 2.0), (0.0, 0.0), (0.0, -1.0), (np.nan, 1.0), (0.0, np.nan))


def cases(points: Any, shapes: Any, scales: Any) -> Any:
    """Every combination of points, shape parameters and (loc, scale), as arrays that travel together."""
    rows = [(x, *p, *s) for x, p, s in itertools.product(points, itertools.product(*shapes), scales)]
    return [np.array(column) for column in zip(*rows, strict=True)]


def same(found: Any, expected: Any, args: Any, rtol: float) -> None:
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape
    wrong = ~np.isclose(found, expected, rtol=rtol, atol=1e-300, equal_nan=True)
    shown = [
        tuple(float(np.broadcast_to(a, found.shape)[k]) for a in args) for k in zip(*np.nonzero(wrong), strict=True)
    ]
    assert not wrong.any(), f"{wrong.sum()} of {wrong.size}: {shown[:6]}: {found[wrong][:6]} for {expected[wrong][:6]}"


@pytest.mark.parametrize("name", CONTINUOUS)
def test_every_density_is_scipy_s_at_every_edge(name: str) -> None:
    args = cases(EDGES, CONTINUOUS[name], SCALES if len(CONTINUOUS[name]) < 2 else SCALES[1:4])
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    with np.errstate(all="ignore"):
        expected = theirs.logpdf(*args), theirs.pdf(*args)
    same(ours.logpdf(*args), expected[0], args, 1e-10)
    same(ours.pdf(*args), expected[1], args, 1e-9)
    same(cr.vjp(ours.logpdf, *args)[0], expected[0], args, 1e-10)


@pytest.mark.parametrize("name", DISCRETE)
def test_every_probability_is_scipy_s_at_every_edge(name: str) -> None:
    args = cases(COUNTS, DISCRETE[name], ((0.0,), (1.0,), (np.nan,)))
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    with np.errstate(all="ignore"):
        expected = theirs.logpmf(*args), theirs.pmf(*args)
    same(ours.logpmf(*args), expected[0], args, 1e-10)
    same(ours.pmf(*args), expected[1], args, 1e-9)
    same(cr.vjp(lambda *p: ours.logpmf(args[0], *p, args[-1]), *args[1:-1])[0], expected[0], args, 1e-10)


LOGARITHMS: dict[str, Any] = {
    "norm": lambda x, m, s: -(((x - m) / s) ** 2) / 2 - mpmath.log(s) - mpmath.log(2 * mpmath.pi) / 2,
    "expon": lambda x, m, s: -(x - m) / s - mpmath.log(s),
    "laplace": lambda x, m, s: -abs(x - m) / s - mpmath.log(2 * s),
    "cauchy": lambda x, m, s: -mpmath.log(mpmath.pi * s * (1 + ((x - m) / s) ** 2)),
    "uniform": lambda x, m, s: -mpmath.log(s),
    "t": lambda x, n, m, s: (
        mpmath.log(mpmath.gamma((n + 1) / 2) / mpmath.sqrt(n * mpmath.pi) / mpmath.gamma(n / 2) / s)
        - (n + 1) / 2 * mpmath.log(1 + ((x - m) / s) ** 2 / n)
    ),
    "gamma": lambda x, a, m, s: (a - 1) * mpmath.log((x - m) / s) - (x - m) / s - mpmath.log(s * mpmath.gamma(a)),
    "lognorm": lambda x, d, m, s: (
        -(mpmath.log((x - m) / s) ** 2) / 2 / d**2 - mpmath.log(d * (x - m) * mpmath.sqrt(2 * mpmath.pi))
    ),
    "beta": lambda x, a, b, m, s: (
        (a - 1) * mpmath.log((x - m) / s) + (b - 1) * mpmath.log(1 - (x - m) / s) - mpmath.log(s * mpmath.beta(a, b))
    ),
    "poisson": lambda k, mu: k * mpmath.log(mu) - mu - mpmath.log(mpmath.factorial(k)),
    "binom": lambda k, n, p: mpmath.log(mpmath.binomial(n, k)) + k * mpmath.log(p) + (n - k) * mpmath.log(1 - p),
    "bernoulli": lambda k, p: mpmath.log(p if k == 1 else 1 - p),
}
POINTS = {
    "norm": (0.7, 0.2, 1.3), "expon": (1.7, 0.2, 1.3), "laplace": (0.7, 0.2, 1.3), "cauchy": (0.7, 0.2, 1.3),
    "uniform": (0.7, 0.2, 1.3), "t": (0.7, 3.5, 0.2, 1.3), "gamma": (1.7, 2.5, 0.2, 1.3),
    "lognorm": (1.7, 0.6, 0.2, 1.3),
    "beta": (0.7, 2.5, 1.5, 0.1, 1.3), "poisson": (3.0, 2.5), "binom": (3.0, 7.0, 0.3), "bernoulli": (1.0, 0.3),
}  # fmt: skip


def along(f: Any, args: tuple[float, ...], position: int) -> Any:
    return lambda v: f(*args[:position], v, *args[position + 1 :])


def nested(order: int, reverse_first: bool) -> Any:
    """The derivative of an order, by reverse and forward mode in turn."""

    def transform(f: Any) -> Any:
        for k in range(order):
            f = cr.grad(f) if (k % 2 == 0) == reverse_first else cr.derivative(f)
        return f

    return transform


@pytest.mark.parametrize("name", POINTS)
def test_derivatives_of_orders_1_to_3_by_every_parameter_agree_with_mpmath(name: str) -> None:
    args, discrete = POINTS[name], name in DISCRETE
    ours = getattr(stats, name)
    positions = [len(args) - 1] if discrete else range(len(args))
    for position, logarithmic in itertools.product(positions, (True, False)):
        exact = LOGARITHMS[name] if logarithmic else lambda *a: mpmath.exp(LOGARITHMS[name](*a))
        f = getattr(ours, ("log" if logarithmic else "") + ("pmf" if discrete else "pdf"))
        for order, reverse_first in itertools.product((1, 2, 3), (True, False)):
            with mpmath.workdps(40):
                expected = float(mpmath.diff(along(exact, args, position), args[position], order))
            found = nested(order, reverse_first)(along(f, args, position))(args[position])
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11, err_msg=f"{position} {order}")


@pytest.mark.parametrize(
    ("density", "at", "expected"),
    [
        (lambda x: stats.gamma.pdf(x, 1.0), 0.0, (1.0, -1.0, 1.0)),
        (lambda x: stats.gamma.pdf(x, 2.0), 0.0, (0.0, 1.0, -2.0)),
        (lambda x: stats.gamma.pdf(x, 3.0), 0.0, (0.0, 0.0, 1.0)),
        (lambda x: stats.gamma.logpdf(x, 1.0), 0.0, (0.0, -1.0, 0.0)),
        (lambda x: stats.expon.pdf(x), 0.0, (1.0, -1.0, 1.0)),
        (lambda x: stats.beta.pdf(x, 1.0, 1.0), 0.0, (1.0, 0.0, 0.0)),
        (lambda x: stats.beta.pdf(x, 2.0, 2.0), 0.0, (0.0, 6.0, -12.0)),
        (lambda x: stats.beta.pdf(x, 2.0, 3.0), 1.0, (0.0, 0.0, 24.0)),
        (lambda x: stats.beta.logpdf(x, 1.0, 1.0), 1.0, (0.0, 0.0, 0.0)),
        (lambda p: stats.bernoulli.pmf(1, p), 0.0, (0.0, 1.0, 0.0)),
        (lambda p: stats.bernoulli.pmf(0, p), 1.0, (0.0, -1.0, 0.0)),
        (lambda p: stats.binom.pmf(2, 3, p), 0.0, (0.0, 0.0, 6.0)),
        (lambda p: stats.binom.pmf(3, 3, p), 1.0, (1.0, 3.0, 6.0)),
        (lambda m: stats.poisson.pmf(0, m), 0.0, (1.0, -1.0, 1.0)),
        (lambda m: stats.poisson.pmf(1, m), 0.0, (0.0, 1.0, -2.0)),
    ],
)  # fmt: skip
def test_at_an_end_the_derivatives_are_those_from_inside(density: Any, at: float, expected: Any) -> None:
    found = [nested(order, first)(density)(at) for first in (True, False) for order in (0, 1, 2)]
    np.testing.assert_allclose(found, 2 * expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", POINTS)
def test_a_nan_or_a_wrong_parameter_makes_value_and_derivative_nan(name: str) -> None:
    args, ours = POINTS[name], getattr(stats, name)
    f = ours.logpmf if name in DISCRETE else ours.logpdf
    for position in range(len(args)):
        if name not in DISCRETE or position == len(args) - 1:
            assert np.isnan(cr.value_and_grad(along(f, args, position))(np.nan)).all()
    if name not in DISCRETE:
        assert np.isnan(cr.value_and_grad(along(f, args, len(args) - 1))(-1.0)).all()


def test_outside_the_support_density_and_derivative_are_zero() -> None:
    for f, x in (
        (lambda x: stats.gamma.pdf(x, 0.5), -1.0), (lambda x: stats.beta.pdf(x, 0.5, 0.5), 1.5),
        (stats.expon.pdf, -0.1),
        (lambda x: stats.lognorm.pdf(x, 0.5), 0.0), (lambda x: stats.uniform.pdf(x), 1.5),
        (lambda p: stats.bernoulli.pmf(2, p), 0.3), (lambda m: stats.poisson.pmf(1.5, m), 2.0),
        (lambda p: stats.binom.pmf(8, 7, p), 0.3),
    ):  # fmt: skip
        assert [nested(order, first)(f)(x) for order in (0, 1, 2) for first in (True, False)] == [0.0] * 6


def test_dtypes_broadcasting_lists_keywords_and_empty_arrays() -> None:
    single = stats.gamma.logpdf(np.float32([0.5, 1.0]), np.float32(2), np.float32(0), np.float32(1))
    assert single.dtype == scipy.stats.gamma.logpdf(np.float32([0.5, 1.0]), np.float32(2)).dtype
    assert cr.grad(lambda x: np.sum(stats.beta.pdf(x, 2, 3)))(np.float32([0.0, 0.5])).dtype == np.float32
    column, row = np.array([[0.5], [1.5]]), np.array([1.0, 2.0, 3.0])
    for name, shapes in (("gamma", (row,)), ("t", (row,)), ("lognorm", (row,)), ("norm", (0.0, row))):
        ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
        np.testing.assert_allclose(ours.logpdf(column, *shapes), theirs.logpdf(column, *shapes), rtol=1e-12)
        assert ours.pdf(np.zeros(0), *(s[:0] if np.ndim(s) else s for s in shapes)).shape == (0,)
    np.testing.assert_allclose(stats.norm.pdf([0, 1], scale=[1, 2]), scipy.stats.norm.pdf([0, 1], scale=[1, 2]))
    np.testing.assert_allclose(stats.beta.logpdf(0.5, b=2, a=3), scipy.stats.beta.logpdf(0.5, b=2, a=3))
    np.testing.assert_allclose(stats.binom.pmf([0, 1, 2], 2, p=0.5, loc=0), [0.25, 0.5, 0.25])
    with pytest.raises(TypeError, match=r"\(a, loc, scale\) at test_stats\.py"):
        stats.gamma.pdf(1.0)
    with pytest.raises(TypeError, match="b="):
        stats.gamma.pdf(1.0, a=2.0, b=1.0)


def test_the_multivariate_normal_takes_what_scipy_s_takes() -> None:
    random = np.random.default_rng(4)
    root = random.normal(size=(3, 3))
    cov, points, mean = root @ root.T + np.eye(3), random.normal(size=(2, 5, 3)), random.normal(size=3)
    theirs = scipy.stats.multivariate_normal
    for args in (
        (points, mean, cov), (points[0, 0], mean, cov), (points, mean, 2.0), (points, mean, [1.0, 2.0, 3.0]), (0.3,),
        (points[0, 0], 0.5, 2.0), (points, None, cov), ([0.1, 0.2], [0.0, 1.0]),
    ):  # fmt: skip
        found = stats.multivariate_normal.logpdf(*args)
        np.testing.assert_allclose(found, theirs.logpdf(*args), rtol=1e-12)
        assert np.shape(found) == np.shape(theirs.logpdf(*args))
    for shape in ((), (1,), (4,), (4, 1), (2, 3, 1), (1, 1)):  # of one dimension, which may be an axis or not
        x = random.normal(size=shape)
        for args in ((x,), (x, 0.5), (x, [0.5], 2.0), (x, None, [[3.0]]), (x, 0.1, [2.0])):
            found = stats.multivariate_normal.logpdf(*args)
            np.testing.assert_allclose(found, theirs.logpdf(*args), rtol=1e-12)
            assert np.shape(found) == np.shape(theirs.logpdf(*args)), args
            cr.check_grads(lambda x, args=args: stats.multivariate_normal.logpdf(x, *args[1:]), (x,), order=1)
    assert np.isnan(stats.multivariate_normal.pdf([np.nan, 0.0], [0.0, 0.0]))
    with pytest.raises(np.linalg.LinAlgError):
        stats.multivariate_normal.pdf([0.0, 0.0], [0.0, 0.0], np.ones((2, 2)))


def test_the_dirichlet_density_takes_and_refuses_what_scipy_s_does() -> None:
    theirs = scipy.stats.dirichlet
    alpha, points = np.array([1.0, 2.0, 0.5]), np.array([[0.2, 0.5], [0.5, 0.2], [0.3, 0.3]])
    for x in (points, points[:, 0], points[:2], np.array([0.0, 0.4, 0.6]), [np.nan, 0.5, 0.5], points[:, :1]):
        np.testing.assert_allclose(stats.dirichlet.logpdf(x, alpha), theirs.logpdf(x, alpha), rtol=1e-12)
        assert np.shape(stats.dirichlet.logpdf(x, alpha)) == np.shape(theirs.logpdf(x, alpha))
    for x, a in (
        ([0.5, 0.5], [-1.0, 2.0]), ([0.5, 0.5], [0.0, 2.0]), ([-0.5, 1.5], [1.0, 1.0]), ([0.5, 0.9], [1.0, 1.0]),
        ([0.2, 0.2, 0.2, 0.4], [1.0, 1.0]),
    ):  # fmt: skip
        with pytest.raises(ValueError):  # noqa: PT011 - SciPy's own
            theirs.logpdf(x, a)
        with pytest.raises(ValueError, match=r"test_stats\.py"):
            stats.dirichlet.logpdf(x, a)
    cr.check_grads(stats.dirichlet.logpdf, (points[:2], alpha), order=2)
