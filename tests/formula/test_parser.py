import contextlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chainrule.errors import FormulaError
from chainrule.formula.expression import Constant, evaluate, free_symbols, symbols
from chainrule.formula.parser import parse_expression
from tests.chances import examples
from tests.formula.effort import calls_made

x, y = symbols("x y")
POINT = {
    "x": 0.4, "y": 0.7, "n": 3.0, "b": 5.0, "xy": 2.0, "loss": 1.5, "theta": 0.3, "θ": 0.3, "x1": 0.2,
    "x_1": 0.9, "速度": 4.0,
}  # fmt: skip

MEANINGS = {
    # signs
    "2x": "2*x",
    "2 sin(x)": "2*np.sin(x)",
    "(x+1)(x-1)": "(x+1)*(x-1)",
    "x y": "x*y",
    "2πx": "2*np.pi*x",
    "1/2x": "1/2*x",
    "x·y×2÷3−1": "x*y*2/3-1",
    "x**2": "x**2",
    "-x^2": "-(x**2)",
    "2^-x": "2**-x",
    "2^-x^2": "2**-(x**2)",
    "2^3^x": "2**(3**x)",
    "--x": "x",
    "x - -2": "x+2",
    "x(x+1)": "x*(x+1)",
    "π(x+1)": "np.pi*(x+1)",
    "7 mod 4 + x % 2 + 7//2": "3 + x + 3",
    "2e": "2*np.e",
    "2e-3": "0.002",
    ".5x + 1.": "0.5*x+1",
    # raised and lowered characters
    "x²y³": "x**2*y**3",
    "x⁻¹": "1/x",
    "eˣ + e⁻²ˣ": "np.exp(x) + np.exp(-2*x)",
    "x⁽ⁿ⁺¹⁾": "x**(n+1)",
    "e^x": "np.exp(x)",
    "log₂ x + log₁₀(x)": "np.log2(x)+np.log10(x)",
    "x₁": "x1",
    # functions without brackets
    "sin x": "np.sin(x)",
    "sin x^2": "np.sin(x**2)",
    "sin 2πx + 1": "np.sin(2*np.pi*x) + 1",
    "2 sin x cos x": "2*np.sin(x)*np.cos(x)",
    "sin x/2": "np.sin(x)/2",
    "sin x*y - sin x·cos y": "np.sin(x)*y - np.sin(x)*np.cos(y)",
    "sin -x": "np.sin(-x)",
    "sin cos x": "np.sin(np.cos(x))",
    "ln |x - 1|": "np.log(abs(x-1))",
    "|sin x|": "abs(np.sin(x))",
    "x^sin x": "x**np.sin(x)",
    "√2 sin x": "np.sqrt(2)*np.sin(x)",
    # powers of functions
    "sin^2 x": "np.sin(x)**2",
    "sin²(x)": "np.sin(x)**2",
    "sin(x)^2": "np.sin(x)**2",
    "sin^n x": "np.sin(x)**n",
    "sin^(n+1) x": "np.sin(x)**(n+1)",
    "sin^-1 x": "np.arcsin(x)",
    "tan⁻¹(x)": "np.arctan(x)",
    "sin(x)^-1": "1/np.sin(x)",
    "cos^2x": "np.cos(x)**2",
    # brackets
    "√x + √(x+1) + ∛x": "np.sqrt(x)+np.sqrt(x+1)+np.cbrt(x)",
    "√√x": "x**0.25",
    "2|x||y|": "2*abs(x)*abs(y)",
    "||x|-1|": "abs(abs(x)-1)",
    "|x·|y||": "abs(x*abs(y))",
    "⌊3x⌋ + ⌈3x⌉": "3",
    # names
    "xy + loss": "xy + loss",
    "theta + θ + x_1": "theta + θ + x_1",
    "2速度": "2*速度",
    "ln e": "1",
    "τ - tau": "0",
    "log x": "np.log(x)",
    "log_3(x) + log(x, 3) + log3(x)": "3*np.log(x)/np.log(3)",
    "log_b x": "np.log(x)/np.log(b)",
    "lg x": "np.log10(x)",
    "tg x + arctg x + asin x": "np.tan(x)+np.arctan(x)+np.arcsin(x)",
    "sec x + csc x + cot x": "1/np.cos(x)+1/np.sin(x)+1/np.tan(x)",
    "sgn(-x) + sign(x) + abs(-x)": "x",
    "max(x, y, 0.5) + min(x, y)": "y + x",
    "arsinh(x) + atanh(x)": "np.arcsinh(x)+np.arctanh(x)",
    # full-width and Chinese signs
    "（ｘ＋１）＾２": "(x+1)**2",
    "max（x，y）": "y",
    "２ｘ　＋　１": "2*x+1",
    # cases
    "where(x > 0, x, -1)": "x",
    "{x if x < 0, y if x ≤ 0.1, 7 otherwise}": "7",
    "where(0 < x < 1 and not y = 2, 1, 0)": "1",
    "(x > 0)·(y < 0.1)·5": "0",
    # whole numbers are not NumPy's integers
    "2^-1": "0.5",
    "9999999999*9999999999": "1e20*(1-1e-10)**2",
    "where(x > 0, 9, 2)^30": "9.0**30",
    "(x > 0)·9^30": "9.0**30",
    "reciprocal(4)": "0.25",
}


