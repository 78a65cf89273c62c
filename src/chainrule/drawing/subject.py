"""Turn what a caller wants drawn into one thing: values, slopes, a formula where there is one, a window, a
point.

A subject comes from a plain NumPy function, a catalogue entry, a formula, or a formula's text. Its
`expression` is read by calling the function on a symbol. A function that a symbol cannot follow (a Python
`if`, `math.sin`) has none, and `reason` says why; the same holds where the tree's values differ from the
function's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.faults import Message, Parameter, finite
from chainrule.engine.arguments import parameter_names
from chainrule.engine.results import untracked_result
from chainrule.errors import (
    ChainruleError,
    FormulaError,
    NoRuleError,
    NotDifferentiableError,
    ShapeError,
    TrackingError,
)
from chainrule.formula.expression import Constant, Expression, Symbol, evaluate, expression, free_symbols, substitute
from chainrule.formula.formula import Formula, parse
from chainrule.showing.language import Phrase
from chainrule.transforms.directions import derivative
from chainrule.transforms.gradients import value_and_grad

Floats = NDArray[np.float64]
Values = Callable[[Floats], Floats]

_NO_VALUE = (ValueError, ZeroDivisionError, OverflowError)
"""What Python's own mathematics raises where a function has no value: math.log(-1), 1 / 0, math.exp(1000)."""


@dataclass(frozen=True)
class Subject:
    """A function of one variable, ready to be sampled.

    `values` and `slopes` map an array of numbers to arrays of the same shape, NaN where there is no value. `number`
    gives the value and the derivative at one number, as :func:`chainrule.grad` has them. `quick` tells whether the
    function takes whole arrays, `parameters` are the values that were put into it.
    """

    values: Values
    slopes: Values
    number: Callable[[float], tuple[float, float]]
    variable: str
    expression: Expression | None
    reason: str | None = None
    window: tuple[float, float] | None = None
    at: float | None = None
    quick: bool = True
    parameters: tuple[tuple[str, float], ...] = ()
    function: Callable[..., Any] | None = None

    def derivative(self, order: int) -> Values:
        """The derivative of this order, as `slopes` is the first."""
        if order == 1 or self.function is None:
            return self.slopes
        f = self.function
        for _ in range(order - 1):
            f = derivative(f)
        return _slopes(f)


def subject(f: Any, parameters: Mapping[str, float] | None = None) -> Subject:
    """The subject that `f` stands for: a function, a catalogue entry, a formula or a formula's text.

    `parameters` are the values of further variables, by their names; those that `f` does not have are left to others.
    Raises ShapeError when `f` takes several variables, FormulaError for a text that cannot be read, and
    NotDifferentiableError for anything that is not a function.

    >>> subject(lambda x: x**2).slopes(np.array([3.0]))
    array([6.])
    """
    if isinstance(f, str):
        f = parse(f)
    if not callable(f):
        raise NotDifferentiableError(
            f"draw needs a function of one variable, but got {type(f).__name__}: {f!r}. "
            'Pass a function such as np.sin, or a formula\'s text such as "x^2 - 1".'
        )
    f, put_in = _with_parameters(f, parameters or {})
    _require_one_variable(f)
    if isinstance(f, Formula) and not f.variables:
        value = f()
        return replace(subject(lambda x: value), parameters=put_in)
    tree, reason = _expression(f)
    names = free_symbols(tree) if tree is not None else ()
    values, quick = _values(f)
    if tree is not None and not _agree(tree, values):
        tree, reason = None, "its formula gives other values than the function itself"
    return Subject(
        values=values,
        slopes=_slopes(f),
        number=_number(f),
        variable=names[0] if names else "x",
        expression=tree,
        reason=reason,
        window=getattr(f, "window", None),
        at=None if isinstance(f, np.ufunc) else getattr(f, "at", None),  # np.sin.at is a method of NumPy's
        quick=quick,
        parameters=put_in,
        function=f,
    )


def has_variable(f: Any, name: str) -> bool:
    """Whether a function, a formula or a formula's text has a variable of this name."""
    if isinstance(f, str):
        f = parse(f)
    if isinstance(f, Formula):
        return f.variable(name) is not None
    return name in (parameter_names(f) or parameter_names(f, 1))


def _with_parameters(f: Any, given: Mapping[str, float]) -> tuple[Any, tuple[tuple[str, float], ...]]:
    """`f` with the values put in of the variables that it has, and these values by their names."""
    if isinstance(f, Formula):
        known = {f.variable(name): value for name, value in given.items()}
        put_in = tuple((name, finite(value, name)) for name, value in known.items() if name is not None)
        values: dict[str, Any] = {name: _constant(value) for name, value in put_in}
        return (Formula(substitute(f.expression, values)) if put_in else f), put_in
    names = parameter_names(f) or parameter_names(f, 1)
    put_in = tuple((name, finite(given[name], name)) for name in names if name in given)
    if not put_in:
        return f, ()
    fixed = dict(put_in)
    free = [name for name in names if name not in fixed]

    def with_values(x: Any) -> Any:
        return f(*(fixed.get(name, x) for name in names))

    return (with_values if len(free) == 1 else f), put_in


