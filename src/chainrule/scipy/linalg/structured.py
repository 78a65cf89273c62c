"""Matrices made of vectors and blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg as plain_linalg

from chainrule.rules.linalg import conj
from chainrule.rules.rule import dtype_of
from chainrule.scipy.following import composed
from chainrule.scipy.linalg.functions import MODULE


def _block_diag(*arrays: Any) -> Any:
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


def _along_diagonals(values: Any, rows: int, columns: int, sign: int) -> Any:
    """The matrix whose entry (i, j) is `values` at i − j (sign −1) or i + j (sign 1), counted from the first corner."""
    places = np.arange(rows)[:, None] + sign * np.arange(columns)
    return values[places - np.min(places, initial=0)]


def _toeplitz(c: Any, r: Any = None) -> Any:
    c = np.ravel(c)
    r = conj(c) if r is None else np.ravel(r)
    values = np.concatenate([np.flip(r[1:]), c])
    return _along_diagonals(values, np.size(c), np.size(r), -1)


def _hankel(c: Any, r: Any = None) -> Any:
    c = np.ravel(c)
    rest = np.zeros(np.size(c) - 1) if r is None else np.ravel(r)[1:]
    return _along_diagonals(np.concatenate([c, rest]), np.size(c), np.size(rest) + 1, 1)


def _circulant(c: Any) -> Any:
    c = np.ravel(c)
    n = np.size(c)
    return c[(np.arange(n)[:, None] - np.arange(n)) % n]


def _companion(a: Any) -> Any:
    n = np.size(a) - 1
    below = np.eye(n, k=-1)[1:]
    return np.concatenate([np.reshape(-a[1:] / a[0], (1, n)), below], axis=0)


def _leslie(f: Any, s: Any) -> Any:
    n = np.size(f)
    below = np.concatenate([np.diag(s), np.zeros((n - 1, 1))], axis=1)
    return np.concatenate([np.reshape(f, (1, n)), below], axis=0)


def _convolution_matrix(a: Any, n: int, mode: str = "full") -> Any:
    m = np.size(a)
    padded = np.concatenate([np.zeros(n - 1), a, np.zeros(n - 1)])
    whole = padded[np.arange(m + n - 1)[:, None] - np.arange(n) + n - 1]
    if mode == "full":
        return whole
    short, long = sorted((m, n))
    if mode == "valid":
        return whole[short - 1 : long]
    cut = short - 1
    return whole[cut // 2 : cut // 2 + long]


def _khatri_rao(a: Any, b: Any) -> Any:
    product = a[:, None, :] * b[None, :, :]
    return np.reshape(product, (-1, np.shape(a)[1]))


def _diagsvd(s: Any, M: int, N: int) -> Any:  # noqa: N803, as SciPy names it
    part = np.diag(s)
    if N > M:
        return np.concatenate([part, np.zeros((M, N - M))], axis=1)
    return np.concatenate([part, np.zeros((M - N, N))], axis=0)


block_diag = composed(plain_linalg.block_diag, MODULE, _block_diag, "arrs")
toeplitz = composed(plain_linalg.toeplitz, MODULE, _toeplitz, "c r")
hankel = composed(plain_linalg.hankel, MODULE, _hankel, "c r")
circulant = composed(plain_linalg.circulant, MODULE, _circulant, "c")
companion = composed(plain_linalg.companion, MODULE, _companion, "a")
leslie = composed(plain_linalg.leslie, MODULE, _leslie, "f s")
fiedler = composed(plain_linalg.fiedler, MODULE, lambda a: np.abs(np.expand_dims(a, -1) - np.expand_dims(a, -2)), "a")
convolution_matrix = composed(plain_linalg.convolution_matrix, MODULE, _convolution_matrix, "a")
khatri_rao = composed(plain_linalg.khatri_rao, MODULE, _khatri_rao, "a b")
diagsvd = composed(plain_linalg.diagsvd, MODULE, _diagsvd, "s")
