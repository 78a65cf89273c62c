"""Log-sum-exp and its relatives beside SciPy's: infinities, NaN, weights of 0, empty and whole-number arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special

import chainrule as cr
from chainrule.scipy import special

ROWS = (
    [1.0, 2.0], [-np.inf, -np.inf], [np.inf, 1.0], [np.inf, np.inf], [np.inf, -np.inf], [np.nan, 1.0], [1e308, 1e308],
    [-1e308, 1.0], [0.0, -800.0], [1, 2], np.float32([1, 2]), [1 + 1j, 2],
    [[1.0, 2.0], [-np.inf, -np.inf], [np.inf, 0.0]],
)  # fmt: skip


@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
def test_values_and_dtypes_are_scipy_s_at_every_edge(name: str) -> None:
    ours, theirs = getattr(special, name), getattr(scipy.special, name)
    for row in ROWS:
        for axis in (None, 0, -1):
            with np.errstate(all="ignore"):
                expected = theirs(np.array(row), axis=axis)
            found = ours(np.array(row), axis=axis)
            assert np.shape(found) == np.shape(expected)
            assert found.dtype == expected.dtype
            np.testing.assert_allclose(found, expected, rtol=1e-6 if found.dtype == np.float32 else 1e-13)
    assert special.logsumexp([]) == scipy.special.logsumexp([]) == -np.inf


def test_a_weight_of_zero_takes_no_part_but_has_a_derivative() -> None:
    for a, b in (([1.0, 1000.0], [1.0, 0.0]), ([1.0, np.inf], [1.0, 0.0]), ([1.0, 2.0, -3.0], [2.0, 0.0, -1.0])):
        np.testing.assert_allclose(special.logsumexp(a, b=b), scipy.special.logsumexp(a, b=b), rtol=1e-14)
        cr.check_grads(lambda a, b=b: special.logsumexp(a, b=np.array(b)), (np.array(a)[:1],), order=2)
    a, b = np.array([0.3, 1.2, -0.5]), np.array([2.0, 0.0, 1.0])
    cr.check_grads(lambda a, b: special.logsumexp(a, b=b), (a, b), order=2)
    by_weight = cr.grad(lambda b: special.logsumexp(np.array([1.0, 1000.0]), b=b))(np.array([1.0, 0.0]))
    np.testing.assert_array_equal(by_weight, [1.0, np.inf])
    assert special.logsumexp([1.0, 2.0], b=[0.0, 0.0]) == -np.inf


def test_the_multivariate_gamma_function_refuses_what_scipy_refuses() -> None:
    for a, d in ((0.5, 2), (0.0, 1), (-3.0, 1), ([2.5, 1.0], 3), (2.5, 1.5)):
        with pytest.raises(ValueError):  # noqa: PT011 - SciPy's own
            scipy.special.multigammaln(a, d)
        with pytest.raises(ValueError, match=r"test_special_wrappers\.py"):
            special.multigammaln(a, d)
    found: Any = special.multigammaln([2.5, 3], 2)
    np.testing.assert_allclose(found, scipy.special.multigammaln([2.5, 3], 2), rtol=1e-14)


@pytest.mark.parametrize("name", ["spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"])
def test_spherical_bessel_functions_have_scipy_s_values_and_its_derivatives(name: str) -> None:
    ours, theirs = getattr(special, name), getattr(scipy.special, name)
    x = np.array([0.3, 1.7, 9.0, -2.5])
    for order in (0, 1, 2, 7):
        np.testing.assert_array_equal(ours(order, x), theirs(order, x))
        slopes = cr.derivative(lambda z, n=order: ours(n, z))(x)
        np.testing.assert_allclose(slopes, theirs(order, x, derivative=True), rtol=1e-12, atol=1e-14)
    orders = np.array([0, 1, 2, 7])
    z = 0.8 + 0.3j
    _, slopes = cr.jvp(lambda z: ours(orders, z), (z,), (1.0 + 0j,))
    np.testing.assert_allclose(slopes, theirs(orders, z, derivative=True), rtol=1e-12)
    with pytest.raises(cr.errors.NoRuleError, match=f"{name} by its argument 1"):
        cr.grad(lambda n: ours(n, 1.0))(2.0)


def test_spherical_bessel_functions_at_0_have_the_coefficients_of_their_power_series() -> None:
    # x⁰: 1 ± x²/6 + x⁴/120; x¹: x/3 ± x³/30; x²: x²/15 ± x⁴/210 (DLMF 10.53.1 and 10.53.3)
    for function, sign in ((special.spherical_jn, -1), (special.spherical_in, 1)):
        for n, expected in enumerate(
            ([0, sign / 3, 0, 1 / 5], [1 / 3, 0, sign / 5, 0], [0, 2 / 15, 0, sign * 4 / 35])
        ):
            found = [cr.derivative(lambda z, n=n, f=function: f(n, z), k)(0.0) for k in (1, 2, 3, 4)]
            np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-16)
