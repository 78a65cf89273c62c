"""Where the nodes and edges of a graph stand on the page."""

from __future__ import annotations

from typing import Any

from chainrule.graphs import lettering
from chainrule.graphs.graph import Graph, Node
from chainrule.graphs.pictures.layout import Id, Link, Size, layered_layout

HEIGHT = {"input": 58.0, "operation": 58.0, "constant": 32.0}
WIDTH = 76.0  # at least; holds a number of three digits with an exponent
LETTER = 8.5  # width of a letter of a name
EDGE = Size(62.0, 17.0)  # the label of an edge: a number on each side of it


def placed(graph: Graph) -> dict[str, Any]:
    """A box for each node, by its id, the points of each edge in the graph's order, and the size of the whole.

    Sizes depend on names and not on numbers, so everything stays in its place while the numbers change.
    """
    sizes: dict[Id, Size] = {node.id: _size(node) for node in graph.nodes}
    links = [Link(edge.source, edge.target, EDGE.width, EDGE.height, EDGE.height) for edge in graph.edges]
    layout = layered_layout(sizes, links)
    boxes = {
        str(id): [round(number, 1) for number in (box.left, box.top, box.width, box.height)]
        for id, box in layout.boxes.items()
    }
    routes = [
        {
            "points": [[round(x, 1), round(y, 1)] for x, y in route.points],
            "label": [round(route.label.centre[0], 1), round(route.line, 1)],
        }
        for route in layout.routes
    ]
    return {"boxes": boxes, "routes": routes, "size": [round(layout.width, 1), round(layout.height, 1)]}


def _size(node: Node) -> Size:
    if node.kind == "constant":
        return Size(max(30.0, 14.0 + LETTER * len(lettering.symbol(node).text)), HEIGHT["constant"])
    return Size(max(WIDTH, 24.0 + LETTER * max(len(node.label), len(node.symbol))), HEIGHT[node.kind])
