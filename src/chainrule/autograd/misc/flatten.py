"""Containers of arrays as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.engine import containers
from chainrule.engine.values import plain

__all__ = ["flatten", "flatten_func"]

Function = Callable[..., Any]


def flatten(value: Any) -> tuple[Any, Function]:
    """The numbers in a container as one vector, dicts in the order of their keys, and the function that goes back.

    >>> vector, unflatten = flatten({"a": 1.0, "b": [np.zeros(2), 3.0]})
    >>> vector
    array([1., 0., 0., 3.])
    >>> unflatten(2 * vector)["b"]
    [array([0., 0.]), np.float64(6.0)]
    """
    leaves, rebuild = containers.flatten(value)
    shapes = [np.shape(leaf) for leaf in leaves]
    real = [not np.iscomplexobj(plain(leaf)) for leaf in leaves]

    def unflatten(vector: Any) -> Any:
        parts, start = [], 0
        for shape, is_real in zip(shapes, real, strict=True):
            end = start + int(np.prod(shape, dtype=int))
            part = np.reshape(vector[start:end], shape)
            parts.append((np.real(part) if is_real else part)[() if not shape else ...])
            start = end
        return rebuild(parts)

    joined: Any = np.concatenate([np.zeros(0), *(np.ravel(leaf) for leaf in leaves)])
    return joined, unflatten


def flatten_func(func: Function, example: Any) -> tuple[Function, Function, Any]:
    """`func` of containers as a function of vectors; with it the way back, and the vector of `example`."""
    vector, unflatten = flatten(example)
    return (lambda x, *args: flatten(func(unflatten(x), *args))[0]), unflatten, vector
