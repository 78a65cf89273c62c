"""A user's own function with a derivative of its own: a formula, explicit rules, or another function's derivative."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.arguments import parameter_names
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain, whole
from chainrule.errors import GradientCheckError, RuleError
from chainrule.formula.expression import Expression, Symbol, expression, free_symbols, substitute
from chainrule.formula.formula import Formula, parse
from chainrule.formula.parser import read
from chainrule.rules import Elementwise, Structural
from chainrule.rules.function import overrides
from chainrule.rules.rule import ARGUMENT_NAMES, OWN_RULE
from chainrule.transforms.directions import jvp, vjp

Function = Callable[..., Any]


def custom(
    f: Function | None = None,
    *,
    formula: Any = None,
    forward: Function | None = None,
    reverse: Function | None = None,
    like: Function | None = None,
    domain: Any = None,
    samples: Sequence[Any] | None = None,
    surrogate: bool = False,
) -> Any:
    """`f` as a function with a derivative of its own. It may also be used as a decorator: `@cr.custom(formula=...)`.

    The result is a plain function that works on numbers, arrays and tracked values, in every transform and nesting.
    What the body of `f` does is not differentiated, so it may be anything: a library's function, a loop, compiled code.
    Its result is one number or array; whole numbers count as float64. The derivative is given in one of three ways:

    - `formula`: the partial derivative by each argument, for a function that acts entry by entry on up to four
      arguments. One formula, or a tuple with one for each; text or an expression (`cr.symbols`); in the names of the
      function's arguments (or x, y, z, w), and `out` for its value. None: the function is constant in that argument.
      `domain` is a condition in the same names: outside of it the derivative is NaN.
    - `forward(out, primals, tangents, **options)`, the tangent of the result, and/or
      `reverse(out, primals, g, **options)`, a cotangent for each primal (with one primal it may stand alone; None is
      zero). Given one, the other is derived from it. `primals` and `tangents` are tuples. Written with NumPy's
      functions, the rules are differentiated in turn for higher derivatives.
    - `like`: another function of the same arguments, whose derivative is used.

    With rules or `like`, the arguments of `f` that have defaults are options: they are not differentiated. If `f` takes
    any number of arguments (`*xs`), each of them is differentiated, and its options are given by keyword.

    The derivative is checked here and now, in both directions, against central differences at each of the `samples`
    (tuples of arguments; for one argument also the arguments themselves), to one part in a hundred thousand. Formulas
    bring samples of their own; an empty sequence leaves the check out. `surrogate` says that the derivative is not that
    of `f` on purpose (a straight-through estimator): then forward and reverse rule are compared with one another only.

    Raises RuleError where the number of formulas, cotangents or sample arguments, or a shape, does not fit or a value
    is not finite, and GradientCheckError where the derivative is wrong.

    >>> import numpy as np, chainrule as cr
    >>> @cr.custom(formula="1 / (1 + |x|)^2")
    ... def softsign(x):
    ...     return x / (1 + abs(x))
    >>> cr.derivative(softsign)(np.array([0.0, 1.0]))
    array([1.  , 0.25])
    """
    if f is None:
        return functools.partial(
            custom, formula=formula, forward=forward, reverse=reverse, like=like, domain=domain, samples=samples,
            surrogate=surrogate,
        )  # fmt: skip
    ways = [formula is not None, forward is not None or reverse is not None, like is not None]
    if sum(ways) != 1:
        raise RuleError(
            f"cr.custom got {'no derivative' if not any(ways) else 'more than one derivative'} for {_name(f)}"
            f"{at_user_line()}. Give one of formula=, forward= and/or reverse=, or like=."
        )
    if formula is not None:
        function = _with_formulas(f, formula, domain)
        if samples is None:
            samples = [tuple(first + 0.25 * i for i in range(len(_arguments(f)))) for first in (0.15, 0.35, 0.7)]
    else:
        if domain is not None:
            raise RuleError(f"domain= belongs to formula=; {_name(f)} has none{at_user_line()}")
        if samples is None:
            raise RuleError(
                f"cr.custom needs points at which to check the derivative of {_name(f)}{at_user_line()}: "
                "samples=[(argument, …), …]. An empty list leaves the check out."
            )
        if like is not None:
            forward, reverse = _rules_like(like)
        function = _with_rules(f, forward, reverse)
    for sample in samples:
        _check(function, f, sample if isinstance(sample, tuple) else (sample,), surrogate)
    return function


# ---------------------------------------------------------------------- the three ways to give a derivative


def _with_formulas(f: Function, formula: Any, domain: Any) -> Function:
    """The function with an elementwise rule."""
    fixed = _parameters(f, any_number=False)
    names = _arguments(f)
    if len(names) != len(fixed):
        raise RuleError(
            f"{_name(f)} has arguments that are given by keyword or have defaults{at_user_line()}. A formula cannot "
            "see those: make them ordinary arguments, or give forward= or reverse=."
        )
    if len(names) > len(ARGUMENT_NAMES):
        raise RuleError(
            f"{_name(f)} has {len(names)} arguments{at_user_line()}; formulas are for at most "
            f"{len(ARGUMENT_NAMES)}. Give forward= or reverse= instead."
        )
    given = formula if isinstance(formula, tuple | list) else (formula,)
    if len(given) != len(names):
        raise RuleError(
            f"cr.custom got {len(given)} formula{'s' * (len(given) != 1)} for {_name(f)}{at_user_line()}, which has "
            f"{len(names)} argument{'s' * (len(names) != 1)} ({', '.join(names)}): give one for each, None for an "
            "argument in which it is constant."
        )
    partials = tuple(_in_table_names(0 if one is None else one, f, names) for one in given)
    condition = None if domain is None else _in_table_names(_condition(domain), f, names)
    function = _dispatching(f, names)
    sample = ((-2.0, 2.0),) * len(names)
    made = Elementwise(function, partials, partials, partials, condition, condition, (), sample, "given by the user")
    setattr(function, OWN_RULE, made)
    return function


def _condition(domain: Any) -> Any:
    """A condition given as text as the expression that it is."""
    return read(domain)[0] if isinstance(domain, str) else domain


def _in_table_names(formula: Any, f: Function, names: Sequence[str]) -> Expression:
    """A formula over the names of the function's arguments as one over x, y, z, w, the names used in the table."""
    if isinstance(formula, str):
        formula = parse(formula)
    made = formula.expression if isinstance(formula, Formula) else expression(formula)
    used = set(free_symbols(made)) - {"out"}
    if used <= set(names):
        return substitute(made, {name: Symbol(ours) for name, ours in zip(names, ARGUMENT_NAMES, strict=False)})
    unknown = sorted(used - set(ARGUMENT_NAMES[: len(names)]))
    if unknown:
        raise RuleError(
            f"the formula for {_name(f)} uses {', '.join(unknown)}{at_user_line()}, but its arguments are "
            f"{', '.join(names)} (in formulas also {', '.join(ARGUMENT_NAMES[: len(names)])}, and out for the value)."
        )
    return made


