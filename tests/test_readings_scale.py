"""The work of a reading grows as the computation does: counted in calls of Python functions, never in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from benchmarks.readings import CALLS, calls, counted
from chainrule.drawing.curve import describe
from chainrule.drawing.titles import title
from chainrule.formula.expression import Symbol, call, postorder
from chainrule.graphs import flow
from chainrule.graphs.folding import fold


def chain(n: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        for _ in range(n):
            y = np.sin(x)
            x = y * 1.1
        return x

    return f


def wide(n: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        return sum(np.sin(k * x) / k for k in range(1, n + 1))

    return f


def logistic(n: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        for _ in range(n):
            x = 3.5 * x * (1 - x)
        return x

    return f


def newton(n: int) -> Callable[[Any], Any]:
    def f(a: Any) -> Any:
        x = a
        for _ in range(n):
            x = 0.5 * (x + a / x)
        return x

    return f


def arrays(n: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        buffer = np.zeros(1)
        for k in range(n):
            buffer[0] = k
            x = np.tanh(x + buffer)
        return np.sum(x)

    return f


def irregular(n: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        for k in np.random.default_rng(0).integers(0, 2, n):
            x = np.sin(x) if k else np.arctan(x)
        return x

    return f


READINGS: dict[str, Callable[[Callable[[Any], Any]], Any]] = {
    "graph": lambda f: cr.graph(f, 0.3),
    "fold": lambda f: fold(cr.graph(f, 0.3)),
    "steps": lambda f: cr.graph(f, 0.3).steps(),
    "explain": lambda f: cr.explain(f, 0.3),
    "text": lambda f: cr.explain(f, 0.3).text(),
    "latex": lambda f: cr.explain(f, 0.3).latex(),
}


@pytest.mark.parametrize(
    ("make", "reading"),
    [(make, "explain") for make in (chain, wide, logistic, newton, arrays, irregular)]
    + [(make, "fold") for make in (chain, arrays, irregular)]
    + [(chain, reading) for reading in ("graph", "steps", "text", "latex")],
)
def test_twice_the_operations_take_about_twice_the_calls(
    make: Callable[[int], Callable[[Any], Any]], reading: str
) -> None:
    read = READINGS[reading]
    small, large = (calls(lambda n=n: read(make(n))) for n in (150, 300))  # type: ignore[misc]
    assert large < 3 * small  # and not four times as many


def test_readings_of_a_small_function_make_few_calls() -> None:
    found = counted()
    assert {name: count for name, count in found.items() if count > CALLS[name]} == {}


def test_a_name_given_thousands_of_times_is_numbered_without_searching() -> None:
    made = cr.graph(chain(3000), 0.3)
    assert made.nodes[-1].symbol == "x3000"
    assert calls(lambda: cr.graph(chain(2000), 0.3)) < 2.2 * calls(lambda: cr.graph(chain(1000), 0.3))


def test_an_array_written_to_in_a_loop_is_a_constant_for_each_of_its_values() -> None:
    made = cr.graph(arrays(50), 0.3)
    assert sum(node.kind == "constant" for node in made.nodes) == 50


def test_copies_of_a_formula_that_shares_its_parts_are_compared_once() -> None:
    def nested(n: int) -> Any:
        made: Any = Symbol("x")
        for _ in range(n):
            made = call(np.multiply, made, made)
        return made

    one, two = nested(200), nested(200)
    assert one == two
    parts = dict.fromkeys(postorder(one))
    assert all(part in parts for part in postorder(two))
    assert calls(lambda: [part in parts for part in postorder(two)]) < 50 * 200


def test_the_repr_of_a_formula_of_more_symbols_than_memory_is_short() -> None:
    made: Any = Symbol("x")
    for _ in range(60):
        made = made * made
    assert repr(made) == f"<Expression of {2**61 - 1:,} symbols and functions>"


def test_a_domain_too_long_to_be_read_is_told_by_its_length() -> None:
    explained = cr.explain(newton(40), 2.0)
    assert "Defined where each of the parts below is: written out, the condition has" in explained.text()
    assert explained.results[0].value == pytest.approx(0.5 / np.sqrt(2.0))


def test_the_title_of_a_sum_of_400_terms_shows_the_first_ones_and_sets_few_formulas() -> None:
    x: Any = Symbol("x")
    total = sum((np.sin(k * x) / k for k in range(2, 402)), np.sin(x))
    shown, size = title("f(x)", total, 4.6)
    assert shown.startswith(r"$f(x) = \sin(x) + \dfrac{\sin(2 x)}{2} + ")
    assert shown.endswith(r"+ \cdots$")
    assert shown.count("\n") == 2
    assert size >= 9.0
    short = sum((np.sin(k * x) / k for k in range(2, 82)), np.sin(x))
    assert title("f(x)", short, 4.6) == (shown, size)


def test_a_curve_with_hundreds_of_branches_refines_them_together() -> None:
    asked = 0

    def f(x: Any) -> Any:
        nonlocal asked
        asked += 1
        return np.tan(x)

    poles = describe(f, over=(-1000, 1000)).function.poles
    assert len(poles) > 600
    assert asked < 3 * len(poles)  # to tell each pole from a huge value, but no eight rounds for each branch


def test_hundreds_of_branches_and_asymptotes_are_a_few_lines() -> None:
    drawing = cr.draw(np.tan, over=(-1000, 1000))
    assert all(len(axes.lines) < 20 for axes in drawing.axes)


@pytest.mark.parametrize("size", [1, 2, 3, 21, 1000, flow.SELECTED_FROM, 40_000])
@pytest.mark.parametrize("kind", ["normal", "whole", "extreme"])
def test_the_quantiles_of_a_flow_are_those_of_numpy(size: int, kind: str) -> None:
    random = np.random.default_rng(size)
    entries = np.abs(random.normal(size=size))
    if kind == "whole":
        entries = np.floor(4 * entries)
    if kind == "extreme":
        entries *= 10.0 ** random.integers(-200, 200, size)
    measured = flow.gradient_flow(lambda w: np.sum(w), entries, [()]).steps[0].layers[0].value
    assert measured.quantiles == tuple(np.quantile(entries, flow.QUANTILES).tolist())


def test_only_the_users_own_functions_are_listened_to_while_names_are_read() -> None:
    heard: list[str] = []

    def f(x: Any) -> Any:
        profiler = sys.getprofile()
        assert profiler is not None

        def listen(frame: Any, event: str, argument: Any) -> None:
            heard.append(frame.f_code.co_filename)
            profiler(frame, event, argument)

        y = np.sin(x) * x + np.cos(x)
        heard.append("recorded")
        return y

    made = cr.graph(f, 0.3)
    assert made.nodes[-1].symbol == "y"
    assert sys.getprofile() is None
