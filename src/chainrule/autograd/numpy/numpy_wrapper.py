"""The names that programs import from `autograd.numpy.numpy_wrapper`: those of `chainrule.autograd.numpy`."""

import chainrule.autograd.numpy
from chainrule.namesakes import names_of

__getattr__ = names_of(chainrule.autograd.numpy)
