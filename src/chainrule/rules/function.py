"""Functions of our own that take part in NumPy's protocols.

A derivative sometimes needs a function that NumPy does not have: the derivative of sinc, a transpose of indexing.
Written with :func:`dispatched`, it is a citizen of the table like any NumPy function: tracked arrays and symbols
intercept it, so it can be differentiated again and shown.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from typing import Any

import numpy as np

from chainrule.errors import LazyError
from chainrule.formula.expression import Function
from chainrule.formula.source import OF_NUMBERS

_OF_ARRAYS = np.ndarray.__array_function__


def overrides(value: Any) -> bool:
    """Whether `value` answers NumPy's functions by itself; arrays and plain subclasses of arrays do not.

    >>> from chainrule.formula.expression import symbols
    >>> overrides(symbols("x")[0]), overrides(np.zeros(2)), overrides(2.0)
    (True, False, False)
    """
    return getattr(type(value), "__array_function__", _OF_ARRAYS) is not _OF_ARRAYS


def dispatched(implementation: Function | None = None, *, lazy: bool = False) -> Function:
    """`implementation`, handed to the first argument that has NumPy's `__array_function__` protocol, if one has.

    Arguments are looked at, and the items of a list that is the first of them; one that has the protocol is handed over
    by its position, however it was given. A lazy array knows nothing of
    our functions: for it a function that says so, with `lazy=True`, runs as it is, and others raise LazyError.

    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> @dispatched
    ... def twice(x):
    ...     return 2 * x
    >>> twice(3), twice(x)
    (6, Expression(twice(x)))
    """

    if implementation is None:
        return functools.partial(dispatched, lazy=lazy)

    @functools.wraps(implementation)
    def function(*args: Any, **kwargs: Any) -> Any:
        needed = False
        if kwargs and any(map(overrides, kwargs.values())):
            bound = inspect.signature(implementation).bind(*args, **kwargs)
            args, kwargs = bound.args, bound.kwargs
        for argument in (*args[0], *args[1:]) if args and type(args[0]) is list else args:
            if type(argument) is not np.ndarray and overrides(argument):
                if not is_lazy(argument):
                    return argument.__array_function__(function, (type(argument),), args, kwargs)
                needed = not lazy
        if needed:
            raise LazyError("it needs the entries of the array now")
        return implementation(*args, **kwargs)

    setattr(function, OF_NUMBERS, implementation)
    return function


def is_lazy(value: Any) -> bool:
    """Whether `value` is an array of another library: its entries are computed later, or elsewhere. Dask's are such.

    >>> from chainrule.formula.expression import symbols
    >>> is_lazy(np.zeros(2)), is_lazy(symbols("x")[0])
    (False, False)
    """
    kind = type(value)
    if kind is np.ndarray or kind is np.float64 or kind is float or kind is int:
        return False
    return overrides(value) and not issubclass(kind, np.ndarray) and not kind.__module__.startswith("chainrule.")


def entrywise(implementation: Function) -> Function:
    """:func:`dispatched` for a function that acts entry by entry: on an array in chunks it runs chunk by chunk."""

    @functools.wraps(implementation)
    def by_chunks(*args: Any, **kwargs: Any) -> Any:
        if any(map(is_lazy, args)):
            dask: Any = importlib.import_module("dask.array.core")  # late: who has such an array has imported it
            return dask.elemwise(function, *args, **kwargs)
        return implementation(*args, **kwargs)

    function = dispatched(by_chunks, lazy=True)
    setattr(function, OF_NUMBERS, implementation)
    return function


def size(x: Any) -> Any:
    """|x| for formulas in which only |x| occurs though they are smooth at 0: a choice between two smooth branches.

    `abs` has the slope 0 at 0, by convention; an even function such as exp(−2|x|)/(1 + exp(−2|x|))² would then have
    wrong derivatives of order two and more there. Either branch alone is right to all orders, on the border too.
    """
    return np.where(x < 0, -x, x)


@entrywise
def ending(value: Any, x: Any) -> Any:
    """`value`, as a function of `x` that ends here: its derivative by `x` is NaN, and so are all further ones.

    It stands where a derivative has a number (or is infinite, or NaN) but no derivative of its own: at a vertical
    tangent, at the tip of a cone, outside of a domain. A plain number there would have the derivative 0, a wrong one.
    The shapes of `value` and `x` broadcast.

    >>> float(ending(2.0, 5.0))
    2.0
    """
    shape = np.broadcast_shapes(np.shape(value), np.shape(x))
    dtype = np.result_type(value, x) if np.ndim(value) else np.asarray(x).dtype
    return np.full(shape, value, dtype if dtype.kind in "fc" else np.float64)[()]
