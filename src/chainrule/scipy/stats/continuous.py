"""The continuous distributions, each by its density and its distribution function in standard form.

The parameters are those of scipy.stats. Sources: N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate
Distributions 1 and 2 (1994, 1995), and SciPy's documentation of each distribution.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from chainrule.rules.special.gammas import polygamma
from chainrule.rules.untracked import fixed, seen
from chainrule.scipy.stats.distribution import Continuous

_euler = 0.5772156649015329
_log_pi, _log_two_pi = np.log(np.pi), np.log(2 * np.pi)
_root_half = np.sqrt(0.5)


def _normal(z: Any) -> Any:
    """The logarithm of the normal density."""
    return -(z * z) / 2 - _log_two_pi / 2


def _uneven(condition: Any, value: Any, otherwise: Any, start: Any, other_start: Any, z: Any) -> Any:
    """One formula where a condition holds, another elsewhere; each sees a point of its own side only."""
    condition = fixed(condition)
    return np.where(condition, value(np.where(condition, z, start)), otherwise(np.where(condition, other_start, z)))


# ---------------------------------------------------------------------- on the whole line

norm = Continuous(
    "norm", density=lambda z: (_normal(z),), cdf=special.ndtr, logcdf=special.log_ndtr,
    logsf=lambda z: special.log_ndtr(-z), mean=lambda: 0.0, var=lambda: 1.0, entropy=lambda: (_log_two_pi + 1) / 2,
)
laplace = Continuous(
    "laplace", density=lambda z: (-np.abs(z) - np.log(2),),
    cdf=lambda z: _uneven(z < 0, lambda z: np.exp(z) / 2, lambda z: 1 - np.exp(-z) / 2, -1.0, 1.0, z),
    mean=lambda: 0.0, var=lambda: 2.0, entropy=lambda: np.log(2) + 1,
)
cauchy = Continuous(
    "cauchy", density=lambda z: (-2 * np.log(np.hypot(1.0, z)) - _log_pi,),  # z² overflows
    cdf=lambda z: 0.5 + np.arctan(z) / np.pi, entropy=lambda: np.log(4 * np.pi),
)
logistic = Continuous(
    "logistic", density=lambda z: (special.log_expit(z) + special.log_expit(-z),), cdf=special.expit,
    logcdf=special.log_expit, logsf=lambda z: special.log_expit(-z), mean=lambda: 0.0, var=lambda: np.pi**2 / 3,
    entropy=lambda: 2.0,
)
gumbel_r = Continuous(
    "gumbel_r", density=lambda z: (-z - np.exp(-z),), cdf=lambda z: np.exp(-np.exp(-z)), logcdf=lambda z: -np.exp(-z),
    mean=lambda: _euler, var=lambda: np.pi**2 / 6, entropy=lambda: _euler + 1,
)
gumbel_l = Continuous(
    "gumbel_l", density=lambda z: (z - np.exp(z),), cdf=lambda z: -np.expm1(-np.exp(z)), logsf=lambda z: -np.exp(z),
    mean=lambda: -_euler, var=lambda: np.pi**2 / 6, entropy=lambda: _euler + 1,
)
hypsecant = Continuous(
    "hypsecant", density=lambda z: (-np.logaddexp(z, -z) + np.log(2) - _log_pi,),
    cdf=lambda z: 2 / np.pi * np.arctan(np.exp(z)), mean=lambda: 0.0, var=lambda: np.pi**2 / 4,
)
moyal = Continuous(
    "moyal", density=lambda z: (-(z + np.exp(-z)) / 2 - _log_two_pi / 2,),
    cdf=lambda z: special.erfc(np.exp(-z / 2) * _root_half), mean=lambda: _euler + np.log(2),
    var=lambda: np.pi**2 / 2,
)


def _t(z: Any, df: Any) -> Any:
    """Student's; of infinitely many degrees of freedom the normal density."""
    normal = fixed(np.isinf(df))
    usually = seen(normal) and not np.any(normal)
    df = df if usually else np.where(normal, 1.0, df)
    usual = -(df + 1) / 2 * np.log1p(z * z / df) - special.betaln(0.5, df / 2) - np.log(df) / 2
    return usual if usually else np.where(normal, _normal(z), usual)


