"""Distributions as in scipy.stats, differentiable in points, quantiles and continuous parameters.

    >>> import chainrule as cr
    >>> cr.grad(lambda mean: norm.logpdf(1.0, mean, 2.0))(0.0)
    np.float64(0.25)
    >>> cr.grad(lambda scale: norm(0.0, scale).sf(1.0))(1.0)
    np.float64(0.24197072451914337)

The values are SciPy's. Outside the support the derivative is 0; the ends belong to the support, and the derivative
there is the one from inside. What is not named here is SciPy's own.
"""

from __future__ import annotations

from scipy import stats as _theirs

from chainrule.namesakes import namesake
from chainrule.scipy.stats import continuous, discrete
from chainrule.scipy.stats.distribution import Distribution, is_distribution
from chainrule.scipy.stats.multivariate import dirichlet, multinomial, multivariate_normal, multivariate_t

_UNIVARIATE: dict[str, Distribution] = {
    name: value for module in (continuous, discrete) for name, value in vars(module).items() if is_distribution(value)
}
globals().update(_UNIVARIATE)
_JOINT = ("dirichlet", "multinomial", "multivariate_normal", "multivariate_t")
__all__ = ["dirichlet", "multinomial", "multivariate_normal", "multivariate_t"]
__all__ += sorted(_UNIVARIATE)

__getattr__, __dir__ = namesake(_theirs, globals())
