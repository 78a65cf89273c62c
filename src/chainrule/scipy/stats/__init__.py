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
from chainrule.scipy.rerun import rerun
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

__all__ += rerun(
    _theirs,
    globals(),
    (
        "bartlett", "boxcox", "boxcox_llf", "chisquare", "circmean", "circstd", "circvar", "combine_pvalues",
        "describe", "differential_entropy", "entropy", "f_oneway", "gmean", "gstd", "gzscore", "hmean", "iqr",
        "jarque_bera", "kstat", "kstatvar", "kurtosis", "kurtosistest", "levene", "linregress", "lmoment",
        "median_abs_deviation", "moment", "normaltest", "pearsonr", "pmean", "pointbiserialr", "power_divergence",
        "quantile", "scoreatpercentile", "sem", "skew", "skewtest", "tmax", "tmean", "tmin", "trim_mean", "trimboth",
        "tsem", "tstd", "ttest_1samp", "ttest_ind", "ttest_ind_from_stats", "ttest_rel", "tvar", "variation",
        "yeojohnson", "yeojohnson_llf", "zmap", "zscore",
    ),
)  # fmt: skip

__getattr__, __dir__ = namesake(_theirs, globals())
