"""`numpy.random` in which tracked values go wherever numbers go."""

from __future__ import annotations

import numpy.random

from chainrule.numpy.opening import opened_names

__all__ = numpy.random.__all__
__getattr__, __dir__ = opened_names(numpy.random, globals())
