"""The functions of the distribution `beta`, SciPy's own where chainrule has no derivative of them."""

import scipy.stats

import chainrule.scipy.stats
from chainrule.namesakes import names_of

__getattr__ = names_of(chainrule.scipy.stats.beta, scipy.stats.beta)