def _t_cdf(z: Any, df: Any) -> Any:
    normal = fixed(np.isinf(df))
    if seen(normal) and not np.any(normal):
        return special.stdtr(df, z)
    return np.where(normal, special.ndtr(z), special.stdtr(np.where(normal, 1.0, df), z))


t = Continuous(
    "t", (3.5,), density=lambda z, df: (_t(z, df),), cdf=_t_cdf, mean=lambda df: np.where(fixed(df > 1), 0.0, np.inf),
    var=lambda df: np.where(
        fixed(df > 2), np.where(fixed(np.isinf(df)), 1.0, df / (np.where(fixed(df > 2), df, 3.0) - 2)), np.inf
    ),
    entropy=lambda df: (
        (df + 1) / 2 * (special.psi((df + 1) / 2) - special.psi(df / 2)) + np.log(df) / 2 + special.betaln(df / 2, 0.5)
    ),
)
skewnorm = Continuous(
    "skewnorm", (1.5,), density=lambda z, a: (np.log(2) + _normal(z) + special.log_ndtr(a * z),),
    cdf=lambda z, a: special.ndtr(z) - 2 * special.owens_t(z, a),
    mean=lambda a: np.sqrt(2 / np.pi) * a / np.sqrt(1 + a * a), var=lambda a: 1 - 2 / np.pi * a * a / (1 + a * a),
)
skewcauchy = Continuous(
    "skewcauchy", (0.4,), density=lambda z, a: (-_log_pi - np.log1p((z / (1 + a * np.sign(z))) ** 2),),
    cdf=lambda z, a: (1 - a) / 2 + (1 + a * np.sign(z)) / np.pi * np.arctan(z / (1 + a * np.sign(z))),
)
genlogistic = Continuous(
    "genlogistic", (1.7,), density=lambda z, c: (np.log(c) - z + (c + 1) * special.log_expit(z),),
    cdf=lambda z, c: np.exp(c * special.log_expit(z)), logcdf=lambda z, c: c * special.log_expit(z),
    mean=lambda c: special.psi(c) + _euler,
)
loggamma = Continuous(
    "loggamma", (1.5,), density=lambda z, c: (c * z - np.exp(z) - special.gammaln(c),),
    cdf=lambda z, c: special.gammainc(c, np.exp(z)), mean=special.psi, var=lambda c: polygamma(1, c),
)
gennorm = Continuous(
    "gennorm", (1.6,),
    density=lambda z, beta: (np.log(beta / 2) - special.gammaln(1 / beta) - np.power(np.abs(z), beta),),
    cdf=lambda z, beta: 0.5 + np.sign(z) / 2 * special.gammainc(1 / beta, np.power(np.abs(z), beta)),
)
johnsonsu = Continuous(
    "johnsonsu", (0.7, 1.4),
    density=lambda z, a, b: (_normal(a + b * np.arcsinh(z)) + np.log(b) - np.log1p(z * z) / 2,),
    cdf=lambda z, a, b: special.ndtr(a + b * np.arcsinh(z)),
    logcdf=lambda z, a, b: special.log_ndtr(a + b * np.arcsinh(z)),
    logsf=lambda z, a, b: special.log_ndtr(-a - b * np.arcsinh(z)),
)  # fmt: skip
exponnorm = Continuous(
    "exponnorm", (1.5,),
    density=lambda z, k: (-np.log(k) + 1 / (2 * k * k) - z / k + special.log_ndtr(z - 1 / k),),
    cdf=lambda z, k: special.ndtr(z) - np.exp(1 / (2 * k * k) - z / k + special.log_ndtr(z - 1 / k)),
    mean=lambda k: k, var=lambda k: 1 + k * k,
)


def _asymmetric(z: Any, kappa: Any) -> Any:
    return np.where(fixed(z >= 0), -z * kappa, z / kappa) - np.log(kappa + 1 / kappa)


