"""Factors of matrices: Cholesky, LU, QR, singular values and eigenvalues, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg as plain_linalg

from chainrule.engine.assignment import plain_tree
from chainrule.formula.expression import Function
from chainrule.rules.function import dispatched
from chainrule.rules.linalg import adjoint, swap
from chainrule.rules.rule import explicit
from chainrule.rules.untracked import plain_array
from chainrule.scipy.following import composed
from chainrule.scipy.linalg.functions import MODULE
from chainrule.scipy.linalg.systems import structured

# ---------------------------------------------------------------------- Cholesky


def _cholesky(a: Any, lower: bool = False, **_: Any) -> Any:
    """Only the triangle of `a` that is asked for is read; the gradient is that of a symmetric matrix."""
    return np.linalg.cholesky(a, upper=not lower)


cholesky = composed(plain_linalg.cholesky, MODULE, _cholesky, "a")
cho_factor = composed(
    plain_linalg.cho_factor, MODULE, lambda a, lower=False, **_: (_cholesky(a, lower), lower), "a"
)

# ---------------------------------------------------------------------- LU


@dispatched
def elimination(a: Any) -> Any:
    """L and U of a square matrix that needs no exchange of rows, in one array, without the ones of L."""
    factors, _ = plain_linalg.lu_factor(a)
    return factors


def _triangles(packed: Any) -> tuple[Any, Any]:
    return np.tril(packed, -1) + np.eye(np.shape(packed)[-1]), np.triu(packed)


def _elimination_reverse(out: Any, operands: Any, tracked: Any) -> Callable[[Any], tuple[Any, ...]]:
    low, high = _triangles(out)

    def pull(g: Any) -> tuple[Any, ...]:
        inner = np.tril(swap(low) @ np.tril(g, -1), -1) + np.triu(np.triu(g) @ swap(high))
        return (np.linalg.solve(swap(low), swap(np.linalg.solve(high, swap(inner)))),)

    return pull


def _elimination_forward(out: Any, operands: Any, tangents: Any) -> Any:
    low, high = _triangles(out)
    inner = swap(np.linalg.solve(swap(high), swap(np.linalg.solve(low, tangents[0]))))
    return low @ np.tril(inner, -1) + np.triu(inner) @ high


explicit(elimination, 1, _elimination_reverse, _elimination_forward, source="by the product rule, as Giles 2008")


def _order(a: Any) -> Any:
    """The order of the rows that partial pivoting chooses."""
    return np.asarray(plain_linalg.lu(plain_array(a), p_indices=True)[0])


def _lu_parts(a: Any) -> tuple[Any, Any, Any]:
    """The order of rows, and L and U with a[order] = L·U."""
    m, n = np.shape(a)
    order = np.argsort(_order(a))
    rows = a[order]
    size = min(m, n)
    low, high = _triangles(elimination(rows[:size, :size]))
    if m > n:
        low = np.concatenate([low, swap(np.linalg.solve(swap(high), swap(rows[size:])))], axis=0)
    if n > m:
        high = np.concatenate([high, np.linalg.solve(low, rows[:, size:])], axis=1)
    return order, low, high


def _lu(a: Any, permute_l: bool = False, p_indices: bool = False, **_: Any) -> Any:
    order, low, high = _lu_parts(a)
    back = np.argsort(order)
    if permute_l:
        return low[back], high
    return (back if p_indices else np.eye(len(order))[back]), low, high


def _lu_factor(a: Any, **_: Any) -> Any:
    pivots = plain_linalg.lu_factor(plain_array(a))[1]
    _, low, high = _lu_parts(a)
    m, n = np.shape(a)
    size = min(m, n)
    packed = np.tril(low[:size], -1) + high[:, :size]
    if m > n:
        packed = np.concatenate([packed, low[size:]], axis=0)
    if n > m:
        packed = np.concatenate([packed, high[:, size:]], axis=1)
    return packed, pivots


lu = composed(plain_linalg.lu, MODULE, _lu, "a")
lu_factor = composed(plain_linalg.lu_factor, MODULE, _lu_factor, "a")

# ---------------------------------------------------------------------- QR


def _qr(a: Any, mode: str = "full", pivoting: bool = False, **_: Any) -> Any:
    found = plain_linalg.qr(plain_array(a), mode=mode, pivoting=pivoting)
    order = (found[-1],) if pivoting else ()
    if pivoting:
        a = a[:, found[-1]]
    if mode == "r":
        return (np.linalg.qr(a, "complete")[1], *order)
    factors: Function = np.linalg.qr
    q, r = factors(a, {"full": "complete", "economic": "reduced"}[mode])
    return (q, r, *order)


qr = composed(plain_linalg.qr, MODULE, _qr, "a")

# ---------------------------------------------------------------------- singular values


def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, **_: Any) -> Any:
    factors: Function = np.linalg.svd
    found = factors(a, full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


def _polar(a: Any, side: str = "right") -> Any:
    left, s, right = np.linalg.svd(a, full_matrices=False)
    stretch = adjoint(right) @ (s[:, None] * right) if side == "right" else (left * s) @ adjoint(left)
    return left @ right, stretch


def _procrustes(A: Any, B: Any, **_: Any) -> Any:  # noqa: N803, as SciPy names them
    left, s, right = np.linalg.svd(swap(swap(B) @ np.conjugate(A)))
    return left @ right, np.sum(s)


svd = composed(plain_linalg.svd, MODULE, _svd, "a")
svdvals = composed(plain_linalg.svdvals, MODULE, lambda a, **_: np.linalg.svdvals(a), "a")
polar = composed(plain_linalg.polar, MODULE, _polar, "a")
orthogonal_procrustes = composed(plain_linalg.orthogonal_procrustes, MODULE, _procrustes, "A B")
norm = composed(
    plain_linalg.norm, MODULE,
    lambda a, ord=None, axis=None, keepdims=False, **_: np.linalg.norm(a, ord, axis, keepdims), "a",
)

# ---------------------------------------------------------------------- eigenvalues


def _turned(vectors: Any, model: Any) -> Any:
    """Eigenvectors with the signs, or phases, of others: LAPACK's drivers choose them differently."""
    overlaps = np.sum(np.conjugate(plain_array(vectors)) * model, axis=-2, keepdims=True)
    with np.errstate(all="ignore"):
        phases = overlaps / np.abs(overlaps)
    return vectors * np.where(np.isfinite(phases), phases, 1.0)


