"""Recorded graphs: against cr.grad and central differences, their names and lines, and what they refuse."""

import random
import sys
from typing import NamedTuple

import numpy as np
import pytest

import chainrule as cr
from benchmarks import special
from chainrule.errors import ChainruleError, NotDifferentiableError
from chainrule.formula.expression import evaluate
from chainrule.graphs.building import graph
from chainrule.graphs.graph import ArraySummary
from tests.rules.calls import ELEMENTWISE, smooth_points

UNARY = (np.sin, np.cos, np.tanh, np.arctan, np.square, np.negative, np.abs)
BINARY = (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.hypot)
FUNCTIONS = {function.__name__: function for function in (*UNARY, *BINARY)}


def random_function(seed):
    """A random straight-line program of three numbers, each line using two earlier values."""
    choose = random.Random(seed)
    lines = []
    for k in range(3, 3 + choose.randint(1, 12)):
        if choose.random() < 0.5:
            lines.append((choose.choice(UNARY), (choose.randrange(k),)))
        else:
            lines.append((choose.choice(BINARY), (choose.randrange(k), choose.choice([choose.randrange(k), 0.7]))))

    def f(x, y, z):
        values = [x, y, z]
        for function, arguments in lines:
            values.append(function(*(values[a] if isinstance(a, int) else a for a in arguments)))
        return values[-1] + values[-2]

    return f, [choose.uniform(-2, 2) for _ in range(3)]


def central_difference(f, args, position, step=1e-6):
    above, below = list(args), list(args)
    above[position] += step
    below[position] -= step
    return (f(*above) - f(*below)) / (2 * step)


def or_zero(gradient):
    return 0.0 if gradient is None else gradient


def test_on_a_thousand_random_functions_contributions_add_up_to_the_gradients_of_grad():
    compared = 0
    for seed in range(1000):
        f, args = random_function(seed)
        with np.errstate(all="ignore"):
            made = graph(f, *args)
            expected = cr.grad(f, (0, 1, 2))(*args)
        for node in made.nodes:
            if node.kind == "constant":
                assert node.gradient is None
                continue
            terms = made.contributions(node.id)
            assert (node.gradient is None) == (not terms)
            if terms:
                assert node.gradient == pytest.approx(sum(terms), rel=1e-12, nan_ok=True)
        found = [or_zero(node.gradient) for node in made.nodes if node.kind == "input"]
        assert found == pytest.approx(expected, rel=1e-13, nan_ok=True)
        if seed % 5 == 0 and np.all(np.isfinite(expected)) and max(map(abs, expected)) < 1e3:
            differences = [central_difference(f, args, position) for position in range(3)]
            assert found == pytest.approx(differences, rel=1e-4, abs=1e-4)
            compared += 1
    assert compared > 100


def test_the_steps_replayed_in_order_give_every_value_and_gradient_shown():
    for seed in range(300):
        f, args = random_function(seed)
        with np.errstate(all="ignore"):
            made = graph(f, *args)
        values = {node.id: node.value for node in made.nodes if node.kind == "constant"}
        arrived = {}
        for step in made.steps():
            node = made.node(step.node)
            if step.kind == "input":
                values[node.id] = node.value
            elif step.kind == "forward":
                function = getattr(np, node.operation)
                with np.errstate(all="ignore"):
                    values[node.id] = function(*(values[edge.source] for edge in made.incoming(node.id)))
                assert values[node.id] == pytest.approx(node.value, rel=1e-13, nan_ok=True)
            elif step.kind == "seed":
                arrived[node.id] = [1.0]
            elif step.kind == "backward":
                sent = sum(arrived[step.edge.target]) * step.edge.local
                if step.edge.contribution != 0:  # 0 may stand for "not selected", where the local derivative is 0
                    assert sent == pytest.approx(step.edge.contribution, rel=1e-9, nan_ok=True)
                arrived.setdefault(node.id, []).append(step.edge.contribution)
            else:
                assert sum(arrived[node.id]) == pytest.approx(node.gradient, rel=1e-12, nan_ok=True)
        assert set(values) == {node.id for node in made.nodes}
        assert set(arrived) == {node.id for node in made.nodes if node.gradient is not None}


