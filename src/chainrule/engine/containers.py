"""Arguments and results in containers: dicts, lists, tuples, named tuples, dataclasses, nested at will.

optree does the work. A plain number or array, by far the most common case, never gets there; optree is imported when
the first container is met.
"""

from __future__ import annotations

import dataclasses
import inspect
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked
from chainrule.errors import NotDifferentiableError

_LEAVES = frozenset((float, int, complex, np.float64, np.float32, np.ndarray))
_NAMESPACE = "chainrule"

_registering = threading.Lock()
_registered: set[type] = set()

Rebuild = Callable[[Any], Any]


def _same(leaves: Any) -> Any:
    return leaves[0]


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """The leaves of `tree` from left to right (dicts by key), and the function that puts others back."""
    if type(tree) in _LEAVES or isinstance(tree, Tracked):
        return [tree], _same
    leaves, structure = structured(tree)
    return leaves, structure.unflatten


def structured(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of `tree`, and its structure: equal for the same containers, with `unflatten` to put leaves back."""
    import optree  # late: only containers need it

    while True:
        leaves, structure = optree.tree_flatten(tree, namespace=_NAMESPACE)
        others = [leaf for leaf in leaves if type(leaf) not in _LEAVES]
        unknown = {type(leaf) for leaf in others if dataclasses.is_dataclass(leaf) and not isinstance(leaf, type)}
        if not unknown:
            return list(leaves), structure
        with _registering:
            for kind in unknown - _registered:
                _register(kind)
                _registered.add(kind)


def names(tree: Any, name: str) -> list[str]:
    """A name for each leaf, such as `params['w1'][0]`, for error messages."""
    if type(tree) in _LEAVES or isinstance(tree, Tracked):
        return [name]
    import optree  # late: only containers need it

    flatten(tree)
    return [name + "".join(map(_accessor, path)) for path in optree.tree_paths(tree, namespace=_NAMESPACE)]


def _accessor(key: Any) -> str:
    return f"[{key!r}]"


def _register(kind: type) -> None:
    import optree  # late: only containers need it

    fields = [field.name for field in dataclasses.fields(kind) if field.init]
    unknown = sorted(set(inspect.signature(kind).parameters) - set(fields))
    if unknown:
        raise NotDifferentiableError(
            f"the dataclass {kind.__name__} is made from {', '.join(unknown)}, which it does not keep as a field"
            f"{at_user_line()}. So it cannot be made again with other numbers. Make a field of each."
        )

    # A field that the constructor does not take is a constant; __post_init__ computes it anew where there is one.
    others = [field.name for field in dataclasses.fields(kind) if not field.init and not hasattr(kind, "__post_init__")]

    def unflatten(constants: Any, children: Any) -> Any:
        made = kind(**dict(zip(fields, children, strict=True)))
        for field, constant in zip(others, constants, strict=True):
            object.__setattr__(made, field, constant)
        return made

    def flat(value: Any) -> Any:
        return [getattr(value, field) for field in fields], tuple(getattr(value, field) for field in others), fields

    optree.register_pytree_node(kind, flat, unflatten, namespace=_NAMESPACE)
