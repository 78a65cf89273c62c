"""`tuple`, `list`, `dict`, `isinstance` and `type` for tracked values.

Containers of tracked numbers are Python's own here, so the first four are Python's; `isinstance` is right for tracked
values by itself. `DictBox` and `SequenceBox` are there for `isinstance`: a container that holds a tracked value.
"""

from __future__ import annotations

import builtins
from typing import Any

from chainrule.autograd.tracer import getval
from chainrule.engine.containers import flatten
from chainrule.engine.values import Tracked

__all__ = ["DictBox", "SequenceBox", "dict", "isinstance", "list", "tuple", "type"]

dict = builtins.dict
isinstance = builtins.isinstance
list = builtins.list
tuple: Any = builtins.tuple


def type(value: Any) -> Any:
    """The type of a value; of a tracked one, that of the value that it holds."""
    return builtins.type(getval(value))


class _Holding(builtins.type):
    """Classes of the containers of one kind that hold a tracked value."""

    kinds: Any

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.kinds) and any(isinstance(leaf, Tracked) for leaf in flatten(instance)[0])


class SequenceBox(metaclass=_Holding):
    """A list or tuple with a tracked value in it."""

    kinds = (list, tuple)


class DictBox(metaclass=_Holding):
    """A dict with a tracked value in it."""

    kinds = (dict,)
