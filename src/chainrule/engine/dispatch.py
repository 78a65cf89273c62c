"""Find the rule of a call with tracked arguments, and hand it to the trace of the innermost transform among them.

Traces are numbered in order of opening, so an inner transform has the higher number, whatever thread it runs in, and
values of outer transforms are constants to it. There is no global state.
"""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from types import NoneType
from typing import Any

import numpy as np

from chainrule.engine.assignment import (
    check_target,
    check_writeable,
    has_tracked,
    joined,
    plain_tree,
    settled_tree,
    tracked_in,
)
from chainrule.engine.buffer import Buffer, as_buffer
from chainrule.engine.definitions import lazily_refused, raised_by_user, refusal, run_definition
from chainrule.engine.location import at_user_line, is_users
from chainrule.engine.lost import lost
from chainrule.engine.values import Tracked, complex_among, plain, settled
from chainrule.errors import ChainruleError, LazyError, NoRuleError, TrackingError
from chainrule.formula.expression import Function
from chainrule.rules import TABLE, Composite, Elementwise, Piecewise, Rule, Structural, UnknownPartialError, find
from chainrule.rules.function import is_lazy
from chainrule.rules.lazy import lazy_form
from chainrule.rules.memory import replace, replace_parts, replace_through
from chainrule.rules.methods import METHODS
from chainrule.rules.options import WITH_OPTIONS
from chainrule.rules.rule import OWN_RULE, in_dtype

_MAKING = frozenset((np.zeros_like, np.ones_like, np.empty_like, np.full_like))
"""Functions that make arrays to be written to."""


def apply(function: Function, args: Any, kwargs: Any) -> Any:
    """`function(*args, **kwargs)` with at least one tracked argument, by its rule in the table.

    Raises NoRuleError for a function that is not in the table, TrackingError for a tracked value in an argument that
    has no derivative.
    """
    rule = TABLE.get(function) or find(function)
    kind = type(rule)
    for value in args:
        if type(value) is Buffer:
            if kind is not Composite or not rule.writes:  # type: ignore[union-attr]
                return function(*map(_constant, args), **kwargs)
            args = (args[0], *map(_constant, args[1:]))
            break
    if kind is not NoneType and (len(args) > 2 or "out" in kwargs):
        out = _given_out(function, args, kwargs)
        if out is not None:
            return _written(function, args, kwargs, out)
    optioned = kwargs and ("where" in kwargs or "initial" in kwargs) and function in WITH_OPTIONS
    if optioned or (kind is not Structural and (kind is not Elementwise or rule.of_complex is not None)):  # type: ignore[union-attr]
        staging = None if kind is Composite and rule.writes else _staging(args, kwargs)  # type: ignore[union-attr]
        if staging is not None and (kind is not Piecewise or rule.of_values):  # type: ignore[union-attr]
            return staging.call(function, args, kwargs)
    if optioned:
        return run_definition(WITH_OPTIONS[function], function, called(function), args, kwargs, asks=True)
    if kind is Elementwise or kind is Structural:
        for value in kwargs.values():
            if isinstance(value, Tracked):
                args, kwargs = _positional(function, args, kwargs)
                break
        if kind is Elementwise:
            if rule.of_complex is not None and complex_among(*args):  # type: ignore[union-attr]
                of_complex = rule.of_complex  # type: ignore[union-attr]
                return run_definition(of_complex, function, called(function), args, kwargs, asks=True)
            for value in args:
                if type(value) is list or type(value) is tuple:  # formulas compare and compute with their operands
                    args = [_listed(value) for value in args]
                    break
        operands = args
        operands_in_list = kind is Structural and rule.operands == -1  # type: ignore[union-attr]
        if operands_in_list:
            if not args:
                args, kwargs = _positional(function, args, kwargs)
            operands = list(args[0])
            args = (operands, *args[1:])
        elif kind is Structural:
            operands = args[: rule.operands]  # type: ignore[union-attr]
        if kind is Structural:
            for operand in operands:
                kind_of_operand = type(operand)
                listed = kind_of_operand is list or kind_of_operand is tuple
                if kind_of_operand is Buffer or (listed and has_tracked(operand)):
                    operands = [_listed(value) for value in operands]
                    args = (operands, *args[1:]) if operands_in_list else (*operands, *args[len(operands) :])
                    break
        top: Any = None
        for operand in operands:
            if isinstance(operand, Tracked) and (top is None or operand.transform.level > top.level):
                top = operand.transform
        if kind is Structural and len(args) > 1:
            for value in tracked_in(args[1 if operands_in_list else len(operands) :]):
                if not value.staged:
                    raise _tracked_option(function)
                if top is None or value.transform.level > top.level:  # a staged mask, or staged positions
                    top = value.transform
        if top is None:
            raise _tracked_option(function)
        try:
            return top.process(rule, args, kwargs)
        except UnknownPartialError as unknown:
            raise no_partial(function, unknown.position) from None
        except (TypeError, IndexError, NotImplementedError) as reason:
            if isinstance(reason, LazyError) or any(is_lazy(plain(operand)) for operand in operands):
                raise lazily_refused(called(function), reason) from reason
            if isinstance(reason, ChainruleError) or raised_by_user(reason):
                raise
            if any(getattr(operand, "__array_ufunc__", reason) is None for operand in operands):
                return NotImplemented  # the other operand has the operator: a Polynomial of NumPy's
            raise refusal(called(function), operands, reason) from reason
    if kind is Composite:
        if rule.writes:  # type: ignore[union-attr]
            check_target(args, kwargs)
        asks = rule.asks  # type: ignore[union-attr]
        made = run_definition(rule.definition, function, called(function), args, kwargs, asks)  # type: ignore[union-attr]
        return as_buffer(made) if function is np.full_like and _for_user() else made
    if kind is Piecewise:
        try:
            untracked = settled_tree if rule.of_values else plain_tree  # type: ignore[union-attr]
            args, kwargs = untracked(args), untracked(kwargs)
            made = lazy_form(function, args)(*args, **kwargs)
            return as_buffer(made) if function in _MAKING and _for_user() else made
        except LazyError as reason:
            raise lazily_refused(called(function), reason) from reason
        except (ValueError, IndexError, TypeError) as reason:
            raise refusal(called(function), [a for a in args if isinstance(a, Tracked)], reason) from reason
    raise NoRuleError(
        f"there is no rule yet for {called(function)}, called{at_user_line()} on a tracked value. "
        "Write it with functions that have rules (chainrule table lists them), give it a derivative with cr.custom, "
        "or use cr.stop_gradient on its arguments if their derivatives are not wanted."
    )


