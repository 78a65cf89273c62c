"""Interpolation: SciPy's values, and derivatives by points and values that agree with differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.interpolate

import chainrule as cr
from chainrule.errors import TrackingError
from chainrule.scipy import interpolate

X = np.array([0.0, 0.7, 1.5, 2.0, 3.0, 3.4])
Y = np.random.default_rng(1).normal(size=6)
ROWS = np.random.default_rng(2).normal(size=(2, 6, 3))
POINTS = np.array([[0.3, 1.2, 2.4], [0.05, 2.2, 3.35]])
KNOTS = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.4, 3.4, 3.4, 3.4])

CURVES: dict[str, Any] = {
    "CubicSpline": lambda m, y, axis: m.CubicSpline(X, y, axis), "natural": lambda m, y, axis: m.CubicSpline(
        X, y, axis, "natural"
    ), "clamped": lambda m, y, axis: m.CubicSpline(X, y, axis=axis, bc_type="clamped"),
    "make_interp_spline": lambda m, y, axis: m.make_interp_spline(X, y, axis=axis),
    "degree 2": lambda m, y, axis: m.make_interp_spline(X, y, 2, axis=axis),
    "BSpline": lambda m, y, axis: m.BSpline(KNOTS, y, 3, axis=axis),
    "Pchip": lambda m, y, axis: m.PchipInterpolator(X, y, axis), "Akima": lambda m, y, axis: m.Akima1DInterpolator(
        X, y, axis
    ),
    **{
        f"interp1d {kind}": lambda m, y, axis, kind=kind: m.interp1d(X, y, kind, axis)
        for kind in ("linear", "nearest", "previous", "next", "zero", "slinear", "quadratic", "cubic")
    },
    "interp1d beyond": lambda m, y, axis: m.interp1d(X, y, "linear", axis, fill_value="extrapolate"),
}  # fmt: skip


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize(("y", "axis"), [(Y, 0), (ROWS, 1)])
def test_curves_have_scipy_s_values_and_derivatives_by_values_and_points(name: str, y: Any, axis: int) -> None:
    make = CURVES[name]
    for x in (POINTS, 1.2):
        expected = make(scipy.interpolate, y, axis)(x)
        np.testing.assert_array_equal(make(interpolate, y, axis)(x), expected)
        for f, args in (
            (lambda y, x=x: make(interpolate, y, axis)(x), (y,)), (lambda x: make(interpolate, y, axis)(x), (x,)),
            (lambda x, y: make(interpolate, y, axis)(x), (x, y)),
        ):  # fmt: skip
            np.testing.assert_allclose(cr.vjp(f, *args)[0], expected, rtol=1e-10, atol=1e-12)
            cr.check_grads(f, args, order=1)
    cr.check_grads(lambda x, y: make(interpolate, y, axis)(x), (POINTS[0], y), order=2)


@pytest.mark.parametrize("name", ["CubicSpline", "make_interp_spline", "Pchip", "Akima"])
def test_derivatives_of_curves_are_curves(name: str) -> None:
    for nu in (1, 2, 3):
        expected = CURVES[name](scipy.interpolate, Y, 0)(POINTS, nu)
        found = cr.vjp(lambda y, nu=nu: CURVES[name](interpolate, y, 0)(POINTS, nu), Y)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
        found = cr.vjp(lambda x, nu=nu: CURVES[name](interpolate, Y, 0)(x, nu), POINTS)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_pieces_with_slopes_move_with_their_knots() -> None:
    slopes = np.cos(X)
    expected = scipy.interpolate.CubicHermiteSpline(X, Y, slopes)(POINTS)
    np.testing.assert_array_equal(interpolate.CubicHermiteSpline(X, Y, slopes)(POINTS), expected)
    cr.check_grads(lambda x, y, s, p: interpolate.CubicHermiteSpline(x, y, s)(p), (X, Y, slopes, POINTS), order=2)
    for make in (interpolate.PchipInterpolator, interpolate.Akima1DInterpolator):
        cr.check_grads(lambda x, y, p, make=make: make(x, y)(p), (X, Y, POINTS), order=1)
    cr.check_grads(lambda y: interpolate.Akima1DInterpolator(X, y, method="makima")(POINTS), (Y,), order=1)


def test_outside_of_the_knots_values_are_scipy_s_and_move_with_nothing_but_what_they_come_from() -> None:
    x = np.array([-1.0, 0.5, 5.0])
    for options in ({"fill_value": 7.0, "bounds_error": False}, {"bounds_error": False}, {"fill_value": "extrapolate"}):
        expected = scipy.interpolate.interp1d(X, Y, **options)(x)
        value, pullback = cr.vjp(lambda y, o=options: interpolate.interp1d(X, y, **o)(x), Y)
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        if "bounds_error" in options:
            assert np.count_nonzero(pullback(np.nan_to_num(value) * 0 + 1.0)[0]) == 2
    with pytest.raises(ValueError, match="below the interpolation range"):
        interpolate.interp1d(X, Y)(x)
    for make in (interpolate.CubicSpline, interpolate.PchipInterpolator):
        expected = getattr(scipy.interpolate, make.__name__)(X, Y, extrapolate=False)(x)
        np.testing.assert_allclose(cr.vjp(lambda y, m=make: m(X, y, extrapolate=False)(x), Y)[0], expected, rtol=1e-10)


def test_grids_are_interpolated_as_scipy_does() -> None:
    axes = (np.array([0.0, 0.5, 2.0]), np.array([1.0, 1.5, 2.5, 4.0]))
    values, xi = np.random.default_rng(3).normal(size=(3, 4, 2)), np.array([[0.3, 1.2], [1.9, 3.9], [0.8, 2.1]])
    for method in ("linear", "nearest"):
        theirs = scipy.interpolate.RegularGridInterpolator(axes, values, method)(xi)

        def ours(v: Any, p: Any, method: str = method) -> Any:
            return interpolate.RegularGridInterpolator(axes, v, method)(p)

        np.testing.assert_array_equal(ours(values, xi), theirs)
        np.testing.assert_allclose(cr.vjp(ours, values, xi)[0], theirs, rtol=1e-13)
        cr.check_grads(ours, (values, xi), order=2)
        np.testing.assert_allclose(
            cr.vjp(lambda v, m=method: interpolate.interpn(axes, v, xi, m), values)[0], theirs, rtol=1e-13
        )
    outside = np.array([[-1.0, 1.2], [0.7, 9.0], [0.7, 1.2]])
    for fill in (None, 3.0, np.nan):
        options = {"bounds_error": False, "fill_value": fill}
        expected = scipy.interpolate.RegularGridInterpolator(axes, values, **options)(outside)
        found = cr.vjp(lambda v, o=options: interpolate.RegularGridInterpolator(axes, v, **o)(outside), values)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_tracked_knots_are_an_error_that_says_what_has_a_rule_and_the_rest_is_scipy_s() -> None:
    for make in (interpolate.CubicSpline, interpolate.make_interp_spline, interpolate.interp1d):
        with pytest.raises(TrackingError, match=r"tracked knots at test_interpolation\.py"):
            cr.grad(lambda k, m=make: np.sum(m([0.0, k, 2.0, 3.0], np.ones(4))(0.5)))(1.0)
    assert interpolate.CubicSpline(X, Y).integrate(0, 1) == scipy.interpolate.CubicSpline(X, Y).integrate(0, 1)
    assert interpolate.griddata is scipy.interpolate.griddata
    slope = cr.grad(lambda a: interpolate.CubicSpline(X, [a, 0, a, 1, 2, 3])(1.1))(0.5)
    np.testing.assert_allclose(slope, scipy.interpolate.CubicSpline(X, [1, 0, 1, 0, 0, 0])(1.1))
