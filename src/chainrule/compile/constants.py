"""Constants: what does not depend on the inputs is computed now, and what a constant condition chooses is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.compile.rewriting import Rewriting, constant
from chainrule.engine.operations import Operation, Reference
from chainrule.rules.function import ending


def fold(operation: Operation, made: Rewriting) -> Any:
    """A constant in the place of an operation whose result is known."""
    function, args = operation.function, operation.args
    if not any(type(argument) is Reference for argument in args) and next(operation.references(), None) is None:
        return _computed(operation)
    if function is np.where and len(args) == 3:
        chosen = args[1] if _is(args[0], True) else args[2] if _is(args[0], False) else None
        if made.like(chosen, operation):
            return chosen
        if isinstance(chosen, bool | int | float | np.generic):
            return constant(chosen, operation)
    if function in _DECIDED and operation.dtype == bool:
        for one, other in (args, args[::-1]):
            if _is(one, _DECIDED[function]):
                return constant(_DECIDED[function], operation)
            if _is(one, not _DECIDED[function]) and made.like(other, operation):
                return other
    if function is ending and isinstance(args[0], int | float | np.generic):
        return constant(args[0], operation)
    return operation


_DECIDED = {np.bitwise_and: False, np.logical_and: False, np.bitwise_or: True, np.logical_or: True}
"""The truth value that decides, whatever the other one is."""


def _computed(operation: Operation) -> Any:
    """The result of an operation on constants; the operation itself where that is not one number or array."""
    if operation.shape is None:
        return operation
    with np.errstate(all="ignore"):
        value = operation.carried_out(())
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


def _is(operand: Any, truth: bool) -> bool:
    """Whether an operand is a constant whose entries all have this truth value."""
    if isinstance(operand, np.ndarray):
        return operand.dtype == bool and bool(np.all(operand == truth))
    return isinstance(operand, bool | np.bool) and bool(operand) == truth
