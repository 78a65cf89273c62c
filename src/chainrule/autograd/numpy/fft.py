"""`chainrule.numpy.fft` under autograd's name."""

import numpy.fft

from chainrule.numpy.opening import opened_names

__getattr__, __dir__ = opened_names(numpy.fft, globals(), assignable=False)
