"""`numpy.polynomial` whose functions take tracked coefficients.

They are written in Python over `np`. Where NumPy's own refuses a tracked value, its code runs once more with
`chainrule.numpy` as its `np`. The classes (`Chebyshev`, `Polynomial`, …) are NumPy's.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy.polynomial

from chainrule.numpy.opening import REFUSALS, lost_tracking, standing_for

__all__ = numpy.polynomial.__all__


def __getattr__(name: str) -> Any:
    found = getattr(numpy.polynomial, name)
    return _opened(found) if isinstance(found, ModuleType) else found


def __dir__() -> list[str]:
    return dir(numpy.polynomial)


@functools.cache
def _opened(module: ModuleType) -> ModuleType:
    """A module of `numpy.polynomial`, such as `chebyshev`, whose functions take tracked coefficients.

    >>> import chainrule as cr
    >>> chebval = _opened(numpy.polynomial.chebyshev).chebval
    >>> cr.grad(lambda c: chebval(0.5, [1.0, c, 2 * c]))(3.0)
    np.float64(-0.5)
    """
    ours = ModuleType(module.__name__, module.__doc__)
    vars(ours).update(vars(module))
    for name, again in _with_our_numpy(module).items():
        vars(ours)[name] = _function(getattr(module, name), again)
    return ours


def _function(function: Callable[..., Any], again: Callable[..., Any]) -> Callable[..., Any]:
    @standing_for(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except REFUSALS as error:
            if not lost_tracking(error):
                raise
        return again(*args, **kwargs)

    return call


@functools.cache
def _with_our_numpy(module: ModuleType) -> dict[str, Any]:
    """The functions of a module, as they are with `chainrule.numpy` in the place of `np`; they call one another."""
    names = dict(vars(module), np=sys.modules[__package__ or ""])
    helpers = names.get("pu")
    if isinstance(helpers, ModuleType):
        names["pu"] = ModuleType(helpers.__name__)
        vars(names["pu"]).update(vars(helpers), **_with_our_numpy(helpers))
    made: dict[str, Any] = {}
    for name, found in vars(module).items():
        function = getattr(found, "_implementation", found)  # of one that is dispatched
        if isinstance(function, FunctionType) and function.__module__ == module.__name__:
            made[name] = FunctionType(function.__code__, names, name, function.__defaults__, function.__closure__)
            made[name].__kwdefaults__ = function.__kwdefaults__
    names.update(made)
    return made
