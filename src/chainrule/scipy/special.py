"""Log-sum-exp and its relatives, and functions of scipy.special that are not ufuncs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special as plain_special

from chainrule.rules.special.gammas import polygamma
from chainrule.transforms import stop_gradient

__all__ = ["log_softmax", "logsumexp", "multigammaln", "polygamma", "softmax"]


def _largest(a: Any, axis: Any) -> Any:
    """The largest entry along `axis`, which is only subtracted and added again: no derivative flows through it."""
    largest = np.max(stop_gradient(a), axis=axis, keepdims=True)
    return np.where(np.isfinite(largest), largest, 0.0)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    """log Σ b·exp(a) along `axis`, as :func:`scipy.special.logsumexp`; its derivative is the softmax.

    >>> import chainrule as cr
    >>> cr.grad(logsumexp)(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    largest = _largest(a, axis)
    terms = np.exp(a - largest)
    total = np.log(np.sum(terms if b is None else b * terms, axis=axis, keepdims=True)) + largest
    return total if keepdims else np.squeeze(total, axis=axis)


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / Σ exp(x) along `axis`, as :func:`scipy.special.softmax`; same shape as `x`."""
    terms = np.exp(x - _largest(x, axis))
    return terms / np.sum(terms, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """log(softmax(x)) along `axis`, as :func:`scipy.special.log_softmax`; same shape as `x`."""
    return x - logsumexp(x, axis=axis, keepdims=True)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of dimension `d`; same shape as `a` (DLMF 35.3.4)."""
    total = d * (d - 1) / 4 * np.log(np.pi)
    return total + sum(plain_special.gammaln(a - j / 2) for j in range(d))
