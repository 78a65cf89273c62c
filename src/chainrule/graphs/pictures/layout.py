"""A layered layout for computation graphs: which box stands where, and where each edge runs.

The method of Sugiyama, Tagawa and Toda (1981), in four steps:

1. each node gets a layer, so that every edge points to the right and edges are short;
2. every edge gets a slot in each layer that it passes, one of them large enough for its label, so that a
   label has a place of its own as a node has;
3. the slots of each layer are ordered by sweeps of medians, which takes edges out of each other's way;
4. the slots are moved towards their neighbours, by least squares under the condition that none overlap.

For more than 100 nodes Graphviz does the last two, where it is installed. The layout knows nothing of what it
places: boxes have sizes, edges have label sizes. The same input always gives the same layout.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chainrule.graphs.pictures.dot import dot_heights, is_available

Id = Hashable
Point = tuple[float, float]

GAP = 10.0  # free height between neighbours in a layer
PORT = 13.0  # height that each edge takes at the side of a node
NECK = 8.0  # width beside a node where its edges are straight, so that arrow heads meet them level
CHANNEL = 30.0  # least width between two layers, where edges bend
CHANNEL_SLOPE = 0.3  # a channel is wider where its edges rise far, this much for each unit of height,
CHANNEL_MOST = 90.0  # but no wider than this
PASSAGE = 12.0  # height of the slot that an edge takes in a layer which it only passes
DOT_ABOVE = 100  # nodes above which Graphviz lays out, where it is installed
ORDER_SWEEPS = 16
PATIENCE = 4  # sweeps without progress before the ordering stops
PLACE_SWEEPS = 10
INNER_WEIGHT = 3.0  # the inner parts of an edge want to be straight more than its ends do (9 : 3 : 1)
FIXED_WEIGHT = 1e6  # a slot that hardly gives way
FREE_WEIGHT = 1e-3  # a slot that nothing pulls hardly resists


@dataclass(frozen=True)
class Size:
    """The size of a node's box."""

    width: float
    height: float


@dataclass(frozen=True)
class Link:
    """An edge to be laid out: its ends, and its label's width and heights above and below the line."""

    source: Id
    target: Id
    width: float = 0.0
    above: float = 0.0
    below: float = 0.0


@dataclass(frozen=True)
class Box:
    """A rectangle; `y` grows downwards."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def centre(self) -> Point:
        return self.left + self.width / 2, self.top + self.height / 2

    def intersects(self, other: Box) -> bool:
        """Whether the two rectangles share an area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True)
class Route:
    """Where an edge runs: straight from each even one of its `points` to the next, bending after odd ones.

    All its ends are level, so a curve leaves and enters every stretch horizontally. `label` is the box for
    the label, `line` the height at which the edge crosses that box.
    """

    points: tuple[Point, ...]
    label: Box
    line: float


@dataclass(frozen=True)
class Layout:
    """The finished layout: a box for each node, a route for each link in the order given, the size."""

    boxes: Mapping[Id, Box]
    routes: tuple[Route, ...]
    width: float
    height: float


def layered_layout(sizes: Mapping[Id, Size], links: Sequence[Link]) -> Layout:
    """Lay out boxes of the given sizes and the links between them, which must not form a cycle.

    No two boxes, of nodes or labels, intersect. Raises ValueError on a cycle.

        >>> layout = layered_layout({"x": Size(20, 20), "f": Size(20, 20)}, [Link("x", "f")])
        >>> layout.boxes["x"].right < layout.boxes["f"].left
        True
    """
    nodes, chains = _slots(sizes, links)
    layers = _initial_layers(nodes, chains)
    if len(sizes) <= DOT_ABOVE or not is_available() or not _place_by_dot(layers, nodes, chains):
        _reduce_crossings(layers)
        _assign_ports(nodes, chains)
        _place(layers)
    return _finish(sizes, nodes, chains, layers)


class _Slot:
    """A place in a layer, for a node, for an edge's label, or for an edge that passes."""

    __slots__ = ("above", "below", "joins", "layer", "left", "rank", "right", "weight", "width", "y")

    def __init__(self, layer: int, width: float, above: float, below: float, weight: float) -> None:
        self.layer = layer
        self.width = width
        self.above = above
        self.below = below
        self.weight = weight
        self.rank = 0
        self.y = 0.0
        self.left: list[_Slot] = []
        self.right: list[_Slot] = []
        self.joins: tuple[list[_Join], list[_Join]] = ([], [])  # to the left, to the right


_Join = tuple[_Slot, float, float]  # the neighbour, how much lower than us it wants to be, how strongly