def _with_rules(f: Function, forward: Function | None, reverse: Function | None) -> Function:
    """The function with rules written out; the one that is missing is derived from the other."""
    names = _arguments(f)
    many = _takes_any_number(f)
    function, ruled = _dispatching_many(f) if many else (_dispatching(f, names),) * 2

    def push(out: Any, primals: Any, tangents: Any, **options: Any) -> Any:
        given = tuple(
            np.zeros(np.shape(primal))[()] if tangent is None else tangent
            for primal, tangent in zip(primals, tangents, strict=True)
        )
        if forward is not None:
            moved = _array(forward(out, tuple(primals), given, **options))
        else:  # the reverse rule is linear in g, and the transpose of a transpose is the map itself
            still = np.zeros_like(plain(out))[()]
            moved = vjp(lambda g: _pulled(f, reverse, out, primals, g, options), still)[1](given)[0]
        return _fitting(moved, np.shape(out), f"the forward rule of {_name(f)} returned a tangent", "a result")

    def pull(out: Any, primals: Any, tracked: Any, **options: Any) -> Callable[[Any], tuple[Any, ...]]:
        def pullback(g: Any) -> tuple[Any, ...]:
            if reverse is not None:
                cotangents = _pulled(f, reverse, out, primals, g, options)
            else:  # the forward rule is linear in the tangents: transpose it
                still = [np.zeros(np.shape(primal))[()] for primal in primals]
                cotangents = vjp(lambda *tangents: push(out, primals, tangents, **options), *still)[1](g)
            return tuple(cotangents[i] for i in tracked)

        return pullback

    operands = -1 if many else len(names)
    setattr(ruled, OWN_RULE, Structural(ruled, operands, pull, push, source="given by the user"))
    return function


