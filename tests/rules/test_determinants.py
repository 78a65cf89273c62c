"""The determinant is a polynomial: its derivatives of every order are exact at every rank, size, scale and kind."""

from __future__ import annotations

import itertools

import mpmath
import numpy as np
import pytest

import chainrule as cr

NUMERICALLY_SINGULAR = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]])


def of_rank(n, rank, seed, complex_=False):
    """A random matrix whose small singular values are no more than rounding."""
    random = np.random.default_rng(seed)
    left, right = random.normal(size=(n, rank)), random.normal(size=(rank, n))
    if complex_:
        left, right = left + 1j * random.normal(size=(n, rank)), right + 1j * random.normal(size=(rank, n))
    return left @ right


def matrices():
    """Matrices of every rank, singular exactly or up to rounding, badly scaled, nearly singular; real and complex."""
    for n in range(1, 5):
        for rank, complex_ in itertools.product(range(n + 1), (False, True)):
            yield f"rank {rank} of {n}{' complex' * complex_}", of_rank(n, rank, 10 * n + rank, complex_)
    yield "rank 1 of 5", of_rank(5, 1, 51)
    yield "numerically singular", NUMERICALLY_SINGULAR
    yield "integers of rank 2", np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
    yield "two zero rows", np.array([[1.0, 2.0, 3.0, 4.0], [0, 0, 0, 0], [2.0, 1.0, 5.0, 3.0], [0, 0, 0, 0]])
    yield "graded", np.diag([1e-8, 1.0, 1e8]) @ of_rank(3, 3, 1) @ np.diag([1e5, 1e-5, 1.0])
    yield "graded, singular", np.diag([1e-8, 1.0, 1e8]) @ NUMERICALLY_SINGULAR @ np.diag([1e5, 1e-5, 1.0])
    for power in (2, 4, 6, 8, 12):
        yield f"condition 1e{power}", of_rank(4, 4, 5) @ np.diag([1, 1, 1, 10.0**-power]) @ of_rank(4, 4, 6)
    yield "its determinant underflows", 1e-120 * of_rank(3, 3, 7)
    yield "its determinant overflows", 1e200 * of_rank(2, 2, 8)
    yield "triangular", np.array([[1.0, 1e8, 3.0], [0.0, 2.0, 1e6], [0.0, 0.0, 3.0]])
    yield "nilpotent", np.diag([1.0, 1.0], 1)
    yield "repeated singular values", np.diag([2.0, 2.0, 0.0, 0.0])


def along(a, v, order):
    """The derivative number `order` of det(a + t·v) at t = 0, with 80 digits, and the sum of the sizes of its terms."""
    n = len(a)
    with mpmath.workdps(80):
        slope = size = mpmath.mpf(0)
        for order_of_columns, rows in itertools.product(
            itertools.permutations(range(n)), itertools.combinations(range(n), order)
        ):
            entries = [(v if i in rows else a)[i, j].item() for i, j in enumerate(order_of_columns)]
            term = mpmath.fprod(entries) * mpmath.factorial(order)
            inversions = sum(i > j for i, j in itertools.combinations(order_of_columns, 2))
            slope, size = slope + term * (-1) ** inversions, size + abs(term)
        return slope, size


def nested(f, order, reverse_first):
    """The derivative of a real or complex function of one number, by both modes in turn."""

    def one(f, reverse):
        if reverse:
            return lambda t: cr.grad(lambda t: np.real(f(t)))(t) + 1j * cr.grad(lambda t: np.imag(f(t)))(t)
        return lambda t: cr.jvp(f, (t,), (1.0,))[1]

    for k in range(order):
        f = one(f, (k % 2 == 0) == reverse_first)
    return f


@pytest.mark.parametrize(("name", "a"), list(matrices()), ids=lambda item: item if isinstance(item, str) else "")
def test_derivatives_of_orders_1_to_4_and_of_the_degree_are_exact_at_every_rank(name, a):
    random = np.random.default_rng(3)
    # A direction in the scale of the rows and columns, so that no entry drowns the others.
    scale = np.abs(a) + np.max(np.abs(a), axis=0) / max(np.max(np.abs(a)), 1e-300) * np.max(np.abs(a), axis=1)[:, None]
    v = random.normal(size=a.shape) * (1.0 if "flows" in name else np.where(scale == 0, 1.0, scale))
    if np.iscomplexobj(a):
        v = v * np.exp(1j * random.normal(size=a.shape))
    largest = mpmath.mpf(1e-3) if name == "two zero rows" else 0  # whose first derivative has no terms
    largest = mpmath.mpf(1e-3) if name == "two zero rows" else 0  # whose first derivative has no terms
    for order, reverse_first in itertools.product(range(1, max(len(a), 4) + 1), (True, False)):
        expected, size = along(a, v, order)
        largest = size = max(size, largest)  # a derivative beyond the degree is 0, up to the rounding of the others
        largest = size = max(size, largest)  # a derivative beyond the degree is 0, up to the rounding of the others
        with np.errstate(over="ignore"):  # NumPy's own, where the determinant overflows
            found = nested(lambda t: np.linalg.det(a + t * v), order, reverse_first)(0.0)
        assert abs(complex(found) - expected) <= 1e-11 * size, (order, found, expected)


