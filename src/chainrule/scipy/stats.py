"""Densities and probabilities of the common distributions, as in scipy.stats, differentiable in continuous arguments.

    >>> import chainrule as cr
    >>> cr.grad(lambda mean: norm.logpdf(1.0, mean, 2.0))(0.0)
    np.float64(0.25)

The values are SciPy's: 0 (logarithm −∞) outside the support, NaN for a NaN and for parameters that are not allowed. The
ends belong to the support, and the derivative there is the one from inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from chainrule.engine.location import at_user_line
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_array
from chainrule.rules.untracked import fixed, seen

__all__ = [
    "bernoulli", "beta", "binom", "cauchy", "dirichlet", "expon", "gamma", "laplace", "lognorm", "multivariate_normal",
    "norm", "poisson", "t", "uniform",
]  # fmt: skip


@dataclass(frozen=True)
class Distribution:
    """A density or probability in standard form; its functions are called with the point and the shape parameters.

    `logarithm` holds inside the support; `outside` says where the density is 0, `valid` which parameters are allowed.
    At `ends` of the support or of the parameters the logarithm may be infinite where the density is smooth: there
    `product` gives the density. What a formula must not see is replaced by `inside`, a point of every support, and
    `allowed`, a value of every parameter.
    """

    shapes: tuple[str, ...]
    logarithm: Function
    outside: Function
    valid: Function
    inside: float = 1.0
    allowed: float = 1.0
    ends: Function = lambda z, *shapes: False
    product: Function = lambda z, *shapes: 0.0

    def _bound(self, names: tuple[str, ...], args: Any, kwargs: Any) -> list[Any]:
        """The parameters in order, `loc` and `scale` with their defaults. Raises TypeError as a function would."""
        given = dict(zip(names, args, strict=False))
        unknown = [name for name in kwargs if name not in names or name in given]
        missing = [name for name in self.shapes if name not in given and name not in kwargs]
        if len(args) > len(names) or unknown or missing:
            raise TypeError(
                f"the parameters are ({', '.join(names)}){at_user_line()}, got {len(args)} by position"
                f"{''.join(f', {name}=' for name in kwargs)}. Give {', '.join(self.shapes) or 'none'}; the others have "
                "defaults."
            )
        given = {"loc": 0.0, "scale": 1.0, **given, **kwargs}
        return [as_array(given[name]) for name in names]

    def _log(self, z: Any, *shapes: Any) -> Any:
        outside = self.outside(z, *shapes)
        return _unless(outside, self.logarithm(_unless(outside, z, self.inside), *shapes), -np.inf)

    def _density(self, z: Any, *shapes: Any) -> Any:
        ends = self.ends(z, *shapes)
        if seen(ends) and not np.any(ends):
            return np.exp(self._log(z, *shapes))
        # Each form keeps away from the points of the other, where its derivatives are infinite.
        apart = [np.where(ends, self.inside, z), *(np.where(ends, self.allowed, shape) for shape in shapes)]
        there = [np.where(ends, value, usual) for value, usual in zip((z, *shapes), apart, strict=True)]
        return np.where(ends, self.product(*there), np.exp(self._log(*apart)))


@dataclass(frozen=True)
class Continuous(Distribution):
    """A continuous distribution."""

    def logpdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The logarithm of the density at `x`; the shape parameters, `loc` and `scale` follow in SciPy's order."""
        with np.errstate(all="ignore"):
            wrong, z, shapes, scale = self._standard(x, args, kwargs)
            return _unless(wrong, self._log(z, *shapes) - np.log(scale), np.nan)

    def pdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The density itself."""
        with np.errstate(all="ignore"):
            wrong, z, shapes, scale = self._standard(x, args, kwargs)
            return _unless(wrong, self._density(z, *shapes) / scale, np.nan)

    def _standard(self, x: Any, args: Any, kwargs: Any) -> tuple[Any, Any, list[Any], Any]:
        """Where parameters are not allowed; the point in standard form; the parameters, with allowed values there."""
        *shapes, loc, scale = self._bound((*self.shapes, "loc", "scale"), args, kwargs)
        wrong = ~fixed(self.valid(*shapes) & _positive(scale))
        shapes = [_unless(wrong, shape, self.allowed) for shape in shapes]
        scale = _unless(wrong, scale, 1.0)
        return wrong, (as_array(x) - loc) / scale, shapes, scale


@dataclass(frozen=True)
class Normal(Continuous):
    """The normal distribution, whose distribution function has a rule of its own."""

    def cdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability of at most `x`."""
        return self._distributed(special.ndtr, x, args, kwargs)

    def logcdf(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Its logarithm, also where the probability itself would underflow."""
        return self._distributed(special.log_ndtr, x, args, kwargs)

    def _distributed(self, function: Function, x: Any, args: Any, kwargs: Any) -> Any:
        with np.errstate(all="ignore"):
            wrong, z, _, _ = self._standard(x, args, kwargs)
            return _unless(wrong, function(z), np.nan)


@dataclass(frozen=True)
class Discrete(Distribution):
    """A distribution on the whole numbers."""

    def logpmf(self, k: Any, *args: Any, **kwargs: Any) -> Any:
        """The logarithm of the probability of `k`; the shape parameters and `loc` follow in SciPy's order."""
        with np.errstate(all="ignore"):
            wrong, k, shapes = self._standard(k, args, kwargs)
            return _unless(wrong, self._log(k, *shapes), np.nan)

    def pmf(self, k: Any, *args: Any, **kwargs: Any) -> Any:
        """The probability itself."""
        with np.errstate(all="ignore"):
            wrong, k, shapes = self._standard(k, args, kwargs)
            return _unless(wrong, self._density(k, *shapes), np.nan)

    def _standard(self, k: Any, args: Any, kwargs: Any) -> tuple[Any, Any, list[Any]]:
        *shapes, loc = self._bound((*self.shapes, "loc"), args, kwargs)
        wrong = ~fixed(self.valid(*shapes))
        return wrong, np.subtract(as_array(k), loc), [_unless(wrong, shape, self.allowed) for shape in shapes]


@dataclass(frozen=True)
class Joint:
    """A density of vectors."""

    logpdf: Function

    def pdf(self, *args: Any, **kwargs: Any) -> Any:
        """The density itself."""
        return np.exp(self.logpdf(*args, **kwargs))


def _unless(condition: Any, value: Any, otherwise: Any) -> Any:
    """`value`, but `otherwise` where `condition` holds; nothing is selected where it holds nowhere."""
    return np.where(condition, otherwise, value) if not seen(condition) or np.any(condition) else value


def _positive(*parameters: Any) -> Any:
    """Whether all are greater than 0; NaN is not."""
    allowed: Any = np.True_
    for parameter in parameters:
        allowed = allowed & fixed(parameter > 0)
    return allowed


def _chance(p: Any) -> Any:
    return fixed((p >= 0) & (p <= 1))


def _count(k: Any) -> Any:
    """Whether `k` is a whole number from 0 on."""
    return fixed((k >= 0) & np.equal(np.floor(k), k))


def _no_count(k: Any, *shapes: Any) -> Any:
    return ~_count(k) & np.equal(k, k)  # NaN stays NaN


# ---------------------------------------------------------------------- continuous distributions


def _norm(z: Any) -> Any:
    return -(z * z) / 2 - np.log(2 * np.pi) / 2


def _t(z: Any, df: Any) -> Any:
    normal = np.isinf(df)
    df = _unless(normal, df, 1.0)
    usual = -(df + 1) / 2 * np.log1p(z * z / df) - special.betaln(0.5, df / 2) - np.log(df) / 2
    return _unless(normal, usual, _norm(z)) if not seen(normal) or np.any(normal) else usual


def _lognorm(z: Any, s: Any) -> Any:
    return _norm(np.log(z) / s) - np.log(s) - np.log(z)


def _beta(z: Any, a: Any, b: Any) -> Any:
    return special.xlogy(a - 1, z) + special.xlog1py(b - 1, -z) - special.betaln(a, b)


def _nowhere(z: Any, *shapes: Any) -> Any:
    return np.False_


def _below_zero(z: Any, *shapes: Any) -> Any:
    return fixed(z < 0)


def _outside_unit(z: Any, *shapes: Any) -> Any:
    return fixed((z < 0) | (z > 1))


norm = Normal((), _norm, _nowhere, _positive)
expon = Continuous((), lambda z: -z, _below_zero, _positive)
laplace = Continuous((), lambda z: -np.abs(z) - np.log(2), _nowhere, _positive)
cauchy = Continuous((), lambda z: -2 * np.log(np.hypot(1.0, z)) - np.log(np.pi), _nowhere, _positive)  # z² overflows
uniform = Continuous((), lambda z: 0.0 * z, _outside_unit, _positive)
t = Continuous(("df",), _t, _nowhere, _positive)
lognorm = Continuous(("s",), _lognorm, lambda z, s: fixed(z <= 0), _positive)
gamma = Continuous(
    ("a",),
    lambda z, a: special.xlogy(a - 1, z) - z - special.gammaln(a),
    _below_zero,
    _positive,
    ends=lambda z, a: np.equal(z, 0),
    product=lambda z, a: np.power(z, a - 1) * np.exp(-z - special.gammaln(a)),
)
beta = Continuous(
    ("a", "b"),
    _beta,
    _outside_unit,
    _positive,
    inside=0.5,
    ends=lambda z, a, b: np.equal(z, 0) | np.equal(z, 1),
    product=lambda z, a, b: np.power(z, a - 1) * np.power(1 - z, b - 1) * np.exp(-special.betaln(a, b)),
)


def _multivariate_normal(x: Any, mean: Any = None, cov: Any = 1.0) -> Any:
    """For points `x` (…, n), a mean (n,) and a covariance matrix (n, n), of which the lower triangle is read.

    As in SciPy, a mean of None is 0, a number is the variance of every component, and a vector the diagonal of `cov`.
    """
    x, cov = as_array(x), as_array(cov)
    mean = 0.0 if mean is None else as_array(mean)
    n = int(max(np.size(mean), np.shape(cov)[-1] if np.ndim(cov) else 1))
    if np.ndim(cov) < 2:
        cov = cov * np.eye(n)  # a vector multiplies the columns
    points = np.reshape(x, (*np.shape(x), 1)) if n == 1 else x  # each number is one; another axis does no harm
    factor = np.linalg.cholesky(cov)
    z = np.linalg.solve(factor, np.reshape(points - mean, (-1, n)).T)
    total = -np.sum(z * z, axis=0) / 2 - np.sum(np.log(np.diagonal(factor))) - n / 2 * np.log(2 * np.pi)
    return _without_ones(total, np.shape(points)[:-1])


def _without_ones(values: Any, shape: tuple[int, ...]) -> Any:
    """Values in this shape without its axes of length one, which SciPy leaves out."""
    return np.reshape(values, tuple(n for n in shape if n != 1))[()]


def _dirichlet(x: Any, alpha: Any) -> Any:
    """For points `x` of the simplex, (n,) or one a column (n, m), and positive `alpha` (n,).

    The last of the n components may be left out. Raises ValueError where SciPy does: for another number of components,
    an `alpha` that is not positive, an `x` outside the simplex. (A sum within 1e-4 of 1 is let pass, so that the
    derivative by each component, and differences, make sense.)
    """
    x, alpha = as_array(x), as_array(alpha)
    n = np.size(alpha)
    if np.ndim(alpha) != 1 or np.shape(x)[:1] not in ((n,), (n - 1,)):
        raise ValueError(
            f"dirichlet got x of shape {np.shape(x)} and alpha of shape {np.shape(alpha)}{at_user_line()}. "
            "Give alpha (n,) and x (n,) or, with one point in each column, (n, m)."
        )
    if np.shape(x)[0] == n - 1:
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)], axis=0)
    if np.any(alpha <= 0) or np.any((x < 0) | (x > 1)) or np.any(np.abs(np.sum(x, axis=0) - 1) > 1e-4):
        raise ValueError(
            f"dirichlet got a point outside the simplex or an alpha that is not positive{at_user_line()}. Its "
            "components are from 0 to 1 and add up to 1."
        )
    powers = np.reshape(alpha - 1, (n,) + (1,) * (np.ndim(x) - 1))
    total = np.sum(special.xlogy(powers, x), axis=0)
    return _without_ones(total + special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha)), np.shape(x)[1:])


