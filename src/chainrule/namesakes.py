"""Modules that stand for others of the same name: what they do not define themselves is found in the other one.

`chainrule.scipy.signal` ends with `__getattr__, __dir__ = namesake(scipy.signal, globals())`. An :class:`Alias` does
the same for modules of which there is no file: `import chainrule.scipy.constants`.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

Names = tuple[Callable[[str], Any], Callable[[], list[str]]]


def namesake(theirs: ModuleType, names: dict[str, Any]) -> Names:
    """`__getattr__` and `__dir__` of a module, which has the globals `names`: it has all names that `theirs` has.

    Submodules of its own go before theirs, and are imported when they are asked for.

    >>> import math
    >>> found, listed = namesake(math, {"__name__": "mine", "tau": 6.28})
    >>> found("pi") is math.pi, "tau" in listed()
    (True, True)
    """
    if hasattr(theirs, "__path__"):
        names.setdefault("__path__", [])  # so that `import chainrule.scipy.signal.windows` looks for it here
    own = {module.name for module in pkgutil.iter_modules(names.get("__path__", []))}
    found = names_of(theirs)

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name in own and isinstance(getattr(theirs, name, None), ModuleType):
            return importlib.import_module(f"{names['__name__']}.{name}")
        return found(name)

    return __getattr__, lambda: sorted({*dir(theirs), *names.get("__all__", ())})


def names_of(*sources: Any) -> Callable[[str], Any]:
    """A module's `__getattr__` that looks a name up in `sources`, the first one that has it.

    >>> import math, cmath
    >>> names_of(math, cmath)("phase") is cmath.phase
    True
    """

    def found(name: str) -> Any:
        for source in sources[:-1]:
            if hasattr(source, name):
                return getattr(source, name)
        return getattr(sources[-1], name)

    return found


class Alias(MetaPathFinder, Loader):
    """Finds modules under one name that Python has under another one: `Alias("chainrule.scipy", "scipy")`.

    What a module of that name gives for an attribute, if that is a module, goes before what Python would import. Among
    the finders it must be the first one: the next would load the file of SciPy's module again, under our name. As the
    `whole` it answers for every name, and the error for one that is nowhere names the target.
    """

    def __init__(self, name: str, target: str, *, whole: bool = False) -> None:
        self.name, self.target, self.whole = name, target, whole
        self._specs: dict[str, Any] = {}

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not f"{fullname}.".startswith(f"{self.name}.") or self._has_file(fullname, path):
            return None
        known = self.whole or importlib.util.find_spec(self._named(fullname)) is not None
        return ModuleSpec(fullname, self) if known else None

    @staticmethod
    def _has_file(fullname: str, path: Any) -> bool:
        """Whether a module has a file of its own, in a package that has one."""
        parent = fullname.rpartition(".")[0]
        return parent != "" and sys.modules[parent].__name__ == parent and bool(PathFinder.find_spec(fullname, path))

    def _named(self, fullname: str) -> str:
        return self.target + fullname.removeprefix(self.name)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        parent, _, name = spec.name.rpartition(".")
        module = getattr(sys.modules.get(parent), name, None)
        if not isinstance(module, ModuleType):
            module = importlib.import_module(self._named(spec.name))
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """The module has run already; Python has only written the alias's spec into it."""
        name = "" if module.__spec__ is None else module.__spec__.name
        module.__spec__ = self._specs.pop(name, module.__spec__)
