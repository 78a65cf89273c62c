"""Tracked arrays under plain NumPy: operators, methods and protocols of `Variable`.

Every operation goes to :func:`chainrule.engine.dispatch.apply`, which hands it to a trace:
:mod:`chainrule.engine.reverse` records it, :mod:`chainrule.engine.forward` carries a tangent along.
"""

from __future__ import annotations

import math
import operator
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

import numpy as np

from chainrule.engine.assignment import assign, check_writeable, root_of, view_like
from chainrule.engine.dispatch import apply, call_ufunc, call_ufunc_method
from chainrule.engine.flat import Flat
from chainrule.engine.location import at_user_line
from chainrule.engine.lost import lost
from chainrule.engine.values import Tracked, known, leaving, plain, settled
from chainrule.errors import ShapeError, TrackingError
from chainrule.formula.expression import Function
from chainrule.rules.complexes import astype
from chainrule.rules.untracked import constant_to_all, seen

SLOTS = ("__weakref__", "_root", "_views", "mark", "transform", "value")
"""What variables hold. The classes below have no slots of their own, so that arrays of NumPy's can be variables too."""


def _operator(function: Function) -> tuple[Any, Any]:
    """An operator and its reflected form, for a variable on the left and on the right."""

    def left(self: Variable, other: Any) -> Any:
        return apply(function, (self, other), {})

    def right(self: Variable, other: Any) -> Any:
        return apply(function, (other, self), {})

    return left, right


def _in_place(function: Function, name: str) -> Any:
    def method(self: ArrayVariable, other: Any) -> Any:
        check_writeable(plain(self))
        result = getattr(self, name)(other)
        if np.shape(result) != self.shape:
            raise ShapeError(
                f"in-place np.{function.__name__} of shape {self.shape} gave {np.shape(result)}{at_user_line()}"
            )
        if not np.can_cast(plain(result).dtype, self.dtype, "same_kind"):
            raise TypeError(
                f"in-place np.{function.__name__} of an array of {self.dtype} has a result of {plain(result).dtype}"
                f"{at_user_line()}"
            )
        assign(self, ..., result)
        return self

    return method


def _method(function: Function) -> Any:
    """The method of arrays that is NumPy's function of the same name."""

    def method(self: Variable, *args: Any, **kwargs: Any) -> Any:
        return apply(function, (self, *args), kwargs)

    method.__name__ = function.__name__
    method.__doc__ = f"See np.{function.__name__}."
    return method


