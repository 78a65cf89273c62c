import numpy as np
import pytest
from formula_trees import trees
from hypothesis import given
from matplotlib.mathtext import MathTextParser

from chainrule.formula.expression import Constant, Symbol, call, symbols
from chainrule.formula.latex import latex, latex_name
from chainrule.formula.notation import NOTATION
from tests.chances import examples

x, y, z = symbols("x y z")

WRITTEN = [
    (1 / np.sqrt(1 - x**2), r"\frac{1}{\sqrt{1 - x^{2}}}"),
    (1 - np.tanh(x) ** 2, r"1 - \tanh^{2}\left(x\right)"),
    (x * np.exp(2 * x), r"x \, e^{2 x}"),
    ((1 / x) ** 2, r"\left(\frac{1}{x}\right)^{2}"),
    ((x**y) ** z, r"\left(x^{y}\right)^{z}"),
    (x ** (y + 1), "x^{y + 1}"),
    (abs(x) / np.log10(y), r"\frac{\left|x\right|}{\log_{10}\left(y\right)}"),
    (np.arcsin(x) - np.log(x), r"\arcsin\left(x\right) - \ln\left(x\right)"),
    (call(np.multiply, 2, 3), r"2 \cdot 3"),
    (2 * (1 / x), r"2 \cdot \frac{1}{x}"),
    (2 * Constant(np.pi, "pi"), r"2 \pi"),
    (x * -y, r"x \, \left(-y\right)"),
    (1.5e-7 * x, r"1.5 \times 10^{-7} x"),
    (x - 1e300, "x - 10^{300}"),
    (Constant(-np.inf), r"-\infty"),
    (np.where(x > 0, x, 0), r"\begin{cases}x & \text{if } x > 0 \\ 0 & \text{otherwise}\end{cases}"),
    (np.spacing(x), r"\operatorname{spacing}\left(x\right)"),
    (np.cbrt(x), r"\sqrt[3]{x}"),
]


@pytest.mark.parametrize(("formula", "expected"), WRITTEN, ids=[row[1] for row in WRITTEN])
def test_formulas_are_set_as_textbooks_set_them(formula, expected):
    assert latex(formula) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"),
        ("x1", "x_{1}"),
        ("x_12", "x_{12}"),
        ("alpha", r"\alpha"),
        ("θ", r"\theta"),
        ("theta_0", r"\theta_{0}"),
        ("loss", r"\mathrm{loss}"),
        ("x_max", r"x_{\mathrm{max}}"),
        ("learning_rate_2", r"\mathrm{learning\_rate\_2}"),
        ("Omega", r"\Omega"),
        ("x1′", "x_{1}'"),
        ("x1̄", r"\bar{x}_{1}"),
        ("x12̄", r"\bar{x}_{12}"),
        ("θ2̄", r"\bar{\theta}_{2}"),
        ("v̄", r"\bar{v}"),
        ("loss̄", r"\nabla \mathrm{loss}"),
        ("W1ᵀ", "W_{1}^{T}"),
    ],
)
def test_names_become_letters_commands_or_upright_words(name, expected):
    assert latex_name(name) == expected


def _renders(formula):
    MathTextParser("path").parse(f"${latex(formula, mathtext=True)}$")


@pytest.mark.parametrize("function", NOTATION, ids=lambda function: function.__name__)
def test_matplotlib_renders_every_row_of_the_notation_table(function):
    _renders(call(function, *[x, -y, z / 2][: NOTATION[function].arity]))


@pytest.mark.parametrize(
    "formula", [row[0] for row in WRITTEN] + [Symbol("learning_rate"), Symbol("g(x)")], ids=str
)
def test_matplotlib_renders_what_textbooks_set(formula):
    _renders(formula)


@examples(60)
@given(trees())
def test_matplotlib_renders_any_formula(formula):
    _renders(formula)


@examples(150)
@given(trees())
def test_braces_and_brackets_are_balanced(formula):
    shown = latex(formula)
    assert shown.count("{") == shown.count("}")
    assert shown.count(r"\left") == shown.count(r"\right")
