"""At ties, at zero singular values and at the tips of norms the slope is the mean of the two one-sided ones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import chainrule as cr


def rotated(values, seed, other=None):
    """A matrix with these singular values (or, with one rotation, eigenvalues), up to rounding."""
    n = len(values)
    u = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))[0]
    v = u if other is None else np.linalg.qr(np.random.default_rng(other).normal(size=(n, n)))[0]
    return (u * values) @ v.T


def mean_of_slopes(f, a, d):
    """The mean of the one-sided slopes of `f` at `a` along `d`, by differences."""
    h = 1e-7 * max(np.linalg.norm(a), 1)
    return (f(a + h * d) - f(a - h * d)) / (2 * h)


NORMS = {
    "nuclear": lambda a: np.linalg.norm(a, "nuc"),
    "spectral": lambda a: np.linalg.norm(a, 2),
    "smallest": lambda a: np.linalg.norm(a, -2),
    "Frobenius": np.linalg.norm,
    "matrix_norm": lambda a: np.linalg.matrix_norm(a, ord="nuc"),
    "svdvals": lambda a: np.linalg.svdvals(a) @ np.array([1.0, -2.0, 0.5])[: min(a.shape)],
    "sum of squares": lambda a: np.sum(np.linalg.svdvals(a) ** 2),
}
MATRICES = {
    "zero": np.zeros((3, 3)),
    "zero, tall": np.zeros((3, 2)),
    "ones": np.ones((3, 3)),
    "ones, wide": np.ones((2, 3)),
    "numerically singular": np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]),
    "diagonal tie": np.diag([2.0, 2.0, 5.0]),
    "tie of the largest": np.diag([3.0, 3.0, 1.0]),
    "rotated tie": rotated([4.0, 4.0, 1.0], 1, 2),
    "rotated tie of the smallest": rotated([4.0, 1.0, 1.0], 3, 4),
    "tie and zero": rotated([2.0, 2.0, 0.0], 5, 6),
    "rank 1": rotated([2.0, 0.0, 0.0], 7, 8),
    "graded": np.diag([1e-20, 1.0, 1e20]),
}


@pytest.mark.parametrize("name", NORMS)
@pytest.mark.parametrize("matrix", MATRICES)
def test_every_matrix_norm_has_the_mean_of_one_sided_slopes(name, matrix):
    f, a = NORMS[name], MATRICES[matrix]
    if matrix == "graded":  # differences cannot see the small ones; they are entries of a diagonal matrix
        if name in ("nuclear", "matrix_norm"):
            np.testing.assert_allclose(cr.grad(f)(a), np.eye(3), atol=1e-15)
        return
    random = np.random.default_rng(11)
    for _ in range(4):
        d = random.normal(size=a.shape)
        expected = mean_of_slopes(f, a, d)
        size = 1e-6 * np.linalg.norm(d)
        assert np.sum(cr.grad(f)(a) * d) == pytest.approx(expected, rel=2e-6, abs=size)
        assert cr.jvp(f, (a,), (d,))[1] == pytest.approx(expected, rel=2e-6, abs=size)
        complex_ = cr.grad(lambda a, b: f(a + 1j * b), (0, 1))(a, np.zeros_like(a))
        assert np.sum(complex_[0] * d) == pytest.approx(expected, rel=2e-6, abs=size)
        expected = mean_of_slopes(lambda a: f(a + 0j), a, 1j * d)
        assert np.sum(complex_[1] * d) == pytest.approx(expected, rel=2e-6, abs=size)


def test_a_group_of_equal_eigenvalues_shares_its_slope():
    """For two of them that is the mean of one-sided slopes; for more, which have none, it is the mean of the group."""
    for a in (np.diag([2.0, 2.0, 5.0]), rotated([2.0, 2.0, 5.0], 1), rotated([-1.0, 3.0, 3.0], 2), 0.3 * np.eye(2)):
        for k in range(len(a)):
            gradient = cr.grad(lambda a, k=k: np.linalg.eigvalsh(a)[k])(a)
            for seed in range(3):
                d = np.random.default_rng(seed).normal(size=a.shape)
                d = d + d.T
                expected = mean_of_slopes(lambda a, k=k: np.linalg.eigvalsh(a)[k], a, d)
                assert np.sum(gradient * d) == pytest.approx(expected, abs=1e-6)
                assert cr.jvp(lambda a, k=k: np.linalg.eigvalsh(a)[k], (a,), (d,))[1] == pytest.approx(
                    expected, abs=1e-6
                )
    for f in (np.linalg.eigvalsh, np.linalg.eigvals, np.linalg.svdvals):
        for k in range(3):
            np.testing.assert_allclose(cr.grad(lambda a, f=f, k=k: f(a)[k])(2 * np.eye(3)), np.eye(3) / 3, atol=1e-15)
    for f in (np.linalg.eigvalsh, lambda a: np.linalg.svdvals(a)[::-1], lambda a: np.linalg.eigh(a).eigenvalues):
        gradient = cr.grad(lambda a, f=f: f(a)[1])(np.diag([1.0, 1.0 + 1e-9, 2.0]))  # near, but not equal
        np.testing.assert_allclose(gradient, np.diag([0.0, 1.0, 0.0]), atol=1e-15)
    gradient = cr.grad(lambda a: np.linalg.eigvalsh(a)[0])(np.diag([1e-20, 2e-20, 1.0]))
    np.testing.assert_allclose(gradient, np.diag([1.0, 0.0, 0.0]), atol=1e-15)


SECOND = (
    lambda f: cr.jacfwd(cr.jacrev(f)), lambda f: cr.jacrev(cr.jacrev(f)), lambda f: cr.jacfwd(cr.jacfwd(f)),
    lambda f: cr.jacrev(cr.jacfwd(f)),
)  # fmt: skip


@pytest.mark.parametrize("transform", SECOND)
def test_where_a_second_derivative_diverges_or_depends_on_the_direction_it_is_nan(transform):
    for order in (None, 2, 3, 4, 1.5, 2.5, 0.5):
        assert np.isnan(transform(lambda x, o=order: np.linalg.norm(x, o))(np.zeros(2))).any(), order
    for f, a in (
        (np.linalg.norm, np.zeros((2, 2))), (NORMS["nuclear"], np.zeros((2, 2))), (NORMS["spectral"], np.zeros((2, 2))),
        (NORMS["nuclear"], np.ones((2, 2))), (lambda a: np.sum(np.linalg.eigvalsh(a) ** 2), np.eye(2)),
        (lambda a: np.linalg.eigvalsh(a)[1], rotated([2.0, 2.0], 1)), (NORMS["spectral"], np.diag([2.0, 2.0])),
    ):  # fmt: skip
        assert np.isnan(transform(f)(a)).any()
    for order in (1, np.inf):  # piecewise linear: the convention is 0
        np.testing.assert_array_equal(transform(lambda x, o=order: np.linalg.norm(x, o))(np.zeros(2)), np.zeros((2, 2)))


def test_vector_norms_have_the_mean_of_slopes_at_zero_and_are_smooth_beside_it():
    for order in (None, 1, 2, 3, 4, 1.5, 0.5, np.inf):
        for x in (np.zeros(3), np.zeros((2, 3)), np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])):
            axis = None if x.ndim == 1 else 1
            gradient = cr.grad(lambda x, o=order, axis=axis: np.sum(np.linalg.norm(x, o, axis)))(x)
            assert np.all(np.where(x == 0, gradient, 0) == 0), order
    x = np.array([0.0, 1.0, -2.0])
    for order, degree in itertools.product((2, 4, 6), range(1, 5)):  # even powers are smooth where an entry is 0

        def along(t, order=order):
            return np.linalg.norm(x + t * np.array([1.0, 0.0, 0.0]), order)

        f = along
        for k in range(degree):
            f = cr.grad(f) if k % 2 else cr.derivative(f)
        total = 1.0 + 2.0**order  # norm = (total + t^order)^(1/order): only powers t^order occur
        expected = {2: {2: 1 / np.sqrt(total), 4: -3 * total**-1.5}, 4: {4: 6 * total ** (-3 / 4)}}.get(order, {})
        assert f(0.0) == pytest.approx(expected.get(degree, 0.0), abs=1e-12), (order, degree)
    assert cr.derivative(lambda t: np.linalg.norm(np.stack([t, 1.0]), 3), 2)(0.0) == 0


def test_norms_of_tiny_and_huge_vectors_have_right_slopes():
    for scale in (1e-320, 1e-200, 1e-161, 1e160, 1e200):
        for f in (np.linalg.norm, lambda x: np.linalg.norm(x, axis=0), np.linalg.vector_norm):
            with np.errstate(all="ignore"):
                gradient = cr.grad(lambda x, f=f: f(x))(scale * np.array([3.0, 4.0]))
            np.testing.assert_allclose(gradient, [0.6, 0.8], rtol=1e-3 if scale < 1e-300 else 1e-14)


def test_condition_numbers_of_singular_matrices_are_numpy_s_and_their_slopes_are_not_finite_numbers():
    for a in (np.zeros((2, 2)), np.ones((2, 2)), np.diag([1.0, 0.0]), np.full((2, 2), np.nan)):
        for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro"):
            with np.errstate(all="ignore"):
                try:
                    expected = np.linalg.cond(a, p)
                except np.linalg.LinAlgError:
                    continue
                found = cr.vjp(lambda a, p=p: np.linalg.cond(a, p), a)[0]
            if expected < 1e15 or not expected < np.inf:
                np.testing.assert_allclose(found, expected, atol=1e-15)


def test_what_equal_eigenvalues_leave_open_is_nan_and_never_a_number():
    """f(A) = V·f(λ)·Vᵀ at A = 1: its slope f′ is lost in 0/0, where 0 would be wrong."""
    weights = np.array([[1.0, 2.0], [2.0, 5.0]])

    def f(a):
        w, v = np.linalg.eigh(a)
        return np.sum(weights * ((v * np.exp(w)) @ v.T))

    assert np.isnan(cr.grad(f)(np.eye(2))).any()
    assert np.isnan(cr.jvp(f, (np.eye(2),), (weights,))[1])

    def g(a):
        u, s, vh = np.linalg.svd(a)
        return np.sum(weights * ((u * np.exp(s)) @ vh))

    assert np.isnan(cr.grad(g)(np.eye(2))).any()
    for a in (rotated([2.0, 2.0, 5.0], 1), rotated([2.0, 5.0, 5.0], 2)):  # equal up to rounding
        assert not np.isfinite(cr.grad(lambda a: np.sum(np.linalg.eigh(a).eigenvectors ** 3))(a)).all()
        assert not np.isfinite(cr.grad(lambda a: np.sum(np.linalg.svd(a).U ** 3))(a)).all()
    top = cr.grad(lambda a: np.linalg.eigh(a).eigenvectors[2, 2])(np.diag([1.0, 1.0, 3.0]) + 0.0)
    assert np.isfinite(top).all()


def test_the_norm_of_an_empty_array_is_a_constant():
    for shape in ((0,), (0, 3), (3, 0), (0, 2, 2)):
        for transform in SECOND:
            assert transform(np.linalg.norm)(np.zeros(shape)).size == 0
        assert cr.jvp(cr.grad(np.linalg.norm), (np.zeros(shape),), (np.zeros(shape),))[1].shape == shape
        assert cr.jvp(lambda t, s=shape: np.linalg.norm(t * np.zeros(s)), (1.0,), (1.0,))[1] == 0


def test_where_a_factor_has_no_inverse_there_is_no_derivative_and_no_error():
    for f, a in (
        (lambda a: np.sum(np.linalg.qr(a).R), np.ones((2, 2))), (lambda a: np.sum(np.linalg.qr(a).Q), np.zeros((3, 2))),
        (lambda a: np.real(np.linalg.eigvals(a)[0]), np.diag([1.0, 1.0, 1.0], 1)),
    ):  # fmt: skip
        assert not np.isfinite(cr.grad(f)(a)).all()
        assert not np.isfinite(cr.jvp(f, (a,), (np.arange(a.size).reshape(a.shape) + 1.0,))[1])


@pytest.mark.parametrize("f", [np.max, np.min, np.nanmax, np.nanmin, np.median, np.ptp], ids=lambda f: f.__name__)
def test_ties_have_one_slope_in_both_modes_and_along_every_direction(f) -> None:
    for x in (np.array([1.0, 1.0]), np.array([2.0, 0.5, 2.0, 0.5]), np.array([3.0, 3.0, 3.0]), np.array([1.0, 2.0])):
        slopes = cr.grad(f)(x)
        for direction in (*np.eye(len(x)), np.arange(1.0, len(x) + 1)):
            np.testing.assert_allclose(cr.jvp(f, (x,), (direction,))[1], slopes @ direction, atol=1e-15)
