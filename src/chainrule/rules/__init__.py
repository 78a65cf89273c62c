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
from chainrule.rules.rule import TABLE, At, Composite, Elementwise, Piecewise, Rule, Structural, find

__all__ = [
    "TABLE",
    "At",
    "Composite",
    "Elementwise",
    "Piecewise",
    "Rule",
    "Structural",
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
