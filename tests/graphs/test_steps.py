"""The one list of steps: its order, its sentences, and that replaying it gives every value and gradient."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.graphs.steps import flow
from tests.graphs.recorder import Recorder, broadcast, diamond, network, random_graph, tanh_example

OPERATIONS = {"sin": np.sin, "tanh": np.tanh, "multiply": np.multiply, "add": np.add}
ORDER = ["input", "forward", "seed", "backward", "accumulate"]


def test_inputs_come_first_then_operations_then_seeds_then_gradients():
    kinds = [step.kind for step in diamond().steps()]
    assert kinds[:6] == ["input", "forward", "forward", "forward", "forward", "seed"]
    assert set(kinds[6:]) == {"backward", "accumulate"}
    assert kinds[-1] == "accumulate"


def test_steps_replayed_in_order_give_every_value_and_gradient():
    for seed in range(200):
        graph = random_graph(seed, size=30, inputs=3)
        values, arrived = {}, {}
        for step in graph.steps():
            node = graph.node(step.node)
            if step.kind == "input":
                values[node.id] = node.value
            elif step.kind == "forward":
                arguments = [values[edge.source] for edge in graph.incoming(node.id)]
                if node.operation == "multiply" and len(arguments) == 1:
                    arguments.append(0.5)
                values[node.id] = OPERATIONS[node.operation](*arguments)
                assert values[node.id] == pytest.approx(node.value, rel=1e-12)
            elif step.kind == "seed":
                arrived[node.id] = [graph.seed(node.id)]
            elif step.kind == "backward":
                target = graph.node(step.edge.target)
                assert sum(arrived[target.id]) == pytest.approx(
                    target.gradient, rel=1e-12
                )  # complete before it flows on
                arrived.setdefault(node.id, []).append(sum(arrived[target.id]) * step.edge.local)
            else:
                assert sum(arrived[node.id]) == pytest.approx(node.gradient, rel=1e-12)
        assert set(values) == {node.id for node in graph.nodes}
        assert set(arrived) == {node.id for node in graph.nodes if node.gradient is not None}


def test_an_operation_is_told_in_symbols_and_in_numbers():
    step = diamond().steps()[1]
    assert step.formula == "v₁ = sin(x)"
    assert step.numbers == "v₁ = sin(0.5) = 0.479"
    assert step.sentence() == "sin of x gives v₁ = 0.479."
    assert step.sentence("zh") == "计算 sin(x)，得到 v₁ = 0.479。"


def test_the_gradients_that_meet_are_added():
    step = diamond().steps()[-1]
    assert step.numbers == "x\u0304 = 0.266 − 0.145 + 0.291 = 0.412"
    assert step.formula == "x\u0304 = v\u0304₁·cos(x) + v\u0304₂·v₂ + v\u0304₃·1/v₂"
    assert step.sentence() == "3 gradients arrive at x; its gradient is their sum, 0.412."


def test_what_is_said_to_flow_to_a_node_adds_up_to_its_gradient():
    def chained(x, y):
        u = x * y
        v = np.sin(u) + x
        return u, v, v * v, x

    def numbers(written):  # 0.266 − 0.145 + 0.291
        return sum(float(part) for part in written.replace("−", "-").replace("- ", "+ -").split("+"))

    graph = cr.graph(chained, 0.7, -0.4)
    names = {node.symbol: node.gradient for node in graph.nodes}
    assert len(graph.outputs) == 4
    seen = set()
    for step in graph.steps():
        if step.kind != "accumulate":
            continue
        node = graph.node(step.node)
        terms = step.formula.split(" = ")[1].split(" + ")
        assert len(terms) == len(graph.contributions(node.id))  # the seed is one of them, said as 1
        assert ("1" in terms) == (node.id in graph.outputs)
        assert numbers(step.numbers.split(" = ")[1]) == pytest.approx(node.gradient, abs=5e-3)
        seen.add(node.symbol)
    assert {"x", "u", "v"} <= seen
    assert names["x"] == pytest.approx(sum(cr.grad(lambda x, k=k: chained(x, -0.4)[k])(0.7) for k in range(4)))


def test_a_gradient_flows_back_times_the_local_derivative():
    step = next(
        step
        for step in diamond().steps()
        if step.kind == "backward" and step.edge.position == 1 and step.node == 2
    )
    assert step.formula == "v\u0304₃·(−v₃/v₂)"
    assert step.numbers == "0.479 · (−0.184) = −0.0882"


def test_without_a_formula_the_local_derivative_is_a_quotient():
    step = next(step for step in tanh_example().steps() if step.kind == "backward")
    assert "·∂" in step.formula


def test_what_no_gradient_reached_takes_no_step_backward():
    graph = broadcast()
    unused = {node.id for node in graph.nodes if node.gradient is None}
    assert unused
    assert not any(step.node in unused for step in graph.steps() if step.kind in ("backward", "accumulate"))


def test_every_step_has_a_sentence_in_both_languages():
    for graph in (diamond(), tanh_example(), network(), broadcast()):
        for step in graph.steps():
            assert step.sentence("en").endswith(".")
            assert step.sentence("zh").endswith("。")
            assert "None" not in step.english + step.chinese + step.formula + step.numbers
            assert step.kind in ORDER


def test_another_language_is_an_error():
    with pytest.raises(KeyError):
        diamond().steps()[0].sentence("fr")


def test_a_graph_without_a_backward_pass_has_only_forward_steps():
    r = Recorder()
    x = r.input("x", 1.0)
    graph = r.graph()
    assert [step.kind for step in graph.steps()] == ["input"]
    assert graph.node(x).gradient is None


@pytest.mark.parametrize("shapes", [((2, 3), (3, 4)), ((4, 2), (2, 4)), ((3, 3), (3, 3))], ids=str)
def test_what_flows_back_of_a_product_of_matrices_is_a_product_that_gives_the_gradient(shapes):
    random = np.random.default_rng(3)
    values = {name: random.normal(size=shape) for name, shape in zip("ab", shapes, strict=True)}
    made = cr.graph(lambda a, b: a @ b, values["a"], values["b"])
    ones = np.ones((shapes[0][0], shapes[1][1]))
    gradients = cr.grad(lambda a, b: np.sum(a @ b), (0, 1))(values["a"], values["b"])
    product = next(node for node in made.nodes if node.kind == "operation")
    for edge, gradient in zip(made.incoming(product.id), gradients, strict=True):
        left, right = flow(made, edge).text.split(" @ ")
        factors = [
            values[factor[0]].T if factor.endswith("ᵀ") else ones  # the other factor is the gradient of the product
            for factor in (left, right)
        ]
        np.testing.assert_allclose(factors[0] @ factors[1], gradient, rtol=1e-12)