def _layers(sizes: Mapping[Id, Size], links: Sequence[Link]) -> dict[Id, int]:
    """The layer of each node: as far left as its parents allow, then pulled right if that shortens edges."""
    incoming: dict[Id, list[Id]] = {id: [] for id in sizes}
    outgoing: dict[Id, list[Id]] = {id: [] for id in sizes}
    for link in links:
        incoming[link.target].append(link.source)
        outgoing[link.source].append(link.target)
    waiting = {id: len(parents) for id, parents in incoming.items()}
    order = [id for id, count in waiting.items() if count == 0]
    layer: dict[Id, int] = dict.fromkeys(order, 0)
    for id in order:  # grows while it is walked
        for child in outgoing[id]:
            layer[child] = max(layer.get(child, 0), layer[id] + 1)
            waiting[child] -= 1
            if waiting[child] == 0:
                order.append(child)
    if len(order) < len(sizes):
        raise ValueError("the links form a cycle: a layered layout needs a graph without one.")
    for id in reversed(order):
        if outgoing[id] and len(outgoing[id]) >= len(incoming[id]):
            layer[id] = min(layer[child] for child in outgoing[id]) - 1
    return layer


def _slots(sizes: Mapping[Id, Size], links: Sequence[Link]) -> tuple[dict[Id, _Slot], list[list[_Slot]]]:
    """A slot for each node, and for each link the chain of slots from its source to its target.

    The nodes of layer l stand in the even layer 2·l of slots. A link's label gets the odd layer right after
    its source, which is where the gradient arrives.
    """
    layer_of = _layers(sizes, links)
    leaving: dict[Id, int] = dict.fromkeys(sizes, 0)
    entering: dict[Id, int] = dict.fromkeys(sizes, 0)
    for link in links:
        leaving[link.source] += 1
        entering[link.target] += 1
    nodes: dict[Id, _Slot] = {}
    for id, size in sizes.items():
        half = max(size.height, PORT * max(leaving[id], entering[id])) / 2
        nodes[id] = _Slot(2 * layer_of[id], size.width + 2 * NECK, half, half, 1.0)
    chains: list[list[_Slot]] = []
    half = PASSAGE / 2
    for link in links:
        first, last = nodes[link.source], nodes[link.target]
        label = _Slot(first.layer + 1, link.width, max(link.above, half), max(link.below, half), INNER_WEIGHT)
        passing = [
            _Slot(layer, 0.0, half, half, INNER_WEIGHT) for layer in range(first.layer + 2, last.layer)
        ]
        chain = [first, label, *passing, last]
        for one, next_one in pairwise(chain):
            one.right.append(next_one)
            next_one.left.append(one)
        chains.append(chain)
    return nodes, chains


def _initial_layers(nodes: Mapping[Id, _Slot], chains: Sequence[Sequence[_Slot]]) -> list[list[_Slot]]:
    """The slots of each layer, in the order of a walk from the last nodes back along their arguments."""
    count = 1 + max((slot.layer for slot in nodes.values()), default=-1)
    layers: list[list[_Slot]] = [[] for _ in range(count)]
    seen: set[int] = set()
    last_first = list(nodes.values())[::-1]
    stack = [slot for slot in last_first if slot.right] + [slot for slot in last_first if not slot.right]
    while stack:
        slot = stack.pop()
        if id(slot) not in seen:
            seen.add(id(slot))
            slot.rank = len(layers[slot.layer])
            layers[slot.layer].append(slot)
            stack.extend(reversed(slot.left))
    return layers


def _reduce_crossings(layers: list[list[_Slot]]) -> None:
    """Order each layer by the medians of its slots' neighbours, to and fro; keep the best order seen."""
    best = _crossings(layers)
    best_order = [list(layer) for layer in layers]
    idle = 0
    for sweep in range(ORDER_SWEEPS):
        if best == 0 or idle == PATIENCE:
            break
        rightward = sweep % 2 == 0
        for layer in layers if rightward else reversed(layers):
            _sort_by_neighbours(layer, rightward)
        _swap_neighbours(layers)
        found = _crossings(layers)
        idle += 1
        if found < best:
            best, idle = found, 0
            best_order = [list(layer) for layer in layers]
    for layer, order in zip(layers, best_order, strict=True):
        layer[:] = order
        for rank, slot in enumerate(layer):
            slot.rank = rank


def _sort_by_neighbours(layer: list[_Slot], rightward: bool) -> None:
    keys: dict[_Slot, float] = {}
    for slot in layer:
        ranks = sorted(other.rank for other in (slot.left if rightward else slot.right))
        middle = len(ranks) // 2
        if not ranks:
            keys[slot] = slot.rank  # nothing pulls it: it stays
        elif len(ranks) % 2:
            keys[slot] = ranks[middle]
        else:
            keys[slot] = (ranks[middle - 1] + ranks[middle]) / 2
    layer.sort(key=keys.__getitem__)
    for rank, slot in enumerate(layer):
        slot.rank = rank


