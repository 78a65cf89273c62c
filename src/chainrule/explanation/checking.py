"""A derivative beside its central difference, and a point to compare them at where none is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.explanation.derivation import Check

Function = Callable[..., Any]


def beside_differences(f: Function, args: Sequence[Any], position: int, gradient: Any) -> Check:
    """The gradient of the sum of f's entries by argument `position`, beside a central difference.

    The step is the cube root of the machine's precision times the size of the argument, which balances the error of
    the quotient (h²) with that of rounding (ε/h). Of an array the derivative along one fixed direction is compared.

    >>> check = beside_differences(np.sin, (0.0,), 0, 1.0)
    >>> check.exact, round(check.difference, 9)
    (1.0, 1.0)
    """
    x = np.asarray(args[position], float)
    step = float(np.cbrt(np.finfo(float).eps)) * max(1.0, float(np.max(np.abs(x), initial=0.0)))
    entries = np.arange(x.size).reshape(x.shape)
    direction = np.where(entries % 2, -1.0, 1.0) * (1 - 0.5 * (entries * 0.6180339887 % 1))  # no two entries alike
    with np.errstate(all="ignore"):
        above, below = (_total(f, args, position, x + sign * step * direction) for sign in (1.0, -1.0))
        exact = float(np.sum(np.asarray(gradient) * direction))
    known = above is not None and below is not None and np.isfinite(above) and np.isfinite(below)
    return Check(exact, (above - below) / (2 * step) if known else None, step, x.ndim > 0)  # type: ignore[operator]


def _total(f: Function, args: Sequence[Any], position: int, moved: Any) -> float | None:
    given = [*args]
    given[position] = moved[()]
    try:
        return float(np.sum(f(*given)))
    except (ValueError, ZeroDivisionError, OverflowError, ArithmeticError):
        return None


def close(one: Any, two: Any, relative: float, absolute: float) -> bool:
    """np.allclose of two numbers or arrays, NaN equal to NaN: for two numbers without its 20 calls."""
    if isinstance(one, float) and isinstance(two, float):
        return one == two or (one != one and two != two) or (abs(one - two) <= absolute + relative * abs(two) < np.inf)
    return bool(np.allclose(one, two, rtol=relative, atol=absolute, equal_nan=True))


def sample_point(f: Function, count: int) -> tuple[float, ...] | None:
    """Values for `count` arguments with finite values of the function on both sides of each; None if none is found.

    >>> sample_point(np.log, 1)
    (0.5,)
    """
    for round_number, (low, high) in enumerate(
        ((0.5, 1.5), (0.1, 0.9), (1.1, 3.0), (-2.0, 2.0), (-0.9, 0.9), (3.0, 12.0)) * 6
    ):
        shift = (round_number * 0.381966) % 1
        point = tuple(round(low + (high - low) * ((i * 0.618034 + shift) % 1), 2) for i in range(count))
        with np.errstate(all="ignore"):
            around = [_total(f, point, i, np.float64(point[i] + d)) for i in range(count) for d in (-1e-3, 0.0, 1e-3)]
        if all(value is not None and np.isfinite(value) for value in around):
            return point
    return None
