"""What is known of signs: x² is not negative, and so 1 + x² is not 0; tests of what is known are constants."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.compile.rewriting import Change, Rewriting, constant
from chainrule.engine.operations import Operation, Reference


def deciding() -> Change:
    """The change of comparisons with 0 to constants where the operands' signs give the answer.

    The answers hold for NaN too: where a NaN would answer otherwise than the known sign, the comparison stays.
    """
    signs: dict[int, int] = {}

    def decide(operation: Operation, made: Rewriting) -> Any:
        signs[len(made.inputs) + len(made.operations)] = _sign(operation, signs)
        if operation.function in _ANSWERS and not operation.kwargs:
            x, y = operation.args
            if isinstance(y, int | float) and y == 0:
                least, answer = _ANSWERS[operation.function]
                if _of(x, signs) >= least:
                    return constant(answer, operation)
        return operation

    return decide


UNKNOWN, NOT_NEGATIVE, POSITIVE = 0, 1, 2
"""What is known of the entries that are numbers; any entry may be NaN."""

_ANSWERS = {
    np.not_equal: (POSITIVE, True),
    np.equal: (POSITIVE, False),
    np.less_equal: (POSITIVE, False),
    np.less: (NOT_NEGATIVE, False),
}


def _of(operand: Any, signs: dict[int, int]) -> int:
    if type(operand) is Reference:
        return signs.get(operand.number, UNKNOWN)
    if isinstance(operand, bool) or not isinstance(operand, int | float):  # np.float64 is a float
        return UNKNOWN
    return POSITIVE if operand > 0 else NOT_NEGATIVE if operand == 0 else UNKNOWN


def _sign(operation: Operation, signs: dict[int, int]) -> int:
    """The sign of a result. Products of positive numbers may underflow to 0; sums of such and 1 do not."""
    function, args = operation.function, operation.args
    if operation.kwargs or operation.dtype is None or operation.dtype.kind != "f":
        return UNKNOWN
    if function in (np.square, np.absolute, np.exp, np.exp2, np.sqrt):
        return NOT_NEGATIVE
    if function is np.cosh:
        return POSITIVE
    if function in (np.multiply, np.divide):
        return NOT_NEGATIVE if min(_of(args[0], signs), _of(args[1], signs)) else UNKNOWN
    if function is np.add:
        known = sorted((_of(args[0], signs), _of(args[1], signs)))
        return known[1] if known[0] else UNKNOWN
    if function is np.where and len(args) == 3:
        return min(_of(args[1], signs), _of(args[2], signs))
    return UNKNOWN
