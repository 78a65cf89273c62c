"""Check derivatives against finite differences, in both directions and to any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.arguments import as_function
from chainrule.engine.containers import flatten
from chainrule.errors import GradientCheckError
from chainrule.transforms.directions import jvp, vjp

_MODES = ("forward", "reverse")


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = _MODES,
    rtol: float | None = None,
    step: float | None = None,
) -> None:
    """Compare the derivatives of `f` at `args` with central differences, up to the given order.

    In forward mode each entry of the derivative along a direction is compared with a difference quotient along it; in
    reverse mode the pullback is compared with them through ⟨g, J v⟩ = ⟨Jᵀ g, v⟩. The directions are random, but the
    same at every call: one that moves every entry, one that moves about half of them, and 0. Orders above 1 repeat all
    that for the derivatives themselves, in every mixture of the modes. What `f` and the transforms return is written
    over before the next call, so a derivative that depends on it is seen as well, and so is a value that is another one
    under the transforms.

    `rtol` is relative to the size of the terms (default: 1e-6 for order 1, growing tenfold with each order; 3e-4 where
    an argument or a result is float32, 3e-2 where one is float16). To it comes what differences cannot tell: the
    rounding of `f` over the step, and by how much the quotients of two steps differ. `step` is the step of the
    differences, for an entry above 1 times its square root (default: 1e-5; 1e-2 where `f` makes float32 of float64).

    Raises GradientCheckError, with the two numbers, where they differ, and ValueError for an order below 1, for other
    modes and for a result without numbers. Points within two steps of a kink, a jump or a border of the domain may fail
    for that reason.

    >>> import numpy as np, chainrule as cr
    >>> cr.check_grads(lambda x: np.sum(np.sin(x) * x), (np.array([0.3, 0.7]),))
    """
    f = as_function(f)
    modes = (modes,) if isinstance(modes, str) else tuple(modes)
    if not modes or not set(modes) <= set(_MODES):
        raise ValueError(f"modes are 'forward' and 'reverse', not {', '.join(map(repr, modes)) or 'none'}")
    if int(order) != order or order < 1:
        raise ValueError(f"the order up to which derivatives are checked is a whole number from 1 on, not {order!r}")
    args = tuple(_map(_inexact, argument) for argument in args)
    _check(f, args, int(order), modes, rtol, step, np.random.default_rng(20), "")


def _check(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int,
    modes: tuple[str, ...],
    rtol: float | None,
    step: float | None,
    random: np.random.Generator,
    path: str,
) -> None:
    values = _values(f, args)
    if not values:
        raise ValueError("check_grads needs a function that returns numbers, but there is none in its result")
    places = flatten(args)[0]
    tolerance = _tolerance([*places, *values]) * 10 ** path.count(" ") if rtol is None else rtol
    directions = _directions(places, random)
    weights = _directions(values, random)
    quotients = [_quotient(f, args, values, direction, step) for direction in directions[:-1]]
    quotients.append(([np.zeros_like(value) for value in values], [0.0] * len(values)))  # along 0, without a doubt
    if "forward" in modes:
        name = f"{path}derivative in forward mode"
        for direction, (expected, doubt) in zip(directions, quotients, strict=True):
            out, moved = jvp(f, args, _like(args, direction))
            _compare("value in forward mode", _leaves(out), values, [0.0] * len(values), tolerance)
            _compare(name, _leaves(moved), expected, doubt, tolerance)
            _write_over(out)
    if "reverse" in modes:
        name = f"{path}derivative in reverse mode"
        out, pullback = vjp(f, *args)
        _compare("value in reverse mode", _leaves(out), values, [0.0] * len(values), tolerance)
        _write_over(out)
        for weight in weights:
            cotangents = pullback(_like(out, weight))
            found = [part.copy() for part in _leaves(cotangents)]
            _write_over(cotangents)
            if [part.shape for part in found] != [place.shape for place in places]:
                raise GradientCheckError(f"the {name} has shapes {_shapes(found)} for arguments of {_shapes(places)}")
            for direction, (expected, doubt) in zip(directions, quotients, strict=True):
                slope, terms = _inner(found, direction)
                wanted, other = _inner(weight, expected)
                unsure = sum(float(np.sum(np.abs(w) * d)) for w, d in zip(weight, doubt, strict=True))
                size = max(abs(slope), abs(wanted), 1e-3 * terms, 1e-3 * other)
                if not abs(slope - wanted) <= tolerance * size + unsure:
                    raise GradientCheckError(_message(name, "", slope, wanted))
    if order > 1:
        along, pulled = _like(args, directions[0]), weights[0]
        further = None if rtol is None else rtol * 10
        for mode in modes:

            def next_order(*at: Any, mode: str = mode) -> Any:
                if mode == "forward":
                    return jvp(f, at, along)[1]
                out, pullback = vjp(f, *at)
                return pullback(_like(out, pulled))

            _check(next_order, args, order - 1, modes, further, step, random, f"{mode} {path}")


# ---------------------------------------------------------------------- differences


_STEP, _STEP_OF_SINGLES = 1e-5, 1e-2  # about the cube roots of the roundings: the best steps of central differences


def _quotient(
    f: Callable[..., Any], args: Any, values: list[Any], direction: list[Any], step: float | None
) -> tuple[list[Any], list[Any]]:
    """The derivative of each part of `f` along `direction` by differences, and for each by how much it may be off.

    Two steps, extrapolated (Richardson): the error is of fourth order in the step. Arguments in single precision are
    widened first, so the quotient is that of the same function in double precision.
    """
    places, rebuild = flatten(args)
    wide = [place.astype(np.result_type(place, np.float64)) for place in places]

    def at(shift: float) -> list[Any]:
        return _values(f, rebuild([place + shift * along for place, along in zip(wide, direction, strict=True)]))

    if step is None:
        made = values if all(map(_is_double, places)) else at(0.0)
        step = _STEP if all(map(_is_double, made)) else _STEP_OF_SINGLES
    found, doubts = [], []
    for above, below, far_above, far_below in zip(at(step), at(-step), at(2 * step), at(-2 * step), strict=True):
        with np.errstate(all="ignore"):
            near, far = (above - below) / (2 * step), (far_above - far_below) / (4 * step)
            size = max(np.max(np.abs(part), initial=0.0) for part in (above, below))
            found.append(near + (near - far) / 3)
            doubts.append(np.abs(near - far) + 10 * np.finfo(above.dtype).eps * size / step)
    return found, doubts


def _is_double(part: Any) -> bool:
    return bool(np.finfo(part.dtype).eps < 1e-10)


def _tolerance(parts: Sequence[Any]) -> float:
    coarsest = max(float(np.finfo(part.dtype).eps) for part in parts)
    return 1e-6 if coarsest < 1e-10 else 3e-4 if coarsest < 1e-5 else 3e-2


def _compare(what: str, found: list[Any], expected: list[Any], doubts: Sequence[Any], rtol: float) -> None:
    """Raise GradientCheckError at the entry that differs most beyond the tolerance."""
    if [part.shape for part in found] != [part.shape for part in expected]:
        raise GradientCheckError(f"the {what} has the shapes {_shapes(found)} where the value has {_shapes(expected)}")
    for number, (one, two, doubt) in enumerate(zip(found, expected, doubts, strict=True)):
        with np.errstate(all="ignore"):
            size = np.maximum(np.maximum(np.abs(one), np.abs(two)), 1e-3 * np.max(np.abs(two), initial=0.0))
            error = np.abs(one - two)
            wrong = ~(error <= rtol * size + doubt)  # also where either is NaN
        if wrong.any():
            worst = np.unravel_index(np.argmax(np.where(wrong, np.nan_to_num(error, nan=np.inf), -1)), wrong.shape)
            where = f" of part {number}" if len(found) > 1 else ""
            where += f" at entry {tuple(map(int, worst))}" if worst else ""
            raise GradientCheckError(_message(what, where, one[worst], two[worst]))


def _message(what: str, where: str, found: Any, expected: Any) -> str:
    other = "the function is" if what.startswith("value") else "central differences give"
    with np.errstate(all="ignore"):
        error = np.abs(found - expected) / max(float(np.abs(expected)), 1e-300)
    return f"the {what}{where} is {found:.10g}, but {other} {expected:.10g} (relative error {error:.1e})"


# ---------------------------------------------------------------------- values and directions


def _inexact(leaf: Any) -> Any:
    leaf = np.asarray(leaf)
    return (leaf if leaf.dtype.kind in "fc" else leaf.astype(np.float64))[()]


def _map(change: Callable[[Any], Any], tree: Any) -> Any:
    leaves, rebuild = flatten(tree)
    return rebuild([change(leaf) for leaf in leaves])


def _like(tree: Any, leaves: Sequence[Any]) -> Any:
    return flatten(tree)[1]([leaf[()] for leaf in leaves])


def _leaves(tree: Any) -> list[Any]:
    return [np.asarray(leaf) for leaf in flatten(tree)[0]]


def _shapes(parts: Sequence[Any]) -> str:
    return ", ".join(str(part.shape) for part in parts)


def _values(f: Callable[..., Any], args: Any) -> list[Any]:
    """The numbers of `f(*args)` as arrays of our own: it may write to its arguments, and return one array twice."""
    result = f(*_map(lambda leaf: leaf.copy(), args))
    return [np.array(_inexact(leaf)) for leaf in flatten(result)[0]]


def _write_over(tree: Any) -> None:
    """Write into what a transform returned: it is the caller's, so nothing that comes later may depend on it."""
    for leaf in flatten(tree)[0]:
        if type(leaf) is np.ndarray:
            leaf[...] = np.nan


def _directions(parts: Sequence[Any], random: np.random.Generator) -> list[list[Any]]:
    """A direction in which every entry moves, one in which about half of them do, and 0; complex entries move in both
    of theirs. They grow with the root of the entry, so that a step neither drowns in rounding nor leaps too far."""
    every, half = [], []
    for part in parts:
        direction: Any = random.choice([-1.0, 1.0], part.shape) * random.uniform(0.5, 1.0, part.shape)
        if part.dtype.kind == "c":
            direction = direction * np.exp(1j * random.uniform(0.3, 1.2, part.shape))
        direction = direction * np.sqrt(np.maximum(1.0, np.nan_to_num(np.abs(part))))
        every.append(np.asarray(direction).astype(part.dtype))
        half.append(np.where(random.random(part.shape) < 0.5, every[-1], 0).astype(part.dtype))
    return [every, half, [np.zeros_like(part) for part in every]]


def _inner(left: Sequence[Any], right: Sequence[Any]) -> tuple[float, float]:
    """The real part of an inner product, and the size of its terms."""
    products = [np.real(one * two) for one, two in zip(left, right, strict=True)]
    return sum(float(np.sum(p)) for p in products), sum(float(np.sum(np.abs(p))) for p in products)