multivariate_normal, dirichlet = Joint(_multivariate_normal), Joint(_dirichlet)

# ---------------------------------------------------------------------- distributions on the whole numbers


def _ways(k: Any, n: Any) -> Any:
    """The logarithm of the number of ways to choose `k` of `n`."""
    return -special.betaln(np.add(k, 1.0), np.subtract(n, k) + 1.0) - np.log(np.add(n, 1.0))


def _binom(k: Any, n: Any, p: Any) -> Any:
    return _ways(k, n) + special.xlogy(k, p) + special.xlog1py(np.subtract(n, k), -p)


def _bernoulli(k: Any, p: Any) -> Any:
    return special.xlogy(k, p) + special.xlog1py(np.subtract(1, k), -p)


poisson = Discrete(
    ("mu",),
    lambda k, mu: special.xlogy(k, mu) - mu - special.gammaln(np.add(k, 1.0)),
    _no_count,
    lambda mu: fixed(mu >= 0),
    ends=lambda k, mu: np.equal(mu, 0) & _count(k),
    product=lambda k, mu: np.power(mu, k) * np.exp(-mu - special.gammaln(np.add(k, 1.0))),
)
binom = Discrete(
    ("n", "p"),
    _binom,
    lambda k, n, p: _no_count(k) | np.greater(k, n),
    lambda n, p: _count(n) & _chance(p),
    inside=0.0,
    ends=lambda k, n, p: (np.equal(p, 0) | np.equal(p, 1)) & _count(k) & np.less_equal(k, n),
    product=lambda k, n, p: np.power(p, k) * np.power(1 - p, np.subtract(n, k)) * np.exp(_ways(k, n)),
)
bernoulli = Discrete(
    ("p",),
    _bernoulli,
    lambda k, p: _no_count(k) | np.greater(k, 1),
    _chance,
    inside=0.0,
    allowed=0.5,
    ends=lambda k, p: (np.equal(p, 0) | np.equal(p, 1)) & _count(k) & np.less_equal(k, 1),
    product=lambda k, p: np.power(p, k) * np.power(1 - p, np.subtract(1, k)),
)
