"""How values, names and gradients are written."""

import numpy as np
import pytest

from chainrule.formula.expression import Constant, Symbol, symbols
from chainrule.graphs import lettering
from chainrule.graphs.graph import Node, summarise


@pytest.mark.parametrize(
    ("value", "text", "latex"),
    [
        (0.45, "0.45", "0.45"),
        (-0.17034, "−0.17", "-0.17"),
        (2, "2", "2"),
        (-0.0, "0", "0"),
        (123456, "123456", "123456"),
        (12345.6, "1.23·10⁴", r"1.23\cdot 10^{4}"),
        (-1.5e-7, "−1.5·10⁻⁷", r"-1.5\cdot 10^{-7}"),
        (float("nan"), "NaN", r"\mathrm{NaN}"),
        (float("inf"), "∞", r"\infty"),
        (float("-inf"), "−∞", r"-\infty"),
        (1 - 2j, "1 − 2i", "1 - 2i"),
        (True, "True", r"\mathrm{True}"),
    ],
)
def test_numbers_are_rounded_and_have_a_true_minus_sign(value, text, latex):
    assert lettering.number(value) == lettering.Written(text, latex)


def test_a_gradient_that_was_not_computed_is_a_dot_and_not_zero():
    assert lettering.value(None).text == "·"
    assert lettering.value(0.0).text == "0"


def test_an_array_is_written_as_its_shape():
    assert lettering.value(summarise(np.zeros((3, 4)))).text == "(3, 4)"


@pytest.mark.parametrize(
    ("symbol", "name", "gradient", "latex"),
    [
        ("x", "x", "x\u0304", r"\bar{x}"),
        ("v12", "v₁₂", "v\u0304₁₂", r"\bar{v}_{12}"),
        ("loss", "loss", "∇loss", r"\nabla \mathrm{loss}"),
        ("θ", "θ", "θ\u0304", r"\bar{\theta}"),
    ],
)
def test_names_and_the_names_of_their_gradients(symbol, name, gradient, latex):
    node = Node(0, "input", symbol, symbol, 1.0)
    assert lettering.symbol(node).text == name
    assert lettering.gradient_symbol(node).text == gradient
    assert lettering.gradient_symbol(node).latex == latex


def test_a_constant_is_called_by_its_value():
    assert lettering.symbol(Node(3, "constant", "c3", "2", Constant(2))).text == "2"


def test_a_sum_keeps_the_signs_of_its_terms():
    total = lettering.sum_of((0.45, 0.15, -0.17))
    assert total == lettering.Written("0.45 + 0.15 − 0.17", "0.45 + 0.15 - 0.17")
    assert lettering.sum_of((-1.0, Symbol("x"))).text == "−1 + x"


def test_a_sum_of_arrays_or_of_many_terms_is_not_written_out():
    assert lettering.sum_of((summarise(np.ones(2)), 1.0)) is None
    assert lettering.sum_of((1.0,) * 5) is None
    assert lettering.sum_of(()) is None


def test_a_factor_with_a_sign_or_a_sum_is_in_parentheses():
    x, y = symbols("x y")
    assert lettering.factor(x + y).text == "(x + y)"
    assert lettering.factor(-x / y).text == "(−x/y)"
    assert lettering.factor(x * y).text == "x·y"


def test_formulas_that_nobody_would_read_are_not_written_out():
    x = Symbol("x")
    formula = x
    for _ in range(60):
        formula = formula * formula  # 2**60 factors when written out
    assert formula.written_size == 2**61 - 1
    assert lettering.formula(formula) is None
    assert lettering.value(formula) is None
    assert lettering.tidy(formula) is formula
