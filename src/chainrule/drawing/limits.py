"""Limits: of a sampled function at a point from one side, and of a formula at infinity.

A one-sided limit is read off values at distances that shrink geometrically, down to a few floats from the
point. Their successive differences shrink when there is a limit, and do not when the function runs off to
infinity, even as slowly as a logarithm. Rounding noise that grows again close to the point, as in (1 - cos
x)/x², is recognised and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.formula.data import Data
from chainrule.formula.expression import Call, Constant, Expression, Function, Symbol, postorder
from chainrule.rules import Elementwise, Piecewise, Rule, find

Floats = NDArray[np.float64]

_LEVELS = 40
_EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class Limit(Data):
    """A limit from one side: `value` is finite, ±inf, or NaN where there is none.

    `defined` tells the two kinds of NaN apart: a function that swings for ever is defined, one beyond its
    domain is not. `error` bounds how far a finite value may be off. Nearer to the point than `noise_within`
    the computed values are rounding noise or missing.
    """

    value: float
    defined: bool = True
    error: float = 0.0
    noise_within: float = 0.0

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.value))

    @property
    def infinite(self) -> bool:
        return bool(np.isinf(self.value))


UNDEFINED = Limit(np.nan, defined=False)


def one_sided(values: Callable[[Floats], Floats], points: Floats, reaches: Floats, side: int) -> list[Limit]:
    """The limits of a function at each of `points`, from the left (`side` -1) or the right (+1).

    `reaches[i]` is how far from `points[i]` the function may be looked at: less than the way to its next
    border.

    >>> one_sided(np.sign, np.array([0.0]), np.array([1.0]), -1)[0].value
    -1.0
    """
    if not len(points):
        return []
    nearest = np.maximum(64 * np.spacing(np.abs(points)), 1e-15 * reaches)
    steps = np.linspace(0.0, 1.0, _LEVELS)
    distances = reaches[:, None] * (np.minimum(nearest, reaches) / reaches)[:, None] ** steps
    rows = values((points[:, None] + side * distances).ravel()).reshape(distances.shape)
    here = values(points)
    return [_limit(*each) for each in zip(rows, distances, here, strict=True)]


def _limit(row: Floats, distances: Floats, here: float) -> Limit:
    """The limit of values at shrinking distances from a point at which the value is `here`."""
    lost = np.flatnonzero(~np.isfinite(row))
    head = row[: lost[0]] if len(lost) else row
    limit = _settled(head) if len(head) >= 4 else Limit(np.nan)
    if len(lost) and not limit.finite:  # values that overflow on the way, or that are not there at all
        tail = row[lost[0] :]
        if np.isinf(tail[0]):
            limit = Limit(float(tail[0]) if (tail == tail[0]).all() else np.nan)
        elif not limit.infinite:
            limit = UNDEFINED
    if not limit.finite:
        return limit
    off = np.abs(head - limit.value) > 100 * limit.error + 1e-9 * abs(limit.value)
    near = np.flatnonzero(~off)
    trusted = int(near[-1]) if len(near) and not off[-1] else int(np.argmin(np.abs(head - limit.value)))
    noise_within = float(distances[trusted]) if trusted < len(row) - 1 else 0.0
    if np.isfinite(here) and abs(limit.value - here) <= 4 * limit.error + 1e-9 * abs(here):
        return Limit(float(here), noise_within=noise_within)
    return replace(limit, noise_within=noise_within)


def _settled(row: Floats) -> Limit:
    """The limit of finite values that approach the point."""
    differences = np.diff(row)
    sizes = np.abs(differences)
    noise = 8 * _EPSILON * np.maximum(np.abs(row[1:]), np.abs(row[:-1])) + 1e-300
    # 1. The values stop changing, or change least just before rounding noise takes over and grows.
    settled = _plateau(row, differences, noise)
    if settled is not None:
        return Limit(float(row[settled + 1]), error=float(max(sizes[settled], noise[settled])))
    # 2. No plateau: the differences of a function without bound do not shrink, and keep one sign.
    tail, signs = sizes[-10:], np.sign(differences[-10:])
    ratios = tail[1:] / np.maximum(tail[:-1], 1e-300)
    same = bool((signs == signs[-1]).all())
    if same and (ratios >= 0.97).all():
        return Limit(float(np.copysign(np.inf, differences[-1])))
    # 3. Differences that shrink steadily leave a remainder like a geometric series.
    ratio = float(np.median(ratios))
    if ratio < 0.97:
        remainder = float(tail[-3:].max()) * ratio / (1 - ratio)
        steady = same and np.ptp(ratios[-4:]) < 0.1 * ratio
        value = float(row[-1] + (differences[-1] * ratio / (1 - ratio) if steady else 0.0))
        if remainder <= 0.5 * np.abs(row).max():
            return Limit(value, error=remainder)
    # 4. Values that swing for ever have no limit.
    return Limit(np.nan)


def _plateau(row: Floats, differences: Floats, noise: Floats) -> int | None:
    """Where the differences of the values are first mere rounding, if they are anywhere."""
    sizes = np.abs(differences).tolist()  # a loop over Python's numbers takes a fifth of the time
    best, before = 0, sizes[0]  # the least size, and the largest up to it
    for k, (size, rounding) in enumerate(zip(sizes, noise.tolist(), strict=True)):
        if size <= rounding:
            return k
        if size < sizes[best]:
            best, before = k, max(sizes[: k + 1])
        elif size > 30 * sizes[best] and before >= 100 * sizes[best]:
            signs = set(np.sign(differences[best + 1 :]))
            erratic = len(signs) > 1  # a pole behind a plateau grows with one sign
            if erratic and sizes[best] <= 1e-3 * np.abs(row[: best + 2]).max():
                return best
    return None


def at_infinity(root: Expression, sign: int) -> float:
    """The limit of a formula in one variable as it runs to +∞ (`sign` 1) or -∞ (-1); NaN where that is not
    certain.

    NumPy's arithmetic with infinities follows the rules of limits (2/∞ = 0, tanh ∞ = 1) and gives NaN where a
    limit depends on more (∞ - ∞, sin ∞). The few cases in which it gives a number nevertheless count as not
    certain: 1^∞, ∞⁰ and 0⁰; division by a zero of unknown sign; a step or a condition that stands exactly on
    its border.

    >>> from chainrule.formula.expression import Symbol
    >>> at_infinity(np.arctan(Symbol("x")), -1)
    -1.5707963267948966
    """
    results: dict[Expression, Any] = {}
    with np.errstate(all="ignore"):
        for node in postorder(root):
            if isinstance(node, Symbol):
                results[node] = sign * np.inf
            elif isinstance(node, Constant):
                results[node] = node.value
            else:
                assert isinstance(node, Call)
                arguments = [results[argument] for argument in node.arguments]
                varies = [argument.varies for argument in node.arguments]
                results[node] = _carried(node.function, arguments, varies)
    return float(results[root])


def _carried(function: Function, arguments: Sequence[Any], varies: Sequence[bool]) -> Any:
    """The limit of a function of limits, NaN where the limits alone do not decide it."""
    # 1. Choosing a branch needs only the branch that is chosen, and a condition that stands on no border.
    if function is np.where and not np.isnan(arguments[0]):
        return arguments[1] if arguments[0] else arguments[2]
    if any(np.isnan(argument) for argument in arguments):
        return np.nan
    if function in _ORDERED:
        first, second = arguments
        return np.nan if first == second else function(first, second)
    if function in _LOGICAL:
        return function(*arguments)
    # 2. Forms in which NumPy gives a number and mathematics does not: 1^∞, ∞⁰, 0⁰, 1 / ±0, arctan2(±0, −1).
    if function is np.power and not _power_is_certain(*arguments, *varies):
        return np.nan
    if function in (np.divide, np.reciprocal) and arguments[-1] == 0:
        return np.nan
    if function is np.arctan2 and arguments[0] == 0 and arguments[1] <= 0:
        return np.nan
    # 3. A step is certain between its borders.
    rule = find(function)
    if not isinstance(rule, Elementwise):
        return np.nan
    if is_step(rule):
        below, above = (function(*np.nextafter(arguments, towards)) for towards in (-np.inf, np.inf))
        return below if below == above else np.nan
    # 4. Everything else in the table is continuous where it is defined.
    return function(*arguments)


def is_step(rule: Rule | None) -> bool:
    """Whether a function is constant between its jumps: each derivative that the table gives is 0."""
    return isinstance(rule, Piecewise) or (
        isinstance(rule, Elementwise) and all(partial in (None, Constant(0)) for partial in rule.partials)
    )


def _power_is_certain(base: Any, exponent: Any, base_varies: bool, exponent_varies: bool) -> bool:
    if exponent_varies:
        return bool(base > 0 and base != 1 and (np.isfinite(exponent) or np.isfinite(base)) and exponent != 0)
    return bool(base != 0 or exponent > 0)


_ORDERED = (np.less, np.less_equal, np.greater, np.greater_equal)
_LOGICAL = (np.logical_and, np.logical_or, np.logical_not)
