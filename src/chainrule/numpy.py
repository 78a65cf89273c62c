"""NumPy with constructors that take tracked values: `import chainrule.numpy as np`.

    import chainrule.numpy as np

    def rotated(angle, point):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return turn @ point

    def running(x):
        total = np.zeros(3)             # a buffer: NumPy's own arrays cannot hold tracked values
        for i in range(3):
            total[i] = total[i - 1] + x[i]
        return total

Everything else is NumPy's own: `np.sin` here is `numpy.sin`. Plain NumPy needs this namespace only where code builds
arrays from tracked numbers with `np.array`, or fills them by assignment.

`zeros`, `ones`, `full`, `empty`, their `_like` relatives, `array`, `asarray` of lists and `copy` return a
:class:`~chainrule.engine.buffer.Buffer` where NumPy returns an array of floating-point or complex numbers with at least
one axis. It behaves as that array does; it is not an instance of `numpy.ndarray`. Whole numbers and truth values are
plain arrays, because a tracked value in them would lose its derivative.
"""

from __future__ import annotations

from typing import Any

import numpy

from chainrule.engine.assignment import joined
from chainrule.engine.buffer import Buffer, without_buffers
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain
from chainrule.errors import TrackingError

__all__ = [
    "arange",
    "array",
    "asanyarray",
    "asarray",
    "copy",
    "empty",
    "empty_like",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def __getattr__(name: str) -> Any:
    return getattr(numpy, name)


def __dir__() -> list[str]:
    return dir(numpy)


def array(object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0, **options: Any) -> Any:
    """`numpy.array` that also joins tracked values: nested lists of numbers, arrays and tracked values.

    Raises ShapeError if the parts of a list do not have the same shape, TrackingError if `dtype` cannot hold a
    derivative.

    >>> import chainrule as cr
    >>> cr.jacobian(lambda x: array([[x, 1.0], [0.0, x**2]]))(3.0)
    array([[1., 0.],
           [0., 6.]])
    """
    if not _has_tracked(object):
        return _buffer(numpy.array(without_buffers(object), dtype, copy=copy, ndmin=ndmin, **options))
    made = _in_dtype(joined(object), dtype)
    made = numpy.reshape(made, (1,) * (ndmin - made.ndim) + made.shape) if ndmin > made.ndim else made
    return numpy.copy(made) if made is object and copy else made


def asarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """`numpy.asarray` that leaves tracked values and buffers as they are and joins lists as :func:`array` does."""
    if isinstance(a, Tracked):
        return a if dtype is None or a.dtype == dtype else a.astype(dtype)  # type: ignore[attr-defined]
    if isinstance(a, numpy.ndarray):
        return numpy.asarray(a, dtype, **options)
    return array(a, dtype, copy=None)


asanyarray = asarray


def copy(a: Any, order: Any = "K") -> Any:
    """`numpy.copy`; the copy of a plain array is a buffer."""
    return numpy.copy(a, order) if _has_tracked(a) else _buffer(numpy.array(without_buffers(a), order=order))


def zeros(shape: Any, dtype: Any = float, **options: Any) -> Any:
    """A buffer of zeros.

    >>> import chainrule as cr
    >>> def f(x):
    ...     b = zeros(3)
    ...     b[1] = x
    ...     b += x**2
    ...     return b
    >>> cr.jacobian(f)(2.0)
    array([4., 5., 4.])
    """
    return _buffer(numpy.zeros(shape, dtype, **options))


def ones(shape: Any, dtype: Any = None, **options: Any) -> Any:
    """A buffer of ones."""
    return _buffer(numpy.ones(shape, dtype, **options))


def empty(shape: Any, dtype: Any = float, **options: Any) -> Any:
    """A buffer with arbitrary entries."""
    return _buffer(numpy.empty(shape, dtype, **options))


def full(shape: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Any:
    """A buffer filled with one value, or a tracked array if the value is tracked."""
    if not _has_tracked(fill_value):
        return _buffer(numpy.full(shape, without_buffers(fill_value), dtype, **options))
    filled: Any = numpy.copy(numpy.broadcast_to(joined(fill_value), shape))
    return _in_dtype(filled, dtype)


def zeros_like(a: Any, *args: Any, **options: Any) -> Any:
    """A buffer of zeros with the shape and dtype of `a`, which may be tracked."""
    return _buffer(numpy.zeros_like(plain(a), *args, **options))


def ones_like(a: Any, *args: Any, **options: Any) -> Any:
    """A buffer of ones with the shape and dtype of `a`, which may be tracked."""
    return _buffer(numpy.ones_like(plain(a), *args, **options))


def empty_like(prototype: Any, *args: Any, **options: Any) -> Any:
    """A buffer with arbitrary entries, with the shape and dtype of `prototype`, which may be tracked."""
    return _buffer(numpy.empty_like(plain(prototype), *args, **options))


def full_like(a: Any, fill_value: Any, dtype: Any = None, *args: Any, **options: Any) -> Any:
    """:func:`full` with the shape and dtype of `a`, which may be tracked."""
    if not _has_tracked(fill_value):
        return _buffer(numpy.full_like(plain(a), without_buffers(fill_value), dtype, *args, **options))
    like = numpy.asarray(plain(a))
    shape = options.get("shape")
    return full(like.shape if shape is None else shape, fill_value, like.dtype if dtype is None else dtype)


def arange(*args: Any, dtype: Any = None, **options: Any) -> Any:
    """`numpy.arange` whose start and step may be tracked; the number of entries comes from the plain values.

    >>> import chainrule as cr
    >>> cr.jacobian(lambda step: arange(0.0, 1.0, step))(0.25)
    array([0., 1., 2., 3.])
    """
    if not _has_tracked(args) and not _has_tracked([*options.values()]):
        return numpy.arange(*args, dtype=dtype, **options)
    start, stop, step = (0.0, args[0], 1.0) if len(args) == 1 else (*args, 1.0)[:3]
    start, stop, step = (options.get(name, value) for name, value in (("start", start), ("stop", stop), ("step", step)))
    count = len(numpy.arange(plain(start), plain(stop), plain(step)))
    return _in_dtype(start + step * numpy.arange(count), dtype)


# ---------------------------------------------------------------------- helpers


def _buffer(made: Any) -> Any:
    """A buffer of a new array; integers, truth values and arrays without axes stay plain."""
    return Buffer(made) if type(made) is numpy.ndarray and made.ndim and made.dtype.kind in "fc" else made


def _has_tracked(tree: Any) -> bool:
    if isinstance(tree, list | tuple):
        return any(map(_has_tracked, tree))
    return isinstance(tree, Tracked) and type(tree) is not Buffer


def _in_dtype(made: Any, dtype: Any) -> Any:
    """A tracked array in `dtype`. Raises TrackingError for one that cannot hold a derivative."""
    if dtype is None or made.dtype == dtype:
        return made
    if numpy.dtype(dtype).kind not in "fc":
        raise TrackingError(
            f"an array of dtype {numpy.dtype(dtype)}{at_user_line()} would lose the derivative of a tracked value. "
            "Use a floating-point dtype, or cr.stop_gradient(v)."
        )
    return made.astype(dtype)