laplace_asymmetric = Continuous(
    "laplace_asymmetric", (1.5,), density=lambda z, kappa: (_asymmetric(z, kappa),),
    cdf=lambda z, kappa: _uneven(
        z >= 0, lambda z: 1 - np.exp(-z * kappa) / (1 + kappa * kappa),
        lambda z: np.exp(z / kappa) / (1 + 1 / (kappa * kappa)), 1.0, -1.0, z,
    ),
    mean=lambda kappa: 1 / kappa - kappa, var=lambda kappa: 1 / kappa**2 + kappa**2,
)

# ---------------------------------------------------------------------- on a half line: of powers and exponentials

expon = Continuous(
    "expon", density=lambda z: (-z,), cdf=lambda z: -np.expm1(-z), logsf=lambda z: -z, mean=lambda: 1.0,
    var=lambda: 1.0, entropy=lambda: 1.0,
)
gamma = Continuous(
    "gamma", (2.5,), density=lambda z, a: (-z - special.gammaln(a), (z, a - 1)),
    cdf=lambda z, a: special.gammainc(a, z),
    mean=lambda a: a, var=lambda a: a, entropy=lambda a: a + special.gammaln(a) + (1 - a) * special.psi(a),
)
erlang = Continuous(
    "erlang", (2.0,), density=lambda z, a: (-z - special.gammaln(a), (z, a - 1)),
    cdf=lambda z, a: special.gammainc(a, z), mean=lambda a: a, var=lambda a: a,
)
chi2 = Continuous(
    "chi2", (3.5,), density=lambda z, df: (-z / 2 - special.gammaln(df / 2) - df / 2 * np.log(2), (z, df / 2 - 1)),
    cdf=lambda z, df: special.gammainc(df / 2, z / 2), mean=lambda df: df, var=lambda df: 2 * df,
    entropy=lambda df: df / 2 + np.log(2) + special.gammaln(df / 2) + (1 - df / 2) * special.psi(df / 2),
)
chi = Continuous(
    "chi", (3.5,),
    density=lambda z, df: (np.log(2) - df / 2 * np.log(2) - special.gammaln(df / 2) - z * z / 2, (z, df - 1)),
    cdf=lambda z, df: special.gammainc(df / 2, z * z / 2),
    mean=lambda df: np.sqrt(2) * special.poch(df / 2, 0.5),
    var=lambda df: df - 2 * special.poch(df / 2, 0.5) ** 2,
)
gengamma = Continuous(
    "gengamma", (2.2, 1.4),
    density=lambda z, a, c: (np.log(np.abs(c)) - np.power(z, c) - special.gammaln(a), (z, c * a - 1)),
    cdf=lambda z, a, c: np.where(
        fixed(c > 0), special.gammainc(a, np.power(z, c)), special.gammaincc(a, np.power(z, c))
    ),
    mean=lambda a, c: special.poch(a, 1 / c), var=lambda a, c: special.poch(a, 2 / c) - special.poch(a, 1 / c) ** 2,
)
invgamma = Continuous(
    "invgamma", (4.5,), flat_ends=True, density=lambda z, a: (-(a + 1) * np.log(z) - special.gammaln(a) - 1 / z,),
    cdf=lambda z, a: special.gammaincc(a, 1 / z),
    mean=lambda a: np.where(fixed(a > 1), 1 / (np.where(fixed(a > 1), a, 2.0) - 1), np.inf),
    var=lambda a: np.where(
        fixed(a > 2), 1 / ((np.where(fixed(a > 2), a, 3.0) - 1) ** 2 * (np.where(fixed(a > 2), a, 3.0) - 2)), np.inf
    ),
)
weibull_min = Continuous(
    "weibull_min", (1.7,), density=lambda z, c: (np.log(c) - np.power(z, c), (z, c - 1)),
    cdf=lambda z, c: -np.expm1(-np.power(z, c)), logsf=lambda z, c: -np.power(z, c),
    mean=lambda c: special.gamma(1 + 1 / c), var=lambda c: special.gamma(1 + 2 / c) - special.gamma(1 + 1 / c) ** 2,
    entropy=lambda c: -_euler / c - np.log(c) + _euler + 1,
)
weibull_max = Continuous(
    "weibull_max", (1.7,), density=lambda z, c: (np.log(c) - np.power(-z, c), (-z, c - 1)),
    cdf=lambda z, c: np.exp(-np.power(-z, c)), logcdf=lambda z, c: -np.power(-z, c),
    mean=lambda c: -special.gamma(1 + 1 / c), var=lambda c: special.gamma(1 + 2 / c) - special.gamma(1 + 1 / c) ** 2,
    entropy=lambda c: -_euler / c - np.log(c) + _euler + 1,
)


