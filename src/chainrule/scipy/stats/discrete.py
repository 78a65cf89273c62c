"""The distributions on the whole numbers, each by its probabilities and its distribution function.

The parameters are those of scipy.stats. Source: N. L. Johnson, A. W. Kemp and S. Kotz, Univariate Discrete
Distributions (2005).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from chainrule.scipy.stats.distribution import Discrete


def _ways(k: Any, n: Any) -> Any:
    """The logarithm of the number of ways to choose `k` of `n`."""
    return -special.betaln(np.add(k, 1.0), np.subtract(n, k) + 1.0) - np.log(np.add(n, 1.0))


binom = Discrete(
    "binom", (5.0, 0.4), density=lambda k, n, p: (_ways(k, n), (p, k), (1 - p, np.subtract(n, k))),
    cdf=lambda k, n, p: special.betainc(np.subtract(n, k), k + 1.0, 1 - p),
    mean=lambda n, p: n * p, var=lambda n, p: n * p * (1 - p),
)
bernoulli = Discrete(
    "bernoulli", (0.4,), density=lambda k, p: (0.0 * k, (p, k), (1 - p, np.subtract(1, k))),
    cdf=lambda k, p: 1 - p + 0.0 * k, mean=lambda p: p, var=lambda p: p * (1 - p),
    entropy=lambda p: special.entr(p) + special.entr(1 - p),
)
poisson = Discrete(
    "poisson", (2.5,), density=lambda k, mu: (-mu - special.gammaln(np.add(k, 1.0)), (mu, k)),
    cdf=lambda k, mu: special.gammaincc(k + 1.0, mu), mean=lambda mu: mu, var=lambda mu: mu,
)
geom = Discrete(
    "geom", (0.4,), density=lambda k, p: (np.log(p), (1 - p, np.subtract(k, 1))),
    cdf=lambda k, p: -np.expm1(k * np.log1p(-p)), logsf=lambda k, p: k * np.log1p(-p), mean=lambda p: 1 / p,
    var=lambda p: (1 - p) / p**2,
)
nbinom = Discrete(
    "nbinom", (4.5, 0.4),
    density=lambda k, n, p: (
        special.gammaln(np.add(k, n)) - special.gammaln(np.add(k, 1.0)) - special.gammaln(n), (p, n), (1 - p, k),
    ),
    cdf=lambda k, n, p: special.betainc(n, k + 1.0, p), mean=lambda n, p: n * (1 - p) / p,
    var=lambda n, p: n * (1 - p) / p**2,
)  # fmt: skip
betabinom = Discrete(
    "betabinom", (5.0, 2.3, 1.6),
    density=lambda k, n, a, b: (
        _ways(k, n) + special.betaln(np.add(k, a), np.subtract(n, k) + b) - special.betaln(a, b),
    ),
    cdf=lambda k, n, a, b: _summed(
        k, lambda j: _ways(j, n) + special.betaln(j + a, n - j + b) - special.betaln(a, b), n, a, b
    ),
    mean=lambda n, a, b: n * a / (a + b), var=lambda n, a, b: n * a * b * (a + b + n) / ((a + b) ** 2 * (a + b + 1)),
)  # fmt: skip
logser = Discrete(
    "logser", (0.4,), density=lambda k, p: (-np.log(k) - np.log(-np.log1p(-p)), (p, k)),
    cdf=lambda k, p: _summed(k, lambda j: special.xlogy(j, p) - np.log(j) - np.log(-np.log1p(-p)), p, start=1),
    mean=lambda p: -p / (1 - p) / np.log1p(-p),
)
zipf = Discrete(
    "zipf", (3.5,), density=lambda k, a: (-a * np.log(k) - np.log(special.zeta(a, 1.0)),),
    cdf=lambda k, a: 1 - special.zeta(a, k + 1.0) / special.zeta(a, 1.0),
)
planck = Discrete(
    "planck", (0.6,), density=lambda k, lambda_: (np.log(-np.expm1(-lambda_)) - lambda_ * k,),
    cdf=lambda k, lambda_: -np.expm1(-lambda_ * (k + 1)), logsf=lambda k, lambda_: -lambda_ * (k + 1),
    mean=lambda lambda_: 1 / np.expm1(lambda_), var=lambda lambda_: np.exp(-lambda_) / np.expm1(-lambda_) ** 2,
)
dlaplace = Discrete(
    "dlaplace", (0.6,), density=lambda k, a: (np.log(np.tanh(a / 2)) - a * np.abs(k),),
    cdf=lambda k, a: np.where(
        k < 0, np.exp(a * (k + 1)) / (np.exp(a) + 1), 1 - np.exp(-a * k) / (np.exp(a) + 1)
    ),
)
randint = Discrete(
    "randint", (2.0, 7.0), density=lambda k, low, high: (0.0 * k - np.log(high - low),),
    cdf=lambda k, low, high: (k + 1 - low) / (high - low),
)


def _summed(k: Any, logarithm: Any, *shapes: Any, start: int = 0) -> Any:
    """Σ exp(logarithm(j)) over the whole numbers j from `start` to k."""
    last = np.asarray(k, float)
    total: Any = 0.0
    for j in range(start, int(np.max(last, initial=start)) + 1):
        counts = j <= last
        total = total + np.where(counts, np.exp(logarithm(np.where(counts, float(j), last))), 0.0)
    return total