@pytest.mark.parametrize("typed", MEANINGS)
def test_a_formula_means_what_python_says(typed):
    """The right column is read by Python itself."""
    expected = eval(MEANINGS[typed], {"np": np} | POINT)
    assert float(evaluate(parse_expression(typed), POINT)) == pytest.approx(
        float(expected), rel=1e-13, abs=1e-15
    )


def test_a_typed_formula_is_the_tree_that_numpy_notation_builds():
    assert parse_expression("1 - tanh(x)^2") == 1 - np.tanh(x) ** 2
    assert parse_expression("x^-1 y") == x**-1 * y
    assert parse_expression("where(x > y, x, y)") == np.where(x > y, x, y)


def test_a_tower_of_powers_is_read_without_being_computed():
    tower = parse_expression("9^9^9^9")
    with np.errstate(over="ignore"):
        assert evaluate(tower, {}) == np.inf


def test_a_number_between_whole_and_float():
    assert type(parse_expression("9007199254740992").value) is int
    assert type(parse_expression("9007199254740993").value) is float
    assert parse_expression("-0") == Constant(-0.0)


FAULTS = [
    ("", 0, "empty"),
    ("  ", 0, "empty"),
    ("(x+1", 0, "never closed"),
    ("2·((x+1)", 2, "never closed"),
    ("x+1)", 3, "closes nothing"),
    ("(x}", 0, "instead of '\\)'"),
    ("|x", 0, "never closed"),
    ("x⁽²", 1, "never closed"),
    ("()", 1, "nothing between"),
    ("x+", 2, "not finished"),
    ("x + * y", 4, "missing before '\\*'"),
    ("x $ y", 2, "unexpected character '\\$'"),
    ("（ｘ＄）", 2, "unexpected character"),
    ("x.__class__", 1, "unexpected character '.'"),
    ("__import__('os')", 0, "unexpected character '_'"),
    ("x + a__b", 4, "no name"),
    ("lambda x: x", 0, "word of Python"),
    ("[x for x in y]", 0, "round parentheses"),
    ("'x'", 0, "no text"),
    ("x;y", 1, "one expression"),
    ("x\x00y", 1, "unexpected character"),
    ("2½", 1, "could mean a sum or a product"),
    ("sine(x)", 0, "did you mean sin"),
    ("x + foo_bar(x)", 4, "for a product, write"),
    ("sinx", 0, "write sin\\(x\\)"),
    ("2 cos2x", 2, "write cos\\(2x\\)"),
    ("sin", 0, "needs an argument"),
    ("1 + sin * x", 4, "needs an argument"),
    ("sin 2(x+1)", 5, "write sin\\(…\\)"),
    ("√x^2", 2, "not clear"),
    ("sin^-2 x", 4, "not clear"),
    ("exp^-1 x", 4, "two things"),
    ("x + sin(x, y)", 4, "takes 1 argument, and is given 2"),
    ("log(x, 2, 3)", 0, "takes 1 to 2 arguments"),
    ("where(x)", 0, "takes 3 arguments, and is given 1"),
    ("1e999", 0, "too large"),
    ("x + " + "1" * 61, 4, "too long"),
    ("1.2.3", 3, "next to each other"),
    ("2 3", 2, "next to each other"),
    ("x 3", 2, "operator is missing"),
    ("(1,2)", 2, "comma"),
    ("x if y", 2, "cases"),
    ("{x}", 2, "cases"),
    ("(x>0)+1", 5, "not a number"),
    ("-(x>0)", 0, "not a number"),
    ("x" * 10_001, 10_000, "10,000 characters"),
    ("(" * 101 + "x", 100, "deeper than 100"),
    ("x+" * 2600 + "x", None, "more than 5,000"),
    ("-" * 200 + "x", None, "deeper than 100"),
    ("2^" * 200 + "x", None, "deeper than 100"),
    ("sin " * 200 + "x", None, "deeper than 100"),
    ("1/x·" * 200 + "x", None, "deeper than 100"),
]


