"""Tracked values by autograd's names, and functions with derivatives of their own: `primitive`.

The arguments of a primitive may be anything, containers of tracked values too. Everything tracked in them is an operand
of one rule (:class:`~chainrule.rules.rule.Structural`), so a primitive takes part in every transform and nesting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.autograd.wrap_util import get_name, wraps
from chainrule.engine.containers import Rebuild, flatten, names
from chainrule.engine.dispatch import apply
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain
from chainrule.errors import NoRuleError, NotDifferentiableError, ShapeError, TrackingError
from chainrule.rules import Structural
from chainrule.rules.rule import OWN_RULE
from chainrule.transforms.directions import vjp

__all__ = ["Box", "getval", "isbox", "notrace_primitive", "primitive", "primitive_jvps", "primitive_vjps"]

Function = Callable[..., Any]

primitive_vjps: dict[Function, Function] = {}
"""`maker(argnums, ans, args, kwargs)` for each primitive: it gives the function from g to one cotangent per argnum."""

primitive_jvps: dict[Function, Function] = {}
"""`maker(argnums, tangents, ans, args, kwargs)` for each primitive: it gives the tangent of the result."""

linear_primitives: set[Function] = set()
"""Primitives whose forward rule calls them again: it has no transpose until `defvjp` gives one."""


# ---------------------------------------------------------------------- tracked values


def isbox(x: Any) -> bool:
    """Whether a value is tracked."""
    return isinstance(x, Tracked)


def getval(x: Any) -> Any:
    """The plain value of a tracked one, at any depth of nested transforms; anything else as it is."""
    return plain(x) if isinstance(x, Tracked) else x


class _Tracking(type):
    """The class of which tracked values are instances, whatever they hold."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isbox(instance)


class Box(metaclass=_Tracking):
    """For `isinstance(x, Box)`: whether a value is tracked."""


# ---------------------------------------------------------------------- functions with derivatives of their own


class UndefinedRuleError(NoRuleError, NotImplementedError):
    """A primitive was differentiated by an argument for which it has no rule; autograd's NotImplementedError."""

    def __init__(self, fun: Function, argnums: Sequence[int]) -> None:
        super().__init__(
            f"{get_name(fun)} has no derivative by argument {', '.join(map(str, argnums))}{at_user_line()}. "
            "Define it with defvjp or defjvp; None says that the function is constant in an argument."
        )


def notrace_primitive(f_raw: Function) -> Function:
    """`f_raw` on the plain values of its arguments: its result is a constant."""

    @wraps(f_raw)
    def f_wrapped(*args: Any, **kwargs: Any) -> Any:
        return f_raw(*map(getval, args), **kwargs)

    return f_wrapped


def primitive(f_raw: Function) -> Function:
    """`f_raw` as a function whose body is not differentiated, and whose derivative `defvjp` or `defjvp` gives.

    Where only one of the two is given, the other is derived from it; not so from "same" in `defjvp`, where the forward
    rule is the function itself. Arguments passed by keyword are options: a tracked value among them raises
    TrackingError, and so does one that the body captures. A call without tracked arguments is a call of `f_raw`.
    """

    @wraps(f_raw)
    def run(leaves: Sequence[Any], call: _Call) -> Any:
        if any(map(isbox, leaves)):
            return apply(run, (leaves,), {"call": call})
        return call.run(leaves)

    setattr(run, OWN_RULE, Structural(run, -1, _reverse, _forward, source="given by the user"))

    @wraps(f_raw)
    def f_wrapped(*args: Any, **kwargs: Any) -> Any:
        leaves, rebuild = flatten(args)
        if not any(map(isbox, leaves)):
            return f_raw(*args, **kwargs)
        if any(map(isbox, flatten(kwargs)[0])):
            raise TrackingError(
                f"{get_name(f_raw)} got a tracked value in a keyword argument{at_user_line()}, which has no derivative "
                "in a primitive. Pass it by position."
            )
        call = _Call(f_wrapped, f_raw, rebuild, kwargs, _owners(args))
        return call.result(run(leaves, call))

    f_wrapped.fun = f_raw  # type: ignore[attr-defined]
    return f_wrapped


def _owners(args: Sequence[Any]) -> list[int]:
    """For each leaf of `args`, the argument in which it lies."""
    return [i for i, arg in enumerate(args) for _ in flatten((arg,))[0]]


