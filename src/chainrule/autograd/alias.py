"""`import autograd` as `import chainrule.autograd`, for libraries that import autograd themselves."""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from chainrule.engine.location import at_user_line

__all__ = ["as_autograd"]


def as_autograd() -> None:
    """From now on, whoever imports `autograd` in this process gets `chainrule.autograd`, submodules too.

        import chainrule.autograd
        chainrule.autograd.as_autograd()
        import lifelines  # which imports autograd

    Call it before such a library is imported. Raises RuntimeError if autograd itself has been imported already.
    """
    if any(isinstance(finder, _Alias) for finder in sys.meta_path):
        return
    if "autograd" in sys.modules:
        raise RuntimeError(
            f"autograd has been imported already{at_user_line()}. Call as_autograd() first, before any library that "
            "imports autograd."
        )
    sys.meta_path.insert(0, _Alias())


class _Alias(MetaPathFinder, Loader):
    """Finds `autograd` and its submodules, and loads ours."""

    def __init__(self) -> None:
        self._specs: dict[str, Any] = {}

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname.partition(".")[0] == "autograd" else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(f"chainrule.{spec.name}")
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """The module has run already; Python has only written the alias's spec into it."""
        name = "" if module.__spec__ is None else module.__spec__.name
        module.__spec__ = self._specs.pop(name, module.__spec__)
