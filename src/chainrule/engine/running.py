"""Whether a transform is running a user's function, in this thread or asynchronous task.

It is noted only while somebody wants to know, so that gradients cost nothing more otherwise: :mod:`chainrule.patching`
says so in `noted`.
"""

from __future__ import annotations

from contextvars import ContextVar

noted = False
"""Whether transforms say that they run: whether `inside` tells."""

inside: ContextVar[bool] = ContextVar("inside", default=False)
is_inside = inside.get
"""Whether this thread or task is inside a function that a transform runs. Asked at every call of a patched function."""
