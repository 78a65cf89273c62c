"""Known ways in which NaN and infinity arise, each with its cause and its remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.formula.expression import Function


@dataclass(frozen=True)
class Case:
    """One operation that made a NaN or an infinity, seen at the first entry where it did.

    `x` and `y` are its arguments there (None where there is no such argument), `out` its value. `derivative` says that
    the value was finite and the derivative was not. `origins` are the functions that made its first argument, the last
    one first, as far as they are known.
    """

    function: Function
    x: Any
    y: Any
    out: Any
    derivative: bool
    origins: tuple[Function, ...] = ()


@dataclass(frozen=True)
class Pattern:
    """A known cause: where it applies, what it is, and what to write instead."""

    functions: tuple[Function, ...]
    applies: Callable[[Case], bool]
    cause: str
    remedy: str


_LOGARITHMS: tuple[Function, ...] = (np.log, np.log2, np.log10)
_BRANCH = (
    "If np.where leaves this entry out afterwards, give the function a safe argument there: "
    "np.where(x > 0, f(np.where(x > 0, x, 1)), 0)."
)

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        _LOGARITHMS,
        lambda case: case.x == 0 and case.origins[:1] == (np.divide,) and np.exp in case.origins,
        "the logarithm of a softmax whose entry has become 0",
        "Compute it in one step: scores - logsumexp(scores), with m = np.max(scores) and "
        "logsumexp = m + np.log(np.sum(np.exp(scores - m))).",
    ),
    Pattern(
        _LOGARITHMS,
        lambda case: case.x == 0 and np.exp in case.origins,
        "the logarithm of exponentials that have all become 0",
        "Subtract the largest exponent first: m = np.max(a); m + np.log(np.sum(np.exp(a - m))). For two terms use "
        "np.logaddexp.",
    ),
    Pattern(
        _LOGARITHMS,
        lambda case: case.x == 0,
        "the logarithm of 0 is minus infinity, and its slope there infinite",
        "Keep the argument positive: np.log(x + 1e-12), or np.log(np.maximum(x, 1e-12)). " + _BRANCH,
    ),
    Pattern(
        (*_LOGARITHMS, np.log1p),
        lambda case: not case.derivative,
        "the logarithm exists for positive arguments only (log1p: above -1)",
        "Check the sign of the argument, or take np.log(np.abs(x)). " + _BRANCH,
    ),
    Pattern(
        (np.sqrt,),
        lambda case: case.x == 0 and bool({np.sum, np.dot, np.vdot, np.vecdot} & set(case.origins)),
        "a norm at the zero vector: the square root has an infinite slope at 0",
        "Add a small constant under the root, np.sqrt(np.sum(x**2) + 1e-12), or differentiate the squared norm.",
    ),
    Pattern(
        (np.sqrt,),
        lambda case: case.x == 0,
        "the square root has an infinite slope at 0",
        "Add a small constant, np.sqrt(x + 1e-12). " + _BRANCH,
    ),
    Pattern(
        (np.sqrt,),
        lambda case: case.x < 0,
        "the square root of a negative number is not real",
        "Check the sign of the argument; if rounding made it negative, take np.sqrt(np.maximum(x, 0)). " + _BRANCH,
    ),
    Pattern(
        (np.hypot, np.arctan2),
        lambda case: case.x == 0,
        "a length or an angle at the zero vector has no derivative",
        "Add a small constant: np.sqrt(x**2 + y**2 + 1e-12), or leave the origin out.",
    ),
    Pattern(
        (np.divide, np.remainder, np.floor_divide),
        lambda case: case.x == 0 and case.y == 0,
        "0/0 is not a number",
        "Add a small constant to the divisor, or divide by np.where(y == 0, 1, y) and choose the value there with "
        "np.where. For sin(πx)/(πx) there is np.sinc.",
    ),
    Pattern(
        (np.divide, np.reciprocal, np.remainder, np.floor_divide),
        lambda case: (case.x if case.y is None else case.y) == 0,
        "division by zero",
        "Add a small constant to the divisor, or divide by np.where(y == 0, 1, y) and choose the value there with "
        "np.where.",
    ),
    Pattern(
        (np.exp, np.exp2, np.expm1, np.sinh, np.cosh),
        lambda case: True,
        "overflow: an exponential grows beyond the largest number (float64: above about 709, float32: above 88)",
        "In a softmax or logsumexp subtract the largest exponent first, np.exp(a - np.max(a)); in a sigmoid write "
        "np.exp(-np.logaddexp(0, -x)); in log(1 + exp(x)) write np.logaddexp(0, x).",
    ),
    Pattern(
        (np.power, np.float_power),
        lambda case: case.x < 0,
        "a negative base has no real power with a fractional exponent (and no derivative by the exponent)",
        "Use np.abs(x)**p * np.sign(x), np.cbrt for cube roots, or a whole exponent that is a plain number. " + _BRANCH,
    ),
    Pattern(
        (np.power, np.float_power),
        lambda case: case.x == 0,
        "a power of 0: negative exponents are infinite there, and those below 1 have an infinite slope",
        "Keep the base away from 0: (x + 1e-12)**p. " + _BRANCH,
    ),
    Pattern(
        (np.arccos, np.arcsin, np.arctanh),
        lambda case: abs(case.x) > 1,
        "the argument is outside -1 … 1, often by rounding only",
        "Limit it first: np.arccos(np.clip(x, -1, 1)). For the angle between two vectors np.arctan2 is more accurate.",
    ),
    Pattern(
        (np.arccos, np.arcsin, np.arctanh),
        lambda case: abs(case.x) == 1,
        "the slope is infinite at the ends -1 and 1",
        "Stay inside: np.clip(x, -1 + 1e-12, 1 - 1e-12). For the angle between two vectors use np.arctan2.",
    ),
    Pattern(
        (np.arccosh,),
        lambda case: case.x <= 1,
        "arccosh exists from 1 on, and its slope at 1 is infinite",
        "Limit the argument first: np.maximum(x, 1 + 1e-12).",
    ),
)


def remedy(case: Case) -> tuple[str, str]:
    """The cause of a NaN or an infinity and what to write instead, as two sentences.

    >>> remedy(Case(np.sqrt, np.float64(0.0), None, np.float64(0.0), derivative=True))[0]
    'the square root has an infinite slope at 0'
    """
    for pattern in PATTERNS:
        if case.function in pattern.functions and case.x is not None and pattern.applies(case):
            return pattern.cause, pattern.remedy
    if not np.isnan(case.out) or case.derivative:
        return (
            "overflow: the result is beyond the largest number, or the slope there is infinite",
            "Scale the values, or compute with logarithms.",
        )
    return (
        "the function has no value at these arguments",
        "Keep the arguments inside the function's domain. " + _BRANCH,
    )
