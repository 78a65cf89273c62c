"""Graphs of formulas: the tutorial's compositions, read off the table, against finite differences."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import NoRuleError
from chainrule.formula.expression import Call, Constant, Expression, Symbol, evaluate, postorder
from chainrule.formula.text import text
from chainrule.graphs.compose import UnknownFunction, compose

g, h = UnknownFunction("g"), UnknownFunction("h")
KNOWN = {"g": np.sin, "g′": np.cos, "h": np.exp, "h′": np.exp}


def arriving(graph, source_label):
    """The contributions that arrive at the node with this label."""
    node = next(node for node in graph.nodes if node.label == source_label)
    return [text(edge.contribution) for edge in graph.outgoing(node.id)]


def test_nothing_flows_to_a_constant():
    for f in (lambda x: 3.0 * x + 2.0, lambda x: x**3, lambda x: g(2.0 * x) / 5.0, lambda x: np.maximum(x, 0.5)):
        graph = compose(f, "x")
        constants = [node.id for node in graph.nodes if node.kind == "constant"]
        assert constants
        for edge in graph.edges:
            assert (edge.contribution is None) == (edge.source in constants)
        assert all(graph.node(id).gradient is None for id in constants)


@pytest.mark.parametrize(
    ("composition", "at_g", "at_h", "at_x", "at_y"),
    [
        (lambda x, y: g(x) + h(y), "df", "df", "df·g′(x)", "df·h′(y)"),
        (lambda x, y: g(x) * h(y), "df·h(y)", "df·g(x)", "df·h(y)·g′(x)", "df·g(x)·h′(y)"),
        (
            lambda x, y: g(x) / h(y),
            "df/h(y)",
            "−df·g(x)/h(y)²",
            "df·g′(x)/h(y)",
            "−df·g(x)·h′(y)/h(y)²",
        ),
    ],
    ids=["figure 8", "figure 9", "figure 10"],
)
def test_the_gradients_in_the_tutorials_figures_are_its_own(composition, at_g, at_h, at_x, at_y):
    graph = compose(composition, "x", "y")
    assert arriving(graph, "g") == [at_g]
    assert arriving(graph, "h") == [at_h]
    assert arriving(graph, "x") == [at_x]
    assert arriving(graph, "y") == [at_y]
    assert [text(node.value) for node in graph.nodes[:4]] == ["x", "y", "g(x)", "h(y)"]


def test_a_chain_multiplies_the_derivatives():
    graph = compose(lambda x: g(h(x)), "x")
    assert arriving(graph, "h") == ["df·g′(h(x))"]
    assert arriving(graph, "x") == ["df·g′(h(x))·h′(x)"]


def known(formula: Expression) -> Expression:
    """The formula with sin for g and exp for h."""
    new: dict[Expression, Expression] = {}
    for part in postorder(formula):
        if isinstance(part, Call):
            name = part.function.__name__ if isinstance(part.function, UnknownFunction) else None
            function = part.function if name is None else KNOWN[name]
            new[part] = Call(function, tuple(new[argument] for argument in part.arguments))
        else:
            new[part] = part
    return new[formula]


@pytest.mark.parametrize(
    ("composition", "names"),
    [
        (lambda x, y: g(x) + h(y), "xy"),
        (lambda x, y: g(x) * h(y), "xy"),
        (lambda x, y: g(x) / h(y), "xy"),
        (lambda x: g(h(x)), "x"),
        (lambda x: g(x) + h(x), "x"),
        (lambda x: g(x) * h(x), "x"),
        (lambda x: g(x) / h(x), "x"),
        (lambda x: np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2), "x"),
        (lambda x, y: x * y + np.sin(x * y) - x, "xy"),
        (lambda x: x * x * x, "x"),
    ],
)
def test_every_gradient_agrees_with_finite_differences(composition, names):
    graph = compose(composition, *names)
    at = {"x": 0.4, "y": 0.7}
    value = known(graph.node(graph.outputs[0]).value)
    for node in graph.nodes:
        if node.kind == "input":
            step = 1e-6
            above = evaluate(value, at | {node.name: at[node.name] + step})
            below = evaluate(value, at | {node.name: at[node.name] - step})
            gradient = evaluate(known(node.gradient), at | {"df": 2.0})
            assert gradient == pytest.approx(2.0 * (above - below) / (2 * step), rel=1e-8)


def test_every_edge_carries_its_targets_gradient_times_its_local_derivative():
    graph = compose(lambda x: np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2), "x")
    at = {"x": 0.4, "df": 2.0}
    for edge in graph.edges:
        if edge.contribution is not None:
            gradient = evaluate(graph.node(edge.target).gradient, at)
            assert evaluate(edge.contribution, at) == pytest.approx(
                gradient * evaluate(edge.local, at), rel=1e-12
            )
    for node in graph.nodes:
        if node.gradient is not None:
            total = sum(evaluate(term, at) for term in graph.contributions(node.id))
            assert total == pytest.approx(evaluate(node.gradient, at), rel=1e-12)


def test_the_formula_on_an_edge_is_the_local_derivative_in_the_symbols_of_the_nodes():
    graph = compose(lambda x: np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2), "x")
    at = {"x": 0.4}
    symbols = {node.symbol: evaluate(node.value, at) for node in graph.nodes}
    for edge in graph.edges:
        assert evaluate(edge.formula, symbols) == pytest.approx(evaluate(edge.local, at), rel=1e-12)
    for node in graph.nodes:
        if node.formula is not None:
            assert evaluate(node.formula, symbols) == pytest.approx(symbols[node.symbol], rel=1e-12)


def test_an_input_that_is_used_twice_gets_the_sum():
    graph = compose(lambda x: g(x) + h(x), "x")
    assert arriving(graph, "x") == ["df·g′(x)", "df·h′(x)"]
    assert text(graph.node(0).gradient) in ("df·g′(x) + df·h′(x)", "df·(g′(x) + h′(x))")


def test_equal_subformulas_are_one_node_and_constants_are_not():
    graph = compose(lambda x: (np.sin(x) + 2) * (np.sin(x) - 2), "x")
    assert [node.label for node in graph.nodes].count("sin") == 1
    assert [node.kind for node in graph.nodes].count("constant") == 2


def test_no_gradient_flows_to_constants_and_none_at_all_without_a_seed():
    graph = compose(lambda x: 2 * x, "x")
    constant = next(node for node in graph.nodes if node.kind == "constant")
    assert constant.gradient is None
    assert constant.label == "2"
    forward = compose(lambda x: 2 * x, "x", seed=None)
    assert all(node.gradient is None for node in forward.nodes)
    assert all(edge.contribution is None for edge in forward.edges)


def test_an_input_that_is_not_used_has_no_gradient():
    graph = compose(lambda x, y: np.sin(x), "x", "y")
    assert [node.gradient is None for node in graph.nodes if node.kind == "input"] == [False, True]


def test_a_formula_may_be_given_instead_of_a_function():
    assert compose(np.sin(Symbol("x")) * Symbol("y")).node(0).name == "x"


def test_a_constant_function_is_one_constant():
    graph = compose(lambda x: 3.0, "x")
    assert graph.node(graph.outputs[0]).value == Constant(3.0)


def test_names_of_values_avoid_the_users_names():
    graph = compose(lambda v1: np.sin(np.exp(v1)), "v1")
    assert [node.symbol for node in graph.nodes] == ["v1", "v2", "v3"]


def test_an_unknown_function_of_two_arguments_has_two_derivatives():
    f = UnknownFunction("f")
    graph = compose(lambda x, y: f(x, y), "x", "y")
    assert arriving(graph, "x") == ["df·∂₁f(x, y)"]
    assert arriving(graph, "y") == ["df·∂₂f(x, y)"]
    assert f.derivative(0, 2) is f.derivative(0, 2)
    assert compose(lambda x: g.derivative(0, 1)(x), "x").edges[0].local.function.__name__ == "g′′"


def test_a_function_without_partial_derivatives_is_named():
    with pytest.raises(NoRuleError, match="invert"):
        compose(lambda x: np.invert(x), "x")


def test_an_unknown_function_needs_arguments_that_are_formulas():
    with pytest.raises(TypeError, match="at least one"):
        g()
    with pytest.raises(TypeError, match="formula"):
        g("x")
    with pytest.raises(TypeError, match="formula"):
        compose(lambda x: "text", "x")


def test_a_long_chain_neither_recurses_nor_explodes():
    def repeated(x):
        for _ in range(300):
            x = np.sin(x) * x
        return x

    graph = compose(repeated, "x")
    assert len(graph.nodes) == 601
    expected = cr.derivative(repeated)(1.7)
    assert abs(expected) > 1e-6
    assert evaluate(graph.node(0).gradient, {"x": 1.7, "df": 1.0}) == pytest.approx(expected, rel=1e-9)
    assert len(graph.steps()) > 1500
