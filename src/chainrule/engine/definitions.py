"""Run what defines a function. What NumPy refuses is refused by an error of its class that names the user's line."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from chainrule.engine.assignment import in_memory_of, in_own_memory, plain_tree, tracked_in
from chainrule.engine.location import at_user_line, is_users
from chainrule.engine.values import Tracked, mapped, plain
from chainrule.errors import (
    AxisError,
    CallError,
    ChainruleError,
    LazyError,
    MatrixError,
    MutationError,
    NonFiniteError,
    NoRuleError,
    NotDifferentiableError,
    PositionError,
    ShapeError,
    TrackingError,
)
from chainrule.formula.expression import Function
from chainrule.rules.function import is_lazy
from chainrule.rules.rule import in_dtype

_OURS: tuple[tuple[type[Exception], type[ChainruleError]], ...] = (
    (np.exceptions.AxisError, AxisError),
    (np.linalg.LinAlgError, MatrixError),
    (ValueError, ShapeError),
    (IndexError, PositionError),
    (TypeError, CallError),
)
"""For each class of NumPy's errors, ours that is caught in the same ways; the first that fits counts."""

_FINAL = (TrackingError, NoRuleError, NotDifferentiableError, MutationError, NonFiniteError)
"""Errors that say what is wrong whatever the function: NumPy has nothing to add to them."""


def refusal(name: str, operands: Iterable[Any], reason: Exception) -> Exception:
    """The error for arguments that NumPy refused because of `reason`, with their shapes and the user's line.

    An error of a class that has none of ours beside it (MemoryError, for instance) comes back as it is.
    """
    for theirs, ours in _OURS:
        if isinstance(reason, theirs):
            shapes = " and ".join(str(np.shape(plain(operand))) for operand in operands)
            got = f" got arguments of shape {shapes}" if shapes else " was called"
            return ours(f"{name}{got}{at_user_line()}: {reason}")
    return reason


def lazily_refused(name: str, reason: Exception) -> LazyError:
    """The error for a function that lazy arrays do not answer, with its name and the user's line."""
    while reason.__cause__ is not None:  # what a function failed of that the definition calls
        reason = reason.__cause__  # type: ignore[assignment]
    said = str(reason).split("\n")[0].removesuffix(".") or type(reason).__name__
    return LazyError(
        f"{name} of a lazy array{at_user_line()} cannot be followed: {said}. Write it with other functions, or compute "
        "the array first."
    )


def raised_by_user(reason: BaseException) -> bool:
    """Whether an error came from a function of the user's that NumPy's function called: that one is the user's own."""
    trace = reason.__traceback__
    while trace is not None:
        if is_users(trace.tb_frame):
            return True
        trace = trace.tb_next
    return False


def run_definition(
    definition: Function, function: Function, name: str, args: Any, kwargs: Any, asks: bool | Callable[..., bool]
) -> Any:
    """The call of a function that other functions define; where the definition fails, NumPy says what is wrong.

    Definitions need not check what NumPy checks. A call that one of them cannot run is made once more with plain
    values, and NumPy's own refusal, if it refuses, is the answer. If it does not, the call lacks a rule. Where the rule
    `asks`, NumPy is asked first, and its results say the dtypes and the memory of the definition's.
    """
    if not isinstance(asks, bool):
        try:
            asks = asks(*args, **kwargs)
        except TypeError:  # a call that the signature does not allow: NumPy says so
            asks = True
    operands = tracked_in([*args, *kwargs.values()])
    lazy = _has_lazy((args, kwargs))
    if lazy:
        asks = False  # a lazy array would be computed, and says nothing of memory
        trace = max((operand.transform for operand in operands), key=lambda transform: transform.level)
        args, kwargs = _constants(args, trace), _constants(kwargs, trace)
    model = _ask(function, name, args, kwargs, _copies if _overwrites(function) else plain_tree) if asks else None
    try:
        result = definition(*args, **kwargs)
        return in_memory_of(_alike(result, model), model, operands) if asks else in_own_memory(result, operands)
    except LazyError as reason:
        raise lazily_refused(name, reason) from reason
    except Exception as reason:
        if isinstance(reason, _FINAL) or raised_by_user(reason):
            raise
        cause = reason
    if lazy:
        raise lazily_refused(name, cause) from cause
    if not asks:
        _ask(function, name, args, kwargs, _copies)
    raise _lacking(name, cause) from cause


def _ask(function: Function, name: str, args: Any, kwargs: Any, untracked: Function) -> Any:
    """What NumPy makes of the call with plain values; what it refuses is refused."""
    try:
        return function(*untracked(args), **untracked(kwargs))
    except Exception as said:
        if raised_by_user(said):
            raise
        raise refusal(name, [a for a in args if isinstance(a, Tracked | np.ndarray)], said) from said


@functools.cache
def _overwrites(function: Function) -> bool:
    """Whether NumPy's function may use its argument as working memory, as the median and the quantiles can."""
    try:
        return "overwrite_input" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _has_lazy(tree: Any) -> bool:
    """Whether there is a lazy array, tracked or not, among arguments and in their lists, tuples and dicts."""
    kind = type(tree)
    if kind is list or kind is tuple:
        return any(map(_has_lazy, tree))
    if kind is dict:
        return any(map(_has_lazy, tree.values()))
    return is_lazy(plain(tree))


def _constants(tree: Any, trace: Any) -> Any:
    """The arguments with lazy arrays as constants of a trace: so every function of them is one that we know."""
    return mapped(tree, lambda item: trace.constant(item) if is_lazy(item) else item)


def _lacking(name: str, reason: Exception) -> NoRuleError:
    return NoRuleError(
        f"{name} cannot be differentiated with these arguments{at_user_line()}: its definition failed with "
        f"{type(reason).__name__} ({reason}). Write it with other functions, or give it a derivative with cr.custom."
    )


def _alike(result: Any, expected: Any) -> Any:
    """The results in the containers and dtypes of NumPy's. What does not move, such as a count, is NumPy's own."""
    if isinstance(expected, tuple | list):
        parts = [_alike(part, wanted) for part, wanted in zip(result, expected, strict=True)]
        kind = type(expected)
        return kind(*parts) if hasattr(kind, "_fields") else kind(parts)
    if isinstance(expected, np.ndarray | np.generic) and expected.dtype.kind in "fc":
        return in_dtype(result, expected.dtype)
    moves = isinstance(result, Tracked) and (result.staged or isinstance(expected, float | complex))
    return result if moves else expected


def _copies(tree: Any) -> Any:
    """Copies of the arguments without tracking, which the function may write to."""
    return mapped(tree, lambda item: copy.copy(plain(item)) if isinstance(plain(item), np.ndarray) else plain(item))
