"""The domain that a derivation says: it holds exactly where the formula has a value."""

from itertools import product

import numpy as np
import pytest

import chainrule as cr
from chainrule.explanation.domain import domain_to_say
from chainrule.formula.expression import Expression, evaluate, free_symbols
from chainrule.formula.formula import Formula
from chainrule.rules.symbolic import domain_expression

POINTS = np.concatenate([np.arange(-4.0, 5.0), np.arange(-3.5, 4.0), [-(2.0 ** (1 / 3)), np.cbrt(-3.0), 1e-9]])
"""Whole numbers among them: the zeros of x³ + 1, x² − 4, |x| − 2, … are hit exactly."""

TERMS = (
    "x", "x^2", "x^3", "x^4", "x^5", "x^6", "x^7", "x^8", "x^0.5", "|x|", "|x|^3", "e^x", "2^x", "cosh(x)", "sinh(x)",
    "√(x^2)", "hypot(x, 1)", "hypot(x, 0)", "∛x", "sin(x)", "x·x", "x^2·x", "-x^2", "x^2·e^x", "square(x)", "|x|·x",
    "max(x, 0)", "arctan(x)", "x/e^x", "(x^2)^3", "(-x)^2", "√x", "floor(x)^2",
)  # fmt: skip
CONSTANTS = ("+ 1", "- 1", "+ 8", "- 4", "+ 0", "+ 27")
AROUND = ("1/({})", "ln({})", "√({})", "({})^(-2)", "({})^0.5", "1/√({})", "1/|{}|", "ln(({})^2)")


def holds(condition: Expression | None, x: float) -> bool:
    """Whether a condition holds at a number; None is one that holds everywhere."""
    if condition is None:
        return True
    with np.errstate(all="ignore"):
        return bool(evaluate(condition, dict.fromkeys(free_symbols(condition), np.float64(x))))


@pytest.mark.parametrize("around", AROUND)
def test_what_is_said_of_a_domain_leaves_out_only_what_always_holds(around):
    """Among others of 1/(x³ + 1), whose cube is not always positive."""
    for term, constant in product(TERMS, CONSTANTS):
        root = cr.parse(around.format(f"{term} {constant}")).expression
        said, whole = domain_to_say(root), domain_expression(root)
        for x in POINTS:
            assert holds(said, x) == holds(whole, x), (around, term, constant, x)


@pytest.mark.parametrize("around", AROUND)
def test_where_the_domain_holds_there_is_a_value_and_elsewhere_there_is_none(around):
    for term, constant in product(TERMS, CONSTANTS):
        formula = cr.parse(around.format(f"{term} {constant}"))
        condition = domain_to_say(formula.expression)
        with np.errstate(all="ignore"):
            values = [formula(x) for x in POINTS]
        for x, value in zip(POINTS, values, strict=True):
            if holds(condition, x):
                assert not np.isnan(value), (term, constant, x)
            else:
                assert not np.isfinite(value), (term, constant, x)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1/(x^3 + 1)", "x³ + 1 ≠ 0"), ("1/(x^2 + 1)", None), ("1/(x^4 + x^2)", "x⁴ + x² ≠ 0"),
        ("1/(x^5 + 2)", "x⁵ + 2 ≠ 0"), ("1/(|x| + 1)", None), ("1/(e^x + x^2)", None),
        ("ln(x^3 + 1)", "x³ + 1 > 0"), ("√(x^2·y^2)", None), ("1/(1 - x^2)", "1 − x² ≠ 0"),
    ],
)  # fmt: skip
def test_the_domain_is_said_as_it_is_written(written, said):
    condition = domain_to_say(cr.parse(written).expression)
    assert (None if condition is None else Formula(condition).text()) == said


def test_the_first_exceptional_row_counts_in_a_formula_as_it_does_in_the_engine() -> None:
    slope = cr.explain("0^x").formula("x")
    for x in (0.0, 0.5, 1.0, 2.0):
        np.testing.assert_equal(float(slope(x)), float(cr.grad(cr.parse("0^x"))(x)))
