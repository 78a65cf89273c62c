"""Hints for an exercise, one step at a time: the steps of its derivation, the last of which is the answer."""

from __future__ import annotations

from functools import lru_cache

from chainrule.explanation import explain
from chainrule.explanation.derivation import Line
from chainrule.explanation.words import SEPARATOR
from chainrule.formula.text import text
from chainrule.practising.exercises import Exercise
from chainrule.showing.language import Phrase

BEGIN = Phrase("Look at it from outside. The first rule: {rules}.", "从最外层看起，先用：{rules}。")
NAME = Phrase("Name the parts: {parts}.", "给各部分命名：{parts}。")
COMMA = Phrase(", ", "，")
STEP = Phrase("{step} ({rules})", "{step}（{rules}）")
ANSWER = Phrase("The answer: {answer}", "答案：{answer}")


def hints(exercise: Exercise | str) -> tuple[Phrase, ...]:
    """What to say when a learner asks for help, and asks again: where to begin, the parts, each step, the answer.

    >>> for hint in hints("sin(x^2)·x"):
    ...     print(hint.say("en"))
    Look at it from outside. The first rule: product rule.
    Name the parts: u = sin(x²).
    u′ = 2x·cos(x²) (chain rule; sine, DLMF 4.20.1; power rule)
    f′ = u′·x + u (product rule)
    The answer: 2x²·cos(x²) + sin(x²)

    Raises FormulaError for an exercise that is no formula.
    """
    if isinstance(exercise, str):
        exercise = Exercise.of(exercise)
    return _hints(exercise.formula, exercise.variable)


@lru_cache(maxsize=64)
def _hints(formula: str, variable: str) -> tuple[Phrase, ...]:
    derivation = explain(formula)
    stage = next(stage for stage in derivation.stages if stage.variable == variable)
    *inner, last = stage.lines
    said = [BEGIN.filled(rules=last.rules[0])]
    names = [f"{part.name} = {text(part.formula)}" for part in derivation.parts[:-1]]
    if names:
        said.append(Phrase(*(NAME.say(lang).format(parts=COMMA.say(lang).join(names)) for lang in ("en", "zh"))))
    said += [_step(line) for line in (*inner, last)]
    answer = derivation.formula(variable).text()
    if names or answer != text(last.formula):
        said.append(ANSWER.filled(answer=answer))
    return tuple(said)


def _step(line: Line) -> Phrase:
    """One line of the derivation with the names of its rules."""
    rules = Phrase(*(SEPARATOR.say(lang).join(rule.say(lang) for rule in line.rules) for lang in ("en", "zh")))
    return STEP.filled(step=f"{line.name} = {text(line.formula)}", rules=rules)
