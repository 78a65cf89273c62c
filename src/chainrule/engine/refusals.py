"""What NumPy refuses is refused here in the same way: by an error of NumPy's class that also names the user's line."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from chainrule.engine.location import at_user_line, is_users
from chainrule.engine.values import Tracked, plain
from chainrule.errors import (
    AxisError,
    CallError,
    ChainruleError,
    MatrixError,
    NoRuleError,
    PositionError,
    ShapeError,
)

_OURS: tuple[tuple[type[Exception], type[ChainruleError]], ...] = (
    (np.exceptions.AxisError, AxisError),
    (np.linalg.LinAlgError, MatrixError),
    (ValueError, ShapeError),
    (IndexError, PositionError),
    (TypeError, CallError),
)
"""For each class of NumPy's errors, ours that is caught in the same ways; the first that fits counts."""


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


def raised_by_user(reason: BaseException) -> bool:
    """Whether an error came from a function of the user's that NumPy's function called: that one is the user's own."""
    trace = reason.__traceback__
    while trace is not None:
        if is_users(trace.tb_frame):
            return True
        trace = trace.tb_next
    return False


def asked_of_numpy(function: Callable[..., Any], name: str, args: Any, kwargs: Any, reason: Exception) -> Exception:
    """The error for a call whose definition failed because of `reason`: what NumPy says to the same call.

    Definitions need not check what NumPy checks. A call that one of them cannot run is made once more with bare values,
    and NumPy's own refusal, if it refuses, is the answer. If it does not, the call lacks a rule.
    """
    try:
        function(*_bare(args), **_bare(kwargs))
    except Exception as said:
        return refusal(name, [a for a in args if isinstance(a, Tracked | np.ndarray)], said)
    return NoRuleError(
        f"{name} cannot be differentiated with these arguments{at_user_line()}: its definition failed with "
        f"{type(reason).__name__} ({reason}). Write it with other functions, or give it a derivative with cr.custom."
    )


def _bare(tree: Any) -> Any:
    """Copies of the arguments without tracking, which the function may write to."""
    if type(tree) is list or type(tree) is tuple:
        return type(tree)([_bare(item) for item in tree])
    if type(tree) is dict:
        return {key: _bare(item) for key, item in tree.items()}
    tree = plain(tree)
    return copy.copy(tree) if isinstance(tree, np.ndarray) else tree
