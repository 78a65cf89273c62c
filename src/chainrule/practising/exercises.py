"""Exercises by rule and level: endless, and the same for the same seed."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from chainrule.errors import FormulaError
from chainrule.formula.expression import free_symbols
from chainrule.formula.formula import Formula, parse
from chainrule.formula.text import text
from chainrule.practising.making import LEVELS, RULES, made
from chainrule.showing.language import Language, Phrase

MIXED = "mixed"
NAMES: dict[str, Phrase] = {
    MIXED: Phrase("all rules", "各种法则"),
    "power": Phrase("power rule", "幂函数"),
    "sum": Phrase("sum rule", "和差法则"),
    "product": Phrase("product rule", "乘积法则"),
    "quotient": Phrase("quotient rule", "商法则"),
    "chain": Phrase("chain rule", "链式法则"),
    "exponential": Phrase("exponential functions", "指数函数"),
    "logarithm": Phrase("logarithms", "对数函数"),
    "trigonometric": Phrase("trigonometric functions", "三角函数"),
    "inverse": Phrase("inverse trigonometric functions", "反三角函数"),
    "root": Phrase("roots", "根式"),
    "hyperbolic": Phrase("hyperbolic functions", "双曲函数"),
}
"""The rules that exercises are made for."""
_NOT_AGAIN = 12  # exercises after which a formula may come again
_TRIES = 20


@dataclass(frozen=True)
class Exercise:
    """A formula to be differentiated by `variable`; `rule`, `level`, `seed` and `number` say where it comes from.

    >>> Exercise("x·sin(x)", "x").function(0.0)
    np.float64(0.0)
    """

    formula: str
    variable: str = "x"
    rule: str = ""
    level: int = 0
    seed: int = 0
    number: int = 0

    @classmethod
    def of(cls, formula: str) -> Exercise:
        """An exercise of a formula that is typed; it is differentiated by x, or by its first variable.

        Raises FormulaError for a text that is no formula, and for one without a variable.
        """
        function = parse(formula)
        names = function.variables
        if not names:
            raise FormulaError(formula, 0, "there is no variable to differentiate by")
        return cls(text(function.expression), "x" if "x" in names else names[0])

    @property
    def function(self) -> Formula:
        """The function to be differentiated."""
        return parse(self.formula)

    @property
    def question(self) -> str:
        """The function as an equation: f(x) = x·sin(x)."""
        return f"{self.name} = {self.formula}"

    @property
    def name(self) -> str:
        """f(x), or f(x, a) where there are other letters."""
        names = free_symbols(self.function.expression)
        return f"f({', '.join([self.variable, *(name for name in names if name != self.variable)])})"

    def as_data(self, lang: Language = "en") -> dict[str, Any]:
        """The exercise as plain data for JSON."""
        rule = NAMES[self.rule].say(lang) if self.rule in NAMES else ""
        return {
            "formula": self.formula, "variable": self.variable, "latex": self.function.latex(), "rule": self.rule,
            "rule name": rule, "level": self.level, "seed": self.seed, "number": self.number,
        }  # fmt: skip


def exercises(rule: str = MIXED, level: int = 1, seed: int = 0) -> Iterator[Exercise]:
    """Exercises without end for a rule ("mixed" or one of `NAMES`) and a level (1 to 4), the same for the same seed.

    >>> first = next(exercises("chain", 2, seed=1))
    >>> first == next(exercises("chain", 2, seed=1))
    True

    Raises ValueError for another rule or level.
    """
    if rule not in NAMES:
        raise ValueError(f"there are no exercises for the rule {rule!r}; there are for {', '.join(NAMES)}")
    if level not in LEVELS:
        raise ValueError(f"level is a number from {LEVELS[0]} to {LEVELS[-1]}, but got {level!r}")
    return _endless(rule, level, seed)


def _endless(rule: str, level: int, seed: int) -> Iterator[Exercise]:
    random = Random(f"{rule} {level} {seed}")
    lately: deque[str] = deque(maxlen=_NOT_AGAIN)
    for number in itertools.count(1):
        for _ in range(_TRIES):  # where a rule has few formulas, one comes again sooner
            kind = random.choice(RULES) if rule == MIXED else rule
            formula = text(parse(made(kind, level, random)).expression)
            if formula not in lately:
                break
        lately.append(formula)
        yield Exercise(formula, "x", kind, level, seed, number)