def _fall(z: Any, c: Any) -> Any:
    """1 − exp(−zᶜ), the distribution function of Weibull."""
    return -np.expm1(-np.power(z, c))


exponweib = Continuous(
    "exponweib", (1.5, 1.3),
    density=lambda z, a, c: (np.log(a) + np.log(c) - np.power(z, c), (_fall(z, c), a - 1), (z, c - 1)),
    cdf=lambda z, a, c: np.power(_fall(z, c), a),
)
exponpow = Continuous(
    "exponpow", (1.7,),
    density=lambda z, b: (1 + np.log(b) + np.power(z, b) - np.exp(np.power(z, b)), (z, b - 1)),
    cdf=lambda z, b: -np.expm1(-np.expm1(np.power(z, b))), logsf=lambda z, b: -np.expm1(np.power(z, b)),
)
invweibull = Continuous(
    "invweibull", (3.3,), flat_ends=True, density=lambda z, c: (np.log(c) - (c + 1) * np.log(z) - np.power(z, -c),),
    cdf=lambda z, c: np.exp(-np.power(z, -c)),
)
rayleigh = Continuous(
    "rayleigh", density=lambda z: (-z * z / 2, (z, 1.0)), cdf=lambda z: -np.expm1(-z * z / 2),
    logsf=lambda z: -z * z / 2,
    mean=lambda: np.sqrt(np.pi / 2), var=lambda: (4 - np.pi) / 2, entropy=lambda: _euler / 2 + 1 - np.log(2) / 2,
)
maxwell = Continuous(
    "maxwell", density=lambda z: (np.log(2 / np.pi) / 2 - z * z / 2, (z, 2.0)),
    cdf=lambda z: special.gammainc(1.5, z * z / 2), mean=lambda: 2 * np.sqrt(2 / np.pi), var=lambda: 3 - 8 / np.pi,
    entropy=lambda: _euler + _log_two_pi / 2 - 0.5,
)
nakagami = Continuous(
    "nakagami", (1.7,),
    density=lambda z, nu: (np.log(2) + special.xlogy(nu, nu) - special.gammaln(nu) - nu * z * z, (z, 2 * nu - 1)),
    cdf=lambda z, nu: special.gammainc(nu, nu * z * z), mean=lambda nu: special.poch(nu, 0.5) / np.sqrt(nu),
    var=lambda nu: 1 - special.poch(nu, 0.5) ** 2 / nu,
)
halfnorm = Continuous(
    "halfnorm", density=lambda z: (np.log(2 / np.pi) / 2 - z * z / 2,), cdf=lambda z: special.erf(z * _root_half),
    mean=lambda: np.sqrt(2 / np.pi), var=lambda: 1 - 2 / np.pi, entropy=lambda: np.log(np.pi / 2) / 2 + 0.5,
)
halflogistic = Continuous(
    "halflogistic", density=lambda z: (np.log(2) + special.log_expit(z) + special.log_expit(-z),),
    cdf=lambda z: np.tanh(z / 2), mean=lambda: 2 * np.log(2), var=lambda: np.pi**2 / 3 - 4 * np.log(2) ** 2,
    entropy=lambda: 2 - np.log(2),
)
halfcauchy = Continuous(
    "halfcauchy", density=lambda z: (np.log(2 / np.pi) - np.log1p(z * z),), cdf=lambda z: 2 / np.pi * np.arctan(z),
    entropy=lambda: np.log(2 * np.pi),
)
foldnorm = Continuous(
    "foldnorm", (1.2,), density=lambda z, c: (np.logaddexp(_normal(z - c), _normal(z + c)),),
    cdf=lambda z, c: (special.erf((z - c) * _root_half) + special.erf((z + c) * _root_half)) / 2,
)
foldcauchy = Continuous(
    "foldcauchy", (1.2,), density=lambda z, c: (-_log_pi + np.log(1 / (1 + (z - c) ** 2) + 1 / (1 + (z + c) ** 2)),),
    cdf=lambda z, c: (np.arctan(z - c) + np.arctan(z + c)) / np.pi,
)
halfgennorm = Continuous(
    "halfgennorm", (1.6,), density=lambda z, beta: (np.log(beta) - special.gammaln(1 / beta) - np.power(z, beta),),
    cdf=lambda z, beta: special.gammainc(1 / beta, np.power(z, beta)),
)
rice = Continuous(
    "rice", (0.8,), density=lambda z, b: (-((z - b) ** 2) / 2 + np.log(special.i0e(z * b)), (z, 1.0)),
    cdf=lambda z, b: special.chndtr(z * z, 2.0, b * b),
)
gompertz = Continuous(
    "gompertz", (0.8,), density=lambda z, c: (np.log(c) + z - c * np.expm1(z),),
    cdf=lambda z, c: -np.expm1(-c * np.expm1(z)), logsf=lambda z, c: -c * np.expm1(z),
)
levy = Continuous(
    "levy", flat_ends=True, density=lambda z: (-_log_two_pi / 2 - 1.5 * np.log(z) - 1 / (2 * z),),
    cdf=lambda z: special.erfc(1 / np.sqrt(2 * z)),
)
levy_l = Continuous(
    "levy_l", flat_ends=True, density=lambda z: (-_log_two_pi / 2 - 1.5 * np.log(-z) + 1 / (2 * z),),
    cdf=lambda z: special.erf(1 / np.sqrt(-2 * z)),
)

