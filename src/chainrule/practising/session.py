"""A session of practice: one exercise after another, what was answered, and how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from chainrule.practising.exercises import MIXED, Exercise, exercises
from chainrule.practising.hints import hints
from chainrule.practising.kinds import KINDS
from chainrule.practising.verdict import Verdict, judge
from chainrule.showing.language import Language, Phrase

_NAMES = {kind.key: kind.name for kind in KINDS}

RECORD = Phrase(
    "{solved} of {exercises} solved, {at_once} of them at the first try and without a hint.",
    "共 {exercises} 题，做对 {solved} 题，其中 {at_once} 题一次做对且没有看提示。",
)
OFTENEST = Phrase("The commonest mistake: {name} ({count}).", "最常见的错误：{name}（{count} 次）。")
NOTHING = Phrase("No exercise was answered.", "还没有作答。")


@dataclass(frozen=True)
class Record:
    """How a session went so far: exercises that were worked on, and mistakes by kind, the commonest first."""

    exercises: int = 0
    solved: int = 0
    at_once: int = 0
    tries: int = 0
    hints: int = 0
    mistakes: tuple[tuple[str, int], ...] = ()

    def say(self) -> tuple[Phrase, ...]:
        """The record in sentences."""
        if not self.exercises:
            return (NOTHING,)
        numbers = {"exercises": str(self.exercises), "solved": str(self.solved), "at_once": str(self.at_once)}
        said = [RECORD.filled(**numbers)]
        if self.mistakes:
            key, count = self.mistakes[0]
            said.append(OFTENEST.filled(name=_NAMES[key], count=str(count)))
        return tuple(said)

    def as_data(self) -> dict[str, Any]:
        """The record as plain data for JSON."""
        return {
            "exercises": self.exercises, "solved": self.solved, "at_once": self.at_once, "tries": self.tries,
            "hints": self.hints, "mistakes": dict(self.mistakes),
        }  # fmt: skip


@dataclass
class Practice:
    """A session. Made by :func:`chainrule.practising.practice`.

    `exercise` is the one in hand, `record` how it went so far.

    >>> session = Practice(exercises("product", 1, seed=5))
    >>> session.exercise.question
    'f(x) = x·eˣ'
    >>> session.answer("e^x").diagnosis.kind.key
    'product of derivatives'
    >>> session.answer("(x + 1)e^x").outcome, session.record.solved
    ('right', 1)
    >>> session.next().number
    2
    """

    coming: Iterator[Exercise]
    lang: Language = "en"
    exercise: Exercise = field(init=False)
    record: Record = field(default_factory=Record)
    solved: bool = field(init=False, default=False)
    _tries: int = field(init=False, default=0)
    _hinted: int = field(init=False, default=0)
    _mistakes: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        self.exercise = next(self.coming)

    def answer(self, typed: str) -> Verdict:
        """The verdict on a typed derivative. One that cannot be read does not count as a try."""
        verdict = judge(self.exercise, typed)
        if verdict.outcome in ("unreadable", "undecided") or self.solved:
            return verdict
        self._touch()
        self._tries += 1
        changes: dict[str, int] = {"tries": self.record.tries + 1}
        if verdict.outcome == "right":
            self.solved = True
            changes["solved"] = self.record.solved + 1
            changes["at_once"] = self.record.at_once + (self._tries == 1 and self._hinted == 0)
        if verdict.diagnosis is not None:
            self._mistakes[verdict.diagnosis.kind.key] += 1
        self.record = replace(self.record, **changes, mistakes=tuple(self._mistakes.most_common()))
        return verdict

    def hint(self) -> Phrase | None:
        """The next hint; None after the last one, which is the answer."""
        steps = hints(self.exercise)
        if self._hinted == len(steps):
            return None
        self._touch()
        self._hinted += 1
        self.record = replace(self.record, hints=self.record.hints + 1)
        return steps[self._hinted - 1]

    def solution(self) -> tuple[Phrase, ...]:
        """All the steps that have not been shown yet, the answer last."""
        shown = []
        while (step := self.hint()) is not None:
            shown.append(step)
        return tuple(shown)

    def next(self) -> Exercise:
        """Go on to the next exercise. Raises StopIteration after the last one; most sessions have no last one."""
        self.exercise = next(self.coming)
        self.solved, self._tries, self._hinted = False, 0, 0
        return self.exercise

    def _touch(self) -> None:
        """Count the exercise at the first answer or hint."""
        if not self._tries and not self._hinted:
            self.record = replace(self.record, exercises=self.record.exercises + 1)

    def __repr__(self) -> str:
        return f"<practice, exercise {self.exercise.number}: {self.exercise.question}>"


def practice(
    rule: str = MIXED, level: int = 1, *, seed: int = 0, formula: str | None = None, lang: Language = "en"
) -> Practice:
    """A session of practice: exercises without end for a rule and a level, or one formula of your own.

    `rule` is "mixed", "power", "sum", "product", "quotient", "chain", "exponential", "logarithm", "trigonometric",
    "inverse", "root" or "hyperbolic"; `level` goes from 1, one rule, to 4, three functions in one another. The same
    `seed` gives the same exercises. `lang` is "en" or "zh".

    >>> session = practice("chain", level=1, seed=2)
    >>> verdict = session.answer("2x")
    >>> verdict.outcome
    'wrong'

    Raises ValueError for another rule, level or language, and FormulaError for a formula that cannot be read.
    """
    if lang not in ("en", "zh"):
        raise ValueError(f'practice speaks "en" and "zh", not {lang!r}')
    return Practice(exercises(rule, level, seed) if formula is None else iter((Exercise.of(formula),)), lang)
