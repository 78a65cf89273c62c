"""What the wrappers of solvers share: users' functions and arguments, results in lists, rules for listed operands."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.assignment import has_tracked
from chainrule.engine.assignment import joined as joined_tree
from chainrule.engine.containers import flatten
from chainrule.engine.dispatch import apply
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, leaving, plain, snapshot
from chainrule.errors import NotDifferentiableError, TrackingError
from chainrule.formula.expression import Function
from chainrule.rules.rule import dtype_of, explicit
from chainrule.scipy.captured import Rebuild, reached


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


def problem(functions: Sequence[Any], args: Any = ()) -> tuple[list[Any], Rebuild, Any]:
    """The tracked values that a user's functions and their arguments reach, and what makes both of others.

    It makes a tuple: the functions in their order, then the arguments as a tuple. As in SciPy, arguments that are not a
    tuple are the only one. Arrays among them are copied, since a backward pass calls the functions again; those that a
    function captures are not. The third result is that tuple with plain values, for SciPy.
    """
    leaves, rebuild = flatten(args if isinstance(args, tuple) else (args,))
    values, remade = reached((*functions, rebuild([snapshot(leaf) for leaf in leaves])))
    first, *others = remade([plain(value) for value in values])
    return values, remade, (_guarded(first), *others)


def _guarded(function: Any) -> Any:
    """`function` as a solver written in C calls it: what it has tracked all the same is an error at the user's line."""
    if not callable(function):
        return function

    @functools.wraps(function, updated=() if not hasattr(function, "__dict__") else ("__dict__",))
    def guarded(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if has_tracked(result):
            raise TrackingError(
                leaving(
                    "solving or integrating with plain numbers what the function makes of a captured one",
                    "Pass the value in args=, where it is found.",
                )
            )
        return result

    return guarded


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
    if type(result) in (list, tuple):
        return joined_tree(result) if has_tracked(result) else np.asarray(result)
    return result
