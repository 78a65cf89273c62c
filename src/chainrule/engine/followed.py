"""What a buffer becomes when a tracked value is assigned into it: a tracked array that remembers its entries.

It is the same object, so it remains an array of NumPy's, and C code can reach its memory. That holds NaN from then on,
in a dtype that no calculation knows: what looks at it past NumPy's protocols gets an error, never a number that is out
of date.

A loop that fills an array writes one entry at a time, and reads those that it has written. A new array for each write
would make it quadratic. So entries are kept as the numbers that they are, and joined only when the whole array is asked
for: a read gives the very number that was written, and nothing is recorded.
"""

from __future__ import annotations

import dataclasses
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from chainrule.engine.assignment import assign, cut, note_view, root_of
from chainrule.engine.buffer import Buffer
from chainrule.engine.lending import is_lent
from chainrule.engine.lost import HIDDEN
from chainrule.engine.trace import Trace
from chainrule.engine.values import Tracked, leaving, mapped, plain
from chainrule.engine.variable import ArrayVariable
from chainrule.errors import TrackingError
from chainrule.formula.expression import Function
from chainrule.rules import Elementwise, Structural
from chainrule.rules.memory import place_of, read_only, replace, twin

ndarray = np.ndarray


class _Untracked(Trace):
    """What stands in place of a transform in an array from which every tracked entry was overwritten."""

    __slots__ = ()

    def __init__(self) -> None:
        self.level = -1  # below all transforms

    @property
    def ended(self) -> bool:
        """Never: it is not a transform."""
        return False

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply the rule's function to the arrays."""
        return rule.function(*mapped(tuple(args), _copied), **mapped(dict(kwargs), _copied))


_UNTRACKED = _Untracked()


_NumPys: Any = Buffer  # whose methods have other types


class Followed(ArrayVariable, _NumPys):  # type: ignore[misc]
    """A buffer with tracked values in it.

    `now` is the tracked array with all entries but those that have `changed` since; `cells` holds these, and others
    that are known as numbers, by their indices.
    """

    __slots__ = ()
    now: Any
    cells: dict[Any, Any]
    changed: set[Any]

    @staticmethod
    def take_over(root: Any) -> None:
        """Turn a buffer and all of its views into tracked arrays.

        Raises TrackingError if one of the views shows the bytes of the numbers as something else, or if there is a
        plain array that shows them, which could not follow.
        """
        views = [view for view in (reference() for reference in getattr(root, "_views", ())) if view is not None]
        if _users_of_memory(root) - is_lent(root) > _ALONE + sum(view._owner is not root for view in views):
            raise TrackingError(
                leaving(
                    "writing a tracked value into an array whose memory a plain array shows as well (np.asarray(b) "
                    "made it, a view such as np.broadcast_to(b, shape), or C code)",
                    "Copy it: np.array(b); or use the functions of `import chainrule.numpy as np`.",
                )
            )
        memory = root.view(ndarray)
        held = twin(memory)
        arrays = [_cut(view, memory, held) for view in views]
        if not memory.flags.writeable:
            root.flags.writeable = memory.flags.writeable = True
        memory[...] = np.nan
        root._views = [weakref.ref(view) for view in views]
        for buffer, array in zip([root, *views], [held, *arrays], strict=True):
            buffer.flags.writeable = False
            _hide_numbers(buffer)
            buffer.now, buffer.cells, buffer.changed = array, {}, set()
            _set_class(buffer, Followed)

    # ------------------------------------------------------------------ what a tracked value has

    def held(self) -> Any:
        """The array with all of its entries: tracked, or plain if every tracked entry was overwritten."""
        if self.changed:
            self._join()
        return self.now

    def _join(self) -> None:
        keys = sorted(self.changed)
        values = [self.cells[key] for key in keys]
        joined: Any = np.stack(values) if any(isinstance(value, Tracked) for value in values) else np.array(values)
        index = np.array(keys) if self.ndim == 1 else tuple(np.transpose(keys))
        self.now = replace(self.now, joined, index)
        self.changed.clear()  # not before: after the transform this fails, at every use

    def become(self, other: Any) -> None:
        """Take the state of another tracked array."""
        self.now = other.held() if isinstance(other, Tracked) else other
        self.cells = {}  # type: ignore[misc]
        self.changed = set()  # type: ignore[misc]

    def snapshot(self) -> Any:
        """The array as it is now."""
        now = self.held()
        return now.snapshot() if isinstance(now, Tracked) else twin(now)

    @property
    def value(self) -> Any:
        now = self.held()
        return now.value if isinstance(now, Tracked) else now

    @property
    def transform(self) -> Any:
        now = self.held()
        return now.transform if isinstance(now, Tracked) else _UNTRACKED

    @property
    def mark(self) -> Any:
        now = self.held()
        return now.mark if isinstance(now, Tracked) else None

    @property
    def staged(self) -> bool:  # type: ignore[override]
        return isinstance(self.now, Tracked) and self.held().staged

    # ------------------------------------------------------------------ entries

    def __getitem__(self, index: Any) -> Any:
        key = self._key(index)
        if key is None:
            made = ArrayVariable.__getitem__(self, index) if isinstance(index, Tracked) else self.held()[index]
            if isinstance(made, Tracked) and getattr(made, "_root", None) is not None:
                note_view(self, made)
            return made.copy() if type(made) is ndarray else made  # the array is plain: its first write failed
        found = self.cells.get(key)
        if found is None:
            found = self.cells[key] = self.now[index]
        return found

    def __setitem__(self, index: Any, value: Any) -> None:
        key = self._key(index)
        if key is not None and root_of(self) is self and not self._is_shown():
            kind = self.now.dtype.type
            cell = kind(value) if type(value) is float or type(value) is int else value
            # The array is always tracked or has a tracked entry: so a constant does not overwrite one of those.
            lasting = isinstance(cell, Tracked) or isinstance(self.now, Tracked) or key not in self.changed
            if type(plain(cell)) is kind and lasting and not read_only(plain(self.now)):
                self.cells[key] = cell
                self.changed.add(key)
                return
        assign(self, index, value)

    def _key(self, index: Any) -> Any:
        """The place of one entry, counted from 0 along each axis; None for an index of anything else."""
        shape = self.shape
        if type(index) is int:
            if len(shape) == 1 and -shape[0] <= index < shape[0]:
                return index % shape[0]
            return None
        if type(index) is not tuple or len(index) != len(shape):
            return None
        key = []
        for i, n in zip(index, shape, strict=True):
            if type(i) is not int or not -n <= i < n:
                return None
            key.append(i % n)
        return tuple(key) if len(key) > 1 else key[0] if key else None

    def _is_shown(self) -> bool:
        """Whether there is a view, which must change when an entry does."""
        if self._views:
            self._views = [view for view in self._views if view() is not None]  # type: ignore[misc]
        return bool(self._views)

    # ------------------------------------------------------------------ as NumPy's arrays, without joining

    @property
    def __class__(self) -> type:
        return ndarray

    @__class__.setter
    def __class__(self, kind: type) -> None:
        _set_class(self, kind)

    shape: Any = ndarray.shape
    ndim = ndarray.ndim
    size = ndarray.size
    itemsize = ndarray.itemsize

    @property
    def dtype(self) -> Any:
        return self.now.dtype

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    # ------------------------------------------------------------------ NumPy's protocols

    def __array_finalize__(self, model: Any) -> None:
        raise TrackingError(leaving("making a plain array of it, in C", "Pass cr.stop_gradient(v)."))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs or method == "at":
            return ArrayVariable.__array_ufunc__(self, ufunc, method, *inputs, **kwargs)
        return getattr(ufunc, method)(*map(_held, inputs), **mapped(kwargs, _held))

    def __array_function__(self, function: Function, types: Any, args: Any, kwargs: Any) -> Any:
        if not isinstance(self.held(), Tracked):
            args, kwargs = mapped(tuple(args), _copied), mapped(kwargs, _copied)
            return function(*args, **kwargs)
        return ArrayVariable.__array_function__(self, function, types, args, kwargs)


