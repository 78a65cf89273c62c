"""Inverses, determinants and linear systems, of single matrices and of stacks of them.

With g the cotangent of the result, dL = Re Σ g·d(result). The derivatives are those of Giles (2008), "Collected matrix
derivative results for forward and reverse mode algorithmic differentiation"; complex matrices need no conjugates, since
the functions are holomorphic (but for pinv).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.rules.function import dispatched
from chainrule.rules.lu import Factors, factors_of
from chainrule.rules.products import vecdot
from chainrule.rules.rule import bilinear, both_in, composite, dtype_of, explicit
from chainrule.rules.untracked import constant_to_all, fixed, plain_array, seen


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


# With P = a⁺, Q = 1 − aP and Q' = 1 − Pa, at constant rank dP = −P da P + Q' daᴴ Pᴴ P + P Pᴴ daᴴ Q. A cutoff may also
# leave out singular values that are no rounding. Then a − aPa = R is not 0, and the two last terms are the adjoints of
#     X = PᴴP (da Q' + Pᴴ daᴴ R + X RᴴR)   and   Y = (Q da + R daᴴ Pᴴ + RRᴴ Y) PPᴴ,
# for the entry of X between a kept singular value s and one left out, r, is that of da over s² − r² (Golub and Pereyra
# have r = 0). The solutions are series that converge, r being below s: their sums are doubled until they stand still.


def _left_out(a: Any, out: Any, cutoff: Any) -> tuple[Any, ...] | None:
    """R, RᴴR and RRᴴ for each matrix, the largest singular value left out, squared, and how often to double.

    None where only rounding is left out.
    """
    if cutoff is None:
        return None
    values = np.linalg.svdvals(plain_array(a))
    largest, rounding = values[..., :1], np.finfo(dtype_of(a)).eps * max(np.shape(a)[-2:])
    kept = values > np.asarray(cutoff)[..., None] * largest
    cut = ~kept & (values > rounding * largest)
    if seen(cut) and not cut.any():
        return None
    rest = np.where(entry_slices(np.any(cut, axis=-1)), a - a @ (out @ a), 0.0)
    top = np.max(np.where(cut, values, 0.0), axis=-1)
    ratio = np.max(top / np.min(np.where(kept, values, np.inf), axis=-1))
    doublings = 50 if not seen(ratio) else int(np.log2(np.maximum(1.0, -40.0 / np.log(ratio)))) + 1 if ratio else 0
    scale = entry_slices(np.where(top > 0, top, 1.0) ** 2)
    return rest, adjoint(rest) @ rest / scale, rest @ adjoint(rest) / scale, scale, doublings


def _series(first: Any, left: Any, right: Any, doublings: int) -> Any:
    """The sum of leftᵏ · first · rightᵏ over all k."""
    for _ in range(doublings):
        first = first + left @ first @ right
        left, right = left @ left, right @ right
    return first


def _pinv_reverse(
    out: Any, operands: Any, tracked: Any, cutoff: Any, hermitian: bool
) -> Callable[[Any], tuple[Any, ...]]:
    a = operands[0]
    left_out = _left_out(a, out, cutoff)

    def pull(g: Any) -> tuple[Any, ...]:
        gt = swap(g)
        left = gt @ out @ adjoint(out)  # m × n
        right = adjoint(out) @ out @ gt
        if left_out is None:
            return (-(swap(out) @ g @ swap(out)) + conj(left - a @ (out @ left) + right - (right @ out) @ a),)
        rest, of_columns, of_rows, scale, doublings = left_out
        left = _series(left, of_rows, scale * (out @ adjoint(out)), doublings)
        right = _series(right, scale * (adjoint(out) @ out), of_columns, doublings)
        more = rest @ adjoint(right) @ adjoint(out) + adjoint(out) @ adjoint(left) @ rest
        return (-(swap(out) @ g @ swap(out)) + conj(left - a @ (out @ left) + right - (right @ out) @ a + more),)

    return pull


def _pinv_forward(out: Any, operands: Any, tangents: Any, cutoff: Any, hermitian: bool) -> Any:
    a, da = operands[0], tangents[0]
    dah, left_out = adjoint(da), _left_out(a, out, cutoff)
    if left_out is None:
        left = out @ (adjoint(out) @ dah)
        right = (dah @ adjoint(out)) @ out
        return -(out @ da @ out) + left - (left @ a) @ out + right - out @ (a @ right)
    rest, of_columns, of_rows, scale, doublings = left_out
    below, above = adjoint(out) @ out, out @ adjoint(out)
    x = below @ (da - (da @ out) @ a + adjoint(out) @ dah @ rest)
    y = (da - a @ (out @ da) + rest @ dah @ adjoint(out)) @ above
    x, y = _series(x, scale * below, of_columns, doublings), _series(y, of_rows, scale * above, doublings)
    return -(out @ da @ out) + adjoint(x + y)


explicit(
    pseudo_inverse,
    1,
    _pinv_reverse,
    _pinv_forward,
    source="Golub and Pereyra 1973, 4.12, and for what a cutoff leaves out the comment above",
)
_unset = object()


def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _unset) -> Any:
    if rtol is None:  # the array API's default, which is not NumPy's
        rtol = max(np.shape(a)[-2:]) * np.finfo(dtype_of(a)).eps
    return pseudo_inverse(a, rcond if rtol is _unset else rtol, hermitian)


composite(np.linalg.pinv, _pinv)

# ---------------------------------------------------------------------- determinants


def cofactors(a: Any, det: Any = None, factors: Factors | None = None) -> Any:
    """The matrix of cofactors of each matrix of a stack, signed determinants of minors: the derivative of `det`.

    It is a polynomial in the entries, and its own derivatives are right to every order and at every rank:

    1. up to 3 × 3 it is written out;
    2. where the inverse is accurate it is det a · a⁻ᵀ;
    3. elsewhere it comes from the singular values, or, where it is differentiated in turn, from a regular matrix with
       a change of low rank; see :func:`_cofactors_beside_singular`.

    The LU `factors` of the value of `a` save a factorisation.

    >>> cofactors(np.array([[1.0, 2.0], [2.0, 4.0]]))
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    shape, n = np.shape(a), np.shape(a)[-1]
    if n <= 1:
        return np.ones_like(a)
    if n == 2:
        return a[..., ::-1, ::-1] * np.array([[1.0, -1.0], [-1.0, 1.0]], real_dtype(a))
    if n == 3:
        i, j = np.array([1, 2, 0]), np.array([2, 0, 1])
        rows, others = i[:, None], j[:, None]
        return a[..., rows, i] * a[..., others, j] - a[..., rows, j] * a[..., others, i]
    value = plain_array(a)
    last = constant_to_all(a)  # the derivatives of this result are not asked for
    det = np.linalg.det(a) if det is None else det
    inverse, accurate = _inverse_where_accurate(value, plain_array(det), 1e3 if last else 30, factors)
    if last and not seen(accurate):
        inaccurate = np.where(entry_slices(accurate), np.eye(n, dtype=dtype_of(a)), value)
        return np.where(
            entry_slices(accurate), entry_slices(det) * swap(inverse), _cofactors_by_singular_values(inaccurate)
        )
    if accurate.all():
        return entry_slices(det) * swap(inverse if last else np.linalg.inv(a))
    if last:
        made = np.asarray(entry_slices(det) * swap(inverse))
        made[~accurate] = _cofactors_by_singular_values(value[~accurate])
        return made
    accurate = accurate.ravel()
    stack, order = np.reshape(a, (-1, n, n)), np.argsort(np.argsort(~accurate, kind="stable"), kind="stable")
    parts = [_cofactors_beside_singular(stack[k])[None] for k in np.flatnonzero(~accurate)]
    if accurate.any():
        parts.insert(0, cofactors(stack[accurate]))
    return np.reshape(np.concatenate(parts)[order], shape)


