"""Record numeric graphs by hand for the tests: nothing here is taken from what is tested."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.formula.expression import Expression, symbols
from chainrule.graphs.graph import Edge, Graph, Node, summarise
from chainrule.graphs.presented import ShownGraph

Local = Any  # a number or array, a function from the gradient to the contribution, or None for a constant


class Recorder:
    """Collects values in the order of computation; the local derivatives are typed in by the test."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[dict[str, Any]] = []

    def input(self, name: str, value: Any) -> int:
        return self._node("input", name, name, value, name=name)

    def constant(self, value: Any, name: str | None = None) -> int:
        return self._node("constant", str(value), f"c{len(self.nodes)}", value, name=name)

    def operation(
        self,
        label: str,
        value: Any,
        *arguments: tuple[int, Local],
        operation: str | None = None,
        name: str | None = None,
        formula: Expression | None = None,
        locals: tuple[Expression | None, ...] = (),
    ) -> int:
        symbol = name or f"v{len(self.nodes)}"
        id = self._node(
            "operation", label, symbol, value, name=name, operation=operation or label, formula=formula
        )
        for position, (source, local) in enumerate(arguments):
            shown = locals[position] if locals else None
            self.edges.append(
                {"source": source, "target": id, "position": position, "local": local, "formula": shown}
            )
        return id

    def graph(self, *outputs: int) -> Graph:
        gradients: dict[int, Any] = {output: np.ones_like(self.values[output]) for output in outputs}
        contributions: dict[int, Any] = {}
        incoming: dict[int, list[int]] = {}
        for index, edge in enumerate(self.edges):
            incoming.setdefault(edge["target"], []).append(index)
        for id in reversed(range(len(self.nodes))):
            for index in incoming.get(id, []):
                edge = self.edges[index]
                source = edge["source"]
                if id not in gradients or self.nodes[source]["kind"] == "constant":
                    continue
                local = edge["local"]
                flown = local(gradients[id]) if callable(local) else gradients[id] * local
                contributions[index] = flown
                gradients[source] = gradients[source] + flown if source in gradients else flown
        nodes = []
        for node in self.nodes:
            reached = node["id"] in gradients and node["kind"] != "constant"
            nodes.append(Node(**node, gradient=summarise(gradients[node["id"]]) if reached else None))
        edges = []
        for index, edge in enumerate(self.edges):
            local = edge["local"]
            edges.append(
                Edge(
                    edge["source"],
                    edge["target"],
                    edge["position"],
                    None if local is None or isinstance(local, Callable) else summarise(local),
                    summarise(contributions[index]) if index in contributions else None,
                    edge["formula"],
                )
            )
        seeds = tuple(summarise(np.ones_like(self.values[output])) for output in outputs)
        return ShownGraph(tuple(nodes), tuple(edges), outputs, seeds)

    def _node(self, kind: str, label: str, symbol: str, value: Any, **more: Any) -> int:
        id = len(self.nodes)
        self.values.append(value)
        self.nodes.append(
            {"id": id, "kind": kind, "symbol": symbol, "label": label, "value": summarise(value), **more}
        )
        return id


def diamond() -> Graph:
    """sin(x)·(x/exp(x)): x is used three times."""
    x, v1, v2, v3 = symbols("x v1 v2 v3")
    r = Recorder()
    a = r.input("x", 0.5)
    sin, exp = np.sin(0.5), np.exp(0.5)
    b = r.operation("sin", sin, (a, np.cos(0.5)), formula=np.sin(x), locals=(np.cos(x),))
    c = r.operation("exp", exp, (a, exp), formula=np.exp(x), locals=(v2,))
    d = r.operation("÷", 0.5 / exp, (a, 1 / exp), (c, -0.5 / exp**2), operation="divide",
                    formula=x / v2, locals=(1 / v2, -v3 / v2))  # fmt: skip
    e = r.operation("×", sin * 0.5 / exp, (b, 0.5 / exp), (d, sin), operation="multiply",
                    formula=v1 * v3, locals=(v3, v1))  # fmt: skip
    return r.graph(e)


