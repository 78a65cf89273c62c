"""Rules for functions of several tracked operands that travel in one list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.engine.values import Tracked
from chainrule.engine.variable import apply
from chainrule.formula.expression import Function
from chainrule.rules.rule import explicit


def listed(reverse: Callable[..., Any], forward: Callable[..., Any], source: str) -> Callable[[Function], Function]:
    """Make `function(operands, *options)` differentiable in every operand of the list.

    `reverse` and `forward` are as in :class:`chainrule.rules.rule.Structural`. The other arguments may be functions.
    """

    def decorate(implementation: Function) -> Function:
        def function(operands: Any, *options: Any) -> Any:
            if any(isinstance(operand, Tracked) for operand in operands):
                return apply(function, (operands, *options), {})
            return implementation(operands, *options)

        function.__name__, function.__module__ = implementation.__name__, implementation.__module__
        explicit(function, -1, reverse, forward, source=source)
        return function

    return decorate


def numbers(values: Any) -> list[Any]:
    """Each value as a tracked value or an array of floating-point numbers."""
    return [value if isinstance(value, Tracked) else np.asarray(value, float)[()] for value in values]
