"""How gradients flow through the layers of a network while it learns, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from chainrule.formula.data import Data

Status = Literal["healthy", "vanishing", "exploding", "dead"]


VANISHING = 1e-3  # of the largest gradient among the layers


EXPLODING = 1e3  # times the layer's own first gradient


@dataclass(frozen=True, eq=False)
class Spread(Data):
    """The entries of an array: their Euclidean norm, root mean square, and the quantiles of their absolute values.

    The quantiles are those at 5, 25, 50, 75 and 95 %. Where entries are not finite, norm and rms are not either.
    """

    norm: float
    rms: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Layer(Data):
    """A parameter, or a named value inside the network (an activation), at one step of training.

    `dead` are the units, counted along the last axis, through which no gradient passes for any example.
    """

    name: str
    kind: Literal["parameter", "activation"]
    shape: tuple[int, ...]
    value: Spread
    gradient: Spread
    dead: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class FlowStep(Data):
    """The loss and all layers, parameters first, at one step of training."""

    loss: float
    layers: tuple[Layer, ...]

    def layer(self, name: str) -> Layer:
        """The layer of this name. Raises KeyError if there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)


@dataclass(frozen=True, eq=False)
class GradientFlow(Data):
    """The steps of training, in order; made by :func:`gradient_flow`, or from steps measured in a loop of one's own."""

    steps: tuple[FlowStep, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(layer.name for layer in self.steps[0].layers if layer.kind == "parameter")

    @property
    def activations(self) -> tuple[str, ...]:
        """The names of the activations."""
        return tuple(layer.name for layer in self.steps[0].layers if layer.kind == "activation")

    def norms(self, name: str) -> tuple[float, ...]:
        """The norm of a layer's gradient at each step."""
        return tuple(step.layer(name).gradient.norm for step in self.steps)

    def status(self, name: str) -> Status:
        """How a parameter's gradient fares in the last quarter of the steps.

        - "dead": it is zero throughout;
        - "exploding": it is not finite, or 1,000 times what it was at the first step;
        - "vanishing": its root mean square is below a thousandth of the largest among the parameters;
        - "healthy": none of these.
        """
        late = self._late(name)
        if late == 0:
            return "dead"
        first = self.steps[0].layer(name).gradient.rms
        if not np.isfinite(late) or (first > 0 and late > EXPLODING * first):
            return "exploding"
        largest = max((self._late(other) for other in self.parameters), key=lambda rms: np.nan_to_num(rms, nan=0.0))
        return "vanishing" if late < VANISHING * largest else "healthy"

    def dead_units(self, name: str) -> tuple[int, ...]:
        """The units of an activation that were dead throughout the last quarter of the steps."""
        late = [set(step.layer(name).dead) for step in self._last_quarter()]
        return tuple(sorted(set.intersection(*late)))

    def _last_quarter(self) -> Sequence[FlowStep]:
        return self.steps[-max(1, len(self.steps) // 4) :]

    def _late(self, name: str) -> float:
        """The median of the gradient's root mean squares in the last quarter; not finite if any is not."""
        found = [step.layer(name).gradient.rms for step in self._last_quarter()]
        return float(np.median(found)) if np.all(np.isfinite(found)) else float("inf")
