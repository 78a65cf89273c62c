"""`scipy.linalg`: chainrule's functions where there are such, otherwise SciPy's own."""

import scipy.linalg

import chainrule.scipy.linalg
from chainrule.namesakes import names_of

__getattr__ = names_of(chainrule.scipy.linalg, scipy.linalg)
