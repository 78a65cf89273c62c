"""Cholesky, QR, eigenvalue and singular value decompositions.

Each factorises once; its derivative uses the factors alone. Sources: Giles (2008), "Collected matrix derivative
results"; Seeger et al. (2017), "Auto-differentiating linear algebra"; Murray (2016) for Cholesky. Where a matrix is
symmetric by contract (cholesky, eigh) NumPy reads one triangle; the derivative is that of the function of the symmetric
matrix, and the gradient is symmetric (as in JAX and PyTorch).

In this file a cotangent is turned into the gradient of the standard inner product Re tr(Gᴴ·dA), which is its conjugate,
and the result is turned back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.rules.function import dispatched
from chainrule.rules.linalg import adjoint, conj, inverse_or_nan, real_dtype, swap
from chainrule.rules.memory import laid_out
from chainrule.rules.packing import pack, unpack
from chainrule.rules.rule import composite, dtype_of, explicit
from chainrule.rules.tips import tip
from chainrule.rules.untracked import constant_to_all, plain_array, seen

Pullback = Callable[[Any], tuple[Any, ...]]


def _diagonal_part(a: Any) -> Any:
    """The imaginary diagonal i·Im diag(a) as a matrix; 0 for real matrices."""
    return 1j * np.imag(a) * np.eye(np.shape(a)[-1]) if dtype_of(a).kind == "c" else 0.0


def _hermitian(a: Any) -> Any:
    return (a + adjoint(a)) / 2


def _share(numerator: Any, denominator: Any, unused: Any = False) -> Any:
    """The quotient; 0 where both vectors are unused. Any other 0/0 is NaN: what equal values leave open."""
    if seen(unused) and not np.any(unused):
        return numerator / denominator
    return np.where(unused, 0.0, numerator / np.where(unused, 1.0, denominator))


def _unused(*vectors: Any) -> Any:
    """Which columns of the cotangents are certainly 0, as a mask of pairs of columns of which neither is used."""
    if not all(map(constant_to_all, vectors)):  # a tracked 0 may still change
        return False
    still = functools.reduce(np.logical_and, [np.all(g == 0, axis=-2) for g in vectors])
    return still[..., None, :] & still[..., :, None]


def _differences(w: Any, groups: Any) -> Any:
    """w_j − w_i, 0 within a group, and infinity on the diagonal, so that its reciprocal there is 0."""
    n = np.shape(w)[-1]
    apart = w[..., None, :] - w[..., :, None]
    if groups is not None:
        apart = np.where(groups, 0.0, apart)
    return np.where(np.eye(n, dtype=bool), np.inf, apart)


# ---------------------------------------------------------------------- ties


def _rounding(left: Any, sizes: Any, right: Any) -> Any:
    """The size of the entries that reach each value by rounding: the largest of |u_i|ᵀ·|a|·|v_j| over all j.

    It is the norm of `a` where the vectors mix all rows and columns. A diagonal matrix keeps small values apart from
    large ones, and so does this.
    """
    mixing = swap(np.abs(plain_array(left))) @ sizes @ np.abs(plain_array(right))
    return np.finfo(mixing.dtype).eps * np.maximum(np.max(mixing, axis=-1), np.max(mixing, axis=-2))


def _groups(w: Any, rounding: Callable[[], Any]) -> Any:
    """Which values are equal up to rounding, as a mask of pairs; None if all differ. `w` is sorted."""
    w = plain_array(w)
    n = w.shape[-1]
    if n < 2:
        return None
    steps = np.abs(np.diff(w, axis=-1))
    if seen(steps) and np.all(steps > 4 * n * np.finfo(w.dtype).eps * np.max(np.abs(w), axis=-1, keepdims=True)):
        return None
    limits = 4 * n * rounding()
    near = steps <= np.minimum(limits[..., :-1], limits[..., 1:])
    if seen(near) and not near.any():
        return None
    number = np.cumsum(np.concatenate([np.zeros_like(near[..., :1]), ~near], axis=-1), axis=-1)
    return number[..., None, :] == number[..., :, None]


def _mean_of_groups(slopes: Any, groups: Any) -> Any:
    """The slopes of eigenvalues, those of equal ones replaced by their mean.

    Of two equal eigenvalues it is the mean of the one-sided slopes in every direction. Of more it is a convention: the
    one-sided slopes in a direction are the eigenvalues of a small matrix, and only their mean is linear in it.
    """
    if groups is None:
        return slopes
    weights = groups / np.sum(groups, axis=-1, keepdims=True)
    shared = np.sum(groups, axis=-1) > 1
    mean = np.sum(slopes[..., None, :] * weights.astype(real_dtype(slopes)), axis=-1)
    return np.where(shared, mean, slopes)


# ---------------------------------------------------------------------- Cholesky


def _lower_half(a: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    n = np.shape(a)[-1]
    weight = np.tri(n, k=-1, dtype=np.real(np.zeros(0, dtype_of(a))).dtype)
    np.fill_diagonal(weight, 0.5)
    return a * weight


def _cholesky_reverse(out: Any, operands: Any, tracked: Any, upper: bool = False) -> Pullback:
    factor = adjoint(out) if upper else out

    def pull(g: Any) -> tuple[Any, ...]:
        gradient = swap(g) if upper else conj(g)  # the conjugate of the transposed cotangent's conjugate
        inverse = np.linalg.inv(factor)
        inner = adjoint(inverse) @ _lower_half(adjoint(factor) @ gradient) @ inverse
        return (conj(_hermitian(inner)),)

    return pull


def _cholesky_forward(out: Any, operands: Any, tangents: Any, upper: bool = False) -> Any:
    factor = adjoint(out) if upper else out
    inverse = np.linalg.inv(factor)
    moved = factor @ _lower_half(inverse @ _hermitian(tangents[0]) @ adjoint(inverse))
    return adjoint(moved) if upper else moved


explicit(np.linalg.cholesky, 1, _cholesky_reverse, _cholesky_forward, source="Murray 2016, equations 8 and 10")

# ---------------------------------------------------------------------- QR


@dispatched
def qr_factors(a: Any) -> Any:
    """Q and R of matrices with at least as many rows as columns, packed; see :mod:`chainrule.rules.packing`.

    >>> qr_factors(np.array([[2.0]]))
    array([1., 2.])
    """
    return pack(tuple(np.linalg.qr(a)), (2, 2))


def _qr_parts(packed: Any, shape: tuple[int, ...]) -> Any:
    m, n = shape[-2:]
    return unpack(packed, ((m, n), (n, n)))


def _strictly_lower(a: Any) -> Any:
    return np.tril(a, -1)


def _qr_reverse(out: Any, operands: Any, tracked: Any) -> Pullback:
    shape = np.shape(operands[0])
    q, r = _qr_parts(out, shape)

    def pull(g: Any) -> tuple[Any, ...]:
        gq, gr = (conj(part) for part in _qr_parts(g, shape))
        m = adjoint(q) @ gq - gr @ adjoint(r)
        inner = _strictly_lower(m) - _strictly_lower(adjoint(m)) + _diagonal_part(m) - m
        right = inverse_or_nan(r)
        return (conj((q @ inner + gq) @ adjoint(right)),)

    return pull


def _qr_forward(out: Any, operands: Any, tangents: Any) -> Any:
    q, r = _qr_parts(out, np.shape(operands[0]))
    moved = tangents[0] @ inverse_or_nan(r)
    inside = adjoint(q) @ moved
    lower = _strictly_lower(inside)
    turn = lower - adjoint(lower) + _diagonal_part(inside)
    return pack((q @ (turn - inside) + moved, (inside - turn) @ r), (2, 2))


explicit(qr_factors, 1, _qr_reverse, _qr_forward, source="Seeger et al. 2017, section 4.3")
_QRResult = type(np.linalg.qr(np.eye(1)))


def _qr(a: Any, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete", "r"):
        raise NoRuleError(
            f"np.linalg.qr with mode={mode!r} has no rule: Householder reflections are LAPACK's own. "
            "Use mode='reduced', 'complete' or 'r'."
        )
    m, n = np.shape(a)[-2:]
    if m >= n:
        q, r = _qr_parts(qr_factors(a), np.shape(a))
        if mode == "complete" and m > n:
            q = np.concatenate([q, _completed(q, np.linalg.qr(plain_array(a), mode="complete")[0][..., n:])], axis=-1)
            r = np.concatenate([r, np.zeros((*np.shape(a)[:-2], m - n, n), dtype_of(a))], axis=-2)
    else:
        q, r = _qr_parts(qr_factors(a[..., :m]), (*np.shape(a)[:-2], m, m))
        r = np.concatenate([r, adjoint(q) @ a[..., m:]], axis=-1)
    plain = plain_array(a)
    if not plain.flags.c_contiguous:  # NumPy leaves R in a copy of `a`, and so in its order
        r = laid_out(r, np.triu(plain[..., : np.shape(r)[-2], :]).strides)
    return r if mode == "r" else _QRResult(q, r)


composite(np.linalg.qr, _qr)


def _completed(basis: Any, rest: Any) -> Any:
    """The columns `rest`, which complete an orthonormal basis, as functions of it: they turn no more than they have to.

    Of `rest` itself only the space that it spans is determined. Projecting it away from the basis and making it
    orthonormal again changes nothing now, and keeps it a basis of the complement as the basis moves.
    """
    apart = rest - basis @ (adjoint(basis) @ rest)
    factor = np.linalg.cholesky(adjoint(apart) @ apart)
    return apart @ adjoint(np.linalg.inv(factor))


# ---------------------------------------------------------------------- symmetric eigenvalue problems


@dispatched
def eigh_factors(a: Any, uplo: str) -> Any:
    """Eigenvalues and eigenvectors of Hermitian matrices, packed.

    >>> np.round(eigh_factors(np.diag([2.0, 3.0]), "L"), 6)
    array([2., 3., 1., 0., 0., 1.])
    """
    w, v = np.linalg.eigh(a, uplo)  # type: ignore[call-overload]
    return pack((w.astype(v.dtype), v), (1, 2))


def _eigh_parts(packed: Any, n: int) -> Any:
    w, v = unpack(packed, ((n,), (n, n)))
    return np.real(w) if dtype_of(w).kind == "c" else w, v


def _diagonal_matrix(w: Any) -> Any:
    n = np.shape(w)[-1]
    return w[..., None] * np.eye(n, dtype=np.real(np.zeros(0, dtype_of(w))).dtype)


def _triangle_sizes(a: Any, uplo: str) -> Any:
    """|a| of the Hermitian matrices of which `a` holds one triangle."""
    size = np.abs(plain_array(a))
    lower = np.tril(size) if uplo.upper() == "L" else swap(np.triu(size))
    return lower + swap(np.tril(lower, -1))


def _eigh_reverse(out: Any, operands: Any, tracked: Any, uplo: str) -> Pullback:
    n = np.shape(operands[0])[-1]
    w, v = _eigh_parts(out, n)
    groups = _groups(w, lambda: _rounding(v, _triangle_sizes(operands[0], uplo), v))

    def pull(g: Any) -> tuple[Any, ...]:
        gw, gv = unpack(g, ((n,), (n, n)))
        if dtype_of(gw).kind == "c":
            gw = np.real(gw)
        gw = _mean_of_groups(gw, groups)
        if _certainly_zero(gv):  # only the eigenvalues were used
            return (conj((v * gw[..., None, :]) @ adjoint(v)),)
        inner = adjoint(v) @ conj(gv)
        turned = _share((inner - adjoint(inner)) / 2, _differences(w, groups), _unused(gv))
        return (conj(_hermitian(v @ (turned + _diagonal_matrix(gw)) @ adjoint(v))),)

    return pull


def _eigh_forward(out: Any, operands: Any, tangents: Any, uplo: str) -> Any:
    w, v = _eigh_parts(out, np.shape(operands[0])[-1])
    groups = _groups(w, lambda: _rounding(v, _triangle_sizes(operands[0], uplo), v))
    inside = adjoint(v) @ _hermitian(tangents[0]) @ v
    dw = np.diagonal(inside, 0, -2, -1)
    dw = _mean_of_groups(dw if dtype_of(dw).kind != "c" else np.real(dw), groups)
    moved = v @ _share(inside, _differences(w, groups))
    return pack((dw.astype(dtype_of(v)), moved), (1, 2))


explicit(eigh_factors, 1, _eigh_reverse, _eigh_forward, source="Giles 2008, 2.3 (3.1); Seeger et al. 2017, section 4.2")
_EighResult = type(np.linalg.eigh(np.eye(1)))


def _eigh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803
    return _EighResult(*_eigh_parts(eigh_factors(a, UPLO), np.shape(a)[-1]))


composite(np.linalg.eigh, _eigh)


def _eigvalsh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803
    return _eigh(a, UPLO).eigenvalues


composite(np.linalg.eigvalsh, _eigvalsh)

# ---------------------------------------------------------------------- general eigenvalue problems


@dispatched
def eig_factors(a: Any) -> Any:
    """Eigenvalues and eigenvectors of square matrices, packed; complex unless all eigenvalues are real.

    >>> eig_factors(np.diag([2.0, 3.0]))
    array([2., 3., 1., 0., 0., 1.])
    """
    return pack(tuple(np.linalg.eig(a)), (1, 2))


def _largest(v: Any) -> Any:
    """For each eigenvector a one at its largest entry, which LAPACK makes real."""
    size = np.abs(plain_array(v))
    return np.equal(np.argmax(size, axis=-2)[..., None, :], np.arange(np.shape(v)[-1])[:, None])


def _equal(w: Any) -> Any:
    """Which eigenvalues are equal, as a mask of pairs; None if all differ."""
    w = plain_array(w)
    same = np.equal(w[..., None, :], w[..., :, None])
    return same if np.sum(same) > w.size else None


def _eig_reverse(out: Any, operands: Any, tracked: Any) -> Pullback:
    n = np.shape(operands[0])[-1]
    w, v = unpack(out, ((n,), (n, n)))
    groups = _equal(w)

    def pull(g: Any) -> tuple[Any, ...]:
        gw, gv = (conj(part) for part in unpack(g, ((n,), (n, n))))
        # The length of each vector is fixed, and the phase by its largest entry: no gradient along them.
        along = np.sum(conj(v) * gv, axis=-2, keepdims=True)
        free = gv - v * (np.real(along) if dtype_of(v).kind == "c" else along)
        if dtype_of(v).kind == "c":
            largest = _largest(v)
            free = free - 1j * np.where(largest, np.imag(along) / np.where(largest, np.real(v), 1.0), 0.0)
        gw = _mean_of_groups(gw, groups)
        inner = _diagonal_matrix(gw)
        if not _certainly_zero(gv):
            inner = inner + _share(adjoint(v) @ free, conj(_differences(w, groups)), _unused(gv))
        return (conj(adjoint(inverse_or_nan(v)) @ inner @ adjoint(v)),)

    return pull


def _eig_forward(out: Any, operands: Any, tangents: Any) -> Any:
    n = np.shape(operands[0])[-1]
    w, v = unpack(out, ((n,), (n, n)))
    groups = _equal(w)
    inside = inverse_or_nan(v) @ tangents[0] @ v
    moved = v @ _share(inside, _differences(w, groups))
    along = np.sum(conj(v) * moved, axis=-2, keepdims=True)
    if dtype_of(v).kind == "c":
        largest = _largest(v)
        phase = np.sum(
            np.where(largest, np.imag(moved) / np.where(largest, np.real(v), 1.0), 0.0), axis=-2, keepdims=True
        )
        along = np.real(along) + 1j * phase
    return pack((_mean_of_groups(np.diagonal(inside, 0, -2, -1), groups), moved - v * along), (1, 2))


explicit(
    eig_factors,
    1,
    _eig_reverse,
    _eig_forward,
    source="Giles 2008, 2.3 (3.1), with NumPy's length and phase of the vectors",
)
_EigResult = type(np.linalg.eig(np.eye(1)))


def _eig(a: Any) -> Any:
    n = np.shape(a)[-1]
    return _EigResult(*unpack(eig_factors(a), ((n,), (n, n))))


composite(np.linalg.eig, _eig)
composite(np.linalg.eigvals, lambda a: _eig(a).eigenvalues)

# ---------------------------------------------------------------------- singular values


@dispatched
def svd_factors(a: Any) -> Any:
    """The reduced singular value decomposition (U, singular values, Vᴴ) of matrices, packed.

    >>> svd_factors(np.array([[2.0]]))
    array([1., 2., 1.])
    """
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return pack((u, s.astype(u.dtype), vh), (2, 1, 2))


def _svd_parts(packed: Any, shape: tuple[int, ...]) -> Any:
    m, n = shape[-2:]
    k = min(m, n)
    u, s, vh = unpack(packed, ((m, k), (k,), (k, n)))
    return u, np.real(s) if dtype_of(s).kind == "c" else s, vh


def _singular_values(packed: Any, shape: tuple[int, ...]) -> Any:
    """The singular values alone; the vectors are not cut out."""
    m, n = shape[-2:]
    k = min(m, n)
    s = packed[..., m * k : (m + 1) * k]
    return np.real(s) if dtype_of(s).kind == "c" else s


def _sums(s: Any) -> Any:
    """s_i + s_j, and infinity on the diagonal."""
    return np.where(np.eye(np.shape(s)[-1], dtype=bool), np.inf, s[..., None, :] + s[..., :, None])


def _ties(a: Any, u: Any, s: Any, vh: Any) -> tuple[Any, Any]:
    """The groups of equal singular values, and which are 0, up to rounding (None: none of them)."""

    def rounding() -> Any:
        return _rounding(u, np.abs(plain_array(a)), adjoint(vh))

    groups, value = _groups(s, rounding), plain_array(s)
    limit = 4 * max(np.shape(a)[-2:])
    if seen(value) and np.all(value > limit * np.finfo(value.dtype).eps * value[..., :1]):
        return groups, None
    zero = value <= limit * rounding()
    return groups, zero if not seen(zero) or zero.any() else None


def _slopes_of_singular_values(slopes: Any, s: Any, groups: Any, zero: Any) -> Any:
    """Those of equal ones are their mean; those of zeros, where opposite slopes are opposite, are 0."""
    slopes = _mean_of_groups(slopes, groups)
    return slopes if zero is None else np.where(zero, slopes * tip(s), slopes)  # a NaN stays one


def _svd_reverse(out: Any, operands: Any, tracked: Any) -> Pullback:
    shape = np.shape(operands[0])
    u, s, vh = _svd_parts(out, shape)
    groups, zero = _ties(operands[0], u, s, vh)

    def pull(g: Any) -> tuple[Any, ...]:
        gu, gs, gvh = _svd_parts(g, shape)
        gs = _slopes_of_singular_values(gs, s, groups, zero)
        if _certainly_zero(gu) and _certainly_zero(gvh):  # only the singular values were used
            return (conj((u * gs[..., None, :]) @ vh),)
        v, row = adjoint(vh), s[..., None, :]
        unused, unused_left, unused_right = _unused(gu, swap(gvh)), _unused_columns(gu), _unused_columns(swap(gvh))
        gu, gv = conj(gu), swap(gvh)
        p, q = adjoint(u) @ gu, vh @ gv
        p_turn, q_turn = p - adjoint(p), q - adjoint(q)
        # (p_turn·s_j + q_turn·s_i) / (s_j² − s_i²), in two parts of which the second has no pole at a tie
        inner = _diagonal_matrix(gs) + _share(p_turn + q_turn, 2 * _differences(s, groups), unused)
        inner = inner + _share(p_turn - q_turn, 2 * _sums(s), unused)
        if dtype_of(u).kind == "c":
            inner = inner + _share(_diagonal_part(p), row, unused_left)
        total = u @ inner @ vh
        if shape[-2] > shape[-1]:
            total = total + _share(gu - u @ p, row, unused_left) @ vh
        if shape[-1] > shape[-2]:
            total = total + u @ adjoint(_share(gv - v @ q, row, unused_right))
        return (conj(total),)

    return pull


def _unused_columns(g: Any) -> Any:
    """Which columns of a cotangent are certainly 0, as a mask of one row."""
    return np.all(g == 0, axis=-2, keepdims=True) if constant_to_all(g) else False


def _certainly_zero(g: Any) -> bool:
    """Whether `g` is plain and 0. A tracked 0 may still change."""
    return type(g) is np.ndarray and not g.any()


def _svd_forward(out: Any, operands: Any, tangents: Any) -> Any:
    u, s, vh = _svd_parts(out, np.shape(operands[0]))
    v, da = adjoint(vh), tangents[0]
    m, n = np.shape(da)[-2:]
    row = s[..., None, :]
    groups, zero = _ties(operands[0], u, s, vh)
    inside = adjoint(u) @ da @ v
    ds = np.real(np.diagonal(inside, 0, -2, -1)) if dtype_of(u).kind == "c" else np.diagonal(inside, 0, -2, -1)
    ds = _slopes_of_singular_values(ds, s, groups, zero).astype(dtype_of(u))
    # (inside·s_j + s_i·insideᴴ) / (s_j² − s_i²) for u, with s_i and s_j exchanged for v, as in the reverse rule
    together = _share(inside + adjoint(inside), 2 * _differences(s, groups))
    apart = _share(inside - adjoint(inside), 2 * _sums(s))
    turn_u, turn_v = together + apart, together - apart
    if dtype_of(u).kind == "c":
        turn_u = turn_u + _share(_diagonal_part(inside), row)
    du, dv = u @ turn_u, v @ turn_v
    if m > n:
        du = du + _share(da @ v - u @ inside, row)
    if n > m:
        dv = dv + _share(adjoint(da) @ u - v @ adjoint(inside), row)
    return pack((du, ds, adjoint(dv)), (2, 1, 2))


explicit(svd_factors, 1, _svd_reverse, _svd_forward, source="Giles 2008, 2.3 (3.2); Seeger et al. 2017, section 4.4")
_SVDResult = type(np.linalg.svd(np.eye(1)))


def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if hermitian:
        return _svd_of_hermitian(a, compute_uv)
    packed = svd_factors(a)
    if not compute_uv:
        return _singular_values(packed, np.shape(a))
    u, s, vh = _svd_parts(packed, np.shape(a))
    m, n = np.shape(a)[-2:]
    if full_matrices and m != n:
        whole_u, _, whole_vh = np.linalg.svd(plain_array(a))
        if m > n:
            u = np.concatenate([u, _completed(u, whole_u[..., n:])], axis=-1)
        else:
            vh = np.concatenate([vh, adjoint(_completed(adjoint(vh), adjoint(whole_vh[..., m:, :])))], axis=-2)
    return _SVDResult(u, s, vh)


def _svd_of_hermitian(a: Any, compute_uv: bool) -> Any:
    """By eigenvalues, as NumPy does: other ways give vectors of other signs."""
    w, v = np.linalg.eigh(a)
    s = np.sort(np.abs(w), axis=-1)[..., ::-1]
    if not compute_uv:
        return s
    order = np.argsort(np.abs(plain_array(w)), axis=-1)[..., ::-1]
    u = np.take_along_axis(v, order[..., None, :], axis=-1)
    signs = np.take_along_axis(np.sign(plain_array(w)), order, axis=-1)
    return _SVDResult(u, s, adjoint(u * signs[..., None, :]))


def _is_of_hermitian(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> bool:
    return hermitian


composite(np.linalg.svd, _svd, asks=_is_of_hermitian)
composite(np.linalg.svdvals, lambda x: _svd(x, compute_uv=False))
