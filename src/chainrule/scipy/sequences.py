"""What the wrappers of solvers share: parameters in containers, results in lists, rules for operands in one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.containers import flatten
from chainrule.engine.dispatch import apply
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain, snapshot
from chainrule.errors import NotDifferentiableError
from chainrule.formula.expression import Function
from chainrule.rules.rule import dtype_of, explicit


def listed(reverse: Callable[..., Any], forward: Callable[..., Any], source: str) -> Callable[[Function], Function]:
    """Make `function(operands, *options)` differentiable in every operand of the list.

    `reverse` and `forward` are as in :class:`chainrule.rules.rule.Structural`. The other arguments may be functions.
    """

    def decorate(implementation: Function) -> Function:
        def function(operands: Any, *options: Any) -> Any:
            if any(isinstance(operand, Tracked) for operand in operands):
                return apply(function, (operands, *options), {})
            return implementation(operands, *options)

        for name in ("__name__", "__qualname__", "__module__"):  # by which it is pickled
            setattr(function, name, getattr(implementation, name))
        explicit(function, -1, reverse, forward, source=source)
        return function

    return decorate


def parameters(args: Any) -> tuple[list[Any], Callable[[Sequence[Any]], tuple[Any, ...]]]:
    """The tracked values among the arguments `args` of a user's function, and what makes the arguments of others.

    As in SciPy, what is not a tuple is the only argument. Everything else is passed on as it is; arrays as copies,
    since a backward pass calls the function again.
    """
    leaves, rebuild = flatten(args if isinstance(args, tuple) else (args,))
    kept = [snapshot(leaf) for leaf in leaves]
    places = [i for i, leaf in enumerate(kept) if isinstance(leaf, Tracked)]

    def arguments(values: Sequence[Any]) -> tuple[Any, ...]:
        filled = list(kept)
        for place, value in zip(places, values, strict=True):
            filled[place] = value
        made: tuple[Any, ...] = rebuild(filled)
        return made

    return [kept[place] for place in places], arguments


def plain_arguments(args: Any) -> tuple[Any, ...]:
    """The arguments of a user's function without tracking."""
    values, arguments = parameters(args)
    return arguments([plain(value) for value in values])


def real(value: Any, name: str) -> Any:
    """A tracked value, or an array of floating-point numbers of its own. Raises for complex numbers."""
    if dtype_of(value).kind == "c":
        raise NotDifferentiableError(
            f"{name} is complex{at_user_line()}; the solver's derivatives are for real numbers. Give the real and the "
            "imaginary part side by side."
        )
    return value.snapshot() if isinstance(value, Tracked) else np.array(value, float)[()]


def joined(result: Any) -> Any:
    """The result of a user's function as one array, also where it is a list of numbers, tracked or not."""
    return np.stack(result) if type(result) in (list, tuple) else result
