"""Every printed derivative, read back and evaluated, is the derivative: against the engine and against mpmath."""

import random
import re
from unicodedata import normalize

import mpmath
import numpy as np
import pytest

import chainrule as cr
from chainrule.explanation import explain
from chainrule.formula.expression import (
    Call,
    Constant,
    Expression,
    Symbol,
    evaluate,
    free_symbols,
    postorder,
    substitute,
)
from chainrule.formula.formula import Formula
from chainrule.formula.parser import parse_expression
from chainrule.rules import TABLE, Elementwise
from chainrule.rules.selection import clamp
from tests.formula.formula_trees import EXACT, UndefinedError, digits
from tests.rules.calls import of_scipy

# mpmath's readings of what tests/formula does not write.
EXACT |= {
    np.fmax: max,
    np.fmin: min,
    np.fmod: lambda x, y: x - y * EXACT[np.trunc](x / y),
    np.float_power: EXACT[np.power],
    np.radians: EXACT[np.deg2rad],
    np.degrees: EXACT[np.rad2deg],
    np.isnan: lambda x: False,
    clamp: EXACT[np.clip],
}
ALL = [rule for rule in TABLE.values() if isinstance(rule, Elementwise) and rule.function in EXACT]
x, y = Symbol("x"), Symbol("y")


def test_only_functions_that_formulas_cannot_spell_are_left_out():
    numpys = {rule.name for rule in TABLE.values() if isinstance(rule, Elementwise) and not of_scipy(rule)}
    left_out = numpys - {rule.name for rule in ALL}
    assert left_out <= {"sinc_derivative", "ldexp", "nextafter", "spacing", "i0", "bessel_i"}


def composition(draw, first, depth):
    """A random formula of x and y with the rule `first` at its top."""
    if first is None:
        return draw.choice([x, x, y, Constant(draw.choice([2, 3, 0.5, -1.5]))])
    arguments = []
    for _ in first.partials:
        inner = draw.choice(ALL) if depth > 1 and draw.random() < 0.7 else None
        arguments.append(composition(draw, inner, depth - 1))
    if first.function is np.where:
        arguments[0] = draw.choice([np.less, np.greater])(composition(draw, None, 0), x)
    elif not any(map(free_symbols, arguments)):
        arguments[0] = x
    return Call(first.function, tuple(arguments))


def smooth_at(formula, point):
    """Whether every function in the formula is known to be differentiable there, and no value is extreme."""
    with np.errstate(all="ignore"):
        for node in postorder(formula):
            rule = TABLE.get(node.function) if isinstance(node, Call) else None
            if isinstance(rule, Elementwise) and free_symbols(node):
                if not 1e-3 < abs(evaluate(node, point)) < 1e3 and rule.partials[0] != Constant(0):
                    return False
                if rule.smooth is not None:
                    named = dict(zip(rule.arguments, node.arguments, strict=True))
                    if not evaluate(substitute(rule.smooth, {**named, "out": node}), point):
                        return False
    return True


def exact_derivative(formula, name, point):
    """A difference quotient with 60 digits; nothing of chainrule's rules is in it."""
    step = mpmath.mpf(10) ** -20
    with mpmath.workdps(60):
        moved = [digits(formula, point | {name: mpmath.mpf(point[name]) + s * step}, 60) for s in (1, -1)]
        return (moved[0] - moved[1]) / (2 * step)


def points(draw, formula):
    found = []
    for _ in range(60):
        low, high = draw.choice([(0.1, 0.9), (0.5, 2.0), (1.1, 3.0), (-2.0, 2.0)])
        point = {"x": np.float64(draw.uniform(low, high)), "y": np.float64(draw.uniform(low, high))}
        try:
            digits(formula, point)
        except UndefinedError:
            continue
        if smooth_at(formula, point):
            found.append(point)
        if len(found) == 2:
            break
    return found


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_every_printed_derivative_of_random_compositions_is_the_derivative(rule):
    """Eight compositions for each rule of the table, about 470 in all, both formulas in both styles."""
    draw = random.Random(rule.name)
    done = 0
    for attempt in range(400):
        formula = composition(draw, rule, 1 + attempt % 3)
        places = points(draw, formula)
        if not places:
            continue
        done += _agrees(formula, places)
        if done == 8:
            return
    assert done >= 3, f"only {done} compositions of {rule.name} had points to be checked at"


