"""Derivatives along directions: of functions that act entry by entry, and products with the Jacobian."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.arguments import (
    Function,
    Inputs,
    argument_label,
    as_function,
    call_function,
    defined_at,
    finished,
    name_of,
)
from chainrule.engine.containers import flatten, names
from chainrule.engine.forward import Dual, pushing
from chainrule.engine.location import at_user_line
from chainrule.engine.record import Recorded
from chainrule.engine.results import apart, owned, result_parts, untracked_result
from chainrule.engine.reverse import recording
from chainrule.engine.values import Tracked, as_input, convert, known, plain, settled
from chainrule.errors import NotDifferentiableError, ShapeError
from chainrule.rules.function import ending


def derivative(f: Function, order: int = 1) -> Function:
    """The derivative f′ of a function that acts on numbers, or on arrays entry by entry; `order=2` is f″, and so on.

    `derivative(f)(x)` has the shape of `x`. Raises ShapeError if `f` does not keep the shape of its argument or mixes
    its entries (then :func:`jacobian` is the derivative).

    >>> import numpy as np, chainrule as cr
    >>> cr.derivative(np.sin)(np.array([0.0, np.pi]))
    array([ 1., -1.])
    >>> cr.derivative(lambda x: x**3, order=2)(2.0)
    np.float64(12.0)
    """
    if not isinstance(order, (int, float, np.integer)) or not 0 <= order < np.inf or int(order) != order:
        raise ValueError(f"the order of a derivative is a whole number from 0 on, not {order!r}")
    f = as_function(f)
    for _ in range(int(order)):
        f = _derivative(f)
    return f


def _derivative(f: Function) -> Function:
    @functools.wraps(f, updated=())
    def prime(x: Any) -> Any:
        value = np.float64(x) if type(x) in (float, int) else Inputs(f, 0, (x,)).values[0]
        push = pushing.get()()
        try:
            out = call_function(f, (push.input(value, np.ones(value.shape, value.dtype)[()]),), {})
        finally:
            push.end()
        if isinstance(out, Dual) and out.transform is push:
            result, tangent, mixes = out.value, out.mark[0], push.mixes
        else:
            result, tangent, mixes = untracked_result(out, f), np.zeros(value.shape, value.dtype)[()], False
        shape = np.shape(plain(result))
        if shape != value.shape and (shape or tangent.shape != value.shape):
            raise ShapeError(
                f"derivative needs a function that keeps the shape of its argument, but {name_of(f)} made {shape} of "
                f"{value.shape}{defined_at(f)}. Use cr.jacobian for the derivative of every entry by every entry."
            )
        tangent = _where_defined(result, tangent)
        if mixes:
            _check_elementwise(f, value, tangent)
        return tangent

    return prime


def _where_defined(value: Any, tangent: Any) -> Any:
    """A value that is NaN has a NaN derivative, to every order."""
    if type(value) is np.float64 and value == value:
        return tangent
    undefined = np.isnan(settled(value))
    if known(undefined) and not undefined.any():
        return tangent
    return np.where(undefined, ending(np.nan, value), tangent)[()]


def _seeded(value: Any, seed: Any) -> Any:
    """The cotangent of a value: NaN where the value is NaN, unless a plain 0 says that the entry does not count."""
    if type(value) is np.float64 and value == value:
        return seed
    undefined = np.isnan(settled(value))
    if not isinstance(seed, Tracked) or seed.staged:
        undefined = undefined & (seed != 0)
    return seed if known(undefined) and not undefined.any() else np.where(undefined, np.nan, seed)[()]


def _check_elementwise(f: Function, value: Any, tangent: Any) -> None:
    """Compare with a second direction: of an elementwise function the derivative along r is f′·r.

    It is done in float64, so that rounding cannot pass for a mixture of entries where large terms cancel.
    """
    given = np.asarray(plain(value))
    value = given.astype(np.result_type(given.dtype, np.float64))
    slopes = plain(tangent) if value.dtype == given.dtype else jvp(f, (value,), (np.ones_like(value),))[1]
    direction = 0.5 + np.arange(value.size).reshape(value.shape) * 0.6180339887 % 1  # no two entries alike
    other = jvp(f, (value,), (direction.astype(value.dtype),))[1]
    expected = slopes * direction
    scale = np.abs(expected) + np.abs(other)
    if np.any(np.abs(other - expected) > 1e-6 * scale):
        raise ShapeError(
            f"derivative needs a function that acts on each entry alone, but {name_of(f)} mixes the entries "
            f"of its argument{defined_at(f)}. "
            "Use cr.jacobian for the derivative of every entry by every entry, or cr.grad for a sum."
        )


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f(*primals)` and its derivative along `tangents`, in forward mode.

    Each tangent has the structure and shapes of its primal; the derivative has those of the value. Raises ShapeError
    where they differ.

    >>> import numpy as np, chainrule as cr
    >>> cr.jvp(np.multiply, (3.0, 4.0), (1.0, 0.0))
    (np.float64(12.0), np.float64(4.0))
    """
    f = as_function(f)
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError(
            f"jvp got {type(primals).__name__} and {type(tangents).__name__}{at_user_line()}; it takes a tuple of "
            "primals, one for each argument, and a tuple of tangents. Write jvp(f, (x,), (dx,))."
        )
    if len(primals) != len(tangents):
        raise ShapeError(
            f"jvp got {len(primals)} primals but {len(tangents)} tangents{at_user_line()}; each primal needs one"
        )
    inputs = Inputs(f, tuple(range(len(primals))), primals)
    directions = []
    for position, (primal, tangent) in enumerate(zip(primals, tangents, strict=True)):
        directions += _directions(primal, tangent, f"the tangent of {argument_label(f, position)}")
    push = pushing.get()()
    duals = []
    for value, direction in zip(inputs.values, directions, strict=True):
        duals.append(push.input(value, convert(direction, value.dtype)))
    try:
        outputs, rebuild = result_parts(inputs.call(duals), f)
    finally:
        push.end()
    values, moved = [], []
    for out in outputs:
        if isinstance(out, Dual) and out.transform is push:
            values.append(out.value)
            moved.append(_where_defined(out.value, out.mark[0]))
        else:
            values.append(untracked_result(out, f))
            moved.append(_where_defined(values[-1], np.zeros_like(values[-1])[()]))
    results = apart(values + moved)
    return rebuild(results[: len(values)]), rebuild(results[len(values) :])


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f(*primals)` and its pullback, in reverse mode.

    `pullback(g)` takes a cotangent with the structure and shapes of the value and returns one cotangent for each
    primal. It may be called any number of times.

    >>> import chainrule as cr
    >>> out, pullback = cr.vjp(lambda x, y: x * y, 3.0, 4.0)
    >>> pullback(1.0)
    (np.float64(4.0), np.float64(3.0))
    """
    f = as_function(f)
    record, inputs = recording.get()(), Inputs(f, tuple(range(len(primals))), primals)
    try:
        result = inputs.call([record.input(value) for value in inputs.values])
    finally:
        entries = record.end()
    outputs, rebuild_out = result_parts(result, f)
    tracked = [isinstance(out, Recorded) and out.transform is record for out in outputs]
    values = [out.value if moves else untracked_result(out, f) for out, moves in zip(outputs, tracked, strict=True)]

    def pullback(g: Any) -> tuple[Any, ...]:
        cotangents, _ = flatten(g)
        if len(cotangents) != len(values):
            raise ShapeError(
                f"the pullback got a cotangent of {len(cotangents)} parts for a value of {len(values)}"
                f"{at_user_line()}. It needs the structure of the value."
            )
        _check_parts(g, result, "the cotangent", "the value")
        seeds = []
        for out, moves, value, part in zip(outputs, tracked, values, cotangents, strict=True):
            seed = as_input(part, "the cotangent")
            _check_real(seed, value, "the cotangent", "the value")
            if seed.shape != np.shape(value):
                raise ShapeError(
                    f"the pullback got a cotangent of shape {seed.shape} for a value of shape {np.shape(value)}"
                    f"{at_user_line()}. Give it the value's shape, for example with np.ones_like(value)."
                )
            if moves:
                seeds.append((out.mark, _seeded(value, convert(seed, value.dtype))))
        parts = record.pull_back(entries, seeds) if seeds else [None] * record.inputs
        made: tuple[Any, ...] = inputs.like(finished(parts, inputs.leaves()))
        return made

    return rebuild_out([owned(value) for value in values]), pullback


_ALONE = (np.ndarray, np.generic, float, int, complex, Tracked)


def _check_parts(given: Any, model: Any, name: str, other: str) -> None:
    """Refuse a container whose parts have other names or another order: they would be paired with the wrong ones."""
    if not (isinstance(given, _ALONE) and isinstance(model, _ALONE)):
        parts, expected = names(given, ""), names(model, "")
        if parts != expected:
            raise ShapeError(
                f"{name} has the parts {', '.join(parts)}, {other} {', '.join(expected)}{at_user_line()}. "
                f"It needs the structure of {other}."
            )


def _check_real(given: Any, model: Any, name: str, other: str) -> None:
    """Refuse a complex direction for a real value: its imaginary part would be lost."""
    if given.dtype.kind == "c" and not np.iscomplexobj(plain(model)):
        raise NotDifferentiableError(
            f"{name} is complex, {other} real{at_user_line()}. Pass its real part, np.real(…), "
            "or make the argument complex."
        )


def _directions(primal: Any, tangent: Any, name: str) -> list[Any]:
    """The leaves of a tangent, of which each must fit its leaf of the primal."""
    values, parts = flatten(primal)[0], flatten(tangent)[0]
    if len(values) != len(parts):
        raise ShapeError(
            f"{name} has {len(parts)} parts, its primal {len(values)}{at_user_line()}. "
            "It needs the structure of its primal."
        )
    _check_parts(tangent, primal, name, "its primal")
    made = []
    for value, part in zip(values, parts, strict=True):
        direction = as_input(part, name)
        _check_real(direction, value, name, "its primal")
        if direction.shape != np.shape(plain(value)):
            raise ShapeError(
                f"{name} has shape {direction.shape}, its primal {np.shape(plain(value))}{at_user_line()}. "
                "Give it the primal's shape, for example with np.broadcast_to."
            )
        made.append(direction)
    return made
