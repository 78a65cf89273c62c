"""The lessons: every proof is right line by line, every exercise has its answer, every measurement is reproduced."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from chainrule.formula.expression import Constant, Expression, Symbol, evaluate, free_symbols
from chainrule.formula.text import text
from chainrule.showing.language import Phrase
from chainrule.tour import blocks, vanishing, words
from chainrule.tour.lesson import Exercise, Line, Proof, secants
from chainrule.tour.lessons import powers
from chainrule.tour.lessons.compositions import LAYERS
from chainrule.tour.page import SIGMOID
from chainrule.tour.plan import SECTIONS, CompositionStation, FunctionStation, LayersStation
from chainrule.transforms.gradients import grad

PARTS = [part for section in SECTIONS for part in section.parts]
FUNCTIONS = [part for part in PARTS if isinstance(part, FunctionStation)]
PROOFS = {f"{part.name}-{place}": proof for part in FUNCTIONS for place, proof in enumerate(part.lesson.proofs)}
PROOFS |= {section.name: section.proof for section in SECTIONS if section.proof}
EXERCISES = [exercise for part in FUNCTIONS for exercise in part.lesson.exercises]
EXERCISES += [exercise for section in SECTIONS for exercise in section.exercises]
EXAMPLES = [part.lesson.example for part in FUNCTIONS]
EXAMPLES += [part.example for part in PARTS if isinstance(part, (CompositionStation, LayersStation))]

# Functions that stand for the unknown ones of the proofs, with their derivatives.
KNOWN = {"u": np.sin, "u′": np.cos, "v": lambda x: np.exp(x) + 2, "v′": np.exp}


def number(formula: Expression, values: dict[str, float]) -> float:
    """The value of a formula, with functions put in for the unknown ones."""
    if getattr(formula, "arguments", ()):
        name = getattr(formula.function, "__name__", "")
        function = KNOWN.get(name, formula.function)
        return float(function(*(number(argument, values) for argument in formula.arguments)))
    return float(evaluate(formula, values))


def slope(formula: Expression, values: dict[str, float]) -> float:
    """The derivative by x as a central difference of fourth order, which knows nothing of the rules."""
    step = 1e-3
    at = {k: number(formula, values | {"x": values["x"] + k * step}) for k in (-2, -1, 1, 2)}
    return (at[-2] - 8 * at[-1] + 8 * at[1] - at[2]) / (12 * step)


def in_the_limit(formula: Expression, values: dict[str, float]) -> float:
    """The limit for h to 0, by Richardson's extrapolation from five steps."""
    estimates = [number(formula, values | {"h": 0.02 / 2**k}) for k in range(5)]
    for order in range(1, 5):
        estimates = [b + (b - a) / (2**order - 1) for a, b in pairwise(estimates)]
    return estimates[0]


def cases() -> Iterator[dict[str, float]]:
    random = np.random.default_rng(5)
    for _ in range(4):
        x, c, n, a = random.uniform([0.1, -3, 0.5, 1.5], [0.8, 3, 4, 9])
        yield {"x": float(x), "c": float(c), "n": float(n), "a": float(a)}


@pytest.mark.parametrize("name", PROOFS)
def test_every_line_of_a_proof_follows_and_the_last_one_is_the_derivative(name: str) -> None:
    proof = PROOFS[name]
    for values in cases():
        found = slope(proof.function, values)
        if proof.quotient is None:
            follow_equations(proof, values, found)
        else:
            follow_chain([proof.quotient, *(line.expression for line in proof.lines)], values)
        assert number(proof.lines[-1].expression, values) == pytest.approx(found, rel=1e-8, abs=1e-9)


def follow_chain(formulas: list[Expression], values: dict[str, float]) -> None:
    """Each line equals the one before, or is its limit where the step h is gone."""
    for before, after in pairwise(formulas):
        if "h" in free_symbols(after):
            for step in (0.1, -0.05):
                moved = values | {"h": step}
                assert number(before, moved) == pytest.approx(number(after, moved), rel=1e-9, abs=1e-12)
        elif "h" in free_symbols(before):
            assert in_the_limit(before, values) == pytest.approx(number(after, values), rel=1e-7, abs=1e-9)
        else:
            assert number(before, values) == pytest.approx(number(after, values), rel=1e-12)


def follow_equations(proof: Proof, values: dict[str, float], found: float) -> None:
    """Both sides of every line are equal where y is the function's value and y′ its slope."""
    known = values | {"y": number(proof.function, values), "y′": found}
    for line in proof.lines:
        left = line.left_expression
        assert left is not None
        assert number(left, known) == pytest.approx(number(line.expression, known), rel=1e-8)


