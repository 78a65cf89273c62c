"""Densities of vectors: the multivariate normal and t distributions, Dirichlet's and the multinomial."""

from __future__ import annotations

import functools
import inspect
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import special
from scipy import stats as plain_stats

from chainrule.engine.assignment import joined
from chainrule.engine.location import at_user_line
from chainrule.engine.values import plain
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_array, as_full
from chainrule.scipy.following import any_tracked, derived
from chainrule.scipy.stats.distribution import MODULE

__all__ = ["dirichlet", "multinomial", "multivariate_normal", "multivariate_t"]

# ---------------------------------------------------------------------- quadratic forms of a covariance matrix


def _matrix(cov: Any, n: int) -> Any:
    """`cov` as a matrix: of a number the variance of every component, of a vector the diagonal."""
    return cov if np.ndim(cov) == 2 else cov * np.eye(n)


def _rank(cov: Any) -> int:
    """The rank as SciPy decides it."""
    eigenvalues = np.linalg.eigvalsh(plain(cov))
    largest: float = np.max(np.abs(eigenvalues))
    return int(np.sum(eigenvalues > 1e6 * np.finfo(eigenvalues.dtype).eps * largest))


def _form(deviations: Any, cov: Any) -> tuple[Any, Any]:
    """dᵀ·cov⁻¹·d for each row d, and log det cov: both on the range of a singular matrix, whose rank stays."""
    if _rank(cov) == np.shape(cov)[0]:
        factor = np.linalg.cholesky(cov)
        z = np.linalg.solve(factor, np.transpose(deviations))
        return np.sum(z * z, axis=0), 2 * np.sum(np.log(np.diagonal(factor)))
    inverse = np.linalg.pinv(cov, 1e6 * np.finfo(float).eps, hermitian=True)
    # The projection onto the null space turns the eigenvalues 0, and no others, into 1.
    whole = cov + np.eye(np.shape(cov)[0]) - inverse @ cov
    return np.sum((deviations @ inverse) * deviations, axis=1), np.linalg.slogdet(whole)[1]


def _deviations(x: Any, mean: Any, n: int) -> tuple[Any, tuple[int, ...]]:
    """The rows x − mean, and the shape of the result: SciPy leaves out axes of length one."""
    points = np.reshape(x, (*np.shape(x), 1)) if n == 1 else x  # each number is one; another axis does no harm
    return np.reshape(points - mean, (-1, n)), np.shape(points)[:-1]


def _without_ones(values: Any, shape: tuple[int, ...]) -> Any:
    """Values in this shape without its axes of length one, which SciPy leaves out."""
    return np.reshape(values, tuple(n for n in shape if n != 1))[()]


def _dimension(mean: Any, cov: Any) -> int:
    return int(max(np.size(mean), np.shape(cov)[-1] if np.ndim(cov) else 1))


class Joint:
    """A distribution of vectors: SciPy's, with methods of ours in front."""

    def __init__(self, name: str, **methods: Function) -> None:
        self._name, self._theirs, self._methods = name, getattr(plain_stats, name), methods
        for method, function in methods.items():
            setattr(self, method, function)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._theirs, name)

    def __call__(self, *args: Any, **kwargs: Any) -> FrozenJoint:
        """The distribution with these parameters, as SciPy's frozen ones."""
        return FrozenJoint(self, args, kwargs)


class FrozenJoint:
    """A distribution of vectors with parameters; what has no derivative here is done by SciPy's."""

    def __init__(self, dist: Joint, args: Any, kwds: Any) -> None:
        self._dist, self._args, self._kwds = dist, args, kwds

    def __getattr__(self, name: str) -> Any:
        if name not in self._dist._methods:
            return getattr(self._dist._theirs(*self._args, **self._kwds), name)
        method = self._dist._methods[name]
        if name in ("logpdf", "pdf", "logpmf", "pmf"):
            return lambda x: method(x, *self._args, **self._kwds)
        known = inspect.signature(method).parameters
        kwds = {key: value for key, value in self._kwds.items() if key in known}  # allow_singular is for densities
        return functools.partial(method, *self._args[: len(known)], **kwds)


