"""Mistakes are found by what they lead to: named in both languages, with the step of the derivation."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from chainrule.practising import KINDS, exercises, judge
from tests.practising.planting import planted_in


@pytest.mark.parametrize(
    ("function", "answer", "kind"),
    [
        ("sin(x^2)", "cos(x^2)", "inner forgotten"),
        ("sin(x^2)", "4x^2 cos(x^2)", "chain rule twice"),
        ("sin(x^2)", "cos(2x)", "inner derivative put inside"),
        ("sin(x^2)", "sin(2x)", "function of the inner derivative"),
        ("e^(sin x)", "cos x", "inner derivative alone"),
        ("ln(x^2 + 1)", "2x·ln(x^2 + 1)", "outer function kept"),
        ("sin(x^2)", "cos(x^2) + 2x", "chain rule added"),
        ("(x^2 + 1)^5", "5(x^2 + 1)^5·2x", "power not reduced"),
        ("cos 3x", "3 sin 3x", "sign of cosine"),
        ("sin x", "-cos x", "sign of sine"),
        ("cos x", "cos x", "sine and cosine exchanged"),
        ("x^2 sin x", "2x cos x", "product of derivatives"),
        ("x^2 sin x", "2x sin x", "half of the product rule"),
        ("x^2 e^x", "2x e^x - x^2 e^x", "sign in the product rule"),
        ("x^3 e^x", "3x^2 + e^x", "product as a sum"),
        ("sin(x)/x", "(sin x - x cos x)/x^2", "order in the quotient rule"),
        ("sin(x)/x", "(sin x + x cos x)/x^2", "sign in the quotient rule"),
        ("sin(x)/x", "(x cos x - sin x)/x", "denominator not squared"),
        ("sin(x)/x", "cos x", "quotient of derivatives"),
        ("sin(x)/x", "x cos x - sin x", "denominator lost"),
        ("1/(x^2 + 1)", "2x/(x^2 + 1)^2", "sign of reciprocal"),
        ("2^x", "x·2^(x-1)", "power rule on an exponential"),
        ("e^x", "x·e^(x-1)", "power rule on an exponential"),
        ("x^5", "x^5·ln x", "exponential rule on a power"),
        ("2^x", "2^x", "ln a forgotten"),
        ("log_2 x", "1/x", "ln a forgotten"),
        ("2^x", "2^x/ln 2", "ln a misplaced"),
        ("2^x", "2^x·ln x", "ln of the exponent"),
        ("ln(x^2 + 1)", "1/x", "1/x for the logarithm of a function"),
        ("x^5", "x^4", "exponent not a factor"),
        ("x^(-2)", "-2x^(-1)", "exponent raised"),
        ("x^5", "5x", "exponent dropped"),
        ("x^5", "4x^4", "reduced exponent as the factor"),
        ("√x", "1/√x", "half forgotten"),
        ("√x", "√x/2", "root not in the denominator"),
        ("√x", "1/(2x)", "root lost"),
        ("√(x^2 + 1)", "√(2x)", "function of the inner derivative"),
        ("x^x", "x·x^(x-1)", "power rule alone"),
        ("x^x", "x^x·ln x", "exponential rule alone"),
        ("tan x", "1/cos x", "cosine not squared"),
        ("tan x", "1/(1 + x^2)", "function and inverse confused"),
        ("tan x", "1/sin^2 x", "sine for cosine under the tangent"),
        ("arctan x", "1/√(1 - x^2)", "inverse functions confused"),
        ("arcsin x", "-cos x/sin^2 x", "inverse as a reciprocal"),
        ("arctan x", "1/(1 - x^2)", "sign under an inverse function"),
        ("arcsin x", "1/(1 - x^2)", "root under an inverse function"),
        ("cosh x", "-sinh x", "sign of a hyperbolic function"),
        ("5x^2 + 3", "10x + 3", "constant kept"),
        ("5x^2 + 3", "10x + 1", "constant as 1"),
        ("x^3 - e^x", "3x^2 + e^x", "sign in a sum"),
        ("x^3 + sin x", "cos x", "term lost"),
        ("-x^3", "3x^2", "minus lost"),
        ("5·sin x", "cos x", "constant factor dropped"),
        ("5·sin x", "5 + cos x", "constant factor added"),
        ("x^3", "x^4/4", "integrated"),
        ("x^3 + arctan x", "3x^2 + arctan x", "not differentiated"),
        ("x^3", "x^3", "the function itself"),
        ("sin(x)·e^x", "-e^x·(sin x + cos x)", "opposite sign"),
        ("sin(x)/x", "x^2", None),
        ("x^2·e^x + ln(x)", "x^2·e^x + ln(x)", "the function itself"),
        ("x^2·e^x", "(x^2 + 4x + 2)·e^x", "second derivative"),
        ("sin(x) + x^2", "14(cos(x) + 2x)", "off by a factor"),
        ("sin(x) + x^2", "cos(x) + 2x + 14", "off by a constant"),
        ("x·sin(2x)", "sin(2x)/4 - x·cos(2x)/2", "antiderivative"),
    ],
)
def test_a_typical_mistake_is_named(function: str, answer: str, kind: str | None) -> None:
    verdict = judge(function, answer)
    assert verdict.outcome == "wrong"
    assert (None if verdict.diagnosis is None else verdict.diagnosis.kind.key) == kind


def test_the_step_of_the_derivation_is_shown_as_it_is_right_and_as_it_was_done() -> None:
    diagnosis = judge("x·e^(sin(2x))", "e^(sin(2x)) + x·cos(2x)·e^(sin(2x))").diagnosis
    assert diagnosis is not None
    assert diagnosis.kind.key == "inner forgotten"
    step = diagnosis.step
    assert step is not None
    assert (step.part, step.right, step.made) == ("u = sin(2x)", "u′ = 2·cos(2x)", "u′ = cos(2x)")
    assert step.names == ()
    assert step.rules[0].en == "chain rule"
    outer = judge("x·e^(sin(2x))", "e^(sin(2x)) + x·e^(sin(2x))").diagnosis
    assert outer is not None
    assert outer.step is not None
    assert (outer.step.part, outer.step.names, outer.step.made) == ("v = eᵘ", ("u = sin(2x)",), "v′ = eᵘ")


def test_of_several_mistakes_that_give_one_answer_the_likeliest_is_named_and_the_others_are_kept() -> None:
    diagnosis = judge("sin(2x)", "cos(2x)").diagnosis
    assert diagnosis is not None
    assert diagnosis.kind.key == "inner forgotten"
    assert "constant factor dropped" in diagnosis.others


def test_every_kind_is_said_in_both_languages() -> None:
    assert len(KINDS) >= 15
    assert len({kind.key for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert not any(_is_chinese(letter) for letter in kind.name.en + kind.remedy.en)
        assert any(map(_is_chinese, kind.name.zh))
        assert kind.remedy.en.endswith((".", ")"))
        assert kind.remedy.zh.endswith("。")


def _is_chinese(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def test_planted_mistakes_are_named() -> None:
    _named(60, 0, 0.9)


@pytest.mark.long
def test_of_a_thousand_planted_mistakes_95_percent_are_named(seed: int) -> None:
    _named(1000, seed, 0.95)


def _named(count: int, seed: int, share: float) -> None:
    """Planted apart from chainrule; of two mistakes that give one answer, naming the other one counts as a failure."""
    random = Random(seed)
    streams = [exercises("mixed", level, seed) for level in (1, 2, 3, 4)]
    missed: Counter[tuple[str, str | None]] = Counter()
    found = planted = 0
    while planted < count:
        exercise = next(random.choice(streams))
        mistake = planted_in(exercise.function.text("python"), random)
        if mistake is None:
            continue
        kind, answer = mistake
        planted += 1
        verdict = judge(exercise, answer)
        assert verdict.outcome == "wrong", (exercise.formula, mistake, verdict)
        named = None if verdict.diagnosis is None else verdict.diagnosis.kind.key
        found += named == kind
        if verdict.diagnosis is None or kind not in (named, *verdict.diagnosis.others):
            missed[kind, named] += 1
    assert found >= share * count, missed
    assert missed.total() <= 0.01 * count, missed
