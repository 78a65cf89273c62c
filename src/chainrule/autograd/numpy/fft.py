"""`chainrule.numpy.fft` under autograd's name."""

import chainrule.numpy
from chainrule.autograd.names import names_of

__getattr__ = names_of(chainrule.numpy.fft)
