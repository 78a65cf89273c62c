"""What one transform knows while it runs, and what becomes of its variables afterwards."""

from __future__ import annotations

import itertools
from typing import Any

from chainrule.engine.location import at_user_line
from chainrule.errors import TrackingError
from chainrule.rules import Elementwise, Structural

opened = itertools.count()
"""Numbers the traces; an inner transform opens later and so has the higher number."""


class Trace:
    """What one transform knows while it runs. `level` orders nested transforms."""

    __slots__ = ("__weakref__", "_ended", "level")

    def __init__(self) -> None:
        self.level = next(opened)
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the transform has returned: then its variables must not be used any more."""
        return self._ended

    def end(self) -> Any:
        """Stop following; variables that are still used afterwards raise TrackingError."""
        self._ended = True

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule` to arguments of which at least one is tracked by this trace."""
        raise NotImplementedError


def escaped() -> TrackingError:
    """The error for a variable that is used after its transform has returned."""
    return TrackingError(
        f"a tracked value is used{at_user_line()} after the transform that tracked it has returned. It was "
        "probably stored outside the function (in a list, an attribute, a global). Return it from the function "
        "instead (has_aux=True)."
    )