@pytest.mark.parametrize(("typed", "column", "reason"), FAULTS, ids=[repr(row[0][:20]) for row in FAULTS])
def test_a_fault_is_told_with_its_column(typed, column, reason):
    with pytest.raises(FormulaError, match=reason) as caught:
        parse_expression(typed)
    assert caught.value.text == typed
    if column is not None:
        assert caught.value.column == column


def test_the_caret_stands_under_the_fault():
    with pytest.raises(FormulaError) as caught:
        parse_expression("x + * y")
    assert str(caught.value).splitlines()[1:] == ["  x + * y", "      ^"]


@pytest.mark.parametrize("typed", ["（ｘ＋１）＊＋＊ y", "x\u0304 + ＊ y", "１２ + x # y"])
def test_the_caret_stands_under_the_fault_after_letters_of_other_widths(typed):
    with pytest.raises(FormulaError) as caught:
        parse_expression(typed)
    _, formula, caret = str(caught.value).splitlines()
    assert caught.value.column > 0
    assert caret.endswith("^")
    assert cell_len(caret[:-1]) == cell_len(formula[: caught.value.column + 2])  # rich's count; the indent is two


def test_doubling_by_comparison_chains_is_bounded():
    """0 < u < 1 holds u twice: nested, the printed formula would double at each level."""
    typed = "x"
    for _ in range(40):
        typed = f"where(0<{typed}<1,1,2)"
    with pytest.raises(FormulaError, match="more than 5,000"):
        parse_expression(typed)


def test_only_texts_are_read():
    with pytest.raises(TypeError, match="not int"):
        parse_expression(3)  # type: ignore[arg-type]


PIECES = [
    "x", "y", "sin", "log_3", "foo", "e", "π", "2", ".5", "1e9", "+", "-", "*", "/", "^", "²", "⁻", "(",
    ")", "|", "√", ",", "<", "=", "{", "}", " if ", " otherwise", " and ", " not ", "⌊", "⌋", "⁽", "⁾",
    " ", "．", "（", "max",
]  # fmt: skip


@examples(400)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_is_a_formula_or_a_formula_error(typed):
    try:
        expression = parse_expression(typed)
    except FormulaError as error:
        fault = error
    else:
        assert all(name.isidentifier() for name in free_symbols(expression))
        return
    assert 0 <= fault.column <= len(typed)
    assert fault.reason


@pytest.mark.parametrize("piece", [*PIECES, "x²", "x+", "(x)", "sin x ", "{x if ", "|x|", "1/x·", "x<"])
def test_the_effort_grows_about_as_the_text(piece):
    def effort(length):
        def read():
            with contextlib.suppress(FormulaError):
                parse_expression((piece * length)[:length])

        return calls_made(read)

    effort(100)  # the grammar is loaded once
    assert effort(10_000) < 8 * effort(2_500) + 10_000  # 4 were linear, 16 quadratic


def test_lark_is_loaded_with_the_first_formula_only():
    program = "import sys, chainrule.formula.formula; print('lark' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"


def test_the_first_case_that_holds_counts() -> None:
    cases = parse_expression("{1 if x > 0, 2 if x > -1, 3 if x > -2, 4 otherwise}")
    assert [float(evaluate(cases, {"x": x})) for x in (1.0, -0.5, -1.5, -3.0)] == [1, 2, 3, 4]
