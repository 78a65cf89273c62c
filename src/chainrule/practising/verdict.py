"""From an exercise and an answer to a verdict, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from chainrule.errors import FormulaError
from chainrule.explanation.parts import in_table_terms
from chainrule.formula.expression import Expression
from chainrule.formula.text import text
from chainrule.formula.textbook import length, textbook
from chainrule.practising.diagnosis import Diagnosis, diagnose
from chainrule.practising.equality import compare
from chainrule.practising.exercises import Exercise
from chainrule.practising.points import Points, points_for
from chainrule.practising.reading import read_answer
from chainrule.rules.symbolic import derivative_expression
from chainrule.showing.language import Language, Phrase

Outcome = Literal["right", "wrong", "narrower", "undecided", "unreadable"]

RIGHT = Phrase("Right.", "正确。")
SHORTER = Phrase("It can be written shorter: {formula}", "可以写得更简洁：{formula}")
WRONG = Phrase("Not right yet: {name}.", "还不对：{name}。")
UNKNOWN = Phrase("Not right yet.", "还不对。")
AT = Phrase(
    "At {point} your answer gives {answer}, and the slope there is {right}.",
    "在 {point} 处，你的答案等于 {answer}，而那里的斜率是 {right}。",
)
NARROWER = Phrase(
    "Right where it is defined, but it has no value at {point}, where the slope is {right}.",
    "在有定义的地方是对的，但它在 {point} 处没有值，而那里的斜率是 {right}。",
)
UNDECIDED = Phrase(
    "This cannot be decided: no point was found at which the function and the answer can be compared.",
    "无法判断：找不到可以比较函数与答案的点。",
)
STRANGER = Phrase(
    "The answer has {names} in it, which the function does not have: write it with {variable} alone.",
    "答案里有 {names}，而函数里没有：请只用 {variable} 来写。",
)
_SHORTER_BY = 6  # signs on paper by which another form must be shorter to be worth saying


@dataclass(frozen=True)
class Verdict:
    """What is to be said of an answer.

    - `outcome` is "right", "wrong", "narrower" (right, but not defined everywhere where the function has a slope),
      "undecided", or "unreadable" (no formula; then `error` says why and where).
    - `read` is the answer as it was read, `sentences` what is said of it, `diagnosis` the mistake where one was found.
    - `at` is a point that shows the difference, with the value of the answer there and the right one.
    """

    outcome: Outcome
    typed: str
    read: str | None = None
    sentences: tuple[Phrase, ...] = ()
    diagnosis: Diagnosis | None = None
    at: tuple[tuple[str, float], ...] = ()
    answer: float | None = None
    right: float | None = None
    error: FormulaError | None = None

    def as_data(self, lang: Language = "en") -> dict[str, Any]:
        """The verdict as plain data for JSON, its sentences in one language."""
        found, step = self.diagnosis, None if self.diagnosis is None else self.diagnosis.step
        return {
            "outcome": self.outcome,
            "typed": self.typed,
            "read": self.read,
            "sentences": [sentence.say(lang) for sentence in self.sentences],
            "mistake": None if found is None else {
                "kind": found.kind.key,
                "name": found.kind.name.say(lang),
                "remedy": found.kind.remedy.say(lang),
                "others": list(found.others),
                "step": None if step is None else {
                    "part": step.part,
                    "names": list(step.names),
                    "rules": [rule.say(lang) for rule in step.rules],
                    "right": step.right,
                    "made": step.made,
                },
            },
            "at": dict(self.at),
            "answer": self.answer,
            "right": self.right,
            "column": None if self.error is None else self.error.column,
        }  # fmt: skip


def judge(exercise: Exercise | str, answer: str) -> Verdict:
    """The verdict on `answer`, the text of a formula, as the derivative that `exercise` asks for.

    An exercise may be given as the formula to be differentiated.

    >>> judge("x*sin(x)", "f'(x) = x cos x + sin x").outcome
    'right'
    >>> wrong = judge("x*sin(x)", "cos x")
    >>> wrong.outcome, wrong.diagnosis.kind.key
    ('wrong', 'product of derivatives')

    Raises FormulaError for an exercise that is no formula. The answer may be any text.
    """
    if isinstance(exercise, str):
        exercise = Exercise.of(exercise)
    prepared = _prepared(exercise.formula, exercise.variable)
    try:
        formula = read_answer(answer)
    except FormulaError as problem:
        return Verdict("unreadable", answer, error=problem)
    given = in_table_terms(formula.expression)
    notes = tuple(Phrase(note.english, note.chinese) for note in formula.notes)
    strangers = [name for name in formula.variables if name not in prepared.names]
    if strangers:
        said = STRANGER.filled(names=", ".join(strangers), variable=", ".join(prepared.names))
        return Verdict("unreadable", answer, formula.text(), (said, *notes))
    compared = compare(given, prepared.slope, prepared.root, prepared.names, prepared.points)
    at = () if compared.at is None else tuple(compared.at.items())
    shown = {"point": ", ".join(f"{name} = {_short(value)}" for name, value in at)}
    if compared.answer is not None:
        shown["answer"] = _short(compared.answer)
    if compared.right is not None:
        shown["right"] = _short(compared.right)
    values = (at, compared.answer, compared.right)
    if compared.outcome == "same":
        return Verdict("right", answer, formula.text(), (RIGHT, *_shorter(formula.expression, prepared.slope)))
    if compared.outcome == "narrower":
        return Verdict("narrower", answer, formula.text(), (NARROWER.filled(**shown), *notes), None, *values)
    if compared.outcome == "undecided":
        return Verdict("undecided", answer, formula.text(), (UNDECIDED, *notes))
    found = diagnose(given, prepared.root, exercise.variable, prepared.points)
    if found is None:
        sentences = (UNKNOWN, AT.filled(**shown), *notes)
    else:
        sentences = (WRONG.filled(name=found.kind.name), found.kind.remedy, *notes)
    return Verdict("wrong", answer, formula.text(), sentences, found, *values)


@dataclass(frozen=True)
class _Prepared:
    root: Expression
    slope: Expression
    names: tuple[str, ...]
    points: Points


@lru_cache(maxsize=64)
def _prepared(formula: str, variable: str) -> _Prepared:
    """What every answer to an exercise is compared with."""
    read = Exercise(formula, variable).function
    root = in_table_terms(read.expression)
    slope = derivative_expression(root, variable)
    names = tuple(dict.fromkeys((*read.variables, variable)))
    return _Prepared(root, slope, names, points_for(root, slope, names))


def _shorter(answer: Expression, slope: Expression) -> tuple[Phrase, ...]:
    best = textbook(slope)
    if length(best) + _SHORTER_BY > length(answer):
        return ()
    return (SHORTER.filled(formula=text(best)),)


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