def test_gradient_and_hessian_of_the_numerically_singular_example_are_its_minors():
    a = NUMERICALLY_SINGULAR
    assert abs(np.linalg.det(a)) < 1e-16
    hessian = cr.hessian(np.linalg.det)(a)
    for i, j, k, m in itertools.product(range(3), repeat=4):
        rest = [(p, q) for p in {0, 1, 2} - {i, k} for q in {0, 1, 2} - {j, m}]
        sign = (-1) ** (i + j + k + m) * (1 if (i < k) == (j < m) else -1)
        expected = sign * a[rest[0]] if i != k and j != m else 0.0
        assert hessian[i, j, k, m] == pytest.approx(expected, abs=1e-15)
    third = cr.jacfwd(cr.hessian(np.linalg.det))(a)
    assert set(np.round(third, 12).ravel()) == {-1.0, 0.0, 1.0}


def test_every_pair_of_modes_gives_one_hessian_at_singular_matrices_and_in_stacks():
    stack = np.stack([of_rank(4, rank, rank) for rank in range(5)])
    alone = [cr.hessian(np.linalg.det)(a) for a in stack]
    for transform in (
        lambda f: cr.jacfwd(cr.jacrev(f)), lambda f: cr.jacrev(cr.jacrev(f)), lambda f: cr.jacfwd(cr.jacfwd(f)),
        lambda f: cr.jacrev(cr.jacfwd(f)),
    ):  # fmt: skip
        for a, expected in zip(stack, alone, strict=True):
            np.testing.assert_allclose(transform(np.linalg.det)(a), expected, atol=1e-11)
            np.testing.assert_allclose(expected, np.transpose(expected, (2, 3, 0, 1)), atol=1e-11)
    weights = np.array([1.0, -2.0, 0.5, 3.0, 1.0])
    found = cr.hvp(lambda a: np.sum(weights * np.linalg.det(a)), (stack,), (np.ones_like(stack),))
    for k in range(5):
        np.testing.assert_allclose(found[k], weights[k] * np.sum(alone[k], axis=(2, 3)), atol=1e-10)


def test_large_singular_matrices_and_matrices_that_are_not_finite():
    a = of_rank(60, 57, 1)
    gradient = cr.grad(np.linalg.det)(a)
    assert np.max(np.abs(gradient)) < 1e-10 * np.exp(np.mean(np.linalg.slogdet(a + 5 * np.eye(60)).logabsdet))
    u, s, vh = np.linalg.svd(of_rank(60, 59, 2))
    expected = np.linalg.det(u) * np.linalg.det(vh) * np.prod(s[:-1]) * np.outer(u[:, -1], vh[-1])
    found = cr.grad(np.linalg.det)((u * s) @ vh)
    np.testing.assert_allclose(found, expected, atol=1e-9 * np.max(np.abs(expected)))
    for bad in (np.nan, np.inf):
        a = np.eye(4)
        a[0, 1] = bad
        with np.errstate(all="ignore"):
            assert np.isnan(cr.grad(np.linalg.det)(a)).all() == np.isnan(np.linalg.det(a))
    assert cr.grad(lambda a: np.linalg.det(a))(np.zeros((0, 0))).shape == (0, 0)


def test_log_determinants_go_on_where_the_determinant_itself_underflows_or_overflows():
    for scale in (1e-200, 1e-120, 1e120, 1e200):
        a = scale * of_rank(4, 4, 3)
        np.testing.assert_allclose(cr.grad(lambda a: np.linalg.slogdet(a).logabsdet)(a), np.linalg.inv(a).T, rtol=1e-12)
        cr.check_grads(lambda b, s=scale: np.linalg.slogdet(s * b).logabsdet, (of_rank(4, 4, 3),), order=2)
    for singular in (np.zeros((2, 2)), np.diag([1.0, 0.0, 2.0])):
        assert np.isnan(cr.grad(lambda a: np.linalg.slogdet(a).logabsdet)(singular)).all()


@pytest.mark.parametrize("apart", [0.0, 1e-13, 1e-7, 1e-4, 1e-3])
@pytest.mark.parametrize("rank", [2, 3])
def test_second_derivatives_beside_a_matrix_of_low_rank_are_its_minors(rank: int, apart: float) -> None:
    random = np.random.default_rng(11)
    a = random.normal(size=(5, rank)) @ random.normal(size=(rank, 5)) + apart * random.normal(size=(5, 5))
    found = cr.hessian(np.linalg.det)(a)
    scale = np.max(np.abs(found))
    for i, j, k, m in np.ndindex(5, 5, 5, 5):
        rows = a.copy()  # the determinant is linear in each row
        rows[i], rows[k] = np.eye(5)[j], np.eye(5)[m]
        expected = np.linalg.det(rows) if i != k and j != m else 0.0
        np.testing.assert_allclose(found[i, j, k, m], expected, rtol=1e-9, atol=1e-9 * scale + 1e-14)
    if rank == 3:
        assert scale > 0.1  # of rank 3 only second derivatives are not 0
