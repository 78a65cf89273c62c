"""Assignment into tracked values: views, and what a write through one of them changes.

A tracked value never changes; a variable that is written to takes a new one. NumPy's views share memory, so variables
that are views of one another take new values together.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain
from chainrule.rules.shaping import replace


class View:
    """How a variable was cut out of another one whose memory it shares: `make` maps the other's entries to its own."""

    __slots__ = ("make", "parent")

    def __init__(self, parent: Any, make: Callable[[Any], Any]) -> None:
        self.parent = parent
        self.make = make

    def root(self) -> Any:
        """The variable that owns the memory."""
        outer = getattr(self.parent, "_view", None)
        return self.parent if outer is None else outer.root()

    def positions(self) -> Any:
        """For each entry of the view, the flat position of the same entry in the root."""
        outer = getattr(self.parent, "_view", None)
        entries = np.arange(self.parent.size).reshape(self.parent.shape) if outer is None else outer.positions()
        return self.make(entries)


def shares_memory(out: Any, value: Any) -> bool:
    """Whether the result of an operation is a view of its operand, whatever transforms track them."""
    out = plain(out)
    return type(out) is np.ndarray and out.base is not None and np.may_share_memory(out, plain(value))


def note_view(parent: Any, view: Any, make: Callable[[Any], Any]) -> None:
    """Remember that `view` shares the memory of `parent`, as NumPy's views do."""
    view._view = View(parent, make)
    root = view._view.root()
    if getattr(root, "_views", None) is None:
        root._views = []
    root._views.append(weakref.ref(view))


def assign(target: Any, index: Any, value: Any) -> None:
    """`target[index] = value`: the variable takes a new value with the entries replaced.

    What was computed from the old value keeps it. Views share memory in NumPy, so variables that are views of one
    another change together here as well.
    """
    if not target.shape:
        raise TypeError(f"a tracked number does not support item assignment{at_user_line()}")
    view = getattr(target, "_view", None)
    if view is None:
        root = target
        _become(root, apply_replace(root, value, index))
    else:
        root = view.root()
        changed = apply_replace(target, value, index)
        _become(root, apply_replace(root, changed, np.unravel_index(view.positions(), root.shape)))
    for reference in getattr(root, "_views", ()):
        other = reference()
        if other is not None:
            _become(other, root[np.unravel_index(other._view.positions(), root.shape)])


def apply_replace(x: Any, value: Any, index: Any) -> Any:
    """`replace` for any mixture of tracked and plain arguments, in the dtype of `x`."""
    if isinstance(value, Tracked) and plain(value).dtype != x.dtype:
        value = value.astype(x.dtype)  # type: ignore[attr-defined]
    return replace(x, value, index)


def _become(target: Any, other: Any) -> None:
    """Give `target` the state of `other`, which may belong to an inner transform when a value of it was assigned."""
    if type(target) is not type(other):
        target.__class__ = type(other)  # both kinds of variable have the same layout
    for slot in ("value", "transform", "mark"):
        setattr(target, slot, getattr(other, slot))