def test_a_wrong_line_of_a_proof_would_be_noticed() -> None:
    wrong = Proof(PROOFS["power-2-0"].function, (Line("2x + 2h", words.PROOF), Line("2x", words.PROOF)))
    with pytest.raises(AssertionError):
        follow_chain([wrong.quotient, *(line.expression for line in wrong.lines)], {"x": 0.7})


@pytest.mark.parametrize("n", [2, 3, 6])
def test_the_binomial_line_says_what_the_formula_behind_it_computes(n: int) -> None:
    line = powers.ANY_POWER.lines[0]
    assert line.shown.text == "n·x^(n − 1) + n(n − 1)/2·x^(n − 2)·h + … + h^(n − 1)"
    x, h = 1.3, 0.4
    terms = [math.comb(n, k) * x ** (n - k) * h ** (k - 1) for k in range(1, n + 1)]
    assert terms[:2] == pytest.approx([n * x ** (n - 1), n * (n - 1) / 2 * x ** (n - 2) * h])
    assert terms[-1] == pytest.approx(h ** (n - 1))
    assert number(line.expression, {"x": x, "h": h, "n": float(n)}) == pytest.approx(sum(terms))


def test_the_proofs_of_a_station_are_of_its_function() -> None:
    for part in FUNCTIONS:
        for proof in part.lesson.proofs:
            for values in cases():
                expected = float(part.function.derivative(values["x"]))
                assert number(proof.lines[-1].expression, values) == pytest.approx(expected, rel=1e-13)


def test_the_general_formulas_are_those_of_the_tutorial() -> None:
    general = {name: text(blocks.slope_of(proof.function)) for name, proof in PROOFS.items() if "-" not in name}
    assert general["power"] == "n·x^(n − 1)"
    assert general["exponential"] == "aˣ·ln(a)"
    assert general["logarithm"] == "1/(x·ln(a))"
    assert general["sum"] == "u′(x) + v′(x)"
    assert set(general) == {"power", "exponential", "logarithm", "sum", "product", "quotient"}
    for name in ("chain-rule", "product", "quotient"):
        for values in cases():
            derived = number(blocks.slope_of(PROOFS[name].function), values)
            assert derived == pytest.approx(number(PROOFS[name].lines[-1].expression, values), rel=1e-12)


def test_secants_turn_into_the_tangent() -> None:
    for part in FUNCTIONS:
        entry = part.function
        slopes = [found for _, found in secants(entry, entry.at, entry.window[1])]
        exact = float(entry.derivative(entry.at))
        off = [abs(found - exact) for found in slopes]
        assert off == sorted(off, reverse=True)
        assert off[-1] <= 1e-2 * max(1.0, abs(exact)) * (30 if part.name == "exp-10" else 1)


# ── exercises and examples ──


def name_of(exercise: Exercise) -> str:
    return exercise.formula


@pytest.mark.parametrize("exercise", EXERCISES, ids=name_of)
def test_the_expected_slopes_of_an_exercise_are_those_of_differences(exercise: Exercise) -> None:
    points, expected = exercise.points, exercise.expected()
    assert len(expected) >= 4
    f = exercise.function
    step = 1e-4
    names = f.variables
    moved = {
        k: f(**{name: points[name] + k * step * (name == exercise.variable) for name in names}) for k in (-2, -1, 1, 2)
    }
    difference = (moved[-2] - 8 * moved[-1] + 8 * moved[1] - moved[2]) / (12 * step)
    np.testing.assert_allclose(expected, np.broadcast_to(difference, expected.shape), rtol=1e-8, atol=1e-9)


def test_every_function_has_two_exercises_and_so_has_every_composition_and_the_network() -> None:
    assert all(len(part.lesson.exercises) == 2 for part in FUNCTIONS)
    assert [section.name for section in SECTIONS if section.exercises] == [
        "chain-rule", "sum", "product", "quotient", "layers"
    ]  # fmt: skip
    assert all(len(section.exercises) == 2 for section in SECTIONS if section.exercises)
    assert len({exercise.formula for exercise in EXERCISES}) == len(EXERCISES)


def test_every_example_has_numbers_on_its_graph_that_differences_confirm() -> None:
    for example in EXAMPLES:
        graph, f = example.graph(), example.function
        inputs = {node.name: node for node in graph.nodes if node.kind == "input"}
        assert set(inputs) == set(f.variables)
        for name, at in zip(f.variables, example.at, strict=True):
            values = dict(zip(f.variables, example.at, strict=True))
            step = 1e-5
            difference = (f(**values | {name: at + step}) - f(**values | {name: at - step})) / (2 * step)
            assert inputs[name].value == at
            assert inputs[name].gradient == pytest.approx(difference, rel=1e-7, abs=1e-8)


