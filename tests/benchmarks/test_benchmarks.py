"""The benchmarks measure right gradients, and leave out who has a wrong one; no test looks at a time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import benchmarks.__main__
import chainrule as cr
from benchmarks.cases import CASES, Case, digits_step
from benchmarks.cost import added_up
from benchmarks.libraries import ONE_THREAD, Library, installed, leaves
from benchmarks.memory import peak_memory
from benchmarks.timing import BY_HAND, Timing, agree, time_case
from examples.digits import loss

SCALAR, CHAIN = CASES[0], CASES[-1]
by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@by_name
def test_every_gradient_agrees_with_central_differences_along_random_directions(case: Case) -> None:
    first, *others = case.inputs()
    _, gradient = cr.value_and_grad(lambda *inputs: case.function(np, *inputs))(first, *others)
    random = np.random.default_rng(1)
    for _ in range(3):
        direction = _like(first, lambda leaf: random.normal(size=np.shape(leaf)))
        above, below = (
            case.function(np, _moved(first, direction, length), *others) for length in (1e-6, -1e-6)
        )
        slope = sum(np.sum(g * d) for g, d in zip(leaves(gradient), leaves(direction), strict=True))
        assert slope == pytest.approx((above - below) / 2e-6, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("case", [c for c in CASES if c.by_hand is not None], ids=lambda case: case.name)
def test_what_is_written_by_hand_agrees_with_chainrule(case: Case) -> None:
    inputs = case.inputs()
    ours = cr.value_and_grad(lambda *inputs: case.function(np, *inputs))(*inputs)
    assert agree(case.by_hand(*inputs), ours)


def test_the_digits_step_is_the_step_of_the_example() -> None:
    inputs = next(case for case in CASES if case.function is digits_step).inputs()
    assert digits_step(np, *inputs) == loss(*inputs)


@by_name
@pytest.mark.parametrize("library", installed()[1:], ids=lambda library: library.name)
def test_every_installed_peer_agrees_with_chainrule(library: Library, case: Case) -> None:
    if case is CHAIN:
        pytest.skip("a second or more in a peer")
    if library.name == ONE_THREAD and not case.shared:
        pytest.skip("chainrule takes one thread anyway")
    timing = time_case(case, (installed()[0], library), seconds=0, rounds=1)
    lacking = timing.left_out.get(library.name, "").startswith("has no ")  # a function that the case needs
    assert library.name in timing.samples or lacking, timing.left_out


def test_a_library_with_a_wrong_gradient_is_left_out_and_so_is_one_that_recurses_too_deep() -> None:
    def wrong(function: Any, inputs: tuple[Any, ...]) -> Any:
        return lambda: (function(np, *inputs), np.float64(1.0))

    def deep(function: Any, inputs: tuple[Any, ...]) -> Any:
        def run() -> Any:
            raise RecursionError

        return run

    libraries = (installed()[0], Library("wrong", "1", wrong), Library("deep", "1", deep))
    timing = time_case(replace(SCALAR, too_slow_in=("slow",)), libraries, seconds=0, rounds=1)
    assert set(timing.samples) == {"chainrule"}
    assert timing.left_out == {"slow": "too slow", "wrong": "differs", "deep": "RecursionError"}


def test_agreement_needs_equal_shapes_values_and_gradients() -> None:
    assert agree((1.0, {"a": np.ones(2), "b": 0.0}), (1.0, {"b": 0.0, "a": np.ones(2)}))
    assert not agree((1.0, np.ones(2)), (1.1, np.ones(2)))
    assert not agree((1.0, np.ones(2)), (1.0, np.array([1, 1.1])))
    assert not agree((1.0, np.ones(2)), (1.0, np.ones(1)))


def test_a_ratio_says_how_many_times_chainrules_time_the_other_took() -> None:
    timing = Timing("case", {"chainrule": [1.0, 2.0, 9.0], BY_HAND: [1.0, 1.0, 7.0]})
    assert timing.median("chainrule") == 2
    assert timing.ratio(BY_HAND) == 0.5


def test_the_command_prints_the_table_and_writes_the_raw_figures(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(benchmarks.__main__, "CASES", (SCALAR,))
    monkeypatch.setattr(benchmarks.__main__, "time_imports", _no_imports)
    monkeypatch.setattr(benchmarks.__main__, "peak_memory", lambda name: 12.0)
    file = tmp_path / "figures.json"
    result = CliRunner().invoke(benchmarks.__main__.main, ["--quick", "--json", str(file)])
    assert result.exit_code == 0, result.output
    assert SCALAR.name in result.output
    assert f"NumPy {np.__version__}" in result.output
    assert "+12 MB" in result.output
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert figures["versions"]["chainrule"] == cr.__version__
    assert figures["seconds"][0]["case"] == SCALAR.name
    assert len(figures["seconds"][0]["samples"]["chainrule"]) >= 1


def test_peak_memory_is_measured_in_a_process_of_its_own() -> None:
    assert 8 <= peak_memory("chainrule") < 200  # one vector of results, and no copy of the data


def _no_imports(modules: tuple[str, ...], rounds: int) -> Timing:
    return Timing("import", {module: [0.0] * rounds for module in modules})


def _like(container: Any, make: Any) -> Any:
    if isinstance(container, dict):
        return {name: make(leaf) for name, leaf in container.items()}
    return make(container)


def _moved(container: Any, direction: Any, length: float) -> Any:
    if isinstance(container, dict):
        return {name: leaf + length * direction[name] for name, leaf in container.items()}
    return container + length * direction


def test_a_call_s_cost_is_measured_on_the_sum_of_all_its_results() -> None:
    gradient = cr.grad(added_up(np, "np.modf(v)"))(np.array([0.5, 2.25]))
    np.testing.assert_allclose(gradient, [1.0, 1.0])
    gradient = cr.grad(added_up(np, "np.exp(1j * v)"))(np.array([0.5, 2.25]))
    np.testing.assert_allclose(gradient, -np.sin([0.5, 2.25]))
