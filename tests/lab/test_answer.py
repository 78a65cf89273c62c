"""What the lab's page is answered: plain data, equal to what the engine computes, for any request."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.lab.answer import answer
from chainrule.lab.catalogue import catalogue
from chainrule.lab.request import LONGEST, MOST_OVERLAYS
from tests.lab.hostile import HOSTILE, SLOW, random_text

EVERYTHING = ["reading", "point", "curve", "graph", "derivation", "code"]
WITHOUT_CURVE = ["reading", "point", "graph", "derivation", "code"]


def asked(formula: str, *wishes: str, **more: Any) -> dict[str, Any]:
    return answer({"formula": formula, "wishes": list(wishes), **more})


def test_the_value_and_the_slopes_are_those_of_complex_steps_and_differences() -> None:
    made = asked("x^2 * sin(x)", "point", at=0.7, order=3)["point"]
    x, h = 0.7, 1e-30
    assert made["y"] == pytest.approx(x**2 * math.sin(x), rel=1e-14)
    assert made["slopes"][0] == pytest.approx(((x + 1j * h) ** 2 * np.sin(x + 1j * h)).imag / h, rel=1e-14)
    second = 2 * math.sin(x) + 4 * x * math.cos(x) - x**2 * math.sin(x)
    third = 6 * math.cos(x) - 6 * x * math.sin(x) - x**2 * math.cos(x)
    assert made["slopes"][1:] == pytest.approx([second, third], rel=1e-12)


def test_the_secants_have_halving_steps_and_their_slopes_approach_the_derivative() -> None:
    made = asked("exp(x)", "point", at=0.5)["point"]
    for secant in made["secants"]:
        h = secant["h"]
        assert secant["slope"] == pytest.approx((math.exp(0.5 + h) - math.exp(0.5)) / h, rel=1e-9 / h + 1e-12)
    assert made["secants"][0]["h"] == 2.0
    assert made["secants"][-1]["slope"] == pytest.approx(math.exp(0.5), rel=1e-5)


def test_the_graph_has_a_place_for_every_node_and_edge_and_the_gradient_of_the_engine() -> None:
    made = asked("a * sin(b * x)", "graph", at=1.2, values={"a": 2.0, "b": 3.0})["graph"]
    gradients = {node["symbol"]: node["gradient"] for node in made["nodes"] if node["kind"] == "input"}
    assert gradients == pytest.approx(
        {"a": math.sin(3.6), "b": 2 * 1.2 * math.cos(3.6), "x": 2 * 3 * math.cos(3.6)}, rel=1e-13
    )
    assert set(made["boxes"]) == {str(node["id"]) for node in made["nodes"]}
    assert len(made["routes"]) == len(made["edges"])
    assert all(step["sentence"] for step in made["steps"])


def test_nodes_stay_in_their_places_when_the_point_moves() -> None:
    one, other = (asked("tanh(x)/(1 + x^2)", "graph", at=at)["graph"] for at in (0.1, -123.456))
    assert one["boxes"] == other["boxes"]
    assert one["routes"] == other["routes"]
    assert [step["kind"] for step in one["steps"]] == [step["kind"] for step in other["steps"]]


def test_a_node_belongs_to_the_innermost_part_of_the_derivation_that_computes_it() -> None:
    made = asked("exp(sin(x)) * sin(x)", "graph", "derivation", at=1.0)
    operations = {node["id"]: node["operation"] for node in made["graph"]["nodes"]}
    by_operation = {operations[int(id)]: part for id, part in made["derivation"]["parts"].items()}
    lines = {block["name"]: block for block in made["derivation"]["blocks"] if block.get("part")}
    assert "sin" in lines[by_operation["sin"]]["right"]
    assert by_operation["multiply"] == "f"
    assert by_operation["exp"] not in ("f", by_operation["sin"])


def test_curves_end_at_poles_and_say_what_kind_of_border_each_is() -> None:
    made = asked("1/x + |x - 1|", "curve", over=[-2.0, 3.0])["curve"]
    assert [(border["x"], border["kind"]) for border in made["borders"]] == [(0.0, "pole"), (1.0, "kink")]
    for branch in made["function"]["branches"]:
        assert not branch["x"][0] < 0 < branch["x"][-1]


def test_where_the_function_has_no_value_the_curve_is_still_there() -> None:
    made = asked("ln(x)", "curve", "point", "derivation", at=-1.0, over=[-2.0, 3.0])
    assert made["curve"]["tangent"] is None
    assert made["curve"]["function"]["branches"]
    assert made["point"]["y"] is None
    nowhere = asked("sqrt(-1 - x^2)", "curve", at=0.0, over=[-2.0, 2.0])["curve"]
    assert nowhere["function"]["branches"] == []
    assert nowhere["problem"]


def test_overlays_use_the_parameters_and_one_that_is_wrong_spoils_nothing() -> None:
    made = asked("a*x", "curve", values={"a": 3.0}, overlays=["a*x^2", "x +", "q*x"])["curve"]
    right, faulty, unknown = made["overlays"]
    xs, ys = right["function"]["branches"][0]["x"], right["function"]["branches"][0]["y"]
    np.testing.assert_allclose(ys, 3 * np.square(xs), rtol=1e-5, atol=1e-5)
    assert faulty["error"]["column"] == 3
    assert "q" in unknown["error"]["reason"]


def test_a_fault_is_told_with_its_column_and_in_the_language_asked_for() -> None:
    assert asked("2 + * x", "reading")["error"]["column"] == 4
    assert asked("x" * (LONGEST + 1), "reading", lang="zh")["error"]["reason"].endswith("个。")


@pytest.mark.parametrize(
    "data",
    [
        None, [], "x", 3, {"wishes": "curve"}, {"wishes": ["cook"]}, {"wishes": [], "formula": 3},
        {"wishes": [], "at": "1"}, {"wishes": [], "at": True}, {"wishes": [], "at": 1e300},
        {"wishes": [], "over": [2, 1]}, {"wishes": [], "order": 99},
        {"wishes": [], "over": [1, 1.0000000001]}, {"wishes": [], "values": {"x": "1"}}, {"wishes": [], "lang": "fr"},
        {"wishes": [], "overlays": ["x"] * (MOST_OVERLAYS + 1)}, {"wishes": ["composed"], "compose": ["mix", "x", "x"]},
        {"wishes": ["composed"]}, {"wishes": ["curve"], "formula": "x^2", "variable": "z"},
    ],
)  # fmt: skip
def test_a_request_that_is_none_is_an_error_that_says_why(data: Any) -> None:
    assert answer(data)["error"]["reason"]


def test_a_composition_has_the_value_of_its_functions() -> None:
    g, h = cr.parse("sin(x)"), cr.parse("x^2 + 1")
    expected = {"sum": g(2.0) + h(2.0), "product": g(2.0) * h(2.0), "quotient": g(2.0) / h(2.0), "chain": g(h(2.0))}
    for kind, value in expected.items():
        made = answer({"wishes": ["composed"], "compose": [kind, "sin(x)", "x^2 + 1"]})
        assert cr.parse(made["composed"])(2.0) == pytest.approx(value)


def test_every_function_of_the_catalogue_can_be_shown() -> None:
    rows = catalogue("en")
    assert len(rows) > 45
    assert [row["text"] for row in catalogue("zh")] == [row["text"] for row in rows]
    for row in rows:
        made = asked(row["text"], "reading", "point", at=0.5)
        assert "error" not in made, row
        assert made["reading"]["formula"]["mathml"]


def test_the_python_code_runs_and_prints_the_derivative(capsys: pytest.CaptureFixture[str]) -> None:
    code = asked("a * x^2", "code", at=3.0, values={"a": 2.0})["code"]["python"]
    exec(code.replace('cr.graph(f, 2.0, 3.0).save("graph.svg")', ""), {})
    printed = capsys.readouterr().out
    assert "18.0" in printed
    assert "(np.float64(9.0), np.float64(12.0))" in printed


def _check(formula: str, wishes: list[str], **more: Any) -> None:
    made = asked(formula, *wishes, **more)
    text = json.dumps(made, allow_nan=False)
    assert set(made) == ({"error"} if "error" in made else set(wishes)), formula
    assert len(text) < 2_000_000


def test_hostile_formulas_give_a_clear_error_or_a_result() -> None:
    for formula in HOSTILE:
        _check(formula, WITHOUT_CURVE, at=1.0)


def test_random_texts_give_a_clear_error_or_a_result() -> None:
    rng = np.random.default_rng(6)
    for _ in range(150):
        _check(random_text(rng), WITHOUT_CURVE, at=0.5)


@pytest.mark.long
def test_hostile_formulas_and_many_random_texts_are_drawn_or_refused(seed: int) -> None:
    for formula in (*HOSTILE, *SLOW):
        _check(formula, EVERYTHING, order=2)
    rng = np.random.default_rng(seed)
    for _ in range(10_000):
        _check(random_text(rng), EVERYTHING)