@dataclass
class _Call:
    """One call of a primitive: what makes its arguments of their leaves, and its result of one array.

    A result in a container travels as one vector of all its entries; `parts` and `restore`, known as soon as `raw` has
    run, cut it again.
    """

    function: Function
    raw: Function
    rebuild: Rebuild
    kwargs: dict[str, Any]
    owners: list[int]
    parts: list[tuple[tuple[int, ...], np.dtype[Any]]] = field(default_factory=list)
    restore: Rebuild | None = None

    def run(self, leaves: Sequence[Any]) -> Any:
        value = self.raw(*self.rebuild(list(leaves)), **self.kwargs)
        outputs, restore = flatten(value)
        if value is not None and len(outputs) == 1 and outputs[0] is value:
            return self.checked(value)
        self.restore = restore
        outputs = [self.checked(output) for output in outputs]
        self.parts = [(output.shape, output.dtype) for output in outputs]
        return self.join(outputs)

    def checked(self, value: Any) -> Any:
        if isbox(value):
            raise TrackingError(
                f"the body of {get_name(self.raw)} used a tracked value that is not among its arguments"
                f"{at_user_line()}; its derivative would be lost. Pass it as an argument."
            )
        array = np.asarray(value)
        if array.dtype.kind not in "biufc":
            raise NotDifferentiableError(
                f"{get_name(self.raw)} returned {type(value).__name__}{at_user_line()}; a primitive returns "
                "numbers, arrays or containers of those for tracked arguments."
            )
        return array if array.dtype.kind in "fc" or array.ndim else array[()]

    def join(self, outputs: Sequence[Any]) -> Any:
        """The parts of a result, its tangent or its cotangent as the one array that the rule sees."""
        if self.restore is None:
            return outputs[0]
        flat = [np.reshape(output, (-1,)) for output in outputs]
        return np.concatenate([*flat, np.zeros(0)])

    def result(self, array: Any) -> Any:
        """What the caller gets: the array, or the container made of it."""
        if self.restore is None:
            return array
        outputs, start = [], 0
        for shape, dtype in self.parts:
            end = start + int(np.prod(shape, dtype=int))
            part = np.reshape(array[start:end], shape)
            part = np.real(part) if dtype.kind != "c" and part.dtype.kind == "c" else part
            outputs.append(part if shape else part[()])
            start = end
        return self.restore(outputs)

    def argnums(self, places: Sequence[int]) -> tuple[int, ...]:
        """The arguments to which these leaves belong."""
        return tuple(sorted({self.owners[place] for place in places}))

    def cotangents(self, ans: Any, leaves: Sequence[Any], places: Sequence[int]) -> Function:
        """The function from the cotangent of the result, as one array, to those of the leaves at `places`."""
        argnums = self.argnums(places)
        if self.function not in primitive_vjps:
            raise UndefinedRuleError(self.function, argnums)
        args = self.rebuild(list(leaves))
        made = primitive_vjps[self.function](argnums, self.result(ans), args, self.kwargs)

        def pullback(g: Any) -> list[Any]:
            by_leaf: dict[int, Any] = {}
            for argnum, cotangent in zip(argnums, made(self.result(g)), strict=True):
                own = [place for place, owner in enumerate(self.owners) if owner == argnum]
                if cotangent is None:
                    by_leaf.update(dict.fromkeys(own))
                    continue
                found, expected = names((cotangent,), ""), names((args[argnum],), "")
                if found != expected:
                    raise ShapeError(
                        f"the VJP of {get_name(self.raw)} by argument {argnum} returned a cotangent with the parts "
                        f"{', '.join(found)}, but the argument has {', '.join(expected)}{at_user_line()}."
                    )
                by_leaf.update(zip(own, flatten((cotangent,))[0], strict=True))
            return [_number(by_leaf[place], leaves[place]) for place in places]

        return pullback

    def tangent(self, ans: Any, leaves: Sequence[Any], places: Sequence[int], moved: Sequence[Any]) -> Any:
        """The tangent of the result, as one array, for the tangents `moved` of the leaves at `places`."""
        argnums = self.argnums(places)
        if self.function not in primitive_jvps:
            raise UndefinedRuleError(self.function, argnums)
        directions = [np.zeros_like(np.asarray(getval(leaf))) if _inexact(leaf) else leaf for leaf in leaves]
        for place, direction in zip(places, moved, strict=True):
            directions[place] = direction
        args, along = self.rebuild(list(leaves)), self.rebuild(directions)
        tangents = [along[argnum] for argnum in argnums]
        pushed = primitive_jvps[self.function](argnums, tangents, self.result(ans), args, self.kwargs)
        if self.restore is None:
            return _number(pushed, ans)
        outputs = flatten(pushed)[0]
        return self.join([_number(output, part) for output, part in zip(outputs, self.outputs(ans), strict=True)])

    def outputs(self, ans: Any) -> list[Any]:
        return flatten(self.result(ans))[0]


def _inexact(leaf: Any) -> bool:
    return isinstance(leaf, float | complex | np.ndarray | np.inexact | Tracked)


def _number(value: Any, like: Any) -> Any:
    """A cotangent or tangent that a rule of the user's returned, as NumPy has it; None is zero."""
    if value is None:
        return np.zeros(np.shape(like))[()]
    return value if isinstance(value, Tracked) else np.asarray(value)[()]


def _reverse(out: Any, leaves: Any, tracked: Any, call: _Call) -> Function:
    if call.function in primitive_vjps or call.function not in primitive_jvps or call.function in linear_primitives:
        pull = call.cotangents(out, leaves, tracked)
        return lambda g: tuple(pull(g))
    still = [np.zeros_like(np.asarray(getval(leaves[place])))[()] for place in tracked]
    return vjp(lambda *moved: _whole(call.tangent(out, leaves, tracked, moved), np.shape(out)), *still)[1]


def _forward(out: Any, leaves: Any, tangents: Any, call: _Call) -> Any:
    places = tuple(i for i, tangent in enumerate(tangents) if tangent is not None)
    moved = [tangents[place] for place in places]
    if call.function in primitive_jvps or call.function not in primitive_vjps:
        return call.tangent(out, leaves, places, moved)
    pull = call.cotangents(out, leaves, places)
    still = np.zeros_like(np.asarray(getval(out)))[()]
    # The pullback is linear in g, and the transpose of a transpose is the map itself.
    shapes = [np.shape(leaves[place]) for place in places]
    transposed = vjp(lambda g: tuple(map(_whole, pull(g), shapes)), still)[1]
    return transposed(tuple(moved))[0]


def _whole(value: Any, shape: tuple[int, ...]) -> Any:
    return value if np.shape(value) == shape else np.broadcast_to(value, shape)
