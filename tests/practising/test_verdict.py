"""The verdict on an answer: right in any equivalent form, wrong ones never accepted, and what is said of both."""

from __future__ import annotations

import json
from random import Random

import pytest

from chainrule.errors import FormulaError
from chainrule.practising import Exercise, exercises, judge
from tests.practising.planting import Tree, differs
from tests.practising.scrambling import scrambled


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("x^2", "2x"),
        ("x^2", "x + x"),
        ("x^2", "2x^2/x"),
        ("x^2", "f'(x) = 2x"),
        ("x^2", "y′ = 2x"),
        ("x^2", "dy/dx = 2x"),
        ("x^2", "d/dx = 2x"),
        ("x^2", "ｆ'（ｘ）＝２ｘ"),
        ("x^2", r"\frac{df}{dx} = 2x"),
        ("sin(x)^2", "sin 2x"),
        ("sin(x)^2", "2 sin x cos x"),
        ("tan x", "1 + tan²x"),
        ("tan x", "sec^2 x"),
        ("cot x", "-csc^2 x"),
        ("ln|x|", "1/x"),
        ("|x|", "x/|x|"),
        ("|x|", "sgn x"),
        ("cbrt(x)", "1/3 x^(-2/3)"),
        ("³√(x^2)", "2/(3·³√x)"),
        ("√x", "1/2 x^(-1/2)"),
        ("x^x", "e^(x ln x)(ln x + 1)"),
        ("arccos x", "-(1-x^2)^(-1/2)"),
        ("ln(x + √(x²+1))", "1/√(x²+1)"),
        ("log_2 x", "1/(x ln 2)"),
        ("2^x", "ln(2)·e^(x·ln 2)"),
        ("sin(x)^2 + cos(x)^2", "0"),
        ("max(x, 1)", "{0 if x < 1, 1 otherwise}"),
        ("√(x-100) + ln(101-x)", "1/(2√(x-100)) - 1/(101-x)"),
        ("cos(e^(5x - 2))", "-5e^(-2)·e^(5x)·sin(e^(-2)·e^(5x))"),
        ("a·x^2 + b", "2a·x"),
        ("0.1x^3", "0.3x²"),
        ("x^1000", "1000x^999"),
        ("sinh x", "(e^x + e^(-x))/2"),
        ("arctan(1/x)", "-1/(1+x^2)"),
        ("7", "0"),
        ("sin(30°·x)", "π/6·cos(π·x/6)"),
    ],
)
def test_a_right_answer_is_accepted_in_any_form(function: str, answer: str) -> None:
    exercise = Exercise(function, "x")
    verdict = judge(exercise, answer)
    assert verdict.outcome == "right", verdict
    assert verdict.sentences[0].en == "Right."


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("x^2", "2x + 0.000001"),
        ("x^2", "2.0000001x"),
        ("x^2", "2|x|"),
        ("x^2", "{2x if x != 5, 0 otherwise}"),
        ("ln x", "1/x + 1e-7"),
        ("x^2", "2x + max(0, x - 300)"),
        ("|x|", "1"),
        ("ln|x|", "1/|x|"),
        ("√(x^2)", "1"),
        ("sin x", "cos x + 1e-8"),
        ("arctan(1/x)", "1/(1+x^2)"),
        ("x^3", "3x|x|"),
        ("7", "1e-9"),
        ("max(x, 1)", "1"),
        ("e^x", "e^x + 1e-6"),
        ("x^2", "2x + floor(x/9)"),
    ],
)
def test_an_answer_that_is_wrong_somewhere_is_not_accepted(function: str, answer: str) -> None:
    verdict = judge(Exercise(function, "x"), answer)
    assert verdict.outcome == "wrong"
    assert verdict.answer is not None
    assert verdict.right is not None
    assert verdict.answer != verdict.right


def test_an_answer_that_is_right_on_a_part_of_the_domain_is_told_apart() -> None:
    verdict = judge("x^2", "2·√x·√x")
    assert verdict.outcome == "narrower"
    assert dict(verdict.at)["x"] < 0
    assert "has no value at x = −" in verdict.sentences[0].en
    assert judge("x^4", "4√(x^6)").outcome == "wrong"