def test_values_are_called_what_the_function_calls_them():
    def f(x, y):
        product = x * y
        return helper(product) + 1

    def helper(argument):
        inner = np.sin(argument)
        return np.exp(inner)

    made = graph(f, 2.0, 3.0)
    assert [node.symbol for node in made.nodes if node.kind != "constant"] == [
        "x", "y", "product", "inner", "v1", "v2",
    ]  # fmt: skip
    assert made.node(2).name == "product"
    assert made.node(4).name is None


def test_a_name_given_just_before_the_return_is_known_too():
    def f(x):
        loss = np.square(x)
        return loss  # noqa: RET504 - the name is the point

    assert graph(f, 3.0).node(1).name == "loss"


def test_a_variable_that_changes_in_a_loop_is_numbered():
    def f(x):
        for _ in range(3):
            x = x - 0.1 * np.cos(x)
        return x

    made = graph(f, 1.0)
    assert [node.symbol for node in made.nodes if node.operation == "subtract"] == ["x1", "x2", "x3"]
    assert len({node.symbol for node in made.nodes}) == len(made.nodes)


def test_a_running_profiler_is_left_alone():
    seen = []
    sys.setprofile(lambda *_: seen.append(1))
    try:
        profiler = sys.getprofile()
        graph(np.sin, 1.0)
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
    graph(np.sin, 1.0)
    assert sys.getprofile() is None


