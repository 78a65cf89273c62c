"""Sorting, order statistics and distinct values, with ties."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules.memory import replace
from tests.rules.agreement import assert_right, points

METHODS = [
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]
HOLED = points(4, 6)
HOLED[1, 2] = HOLED[3, 0] = HOLED[3, 5] = np.nan


def over_numbers(function):
    """The function of the entries that are not NaN, which are the ones that can be moved."""
    present = ~np.isnan(HOLED)

    def of_entries(entries):
        if isinstance(entries, cr.Variable):
            return function(replace(np.where(present, 0.0, HOLED), entries, present))
        whole = HOLED.copy()
        whole[present] = entries
        return function(whole)

    return of_entries


@pytest.mark.parametrize("axis", [-1, 0, 1, None])
def test_sort_and_partition_agree_with_differences(axis):
    assert_right(lambda x: np.sort(x, axis), points(4, 5))
    assert_right(lambda x: np.sort(x, axis, kind="stable"), points(4, 5))
    assert_right(lambda x: np.partition(x, 2, axis), points(4, 5))


def test_sorting_in_place_changes_the_variable():
    def f(x):
        y = x * 1.0
        y.sort()
        return np.sum(y * np.array([1.0, 2.0, 3.0]))

    np.testing.assert_array_equal(cr.grad(f)(np.array([5.0, 1.0, 3.0])), [3.0, 1.0, 2.0])

    def g(x):
        y = x * 1.0
        y.partition(0)
        return y[0]

    np.testing.assert_array_equal(cr.grad(g)(np.array([5.0, 1.0, 3.0])), [0.0, 1.0, 0.0])


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_methods_that_sort_in_place_run_along_the_axis_that_they_are_given(axis):
    for change in (
        lambda y: y.sort(axis), lambda y: y.sort(axis=axis, kind="stable"), lambda y: y.partition(1, axis),
        lambda y: y.partition([0, 2], axis=axis),
    ):  # fmt: skip

        def f(x, change=change):
            y = x * 1.0
            change(y)
            return y

        assert_right(f, points(3, 4), order=1)


def test_equal_entries_share_their_places():
    gradient = cr.grad(lambda x: np.sum(np.sort(x) * np.array([1.0, 2.0, 4.0, 8.0])))(np.array([2.0, 1.0, 2.0, 2.0]))
    np.testing.assert_allclose(gradient, [14 / 3, 1.0, 14 / 3, 14 / 3])
    tangent = cr.jvp(np.sort, (np.array([2.0, 1.0, 2.0]),), (np.array([1.0, 0.0, 3.0]),))[1]
    np.testing.assert_allclose(tangent, [0.0, 2.0, 2.0])
    gradient = cr.grad(lambda x: np.partition(x, 1)[1])(np.array([2.0, 2.0, 5.0]))
    np.testing.assert_allclose(gradient, [0.5, 0.5, 0.0])


def test_the_median_of_equal_entries_is_their_common_slope():
    np.testing.assert_allclose(cr.grad(np.median)(np.array([1.0, 1.0, 1.0])), np.full(3, 1 / 3))
    # Mean of the one-sided slopes: moving one of two equal middle entries moves the median only one way.
    for i in range(3):
        step = 1e-3
        x = np.array([1.0, 1.0, 2.0])
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        mean = ((np.median(up) - 1) / step - (np.median(down) - 1) / step) / 2
        assert cr.grad(np.median)(x)[i] == pytest.approx(mean, abs=1e-9)


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_medians_and_quantiles_agree_with_differences(axis, keepdims):
    x = points(4, 5)
    assert_right(lambda x: np.median(x, axis, keepdims=keepdims), x)
    assert_right(lambda x: np.quantile(x, 0.37, axis, keepdims=keepdims), x)
    assert_right(lambda x: np.percentile(x, [10, 50, 99], axis, keepdims=keepdims), x)
    assert_right(lambda x: np.percentile(x, [[0, 50], [25, 100]], axis, keepdims=keepdims), x)
    assert_right(over_numbers(lambda x: np.nanmedian(x, axis, keepdims=keepdims)), HOLED[~np.isnan(HOLED)])
    assert_right(
        over_numbers(lambda x: np.nanquantile(x, [0.2, 0.9], axis, keepdims=keepdims)), HOLED[~np.isnan(HOLED)]
    )


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_quantile_agrees_with_differences(method):
    assert_right(lambda x: np.quantile(x, [0.1, 0.45, 0.8], axis=0, method=method), points(7, 2))
    assert_right(over_numbers(lambda x: np.nanquantile(x, 0.3, axis=1, method=method)), HOLED[~np.isnan(HOLED)])


def test_quantiles_with_weights():
    weights = points(5, low=0.1, high=1.0)
    assert_right(lambda x: np.quantile(x, [0.3, 0.7], axis=1, weights=weights, method="inverted_cdf"), points(4, 5))
    assert_right(lambda x: np.quantile(x, 0.3, weights=weights, method="inverted_cdf"), points(5))


@pytest.mark.parametrize("axis", [(0, 2), (2, 0), (-1, 1), (1, 0), (2, 0, 1)])
def test_weights_of_several_axes_stand_in_the_order_of_these_axes(axis):
    x = points(2, 3, 4)
    weights = np.random.default_rng(5).uniform(0.05, 1.0, [x.shape[k] for k in axis])
    for level in (0.2, 0.4, 0.6, 0.8):
        assert_right(lambda x, q=level: np.quantile(x, q, axis, weights=weights, method="inverted_cdf"), x, order=1)


def test_a_median_with_nan_is_nan_and_so_is_its_gradient():
    value, gradient = cr.value_and_grad(np.median)(np.array([1.0, np.nan, 2.0]))
    assert np.isnan(value)
    assert np.isnan(gradient).any()


def test_unique_values_and_their_positions():
    assert_right(np.unique, points(5))
    x = np.array([3.0, 1.0, 3.0, 2.0])
    values, index, inverse, counts = cr.vjp(lambda x: np.unique(x, True, True, True), x)[0]
    for found, expected in zip((values, index, inverse, counts), np.unique(x, True, True, True), strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(cr.grad(lambda x: np.unique(x)[2])(x), [0.5, 0.0, 0.5, 0.0])
    rows = np.array([[1.0, 2.0], [0.0, 5.0], [1.0, 2.0]])
    np.testing.assert_allclose(cr.grad(lambda x: np.unique(x, axis=0)[1, 1])(rows), [[0, 0.5], [0, 0], [0, 0.5]])
    np.testing.assert_array_equal(cr.vjp(lambda x: np.unique(x, axis=1), rows)[0], np.unique(rows, axis=1))


def test_the_array_standards_unique():
    x = np.array([[3.0, 1.0], [3.0, 2.0]])
    for function in (np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values):
        expected = function(x)
        found = cr.vjp(lambda x, f=function: list(np.atleast_1d(f(x))) if f is np.unique_values else list(f(x)), x)[0]
        expected = [*np.atleast_1d(expected)] if function is np.unique_values else list(expected)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_sets_of_values():
    assert_right(np.union1d, points(4), points(3, seed=1))
    assert_right(np.setxor1d, points(4), points(3, seed=1))
    assert_right(lambda x: np.setdiff1d(x, [9.0]), points(4))
    both = cr.grad(lambda x, y: np.sum(np.intersect1d(x, y)), (0, 1))(np.array([1.0, 2.0]), np.array([2.0, 5.0]))
    np.testing.assert_allclose(both[0], [0.0, 0.5])
    np.testing.assert_allclose(both[1], [0.5, 0.0])


def test_a_tracked_quantile_level_is_refused():
    with pytest.raises(cr.errors.TrackingError):
        cr.grad(lambda q: np.quantile(points(5), q))(0.3)


def test_single_precision_stays_single():
    x = points(5).astype(np.float32)
    for function in (np.sort, np.median, lambda x: np.quantile(x, 0.3), np.unique):
        assert cr.grad(lambda x, f=function: np.sum(f(x)))(x).dtype == np.float32
