"""NumPy in which tracked values go wherever numbers go: `import chainrule.numpy as np`.

    import chainrule.numpy as np

    def rotated(angle, point):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return turn @ point

    def running(x):
        total = np.zeros(3)             # a buffer: NumPy's own arrays cannot hold tracked values
        for i in range(3):
            total[i] = total[i - 1] + x[i]
        return total

    def area(a, b):
        return np.linalg.det(np.diag([a, b]))

Every function is NumPy's own, with its signature and its results, open to lists in which tracked values are
(:mod:`chainrule.numpy.opening`). What makes arrays returns a :class:`~chainrule.engine.buffer.Buffer` where NumPy
returns an array of floating-point or complex numbers with at least one axis. Whole numbers and truth values are plain
arrays, because a tracked value in them would lose its derivative.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy

from chainrule.namesakes import Alias
from chainrule.numpy import making, opening

__all__ = numpy.__all__

_OWN = dict.fromkeys(making.__all__, "making") | {
    "c_": "grids", "r_": "grids", "ndenumerate": "loops", "poly1d": "polynomial", "vectorize": "loops",
}  # fmt: skip
_SUBMODULES = frozenset(("fft", "linalg", "polynomial", "random"))
_numpys, __dir__ = opening.opened_names(numpy, globals())
sys.meta_path.insert(0, Alias(__name__, "numpy"))  # for modules of which there is no file: chainrule.numpy.testing


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _OWN:
        made = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_OWN[name]}"), name)
        return made
    return _numpys(name)
