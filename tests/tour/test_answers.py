"""The script of the tour's page: what it makes of typed answers. It is run by Node.js, where that is installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.resources import files
from typing import Any

import pytest

from chainrule.formula.formula import parse
from chainrule.tour.lesson import Exercise
from chainrule.tour.page import words
from chainrule.tour.plan import SECTIONS, FunctionStation

NODE = shutil.which("node")
SCRIPT = files("chainrule.tour").joinpath("evaluate.js").read_text(encoding="utf-8")
PAGE_SCRIPT = files("chainrule.tour").joinpath("page.js").read_text(encoding="utf-8")
EXERCISES = {exercise.formula: exercise for section in SECTIONS for exercise in section.exercises}
EXERCISES |= {
    exercise.formula: exercise
    for section in SECTIONS
    for part in section.parts
    if isinstance(part, FunctionStation)
    for exercise in part.lesson.exercises
}
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js runs the page's script")


def run(program: str, given: Any) -> Any:
    """What `program` makes of the variable `given`, after the page's script."""
    code = f"{SCRIPT}\nconst given = {json.dumps(given)};\nconsole.log(JSON.stringify({program}));"
    done = subprocess.run([str(NODE), "-e", code], capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def data(exercise: Exercise) -> dict[str, Any]:
    return {
        "points": {name: list(values) for name, values in exercise.points.items()},
        "expected": list(exercise.expected()),
    }


def judged(answers: list[tuple[str, str]]) -> list[str]:
    """The verdicts on answers: pairs of an exercise's formula and what was typed."""
    given = [{"typed": typed, "data": data(EXERCISES[formula])} for formula, typed in answers]
    return run("given.map(one => judge(one.typed, one.data).verdict)", given)


@needs_node
def test_the_librarys_own_answer_is_right_for_every_exercise_in_every_notation() -> None:
    answers = [
        (formula, written)
        for formula, exercise in EXERCISES.items()
        for written in (exercise.answer.text(), exercise.answer.text("python").replace("np.", ""))
    ]
    assert len(answers) > 80
    assert judged(answers) == ["right"] * len(answers)


@needs_node
def test_the_function_itself_and_slightly_wrong_answers_are_not_right() -> None:
    own = {"3exp(x)", "sinh(x) + cosh(x)"}  # these are their own derivatives
    answers = [(formula, formula) for formula in EXERCISES if formula not in own]
    answers += [(formula, f"{exercise.answer.text()} + 0.1") for formula, exercise in EXERCISES.items()]
    answers += [(formula, f"-({exercise.answer.text()})") for formula, exercise in EXERCISES.items()
                if exercise.answer.text() != "0"]  # fmt: skip
    assert "right" not in judged(answers)


EQUIVALENT = [
    ("5x^2", "10x"), ("5x^2", "x*10"), ("5x^2", "5·2·x"), ("5x^2", "１０ｘ"), ("5x^2", "2x+8x"), ("5x^2", "10x²/x"),
    ("1/x^2", "-2/x^3"), ("1/x^2", "-2x^-3"), ("1/x^2", "−2x⁻³"), ("1/x^2", "-2x**(-3)"), ("1/x^2", "（-2）／x^3"),
    ("3tan(x)", "3/cos(x)^2"), ("3tan(x)", "3/cos^2(x)"), ("3tan(x)", "3/cos² x"), ("3tan(x)", "3(1+tan(x)^2)"),
    ("3tan(x)", "3sec(x)^2"), ("3tanh(x)", "3(1-tanh²x)"), ("x*exp(x)", "e^x(1+x)"), ("x*exp(x)", "(x+1)*exp(x)"),
    ("x*exp(x)", "xe^x+e^x"), ("2^x", "2^x ln 2"), ("2^x", "ln(2)*e^(x*ln(2))"), ("log_2(x)", "1/(x ln2)"),
    ("3arcsin(x)", "3/√(1-x²)"), ("3arcsin(x)", "3(1-x^2)^(-1/2)"), ("sin(3x)", "3cos 3x"), ("sin(3x)", "3cos3x"),
    ("arcsin(x) + arccos(x)", "0"), ("pi^2", "0"), ("1/(1 + exp(-x))", "e^-x/(1+e^-x)^2"),
    ("1/(1 + exp(-x))", "σ(x)(1-σ(x))"), ("ln(1 + exp(x))", "sigmoid(x)"), ("x/y", "-x/y^2"),
]  # fmt: skip


@needs_node
def test_any_equivalent_form_is_right() -> None:
    assert judged(EQUIVALENT) == ["right"] * len(EQUIVALENT)


@needs_node
def test_other_answers_are_told_what_they_are() -> None:
    told = [
        ("5x^2", "5x", "wrong"), ("5x^2", "", "empty"), ("5x^2", "  ", "empty"), ("2^x", "x*2^(x-1)", "wrong"),
        ("10^x - x", "10^x*2.303 - 1", "rounded"), ("5ln(x)", "5/(x-0.7)", "undefined"), ("x/y", "1/y", "wrong"),
        ("5x^2", "10x +", "unreadable"), ("5x^2", "10 a", "unreadable"), ("5x^2", "10x)", "unreadable"),
        ("5x^2", "(10x", "unreadable"), ("5x^2", "10x; alert(1)", "unreadable"), ("5x^2", "sin", "unreadable"),
        ("5x^2", "constructor", "unreadable"), ("5x^2", "__proto__", "unreadable"), ("5x^2", "10x = 3", "unreadable"),
    ]  # fmt: skip
    assert judged([(formula, typed) for formula, typed, _ in told]) == [verdict for *_, verdict in told]


@needs_node
def test_formulas_mean_what_they_mean_to_the_library() -> None:
    texts = [
        "-x^2", "2^3^x", "x/2*3", "6/2x", "1/2x", "2x^2y", "-2^-x", "sin 2x cos y", "sin x/2", "sin² x", "sin(x)^2",
        "sin(x)y", "x(x+1)", "(x+1)(y-1)", "2π x", "e^2x", "x^1/2", "√x y", "√(x+y)", "|x-2|", "|x|y", "ln x y",
        "x²y³",
        "exp(-x)", "arctan x", "tan⁻¹(x)", "sin^-1(x/3)", "cosh(x)/2", "sec x", "x - -y", "3*-x", "x·y÷2", "1e3",
        "cos x sin y",
        "e⁻²ˣ", "2 sin x", "x sin(y)cos(x)", "log10(x)", "lg x", "log2(x)", ".5x", "sqrt(x)sqrt(y)", "-|x-y|",
    ]  # fmt: skip
    point = {"x": 0.7, "y": 1.3}
    found = run('given.texts.map(one => read(one, ["x", "y"])(given.point))', {"texts": texts, "point": point})
    for typed, value in zip(texts, found, strict=True):
        formula = parse(typed)
        expected = formula(**{name: point[name] for name in formula.variables})
        assert value == pytest.approx(float(expected), rel=1e-14), typed


@needs_node
def test_the_place_that_cannot_be_read_is_marked() -> None:
    found = run("judge(given.typed, given.data)", {"typed": "2x + $", "data": data(EXERCISES["5x^2"])})
    assert found == {"verdict": "unreadable", "marked": "2x + ▸$"}


def test_nothing_that_is_typed_is_run_as_a_program_and_nothing_is_fetched() -> None:
    for script in (SCRIPT, PAGE_SCRIPT):
        assert not re.search(r"\beval\b|Function\(|innerHTML|fetch|XMLHttp|import|https?:|setTimeout\(\s*['\"]", script)


def test_every_verdict_has_words_with_what_it_is_given() -> None:
    assert set(words.VERDICTS) == set(re.findall(r'verdict: "(\w+)"', SCRIPT))
    for phrase in words.VERDICTS.values():
        assert set(re.findall(r"\{(\w+)\}", phrase.en)) <= {"place", "yours", "marked"}
