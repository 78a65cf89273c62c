"""What a function asked of its numbers on the way, as statements that were true: x > 0, v1 ≤ 3."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.engine.operations import Reference
from chainrule.engine.watch import Condition, Event
from chainrule.formula.expression import Constant, Expression, call

_OPPOSITES: dict[np.ufunc, np.ufunc] = {
    np.less: np.greater_equal,
    np.less_equal: np.greater,
    np.greater: np.less_equal,
    np.greater_equal: np.less,
    np.equal: np.not_equal,
    np.not_equal: np.equal,
}


def statements(
    conditions: Sequence[Condition], events: Sequence[Event], written: Callable[[int], Expression | None]
) -> Iterator[tuple[Condition, Expression]]:
    """The conditions with what they found, where `written` is the formula of the value with a mark.

    Those are left out of which a value has no formula (None), or is no real number.
    """
    for condition in conditions:
        operands = [written(o.number) if isinstance(o, Reference) else _constant(o) for o in condition.operands]
        if None not in operands:
            values = [events[o.number].value if isinstance(o, Reference) else o for o in condition.operands]
            unordered = any(value != value for value in values)  # with NaN both x > 0 and x <= 0 are false
            yield condition, _true(condition, operands, unordered)


def _constant(value: Any) -> Constant | None:
    return Constant(np.asarray(value).item()) if np.ndim(value) == 0 and np.isrealobj(value) else None


def _true(condition: Condition, operands: Sequence[Any], unordered: bool) -> Expression:
    if condition.comparison is None:
        return call(np.not_equal if condition.outcome else np.equal, operands[0], Constant(0))
    if condition.outcome:
        return call(condition.comparison, *operands)
    if unordered:
        return call(np.logical_not, call(condition.comparison, *operands))
    return call(_OPPOSITES[condition.comparison], *operands)