def _constant(value: float) -> Constant:
    return Constant(int(value) if value.is_integer() and abs(value) < 2**53 else value)


def _require_one_variable(f: Any) -> None:
    variables = parameter_names(f) or parameter_names(f, 1)
    is_formula = hasattr(f, "expression")
    if len(variables) == 1 or (is_formula and not variables):  # a formula without a variable is a constant
        return
    names = ", ".join(variables)
    raise ShapeError(
        Message.of(
            Phrase(
                "draw needs a function of one variable, but this one takes {count}: {names}. "
                "Give the others values: {example}.",
                "draw 需要一元函数，但这个函数有 {count} 个变量：{names}。请给其余变量取值：{example}。",
            ),
            count=len(variables),
            names=names or Phrase("none", "无"),
            example=Parameter(next((name for name in variables if name not in "xt"), "a")),
        )
    )


def _expression(f: Any) -> tuple[Expression | None, str | None]:
    """The formula of `f`, or None and the reason why there is none."""
    if isinstance(getattr(f, "expression", None), Expression):
        return f.expression, None
    try:
        return expression(f(Symbol("x"))), None
    except (
        Exception
    ) as problem:  # whatever `f` does with a symbol, drawing it from its values alone is still honest
        return None, str(problem)


def _agree(tree: Expression, values: Values) -> bool:
    """Whether the tree computes what the function computes; `if x == 0` on a symbol would silently take one
    path."""
    x = np.concatenate([np.linspace(-5.0, 5.0, 41), [-0.7310585, 0.2689414, 1.618034]])
    names = free_symbols(tree)
    if len(names) > 1:
        return False
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(np.asarray(evaluate(tree, dict.fromkeys(names, x)), float), x.shape)
    known = np.isfinite(expected)  # where the tree has no value, `if x == 0` may well give the function one
    return bool(np.array_equal(expected[known], values(x)[known]))


def _values(f: Callable[..., Any]) -> tuple[Values, bool]:
    """`f` on whole arrays, and True; point by point, and False, where `f` only takes single numbers."""

    def at_once(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return _shaped(untracked_result(f(x), f), x)

    def one_by_one(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.array([_single(f, value) for value in x], float)

    try:
        at_once(np.array([0.3, 0.7]))
    except (ShapeError, NotDifferentiableError):
        raise
    except (TypeError, ValueError):  # `if x > 0` and math.sin refuse arrays
        return one_by_one, False
    return at_once, True


def _slopes(f: Callable[..., Any]) -> Values:
    """The derivative of `f` on whole arrays; point by point where `f` only takes single numbers."""
    slope = derivative(f)

    def at_once(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return _shaped(slope(x), x)

    def one_by_one(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.array([_single(slope, value) for value in x], float)

    try:
        at_once(np.array([0.3, 0.7]))
    except (NoRuleError, NotDifferentiableError):
        raise
    except (TypeError, ValueError):
        return one_by_one
    return at_once


def _number(f: Callable[..., Any]) -> Callable[[float], tuple[float, float]]:
    """The value and the derivative of `f` at one number."""
    both = value_and_grad(f)

    def at(x: float) -> tuple[float, float]:
        try:
            with np.errstate(all="ignore"):
                value, slope = both(x)
        except ChainruleError:
            raise
        except _NO_VALUE:
            return np.nan, np.nan
        return float(value), float(slope)

    return at


def _single(f: Callable[..., Any], x: Any) -> float:
    try:
        result = untracked_result(f(float(x)), f)
    except (TrackingError, FormulaError):
        raise
    except _NO_VALUE:
        return np.nan
    return float(_shaped(result, np.asarray(x)))


def _shaped(result: Any, x: NDArray[Any]) -> Floats:
    """The result of a function as real numbers, one for each of `x` (a single number serves all)."""
    y = np.asarray(result)
    if y.dtype.kind not in "biuf":
        raise NotDifferentiableError(
            f"draw needs a function with real values, but this one returned {y.dtype}. "
            "Draw its real part, its imaginary part or its absolute value."
        )
    if y.shape not in (x.shape, ()):
        raise ShapeError(
            f"draw needs a function that returns one number for each x, but for x of shape {x.shape} "
            f"this one returned shape {y.shape}. Return an array shaped like x, without sums over it."
        )
    return np.array(np.broadcast_to(y, x.shape), dtype=float)
