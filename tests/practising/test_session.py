"""A session of practice: the record counts what happened, and hints lead step by step to the answer."""

from __future__ import annotations

import json
from itertools import islice

import pytest

import chainrule as cr
from chainrule.practising import exercises, hints, judge


def test_the_record_counts_tries_hints_and_mistakes() -> None:
    session = cr.practice(formula="sin(x^2)")
    assert session.record.say()[0].en == "No exercise was answered."
    session.answer("2x +")  # cannot be read, and does not count
    assert session.record.exercises == 0
    session.answer("cos(x^2)")
    session.answer("cos(x^2)")
    session.answer("2x·cos(2x)")
    assert session.hint() == hints("sin(x^2)")[0]
    session.answer("2x·cos(x^2)")
    assert session.solved
    session.answer("cos(x^2)")  # after it was solved, which changes nothing
    record = session.record
    assert (record.exercises, record.solved, record.at_once, record.tries, record.hints) == (1, 1, 0, 4, 1)
    assert record.mistakes[0] == ("inner forgotten", 2)
    assert json.loads(json.dumps(record.as_data()))["mistakes"]["inner forgotten"] == 2
    assert record.say()[1].en == "The commonest mistake: the inner derivative was forgotten (2)."
    with pytest.raises(StopIteration):
        session.next()


def test_a_session_goes_through_the_exercises_of_its_seed() -> None:
    session = cr.practice("product", 2, seed=3)
    expected = list(islice(exercises("product", 2, 3), 3))
    assert [session.exercise, session.next(), session.next()] == expected


def test_hints_lead_to_the_answer_and_the_answer_comes_last() -> None:
    for level in (1, 2, 3, 4):
        for exercise in islice(exercises("mixed", level, seed=1), 4):
            steps = hints(exercise)
            assert len(steps) >= 2
            last = steps[-1].en
            answer = last.removeprefix("The answer: ") if last.startswith("The answer: ") else last.split(" (")[0]
            assert judge(exercise, answer.replace("f′ =", "f′(x) =")).outcome == "right", (exercise.formula, last)
            assert all(any("\u4e00" <= letter <= "\u9fff" for letter in step.zh) for step in steps)


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match='speaks "en" and "zh"'):
        cr.practice(lang="fr")  # type: ignore[arg-type]
