"""Values of formulas at many points at once, with what is known of their rounding.

Whether two formulas are the same function is decided at points that are spread over their domain. With each value goes
a bound of its rounding, so that a difference which is only rounding is told from one that is real: every operation adds
its own, and passes on that of its arguments times its derivative, which the table has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.formula.expression import Call, Constant, Expression, Symbol, evaluate, postorder
from chainrule.rules.symbolic import domain_expression, local_partial, smooth_expression

Points = Mapping[str, Any]
"""For each variable its values, arrays of one length."""

ENOUGH = 12
_MOST = 160
_ROUNDING = 4 * np.finfo(float).eps  # of one operation, functions included
_GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Values:
    """A formula's values at points, arrays with one entry each.

    `noise` is a bound of their rounding. `undefined` says where an operation has no value for finite arguments, such as
    the root of a negative number; where a value is too large, or a quotient has met a 0, it is only not finite.
    """

    values: Any
    noise: Any
    undefined: Any

    @property
    def known(self) -> Any:
        """Where the value is a number."""
        return np.isfinite(self.values) & np.isfinite(self.noise)


def values(root: Expression, points: Points) -> Values:
    """The values of `root`, a formula over the variables that `points` has.

    An odd root of a negative number, x^(1/3), is the real one, as a student means it.
    """
    shape = np.shape(next(iter(points.values())))
    found: dict[Expression, Any] = {}
    noise: dict[Expression, Any] = {}
    undefined = np.zeros(shape, bool)
    with np.errstate(all="ignore"):
        for node in postorder(root):
            if not node.varies or isinstance(node, Symbol):
                found[node] = value(node, points)
                # A fraction counts as exact: where an exponent may be rounded, negative numbers have no power.
                noise[node] = (
                    0.0 if isinstance(node, Symbol) or exact(node) is not None else _ROUNDING * np.abs(found[node])
                )
                continue
            assert isinstance(node, Call)
            arguments = [found[argument] for argument in node.arguments]
            found[node] = result = _value(node, arguments)
            reached = _ROUNDING * np.abs(result)
            for position, argument in enumerate(node.arguments):
                if np.any(noise[argument] != 0):
                    reached = reached + np.abs(_slope(node, position, arguments)) * noise[argument]
            noise[node] = reached
            whole = np.all([np.isfinite(np.broadcast_to(a, shape)) for a in arguments], axis=0)
            undefined |= np.isnan(np.broadcast_to(result, shape)) & whole
    result, reached = (np.broadcast_to(np.asarray(each, float), shape) for each in (found[root], noise[root]))
    return Values(result, reached, undefined)


def _slope(node: Call, position: int, arguments: Sequence[Any]) -> Any:
    """The derivative of one call by one of its arguments at their values; 0 where the table has none."""
    places = tuple(a if isinstance(a, Constant) else Symbol(f"argument{i}") for i, a in enumerate(node.arguments))
    partial = _partial(Call(node.function, places), position)
    return value(partial, {f"argument{i}": argument for i, argument in enumerate(arguments)})


@lru_cache(maxsize=512)
def _partial(node: Call, position: int) -> Expression:
    try:
        return local_partial(node, position)
    except NoRuleError:  # a comparison: what it decides is decided by its arguments' values
        return Constant(0)


def value(root: Expression, known: Mapping[str, Any]) -> Any:
    """The value of a small formula; `known` are numbers or arrays, and whole numbers in it are real ones."""
    if isinstance(root, Call):
        return _value(root, [value(argument, known) for argument in root.arguments])
    return known[root.name] if isinstance(root, Symbol) else np.float64(root.value)  # type: ignore[attr-defined]


def _value(node: Call, arguments: Sequence[Any]) -> Any:
    if node.function is np.power:
        exponent = exact(node.arguments[1])
        if exponent is not None and exponent.denominator % 2 and exponent.denominator > 1:
            base = np.asarray(arguments[0], float)
            size = np.power(np.abs(base), float(exponent))
            return np.copysign(size, base) if exponent.numerator % 2 else size
    return node.function(*arguments)


def exact(node: Expression) -> Fraction | None:
    """The value of a fraction of whole numbers, such as 1/3 or -2; None for anything else.

    >>> exact(Constant(2) / Constant(3))
    Fraction(2, 3)
    """
    if isinstance(node, Constant):
        value = node.value
        return Fraction(int(value)) if not isinstance(value, bool) and float(value).is_integer() else None
    parts = [exact(argument) for argument in node.arguments]
    if not isinstance(node, Call) or None in parts:
        return None
    if node.function is np.negative:
        return -parts[0]  # type: ignore[operator]
    if node.function in (np.add, np.subtract):
        return parts[0] + (parts[1] if node.function is np.add else -parts[1])  # type: ignore[operator]
    return parts[0] / parts[1] if node.function is np.divide and parts[1] else None  # type: ignore[operator]


def points_for(root: Expression, slope: Expression, names: Sequence[str]) -> Points:
    """Points at which `root` is defined and smooth, and its derivative `slope` a number; up to 160 of them.

    >>> x = Symbol("x")
    >>> bool(np.all(points_for(np.log(x), 1 / x, ["x"])["x"] > 0))
    True
    """
    for dense in (1, 40):
        points = _inside(root, slope, _pool(names, dense))
        if np.size(next(iter(points.values()))) >= ENOUGH:
            break
    return {name: numbers[:_MOST] for name, numbers in points.items()}


def special_points(root: Expression, slope: Expression, names: Sequence[str], formulas: Sequence[Expression]) -> Points:
    """Simple numbers, and those that stand in `formulas`, with both signs, where `root` is smooth.

    A student computes with them easily, and cases may differ there alone.
    """
    numbers = {0.0, 0.5, 1.0, 2.0, 3.0} | {
        abs(float(node.value)) for formula in formulas for node in postorder(formula)
        if isinstance(node, Constant) and not isinstance(node.value, bool) and np.isfinite(float(node.value))
    }  # fmt: skip
    found = np.array(sorted({sign * number for number in numbers for sign in (-1, 1)}))
    return _inside(root, slope, dict.fromkeys(names, found))


def at(points: Points, place: int) -> dict[str, float]:
    """One of the points, as numbers."""
    return {name: float(numbers[place]) for name, numbers in points.items()}


def _pool(names: Sequence[str], dense: int) -> dict[str, Any]:
    """Points to choose from: near 0, within ±1, within ±4, beyond, and of all sizes; the variables do not keep step."""
    made = {}
    for place, name in enumerate(names):
        step = (_GOLDEN * (place + 1)) % 1

        def spread(count: int, low: float, high: float, step: float = step) -> Any:
            return low + (high - low) * ((0.37 + step * np.arange(1, count * dense + 1)) % 1)

        sizes = 10 ** spread(16, -3, 3.3)
        signs = np.where(np.arange(sizes.size) % 2, -1.0, 1.0)
        made[name] = np.concatenate(
            [
                spread(40, -4, 4),
                spread(20, -1, 1),
                spread(12, 0, 1),
                spread(12, 1, 12),
                spread(8, -12, -1),
                sizes * signs,
            ]
        )
    return made


def _inside(root: Expression, slope: Expression, points: Points) -> Points:
    held = values(root, points).known & values(slope, points).known
    with np.errstate(all="ignore"):
        for condition in (domain_expression(root), smooth_expression(root)):
            if condition is not None:
                held &= np.broadcast_to(evaluate(condition, points), held.shape)
    return {name: numbers[held] for name, numbers in points.items()}
