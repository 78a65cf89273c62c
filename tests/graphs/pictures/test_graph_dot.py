"""Graphviz as the layout of large graphs: with the real program where it is installed, with a stand-in elsewhere."""

import sys
import types

import pytest

from chainrule.graphs.pictures import dot, layout
from chainrule.graphs.pictures.layout import layered_layout
from chainrule.graphs.pictures.scene import scene
from chainrule.graphs.pictures.svg import measure
from tests.graphs.recorder import random_graph

needs_dot = pytest.mark.skipif(not dot.is_available(), reason="Graphviz is not installed")


def boxes_of(graph):
    return [shape.box for shape in scene(graph, measure).shapes]


@needs_dot
def test_dot_crosses_fewer_edges_and_no_boxes_overlap(monkeypatch):
    found = []
    finish = layout._finish

    def noting(sizes, nodes, chains, layers):
        found.append(layout._crossings(layers))
        return finish(sizes, nodes, chains, layers)

    monkeypatch.setattr(layout, "_finish", noting)
    graph = random_graph(1, size=200)
    boxes = boxes_of(graph)
    monkeypatch.setattr(layout, "is_available", lambda: False)
    boxes_of(graph)
    with_dot, without = found
    assert with_dot < without
    assert not any(one.intersects(other) for k, one in enumerate(boxes) for other in boxes[:k])


class Source:
    """Stands in for graphviz.Source: answers every slot with a height, the last one of each layer on top."""

    texts: list[str] = []  # noqa: RUF012 - only this test's

    def __init__(self, text):
        self.texts.append(text)

    def pipe(self, format, encoding):
        assert (format, encoding) == ("plain", "utf-8")
        count = self.texts[-1].count("[height=")
        return "graph 1 1 1\n" + "".join(f"node {k} 0 {k} 0.2 0.2 x\n" for k in range(count)) + "stop\n"


def stand_in(monkeypatch, source):
    module = types.ModuleType("graphviz")
    module.Source = source
    module.ExecutableNotFound = FileNotFoundError
    module.CalledProcessError = OSError
    monkeypatch.setitem(sys.modules, "graphviz", module)
    monkeypatch.setattr(layout, "is_available", lambda: True)


def test_the_order_that_dot_answers_is_taken(monkeypatch):
    stand_in(monkeypatch, Source)
    monkeypatch.setattr(layout, "DOT_ABOVE", 0)
    sizes = {name: layout.Size(20, 20) for name in "abcd"}
    links = [layout.Link("a", "d"), layout.Link("b", "d"), layout.Link("c", "d")]
    Source.texts.clear()
    placed = layered_layout(sizes, links)
    assert Source.texts
    tops = [placed.boxes[name].top for name in "abc"]
    assert tops in (sorted(tops), sorted(tops, reverse=True))
    assert not placed.boxes["a"].intersects(placed.boxes["b"])


def test_small_graphs_do_not_ask_dot(monkeypatch):
    stand_in(monkeypatch, Source)
    Source.texts.clear()
    boxes_of(random_graph(0, size=60))
    assert not Source.texts


def test_when_dot_fails_the_own_layout_is_used(monkeypatch):
    class Failing(Source):
        def pipe(self, format, encoding):
            raise FileNotFoundError

    graph = random_graph(0, size=120)
    with monkeypatch.context() as patch:
        patch.setattr(layout, "is_available", lambda: False)
        own = boxes_of(graph)
    stand_in(monkeypatch, Failing)
    assert boxes_of(graph) == own
