"""A derivation as plain frozen data: the parts, how each one changes, the paths, the result and its check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chainrule.errors import NoRuleError
from chainrule.formula.data import Data
from chainrule.formula.expression import Expression
from chainrule.formula.formula import Formula
from chainrule.formula.textbook import Step
from chainrule.showing.language import Language, Phrase


@dataclass(frozen=True, eq=False)
class Line(Data):
    """One equation `name = formula`, with the same in numbers.

    - `rules` name what was used, in the order in which a teacher says it (chain rule first).
    - `numbers` is the formula with values written in, `value` what comes out; both None where no point is given.
      A value may be an array.
    - `remarks` say what is special at this point: an exceptional row of the table, a point outside the domain.
    """

    name: str
    formula: Expression
    rules: tuple[Phrase, ...] = ()
    numbers: Expression | None = None
    value: Any = None
    remarks: tuple[Phrase, ...] = ()


@dataclass(frozen=True, eq=False)
class Path(Data):
    """One way from a variable to the result: the names along it, and the product of the local derivatives."""

    names: tuple[str, ...]
    product: Expression
    value: Any = None


@dataclass(frozen=True, eq=False)
class Check(Data):
    """A derivative beside its central difference: `exact` by the rules, `difference` with a step of `step`.

    Of an array both are the derivative along one fixed direction (`directional`). A difference of None: the function
    has no values on both sides of the point.
    """

    exact: float
    difference: float | None
    step: float
    directional: bool = False


@dataclass(frozen=True, eq=False)
class Result(Data):
    """The derivative by one variable.

    `computed` is the formula as the chain rule gives it; `steps` lead from it to `simplified`, which a textbook would
    write. Both are None where the computation is not one formula. `value` is the derivative that the engine computed at
    the point.
    """

    variable: str
    computed: Formula | None
    simplified: Formula | None
    value: Any = None
    check: Check | None = None
    sympy: Formula | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, eq=False)
class Stage(Data):
    """A list of lines under a heading: how each part changes with one variable, or the gradients going backward.

    `variable` is None for the backward direction. `prime` in a name (u′) is the derivative by the variable.
    """

    variable: str | None
    lines: tuple[Line, ...]
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True, repr=False, eq=False)
class Derivation(Data):
    """How a derivative is found, step by step. Made by :func:`chainrule.explanation.explain`.

    - `result` is the name of the function's value, `formula` its formula in the inputs (None for a computation on
      arrays), `inputs` the names of its variables, `point` their values (empty where none are given).
    - `parts` name the parts of the function, `stages` differentiate them, `results` put them together.
    - `remarks` are sentences about the whole: its domain, the branch taken.

    >>> from chainrule.explanation import explain
    >>> derivation = explain("sin(x^2)")
    >>> derivation.formula("x")
    Formula('2x·cos(x²)')
    """

    result: str
    root: Expression | None
    inputs: tuple[str, ...]
    parts: tuple[Line, ...]
    stages: tuple[Stage, ...]
    results: tuple[Result, ...]
    point: tuple[tuple[str, Any], ...] = ()
    checked_at: tuple[tuple[str, Any], ...] = ()
    value: Any = None
    remarks: tuple[Phrase, ...] = ()
    lang: Language = field(default="en", compare=False)

    def formula(self, name: str | None = None, simplified: bool = True) -> Formula:
        """The derivative by the variable `name` (the first one by default), as a formula that can be called.

        `simplified=False` gives it as the chain rule does. Raises KeyError for a name that is no variable, NoRuleError
        for a computation on arrays, which has no single formula.
        """
        wanted = self.inputs[0] if name is None and self.inputs else name
        for result in self.results:
            if result.variable == wanted:
                found = result.simplified if simplified else result.computed
                if found is None:
                    raise NoRuleError(
                        f"the derivative by {wanted} is not one formula: the function computes with whole arrays. "
                        "Its steps are in .parts and .stages."
                    )
                return found
        raise KeyError(
            f"the derivation has no variable {wanted!r}; its variables are {', '.join(self.inputs) or 'none'}"
        )

    def __repr__(self) -> str:
        return f"<derivation of {self.result}({', '.join(self.inputs)}), {len(self.parts)} parts>"
