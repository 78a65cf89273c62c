"""Inverses, determinants and linear systems, of single matrices and of stacks of them.

With g the cotangent of the result, dL = Re Σ g·d(result). The derivatives are those of Giles (2008), "Collected matrix
derivative results for forward and reverse mode algorithmic differentiation"; complex matrices need no conjugates, since
the functions are holomorphic (but for pinv).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.rules.function import dispatched
from chainrule.rules.rule import bilinear, composite, dtype_of, explicit
from chainrule.rules.steps import bare


def swap(a: Any) -> Any:
    """The transpose of each matrix of a stack."""
    return np.swapaxes(a, -1, -2)


def conj(a: Any) -> Any:
    """The complex conjugate; real arrays are returned as they are, not copied."""
    return np.conjugate(a) if dtype_of(a).kind == "c" else a


def adjoint(a: Any) -> Any:
    """The conjugate transpose of each matrix of a stack."""
    return conj(swap(a))


def entry_slices(a: Any) -> Any:
    """A scalar for each matrix of a stack, ready to multiply the matrices."""
    return np.reshape(a, (*np.shape(a), 1, 1))


# ---------------------------------------------------------------------- inverse and pseudo-inverse


def _inv_reverse(out: Any, operands: Any, tracked: Any) -> Callable[[Any], tuple[Any, ...]]:
    return lambda g: (-(swap(out) @ g @ swap(out)),)


explicit(
    np.linalg.inv,
    1,
    _inv_reverse,
    lambda out, operands, tangents: -(out @ tangents[0] @ out),
    source="Giles 2008, 2.2.3",
)


@dispatched
def pseudo_inverse(a: Any, cutoff: Any, hermitian: bool) -> Any:
    """NumPy's pinv with the relative cutoff of its singular values given as an array (None: NumPy's choice).

    >>> pseudo_inverse(np.array([[2.0], [0.0]]), None, False)
    array([[0.5, 0. ]])
    """
    return np.linalg.pinv(a, hermitian=hermitian) if cutoff is None else np.linalg.pinv(a, cutoff, hermitian)


def _pinv_reverse(
    out: Any, operands: Any, tracked: Any, cutoff: Any, hermitian: bool
) -> Callable[[Any], tuple[Any, ...]]:
    a = operands[0]

    def pull(g: Any) -> tuple[Any, ...]:
        gt = swap(g)
        left = gt @ out @ adjoint(out)  # m × n
        right = adjoint(out) @ out @ gt
        return (-(swap(out) @ g @ swap(out)) + conj(left - a @ (out @ left) + right - (right @ out) @ a),)

    return pull


def _pinv_forward(out: Any, operands: Any, tangents: Any, cutoff: Any, hermitian: bool) -> Any:
    a, da = operands[0], tangents[0]
    dah = adjoint(da)
    left = out @ (adjoint(out) @ dah)
    right = (dah @ adjoint(out)) @ out
    return -(out @ da @ out) + left - (left @ a) @ out + right - out @ (a @ right)


explicit(
    pseudo_inverse,
    1,
    _pinv_reverse,
    _pinv_forward,
    source="Golub and Pereyra 1973, 4.12; the rank is taken as constant",
)
_unset = object()


def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _unset) -> Any:
    if rtol is None:  # the array API's default, which is not NumPy's
        rtol = max(np.shape(a)[-2:]) * np.finfo(dtype_of(a)).eps
    return pseudo_inverse(a, rcond if rtol is _unset else rtol, hermitian)


composite(np.linalg.pinv, _pinv)

# ---------------------------------------------------------------------- determinants


def cofactors(a: Any) -> Any:
    """The matrix of cofactors of each matrix, signed determinants of minors; it exists for singular matrices as well.

    >>> cofactors(np.array([[1.0, 2.0], [2.0, 4.0]]))
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    n = np.shape(a)[-1]
    if n <= 1:
        return np.ones_like(a)
    rest = np.array([[j for j in range(n) if j != i] for i in range(n)])
    sign = np.asarray((-1.0) ** np.add.outer(np.arange(n), np.arange(n)), dtype_of(a))
    return np.linalg.det(a[..., rest[:, None, :, None], rest[None, :, None, :]]) * sign


def _slope_of_det(a: Any, out: Any) -> Any:
    if np.all(np.not_equal(out, 0)):
        return entry_slices(out) * swap(np.linalg.inv(a))
    return cofactors(a)


explicit(
    np.linalg.det,
    1,
    lambda out, operands, tracked: lambda g: (entry_slices(g) * _slope_of_det(operands[0], out),),
    lambda out, operands, tangents: np.sum(_slope_of_det(operands[0], out) * tangents[0], axis=(-2, -1)),
    source="Jacobi's formula; Giles 2008, 2.2.4",
)


