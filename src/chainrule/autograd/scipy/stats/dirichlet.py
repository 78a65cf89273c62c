"""The functions of the distribution `dirichlet`, SciPy's own where chainrule has no derivative of them."""

import scipy.stats

import chainrule.scipy.stats
from chainrule.namesakes import names_of

__getattr__ = names_of(chainrule.scipy.stats.dirichlet, scipy.stats.dirichlet)
