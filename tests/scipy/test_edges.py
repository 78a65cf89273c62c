"""SciPy's functions under tracking at the edges of what they take: ends of supports, knots, orders, axes, lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.interpolate
import scipy.linalg
import scipy.signal
import scipy.sparse
import scipy.stats

import chainrule as cr
from chainrule.errors import NoRuleError
from chainrule.scipy import integrate, interpolate, linalg, signal, stats
from chainrule.scipy.sparse import linalg as sparse
from chainrule.scipy.stats.continuous import Continuous

NAMES = sorted(name for name, value in vars(stats.continuous).items() if isinstance(value, Continuous))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_at_the_ends_of_its_support_a_distribution_has_scipy_s_values(name: str) -> None:
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    shapes = [0.7 + 0.6 * k for k in range(theirs.numargs)]
    if not theirs._argcheck(*shapes):
        pytest.skip("these shapes are not allowed")
    with np.errstate(all="ignore"):
        for end, method in ((e, m) for e in theirs.support(*shapes) for m in ("pdf", "logpdf", "cdf", "sf")):
            if not np.isfinite(end):
                continue
            expected = getattr(theirs, method)(end, *shapes)
            value = cr.vjp(lambda x, m=method: getattr(ours, m)(x, *shapes), end)[0]
            np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12, err_msg=f"{method} at {end}")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_where_a_density_dies_out_faster_than_any_power_its_slope_at_the_end_is_zero(name: str) -> None:
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    shapes = [0.7 + 0.6 * k for k in range(theirs.numargs)]
    if not theirs._argcheck(*shapes):
        pytest.skip("these shapes are not allowed")
    with np.errstate(all="ignore"):
        for end, side in zip(theirs.support(*shapes), (1, -1), strict=True):
            if np.isfinite(end) and theirs.pdf(end + side * 1e-4, *shapes) < 1e-20:
                for method in ("pdf", "cdf"):
                    assert cr.grad(lambda x, m=method: getattr(ours, m)(x, *shapes))(end) == 0


KNOTS = np.array([0.0, 0.7, 1.9, 2.4, 4.0])
TABLE = np.sin(np.arange(15.0)).reshape(5, 3)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("kind", ["CubicHermiteSpline", "PchipInterpolator", "Akima1DInterpolator", "CubicSpline"])
def test_a_piecewise_cubic_has_scipy_s_value_in_every_order_along_every_axis(kind: str, axis: int) -> None:
    y = TABLE if axis == 0 else TABLE.T
    more = (np.cos(y),) if kind == "CubicHermiteSpline" else ()
    theirs = getattr(scipy.interpolate, kind)(KNOTS, y, *more, axis=axis)
    ours = getattr(interpolate, kind)
    places = np.concatenate([KNOTS, [0.3, 3.1], KNOTS[1:3] + 1e-9])
    for order in range(5):

        def values(y: Any, order: int = order) -> Any:
            return ours(KNOTS, y, *more, axis=axis)(places, order)

        np.testing.assert_allclose(cr.vjp(values, y)[0], theirs(places, order), rtol=1e-7, atol=1e-8)
        if more:
            of_slopes = cr.vjp(lambda d, o=order: ours(KNOTS, y, d, axis=axis)(places, o), *more)[0]
            np.testing.assert_allclose(of_slopes, theirs(places, order), rtol=1e-7, atol=1e-8)
        if order < 3:  # the order beyond a cubic's third is a constant
            inside = np.array([0.3, 1.2, 3.1])
            _, slope = cr.jvp(lambda x, o=order: ours(KNOTS, y, *more, axis=axis)(x, o), (inside,), (np.ones(3),))
            np.testing.assert_allclose(slope, theirs(inside, order + 1), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("mode", ["mirror", "constant", "nearest", "wrap", "interp"])
def test_a_savgol_filter_has_scipy_s_value_in_every_mode(mode: str) -> None:
    x = np.cos(np.arange(14.0)).reshape(7, 2)
    for axis, cval, deriv in ((0, 3.0, 0), (-2, -1.5, 1)):
        given = {"mode": mode, "cval": cval, "axis": axis, "deriv": deriv}
        expected = scipy.signal.savgol_filter(x, 5, 2, **given)
        value, pullback = cr.vjp(lambda x, g=given: signal.savgol_filter(x, 5, 2, **g), x)
        np.testing.assert_allclose(value, expected, atol=1e-12)
        moved = (scipy.signal.savgol_filter(x + 0.5, 5, 2, **given) - expected) / 0.5
        np.testing.assert_allclose(np.sum(pullback(np.ones_like(x))[0]), np.sum(moved), atol=1e-10)


@pytest.mark.parametrize("lower", [False, True])
def test_banded_systems_of_hermitian_matrices_are_scipy_s(lower: bool) -> None:
    a = np.array([[4.0, 1j, 0.5 + 1j], [-1j, 5.0, 0.3 - 0.2j], [0.5 - 1j, 0.3 + 0.2j, 6.0]])
    ab = np.array([[a[i - u, i] if i >= u else 0 for i in range(3)] for u in (2, 1, 0)])
    if lower:
        ab = np.array([[a[i + u, i] if i + u < 3 else 0 for i in range(3)] for u in (0, 1, 2)])
    b = np.array([1.0 + 1j, 2.0, -0.5j])
    expected = np.linalg.solve(a, b)
    np.testing.assert_allclose(cr.vjp(lambda b: linalg.solveh_banded(ab, b, lower=lower), b)[0], expected)
    np.testing.assert_allclose(cr.vjp(lambda ab: linalg.solveh_banded(ab, b, lower=lower), ab)[0], expected)


def test_lists_of_tracked_numbers_go_into_every_operand_of_matrix_equations() -> None:
    a = np.array([[1.0, 2.0], [0.5, 3.0]])
    for name in ("solve_continuous_lyapunov", "solve_discrete_lyapunov"):
        plain, ours = getattr(scipy.linalg, name), getattr(linalg, name)
        for t in (0.3, 0.8):
            q = [[t, 1.0], [1.0, 2 * t]]
            assert cr.vjp(lambda t, f=ours: np.sum(f(0.3 * a, [[t, 1.0], [1.0, 2 * t]])), t)[0] == pytest.approx(
                np.sum(plain(0.3 * a, np.array(q)))
            )
            assert cr.vjp(lambda t, f=ours: np.sum(f([[0.3 * t, 0.1], [0.2, 0.4]], a)), t)[0] == pytest.approx(
                np.sum(plain(np.array([[0.3 * t, 0.1], [0.2, 0.4]]), a))
            )


def test_a_sparse_matrix_written_to_afterwards_changes_no_derivative() -> None:
    dense, b = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, -2.0])
    for kind in (scipy.sparse.csc_matrix, scipy.sparse.csr_matrix):
        a = kind(dense)
        _, pullback = cr.vjp(lambda b, a=a: sparse.spsolve(a, b), b)
        second = cr.vjp(lambda b, a=a: cr.grad(lambda b: np.sum(sparse.spsolve(a, b) ** 3))(b), b)[1]
        expected = second(np.ones(2))[0]
        a.data[:] = 9.0
        np.testing.assert_allclose(pullback(np.ones(2))[0], np.linalg.solve(dense.T, np.ones(2)))
        np.testing.assert_allclose(second(np.ones(2))[0], expected)
        inverse = np.linalg.inv(dense)
        np.testing.assert_allclose(expected, inverse.T @ (6 * (inverse @ b) * (inverse @ np.ones(2))))


@pytest.mark.parametrize(("weight", "wvar"), [("cos", 2.0), ("sin", 2.0), ("alg", (-0.5, 0.0)), ("cauchy", 3.0)])
def test_a_weighted_integral_by_its_ends_is_refused(weight: str, wvar: Any) -> None:
    for ends in (lambda t: (0.0, t), lambda t: (-t, 1.0)):
        with pytest.raises(NoRuleError, match="weight"):
            cr.grad(lambda t, e=ends: integrate.quad(lambda s: s**2, *e(t), weight=weight, wvar=wvar)[0])(1.0)
