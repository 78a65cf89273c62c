"""scipy.sparse with products of sparse matrices and tracked arrays, and solvers; the rest is SciPy's own."""

from __future__ import annotations

import importlib
from typing import Any

from scipy import sparse as _theirs

from chainrule.scipy.sparse.products import matmul

__all__ = ["matmul"]


def __getattr__(name: str) -> Any:
    return importlib.import_module("chainrule.scipy.sparse.linalg") if name == "linalg" else getattr(_theirs, name)


def __dir__() -> list[str]:
    return sorted({*dir(_theirs), *__all__})
