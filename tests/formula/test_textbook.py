"""Formulas as a textbook writes them: the issue is length, and that the value stays."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.formula.expression import Call, Constant, Expression, Symbol, call, evaluate, postorder
from chainrule.formula.simplify import simplify
from chainrule.formula.terms import NoTermsError, multiplied_out, power, to_expression, to_terms
from chainrule.formula.text import text
from chainrule.formula.textbook import length, steps, textbook
from chainrule.rules.symbolic import derivative_expression

X, Y = Symbol("x"), Symbol("y")

DERIVATIVES = {
    "1/tan(x)": "−1/sin²(x)",
    "x^x": "xˣ·(ln(x) + 1)",
    "arctan(1/x)": "−1/(x² + 1)",
    "(x+1)/(x-1)": "−2/(x − 1)²",
    "e^(ln(x))": "1",
    "sin(x)/cos(x)": "1/cos²(x)",
    "ln(x+√(1+x^2))": "1/√(x² + 1)",
    "x·√(1-x^2)": "(1 − 2x²)/√(1 − x²)",
    "x^2·e^(-x)": "x·e⁻ˣ·(2 − x)",
    "ln(x)/x": "(1 − ln(x))/x²",
    "e^x/(1+e^x)": "eˣ/(eˣ + 1)²",
    "arcsin(x/2)": "1/√(4 − x²)",
    "ln((1+x)/(1-x))": "2/(1 − x²)",
    "sin(x)/(1+cos(x))": "1/(cos(x) + 1)",
    "(x^2-1)/(x-1)": "1",
    "|x|·x": "2·|x|",
    "sinh(x)·cosh(x)": "cosh(2x)",
    "x·arcsin(x)+√(1-x^2)": "arcsin(x)",
    "√(x^2+1)/x": "−1/(x²·√(x² + 1))",
}


@pytest.mark.parametrize(("formula", "expected"), DERIVATIVES.items())
def test_derivatives_come_out_as_books_write_them(formula, expected):
    derivative = derivative_expression(cr.parse(formula).expression, "x")
    assert text(textbook(derivative)) == expected
    assert cr.explain(formula).formula("x").text() == expected


UNARY = (
    np.sin, np.cos, np.tan, np.exp, np.log, np.sqrt, np.square, np.absolute, np.sign, np.tanh, np.sinh, np.cosh,
    np.arctan, np.arcsin, np.negative, np.reciprocal, np.exp2, np.cbrt,
)  # fmt: skip
BINARY = (np.add, np.subtract, np.multiply, np.divide)


def grown(random: np.random.Generator, depth: int) -> Expression:
    """A random formula in x and y."""
    kind = random.random()
    if depth == 0 or kind < 0.15:
        return (X, X, Y, Constant(float(random.integers(-3, 4))))[random.integers(4)]
    if kind < 0.5:
        return call(UNARY[random.integers(len(UNARY))], grown(random, depth - 1))
    if kind < 0.6:
        return call(np.power, grown(random, depth - 1), Constant(float(random.integers(-3, 4))))
    if kind < 0.63:
        return call(np.power, grown(random, depth - 1), grown(random, depth - 1))
    return call(BINARY[random.integers(4)], grown(random, depth - 1), grown(random, depth - 1))


POINTS = [{"x": np.float64(x), "y": np.float64(y)} for x in (-2.3, -0.71, 0.37, 0.83, 1.9) for y in (-1.3, 0.6)]


def same_values(one: Expression, other: Expression) -> bool:
    """Whether the second has the value of the first wherever that has one, is of moderate size and well conditioned."""
    with np.errstate(all="ignore"):
        for point in POINTS:
            expected = evaluate(one, point)
            beside = evaluate(one, point | {"x": point["x"] * (1 + 1e-9)})
            moderate = np.isfinite(expected) and abs(expected) < 1e8
            if not moderate or not abs(beside - expected) <= 1e-4 * (1 + abs(expected)):
                continue
            if not abs(evaluate(other, point) - expected) <= 1e-6 * (1 + abs(expected)):
                return False
    return True


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(8, 200))])
def test_no_step_changes_the_value(seed):
    random = np.random.default_rng([11, seed])
    tried = 0
    while tried < 12:
        formula = grown(random, int(random.integers(1, 5)))
        if random.random() < 0.7:
            formula = derivative_expression(formula, "x")
        if formula.written_size > 60:
            continue
        tried += 1
        for step in steps(formula):
            assert same_values(formula, step.formula), (text(formula), step.name.say("en"), text(step.formula))


@pytest.mark.parametrize("formula", DERIVATIVES)
def test_the_last_form_is_the_shortest_and_stays(formula):
    derivative = derivative_expression(cr.parse(formula).expression, "x")
    found = textbook(derivative)
    assert length(found) <= length(simplify(derivative))
    assert length(textbook(found)) <= length(found)


FUNCTIONS = {np.sin: np.arcsin, np.cos: np.arccos, np.tan: np.arctan}
FUNCTIONS |= {np.sinh: np.arcsinh, np.cosh: np.arccosh, np.tanh: np.arctanh}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("family", [(np.sin, np.cos, np.tan), (np.sinh, np.cosh, np.tanh)], ids=["circle", "hyperbola"])
def test_functions_of_inverse_functions_are_algebraic_within_their_family_and_keep_their_value(function, family):
    for other in family:
        composed = call(function, call(FUNCTIONS[other], X))
        for formula in (composed, derivative_expression(composed, "x")):
            shown = textbook(formula)
            assert same_values(formula, shown), (text(formula), text(shown))
            left = {node.function for node in postorder(shown) if isinstance(node, Call)} & FUNCTIONS.keys()
            assert (not left) == (function in family), text(shown)


def test_roots_of_squares_are_absolute_values():
    assert text(textbook(np.sqrt(X**2))) == "|x|"
    assert text(textbook((X**2) ** Constant(1.5))) != "x³"
    assert text(textbook((np.sqrt(X)) ** 2)) == "x"
    assert text(textbook(np.sqrt(4 * X))) == "2√x"
    assert to_terms(X / np.absolute(X)) == to_terms(np.sign(X))
    assert text(textbook(np.absolute(X) ** 2 / X)) == "x"


def test_decimal_numbers_and_cases_are_left_to_the_plain_simplifier():
    for formula in (0.1 * X + 0.1 * X, np.where(X > 0, X * X, 0.3 * X)):
        assert textbook(formula) == simplify(formula)
    with pytest.raises(NoTermsError, match="no fraction"):
        to_terms(0.1 * X)


def test_equal_formulas_have_the_same_terms():
    pairs = [
        (X * (X + 1), (1 + X) * X),
        (X * X ** (X - 1), X**X),
        (np.exp(X) * np.exp(Y), np.exp(X + Y)),
        (np.exp(2 * np.log(X)), X**2),
        (-(Y - X), X - Y),
        (np.sin(-X), -np.sin(X)),
        (1 / (2 * X + 2), Constant(0.5) / (X + 1)),
    ]
    for one, other in pairs:
        assert to_terms(one) == to_terms(other)
    assert to_terms(X + 1) != to_terms(X + 2)
    assert to_terms((X + 1) ** 2) != to_terms(X**2 + 2 * X + 1)
    assert multiplied_out(to_terms((X + 1) ** 2)) == to_terms(X**2 + 2 * X + 1)


def test_a_zero_below_has_no_terms():
    with pytest.raises(NoTermsError, match="division by 0"):
        power(to_terms(X - X), to_terms(Constant(-1)))
    assert isinstance(textbook(1 / (X - X)), Call)
    assert to_expression(to_terms(X - X)) == Constant(0)


def test_the_derivation_shows_each_step_under_its_name():
    shown = cr.explain("sin(x)/cos(x)").text()
    assert "sin² + cos² = 1" in shown
    assert cr.explain("(x+1)/(x-1)", lang="zh").text().count("通分并提取公因式") == 1
    result = cr.explain("(x+1)/(x-1)").results[0]
    assert result.steps[-1].formula == result.simplified.expression
