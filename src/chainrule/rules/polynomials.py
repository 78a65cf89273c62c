"""Polynomials as vectors of coefficients, highest power first: NumPy's poly- functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.rules.linalg import swap
from chainrule.rules.rule import as_array, composite, dtype_of
from chainrule.rules.steps import bare


def _polyval(p: Any, x: Any) -> Any:
    """Horner's rule."""
    p, x = as_array(p), as_array(x)
    result = 0.0 * x
    for k in range(np.shape(p)[0]):
        result = result * x + p[k]
    return result


def _vector(p: Any) -> Any:
    """Coefficients as a vector without leading zeros."""
    p = np.atleast_1d(as_array(p))
    if np.ndim(p) != 1:
        raise ValueError(f"the coefficients of a polynomial are a vector, not an array of shape {np.shape(p)}")
    nonzero = np.flatnonzero(p)
    return p[int(nonzero[0]) :] if len(nonzero) else p[:1] * 0.0


def _polyadd(a1: Any, a2: Any) -> Any:
    a1, a2 = np.atleast_1d(as_array(a1)), np.atleast_1d(as_array(a2))
    missing = len(a2) - len(a1)
    if missing > 0:
        a1 = np.concatenate([np.zeros(missing, dtype_of(a1)), a1])
    elif missing < 0:
        a2 = np.concatenate([np.zeros(-missing, dtype_of(a2)), a2])
    return a1 + a2


def _polyder(p: Any, m: int = 1) -> Any:
    for _ in range(m):
        p = p[:-1] * np.arange(np.size(p) - 1, 0, -1)
    return p


def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    k = as_array(k)
    constants = [0.0] * m if k is None else [k] * m if np.ndim(k) == 0 else [k[i] for i in range(np.shape(k)[0])]
    if len(constants) == 1:
        constants = constants * m
    for constant in constants[:m]:
        p = np.concatenate([p / np.arange(np.size(p), 0, -1), np.reshape(constant, (1,))])
    return p


def _polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """Long division; the remainder loses its leading zeros, as in NumPy."""
    u, v = np.atleast_1d(as_array(u)) + 0.0, np.atleast_1d(as_array(v)) + 0.0
    if max(np.ndim(u), np.ndim(v)) > 1:
        raise ValueError("np.polydiv takes vectors of coefficients")
    steps = np.size(u) - np.size(v) + 1
    quotient = []
    for _ in range(max(steps, 0)):
        factor = u[0] / v[0]
        quotient.append(factor)
        u = u[: np.size(v)] - factor * v if np.size(u) == np.size(v) else np.concatenate(
            [u[: np.size(v)] - factor * v, u[np.size(v) :]])
        u = u[1:]
    if np.size(u) == 0:
        u = np.zeros(1, dtype_of(u))
    leading = bare(u)
    first = next((i for i in range(leading.size) if not np.isclose(leading[i], 0, rtol=1e-14)), leading.size - 1)
    if steps <= 0:
        return np.zeros(1, dtype_of(u)), u
    return np.stack(quotient), u[first:]


def _poly(seq_of_zeros: Any) -> Any:
    roots = seq_of_zeros
    if np.ndim(roots) == 2:
        roots = np.linalg.eigvals(roots)
    coefficients: Any = np.ones(1, dtype_of(roots))
    for k in range(np.size(roots)):
        coefficients = np.convolve(coefficients, np.stack([np.ones_like(roots[k]), -roots[k]]))
    if dtype_of(coefficients).kind == "c":
        plain = np.sort(bare(roots))
        if np.all(plain == np.sort(plain.conj())):  # conjugate pairs make real coefficients
            coefficients = np.real(coefficients)
    return coefficients


def _roots(p: Any) -> Any:
    """The eigenvalues of the companion matrix."""
    p = np.ravel(p)
    nonzero = np.flatnonzero(p)
    if not len(nonzero):
        return np.zeros(0)
    zeros = np.size(p) - int(nonzero[-1]) - 1
    p = p[int(nonzero[0]) : int(nonzero[-1]) + 1]
    n = np.size(p)
    if n < 2:
        return np.zeros(zeros)
    companion = np.concatenate([np.reshape(-p[1:] / p[0], (1, n - 1)), np.eye(n - 2, n - 1, dtype=dtype_of(p))])
    return np.concatenate([np.linalg.eigvals(companion), np.zeros(zeros, dtype_of(p))]) if zeros else np.linalg.eigvals(companion)


def _polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    x, y, w = as_array(x), as_array(y), as_array(w)
    order = int(deg) + 1
    rcond = np.size(x) * np.finfo(dtype_of(x)).eps if rcond is None else rcond
    lhs, rhs = np.vander(x + 0.0, order), y + 0.0
    if w is not None:
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


composite(np.polyval, _polyval)
composite(np.polyadd, _polyadd)
composite(np.polysub, lambda a1, a2: _polyadd(a1, -as_array(a2)))
composite(np.polymul, lambda a1, a2: np.convolve(_vector(a1), _vector(a2)))
composite(np.polyder, _polyder)
composite(np.polyint, _polyint)
composite(np.polydiv, _polydiv)
composite(np.poly, _poly)
composite(np.roots, _roots)
composite(np.polyfit, _polyfit)
