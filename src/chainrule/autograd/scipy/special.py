"""`scipy.special`: chainrule's functions where there are such, otherwise SciPy's own."""

import scipy.special

import chainrule.scipy.special
from chainrule.namesakes import names_of

__getattr__ = names_of(chainrule.scipy.special, scipy.special)
