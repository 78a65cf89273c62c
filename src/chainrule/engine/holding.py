"""Hold large arrays still while a transform runs, instead of copying them.

The walk needs the values that an operation was computed with. Of a small array it keeps a copy; of a large one a view,
and the array is read-only until the transform returns, so that a write to it is NumPy's own error at the line that
writes. Several transforms, in other threads too, may hold one array: the last one gives it back.

NumPy asks the array through which a program writes whether that is allowed, not the memory: a view that was made
before the array was held can still be written through. Which views there are NumPy does not say. So those within reach
of the running functions are looked for (`engine.reach`) and are read-only as long, too; an array to which much refers,
as a list of its rows does, is copied after all; and of every other one the first entry, the last, and one in 509
between are compared before the walk, at a hundredth of the cost of a product with a vector. So a write through a view
that is hidden deeper, in a container in an attribute, say, is noticed if it changes 509 entries that follow one another
in memory, or lie in steps of any number that 509 does not divide. What is left, a write of fewer entries through one of
a few hidden views, inside the function, is not.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.engine.reach import arrays_in_reach
from chainrule.errors import MutationError

LARGE = 2**20
"""Bytes from which on an array is held. To copy one of this size takes 0.1 ms, as long as a few operations on it."""

STEP = 509
"""One entry in so many is compared. It is prime, so that the compared entries fall into every column of a matrix."""

MANY = 50
"""References to the memory from which on views are suspected. An operation under way holds about 20 of them."""

NOTE = (
    "chainrule: an array of 1 MiB or more that a function has used is read-only until the function's gradient, which "
    "needs its values, is computed. Write to a copy of it instead: a = a.copy()."
)


@dataclass
class _Held:
    """Memory that is held: the array that owns it, how many hold it, and the views that were writable before."""

    owner: Any
    holders: int = 0
    views: list[Any] = field(default_factory=list)


_held: dict[int, _Held] = {}
"""What is held now, by the identity of the owner: flags of arrays are as global as the arrays."""

_lock = threading.Lock()


class Holds:
    """What one transform holds."""

    __slots__ = ("_kept", "_owners")

    def __init__(self) -> None:
        self._owners: list[Any] = []
        self._kept: dict[int, tuple[Any, Any, bytes]] = {}

    def hold(self, array: Any, writable: bool) -> Any:
        """A view of a plain array, which keeps its values. None where only a copy does: the memory is not NumPy's.

        An input is as `writable` as the array is: what is assigned to it goes into a copy.
        """
        if id(array) in self._kept:
            return self._kept[id(array)][1]
        owner = array
        while type(owner.base) is np.ndarray:
            owner = owner.base
        entries = _in_memory(array)
        if type(owner) is not np.ndarray or owner.base is not None or not owner.flags.owndata or entries is None:
            return None
        if sys.getrefcount(owner) > MANY:
            return None
        others = [
            other for other in arrays_in_reach(sys._getframe(1))
            if other.flags.writeable and other is not array and other is not owner and np.may_share_memory(other, array)
        ]  # fmt: skip
        view = array.view()
        view.flags.writeable = writable and array.flags.writeable
        with _lock:
            held = _held.get(id(owner))
            if held is None:
                if not owner.flags.writeable:  # no one can write to it, unless through a view made before
                    return None if array.flags.writeable else array
                owner.flags.writeable = False
                held = _held[id(owner)] = _Held(owner)
            held.holders += 1
            self._owners.append(owner)
            for other in (array, *others):
                if other.flags.writeable:
                    other.flags.writeable = False
                    held.views.append(other)
        self._kept[id(array)] = array, view, _sample(entries)
        return view

    def check(self) -> None:
        """Raise MutationError if an array has changed, or can be written to again."""
        for array, view, sample in self._kept.values():
            if array.flags.writeable or _sample(_in_memory(view)) != sample:
                raise MutationError(
                    f"an array of shape {view.shape} was written to after the function that is being differentiated "
                    "had used it, through a view that was made before. Write to a copy of it: a = a.copy()."
                )

    def give_back(self) -> None:
        """End all holds; what no one else holds is writable again."""
        while self._owners:
            with _lock:
                owner = self._owners.pop()
                held = _held[id(owner)]
                held.holders -= 1
                if not held.holders:
                    del _held[id(owner)]
                    owner.flags.writeable = True
                    for view in held.views:
                        view.flags.writeable = True
        self._kept.clear()


def _in_memory(array: Any) -> Any:
    """The entries of an array as a vector in their order in memory, without a copy; None if they lie apart."""
    if array.flags.c_contiguous:
        return array.reshape(-1)
    return array.T.reshape(-1) if array.flags.f_contiguous else None


def _sample(entries: Any) -> bytes:
    """The first and the last entry and one in 509 between."""
    sampled: bytes = entries[::STEP].tobytes() + entries[-1:].tobytes()
    return sampled
