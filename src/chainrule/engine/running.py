"""Whether a transform is running a user's function, in this thread or asynchronous task.

It is noted only while somebody wants to know, so that gradients cost nothing more otherwise: :mod:`chainrule.patching`
says so in `noted`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

noted = False
"""Whether transforms say that they run."""

_inside: ContextVar[bool] = ContextVar("inside", default=False)
is_inside = _inside.get
"""Whether this thread or task is inside a function that a transform runs. Asked at every call of a patched function."""


def noting(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """`f(*args, **kwargs)`, inside a transform."""
    token = _inside.set(True)
    try:
        return f(*args, **kwargs)
    finally:
        _inside.reset(token)
