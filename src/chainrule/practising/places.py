"""The places of a derivation in which a mistake can be made, and the wrong answers that follow from one mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.explanation.parts import Part, parts, result_name
from chainrule.formula.expression import Call, Constant, Expression, Symbol, free_symbols
from chainrule.formula.simplify import simplify
from chainrule.practising.kinds import Kind
from chainrule.practising.mistakes import ONE, ZERO, wrong_rates
from chainrule.practising.points import value
from chainrule.rules.symbolic import differential, local_partial

PRIME = "′"


@dataclass(frozen=True)
class Place:
    """One call in the formula of a part: `path` leads to it, argument by argument.

    `rates` are those of its arguments, over the parts' names with a prime; `right` is its own. `weight` is the
    derivative of the whole by it at some points: a wrong rate there changes the answer by weight times the error.
    """

    part: Part
    path: tuple[int, ...]
    node: Call
    rates: tuple[Expression, ...]
    right: Expression
    weight: Any


@dataclass(frozen=True)
class WrongAnswer:
    """What the answer is at some points if one mistake is made at one place; `rate` is the wrong rate there."""

    kind: Kind
    place: Place
    rate: Expression
    values: Any


class Work:
    """The derivation of a formula at points, so that the answers that mistakes lead to can be told from one another.

    `points` are arrays of the variables' values; all wrong answers are arrays as long. Use it under
    np.errstate(all="ignore").
    """

    def __init__(self, root: Expression, variable: str, points: Mapping[str, Any]) -> None:
        self.variable = variable
        self.result = result_name({*free_symbols(root)})
        self.parts = parts(root, [variable], self.result)
        self.rates: dict[str, Expression] = {variable: ONE}
        self.values: dict[str, Any] = dict(points)
        for part in self.parts:
            rate = differential(part.formula, self.rates)
            self.values[part.name] = value(part.formula, self.values)
            if rate != ZERO:
                self.rates[part.name] = Symbol(part.name + PRIME)
                self.values[part.name + PRIME] = value(rate, self.values)
        self.slope = self.values.get(self.result + PRIME, 0.0)

    def places(self) -> Iterator[Place]:
        """Every place, the outermost first."""
        weights: dict[str, Any] = {self.result: 1.0}
        for part in reversed(self.parts):
            stack: list[tuple[Expression, tuple[int, ...], Any]] = [(part.formula, (), weights.get(part.name, 0.0))]
            while stack:
                node, path, weight = stack.pop()
                if isinstance(node, Symbol):
                    weights[node.name] = weights.get(node.name, 0.0) + weight
                if not isinstance(node, Call):
                    continue
                rates = tuple([differential(argument, self.rates) for argument in node.arguments])
                if all(rate == ZERO for rate in rates):
                    continue
                yield Place(part, path, node, rates, differential(node, self.rates), weight)
                for position in reversed(range(len(rates))):
                    if rates[position] != ZERO:
                        try:
                            slope = value(local_partial(node, position), self.values)
                        except NoRuleError:
                            continue
                        stack.append((node.arguments[position], (*path, position), weight * slope))

    def wrong_answers(self) -> Iterator[WrongAnswer]:
        """What each mistake at each place leads to; some may be the right answer, by chance."""
        for place in self.places():
            right = value(place.right, self.values)
            for kind, rate in wrong_rates(place.node, place.rates, self.variable):
                wrong = value(rate, self.values)
                yield WrongAnswer(kind, place, rate, self.slope + place.weight * (wrong - right))

    def steps(self, wrong: WrongAnswer) -> tuple[Expression, Expression]:
        """The step in which a mistake was made, as it is right and as it was done: two rates of the mistake's part."""
        right = differential(wrong.place.part.formula, self.rates)
        return simplify(right), simplify(self._with(wrong.place.part.formula, wrong.place.path, wrong.rate))

    def _with(self, node: Expression, path: tuple[int, ...], rate: Expression) -> Expression:
        """The rate of `node` with a wrong rate at the end of a path through it."""
        if not path:
            return rate
        assert isinstance(node, Call)
        position, rest = path[0], path[1:]
        total: Expression = ZERO
        for place, argument in enumerate(node.arguments):
            inner = self._with(argument, rest, rate) if place == position else differential(argument, self.rates)
            if inner != ZERO:
                term = local_partial(node, place) * inner
                total = term if total == ZERO else total + term
        return total


def constant(entries: Any) -> bool:
    """Whether an array holds one number only, up to rounding."""
    return bool(np.ptp(entries) <= 1e-9 * np.max(np.abs(entries)))


def number(entries: Any) -> Constant:
    """The number that such an array holds, in nine digits."""
    found = float(f"{float(np.median(entries)):.9g}")
    return Constant(int(found) if found.is_integer() and abs(found) < 1e9 else found)
