"""A graph as plain data, for JSON: nodes, edges, and the steps of the computation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chainrule.formula.expression import Expression
from chainrule.formula.text import text
from chainrule.graphs import lettering
from chainrule.graphs.graph import ArraySummary, Edge, Graph, Node, Value
from chainrule.graphs.steps import Step, steps
from chainrule.showing.language import Language


def as_data(graph: Graph, lang: Language = "en") -> dict[str, Any]:
    """The graph as plain data for JSON.

    A value is a number, two numbers if it is complex, the facts of an array, a formula's text, or None where nothing
    was computed. What is under `"written"` is the same as a picture writes it: names with indices, numbers rounded to
    three digits.

    >>> from chainrule.graphs.building import graph
    >>> data = as_data(graph("sin(x)", 0.0))
    >>> [(node["symbol"], node["value"], node["gradient"]) for node in data["nodes"]]
    [('x', 0.0, 1.0), ('v1', 0.0, 1.0)]
    >>> data["edges"][0]["local"], data["steps"][-1]["sentence"]
    (1.0, 'The gradient of x is 1.')
    """
    return {
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [_edge(edge) for edge in graph.edges],
        "outputs": list(graph.outputs),
        "steps": [_step(step, lang) for step in steps(graph)],
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "operation": node.operation,
        "symbol": node.symbol,
        "label": node.label,
        "formula": None if node.formula is None else text(node.formula),
        "value": _plain(node.value),
        "gradient": _plain(node.gradient),
        "line": None if node.where is None else f"{node.where[0]}:{node.where[1]}",
        "written": {
            "symbol": lettering.symbol(node).text,
            "value": _written(node.value),
            "gradient symbol": lettering.gradient_symbol(node).text,
            "gradient": _written(node.gradient),
        },
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "source": edge.source,
        "target": edge.target,
        "position": edge.position,
        "local": _plain(edge.local),
        "formula": None if edge.formula is None else text(edge.formula),
        "contribution": _plain(edge.contribution),
        "written": {"local": _written(edge.local), "contribution": _written(edge.contribution)},
    }


def _step(step: Step, lang: Language) -> dict[str, Any]:
    edge = step.edge
    return {
        "kind": step.kind,
        "node": step.node,
        "edge": None if edge is None else {"target": edge.target, "position": edge.position},
        "formula": step.formula,
        "numbers": step.numbers,
        "sentence": step.sentence(lang),
    }


def _written(value: Value | None) -> str:
    return (lettering.value(value) or lettering.LONGER).text


def _plain(value: Value | None) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, ArraySummary):
        return asdict(value)
    assert isinstance(value, Expression)
    return text(value)
