"""Whether two formulas are the same function, wherever a third one has a slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from chainrule.formula.expression import Constant, Expression
from chainrule.formula.textbook import textbook
from chainrule.practising.points import Points, Values, at, special_points, values

Outcome = Literal["same", "different", "narrower", "undecided"]

_NEAR = 1e-10  # two values that are so near, in proportion, are equal
_TELLING = 1e-6  # a point at which rounding reaches further says nothing
_ENOUGH = 6


@dataclass(frozen=True)
class Comparison:
    """What came out: `at` is a point that shows a difference, with both values there.

    - "same": equal wherever the function has a slope;
    - "different": at `at` the values differ;
    - "narrower": equal, but the answer is not defined at `at`, where the function has a slope;
    - "undecided": no point was found that could tell.
    """

    outcome: Outcome
    at: dict[str, float] | None = None
    answer: float | None = None
    right: float | None = None


def compare(
    answer: Expression, right: Expression, root: Expression, names: Sequence[str], points: Points
) -> Comparison:
    """Compare an answer with the right derivative of `root` at `points` of its domain.

    >>> from chainrule.formula.parser import parse_expression
    >>> from chainrule.practising.points import points_for
    >>> root, right, answer = map(parse_expression, ("x^2", "2x", "x + x·sin(x)^2 + x·cos(x)^2"))
    >>> compare(answer, right, root, ["x"], points_for(root, right, ["x"])).outcome
    'same'
    """
    found, wanted = values(answer, points), values(right, points)
    special = special_points(root, right, names, (answer, right))
    for here, one, two in ((special, values(answer, special), values(right, special)), (points, found, wanted)):
        differing = differ(one, two)
        if differing.any():
            place = _plainest(differing, here)
            return Comparison("different", at(here, place), float(one.values[place]), float(two.values[place]))
    if found.undefined.any():
        place = _plainest(found.undefined, points)
        return Comparison("narrower", at(points, place), None, float(wanted.values[place]))
    if np.count_nonzero(telling(found, wanted)) >= _ENOUGH or textbook(answer - right) == Constant(0):
        return Comparison("same")
    return Comparison("undecided")


def differ(one: Values, two: Values) -> Any:
    """Where both are numbers, and further apart than rounding explains."""
    with np.errstate(all="ignore"):
        both = one.known & two.known
        return both & (np.abs(one.values - two.values) > _tolerance(one, two))


def telling(one: Values, two: Values) -> Any:
    """Where both are numbers, and rounding is so small that equality there means something."""
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(one.values), np.abs(two.values))
        return one.known & two.known & (_tolerance(one, two) <= _TELLING * np.maximum(size, 1e-3))


def _tolerance(one: Values, two: Values) -> Any:
    size = np.maximum(np.abs(one.values), np.abs(two.values))
    return _NEAR * size + 4 * (one.noise + two.noise)


def _plainest(among: Any, points: Points) -> int:
    """Of the places marked, the one whose numbers are nearest to 1: the easiest to compute with."""
    size = sum(np.abs(numbers - 1) for numbers in points.values())
    return int(np.argmin(np.where(among, size, np.inf)))
