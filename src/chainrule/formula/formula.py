"""A typed formula as a function: read once, then called, printed and differentiated."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import FormulaError
from chainrule.formula.expression import Call, Expression, evaluate, free_symbols
from chainrule.formula.latex import latex
from chainrule.formula.names import without_index_sign
from chainrule.formula.notes import Note
from chainrule.formula.parser import is_condition, read_function
from chainrule.formula.text import TextStyle, text


def parse(formula: str) -> Formula:
    """The function that a typed formula stands for.

    >>> f = parse("2x² + sin πy")
    >>> f.variables
    ('x', 'y')
    >>> f(3, 0.5)
    np.float64(19.0)

    The notation is that of a textbook, a calculator or Python:

    - `+ - * / ^` (also `**`, `·`, `×`, `÷`, `−`, `²`, `⁻¹`, `ˣ`), `//` and `mod` (also `%`). `-x^2` is −(x²),
      and `2^3^2` is 2^(3²).
    - Side by side means times: `2x`, `x y`, `(x+1)(x-1)`, `2πx`. It binds like `*`, so `1/2x` is (1/2)·x. What could
      be meant in another way is read by these rules, and `notes` of the formula say so in a line: `1/2x`, `e^2x`,
      `x^1/2`, `√2x`, `sin x/2`, `xy`. Nothing is multiplied across a line break.
    - Names: a run of letters is a known function or constant, otherwise *one* variable (`xy`, `loss`, `x1`,
      `x_1`, `θ`); `x₁` is `x1`. A single letter before a bracket is a variable: `x(x+1)` is a product. `π`, `pi`, `τ`,
      `tau` and `e` are numbers; `e^x` is `exp(x)`.
    - Functions: NumPy's by name, and `ln`, `lg`, `abs`, `sgn`, `asin`, `tg`, `arctg`, `sec`, `csc`, `cot`, …
      As in NumPy, `log` is the natural logarithm; `log2`, `log10`, `log_3(x)` and `log(x, 3)` name their
      base.
    - Without brackets a function takes the factors that follow it, up to `+ - * /` or the next function:
      `sin 2x cos x` is sin(2x)·cos(x), and `sin x/2` is sin(x)/2. `sin²x` is (sin x)², but `sin⁻¹x` is
      arcsin(x).
    - `y = x^2` and `f(x, y) = x/y` are the formulas on their right sides; the brackets give the order of the variables.
    - LaTeX, as it is pasted from a book: `\\frac{\\sin x}{x^{2}}`, `\\sqrt[3]{x}`, `\\left|x\\right|`.
    - `30°` is 30 degrees in radians; `½x`; `³√x` and `∜x`; `σ(x)` and `sigmoid(x)`.
    - `√x`, `√(x+1)`, `|x|`, `⌊x⌋`, `⌈x⌉`, `max(x, y, 2)`.
    - What is surely no name is refused with what to write: `xlnx`, `sinx`, `2pix`, `5mod3`, `x1x2`, `arc sin x`.
    - Cases: `where(x > 0, x, 0)` or `{x if x > 0, 0 otherwise}`, with `< <= > >= = !=`, `0 < x < 1`, `and or
      not` between conditions.
    - Full-width letters and signs, as Chinese keyboards type them: `（ｘ＋１）＾２`.

    Raises FormulaError with the column of the fault. Nothing typed is ever executed.
    """
    expression, notes, parameters = read_function(formula)
    if isinstance(expression, Call) and expression.function is np.equal:
        column = next((place for place, letter in enumerate(formula) if letter in "=＝"), 0)
        raise FormulaError(formula, column, "this is an equation: write only what stands on its right side")
    if is_condition(expression):
        column = next((place for place, letter in enumerate(formula) if letter in "<>≤≥≠＜＞≦≧⩽⩾!"), 0)
        raise FormulaError(formula, column, "this is a condition, which has no derivative: write where(x > 0, 1, 0)")
    return Formula(expression, formula, notes, parameters)


@dataclass(frozen=True, repr=False)
class Formula:
    """A formula that can be called like a function. Formulas are equal when their expressions are.

    `source_text` is what was typed; without it, the formula as it is printed. `notes` say what in the text could be
    read in another way, and how it was read. `parameters` are the names in `f(y, x) = …`, which come first among the
    variables in this order.

    >>> f = parse("x / (1 + x^2)")
    >>> f
    Formula('x / (1 + x^2)')
    >>> f([1, 2])
    array([0.5, 0.4])
    >>> print(*parse("1/2x").notes)
    read as (1/2)·x; for 1/(2x) write brackets
    """

    expression: Expression
    source_text: str = field(default="", compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)
    parameters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.source_text:
            object.__setattr__(self, "source_text", text(self.expression))
        if self.parameters == free_symbols(self.expression):
            object.__setattr__(self, "parameters", ())

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables: the parameters, then the others in order of first appearance."""
        return tuple(dict.fromkeys((*self.parameters, *free_symbols(self.expression))))

    def __call__(self, *values: Any, **named: Any) -> Any:
        """The value at the variables' values, given in the order of `variables` or by name.

        Takes numbers, arrays (broadcast against each other), lists of numbers and tracked arrays. Whole
        numbers become float64, so that x⁻¹ means 1/x for them too.

        >>> parse("x^-1 + y")([1, 2], y=1)
        array([2. , 1.5])

        Raises TypeError when a variable has no value or two, and for a value that is not a number.
        """
        if len(values) > len(self.variables):
            raise TypeError(f"{self._signature()}, and is given {len(values)}")
        given = dict(zip(self.variables, values, strict=False))
        for typed, value in named.items():
            name = self.variable(typed) or typed
            if name in given:
                raise TypeError(f"{self._signature()}, and is given {name} twice")
            if name not in self.variables:
                raise TypeError(f"{self._signature()}, and is given {name}, which it does not have")
            given[name] = value
        missing = [name for name in self.variables if name not in given]
        if missing:
            raise TypeError(f"{self._signature()}, and is not given {', '.join(missing)}")
        return evaluate(self.expression, {name: _real(name, value) for name, value in given.items()})

    def variable(self, typed: str) -> str | None:
        """The variable that is meant by a name as it was typed: x₁ and x_1 find x1; None if there is none."""
        name = unicodedata.normalize("NFKC", typed.strip())
        if name in self.variables:
            return name
        alike = [known for known in self.variables if without_index_sign(known) == without_index_sign(name)]
        return alike[0] if len(alike) == 1 else None

    def text(self, style: TextStyle = "math") -> str:
        """The formula as one line of text: "math" (x² + 1) or "python" (x**2 + 1)."""
        return text(self.expression, style)

    def latex(self, mathtext: bool = False) -> str:
        """The formula in LaTeX; with `mathtext=True`, in the part of it that matplotlib renders."""
        return latex(self.expression, mathtext)

    def __repr__(self) -> str:
        return f"Formula({self.source_text!r})"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from chainrule.formula.equations import of_equations  # late: only notebooks need it

        return of_equations(include, exclude, repr(self), [self.latex()])

    def _signature(self) -> str:
        names = self.variables
        values = (
            "no values" if not names else f"{len(names)} value{'s' * (len(names) > 1)} ({', '.join(names)})"
        )
        return f"the formula {self.source_text!r} takes {values}"


def _real(name: str, value: Any) -> Any:
    """`value` with whole numbers made real; anything that is no number is refused by name."""
    if isinstance(value, (bool, int, np.bool, np.integer)):
        return float(value)
    if isinstance(value, (list, tuple)):
        value = np.asarray(value)
    kind = getattr(getattr(value, "dtype", None), "kind", "f")
    if isinstance(value, (str, bytes)) or value is None or kind not in "biufc":
        raise TypeError(
            f"{name} needs a number or an array of numbers, not {type(value).__name__}: {value!r}"
        )
    return value.astype(np.float64) if kind in "biu" else value
