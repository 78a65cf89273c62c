"""Python's `math` for tracked numbers: `import chainrule.math as math`.

    import chainrule.math as math

    def distance(latitude):
        return 6371 * math.acos(math.sin(latitude) * math.sin(0.8))

Of plain numbers every function is `math`'s own, bit for bit. Of tracked ones it is the function of NumPy or
`scipy.special` that computes the same; what `math` refuses is refused here too. Steps (`floor`, `ceil`, `trunc`) are
whole numbers, and constants to every transform. What is not here is `math`'s: it counts, or wants whole numbers.
"""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.engine.values import Tracked, plain, settled
from chainrule.formula.expression import Function
from chainrule.namesakes import namesake


def _special(name: str) -> Function:
    """A function of `scipy.special`, which is imported when it is called."""
    return lambda *args: getattr(importlib.import_module("scipy.special"), name)(*args)


def _log(x: Any, base: Any = math.e) -> Any:
    return np.log(x) if base is math.e else np.log(x) / np.log(base)


def _hypot(*coordinates: Any) -> Any:
    return np.hypot(*coordinates) if len(coordinates) == 2 else functools.reduce(np.hypot, coordinates, 0.0)


def _sum(numbers: Iterable[Any]) -> Any:
    return functools.reduce(np.add, numbers, 0.0)


def _sum_of_products(p: Iterable[Any], q: Iterable[Any]) -> Any:
    return _sum(np.multiply(a, b) for a, b in zip(p, q, strict=True))


def _product(numbers: Iterable[Any], *, start: Any = 1) -> Any:
    return functools.reduce(np.multiply, numbers, start)


def _distance(p: Iterable[Any], q: Iterable[Any]) -> Any:
    return _hypot(*(a - b for a, b in zip(p, q, strict=True)))


def _asked(question: Function, kind: Function = lambda answer: answer) -> Function:
    """A question about values, without derivatives. Of a staged value only NumPy's questions can be asked."""
    return lambda *args, **options: kind(question(*map(settled, args), **options))


_FOLLOWED: dict[str, Function] = {
    "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan,
    "atan2": np.arctan2, "atanh": np.arctanh, "cbrt": np.cbrt, "copysign": np.copysign, "cos": np.cos, "cosh": np.cosh,
    "degrees": np.degrees, "erf": _special("erf"), "erfc": _special("erfc"), "exp": np.exp, "exp2": np.exp2,
    "expm1": np.expm1, "fabs": np.absolute, "fmod": np.fmod, "gamma": _special("gamma"), "hypot": _hypot,
    "lgamma": _special("gammaln"), "log": _log, "log10": np.log10, "log1p": np.log1p, "log2": np.log2, "modf": np.modf,
    "pow": np.power, "radians": np.radians, "sin": np.sin, "sinh": np.sinh, "sqrt": np.sqrt, "tan": np.tan,
    "tanh": np.tanh,
    "ceil": _asked(math.ceil), "floor": _asked(math.floor), "trunc": _asked(math.trunc),
    "isclose": _asked(math.isclose), "isfinite": _asked(np.isfinite, bool), "isinf": _asked(np.isinf, bool),
    "isnan": _asked(np.isnan, bool),
}  # fmt: skip
"""What computes the same of tracked numbers. The last ones are steps, or have a truth value."""

_OF_ITERABLES: dict[str, Function] = {
    "dist": _distance, "fsum": _sum, "prod": _product, "sumprod": _sum_of_products,
}  # fmt: skip


def _with_tracked(original: Function, followed: Function, iterables: bool) -> Function:
    """`original` of plain numbers; `followed` where one is tracked, unless `original` refuses the plain numbers."""

    @functools.wraps(original)
    def function(*args: Any, **options: Any) -> Any:
        if iterables:
            args = tuple(arg if isinstance(arg, list | tuple | np.ndarray) else list(arg) for arg in args)
            tracked = any(isinstance(x, Tracked) for x in (*args, *options.values(), *(x for arg in args for x in arg)))
            values: Any = [[*map(plain, arg)] for arg in args]
        else:
            tracked = any(isinstance(arg, Tracked) for arg in args)
            values = map(plain, args)
        if not tracked:
            return original(*args, **options)
        original(*values, **{name: plain(value) for name, value in options.items()})
        return followed(*args, **options)

    return function


for _names in (_FOLLOWED, _OF_ITERABLES):
    for _name in filter(functools.partial(hasattr, math), _names):  # Python's newer versions have more
        globals()[_name] = _with_tracked(getattr(math, _name), _names[_name], _names is _OF_ITERABLES)

__all__ = [name for name in (*_FOLLOWED, *_OF_ITERABLES) if hasattr(math, name)]

__getattr__, __dir__ = namesake(math, globals())
