"""SciPy whose functions take tracked values: `import chainrule.scipy as scipy`, `from chainrule.scipy import stats`.

The modules have SciPy's names, and its functions under their own, with derivatives; what has none here is SciPy's own.
Its special functions that are ufuncs need no wrapper.
"""

from __future__ import annotations

import importlib
from typing import Any

import scipy as _theirs

_OWN = (
    "fft", "integrate", "interpolate", "linalg", "ndimage", "optimize", "signal", "sparse", "spatial", "special",
    "stats",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    return importlib.import_module(f"chainrule.scipy.{name}") if name in _OWN else getattr(_theirs, name)


def __dir__() -> list[str]:
    return dir(_theirs)
