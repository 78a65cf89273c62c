"""Polynomials as vectors of coefficients, highest power first: NumPy's poly- functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.rules.axes import refuse_unless
from chainrule.rules.linalg import swap
from chainrule.rules.rule import as_full, composite, dtype_of, in_dtype
from chainrule.rules.untracked import plain_array


def _polyval(p: Any, x: Any) -> Any:
    """Horner's rule."""
    p, x = as_full(p), as_full(x)
    result: Any = np.zeros_like(plain_array(x))
    for k in range(np.shape(p)[0]):
        result = result * x + p[k]
    return result


def _vector(p: Any) -> Any:
    """Coefficients as a vector without leading zeros."""
    p = np.atleast_1d(as_full(p))
    refuse_unless(np.ndim(p) == 1)
    nonzero = np.flatnonzero(p)
    return p[int(nonzero[0]) :] if len(nonzero) else np.zeros(1, dtype_of(p))


def _polyadd(a1: Any, a2: Any) -> Any:
    return np.add(*_same_length(a1, a2))


def _polysub(a1: Any, a2: Any) -> Any:
    return np.subtract(*_same_length(a1, a2))


def _same_length(a1: Any, a2: Any) -> tuple[Any, Any]:
    """Both polynomials as vectors of one length, the shorter with zeros in front."""
    a1, a2 = np.atleast_1d(as_full(a1)), np.atleast_1d(as_full(a2))
    missing = len(a2) - len(a1)
    if missing > 0:
        a1 = np.concatenate([np.zeros(missing, dtype_of(a1)), a1])
    elif missing < 0:
        a2 = np.concatenate([np.zeros(-missing, dtype_of(a2)), a2])
    return a1, a2


def _polyder(p: Any, m: int = 1) -> Any:
    for _ in range(int(m)):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    m = int(m)
    constants = np.zeros(m) if k is None else np.atleast_1d(as_full(k))
    if len(constants) == 1 and m > 1:
        constants = constants[0] * np.ones(m)
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), constants[i : i + 1]])
    return p


def _polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """Long division; the remainder loses its leading zeros, as in NumPy."""
    u, v = np.atleast_1d(as_full(u)) + 0.0, np.atleast_1d(as_full(v)) + 0.0
    dtype = np.result_type(dtype_of(u), dtype_of(v))
    length, scale, quotient = len(v), 1.0 / v[0], []
    u = in_dtype(u, dtype)
    for k in range(len(u) - length + 1):
        factor = in_dtype(scale * u[k], dtype)
        quotient.append(factor)
        u = np.concatenate([u[:k], u[k : k + length] - factor * v, u[k + length :]])
    while np.shape(u)[-1] > 1 and np.allclose(u[0], 0, rtol=1e-14):
        u = u[1:]
    return np.stack(quotient) if quotient else np.zeros(1, dtype), u


def _poly(seq_of_zeros: Any) -> Any:
    roots = np.atleast_1d(seq_of_zeros)
    roots = np.linalg.eigvals(roots) if np.ndim(roots) == 2 else in_dtype(roots, np.mintypecode(dtype_of(roots).char))
    coefficients: Any = np.ones(1, dtype_of(roots))
    for k in range(np.size(roots)):
        coefficients = np.convolve(coefficients, np.stack([np.ones_like(roots[k]), -roots[k]]))
    if dtype_of(coefficients).kind == "c":
        plain = np.sort(plain_array(roots))
        if np.all(plain == np.sort(plain.conj())):  # conjugate pairs make real coefficients
            coefficients = np.real(coefficients)
    return coefficients


def _roots(p: Any) -> Any:
    """The eigenvalues of the companion matrix."""
    p = np.ravel(as_full(p))
    nonzero = np.flatnonzero(p)
    if not len(nonzero):
        return np.zeros(0)
    zeros = np.size(p) - int(nonzero[-1]) - 1
    p = p[int(nonzero[0]) : int(nonzero[-1]) + 1]
    n = np.size(p)
    if n < 2:
        return np.zeros(zeros)
    companion = np.concatenate([np.reshape(-p[1:] / p[0], (1, n - 1)), np.eye(n - 2, n - 1, dtype=dtype_of(p))])
    return (
        np.concatenate([np.linalg.eigvals(companion), np.zeros(zeros, dtype_of(p))])
        if zeros
        else np.linalg.eigvals(companion)
    )


def _polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    x, y = as_full(x) + 0.0, as_full(y) + 0.0
    order = int(deg) + 1
    rcond = np.size(x) * np.finfo(dtype_of(x)).eps if rcond is None else rcond
    lhs, rhs = np.vander(x, order), y
    if w is not None:
        w = as_full(w) + 0.0
        lhs = lhs * w[:, None]
        rhs = rhs * (w[:, None] if np.ndim(rhs) == 2 else w)
    scale = np.sqrt(np.sum(lhs * lhs, axis=0))
    scaled = lhs / scale
    c, residuals, rank, s = np.linalg.lstsq(scaled, rhs, rcond)
    c = swap(swap(c) / scale) if np.ndim(c) == 2 else c / scale
    if full:
        return c, residuals, rank, s, rcond
    if not cov:
        return c
    base = np.linalg.inv(scaled.T @ scaled) / np.outer(scale, scale)
    if cov == "unscaled":
        return c, base
    factor = residuals / (np.size(x) - order)
    return (c, base * factor[0]) if np.ndim(y) == 1 else (c, base[:, :, None] * factor)


composite(np.polyval, _polyval, asks=True)
composite(np.polyadd, _polyadd, asks=True)
composite(np.polysub, _polysub, asks=True)
composite(np.polymul, lambda a1, a2: np.convolve(_vector(a1), _vector(a2)), asks=True)
composite(np.polyder, _polyder, asks=True)
composite(np.polyint, _polyint, asks=True)
composite(np.polydiv, _polydiv, asks=True)
composite(np.poly, _poly, asks=True)
composite(np.roots, _roots, asks=True)
composite(np.polyfit, _polyfit, asks=True)