# ---------------------------------------------------------------------- on a half line: of logarithms and powers


def _lognorm(z: Any, s: Any) -> Any:
    return _normal(np.log(z) / s) - np.log(s) - np.log(z)


lognorm = Continuous(
    "lognorm", (0.6,), flat_ends=True, density=lambda z, s: (_lognorm(z, s),),
    cdf=lambda z, s: special.ndtr(np.log(z) / s),
    logcdf=lambda z, s: special.log_ndtr(np.log(z) / s), logsf=lambda z, s: special.log_ndtr(-np.log(z) / s),
    mean=lambda s: np.exp(s * s / 2), var=lambda s: np.exp(s * s) * np.expm1(s * s),
    entropy=lambda s: (_log_two_pi + 1) / 2 + np.log(s),
)
gibrat = Continuous(
    "gibrat", flat_ends=True, density=lambda z: (_lognorm(z, 1.0),), cdf=lambda z: special.ndtr(np.log(z)),
    mean=lambda: np.exp(0.5), var=lambda: np.exp(1) * np.expm1(1.0), entropy=lambda: (_log_two_pi + 1) / 2,
)
pareto = Continuous(
    "pareto", (2.6,), density=lambda z, b: (np.log(b) - (b + 1) * np.log(z),),
    cdf=lambda z, b: -np.expm1(-b * np.log(z)),
    mean=lambda b: np.where(fixed(b > 1), b / (np.where(fixed(b > 1), b, 2.0) - 1), np.inf),
    var=lambda b: np.where(
        fixed(b > 2), b / (np.where(fixed(b > 2), b, 3.0) - 2) / (np.where(fixed(b > 2), b, 3.0) - 1) ** 2, np.inf
    ),
    entropy=lambda b: 1 + 1 / b - np.log(b),
)
lomax = Continuous(
    "lomax", (2.6,), density=lambda z, c: (np.log(c) - (c + 1) * np.log1p(z),),
    cdf=lambda z, c: -np.expm1(-c * np.log1p(z)), logsf=lambda z, c: -c * np.log1p(z),
)
fisk = Continuous(
    "fisk", (3.1,), density=lambda z, c: (np.log(c) - 2 * np.log1p(np.power(z, c)), (z, c - 1)),
    cdf=lambda z, c: np.power(z, c) / (1 + np.power(z, c)),
)
burr12 = Continuous(
    "burr12", (2.5, 1.4),
    density=lambda z, c, d: (np.log(c) + np.log(d) - (d + 1) * np.log1p(np.power(z, c)), (z, c - 1)),
    cdf=lambda z, c, d: -np.expm1(-d * np.log1p(np.power(z, c))), logsf=lambda z, c, d: -d * np.log1p(np.power(z, c)),
)
burr = Continuous(
    "burr", (2.5, 1.4),
    density=lambda z, c, d: (np.log(c) + np.log(d) - (d + 1) * np.log1p(np.power(z, c)), (z, c * d - 1)),
    cdf=lambda z, c, d: np.power(np.power(z, c) / (1 + np.power(z, c)), d),
)
mielke = Continuous(
    "mielke", (2.5, 1.7),
    density=lambda z, k, s: (np.log(k) - (1 + k / s) * np.log1p(np.power(z, s)), (z, k - 1)),
    cdf=lambda z, k, s: np.power(z, k) / np.power(1 + np.power(z, s), k / s),
)
betaprime = Continuous(
    "betaprime", (2.5, 3.5),
    density=lambda z, a, b: (-(a + b) * np.log1p(z) - special.betaln(a, b), (z, a - 1)),
    cdf=lambda z, a, b: special.betainc(a, b, z / (1 + z)),
)
f = Continuous(
    "f", (3.5, 6.5),
    density=lambda z, dfn, dfd: (
        special.xlogy(dfn / 2, dfn) + special.xlogy(dfd / 2, dfd) - (dfn + dfd) / 2 * np.log(dfd + dfn * z)
        - special.betaln(dfn / 2, dfd / 2),
        (z, dfn / 2 - 1),
    ),
    cdf=lambda z, dfn, dfd: special.fdtr(dfn, dfd, z),
    mean=lambda dfn, dfd: np.where(
        fixed((dfd > 2) & (dfn > 0)), dfd / (np.where(fixed(dfd > 2), dfd, 3.0) - 2), np.inf
    ),
    var=lambda dfn, dfd: np.where(
        fixed((dfd > 4) & (dfn > 0)),
        2 * dfd**2 * (dfn + dfd - 2) / dfn / (np.where(fixed(dfd > 4), dfd, 5.0) - 2) ** 2
        / (np.where(fixed(dfd > 4), dfd, 5.0) - 4),
        np.inf,
    ),
)  # fmt: skip
invgauss = Continuous(
    "invgauss", (0.9,), flat_ends=True,
    density=lambda z, mu: (-_log_two_pi / 2 - 1.5 * np.log(z) - ((z - mu) / mu) ** 2 / (2 * z),),
    cdf=lambda z, mu: special.ndtr((z / mu - 1) / np.sqrt(z))
    + np.exp(2 / mu + special.log_ndtr(-(z / mu + 1) / np.sqrt(z))),
    mean=lambda mu: mu, var=lambda mu: mu**3,
)
wald = Continuous(
    "wald", flat_ends=True, density=lambda z: (-_log_two_pi / 2 - 1.5 * np.log(z) - (z - 1) ** 2 / (2 * z),),
    cdf=lambda z: special.ndtr((z - 1) / np.sqrt(z)) + np.exp(2 + special.log_ndtr(-(z + 1) / np.sqrt(z))),
    mean=lambda: 1.0, var=lambda: 1.0,
)


