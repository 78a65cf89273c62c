"""Programs that were not written for chainrule: a gradient is right, or an error says where and what helps."""

from __future__ import annotations

import re

import pytest

from chainrule.errors import ChainruleError
from tests.existing.ways import NAMES, WAYS, Outcome, outcome

GOALS = {"unchanged": 0.2, "imports": 0.91, "patch": 0.94}
"""The part of the programs that each way gets right, at least."""

found: dict[tuple[str, str], Outcome] = {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_a_program_has_the_right_gradient_or_an_error_that_helps(name: str, way: str) -> None:
    result = found[name, way] = outcome(name, way)
    assert result.verdict != "wrong", (result.found, result.expected)
    if result.error is not None:
        said = str(result.error)
        assert isinstance(result.error, ChainruleError), said
        assert re.search(rf" at {name.partition('.')[0]}\.py:\d+", said), said
        if way == "patch":
            assert "cr.patch() once" not in said
        if way != "unchanged":
            assert "Write `import chainrule.numpy as np`" not in said


@pytest.mark.parametrize("way", WAYS)
def test_most_programs_have_the_right_gradient(way: str) -> None:
    right = sum(outcomes.verdict == "right" for (_, of), outcomes in found.items() if of == way)
    assert right >= GOALS[way] * sum(of == way for _, of in found), f"{right} right"


def test_there_are_many_programs_of_many_fields() -> None:
    assert len(NAMES) > 60
    assert len({name.partition(".")[0] for name in NAMES}) > 6
