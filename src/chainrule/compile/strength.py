"""Strength reduction where it is exact: a quotient by a power of two is a product; one truth value needs no array."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.compile.rewriting import Rewriting
from chainrule.engine.operations import Operation, Reference


def reduce(operation: Operation, made: Rewriting) -> Any:
    """A cheaper operation that has the same result."""
    if operation.function is np.where and len(operation.args) == 3:
        return _choice(operation, made)
    dtype = operation.dtype
    if operation.function is not np.divide or operation.kwargs or dtype is None or dtype.kind != "f":
        return operation
    x, y = operation.args
    if not isinstance(y, int | float) or not y or not math.isfinite(y) or abs(math.frexp(y)[0]) != 0.5:
        return operation
    limits = np.finfo(dtype)
    inverse = type(y)(1 / y) if isinstance(y, float) else 1 / y
    if not limits.tiny <= abs(inverse) <= limits.max or made.kind(x)[1] != dtype:
        return operation
    args = (x, inverse)
    return Operation(np.multiply, args, {}, operation.shape, operation.dtype, operation.number)


def usual(condition: Any, other: float, array: Any) -> Any:
    """`other` everywhere where one truth value holds, else the array itself: a gradient, NaN where the value is NaN."""
    return np.full_like(array, other) if condition else array


def _choice(operation: Operation, made: Rewriting) -> Operation:
    condition, other, array = operation.args
    if not (isinstance(other, float) and type(array) is Reference and operation.shape and made.like(array, operation)):
        return operation
    if made.made_by(condition, np.isnan) is None or made.kind(condition)[0] != ():
        return operation
    return Operation(usual, operation.args, {}, operation.shape, operation.dtype)