def _fatigue(z: Any, c: Any) -> Any:
    return (np.sqrt(z) - 1 / np.sqrt(z)) / c


fatiguelife = Continuous(
    "fatiguelife", (0.9,), flat_ends=True,
    density=lambda z, c: (_normal(_fatigue(z, c)) + np.log(z + 1) - np.log(2 * c) - 1.5 * np.log(z),),
    cdf=lambda z, c: special.ndtr(_fatigue(z, c)), mean=lambda c: c * c / 2 + 1,
    var=lambda c: c * c * (1 + 1.25 * c * c),
)

# ---------------------------------------------------------------------- generalized extremes and excesses


def _extreme(z: Any, c: Any) -> Any:
    """(1 − cz)^(1/c), at c = 0 its limit exp(−z)."""
    return special.inv_boxcox(-z, c)


genextreme = Continuous(
    "genextreme", (0.2,),
    density=lambda z, c: ((1 - c) * np.log(_extreme(z, c)) - _extreme(z, c),),
    cdf=lambda z, c: np.exp(-_extreme(z, c)), logcdf=lambda z, c: -_extreme(z, c),
)
genpareto = Continuous(
    "genpareto", (0.3,), density=lambda z, c: (-(c + 1) * np.log(special.inv_boxcox(z, c)),),
    cdf=lambda z, c: 1 - 1 / special.inv_boxcox(z, c), logsf=lambda z, c: -np.log(special.inv_boxcox(z, c)),
)