def _agrees(formula: Expression, places: list[dict[str, float]]) -> bool:
    derivation = explain(Formula(formula))
    names = free_symbols(formula)
    gradient = cr.grad(
        lambda *values: evaluate(formula, dict(zip(names, values, strict=True))), tuple(range(len(names)))
    )
    checked = False
    for point in places:
        engine = gradient(*(point[name] for name in names))
        for name, by_engine in zip(names, engine, strict=True):
            try:
                expected = exact_derivative(formula, name, point)
            except UndefinedError:
                continue
            if abs(expected) > 1e6:
                continue
            np.testing.assert_allclose(float(by_engine), float(expected), rtol=1e-6, atol=1e-9)
            for simplified in (False, True):
                printed = derivation.formula(name, simplified)
                for style in ("math", "python"):
                    again = parse_expression(printed.text(style))
                    try:
                        found = digits(again, point, 60)
                    except UndefinedError as error:
                        raise AssertionError(f"{printed.text()} has no value at {point}") from error
                    assert abs(found - expected) <= 1e-12 * max(1, abs(expected)), printed.text(style)
                    checked = True
                with np.errstate(all="ignore"):
                    value = evaluate(printed.expression, point)
                np.testing.assert_allclose(value, float(expected), rtol=1e-5, atol=1e-8)
    return checked


@pytest.mark.parametrize(
    "formula", ["tanh(sin x · e^x)/(1+x²)", "x^x", "a/(b*c)", "sin²x + cos²x", "√(1−x²)·arcsin x", "log_3(x)"]
)
def test_the_lines_of_a_derivation_hold_at_random_points(formula):
    """Replaying part after part gives the value, the derivative and every number that is shown."""
    f = cr.parse(formula)
    rng = np.random.default_rng(3)
    for _ in range(20):
        point = tuple(rng.uniform(0.1, 0.9, len(f.variables)))
        derivation = explain(f, *point)
        values = dict(zip(f.variables, point, strict=True))
        for line in derivation.parts:
            values[line.name] = evaluate(line.formula, values)
            assert line.value == pytest.approx(values[line.name], rel=1e-12)
        for stage, expected in zip(derivation.stages, cr.grad(f, tuple(range(len(point))))(*point), strict=True):
            known = dict(values)
            for line in stage.lines:
                known[line.name] = evaluate(line.formula, known)
                assert line.value == pytest.approx(known[line.name], rel=1e-9)
            assert known["f′"] == pytest.approx(expected, rel=1e-9)
            if stage.paths:
                assert sum(path.value for path in stage.paths) == pytest.approx(expected, rel=1e-9)
                assert sum(evaluate(path.product, values) for path in stage.paths) == pytest.approx(expected, rel=1e-9)
        for result, expected in zip(derivation.results, cr.grad(f, tuple(range(len(point))))(*point), strict=True):
            assert result.value == expected
            assert result.check.difference == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_the_example_names_the_rule_at_every_part():
    stage = explain("tanh(sin x · e^x)/(1+x²)").stages[0]
    assert [(line.name, [rule.en for rule in line.rules]) for line in stage.lines] == [
        ("u′", ["sine, DLMF 4.20.1"]),
        ("v′", ["exponential function, DLMF 4.7.7"]),
        ("w′", ["product rule"]),
        ("p′", ["chain rule", "hyperbolic tangent, DLMF 4.34.3"]),
        ("q′", ["sum rule", "power rule"]),
        ("f′", ["quotient rule"]),
    ]


@pytest.mark.parametrize(
    ("formula", "rules"),
    [
        ("3x", ["constant-multiple rule"]),
        ("x/3", ["constant-multiple rule"]),
        ("x^5", ["power rule"]),
        ("5^x", ["exponential rule"]),
        ("x^x", ["power rule and exponential rule"]),
        ("sin(2x)", ["chain rule", "sine, DLMF 4.20.1", "constant-multiple rule"]),
        ("x", ["identity"]),
        ("where(x>0, x², x)", ["case by case", "power rule"]),
    ],
)
def test_rules_are_called_as_in_textbooks(formula, rules):
    assert [rule.en for rule in explain(formula).stages[0].lines[-1].rules] == rules


def test_a_variable_held_constant_makes_a_product_a_constant_multiple():
    by_x, by_y = explain("x·y").stages
    assert [rule.en for rule in by_x.lines[0].rules] == ["constant-multiple rule"]
    assert cr.parse("x·y").variables == (by_x.variable, by_y.variable)


