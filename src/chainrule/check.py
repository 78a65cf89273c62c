"""Check derivatives against finite differences, in both directions and to any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.containers import flatten
from chainrule.errors import GradientCheckError
from chainrule.transforms import as_function, jvp, vjp


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[str] = ("forward", "reverse"),
    rtol: float | None = None,
    step: float | None = None,
) -> None:
    """Compare the derivatives of `f` at `args` with central differences, up to the given order.

    In forward mode the derivative along a random direction is compared with a difference quotient along it; in
    reverse mode the pullback is compared with them through ⟨g, J v⟩ = ⟨Jᵀ g, v⟩. Orders above 1 repeat the check for
    the derivatives themselves. `rtol` is relative to the size of the terms (default: 1e-6 for order 1,
    growing tenfold with each order; 1e-2 for float32), `step` the step of the differences. Directions are fixed, so a
    result is repeatable.

    Raises GradientCheckError, with the two numbers, where they differ. Points within `step` of a kink, a jump
    or a border of the domain may fail for that reason.

    >>> import numpy as np, chainrule as cr
    >>> cr.check_grads(lambda x: np.sum(np.sin(x) * x), (np.array([0.3, 0.7]),), order=2)
    """
    f = as_function(f)
    args = tuple(_inexact(argument) for argument in args)
    single = any(leaf.dtype.itemsize < 8 for argument in args for leaf in flatten(argument)[0])
    step = step if step is not None else (1e-2 if single else 1e-5)
    tolerance = rtol if rtol is not None else (1e-2 if single else 1e-6)
    _check(f, args, order, tuple(modes), tolerance, step, np.random.default_rng(20), "")


def _check(
    f: Callable[..., Any],
    args: Any,
    order: int,
    modes: tuple[str, ...],
    rtol: float,
    step: float,
    random: Any,
    path: str,
) -> None:
    direction = tuple(_map(lambda leaf: _random_like(leaf, random), argument) for argument in args)
    above = f(*_moved(args, direction, step))
    below = f(*_moved(args, direction, -step))
    value = f(*args)
    weights = _map(lambda leaf: _random_like(np.asarray(leaf), random), value)
    # The quotient's own error: rounding of f over the step.
    scale = (
        _size(weights, value) * np.finfo(np.asarray(flatten(value)[0][0]).dtype).eps / step
        if flatten(value)[0]
        else 0.0
    )
    expected = (_inner(weights, above) - _inner(weights, below)) / (2 * step)
    for mode in modes:
        if mode == "forward":
            found = _inner(weights, jvp(f, args, direction)[1])
        elif mode == "reverse":
            found = _inner(vjp(f, *args)[1](weights), direction)
        else:
            raise ValueError(f"modes are 'forward' and 'reverse', not {mode!r}")
        error = abs(found - expected)
        if not error <= rtol * max(abs(found), abs(expected), 1e-3 * _size(weights, value)) + 10 * scale:
            raise GradientCheckError(
                f"the {path}derivative in {mode} mode is {found:.10g}, but central differences give {expected:.10g} "
                f"(step {step:g}, relative error {error / max(abs(expected), 1e-300):.1e})"
            )
    if order > 1:
        for mode in modes:
            if mode == "forward":
                _check(
                    lambda *a: jvp(f, a, direction)[1],
                    args,
                    order - 1,
                    modes,
                    rtol * 10,
                    step,
                    random,
                    f"{mode} {path}",
                )
            else:
                _check(
                    lambda *a: vjp(f, *a)[1](weights), args, order - 1, modes, rtol * 10, step, random, f"{mode} {path}"
                )


def _inexact(argument: Any) -> Any:
    def convert(leaf: Any) -> Any:
        leaf = np.asarray(leaf)
        return leaf if leaf.dtype.kind in "fc" else leaf.astype(np.float64)

    return _map(convert, argument)


def _map(change: Callable[[Any], Any], tree: Any) -> Any:
    leaves, rebuild = flatten(tree)
    return rebuild([change(leaf) for leaf in leaves])


def _random_like(leaf: Any, random: Any) -> Any:
    """A direction in which every entry moves; complex entries move in both of theirs."""
    direction = random.choice([-1.0, 1.0], leaf.shape) * random.uniform(0.5, 1.0, leaf.shape)
    if leaf.dtype.kind == "c":
        direction = direction * np.exp(1j * random.uniform(0.3, 1.2, leaf.shape))
    return np.asarray(direction).astype(leaf.dtype if leaf.dtype.kind in "fc" else np.float64)


def _moved(args: Any, direction: Any, step: float) -> Any:
    leaves, rebuild = flatten(args)
    return rebuild([a + step * d for a, d in zip(leaves, flatten(direction)[0], strict=True)])


def _inner(left: Any, right: Any) -> float:
    return float(sum(np.real(np.sum(a * b)) for a, b in zip(flatten(left)[0], flatten(right)[0], strict=True)))


def _size(left: Any, right: Any) -> float:
    return float(sum(np.sum(np.abs(a * b)) for a, b in zip(flatten(left)[0], flatten(right)[0], strict=True)))
