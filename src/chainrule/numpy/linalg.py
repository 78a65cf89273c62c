"""`numpy.linalg` in which tracked values go wherever numbers go."""

from __future__ import annotations

import numpy.linalg

from chainrule.numpy.opening import opened_names

__all__ = numpy.linalg.__all__
__getattr__, __dir__ = opened_names(numpy.linalg, globals())
