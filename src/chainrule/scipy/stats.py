"""Log-densities of the common distributions, as in scipy.stats, differentiable in every continuous argument.

    >>> import chainrule as cr
    >>> cr.grad(lambda mean: norm.logpdf(1.0, mean, 2.0))(0.0)
    np.float64(0.25)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import Function

__all__ = [
    "bernoulli", "beta", "binom", "cauchy", "dirichlet", "expon", "gamma", "laplace", "lognorm", "multivariate_normal",
    "norm", "poisson", "t", "uniform",
]  # fmt: skip


@dataclass(frozen=True)
class Continuous:
    """A continuous distribution; `logpdf(x, *shapes, loc, scale)` takes arguments in SciPy's order."""

    logpdf: Function

    def pdf(self, *args: Any, **kwargs: Any) -> Any:
        """The density itself."""
        return np.exp(self.logpdf(*args, **kwargs))


@dataclass(frozen=True)
class Normal(Continuous):
    """The normal distribution, whose distribution function has a rule of its own."""

    def cdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """The probability of at most `x`."""
        return special.ndtr((x - loc) / scale)

    def logcdf(self, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        """Its logarithm, also where the probability itself would underflow."""
        return special.log_ndtr((x - loc) / scale)


@dataclass(frozen=True)
class Discrete:
    """A distribution on the whole numbers; `logpmf(k, *shapes)` is the logarithm of a probability."""

    logpmf: Function

    def pmf(self, *args: Any, **kwargs: Any) -> Any:
        """The probability itself."""
        return np.exp(self.logpmf(*args, **kwargs))


def _inside(condition: Any, logarithm: Function, x: Any, safe: float) -> Any:
    """`logarithm(x)` where `condition` holds and −∞ elsewhere; outside it is evaluated at `safe` instead."""
    return np.where(condition, logarithm(np.where(condition, x, safe)), -np.inf)


def _norm(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = (x - loc) / scale
    return -(z * z) / 2 - np.log(scale) - np.log(2 * np.pi) / 2


def _t(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = (x - loc) / scale
    return -(df + 1) / 2 * np.log1p(z * z / df) - special.betaln(0.5, df / 2) - np.log(df) / 2 - np.log(scale)


def _gamma(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    def inside(z: Any) -> Any:
        return special.xlogy(a - 1, z) - z - special.gammaln(a) - np.log(scale)

    z = (x - loc) / scale
    return _inside(z > 0, inside, z, 1.0)


def _beta(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    def inside(z: Any) -> Any:
        return special.xlogy(a - 1, z) + special.xlog1py(b - 1, -z) - special.betaln(a, b) - np.log(scale)

    z = (x - loc) / scale
    return _inside((z > 0) & (z < 1), inside, z, 0.5)


def _expon(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = (x - loc) / scale
    return _inside(z >= 0, lambda z: -z - np.log(scale), z, 1.0)


def _lognorm(x: Any, s: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    def inside(z: Any) -> Any:
        return _norm(np.log(z), 0.0, s) - np.log(z) - np.log(scale)

    z = (x - loc) / scale
    return _inside(z > 0, inside, z, 1.0)


def _laplace(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    return -np.abs((x - loc) / scale) - np.log(2 * scale)


def _cauchy(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = (x - loc) / scale
    return -np.log1p(z * z) - np.log(np.pi * scale)


def _uniform(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = (x - loc) / scale
    return _inside((z >= 0) & (z <= 1), lambda z: 0.0 * z - np.log(scale), z, 0.5)


def _multivariate_normal(x: Any, mean: Any, cov: Any) -> Any:
    """For points `x` (…, n), a mean (n,) and a covariance matrix (n, n)."""
    factor = np.linalg.cholesky(cov)
    n = np.shape(factor)[-1]
    z = np.linalg.solve(factor, np.reshape(x - mean, (-1, n)).T)
    total = -np.sum(z * z, axis=0) / 2 - np.sum(np.log(np.diagonal(factor))) - n / 2 * np.log(2 * np.pi)
    return np.reshape(total, np.shape(x)[:-1])


def _dirichlet(x: Any, alpha: Any) -> Any:
    """For one point `x` (n,) of the simplex and positive `alpha` (n,)."""
    return np.sum(special.xlogy(alpha - 1, x)) + special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))


def _poisson(k: Any, mu: Any) -> Any:
    return special.xlogy(k, mu) - mu - special.gammaln(np.add(k, 1.0))


def _binom(k: Any, n: Any, p: Any) -> Any:
    ways = -special.betaln(np.add(k, 1.0), np.subtract(n, k) + 1.0) - np.log(np.add(n, 1.0))
    return ways + special.xlogy(k, p) + special.xlog1py(np.subtract(n, k), -p)


def _bernoulli(k: Any, p: Any) -> Any:
    return special.xlogy(k, p) + special.xlog1py(np.subtract(1, k), -p)


norm = Normal(_norm)
t, gamma, beta, expon = (Continuous(f) for f in (_t, _gamma, _beta, _expon))
lognorm, laplace, cauchy, uniform = (Continuous(f) for f in (_lognorm, _laplace, _cauchy, _uniform))
multivariate_normal, dirichlet = Continuous(_multivariate_normal), Continuous(_dirichlet)
poisson, binom, bernoulli = (Discrete(f) for f in (_poisson, _binom, _bernoulli))
