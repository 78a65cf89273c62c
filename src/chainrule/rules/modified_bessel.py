"""NumPy's modified Bessel function `np.i0`, and those of higher order, which its derivatives need."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.formula.expression import symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import rule

x, y = symbols("x y")


@entrywise
def bessel_i(x: Any, order: Any) -> Any:
    """The modified Bessel function I of a whole order, at least 0.

    Up to |x| = 17 + n²/2 the power series (DLMF 10.25.2), whose terms all have one sign; beyond, Hankel's expansion
    (DLMF 10.40.1).

    >>> round(float(bessel_i(1.0, 1)), 12)
    0.565159103992
    """
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    n = int(order)
    result = np.empty_like(x)
    near = np.abs(x) <= 17 + n * n / 2
    result[near] = _bessel_series(x[near], n)
    result[~near] = _bessel_far(x[~near], n)
    return result[()]


def _bessel_series(x: Any, n: int) -> Any:
    half = x / 2
    term = half**n / math.factorial(n)
    total = term.copy()
    k = 1
    while np.any(np.abs(term) > 1e-18 * np.abs(total)) and k < 500:
        term = term * (half / k) * (half / (k + n))
        total = total + term
        k += 1
    return total


def _bessel_far(x: Any, n: int) -> Any:
    size = np.abs(x)
    term, total = np.ones_like(size), np.ones_like(size)
    for k in range(1, 30):
        term = -term * (4 * n * n - (2 * k - 1) ** 2) / (8 * k * size)
        total = total + term
    with np.errstate(over="ignore"):
        grown = np.exp(size / 2)
        value = grown * (total / np.sqrt(2 * math.pi * size)) * grown
    return value if n % 2 == 0 else np.sign(x) * value


rule(np.i0, bessel_i(x, 1), source="DLMF 10.29.3")
rule(
    bessel_i, (bessel_i(x, abs(y - 1)) + bessel_i(x, y + 1)) / 2, None, sample=((-2, 2), (1, 1)), source="DLMF 10.29.1"
)
