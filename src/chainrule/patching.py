"""`cr.patch()`: existing code as it is, without a changed import.

    import chainrule as cr
    cr.patch()

    import numpy as np
    from scipy.stats import norm

Until `cr.unpatch()`, or the end of a `with cr.patch():`, the names that `chainrule.numpy`, `chainrule.scipy` and
`chainrule.math` define differently lead two ways. Inside a function that a transform runs, in its thread or
asynchronous task, they are chainrule's; everywhere else, and for the code of NumPy and SciPy themselves at any time,
they are NumPy's, SciPy's and `math`'s.

How: a patched module is given a class of its own, with a property for each such name, which hands the original to the
code of NumPy, SciPy and chainrule, and a :class:`TwoWays` to everybody else. That one is an ordinary object, so code
that keeps it (`from numpy import array`) is followed too. What was imported by `from … import …` before the patch is
the original and stays so.
"""

from __future__ import annotations

import dis
import functools
import importlib
import math
import operator
import pkgutil
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sys import _getframe
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType, TracebackType
from typing import Any

import numpy as np

import chainrule.math
import chainrule.numpy
from chainrule.engine import running
from chainrule.engine.assignment import has_tracked
from chainrule.engine.running import is_inside

__all__ = ["patch", "unpatch"]


def patch() -> Patch:
    """Let NumPy's, SciPy's and `math`'s names lead to chainrule's functions inside functions that a transform runs.

    Call it once, before the imports of the program, or use it as a context manager.

        cr.patch()

        def f(x):
            y = np.zeros(2)
            y[0] = math.sin(x)
            return np.sum(np.array([y[0], x]) ** 2)

        cr.grad(f)(3.0)
    """
    made = Patch()
    with _LOCK:
        if not _active:
            _install()
        _active.add(made)
    return made


def unpatch() -> None:
    """Undo every :func:`patch`."""
    with _LOCK:
        if _active:
            _active.clear()
            _uninstall()


class Patch:
    """One call of :func:`patch`; as a context manager it is undone at the end of the block, those around it are not."""

    def __enter__(self) -> Patch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with _LOCK:
            if self in _active:
                _active.remove(self)
                if not _active:
                    _uninstall()


def is_patched() -> bool:
    """Whether a patch is in force."""
    return bool(_active)


_LOCK = threading.RLock()
_active: set[Patch] = set()
_plain_classes: dict[ModuleType, type[ModuleType]] = {}


# ---------------------------------------------------------------------- one name


class TwoWays:
    """A function, class or object of NumPy, SciPy or `math` that is chainrule's inside a transform.

    It equals the original, and has its attributes, documentation and signature.
    """

    def __init__(self, original: Any, ours: Any) -> None:
        vars(self).update(original=original, ours=ours, __wrapped__=original)
        vars(self).update({name: getattr(original, name, None) for name in ("__doc__", "__module__")})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if is_inside():
            return self.ours(*args, **kwargs)
        made = self.original(*args, **kwargs)
        if isinstance(self.original, type) or hasattr(self.original, "freeze"):  # a class, or a distribution
            return Made(made, functools.partial(self.ours, *args, **kwargs))
        return made

    def __getattr__(self, name: str) -> Any:
        if is_inside() and hasattr(self.ours, name):
            return getattr(self.ours, name)
        return getattr(self.original, name)

    def __getitem__(self, key: Any) -> Any:
        return (self.ours if is_inside() else self.original)[key]

    __class__ = property(lambda self: type(self.original))

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, self.original)

    def __subclasscheck__(self, kind: Any) -> bool:
        return issubclass(kind, self.original)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self.original,)

    def __eq__(self, other: object) -> bool:
        return self is other or self.original is other

    def __hash__(self) -> int:
        return hash(self.original)

    def __repr__(self) -> str:
        return repr(self.original)

    def __dir__(self) -> list[str]:
        return dir(self.original)

    def __reduce__(self) -> tuple[Any, tuple[Any]]:
        return operator.itemgetter(0), ((self.original,),)  # pickled as the original


