"""What a function reads beside its arguments: closures, globals, defaults, attributes, and what is in containers there.

Arrays among these become inputs of the program, read from their places at each call: the function is run with copies of
itself, and of what leads to the arrays, that hold staged values instead. Everything else that is found is compared with
what it was, by identity. What cannot be followed is refused, so that the function is called and not replayed.
"""

from __future__ import annotations

import dis
import functools
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from inspect import Signature
from types import BuiltinFunctionType, CellType, CodeType, EllipsisType, FunctionType, MethodType, ModuleType, NoneType
from typing import Any, NamedTuple

import numpy as np

from chainrule.compile.tracing import Nested, Unsuitable
from chainrule.engine.location import is_users_file
from chainrule.engine.values import Tracked

MOST_PLACES = 1000  # each costs some 30 ns at every call
_STANDARD = sysconfig.get_path("stdlib")
_IMMUTABLE: Any = (
    int, float, complex, str, bytes, NoneType, EllipsisType, np.generic, np.dtype, range, slice, np.ufunc, Signature,
    BuiltinFunctionType, CodeType, type(np.sum), type(len), type(str.join), type({}.get), type(object.__init__),
)  # fmt: skip
_CACHED = type(functools.lru_cache(len))
_BLOCKING = (type, _CACHED)
"""Of these no copies are made: an array behind one is compared with what it was, entry by entry."""
_RANDOM = ("numpy.random", "random", "itertools")
"""What changes at every use, which two runs of the function show."""


class Place(NamedTuple):
    """Where something is kept: in a cell of a closure (without a key), or under a key of a container."""

    holder: Any
    key: Any = None

    def read(self) -> Any:
        """What is there now. Raises ValueError, KeyError or IndexError where nothing is."""
        return self.holder.cell_contents if type(self.holder) is CellType else self.holder[self.key]

    @property
    def name(self) -> str:
        """How errors call it."""
        return "a variable of its closure" if type(self.holder) is CellType else repr(self.key)

    @property
    def identity(self) -> Any:
        """What is equal for the same place."""
        return id(self.holder), self.key


