"""scipy.sparse with products of sparse matrices and tracked arrays, and solvers; the rest is SciPy's own."""

from __future__ import annotations

from scipy import sparse as _theirs

from chainrule.namesakes import namesake
from chainrule.scipy.sparse.products import matmul

__all__ = ["matmul"]

__getattr__, __dir__ = namesake(_theirs, globals())
