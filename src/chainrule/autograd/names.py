"""Modules that show the attributes of others: `__getattr__ = names_of(ours, theirs)` at the end of a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