def _users_of_memory(root: Any) -> int:
    """How many references there are to the array that owns the memory: each plain view, which NumPy makes, holds one.

    A view of the buffer's does so as well if it was made of a plain one.
    """
    owner = root._owner
    return 0 if owner is None else sys.getrefcount(owner)


_ALONE = _users_of_memory(np.zeros(1).view(Buffer))


def join_entries(tree: Any) -> None:
    """Join the entries of the tracked arrays in a result, also in its containers, while the transform still runs."""
    if type(tree) is Followed:
        tree.held()
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            join_entries(item)
    elif isinstance(tree, dict):
        join_entries([*tree.values()])
    elif dataclasses.is_dataclass(tree):
        join_entries([getattr(tree, field.name, None) for field in dataclasses.fields(tree)])


def _of_array(name: str) -> Any:
    def operator(self: Followed, *others: Any) -> Any:
        return getattr(self.held(), name)(*others)

    operator.__name__ = name
    return operator


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    for _side in ("__", "__r"):
        setattr(Followed, f"{_side}{_name}__", _of_array(f"{_side}{_name}__"))
for _name in ("__neg__", "__pos__", "__abs__"):
    setattr(Followed, _name, _of_array(_name))


def _refused(name: str) -> Any:
    """What would hand out the memory, or the numbers, past NumPy's protocols."""

    def refuse(self: Followed, *_: Any, **__: Any) -> NoReturn:
        raise TrackingError(leaving(f".{name}", "Take it of cr.stop_gradient(v)."))

    return refuse if callable(getattr(ndarray, name)) else property(refuse)


for _name in (
    "byteswap", "ctypes", "data", "dump", "dumps", "getfield", "setfield", "tobytes", "tofile", "__setstate__",
    "__array_interface__", "__array_struct__", "__dlpack__", "__dlpack_device__",
):  # fmt: skip
    setattr(Followed, _name, _refused(_name))


def _held(value: Any) -> Any:
    return value.held() if type(value) is Followed else value


def _copied(value: Any) -> Any:
    """A copy of an array from which every tracked entry was overwritten, a tracked value as it is."""
    return value.snapshot() if type(value) is Followed and not isinstance(value.held(), Tracked) else value


def _cut(view: Any, memory: Any, held: Any) -> Any:
    """What a view of `memory` shows, in the same place of the copy `held`."""
    from_root = view.view(ndarray)
    place = place_of(from_root, memory)
    if place is None:
        raise TrackingError(
            leaving(
                f"writing into an array of {memory.dtype} of which a view shows {from_root.dtype}",
                "Convert it with .astype instead.",
            )
        )
    return cut(held, place)


def _hide_numbers(buffer: Any) -> None:
    """Give the memory of a buffer a dtype in which no number can be read off it."""
    _set_dtype(buffer, np.dtype([(HIDDEN, np.void, buffer.itemsize)]))


_set_class: Callable[[Any, type], None] = object.__dict__["__class__"].__set__
_set_dtype: Any = getattr(ndarray, "_set_dtype", None) or ndarray.dtype.__set__  # type: ignore[attr-defined]
"""From NumPy 2.5 on the first one, which is for subclasses."""
