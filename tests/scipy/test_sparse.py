"""Sparse solvers: SciPy's values, and derivatives by the right-hand side that are those of the dense inverse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg

import chainrule as cr
from chainrule.errors import TrackingError
from chainrule.scipy.sparse import linalg

N = 12
LOWER = scipy.sparse.diags_array([np.full(N, 3.0), np.full(N - 1, -1.0), np.full(N - 3, 0.4)], offsets=[0, -1, -3])
GENERAL = (LOWER + scipy.sparse.diags_array([np.full(N - 2, 0.7)], offsets=[2])).tocsc()
POSITIVE = (GENERAL @ GENERAL.T).tocsr()
B = np.random.default_rng(1).normal(size=N)


def jacobian_is(f: Any, inverse: Any, b: Any, rtol: float) -> None:
    for transform in (cr.jacrev, cr.jacfwd):
        found = transform(f)(b)
        np.testing.assert_allclose(found, inverse, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("matrix", [GENERAL, GENERAL.tocsr(), POSITIVE])
def test_direct_solutions_move_as_the_inverse_says(matrix: Any) -> None:
    inverse = np.linalg.inv(matrix.toarray())
    np.testing.assert_array_equal(linalg.spsolve(matrix, B), scipy.sparse.linalg.spsolve(matrix, B))
    np.testing.assert_array_equal(
        cr.vjp(lambda b: linalg.spsolve(matrix, b), B)[0], scipy.sparse.linalg.spsolve(matrix, B)
    )
    jacobian_is(lambda b: linalg.spsolve(matrix, b), inverse, B, 1e-10)
    many = np.stack([B, B[::-1]], axis=1)
    cr.check_grads(lambda b: linalg.spsolve(matrix, b), (many,), order=1)
    cr.check_grads(lambda b: np.sum(linalg.spsolve(matrix, b) ** 3), (B,), order=2)


def test_triangular_solutions_move_as_the_inverse_says() -> None:
    for matrix, lower in ((LOWER.tocsr(), True), (LOWER.T.tocsr(), False)):
        inverse = np.linalg.inv(matrix.toarray())
        jacobian_is(lambda b, m=matrix, low=lower: linalg.spsolve_triangular(m, b, low), inverse, B, 1e-10)


@pytest.mark.parametrize("name", ["cg", "bicg", "bicgstab", "cgs", "gmres", "lgmres", "minres", "qmr", "gcrotmk"])
def test_iterative_solutions_have_scipy_s_values_and_accurate_derivatives(name: str) -> None:
    matrix = POSITIVE if name in ("cg", "minres") else GENERAL
    ours, theirs = getattr(linalg, name), getattr(scipy.sparse.linalg, name)
    expected = theirs(matrix, B)
    found, report = ours(matrix, B)
    np.testing.assert_array_equal(found, expected[0])
    assert report == expected[1] == 0
    np.testing.assert_array_equal(cr.vjp(lambda b: ours(matrix, b)[0], B)[0], expected[0])
    jacobian_is(lambda b: ours(matrix, b, rtol=1e-3)[0], np.linalg.inv(matrix.toarray()), B, 1e-8)
    assert "rtol" in str(linalg.cg.__signature__)


def test_a_tracked_matrix_is_an_error_and_the_rest_is_scipy_s_own() -> None:
    for solve in (linalg.spsolve, linalg.spsolve_triangular):
        with pytest.raises(TrackingError, match=r"test_sparse\.py"):
            cr.grad(lambda x, s=solve: np.sum(s(np.eye(2) * x, np.ones(2))))(1.0)
    assert linalg.eigsh is scipy.sparse.linalg.eigsh
    assert cr.grad(lambda c: linalg.spsolve(GENERAL, [c] * N)[0])(2.0) == pytest.approx(
        np.linalg.inv(GENERAL.toarray()).sum(axis=1)[0]
    )
