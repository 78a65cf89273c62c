"""Constructors that join tracked numbers, and give NumPy's own arrays where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule.numpy as joining
from chainrule.autograd.tracer import getval
from chainrule.engine.assignment import has_tracked

__all__ = [
    "array", "asanyarray", "asarray", "copy", "full", "full_like", "int8", "int16", "int32", "int64", "make_diagonal",
    "metadata",
]  # fmt: skip


def array(A: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N803 - autograd's name, by which it may be passed
    """`numpy.array`, also of nested lists and tuples with tracked values in them.

    >>> from chainrule.autograd import jacobian
    >>> jacobian(lambda x: array([x, x**2]))(3.0)
    array([1., 6.])
    """
    return (joining if has_tracked(A) else np).array(A, *args, **kwargs)


def asarray(a: Any, *args: Any, **kwargs: Any) -> Any:
    """`numpy.asarray`, also of nested lists and tuples with tracked values in them."""
    return (joining if has_tracked(a) else np).asarray(a, *args, **kwargs)


asanyarray = asarray


def copy(a: Any, *args: Any, **kwargs: Any) -> Any:
    """`numpy.copy`, also of nested lists and tuples with tracked values in them."""
    return (joining if has_tracked(a) else np).copy(a, *args, **kwargs)


def full(shape: Any, fill_value: Any, *args: Any, **kwargs: Any) -> Any:
    """`numpy.full`, also with a tracked value."""
    return (joining if has_tracked(fill_value) else np).full(shape, fill_value, *args, **kwargs)


def full_like(a: Any, fill_value: Any, *args: Any, **kwargs: Any) -> Any:
    """`numpy.full_like`, also with a tracked value."""
    return (joining if has_tracked(fill_value) else np).full_like(a, fill_value, *args, **kwargs)


class int8(np.int8):  # noqa: N801 - NumPy's names
    """`numpy.int8`, also of a tracked number, whose plain value it takes."""

    def __new__(cls, value: Any = 0, *args: Any) -> Any:
        return np.int8(getval(value), *args)


class int16(np.int16):  # noqa: N801
    """`numpy.int16`, also of a tracked number, whose plain value it takes."""

    def __new__(cls, value: Any = 0, *args: Any) -> Any:
        return np.int16(getval(value), *args)


class int32(np.int32):  # noqa: N801
    """`numpy.int32`, also of a tracked number, whose plain value it takes."""

    def __new__(cls, value: Any = 0, *args: Any) -> Any:
        return np.int32(getval(value), *args)


class int64(np.int64):  # noqa: N801
    """`numpy.int64`, also of a tracked number, whose plain value it takes."""

    def __new__(cls, value: Any = 0, *args: Any) -> Any:
        return np.int64(getval(value), *args)


def make_diagonal(D: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:  # noqa: N803
    """Square matrices (…, n, n) with the vectors `D` (…, n) on their diagonals; for autograd's three options only."""
    if (offset, axis1, axis2) != (0, -1, -2):
        raise NotImplementedError("make_diagonal is for offset=0, axis1=-1, axis2=-2 only")
    return D[..., None] * np.eye(np.shape(D)[-1])


def metadata(A: Any) -> tuple[tuple[int, ...], int, Any, bool]:  # noqa: N803
    """The shape, the number of axes and the dtype of a value, and whether it is complex."""
    return np.shape(A), np.ndim(A), np.result_type(A), np.iscomplexobj(A)