# ── what the network's chapter says ──


def test_the_graph_of_the_layers_calls_the_sigmoid_by_its_letter() -> None:
    graph = LAYERS.graph()
    assert [node.label for node in graph.nodes].count("σ") == 2
    said = [step.sentence("zh") for step in graph.steps()]
    assert any("计算 σ(v₁)，得到 v₂ = 0.69" in sentence for sentence in said)


def test_the_measured_gradients_are_those_of_backpropagation_by_hand() -> None:
    for measured in vanishing.measured():
        weights, inputs, targets = vanishing.setting(measured.activation)
        values, sums = [inputs], []
        for matrix in weights:
            sums.append(values[-1] @ matrix)
            values.append(measured.activation.function(sums[-1]))
        slopes = {
            "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
            "tanh": lambda z: 1 / np.cosh(z) ** 2,
            "ReLU": lambda z: (z > 0).astype(float),
        }
        arriving = 2 * (values[-1] - targets) / targets.size
        norms: list[float] = []
        for place in reversed(range(len(weights))):
            behind = arriving * slopes[measured.activation.name](sums[place])
            norms.insert(0, float(np.linalg.norm(values[place].T @ behind)))
            arriving = behind @ weights[place].T
        assert measured.norms == pytest.approx(norms, rel=1e-10)


def test_the_gradient_vanishes_with_the_sigmoid_and_with_no_other() -> None:
    lost = {measured.activation.name: measured.lost for measured in vanishing.measured()}
    assert lost["sigmoid"] > 1e4
    assert 0.2 < lost["tanh"] < 5
    assert 0.2 < lost["ReLU"] < 5


def test_the_slope_of_the_sigmoid_is_a_quarter_at_most() -> None:
    slopes = SIGMOID.derivative(np.linspace(-20, 20, 4001))
    assert slopes.max() == SIGMOID.derivative(0.0) == 0.25


def test_the_formulas_for_a_layer_are_the_gradient() -> None:
    random = np.random.default_rng(2)
    first, second, start = random.normal(size=(3, 2)), random.normal(size=(2, 3)), random.normal(size=2)

    def sigma(z: Any) -> Any:
        return 1 / (1 + np.exp(-z))

    def loss(first: Any, second: Any) -> Any:
        return np.sum(sigma(second @ sigma(first @ start)) ** 2)

    # zₗ = Wₗ aₗ₋₁, aₗ = σ(zₗ); ∂L/∂zₗ = (Wₗ₊₁ᵀ ∂L/∂zₗ₊₁) ⊙ σ′(zₗ); ∂L/∂Wₗ = ∂L/∂zₗ aₗ₋₁ᵀ
    z1 = first @ start
    z2 = second @ sigma(z1)
    slope1, slope2 = (sigma(z) * (1 - sigma(z)) for z in (z1, z2))
    by_z2 = 2 * sigma(z2) * slope2
    by_z1 = (second.T @ by_z2) * slope1
    np.testing.assert_allclose(grad(loss, 1)(first, second), np.outer(by_z2, sigma(z1)), rtol=1e-12)
    np.testing.assert_allclose(grad(loss, 0)(first, second), np.outer(by_z1, start), rtol=1e-12)


# ── words ──


def phrases() -> Iterator[tuple[str, str]]:
    """Every phrase of the tour, found wherever it stands."""
    waiting: list[Any] = [*SECTIONS, vars(words), powers.ANY_POWER]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Phrase):
            yield found.en, found.zh
        elif isinstance(found, (tuple, list)):
            waiting += found
        elif isinstance(found, dict):
            waiting += found.values()
        elif hasattr(found, "__dataclass_fields__") and not isinstance(found, Expression):
            waiting += vars(found).values()


HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,.;:!?()]|[,;:!?](?=[\u4e00-\u9fff])|[()](?=[\u4e00-\u9fff])")


def test_every_phrase_is_in_both_languages_with_the_punctuation_of_each() -> None:
    all_phrases = list(phrases())
    assert len(all_phrases) > 250
    for english, chinese in all_phrases:
        assert not re.search("[\u4e00-\u9fff，。；：！？（）]", english)
        said = re.sub(r"\{\w+\}", "", english)
        assert re.search("[\u4e00-\u9fff]", chinese) or not re.search("[a-z]{3}", said), english
        assert not HALF_WIDTH.search(chinese), chinese
        assert english.count("{") == chinese.count("{")


def test_constants_have_a_lesson_too() -> None:
    assert blocks.slope_of(PROOFS["constant-0"].function) == Constant(0)
    assert blocks.slope_of(Symbol("x")) == Constant(1)
