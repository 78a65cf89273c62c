import random

import numpy as np
import pytest
from formula_trees import NAMES, UndefinedError, close, digits, trees
from hypothesis import given

from chainrule.formula.expression import Constant, Symbol, call, evaluate, symbols
from chainrule.formula.notation import NOTATION
from chainrule.formula.parser import parse_expression
from chainrule.formula.text import text
from tests.chances import examples

x, y, z = symbols("x y z")
pi = Constant(np.pi, "pi")

WRITTEN = [
    (1 - np.tanh(x) ** 2, "1 - tanh(x)**2", "1 − tanh²(x)"),
    (np.exp(2 * x), "exp(2*x)", "e^(2x)"),
    (x * np.exp(x), "x*exp(x)", "x·eˣ"),
    (np.exp(-x), "exp(-x)", "e⁻ˣ"),
    (-(x**2), "-x**2", "−x²"),
    ((-x) ** 2, "(-x)**2", "(−x)²"),
    (call(np.power, -2, x), "(-2)**x", "(−2)ˣ"),
    (x / (y * z), "x/(y*z)", "x/(y·z)"),
    (x / y / z, "x/y/z", "(x/y)/z"),
    (x / y * z, "x/y*z", "(x/y)·z"),
    (x * (y / z), "x*(y/z)", "x·(y/z)"),
    (x * (y * z), "x*(y*z)", "x·y·z"),
    (x - (y - z), "x - (y - z)", "x − (y − z)"),
    (x + (y - z), "x + (y - z)", "x + y − z"),
    (x - -y, "x - (-y)", "x − (−y)"),
    (x + -y * z, "x - y*z", "x − y·z"),
    (x * -y, "x*(-y)", "x·(−y)"),
    (-(x * y), "-x*y", "−x·y"),
    (-(x + y), "-(x + y)", "−(x + y)"),
    (x ** -(y * z), "x**(-y*z)", "x^(−y·z)"),
    (-(x / y) * z, "-x/y*z", "(−x/y)·z"),
    (x**-1, "x**-1", "x⁻¹"),
    (x**y**z, "x**y**z", "x^(yᶻ)"),
    ((x**y) ** z, "(x**y)**z", "(xʸ)ᶻ"),
    (x**0.5, "x**0.5", "x^0.5"),
    (np.sqrt(1 - x**2), "sqrt(1 - x**2)", "√(1 − x²)"),
    (np.sqrt(x) ** 2, "sqrt(x)**2", "(√x)²"),
    (2 * pi * x, "2*pi*x", "2π·x"),
    (2.0 * x, "2*x", "2x"),
    (2 * Symbol("e5"), "2*e5", "2·e5"),
    (call(np.multiply, 2, 3), "2*3", "2·3"),
    (np.log(x) + np.log10(x), "log(x) + log10(x)", "ln(x) + log₁₀(x)"),
    (np.log1p(-x), "log1p(-x)", "ln(1 − x)"),
    (abs(np.floor(x)), "abs(floor(x))", "|⌊x⌋|"),
    (np.where(x > 0, np.sqrt(x), 0), "where(x > 0, sqrt(x), 0)", "{√x if x > 0, 0 otherwise}"),
    ((x > 0) & ~(x >= 1), "logical_and(x > 0, logical_not(x >= 1))", "x > 0 and not x ≥ 1"),
    (np.square(np.cos(x)), "square(cos(x))", "cos²(x)"),
    (np.sin(x) ** -1, "sin(x)**-1", "sin(x)⁻¹"),
    (1e-5 + x, "1e-05 + x", "1e-05 + x"),
    (x + 1e300, "x + 1e+300", "x + 1e+300"),
    (np.remainder(-x, 2), "(-x) % 2", "(−x) mod 2"),
    (-np.floor_divide(x, y), "-(x//y)", "−(x // y)"),
    (np.spacing(x), "spacing(x)", "spacing(x)"),
]


@pytest.mark.parametrize(("formula", "python", "math"), WRITTEN, ids=[row[1] for row in WRITTEN])
def test_formulas_are_written_as_people_write_them(formula, python, math):
    assert (text(formula, "python"), text(formula)) == (python, math)


@pytest.mark.parametrize(
    "formula", [row[0] for row in WRITTEN if row[1] not in ("spacing(x)", "(-2)**x")], ids=str
)
def test_the_python_style_is_python(formula):
    """Python itself is the oracle here; the formulas are the test's own, so eval is safe."""
    values = {"x": 0.7, "y": 1.3, "z": 0.4, "e5": 2.0}
    names = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")} | values
    np.testing.assert_allclose(eval(text(formula, "python"), names), evaluate(formula, values), rtol=1e-15)


def _points(seed):
    source = random.Random(seed)
    return [
        {name: source.uniform(low, high) for name in NAMES} for low, high in ((0.1, 0.9), (-3, 3), (1, 4))
    ]


@examples(250)
@given(trees())
def test_the_math_style_reads_back_to_the_same_value(formula):
    again = parse_expression(text(formula))
    for point in _points(1):
        try:
            before, check = digits(formula, point), digits(formula, point, 90)
        except UndefinedError:
            continue
        if close(before, check):
            assert close(before, digits(again, point)), text(formula)


@examples(250)
@given(trees(whole=False))
def test_the_python_style_reads_back_to_the_very_same_value(formula):
    again = parse_expression(text(formula, "python"))
    with np.errstate(all="ignore"):
        for point in _points(2):
            np.testing.assert_array_equal(evaluate(again, point), evaluate(formula, point))


@pytest.mark.parametrize("function", NOTATION, ids=lambda function: function.__name__)
@pytest.mark.parametrize("style", ["math", "python"])
def test_every_row_of_the_notation_table_reads_back(function, style):
    row = NOTATION[function]
    arguments = [x > y, x, y] if function is np.where else [x, y, z][: row.arity]
    if function in (np.logical_and, np.logical_or, np.logical_not):
        arguments = [x > 0, y > 0][: row.arity]
    again = parse_expression(text(call(function, *arguments), style))
    point = {"x": 1.25, "y": 0.75, "z": 2.0}
    if function is np.arcsin or function is np.arccos or function is np.arctanh:
        point["x"] = 0.25
    if function is np.matmul:
        point = {"x": np.array([1.0, 2.0]), "y": np.array([3.0, 5.0])}
    expected = function(*(evaluate(argument, point) for argument in arguments))
    np.testing.assert_allclose(evaluate(again, point), expected, rtol=1e-14)


@pytest.mark.parametrize(
    "value", [0.1, 1 / 3, 2.0, -0.0, 1e22, 5e-324, 1.7976931348623157e308, 123456789.0, np.inf]
)
def test_numbers_come_back_exactly(value):
    for style in ("math", "python"):
        again = evaluate(parse_expression(text(Constant(value), style)), {})
        assert (float(again), np.signbit(again)) == (value, np.signbit(value))


def test_a_float32_constant_keeps_its_value():
    assert float(evaluate(parse_expression(text(Constant(np.float32(0.1)))), {})) == float(np.float32(0.1))


def test_a_long_sum_is_written_without_recursion():
    total = x
    for _ in range(3000):
        total = total + x
    assert text(total).count("x") == 3001


def test_another_style_is_refused():
    with pytest.raises(ValueError, match="math"):
        text(x, "latex")  # type: ignore[arg-type]
