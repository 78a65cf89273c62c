"""Exponentials and logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import Constant, symbols
from chainrule.rules.function import size
from chainrule.rules.rule import At, rule

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


def _log_of_sum(function: np.ufunc, base: float) -> None:
    """Row of log_b(b**x + b**y): with t = b**−|x − y| the slopes are 1/(1 + t) and t/(1 + t), which cannot overflow.

    The exponential magnifies the rounding of x − y, which is therefore computed exactly, as a difference and its error
    (D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2, theorem B).
    """
    power, scale = (np.exp, 1) if base == np.e else (np.exp2, _two)
    difference = x - y
    moved, distance = difference - x, size(difference)
    error = np.where(distance < 1100, (x - (difference - moved)) - (y + moved), 0)
    t = power(-distance) * (1 - np.sign(difference) * error * scale)
    larger, smaller = 1 / (1 + t), t / (1 + t)
    rule(
        function, power(x - out), power(y - out),
        computed=(np.where(x >= y, larger, smaller), np.where(x >= y, smaller, larger)),
        at=(At(np.equal(x, y) & np.isinf(x), (0.5, 0.5), "equal terms share equally, infinite ones too"),),
        source="log-sum-exp",
    )


_log_of_sum(np.logaddexp, np.e)
_log_of_sum(np.logaddexp2, 2.0)
