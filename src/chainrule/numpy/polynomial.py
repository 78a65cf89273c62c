"""`numpy.polynomial` with tracked coefficients and points: NumPy's own code, run on :mod:`chainrule.numpy`.

    import chainrule.numpy as np

    np.polynomial.chebyshev.chebval(0.3, [a, b, c])

NumPy writes these functions in Python, with NumPy's functions. So a copy of each, which finds `chainrule.numpy` under
the name `np`, does the same with tracked values, unless the table has a rule of its own. The classes, such as
`Polynomial`, are NumPy's: their points may be tracked.
"""

from __future__ import annotations

import functools
import importlib
from types import FunctionType, ModuleType
from typing import Any

import numpy

from chainrule.engine.assignment import has_tracked
from chainrule.namesakes import namesake
from chainrule.numpy.opening import opened
from chainrule.rules import TABLE

__all__ = ["chebyshev", "hermite", "hermite_e", "laguerre", "legendre", "polynomial"]


def _copied(module: ModuleType) -> dict[str, Any]:
    """The names of a module of NumPy's, its functions copied so that they find chainrule's names and one another."""
    if module in _copies:
        return _copies[module]
    names = _copies[module] = dict(vars(module))
    for name, value in vars(module).items():
        value = getattr(value, "_implementation", value)  # of those that NumPy dispatches
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            copy = FunctionType(value.__code__, names, name, value.__defaults__, value.__closure__)
            copy.__kwdefaults__ = value.__kwdefaults__
            names[name] = copy
        elif isinstance(value, ModuleType) and value.__name__ in ("numpy", "numpy.linalg"):
            names[name] = importlib.import_module(f"chainrule.{value.__name__}")
        elif isinstance(value, ModuleType) and value.__name__ == "numpy.polynomial.polyutils":
            names[name] = ModuleType(value.__name__)
            vars(names[name]).update(_copied(value))
    return names


_copies: dict[ModuleType, dict[str, Any]] = {}


def _with_tracked(original: Any, module: ModuleType) -> Any:
    """`original` of plain values, and its copy of tracked ones."""

    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        if not has_tracked([*args, *kwargs.values()]):
            return original(*args, **kwargs)
        return _copied(module)[original.__name__](*args, **kwargs)

    function.__module__ = __name__
    return function


def _of(module: ModuleType) -> ModuleType:
    """The module of ours that stands for one of NumPy's."""
    ours = ModuleType(f"{__name__}.{module.__name__.rpartition('.')[2]}", module.__doc__)
    for name, value in vars(module).items():
        if name in module.__all__ and callable(value) and not isinstance(value, type):
            setattr(ours, name, opened(value) if value in TABLE else _with_tracked(value, module))
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

__getattr__, __dir__ = namesake(numpy.polynomial, globals())