class Made(TwoWays):
    """An object of SciPy's that was made outside transforms, such as a spline through data: tracked values go into
    chainrule's object for the same arguments, which is made when it is needed first.
    """

    def __init__(self, original: Any, make: Any) -> None:
        super().__init__(original, None)
        vars(self).update(ours=_Late(make))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return (self.ours.made if _any_tracked(args, kwargs) else self.original)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.original, name)
        if not isinstance(found, MethodType):
            return found

        @functools.wraps(found)
        def method(*args: Any, **kwargs: Any) -> Any:
            follows = getattr(self.ours.made, name, found) if _any_tracked(args, kwargs) else found
            return follows(*args, **kwargs)

        return method

    def __getitem__(self, key: Any) -> Any:
        return self.original[key]


@dataclass(frozen=True)
class _Late:
    make: Any

    @functools.cached_property
    def made(self) -> Any:
        return self.make()


def _any_tracked(args: Any, kwargs: dict[str, Any]) -> bool:
    return has_tracked([*args, *kwargs.values()])


# ---------------------------------------------------------------------- who reads a name

_LOADS = ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM")
_ANY = object()
_INTRINSIC_IMPORT_STAR = 2
_loads: dict[int, Any] = {}
"""The names of attributes that instructions load, by the id of the code object plus the place of the instruction.

The instructions lie in the memory of the code object, so no two have the same sum.
"""
_codes: dict[int, CodeType] = {}
"""The code objects that are known, by their ids: kept, so that no other ones get these."""


def _learn(frame: FrameType) -> Any:
    """What a frame's instruction loads; None in the code of NumPy, SciPy and chainrule."""
    code = frame.f_code
    place = id(code) + frame.f_lasti
    if id(code) not in _codes:
        _codes[id(code)] = code
        _loads.update(_loaded_in(frame))
    return _loads.setdefault(place, None)


def _loaded_in(frame: FrameType) -> dict[int, Any]:
    code = frame.f_code
    found: dict[int, Any] = {}
    if str(frame.f_globals.get("__name__")).partition(".")[0] not in ("numpy", "scipy", "chainrule"):
        loaded: Any = None
        for instruction in dis.get_instructions(code, show_caches=True):
            if instruction.opname != "CACHE":  # which belongs to the instruction before
                is_star = instruction.opname == "IMPORT_STAR" or (
                    instruction.opname == "CALL_INTRINSIC_1" and instruction.arg == _INTRINSIC_IMPORT_STAR
                )
                loaded = _ANY if is_star else instruction.argval if instruction.opname in _LOADS else None
            if loaded is not None:
                found[id(code) + instruction.offset] = loaded
    return found


def _property(name: str, two_ways: TwoWays) -> property:
    """What a module has under a name: two ways for Python code outside NumPy, SciPy and chainrule, or the original.

    Code in C has no frame of its own: it reads a name while the innermost frame is calling something, and that is no
    instruction that loads an attribute of this name.
    """
    original, ours = vars(two_ways)["original"], vars(two_ways)["ours"]
    is_function = isinstance(original, _FUNCTIONS)  # chainrule's function itself saves the way through TwoWays, 0.2 µs
    is_open = getattr(ours, "__code__", None) in _OPEN

    def read(module: ModuleType) -> Any:
        if is_open and is_inside():
            return ours
        frame = _getframe(1)
        try:  # half the time of .get()
            loaded = _loads[id(frame.f_code) + frame.f_lasti]
        except KeyError:
            loaded = _learn(frame)
        if loaded == name:
            return ours if is_function and is_inside() else two_ways
        return two_ways if loaded is _ANY else original

    def write(module: ModuleType, value: Any) -> None:
        delattr(type(module), name)  # whoever patches after us wins
        setattr(module, name, value)

    return property(read, write)


_FUNCTIONS = (FunctionType, BuiltinFunctionType, type(np.sum), np.ufunc)
_OPEN = {chainrule.math.sin.__code__}
"""The code of functions that do with plain values what the original does: they need not know who reads them."""

# ---------------------------------------------------------------------- all names


