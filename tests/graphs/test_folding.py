"""Folding: what repeats becomes one box whose numbers are those of the whole computation."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.graphs.folding import fold, repetitions
from chainrule.graphs.graph import ArraySummary


def descent(x, steps=300):
    for _ in range(steps):
        x = x - 0.01 * np.cos(x) * x
    return x**2


def spring(x, v):
    for _ in range(100):
        v = v - 0.1 * x
        x = x + 0.1 * v
    return x * x + v * v


def layered(layers, x):
    for layer in layers:
        x = np.tanh(layer["w"] @ x + layer["b"])
    return np.sum(x)


def boxes(graph):
    return [node for node in graph.nodes if node.fold is not None and node.kind == "operation"]


def test_a_loop_of_300_steps_is_one_box():
    whole = cr.graph(descent, 1.3)
    folded = whole.fold()
    assert len(whole.nodes) > 1200
    assert len(folded.nodes) == 3
    (box,) = boxes(folded)
    assert box.label == "× 300"
    assert box.fold.body == ("cos", "×", "×", "−")


def test_the_box_keeps_value_and_gradient_and_its_local_derivative_is_that_of_the_whole_loop():
    folded = cr.graph(descent, 1.3).fold()
    (box,) = boxes(folded)
    inside = lambda x: np.sqrt(descent(x))  # noqa: E731
    assert box.value == pytest.approx(inside(1.3))
    (edge,) = folded.incoming(box.id)
    assert edge.local == pytest.approx((inside(1.3 + 1e-6) - inside(1.3 - 1e-6)) / 2e-6, rel=1e-6)
    assert edge.contribution == pytest.approx(cr.grad(descent)(1.3))
    assert folded.node(0).gradient == pytest.approx(sum(folded.contributions(0)))


def test_a_box_with_two_results_tells_them_apart_on_its_edges():
    folded = cr.graph(spring, 1.0, 0.0).fold()
    (box,) = boxes(folded)
    others = {edge.value for edge in folded.outgoing(box.id) if edge.value is not None}
    assert len(others) == 1
    assert others != {box.value}
    assert sum(folded.contributions(box.id)) == pytest.approx(box.gradient)
    assert [sum(folded.contributions(k)) for k in (0, 1)] == pytest.approx(cr.grad(spring, (0, 1))(1.0, 0.0))


def test_the_weights_of_repeated_layers_are_stacked():
    random = np.random.default_rng(0)
    layers = [{"w": random.normal(size=(4, 4)), "b": random.normal(size=4)} for _ in range(20)]
    folded = cr.graph(layered, layers, np.ones(4)).fold()
    shapes = {node.symbol: node.value.shape for node in folded.nodes if node.kind == "input" and node.fold}
    assert shapes == {
        "layers[0]['w'] … layers[19]['w']": (20, 4, 4),
        "layers[0]['b'] … layers[19]['b']": (20, 4),
    }
    assert len(folded.nodes) == 5


@pytest.mark.parametrize("least", [2, 3, 5])
@pytest.mark.parametrize("period", [1, 3])
def test_a_block_is_folded_from_the_least_number_of_repetitions_on(least, period):
    def f(x, times):
        for _ in range(times):
            x = np.sin(x)
            if period == 3:
                x = np.cos(x)
                x = x * 1.5
        return np.exp(x)

    for times in range(1, 8):
        folded = fold(cr.graph(f, 0.5, times, argnums=0), least)
        assert [box.fold.times for box in boxes(folded)] == ([times] if times >= least else [])


def test_two_loops_are_two_boxes_and_each_unfolds_alone():
    def f(x):
        for _ in range(5):
            x = np.sin(x)
        y = np.exp(x)
        for _ in range(7):
            y = np.cos(y) + y
        return y

    whole = cr.graph(f, 0.5)
    folded = whole.fold()
    assert [box.fold.times for box in boxes(folded)] == [5, 7]
    first = boxes(folded)[0]
    opened = folded.unfold(first.id)
    assert [box.fold.times for box in boxes(opened)] == [7]
    assert len(opened.nodes) == len(folded.nodes) + 4
    assert boxes(opened.unfold(boxes(opened)[0].id)) == []
    assert folded.unfold() == whole


def test_an_outer_loop_is_folded_rather_than_the_loops_in_it():
    def f(x):
        for _ in range(6):
            for _ in range(4):
                x = np.sin(x)
            x = np.exp(-x)
        return x

    (box,) = boxes(cr.graph(f, 0.5).fold())
    assert box.fold.times == 6
    assert box.fold.body == ("sin", "sin", "sin", "sin", "−", "exp")


def test_blocks_found_are_really_repeated():
    whole = cr.graph(spring, 1.0, 0.0)
    for times, members in repetitions(whole):
        labels = [whole.node(id).label for id in members]
        period = len(labels) // times
        assert labels == labels[:period] * times


def test_nothing_is_folded_that_does_not_repeat_or_whose_line_is_not_known():
    whole = cr.graph(lambda x: np.sin(x) * np.exp(x), 0.5)
    assert whole.fold() is whole
    formula = cr.graph("sin(sin(sin(sin(x))))", 0.5)
    assert formula.fold() is formula


@pytest.mark.parametrize("size", [3, 100])
def test_what_flows_out_of_a_box_to_one_array_is_its_gradient(size):
    def f(w):
        x = np.zeros(size)
        for k in range(5):
            x = np.sin(x) + k * w
        return np.sum(x)

    w = np.linspace(0.1, 1.0, size)
    folded = fold(cr.graph(f, w))
    (box,) = boxes(folded)
    assert box.fold.times >= 4
    sent = folded.contributions(0)  # into the box, and into what stands outside of it
    assert sum(one.mean for one in sent) == pytest.approx(np.mean(cr.grad(f)(w)), rel=1e-12)
    total = np.sum([one.strip for one in sent], axis=0)
    assert total == pytest.approx(np.array(folded.node(0).gradient.strip), rel=1e-12)


def test_pictures_fold_large_graphs_unless_told_otherwise():
    small, large = cr.graph(descent, 1.3, 5, argnums=0), cr.graph(descent, 1.3, 50, argnums=0)
    assert small.shown() is small
    assert len(large.shown().nodes) == 3
    assert large.shown(False) is large
    assert len(cr.graph(descent, 1.3, 5, argnums=0).shown(True).nodes) == 3
    with pytest.raises(ValueError, match="fold"):
        large.shown("no")


def test_the_sum_of_what_flows_out_of_a_box_to_one_array_is_exact_where_it_is_known():
    def f(w):
        x = np.ones(3)
        for _ in range(4):
            x = np.sin(w * x)
        return np.sum(x) + np.sum(w)

    w = np.array([0.2, 0.5, 1.0])
    folded = cr.graph(f, w).fold()
    (box,) = boxes(folded)
    (edge,) = folded.incoming(box.id)[:1]
    assert isinstance(edge.contribution, ArraySummary)
    assert edge.contribution.strip == pytest.approx(cr.grad(f)(w) - 1)


def test_steps_of_a_folded_graph_say_what_is_repeated():
    steps = cr.graph(descent, 1.3).fold().steps()
    assert steps[1].english == "Repeating (cos, ×, ×, −) 300 times on x gives x₃₀₀ = 0.132."
    assert steps[1].chinese == "对 x 把（cos, ×, ×, −）重复 300 次，得到 x₃₀₀ = 0.132。"


@pytest.mark.parametrize("leaving", ["one", "two", "two, of them one squared", "two into one"])
def test_a_box_has_a_local_derivative_only_where_one_number_leaves_it(leaving):
    """With two exits, gradient by contribution would be the quotient of sums: no derivative of either."""

    def f(a, b):
        for _ in range(6):
            c = a * 0.5 + b
            a = np.sin(c) * b
        if leaving == "one":
            return a * 3.0
        if leaving == "two":
            return a + np.exp(c)
        return a**2 + c if leaving == "two, of them one squared" else np.hypot(c, a)

    def loop(a, b):
        for _ in range(6):
            c = a * 0.5 + b
            a = np.sin(c) * b
        return a

    folded = cr.graph(f, 0.7, 1.1).fold()
    (box,) = boxes(folded)
    exits = {edge.value for edge in folded.outgoing(box.id)}
    assert len(exits) == (1 if leaving == "one" else 2)
    slopes = cr.grad(loop, (0, 1))(0.7, 1.1)
    for edge, slope in zip(folded.incoming(box.id), slopes, strict=True):
        if leaving == "one":
            assert edge.local == pytest.approx(slope)
            assert edge.local * box.gradient == pytest.approx(edge.contribution)
        else:
            assert edge.local is None
    assert [node.gradient for node in folded.nodes if node.kind == "input"] == list(cr.grad(f, (0, 1))(0.7, 1.1))


def test_what_flows_into_folded_boxes_is_what_grad_gives_on_random_loops():
    random = np.random.default_rng(8)
    for _ in range(40):
        times, weights = int(random.integers(3, 9)), random.normal(size=4)
        start = float(random.normal())
        both = bool(random.integers(2))

        def f(x, times=times, weights=weights, both=both):
            y = x
            for _ in range(times):
                y = np.tanh(y * weights[0]) + weights[1]
                x = x * weights[2] - y
            return x * weights[3] + y if both else x**2

        folded = cr.graph(f, start).fold()
        (source,) = [node for node in folded.nodes if node.kind == "input"]
        assert source.gradient == cr.grad(f)(start)
        assert sum(folded.contributions(source.id)) == pytest.approx(source.gradient)
        for box in boxes(folded):
            alone = len({edge.value for edge in folded.outgoing(box.id)}) == 1
            for edge in folded.incoming(box.id):
                assert alone or edge.local is None