# ---------------------------------------------------------------------- multivariate normal


def _normal_logpdf(out: Any, operands: Any, moving: Any, allow_singular: bool, logarithm: bool) -> Any:
    x, mean, cov = moving
    n = _dimension(mean, cov)
    deviations, shape = _deviations(x, mean, n)
    cov = _matrix(cov, n)
    squares, logdet = _form(deviations, cov)
    total = _without_ones(-(squares + logdet + _rank(cov) * np.log(2 * np.pi)) / 2, shape)
    lost = np.isneginf(plain(out)) if logarithm else np.equal(plain(out), 0)
    if np.any(lost):  # beside the range of a singular matrix there is no density
        total = np.where(lost, 0.0, total)
    return total if logarithm else np.where(lost, 0.0, np.exp(total))


_densities = SimpleNamespace()
"""The densities of the table: pickled by these names, for the public ones are methods."""


def _keep(density: Function, name: str) -> None:
    density.__module__, density.__qualname__ = __name__, f"_densities.{name}"
    vars(_densities)[name] = density


def _of_normal(name: str) -> Function:
    theirs = getattr(plain_stats.multivariate_normal, name)

    def value(x: Any, mean: Any, cov: Any, allow_singular: bool, logarithm: bool) -> Any:
        return as_full(theirs(x, mean, cov, allow_singular))[()]

    definition = derived(
        _signed(value, theirs), MODULE, _normal_logpdf, 3, "the logarithm's derivative", f"multivariate_normal.{name}"
    )

    _keep(definition, f"normal_{name}")

    @functools.wraps(theirs)
    def method(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        if not any_tracked([x, mean, cov]):
            return theirs(x, mean, cov, allow_singular)
        x, cov = as_array(joined(x)), as_array(joined(cov))
        mean = np.zeros(np.shape(cov)[-1] if np.ndim(cov) else 1) if mean is None else as_array(joined(mean))
        return definition(x, mean, cov, allow_singular, name == "logpdf")

    return method


def _signed(value: Function, theirs: Function) -> Function:
    functools.update_wrapper(value, theirs, updated=())
    return value


def _normal_entropy(mean: Any = None, cov: Any = 1) -> Any:
    """The entropy of the multivariate normal distribution: ½ log det(2πe·cov) on the range of `cov`."""
    if not any_tracked([mean, cov]):
        return plain_stats.multivariate_normal.entropy(mean, cov)
    cov = as_array(joined(cov))
    n = _dimension(0.0 if mean is None else plain(mean), cov)
    cov = _matrix(cov, n)
    _, logdet = _form(np.zeros((1, n)), cov)
    return (_rank(cov) * (np.log(2 * np.pi) + 1) + logdet) / 2


multivariate_normal = Joint(
    "multivariate_normal", logpdf=_of_normal("logpdf"), pdf=_of_normal("pdf"), entropy=_normal_entropy
)

# ---------------------------------------------------------------------- multivariate t


def _t_logpdf(x: Any, loc: Any = None, shape: Any = 1, df: Any = 1, allow_singular: bool = False) -> Any:
    """The logarithm of the density of the multivariate t distribution, as SciPy's."""
    if not any_tracked([x, loc, shape, df]):
        return plain_stats.multivariate_t.logpdf(x, loc, shape, df)
    x, scale, df = as_array(joined(x)), as_array(joined(shape)), as_array(df)
    n = _dimension(0.0 if loc is None else plain(joined(loc)), scale)
    loc = np.zeros(n) if loc is None else as_array(joined(loc))
    if np.isinf(plain(df)):
        return multivariate_normal.logpdf(x, loc, _matrix(scale, n), allow_singular)
    deviations, outer = _deviations(x, loc, n)
    scale = _matrix(scale, n)
    squares, logdet = _form(deviations, scale)
    half = (df + n) / 2
    constant = special.gammaln(half) - special.gammaln(df / 2) - n / 2 * np.log(df * np.pi) - logdet / 2
    return _without_ones(constant - half * np.log1p(squares / df), outer)


multivariate_t = Joint(
    "multivariate_t", logpdf=_t_logpdf, pdf=lambda *args, **options: np.exp(_t_logpdf(*args, **options))
)

# ---------------------------------------------------------------------- Dirichlet


def _dirichlet(x: Any, alpha: Any) -> Any:
    """For points `x` of the simplex, (n,) or one a column (n, m), and positive `alpha` (n,).

    The last of the n components may be left out. Raises ValueError where SciPy does: for another number of components,
    an `alpha` that is not positive, an `x` outside the simplex. (A sum within 1e-4 of 1 is let pass, so that the
    derivative by each component, and differences, make sense.)
    """
    x, alpha = as_array(joined(x)), as_array(joined(alpha))
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
    return _without_ones(total - _log_beta(alpha), np.shape(x)[1:])


def _log_beta(alpha: Any) -> Any:
    return np.sum(special.gammaln(alpha)) - special.gammaln(np.sum(alpha))


def _dirichlet_entropy(alpha: Any) -> Any:
    """The entropy of Dirichlet's distribution."""
    if not any_tracked([alpha]):
        return plain_stats.dirichlet.entropy(alpha)
    alpha = as_array(joined(alpha))
    total = np.sum(alpha)
    return _log_beta(alpha) + (total - np.size(alpha)) * special.psi(total) - np.sum((alpha - 1) * special.psi(alpha))


def _dirichlet_mean(alpha: Any) -> Any:
    """The mean, on the simplex; shape (n,)."""
    if not any_tracked([alpha]):
        return plain_stats.dirichlet.mean(alpha)
    alpha = as_array(joined(alpha))
    return alpha / np.sum(alpha)


def _dirichlet_var(alpha: Any) -> Any:
    """The variance of each component; shape (n,)."""
    if not any_tracked([alpha]):
        return plain_stats.dirichlet.var(alpha)
    alpha = as_array(joined(alpha))
    total = np.sum(alpha)
    return alpha * (total - alpha) / (total * total * (total + 1))


dirichlet = Joint(
    "dirichlet", logpdf=_dirichlet, pdf=lambda x, alpha: np.exp(_dirichlet(x, alpha)), entropy=_dirichlet_entropy,
    mean=_dirichlet_mean, var=_dirichlet_var,
)

# ---------------------------------------------------------------------- multinomial


def _multinomial(out: Any, operands: Any, moving: Any, logarithm: bool) -> Any:
    x, n, p = moving
    last = 1.0 - np.sum(p[..., :-1], axis=-1, keepdims=True)  # as SciPy has it, whatever the last entry says
    p = np.concatenate([p[..., :-1], last], axis=-1)
    total = special.gammaln(n + 1) + np.sum(special.xlogy(x, p) - special.gammaln(x + 1), axis=-1)
    return total if logarithm else np.exp(total)


def _of_multinomial(name: str) -> Function:
    theirs = getattr(plain_stats.multinomial, name)

    def value(x: Any, n: Any, p: Any, logarithm: bool) -> Any:
        return as_full(theirs(x, n, p))[()]

    definition = derived(
        _signed(value, theirs), MODULE, _multinomial, 3, "the logarithm's derivative", f"multinomial.{name}"
    )

    _keep(definition, f"multinomial_{name}")

    @functools.wraps(theirs)
    def method(x: Any, n: Any, p: Any) -> Any:
        if not any_tracked([x, n, p]):
            return theirs(x, n, p)
        return definition(as_full(as_array(x)), as_full(n), as_array(joined(p)), name == "logpmf")

    return method


multinomial = Joint("multinomial", logpmf=_of_multinomial("logpmf"), pmf=_of_multinomial("pmf"))
