"""Exercises: endless, reproducible, of the rule and level that were asked for, and fit to practise with."""

from __future__ import annotations

from itertools import islice

import pytest

from chainrule.formula.formula import parse
from chainrule.formula.text import text
from chainrule.practising import exercises, judge
from chainrule.practising.exercises import MIXED, NAMES
from chainrule.practising.making import LEVELS, RULES
from chainrule.practising.points import ENOUGH
from chainrule.practising.verdict import _prepared


def test_the_same_seed_gives_the_same_exercises_and_another_one_others() -> None:
    once, again, other = (list(islice(exercises("mixed", 3, seed), 30)) for seed in (5, 5, 6))
    assert once == again
    assert len({exercise.formula for exercise in once} & {exercise.formula for exercise in other}) < 10
    assert [exercise.number for exercise in once] == list(range(1, 31))


@pytest.mark.parametrize("rule", RULES)
def test_every_exercise_can_be_worked_on(rule: str) -> None:
    for level in LEVELS:
        formulas = []
        for exercise in islice(exercises(rule, level, seed=2), 6):
            assert (exercise.rule, exercise.level) == (rule, level)
            prepared = _prepared(exercise.formula, "x")
            assert text(parse(exercise.formula).expression) == exercise.formula
            assert len(prepared.points["x"]) >= ENOUGH, exercise.formula
            assert judge(exercise, text(prepared.slope)).outcome == "right", exercise.formula
            formulas.append(exercise.formula)
        assert len(set(formulas)) == len(formulas)


def test_every_rule_has_a_name_in_both_languages_and_mixed_has_all_rules() -> None:
    assert set(NAMES) == {MIXED, *RULES}
    assert {exercise.rule for exercise in islice(exercises(MIXED, 1), 200)} == set(RULES)


def test_a_rule_or_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no exercises for the rule 'integral'; there are for mixed, power"):
        exercises("integral")
    with pytest.raises(ValueError, match="from 1 to 4, but got 5"):
        exercises("power", 5)
