"""Linear algebra as in scipy.linalg: systems, factors, block matrices, and functions of a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg as plain_linalg

from chainrule.formula.expression import Function
from chainrule.rules.function import dispatched
from chainrule.rules.rule import dtype_of, explicit
from chainrule.rules.untracked import plain_array

__all__ = [
    "block_diag", "cho_factor", "cho_solve", "cholesky", "coshm", "cosm", "det", "expm", "inv", "logm", "sinhm", "sinm",
    "solve", "solve_triangular", "sqrtm", "tanhm", "tanm",
]  # fmt: skip


def _adjoint(a: Any) -> Any:
    return np.conjugate(np.swapaxes(a, -1, -2))


# ---------------------------------------------------------------------- systems and factors


def solve(a: Any, b: Any) -> Any:
    """The solution x of a·x = b for a square matrix `a` (n, n); `b` and x are (n,) or (n, k).

    >>> solve(np.array([[2.0]]), np.array([6.0]))
    array([3.])
    """
    return np.linalg.solve(a, b)


def inv(a: Any) -> Any:
    """The inverse of a square matrix."""
    return np.linalg.inv(a)


def det(a: Any) -> Any:
    """The determinant of a square matrix."""
    return np.linalg.det(a)


def cholesky(a: Any, lower: bool = False) -> Any:
    """The triangular factor of a positive definite matrix: a = rᴴ·r, or l·lᴴ with `lower`; same shape as `a`.

    As in SciPy, only the triangle of `a` that is asked for is read; its gradient is that of a symmetric matrix.
    """
    return np.linalg.cholesky(a, upper=not lower)


def cho_factor(a: Any, lower: bool = False) -> tuple[Any, bool]:
    """The Cholesky factor in the form that :func:`cho_solve` takes. (The other triangle is 0, not left over.)"""
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: tuple[Any, bool], b: Any) -> Any:
    """The solution of a·x = b, given the factor of `a` from :func:`cho_factor`.

    >>> cho_solve(cho_factor(np.array([[4.0]])), np.array([8.0]))
    array([2.])
    """
    factor, lower = c_and_lower
    half = solve_triangular(factor, b, trans=0 if lower else 2, lower=lower)
    return solve_triangular(factor, half, trans=2 if lower else 0, lower=lower)


def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """The solution of op(a)·x = b for a triangular (n, n) matrix `a`; `b` and x are (n,) or (n, k).

    `trans` 0, 1 or 2 (or "N", "T", "C") makes op nothing, the transpose or the conjugate transpose. The other
    triangle of `a` is not looked at, and its gradient is 0; with `unit_diagonal` that of the diagonal too.
    """
    triangle: Any = np.tril if lower else np.triu
    diagonal = np.eye(np.shape(a)[-1], dtype=dtype_of(a))
    a = triangle(a, -1 if lower else 1) + diagonal if unit_diagonal else triangle(a)
    if trans not in (0, "N"):
        a, lower = (_adjoint(a) if trans in (2, "C") else np.swapaxes(a, -1, -2)), not lower
    return triangular_solution(a, b, lower)


@dispatched
def triangular_solution(a: Any, b: Any, lower: bool) -> Any:
    """The solution of a·x = b for a matrix `a` (n, n) that has zeros in the other triangle."""
    return plain_linalg.solve_triangular(a, b, lower=lower)


def _columns(b: Any) -> Any:
    return b[:, None] if np.ndim(b) == 1 else b


def _triangular_reverse(out: Any, operands: Any, tracked: Any, lower: bool) -> Callable[[Any], tuple[Any, ...]]:
    a = operands[0]

    def pull(g: Any) -> tuple[Any, ...]:
        right = triangular_solution(np.swapaxes(a, -1, -2), g, not lower)
        parts = (-(_columns(right) @ np.swapaxes(_columns(out), -1, -2)) if 0 in tracked else None, right)
        return tuple(parts[i] for i in tracked)

    return pull


def _triangular_forward(out: Any, operands: Any, tangents: Any, lower: bool) -> Any:
    da, db = tangents
    right = 0.0 if db is None else db
    if da is not None:
        right = right - da @ out
    return triangular_solution(operands[0], right, lower)


explicit(triangular_solution, 2, _triangular_reverse, _triangular_forward, source="Giles 2008, 2.3.1")


def block_diag(*arrays: Any) -> Any:
    """The matrix with the given matrices along its diagonal, and zeros elsewhere.

    >>> block_diag(np.eye(1), 2 * np.eye(1))
    array([[1., 0.],
           [0., 2.]])
    """
    blocks = [np.atleast_2d(array) for array in arrays] or [np.zeros((1, 0))]
    kind = np.result_type(*(dtype_of(block) for block in blocks))
    width = sum(np.shape(block)[1] for block in blocks)
    rows, start = [], 0
    for block in blocks:
        height, own = np.shape(block)
        zeros = np.zeros((height, start), kind), np.zeros((height, width - start - own), kind)
        rows.append(np.concatenate([zeros[0], block, zeros[1]], axis=1))
        start += own
    return np.concatenate(rows, axis=0)


# ---------------------------------------------------------------------- functions of a matrix


def _in_direction(function: Function, a: Any, da: Any) -> Any:
    """The derivative of a matrix function in the direction `da`: the corner of f([[a, da], [0, a]]).

    R. Mathias, A chain rule for matrix functions and applications, 1996, theorem 2.1. It calls `function` again, so it
    can itself be differentiated.
    """
    n = np.shape(a)[-1]
    kind = np.result_type(dtype_of(a), dtype_of(da))
    # Beside a direction that is much larger than `a`, or smaller, `a` or the result would lose its digits.
    scale = _size(da) / _size(a)
    above = np.concatenate([a, da / scale], axis=-1)
    below = np.concatenate([np.zeros(np.shape(a), kind), a], axis=-1)
    return function(np.concatenate([above, below], axis=-2))[..., :n, n:] * scale


def _size(a: Any) -> Any:
    """A power of two near the largest entry of each matrix, 1 for a matrix of zeros; a constant to every transform."""
    largest = np.max(np.abs(plain_array(a)), axis=(-2, -1), keepdims=True, initial=0)
    usual = (largest > 0) & (largest < np.inf)
    return np.ldexp(1.0, np.frexp(np.where(usual, largest, 0.5))[1]).astype(largest.dtype)


def _matrix_function(plain: Function, meaning: str) -> Function:
    def implementation(A: Any) -> Any:  # noqa: N803, as SciPy names it
        result: Any = plain(A)
        return result

    implementation.__name__ = implementation.__qualname__ = plain.__name__
    implementation.__doc__ = f"{meaning} of a square matrix, as scipy.linalg.{plain.__name__}; same shape as `A`."
    function = dispatched(implementation)
    explicit(
        function,
        1,
        lambda out, operands, tracked: (
            lambda g: (np.swapaxes(_in_direction(function, operands[0], np.swapaxes(g, -1, -2)), -1, -2),)
        ),
        lambda out, operands, tangents: _in_direction(function, operands[0], tangents[0]),
        source="Mathias 1996, theorem 2.1",
    )
    return function


expm = _matrix_function(plain_linalg.expm, "The exponential")
sqrtm = _matrix_function(plain_linalg.sqrtm, "The principal square root")
logm = _matrix_function(plain_linalg.logm, "The principal logarithm")
cosm = _matrix_function(plain_linalg.cosm, "The cosine")
sinm = _matrix_function(plain_linalg.sinm, "The sine")
tanm = _matrix_function(plain_linalg.tanm, "The tangent")
coshm = _matrix_function(plain_linalg.coshm, "The hyperbolic cosine")
sinhm = _matrix_function(plain_linalg.sinhm, "The hyperbolic sine")
tanhm = _matrix_function(plain_linalg.tanhm, "The hyperbolic tangent")
