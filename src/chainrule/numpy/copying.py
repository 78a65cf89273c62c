"""Python code of NumPy and SciPy, run on :mod:`chainrule.numpy`: copies of functions that find other names.

Much of SciPy is written in Python, with NumPy's functions. A copy of such a function, which finds `chainrule.numpy`
under the name `np`, and copies of its own helpers, computes the same with tracked values; where the helpers are in C, a
tracked value is refused there. What it computes is what SciPy's code says, so its derivative is that of the program.
"""

from __future__ import annotations

import abc
import builtins
import enum
import functools
import importlib
from collections.abc import Callable
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy

from chainrule.engine.assignment import has_tracked, joined
from chainrule.engine.values import Tracked
from chainrule.errors import ShapeError
from chainrule.formula.expression import Function

_ROOTS = ("numpy.", "scipy.")
_copies: dict[Any, Any] = {}
"""By the id of an original, a module's names too: its copy."""


def copied(original: Any, stand_in: Callable[[Any], Any] = lambda value: None) -> Any:
    """The copy of a function or class. `stand_in` gives what takes the place of one of its helpers, or None.

    >>> import numpy.lib.scimath, chainrule as cr
    >>> cr.grad(copied(numpy.polynomial.polynomial.polyval))(3.0, [1.0, 2.0, 5.0])
    np.float64(32.0)
    """
    original = getattr(original, "_implementation", original)  # of those that NumPy dispatches
    found = _copies.get(original)
    if found is None:
        found = _of_class(original, stand_in) if isinstance(original, type) else _of_function(original, stand_in)
    return found


class _Names(dict[str, Any]):
    """The global names of a copy: those of the original, each replaced when it is first read."""

    def __init__(self, theirs: dict[str, Any], stand_in: Callable[[Any], Any]) -> None:
        super().__init__({name: theirs.get(name) for name in ("__name__", "__package__", "__spec__")})
        self.theirs, self.stand_in = theirs, stand_in
        self["__builtins__"] = {**vars(builtins), "float": _Float, "__import__": self.imported}

    def imported(self, *args: Any) -> Any:
        """What an import statement inside a copy imports."""
        return _replaced(builtins.__import__(*args), self.stand_in)

    def __missing__(self, name: str) -> Any:
        found = self[name] = _replaced(self.theirs[name], self.stand_in)
        return found


def _of_function(original: FunctionType, stand_in: Callable[[Any], Any]) -> Any:
    place = id(original.__globals__)
    names = _copies.get(place)
    if names is None:
        names = _copies[place] = _Names(original.__globals__, stand_in)
    closure = None if original.__closure__ is None else tuple(CellType() for _ in original.__closure__)
    made = FunctionType(original.__code__, names, original.__name__, original.__defaults__, closure)
    _copies[original] = made
    made.__kwdefaults__ = original.__kwdefaults__
    for cell, theirs in zip(closure or (), original.__closure__ or (), strict=True):
        cell.cell_contents = _replaced(theirs.cell_contents, stand_in)
    return made


class _Copy(abc.ABCMeta):
    """The class of copied classes, which take instances of the originals for their own."""

    original: type

    def __instancecheck__(cls, value: Any) -> bool:
        return super().__instancecheck__(value) or isinstance(value, cls.original)


def _of_class(original: type, stand_in: Callable[[Any], Any]) -> type:
    """A class with copies of the methods, derived from copies of the bases."""
    bases = tuple([_replaced(base, stand_in) for base in original.__bases__])
    names = {name: value for name, value in vars(original).items() if name not in ("__dict__", "__weakref__")}
    made = _copies[original] = _Copy(original.__name__, bases, names)
    made.original = original
    for name, value in names.items():
        if isinstance(value, FunctionType):
            setattr(made, name, _replaced(value, stand_in))
        elif isinstance(value, property):
            get, put, drop = (part and _replaced(part, stand_in) for part in (value.fget, value.fset, value.fdel))
            setattr(made, name, property(get, put, drop, value.__doc__))
        elif isinstance(value, (classmethod, staticmethod)):
            setattr(made, name, type(value)(_replaced(value.__func__, stand_in)))
    return made


