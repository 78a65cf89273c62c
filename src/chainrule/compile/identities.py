"""Identities that keep NumPy's results bit for bit: 1·v is v, but v + 0 is not, for −0 + 0 is 0."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule.compile.rewriting import Rewriting, is_number
from chainrule.engine.operations import Operation, Reference
from chainrule.rules.complexes import astype
from chainrule.rules.function import ending
from chainrule.rules.shaping import scatter


def simplify(operation: Operation, made: Rewriting) -> Any:
    """The operand that an operation's result is, or one operation for two where that is exact."""
    rewrite = _IDENTITIES.get(operation.function)
    if rewrite is None or operation.shape is None or operation.kwargs:
        return operation
    found = rewrite(operation, made)
    if found is None:
        return operation
    return found if type(found) is Operation or made.like(found, operation) else operation


def _again(operation: Operation, function: Any, *args: Any) -> Operation:
    return Operation(function, args, {}, operation.shape, operation.dtype, operation.number)


def _is_complex(operation: Operation) -> bool:
    return operation.dtype is not None and operation.dtype.kind == "c"


def _times(operation: Operation, made: Rewriting) -> Any:
    x, y = operation.args
    if _is_complex(operation):  # 1·(a + ∞i) has a NaN in it
        return None
    if is_number(x, 1.0):
        return y
    if is_number(y, 1.0):
        return x
    left, right = made.made_by(x, np.negative), made.made_by(y, np.negative)
    return _again(operation, np.multiply, left.args[0], right.args[0]) if left and right else None


def _divided(operation: Operation, made: Rewriting) -> Any:
    return operation.args[0] if is_number(operation.args[1], 1.0) and not _is_complex(operation) else None


def _plus(operation: Operation, made: Rewriting) -> Any:
    x, y = operation.args
    for one, other in ((x, y), (y, x)):
        if is_number(one, -0.0):
            return other
        negated = made.made_by(one, np.negative)
        if negated and operation.dtype.kind == "f" and made.kind(one)[1] == operation.dtype:  # type: ignore[union-attr]
            return _again(operation, np.subtract, other, negated.args[0])
    return None


def _minus(operation: Operation, made: Rewriting) -> Any:
    x, y = operation.args
    if is_number(y, 0.0):
        return x
    negated = made.made_by(y, np.negative)
    if negated and operation.dtype.kind == "f" and made.kind(y)[1] == operation.dtype:  # type: ignore[union-attr]
        return _again(operation, np.add, x, negated.args[0])
    return None


def _negative(operation: Operation, made: Rewriting) -> Any:
    twice = made.made_by(operation.args[0], np.negative)
    return twice.args[0] if twice else None


_power = _divided


def _item(operation: Operation, made: Rewriting) -> Any:
    array, index = operation.args
    whole = index is ... or (type(index) is tuple and not index)
    return array if whole and operation.shape else None


def _same(operation: Operation, made: Rewriting) -> Any:
    return operation.args[0]


def _real(operation: Operation, made: Rewriting) -> Any:
    return operation.args[0] if operation.dtype.kind == "f" else None  # type: ignore[union-attr]


def _not(operation: Operation, made: Rewriting) -> Any:
    for one, other in ((np.equal, np.not_equal), (np.not_equal, np.equal)):
        found = made.made_by(operation.args[0], one)
        if found:
            return _again(operation, other, *found.args)
    return None


def _choice(operation: Operation, made: Rewriting) -> Any:
    """A choice between a value and itself, or between zeros and what is zero there."""
    if len(operation.args) != 3:
        return None
    condition, x, y = operation.args
    if type(x) is type(y) is Reference and x == y:
        return x
    spread = made.made_by(y, scatter)
    if spread and isinstance(condition, np.ndarray) and is_number(x, 0.0) and made.like(y, operation):
        reached = scatter(np.ones(made.kind(spread.args[0])[0]), *spread.args[1:])
        return None if np.any(reached[np.broadcast_to(condition, reached.shape)]) else y
    return None


_IDENTITIES = {
    np.multiply: _times, np.divide: _divided, np.add: _plus, np.subtract: _minus, np.negative: _negative,
    np.power: _power, np.positive: _same, ending: _same, astype: _same, np.reshape: _same, np.broadcast_to: _same,
    np.real: _real, np.conjugate: _real, np.logical_not: _not, np.where: _choice, operator.getitem: _item,
}  # fmt: skip
