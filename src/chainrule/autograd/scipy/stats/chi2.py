"""SciPy's functions of the distribution `chi2`."""

import scipy.stats

from chainrule.autograd.names import names_of

__getattr__ = names_of(scipy.stats.chi2)
