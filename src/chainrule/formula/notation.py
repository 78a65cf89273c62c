r"""The notation table: how each NumPy function is written in Python, in a formula, and in LaTeX.

One row a function. A template is the text with slots for the arguments:

    <0>            the first argument as it stands (inside brackets that the template itself brings)
    <0:product>    the same, in parentheses when it binds less tightly than a product
    <1:product!>   also in parentheses when it begins with a minus sign, as in x·(−y)
    <1:sum+>       after a plus sign: an argument that begins with a minus sign turns the plus into a minus
    <0:product/>   before a slash: e^θ becomes e^(θ), for e^θ/2 could be read as e^(θ/2)
    <1:exponent>   raised: ², ˣ or ^(y + 1)
    <0:root>       under a root sign: √x, √(x + 1)
    <.>            the sign of multiplication, which is left out in 2x
    <*>            all arguments, separated by commas

A function without a row is written `name(x, y)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import numpy as np


class Precedence(IntEnum):
    """How tightly a written form holds together, from loose to tight."""

    OR = 0
    AND = 1
    NOT = 2
    COMPARISON = 3
    SUM = 4
    MODULO = 5
    QUOTIENT = 6
    PRODUCT = 7
    UNARY = 8
    POWER = 9
    ATOM = 10


@dataclass(frozen=True)
class Form:
    """A template and how tightly its result holds together."""

    template: str
    precedence: Precedence = Precedence.ATOM


@dataclass(frozen=True)
class Notation:
    """One row: a NumPy function, the number of its arguments, and how it is written in each style.

    `powered` says that a power is written on the name: sin²(x).
    """

    function: Callable[..., Any]
    arity: int
    python: Form
    math: Form
    latex: Form
    powered: bool = False

    @property
    def name(self) -> str:
        """NumPy's name of the function."""
        return str(self.function.__name__)


@dataclass(frozen=True)
class NamedConstant:
    """A famous number and how it is written in each style."""

    value: float
    python: Form
    math: Form
    latex: Form


def notation(function: Callable[..., Any]) -> Notation:
    """The row of `function`; a function that the table does not know is written `name(x, y)`.

    >>> notation(np.log).math.template, notation(np.spacing).math.template
    ('ln(<*>)', 'spacing(<*>)')
    """
    return NOTATION.get(function) or _function(function, *_SPECIAL.get(getattr(function, "__name__", ""), ()))


_SPECIAL = {"expit": ("σ", r"\sigma")}
"""How functions of SciPy are written in formulas; by name, for SciPy need not be there."""


def escaped(name: str) -> str:
    """`name` with the characters escaped that LaTeX gives a meaning to."""
    return "".join("\\" + letter if letter in "_#%&${}" else letter for letter in name)


def _function(
    function: Callable[..., Any],
    math: str | None = None,
    latex: str | None = None,
    *,
    arity: int | None = None,
    powered: bool = False,
) -> Notation:
    """A row whose function is written `name(arguments)`."""
    name = getattr(function, "__name__", str(function))
    latex = latex or rf"\operatorname{{{escaped(math or name)}}}"
    return Notation(
        function,
        getattr(function, "nin", 1) if arity is None else arity,
        python=Form(f"{name}(<*>)"),
        math=Form(f"{math or name}(<*>)"),
        latex=Form(rf"{latex}\left(<*>\right)"),
        powered=powered,
    )


def _formula(
    function: Callable[..., Any],
    math: str,
    latex: str,
    precedence: Precedence = Precedence.ATOM,
    *,
    latex_precedence: Precedence | None = None,
    python: str | None = None,
    arity: int | None = None,
) -> Notation:
    """A row whose function has a notation of its own in formulas, and a call in Python."""
    return Notation(
        function,
        getattr(function, "nin", 1) if arity is None else arity,
        python=Form(python or f"{function.__name__}(<*>)"),
        math=Form(math, precedence),
        latex=Form(latex, precedence if latex_precedence is None else latex_precedence),
    )


def _operator(
    function: np.ufunc,
    python: str,
    math: str,
    latex: str,
    precedence: Precedence,
    latex_precedence: Precedence | None = None,
    *,
    math_precedence: Precedence | None = None,
) -> Notation:
    """A row whose function is an operator in every style."""
    return Notation(
        function,
        function.nin,
        python=Form(python, precedence),
        math=Form(math, precedence if math_precedence is None else math_precedence),
        latex=Form(latex, precedence if latex_precedence is None else latex_precedence),
    )


