"""Gradient descent with momentum, RMSprop and Adam, on containers of arrays.

`gradient(x, i)` is the gradient at step i, and `callback(x, i, g)`, where given, sees each step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.autograd.misc.flatten import flatten
from chainrule.autograd.wrap_util import wraps

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]

Function = Callable[..., Any]


def unflatten_optimizer(optimize: Function) -> Function:
    """An optimiser of vectors as one of containers."""

    @wraps(optimize)
    def on_containers(grad: Function, x0: Any, callback: Function | None = None, *args: Any, **kwargs: Any) -> Any:
        vector, unflatten = flatten(x0)

        def gradient(x: Any, i: int) -> Any:
            return flatten(grad(unflatten(x), i))[0]

        def seen(x: Any, i: int, g: Any) -> None:
            if callback is not None:
                callback(unflatten(x), i, unflatten(g))

        return unflatten(optimize(gradient, vector, seen, *args, **kwargs))

    return on_containers


@unflatten_optimizer
def sgd(
    grad: Function, x: Any, callback: Function, num_iters: int = 200, step_size: float = 0.1, mass: float = 0.9
) -> Any:
    """Gradient descent with momentum: `mass` is how much of the last step's velocity stays.

    >>> from chainrule.autograd import grad
    >>> x = sgd(lambda x, i: grad(lambda x: (x - 1) ** 2)(x), 0.0)
    >>> round(float(x), 3)
    1.0
    """
    velocity = np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        velocity = mass * velocity - (1.0 - mass) * g
        x = x + step_size * velocity
    return x


@unflatten_optimizer
def rmsprop(
    grad: Function, x: Any, callback: Function, num_iters: int = 100, step_size: float = 0.1, gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Steps divided by the root of a running mean of squared gradients (Tieleman and Hinton 2012)."""
    mean_square = np.ones(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        mean_square = gamma * mean_square + (1 - gamma) * g**2
        x = x - step_size * g / (np.sqrt(mean_square) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Function, x: Any, callback: Function, num_iters: int = 100, step_size: float = 0.001, b1: float = 0.9,
    b2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Running means of gradient and squared gradient, freed from the bias of their start (Kingma and Ba 2015)."""
    mean = np.zeros(len(x))
    mean_square = np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        mean = b1 * mean + (1 - b1) * g
        mean_square = b2 * mean_square + (1 - b2) * g**2
        slope = mean / (1 - b1 ** (i + 1))
        x = x - step_size * slope / (np.sqrt(mean_square / (1 - b2 ** (i + 1))) + eps)
    return x
