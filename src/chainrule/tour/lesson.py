"""What a lesson on a function is made of, as plain data: the idea, a proof, an example, a use, and exercises.

Formulas are typed here as a learner would type them, and read by the library's own parser; what follows from them
(derivatives, values, graphs, derivations) is asked of the library when a page is made. So a lesson can say nothing
about a derivative that the table does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.explanation import ShownDerivation, explain
from chainrule.formula.expression import Constant, Expression, Symbol, evaluate, free_symbols, substitute
from chainrule.formula.formula import Formula, parse
from chainrule.graphs.building import graph
from chainrule.graphs.lettering import Written
from chainrule.graphs.presented import ShownGraph
from chainrule.showing.language import Phrase

STEP = Symbol("h")
"""The step of a difference quotient, which goes to 0."""

_PRIME = "q"  # how a derivation types y′, which the parser has no sign for


@dataclass(frozen=True)
class Line:
    """One line of a proof: a formula, and why it follows from the line above.

    `formula` is a text, or an expression where unknown functions occur. `left` is set for an equation, such as
    sin(y) = x; other lines continue the chain that begins with f′(x). In equations y stands for the function's value
    and `q` for its derivative y′. `shown` is how the line is printed where the parser has no notation for it.
    """

    formula: str | Expression
    because: Phrase
    left: str | None = None
    shown: Written | None = None

    @property
    def expression(self) -> Expression:
        """What stands on the right."""
        return _read(self.formula)

    @property
    def left_expression(self) -> Expression | None:
        """What stands on the left of an equation; None in a chain."""
        return None if self.left is None else _read(self.left)

    @property
    def in_the_limit(self) -> bool:
        """Whether the line still holds the step h, so that its limit is meant."""
        return STEP.name in free_symbols(self.expression)


@dataclass(frozen=True)
class Proof:
    """Why the derivative of `function` is what the table says, line by line.

    A proof from the limit starts with the difference quotient, which is made of the function; one from earlier rules
    (its first line is an equation) does not.
    """

    function: Expression
    lines: tuple[Line, ...]

    @property
    def quotient(self) -> Expression | None:
        """(f(x + h) − f(x))/h, with which a proof from the limit starts."""
        if self.lines[0].left is not None:
            return None
        x: Any = Symbol("x")
        moved: Any = substitute(self.function, {"x": x + STEP})
        found: Expression = (moved - self.function) / STEP
        return found


def proof(function: str | Expression, *lines: Line) -> Proof:
    """A proof for a function that is given by its formula."""
    return Proof(_read(function), lines)


@dataclass(frozen=True)
class Example:
    """A formula that is differentiated at a point, with all numbers; `words` say what to look at."""

    formula: str
    at: tuple[float, ...]
    words: Phrase

    @property
    def function(self) -> Formula:
        """The formula as a function."""
        return parse(self.formula)

    def graph(self) -> ShownGraph:
        """The computation with its values and the gradients that flow back."""
        return graph(self.function, *self.at)

    def derivation(self) -> ShownDerivation:
        """The derivation with its numbers."""
        return explain(self.function, *self.at)


@dataclass(frozen=True)
class Exercise:
    """A formula to be differentiated by `variable`, and a hint."""

    formula: str
    hint: Phrase
    variable: str = "x"

    @property
    def function(self) -> Formula:
        """The formula as a function."""
        return parse(self.formula)

    @property
    def derivation(self) -> ShownDerivation:
        """The worked answer."""
        return _explained(self.formula)

    @property
    def answer(self) -> Formula:
        """The derivative, as the library writes it; 0 for a formula without the variable."""
        if self.variable not in self.function.variables:
            return Formula(Constant(0))
        return self.derivation.formula(self.variable)

    @property
    def points(self) -> dict[str, NDArray[np.float64]]:
        """Points at which an answer is compared: those of a fixed few where the function has a value and a slope."""
        names = self.function.variables or (self.variable,)
        tried = {name: np.roll(_TRIED, 2 * place) for place, name in enumerate(names)}
        with np.errstate(all="ignore"):
            value = self.function(**{name: tried[name] for name in self.function.variables})
            slope = evaluate(self.answer.expression, tried)
        known = np.isfinite(np.broadcast_to(value + slope, _TRIED.shape))
        return {name: values[known] for name, values in tried.items()}

    def expected(self) -> NDArray[np.float64]:
        """The derivative at the points."""
        points = self.points
        value = evaluate(self.answer.expression, points)
        return np.array(np.broadcast_to(value, points[self.variable].shape), float)


_TRIED = np.array([-1.7, -0.8, -0.35, 0.15, 0.45, 0.7, 0.9, 1.4, 2.3])


@cache
def _explained(formula: str) -> ShownDerivation:
    return explain(formula)


@dataclass(frozen=True)
class Lesson:
    """What is taught about one function or one composition.

    `idea` says what the secant shows. `proofs` derive the derivative, the first one from the limit or from earlier
    rules. `why` says what networks have of it. Every lesson has two exercises.
    """

    idea: Phrase
    proofs: tuple[Proof, ...]
    example: Example
    why: Phrase
    exercises: tuple[Exercise, Exercise]


def secants(function: Callable[[Any], Any], at: float, end: float) -> Sequence[tuple[float, float]]:
    """The steps h and the slopes of the secants through the points at `at` and at + h, for steps that shrink to 0.

    The first step is the largest of 1 and 1/2 with which the second point stays within the window's `end`.

    >>> secants(lambda x: x * x, 1.0, 3.0)[:3]
    ((1.0, 3.0), (0.5, 2.5), (0.25, 2.25))
    """
    first = 1.0 if at + 1.0 <= end else 0.5
    steps = [first * part for part in (1.0, 0.5, 0.25, 0.1, 0.01, 0.001)]
    start = float(function(at))
    return tuple((step, (float(function(at + step)) - start) / step) for step in steps)


def _read(formula: str | Expression) -> Expression:
    if isinstance(formula, Expression):
        return formula
    return substitute(parse(formula).expression, {_PRIME: Symbol("y′")})