def _pulled(f: Function, reverse: Any, out: Any, primals: Any, g: Any, options: Any) -> tuple[Any, ...]:
    """The cotangents that the user's reverse rule returns, one for each primal, each in its primal's shape."""
    cotangents = reverse(out, tuple(primals), g, **options)
    if not isinstance(cotangents, tuple | list):
        cotangents = (cotangents,)
    names = parameter_names(f, len(primals))
    if len(cotangents) != len(primals):
        raise RuleError(
            f"the reverse rule of {_name(f)} returned {len(cotangents)} cotangent{'s' * (len(cotangents) != 1)}"
            f"{at_user_line()} for its {len(primals)} arguments ({', '.join(names)}). Return one for each, in that "
            "order; None for zero."
        )
    return tuple(
        np.zeros(np.shape(primal))[()]
        if c is None
        else _fitting(_array(c), np.shape(primal), f"the reverse rule of {_name(f)} returned a cotangent", name)
        for c, primal, name in zip(cotangents, primals, names, strict=True)
    )


def _rules_like(like: Function) -> tuple[Function, Function]:
    """The forward and the reverse rule of another function."""

    def forward(out: Any, primals: Any, tangents: Any, **options: Any) -> Any:
        return jvp(functools.partial(like, **options), primals, tangents)[1]

    def reverse(out: Any, primals: Any, g: Any, **options: Any) -> Any:
        return vjp(functools.partial(like, **options), *primals)[1](g)

    return forward, reverse


# ---------------------------------------------------------------------- calls


def _dispatching(f: Function, names: Sequence[str]) -> Function:
    """`f` as a citizen of NumPy's protocols: its differentiated arguments by position, its options by keyword."""
    signature = inspect.signature(f)
    plain_call = len(names) == len(signature.parameters)

    @functools.wraps(f)
    def function(*args: Any, **options: Any) -> Any:
        if options or not plain_call:  # rules see every option, those left out as well
            bound = signature.bind(*args, **options)
            bound.apply_defaults()
            options = dict(bound.arguments)
            args = tuple(options.pop(name) for name in names)
        for argument in args:
            if overrides(argument):
                return argument.__array_function__(function, (type(argument),), args, options)
        return _computed(f, args, options)

    return function


def _dispatching_many(f: Function) -> tuple[Function, Function]:
    """:func:`_dispatching` for a function of any number of arguments, and the function of their list with the rule."""
    signature = inspect.signature(f)

    @functools.wraps(f)
    def ruled(values: Sequence[Any], **options: Any) -> Any:
        for value in values:
            if overrides(value):
                return value.__array_function__(ruled, (type(value),), (values,), options)
        return _computed(f, values, options)

    @functools.wraps(f)
    def function(*args: Any, **options: Any) -> Any:
        bound = signature.bind(*args, **options)
        bound.apply_defaults()
        return ruled(list(bound.args), **bound.kwargs)

    return function, ruled


def _computed(f: Function, args: Sequence[Any], options: dict[str, Any]) -> Any:
    """The value of `f` of plain arguments, in float64 where it is a whole number."""
    value = f(*args, **options)
    array = _array(value)
    if isinstance(value, tuple | list) or array.dtype.kind not in "biufc":
        raise RuleError(
            f"{_name(f)} returned {type(value).__name__}{at_user_line()}; a function given to cr.custom returns "
            "one number or array. Join several results with np.stack or np.concatenate."
        )
    return array.astype(np.float64)[()] if array.dtype.kind in "biu" else array


def _array(value: Any) -> Any:
    """A tracked value as it is, anything else as a NumPy scalar or array."""
    return value if isinstance(value, Tracked | Expression) else np.asarray(value)[()]


def _fitting(value: Any, shape: tuple[int, ...], what: str, of: str) -> Any:
    """`value` broadcast to `shape`. Raises RuleError if it does not fit."""
    if value.shape != shape:
        try:
            fits = np.broadcast_shapes(value.shape, shape) == shape
        except ValueError:
            fits = False
        if not fits:
            raise RuleError(f"{what} of shape {value.shape}{at_user_line()} for {of} of shape {shape}.")
    return whole(value, shape)


def _name(f: Function) -> str:
    return getattr(f, "__name__", "the function")


