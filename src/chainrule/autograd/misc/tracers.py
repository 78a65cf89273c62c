"""A function as the program of its first call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.autograd.tracer import getval
from chainrule.autograd.wrap_util import wraps
from chainrule.engine.containers import flatten
from chainrule.engine.staging import stage

__all__ = ["const_graph"]

Function = Callable[..., Any]


def const_graph(fun: Function, *args: Any, **kwargs: Any) -> Function:
    """`fun` with `args` and `kwargs` filled in, run once: later calls repeat the operations of the first one.

    Unlike autograd's, the program notices where it would take another path than the first call, and raises PathError.
    """
    program: list[Function] = []

    @wraps(fun)
    def staged(*rest: Any) -> Any:
        if program:
            return program[0](*flatten(rest)[0])
        first: list[Any] = []

        def noting(*rest: Any) -> Any:
            result = fun(*args, *rest, **kwargs)
            leaves, rebuild = flatten(result)
            first.append(rebuild([getval(leaf) for leaf in leaves]))
            return result

        program.append(stage(noting, *rest))
        return first[0]

    return staged
