"""An array that turns into a tracked one when a tracked value is assigned into it.

NumPy's own arrays cannot do that: their memory holds plain numbers. A :class:`Buffer` holds such an array and behaves
as it does. At the first assignment of a tracked value, the object itself becomes a variable of the transform that
tracks the value, and so do all views of it. What still shares the old memory by NumPy's own means (an alias from
`np.asarray`) must not show numbers that are out of date: the memory is filled with NaN and can no longer be written to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from chainrule.engine.assignment import note_view, root_of
from chainrule.engine.dispatch import apply
from chainrule.engine.trace import Trace
from chainrule.engine.values import Tracked
from chainrule.engine.variable import ArrayVariable
from chainrule.formula.expression import Function
from chainrule.rules import TABLE, Composite, Elementwise, Structural
from chainrule.rules.memory import place_of, twin


class _Untracked(Trace):
    """What stands in place of a transform in buffers: below all transforms, it only computes."""

    __slots__ = ()

    def __init__(self) -> None:
        self.level = -1

    @property
    def ended(self) -> bool:
        """Never: it is not a transform."""
        return False

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply the rule's function to the arrays."""
        return _call(rule.function, args, kwargs)


_UNTRACKED = _Untracked()


class Buffer(ArrayVariable):
    """A float or complex array into which tracked values can be assigned.

    >>> import numpy as np, chainrule as cr
    >>> def f(x):
    ...     powers = Buffer(np.zeros(3))
    ...     for k in range(3):
    ...         powers[k] = x**k
    ...     return np.sum(powers)
    >>> cr.grad(f)(2.0)
    np.float64(5.0)
    """

    __slots__ = ()

    def __init__(self, value: np.ndarray[Any, Any]) -> None:
        super().__init__(value, _UNTRACKED, None)

    def snapshot(self) -> Any:
        """The array as it is now."""
        return twin(self.value)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ("out" in kwargs or method == "at") and _is_tracked([*inputs, *kwargs.values()]):
            return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)  # which writes into a buffer
        return _call(ufunc if method == "__call__" else getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Function, types: Iterable[type], args: Any, kwargs: Any) -> Any:
        rule = TABLE.get(function)
        if isinstance(rule, Composite) and rule.writes and _is_tracked([*args, *kwargs.values()]):
            return apply(function, args, kwargs)
        return _call(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.value, dtype=dtype, copy=copy)

    def __getitem__(self, index: Any) -> Any:
        if _is_tracked(index):
            return super().__getitem__(index)
        # A copy is a buffer as well: `b[[0, 1]] += x` takes one, adds to it and puts it back.
        return _as_buffer(_with_views(self.value[without_buffers(index)], [self]))

    def __setitem__(self, index: Any, value: Any) -> None:
        if _is_tracked(value) or _is_tracked(index):
            super().__setitem__(without_buffers(index), value)
        else:
            self.value[without_buffers(index)] = without_buffers(value)

    @staticmethod
    def abandon(memory: np.ndarray[Any, Any]) -> None:
        """Leave no stale numbers behind in the memory of a buffer that has become a variable."""
        memory[...] = np.nan
        memory.flags.writeable = False

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return repr(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def copy(self, order: str = "C") -> Buffer:
        """A buffer of its own with the same entries."""
        return Buffer(self.value.copy(order=order))

    def __copy__(self) -> Buffer:
        return self.copy("K")

    def __deepcopy__(self, memo: Any) -> Buffer:
        return self.copy("K")

    def __reduce__(self) -> Any:
        return Buffer, (self.value,)


def without_buffers(tree: Any) -> Any:
    """`tree` with the arrays of its buffers in place of the buffers; lists, tuples and dicts are searched."""
    kind = type(tree)
    if kind is Buffer:
        return tree.value
    if kind is list or kind is tuple:
        return kind(map(without_buffers, tree))
    return {key: without_buffers(item) for key, item in tree.items()} if kind is dict else tree


def _is_tracked(tree: Any) -> bool:
    """Whether there is a tracked value in `tree`; a buffer is not one."""
    if type(tree) is list or type(tree) is tuple:
        return any(map(_is_tracked, tree))
    return isinstance(tree, Tracked) and type(tree) is not Buffer


def _buffers(tree: Any) -> Iterator[Buffer]:
    if type(tree) is Buffer:
        yield tree
    elif type(tree) in (list, tuple):
        for item in tree:
            yield from _buffers(item)
    elif type(tree) is dict:
        yield from _buffers([*tree.values()])


def _call(function: Function, args: Any, kwargs: Any) -> Any:
    """Call a NumPy function with the buffers' arrays. What shares memory with a buffer is a view of that buffer."""
    return _with_views(function(*without_buffers(args), **without_buffers(kwargs)), _buffers((args, kwargs)))


def _with_views(result: Any, buffers: Iterable[Buffer]) -> Any:
    """`result` with views of the buffers in place of the arrays that share memory with one."""
    kind = type(result)
    if kind is list or kind is tuple:
        buffers = [*buffers]
        return kind([_with_views(item, buffers) for item in result])
    if kind is not np.ndarray:
        return result
    for buffer in buffers:
        if result is buffer.value:
            return buffer
        if result.base is None or not np.may_share_memory(result, buffer.value):
            continue
        if result.dtype != buffer.value.dtype and place_of(result, root_of(buffer).value) is None:
            # the bytes of numbers as other numbers
            result = result.copy()
            result.flags.writeable = False
            return result
        view = Buffer(result)
        note_view(buffer, view)
        return view
    return result


# ---------------------------------------------------------------------- the methods and attributes of arrays


def _as_buffer(made: Any) -> Any:
    """A buffer of an array that can hold tracked values."""
    return Buffer(made) if type(made) is np.ndarray and made.ndim and made.dtype.kind in "fc" else made


_ARRANGING = frozenset(("astype", "compress", "flatten", "ravel", "repeat", "reshape", "take"))
"""Methods whose results are written to as the array itself is, whether they are views of it or copies."""


def _method(name: str) -> Any:
    def method(self: Buffer, *args: Any, **kwargs: Any) -> Any:
        if any(map(_is_tracked, args)):
            return getattr(ArrayVariable, name)(self, *args, **kwargs)
        result = getattr(self.value, name)(*without_buffers(args), **without_buffers(kwargs))
        if result is NotImplemented:
            return result
        result = _with_views(result, (self, *_buffers((args, kwargs))))
        return _as_buffer(result) if name in _ARRANGING else result

    method.__name__ = name
    method.__doc__ = f"See numpy.ndarray.{name}."
    return method


def _attribute(name: str) -> Any:
    def read(self: Buffer) -> Any:
        return _as_buffer(_with_views(getattr(self.value, name), (self,)))

    def write(self: Buffer, value: Any) -> None:
        if _is_tracked(value):
            getattr(ArrayVariable, name).fset(self, value)
        else:
            setattr(self.value, name, without_buffers(value))

    return property(read, write if name in ("real", "imag") else None)


_OPERATORS = (
    *(f"__{side}{name}__" for side in ("", "r", "i")
      for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")),
    *("__neg__", "__pos__", "__abs__", "__divmod__", "__rdivmod__", "__lt__", "__le__", "__gt__", "__ge__", "__eq__"),
    *("__ne__", "__len__", "__bool__", "__contains__", "__float__", "__int__", "__complex__", "__index__"),
)  # fmt: skip
_OWN = {"base", "copy", "ctypes", "data", "flat", "resize", "setflags"}
"""Attributes of arrays that are written out above or that a buffer does not have: they would hand out its memory."""

for _name in (*_OPERATORS, *(name for name in dir(np.ndarray) if not name.startswith("_") and name not in _OWN)):
    setattr(Buffer, _name, (_method if callable(getattr(np.ndarray, _name)) else _attribute)(_name))
