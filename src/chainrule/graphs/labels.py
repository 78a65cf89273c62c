"""The short labels of operations in graphs: × for multiply, @ for matmul, [0] for an entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SIGNS = {
    "add": "+",
    "subtract": "−",
    "multiply": "×",
    "divide": "÷",
    "negative": "−",
    "matmul": "@",
    "dot": "@",
    "absolute": "|·|",
    "sqrt": "√",
    "cbrt": "∛",
    "square": "( )²",
    "power": "^",
    "reciprocal": "1/( )",
    "clamp": "clip",
    "expit": "σ",
    "maximum": "max",
    "minimum": "min",
    "scatter": "put",
}


def label(function: Callable[..., Any], options: str = "") -> str:
    """What is drawn for a function, called with these other arguments.

    >>> import numpy as np
    >>> label(np.multiply), label(np.sum, "axis=0")
    ('×', 'sum axis=0')
    """
    name = getattr(function, "__name__", str(function))
    if name == "getitem":
        return options
    if name.startswith("replace"):
        return f"{options} ←"
    return f"{SIGNS.get(name, name)} {options}".rstrip()
