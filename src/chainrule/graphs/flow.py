"""How gradients flow through a network while it learns: norms and distributions, layer by layer.

Gradients that shrink from layer to layer (vanish) teach the first layers nothing, gradients that grow (explode) make
training diverge, and a unit through which no gradient passes is dead. See Glorot and Bengio (2010), "Understanding the
difficulty of training deep feedforward neural networks".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from chainrule.engine.containers import flatten
from chainrule.engine.results import check_scalar
from chainrule.engine.values import whole
from chainrule.engine.watch import Mark, Note
from chainrule.errors import ShapeError
from chainrule.graphs.layers import Distribution, FlowStep, Layer
from chainrule.graphs.record import Recorded, record
from chainrule.graphs.shown import ShownFlow

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def gradient_flow(
    loss: Callable[..., Any],
    params: Any,
    batches: Iterable[Any],
    rate: float = 0.1,
    update: Callable[[Any, Any], Any] | None = None,
) -> ShownFlow:
    """Train a network on the batches and measure how gradients flow through it at each step.

    `loss(params, *batch)` is the loss as a plain NumPy function, `params` a container of arrays, and each batch a tuple
    of arguments (or a single one). After each batch `update(params, gradients)` gives the next parameters; without it
    they take a step of gradient descent, `params - rate * gradients`. The parameters given are not changed.

    Activations are the arrays that the loss function (or a function it calls) gives a name to. Raises ValueError
    without batches, ShapeError for a loss that is not a scalar.

        >>> data = np.array([[0.0, 1.0], [1.0, -1.0]])
        >>> flow = gradient_flow(lambda w, x: np.mean(np.tanh(x @ w) ** 2), np.ones(2), [data] * 3)
        >>> len(flow.steps), flow.parameters, flow.status("w")
        (3, ('w',), 'healthy')
    """
    steps: list[FlowStep] = []
    for batch in batches:
        step, gradients = _measured(loss, params, batch if isinstance(batch, tuple) else (batch,))
        steps.append(step)
        params = _descended(params, gradients, rate) if update is None else update(params, gradients)
    if not steps:
        raise ValueError("gradient_flow got no batches: pass a list of them, such as [(x, y)] * 100.")
    return ShownFlow(tuple(steps))


def flow_step(loss: Callable[..., Any], params: Any, *batch: Any) -> FlowStep:
    """Measure one step of a training loop of one's own; `ShownFlow(tuple(steps))` collects them."""
    return _measured(loss, params, batch)[0]


def _measured(loss: Callable[..., Any], params: Any, batch: tuple[Any, ...]) -> tuple[FlowStep, Any]:
    """The measures of one step, and the gradients in the container of the parameters."""
    recorded = record(loss, (params, *batch), 0)
    notes = recorded.watch.notes
    if not recorded.single or np.shape(recorded.outputs[0]) != ():
        raise ShapeError("gradient_flow needs a loss that is one number: take the mean or the sum of it.")
    mark = recorded.marks[0]
    value = recorded.outputs[0] if mark is None else notes[mark].value
    check_scalar(value, loss)
    layers: list[Layer] = []
    gradients: list[Any] = []
    for position, (note, (name, _)) in enumerate(zip(notes, recorded.inputs, strict=False)):
        gradient = recorded.gradient(position)
        gradients.append(gradient)
        layers.append(
            Layer(name, "parameter", np.shape(note.value), _distribution(note.value), _distribution(gradient))
        )
    layers += _activations(recorded)
    _, rebuild = flatten(params)
    return FlowStep(float(value), tuple(layers)), rebuild(gradients)


def _activations(recorded: Recorded) -> list[Layer]:
    """The named arrays inside the network; a name that was given several times is numbered."""
    notes = recorded.watch.notes
    named: Mapping[int, str] = recorded.watch.names
    chosen = [
        (named[note.mark], note)
        for note in notes
        if note.rule is not None and note.mark in named and np.ndim(note.value) and note.gradient is not None
    ]
    names = [name for name, _ in chosen]
    taken = {name for name, _ in recorded.inputs}
    layers = []
    for index, (name, note) in enumerate(chosen):
        if names.count(name) > 1 or name in taken:
            name = f"{name} {names[:index].count(name) + 1}"
        value, gradient = _distribution(note.value), _distribution(_gradient(note))
        layers.append(Layer(name, "activation", np.shape(note.value), value, gradient, _dead_units(note)))
    return layers


def _gradient(note: Note) -> Any:
    return (
        np.zeros_like(note.value) if note.gradient is None else whole(np.asarray(note.gradient), np.shape(note.value))
    )


def _dead_units(note: Note) -> tuple[int, ...]:
    """The units through which nothing flowed back, to the operand that has the activation's own shape."""
    shape = np.shape(note.value)
    for position, operand in enumerate(note.operands):
        sent = note.contributions.get(position)
        if isinstance(operand, Mark) and sent is not None:
            flown = np.asarray(sent)
            if flown.shape == shape:
                return tuple(map(int, np.flatnonzero(~np.any(flown.reshape(-1, shape[-1]), axis=0))))
    return ()


def _distribution(array: Any) -> Distribution:
    entries = np.abs(np.asarray(array)).astype(np.float64).ravel()
    if not entries.size:
        return Distribution(0.0, 0.0, (0.0,) * len(QUANTILES))
    with np.errstate(all="ignore"):
        norm = float(np.linalg.norm(entries))
        finite = entries[np.isfinite(entries)]
        quantiles = np.quantile(finite, QUANTILES) if finite.size else np.full(len(QUANTILES), np.nan)
    return Distribution(norm, norm / entries.size**0.5, tuple(map(float, quantiles)))


def _descended(params: Any, gradients: Any, rate: float) -> Any:
    leaves, rebuild = flatten(params)
    return rebuild([leaf - rate * slope for leaf, slope in zip(leaves, flatten(gradients)[0], strict=True)])
