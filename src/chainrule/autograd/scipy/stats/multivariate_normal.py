"""The functions of the distribution `multivariate_normal`, SciPy's own where chainrule has no derivative of them."""

import scipy.stats

import chainrule.scipy.stats
from chainrule.namesakes import names_of

__getattr__ = names_of(chainrule.scipy.stats.multivariate_normal, scipy.stats.multivariate_normal)
