"""Entries that a function leaves out, products too small to divide by, and numbers that are not: each on its own."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import chainrule as cr

nan, inf = np.nan, np.inf
HOLED = np.array([[3.0, nan, 1.0, 2.0], [nan, nan, 5.0, 4.0]])
HEAVY = np.array([[1.0, 5.0, 1.0, 2.0], [2.0, 1.0, 3.0, 0.5]])


def both_ways(function: Any, x: Any) -> Any:
    """The jacobian by reverse and by forward mode, which must agree."""
    backward, onward = cr.jacrev(function)(x), cr.jacfwd(function)(x)
    np.testing.assert_array_equal(backward, onward)
    return backward


@pytest.mark.parametrize("q", [0.0, 0.1, 0.4, 0.6, 0.9, 1.0])
def test_a_weighted_quantile_without_the_nan_entries_is_the_entry_that_numpy_picks(q: float) -> None:
    for axis in (None, 0, 1):

        def picked(a: Any, axis: Any = axis) -> Any:
            kept = a[:, [0, 2, 3]] if axis == 0 else a  # a column without any number has no quantile
            heavy = HEAVY[:, [0, 2, 3]] if axis == 0 else HEAVY
            return np.nanquantile(kept, q, axis=axis, weights=heavy, method="inverted_cdf")

        expected = picked(HOLED)
        found, pullback = cr.vjp(picked, HOLED)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(pullback(np.ones_like(found))[0], np.isin(HOLED, expected))
        tangent = cr.jvp(picked, (HOLED,), (np.nan_to_num(HOLED**2),))[1]
        np.testing.assert_array_equal(tangent, np.square(expected))


def test_each_of_several_equal_rows_has_its_share_of_the_slope_of_the_one_that_stays() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [1.0, 2.0]])
    weights = np.array([[1.0, 10.0], [100.0, 1000.0]])
    expected = [weights[0] / 3, weights[1], weights[0] / 3, weights[0] / 3]
    np.testing.assert_allclose(cr.grad(lambda x: np.sum(weights * np.unique(x, axis=0)))(rows), expected)
    columns = cr.grad(lambda x: np.sum(weights.T * np.unique(x, axis=1)))(rows.T.copy())
    np.testing.assert_allclose(columns, np.transpose(expected))
    moved = np.arange(8.0).reshape(4, 2)
    tangent = cr.jvp(lambda x: np.unique(x, axis=0), (rows,), (moved,))[1]
    np.testing.assert_allclose(tangent, [moved[[0, 2, 3]].mean(axis=0), moved[1]])


@pytest.mark.parametrize(
    "factors",
    [
        [1e-160, 1e-160, 3.0],
        [1e-200, 7e-110, 1.1],
        [1e-300, 1e-300, 1e300],
        [1e150, 1e157, 1e-320],
        [1e-310, 3.0, 0.7],
        [1e-160, 1e-160, 0.0],
    ],
)
def test_products_too_small_or_too_large_to_divide_by_have_exact_slopes(factors: list[float]) -> None:
    exact = [Fraction(factor) for factor in factors]
    x = np.array(factors)

    def product(parts: list[Fraction]) -> float:
        total = Fraction(1)
        for part in parts:
            total *= part
        return float(total)

    slopes = [product(exact[:k] + exact[k + 1 :]) for k in range(3)]
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(both_ways(np.prod, x), slopes, rtol=1e-15, atol=1e-323)
        running = [[product(exact[:k] + exact[k + 1 : n + 1]) if k <= n else 0.0 for k in range(3)] for n in range(3)]
        np.testing.assert_allclose(both_ways(np.cumprod, x), running, rtol=1e-15, atol=1e-323)


STEPS = [np.floor, np.ceil, np.trunc, np.rint, np.sign, np.fix, np.round]


@pytest.mark.parametrize("step", STEPS, ids=lambda f: f.__name__)
def test_a_step_at_nan_has_the_slope_nan(step: Any) -> None:
    assert np.isnan(cr.grad(step)(nan))
    assert np.isnan(cr.jvp(step, (nan,), (1.0,))[1])
    x = np.array([nan, 0.3])
    np.testing.assert_array_equal(cr.vjp(step, x)[1](np.ones(2))[0], [nan, 0.0])
    np.testing.assert_array_equal(cr.jvp(step, (x,), (np.ones(2),))[1], [nan, 0.0])


def test_a_function_that_is_nan_whatever_its_argument_has_the_derivative_nan() -> None:
    assert np.isnan(cr.grad(lambda x: nan)(2.0))
    assert np.isnan(cr.grad(lambda x: np.floor(x) + nan)(2.5))
    assert np.isnan(cr.grad(lambda x: np.sum(x) + nan)(np.ones(2))).all()
    assert np.isnan(cr.derivative(lambda x: 0 * x + nan)(2.0))
    assert cr.grad(lambda x: inf)(2.0) == 0


def test_what_where_leaves_out_of_an_elementwise_function_is_nan_and_does_not_move() -> None:
    x = np.array([-1.0, 0.0, 4.0])

    def root(x: Any) -> Any:
        return np.sqrt(x, where=x > 0)

    value, pullback = cr.vjp(root, x)
    np.testing.assert_array_equal(value, [nan, nan, 2.0])
    np.testing.assert_array_equal(pullback(np.ones(3))[0], [0.0, 0.0, 0.25])
    np.testing.assert_array_equal(cr.jvp(root, (x,), (np.ones(3),))[1][2], 0.25)
    np.testing.assert_array_equal(
        cr.vjp(lambda x: np.divide(1.0, x, where=x != 0), x)[1](np.ones(3))[0], [-1.0, 0.0, -1 / 16]
    )


@pytest.mark.parametrize(
    "reduction", [np.sum, np.mean, np.prod, np.var, np.std, np.max, np.min], ids=lambda f: f.__name__
)
def test_what_where_leaves_out_of_a_reduction_does_not_count_whatever_it_is(reduction: Any) -> None:
    x = np.array([[0.0, 4.0, 1.0], [9.0, 0.0, 2.25]])
    mask = x > 0
    first = {"initial": 0.5} if reduction in (np.max, np.min) else {}

    def masked(x: Any) -> Any:
        return reduction(np.sqrt(np.where(mask, x, 0.0)), where=mask, axis=1, **first)  # √ is vertical at 0

    def kept(entries: Any) -> Any:
        roots = np.sqrt(entries)
        more = [0.5] if first else []
        return np.stack([reduction(np.concatenate([row, more])) for row in (roots[:2], roots[2:])])

    expected = np.zeros((2, 2, 3))
    expected[:, mask] = cr.jacrev(kept)(x[mask])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(cr.jacrev(masked)(x), expected, rtol=1e-14)
        np.testing.assert_allclose(cr.jacfwd(masked)(x), expected, rtol=1e-14)


@pytest.mark.parametrize("function", [np.tril, np.triu, np.diag, np.diagonal], ids=lambda f: f.__name__)
def test_entries_beside_a_triangle_or_a_diagonal_were_not_used(function: Any) -> None:
    used = function(np.ones((3, 3)))
    used = np.diag(used) if used.ndim == 1 else used
    x = np.where(used == 1, 4.0, 0.0)
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(function(np.sqrt(x))))(x), 0.25 * used)


def test_sums_and_equal_entries_that_were_not_used_stay_unused() -> None:
    x = np.array([4.0, 1.0, 0.0])
    rising = cr.grad(lambda x: np.sum(np.where(np.arange(3) < 2, np.cumsum(np.sqrt(x)), 0.0)))(x)
    np.testing.assert_array_equal(rising, [0.5, 0.5, 0.0])
    ties = np.array([0.0, 4.0, 0.0, 4.0])
    sorted_ = cr.grad(lambda x: np.sum(np.where(np.arange(4) < 2, 0.0, np.sort(np.sqrt(x)))))(ties)
    np.testing.assert_array_equal(sorted_, [0.0, 0.25, 0.0, 0.25])


def test_entries_repeated_no_times_were_not_used() -> None:
    gradient = cr.grad(lambda x: np.sum(np.repeat(np.sqrt(x), [1, 0, 2])))(np.array([4.0, 0.0, 4.0]))
    np.testing.assert_array_equal(gradient, [0.25, 0.0, 0.5])


@pytest.mark.parametrize("shape", [(1,), (1, 1), (3, 1), (1, 3)], ids=str)
def test_a_selection_after_a_reduction_over_axes_of_one_has_a_hessian(shape: tuple[int, ...]) -> None:
    for axis in (None, *range(len(shape))):
        for reduction in (np.sum, np.mean, np.max):

            def bent(x: Any, axis: Any = axis, reduction: Any = reduction) -> Any:
                return np.sum(np.maximum(reduction(x, axis=axis), 0.0) ** 2)

            cr.check_grads(bent, (np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape),), order=2)
