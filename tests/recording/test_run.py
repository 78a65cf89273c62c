"""A run: its program computes the values that it holds, and its rows are those of the program."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten
from chainrule.recording.run import run
from tests.random_functions import cases


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["numbers", "arrays"])
def test_the_program_of_a_run_computes_its_values_and_eager_gradients_are_its_own(kind: str) -> None:
    compared = 0
    for case in cases(150, 11, kind=kind):
        try:
            made = run(case.function, case.arguments)
        except Exception:  # what the function itself refuses; that all readings refuse it alike is tested elsewhere
            continue
        program = made.program
        leaves = [event.value for event in made.events[: len(made.paths)]]
        for number, (value, event) in enumerate(zip(program.values(*leaves), made.events, strict=True)):
            np.testing.assert_array_equal(value, event.value, err_msg=f"{number} of {program.source}")
            assert np.asarray(value).dtype == event.value.dtype
        gradients = cr.grad(case.function, tuple(range(len(case.arguments))))(*case.arguments)
        for position, expected in enumerate(flatten(gradients)[0]):
            np.testing.assert_array_equal(made.gradient(position), expected)
        compared += 1
    assert compared > 100


INDICES: list[Any] = [
    *(np.s_[a:b:c] for a in (None, 0, 1, -2) for b in (None, 3, -1) for c in (None, 1, 2, -1)),
    np.s_[1], np.s_[-1], np.s_[...], np.s_[..., 0], np.s_[:, 1], np.s_[1:, ::2], np.s_[None, 0], np.s_[0, None, ::-1],
    np.s_[np.int64(1)], np.s_[..., np.newaxis, 1:3], np.s_[[0, 2]], np.s_[::-1, [1, 0]],
]  # fmt: skip


def test_an_index_is_written_as_python_reads_it() -> None:
    x = np.arange(12.0).reshape(3, 4)
    for index in INDICES:
        made = run(lambda x, index=index: np.sum(x[index]), (x,))
        written = made.events[1].written
        np.testing.assert_array_equal(eval(f"x{written}", {"x": x}), x[index], err_msg=f"{index} as {written}")
        (node,) = [n for n in cr.graph(lambda x, index=index: np.sum(x[index]), x).nodes if "[" in n.options]
        assert node.options == written
        told = cr.explain(lambda x, index=index: np.sum(x[index] ** 2), x).text(200)
        shown = [words for words in re.findall(r"x(\[[^=\n]*?\])(?= |$|\n)", told) if words != "[i]"]
        assert any(np.array_equal(eval(f"x{words}", {"x": x}), x[index]) for words in shown), (index, told)


def test_a_row_says_what_the_user_calls_it_and_where_it_stands() -> None:
    weights = np.arange(3.0)

    def f(x):
        scaled = weights * x
        return np.sum(scaled, axis=0)

    made = run(f, (np.ones(3),))
    _, product, total = made.events
    assert (product.name, product.captured[0][1], product.where[1]) == (
        "scaled",
        "weights",
        f.__code__.co_firstlineno + 1,
    )
    assert (total.written, total.rest, total.kwargs) == ("axis=0", (), {"axis": 0})
    assert made.program.source == (
        'import numpy as np\n\ndef f(x):\n    v1 = np.array([0.0, 1.0, 2.0], "float64") * x\n'
        "    v2 = np.sum(v1, axis=0)\n    return v2"
    )
    np.testing.assert_array_equal(made.gradients[0], weights)
    np.testing.assert_array_equal(made.values[1], weights)