_P = Precedence

_ROWS = (
    # arithmetic
    _operator(np.add, "<0:sum> + <1:modulo+>", "<0:sum> + <1:sum+>", "<0:sum> + <1:sum+>", _P.SUM),
    _operator(np.subtract, "<0:sum> - <1:modulo!>", "<0:sum> − <1:modulo!>", "<0:sum> - <1:modulo!>", _P.SUM),
    _operator(
        np.multiply,
        "<0:quotient><.><1:power>",
        "<0:product><.><1:product!>",
        "<0:product><.><1:product!>",
        _P.PRODUCT,
    ),
    _operator(
        np.divide,
        "<0:quotient>/<1:power>",
        "<0:product/>/<1:power>",
        r"\frac{<0>}{<1>}",
        _P.QUOTIENT,
        _P.PRODUCT,
    ),
    _operator(np.negative, "-<0:quotient!>", "−<0:quotient!>", "-<0:quotient!>", _P.UNARY),
    _operator(np.positive, "+<0:quotient!>", "+<0:quotient!>", "+<0:quotient!>", _P.UNARY),
    _operator(np.power, "<0:atom>**<1:unary>", "<0:atom><1:exponent>", "<0:atom>^{<1>}", _P.POWER),
    _operator(
        np.floor_divide,
        "<0:power>//<1:power>",
        "<0:power> // <1:power>",
        r"\left\lfloor\frac{<0>}{<1>}\right\rfloor",
        _P.MODULO,
        _P.ATOM,
    ),
    _operator(
        np.remainder,
        "<0:power> % <1:power>",
        "<0:power> mod <1:power>",
        r"<0:power>\ \mathrm{mod}\ <1:power>",
        _P.MODULO,
        math_precedence=_P.COMPARISON,  # in a textbook mod holds together least: (x mod 2) + 1
    ),
    _operator(
        np.matmul, "<0:power> @ <1:power>", "<0:power> @ <1:power>", r"<0:power> \, <1:power>", _P.MODULO
    ),
    _formula(np.square, "<0:atom>²", "<0:atom>^{2}", _P.POWER),
    _formula(np.sqrt, "√<0:root>", r"\sqrt{<0>}", _P.POWER, latex_precedence=_P.ATOM),
    _formula(np.cbrt, "∛<0:root>", r"\sqrt[3]{<0>}", _P.POWER, latex_precedence=_P.ATOM),
    _formula(np.reciprocal, "1/<0:power>", r"\frac{1}{<0>}", _P.QUOTIENT, latex_precedence=_P.PRODUCT),
    _formula(np.absolute, "|<0>|", r"\left|<0>\right|", python="abs(<0>)"),
    _formula(np.fabs, "|<0>|", r"\left|<0>\right|"),
    _function(np.sign, "sgn"),
    _function(np.copysign),
    _formula(np.conjugate, "conjugate(<0>)", r"\overline{<0>}"),
    # exponentials and logarithms
    _formula(np.exp, "e<0:exponent>", "e^{<0>}", _P.POWER),
    _formula(np.exp2, "2<0:exponent>", "2^{<0>}", _P.POWER),
    _formula(np.expm1, "e<0:exponent> − 1", "e^{<0>} - 1", _P.SUM),
    _function(np.log, "ln", r"\ln"),
    _function(np.log2, "log₂", r"\log_{2}"),
    _function(np.log10, "log₁₀", r"\log_{10}"),
    _formula(np.log1p, "ln(1 + <0:sum+>)", r"\ln\left(1 + <0:sum+>\right)"),
    _formula(np.logaddexp, "ln(e<0:exponent> + e<1:exponent>)", r"\ln\left(e^{<0>} + e^{<1>}\right)"),
    _formula(np.logaddexp2, "log₂(2<0:exponent> + 2<1:exponent>)", r"\log_{2}\left(2^{<0>} + 2^{<1>}\right)"),
    # trigonometry, in radians
    _function(np.sin, latex=r"\sin", powered=True),
    _function(np.cos, latex=r"\cos", powered=True),
    _function(np.tan, latex=r"\tan", powered=True),
    _function(np.arcsin, latex=r"\arcsin"),
    _function(np.arccos, latex=r"\arccos"),
    _function(np.arctan, latex=r"\arctan"),
    _function(np.arctan2),
    _formula(
        np.hypot,
        "√(<0:atom>² + <1:atom>²)",
        r"\sqrt{<0:atom>^{2} + <1:atom>^{2}}",
        _P.POWER,
        latex_precedence=_P.ATOM,
    ),
    _formula(np.deg2rad, "<0:atom>°", r"<0:atom>^{\circ}", _P.POWER),
    _formula(np.rad2deg, "rad2deg(<0>)", r"\frac{180}{\pi} \, <0:product!>", latex_precedence=_P.PRODUCT),
    _function(np.sinc),
    # hyperbolic functions
    _function(np.sinh, latex=r"\sinh", powered=True),
    _function(np.cosh, latex=r"\cosh", powered=True),
    _function(np.tanh, latex=r"\tanh", powered=True),
    _function(np.arcsinh, "arsinh"),
    _function(np.arccosh, "arcosh"),
    _function(np.arctanh, "artanh"),
    # selections and steps
    _function(np.maximum, "max", r"\max"),
    _function(np.minimum, "min", r"\min"),
    _function(np.fmax),
    _function(np.fmin),
    _function(np.clip, arity=3),
    _formula(
        np.where,
        "{<1> if <0>, <2> otherwise}",
        r"\begin{cases}<1> & \text{if } <0> \\ <2> & \text{otherwise}\end{cases}",
        arity=3,
    ),
    _formula(np.floor, "⌊<0>⌋", r"\left\lfloor <0>\right\rfloor"),
    _formula(np.ceil, "⌈<0>⌉", r"\left\lceil <0>\right\rceil"),
    _function(np.trunc),
    _function(np.rint),
    _function(np.heaviside),
    _function(np.fmod),
    # conditions
    _operator(np.less, "<0:sum> < <1:sum>", "<0:sum> < <1:sum>", "<0:sum> < <1:sum>", _P.COMPARISON),
    _operator(
        np.less_equal, "<0:sum> <= <1:sum>", "<0:sum> ≤ <1:sum>", r"<0:sum> \leq <1:sum>", _P.COMPARISON
    ),
    _operator(np.greater, "<0:sum> > <1:sum>", "<0:sum> > <1:sum>", "<0:sum> > <1:sum>", _P.COMPARISON),
    _operator(
        np.greater_equal, "<0:sum> >= <1:sum>", "<0:sum> ≥ <1:sum>", r"<0:sum> \geq <1:sum>", _P.COMPARISON
    ),
    _operator(np.equal, "<0:sum> == <1:sum>", "<0:sum> = <1:sum>", "<0:sum> = <1:sum>", _P.COMPARISON),
    _operator(
        np.not_equal, "<0:sum> != <1:sum>", "<0:sum> ≠ <1:sum>", r"<0:sum> \neq <1:sum>", _P.COMPARISON
    ),
    _formula(np.logical_and, "<0:and> and <1:and>", r"<0:and> \wedge <1:and>", _P.AND),
    _formula(np.logical_or, "<0:or> or <1:or>", r"<0:or> \vee <1:or>", _P.OR),
    _formula(np.logical_not, "not <0:not>", r"\neg <0:atom>", _P.NOT),
    _function(np.isfinite),
    _function(np.isnan),
    # reductions
    _formula(np.sum, "sum(<*>)", r"\sum <0:product!>", latex_precedence=_P.MODULO),
    _function(np.mean),
    _function(np.max, latex=r"\max"),
    _function(np.min, latex=r"\min"),
)

NOTATION: Mapping[Callable[..., Any], Notation] = MappingProxyType({row.function: row for row in _ROWS})

CONSTANTS: Mapping[str, NamedConstant] = MappingProxyType(
    {
        "pi": NamedConstant(np.pi, Form("pi"), Form("π"), Form(r"\pi")),
        "e": NamedConstant(np.e, Form("e"), Form("e"), Form("e")),
        "tau": NamedConstant(2 * np.pi, Form("2*pi", _P.PRODUCT), Form("τ"), Form(r"\tau")),
    }
)

# One line in place of LaTeX's cases, which matplotlib's mathtext does not have.
MATHTEXT_WHERE = Form(r"\left\{<1>\ \mathrm{if}\ <0>,\ <2>\ \mathrm{otherwise}\right.", _P.OR)