def _inverse(a: Any) -> Any:
    """The inverse; NaN where a matrix has none, since log|det| then has no derivative."""
    singular = np.equal(np.linalg.det(bare(a)), 0)
    if np.any(singular):
        eye = np.eye(np.shape(a)[-1], dtype=dtype_of(a))
        return np.where(entry_slices(singular), np.nan, np.linalg.inv(np.where(entry_slices(singular), eye, a)))
    return np.linalg.inv(a)


@dispatched
def log_abs_det(a: Any) -> Any:
    """log |det a| of each matrix.

    >>> float(log_abs_det(np.eye(3)))
    0.0
    """
    return np.linalg.slogdet(a).logabsdet


@dispatched
def sign_of_det(a: Any) -> Any:
    """det a / |det a| of each matrix.

    >>> float(sign_of_det(-np.eye(3)))
    -1.0
    """
    return np.linalg.slogdet(a).sign


def _turn(a: Any, da: Any) -> Any:
    return np.sum(swap(_inverse(a)) * da, axis=(-2, -1))


explicit(
    log_abs_det,
    1,
    lambda out, operands, tracked: lambda g: (entry_slices(g) * swap(_inverse(operands[0])),),
    lambda out, operands, tangents: np.real(_turn(operands[0], tangents[0])),
    source="Jacobi's formula",
)
explicit(
    sign_of_det,
    1,
    lambda out, operands, tracked: lambda g: (entry_slices(np.real(g * out * 1j) * -1j) * swap(_inverse(operands[0])),),
    lambda out, operands, tangents: out * np.imag(_turn(operands[0], tangents[0])) * 1j,
    source="Jacobi's formula: the sign turns with the imaginary part of tr(a⁻¹ da)",
)
_SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


def _slogdet(a: Any) -> Any:
    complex_ = dtype_of(a).kind == "c"
    return _SlogdetResult(sign_of_det(a if complex_ else bare(a)), log_abs_det(a))


composite(np.linalg.slogdet, _slogdet)

# ---------------------------------------------------------------------- linear systems


def _as_columns(b: Any, vector: bool) -> Any:
    return b[..., None] if vector else b


def _solve_reverse(out: Any, operands: Any, tracked: Any) -> Callable[[Any], tuple[Any, ...]]:
    a, b = operands
    vector = np.ndim(b) == 1

    def pull(g: Any) -> tuple[Any, ...]:
        gb = np.linalg.solve(swap(a), _as_columns(g, vector))
        parts = []
        if 0 in tracked:
            parts.append(-(gb @ swap(_as_columns(out, vector))))
        if 1 in tracked:
            parts.append(gb[..., 0] if vector else gb)
        return tuple(parts)

    return pull


def _solve_forward(out: Any, operands: Any, tangents: Any) -> Any:
    (a, b), (da, db) = operands, tangents
    vector = np.ndim(b) == 1
    right: Any = 0.0 if db is None else _as_columns(db, vector)
    if da is not None:
        right = right - da @ _as_columns(out, vector)
    moved = np.linalg.solve(a, right)
    return moved[..., 0] if vector else moved


explicit(np.linalg.solve, 2, _solve_reverse, _solve_forward, source="Giles 2008, 2.3.1")


def _lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, ...]:
    _, plain_residuals, rank, _ = np.linalg.lstsq(bare(a), bare(b), rcond)
    m, n = np.shape(a)
    cutoff = (
        np.finfo(dtype_of(a)).eps * max(m, n) if rcond is None else rcond if rcond >= 0 else np.finfo(dtype_of(a)).eps
    )
    x = pseudo_inverse(a, cutoff, False) @ b
    missing = b - a @ x
    residuals = np.sum(np.real(conj(missing) * missing), axis=0, keepdims=np.ndim(b) == 1)
    return x, residuals if plain_residuals.size else plain_residuals, rank, np.linalg.svdvals(a)


composite(np.linalg.lstsq, _lstsq)


def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        kept = [k for k in range(np.ndim(a)) if k not in [axis % np.ndim(a) for axis in axes]]
        a = np.transpose(a, (*kept, *(axis % np.ndim(a) for axis in axes)))
    shape = np.shape(a)[-(np.ndim(a) - np.ndim(b)) :]
    n = int(np.prod(shape, dtype=np.int64))
    return np.reshape(np.linalg.solve(np.reshape(a, (-1, n)), np.ravel(b)), shape)