def test_paths_are_listed_when_they_are_few():
    paths = explain("sin(x)·exp(x)").stages[0].paths
    assert [path.names for path in paths] == [("x", "u", "f"), ("x", "v", "f")]
    assert explain("exp(sin(x))").stages[0].paths == ()
    assert explain("+".join(f"sin({n}x)^{n}" for n in range(2, 12))).stages[0].paths == ()


@pytest.mark.parametrize(
    ("formula", "at", "sentence"),
    [
        ("x^0", 0.0, "x⁰ is constant in x, also at x = 0; 0ʸ jumps at y = 0"),
        ("sqrt(x)", 0.0, "the tangent at 0 is vertical"),
        ("max(x, 1)", 1.0, "a tie: the mean of the slopes 0 and 1"),
        ("arcsin(x)", 2.0, "arcsin(x) is not defined here: its domain is |x| ≤ 1."),
    ],
)
def test_exceptional_points_are_explained_in_words(formula, at, sentence):
    derivation = explain(formula, at)
    assert sentence in [remark.en for remark in derivation.stages[0].lines[-1].remarks]
    assert sentence in derivation.text(200)


AT_AN_ENTRY = [
    (np.sqrt, 0.0, "the tangent at 0 is vertical"),
    (np.cbrt, 0.0, "the tangent at 0 is vertical"),
    (np.arcsin, 1.0, "the tangent is vertical at the ends"),
    (lambda x: np.maximum(x, 1.0), 1.0, "a tie: the mean of the slopes 0 and 1"),
    (lambda x: np.hypot(x, 0.0), 0.0, "the tip of a cone: the mean of opposite slopes"),
    (lambda x: x**0.0, 0.0, "x⁰ is constant in x"),
    (np.absolute, 0.0, "kink or a jump"),
    (np.log, -1.0, "not defined here"),
]


@pytest.mark.parametrize(("f", "at", "sentence"), AT_AN_ENTRY)
def test_what_is_said_of_a_number_is_said_of_one_entry_among_others(f, at, sentence):
    ordinary = 0.5 if sentence.startswith("the tangent is") else 2.5
    with np.errstate(all="ignore"):
        for x in (np.array([at]), np.array([ordinary, at, ordinary]), np.array([[at, ordinary], [ordinary, ordinary]])):
            assert sentence in " ".join(explain(lambda x: np.sum(f(x)), x).text(400).split())
        assert sentence in " ".join(explain(lambda x: f(x) * 1.0, at).text(400).split())
        assert sentence not in explain(lambda x: np.sum(f(x)), np.array([ordinary, ordinary + 0.1])).text(400)


