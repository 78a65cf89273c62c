import dataclasses

import numpy as np
import pytest

from chainrule.errors import FormulaError
from chainrule.formula.expression import Symbol
from chainrule.formula.formula import Formula, parse


def test_variables_stand_in_the_order_of_appearance():
    assert parse("b·x^2 + sin(a x) + log_c(b)").variables == ("b", "x", "a", "c")


def test_a_formula_is_called_by_position_and_by_name():
    formula = parse("x/y")
    assert formula(1.0, 4.0) == formula(1.0, y=4.0) == formula(y=4.0, x=1.0) == 0.25


def test_arrays_are_broadcast():
    values = parse("x + y^2")(np.arange(3.0)[:, None], np.arange(2.0))
    np.testing.assert_array_equal(values, [[0, 1], [1, 2], [2, 3]])


@pytest.mark.parametrize("value", [2, np.int8(2), np.array(2), np.array([2], dtype=np.uint8), [2], True + 1])
def test_whole_numbers_are_real_numbers(value):
    assert np.all(parse("x^-1")(value) == 0.5)
    assert np.all(parse("9^x^5")(value) == 9.0**32)


def test_float32_stays_float32():
    assert parse("2x^2 + sin(x)/3")(np.ones(2, dtype=np.float32)).dtype == np.float32


def test_a_symbol_may_be_a_value():
    assert parse("x^2")(Symbol("t")) == Symbol("t") ** 2


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [((1,), {}, r"takes 2 values \(x, y\), and is not given y"),
     ((1, 2, 3), {}, r"takes 2 values \(x, y\), and is given 3"),
     ((1,), {"x": 2}, "x twice"),
     ((1,), {"z": 2}, "given z, which it does not have"),
     ((1, "2"), {}, "y needs a number"),
     ((1, None), {}, "y needs a number"),
     ((1, np.array(["a"])), {}, "y needs a number")],
)  # fmt: skip
def test_a_wrong_call_names_the_variables(values, named, message):
    with pytest.raises(TypeError, match=message):
        parse("x + y")(*values, **named)


def test_a_formula_of_no_variables_takes_no_values():
    assert parse("2π")() == 2 * np.pi
    with pytest.raises(TypeError, match="takes no values"):
        parse("2π")(1.0)


def test_a_formula_is_read_in_every_style():
    formula = parse("x**2 / 2")
    assert (formula.text(), formula.text("python"), formula.latex()) == ("x²/2", "x**2/2", r"\frac{x^{2}}{2}")
    assert formula._repr_latex_() == r"$\displaystyle \frac{x^{2}}{2}$"


def test_formulas_are_equal_by_expression_and_keep_what_was_typed():
    assert parse("2x") == parse("2 * x")
    assert hash(parse("2x")) == hash(parse("2 * x"))
    assert repr(parse("2 * x")) == "Formula('2 * x')"
    assert Formula(2 * Symbol("x")).source_text == "2x"


def test_long_formulas_are_compared_without_recursion():
    typed = "x+" * 2000 + "x"
    assert parse(typed) == parse(typed)
    assert parse(typed) != parse(typed + "+y")
    assert parse("1/0") != parse("1/(-0)")


def test_a_formula_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse("x").source_text = "y"  # type: ignore[misc]


@pytest.mark.parametrize(("typed", "column"), [("y = x^2·y", 2), ("f(x) ＝ f·x", 5), ("x = 1", 2), ("y == x", 2)])
def test_an_equation_is_refused_at_its_sign(typed, column):
    with pytest.raises(FormulaError, match="right side") as caught:
        parse(typed)
    assert caught.value.column == column
