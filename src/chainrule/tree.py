"""Arithmetic on containers of numbers and arrays: dicts, lists, tuples, named tuples, dataclasses, nested at will.

A gradient has the structure of its argument, so that both are walked together:

    params = cr.tree.map(lambda p, g: p - 0.1 * g, params, cr.grad(loss)(params))

A single array needs none of this: `x = x - 0.1 * cr.grad(loss)(x)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.engine import containers
from chainrule.engine.location import at_user_line
from chainrule.engine.values import plain
from chainrule.errors import ShapeError

__all__ = ["map", "ravel"]


def map(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """`tree` with `f(number, *numbers)` for each number or array in it, together with those at its place in `others`.

    What is not a number (a name, a function, None) stays as it is in `tree`. Raises ShapeError for others of another
    structure.

    >>> map(lambda p, g: p - 0.5 * g, {"w": 3.0, "name": "first"}, {"w": 2.0, "name": "first"})
    {'w': 2.0, 'name': 'first'}
    """
    leaves, rebuild = containers.flatten(tree)
    expected = containers.names(tree, "")
    columns = [leaves]
    for other in others:
        found = containers.names(other, "")
        if found != expected:
            raise ShapeError(
                f"cr.tree.map got containers of different structure{at_user_line()}: one has the parts "
                f"{', '.join(expected)}, another {', '.join(found)}. Give it containers made alike."
            )
        columns.append(containers.flatten(other)[0])
    return rebuild([f(*row) for row in zip(*columns, strict=True)])


def ravel(tree: Any) -> tuple[Any, Callable[[Any], Any]]:
    """(vector, unravel): the numbers in `tree` as one vector, and the function that makes such a container of one.

    Dicts go by their keys. Both ways can be differentiated, so that a function of a container can be minimised by what
    takes vectors:

        start, unravel = cr.tree.ravel(params)
        scipy.optimize.minimize(cr.value_and_grad(lambda v: loss(unravel(v))), start, jac=True)

    >>> vector, unravel = ravel({"a": 1.0, "b": [np.zeros(2), 3.0]})
    >>> vector
    array([1., 0., 0., 3.])
    >>> unravel(2 * vector)["b"]
    [array([0., 0.]), np.float64(6.0)]
    """
    leaves, rebuild = containers.flatten(tree)
    shapes = [np.shape(leaf) for leaf in leaves]
    real = [not np.iscomplexobj(plain(leaf)) for leaf in leaves]
    size = sum(int(np.prod(shape, dtype=int)) for shape in shapes)

    def unravel(vector: Any) -> Any:
        if np.shape(vector) != (size,):
            raise ShapeError(f"unravel needs a vector of shape ({size},){at_user_line()}, got {np.shape(vector)}")
        parts, start = [], 0
        for shape, is_real in zip(shapes, real, strict=True):
            end = start + int(np.prod(shape, dtype=int))
            part = np.real(vector[start:end]) if is_real else vector[start:end]
            parts.append(np.reshape(part, shape) if shape else part[0])
            start = end
        return rebuild(parts)

    joined: Any = np.concatenate([np.zeros(0), *(np.ravel(leaf) for leaf in leaves)])
    return joined, unravel
