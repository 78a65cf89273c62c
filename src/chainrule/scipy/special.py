"""Log-sum-exp and its relatives, and functions of scipy.special that are not ufuncs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special as plain_special

from chainrule.engine.location import at_user_line
from chainrule.rules.rule import as_array, dtype_of
from chainrule.rules.special.bessel import spherical_in, spherical_jn, spherical_kn, spherical_yn
from chainrule.rules.special.gammas import polygamma
from chainrule.transforms.gradients import stop_gradient

__all__ = [
    "log_softmax",
    "logsumexp",
    "multigammaln",
    "polygamma",
    "softmax",
    "spherical_in",
    "spherical_jn",
    "spherical_kn",
    "spherical_yn",
]


def _numbers(a: Any) -> Any:
    """`a` as a tracked value or an array of floating-point numbers."""
    a = as_array(a)
    return a if dtype_of(a).kind in "fc" else np.asarray(a, float)


def _largest(a: Any, axis: Any) -> Any:
    """The largest entry along `axis`, which is only subtracted and added again: no derivative flows through it."""
    a = stop_gradient(a)
    return np.max(a, axis=axis, keepdims=True) if np.size(a) else np.max(a, axis=axis, keepdims=True, initial=-np.inf)


def _finite(largest: Any) -> Any:
    return np.where(np.isfinite(largest), largest, 0.0)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    """log Σ b·exp(a) along `axis`, as :func:`scipy.special.logsumexp`; its derivative is the softmax.

    >>> import chainrule as cr
    >>> cr.grad(logsumexp)(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    a, b = _numbers(a), None if b is None else as_array(b)
    with np.errstate(all="ignore"):
        if b is None or np.all(np.not_equal(b, 0)):
            largest = _finite(_largest(a, axis))
            terms = np.exp(a - largest) if b is None else b * np.exp(a - largest)
        else:
            # What has no weight sets no scale. Its exponential may then be too large for a number, so it is taken in
            # two factors, of which 0 times the first is 0; the derivative by the weight is their product, all the same.
            unused = np.equal(b, 0)
            largest = _finite(_largest(np.where(unused, -np.inf, a), axis))
            apart = a - largest
            half = np.exp(np.where(unused, np.minimum(apart, 1400.0), apart) / 2)
            terms = b * half * half
        total = np.log(np.sum(terms, axis=axis, keepdims=True)) + largest
    return total if keepdims else np.squeeze(total, axis=axis)[()]


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / Σ exp(x) along `axis`, as :func:`scipy.special.softmax`; same shape as `x`."""
    x = _numbers(x)
    with np.errstate(all="ignore"):
        terms = np.exp(x - _largest(x, axis))
        return terms / np.sum(terms, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """log(softmax(x)) along `axis`, as :func:`scipy.special.log_softmax`; same shape as `x`."""
    x = _numbers(x)
    with np.errstate(all="ignore"):
        apart = x - _finite(_largest(x, axis))  # before the logarithm, which is small beside large x
        return apart - np.log(np.sum(np.exp(apart), axis=axis, keepdims=True))


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of dimension `d`; same shape as `a` (DLMF 35.3.4).

    Raises ValueError, as SciPy does, unless `d` is a whole number and every `a` is above (d − 1)/2.
    """
    a = as_array(a)
    if np.ndim(d) or d != int(d) or np.any(a <= (d - 1) / 2):
        raise ValueError(
            f"multigammaln got a={stop_gradient(a)!s:.60} and d={d!r}{at_user_line()}. It is defined for whole d and "
            "a > (d − 1)/2."
        )
    total = d * (d - 1) / 4 * np.log(np.pi)
    return total + sum(plain_special.gammaln(a - j / 2) for j in range(int(d)))
