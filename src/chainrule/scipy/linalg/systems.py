"""Linear systems: general, triangular, banded, of a given structure, and from factors; matrix equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg as plain_linalg

from chainrule.rules.function import dispatched
from chainrule.rules.linalg import adjoint, conj, pseudo_inverse, swap
from chainrule.rules.rule import dtype_of, explicit
from chainrule.rules.untracked import plain_array
from chainrule.scipy.following import composed, slopes
from chainrule.scipy.linalg.functions import MODULE
from chainrule.scipy.linalg.structured import circulant, toeplitz

# ---------------------------------------------------------------------- general systems


def structured(a: Any, kind: Any, lower: bool) -> Any:
    """The matrix that SciPy reads where `a` is said to be of a kind: of a symmetric one it is a triangle."""
    if kind in ("sym", "symmetric", "her", "hermitian", "pos", "positive definite"):
        part = np.tril(a) if lower else np.triu(a)
        other = swap(part) if kind.startswith("sym") else adjoint(part)
        return np.where(np.eye(np.shape(a)[-1], dtype=bool), part, part + other)
    if kind == "upper triangular":
        return np.triu(a)
    if kind == "lower triangular":
        return np.tril(a)
    if kind == "diagonal":
        return np.where(np.eye(np.shape(a)[-1], dtype=bool), a, 0.0)
    if kind == "tridiagonal":
        return np.triu(np.tril(a, 1), -1)
    return a


def _solve(
    a: Any, b: Any, lower: bool = False, assume_a: Any = None, transposed: bool = False, **_: Any
) -> Any:
    a = structured(a, assume_a, lower)
    return np.linalg.solve(swap(a) if transposed else a, b)


def _inv(a: Any, assume_a: Any = None, lower: bool = False, **_: Any) -> Any:
    return np.linalg.inv(structured(a, assume_a, lower))


solve = composed(plain_linalg.solve, MODULE, _solve, "a b")
inv = composed(plain_linalg.inv, MODULE, _inv, "a")
det = composed(plain_linalg.det, MODULE, lambda a, **_: np.linalg.det(a), "a")


def _lstsq(a: Any, b: Any, cond: Any = None, **_: Any) -> Any:
    x, residues, rank, s = np.linalg.lstsq(a, b, np.finfo(dtype_of(a)).eps if cond is None else cond)
    whole = rank == np.shape(a)[1] and np.shape(a)[0] > np.shape(a)[1]
    missing = b - a @ x
    squares = np.sum(np.real(conj(missing) * missing), axis=0)
    return x, squares if whole else residues, rank, s


def _pinv(a: Any, atol: Any = None, rtol: Any = None, return_rank: bool = False, **_: Any) -> Any:
    return _cut_inverse(a, atol, rtol, return_rank, False)


def _cut_inverse(a: Any, atol: Any, rtol: Any, return_rank: bool, hermitian: bool) -> Any:
    plain = plain_array(a)
    sizes = np.abs(np.linalg.eigvalsh(plain)) if hermitian else np.linalg.svdvals(plain)
    largest = np.max(sizes, initial=0.0)
    if rtol is None:
        rtol = max(np.shape(a)[-2:]) * np.finfo(sizes.dtype).eps if atol is None else 0.0
    limit = (0.0 if atol is None else atol) + largest * rtol
    inverse = pseudo_inverse(a, limit / largest if largest > 0 else 0.0, hermitian)
    return (inverse, int(np.sum(sizes > limit))) if return_rank else inverse


def _pinvh(a: Any, atol: Any = None, rtol: Any = None, lower: bool = True, return_rank: bool = False, **_: Any) -> Any:
    return _cut_inverse(structured(a, "her", lower), atol, rtol, return_rank, True)


lstsq = composed(plain_linalg.lstsq, MODULE, _lstsq, "a b")
pinv = composed(plain_linalg.pinv, MODULE, _pinv, "a")
pinvh = composed(plain_linalg.pinvh, MODULE, _pinvh, "a")

# ---------------------------------------------------------------------- triangular systems, and those with factors


def _solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, **_: Any
) -> Any:
    """The other triangle of `a` is not looked at, and its gradient is 0; with `unit_diagonal` that of the diagonal."""
    triangle: Any = np.tril if lower else np.triu
    diagonal = np.eye(np.shape(a)[-1], dtype=dtype_of(a))
    a = triangle(a, -1 if lower else 1) + diagonal if unit_diagonal else triangle(a)
    if trans not in (0, "N"):
        a, lower = (adjoint(a) if trans in (2, "C") else swap(a)), not lower
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
solve_triangular = composed(plain_linalg.solve_triangular, MODULE, _solve_triangular, "a b")


def _cho_solve(c_and_lower: Any, b: Any, **_: Any) -> Any:
    factor, lower = c_and_lower
    half = _solve_triangular(factor, b, trans=0 if lower else 2, lower=lower)
    return _solve_triangular(factor, half, trans=2 if lower else 0, lower=lower)


def _permutation(pivots: Any) -> Any:
    """The order of rows that a series of swaps makes."""
    order = np.arange(len(pivots))
    for k, other in enumerate(pivots):
        order[[k, other]] = order[[other, k]]
    return order


def _lu_solve(lu_and_piv: Any, b: Any, trans: Any = 0, **_: Any) -> Any:
    factors, pivots = lu_and_piv
    order = _permutation(plain_array(pivots))
    if trans == 0:
        half = _solve_triangular(factors, b[order], lower=True, unit_diagonal=True)
        return _solve_triangular(factors, half)
    half = _solve_triangular(factors, b, trans=trans)
    x = _solve_triangular(factors, half, trans=trans, lower=True, unit_diagonal=True)
    return x[np.argsort(order)]


cho_solve = composed(plain_linalg.cho_solve, MODULE, _cho_solve, "b")
lu_solve = composed(plain_linalg.lu_solve, MODULE, _lu_solve, "b")

# ---------------------------------------------------------------------- banded systems


def _diagonals(lower: int, upper: int) -> range:
    """The offsets j − i of the diagonals of a banded matrix; offset k is row upper − k of its storage."""
    return range(-lower, upper + 1)


def _held(offset: int, n: int) -> Any:
    """Which columns hold an entry of the diagonal with this offset."""
    rows = np.arange(n) - offset
    return (rows >= 0) & (rows < n)


def _banded_transpose(ab: Any, lower: int, upper: int) -> Any:
    rows = [np.roll(ab[upper - k], -k) for k in _diagonals(lower, upper)]
    return np.stack(rows)


def _banded_product(ab: Any, x: Any, lower: int, upper: int) -> Any:
    n, total = np.shape(ab)[1], 0.0
    for k in _diagonals(lower, upper):
        entries = np.where(_held(k, n), ab[upper - k], 0.0)
        total = total + np.roll(np.reshape(entries, (n,) + (1,) * (np.ndim(x) - 1)) * x, -k, axis=0)
    return total


def _banded_outer(y: Any, x: Any, lower: int, upper: int) -> Any:
    """The entries y_i·x_j on the diagonals, summed over right-hand sides, in the storage of the matrix."""
    n, rows = np.shape(x)[0], []
    for k in reversed(_diagonals(lower, upper)):
        products = np.roll(y, k, axis=0) * x
        summed = products if np.ndim(x) == 1 else np.sum(products, axis=1)
        rows.append(np.where(_held(k, n), summed, 0.0))
    return np.stack(rows)


@dispatched
def banded_solution(ab: Any, b: Any, lower: int, upper: int) -> Any:
    """The solution of a·x = b for a banded matrix in the storage of scipy.linalg.solve_banded."""
    return plain_linalg.solve_banded((lower, upper), ab, b)


def _banded_reverse(
    out: Any, operands: Any, tracked: Any, lower: int, upper: int
) -> Callable[[Any], tuple[Any, ...]]:
    ab, _ = operands

    def pull(g: Any) -> tuple[Any, ...]:
        right = banded_solution(_banded_transpose(ab, lower, upper), g, upper, lower)
        parts = (-_banded_outer(right, out, lower, upper) if 0 in tracked else None, right)
        return tuple(parts[i] for i in tracked)

    return pull


def _banded_forward(out: Any, operands: Any, tangents: Any, lower: int, upper: int) -> Any:
    moved_ab, moved_b = tangents
    right = 0.0 if moved_b is None else moved_b
    if moved_ab is not None:
        right = right - _banded_product(moved_ab, out, lower, upper)
    return banded_solution(operands[0], right, lower, upper)


explicit(banded_solution, 2, _banded_reverse, _banded_forward, source="Giles 2008, 2.3.1")


def _solveh_banded(ab: Any, b: Any, lower: bool = False, **_: Any) -> Any:
    width = np.shape(ab)[0] - 1
    rows = ab if lower else [np.roll(conj(ab[width - k]), -k) for k in range(width + 1)]  # below the diagonal
    above = [np.roll(conj(rows[k]), k) for k in range(width, 0, -1)]
    return banded_solution(np.stack([*above, *rows]), b, width, width)


solve_banded = composed(
    plain_linalg.solve_banded, MODULE, lambda l_and_u, ab, b, **_: banded_solution(ab, b, *map(int, l_and_u)), "ab b"
)
solveh_banded = composed(plain_linalg.solveh_banded, MODULE, _solveh_banded, "ab b")


def _pair(c_or_cr: Any) -> Any:
    return toeplitz(*c_or_cr) if isinstance(c_or_cr, tuple) else toeplitz(c_or_cr)


solve_toeplitz = composed(
    plain_linalg.solve_toeplitz, MODULE, lambda c_or_cr, b, **_: np.linalg.solve(_pair(c_or_cr), b), "b"
)
matmul_toeplitz = composed(plain_linalg.matmul_toeplitz, MODULE, lambda c_or_cr, x, **_: _pair(c_or_cr) @ x, "x")


def _solve_circulant(c: Any, b: Any, singular: str = "raise", tol: Any = None, caxis: int = -1, baxis: int = 0,
                     outaxis: int = 0) -> Any:  # fmt: skip
    if np.ndim(c) != 1 or baxis or outaxis:
        raise NotImplementedError("only one circulant matrix, with the equations along the first axis")
    return np.linalg.solve(circulant(c), b)


solve_circulant = composed(plain_linalg.solve_circulant, MODULE, _solve_circulant, "c b")

# ---------------------------------------------------------------------- matrix equations


@dispatched
def sylvester_solution(a: Any, b: Any, q: Any) -> Any:
    """The solution of a·x + x·b = q.

    SciPy 1.17 is wrong where some of them are real and some complex: its real Schur factors have blocks on the diagonal
    that complex arithmetic does not look at. So they are given one dtype.
    """
    dtype = np.result_type(a, b, q)
    return plain_linalg.solve_sylvester(*(np.asarray(matrix, dtype) for matrix in (a, b, q)))


def _sylvester_reverse(out: Any, operands: Any, tracked: Any) -> Callable[[Any], tuple[Any, ...]]:
    a, b, _ = operands

    def pull(g: Any) -> tuple[Any, ...]:
        y = sylvester_solution(swap(a), swap(b), g)
        return tuple((-(y @ swap(out)), -(swap(out) @ y), y)[i] for i in tracked)

    return pull


def _sylvester_forward(out: Any, operands: Any, tangents: Any) -> Any:
    a, b, _ = operands
    da, db, dq = tangents
    right: Any = np.zeros(np.shape(out)) if dq is None else dq
    right = right if da is None else right - da @ out
    return sylvester_solution(a, b, right if db is None else right - out @ db)


explicit(sylvester_solution, 3, _sylvester_reverse, _sylvester_forward, source="Giles 2008, by the product rule")


def _discrete_lyapunov(a: Any, q: Any, method: Any = None) -> Any:
    n = np.shape(a)[0]
    left = np.eye(n * n) - np.kron(a, conj(a))
    return np.reshape(np.linalg.solve(left, np.ravel(q)), (n, n))


def _lyapunov(a: Any, q: Any) -> Any:
    return sylvester_solution(a, adjoint(a), q)


solve_sylvester = composed(plain_linalg.solve_sylvester, MODULE, lambda a, b, q: sylvester_solution(a, b, q), "a b q")
solve_continuous_lyapunov = composed(plain_linalg.solve_continuous_lyapunov, MODULE, _lyapunov, "a q")
solve_lyapunov = solve_continuous_lyapunov
solve_discrete_lyapunov = composed(plain_linalg.solve_discrete_lyapunov, MODULE, _discrete_lyapunov, "a q")


def _continuous_step(x: Any, operands: Any, moving: Any) -> Any:
    """One of Newton's steps for aᴴx + xa − x·b·r⁻¹·bᴴ·x + q = 0, which is linear in the change of x."""
    a, b, q, r = moving
    missing = adjoint(a) @ x + x @ a - x @ b @ np.linalg.solve(r, adjoint(b)) @ x + q
    a, b, q, r = operands
    closed = a - b @ np.linalg.solve(r, adjoint(b)) @ x
    return x - sylvester_solution(adjoint(closed), closed, missing)