class _Copied(ModuleType):
    """A module of helpers: its functions are copies."""

    def __init__(self, theirs: ModuleType, stand_in: Callable[[Any], Any]) -> None:
        super().__init__(theirs.__name__)
        vars(self)["__getattr__"] = lambda name: _replaced(getattr(theirs, name), stand_in)


def _replaced(value: Any, stand_in: Callable[[Any], Any]) -> Any:
    """What a copy finds under a name of the original's."""
    other = stand_in(value)
    if other is not None:
        return other
    if isinstance(value, ModuleType):
        return _module(value, stand_in)
    if isinstance(value, (dict, list, tuple)) and type(value) in (dict, list, tuple):
        return _container(value, stand_in)
    for name in ("c_", "r_", "vectorize"):
        if vars(numpy).get(name) is value:
            return getattr(importlib.import_module("chainrule.numpy"), name)
    if not callable(value) or not hasattr(value, "__name__"):
        return value
    name, module = value.__name__, str(getattr(value, "__module__", None))
    for theirs in (numpy, numpy.linalg, numpy.fft):
        if vars(theirs).get(name) is value and not isinstance(value, type):
            return getattr(importlib.import_module(f"chainrule.{theirs.__name__}"), name)
    if not f"{module}.".startswith(_ROOTS):
        return value
    if isinstance(getattr(value, "_implementation", value), FunctionType):
        return copied(value, stand_in)
    is_plain = type(value) in (type, abc.ABCMeta) and "__slots__" not in vars(value)
    return copied(value, stand_in) if is_plain and not issubclass(value, _AS_THEY_ARE) else value


_AS_THEY_ARE = (tuple, dict, list, BaseException, enum.Enum, numpy.generic, numpy.ndarray, numpy.ufunc, numpy.dtype)


def _module(theirs: ModuleType, stand_in: Callable[[Any], Any]) -> ModuleType:
    name = theirs.__name__
    if name in ("numpy", "numpy.linalg", "numpy.fft", "numpy.random") or name.endswith("array_api_compat.numpy"):
        return importlib.import_module("chainrule.numpy" if name.endswith("numpy") else f"chainrule.{name}")
    if not f"{name}.".startswith(_ROOTS):
        return theirs
    if theirs not in _copies:
        _copies[theirs] = _Copied(theirs, stand_in)
    return _copies[theirs]  # type: ignore[no-any-return]


def _container(value: Any, stand_in: Callable[[Any], Any]) -> Any:
    """A table of functions with copies of them; any other container as it is."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    changed = {key: _replaced(item, stand_in) for key, item in items}
    if all(changed[key] is item for key, item in (value.items() if isinstance(value, dict) else enumerate(value))):
        return value
    return changed if isinstance(value, dict) else type(value)(changed.values())


class _AnyFloat(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, builtins.float)


class _Float(float, metaclass=_AnyFloat):
    """Python's `float` in copies: a tracked number stays tracked."""

    dtype = numpy.dtype(builtins.float)

    def __new__(cls, value: Any = 0.0) -> Any:
        number: Any = value
        return number.item() if isinstance(value, Tracked) else builtins.float(number)


def open_to_tracked(
    theirs: Function, any_tracked: Callable[[Any], bool], stand_in: Callable[[Any], Any] = lambda value: None
) -> Function:
    """`theirs` of plain values, and its copy of tracked ones and of instances of copied classes."""

    @functools.wraps(theirs)
    def function(*args: Any, **kwargs: Any) -> Any:
        given = [*args, *kwargs.values()]
        if not any_tracked(given) and not any(isinstance(type(value), _Copy) for value in given):
            return theirs(*args, **kwargs)
        made = {name: _whole(value) for name, value in kwargs.items()}
        return copied(theirs, stand_in)(*map(_whole, args), **made)

    return function


def _whole(value: Any) -> Any:
    """A list with tracked values in it as an array, if its parts are of one shape."""
    if type(value) is not list or not has_tracked(value):
        return value
    try:
        return joined(value)
    except ShapeError:
        return value
