"""Exponentials and logarithms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.formula.expression import Constant, symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import At, carry, rule

x, y, out = symbols("x y out")
_two, _ten = np.log(Constant(2)), np.log(Constant(10))


def _slope_of_log(scale: Any) -> Any:
    """1 / (x ln b), arranged so that x ln b does not overflow and 1 / x does not either."""
    return np.where(x > 1, 1 / x / scale, 1 / (x * scale))


rule(np.exp, out, source="DLMF 4.7.7")
rule(np.exp2, out * _two, source="DLMF 4.7.9")
rule(np.expm1, np.exp(x), source="DLMF 4.7.7")
rule(np.log, 1 / x, domain=x > 0, sample=(0.2, 4), source="DLMF 4.7.1")
rule(np.log2, 1 / (x * _two), computed=_slope_of_log(_two), domain=x > 0, sample=(0.2, 4), source="DLMF 4.7.1")
rule(np.log10, 1 / (x * _ten), computed=_slope_of_log(_ten), domain=x > 0, sample=(0.2, 4), source="DLMF 4.7.1")
rule(np.log1p, 1 / (1 + x), domain=x > -1, sample=(-0.8, 4), source="DLMF 4.7.1")


def _ratio(power: np.ufunc, scale: float, x: Any, y: Any) -> Any:
    """b**−|x − y| for the `power` of a base b, whose natural logarithm is `scale`.

    The exponential magnifies the rounding of x − y, which is therefore computed exactly, as a difference and its error
    (D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2, theorem B), unless a 0 is subtracted.
    """
    difference = x - y
    distance = abs(difference)
    t = power(-distance)
    if (type(x) is not np.ndarray and x == 0) or (type(y) is not np.ndarray and y == 0):
        return t
    near = distance < 1100
    if type(t) is not np.ndarray and not near:
        return t
    moved = difference - x
    error = (x - (difference - moved)) - (y + moved)
    if type(t) is np.ndarray and not near.all():  # beyond, t is 0, and the error may be infinite
        error = np.where(near, error, 0)
    return t * (1 - np.sign(difference) * error * scale)


@entrywise
def ratio(x: Any, y: Any) -> Any:
    """exp(−|x − y|): the smaller of eˣ and eʸ divided by the larger one, which cannot overflow. Shapes broadcast.

    >>> float(ratio(2.0, 2.0)), float(ratio(-1000.0, 1000.0))
    (1.0, 0.0)
    """
    return _ratio(np.exp, 1.0, x, y)


@entrywise
def ratio2(x: Any, y: Any) -> Any:
    """2**−|x − y|: see :func:`ratio`.

    >>> float(ratio2(3.0, 2.0))
    0.5
    """
    return _ratio(np.exp2, math.log(2), x, y)


@entrywise
def one_or(condition: Any, t: Any) -> Any:
    """`np.where(condition, 1, t)` for t from 0 to 1; of an array in a quarter of the time.

    >>> float(one_or(True, 0.5)), one_or(np.array([True, False]), np.array([0.5, 0.25]))
    (1.0, array([1.  , 0.25]))
    """
    return np.maximum(t, condition) if type(t) is np.ndarray else type(t)(1) if condition else t


carry(one_or, None, np.where(x, 0, 1), source="by definition")

for _sum, _power, _t, _scale in ((np.logaddexp, np.exp, ratio, 1), (np.logaddexp2, np.exp2, ratio2, _two)):
    # Of x = y either branch is right to all orders, as long as all take the same one.
    carry(_t, np.where(x >= y, -_scale, _scale) * _t(x, y), np.where(x >= y, _scale, -_scale) * _t(x, y), source="|x|")
    rule(
        _sum, _power(x - out), _power(y - out), source="log-sum-exp",
        computed=(one_or(x >= y, _t(x, y)) / (1 + _t(x, y)), one_or(x < y, _t(x, y)) / (1 + _t(x, y))),
        at=(At(np.equal(x, y) & np.isinf(x), (0.5, 0.5), "equal terms share equally, infinite ones too"),),
    )
