"""`numpy.fft`, open to lists with tracked values in them."""

import numpy.fft

import chainrule.numpy.fft
from chainrule.autograd.names import numpys_names

__getattr__ = numpys_names(chainrule.numpy.fft, numpy.fft, globals())
