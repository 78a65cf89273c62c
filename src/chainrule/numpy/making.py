"""What makes arrays: from nothing, from lists, from other arrays. They can be assigned into; see `Buffer`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy

from chainrule.engine.assignment import has_tracked, joined
from chainrule.engine.buffer import Buffer, as_buffer, view_of_buffer
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, mapped, plain
from chainrule.errors import TrackingError
from chainrule.numpy.opening import standing_for

__all__ = [
    "arange",
    "array",
    "asanyarray",
    "asarray",
    "asarray_chkfinite",
    "ascontiguousarray",
    "asfortranarray",
    "copy",
    "empty",
    "empty_like",
    "eye",
    "fromiter",
    "full",
    "full_like",
    "identity",
    "ones",
    "ones_like",
    "require",
    "zeros",
    "zeros_like",
]

Function = Callable[..., Any]


# ---------------------------------------------------------------------- from lists and arrays


@standing_for(numpy.array)
def array(object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0, **options: Any) -> Any:
    """`numpy.array` that also joins tracked values: nested lists of numbers, arrays and tracked values.

    Raises ShapeError if the parts of a list do not have the same shape, TrackingError if `dtype` cannot hold a
    derivative.

    >>> import chainrule as cr
    >>> cr.jacobian(lambda x: array([[x, 1.0], [0.0, x**2]]))(3.0)
    array([[1., 0.],
           [0., 6.]])
    """
    if not has_tracked(object):
        return as_buffer(numpy.array(object, dtype, copy=copy, ndmin=ndmin, **options))
    made = in_dtype(joined(object), dtype)
    made = numpy.reshape(made, (1,) * (ndmin - made.ndim) + made.shape) if ndmin > made.ndim else made
    return numpy.copy(made, options.get("order", "K")) if made is object and copy else made


def _as_array(function: Function) -> Function:
    """One of the functions that make an array of what is none yet. Tracked values and buffers stay as they are."""

    @standing_for(function)
    def converted(a: Any, dtype: Any = None, *args: Any, **options: Any) -> Any:
        if isinstance(a, Tracked):
            tracked: Any = a
            if dtype is not None and tracked.dtype != dtype:
                return tracked.astype(dtype)
            return numpy.copy(tracked) if options.get("copy") else tracked
        if has_tracked(a):
            return array(a, dtype)
        made = function(a, dtype, *args, **options)
        if not isinstance(a, numpy.ndarray) or not numpy.may_share_memory(made, a):
            return as_buffer(made)
        if type(a) is not Buffer:
            return made
        same = made.shape == a.shape and made.strides == a.strides and made.dtype == a.dtype
        return a if same else view_of_buffer(made, a)

    return converted


asarray = _as_array(numpy.asarray)
asanyarray = _as_array(numpy.asanyarray)
ascontiguousarray = _as_array(numpy.ascontiguousarray)
asfortranarray = _as_array(numpy.asfortranarray)
asarray_chkfinite = _as_array(numpy.asarray_chkfinite)
require = _as_array(numpy.require)


@standing_for(numpy.copy)
def copy(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """`numpy.copy`; the copy of a plain array is a buffer."""
    return numpy.copy(joined(a), order) if has_tracked(a) else as_buffer(numpy.array(a, order=order))


@standing_for(numpy.fromiter)
def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, **options: Any) -> Any:
    """`numpy.fromiter` of numbers or tracked values.

    >>> import chainrule as cr
    >>> cr.jacobian(lambda x: fromiter((x**k for k in range(4)), float))(2.0)
    array([ 0.,  1.,  4., 12.])
    """
    items = list(iter) if count < 0 else [item for _, item in zip(range(count), iter, strict=False)]
    if has_tracked(items) and (count < 0 or len(items) == count):
        return array(items, dtype)
    return as_buffer(numpy.fromiter(items, dtype, count, **options))


# ---------------------------------------------------------------------- from nothing


def _made(function: Function) -> Function:
    """One of the functions that make a new array: here it makes a buffer."""

    @standing_for(function)
    def made(*args: Any, **options: Any) -> Any:
        return as_buffer(function(*args, **options))

    return made


zeros = _made(numpy.zeros)
ones = _made(numpy.ones)
empty = _made(numpy.empty)
eye = _made(numpy.eye)
identity = _made(numpy.identity)


def _made_like(function: Function) -> Function:
    """One of the functions that make a new array with the shape and dtype of another one, which may be tracked."""

    @standing_for(function)
    def made(a: Any, *args: Any, **options: Any) -> Any:
        return as_buffer(function(plain(joined(a) if has_tracked(a) else a), *args, **options))

    return made


zeros_like = _made_like(numpy.zeros_like)
ones_like = _made_like(numpy.ones_like)
empty_like = _made_like(numpy.empty_like)


@standing_for(numpy.full)
def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Any:
    """A buffer filled with one value, or a tracked array if the value is tracked."""
    if not has_tracked(fill_value):
        return as_buffer(numpy.full(shape, fill_value, dtype, order, **options))
    filled: Any = numpy.copy(numpy.broadcast_to(joined(fill_value), shape), order)
    return in_dtype(filled, dtype)


@standing_for(numpy.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, *args: Any, **options: Any) -> Any:
    """:func:`full` with the shape and dtype of `a`, which may be tracked."""
    if not has_tracked(fill_value):
        return as_buffer(numpy.full_like(plain(a), fill_value, dtype, *args, **options))
    like = numpy.asarray(plain(a))
    shape = options.get("shape")
    return full(like.shape if shape is None else shape, fill_value, like.dtype if dtype is None else dtype)


@standing_for(numpy.arange)
def arange(*args: Any, dtype: Any = None, **options: Any) -> Any:
    """`numpy.arange` whose start and step may be tracked; the number of entries comes from the plain values.

    >>> import chainrule as cr
    >>> cr.jacobian(lambda step: arange(0.0, 1.0, step))(0.25)
    array([0., 1., 2., 3.])
    """
    if not has_tracked(args) and not has_tracked([*options.values()]):
        return as_buffer(numpy.arange(*args, dtype=dtype, **options))
    given = dict(zip(("start", "stop", "step") if len(args) > 1 else ("stop",), args, strict=False)) | options
    plain_range: Function = numpy.arange  # its stubs do not know `start` by name
    count = len(plain_range(**mapped(given, plain)))
    return in_dtype(given.get("start", 0.0) + given.get("step", 1.0) * numpy.arange(count), dtype)


# ---------------------------------------------------------------------- helpers


def in_dtype(made: Any, dtype: Any) -> Any:
    """A tracked array in `dtype`. Raises TrackingError for one that cannot hold a derivative."""
    if dtype is None or made.dtype == dtype:
        return made
    if numpy.dtype(dtype).kind not in "fc":
        raise TrackingError(
            f"an array of dtype {numpy.dtype(dtype)}{at_user_line()} would lose the derivative of a tracked value. "
            "Use a floating-point dtype, or cr.stop_gradient(v)."
        )
    return made.astype(dtype)