# ---------------------------------------------------------------------- between two ends

uniform = Continuous(
    "uniform", density=lambda z: (0.0 * z,), cdf=lambda z: z, mean=lambda: 0.5, var=lambda: 1 / 12, entropy=lambda: 0.0
)
beta = Continuous(
    "beta", (2.5, 1.5), density=lambda z, a, b: (-special.betaln(a, b), (z, a - 1), (1 - z, b - 1)),
    cdf=lambda z, a, b: special.betainc(a, b, z), mean=lambda a, b: a / (a + b),
    var=lambda a, b: a * b / ((a + b) ** 2 * (a + b + 1)),
    entropy=lambda a, b: special.betaln(a, b) - (a - 1) * special.psi(a) - (b - 1) * special.psi(b)
    + (a + b - 2) * special.psi(a + b),
)
powerlaw = Continuous(
    "powerlaw", (1.7,), density=lambda z, a: (np.log(a), (z, a - 1)), cdf=lambda z, a: np.power(z, a),
    mean=lambda a: a / (a + 1), var=lambda a: a / (a + 2) / (a + 1) ** 2, entropy=lambda a: 1 - 1 / a - np.log(a),
)
arcsine = Continuous(
    "arcsine", density=lambda z: (-_log_pi, (z, -0.5), (1 - z, -0.5)), cdf=lambda z: 2 / np.pi * np.arcsin(np.sqrt(z)),
    mean=lambda: 0.5, var=lambda: 0.125,
)
semicircular = Continuous(
    "semicircular", density=lambda z: (np.log(2 / np.pi), (1 - z * z, 0.5)),
    cdf=lambda z: 0.5 + (z * np.sqrt(1 - z * z) + np.arcsin(z)) / np.pi, mean=lambda: 0.0, var=lambda: 0.25,
)
cosine = Continuous(
    "cosine", density=lambda z: (-_log_two_pi, (1 + np.cos(z), 1.0)),
    cdf=lambda z: (np.pi + z + np.sin(z)) / (2 * np.pi),
    mean=lambda: 0.0, var=lambda: np.pi**2 / 3 - 2,
)
anglit = Continuous(
    "anglit", density=lambda z: (0.0 * z, (np.cos(2 * z), 1.0)), cdf=lambda z: np.sin(z + np.pi / 4) ** 2,
    mean=lambda: 0.0, var=lambda: np.pi**2 / 16 - 0.5, entropy=lambda: 1 - np.log(2),
)
bradford = Continuous(
    "bradford", (0.8,), density=lambda z, c: (np.log(c) - np.log1p(c * z) - np.log(np.log1p(c)),),
    cdf=lambda z, c: np.log1p(c * z) / np.log1p(c),
)
loguniform = Continuous(
    "loguniform", (0.5, 2.5), density=lambda z, a, b: (-np.log(z) - np.log(np.log(b) - np.log(a)),),
    cdf=lambda z, a, b: (np.log(z) - np.log(a)) / (np.log(b) - np.log(a)),
)
reciprocal = Continuous(
    "reciprocal", (0.5, 2.5), density=lambda z, a, b: (-np.log(z) - np.log(np.log(b) - np.log(a)),),
    cdf=lambda z, a, b: (np.log(z) - np.log(a)) / (np.log(b) - np.log(a)),
)
truncexpon = Continuous(
    "truncexpon", (2.5,), density=lambda z, b: (-z - np.log(-np.expm1(-b)),),
    cdf=lambda z, b: np.expm1(-z) / np.expm1(-b),
)
johnsonsb = Continuous(
    "johnsonsb", (0.7, 1.4), flat_ends=True,
    density=lambda z, a, b: (_normal(a + b * special.logit(z)) + np.log(b) - np.log(z) - np.log1p(-z),),
    cdf=lambda z, a, b: special.ndtr(a + b * special.logit(z)),
)
rdist = Continuous(
    "rdist", (2.6,), density=lambda z, c: (-special.betaln(0.5, c / 2), (1 - z * z, c / 2 - 1)),
    cdf=lambda z, c: special.betainc(c / 2, c / 2, (z + 1) / 2),
)


