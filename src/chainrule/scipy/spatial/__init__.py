"""scipy.spatial: distances have derivatives in :mod:`chainrule.scipy.spatial.distance`; the rest is SciPy's own."""

from __future__ import annotations

import importlib
from typing import Any

from scipy import spatial as _theirs


def __getattr__(name: str) -> Any:
    return importlib.import_module("chainrule.scipy.spatial.distance") if name == "distance" else getattr(_theirs, name)


def __dir__() -> list[str]:
    return dir(_theirs)
