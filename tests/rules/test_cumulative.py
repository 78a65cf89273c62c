"""Products, running sums and products, and the reductions that leave NaN aside; where= and initial=."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import chainrule as cr
from tests.rules.agreement import assert_right, points
from tests.rules.test_sorting import HOLED, over_numbers

ZEROS = {
    "none": points(4, 3),
    "one": np.where(np.arange(12).reshape(4, 3) == 5, 0.0, points(4, 3)),
    "two in a column": np.where(np.isin(np.arange(12).reshape(4, 3), (2, 5)), 0.0, points(4, 3)),
    "all": np.zeros((4, 3)),
}


def product_of_others(x, without):
    """The product of all entries but those at the given positions."""
    return np.prod(np.delete(x, without))


@pytest.mark.parametrize("zeros", ZEROS)
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_products_are_right_with_any_number_of_zeros(zeros, axis):
    x = ZEROS[zeros]
    rows = x.ravel()[None] if axis is None else np.moveaxis(x, axis, -1)
    expected = np.array([[product_of_others(row, i) for i in range(len(row))] for row in rows])
    expected = expected.reshape(x.shape) if axis is None else np.moveaxis(expected, -1, axis)
    weights = points(*np.shape(np.prod(x, axis, keepdims=True)))
    gradient = cr.grad(lambda x: np.sum(weights * np.prod(x, axis, keepdims=True)))(x)
    np.testing.assert_allclose(gradient, weights * expected, rtol=1e-12, atol=1e-300)
    direction = points(4, 3, seed=5)
    along = cr.jvp(lambda x: np.prod(x, axis), (x,), (direction,))[1]
    np.testing.assert_allclose(along, np.sum(expected * direction, axis), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("x", [[2.0, 3.0, 5.0], [2.0, 0.0, 5.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
def test_second_derivatives_of_products_with_zeros(x):
    x = np.array(x)
    expected = [[0.0 if i == j else product_of_others(x, [i, j]) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(cr.hessian(np.prod)(x), expected, atol=1e-12)
    np.testing.assert_allclose(cr.hessian(lambda x: np.cumprod(x)[-1])(x), expected, atol=1e-12)
    np.testing.assert_allclose(cr.jacrev(cr.jacrev(np.prod))(x), expected, atol=1e-12)


@pytest.mark.parametrize("zeros", ZEROS)
def test_running_products_are_right_with_any_number_of_zeros(zeros):
    x = ZEROS[zeros].ravel()
    expected = np.array(
        [[product_of_others(x[: k + 1], i) if i <= k else 0.0 for i in range(x.size)] for k in range(x.size)]
    )
    np.testing.assert_allclose(cr.jacrev(np.cumprod)(x), expected, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(cr.jacfwd(np.cumprod)(x), expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize(
    "x",
    [
        [1e300, 1e-310, 2.0], [1e-310, 1e300, 3.0], [3.0, 5e-324, 1e307], [1e-200, 1e-200, 1e250],
        [1e200, 1e-300, 1e99], [1e-160, 1e-160, 0.0], [2.0, 1e-310, 0.0], [-1e-320, 1e300, 1e5],
    ],
)  # fmt: skip
def test_products_of_tiny_and_huge_factors_have_the_slopes_that_fractions_say(x):
    exact = [Fraction(v) for v in x]
    others = [[math.prod(exact[:i] + exact[i + 1 : k + 1]) if i <= k else 0 for i in range(3)] for k in range(3)]
    expected = np.array(others, float)
    with np.errstate(all="ignore"):
        for transform in (cr.jacrev, cr.jacfwd):
            np.testing.assert_allclose(transform(np.cumprod)(np.array(x)), expected, rtol=1e-13, atol=1e-322)
            np.testing.assert_allclose(transform(np.prod)(np.array(x)), expected[-1], rtol=1e-13, atol=1e-322)


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_running_sums_and_products_agree_with_differences(axis):
    assert_right(lambda x: (np.cumsum(x, axis), np.cumprod(x, axis), np.prod(x, axis)), points(4, 3))


def test_products_over_several_axes():
    assert_right(lambda x: np.prod(x, axis=(0, 2)), points(2, 3, 2))
    assert_right(
        lambda x: np.prod(x, axis=(0, 2)), np.where(np.arange(12).reshape(2, 3, 2) % 5 == 0, 0.0, points(2, 3, 2))
    )


def test_a_product_that_overflows_has_the_slopes_it_has():
    gradient = cr.grad(np.prod)(np.array([1e200, 1e-200, 1e200]))
    np.testing.assert_allclose(gradient, [1.0, np.inf, 1.0])
    gradient = cr.grad(np.prod)(np.array([1e-200, 1e-200, 1e-200]))
    np.testing.assert_array_equal(gradient, [0.0, 0.0, 0.0])


def test_the_array_standards_cumulative_functions():
    for include in (False, True):
        assert_right(lambda x, i=include: np.cumulative_sum(x, include_initial=i), points(4))
        assert_right(lambda x, i=include: np.cumulative_prod(x, axis=1, include_initial=i), points(2, 4))


OPTIONS = [
    (np.sum, {"where": points(4, 3, seed=3) > 0}),
    (np.sum, {"where": points(3, seed=3) > -1, "axis": 0, "initial": 2.0}),
    (np.sum, {"axis": (0, 1), "dtype": np.float64, "initial": 2.0, "keepdims": True}),
    (np.prod, {"where": points(4, 3, seed=3) > 0, "axis": 1, "initial": 2.0}),
    (np.mean, {"where": points(4, 3, seed=3) > -1, "axis": 0}),
    (np.var, {"where": points(4, 3, seed=3) > -1.5, "axis": 0, "ddof": 0.5}),
    (np.std, {"where": points(4, 3, seed=3) > -1.5, "keepdims": True}),
    (np.var, {"correction": 1, "axis": 1}),
    (np.max, {"initial": 0.3, "axis": 0}),
    (np.min, {"where": points(4, 3, seed=3) > 0, "initial": 5.0, "axis": 0}),
    (np.max, {"where": points(4, 3, seed=3) > 3, "initial": -5.0, "axis": 0}),
]


@pytest.mark.parametrize(("function", "options"), OPTIONS)
def test_reductions_take_where_and_initial(function, options):
    options = dict(options)
    if function is np.max and np.all(~options.get("where", np.array(True))):
        np.testing.assert_array_equal(cr.grad(lambda x: np.sum(function(x, **options)))(points(4, 3)), np.zeros((4, 3)))
    else:
        assert_right(lambda x: function(x, **options), points(4, 3))


def test_var_takes_the_mean_when_it_is_known():
    assert_right(lambda x: np.var(x, axis=0, mean=np.mean(x, axis=0, keepdims=True)), points(4, 3))


def test_the_deviation_of_equal_entries_has_slope_zero():
    np.testing.assert_array_equal(cr.grad(np.std)(np.full(3, 2.0)), np.zeros(3))
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(np.std(x, axis=0)))(np.ones((3, 2))), np.zeros((3, 2)))


def test_the_deviation_of_one_entry_is_constant_to_every_order():
    np.testing.assert_array_equal(cr.hessian(np.std)(np.array([2.0])), [[0.0]])
    of_columns = cr.hessian(lambda x: np.sum(np.std(x, axis=0)))
    np.testing.assert_array_equal(of_columns(np.ones((1, 2))), np.zeros((1, 2, 1, 2)))
    assert cr.derivative(np.std, order=3)(2.0) == 0
    assert np.isnan(cr.grad(np.std)(np.nan))


NAN_FUNCTIONS = [
    np.nansum,
    np.nanmean,
    np.nanmax,
    np.nanmin,
    np.nanprod,
    np.nanvar,
    np.nanstd,
    np.nancumsum,
    np.nancumprod,
]


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("function", NAN_FUNCTIONS)
def test_functions_that_leave_nan_aside_agree_with_differences(function, axis):
    assert_right(over_numbers(lambda x: function(x, axis=axis)), HOLED[~np.isnan(HOLED)])


def test_nan_entries_receive_no_gradient():
    x = np.array([1.0, np.nan, 3.0])
    for function in NAN_FUNCTIONS:
        gradient = cr.grad(lambda x, f=function: np.sum(f(x)))(x)
        assert gradient[1] == 0
        assert np.isfinite(gradient).all()


def test_nan_functions_take_where():
    mask = np.array([True, True, False, True, True, False])
    assert_right(over_numbers(lambda x: np.nansum(x, axis=1, where=mask, keepdims=True)), HOLED[~np.isnan(HOLED)])
    assert_right(over_numbers(lambda x: np.nanmean(x, where=mask)), HOLED[~np.isnan(HOLED)])


def test_nan_to_num_replaces_what_is_not_a_number():
    x = np.array([1.0, np.nan, np.inf, -np.inf])
    value, pullback = cr.vjp(lambda x: np.nan_to_num(x, nan=2.0, posinf=3.0), x)
    np.testing.assert_array_equal(value, np.nan_to_num(x, nan=2.0, posinf=3.0))
    np.testing.assert_array_equal(pullback(np.ones(4))[0], [1.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    "ufunc",
    [
        np.add,
        np.multiply,
        np.maximum,
        np.minimum,
        np.logaddexp,
        np.logaddexp2,
        np.hypot,
        np.fmax,
        np.subtract,
        np.divide,
    ],
)
def test_the_methods_of_ufuncs_agree_with_differences(ufunc):
    x = points(4, 3, low=0.3)
    assert_right(lambda x: ufunc.reduce(x), x)
    assert_right(lambda x: ufunc.reduce(x, axis=1, keepdims=True), x)
    assert_right(lambda x: ufunc.accumulate(x, axis=1), x)
    assert_right(lambda x: ufunc.reduceat(x, [0, 2, 1], axis=0), x)
    assert_right(lambda x: ufunc.reduceat(x, [0, 1, 3]), x)
    assert_right(lambda x, y: ufunc.outer(x, y), points(3, low=0.3), points(2, seed=1, low=0.3))
    if ufunc not in (np.subtract, np.divide):
        assert_right(lambda x: ufunc.reduce(x, axis=None), x)
        assert_right(lambda x: ufunc.reduce(x, axis=(0, 1)), x)
    assert_right(lambda x: ufunc.reduce(x, initial=0.7), x)


@pytest.mark.parametrize(
    "ufunc",
    [np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.hypot],
)
def test_reductions_have_numpy_s_values_where_entries_are_not_finite(ufunc):
    """Slices of every pair of 0, a number, ±∞ and NaN; those that are finite have the gradient that they have alone."""
    special = np.array([0.0, 1.5, np.inf, -np.inf, np.nan])
    x = np.stack([np.repeat(special, 5), np.tile(special, 5)])
    for axis, given in ((0, x), (1, x.T)):
        with np.errstate(invalid="ignore"):
            expected = ufunc.reduce(given, axis=axis)
            value, pullback = cr.vjp(lambda x, axis=axis: ufunc.reduce(x, axis=axis), given)
            gradient = pullback(np.ones(25))[0]
        np.testing.assert_allclose(value, expected, rtol=1e-15)
        finite = np.isfinite(given).all(axis=axis)
        alone = cr.grad(lambda x, axis=axis: np.sum(ufunc.reduce(x, axis=axis)))(np.compress(finite, given, 1 - axis))
        np.testing.assert_array_equal(np.compress(finite, gradient, 1 - axis), alone)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_scaling_by_powers_of_two_has_numpy_s_values_to_the_ends_of_the_range():
    x = np.array([1e-308, -3e-300, 5e-324, 0.7, 1.0, 1e300])
    for exponent in (-2100, -1074, -1023, -600, -1, 0, 1, 600, 1023, 1024, 2046, 2100):
        value, pullback = cr.vjp(lambda x, n=exponent: np.ldexp(x, n), x)
        np.testing.assert_array_equal(value, np.ldexp(x, exponent))
        np.testing.assert_array_equal(pullback(np.ones(6))[0], np.ldexp(1.0, exponent))


def test_reductions_with_an_identity_take_where():
    mask = points(4, 3, seed=2) > 0
    for ufunc in (np.add, np.multiply, np.hypot):
        assert_right(lambda x, f=ufunc: f.reduce(x, where=mask), points(4, 3))


def test_a_running_maximum_shares_ties():
    gradient = cr.grad(lambda x: np.sum(np.maximum.accumulate(x) * np.array([0.0, 0.0, 1.0])))(
        np.array([2.0, 2.0, 1.0])
    )
    np.testing.assert_allclose(gradient, [0.5, 0.5, 0.0])


def test_a_long_running_maximum_is_not_taken_step_by_step():
    x = np.random.default_rng(0).permutation(np.arange(20000.0))
    gradient = cr.grad(lambda x: np.sum(np.maximum.accumulate(x)))(x)
    assert gradient.sum() == 20000


def test_ufuncs_take_where_and_leave_the_rest_undefined():
    x = np.array([4.0, -1.0, 9.0])
    gradient = cr.grad(lambda x: np.nansum(np.sqrt(x, where=x > 0)))(x)
    np.testing.assert_allclose(gradient, [0.25, 0.0, 1 / 6])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sin(x, out=np.zeros(3)),
        lambda x: np.sin(x, np.zeros(3)),
        lambda x: np.sum(x, out=np.zeros(())),
        lambda x: np.cumsum(x, None, None, np.zeros(3)),
        lambda x: np.add.reduce(x, out=np.zeros(())),
        lambda x: np.clip(x, 0, 1, out=np.zeros(3)),
        lambda x: np.add.at(np.zeros(3), [0], x[:1]),
        lambda x: np.median(x, out=np.zeros(())),
        lambda x: np.var(x, 0, None, np.zeros(())),
    ],
)
def test_writing_into_a_plain_array_is_refused(function):
    with pytest.raises(cr.errors.TrackingError):
        cr.grad(lambda x: np.sum(function(x)))(np.ones(3))


def test_a_tracked_argument_without_derivative_is_refused():
    for function in (lambda x: np.roll(x, x[0]), lambda x: np.repeat(np.ones(3), x)):
        with pytest.raises(cr.errors.ChainruleError):
            cr.grad(lambda x, f=function: np.sum(f(x)))(np.ones(3))


def test_a_tracked_initial_value_is_differentiated():
    assert_right(lambda x: np.sum(x, initial=x[0] ** 2), points(3))