def _differences() -> Iterator[tuple[ModuleType, str, Any]]:
    """The names that chainrule defines differently: the module, the name there, and what chainrule has for it."""
    pairs = [(chainrule.numpy, np), (chainrule.math, math), *_scipy_pairs()]
    while pairs:
        ours, theirs = pairs.pop()
        for name in vars(ours).get("__all__") or [name for name in dir(ours) if not name.startswith("_")]:
            found = getattr(ours, name)
            original = vars(theirs).get(name)  # SciPy's old modules have nothing in them, and warn when they are asked
            if isinstance(found, ModuleType):
                if found is not original and isinstance(original, ModuleType):
                    pairs.append((found, original))
            elif original is not None and found is not original:
                yield theirs, name, found


def _scipy_pairs() -> list[tuple[ModuleType, ModuleType]]:
    """The modules of `chainrule.scipy`, each with SciPy's; none where SciPy is not installed."""
    try:
        importlib.import_module("scipy")
    except ImportError:
        return []
    package = importlib.import_module("chainrule.scipy")
    pairs = []
    for found in pkgutil.walk_packages(package.__path__, "chainrule.scipy."):
        try:
            theirs = importlib.import_module(found.name.removeprefix("chainrule."))
        except ImportError:  # a module of helpers
            continue
        pairs.append((importlib.import_module(found.name), theirs))
    return pairs


def _install() -> None:
    replaced = _replaced()
    _shield(replaced)
    for module, names in replaced.items():
        _plain_classes[module] = type(module)
        properties = {name: _property(name, both) for name, both in names.items()}
        module.__class__ = type("PatchedModule", (type(module),), {**properties, "__reduce__": _by_name})
    running.noted = True


def _replaced() -> dict[ModuleType, dict[str, TwoWays]]:
    """What leads two ways: by module and name, and by all names of the same object in the module."""
    found: dict[ModuleType, dict[str, TwoWays]] = {}
    aliases: dict[ModuleType, dict[int, list[str]]] = {}
    for module, name, ours in _differences():
        original = getattr(module, name)
        if isinstance(original, type) and issubclass(original, _ASKED_BY_TYPE):
            continue
        if module not in aliases:
            aliases[module] = {}
            for other, value in vars(module).items():
                aliases[module].setdefault(id(value), []).append(other)
        two_ways = TwoWays(original, ours)
        names = found.setdefault(module, {})
        names[name] = two_ways
        for alias in aliases[module].get(id(original), ()):
            names.setdefault(alias, two_ways)
    return found


_ASKED_BY_TYPE = (np.generic, np.ndarray, np.dtype, np.ufunc, BaseException)
"""Classes that are passed to NumPy's C code, which wants themselves."""


def _shield(modules: Iterable[ModuleType]) -> None:
    """Give chainrule's own modules copies of the patched ones: reading a name through a property takes 0.2 µs.

    A gradient of Σ(X·w)² would take 10 µs more.
    """
    twins: dict[int, ModuleType] = {}
    for module in modules:
        twin = twins[id(module)] = ModuleType(module.__name__, module.__doc__)
        vars(twin).update(vars(module))
    holders = [
        vars(module)
        for name, module in [*sys.modules.items()]
        if name.startswith("chainrule.") and module.__name__.startswith("chainrule.")  # or it is SciPy's own
    ]
    for names in [*map(vars, twins.values()), *holders]:
        for name, value in [*names.items()]:
            if isinstance(value, ModuleType) and id(value) in twins:
                names[name] = twins[id(value)]
                _shielded.append((names, name, value))


_shielded: list[tuple[dict[str, Any], str, ModuleType]] = []
"""The names that chainrule's modules have for patched modules, and what they name otherwise."""


def _by_name(module: ModuleType) -> tuple[Any, tuple[str]]:
    """Modules are not pickled by Python, but by those who extend it: by their names."""
    return importlib.import_module, (module.__name__,)


def _uninstall() -> None:
    running.noted = False
    for module, kind in _plain_classes.items():
        module.__class__ = kind
    for names, name, module in _shielded:
        names[name] = module
    for notes in (_plain_classes, _loads, _codes, _shielded):
        notes.clear()
