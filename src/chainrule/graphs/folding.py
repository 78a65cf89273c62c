"""Fold what a graph repeats: the iterations of a loop, the layers of a network, as one box "× 300".

Operations stand in the order in which they ran, each with its name and its line in the user's code. A loop shows in
that sequence as a block that follows itself; the blocks that cover most are folded. What a folded box shows is
exact: its result, its gradient, and the sums of what flowed back out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np

from chainrule.graphs.graph import ArraySummary, Edge, Fold, Graph, Node, Value, summarise

LEAST = 3  # repetitions that are worth a box
PERIOD_MOST = 400  # operations in one repetition

AnyGraph = TypeVar("AnyGraph", bound=Graph)
Group = tuple[int, tuple[int, ...]]  # how often, and the operations, in order


def fold(graph: AnyGraph, least: int = LEAST, but: Sequence[int] = ()) -> AnyGraph:
    """`graph` with every block that repeats at least `least` times in a row drawn together.

    The groups that contain one of the nodes `but` stay unfolded. Folded graphs are folded anew from the whole.
    """
    whole = graph if graph.unfolded is None else cast("AnyGraph", graph.unfolded)
    groups = [group for group in repetitions(whole, least) if not set(group[1]) & set(but)]
    made = whole
    for group in groups:
        made = _without_group(made, group)
    return made if made is whole else replace(made, unfolded=whole)


def repetitions(graph: Graph, least: int = LEAST) -> list[Group]:
    """The blocks of operations that repeat, as (times, ids), in the order in which they ran.

    Only operations whose line is known repeat: without it, equal operations may have nothing to do with one another.
    """
    operations = [node for node in graph.topological_order() if node.kind == "operation"]
    operations.sort(key=lambda node: node.id)
    numbers: dict[Any, int] = {}
    signs = np.array(
        [
            -1 - index
            if node.where is None
            else numbers.setdefault((node.operation, node.options, node.where), len(numbers))
            for index, node in enumerate(operations)
        ],
        dtype=np.int64,
    )
    return [
        (times, tuple(node.id for node in operations[start : start + period * times]))
        for start, period, times in sorted(_blocks(signs, least))
    ]


def _blocks(signs: np.ndarray[Any, np.dtype[np.int64]], least: int) -> Iterator[tuple[int, int, int]]:
    """(start, period, times) of the blocks: the one that covers most, then those before and after it."""
    waiting = [(0, len(signs))]
    while waiting:
        start, end = waiting.pop()
        best: tuple[int, int, int, int] | None = None
        for period in range(1, min((end - start) // least, PERIOD_MOST) + 1):
            part = signs[start:end]
            same = np.concatenate(([False], part[period:] == part[:-period], [False]))
            borders = np.flatnonzero(same[1:] != same[:-1])
            if not borders.size:
                continue
            lengths = borders[1::2] - borders[::2]
            longest = int(np.argmax(lengths))
            times = int(lengths[longest]) // period + 1
            found = (times * period, -period, -(start + int(borders[2 * longest])), times)
            if times >= least and (best is None or found > best):
                best = found
        if best is not None:
            covered, period, first, times = best[0], -best[1], -best[2], best[3]
            yield first, period, times
            waiting += [(start, first), (first + covered, end)]


def _without_group(graph: AnyGraph, group: Group) -> AnyGraph:
    """The graph with one node in the place of a group: its id is that of the group's last result."""
    times, members = group
    inside = set(members)
    exits = [
        id for id in members if id in graph.outputs or any(edge.target not in inside for edge in graph.outgoing(id))
    ] or [members[-1]]
    main = graph.node(exits[-1])
    body = tuple(graph.node(id).label for id in members[: len(members) // times])
    repeated = _repeated_inputs(graph, group)
    hidden = inside | {
        node.id
        for node in graph.nodes
        if node.kind == "constant" and _only_inside(graph, node.id, inside) and node.name is None
    }
    first_of = {id: ids[0] for ids in repeated for id in ids}

    box = replace(main, label=f"× {times}", operation=None, formula=None, options="", fold=Fold(times, body, members))
    inputs = {ids[0]: _stacked_input(graph, ids) for ids in repeated}
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.id == main.id:
            nodes.append(box)
        elif node.id in inputs:
            nodes.append(inputs[node.id])
        elif node.id not in hidden and node.id not in first_of:
            nodes.append(node)

    entering: dict[int, list[Edge]] = {}
    edges: list[Edge] = []
    for edge in graph.edges:
        if edge.target in inside:
            if edge.source not in hidden:
                entering.setdefault(first_of.get(edge.source, edge.source), []).append(edge)
        elif edge.source in inside:
            value = None if edge.source == main.id else graph.node(edge.source).value
            edges.append(replace(edge, source=main.id, value=value))
        else:
            edges.append(edge)
    for position, (source, uses) in enumerate(entering.items()):
        sums = _total([edge.contribution for edge in uses])
        contribution = inputs[source].gradient if source in inputs else sums
        local = _quotient(contribution, main.gradient) if len(exits) == 1 and source not in inputs else None
        edges.append(Edge(source, main.id, position, local, contribution))
    outputs = tuple(main.id if output in inside else output for output in graph.outputs)
    return replace(graph, nodes=tuple(nodes), edges=tuple(edges), outputs=outputs)


def _only_inside(graph: Graph, id: int, inside: set[int]) -> bool:
    uses = graph.outgoing(id)
    return bool(uses) and id not in graph.outputs and all(edge.target in inside for edge in uses)


def _repeated_inputs(graph: Graph, group: Group) -> list[tuple[int, ...]]:
    """The inputs that each repetition has one of: a layer's weights, for instance."""
    times, members = group
    inside, period = set(members), len(members) // times
    found: list[tuple[int, ...]] = []
    for place in range(period):
        rounds = [graph.incoming(members[place + period * k]) for k in range(times)]
        for sources in zip(*([edge.source for edge in edges] for edges in rounds), strict=False):
            nodes = [graph.node(id) for id in sources]
            alike = len({(node.kind, _shape(node.value)) for node in nodes}) == 1 and nodes[0].kind == "input"
            if alike and len(set(sources)) == times and all(_only_inside(graph, id, inside) for id in sources):
                found.append(sources)
    apart: list[tuple[int, ...]] = []
    for ids in found:
        if not any(set(ids) & set(others) for others in apart):
            apart.append(ids)
    return apart


def _stacked_input(graph: Graph, ids: Sequence[int]) -> Node:
    nodes = [graph.node(id) for id in ids]
    first, last = nodes[0], nodes[-1]
    gradients = [node.gradient for node in nodes if node.gradient is not None]
    return replace(
        first,
        symbol=f"{first.symbol} … {last.symbol}",
        label=f"{first.symbol} … {last.symbol}",
        name=f"{first.name} … {last.name}",
        value=_stacked([node.value for node in nodes]),
        gradient=_stacked(gradients) if len(gradients) == len(nodes) else None,
        fold=Fold(len(nodes), (), tuple(ids)),
    )


def _stacked(values: Sequence[Value]) -> Value:
    """Several values as one array; of arrays only the shape is shown."""
    first = values[0]
    if isinstance(first, ArraySummary):
        return ArraySummary((len(values), *first.shape), first.dtype, np.nan, np.nan, np.nan, ())
    return summarise(np.array(values))


def _shape(value: Value) -> tuple[int, ...]:
    return value.shape if isinstance(value, ArraySummary) else ()


def _total(values: Sequence[Value | None]) -> Value | None:
    """The sum of what flowed along several edges of one source; the extremes of a sum of long arrays are not known."""
    there = [value for value in values if value is not None]
    if len(there) < 2:
        return there[0] if there else None
    first = there[0]
    if not isinstance(first, ArraySummary):
        return sum(there[1:], start=first)  # type: ignore[arg-type]
    strip = np.sum([value.strip for value in there if isinstance(value, ArraySummary)], axis=0)
    exact = np.prod(first.shape) == len(first.strip)
    mean = sum(value.mean for value in there if isinstance(value, ArraySummary))
    return ArraySummary(
        first.shape,
        first.dtype,
        float(strip.min()) if exact else np.nan,
        mean,
        float(strip.max()) if exact else np.nan,
        tuple(map(float, strip)),
    )


def _quotient(contribution: Value | None, gradient: Value | None) -> Value | None:
    """The derivative of a box's result by a number that enters it: the product over all that is inside."""
    if isinstance(contribution, (float, complex)) and isinstance(gradient, (float, complex)) and gradient != 0:
        return contribution / gradient
    return None
