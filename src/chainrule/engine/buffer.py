"""Arrays into which tracked values can be assigned.

NumPy's own arrays cannot hold tracked values: their memory holds plain numbers. A :class:`Buffer` is such an array, of
a subclass that changes nothing but assignment; so it costs little more than an array, and C code may read and write it.
At the first assignment of a tracked value the object itself, and every view of it, becomes a tracked array
(:mod:`chainrule.engine.followed`).

What is computed from a buffer is a buffer, as what is computed from an array is an array: it can be assigned into.
Whole numbers and truth values are plain arrays, because a tracked value in them would lose its derivative.
"""

from __future__ import annotations

import weakref
from typing import Any, ClassVar

import numpy as np

from chainrule.engine.assignment import check_writeable, forget_dead, has_tracked, joined, note_view
from chainrule.engine.flat import Flat
from chainrule.engine.values import leaving
from chainrule.errors import TrackingError

ndarray = np.ndarray


class Buffer(ndarray):
    """An array of floating-point or complex numbers into which tracked values can be assigned.

    >>> import numpy as np, chainrule as cr
    >>> def f(x):
    ...     powers = as_buffer(np.zeros(3))
    ...     for k in range(3):
    ...         powers[k] = x**k
    ...     return np.sum(powers)
    >>> cr.grad(f)(2.0)
    np.float64(5.0)
    """

    __slots__ = ("_root", "_views", "cells", "changed", "now")
    _owner = ndarray.base
    followed: ClassVar[type[Buffer]]  # what a buffer becomes
    _root: Any  # the buffer whose memory it shows, None for its own
    _views: list[weakref.ref[Any]]  # what shows its memory

    def __init_subclass__(cls) -> None:
        Buffer.followed = cls

    def __array_finalize__(self, model: Any) -> None:
        # NumPy makes every view here; a buffer must know its views, for they become tracked with it.
        parent = self._owner
        if type(parent) is not Buffer:
            self._root = None
            return
        root = parent._root
        if root is None:
            root = parent
        self._root = root
        try:
            views = root._views
        except AttributeError:
            root._views = [weakref.ref(self)]
        else:
            forget_dead(views)
            views.append(weakref.ref(self))

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        if type(array) is not ndarray:
            return array  # NumPy was given it as out=
        if not array.ndim and return_scalar:
            return array[()]
        if array.base is not None and np.may_share_memory(array, self):
            return view_of_buffer(array, self)
        return array.view(Buffer) if array.dtype.kind in "fc" else array

    # ------------------------------------------------------------------ assignment

    def __setitem__(self, index: Any, value: Any) -> None:
        if type(value) in _PLAIN or not has_tracked(value):
            if type(index) is slice or (type(index) is tuple and slice in map(type, index)):
                self.view(ndarray)[index] = value  # NumPy assigns to a view, which would be a buffer's otherwise
            else:
                _assign(self, index, value)
        else:
            self.follow()
            self[index] = value  # which now is that of what it has become

    def follow(self) -> None:
        """Become a tracked array, with all views.

        Raises ValueError, as NumPy does, for a read-only buffer, TrackingError for one that cannot hold a derivative.
        """
        check_writeable(self)
        if self.dtype.kind not in "fc":
            raise TrackingError(
                leaving(f"an array of dtype {self.dtype}", "Use a floating-point dtype, or cr.stop_gradient(v).")
            )
        (self if self._root is None else self._root).become_followed()

    def become_followed(self) -> None:
        """Become a tracked array, with all views; see `Followed`, which does it."""
        self.followed.take_over(self)  # type: ignore[attr-defined]

    def fill(self, value: Any) -> None:
        """See numpy.ndarray.fill."""
        if has_tracked(value):
            self[...] = value
        else:
            ndarray.fill(self, value)

    @property
    def flat(self) -> Any:
        """See numpy.ndarray.flat."""
        return Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        Flat(self)[:] = value

    @property
    def real(self) -> Any:
        """See numpy.ndarray.real."""
        return _real(self)

    @real.setter
    def real(self, value: Any) -> None:
        self.real[...] = value

    @property
    def imag(self) -> Any:
        """See numpy.ndarray.imag."""
        return _imag(self)

    @imag.setter
    def imag(self, value: Any) -> None:
        if self.dtype.kind != "c":
            _set_imag(self, value)  # which NumPy refuses
        self.imag[...] = value

    def __imatmul__(self, other: Any) -> Any:
        if not has_tracked(other):
            return ndarray.__imatmul__(self, other)
        self[...] = self @ other
        return self

    # ------------------------------------------------------------------ what takes another array

    def __matmul__(self, other: Any) -> Any:
        return np.matmul(self, joined(other)) if has_tracked(other) else ndarray.__matmul__(self, other)

    # ------------------------------------------------------------------ what tells a subclass from an array

    @property
    def base(self) -> Any:
        """The buffer whose memory this one shows, None if it is its own."""
        return self._root

    def __repr__(self) -> str:
        return repr(self.view(ndarray))


def _method(name: str) -> Any:
    """A method whose arguments may be tracked: then it is NumPy's function."""
    method, function = getattr(ndarray, name), getattr(np, name)

    def call(self: Buffer, *args: Any, **kwargs: Any) -> Any:
        if not has_tracked([*args, *kwargs.values()]):
            return method(self, *args, **kwargs)
        return function(self, *[joined(value) if has_tracked(value) else value for value in args], **kwargs)

    call.__name__ = name
    call.__doc__ = f"See numpy.ndarray.{name}."
    return call


for _name in ("choose", "clip", "dot", "put", "searchsorted"):
    setattr(Buffer, _name, _method(_name))


def as_buffer(made: Any) -> Any:
    """A buffer in the memory of a new array that no one else has.

    Integers, truth values, objects and arrays without axes stay as they are.
    """
    if type(made) is ndarray and made.dtype.kind in "fc" and made.ndim:
        return made.view(Buffer)
    return made


def view_of_buffer(array: Any, buffer: Buffer) -> Any:
    """A plain array that shows the memory of a buffer, as one of the buffer's views."""
    view: Any = array.view(Buffer)
    if view._root is None:
        note_view(buffer, view)
    return view


_real: Any = ndarray.real.__get__
_imag: Any = ndarray.imag.__get__
_set_imag: Any = ndarray.imag.__set__  # type: ignore[attr-defined]
_assign: Any = ndarray.__setitem__
_PLAIN = frozenset((float, int, complex, np.float64, np.float32, np.complex128, ndarray, Buffer))
"""What holds no tracked values, for sure."""