def _triangle(z: Any, c: Any) -> Any:
    """Rising up to c, then falling; at an end of the unit interval there is one side only."""
    rising = fixed((z < c) | np.equal(c, 1))
    up, down = np.where(rising, c, 0.5), np.where(rising, 0.5, 1 - c)
    return np.where(rising, z / up, (1 - z) / down)


def _triangle_cdf(z: Any, c: Any) -> Any:
    rising = fixed((z < c) | np.equal(c, 1))
    up, down = np.where(rising, c, 0.5), np.where(rising, 0.5, 1 - c)
    return np.where(rising, z * z / up, 1 - (1 - z) ** 2 / down)


triang = Continuous(
    "triang", (0.4,), density=lambda z, c: (np.log(2), (_triangle(z, c), 1.0)), cdf=_triangle_cdf,
    mean=lambda c: (c + 1) / 3, var=lambda c: (1 - c + c * c) / 18, entropy=lambda c: 0.5 - np.log(2) + 0.0 * c,
)


def _log_mass(a: Any, b: Any) -> Any:
    """log(Φ(b) − Φ(a)) for a < b, from the side on which nothing cancels."""
    right = fixed(a > 0)
    low, high = np.where(right, -b, a), np.where(right, -a, b)
    top = special.log_ndtr(high)
    return top + np.log1p(-np.exp(special.log_ndtr(low) - top))


truncnorm = Continuous(
    "truncnorm", (-1.1, 2.7), density=lambda z, a, b: (_normal(z) - _log_mass(a, b),),
    cdf=lambda z, a, b: (special.ndtr(z) - special.ndtr(a)) / np.exp(_log_mass(a, b)),
)

# ---------------------------------------------------------------------- on the circle

_nodes, _weights = np.polynomial.legendre.leggauss(96)


def _vonmises_cdf(z: Any, kappa: Any) -> Any:
    """½ + ∫₀ᶻ of the density, by Gauss's rule over the angle from the nearest whole turn."""
    turns = np.rint(fixed(z) / (2 * np.pi))
    angle = z - 2 * np.pi * turns
    half, k = np.expand_dims(angle / 2, -1), np.expand_dims(kappa, -1)
    density = np.exp(-2 * k * np.sin(half * (_nodes + 1) / 2) ** 2)
    total = np.sum(_weights * half * density, axis=-1)
    return 0.5 + turns + total / (2 * np.pi * special.i0e(kappa))


def _vonmises(z: Any, kappa: Any) -> Any:
    return -2 * kappa * np.sin(z / 2) ** 2 - _log_two_pi - np.log(special.i0e(kappa))


vonmises = Continuous("vonmises", (2.5,), density=lambda z, kappa: (_vonmises(z, kappa),), cdf=_vonmises_cdf)
vonmises_line = Continuous("vonmises_line", (2.5,), density=lambda z, kappa: (_vonmises(z, kappa),), cdf=_vonmises_cdf)
