"""`numpy.random`, open to lists with tracked values in them."""

import numpy.random

import chainrule.numpy.random
from chainrule.autograd.names import numpys_names

__getattr__ = numpys_names(chainrule.numpy.random, numpy.random, globals())
