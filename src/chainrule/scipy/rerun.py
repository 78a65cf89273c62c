"""Functions of SciPy that are Python code, run on tracked values as they are; see :mod:`chainrule.numpy.copying`."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

import chainrule.math
import chainrule.numpy
from chainrule.formula.expression import Function
from chainrule.numpy.copying import copied, open_to_tracked
from chainrule.scipy.following import any_tracked


def rerun(theirs: ModuleType, names: dict[str, Any], functions: Iterable[str]) -> list[str]:
    """Put functions and classes of SciPy's module, by their names, into those of ours; returns the names.

    Functions are SciPy's own for plain values. Classes are copies, which SciPy's take for their own.
    """
    found = {name: getattr(theirs, name) for name in functions if hasattr(theirs, name)}  # older ones have fewer
    _RERUN.update(found.values())
    for name, original in found.items():
        is_class = isinstance(original, type)
        names[name] = copied(original, stand_in) if is_class else _function(original, names["__name__"])
    return [*found]


def _function(original: Function, module: str) -> Function:
    function = open_to_tracked(original, any_tracked, stand_in)
    public = module.removeprefix("chainrule.")
    function.__doc__ = f"{public}.{original.__name__} with derivatives: SciPy's own code, run on tracked values."
    function.__module__ = module
    return function


def stand_in(value: Any) -> Any:
    """What stands for something that SciPy's code names: the function or module of ours, if there is one."""
    if value is math:
        return chainrule.math
    if hasattr(value, "freeze") and not isinstance(value, type):  # a distribution
        return getattr(importlib.import_module("chainrule.scipy.stats"), value.name, None)
    if isinstance(value, type) and value.__name__ == "at" and "array_api_extra" in value.__module__:
        return At
    return _for_function(value) if callable(value) and hasattr(value, "__name__") else None


def _for_function(value: Any) -> Any:
    name = value.__name__
    if vars(math).get(name) is value:
        return getattr(chainrule.math, name)
    if name == "array_namespace":
        return lambda *arrays, **options: chainrule.numpy
    public = str(getattr(value, "__module__", None)).partition("._")[0]
    if public in _OURS and value not in _RERUN and getattr(importlib.import_module(public), name, None) is value:
        ours = importlib.import_module(f"chainrule.{public}")
        if name in ours.__all__:
            return getattr(ours, name)
    return value if public.startswith(_SOLVERS) else None


_OURS = frozenset(
    f"scipy.{name}"
    for name in (
        "fft", "integrate", "interpolate", "linalg", "ndimage", "optimize", "signal", "sparse", "spatial.distance",
        "special", "stats",
    )
)  # fmt: skip
_RERUN: set[Any] = set()
"""What is here because its code is run again: copies call one another."""
_SOLVERS = ("scipy.integrate", "scipy.interpolate", "scipy.optimize", "scipy.sparse", "scipy.special")
"""Their code is not copied: what an iteration ends with has the derivative of the solution, not of the iteration."""


class At:
    """What SciPy's code writes for assignments, `at(x)[mask].set(y)`: `x` with other entries, also of a number."""

    def __init__(self, x: Any, index: Any = True) -> None:
        self.x, self.index = x, index

    def __getitem__(self, index: Any) -> At:
        return At(self.x, index)

    def set(self, y: Any, copy: Any = None, xp: Any = None) -> Any:
        """The copy of `x` with `y` at the index."""
        if not np.ndim(self.x):
            return np.reshape(y, ())[()] if np.all(self.index) else self.x  # of no entries, or of this one
        made = chainrule.numpy.array(self.x)
        made[self.index] = y
        return made

    def _changed(self, ufunc: np.ufunc) -> Any:
        old = self.x[self.index] if np.ndim(self.x) else self.x
        return lambda y, copy=None, xp=None: self.set(ufunc(old, y))

    add = property(lambda self: self._changed(np.add))
    subtract = property(lambda self: self._changed(np.subtract))
    multiply = property(lambda self: self._changed(np.multiply))
    divide = property(lambda self: self._changed(np.divide))
    power = property(lambda self: self._changed(np.power))
    min = property(lambda self: self._changed(np.minimum))
    max = property(lambda self: self._changed(np.maximum))
