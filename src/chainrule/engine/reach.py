"""The arrays that running functions can name: in their variables, and in what these hold."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from types import FrameType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

FRAMES = 40
"""How many callers are looked at: chainrule's own, and those of a function that is deep in others."""

MOST = 1000
"""How many objects are looked at in one container, and how many global names."""


def arrays_in_reach(frame: FrameType | None) -> Iterator[Any]:
    """Every array in a variable of `frame` and its callers, local, enclosed or global, and in what these hold.

    Items of containers, attributes and the enclosed variables of functions are looked at, and not what is in them.
    """
    seen: set[int] = set()
    count = 0
    while frame is not None and count < FRAMES:
        count += 1
        names = frame.f_locals
        for value in list(names.values())[:MOST]:
            yield from _arrays(value, seen)
        if frame.f_globals is not names and id(frame.f_globals) not in seen:
            seen.add(id(frame.f_globals))
            yield from (value for value in list(frame.f_globals.values())[:MOST] if isinstance(value, np.ndarray))
        # Up to Python 3.12 the frame keeps this dict, and so would keep arrays that the function has let go.
        if type(names) is dict and frame.f_code.co_flags & inspect.CO_OPTIMIZED and sys.getrefcount(names) <= 3:
            names.clear()
        del names
        frame = frame.f_back


def _arrays(value: Any, seen: set[int]) -> Iterator[Any]:
    if isinstance(value, np.ndarray):
        yield value
        return
    kind = type(value)
    if kind in _PLAIN or id(value) in seen:
        return
    seen.add(id(value))
    held: Any = ()
    if kind is list or kind is tuple:
        held = value[:MOST]
    elif kind is dict:
        held = list(value.values())[:MOST]
    elif kind is FunctionType:
        held = [*_enclosed(value), *(value.__defaults__ or ())]
    elif kind is MethodType:
        held = _attributes(value.__self__)
    elif not isinstance(value, type | ModuleType):
        held = _attributes(value)
    yield from (item for item in held if isinstance(item, np.ndarray))


def _enclosed(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a variable that has no value yet
            continue


def _attributes(value: Any) -> Any:
    if not type(value).__dictoffset__:
        return ()
    return list(object.__getattribute__(value, "__dict__").values())[:MOST]


_PLAIN = frozenset((int, float, complex, str, bytes, bool, type(None), np.float64, type))
