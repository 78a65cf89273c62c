"""The words and numbers on a drawing."""

from __future__ import annotations

import math
from dataclasses import fields
from string import Formatter

import pytest

from chainrule.drawing.captions import LANGUAGES, Labels, equation, labels, number, place, tangent_label
from chainrule.drawing.picture import Tangent
from chainrule.errors import DomainError


@pytest.mark.parametrize(
    ("x", "y", "slope", "expected"),
    [
        (1, 1, 2, "y = 2x − 1"),
        (1, 1, 0, "y = 1"),
        (0, 0, 0, "y = 0"),
        (2, -3, 0, "y = −3"),
        (0, 0, 1, "y = x"),
        (0, 0, -1, "y = −x"),
        (1, 1, -1, "y = −x + 2"),
        (1, math.e, math.e, "y ≈ 2.718x"),
        (1, math.tan(1), 1 / math.cos(1) ** 2, "y ≈ 3.426x − 1.868"),
        (0.1, 0.3, 3.0, "y = 3x"),
    ],
)
def test_the_equation_of_a_line_reads_as_a_person_writes_it(
    x: float, y: float, slope: float, expected: str
) -> None:
    assert equation(x, y, slope) == expected


def test_numbers_have_four_digits_and_a_true_minus_sign() -> None:
    assert [number(v) for v in (2.0, -0.0, -1 / 3, 1e-9, 2.5e20)] == [
        "2",
        "0",
        "−0.3333",
        "1×10⁻⁹",
        "2.5×10²⁰",
    ]
    assert number(-math.inf) == "−∞"


def test_places_at_multiples_of_half_pi_are_said_so() -> None:
    assert [place("x", k * math.pi / 2) for k in (-3, -2, -1, 1, 4)] == [
        "x = −3π/2",
        "x = −π",
        "x = −π/2",
        "x = π/2",
        "x = 2π",
    ]
    assert [place("y", v) for v in (0.0, 1.5, math.sqrt(2), 1.5708)] == [
        "y = 0",
        "y = 1.5",
        "y ≈ 1.414",
        "y ≈ 1.571",
    ]


def test_both_languages_say_everything_with_the_same_gaps() -> None:
    def gaps(words: Labels) -> list[int]:
        values = [getattr(words, field.name) for field in fields(words)]
        texts = [text for value in values for text in ([value] if isinstance(value, str) else value.values())]
        return [sum(part[1] is not None for part in Formatter().parse(text)) for text in texts]

    english, chinese = LANGUAGES["en"], LANGUAGES["zh"]
    assert gaps(english) == gaps(chinese)
    assert english.obstacles.keys() == chinese.obstacles.keys()
    assert all(any("一" <= c <= "鿿" for c in text) for text in chinese.obstacles.values())


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(DomainError, match="'en', 'zh', but got 'fr'"):
        labels("fr")


def test_the_tangents_label_says_why_there_is_none() -> None:
    words = LANGUAGES["en"]
    assert tangent_label(Tangent(0, 0, math.nan, (), (-1.0, 1.0), "kink"), "x", words) == (
        "no tangent: slope −1 from the left, 1 from the right"
    )
    assert (
        tangent_label(Tangent(1, 1, math.nan, (), None, "jump"), "x", words)
        == "no tangent: the function jumps here"
    )
    assert tangent_label(Tangent(0, 0, 0.0, (), (-1.0, 1.0), "kink"), "x", words) == (
        "no tangent: slope −1 from the left, 1 from the right (derivative 0 by convention)"
    )
    assert (
        tangent_label(Tangent(1, 1, 0.0, (), None, "jump"), "x", words)
        == "no tangent: the function jumps here (derivative 0 by convention)"
    )
    assert tangent_label(Tangent(0, 0, math.inf, ()), "t", words) == "vertical tangent: t = 0"
    assert tangent_label(Tangent(1, 1, 2.0, ()), "x", LANGUAGES["zh"]) == "切线：y = 2x − 1（斜率 2）"
