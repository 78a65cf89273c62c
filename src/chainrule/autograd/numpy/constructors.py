"""What makes arrays: NumPy's own functions, until there is a tracked value among the arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.autograd.tracer import getval
from chainrule.engine.assignment import has_tracked
from chainrule.numpy import making
from chainrule.numpy.opening import standing_for

__all__ = ["WHOLE_NUMBERS", "make_diagonal", "making_plain_arrays", "metadata"]

Function = Callable[..., Any]


def making_plain_arrays(name: str) -> Function:
    """The function of `chainrule.numpy.making` of this name where a tracked value is given, else NumPy's.

    >>> type(making_plain_arrays("array")([1.0, 2.0]))
    <class 'numpy.ndarray'>
    """
    numpys, ours = getattr(np, name), getattr(making, name)

    @standing_for(numpys)
    def make(*args: Any, **kwargs: Any) -> Any:
        return (ours if has_tracked([*args, *kwargs.values()]) else numpys)(*args, **kwargs)

    return make


def _whole_number(kind: type) -> type:
    """A type of whole numbers that takes the plain value of a tracked one; what it makes is of NumPy's type."""

    def new(cls: type, value: Any = 0, *args: Any) -> Any:
        return kind(getval(value), *args)

    return type(kind)(kind.__name__, (kind,), {"__new__": new, "__doc__": kind.__doc__, "__module__": kind.__module__})


WHOLE_NUMBERS = {kind.__name__: _whole_number(kind) for kind in (np.int8, np.int16, np.int32, np.int64)}


def make_diagonal(D: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:  # noqa: N803 - autograd's name
    """Square matrices (…, n, n) with the vectors `D` (…, n) on their diagonals; for autograd's three options only."""
    if (offset, axis1, axis2) != (0, -1, -2):
        raise NotImplementedError("make_diagonal is for offset=0, axis1=-1, axis2=-2 only")
    return D[..., None] * np.eye(np.shape(D)[-1])


def metadata(A: Any) -> tuple[tuple[int, ...], int, Any, bool]:  # noqa: N803 - autograd's name
    """The shape, the number of axes and the dtype of a value, and whether it is complex."""
    return np.shape(A), np.ndim(A), np.result_type(A), np.iscomplexobj(A)
