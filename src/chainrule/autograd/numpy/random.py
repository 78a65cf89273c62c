"""`chainrule.numpy.random` under autograd's name."""

import numpy.random

from chainrule.numpy.opening import opened_names

__getattr__, __dir__ = opened_names(numpy.random, globals(), assignable=False)
