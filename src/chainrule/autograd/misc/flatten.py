"""Containers of arrays as one vector, and back: `chainrule.tree.ravel` under autograd's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule import tree

__all__ = ["flatten", "flatten_func"]

Function = Callable[..., Any]


def flatten(value: Any) -> tuple[Any, Function]:
    """(vector, unflatten): the numbers in a container as a vector, dicts in the order of keys, and the way back.

    >>> flatten({"b": 2.0, "a": [1.0]})[0]
    array([1., 2.])
    """
    return tree.ravel(value)


def flatten_func(func: Function, example: Any) -> tuple[Function, Function, Any]:
    """`func` of containers as a function of vectors; with it the way back, and the vector of `example`."""
    vector, unflatten = flatten(example)
    return (lambda x, *args: flatten(func(unflatten(x), *args))[0]), unflatten, vector
