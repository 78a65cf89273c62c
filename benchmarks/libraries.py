"""Who is measured: chainrule and each peer that is installed, all asked for a value and a gradient alike."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy

import chainrule as cr
from chainrule.engine.pieces import wanted

Run = Callable[[], tuple[Any, Any]]


@dataclass(frozen=True)
class Library:
    """`prepare(function, inputs)` does once what a user does once and returns the call that is timed.

    That call runs the function, eagerly unless the name says otherwise, and returns its value and the
    gradient with respect to the first input, both in the library's own arrays.
    """

    name: str
    version: str
    prepare: Callable[[Callable[..., Any], tuple[Any, ...]], Run]


ONE_THREAD = "chainrule, one thread"
"""What chainrule is called in the table where it may not share large elementwise work among processors."""


def installed() -> tuple[Library, ...]:
    """Chainrule first, then the peers that are installed here."""
    peers = (
        ("autograd", "autograd", _autograd),
        ("MyGrad", "mygrad", _mygrad),
        ("PyTorch", "torch", _pytorch),
        ("JAX", "jax", _jax),
        ("JAX jit", "jax", _jax_jit),
    )
    found = [Library("chainrule", cr.__version__, _chainrule), Library(ONE_THREAD, cr.__version__, _in_one_thread)]
    for name, package, prepare in peers:
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
        found.append(Library(name, version, prepare))
    return tuple(found)


def leaves(container: Any) -> list[numpy.ndarray]:
    """The arrays of a gradient (one, or a dict of them by name) as NumPy's, to compare libraries by."""
    if isinstance(container, dict):
        return [numpy.asarray(container[name]) for name in sorted(container)]
    return [numpy.asarray(container)]


def _on_leaves(convert: Callable[[Any], Any], container: Any) -> Any:
    if isinstance(container, dict):
        return {name: convert(leaf) for name, leaf in container.items()}
    return convert(container)


def _chainrule(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Run:
    gradient = cr.value_and_grad(lambda *arguments: function(numpy, *arguments))
    return lambda: gradient(*inputs)


def _in_one_thread(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Run:
    run = _chainrule(function, inputs)

    def limited() -> tuple[Any, Any]:
        before = wanted.set(1)
        try:
            return run()
        finally:
            wanted.reset(before)

    return limited


def _autograd(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Run:
    import autograd
    import autograd.numpy

    gradient = autograd.value_and_grad(lambda *arguments: function(autograd.numpy, *arguments))
    return lambda: gradient(*inputs)


def _mygrad(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Run:
    import mygrad

    def run() -> tuple[Any, Any]:
        tracked = _on_leaves(lambda leaf: mygrad.tensor(leaf, copy=False), inputs[0])
        value = function(mygrad_numpy, tracked, *inputs[1:])
        value.backward()
        return value, _on_leaves(lambda leaf: leaf.grad, tracked)

    # MyGrad has no arange of whole numbers; an index needs no gradient, so NumPy's does.
    mygrad_numpy = SimpleNamespace(**{**vars(mygrad), "arange": numpy.arange})
    return run


def _pytorch(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Run:
    import torch

    # PyTorch's own names where NumPy's mean something else there.
    torch_numpy = SimpleNamespace(
        **{name: getattr(torch, name) for name in ("sin", "exp", "tanh", "log", "sum", "mean", "arange")},
        max=lambda x, axis, keepdims: torch.amax(x, dim=axis, keepdim=keepdims),
        maximum=lambda x, bound: torch.clamp(x, min=bound),
        logaddexp=lambda constant, x: torch.logaddexp(torch.tensor(constant, dtype=x.dtype), x),
    )

    def as_tensor(leaf: Any) -> Any:
        return torch.as_tensor(numpy.asarray(leaf))

    tracked = _on_leaves(lambda leaf: as_tensor(leaf).requires_grad_(), inputs[0])
    others = [as_tensor(other) for other in inputs[1:]]

    def run() -> tuple[Any, Any]:
        value = function(torch_numpy, tracked, *others)
        if not isinstance(tracked, dict):
            return value.detach(), torch.autograd.grad(value, tracked)[0]
        gradients = torch.autograd.grad(value, list(tracked.values()))
        return value.detach(), dict(zip(tracked, gradients, strict=True))

    return run


def _jax(function: Callable[..., Any], inputs: tuple[Any, ...], jit: bool = False) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)  # every other library computes in float64
    gradient = jax.value_and_grad(lambda *arguments: function(jax.numpy, *arguments))
    if jit:
        gradient = jax.jit(gradient)
    converted = [_on_leaves(jax.numpy.asarray, argument) for argument in inputs]
    return lambda: jax.block_until_ready(gradient(*converted))


def _jax_jit(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Run:
    return _jax(function, inputs, jit=True)
