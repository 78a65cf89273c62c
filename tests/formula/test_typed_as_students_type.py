"""What students type and paste: equations, degrees, ½, roots with an index, LaTeX from a book."""

import numpy as np
import pytest
from click.testing import CliRunner

import chainrule as cr
from chainrule.cli import main
from chainrule.errors import FormulaError

SAME = {
    "y = x^2": "x^2", "f(x) = x^3": "x^3", "f(x)＝2x": "2x", "θ = 2t": "2t", "g(t) = t^2 + 1": "t^2 + 1",
    "sin 30°": "sin(deg2rad(30))", "cos(x°)": "cos(deg2rad(x))", "x° + 1": "deg2rad(x) + 1", "2x°": "2·deg2rad(x)",
    "1/30°": "1/deg2rad(30)", "sin²30°": "sin²(deg2rad(30))", "-30°": "-deg2rad(30)",
    r"\sin 30^\circ": "sin(deg2rad(30))", "½x": "(1/2)x", "x^½": "x^(1/2)", "⅓x²": "(1/3)x^2", "³√x": "∛x",
    "²√x": "√x", "⁴√(x+1)": "(x+1)^(1/4)", "∜x": "x^(1/4)", "2·³√x": "2∛x", "1 + ³√x": "1 + ∛x", "2³√x": "2^3·√x",
    "arccot x": "π/2 - arctan x", "cot^-1 x": "π/2 - arctan x", "sec^-1(x)": "arccos(1/x)",
    "arccsc(x)": "arcsin(1/x)", "sigmoid(x)": "σ(x)", "x/σ": "x/σ", "σ²": "σ^2",
    r"\frac{\sin x}{x^{2}}": "sin(x)/x^2", r"x\sin x": "x·sin x", r"\sqrt{x^2+1}": "√(x^2+1)", r"\sqrt[3]{x}": "∛x",
    r"\sqrt[n]{x}": "x^(1/n)", "e^{-x^2}": "e^(-x^2)", r"\ln\left(1+x^2\right)": "ln(1+x^2)",
    r"\log_{2} x": "log2(x)", r"\sin^{2} x+\cos^2 x": "sin²x + cos²x", r"2\pi x\cdot\alpha": "2πx·α",
    r"\left|x\right|": "|x|", r"\frac12 x": "(1/2)x", r"\mathrm{e}^{x}": "e^x",
    r"\operatorname{arsinh} x": "arsinh(x)", "$x^{10}$": "x^10", r"x^10\cdot 2": "x^10·2",
    r"\arctan\frac{1}{x}": "arctan(1/x)", r"\tan^{-1} x": "arctan(x)", "x_{1}^2+x_{2}": "x_1^2 + x_2",
    r"\(x\,y\)": "x y", r"\dfrac{x+1}{x-1}": "(x+1)/(x-1)", r"\lambda e^{-\lambda t}": "λ·e^(-λ·t)",
    r"f(x)=\frac{1}{x}": "1/x", r"\frac{e^x-e^{-x}}{2}": "(e^x-e^(-x))/2", r"\lfloor x\rfloor": "⌊x⌋",
    r"x^{\frac{1}{3}}": "x^(1/3)", "x^{2}": "x^(2)",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "plain"), SAME.items())
def test_what_is_typed_is_the_same_as_the_plain_formula(typed, plain):
    one, other = cr.parse(typed), cr.parse(plain)
    values = [1.2 + 0.21 * k for k in range(len(other.variables))]
    assert one.variables == other.variables
    np.testing.assert_allclose(one(*values), other(*values), rtol=1e-15)
    again = cr.parse(one.text())
    np.testing.assert_allclose(again(**dict(zip(one.variables, values, strict=True))), other(*values), rtol=1e-15)


def test_the_brackets_of_an_equation_give_the_order_of_the_variables():
    f = cr.parse("f(x, y) = y - 2x")
    assert f.variables == ("x", "y")
    assert f(1.0, 5.0) == 3.0
    assert cr.grad("f(x, y) = y - 2x", (0, 1))(1.0, 5.0) == (-2.0, 1.0)
    assert cr.parse("f(x, a) = x^2").variables == ("x", "a")
    assert cr.grad("f(x, a) = x^2", 1)(3.0, 1.0) == 0.0
    assert cr.parse("f(x) = a·x").variables == ("x", "a")
    assert cr.parse("f(x) = x^2") == cr.parse("x^2")
    assert cr.parse("f(x, y) = y - 2x") != cr.parse("y - 2x")
    said = CliRunner().invoke(main, ["grad", "f(x,y) = x/y", "y=2", "x=6"])
    assert said.exit_code == 0
    assert "= 3" in said.output


def test_the_sigmoid_is_a_function_only_before_a_bracket_and_says_so():
    assert "sigmoid" in str(cr.parse("σ(x)").notes[0])
    assert "sigmoid" in cr.parse("σ(x)").notes[0].chinese
    assert cr.parse("σ x").variables == ("σ", "x")
    assert cr.derivative("sigmoid(x)")(-1000.0) == 0.0
    np.testing.assert_allclose(cr.derivative("σ(x)")(0.0), 0.25)
    assert cr.parse("sigmoid(x)").latex() == r"\sigma\left(x\right)"


@pytest.mark.parametrize(
    ("typed", "column", "said"),
    [
        ("2½x", 1, "a sum or a product"),
        ("lim x", 0, "a limit is no formula"),
        (r"1 + \lim_{x\to 0} x", 4, "a limit is no formula"),
        (r"1 + \foo x", 4, r"the LaTeX command \foo is not read"),
        (r"\frac{1}{x", 8, "never closed"),
        (r"\sin x}", 6, "closes nothing"),
        (r"\frac{1}", 8, "not finished"),
        (r"\sin x + )", 9, "closes nothing"),
        (r"\frac{x^}{2}", 8, "closes nothing"),
        (r"\,", 2, "not finished"),
        (r"\begin{cases} x \end{cases}", 0, "cases are written"),
        ("y = y·x", 2, "this is an equation"),
        ("x^2 = 4", 4, "this is an equation"),
        ("x = ", 4, "not finished"),
        ("f(x) = x > 1", 9, "this is a condition"),
        ("1√x", 0, ""),
        ("ⁿx", 0, "before the raised part"),
        ("¹√x", 0, "whole number from 2"),
        ("²∛x", 0, "whole number from 2"),
    ],
)
def test_a_fault_is_shown_where_it_was_typed(typed, column, said):
    if typed == "1√x":
        assert cr.parse(typed)(4.0) == 2.0
        return
    with pytest.raises(FormulaError, match=said.replace("\\", r"\\")) as caught:
        cr.parse(typed)
    assert caught.value.column == column


def test_any_latex_is_answered_with_a_formula_or_a_fault_in_the_text():
    random = np.random.default_rng(8)
    pieces = [
        r"\frac", "{", "}", r"\sin", "x", "^", "_", "2", r"\sqrt", "[", "]", r"\left", "(", r"\right", ")", "|",
        r"\cdot", r"\pi", " ", "+", "-", r"\ln", "y", r"\circ", "=", "°", "½", "³", "√", "σ", ",", r"\,", "$",
    ]  # fmt: skip
    read = 0
    for _ in range(3000):
        typed = "".join(random.choice(pieces, size=random.integers(1, 12)))
        fault = None
        try:
            read += bool(cr.parse(typed).text())
        except FormulaError as error:
            fault = error
        assert fault is None or (0 <= fault.column <= len(typed) and fault.reason)
    assert read > 100
