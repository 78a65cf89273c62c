"""The plain data of a graph: order, parents, sums, and what it refuses."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from chainrule.formula.expression import Symbol
from chainrule.graphs.graph import Edge, Graph, Node, summarise
from tests.graphs.recorder import Recorder, diamond, random_graph


def node(id, kind="operation"):
    return Node(id, kind, f"v{id}", "+", 0.0)


def test_every_node_comes_after_its_parents():
    for seed in range(20):
        graph = random_graph(seed, size=40)
        place = {node.id: index for index, node in enumerate(graph.topological_order())}
        assert len(place) == 40
        assert all(place[edge.source] < place[edge.target] for edge in graph.edges)


def test_parents_keep_the_order_of_the_arguments():
    r = Recorder()
    a, b = r.input("a", 1.0), r.input("b", 2.0)
    difference = r.operation("−", 1.0, (b, 1.0), (a, -1.0))
    graph = r.graph(difference)
    swapped = replace(graph, edges=tuple(reversed(graph.edges)))
    for each in (graph, swapped):
        assert [parent.name for parent in each.parents(difference)] == ["b", "a"]


def test_a_value_that_is_used_twice_is_two_edges():
    r = Recorder()
    x = r.input("x", 3.0)
    square = r.operation("×", 9.0, (x, 3.0), (x, 3.0))
    graph = r.graph(square)
    assert [parent.name for parent in graph.parents(square)] == ["x", "x"]
    assert [child.id for child in graph.children(x)] == [square, square]
    assert graph.contributions(x) == (3.0, 3.0)
    assert graph.node(x).gradient == 6.0


def test_the_contributions_add_up_to_the_gradient_in_1000_random_graphs():
    for seed in range(1000):
        graph = random_graph(seed, size=25, inputs=3)
        for each in graph.nodes:
            if each.gradient is None:
                assert graph.contributions(each.id) == ()
            else:
                assert sum(graph.contributions(each.id)) == pytest.approx(each.gradient, rel=1e-12)


def test_an_output_that_is_also_used_has_its_seed_among_its_contributions():
    r = Recorder()
    x = r.input("x", 2.0)
    y = r.operation("exp", np.exp(2.0), (x, np.exp(2.0)))
    z = r.operation("sin", 1.0, (y, 0.25))
    graph = r.graph(y, z)
    assert graph.seed(y) == 1.0
    assert graph.contributions(y) == (1.0, 0.25)
    assert graph.node(y).gradient == 1.25
    assert graph.seed(x) is None


def test_a_graph_is_frozen():
    with pytest.raises(FrozenInstanceError):
        diamond().nodes = ()


def test_two_nodes_with_one_id_are_refused():
    with pytest.raises(ValueError, match="same id"):
        Graph((node(1), node(1)), (), (1,))


def test_edges_to_nowhere_are_refused():
    with pytest.raises(ValueError, match=r"\[7\]"):
        Graph((node(1),), (Edge(1, 7, 0),), (1,))
    with pytest.raises(ValueError, match=r"\[7\]"):
        Graph((node(1),), (), (7,))


def test_a_cycle_is_refused():
    with pytest.raises(ValueError, match="cycle"):
        Graph((node(1), node(2)), (Edge(1, 2, 0), Edge(2, 1, 0)), (2,))


def test_seeds_must_match_the_outputs():
    with pytest.raises(ValueError, match="got 2 seeds for 1 outputs"):
        Graph((node(1),), (), (1,), (1.0, 1.0))


def test_a_large_array_is_summarised_by_the_means_of_sixteen_stretches():
    array = np.arange(64.0).reshape(8, 8)
    summary = summarise(array)
    assert summary.shape == (8, 8)
    assert summary.dtype == "float64"
    assert (summary.minimum, summary.mean, summary.maximum) == (0.0, 31.5, 63.0)
    assert summary.strip == tuple(array.reshape(16, 4).mean(axis=1))


def test_a_small_array_is_its_own_strip():
    assert summarise(np.array([1, -2], dtype=np.int32)).strip == (1.0, -2.0)


def test_odd_values_are_summarised_without_warnings():
    assert np.isnan(summarise(np.array([np.nan, 1.0])).mean)
    assert np.isnan(summarise(np.array([np.inf, -np.inf])).mean)
    assert summarise(np.zeros((0, 3))).strip == ()
    assert summarise(np.array([3 + 4j])).strip == (5.0,)
    assert summarise(np.array([True, False])).mean == 0.5
    assert type(summarise(np.float32(0.5))) is float
    assert summarise(Symbol("x")) == Symbol("x")


@pytest.mark.parametrize("value", ["text", None, np.array(["a"]), [object()]])
def test_what_is_not_numeric_is_refused(value):
    with pytest.raises(TypeError, match="a graph shows numbers"):
        summarise(value)