def test_an_answer_that_is_no_formula_is_unreadable_and_says_where() -> None:
    verdict = judge("x^2", "f'(x) = 2x +")
    assert verdict.outcome == "unreadable"
    assert isinstance(verdict.error, FormulaError)
    assert (verdict.error.text, verdict.error.column) == ("f'(x) = 2x +", 12)
    stranger = judge("x^2", "2u")
    assert stranger.outcome == "unreadable"
    assert "The answer has u in it" in stranger.sentences[0].en


def test_an_exercise_needs_a_variable_and_a_formula() -> None:
    with pytest.raises(FormulaError, match="no variable"):
        judge("7 + 1", "0")
    with pytest.raises(FormulaError):
        judge("2 +", "0")


def test_a_long_way_of_writing_is_shown_the_short_one() -> None:
    said = [sentence.en for sentence in judge("tan(x)", "(cos(x)·cos(x) + sin(x)·sin(x))/(cos(x)·cos(x))").sentences]
    assert said == ["Right.", "It can be written shorter: 1/cos²(x)"]
    assert [sentence.zh for sentence in judge("x^2", "2x").sentences] == ["正确。"]


def test_a_note_says_how_an_answer_was_read() -> None:
    verdict = judge("ln(x)/2", "1/2x")
    assert verdict.outcome == "wrong"
    assert any("read as (1/2)·x" in sentence.en for sentence in verdict.sentences)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_verdict_and_an_exercise_are_plain_data_for_json(lang: str) -> None:
    exercise = next(exercises("chain", 2, seed=4))
    assert json.loads(json.dumps(exercise.as_data(lang)))["formula"] == exercise.formula  # type: ignore[arg-type]
    for answer in ("2x", "2x +", "u", "1/0", exercise.formula, "√(x)·√(-x)"):
        data = json.loads(json.dumps(judge(exercise, answer).as_data(lang), allow_nan=False))  # type: ignore[arg-type]
        assert data["typed"] == answer
        assert Exercise(exercise.formula, exercise.variable).question == exercise.question


def test_right_answers_in_other_forms_are_all_accepted() -> None:
    _accepted(24, 0)


@pytest.mark.long
def test_a_thousand_right_answers_in_other_forms_are_all_accepted(seed: int) -> None:
    _accepted(1000, seed)


def _accepted(count: int, seed: int) -> None:
    random = Random(seed)
    streams = [exercises("mixed", level, seed) for level in (1, 2, 3, 4)]
    for number in range(count):
        exercise = next(streams[number % 4])
        way, answer = scrambled(exercise.function.text("python"), random)
        verdict = judge(exercise, answer)
        assert verdict.outcome == "right", (exercise.formula, way, answer, verdict)


def test_random_wrong_answers_are_never_accepted() -> None:
    _refused(50, 0)


@pytest.mark.long
def test_a_thousand_random_wrong_answers_are_never_accepted(seed: int) -> None:
    _refused(1000, seed)


def _refused(count: int, seed: int) -> None:
    """Answers of other exercises, and right ones with something added, multiplied, or put in place of x."""
    random = Random(seed)
    streams = [exercises("mixed", level, seed) for level in (1, 2, 3, 4)]
    other, refused = "1", 0
    while refused < count:
        exercise = next(random.choice(streams))
        right = Tree(exercise.function.text("python")).slope()
        size = random.choice(["0.001", "1", "x/100", "0.0001*x^2", "2"])
        answer = random.choice(
            [
                other,
                f"{right} + {size}",
                f"({right})*(1 + {size})",
                right.replace("x", "(x + 0.01)").replace("e(x + 0.01)p", "exp"),
                f"-({right})",
                f"({right})*({other})",
                f"abs({right})",
            ]
        )
        other = right
        if "exp" in right and "exp" not in answer:
            continue
        if differs(answer.replace("abs", "fabs"), right):
            verdict = judge(exercise, answer)
            assert verdict.outcome in ("wrong", "narrower"), (exercise.formula, answer, verdict)
            refused += 1
