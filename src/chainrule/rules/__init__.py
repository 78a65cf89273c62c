"""The table: every derivative, written once. Importing this package fills it."""

from chainrule.rules import (
    arithmetic,
    complexes,
    exponential,
    hyperbolic,
    products,
    reductions,
    selection,
    shaping,
    steps,
    trigonometric,
)
from chainrule.rules.rule import (
    TABLE,
    UNKNOWN,
    At,
    Composite,
    Elementwise,
    Piecewise,
    Rule,
    Structural,
    UnknownPartialError,
    find,
)

__all__ = [
    "TABLE",
    "UNKNOWN",
    "At",
    "Composite",
    "Elementwise",
    "Piecewise",
    "Rule",
    "Structural",
    "UnknownPartialError",
    "arithmetic",
    "complexes",
    "exponential",
    "find",
    "hyperbolic",
    "products",
    "reductions",
    "selection",
    "shaping",
    "steps",
    "trigonometric",
]
