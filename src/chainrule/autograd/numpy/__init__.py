"""NumPy for programs written for autograd: `chainrule.numpy` without its buffers.

Such programs never assign tracked values into arrays, so `zeros`, `array` of plain numbers and their relatives are
NumPy's own here, and give NumPy's own arrays. The types of whole numbers take the plain value of a tracked one.
"""

from __future__ import annotations

from typing import Any

import numpy

import chainrule.numpy as _numpy
from chainrule.autograd.numpy import fft, linalg, numpy_boxes, random
from chainrule.autograd.numpy.constructors import (
    array,
    asanyarray,
    asarray,
    copy,
    full,
    full_like,
    int8,
    int16,
    int32,
    int64,
    make_diagonal,
    metadata,
)

__all__ = [
    "array",
    "asanyarray",
    "asarray",
    "copy",
    "fft",
    "full",
    "full_like",
    "int8",
    "int16",
    "int32",
    "int64",
    "linalg",
    "make_diagonal",
    "metadata",
    "numpy_boxes",
    "random",
]  # fmt: skip
__all__ += [name for name in numpy.__all__ if name not in ("char", "core", "rec", "strings", "testing", "typing")]
__version__ = numpy.__version__

empty, empty_like = numpy.empty, numpy.empty_like
ones, ones_like = numpy.ones, numpy.ones_like
zeros, zeros_like = numpy.zeros, numpy.zeros_like


def __getattr__(name: str) -> Any:
    found = getattr(_numpy, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *globals()})
