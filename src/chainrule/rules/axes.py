"""Axes as NumPy reads them: negative ones counted from the end, those that an array does not have refused."""

from __future__ import annotations

import math
from typing import Any

from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

Axis = int | tuple[int, ...] | None


def one_axis(axis: Any, ndim: int) -> int:
    """`axis` counted from the start. Raises NumPy's AxisError for one that the array does not have.

    >>> one_axis(-1, 3)
    2
    """
    return normalize_axis_index(axis, ndim)


def some_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """One axis or several, counted from the start; None is all of them. Raises AxisError, and ValueError for repeats.

    >>> some_axes((-1, 0), 3)
    (2, 0)
    """
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)


def reduced_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes over which a reduction runs; for a number NumPy takes the axes 0 and -1 too, and reduces nothing.

    >>> reduced_axes(0, 0)
    ()
    """
    return some_axes(axis, ndim) if ndim else ()


def along(axis: int, ndim: int, index: Any) -> tuple[Any, ...]:
    """The index that is `index` along `axis` and everything along the others.

    >>> along(-1, 2, 0)
    (slice(None, None, None), 0)
    """
    return (*(slice(None),) * one_axis(axis, ndim), index)


def row_shape(axis: int, ndim: int) -> list[int]:
    """The shape to which a vector is reshaped so that it runs along `axis`.

    >>> row_shape(0, 3)
    [-1, 1, 1]
    """
    axis = one_axis(axis, ndim)
    return [-1 if k == axis else 1 for k in range(ndim)]


class RefusedError(ValueError):
    """Arguments that NumPy refuses; what is wrong with them NumPy says itself when it is asked."""


def refuse_unless(condition: Any) -> None:
    """Raise RefusedError where the condition does not hold."""
    if not condition:
        raise RefusedError("NumPy does not take these arguments")


def sized(shape: Any) -> int:
    """How many entries an array of this shape has."""
    return math.prod(shape)
