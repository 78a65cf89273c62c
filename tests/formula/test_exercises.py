"""Textbook exercises: chainrule's answer is the derivative wherever the function is, and no longer than the book's."""

import mpmath
import numpy as np
import pytest
from exercises import EXERCISES

import chainrule as cr
from chainrule.explanation.domain import domain_to_say
from chainrule.formula.expression import evaluate, free_symbols
from chainrule.formula.text import text
from chainrule.formula.textbook import textbook
from chainrule.rules.symbolic import derivative_expression

PAIRS = [pair for group in EXERCISES.values() for pair in group]

LONGER = {
    "arcsin(x/a)": "holds for a < 0 as well, where the book's answer has the wrong sign: it supposes a > 0",
    "x·√(a^2 - x^2) + a^2·arcsin(x/a)": "holds for a < 0 as well: the book supposes a > 0",
    "e^(-|x|)": "sgn(x), which is 0 at 0, is not written as x/|x|, which has no value there",
}

_HERE = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
IN_MPMATH = {name: getattr(mpmath, name) for name in (*_HERE, "exp", "sqrt", "log", "log10", "sign", "pi", "e")}
IN_MPMATH |= {f"arc{name}": getattr(mpmath, f"a{name}") for name in _HERE}
IN_MPMATH |= {
    "abs": abs,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "log2": lambda x: mpmath.log(x, 2),
    "square": lambda x: x * x,
}


def points(function, seed, parameters=(0.4, 3.0)):
    """Random points at which a formula has a real value, on both sides of 0; parameters within their bounds."""
    random = np.random.default_rng([200, seed])
    names = free_symbols(function)
    tried = [
        {name: np.float64(random.uniform(*((-4, 4) if name == "x" else parameters))) for name in names}
        for _ in range(60)
    ]
    with np.errstate(all="ignore"):
        return [point for point in tried if np.isfinite(evaluate(function, point))]


def slope(function, point):
    """The derivative with respect to x by mpmath's numerical differentiation with many digits."""
    code = compile(text(function, "python"), "formula", "eval")
    rest = {name: mpmath.mpf(float(value)) for name, value in point.items() if name != "x"}
    with mpmath.workdps(30):
        return mpmath.diff(lambda x: eval(code, IN_MPMATH | rest | {"x": x}), mpmath.mpf(float(point["x"])))


def wrong_points(function, answer, tried):
    """The points at which the answer is not the derivative."""
    found = []
    for point in tried:
        expected = complex(slope(function, point))
        with np.errstate(all="ignore"):
            given = evaluate(answer, point)
        if not abs(given - expected) <= 1e-7 * (1 + abs(expected)):
            found.append((point, expected, given))
    return found


@pytest.mark.parametrize(("function", "book"), PAIRS)
def test_the_books_answers_are_the_derivatives(function, book):
    formula, answer = cr.parse(function).expression, cr.parse(book).expression
    tried = points(formula, 1)[:8]
    assert len(tried) >= 4
    assert not wrong_points(formula, answer, tried)


@pytest.mark.parametrize("function", [function for function, _ in PAIRS])
def test_the_answer_is_the_derivative_for_parameters_of_both_signs(function):
    formula = cr.parse(function).expression
    answer = textbook(derivative_expression(formula, "x"))
    assert not wrong_points(formula, answer, points(formula, 2)[:8] + points(formula, 3, (-3.0, 3.0))[:8])


def test_there_are_200_exercises_and_the_answer_is_longer_than_the_books_in_these_only():
    assert len({function for function, _ in PAIRS}) == 200
    lengths = {
        function: [len(text(form)) for form in (textbook(derivative_expression(cr.parse(function).expression, "x")),
                                                cr.parse(book).expression)]
        for function, book in PAIRS
    }  # fmt: skip
    longer = {function for function, (own, books) in lengths.items() if own > books}
    assert len(longer) <= 10
    assert longer == set(LONGER)


@pytest.mark.parametrize("function", [function for function, _ in PAIRS])
def test_where_only_the_answer_has_a_value_the_domain_is_said(function):
    """ln(x) has the derivative 1/x, for x > 0: the domain that stands beside it has no point without a function."""
    formula = cr.parse(function).expression
    answer = textbook(derivative_expression(formula, "x"))
    said = domain_to_say(formula)
    random = np.random.default_rng([200, 4])
    names = free_symbols(formula)
    special = [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, -2.0]
    with np.errstate(all="ignore"):
        for x in [*special, *random.uniform(-4, 4, 40)]:
            point = {name: np.float64(x if name == "x" else random.uniform(0.4, 3.0)) for name in names}
            if np.isfinite(evaluate(answer, point)) and not np.isfinite(evaluate(formula, point)):
                assert said is not None, point
                assert not evaluate(said, point), point
