"""Measure how large the gradient is at each layer of a deep network, for three activations.

Why it vanishes with the sigmoid: going back, each layer multiplies the gradient by the activation's slope, and that of
the sigmoid is never above 1/4. See Hochreiter (1991), "Untersuchungen zu dynamischen neuronalen Netzen", and Glorot and
Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.transforms.gradients import grad

Floats = NDArray[np.float64]

LAYERS, WIDTH, EXAMPLES = 10, 32, 64


@dataclass(frozen=True)
class Activation:
    """An activation; weights are drawn with the variance `scale`/width, the one recommended for it."""

    name: str
    function: Callable[[Any], Any]
    scale: float


ACTIVATIONS = (
    Activation("sigmoid", lambda z: 1 / (1 + np.exp(-z)), 1.0),
    Activation("tanh", np.tanh, 1.0),
    Activation("ReLU", lambda z: np.maximum(z, 0), 2.0),
)


@dataclass(frozen=True)
class Measured:
    """The norm of the loss's gradient by each layer's weights, the layer next to the input first."""

    activation: Activation
    norms: tuple[float, ...]

    @property
    def lost(self) -> float:
        """How many times smaller the gradient is in the first layer than in the last."""
        return self.norms[-1] / self.norms[0]


def network(activation: Activation, weights: list[Floats], inputs: Floats) -> Any:
    """The output of the last layer; every layer is a product with its weights and the activation."""
    values: Any = inputs
    for matrix in weights:
        values = activation.function(values @ matrix)
    return values


def setting(activation: Activation) -> tuple[list[Floats], Floats, Floats]:
    """The weights before training, the inputs and the targets, shape (examples, width): the same at every call."""
    random = np.random.default_rng(0)
    spread = np.sqrt(activation.scale / WIDTH)
    weights = [random.normal(size=(WIDTH, WIDTH)) * spread for _ in range(LAYERS)]
    return weights, random.normal(size=(EXAMPLES, WIDTH)), random.normal(size=(EXAMPLES, WIDTH))


def loss(weights: list[Floats], activation: Activation, inputs: Floats, targets: Floats) -> Any:
    """The mean squared error."""
    return np.mean((network(activation, weights, inputs) - targets) ** 2)


@cache
def measured() -> tuple[Measured, ...]:
    """The gradient at each layer before the first step of learning, for every activation."""
    made = []
    for activation in ACTIVATIONS:
        weights, inputs, targets = setting(activation)
        gradients = grad(lambda weights, kind=activation, x=inputs, y=targets: loss(weights, kind, x, y))(weights)
        made.append(Measured(activation, tuple(float(np.linalg.norm(gradient)) for gradient in gradients)))
    return tuple(made)