def tanh_example(at: float = 0.5) -> Graph:
    """tanh(sin x · eˣ)/(1 + x²)."""
    r = Recorder()
    x = r.input("x", at)
    sin = r.operation("sin", np.sin(at), (x, np.cos(at)))
    exp = r.operation("exp", np.exp(at), (x, np.exp(at)))
    product = np.sin(at) * np.exp(at)
    times = r.operation("×", product, (sin, np.exp(at)), (exp, np.sin(at)), operation="multiply")
    tanh = r.operation("tanh", np.tanh(product), (times, 1 - np.tanh(product) ** 2))
    one = r.constant(1)
    square = r.operation("( )²", at**2, (x, 2 * at), operation="square")
    below = r.operation("+", 1 + at**2, (one, None), (square, 1.0), operation="add")
    value = np.tanh(product) / (1 + at**2)
    result = r.operation(
        "÷", value, (tanh, 1 / (1 + at**2)), (below, -value / (1 + at**2)), operation="divide"
    )
    return r.graph(result)


def network() -> Graph:
    """The mean squared error of a network with two layers; X and y are data."""
    rng = np.random.default_rng(0)
    r = Recorder()
    data, weights, bias, more = (rng.normal(size=shape) for shape in ((8, 4), (4, 5), (5,), (5, 3)))
    target = np.eye(3)[rng.integers(0, 3, 8)]
    x, w1, b1, w2, y = (
        r.constant(data, "X"),
        r.input("W1", weights),
        r.input("b1", bias),
        r.input("W2", more),
        r.constant(target, "y"),
    )
    linear = data @ weights
    first = r.operation("@", linear, (x, None), (w1, lambda g: data.T @ g), operation="matmul")
    shifted = r.operation("+", linear + bias, (first, 1.0), (b1, lambda g: g.sum(0)), operation="add")
    hidden = np.tanh(linear + bias)
    tanh = r.operation("tanh", hidden, (shifted, 1 - hidden**2), name="hidden")
    out = r.operation(
        "@", hidden @ more, (tanh, lambda g: g @ more.T), (w2, lambda g: hidden.T @ g), operation="matmul"
    )
    error = hidden @ more - target
    minus = r.operation("−", error, (out, 1.0), (y, None), operation="subtract")
    square = r.operation("( )²", error**2, (minus, 2 * error), operation="square")
    mean = r.operation("mean", (error**2).mean(), (square, lambda g: g * np.ones((8, 3)) / 24), name="loss")
    return r.graph(mean)


def broadcast() -> Graph:
    """sum(x + b) with a vector x and a number b; beside it exp(u), which the result does not use."""
    r = Recorder()
    x, b, u = r.input("x", np.arange(3.0)), r.input("b", 2.0), r.input("u", 1.0)
    added = r.operation("+", np.arange(3.0) + 2, (x, 1.0), (b, lambda g: g.sum()), operation="add")
    total = r.operation("sum", 9.0, (added, lambda g: g * np.ones(3)))
    r.operation("exp", np.e, (u, np.e))
    return r.graph(total)


def random_graph(seed: int, size: int = 100, inputs: int = 8) -> Graph:
    """A random computation of `size` nodes, most of them using recent values."""
    choose = random.Random(seed)
    r = Recorder()
    for index in range(inputs):
        r.input(f"x{index}", choose.uniform(-1, 1))
    for id in range(inputs, size):
        a, b = (max(0, id - 1 - int(choose.expovariate(1 / 8))) for _ in range(2))
        u, v = r.values[a], r.values[b]
        kind = choose.choice(("sin", "tanh", "multiply", "add", "scale"))
        if kind == "sin":
            r.operation("sin", np.sin(u), (a, np.cos(u)))
        elif kind == "tanh":
            r.operation("tanh", np.tanh(u), (a, 1 - np.tanh(u) ** 2))
        elif kind == "multiply":
            r.operation("×", u * v, (a, v), (b, u), operation="multiply")
        elif kind == "add":
            r.operation("+", u + v, (a, 1.0), (b, 1.0), operation="add")
        else:
            r.operation("×", 0.5 * u, (a, 0.5), operation="multiply")
    return r.graph(size - 1)