def _parameters(f: Function, any_number: bool = True) -> list[inspect.Parameter]:
    """The parameters of `f`. Raises RuleError where they are not known, or `any_number` of them is not allowed."""
    try:
        found = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        found = []
    refused = (inspect.Parameter.VAR_KEYWORD, *([] if any_number else [inspect.Parameter.VAR_POSITIONAL]))
    if not found or any(p.kind in refused for p in found):
        raise RuleError(
            f"the arguments of {_name(f)} cannot be told from its signature{at_user_line()}. Wrap it: "
            f"lambda x, y: {_name(f)}(x, y)."
        )
    return found


def _takes_any_number(f: Function) -> bool:
    """Whether `f` has an argument `*xs`. Raises RuleError for one before it that has a default."""
    parameters = _parameters(f)
    many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if many and any(p.default is not p.empty for p in positional):
        raise RuleError(
            f"{_name(f)} takes any number of arguments after one with a default{at_user_line()}, which would be an "
            "option. Move that behind the *, to be given by keyword."
        )
    return many


def _arguments(f: Function) -> list[str]:
    """The names of the arguments that are differentiated and always there: by position, without defaults."""
    given = [p for p in _parameters(f) if p.default is p.empty and p.kind is not p.KEYWORD_ONLY]
    if not given:
        raise RuleError(f"{_name(f)} has no argument without a default{at_user_line()}: nothing to differentiate by")
    return [p.name for p in given if p.kind is not p.VAR_POSITIONAL]


# ---------------------------------------------------------------------- the check


_STEP = 6e-6  # the cube root of float64's rounding: the best step of a central difference
_TOLERANCE = 1e-5


def _check(function: Function, f: Function, sample: tuple[Any, ...], surrogate: bool) -> None:
    """Compare both directions with central differences, one argument at a time."""
    names = _arguments(f)
    many = _takes_any_number(f)
    if len(sample) != len(names) and not (many and len(sample) > len(names)):
        raise RuleError(
            f"a sample for {_name(f)} has {len(sample)} argument{'s' * (len(sample) != 1)}{at_user_line()}, the "
            f"function {len(names)}{' or more' * many} ({', '.join(names)}). Write samples=[({', '.join(names)},), …]."
        )
    names = parameter_names(f, len(sample))
    primals = tuple(_inexact(argument) for argument in sample)
    point = ", ".join(f"{name} = {primal}" for name, primal in zip(names, primals, strict=True))
    with np.errstate(all="ignore"):
        value = np.asarray(function(*primals))
    if not np.isfinite(value).all():
        raise RuleError(
            f"{_name(f)} is {value} at {point}{at_user_line()}. Give samples= at which it is finite and smooth."
        )
    random = np.random.default_rng(20)
    pullback = vjp(function, *primals)[1]
    g = _direction(value, random)
    cotangents = pullback(g)
    for i, name in enumerate(names):
        tangents = [np.zeros_like(primal) for primal in primals]
        tangents[i] = _direction(primals[i], random)
        pushed = jvp(function, primals, tangents)[1]
        forward = float(np.real(np.sum(g * pushed)))
        reverse = float(np.real(np.sum(cotangents[i] * tangents[i])))
        expected = forward
        if not surrogate:
            step = _STEP * max(1.0, float(np.max(np.abs(primals[i]), initial=0.0)))
            above, below = (
                function(*(p + sign * step * t for p, t in zip(primals, tangents, strict=True))) for sign in (1, -1)
            )
            expected = float(np.real(np.sum(g * (above - below)))) / (2 * step)
        size = float(np.sum(np.abs(g * value))) + abs(expected)
        for direction, found in (("forward", forward), ("reverse", reverse)):
            if not abs(found - expected) <= _TOLERANCE * max(abs(expected), 1e-3 * size, 1e-10):
                against = "its forward rule gives" if surrogate else "central differences give"
                raise GradientCheckError(
                    f"the derivative given for {_name(f)} by {name} is wrong{at_user_line()}: at {point} it gives "
                    f"{found:.8g} in {direction} mode, but {against} {expected:.8g}"
                    f"{'' if value.ndim == 0 else ' (along a random direction)'}."
                )


def _inexact(argument: Any) -> Any:
    array = np.asarray(argument)
    return (array if array.dtype.kind in "fc" else array.astype(np.float64))[()]


def _direction(value: Any, random: Any) -> Any:
    """1 for a number; for an array entries of both signs, no two alike."""
    if np.ndim(value) == 0:
        return np.ones_like(value)[()]
    return (random.choice([-1.0, 1.0], np.shape(value)) * random.uniform(0.5, 1.0, np.shape(value))).astype(value.dtype)
