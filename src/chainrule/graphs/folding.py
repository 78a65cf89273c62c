"""Fold what a graph repeats: the iterations of a loop, the layers of a network, as one box "× 300".

Operations stand in the order in which they ran, each with its name and its line in the user's code. A loop shows in
that sequence as a block that follows itself; the blocks that cover most are folded. What a folded box shows is
exact: its result, its gradient, and the sums of what flowed back out of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

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
    opened = set(but)
    groups = [group for group in repetitions(whole, least) if opened.isdisjoint(group[1])]
    if not groups:
        return whole
    made = _Folding(whole)
    for group in groups:
        made.replace(group)
    return made.graph()


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
    """(start, period, times) of the blocks: the one that covers most, then those before and after it.

    Of those that cover the same the shortest period comes first; then the longest run, then the earliest.
    """
    # A run is a stretch on which each operation is the one a period later. It is found once, on the whole sequence;
    # of what a block has been taken out of, the stretches to both sides are left.
    waiting: list[tuple[int, ...]] = []
    left: list[tuple[int, ...]] = [(0, len(signs))]  # in order

    def offer(start: int, end: int, period: int, stretch: tuple[int, ...]) -> None:
        first, last = max(start, stretch[0]), min(end, stretch[1] - period)
        times = max(last - first, 0) // period + 1
        if times >= least:
            heappush(waiting, (-times * period, period, first - last, first, *stretch, start, end))

    for period in range(1, min(len(signs) // least, PERIOD_MOST) + 1):
        same = np.concatenate(([False], signs[period:] == signs[:-period], [False]))
        borders = np.flatnonzero(same[1:] != same[:-1])
        starts, ends = borders[::2], borders[1::2]
        long = ends - starts >= (least - 1) * period
        for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
            offer(start, end, period, left[0])
    while waiting:
        covered, period, _, first, low, high, start, end = heappop(waiting)
        place = bisect_left(left, (low,))
        if place < len(left) and left[place] == (low, high):
            yield first, period, -covered // period
            left[place : place + 1] = [(low, first), (first - covered, high)]
        else:
            while place < len(left) and left[place][0] < high:
                offer(start, end, period, left[place])
                place += 1


class _Folding(Generic[AnyGraph]):
    """A graph in which groups are replaced by boxes, one after the other; what is elsewhere is not touched."""

    def __init__(self, whole: AnyGraph) -> None:
        self.whole = whole
        self.nodes = {node.id: node for node in whole.nodes}
        self.edges = dict(enumerate(whole.edges))  # in order; what is added comes last
        self.next = len(self.edges)
        self.outputs = set(whole.outputs)
        self.main_of: dict[int, int] = {}  # the box that an output went into
        self.entering: dict[int, dict[int, None]] = {id: {} for id in self.nodes}  # the edges by their targets
        self.leaving: dict[int, dict[int, None]] = {id: {} for id in self.nodes}  # and by their sources
        for number, edge in self.edges.items():
            self.entering[edge.target][number] = None
            self.leaving[edge.source][number] = None

    def graph(self) -> AnyGraph:
        """The graph as it is now."""
        edges = tuple(self.edges.values())
        outputs = tuple([self.main_of.get(output, output) for output in self.whole.outputs])
        nodes = tuple(self.nodes.values())
        kept = [branch for branch in self.whole.branches if self.nodes.keys() >= {*branch.nodes, branch.after}]
        return replace(
            self.whole, nodes=nodes, edges=edges, outputs=outputs, unfolded=self.whole, branches=tuple(kept)
        )

    def replace(self, group: Group) -> None:
        """Put one node in the place of a group: its id is that of the group's last result."""
        times, members = group
        inside = set(members)
        arriving = sorted(number for id in members for number in self.entering[id])
        departing = [number for id in members for number in self.leaving[id] if self.edges[number].target not in inside]
        results = inside & self.outputs
        exits = {self.edges[number].source for number in departing} | results
        main = self.nodes[next((id for id in reversed(members) if id in exits), members[-1])]
        body = tuple(self.nodes[id].label for id in members[: len(members) // times])
        repeated = self._repeated_inputs(group)
        constants = {self.edges[number].source for number in arriving} - inside
        hidden = inside | {
            id
            for id in constants
            if self.nodes[id].kind == "constant" and self.nodes[id].name is None and self._only_inside(id, inside)
        }
        first_of = {id: ids[0] for ids in repeated for id in ids}
        inputs = {ids[0]: self._stacked_input(ids) for ids in repeated}
        values = {id: self.nodes[id].value for id in exits if id != main.id}

        uses: dict[int, list[Edge]] = {}
        for number in arriving:
            edge = self.edges[number]
            if edge.source not in hidden:
                uses.setdefault(first_of.get(edge.source, edge.source), []).append(edge)
            self._remove(number)
        for number in departing:
            edge = self.edges[number]
            del self.leaving[edge.source][number]
            self.leaving[main.id][number] = None
            self.edges[number] = replace(edge, source=main.id, value=values.get(edge.source))
        fold = Fold(times, body, members)
        self.nodes[main.id] = replace(main, label=f"× {times}", operation=None, formula=None, options="", fold=fold)
        self.nodes.update(inputs)
        for id in (hidden - {main.id}) | (first_of.keys() - inputs.keys()):
            del self.nodes[id]
        for position, (source, edges) in enumerate(uses.items()):
            sums = _total([edge.contribution for edge in edges])
            contribution = inputs[source].gradient if source in inputs else sums
            local = _quotient(contribution, main.gradient) if len(exits) < 2 and source not in inputs else None
            self._add(Edge(source, main.id, position, local, contribution))
        self.main_of |= dict.fromkeys(results, main.id)

    def _add(self, edge: Edge) -> None:
        self.edges[self.next] = edge
        self.entering[edge.target][self.next] = None
        self.leaving[edge.source][self.next] = None
        self.next += 1

    def _remove(self, number: int) -> None:
        edge = self.edges.pop(number)
        del self.entering[edge.target][number]
        del self.leaving[edge.source][number]

    def _only_inside(self, id: int, inside: set[int]) -> bool:
        uses = self.leaving[id]
        return bool(uses) and id not in self.outputs and all(self.edges[number].target in inside for number in uses)

    def _arguments(self, id: int) -> list[int]:
        edges = sorted((self.edges[number] for number in self.entering[id]), key=attrgetter("position"))
        return [edge.source for edge in edges]

    def _repeated_inputs(self, group: Group) -> list[tuple[int, ...]]:
        """The inputs that each repetition has one of: a layer's weights, for instance."""
        times, members = group
        inside, period = set(members), len(members) // times
        found: list[tuple[int, ...]] = []
        for place in range(period):
            rounds = [self._arguments(members[place + period * k]) for k in range(times)]
            for sources in zip(*rounds, strict=False):
                nodes = [self.nodes[id] for id in sources]
                alike = len({(node.kind, _shape(node.value)) for node in nodes}) == 1 and nodes[0].kind == "input"
                if alike and len(set(sources)) == times and all(self._only_inside(id, inside) for id in sources):
                    found.append(sources)
        apart: list[tuple[int, ...]] = []
        taken: set[int] = set()
        for ids in found:
            if taken.isdisjoint(ids):
                apart.append(ids)
                taken.update(ids)
        return apart

    def _stacked_input(self, ids: Sequence[int]) -> Node:
        nodes = [self.nodes[id] for id in ids]
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
