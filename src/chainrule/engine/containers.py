"""Arguments and results in containers: dicts, lists, tuples, named tuples, dataclasses, nested at will.

Strings, functions, types, members of enumerations, True and False in a container belong to the container: they go in
with it, and come back at their place in every gradient, tangent and result. (Other objects are leaves, which transforms
refuse: one with arrays inside would else be taken for a constant.)

optree does the work. A plain number or array, by far the most common case, never gets there; optree is imported when
the first container is met.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import inspect
import threading
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.buffer import Buffer
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked
from chainrule.errors import NotDifferentiableError

_LEAVES = frozenset((float, int, complex, np.float64, np.float32, np.ndarray, Buffer))
_CONSTANTS = (
    str, bytes, bool, type, enum.Enum, types.FunctionType, types.BuiltinFunctionType, types.MethodType,
    functools.partial, np.ufunc, np.dtype, type(np.sum),
)  # fmt: skip
_NAMESPACE = "chainrule"

_registering = threading.Lock()
_registered: set[type] = set()

Rebuild = Callable[[Any], Any]


def _same(leaves: Any) -> Any:
    return leaves[0]


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """The leaves of `tree` from left to right (dicts by key), and the function that puts others back.

    What has no numbers in it and stands in a container (a name, an activation function) is not a leaf: it is put back
    as it was.

    >>> leaves, rebuild = flatten({"w": 2.0, "name": "first"})
    >>> leaves, rebuild([3.0])
    ([2.0], {'w': 3.0, 'name': 'first'})
    """
    if type(tree) in _LEAVES or isinstance(tree, Tracked):
        return [tree], _same
    leaves, structure = structured(tree)
    constants = [type(leaf) not in _LEAVES and isinstance(leaf, _CONSTANTS) for leaf in leaves]
    if not any(constants) or (len(leaves) == 1 and leaves[0] is tree):
        return leaves, structure.unflatten
    kept = [leaf for leaf, constant in zip(leaves, constants, strict=True) if not constant]
    others = [leaf if constant else _HOLE for leaf, constant in zip(leaves, constants, strict=True)]
    return kept, _Rebuilding(structure.unflatten, others)


def structured(tree: Any) -> tuple[list[Any], Any]:
    """All leaves of `tree`, what has no numbers in it too, and its structure: with `unflatten` to put leaves back.

    Structures are equal where the containers are the same.
    """
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


_HOLE = None  # never a leaf: optree takes None for a container without parts


@dataclasses.dataclass(frozen=True)
class _Rebuilding:
    """The function that puts leaves back among the constants of a container."""

    unflatten: Rebuild
    constants: list[Any]

    def __call__(self, leaves: Sequence[Any]) -> Any:
        rest = iter(leaves)
        return self.unflatten([next(rest) if constant is _HOLE else constant for constant in self.constants])


def names(tree: Any, name: str) -> list[str]:
    """A name for each leaf, such as `params['w1'][0]`, for error messages."""
    if type(tree) in _LEAVES or isinstance(tree, Tracked):
        return [name]
    import optree  # late: only containers need it

    flatten(tree)
    paths, leaves, _ = optree.tree_flatten_with_path(tree, namespace=_NAMESPACE)
    return [
        name + "".join(map(_accessor, path))
        for path, leaf in zip(paths, leaves, strict=True)
        if leaf is tree or not isinstance(leaf, _CONSTANTS)
    ]


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