def _swap_neighbours(layers: Sequence[list[_Slot]]) -> None:
    """Swap two slots next to each other wherever that takes out crossings, until it no longer does."""
    for layer in layers:
        improved = True
        while improved:
            improved = False
            for rank in range(len(layer) - 1):
                upper, lower = layer[rank], layer[rank + 1]
                now = _pair_crossings(upper.left, lower.left) + _pair_crossings(upper.right, lower.right)
                if now == 0:
                    continue
                swapped = _pair_crossings(lower.left, upper.left) + _pair_crossings(lower.right, upper.right)
                if swapped < now:
                    layer[rank], layer[rank + 1] = lower, upper
                    lower.rank, upper.rank = rank, rank + 1
                    improved = True


def _pair_crossings(upper: Sequence[_Slot], lower: Sequence[_Slot]) -> int:
    """How many edges cross between two slots of one layer, `upper` above `lower`, given their neighbours."""
    return sum(1 for one in upper for other in lower if one.rank > other.rank)


def _crossings(layers: Sequence[Sequence[_Slot]]) -> int:
    """How many pairs of edges cross, between each two layers: the inversions of their right ends."""
    count = 0
    for layer in layers:
        seen: list[int] = []
        for slot in layer:
            ranks = sorted(other.rank for other in slot.right)
            for rank in ranks:
                count += len(seen) - bisect_right(seen, rank)
            for rank in ranks:
                insort(seen, rank)
    return count


def _place_by_dot(
    layers: list[list[_Slot]], nodes: Mapping[Id, _Slot], chains: Sequence[Sequence[_Slot]]
) -> bool:
    """Order and place the slots as Graphviz does; False if it could not."""
    numbers = {id(slot): k for k, slot in enumerate(slot for layer in layers for slot in layer)}
    joins = [
        (numbers[id(one)], numbers[id(other)], one.weight * other.weight)
        for chain in chains
        for one, other in pairwise(chain)
    ]
    heights = dot_heights([[2 * max(slot.above, slot.below) for slot in layer] for layer in layers], joins, GAP)
    if heights is None:
        return False
    for layer in layers:
        for slot in layer:
            slot.y = heights[numbers[id(slot)]]
        layer.sort(key=lambda slot: slot.y)
        for rank, slot in enumerate(layer):
            slot.rank = rank
    _assign_ports(nodes, chains)
    for layer in layers:
        _settle(layer, [(slot.y, 1.0) for slot in layer])
    for layer in layers:
        _settle(layer, [_level_wish(slot) for slot in layer])
    return True


def _assign_ports(nodes: Mapping[Id, _Slot], chains: Sequence[Sequence[_Slot]]) -> None:
    """Give each edge its own height at the sides of its ends, in the order of where it comes from."""
    for slot in nodes.values():
        slot.left.sort(key=lambda other: other.rank)
        slot.right.sort(key=lambda other: other.rank)
    for chain in chains:
        for one, other in pairwise(chain):
            drop = _port(one, one.right, other) - _port(other, other.left, one)
            weight = one.weight * other.weight
            one.joins[1].append((other, drop, weight))
            other.joins[0].append((one, -drop, weight))


def _port(slot: _Slot, side: Sequence[_Slot], other: _Slot) -> float:
    """How far below the middle of `slot` the edge to `other` leaves it."""
    return (side.index(other) - (len(side) - 1) / 2) * PORT


def _place(layers: Sequence[Sequence[_Slot]]) -> None:
    """Move every slot towards where its edges would be straight, its layer's order and gaps kept."""
    for layer in layers:
        y = 0.0
        for slot in layer:
            slot.y = y + slot.above
            y = slot.y + slot.below + GAP
        for slot in layer:
            slot.y -= y / 2
    for sweep in range(PLACE_SWEEPS):
        rightward = sweep % 2 == 1
        both = sweep >= PLACE_SWEEPS // 2
        for layer in layers if rightward else reversed(layers):
            _settle(layer, [_mean_wish(slot, rightward or both, both or not rightward) for slot in layer])
    for layer in layers:
        _settle(layer, [_level_wish(slot) for slot in layer])
    for layer in reversed(layers):
        _settle(layer, [_unbent_wish(slot) for slot in layer])


_Wish = tuple[float, float]  # the height that a slot wants, and how strongly