def real_dtype(a: Any) -> Any:
    return np.real(np.zeros(0, dtype_of(a))).dtype


def _inverse_where_accurate(value: Any, det: Any, limit: float, factors: Factors | None) -> tuple[Any, Any]:
    """The inverse of each matrix, and whether det a · a⁻ᵀ and its next derivatives have nearly all digits.

    The derivatives cancel where one singular value is far smaller than the others, the more so the higher the order.
    The measure, Σ |aᵢⱼ (a⁻¹)ⱼᵢ| / n, is 1 at best and does not depend on the scales of rows and columns. (Skogestad and
    Postlethwaite, Multivariable Feedback Control, 2005, 3.4: the relative gain array.)
    """
    with np.errstate(all="ignore"):
        n, size = value.shape[-1], np.abs(det)
        finite = regular = (size > np.finfo(value.dtype).tiny) & (size < np.inf)
        if not seen(regular) or not np.all(regular):  # what is not finite has an inverse of NaN
            finite = np.isfinite(value).all(axis=(-2, -1))
            value = np.where(entry_slices(finite), value, np.nan)
            value = np.where(entry_slices(regular | ~finite), value, np.eye(n, dtype=value.dtype))
            factors = None
        inverse = np.linalg.inv(value) if factors is None else factors.inverse()
        gains = np.abs(value * swap(inverse)).sum(axis=(-2, -1))
        return inverse, fixed((regular & (gains <= limit * n)) | ~finite)


