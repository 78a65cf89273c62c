"""NumPy for programs written for autograd: `chainrule.numpy` without its buffers.

Such programs never assign tracked values into arrays, so arrays without tracking are NumPy's own here. The types of
whole numbers take the plain value of a tracked one.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy

import chainrule.numpy as _numpy
from chainrule.autograd.names import numpys_names
from chainrule.autograd.numpy.additions import WHOLE_NUMBERS, make_diagonal, metadata

__all__ = ["make_diagonal", "metadata"]
__all__ += [name for name in numpy.__all__ if name not in ("char", "core", "rec", "strings", "testing", "typing")]
__version__ = numpy.__version__

_SUBMODULES = ("fft", "linalg", "numpy_boxes", "random")
_functions = numpys_names(_numpy, numpy, globals())

globals().update(WHOLE_NUMBERS)


def __getattr__(name: str) -> Any:
    return importlib.import_module(f"{__name__}.{name}") if name in _SUBMODULES else _functions(name)


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *__all__})