def _mean_wish(slot: _Slot, use_left: bool, use_right: bool) -> _Wish:
    """Where a slot's edges to the left or right, or both, would be as straight as they can be together."""
    total = weight = 0.0
    for used, joins in zip((use_left, use_right), slot.joins, strict=True):
        if used:
            for other, drop, strength in joins:
                total += strength * (other.y - drop)
                weight += strength
    return (total / weight, weight) if weight else (slot.y, FREE_WEIGHT)


def _level_wish(slot: _Slot) -> _Wish:
    """Where the middle one of the edges from the left would be level: one bend is better than many.

    A slot that has nothing to its left goes level with its first edge to the right, if that is its only one.
    """
    left, right = slot.joins
    heights = sorted(other.y - drop for other, drop, _ in left)
    if not heights and len(right) == 1:
        heights = [right[0][0].y - right[0][1]]
    if not heights:
        return slot.y, 1.0
    middle = len(heights) // 2
    wish = heights[middle] if len(heights) % 2 else (heights[middle - 1] + heights[middle]) / 2
    return wish, slot.weight * len(heights)


def _unbent_wish(slot: _Slot) -> _Wish:
    """Where the slot is, unless its edge bends on both sides of it: then level with the right."""
    if slot.weight == INNER_WEIGHT:
        (before, rise, _), (after, drop, _) = slot.joins[0][0], slot.joins[1][0]
        if abs(before.y - rise - slot.y) > 0.01:
            return after.y - drop, 1.0
    return slot.y, FIXED_WEIGHT


def _settle(layer: Sequence[_Slot], wishes: Sequence[_Wish]) -> None:
    """Put one layer's slots as near to where they want to be as their order and sizes allow.

    This is isotonic regression (pool adjacent violators): with the gaps subtracted, the heights that minimise
    the weighted sum of squared distances under the condition that they increase are means over blocks.
    """
    blocks: list[tuple[float, float, int]] = []  # height, weight, how many slots
    shift = before = 0.0
    shifts: list[float] = []
    for slot, (wish, weight) in zip(layer, wishes, strict=True):
        shift += before + slot.above
        before = slot.below + GAP
        shifts.append(shift)
        height, count = wish - shift, 1
        while blocks and blocks[-1][0] > height:
            other_height, other_weight, other_count = blocks.pop()
            height = (height * weight + other_height * other_weight) / (weight + other_weight)
            weight += other_weight
            count += other_count
        blocks.append((height, weight, count))
    index = 0
    for height, _, count in blocks:
        for _ in range(count):
            layer[index].y = height + shifts[index]
            index += 1


def _finish(
    sizes: Mapping[Id, Size],
    nodes: Mapping[Id, _Slot],
    chains: Sequence[Sequence[_Slot]],
    layers: Sequence[Sequence[_Slot]],
) -> Layout:
    """Read the layout off the slots: columns from the layers' widths, boxes, and the points of each edge."""
    everything = [slot for layer in layers for slot in layer]
    top = min((slot.y - slot.above for slot in everything), default=0.0)
    bottom = max((slot.y + slot.below for slot in everything), default=0.0)
    columns: list[tuple[float, float]] = []
    left = 0.0
    for layer in layers:
        right = left + max((slot.width for slot in layer), default=0.0)
        columns.append((left, right))
        rises = (abs(other.y - drop - slot.y) for slot in layer for other, drop, _ in slot.joins[1])
        rise = max(rises, default=0.0)
        left = right + min(max(CHANNEL, CHANNEL_SLOPE * rise), CHANNEL_MOST)
    boxes: dict[Id, Box] = {}
    for id, size in sizes.items():
        slot = nodes[id]
        start, end = columns[slot.layer]
        height = slot.above + slot.below
        boxes[id] = Box((start + end - size.width) / 2, slot.y - slot.above - top, size.width, height)
    routes: list[Route] = []
    for chain in chains:
        first, label, last = chain[0], chain[1], chain[-1]
        level = first.y + _port(first, first.right, label) - top
        start, end = columns[first.layer]
        points = [((start + end + first.width) / 2 - NECK, level), (end, level)]
        for slot in chain[1:-1]:
            start, end = columns[slot.layer]
            points += [(start, slot.y - top), (end, slot.y - top)]
        level = last.y + _port(last, last.left, chain[-2]) - top
        start, end = columns[last.layer]
        points += [(start, level), ((start + end - last.width) / 2 + NECK, level)]
        start, end = columns[label.layer]
        middle = (start + end - label.width) / 2
        box = Box(middle, label.y - label.above - top, label.width, label.above + label.below)
        routes.append(Route(tuple(points), box, label.y - top))
    return Layout(boxes, tuple(routes), columns[-1][1] if columns else 0.0, bottom - top)
