"""Differences, gradients, integrals, interpolation, polynomials and statistics of samples."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import chainrule as cr
from tests.rules.agreement import assert_right, assert_same_value, complex_points, points

V, X = points(6), points(4, 5)
STEPS = np.cumsum(points(6, seed=9, low=0.2, high=1.0))

ONE = {
    "diff": (
        lambda x: [
            np.diff(x),
            np.diff(x, 2, 0),
            np.diff(x, 0),
            np.diff(x, axis=0, prepend=1.0),
            np.diff(x, append=x[:, :2], prepend=0),
        ],
        X,
    ),
    "ediff1d": (lambda x: [np.ediff1d(x), np.ediff1d(x, [1.0, 2.0], 9.0)], X),
    "gradient": (
        lambda x: [
            *np.gradient(x),
            *np.gradient(x, 0.5, edge_order=2),
            *np.gradient(x, 0.5, STEPS[:5]),
            np.gradient(x, axis=0),
            np.gradient(x, STEPS[:5], axis=1, edge_order=2),
            *np.gradient(x, axis=(1, 0)),
            np.gradient(x[0]),
        ],
        X,
    ),
    "trapezoid": (
        lambda x: [
            np.trapezoid(x),
            np.trapezoid(x, dx=0.3, axis=0),
            np.trapezoid(x, STEPS[:5]),
            np.trapezoid(x, STEPS[:4], axis=0),
            np.trapezoid(x, np.cumsum(np.ones((4, 5)), 1)),
        ],
        X,
    ),
    "unwrap": (lambda x: [np.unwrap(9 * x), np.unwrap(9 * x, axis=0, period=3.0), np.unwrap(5 * x, discont=4.0)], X),
    "cov": (
        lambda x: [
            np.cov(x),
            np.cov(x, rowvar=False),
            np.cov(x, bias=True),
            np.cov(x, ddof=0),
            np.cov(x[0]),
            np.cov(x, fweights=[1, 2, 1, 3, 1]),
            np.cov(x, aweights=[0.1, 0.2, 1, 0.3, 0.5]),
            np.cov(x, x[:1]),
            np.cov(x, aweights=[1.0, 2, 1, 3, 1], fweights=[1, 1, 2, 1, 1]),
        ],
        X,
    ),
    "corrcoef": (lambda x: [np.corrcoef(x), np.corrcoef(x, rowvar=False), np.corrcoef(x[0], x[1])], X),
    "average": (
        lambda x: [
            np.average(x),
            np.average(x, 0, weights=[1.0, 2, 3, 4]),
            *np.average(x, 1, weights=x[0] ** 2, returned=True),
            np.average(x, weights=x**2, axis=0, keepdims=True),
            *np.average(x, axis=0, returned=True),
        ],
        X,
    ),
    "polynomials": (
        lambda x: [
            np.polyval(x, 0.7),
            np.polyder(x),
            np.polyder(x, 2),
            np.polyint(x),
            np.polyint(x, 2, [1.0, 2.0]),
            np.polymul(x, x[:2]),
            np.polyadd(x, x[:2]),
            np.polysub(x[:3], x),
            *np.polydiv(x, x[:3]),
            np.poly(x[:4]),
            np.polyint(x, 3, k=2.0),
        ],
        V,
    ),
    "poly of a matrix": (lambda x: np.poly(x @ x.T), points(3, 3)),
    "roots": (lambda x: np.roots(x), np.array([1.0, -6.0, 11.0, -6.1])),
    "roots with zeros": (lambda x: np.roots(np.concatenate([x, [0.0, 0.0]])), np.array([2.0, -7.0, 3.0])),
    "slices": (
        lambda x: [
            np.apply_along_axis(np.sort, 0, x),
            np.apply_along_axis(np.mean, 1, x),
            np.apply_along_axis(lambda r: np.outer(r, r[:2]), 0, x),
            np.apply_over_axes(np.sum, x, [0, 1]),
            np.apply_along_axis(lambda r, k: k * r, -1, x, 3.0),
        ],
        X,
    ),
    "parts": (
        lambda x: [
            *np.modf(x),
            np.frexp(x)[0],
            np.ldexp(x, 3),
            np.ldexp(x, [1, 2, 3, 4, 5]),
            *np.divmod(x, 0.7),
            np.nextafter(x, 9.0),
        ],
        X,
    ),
    "bessel": (lambda x: np.i0(x), np.array([-3.0, 0.2, 1.0, 5.0])),
    "angle": (
        lambda x: [np.angle(x + 1j * x**2), np.angle(x + 2j, deg=True), np.angle(x), np.real_if_close(x + 0j)],
        X,
    ),
    "names": (lambda x: [np.amax(x, 0), np.amin(x, axis=1, keepdims=True), np.around(x, 1) * x, np.ptp(x, 1)], X),
    "lists of coefficients": (
        lambda x: [
            np.polyval([1.0, 2.0], x),
            np.polyadd(x, [1.0, 2.0]),
            np.polysub(x, [1.0]),
            np.polymul([1.0, 3.0], x),
        ],
        V,
    ),
}


@pytest.mark.parametrize("name", ONE)
def test_a_function_of_samples_agrees_with_differences(name):
    function, x = ONE[name]
    assert_right(function, x, rtol=1e-4)


TWO = {
    "spacings": (
        lambda y, h: (
            [np.gradient(y, h), np.gradient(y, np.cumsum(h**2), edge_order=2)] if np.ndim(h) else np.gradient(y, h)
        ),
        V,
        points(6, seed=3, low=0.5),
    ),
    "one spacing": (lambda y, h: np.gradient(y, h), V, np.array(0.3)),
    "integral": (lambda y, x: [np.trapezoid(y, x), np.trapezoid(y, dx=x[0])], V, points(6, seed=3)),
    "covariance": (lambda x, y: [np.cov(x, y), np.corrcoef(x, y)], V, points(6, seed=3)),
    "fit": (
        lambda x, y: [
            np.polyfit(x, y, 2),
            np.polyfit(x, y, 1, w=[1.0, 2, 1, 1, 3, 1]),
            *np.polyfit(x, y, 1, cov=True),
            np.polyfit(x, np.stack([y, y**2], 1), 2),
        ],
        V,
        points(6, seed=3),
    ),
    "full fit": (lambda x, y: [np.polyfit(x, y, 2, full=True)[k] for k in (0, 1, 3)], V, points(6, seed=3)),
    "value": (np.polyval, points(4), X),
    "weights": (
        lambda x, w: [
            np.bincount([0, 2, 2, 5, 1, 0], w),
            np.bincount([0, 1, 1, 0, 0, 1], w, 4),
            np.histogram(x, 3, weights=w)[0],
            *np.histogram(x, [-2.0, 0.0, 2.0], density=True, weights=w),
            np.histogram2d(x, w, 2, weights=w**2)[0],
            np.histogramdd((x, w), (2, 3), weights=w, density=True)[0],
            np.average(x, weights=w),
        ],
        V,
        points(6, seed=3, low=0.5),
    ),
    "edges": (lambda x, w: [np.histogram_bin_edges(x, 4), np.histogram(x, 3)[1]], V, V),
    "period": (lambda p, q: np.unwrap(p, period=abs(q) + 1), 5 * V, np.array(0.7)),
}


@pytest.mark.parametrize("name", TWO)
def test_a_function_of_two_arguments_agrees_with_differences(name):
    function, a, b = TWO[name]
    assert_right(function, a, b, rtol=1e-4)


@pytest.mark.parametrize("function", [np.cov, np.corrcoef])
@pytest.mark.parametrize("rowvar", [True, False], ids=["rows", "columns"])
def test_two_samples_join_in_every_form_in_which_numpy_takes_them(function, rowvar):
    """A vector is one variable, whichever way the variables of a matrix run."""
    shapes = [(6,), (1, 6), (2, 6)] if rowvar else [(6,), (6, 1), (6, 2)]
    for first, second in itertools.product(shapes, repeat=2):
        assert_right(lambda x, y: function(x, y, rowvar), points(*first), points(*second, seed=3), order=1, rtol=1e-4)


def test_interpolation_agrees_with_differences_in_every_argument():
    x = np.array([-5.0, 0.1, 0.9, 2.2, 3.3, 99.0])
    xp, fp = np.array([-1.0, 0.5, 1.0, 3.0, 4.0]), points(5)
    assert_right(np.interp, x, xp, fp)
    assert_right(lambda x, f, a, b: np.interp(x, xp, f, a, b), x, fp, np.array(2.0), np.array(-1.0))
    assert_right(lambda x, xp, fp: np.interp(x, xp, fp, period=2.3), x[1:5], np.array([0.2, 1.9, 0.7]), fp[:3])
    assert_right(lambda x, p: np.interp(x, np.array([0.2, 1.9, 0.7]), fp[:3], period=p), x[1:5], np.array(2.3))
    assert_right(lambda f: np.interp(x, xp, f), complex_points(5))
    assert_right(lambda x: np.interp(x, xp, fp), np.array(0.7))


def test_at_a_point_of_an_interpolation_the_slope_is_the_mean_of_both_sides():
    xp, fp = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0])
    slopes = cr.derivative(lambda x: np.interp(x, xp, fp))(np.array([0.0, 0.5, 1.0, 2.0, 3.0]))
    np.testing.assert_allclose(slopes, [0.5, 1.0, 2.5, 2.0, 0.0])
    assert cr.derivative(lambda x: np.interp(x, xp, fp, left=-9.0))(0.0) == 1.0  # a jump on the left is no slope


@pytest.mark.parametrize("left", [None, 0.5, -9.0, np.nan])
@pytest.mark.parametrize("right", [None, 5.0, -9.0, np.nan])
def test_what_interpolation_continues_with_counts_for_the_slope_where_it_meets_the_curve(left, right):
    xp, fp, h = np.array([0.0, 1.0, 3.0]), np.array([0.5, 1.0, 5.0]), 1e-6

    def f(x):
        return np.interp(x, xp, fp, left, right)

    for x in (-1.0, *xp, 0.4, 4.0):
        sides = [(f(x + s * h) - f(x)) / (s * h) for s in (-1, 1)]
        steps = [slope for slope in sides if abs(slope) < 1e3]  # neither a jump nor NaN
        expected = np.mean(steps) if steps else np.nan
        np.testing.assert_allclose(cr.derivative(f)(x), expected, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(cr.derivative(f)(np.array([x, 0.4]))[0], expected, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(cr.grad(f)(x), expected, rtol=1e-6, atol=1e-9)


def test_counts_have_no_derivative_and_are_plain():
    def f(x):
        counts, edges = np.histogram(x, bins=3)
        assert isinstance(counts, np.ndarray)
        assert counts.dtype == int
        return np.sum(edges)

    np.testing.assert_allclose(cr.grad(f)(np.array([0.0, 1.0, 3.0])), [2.0, 0.0, 2.0])


def test_bessel_functions_against_mpmath():
    mpmath = pytest.importorskip("mpmath")
    from chainrule.rules.modified_bessel import bessel_i

    for x in (-40.0, -3.0, 1e-5, 0.7, 29.0, 31.0, 200.0, 700.0):
        for order in (0, 1, 2):
            exact = float(mpmath.besseli(order, x))
            assert abs(bessel_i(x, order) - exact) <= 2e-14 * abs(exact)


def test_a_complex_companion_matrix():
    assert_right(lambda z: np.roots(z), np.array([1.0, 2.0 + 1j, 3.0 - 1j]), rtol=1e-4)


def test_single_precision_stays_single():
    x = V.astype(np.float32)
    for function in (
        np.diff,
        np.gradient,
        np.trapezoid,
        lambda x: np.linspace(x[0], x[1], 4),
        lambda x: np.convolve(x, x),
    ):
        value, pullback = cr.vjp(function, x)
        assert value.dtype == np.float32
        assert pullback(np.ones_like(value))[0].dtype == np.float32


def test_leading_zeros_of_polynomials_are_dropped_as_in_numpy():
    found = cr.vjp(lambda p: np.polymul(np.concatenate([[0.0], p]), [0.0, 2.0, 1.0]), V[:3])[0]
    np.testing.assert_allclose(found, np.polymul(np.concatenate([[0.0], V[:3]]), [0.0, 2.0, 1.0]))
    for function, refused in ((np.polymul, "1d only"), (np.polydiv, "with a sequence")):
        with pytest.raises(ValueError, match=refused):
            cr.grad(lambda p, f=function: np.sum(f(p, [1.0, 2.0])[0]))(X)


def test_lists_among_the_arguments_count_as_arrays():
    np.testing.assert_allclose(cr.grad(lambda y: np.sum(np.heaviside([0, 2], y)))(0.7), 1.0)
    np.testing.assert_allclose(
        cr.grad(lambda x: np.sum(np.clip(x, [0, 0, 0], [1, 1, 1])))(np.array([-1.0, 0.5, 2.0])), [0, 1, 0]
    )


def test_complex_functions_of_real_numbers():
    assert_right(
        lambda x: [
            np.emath.sqrt(x),
            np.emath.log(x),
            np.emath.power(x, 1.5),
            np.emath.logn(3.0, x),
            np.emath.log2(x),
            np.emath.log10(x),
        ],
        V,
    )
    assert_right(lambda x: [np.emath.arccos(x), np.emath.arcsin(x), np.emath.arctanh(x)], V)
    assert_right(lambda x: np.sort_complex(x), V)
    assert_right(lambda x: np.emath.sqrt(x), np.abs(V))


def test_too_few_points_and_wrong_spacings_are_refused():
    with pytest.raises(ValueError, match="at least"):
        cr.grad(lambda x: np.sum(np.gradient(x)))(np.ones(1))
    with pytest.raises(TypeError, match="invalid number of arguments"):
        cr.grad(lambda x: np.sum(np.gradient(x, 1.0, 2.0, 3.0)[0]))(np.ones((2, 2)))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_positions_and_weights_run_along_any_axis(axis):
    y, steps = points(3, 4, 5), points(3, 4, 5, seed=3, low=0.2, high=1.0)
    x, n = np.cumsum(steps, axis=axis), y.shape[axis]
    along = np.cumsum(points(n, seed=4, low=0.2, high=1.0))
    assert_right(lambda y, x: np.trapezoid(y, x, axis=axis), y, x, order=1)
    assert_right(lambda y, x: np.trapezoid(y, x, axis=axis), y, along, order=1)
    assert_right(lambda y, x: np.gradient(y, x, axis=axis), y, along, order=1)
    assert_right(lambda y, w: np.average(y, axis=axis, weights=w), y, along, order=1)


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3), 2)))
@pytest.mark.parametrize("keepdims", [False, True])
def test_weights_of_several_axes_are_those_of_the_axes_in_their_order(axes, keepdims):
    y = points(3, 4, 5)
    weights = points(*(y.shape[axis] for axis in axes), seed=5, low=0.2, high=1.0)
    for given in (axes, tuple(axis - 3 for axis in axes)):
        assert_right(lambda y, w, a=given: np.average(y, axis=a, weights=w, keepdims=keepdims), y, weights, order=1)


@pytest.mark.parametrize("tol", [0.5, 1, 20, 100, 1e6])
def test_a_small_imaginary_part_is_dropped_as_numpy_drops_it(tol):
    for size in (0.0, 1e-17, 1e-15, 1e-12, 1.0):
        z = points(3) + 1j * size * points(3, seed=1)
        assert_same_value(lambda z: np.real_if_close(z, tol), z)
        assert_same_value(lambda z: np.real_if_close(z), z)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_grids_between_arrays_lie_along_the_axis_that_they_are_given(axis):
    start, stop, base = points(3), points(3, seed=2) + 3, points(3, seed=4)
    assert_right(lambda a, b: np.linspace(a, b, 4, axis=axis), start, stop, order=1)
    assert_right(lambda a, b: np.geomspace(a, b, 4, axis=axis), abs(start) + 0.5, abs(stop) + 1, order=1)
    assert_right(lambda a, b: np.logspace(a, b, 4, axis=axis), start, stop, order=1)
    assert_right(lambda a, b, c: np.logspace(a, b, 4, base=c, axis=axis), start, stop, abs(base) + 0.5, order=1)
    assert_right(lambda c: np.logspace(0.5, 2.0, 4, base=c, axis=axis), abs(base) + 0.5, order=1)