def _equilibrated(value: Any) -> tuple[Any, Any, Any]:
    """Factors of rows and of columns after whose division the entries are near 1, and the weights of the cofactors."""
    rows = _powers_of_two(np.max(np.abs(value), axis=-1))
    columns = _powers_of_two(np.max(np.abs(value / rows[..., None]), axis=-2))
    return (
        rows[..., None],
        columns[..., None, :],
        _products_of_others(rows)[..., None] * _products_of_others(columns)[..., None, :],
    )


def _powers_of_two(sizes: Any) -> Any:
    """For each size the power of 2 next to it, so that dividing by it rounds nothing; 1 for 0."""
    return np.where(sizes == 0, 1.0, np.ldexp(1.0, np.frexp(sizes)[1])).astype(sizes.dtype)


def _products_of_others(factors: Any) -> Any:
    """For each factor along the last axis the product of the others."""
    ones = np.ones_like(factors[..., :1])
    before = np.cumprod(np.concatenate([ones, factors[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, factors[..., :0:-1]], axis=-1), axis=-1)
    return before * after[..., ::-1]


def _cofactors_by_singular_values(value: Any) -> Any:
    """The cofactors of a = u·s·vᴴ are det u · det vᴴ · ū·(products of the other singular values)·v̄ᴴ, at every rank."""
    rows, columns, weights = _equilibrated(value)
    u, s, vh = np.linalg.svd(value / rows / columns)
    turned = entry_slices(np.linalg.det(u) * np.linalg.det(vh))
    return turned * conj((u * _products_of_others(s)[..., None, :]) @ vh) * weights


def _cofactors_beside_singular(a: Any) -> Any:
    """The cofactors of one matrix that is singular, or nearly so, for its scale.

    Its small singular values, those below the first gap, are lifted: b = a + u·e·vᴴ is regular, and with the small
    matrix k = 1 − e·vᴴ·b⁻¹·u the matrix determinant lemma says det a = det b · det k. (D. Harville, Matrix Algebra From
    a Statistician's Perspective, 1997, 18.1.) The adjugate of a follows by the product rule. u, e and v are constants;
    nothing here divides by a small number.
    """
    n = np.shape(a)[-1]
    rows, columns, weights = _equilibrated(plain_array(a))
    a = a / rows / columns
    u, s, vh = np.linalg.svd(plain_array(a))
    above, below = s[:-1], s[1:]
    gaps = np.flatnonzero(below * 30 < above)
    if s[0] <= 1e-10:  # only possible where nothing is left but rounding
        return swap(_adjugate_and_det(a)[0]) * weights
    if not gaps.size:
        return entry_slices(np.linalg.det(a)) * swap(np.linalg.inv(a)) * weights
    kept = int(gaps[0]) + 1
    lift = s[kept - 1] - s[kept:]
    u, vh = u[:, kept:], lift[:, None] * vh[kept:]
    inverse = np.linalg.inv(a + u @ vh)
    left, right = inverse @ u, vh @ inverse
    k = np.eye(n - kept, dtype=real_dtype(a)) - vh @ left
    if s[kept] <= 1e-10 * s[kept - 1]:
        adjugate, det = _adjugate_and_det(k)
    else:
        adjugate, det = swap(cofactors(k)), np.linalg.det(k)
    return swap(np.linalg.det(a + u @ vh) * (det * inverse + left @ adjugate @ right)) * weights


def _adjugate_and_det(a: Any) -> tuple[Any, Any]:
    """The adjugate (the transposed cofactors) and the determinant by products and sums alone.

    This is the algorithm of Faddeev and LeVerrier (A. S. Householder, The Theory of Matrices in Numerical Analysis,
    1964, 6.7). It is accurate only where all of `a` is small.
    """
    n = np.shape(a)[-1]
    if n <= 3:
        made = cofactors(a)
        return swap(made), np.sum(a[0] * made[0])
    eye = np.eye(n, dtype=real_dtype(a))
    power, coefficient = eye, -np.trace(a)
    for k in range(2, n + 1):
        power = a @ power + coefficient * eye
        coefficient = -np.trace(a @ power) / k
    return (-1) ** (n - 1) * power, (-1) ** n * coefficient


WORTHWHILE = 50
"""Rows from which on a determinant and its derivative share factors: below, NumPy's two calls take less time."""


def _factored_det(a: Any) -> tuple[Any, Factors] | None:
    factors = factors_of(a) if np.shape(a)[-1:] >= (WORTHWHILE,) else None
    if factors is None:
        return None
    sign, logarithm = factors.sign_and_logarithm()
    return sign * np.exp(logarithm), factors


explicit(
    np.linalg.det,
    1,
    lambda out, operands, tracked, factors=None: lambda g: (entry_slices(g) * cofactors(operands[0], out, factors),),
    lambda out, operands, tangents, factors=None: np.sum(
        cofactors(operands[0], out, factors) * tangents[0], axis=(-2, -1)
    ),
    source="Jacobi's formula; Giles 2008, 2.2.4",
    factored=_factored_det,
)


def inverse_or_nan(a: Any, factors: Factors | None = None) -> Any:
    """The inverse; NaN where a matrix has none: what is made of it then has no derivative."""
    if factors is not None:
        return factors.inverse()
    if type(a) is np.ndarray:
        with contextlib.suppress(np.linalg.LinAlgError):  # nearly always regular: NumPy's factorisation says so
            return np.linalg.inv(a)
    singular = np.equal(np.linalg.slogdet(plain_array(a)).sign, 0)
    if not seen(singular) or np.any(singular):
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


def _turn(a: Any, da: Any, factors: Factors | None = None) -> Any:
    return np.sum(swap(inverse_or_nan(a, factors)) * da, axis=(-2, -1))


def _factored_log(a: Any) -> tuple[Any, Factors] | None:
    factors = factors_of(a) if np.shape(a)[-1:] >= (WORTHWHILE,) else None
    return None if factors is None else (factors.sign_and_logarithm()[1], factors)


explicit(
    log_abs_det,
    1,
    lambda out, operands, tracked, factors=None: (
        lambda g: (entry_slices(g) * swap(inverse_or_nan(operands[0], factors)),)
    ),
    lambda out, operands, tangents, factors=None: np.real(_turn(operands[0], tangents[0], factors)),
    source="Jacobi's formula",
    factored=_factored_log,
)
explicit(
    sign_of_det,
    1,
    lambda out, operands, tracked: (
        lambda g: (entry_slices(np.real(g * out * 1j) * -1j) * swap(inverse_or_nan(operands[0])),)
    ),
    lambda out, operands, tangents: out * np.imag(_turn(operands[0], tangents[0])) * 1j,
    source="Jacobi's formula: the sign turns with the imaginary part of tr(a⁻¹ da)",
)
_SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


def _slogdet(a: Any) -> Any:
    complex_ = dtype_of(a).kind == "c"
    return _SlogdetResult(sign_of_det(a if complex_ else plain_array(a)), log_abs_det(a))


composite(np.linalg.slogdet, _slogdet)

# ---------------------------------------------------------------------- linear systems


def _as_columns(b: Any, vector: bool) -> Any:
    return b[..., None] if vector else b


def _factored_solve(a: Any, b: Any) -> tuple[Any, Factors] | None:
    """The solution and the factors of `a`; None for stacks, and where the two differ in dtype."""
    if type(b) is not np.ndarray or b.dtype != dtype_of(a) or not 1 <= b.ndim <= 2 or len(b) != np.shape(a)[-1]:
        return None
    factors = factors_of(a) if b.size else None
    return None if factors is None else (factors.solve(b), factors)


def _moved(a: Any, right: Any, factors: Factors | None, transposed: bool) -> Any:
    """The solution of a·x = right, or of aᵀ·x = right, by the factors of `a` where they are known."""
    if factors is not None and type(right) is np.ndarray and right.ndim == 2 and right.dtype == factors.lu.dtype:
        return factors.solve(right, transposed)
    return np.linalg.solve(swap(a) if transposed else a, right)


def _solve_reverse(
    out: Any, operands: Any, tracked: Any, factors: Factors | None = None
) -> Callable[[Any], tuple[Any, ...]]:
    a, b = operands
    vector = np.ndim(b) == 1

    def pull(g: Any) -> tuple[Any, ...]:
        gb = _moved(a, _as_columns(g, vector), factors, transposed=True)
        parts = []
        if 0 in tracked:
            parts.append(-(gb @ swap(_as_columns(out, vector))))
        if 1 in tracked:
            parts.append(gb[..., 0] if vector else gb)
        return tuple(parts)

    return pull


def _solve_forward(out: Any, operands: Any, tangents: Any, factors: Factors | None = None) -> Any:
    (a, b), (da, db) = operands, tangents
    vector = np.ndim(b) == 1
    right: Any = 0.0 if db is None else _as_columns(db, vector)
    if da is not None:
        right = right - da @ _as_columns(out, vector)
    moved = _moved(a, right, factors, transposed=False)
    return moved[..., 0] if vector else moved


explicit(
    np.linalg.solve, 2, _solve_reverse, _solve_forward, source="Giles 2008, 2.3.1", factored=_factored_solve
)


def _lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, ...]:
    _, plain_residuals, rank, _ = np.linalg.lstsq(plain_array(a), plain_array(b), rcond)
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
    return np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.ravel(b)), shape)


