"""Which mistake leads to a wrong answer, and in which step of the derivation it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.explanation.annotations import rules_used
from chainrule.explanation.parts import as_written
from chainrule.formula.expression import Expression, free_symbols
from chainrule.formula.text import text
from chainrule.practising import kinds
from chainrule.practising.equality import differ
from chainrule.practising.kinds import KINDS, RANK, Kind
from chainrule.practising.places import PRIME, Place, Work, WrongAnswer, constant, number
from chainrule.practising.points import Points, Values, values
from chainrule.rules.symbolic import derivative_expression
from chainrule.showing.language import Phrase

_ENOUGH = 6


@dataclass(frozen=True)
class Step:
    """The step of the derivation in which a mistake was made.

    `part` is the equation that the step differentiates (u = sin(v)), `names` are those of the parts in it (v = x²),
    `rules` the rules of the step, `right` the step as it is right (u′ = cos(v)·v′), `made` as it was (u′ = cos(v)).
    """

    part: str
    names: tuple[str, ...]
    rules: tuple[Phrase, ...]
    right: str
    made: str


@dataclass(frozen=True)
class Diagnosis:
    """The likeliest mistake that leads to an answer; `step` is None for one of the answer as a whole.

    `others` are the keys of other mistakes that lead to the same answer.
    """

    kind: Kind
    step: Step | None = None
    others: tuple[str, ...] = ()


def diagnose(answer: Expression, root: Expression, variable: str, points: Points) -> Diagnosis | None:
    """The mistake that makes `answer` of the derivative of `root`; None where none of those that are known does.

    >>> from chainrule.formula.parser import parse_expression
    >>> from chainrule.practising.points import points_for
    >>> root = parse_expression("sin(x^2)")
    >>> found = diagnose(parse_expression("cos(x^2)"), root, "x", points_for(root, root, ["x"]))
    >>> found.kind.key, found.step.part, found.step.right, found.step.made
    ('inner forgotten', 'f = sin(x²)', 'f′ = 2x·cos(x²)', 'f′ = cos(x²)')
    """
    given = values(answer, points)
    with np.errstate(all="ignore"):
        work = Work(root, variable, points)
        fits = _Fits(given, work.slope)
        found = [wrong for wrong in work.wrong_answers() if fits(wrong.values)]
        if fits(values(root, points).values) and all(wrong.kind is kinds.NOT_DIFFERENTIATED for wrong in found):
            return Diagnosis(kinds.THE_FUNCTION)
        if found:
            found.sort(key=lambda wrong: RANK[wrong.kind])  # a stable order: the outermost place comes first
            others = dict.fromkeys(wrong.kind.key for wrong in found if wrong.kind is not found[0].kind)
            return Diagnosis(found[0].kind, _step(work, found[0]), tuple(others))
        kind = _of_the_whole(answer, root, variable, points, given, work.slope, fits)
    return None if kind is None else Diagnosis(kind)


class _Fits:
    """Whether values are those of the answer, at enough points, and not those of the right one."""

    def __init__(self, given: Values, right: Any) -> None:
        self.given, self.right = given, np.broadcast_to(right, given.values.shape)
        noise = np.broadcast_to(1e-12 * np.abs(self.right), given.values.shape)
        self.wrong = differ(given, Values(self.right, noise, given.undefined))

    def __call__(self, candidate: Any) -> bool:
        candidate = np.broadcast_to(candidate, self.right.shape)
        both = self.given.known & np.isfinite(candidate)
        if np.count_nonzero(both) < _ENOUGH or not (both & self.wrong).any():
            return False
        here = self.given.values[both]
        size = np.maximum(np.abs(candidate[both]), np.abs(here))
        tolerance = 1e-8 * size + 1e-11 * np.abs(self.right[both]) + 4 * self.given.noise[both]
        return bool(np.all(np.abs(candidate[both] - here) <= tolerance))


def _step(work: Work, wrong: WrongAnswer) -> Step:
    place: Place = wrong.place
    right, made = work.steps(wrong)
    name = place.part.name
    known = {part.name: part for part in work.parts}
    needed: dict[str, None] = {}
    stack = [*free_symbols(place.part.formula)]
    while stack:
        symbol = stack.pop()
        if symbol in known and symbol not in needed:
            needed[symbol] = None
            stack.extend(free_symbols(known[symbol].formula))
    moving = {symbol for symbol in free_symbols(place.part.formula) if symbol in work.rates}
    return Step(
        f"{name} = {text(as_written(place.part.formula))}",
        tuple(f"{part.name} = {text(as_written(part.formula))}" for part in work.parts if part.name in needed),
        rules_used(place.part.formula, moving, work.variable),
        f"{name}{PRIME} = {text(as_written(right))}",
        f"{name}{PRIME} = {text(as_written(made))}",
    )


def _of_the_whole(
    answer: Expression, root: Expression, variable: str, points: Points, given: Values, slope: Any, fits: _Fits
) -> Kind | None:
    if fits(-slope):
        return kinds.OPPOSITE
    right = derivative_expression(root, variable)
    if fits(values(derivative_expression(right, variable), points).values):
        return kinds.SECOND_DERIVATIVE
    if _Fits(values(derivative_expression(answer, variable), points), slope)(values(root, points).values):
        return kinds.ANTIDERIVATIVE
    both = given.known & (slope != 0)
    if np.count_nonzero(both) < _ENOUGH:
        return None
    here, there = given.values[both], np.broadcast_to(slope, given.values.shape)[both]
    if constant(here / there):
        return Kind(kinds.OFF_BY_FACTOR.key, _by(kinds.OFF_BY_FACTOR, number(here / there)), kinds.OFF_BY_FACTOR.remedy)
    return kinds.OFF_BY_CONSTANT if constant(here - there) else None


def _by(kind: Kind, factor: Any) -> Phrase:
    shown = text(factor)
    return Phrase(f"{kind.name.en}: it is {shown} times the derivative", f"{kind.name.zh}：答案是导数的 {shown} 倍")


assert len(RANK) == len(KINDS)
