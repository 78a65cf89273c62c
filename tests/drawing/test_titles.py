"""Formulas as titles: that they fit, and that matplotlib can set them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser

from chainrule.drawing.titles import LARGEST, SMALLEST, title
from chainrule.formula.expression import Symbol

x = Symbol("x")
LONG: Any = sum((k * x**k * np.sin(k * x) for k in range(2, 30)), start=x)


def width_of(text: str, size: float) -> float:
    from matplotlib.font_manager import FontProperties

    properties = FontProperties(size=size, math_fontfamily="cm")
    parser = MathTextParser("path")
    return max(parser.parse(line, dpi=72, prop=properties).width for line in text.splitlines()) / 72


@pytest.mark.parametrize(
    "formula",
    [
        x**2,
        np.tan(x),
        abs(x),
        np.where(x > 0, np.sqrt(x), 0),
        np.where((x >= 0) & (x <= 1), x, 1 / x),
        np.floor(x) + np.cbrt(x) + np.arcsinh(x) + np.log10(x),
        np.maximum(x, 0),
        np.exp(-(x**2)) / (1 + 1 / x),
        LONG,
        1 / LONG,
    ],
)
@pytest.mark.parametrize("width", [1.2, 2.5, 5.0])
def test_a_title_can_be_set_and_is_no_wider_than_allowed(formula: Any, width: float) -> None:
    text, size = title("f'(x)", formula, width)
    assert SMALLEST <= size <= LARGEST
    assert len(text.splitlines()) <= 3
    assert width_of(text, size) <= width * 1.001


def test_a_short_title_is_the_whole_formula_in_the_largest_size() -> None:
    text, size = title("f(x)", np.tan(x), 5.0)
    assert text.startswith("$f(x) = ")
    assert "tan" in text
    assert size == LARGEST


def test_a_sum_that_is_too_long_ends_in_dots() -> None:
    text, _ = title("f(x)", LONG, 5.0)
    assert text.endswith(r"+ \cdots$")
    assert len(text.splitlines()) > 1


def test_a_formula_that_is_not_known_is_its_name() -> None:
    assert title("f'(x)", None, 5.0) == ("$f'(x)$", LARGEST)
