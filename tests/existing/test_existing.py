"""Programs that were not written for chainrule: a gradient is right, or an error says where and what helps."""

from __future__ import annotations

import re

import pytest

from chainrule.errors import ChainruleError
from tests.existing.ways import NAMES, WAYS, Outcome, outcome

GOALS = {"unchanged": 0.2, "imports": 0.91, "patch": 0.94}
"""The part of the programs that each way gets right, at least."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore")
def test_a_program_has_the_right_gradient_or_an_error_that_helps_and_most_have_the_gradient(way: str) -> None:
    found = {name: outcome(name, way) for name in NAMES}
    assert {name: problem for name, result in found.items() if (problem := _problem(name, way, result))} == {}
    right = sum(result.verdict == "right" for result in found.values())
    assert right >= GOALS[way] * len(NAMES), f"{right} right"


def _problem(name: str, way: str, result: Outcome) -> str | None:
    """What is not as it should be in what came of a program."""
    if result.verdict == "wrong":
        return f"{result.found}, not {result.expected}"
    if result.error is None:
        return None
    said = str(result.error)
    helps = isinstance(result.error, ChainruleError) and re.search(rf" at {name.partition('.')[0]}\.py:\d+", said)
    in_use = (way == "patch" and "cr.patch() once" in said) or (
        way != "unchanged" and "Write `import chainrule.numpy as np`" in said
    )
    return None if helps and not in_use else f"{type(result.error).__name__}: {said}"


def test_there_are_many_programs_of_many_fields() -> None:
    assert len(NAMES) > 60
    assert len({name.partition(".")[0] for name in NAMES}) > 6
