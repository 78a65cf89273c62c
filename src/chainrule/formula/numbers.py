"""Read a number that is typed in decimal digits, and say where a float cannot hold it."""

from __future__ import annotations

import re
from decimal import Decimal

PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""A number as it is typed, with its sign."""


class WrongNumberError(ValueError):
    """A number too large or too small for a float, in words."""


def number_value(digits: str) -> float:
    """The float of a decimal number.

    >>> number_value("1.5e3")
    1500.0

    Raises WrongNumberError where it would become infinite, or 0 without being 0.
    """
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise WrongNumberError("the number is too large: the largest is about 1.8e308")
    if value == 0 and re.search("[1-9]", re.split("[eE]", digits)[0]):
        raise WrongNumberError("the number is too small and would become 0: the smallest is about 5e-324")
    return value


def digits_lost(digits: str) -> bool:
    """Whether the float of a decimal number has other digits than those that were typed.

    >>> digits_lost("0.1"), digits_lost("12345678901234567890")
    (False, True)
    """
    return Decimal(repr(float(digits))) != Decimal(digits)