def _listed(operand: Any) -> Any:
    """An operand that may be a list, in which tracked values may be, as an array."""
    if type(operand) is not list and type(operand) is not tuple:
        return _constant(operand)
    return joined(operand) if has_tracked(operand) else np.asarray(operand)


def _constant(value: Any) -> Any:
    """A buffer as the rules take it, a plain array that cannot change; anything else as it is."""
    if type(value) is not Buffer:
        return value
    array = np.array(value, order="K")
    array.flags.writeable = False
    return array


def _for_user() -> bool:
    """Whether the function of NumPy that is being dispatched was called by the user, not by a rule."""
    frame = sys._getframe(2)
    while frame.f_code.co_name == "__array_function__" and frame.f_back is not None:
        frame = frame.f_back
    return is_users(frame)


def _staging(args: Any, kwargs: Any) -> Any:
    """The trace that makes a program of a call, if the innermost transform among its arguments is one; else None."""
    innermost: Any = None
    for value in tracked_in([*args, *kwargs.values()]):
        if innermost is None or value.transform.level > innermost.transform.level:
            innermost = value
    return innermost.transform if innermost is not None and innermost.staged else None


def _tracked_option(function: Function) -> TrackingError:
    return TrackingError(
        f"{called(function)} got a tracked value{at_user_line()} in an argument that has no derivative. "
        "Pass cr.stop_gradient(v) there."
    )


def no_partial(function: Function, position: int) -> NoRuleError:
    """The error for a tracked argument by which a function has no derivative that we know."""
    return NoRuleError(
        f"there is no rule for the derivative of {called(function)} by its argument {position + 1}, "
        f"which is tracked{at_user_line()}. Pass cr.stop_gradient(v) there if that derivative is not wanted."
    )


def called(function: Function) -> str:
    """The name by which users call a function: `np.linalg.inv`."""
    name = getattr(function, "__name__", function)
    if hasattr(function, OWN_RULE):
        return str(name)
    if isinstance(function, np.ufunc) and getattr(np, str(name), None) is not function:
        return f"scipy.special.{name}" if str(name).isidentifier() else str(name)  # np.frompyfunc: "f (vectorized)"
    if function is operator.getitem:
        return "indexing"
    module = (getattr(function, "__module__", None) or "numpy").replace("numpy", "np", 1)
    return f"{module}.{name}"


def failed(rule: Rule, operands: Iterable[Any], reason: Exception) -> Exception:
    """The error for operands that a function refused, with their shapes and the user's line."""
    writes = rule.function in (replace, replace_through, replace_parts)
    return refusal("an assignment" if writes else called(rule.function), operands, reason)


def _positional(function: Function, args: Any, kwargs: Any) -> tuple[Any, Any]:
    """Keyword arguments moved to their places in the signature."""
    import inspect  # late: this is the rare way to call a function

    bound = inspect.signature(function).bind(*args, **kwargs)
    return bound.args, bound.kwargs


