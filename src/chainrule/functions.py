"""The catalogue of elementary functions: each with its derivative, its formulas, its domain and a window to draw it in.

    >>> import chainrule as cr
    >>> cr.functions.tan(0.5), cr.functions.tan.derivative(0.5)
    (np.float64(0.5463024898437905), np.float64(1.2984464104095248))
    >>> cr.functions.power(3).derivative_formula.text()
    '3x²'

An entry acts on numbers and arrays, entry by entry, in radians where there are angles; integers count as float64.
Everything an entry knows of its derivative is read off the table in `chainrule.rules`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engine.values import Tracked
from chainrule.formula.data import Data
from chainrule.formula.expression import Constant, Expression, Symbol, evaluate
from chainrule.formula.formula import Formula
from chainrule.formula.simplify import simplify
from chainrule.formula.textbook import textbook
from chainrule.rules.symbolic import derivative_expression, domain_expression
from chainrule.transforms.directions import derivative

_x: Any = Symbol("x")
_e = Constant(math.e, "e")


@dataclass(frozen=True, eq=False)
class ElementaryFunction(Data):
    """One function of the catalogue, of the variable x.

    `window` is the interval to draw it over and `at` the point to draw its tangent at.
    """

    name: str
    expression: Expression
    window: tuple[float, float]
    at: float = 1.0

    def __call__(self, x: Any) -> Any:
        """The function's values, in the shape of `x`. A result that is too large is infinite, without a warning."""
        x = _inexact(x)
        with np.errstate(over="ignore", under="ignore"):
            value = evaluate(self.expression, {"x": x})
        if np.shape(value) != np.shape(x):  # a constant
            value = np.full(np.shape(x), value, dtype=x.dtype)[()]
        return value

    def derivative(self, x: Any) -> Any:
        """The derivative's values, in the shape of `x`; NaN outside the domain."""
        x = _inexact(x)
        with np.errstate(over="ignore", under="ignore"):
            return derivative(self.__call__)(x)

    @property
    def formula(self) -> Formula:
        """The function as a formula; `.text()` and `.latex()` read it."""
        return Formula(self.expression)

    @property
    def derivative_formula(self) -> Formula:
        """The derivative as a formula, read off the table and simplified."""
        return Formula(textbook(derivative_expression(self.expression, "x")))

    @property
    def domain(self) -> Formula | None:
        """The condition under which the function is defined, or None where that is everywhere."""
        condition = domain_expression(self.expression)
        return None if condition is None else Formula(simplify(condition))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variable's name."""
        return ("x",)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from chainrule.formula.equations import of_equations  # late: only notebooks need it

        equations = [
            rf"f\left(x\right) = {self.formula.latex()}",
            rf"f'\left(x\right) = {self.derivative_formula.latex()}",
        ]
        return of_equations(include, exclude, repr(self), equations)

    def __repr__(self) -> str:
        return f"<function {self.formula.text()}, derivative {self.derivative_formula.text()}>"


def _inexact(x: Any) -> Any:
    if isinstance(x, (Tracked, Expression)):
        return x
    x = np.asarray(x)
    return (x if x.dtype.kind in "fc" else x.astype(np.float64))[()]


def _number(value: float, name: str) -> Constant:
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    if value == math.e:
        return _e
    return Constant(int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value))


def constant(c: float = 1.0) -> ElementaryFunction:
    """The constant function c; its derivative is 0."""
    return ElementaryFunction("constant", _number(c, "the constant"), (-2, 2))


def power(n: float = 2.0) -> ElementaryFunction:
    """The power xⁿ; its derivative is n·xⁿ⁻¹."""
    exponent = _number(n, "the exponent")
    whole = float(n).is_integer()
    window = (-2, 2) if whole and n >= 0 else (-2, 2) if whole else (0, 3)
    return ElementaryFunction("power", _x**exponent, window)


def exp(a: float = math.e) -> ElementaryFunction:
    """The exponential aˣ for a base a > 0; its derivative is aˣ·ln a. Without an argument it is eˣ."""
    if not a > 0:
        raise ValueError(f"the base of an exponential must be positive, not {a!r}")
    return ElementaryFunction("exp", np.exp(_x) if a == math.e else _number(a, "the base") ** _x, (-2, 2))


def log(base: float = math.e) -> ElementaryFunction:
    """The logarithm of x > 0 to a base b > 0 other than 1: ln x if none is given; its derivative is 1/(x·ln b)."""
    if not base > 0 or base == 1:
        raise ValueError(f"the base of a logarithm must be positive and not 1, not {base!r}")
    direct: dict[float, Any] = {math.e: np.log, 10: np.log10, 2: np.log2}
    if base in direct:
        return ElementaryFunction("log", direct[base](_x), (0.01, 3))
    return ElementaryFunction("log", np.log(_x) / np.log(_number(base, "the base")), (0.01, 3))


def _entry(ufunc: Any, window: tuple[float, float], at: float = 1.0) -> ElementaryFunction:
    return ElementaryFunction(ufunc.__name__, ufunc(_x), window, at)


sin = _entry(np.sin, (-5, 5))
cos = _entry(np.cos, (-5, 5))
tan = _entry(np.tan, (-1.5, 1.5))
arcsin = _entry(np.arcsin, (-0.999, 0.999), 0.25)
arccos = _entry(np.arccos, (-0.999, 0.999), 0.25)
arctan = _entry(np.arctan, (-5, 5), 0.25)
sinh = _entry(np.sinh, (-5, 5), 0.25)
cosh = _entry(np.cosh, (-5, 5), 0.25)
tanh = _entry(np.tanh, (-5, 5), 0.25)
arcsinh = _entry(np.arcsinh, (-5, 5), 0.25)
arccosh = _entry(np.arccosh, (1, 5), 2.0)
arctanh = _entry(np.arctanh, (-0.999, 0.999), 0.25)
sqrt = _entry(np.sqrt, (0, 4))
cbrt = _entry(np.cbrt, (-2, 2))
square = _entry(np.square, (-2, 2))
reciprocal = _entry(np.reciprocal, (-2, 2))
absolute = _entry(np.absolute, (-2, 2))
exp2 = _entry(np.exp2, (-2, 2))
expm1 = _entry(np.expm1, (-2, 2))
log1p = _entry(np.log1p, (-0.99, 3))
sinc = _entry(np.sinc, (-4, 4), 0.25)

TUTORIAL = (
    constant(1), power(2), power(3), exp(), exp(10), log(), log(10), sin, cos, tan,
    arcsin, arccos, arctan, sinh, cosh, tanh,
)  # fmt: skip
"""The functions of the tutorial's figures 1 to 7.3, in its order."""