def _kept(values: Any, by_index: Any, by_value: Any) -> Any:
    plain = plain_array(values)
    if by_index is not None:
        return slice(int(by_index[0]), int(by_index[1]) + 1)
    if by_value is not None:
        return np.nonzero((plain > by_value[0]) & (plain <= by_value[1]))[0]
    return slice(None)


def _eigh(
    a: Any, b: Any = None, *, lower: bool = True, eigvals_only: bool = False, type: int = 1,
    subset_by_index: Any = None, subset_by_value: Any = None, **options: Any,
) -> Any:  # fmt: skip
    whole = structured(a, "her", lower)
    back: Function = lambda vectors: vectors  # noqa: E731
    if b is not None:
        factor = np.linalg.cholesky(structured(b, "her", lower))
        inverse = np.linalg.inv(factor)
        whole = inverse @ whole @ adjoint(inverse) if type == 1 else adjoint(factor) @ whole @ factor
        back = lambda vectors: (factor if type == 3 else adjoint(inverse)) @ vectors  # noqa: E731
    if eigvals_only:
        values = np.linalg.eigvalsh(whole)
        return values[..., _kept(values, subset_by_index, subset_by_value)]
    values, vectors = np.linalg.eigh(whole)
    kept = _kept(values, subset_by_index, subset_by_value)
    model = plain_linalg.eigh(*plain_tree((a, b)), lower=lower, type=type, subset_by_index=subset_by_index,
                              subset_by_value=subset_by_value)[1]  # fmt: skip
    return values[..., kept], _turned(back(vectors)[..., kept], model)


def _eig(
    a: Any, b: Any = None, left: bool = False, right: bool = True, homogeneous_eigvals: bool = False, **_: Any
) -> Any:
    if b is not None or homogeneous_eigvals:
        raise NotImplementedError("generalized eigenvalue problems")
    values, vectors = np.linalg.eig(a)
    made = [values + 0j]
    if left:
        rows = adjoint(np.linalg.inv(vectors))
        rows = rows / np.linalg.norm(rows, axis=-2, keepdims=True)
        made.append(_turned(rows, plain_linalg.eig(plain_array(a), left=True, right=False)[1]))
    if right:
        made.append(_turned(vectors, plain_linalg.eig(plain_array(a))[1]))
    return tuple(made) if len(made) > 1 else made[0]


def _tridiagonal(d: Any, e: Any) -> Any:
    return np.diag(d) + np.diag(e, 1) + np.diag(e, -1)


def _eigh_tridiagonal(
    d: Any, e: Any, eigvals_only: bool = False, select: str = "a", select_range: Any = None, **_: Any
) -> Any:
    values, vectors = np.linalg.eigh(_tridiagonal(d, e))
    kept = _kept(values, select_range if select == "i" else None, select_range if select == "v" else None)
    if eigvals_only:
        return values[kept]
    model = plain_linalg.eigh_tridiagonal(*plain_tree((d, e)), select=select, select_range=select_range)[1]
    return values[kept], _turned(vectors[:, kept], model)


eigh = composed(plain_linalg.eigh, MODULE, _eigh, "a b")
eigvalsh = composed(
    plain_linalg.eigvalsh, MODULE, lambda a, b=None, **options: _eigh(a, b, **{**options, "eigvals_only": True}), "a b"
)
eig = composed(plain_linalg.eig, MODULE, _eig, "a b")
eigvals = composed(
    plain_linalg.eigvals, MODULE, lambda a, b=None, **options: _eig(a, b, **{**options, "right": False}), "a b"
)
eigh_tridiagonal = composed(plain_linalg.eigh_tridiagonal, MODULE, _eigh_tridiagonal, "d e")
eigvalsh_tridiagonal = composed(
    plain_linalg.eigvalsh_tridiagonal, MODULE,
    lambda d, e, **options: _eigh_tridiagonal(d, e, **{**options, "eigvals_only": True}), "d e",
)
