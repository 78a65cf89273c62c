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


def _portion(power: np.ufunc, scale: float, x: Any, y: Any) -> Any:
    """bˣ/(bˣ + bʸ) = 1/(1 + bʸ⁻ˣ) for the `power` of a base b, whose natural logarithm is `scale`.

    The exponential magnifies the rounding of y − x, which is therefore computed exactly, as a difference and its error
    (D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2, theorem B), unless a 0 is subtracted. Where
    bʸ⁻ˣ overflows, bˣ⁻ʸ is the portion.
    """
    difference = y if type(x) is not np.ndarray and x == 0 else y - x
    several = type(difference) is np.ndarray
    error: Any = 0.0
    if not any(type(value) is not np.ndarray and value == 0 for value in (x, y)):
        near = abs(difference) < 1100
        moved = difference - y
        error = (y - (difference - moved)) - (x + moved)
        if several:
            error = error if near.all() else np.where(near, error, 0)  # beyond, it may be infinite, and does not count
        elif not near:
            error = 0.0
    if not several:
        t = power(-abs(difference))
        t *= 1 - error * scale if difference > 0 else 1 + error * scale
        return (t if difference > 0 else type(t)(1)) / (1 + t)
    t = power(difference)
    if type(error) is np.ndarray:
        t *= 1 + error * scale
    t += 1
    portion = np.divide(1, t, out=t)
    if portion.size and not portion.min() > 0:
        least = portion == 0
        portion[least] = (power(-difference) * (1 - error * scale))[least]
    return portion


@entrywise
def portion(x: Any, y: Any) -> Any:
    """eˣ/(eˣ + eʸ): the portion of eˣ in the sum. Shapes broadcast.

    >>> float(portion(2.0, 2.0)), float(portion(1000.0, -1000.0))
    (0.5, 1.0)
    """
    return _portion(np.exp, 1.0, x, y)


@entrywise
def portion2(x: Any, y: Any) -> Any:
    """2ˣ/(2ˣ + 2ʸ): see :func:`portion`.

    >>> float(portion2(2.0, 3.0))
    0.3333333333333333
    """
    return _portion(np.exp2, math.log(2), x, y)


for _sum, _power, _of, _scale in ((np.logaddexp, np.exp, portion, 1), (np.logaddexp2, np.exp2, portion2, _two)):
    _slope = _scale * _of(x, y) * _of(y, x)
    carry(_of, _slope, -_slope, source="quotient rule")
    rule(
        _sum, _power(x - out), _power(y - out), source="log-sum-exp", computed=(_of(x, y), _of(y, x)),
        at=(At(np.equal(x, y) & np.isinf(x), (0.5, 0.5), "equal terms share equally, infinite ones too"),),
    )