def test_the_profile_function_is_gone_after_an_error():
    with pytest.raises(ZeroDivisionError):
        graph(lambda x: 1 // 0 * x, 1.0)
    assert sys.getprofile() is None


def test_every_operation_knows_its_line():
    def f(x):
        first = np.sin(x)
        return first * x

    start = f.__code__.co_firstlineno
    places = [node.where for node in graph(f, 1.0).nodes if node.kind == "operation"]
    assert places == [(__file__, start + 1), (__file__, start + 2)]
    assert graph("sin(x)", 1.0).node(1).where is None


class Layer(NamedTuple):
    weight: np.ndarray
    bias: np.ndarray


def test_parameters_in_containers_are_named_by_their_path_and_drawn_by_its_last_part():
    def f(params, x):
        return np.sum(params["w"] * x + params["b"])

    made = graph(f, {"w": np.ones(3), "b": 1.0}, np.arange(3.0), argnums=0)
    assert [(node.symbol, node.name) for node in made.nodes if node.kind == "input"] == [
        ("b", "params['b']"),
        ("w", "params['w']"),
    ]
    made = graph(lambda layers: layers[0]["w"] * layers[1]["w"], [{"w": 1.0}, {"w": 2.0}])
    assert [node.symbol for node in made.nodes[:2]] == ["layers[0]['w']", "layers[1]['w']"]
    made = graph(lambda layer: layer.weight @ layer.bias, Layer(np.ones((2, 2)), np.ones(2)))
    assert len([node for node in made.nodes if node.kind == "input"]) == 2


def test_arguments_that_are_not_numbers_are_passed_as_they_are():
    def f(x, mode, flag, nothing):
        assert mode == "up"
        assert flag is True
        assert nothing is None
        return x**2

    assert graph(f, 3.0, "up", True, None).node(0).gradient == 6.0


def test_only_the_arguments_at_argnums_are_inputs():
    made = graph(lambda x, n: sum((x**k for k in range(n)), 0.0), 2.0, 3, argnums=0)
    assert [node.name for node in made.nodes if node.kind == "input"] == ["x"]
    assert made.node(0).gradient == 5.0
    with pytest.raises(ValueError, match="argnums=3"):
        graph(np.sin, 1.0, argnums=3)


def test_a_result_with_several_parts_shows_the_gradient_of_their_sum():
    made = graph(lambda x: {"a": x * np.array([1.0, 2.0]), "b": x**2}, 3.0)
    assert len(made.outputs) == 2
    assert made.node(0).gradient == 1 + 2 + 6
    assert isinstance(made.seeds[0], ArraySummary)
    assert made.seeds[1] == 1.0


def test_what_the_result_does_not_depend_on_has_no_gradient():
    made = graph(lambda x, y: (np.exp(y), np.sin(x))[1], 1.0, 2.0)
    assert made.node(0).gradient == np.cos(1.0)
    assert made.node(1).gradient is None
    assert graph(lambda x: 3.0, 1.0).node(0).gradient is None


def test_where_the_local_derivative_is_zero_the_gradient_is_zero_and_computed():
    made = graph(lambda x: np.floor(np.sin(x)), 1.0)
    assert [node.gradient for node in made.nodes] == [0.0, 0.0, 1.0]
    made = graph(lambda x, y: np.maximum(x, np.sqrt(y)), 1.0, 0.0)
    assert made.node(1).gradient == 0.0  # not selected: no 0·∞


def test_a_broadcast_value_receives_the_sum_over_its_copies():
    made = graph(lambda x, b: np.sum(x * b), np.array([1.0, 2.0, 4.0]), 10.0)
    edge = made.outgoing(1)[0]
    assert edge.local == made.outgoing(1)[0].local
    assert edge.contribution == made.node(1).gradient == 7.0
    assert "summed over the axes" in next(s.english for s in made.steps() if s.edge == edge)


@pytest.mark.parametrize("small", [(), (1,), (3, 1), (1, 4), (1, 1), (4,)])
def test_a_step_says_that_a_gradient_is_summed_wherever_an_operand_was_broadcast(small):
    made = graph(lambda x, y: np.sum(x * y), np.ones(small)[()], np.ones((3, 4)))
    said = {step.edge.source: step.english for step in made.steps() if step.kind == "backward" and step.edge.local}
    assert "summed over the axes" in said[0]
    assert "summed over the axes" not in said[1]


def test_array_constants_are_one_node_with_their_name_and_numbers_one_for_each_use():
    data = np.arange(6.0).reshape(3, 2)

    def f(w):
        return np.sum((data @ w) ** 2 * 2) + np.sum(data) * 2 + np.sum(data * w)

    constants = [node for node in graph(f, np.ones(2)).nodes if node.kind == "constant"]
    assert [node.name for node in constants if isinstance(node.value, ArraySummary)] == ["data"]
    assert [node.value for node in constants if not isinstance(node.value, ArraySummary)] == [2.0, 30.0]


def test_a_constant_array_changed_between_two_uses_is_two_nodes():
    def f(x):
        factor = np.ones(2)
        first = x * factor
        factor[:] = 5.0
        return np.sum(first * factor)

    made = graph(f, np.ones(2))
    assert [node.value.mean for node in made.nodes if node.kind == "constant"] == [1.0, 5.0]


def test_sums_entries_and_products_of_matrices_read_as_in_python():
    def f(x):
        rows = np.sum(x, axis=0)
        return rows[1:] @ rows[:-1] + np.max(x)

    made = graph(f, np.arange(6.0).reshape(2, 3))
    assert [node.label for node in made.nodes if node.kind == "operation"] == [
        "sum axis=0", "[1:]", "[:-1]", "@", "max", "+",
    ]  # fmt: skip
    formulas = [step.formula for step in made.steps() if step.kind == "forward"]
    assert formulas[:4] == ["rows = sum(x, axis=0)", "v₁ = rows[1:]", "v₂ = rows[:-1]", "v₃ = v₁ @ v₂"]


def test_the_flow_through_a_product_of_matrices_is_written_with_transposes():
    made = graph(lambda x, w: np.sum(x @ w), np.ones((2, 3)), np.ones((3, 2)))
    backward = [step.formula for step in made.steps() if step.kind == "backward"]
    assert backward[1:] == ["v̄₁ @ wᵀ", "xᵀ @ v̄₁"]


def test_a_short_vector_is_shown_by_its_entries():
    made = graph(lambda x: np.sum(x**2), np.array([1.0, 2.0]))
    forward = next(step for step in made.steps() if step.kind == "forward")
    assert forward.numbers == "v₁ = [1, 2]² = [1, 4]"


def test_the_entries_of_a_condition_are_truth_values_and_defaults_are_not_written():
    made = graph(lambda x: np.sum(np.where(x > 1, x, 0.0), keepdims=False), np.array([1.0, 2.0]))
    forward = [step for step in made.steps() if step.kind == "forward"]
    assert forward[0].english.startswith("Choosing x where [False, True] holds")
    assert made.node(made.outputs[0]).label == "sum"


def test_a_step_says_where_nothing_flows_because_nothing_was_selected():
    with np.errstate(all="ignore"):
        made = graph(lambda x: np.where(x > 0, np.sqrt(x), 0.0), np.array([0.0, 4.0]))
    told = [step.english for step in made.steps() if step.kind == "backward" and step.node == 0]
    assert told == [
        "The gradient of v₁, [0, 1], flows back to x times the local derivative [∞, 0.25], and nothing from what was "
        "not selected: [0, 0.25]."
    ]


def test_formulas_entries_of_the_catalogue_and_ufuncs_have_graphs():
    assert graph("a·sin(b)", 2.0, 0.5).node(0).gradient == np.sin(0.5)
    assert graph(cr.functions.tanh, 0.5).node(0).name == "x"
    assert [node.name for node in graph(np.multiply, 2.0, 3.0).nodes[:2]] == ["x", "y"]


def test_the_gradient_of_a_value_that_is_nan_is_nan():
    with np.errstate(all="ignore"):
        assert np.isnan(graph(np.log, -1.0).node(0).gradient)


def test_every_value_on_which_a_nan_depends_has_the_gradient_nan_also_before_a_step_or_a_selection():
    """As it has to `grad` if the computation begins at it."""
    with np.errstate(all="ignore"):
        for f in (
            lambda x: np.floor(x * 2.0) * np.nan,
            lambda x: np.where(np.sin(x) > 9, x * 3.0, np.nan),
            lambda x: np.maximum(x * 2.0, np.nan),
            lambda x: np.log(-np.exp(np.ceil(x * 1.5))),
        ):
            made = graph(f, 1.5)
            assert np.isnan(cr.grad(f)(1.5))
            reached = [node.gradient for node in made.nodes if node.gradient is not None]
            assert len(reached) > 2
            assert np.isnan(reached).all(), reached


def test_results_that_are_not_numbers_are_refused():
    with pytest.raises(NotDifferentiableError, match="return statement"):
        graph(lambda x: None, 1.0)
    with pytest.raises(ChainruleError):
        graph(lambda x: "text", 1.0)


def test_the_root_of_the_package_offers_the_function_whatever_was_imported():
    import chainrule.graphs.graph  # noqa: F401

    assert cr.graph is graph
    assert callable(cr.draw)


def test_steps_read_in_both_languages_for_arrays():
    made = graph(lambda w: np.mean(np.tanh(w @ np.ones((3, 2)))), np.ones((5, 3)))
    english = [step.english for step in made.steps()]
    chinese = [step.chinese for step in made.steps()]
    assert english[0] == "The input w is an array of shape (5, 3)."
    assert chinese[0] == "输入 w 的值是形状为 (5, 3) 的数组。"
    assert "The mean of v₂ gives v₃ = 0.995." in english
    assert "v₂ 的平均，得到 v₃ = 0.995。" in chinese


@pytest.mark.parametrize("rule", [*ELEMENTWISE, *special.rules()], ids=lambda rule: rule.name)
@pytest.mark.parametrize("size", [None, 3])
def test_every_elementwise_rule_has_a_graph_whose_edges_multiply(rule, size):
    tracked = tuple(special.known(rule))
    args = [p if np.ndim(p) == 0 else p[0] if size is None else p for p in smooth_points(rule, count=3, seed=5)]
    args = [a if k in tracked or np.ndim(a) or not float(a).is_integer() else int(a) for k, a in enumerate(args)]
    made = graph(rule.function, *args, argnums=tracked)
    assert made.steps()
    out = made.node(made.outputs[0])
    edges = [edge for edge in made.incoming(out.id) if edge.contribution is not None]
    assert edges
    for edge in edges:
        if size is None and not isinstance(edge.local, complex):
            assert edge.contribution == pytest.approx(edge.local, rel=1e-12)
    _, pullback = cr.vjp(lambda *xs: rule.function(*_placed(args, tracked, xs)), *(args[k] for k in tracked))
    ones = np.ones(np.shape(rule.function(*args)))[()]
    for node, expected in zip(made.nodes, pullback(ones), strict=False):
        assert np.mean(expected) == pytest.approx(
            node.gradient.mean if isinstance(node.gradient, ArraySummary) else or_zero(node.gradient), rel=1e-12
        )


ANALYTIC = [
    rule
    for rule in ELEMENTWISE
    if rule.function not in (np.sign, np.rint) and "D" in "".join(getattr(rule.function, "types", ""))
]


@pytest.mark.parametrize(
    ("rule", "turn"),
    [*((rule, 1.0) for rule in ELEMENTWISE), *((rule, 1 + 0.25j) for rule in ANALYTIC)],
    ids=lambda item: getattr(item, "name", type(item).__name__),
)
def test_the_formula_on_an_edge_gives_the_number_on_it(rule, turn):
    args = [float(p.ravel()[0]) if np.ndim(p) else p for p in smooth_points(rule, count=1, seed=6)]
    made = graph(lambda *xs: np.real(rule.function(*(x * turn for x in xs))), *args)
    values = {node.symbol: node.value for node in made.nodes}
    edges = [e for n in made.nodes if n.operation == rule.name for e in made.incoming(n.id) if e.formula is not None]
    assert edges
    for edge in edges:
        with np.errstate(all="ignore"):
            assert evaluate(edge.formula, values) == pytest.approx(edge.local, rel=1e-9, abs=1e-12)


def _placed(args, tracked, values):
    given = list(args)
    for position, value in zip(tracked, values, strict=True):
        given[position] = value
    return given


def test_a_helpers_parameters_name_nothing():
    def helper(argument):
        return np.sin(argument) * 2.0

    made = graph(lambda x: helper(x + 1.0), 2.0)
    assert [node.symbol for node in made.nodes if node.kind == "operation"] == ["v1", "v2", "v3"]


def test_a_contribution_has_the_shape_of_what_it_flows_to():
    made = graph(lambda x: np.sum(x), np.ones((2, 3)))
    assert made.incoming(1)[0].contribution.shape == (2, 3)
    assert made.node(0).gradient.shape == (2, 3)


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("function", [np.sum, np.mean], ids=lambda f: f.__name__)
def test_the_local_derivative_of_a_total_is_what_flows_back_of_ones(function, axis):
    for keepdims in (False, True):
        made = graph(lambda x: function(x, axis=axis, keepdims=keepdims), np.arange(24.0).reshape(2, 3, 4))  # noqa: B023
        (edge,) = made.edges
        assert edge.contribution.minimum == edge.contribution.maximum == edge.local
        assert evaluate(edge.formula, {}) == edge.local


def test_a_condition_that_is_tracked_itself_takes_no_share_of_the_gradient():
    for f in (lambda x: np.where(x, x * 2, 1 - x), lambda x: np.where(x, 1 - x, x * 2), lambda x: np.where(x, x, 1.0)):
        made = graph(f, np.array([0.5, 0.0]))
        node = next(node for node in made.nodes if node.operation == "where")
        for edge in made.incoming(node.id):
            if edge.position == 0:
                assert edge.contribution is None
            elif made.node(edge.source).kind != "constant":
                chosen = [1.0, 0.0] if edge.position == 1 else [0.0, 1.0]
                assert list(edge.contribution.strip) == chosen


def test_a_reduction_that_keeps_its_axes_sums_no_gradient() -> None:
    said = [step.english for step in cr.graph(lambda x: np.mean(x, axis=0, keepdims=True) * 2, np.arange(3.0)).steps()]
    assert not any("summed over the axes" in sentence for sentence in said)
    both = cr.graph(lambda x, y: x + y, np.ones((2, 1)), np.ones((1, 3))).steps()
    assert sum("summed over the axes" in step.english for step in both) == 2


def test_numbers_of_several_digits_are_written_in_steps_as_numbers() -> None:
    assert [step.numbers for step in cr.graph(lambda x: np.sin(12 * x), 10.0).steps()[1:3]] == [
        "v₁ = 12·10 = 120",
        "v₂ = sin(120) = 0.581",
    ]