def call_ufunc(ufunc: np.ufunc, inputs: Any, kwargs: dict[str, Any]) -> Any:
    """A ufunc with keyword arguments. Where `where` is False, NumPy leaves the result undefined; here it is NaN."""
    out = _given_out(ufunc, inputs, kwargs)
    if out is not None:
        return _written(ufunc, inputs, kwargs, out)
    kwargs = {name: value for name, value in kwargs.items() if name != "out"}
    rule = TABLE.get(ufunc)
    if isinstance(rule, (Composite, Piecewise, NoneType)):  # it has options of its own, which its definition knows
        return apply(ufunc, inputs, kwargs)
    where = settled(kwargs.pop("where", True))
    if set(kwargs) - {"dtype", "casting", "order", "subok"}:
        raise NoRuleError(
            f"np.{ufunc.__name__} with {', '.join(sorted(kwargs))}={at_user_line()} has no rule yet. "
            "Move the axes first, with np.moveaxis."
        )
    if kwargs and type(rule) is Structural:
        definition = functools.partial(_in_loop, ufunc)
        return run_definition(definition, ufunc, called(ufunc), inputs, kwargs, asks=True)
    if where is True:
        return apply(ufunc, inputs, kwargs)
    with np.errstate(all="ignore"):  # entries that are left out are not to be evaluated, so they must not warn
        return np.where(where, apply(ufunc, inputs, kwargs), np.nan)


def _in_loop(ufunc: np.ufunc, *inputs: Any, dtype: Any = None, **options: Any) -> Any:
    """A ufunc of whole arrays as its loop for `dtype` computes it: of operands that have this dtype."""
    return ufunc(*(inputs if dtype is None else [in_dtype(value, dtype) for value in inputs]))


def _given_out(function: Function, args: Any, kwargs: Any) -> Any:
    """The tracked array to which a call with out= writes, None where it has no out=.

    Raises TrackingError for a plain array: it would hold plain values. ValueError for a read-only one, as NumPy does.
    """
    out = kwargs.get("out")
    position = _place_of_out(function)
    if out is None and position is not None and len(args) > position:
        out = args[position]
    if isinstance(out, tuple):
        out = out[0] if len(out) == 1 else None if all(part is None for part in out) else out
    if out is not None and not isinstance(out, Tracked | Buffer):
        if isinstance(out, np.ndarray):
            check_writeable(out)
        raise lost(
            next(iter(tracked_in([*args, *kwargs.values()])), None),
            f"{called(function)} writing a tracked result into a plain array (out=, or an operator such as +=)",
            "Use the result instead, y = np.add(y, v) or y = y + v; with where=, np.where(condition, result, y).",
        )
    return out


def _written(function: Function, args: Any, kwargs: Any, out: Any) -> Any:
    """A call with out=: the result without it, written into `out`, which is tracked. Returns `out`, as NumPy does."""
    for target in out if isinstance(out, tuple) else (out,):
        if type(plain(target)) is np.ndarray:
            check_writeable(plain(target))
    options = {name: value for name, value in kwargs.items() if name != "out"}
    position = _place_of_out(function)
    if position is not None and len(args) > position:
        args = (*args[:position], None, *args[position + 1 :])
    is_ufunc = isinstance(function, np.ufunc)
    where = plain_tree(options.pop("where", True)) if is_ufunc else True
    with np.errstate(all="ignore") if where is not True else nullcontext():
        result = function(*args, **options)
        result = result if where is True else np.where(where, result, out)
    dtype = plain(result).dtype
    if not np.can_cast(dtype, out.dtype, "same_kind") or (dtype != out.dtype and not is_ufunc):
        raise TrackingError(
            f"{called(function)} with out= of {out.dtype}{at_user_line()} has a result of {dtype}. "
            "Use the result instead of out=."
        )
    out[...] = result
    return out


@functools.cache
def _place_of_out(function: Function) -> int | None:
    """The position of the argument `out` of a NumPy function, None if it has no such argument or only by keyword."""
    if isinstance(function, np.ufunc):
        return function.nin
    import inspect  # late: only calls with many arguments get here

    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    for position, parameter in enumerate(parameters):
        if parameter.name == "out" and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            return position
    return None


def call_ufunc_method(ufunc: np.ufunc, method: str, inputs: Any, kwargs: Any) -> Any:
    if method == "at":
        if not isinstance(inputs[0], Tracked | Buffer):
            raise lost(
                next(iter(tracked_in(inputs)), None),
                f"np.{ufunc.__name__}.at writing into a plain array",
                "Build the result with indexing and np.sum instead.",
            )
        return METHODS[method](ufunc, *inputs)
    out = _given_out(getattr(ufunc, method), (), kwargs)
    if out is not None:
        return _written(getattr(ufunc, method), inputs, kwargs, out)
    kwargs = {name: value for name, value in kwargs.items() if name != "out"}
    rule = TABLE.get(ufunc)
    if isinstance(rule, Piecewise):
        return getattr(ufunc, method)(*settled_tree(inputs), **settled_tree(kwargs))
    staging = _staging(inputs, kwargs)
    if staging is not None:
        return staging.call(getattr(ufunc, method), inputs, kwargs)
    if rule is None:
        raise NoRuleError(
            f"there is no rule yet for np.{ufunc.__name__}.{method}, called{at_user_line()} on a tracked value."
        )
    name = f"np.{ufunc.__name__}.{method}"
    definition = functools.partial(METHODS[method], ufunc)
    return run_definition(definition, getattr(ufunc, method), name, inputs, kwargs, asks=True)