def _discrete_step(x: Any, operands: Any, moving: Any) -> Any:
    """The same for aᴴxa − x − aᴴxb·(r + bᴴxb)⁻¹·bᴴxa + q = 0."""

    def feedback(a: Any, b: Any, q: Any, r: Any) -> Any:
        return np.linalg.solve(r + adjoint(b) @ x @ b, adjoint(b) @ x @ a)

    a, b, q, _ = moving
    missing = adjoint(a) @ x @ a - x - adjoint(a) @ x @ b @ feedback(*moving) + q
    closed = operands[0] - operands[1] @ feedback(*operands)
    return x + _discrete_lyapunov(adjoint(closed), missing)


@dispatched
def continuous_riccati_solution(a: Any, b: Any, q: Any, r: Any) -> Any:
    """The stabilizing solution of the continuous-time algebraic Riccati equation."""
    return plain_linalg.solve_continuous_are(a, b, q, r)


@dispatched
def discrete_riccati_solution(a: Any, b: Any, q: Any, r: Any) -> Any:
    """The stabilizing solution of the discrete-time algebraic Riccati equation."""
    return plain_linalg.solve_discrete_are(a, b, q, r)


explicit(continuous_riccati_solution, 4, *slopes(_continuous_step), source="implicit function theorem")
explicit(discrete_riccati_solution, 4, *slopes(_discrete_step), source="implicit function theorem")
solve_continuous_are = composed(
    plain_linalg.solve_continuous_are, MODULE,
    lambda a, b, q, r, balanced=True: continuous_riccati_solution(a, b, q, r),
    "a b q r",
)
solve_discrete_are = composed(
    plain_linalg.solve_discrete_are, MODULE, lambda a, b, q, r, balanced=True: discrete_riccati_solution(a, b, q, r),
    "a b q r",
)