class Variable(Tracked):
    """A number or array whose derivative is being followed. It behaves as the NumPy value that it holds.

    Functions under :func:`chainrule.grad` and its relatives receive variables in place of their arguments. Questions
    about the type, such as `isinstance(x, float)`, are answered for the value; only `type(x)` tells a variable.
    Arrays are of the subclass :class:`ArrayVariable`.
    """

    __slots__ = ()
    _root: Variable  # whose memory it shows, where it is a view
    _views: list[weakref.ref[Variable]]  # what shows its memory
    __array_priority__ = 1000.0

    def become(self, other: Any) -> None:
        """Take the state of another variable, which may belong to an inner transform."""
        other = other.held()
        if type(self) is not type(other):
            self.__class__ = type(other)  # all kinds of variable have the same layout
        for slot in ("value", "transform", "mark"):
            setattr(self, slot, getattr(other, slot))

    # ------------------------------------------------------------------ NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            return call_ufunc_method(ufunc, method, inputs, kwargs)
        if kwargs:
            return call_ufunc(ufunc, inputs, kwargs)
        return apply(ufunc, inputs, kwargs)

    def __array_function__(self, function: Function, types: Iterable[type], args: Any, kwargs: Any) -> Any:
        fact = _FACTS.get(function)
        if fact is not None and len(args) == 1 and not kwargs:
            return fact(args[0])
        return apply(function, args, kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise lost(self, "making a plain array of it (np.asarray, np.array([v, …]))")

    # ------------------------------------------------------------------ facts

    @property
    def __class__(self) -> type:
        # Dask asks whether it may take an array apart by itself, and leaves the call to us if it may not.
        if sys._getframe(1).f_globals.get("__name__") == "dask.array.chunk_types":
            return type(self)
        return type(plain(self))

    @__class__.setter
    def __class__(self, kind: type) -> None:
        _set_class(self, kind)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return self.value.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        return self.value.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.value.dtype  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        return bool(self.value)

    __iter__: Any = None  # with __getitem__ alone, Python would take a number for a sequence

    def __repr__(self) -> str:
        return f"Variable({plain(self)!r})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from chainrule.engine.in_notebooks import mimebundle  # late: only notebooks need it

        return mimebundle(self, include, exclude)

    def __format__(self, spec: str) -> str:
        return format(plain(self), spec) if spec else str(plain(self))

    # ------------------------------------------------------------------ ways out, all closed

    def __float__(self) -> NoReturn:
        raise lost(self, "float() (a math function calls it, or an assignment to array[i])")

    def __int__(self) -> NoReturn:
        raise TrackingError(
            leaving("int()", "Use np.floor or np.trunc, or int(cr.stop_gradient(v)) for a plain integer.")
        )

    def __complex__(self) -> NoReturn:
        raise lost(self, "complex()")

    def __index__(self) -> NoReturn:
        raise TrackingError(leaving("using it as an index", "Write int(cr.stop_gradient(v)) for a plain integer."))

    # ------------------------------------------------------------------ indexing

    def item(self, *index: Any) -> Any:
        """See numpy.ndarray.item; the number stays tracked."""
        shape = np.shape(plain(self))
        place = index[0] if len(index) == 1 and isinstance(index[0], tuple) else index
        if not place and math.prod(shape) != 1:
            raise ValueError(f"can only convert an array of size 1 to a Python scalar{at_user_line()}")
        if len(place) == 1 or not place:
            place = np.unravel_index(range(math.prod(shape))[place[0] if place else 0], shape)
        return self[tuple(map(int, place))]

    def tolist(self) -> Any:
        """See numpy.ndarray.tolist; the numbers stay tracked."""
        return [part.tolist() for part in self] if np.ndim(plain(self)) else self[()]

    def __getitem__(self, index: Any) -> Any:
        return apply(operator.getitem, (self, _plain_index(index)), {})

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(f"a tracked number does not support item assignment{at_user_line()}")

    # ------------------------------------------------------------------ comparisons (plain results)

    def __lt__(self, other: Any) -> Any:
        return settled(self) < settled(other)

    def __le__(self, other: Any) -> Any:
        return settled(self) <= settled(other)

    def __gt__(self, other: Any) -> Any:
        return settled(self) > settled(other)

    def __ge__(self, other: Any) -> Any:
        return settled(self) >= settled(other)

    def __eq__(self, other: Any) -> Any:
        return settled(self) == settled(other)

    def __ne__(self, other: Any) -> Any:
        return settled(self) != settled(other)

    __hash__ = None  # type: ignore[assignment]

    # ------------------------------------------------------------------ operators

    def __neg__(self) -> Any:
        return apply(np.negative, (self,), {})

    def __pos__(self) -> Any:
        return apply(np.positive, (self,), {})

    def __abs__(self) -> Any:
        return apply(np.absolute, (self,), {})

    __add__, __radd__ = _operator(np.add)
    __sub__, __rsub__ = _operator(np.subtract)
    __mul__, __rmul__ = _operator(np.multiply)
    __truediv__, __rtruediv__ = _operator(np.divide)
    __floordiv__, __rfloordiv__ = _operator(np.floor_divide)
    __mod__, __rmod__ = _operator(np.remainder)

    def __pow__(self, other: Any) -> Any:
        if type(other) is int and other == 2:
            return apply(np.square, (self,), {})
        return apply(np.power, (self, other), {})

    def __rpow__(self, other: Any) -> Any:
        return apply(np.power, (other, self), {})

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    # ------------------------------------------------------------------ methods of arrays

    @property
    def T(self) -> Any:  # noqa: N802
        return np.transpose(self)

    @property
    def real(self) -> Any:
        return np.real(self)

    @real.setter
    def real(self, value: Any) -> None:
        self.real[...] = value

    @property
    def imag(self) -> Any:
        return np.imag(self)

    @imag.setter
    def imag(self, value: Any) -> None:
        if self.dtype.kind != "c":
            raise TypeError(f"a real array has no imaginary part to be set{at_user_line()}")
        self.imag[...] = value

    @property
    def flat(self) -> Any:
        """The entries in rows, to iterate over, index and assign to; see numpy.ndarray.flat."""
        return Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        Flat(self)[:] = value

    @property
    def strides(self) -> tuple[int, ...]:
        return plain(self).strides  # type: ignore[no-any-return]

    @property
    def flags(self) -> Any:
        return plain(self).flags

    @property
    def base(self) -> Any:
        """The array whose memory this one shows, None if it is its own."""
        root = root_of(self)
        return None if root is self else root

    def view(self, dtype: Any = None) -> Any:
        """The same memory as another array; of complex entries also as real ones. See numpy.ndarray.view."""
        return view_like(self, plain(self).view(*() if dtype is None else (dtype,)))

    @property
    def itemsize(self) -> int:
        return self.value.itemsize  # type: ignore[no-any-return]

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    @property
    def device(self) -> str:
        return "cpu"

    def to_device(self, device: str, /, *, stream: Any = None) -> Any:
        """See numpy.ndarray.to_device: there is one device."""
        plain(self).to_device(device, stream=stream)  # which refuses any other
        return self

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return sys.modules["numpy"]  # under cr.patch() `np` is a copy of it here

    def __copy__(self) -> Any:
        return np.copy(self)

    def __deepcopy__(self, memo: Any) -> Any:
        return np.copy(self)

    def copy(self, order: Any = "C") -> Any:
        """See numpy.ndarray.copy: its order is C, that of np.copy is K."""
        return np.copy(self, order)

    def __reduce__(self) -> NoReturn:
        raise TrackingError(leaving("pickling it", "Pickle cr.stop_gradient(v)."))

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        options = {} if order == "C" else {"order": order}
        return apply(np.reshape, (self, shape[0] if len(shape) == 1 else shape), options)

    def transpose(self, *axes: Any) -> Any:
        if not axes:
            return np.transpose(self)
        if len(axes) == 1 and (axes[0] is None or not np.isscalar(axes[0])):
            axes = axes[0]
        return np.transpose(self, axes)

    def flatten(self, order: Any = "C") -> Any:
        return np.copy(np.ravel(self, order=order))

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """See numpy.ndarray.astype."""
        dtype = np.dtype(dtype)
        if dtype == self.dtype and (options or args):
            array = plain(self)
            if array.astype(dtype, *args, **options) is array:  # copy=False
                return self
        value = settled(self)
        if dtype.kind in "fc" or value is self:
            return apply(astype, (self, dtype, *args), options)
        return value.astype(dtype, *args, **options)

    def conjugate(self, out: Any = None) -> Any:
        """See numpy.ndarray.conjugate: a real array is its own."""
        return np.conjugate(self, out) if self.dtype.kind == "c" or out is not None else self

    conj = conjugate

    def clip(self, min: Any = None, max: Any = None) -> Any:
        return np.clip(self, min, max)

    def sort(self, axis: int = -1, kind: Any = None) -> None:
        """Sort in place, as arrays do."""
        assign(self, ..., np.sort(self, operator.index(axis), kind))

    def fill(self, value: Any) -> None:
        """Assign `value` to every entry."""
        assign(self, ..., value)

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Assign to entries by their positions in the flattened array; see np.put."""
        np.put(self, indices, values, mode)  # type: ignore[arg-type]

    def is_integer(self) -> bool:
        """Whether a number is whole."""
        return bool(np.floor(settled(self)) == settled(self))

    def __round__(self, digits: int | None = None) -> Any:
        return np.round(self, digits or 0)

    def compress(self, condition: Any, axis: int | None = None) -> Any:
        return np.compress(condition, self, axis)

    def resize(self, *shape: Any) -> NoReturn:
        raise TrackingError(leaving(".resize() in place", "Use np.resize(v, shape), which returns a new array."))

    sum = _method(np.sum)
    mean = _method(np.mean)
    max = _method(np.max)
    min = _method(np.min)
    var = _method(np.var)
    std = _method(np.std)
    prod = _method(np.prod)
    ptp = _method(np.ptp)
    cumsum = _method(np.cumsum)
    cumprod = _method(np.cumprod)
    ravel = _method(np.ravel)
    squeeze = _method(np.squeeze)
    swapaxes = _method(np.swapaxes)
    diagonal = _method(np.diagonal)
    trace = _method(np.trace)
    repeat = _method(np.repeat)
    take = _method(np.take)
    choose = _method(np.choose)
    round = _method(np.round)
    argmax = _method(np.argmax)
    argmin = _method(np.argmin)
    argsort = _method(np.argsort)
    searchsorted = _method(np.searchsorted)
    nonzero = _method(np.nonzero)
    any = _method(np.any)
    all = _method(np.all)


class ArrayVariable(Variable):
    """A variable with axes: it has what arrays have and numbers do not, so that questions are answered alike."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(self.value)

    def __setitem__(self, index: Any, value: Any) -> None:
        assign(self, _plain_index(index), value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    __matmul__, __rmatmul__ = _operator(np.matmul)
    __iadd__ = _in_place(np.add, "__add__")
    __isub__ = _in_place(np.subtract, "__sub__")
    __imul__ = _in_place(np.multiply, "__mul__")
    __itruediv__ = _in_place(np.divide, "__truediv__")
    __ifloordiv__ = _in_place(np.floor_divide, "__floordiv__")
    __imod__ = _in_place(np.remainder, "__mod__")
    __imatmul__ = _in_place(np.matmul, "__matmul__")
    __ipow__ = _in_place(np.power, "__pow__")

    @property
    def mT(self) -> Any:  # noqa: N802
        return np.swapaxes(self, -1, -2)

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(settled(self) == settled(value)))

    def dot(self, other: Any) -> Any:
        return np.dot(self, other)

    def partition(self, kth: Any, axis: int = -1) -> None:
        """Partition in place, as arrays do."""
        assign(self, ..., np.partition(self, kth, axis))

    argpartition = _method(np.argpartition)


_set_class: Callable[[Any, type], None] = object.__dict__["__class__"].__set__
"""Changes what an object is; `Variable.__class__` itself tells what it stands for."""

_FACTS: dict[Function, Function] = {
    np.shape: operator.attrgetter("shape"),
    np.ndim: operator.attrgetter("ndim"),
    np.size: operator.attrgetter("size"),
    seen: known,
    constant_to_all: lambda value: settled(value) is value,
}
"""Questions that definitions of composite functions ask all the time; answered here they cost a third."""


def _plain_index(index: Any) -> Any:
    if isinstance(index, Tracked) and not index.staged:
        raise TrackingError(
            leaving("using it as an index", "Write cr.stop_gradient(v).astype(int) for plain integers.")
        )
    return index
