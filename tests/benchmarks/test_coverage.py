"""The list of plain NumPy calls: what chainrule makes of it, and that the judge tells right from wrong."""

from __future__ import annotations

import numpy as np

from benchmarks.coverage import INPUTS, calls, judge, names, verdicts


def test_chainrule_gets_every_call_right_but_one_that_numpy_does_not_let_it_see() -> None:
    found = verdicts("chainrule")
    assert [verdict.call for verdict in found if verdict.kind in ("wrong", "lost")] == []
    assert [verdict.call for verdict in found if verdict.kind == "error"] == ["np.vectorize(lambda r: r ** 2)(v)"]
    assert sum(verdict.kind == "right" for verdict in found) >= 253


def test_no_call_is_listed_twice() -> None:
    listed = [call for _, call in calls()]
    assert len(set(listed)) == len(listed)
    assert all(names(call) for call in listed)


def test_the_judge_tells_right_from_wrong_from_lost() -> None:
    call = "np.sum(v * 2)"

    def answering(gradient: np.ndarray) -> str:
        return judge("", call, lambda _: [gradient]).kind

    def refusing(_: str) -> list[np.ndarray]:
        raise TypeError("no rule")

    exact = np.full(INPUTS["v"].shape, 2 * np.cos(1.0))
    assert answering(exact) == "right"
    assert answering(exact * 1.001) == "wrong"
    assert answering(exact[:2]) == "wrong"
    assert answering(exact * 0) == "lost"
    assert judge("", call, refusing).kind == "error"