def _tensorinv(a: Any, ind: int = 2) -> Any:
    shape = np.shape(a)
    n = int(np.prod(shape[ind:], dtype=np.int64))
    return np.reshape(np.linalg.inv(np.reshape(a, (n, -1))), shape[ind:] + shape[:ind])


composite(np.linalg.tensorsolve, _tensorsolve)
composite(np.linalg.tensorinv, _tensorinv)

# ---------------------------------------------------------------------- powers and products


def _matrix_power(a: Any, n: int) -> Any:
    """aⁿ by repeated squaring, as NumPy does."""
    if n == 0:
        return np.broadcast_to(np.eye(np.shape(a)[-1], dtype=dtype_of(a)), np.shape(a))
    if n < 0:
        a, n = np.linalg.inv(a), -n
    result = None
    while True:
        if n & 1:
            result = a if result is None else result @ a
        n >>= 1
        if not n:
            return result
        a = a @ a


def _multi_dot(arrays: Sequence[Any], *, out: Any = None) -> Any:
    """The product of a chain of matrices in the cheapest order (Cormen et al., "Introduction to Algorithms", 15.2)."""
    chain = list(arrays)
    first, last = np.ndim(chain[0]) == 1, np.ndim(chain[-1]) == 1
    if first:
        chain[0] = chain[0][None, :]
    if last:
        chain[-1] = chain[-1][:, None]
    sizes = [np.shape(chain[0])[0], *(np.shape(a)[1] for a in chain)]
    count = len(chain)
    cost = np.zeros((count, count))
    best = np.zeros((count, count), dtype=int)
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            choices = [cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)]
            best[i, j] = i + int(np.argmin(choices))
            cost[i, j] = min(choices)

    def product(i: int, j: int) -> Any:
        return chain[i] if i == j else product(i, best[i, j]) @ product(best[i, j] + 1, j)

    result = product(0, count - 1)
    if first:
        result = result[0]
    return result[..., 0] if last else result


composite(np.linalg.matrix_power, _matrix_power)
composite(np.linalg.multi_dot, _multi_dot)
composite(np.linalg.matmul, lambda x1, x2: np.matmul(x1, x2))
composite(np.linalg.tensordot, lambda x1, x2, *, axes=2: np.tensordot(x1, x2, axes=axes))
composite(np.linalg.vecdot, lambda x1, x2, *, axis=-1: np.sum(conj(x1) * x2, axis=axis))
composite(np.linalg.outer, lambda x1, x2: np.outer(x1, x2))
composite(np.linalg.matrix_transpose, swap)
composite(np.linalg.diagonal, lambda x, *, offset=0: np.diagonal(x, offset, -2, -1))
composite(
    np.linalg.trace, lambda x, *, offset=0, dtype=None: np.sum(np.diagonal(x, offset, -2, -1), axis=-1, dtype=dtype)
)


@dispatched
def cross_in_space(a: Any, b: Any) -> Any:
    """The cross product of vectors of three components along the last axes.

    >>> cross_in_space(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    array([0., 0., 1.])
    """
    return np.cross(a, b)


bilinear(
    cross_in_space,
    (lambda g, x, y: cross_in_space(y, g), lambda g, x, y: cross_in_space(g, x)),
    source="product rule; g·(a × b) turns cyclically",
)


def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    sizes = np.shape(a)[-1], np.shape(b)[-1]
    if not set(sizes) <= {2, 3}:
        raise ValueError(f"np.cross needs vectors of 2 or 3 components, got {sizes[0]} and {sizes[1]}")
    if sizes == (3, 3):
        return np.moveaxis(cross_in_space(a, b), -1, axisc)
    a1, a2, b1, b2 = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    upward = a1 * b2 - a2 * b1
    if sizes == (2, 2):
        return upward
    a3 = a[..., 2] if sizes[0] == 3 else None
    b3 = b[..., 2] if sizes[1] == 3 else None
    first = -(a3 * b2) if b3 is None else a2 * b3 if a3 is None else a2 * b3 - a3 * b2
    second = a3 * b1 if b3 is None else -(a1 * b3) if a3 is None else a3 * b1 - a1 * b3
    return np.moveaxis(np.stack(np.broadcast_arrays(first, second, upward), axis=-1), -1, axisc)


composite(np.cross, _cross, asks=True)
composite(np.linalg.cross, lambda x1, x2, *, axis=-1: _cross(x1, x2, axis=axis))
if hasattr(np, "matvec"):  # NumPy 2.2
    composite(np.matvec, lambda x1, x2: (x1 @ x2[..., None])[..., 0])
    composite(np.vecmat, lambda x1, x2: (conj(x1)[..., None, :] @ x2)[..., 0, :])
