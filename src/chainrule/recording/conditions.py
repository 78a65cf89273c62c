"""What a function asked of its values on the way, as statements that were true: x > 0, v1 ≤ 3, any(x > 0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.engine.masks import Comparison
from chainrule.engine.operations import Reference
from chainrule.engine.watch import Condition, Event
from chainrule.formula.expression import Call, Constant, Expression, call

_OPPOSITES: dict[Any, Any] = {
    np.less: np.greater_equal,
    np.less_equal: np.greater,
    np.greater: np.less_equal,
    np.greater_equal: np.less,
    np.equal: np.not_equal,
    np.not_equal: np.equal,
}
_DUAL: dict[Any, Any] = {
    np.any: np.all, np.all: np.any, np.logical_and: np.logical_or, np.logical_or: np.logical_and,
}  # fmt: skip
"""What "not" makes of them, once it is said of their parts: not all are positive, so some are not."""


def statements(
    conditions: Sequence[Condition], events: Sequence[Event], written: Callable[[int], Expression | None]
) -> Iterator[tuple[Condition, Expression]]:
    """The conditions with what they found, where `written` is the formula of the value with a mark.

    Those are left out of which a value has no formula (None), or is no real number nor a whole array of the trace.
    """
    for condition in conditions:
        asked = _written(Comparison(condition.comparison or np.not_equal, condition.operands), written)
        if asked is not None:
            if condition.comparison is None:
                asked = call(np.not_equal, asked.arguments[0], Constant(0))
            values = [events[reference.number].value for reference in condition.references]
            unordered = any(np.any(value != value) for value in values)  # with NaN both x > 0 and x <= 0 are false
            yield condition, asked if condition.outcome else _opposite(asked, unordered)


def _written(asked: Any, written: Callable[[int], Expression | None]) -> Any:
    """A comparison, a reference or a plain value as a formula; None if it has none."""
    if isinstance(asked, Comparison):
        operands = [_written(operand, written) for operand in asked.operands]
        return None if None in operands else Call(asked.function, tuple(operands))
    if isinstance(asked, Reference):
        return written(asked.number)
    return Constant(np.asarray(asked).item()) if np.ndim(asked) == 0 and np.isrealobj(asked) else None


def _opposite(asked: Expression, unordered: bool) -> Expression:
    """The statement that is true where `asked` is not; `unordered` says that some of the values are NaN."""
    if isinstance(asked, Call):
        if asked.function is np.logical_not:
            return asked.arguments[0]
        if asked.function in _DUAL and all(map(_is_statement, asked.arguments)) and not unordered:
            parts = [_opposite(argument, unordered) for argument in asked.arguments]
            return Call(_DUAL[asked.function], tuple(parts))
        if asked.function in _OPPOSITES and not unordered:
            return Call(_OPPOSITES[asked.function], asked.arguments)
    return call(np.logical_not, asked)


def _is_statement(formula: Expression) -> bool:
    """Whether a formula says something that is true or false: any(x) is about the numbers in x themselves."""
    return isinstance(formula, Call) and formula.function in _SAYING


_SAYING = frozenset((*_OPPOSITES, *_DUAL, np.logical_not, np.isnan, np.isinf, np.isfinite))
