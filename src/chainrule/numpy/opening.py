"""NumPy's functions as they are, but open to lists in which tracked values are.

A list is not of NumPy's dispatch: `np.sum([a, b])` makes an array of it in C, which cannot hold a tracked value. The
functions of this namespace call NumPy's. Only if that fails they look for tracked values in lists, join these and call
once more; so a plain call costs what calling a Python function costs, 0.1 µs, and no list of functions has to say which
of them take arrays, and which take lists of arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, ValuesView
from types import ModuleType
from typing import Any

import numpy

from chainrule.engine.assignment import has_tracked, joined
from chainrule.engine.buffer import Buffer, as_buffer, view_of_buffer
from chainrule.errors import ChainruleError, ShapeError, TrackingError
from chainrule.namesakes import Names
from chainrule.rules import TABLE, Composite

ndarray = numpy.ndarray
Function = Callable[..., Any]
_NUMBERS = frozenset((numpy.float64, float, numpy.bool_, bool, int))
REFUSALS = (ChainruleError, TypeError, ValueError)
"""What NumPy, or the engine, raises for a list with tracked values in it."""


def standing_for(function: Function) -> Callable[[Function], Function]:
    """Decorates what stands for a function of NumPy: it has that one's name, signature and, if it has none, docstring.

    In the docstring the prompt is `>>`, so that nobody runs NumPy's examples as ours: some of them write files.
    """

    def named(ours: Function) -> Function:
        doc = ours.__doc__ or (function.__doc__ or "").replace(">>> ", ">> ")
        ours = functools.wraps(function)(ours)
        ours.__doc__, ours.__module__, ours.__qualname__ = doc, __package__, function.__name__
        return ours

    return named


def opened(function: Function, *, assignable: bool = True) -> Function:
    """`function` of NumPy, open to lists and dict views with tracked values in them.

    The arrays that it makes are buffers if they are to be `assignable`.

    >>> import chainrule as cr
    >>> cr.jacobian(lambda x: opened(numpy.diag)([x, 2 * x]))(1.0)
    array([[1., 0.],
           [0., 2.]])
    """

    @standing_for(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            made = function(*args, **kwargs)
        except REFUSALS as error:
            made = _once_more(function, args, kwargs, error)
        kind = type(made)
        if kind in _NUMBERS or not assignable:
            return made
        if kind is ndarray or (isinstance(made, (list, tuple)) and any(type(part) is ndarray for part in made)):
            return _as_buffers(made, (args, kwargs))
        return made

    if isinstance(function, numpy.ufunc):
        _add_methods(call, function, assignable)
    return call


def _add_methods(call: Any, ufunc: numpy.ufunc, assignable: bool) -> None:
    """Give the function that stands for a ufunc what ufuncs have: `np.add.reduce`, `np.sin.nin`."""
    for name in dir(ufunc):
        if not name.startswith("_"):
            found = getattr(ufunc, name)
            setattr(call, name, opened(found, assignable=assignable) if callable(found) else found)


def opened_names(module: ModuleType, names: dict[str, Any], *, assignable: bool = True) -> Names:
    """`__getattr__` and `__dir__` of a module that has everything of one of NumPy's, functions opened.

    What was asked for once is put among the `names` of the module, where Python finds it at once.
    """

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name == "__path__":  # NumPy's files are not looked for under another name
            raise AttributeError(name)
        found = getattr(module, name)
        if callable(found) and hasattr(found, "__name__") and not isinstance(found, type):
            found = opened(found, assignable=assignable)
        elif isinstance(found, ModuleType) and found.__name__.startswith("numpy.lib"):
            found = _Opened(found)
        names[name] = found
        return found

    return __getattr__, lambda: dir(module)


class _Opened(ModuleType):
    """A module of NumPy's whose functions are opened: `np.lib.stride_tricks`, `np.emath`."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__all__ = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
        found, listed = opened_names(module, vars(self))
        vars(self).update(__path__=[], __getattr__=found, __dir__=listed)  # asked for what the module does not have


# ---------------------------------------------------------------------- arrays as buffers


def _as_buffers(made: Any, arguments: Any) -> Any:
    """A result with buffers in place of arrays. A view of a buffer is one of its views; that of an array stays one."""
    if isinstance(made, (list, tuple)):
        parts = [_as_buffers(part, arguments) for part in made]
        return type(made)(*parts) if hasattr(made, "_fields") else type(made)(parts)
    if type(made) is not ndarray or made.dtype.kind not in "fc":
        return made
    if made.base is not None:
        for array in _arrays(arguments):
            if made is array:
                return made
            if numpy.may_share_memory(made, array):
                return view_of_buffer(made, array) if type(array) is Buffer else made
    return as_buffer(made)


def _arrays(tree: Any) -> Iterator[Any]:
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _arrays(item)
    elif isinstance(tree, dict):
        yield from _arrays([*tree.values()])
    elif isinstance(tree, ndarray):
        yield tree


# ---------------------------------------------------------------------- lists with tracked values in them


def _once_more(function: Function, args: Any, kwargs: dict[str, Any], error: Exception) -> Any:
    """Call `function` again with its lists joined whole, or if their parts have different shapes, the parts.

    Where neither helps, the error is the one that says most about the call. Without a list of tracked values it is that
    of the first call, unless tracked values came out of a function that `function` calls, as np.piecewise does: then
    the definition in the table computes the call.
    """
    rule = TABLE.get(function)
    if isinstance(rule, Composite) and lost_tracking(error) and not has_tracked([*args, *kwargs.values()]):
        return rule.definition(*args, **kwargs)
    options = {name: value for name, value in kwargs.items() if name != "out"}
    for change in (_whole, _in_parts):
        try:
            changed = [*map(change, args)]
            changed_options = {name: change(value) for name, value in options.items()}
        except ShapeError as ragged:
            error = ragged
            continue
        same = all(map(_is, changed, args)) and all(map(_is, changed_options.values(), options.values()))
        if same:
            continue
        try:
            return function(*changed, **{**kwargs, **changed_options})
        except REFUSALS as again:
            if not (isinstance(error, ShapeError) and isinstance(again, TrackingError)):
                error = again
    raise error


def lost_tracking(error: Exception) -> bool:
    """Whether a tracked value was about to leave tracking; where NumPy assigns in C, that is the cause of its error."""
    return isinstance(error, TrackingError) or isinstance(error.__cause__, TrackingError)


def _is(one: Any, other: Any) -> bool:
    return one is other


def _whole(argument: Any) -> Any:
    if isinstance(argument, ValuesView):
        return list(argument)
    return joined(argument) if has_tracked(argument) else argument


def _in_parts(argument: Any) -> Any:
    if isinstance(argument, ValuesView):
        argument = list(argument)
    if isinstance(argument, (list, tuple)) and has_tracked(argument):
        parts = [joined(part) if has_tracked(part) else part for part in argument]
        return argument if all(map(_is, parts, argument)) else type(argument)(parts)
    return argument
