"""Modules that show the attributes of others: `__getattr__ = names_of(ours, theirs)` at the end of a module."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from chainrule.numpy.opening import REFUSALS

Function = Callable[..., Any]


def names_of(*sources: Any) -> Callable[[str], Any]:
    """A module's `__getattr__` that looks a name up in `sources`, the first one that has it.

    >>> import math, cmath
    >>> names_of(math, cmath)("phase") is cmath.phase
    True
    """

    def found(name: str) -> Any:
        for source in sources[:-1]:
            if hasattr(source, name):
                return getattr(source, name)
        return getattr(sources[-1], name)

    return found


def numpys_names(ours: ModuleType, numpys: ModuleType, names: dict[str, Any]) -> Callable[[str], Any]:
    """A module's `__getattr__` for the functions of one of NumPy's, by :func:`numpys_first`.

    What was asked for once is put among the `names` of the module, where Python finds it at once.
    """

    def found(name: str) -> Any:
        there, plain = getattr(ours, name), getattr(numpys, name, None)
        if callable(there) and callable(plain) and hasattr(there, "__name__") and not isinstance(there, type):
            there = numpys_first(plain, there)
        names[name] = there
        return there

    return found


def numpys_first(numpys: Function, ours: Function) -> Function:
    """NumPy's function, and where it refuses the arguments that of `chainrule.numpy`: with lists of tracked values.

    Arrays without tracking are NumPy's own then, not buffers.
    """

    @functools.wraps(ours)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return numpys(*args, **kwargs)
        except REFUSALS:
            return ours(*args, **kwargs)

    return call