class Layout(NamedTuple):
    """How an array lies: what a program rests on of it."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, array: Any) -> Layout:
        """The layout of an array."""
        return cls(array.shape, array.strides, array.dtype)


class Captures:
    """What `f`, and functions among its arguments, read beside these.

    `arrays` are the places of arrays that become inputs, `fixed` those of what must stay the same object (for numbers
    and text: equal), `lengths` the containers that must not grow or shrink, `absent` the places where nothing may
    be, and `contents` arrays that must keep their entries.

    Raises Unsuitable where something cannot be followed, Nested where an outer transform tracks it.
    """

    def __init__(self, f: Any, arguments: Sequence[Any]) -> None:
        self.f = f
        self._names: set[str] = set()
        known = -1
        while known < len(self._names):  # attributes count where some code that is reached has their names
            known = len(self._names)
            self._walk([f, *arguments])

    def _walk(self, roots: list[Any]) -> None:
        self.arrays: list[tuple[Place, Any]] = []
        self.fixed: list[tuple[Place, Any]] = []
        self.lengths: list[tuple[Any, int]] = []
        self.absent: list[Place] = []
        self.contents: list[Any] = []
        self._parents: dict[int, list[Any]] = {}
        self._kept: list[Any] = []  # so that no number of an object is given to another one
        seen: set[tuple[int, bool]] = set()
        stack = [(root, False) for root in reversed(roots)]
        while stack:
            node, blocked = stack.pop()
            if (id(node), blocked) in seen or isinstance(node, np.ndarray):
                continue
            seen.add((id(node), blocked))
            self._kept.append(node)
            if len(self.fixed) + len(self.arrays) > MOST_PLACES:
                raise Unsuitable(f"the function can read more than {MOST_PLACES} values beside its arguments")
            for place, child, stays in self._inside(node):
                if isinstance(child, Tracked):
                    raise Nested
                if isinstance(child, np.ndarray):
                    self._array(place, child, node, blocked)
                    continue
                if place is not None and stays:
                    self.fixed.append((place, child))
                self._parents.setdefault(id(child), []).append(node)
                stack.append((child, blocked or isinstance(node, _BLOCKING)))
            if hasattr(node, "__dict__") and _is_own_instance(node):
                stack.append((type(node), True))

    def _array(self, place: Place | None, array: Any, node: Any, blocked: bool) -> None:
        if type(array) is not np.ndarray or array.dtype.kind not in "biufc" or place is None:
            raise Unsuitable(f"the function can read a {type(array).__name__} of {array.dtype} beside its arguments")
        if blocked or isinstance(node, _BLOCKING):
            self.fixed.append((place, array))
            self.contents.append(array)
        else:
            self.arrays.append((place, array))
            self._parents.setdefault(id(array), []).append(node)

    def _inside(self, node: Any) -> Iterator[tuple[Place | None, Any, bool]]:
        """What a thing leads to: its place, itself, and whether another thing could come to be there."""
        if type(node) is FunctionType:
            yield from self._of_function(node)
        elif type(node) is MethodType:
            yield from ((None, node.__func__, False), (None, node.__self__, False))
        elif type(node) is functools.partial:
            yield from ((None, item, False) for item in (node.func, node.args, node.keywords))
        elif isinstance(node, staticmethod | classmethod):
            yield None, node.__func__, False
        elif isinstance(node, property):
            yield from ((None, part, False) for part in (node.fget, node.fset))
        elif type(node) is dict or type(node) is list:
            self.lengths.append((node, len(node)))
            keys = node if type(node) is dict else range(len(node))
            yield from ((Place(node, key), node[key], True) for key in keys)
        elif isinstance(node, tuple):
            yield from ((Place(node, key), item, False) for key, item in enumerate(node))
        elif isinstance(node, ModuleType):
            if _is_own(getattr(node, "__file__", None) or "<frozen>"):
                yield from self._named_in(vars(node))
        elif type(node) is _CACHED:
            yield None, node.__wrapped__, False
        elif isinstance(node, type):
            for base in filter(_is_own_class, node.__mro__):
                yield from self._named_in(vars(base))
                yield from ((None, f, False) for name, f in vars(base).items() if _is_called_by_python(name, f))
        elif isinstance(node, _IMMUTABLE) or type(node).__module__.startswith(_RANDOM):
            return
        elif type(node).__module__.startswith("chainrule."):
            if hasattr(node, "__wrapped__"):  # a jitted function stands for its function
                yield None, node.__wrapped__, False
        elif _is_own_instance(node) and hasattr(node, "__dict__") and not isinstance(node, dict | list | set):
            yield from self._named_in(vars(node))
            of_class = {name for base in type(node).__mro__ if _is_own_class(base) for name in vars(base)}
            self.absent += [Place(vars(node), name) for name in sorted(of_class & self._names - set(vars(node)))]
        else:
            raise Unsuitable(f"the function can read a {type(node).__name__}, whose changes would not be seen")

    def _of_function(self, f: FunctionType) -> Iterator[tuple[Place | None, Any, bool]]:
        own = _is_own(f.__code__.co_filename)
        for cell in f.__closure__ or ():
            try:
                yield Place(cell), cell.cell_contents, own
            except ValueError:  # not assigned yet
                continue
        for defaults in (f.__defaults__, f.__kwdefaults__):
            if defaults:
                yield None, defaults, False
        if own:
            globals_read, names = _names_of(f.__code__)
            self._names |= names
            yield from ((Place(f.__globals__, n), f.__globals__[n], True) for n in globals_read if n in f.__globals__)
            yield from self._named_in(f.__dict__)

    def _named_in(self, space: Any) -> Iterator[tuple[Place | None, Any, bool]]:
        """What has a name here by which some code that is reached may ask for it."""
        everything = not _UNNAMED.isdisjoint(self._names)
        for name in sorted(space) if everything else sorted(self._names & space.keys()):
            if not everything or not name.startswith("__"):
                yield Place(space, name), space[name], True

    # ------------------------------------------------------------------ copies that hold staged values

    def with_staged(self, arguments: Sequence[Any], staged: Sequence[Any]) -> tuple[Any, list[Any], Copies]:
        """`f` and the other arguments with `staged` in the places of the arrays."""
        leading: set[int] = set()
        stack = [id(array) for _, array in self.arrays]
        while stack:
            for parent in self._parents.get(stack.pop(), ()):
                if id(parent) not in leading:
                    leading.add(id(parent))
                    stack.append(id(parent))
        inside = {place.identity: value for (place, _), value in zip(self.arrays, staged, strict=True)}
        copies = Copies(leading, inside)
        return copies.of(self.f), [copies.of(argument) for argument in arguments], copies

    def release(self) -> None:
        """Keep no array alive: the program knows where it is, and how it lies."""
        self.arrays = [(place, Layout.of(array)) for place, array in self.arrays]
        self._kept, self._parents = [], {}

    def changed(self) -> str | None:
        """The name of what is no longer what it was when this was made, None if all is."""
        for place, value in self.fixed:
            try:
                if place.read() is not value:
                    return place.name
            except (KeyError, IndexError, ValueError):
                return place.name
        return next((f"a {type(holder).__name__}" for holder, length in self.lengths if len(holder) != length), None)


class Copies:
    """Copies of functions, containers and objects, in which other values stand at some places."""

    def __init__(self, leading: set[int], inside: dict[Any, Any]) -> None:
        self._leading = leading
        self._inside = inside
        self._made: dict[int, Any] = {}
        self._checked: list[tuple[Any, Any]] = []

    def changed(self) -> str | None:
        """What was written into the copies since they were made: a key, None for nothing."""
        for made, before in self._checked:
            now = dict(made) if isinstance(made, dict) else dict(enumerate(made))
            for key in now.keys() | before.keys():
                if now.get(key, self) is not before.get(key, self):
                    return repr(key)
        return None

    def of(self, node: Any) -> Any:
        """The copy of a thing; itself where it leads to no such place."""
        if id(node) not in self._leading:
            return node
        if id(node) not in self._made:
            self._copy(node)
        return self._made[id(node)]

    def _at(self, holder: Any, key: Any, value: Any) -> Any:
        return self._inside[id(holder), key] if (id(holder), key) in self._inside else self.of(value)

    def _copy(self, node: Any) -> None:
        kind = type(node)
        if kind is FunctionType:
            self._copy_function(node)
        elif kind is MethodType:
            self._made[id(node)] = MethodType(self.of(node.__func__), self.of(node.__self__))
        elif kind is functools.partial:
            self._made[id(node)] = functools.partial(self.of(node.func), *self.of(node.args), **self.of(node.keywords))
        elif kind is dict:
            made: dict[Any, Any] = {}
            self._made[id(node)] = made
            self._fill(made, node)
        elif kind is list:
            self._made[id(node)] = items = []
            items += [self._at(node, i, item) for i, item in enumerate(node)]
            self._checked.append((items, dict(enumerate(items))))
        elif isinstance(node, tuple):
            parts = [self._at(node, i, item) for i, item in enumerate(node)]
            self._made[id(node)] = kind(*parts) if hasattr(kind, "_fields") else kind(parts)
        elif kind is ModuleType:
            self._made[id(node)] = module = ModuleType(node.__name__)
            self._fill(vars(module), vars(node))
        elif hasattr(node, "__wrapped__"):
            self._made[id(node)] = self.of(node.__wrapped__)
        else:
            self._made[id(node)] = instance = object.__new__(kind)
            self._fill(vars(instance), vars(node))

    def _fill(self, made: dict[Any, Any], space: dict[Any, Any]) -> None:
        made.update((key, self._at(space, key, value)) for key, value in space.items())
        self._checked.append((made, dict(made)))

    def _copy_function(self, f: FunctionType) -> None:
        space = f.__globals__
        own = self._made.get(id(space))
        if own is None and _is_own(f.__code__.co_filename):
            own = self._made[id(space)] = dict(space)
            self._fill(own, space)
            if id(f) in self._made:  # a global of its own
                return
        cells = tuple([CellType() for _ in f.__closure__ or ()])
        made = FunctionType(f.__code__, own if own is not None else space, f.__name__, None, cells)
        self._made[id(f)] = made
        made.__defaults__, made.__kwdefaults__ = self.of(f.__defaults__), self.of(f.__kwdefaults__)
        made.__dict__.update(f.__dict__)
        for cell, old in zip(cells, f.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self._at(old, None, old.cell_contents)
            except ValueError:
                continue


_UNNAMED = frozenset(("getattr", "vars", "__dict__", "attrgetter", "globals"))
"""Code with such a name may read any attribute."""


@functools.lru_cache(maxsize=1024)
def _names_of(code: CodeType) -> tuple[tuple[str, ...], frozenset[str]]:
    """The globals that code reads, functions inside it included, and all names in it."""
    read: dict[str, None] = {}
    names: set[str] = set()
    stack = [code]
    while stack:
        one = stack.pop()
        names.update(one.co_names)
        reads = (i.argval for i in dis.get_instructions(one) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
        read.update(dict.fromkeys(reads))
        stack += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
    return tuple(read), frozenset(names)


def _is_called_by_python(name: str, value: Any) -> bool:
    """Whether a part of a class is a method that runs without its name in the code: `__add__`, `__call__`."""
    return type(value) is FunctionType and name.startswith("__") and name not in ("__repr__", "__str__", "__format__")


def _is_own(file: str) -> bool:
    """Whether a file is neither chainrule's, NumPy's nor SciPy's, nor one of Python's own library."""
    standard = file.startswith(_STANDARD) and "site-packages" not in file
    return is_users_file(file) and not standard and not file.startswith("<frozen")


def _is_own_class(kind: type) -> bool:
    return _own_module(kind.__module__)


def _is_own_instance(node: Any) -> bool:
    return not isinstance(node, type | ModuleType | FunctionType) and _is_own_class(type(node))


@functools.lru_cache(maxsize=1024)
def _own_module(name: str) -> bool:
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if file is None:
        return name == "__main__" or (module is None and name != "builtins")
    return _is_own(file)
