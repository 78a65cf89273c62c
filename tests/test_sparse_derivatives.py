"""Sparse derivatives equal dense ones; no entry is missing from a pattern, and a colour joins no two that meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse

import chainrule as cr
from chainrule.transforms.sparse import colouring
from tests.random_functions import cases

pytestmark = pytest.mark.filterwarnings("ignore")
_A = np.array([[1.0, 0, 0, 2, 0, 0], [0, 0, 3, 0, 0, 0], [0, 1, 0, 0, 0, 1]])

FUNCTIONS: dict[str, Any] = {
    # a function of six numbers, and the colours that it takes at most
    "three diagonals": (lambda x: np.sin(x[:-2]) * x[1:-1] - x[2:] ** 2, 3),
    "of every entry its own": (lambda x: np.where(x > 0.5, np.exp(x), x * x) + np.maximum(x, 0.2), 1),
    "moved": (lambda x: np.concatenate([np.flip(x)[:2], np.roll(x, 1), x.reshape(2, 3).T.ravel() ** 2]), None),
    "written": (lambda x: _written(x), None),
    "sums of rows": (lambda x: np.sum(x.reshape(3, 2) ** 2, axis=1) + np.max(x.reshape(3, 2), 1), 2),
    "a sparse matrix": (lambda x: np.tanh(_A @ x) * np.arange(1.0, 4), 2),
    "from the right": (lambda x: (x.reshape(2, 3) @ _A[:, :4]).T, None),
    "both depend": (lambda x: x.reshape(2, 3) @ x.reshape(3, 2), 6),
    "in order": (lambda x: np.cumsum(x) * x, None),
    "gathered": (lambda x: x[np.array([0, 0, 2, 5])] * 2 + x[[1, 2, 3, 3]], None),
    "data says where": (lambda x: x[np.argsort(-x)][:3] * x[int(cr.stop_gradient(x[0]) > 9)], None),
    "several results": (lambda x: np.linalg.eigh(np.outer(x[:2], x[:2]) + np.eye(2))[0] * x[4], None),
    "a step": (lambda x: np.floor(x) + np.sign(x) * 2, None),
    "a constant": (lambda x: np.arange(4.0), None),
    "added where named twice": (lambda x: cr.grad(lambda y: np.sum(y[[0, 0, 2]] ** 2 * x[:3]))(x), None),
    "one row of all": (lambda x: np.concatenate([[np.sum(x)], x[1:] * x[:-1]]), None),
    "one column of all": (lambda x: x * x[0], None),
}


def _written(x: Any) -> Any:
    y = x * 2
    y[1:] += y[:-1]
    y[0] = x[3]
    y[::-2][:2] *= x[1]
    return y


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_sparse_jacobian_is_the_dense_one(name: str) -> None:
    f, most = FUNCTIONS[name]
    x = np.random.default_rng(0).normal(size=6)
    found, expected = cr.jacobian(f, sparse=True)(x), cr.jacobian(f)(x).reshape(-1, 6)
    assert scipy.sparse.issparse(found)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-14, atol=1e-15)
    marks = cr.sparsity(f, x)
    assert marks.dtype == bool
    assert not np.any((expected != 0) & ~marks.toarray())
    if most:
        assert colouring(marks.tocsr()).max() + 1 <= most
        assert marks.nnz == np.count_nonzero(np.abs(expected) > 0) or name == "both depend"


@pytest.mark.parametrize("seed", [5, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(100, 160))])
def test_no_entry_is_missing_from_the_patterns_of_random_functions(seed: int) -> None:
    for case in cases(25, seed, kind="arrays"):
        x, *rest = [np.asarray(a, None if np.asarray(a).dtype.kind in "fc" else float) for a in case.arguments]
        if not x.ndim:
            continue

        def f(x: Any, f: Any = case.function, rest: Any = rest) -> Any:
            return f(x, *rest)

        try:
            dense = cr.jacobian(f)(x)
        except (cr.errors.ChainruleError, ValueError):  # a random function that makes no sense for these shapes
            continue
        if not isinstance(dense, np.ndarray):
            continue
        found = cr.jacobian(f, sparse=True)(x)
        marks, expected = cr.sparsity(f, x).toarray(), dense.reshape(found.shape)
        undefined = np.isnan(expected).all(axis=1, keepdims=True)  # the value is NaN: NaN where the pattern has entries
        expected = np.where(undefined & ~marks, 0.0, expected)
        tolerance = 1e-10 if found.dtype == np.float64 else 1e-4
        np.testing.assert_allclose(found.toarray(), expected, rtol=tolerance, atol=tolerance)


def test_a_sparse_hessian_is_the_dense_one_and_takes_as_many_passes_as_colours() -> None:
    def f(x: Any) -> Any:
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2) + np.sin(x[0] * x[2])

    x = np.linspace(-1, 1, 40)
    found = cr.hessian(f, sparse=True)(x)
    np.testing.assert_allclose(found.toarray(), cr.hessian(f)(x), rtol=1e-13, atol=1e-12)
    assert colouring(cr.sparsity(cr.grad(f), x).tocsr()).max() + 1 <= 4


def test_rows_are_coloured_where_they_are_shorter() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(1)
        return np.stack([np.sum(x), x[0] * x[1]])

    x = np.arange(1.0, 500.0)
    found = cr.jacobian(f, sparse=True)(x)
    np.testing.assert_array_equal(found.toarray(), cr.jacobian(f)(x))
    calls.clear()
    cr.jacobian(f, sparse=True)(x)
    assert len(calls) == 2  # the program, and the record that is walked twice


def test_colours_of_random_patterns_join_no_two_columns_that_meet() -> None:
    random = np.random.default_rng(1)
    for density in (0.02, 0.1, 0.5):
        marks = scipy.sparse.csr_array(random.random((30, 40)) < density)
        colours = colouring(marks)
        for colour in range(colours.max() + 1):
            assert marks.toarray()[:, colours == colour].sum(axis=1).max(initial=0) <= 1


def test_a_pattern_that_is_known_is_taken() -> None:
    x = np.linspace(0, 1, 9)
    marks = cr.sparsity(lambda x: x[1:] * x[:-1], x)
    found = cr.jacobian(lambda x: x[1:] * x[:-1], sparse=marks)(x)
    np.testing.assert_array_equal(found.toarray(), cr.jacobian(lambda x: x[1:] * x[:-1])(x))


def test_a_pattern_with_too_few_entries_is_refused() -> None:
    x = np.linspace(0, 1, 9)
    with pytest.raises(cr.errors.ShapeError, match="entry of the Jacobian"):
        cr.jacobian(lambda x: x[1:] * x[:-1], sparse=cr.sparsity(lambda x: x[1:], x))(x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cr.jacobian(lambda x, y: x * y, (0, 1), sparse=True)(np.ones(2), np.ones(2)), "2 arguments"),
        (lambda: cr.jacobian(lambda x: (x, x), sparse=True)(np.ones(2)), "returned tuple"),
        (lambda: cr.jacobian(np.sin, sparse=True)(2.0), "by one array"),
        (lambda: cr.jacobian(np.sin, sparse=np.eye(3))(np.ones(2)), r"pattern is of shape \(3, 3\)"),
        (lambda: cr.sparsity(np.cumsum, np.ones(10_000)), "is not sparse"),
    ],
)
def test_what_has_no_sparse_jacobian_is_refused_with_the_line(call: Any, message: str) -> None:
    with pytest.raises(cr.errors.ShapeError, match=message) as error:
        call()
    assert "test_sparse_derivatives.py" in str(error.value)
