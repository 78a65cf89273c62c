"""What a picture says in words and numbers is read back: equations of tangents, places of asymptotes, slopes."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import chainrule as cr
from chainrule.drawing.captions import equation, labels, number, place, tangent_label
from chainrule.drawing.curve import describe
from tests.printed import evaluate, plain_of_text

FUNCTIONS = ["sin(x)", "x^3-2x", "e^(-x)*cos(3x)", "ln(2+x^2)", "x/(1+x^2)", "tanh(2x)+0.5x", "sqrt(x^2+0.1)"]


def read(said: str) -> float:
    """A number as it is printed; 1.2×10⁻⁷ too."""
    return float(evaluate(plain_of_text(said).replace("×", "*")))


def numbers(count: int) -> list[float]:
    random = np.random.default_rng(3)
    whole = [float(k) for k in range(-12, 13)]
    return [*whole, *(float(v) for v in random.normal(size=count) * 10.0 ** random.integers(-9, 9, count)), 0.5, -0.25]


def test_a_printed_number_is_the_number_to_four_digits() -> None:
    for value in numbers(300):
        assert abs(read(number(value)) - value) <= 0.51e-3 * abs(value), value
    assert [number(v) for v in (math.inf, -math.inf, 0.0, -0.0)] == ["∞", "−∞", "0", "0"]


def test_the_equation_of_a_tangent_is_a_line_through_the_point_with_its_slope() -> None:
    random = np.random.default_rng(4)
    for _ in range(400):
        x, y, slope = (float(np.round(random.normal() * 3, int(random.integers(0, 6)))) for _ in range(3))
        said = equation(x, y, slope, "t")
        found = re.fullmatch(r"y ([=≈]) (.*)", said)
        assert found, said
        right = plain_of_text(found[2]).replace("×", "*")
        for t in (0.0, 1.0, -2.5, x):
            expected = y + slope * (t - x)
            slack = 0.6e-3 * (abs(slope * t) + abs(y - slope * x)) + 1e-9
            assert abs(evaluate(right, {"t": t}) - expected) <= slack, (said, x, y, slope)
        shown = [evaluate(right, {"t": t}) for t in (0.0, 1.0)]
        exact = abs(shown[0] - (y - slope * x)) < 1e-12 and abs(shown[1] - shown[0] - slope) < 1e-12
        rounded = abs(shown[0] - (y - slope * x)) > 1e-9 or abs(shown[1] - shown[0] - slope) > 1e-9
        assert not (exact and found[1] == "≈" and float(f"{slope:.4g}") == slope and y == slope * x), said
        assert not (rounded and found[1] == "="), said
    assert equation(1.0, 1.0, 2.0) == "y = 2x − 1"
    assert equation(3.0, 5.0, 0.0) == "y = 5"


def test_the_place_of_an_asymptote_is_the_number_with_π_where_it_is_a_multiple() -> None:
    for halves in range(-30, 31):
        value = halves * math.pi / 2
        said = place("x", value)
        shown = plain_of_text(said.split(" ", 2)[2])
        exact = abs(evaluate(shown) - value) <= 1e-12 * abs(value)
        assert ("π" in said) == (0 < abs(halves) <= 24)
        assert exact == ("=" in said), said
        assert abs(evaluate(shown) - value) <= 1e-3 * max(abs(value), 1e-12), said
    for value in numbers(100):
        said = place("y", value)
        assert said.startswith("y = " if float(f"{value:.4g}") == value else "y ≈ "), said
        assert abs(read(said.split(" ", 2)[2]) - value) <= 0.51e-3 * abs(value)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("text", FUNCTIONS)
def test_a_picture_of_a_smooth_function_holds_its_values_its_slopes_and_its_tangent(text: str, lang: str) -> None:
    f = cr.parse(text)
    for at in (-0.8, 0.3, 1.2):
        picture = describe(text, at=at, over=(-2.0, 2.0))
        slope, h = float(cr.grad(f)(at)), 1e-6
        assert slope == pytest.approx((f(at + h) - f(at - h)) / (2 * h), abs=1e-6)
        said = tangent_label(picture.tangent, "x", labels(lang))
        line, _, rest = re.sub("^(tangent: |切线：)", "", said).replace("（", "(").partition("(")
        right = plain_of_text(re.split("[=≈]", line)[1]).replace("×", "*")
        for t in (at, at + 1):
            assert abs(evaluate(right, {"x": t}) - (float(f(at)) + slope * (t - at))) <= 2e-3, said
        assert abs(read(re.sub("[^-−0-9.×⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", "", rest)) - slope) <= 0.51e-3 * abs(slope) + 1e-12, said
        assert (picture.tangent.x, picture.tangent.y, picture.tangent.slope) == (at, float(f(at)), slope)
        for curve, order in ((picture.function, 0), (picture.derivative, 1)):
            drawn = [point for branch in curve.branches for point in zip(*branch, strict=True)]
            assert len(drawn) > 20
            for x, y in drawn[:: max(1, len(drawn) // 25)]:
                assert y == pytest.approx(float(cr.derivative(f, order)(float(x))), rel=1e-9, abs=1e-12)