def _tensorinv(a: Any, ind: int = 2) -> Any:
    shape = np.shape(a)
    n = int(np.prod(shape[ind:], dtype=np.int64))
    return np.reshape(np.linalg.inv(np.reshape(a, (n, -1))), shape[ind:] + shape[:ind])


composite(np.linalg.tensorsolve, _tensorsolve, asks=True)
composite(np.linalg.tensorinv, _tensorinv, asks=True)

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
    if len(chain) == 2:
        return np.dot(*chain)
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


composite(np.linalg.matrix_power, _matrix_power, asks=True)
composite(np.linalg.multi_dot, _multi_dot, asks=True)
composite(np.linalg.matmul, lambda x1, x2: np.matmul(x1, x2))
composite(np.linalg.tensordot, lambda x1, x2, *, axes=2: np.tensordot(x1, x2, axes=axes))
composite(np.linalg.vecdot, vecdot)
composite(np.linalg.outer, lambda x1, x2: np.outer(x1, x2), asks=True)
composite(np.linalg.matrix_transpose, swap, asks=True)
composite(np.linalg.diagonal, lambda x, *, offset=0: np.diagonal(x, offset, -2, -1), asks=True)
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


def _matvec(x1: Any, x2: Any, *, dtype: Any = None) -> Any:
    x1, x2 = both_in(dtype, x1, x2)
    return (x1 @ x2[..., None])[..., 0]


def _vecmat(x1: Any, x2: Any, *, dtype: Any = None) -> Any:
    x1, x2 = both_in(dtype, x1, x2)
    return (conj(x1)[..., None, :] @ x2)[..., 0, :]


composite(np.cross, _cross, asks=True)
composite(np.linalg.cross, lambda x1, x2, *, axis=-1: _cross(x1, x2, axis=axis), asks=True)
if hasattr(np, "matvec"):  # NumPy 2.2
    composite(np.matvec, _matvec, asks=True)
    composite(np.vecmat, _vecmat, asks=True)