SHAPES = [
    ((), (3,)), ((1,), (3,)), ((3,), (2, 3)), ((1, 3), (2, 3)), ((2, 1), (2, 3)), ((2, 3), (2, 3)), ((2, 1), (1, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SHAPES)
def test_a_gradient_that_is_summed_over_broadcast_axes_says_so(one, other):
    x, y = np.ones(one)[()], np.ones(other)
    told = explain(lambda x, y: np.sum(x * y), x, y).text(400)
    stretched = (one != np.broadcast_shapes(one, other)) + (other != np.broadcast_shapes(one, other))
    assert told.count("summed over the broadcast axes") == stretched


@pytest.mark.parametrize("turns", [5, 29, 30, 31, 47, 200])
def test_lines_that_are_left_out_are_counted(turns):
    def f(x):
        for _ in range(turns):
            x = np.sin(x) * 2.0
        return np.sum(x)

    derivation = explain(f, np.array([0.3, 0.4]))
    told = derivation.text(200).split("Backward")[0]
    shown = len(re.findall(r"^ +\S+ = ", told, re.M))
    left_out = sum(int(n) for n in re.findall(r"… (\d+) more lines …", told))
    assert shown + left_out == 2 * turns + 1
    assert (left_out > 0) == (shown < 2 * turns + 1)


def test_a_tie_shows_the_engines_slope_in_numbers_and_in_the_formula():
    derivation = explain("max(x, 1)", 1.0)
    line = derivation.stages[0].lines[-1]
    assert (line.value, evaluate(line.numbers, {}), derivation.results[0].value) == (0.5, 0.5, 0.5)
    assert [derivation.formula("x")(at) for at in (0.0, 1.0, 2.0)] == [0.0, 0.5, 1.0]
    assert derivation.formula("x").text() == "{0.5 if x = 1, 1 if x > 1, 0 otherwise}"
    assert derivation.results[0].check.difference == pytest.approx(0.5)


def test_a_case_that_is_not_taken_leaves_no_trace_in_the_derivative():
    """√x has no value at −1; multiplied by 0 instead of left out, it would make the derivative NaN."""
    derivation = explain("where(x > 0, √x, x²)", -1.0)
    with np.errstate(invalid="ignore"):
        assert derivation.formula("x")(-1.0) == derivation.formula("x", simplified=False)(-1.0) == -2.0
    assert derivation.results[0].value == derivation.results[0].check.difference.__round__(6) == -2.0


def test_the_domain_is_said_where_it_says_something():
    assert [remark.en for remark in explain("log(x)/(1+x²)").remarks] == ["Defined where x > 0."]
    assert explain("x/(1+exp(x)+|x|)").remarks == ()
    assert [remark.en for remark in explain("1/(x²+x)").remarks] == ["Defined where x² + x ≠ 0."]
    assert [remark.en for remark in explain("1/(exp(x)·x²)").remarks] == ["Defined where x²·eˣ ≠ 0."]


def test_a_function_with_branches_is_explained_along_the_branch_taken():
    def f(t):
        for _ in range(3):
            t = np.sin(t) if t > 0.5 else t * t
        return t

    derivation = explain(f, 1.2)
    assert derivation.formula("t").text() == "cos(t)·cos(sin(t))·cos(sin(sin(t)))"
    assert "branches" in derivation.text()
    assert derivation.results[0].value == cr.grad(f)(1.2)
    with pytest.raises(cr.errors.NoRuleError, match=r"explain\(f, 1.0\)"):
        explain(f)


def test_an_equality_that_a_symbol_decides_silently_is_noticed():
    def f(t):
        return 5.0 * t if t == 0 else np.sin(t)

    assert explain(f, 0.0).formula("t").text() == "5"
    assert explain(f, 0.5).formula("t").text() == "cos(t)"


def test_arrays_are_explained_along_the_recorded_computation():
    rng = np.random.default_rng(1)
    params = {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=2)}
    data = rng.normal(size=(3, 4))

    def loss(params, data):
        return np.mean(np.tanh(params["W"] @ data + params["b"][:, None]) ** 2)

    derivation = explain(loss, params, data)
    assert derivation.inputs == ("params['W']", "params['b']", "data")
    expected = cr.grad(loss, (0, 1))(params, data)
    for result, by_engine in zip(derivation.results, (expected[0]["W"], expected[0]["b"], expected[1]), strict=True):
        np.testing.assert_allclose(result.value, by_engine)
        assert result.check.difference == pytest.approx(result.check.exact, rel=1e-6)
        assert result.computed is None
    with pytest.raises(cr.errors.NoRuleError, match="whole arrays"):
        derivation.formula("data")


def test_the_products_of_a_backward_pass_are_those_of_matrix_calculus():
    rng = np.random.default_rng(1)
    derivation = explain(lambda A, x: np.sum(A @ x), rng.normal(size=(3, 3)), rng.normal(size=3))  # noqa: N803
    text = normalize("NFC", derivation.text(120))
    assert "x̄ = Aᵀ @ ū " in text
    assert "Ā = outer(ū, x)" in text
    matrices = explain(lambda A, B: np.sum(A @ B), rng.normal(size=(3, 3)), rng.normal(size=(3, 3)))  # noqa: N803
    matrices = normalize("NFC", matrices.text(120))
    assert "Ā = ū @ Bᵀ" in matrices
    assert "B̄ = Aᵀ @ ū" in matrices


def test_a_result_of_several_entries_is_summed_and_says_so():
    derivation = explain(lambda v: np.flip(v) * v, np.array([1.0, 2.0, 4.0]))
    np.testing.assert_allclose(derivation.results[0].value, [8.0, 4.0, 2.0])
    assert "sum of the result's entries" in derivation.text(200)


def test_a_deep_chain_is_explained_in_parts():
    def f(t):
        for _ in range(40):
            t = np.sin(t) + 0.5 * t
        return t

    derivation = explain(f, 0.9)
    text = derivation.text()
    assert "Written out it has" in text
    assert len(text) < 30_000
    assert derivation.formula("t")(0.9) == pytest.approx(cr.grad(f)(0.9), rel=1e-9)


def test_catalogue_entries_ufuncs_and_functions_of_many_variables_are_explained():
    assert explain(cr.functions.tan).formula().text() == "1/cos²(x)"
    assert explain(cr.functions.constant(3)).formula("x").text() == "0"
    assert explain(np.hypot).inputs == ("x", "y")
    assert explain(lambda *v: v[0] * v[1], 2.0, 3.0).inputs == ("v[0]", "v[1]")
    assert explain("2π").results == ()


def test_names_of_parts_avoid_the_variables():
    derivation = explain("f·u·v·sin(w·exp(p))")
    names = [line.name for line in derivation.parts]
    assert not {"f", "u", "v", "w", "p"} & set(names)
    assert len(set(names)) == len(names)


def test_sympy_simplifies_where_asked():
    derivation = explain("x·sin(x)", sympy=True)
    assert derivation.results[0].sympy.text() == "x·cos(x) + sin(x)"
    assert "SymPy" in derivation.text()
    assert explain("logaddexp(x, 1)", sympy=True).results[0].sympy is None


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: explain("x*y", 1.0), TypeError, "1 values for 2 variables"),
        (lambda: explain("x*y", lang="fr"), ValueError, "fr"),
        (lambda: explain("x +* 2"), cr.errors.FormulaError, "\\^"),
        (lambda: explain(3.0), TypeError, "function"),
        (lambda: explain(lambda x: (x, x), np.ones(2)), cr.errors.ShapeError, "one result"),
        (lambda: explain("x*y").formula("z"), KeyError, "variables are x, y"),
    ],
)
def test_mistakes_are_answered_with_what_to_write(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    "f",
    [
        lambda z: np.abs(z), lambda z: np.abs(np.exp(z)), lambda z: np.real(np.arcsin(z * z)), lambda z: np.abs(z) ** 3,
        lambda z: np.imag(np.sqrt(z) / z), lambda z: np.real(np.log(z) * np.conj(z)), lambda z: np.abs(np.arctanh(z)),
        lambda z: np.real(np.arccosh(z) + np.arcsinh(z)), lambda z: np.real(np.power(z, 0.3 + z)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turn", [0.6 + 0.4j, -0.9 + 0.2j, 1.4 - 0.3j])
def test_every_line_told_of_complex_numbers_gives_the_number_beside_it(f, turn):
    derivation = explain(lambda x: f(x * turn + 0.2j), 0.7)
    (stage,) = [stage for stage in derivation.stages if stage.variable is None]
    values = {"x": 0.7} | {line.name: line.value for line in derivation.parts}
    told = 0
    for line in stage.lines:
        names = free_symbols(line.formula)
        known = {name: complex(name) for name in names if name not in values and name[0] in "(-0123456789"}
        if not any(type(node) is Call and node.function not in TABLE for node in postorder(line.formula)):
            found = evaluate(line.formula, values | known)
            if line.value is not None:
                found = np.real(found) if not np.iscomplexobj(line.value) else found
                np.testing.assert_allclose(found, line.value, rtol=1e-9)
                told += 1
        values[line.name] = 1.0 if line.value is None else line.value
    assert told
    assert derivation.results[0].value == pytest.approx(cr.grad(lambda x: f(x * turn + 0.2j))(0.7))


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: np.log(y), lambda x, y: np.floor(x) + np.log(y), lambda x, y: np.log(x) * y,
        lambda x, y: np.sqrt(x * y), lambda x, y: np.sin(np.log(x)) + y, lambda x, y: np.where(x > 0, np.log(x), y),
        lambda x, y: np.sign(np.log(y)) * x, lambda x, y: abs(x) + np.maximum(y, -1.0),
        lambda x, y: 2.0 + 0.0 * np.log(x),
    ],
)  # fmt: skip
@pytest.mark.parametrize("point", [(1.0, -1.0), (-1.0, 2.0), (0.0, 1.0), (0.5, 0.5), (float("nan"), 1.0)])
def test_each_stage_ends_with_the_derivative_that_is_the_result(f, point):
    with np.errstate(all="ignore"):
        derivation = explain(f, *point)
        expected = cr.grad(f, (0, 1))(*point)
    for stage, result, slope in zip(derivation.stages, derivation.results, expected, strict=False):
        assert result.value == pytest.approx(slope, nan_ok=True)
        if stage.variable is not None:
            assert stage.lines[-1].value == pytest.approx(slope, nan_ok=True)
