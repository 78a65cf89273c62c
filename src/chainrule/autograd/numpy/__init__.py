"""NumPy for programs written for autograd: `chainrule.numpy` without its buffers.

Such programs never assign tracked values into arrays, so `zeros`, `array` of plain numbers and their relatives give
NumPy's own arrays here. The types of whole numbers take the plain value of a tracked one.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy

import chainrule.numpy as _numpy
from chainrule.autograd.numpy.constructors import WHOLE_NUMBERS, make_diagonal, making_plain_arrays, metadata
from chainrule.numpy import making as _making
from chainrule.numpy.opening import opened_names

__all__ = ["make_diagonal", "metadata"]
__all__ += [name for name in numpy.__all__ if name not in ("char", "core", "rec", "strings", "testing", "typing")]
__version__ = numpy.__version__

_SUBMODULES = ("fft", "linalg", "numpy_boxes", "random")
_OF_SHAPES = ("empty_like", "ones_like", "zeros_like")
_OBJECTS = ("c_", "emath", "lib", "ndenumerate", "r_", "vectorize")
_numpys, _ = opened_names(numpy, globals(), assignable=False)


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _OF_SHAPES:
        found = getattr(numpy, name)
    elif name in _making.__all__:
        found = making_plain_arrays(name)
    elif name in WHOLE_NUMBERS:
        found = WHOLE_NUMBERS[name]
    else:
        found = getattr(_numpy, name) if name in _OBJECTS else _numpys(name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *__all__})
