"""A computation and its gradient as plain frozen data: nodes, edges, outputs.

A :class:`Graph` says what was computed (forward) and what flowed back (backward). It computes and shows nothing itself:
a builder fills it in, and everything that is shown of it (its steps, its pictures) is read from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import Any, Literal

import numpy as np

from chainrule.formula.data import Data
from chainrule.formula.expression import Expression
from chainrule.rules.rule import Product

Kind = Literal["input", "operation", "constant"]

_POSITION = attrgetter("position")
STRIP_LENGTH = 16
DRAWN_MOST = 1_000  # nodes above which there is no picture: it would take minutes, and nobody could read it


@dataclass(frozen=True, eq=False)
class ArraySummary(Data):
    """What is shown of an array: its shape and dtype, three numbers, and a strip of at most 16 values.

    The strip holds the values themselves in C order, or, for a larger array, the means of 16 equal stretches.
    Of complex numbers the absolute values are summarised.
    """

    shape: tuple[int, ...]
    dtype: str
    minimum: float
    mean: float
    maximum: float
    strip: tuple[float, ...]


Value = int | float | complex | ArraySummary | Expression


def summarise(value: Any) -> Value:
    """`value` as a graph holds it: a number or expression as it is, an array as its :class:`ArraySummary`.

    Raises TypeError for anything that is not numeric.

        >>> import numpy as np
        >>> summarise(np.array([[1.0, 2.0], [3.0, 6.0]])).mean
        3.0
        >>> summarise(np.float64(0.5))
        0.5
    """
    if type(value) is np.float64:
        return float(value)
    if isinstance(value, Expression):
        return value
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"a graph shows numbers, arrays and formulas, not {type(value).__name__}: {value!r}")
    if array.ndim == 0:
        number: Value = array.item()
        return number
    real = np.abs(array) if array.dtype.kind == "c" else array
    flat = real.astype(np.float64).ravel()
    if flat.size == 0:
        return ArraySummary(array.shape, str(array.dtype), np.nan, np.nan, np.nan, ())
    with np.errstate(all="ignore"):  # inf - inf and overflow are the user's values, shown as they come out
        strip = _means(flat, min(STRIP_LENGTH, flat.size))
        mean = float(flat.mean())
    return ArraySummary(array.shape, str(array.dtype), float(flat.min()), mean, float(flat.max()), strip)


def _means(flat: np.ndarray[Any, Any], count: int) -> tuple[float, ...]:
    """The means of `count` stretches of `flat`, the first ones longer by one entry where they cannot be equal."""
    size, longer = divmod(flat.size, count)
    border = longer * (size + 1)
    stretches = [flat[border:].reshape(count - longer, size)]
    if longer:
        stretches.insert(0, flat[:border].reshape(longer, size + 1))
    return tuple([mean for part in stretches for mean in part.mean(axis=1).tolist()])


@dataclass(frozen=True, eq=False)
class Fold(Data):
    """What a folded node stands for: `times` repetitions of `body`, the labels of one; `members` are the ids."""

    times: int
    body: tuple[str, ...]
    members: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Node(Data):
    """One value of the computation: an input, a constant, or the result of an operation.

    - `symbol` stands for the value in formulas: the user's name for it, or `v1`, `v2`, …
    - `operation` is the NumPy function's name, `label` what is drawn for it (`×`, `sin`, `g`).
    - `formula` is the operation over its parents' symbols, such as `v1 * x`.
    - `gradient` is None when it was not computed: shown as "·", for nothing is known of it.
    - `options` are the operation's other arguments as text: `axis=0`, or the index `[1:3]`.
    - `where` is the (file, line) of the user's code that made the value.
    - `fold` is set for a box that stands for many nodes; its value and gradient are those of its last result.
    """

    id: int
    kind: Kind
    symbol: str
    label: str
    value: Value
    gradient: Value | None = None
    operation: str | None = None
    name: str | None = None
    formula: Expression | None = None
    options: str = ""
    where: tuple[str, int] | None = None
    fold: Fold | None = None


@dataclass(frozen=True, eq=False)
class Edge(Data):
    """The use of one value (`source`) as the argument number `position` of an operation (`target`).

    - `local` is the local derivative ∂target/∂source, a value; `formula` is the table's formula for it, over
      the symbols of the graph's nodes. Both are None where they are not one number (a matrix product) or not
      known.
    - `contribution` is what flowed back along this edge: the target's gradient times the local derivative.
    - `value` is what flows forward where that is not the source's value: out of a folded box with several
      results.
    - `product` is how formulas write the contribution where it is a product of matrices: ḡ @ Yᵀ.
    """

    source: int
    target: int
    position: int
    local: Value | None = None
    contribution: Value | None = None
    formula: Expression | None = None
    value: Value | None = None
    product: Product | None = None


@dataclass(frozen=True, eq=False)
class Branch(Data):
    """A comparison that Python was told the answer of, and on which a branch or a loop of the function may rest.

    `formula` is what was found true, over the symbols of `nodes`: `x > 0`, `any(v1 <= x)`. It came up after the node
    with the id `after` was computed, at `where` in the user's code.
    """

    formula: Expression
    nodes: tuple[int, ...]
    after: int
    where: tuple[str, int] | None = None


@dataclass(frozen=True, eq=False)
class Graph(Data):
    """A recorded computation; `seeds` holds the gradient that the backward pass started with at each output.

    The gradient of a node is the sum of the contributions along its outgoing edges, plus its seed if it is an
    output. `unfolded` is the whole graph, where this one has folded boxes. `branches` are the comparisons that
    the function made on the way and tested, in order. Raises ValueError when an edge or an output names a node that is
    not there, or when the edges form a cycle.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    outputs: tuple[int, ...]
    seeds: tuple[Value | None, ...] = field(default=())
    unfolded: Graph | None = field(default=None, compare=False, repr=False)
    branches: tuple[Branch, ...] = field(default=())

    def __post_init__(self) -> None:
        ids = [node.id for node in self.nodes]
        if len(set(ids)) < len(ids):
            raise ValueError("two nodes of the graph have the same id: ids must be unique.")
        unknown = {end for edge in self.edges for end in (edge.source, edge.target)} | set(self.outputs)
        unknown -= set(ids)
        if unknown:
            raise ValueError(f"edges or outputs name nodes that the graph does not have: {sorted(unknown)}.")
        if len(self.seeds) not in (0, len(self.outputs)):
            raise ValueError(
                "a graph needs one seed for each output, "
                f"but got {len(self.seeds)} seeds for {len(self.outputs)} outputs."
            )
        if len(self._order) < len(self.nodes):
            raise ValueError("the edges of the graph form a cycle: a computation has none.")

    def node(self, id: int) -> Node:
        """The node with this id. Raises KeyError if there is none."""
        return self._by_id[id]

    def topological_order(self) -> tuple[Node, ...]:
        """The nodes, each after its parents; where several could come next, by their ids."""
        return tuple(self._by_id[id] for id in self._order)

    def incoming(self, id: int) -> tuple[Edge, ...]:
        """The edges that bring a node its arguments, in argument order."""
        return self._incoming[id]

    def outgoing(self, id: int) -> tuple[Edge, ...]:
        """The edges on which a node's value is used, in the order in which the graph lists them."""
        return self._outgoing[id]

    def parents(self, id: int) -> tuple[Node, ...]:
        """A node's arguments in order; a value used twice (`x * x`) appears twice."""
        return tuple(self._by_id[edge.source] for edge in self._incoming[id])

    def children(self, id: int) -> tuple[Node, ...]:
        """The operations that use a node's value, once for each use."""
        return tuple(self._by_id[edge.target] for edge in self._outgoing[id])

    def seed(self, id: int) -> Value | None:
        """The gradient with which the backward pass started at this output; None for other nodes."""
        return next(iter(self._seeds_of.get(id, ())), None)

    def contributions(self, id: int) -> tuple[Value, ...]:
        """What a node's gradient is the sum of: its seed, then what flowed back along each outgoing edge.

        Edges that carry another result of a folded box than its value are left out.
        """
        sent = [edge.contribution for edge in self._outgoing[id] if edge.value is None]
        arriving = [*self._seeds_of.get(id, ()), *sent]
        return tuple(value for value in arriving if value is not None)

    def seeds_of(self, id: int) -> tuple[Value | None, ...]:
        """The gradients with which the backward pass started at a node: one for each time that it is an output."""
        return tuple(self._seeds_of.get(id, ()))

    def __repr__(self) -> str:
        return f"Graph({len(self.nodes)} nodes, {len(self.edges)} edges, {len(self.outputs)} outputs)"

    @cached_property
    def _by_id(self) -> Mapping[int, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _seeds_of(self) -> Mapping[int, list[Value | None]]:
        found: dict[int, list[Value | None]] = {}
        for output, seed in zip(self.outputs, self.seeds, strict=False):
            found.setdefault(output, []).append(seed)
        return found

    @cached_property
    def _incoming(self) -> Mapping[int, tuple[Edge, ...]]:
        found: dict[int, list[Edge]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge)
        return {id: tuple(sorted(edges, key=_POSITION)) for id, edges in found.items()}

    @cached_property
    def _outgoing(self) -> Mapping[int, tuple[Edge, ...]]:
        found: dict[int, list[Edge]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge)
        return {id: tuple(edges) for id, edges in found.items()}

    @cached_property
    def _order(self) -> tuple[int, ...]:
        waiting = {id: len(edges) for id, edges in self._incoming.items()}
        ready = [id for id, count in waiting.items() if count == 0]
        heapify(ready)
        order: list[int] = []
        while ready:
            id = heappop(ready)
            order.append(id)
            for edge in self._outgoing[id]:
                waiting[edge.target] -= 1
                if waiting[edge.target] == 0:
                    heappush(ready, edge.target)
        return tuple(order)
