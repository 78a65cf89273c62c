"""`numpy.polynomial` with tracked coefficients and points: NumPy's own code, run on :mod:`chainrule.numpy`.

    import chainrule.numpy as np

    np.polynomial.chebyshev.chebval(0.3, [a, b, c])

NumPy writes these functions and classes in Python, with NumPy's functions. So a copy of each, which finds
`chainrule.numpy` under the name `np`, does the same with tracked values, unless the table has a rule of its own.
"""

from __future__ import annotations

from types import ModuleType

import numpy

from chainrule.engine.assignment import has_tracked
from chainrule.namesakes import namesake
from chainrule.numpy.copying import copied, open_to_tracked
from chainrule.numpy.opening import opened
from chainrule.rules import TABLE

__all__ = [
    "Chebyshev", "Hermite", "HermiteE", "Laguerre", "Legendre", "Polynomial", "chebyshev", "hermite", "hermite_e",
    "laguerre", "legendre", "polynomial",
]  # fmt: skip


def _of(module: ModuleType) -> ModuleType:
    """The module of ours that stands for one of NumPy's."""
    ours = ModuleType(f"{__name__}.{module.__name__.rpartition('.')[2]}", module.__doc__)
    for name, value in vars(module).items():
        if name in module.__all__ and isinstance(value, type):
            setattr(ours, name, copied(value))
        elif name in module.__all__ and callable(value):
            setattr(ours, name, opened(value) if value in TABLE else open_to_tracked(value, has_tracked))
        elif not name.startswith("__"):
            setattr(ours, name, value)
    ours.__all__ = module.__all__  # type: ignore[attr-defined]
    return ours


chebyshev = _of(numpy.polynomial.chebyshev)
hermite = _of(numpy.polynomial.hermite)
hermite_e = _of(numpy.polynomial.hermite_e)
laguerre = _of(numpy.polynomial.laguerre)
legendre = _of(numpy.polynomial.legendre)
polynomial = _of(numpy.polynomial.polynomial)
Chebyshev, Hermite, HermiteE = chebyshev.Chebyshev, hermite.Hermite, hermite_e.HermiteE
Laguerre, Legendre, Polynomial = laguerre.Laguerre, legendre.Legendre, polynomial.Polynomial
poly1d = copied(numpy.poly1d)

__getattr__, __dir__ = namesake(numpy.polynomial, globals())
