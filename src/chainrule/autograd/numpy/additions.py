"""What autograd adds to NumPy: whole numbers of tracked ones, matrices of diagonals, facts about a value."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.tracer import getval

__all__ = ["WHOLE_NUMBERS", "make_diagonal", "metadata"]


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
