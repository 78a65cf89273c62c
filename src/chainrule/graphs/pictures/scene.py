"""What a picture of a graph consists of: shapes, arrows, strips and texts, each with its place.

A :class:`Scene` is plain data. The SVG and the matplotlib figure are two drawings of the same scene; only the
measure of text differs between them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chainrule.errors import PictureError
from chainrule.formula.expression import Constant, Expression
from chainrule.graphs import lettering
from chainrule.graphs.folding import fold
from chainrule.graphs.graph import DRAWN_MOST, ArraySummary, Branch, Edge, Fold, Graph, Node, Value
from chainrule.graphs.lettering import EQUALS, LONGER, NOT_COMPUTED, TIMES, Written
from chainrule.graphs.pictures.layout import Box, Link, Point, Size, layered_layout
from chainrule.graphs.steps import flow, flow_sum
from chainrule.showing.language import Language

ShapeKind = Literal["input", "operation", "constant", "output", "fold"]
Role = Literal["name", "value", "gradient", "local", "legend"]

NAME_SIZE = 15.0
TEXT_SIZE = 11.0
LINE = 1.3  # height of a line of text, in text sizes
PADDING = 7.0
MARGIN = 14.0
STACK = 2.5  # how far the cards of a folded box stand apart
APART = 3.0  # half the distance between an edge's arrow forward and its arrow back
CELL = 5.0  # width of a strip's cell
STRIP_HEIGHT = 16.0
LONG = 34  # letters in a formula above which its short form is shown,
LONG_RESULT = 64  # and in the gradient of an input, for which the picture is drawn
SHORT = 14  # letters in a local derivative's formula up to which it is shown beside its number
LEGEND_WIDTH = 420.0  # width that the legend may take in any case
BODY_MOST = 6  # operations of a folded block that are named
BRANCHES_MOST = 3  # conditions of the branch taken that are named
CROWDED = 40  # nodes above which edges show only what their ends do not

WORDS = {
    "input": {"en": "input", "zh": "输入"},
    "operation": {"en": "operation", "zh": "运算"},
    "constant": {"en": "constant", "zh": "常数"},
    "output": {"en": "output", "zh": "输出"},
    "fold": {"en": "repeated, folded", "zh": "重复部分（已折叠）"},
    "forward": {"en": "value, flowing forward", "zh": "数值（前向）"},
    "backward": {"en": "gradient, flowing back", "zh": "梯度（反向）"},
    "local": {"en": "times the local derivative", "zh": "乘以局部导数"},
    "missing": {"en": "not computed", "zh": "未计算"},
    "branch": {"en": "branch taken where", "zh": "所走分支："},
    "picture": {"en": "Computation graph", "zh": "计算图"},
}


@dataclass(frozen=True)
class TextStyle:
    """How large a text is, and whether it is bold."""

    size: float
    bold: bool = False


Measure = Callable[[Written, TextStyle], tuple[float, float]]
"""The width and height of a text."""


@dataclass(frozen=True)
class Moments:
    """At which step of the animation a node's value and gradient appear, and each edge's flow, both ways.

    Edges are known by their target and position, outputs by their index.
    """

    values: Mapping[int, int]
    gradients: Mapping[int, int]
    forward: Mapping[tuple[int, int], int]
    backward: Mapping[tuple[int, int], int]
    seeds: Mapping[int, int]


@dataclass(frozen=True)
class Shape:
    """The outline of a node: an input, an operation, a constant or an output, each drawn as its own shape."""

    kind: ShapeKind
    box: Box


@dataclass(frozen=True)
class Text:
    """A text centred at `at`, or starting there in the legend."""

    at: Point
    written: Written
    role: Role
    style: TextStyle
    centred: bool = True
    moment: int = 0


@dataclass(frozen=True)
class Arrow:
    """A line with a head at its end: straight from each even point, bending after each odd one."""

    points: tuple[Point, ...]
    kind: Literal["forward", "backward", "missing"]
    moment: int = 0


@dataclass(frozen=True)
class Strip:
    """A small chart of an array's values: bars up and down from the middle, the longest filling its half."""

    box: Box
    values: tuple[float, ...]
    role: Literal["value", "gradient"]
    moment: int = 0


@dataclass(frozen=True)
class Scene:
    """Everything in the picture, with its size. `title` says in words what it is.

    An arrow, strip or text with a `moment` above 0 is there from that step of the animation on.
    """

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    strips: tuple[Strip, ...]
    texts: tuple[Text, ...]


def refuse_crowd(graph: Graph) -> None:
    """Raise PictureError for more nodes than a picture can show, and say what shows them."""
    if len(graph.nodes) <= DRAWN_MOST:
        return
    folded = graph if graph.unfolded is not None else fold(graph)
    after = f" (of {len(graph.unfolded.nodes):,}, what repeats being folded)" if graph.unfolded is not None else ""
    if len(folded.nodes) <= DRAWN_MOST:
        instead = f"What repeats can be folded: without fold=False these are {len(folded.nodes):,} nodes."
    else:
        instead = (
            "Record a part of the computation, such as one round of its loop, with cr.graph; of the whole, "
            "graph.nodes, graph.edges and graph.steps() hold every number, and graph.latex() writes it down."
        )
    raise PictureError(
        f"this graph has {len(graph.nodes):,} nodes{after}, and a picture shows {DRAWN_MOST:,} at most: "
        f"in a larger one nothing can be seen. {instead}"
    )


def scene(graph: Graph, measure: Measure, lang: Language = "en", moments: Moments | None = None) -> Scene:
    """The picture of a graph, from left to right, with a legend in English ("en") or Chinese ("zh").

    With `moments` everything is marked with the moment at which it appears in an animation. Raises ValueError
    for another language, PictureError for a graph of more than 1,000 nodes.
    """
    if lang not in ("en", "zh"):
        raise ValueError(f'lang must be "en" or "zh", but got {lang!r}.')
    refuse_crowd(graph)
    content = _Content(graph)
    cards: dict[Hashable, _Card] = {node.id: content.node(node) for node in graph.nodes}
    labels = [content.edge(edge) for edge in graph.edges]
    links = [
        _link(edge.source, edge.target, label, measure)
        for edge, label in zip(graph.edges, labels, strict=True)
    ]
    for index, output in enumerate(graph.outputs):
        key = ("output", index)
        cards[key] = content.output(index)
        labels.append(content.output_edge(index))
        links.append(_link(output, key, labels[-1], measure))
    sizes = {key: card.size(measure) for key, card in cards.items()}
    layout = layered_layout(sizes, links)

    shapes: list[Shape] = []
    texts: list[Text] = []
    strips: list[Strip] = []
    arrows: list[Arrow] = []
    for card_key, card in cards.items():
        box = _moved(layout.boxes[card_key])
        shapes.append(Shape(card.kind, box))
        card.place(box, measure, texts, strips, _node_moments(card_key, moments))
    for index, (label, route) in enumerate(zip(labels, layout.routes, strict=True)):
        points = tuple((x + MARGIN, y + MARGIN) for x, y in route.points)
        apart = 0.0 if label.backward is None else APART
        there, back = _edge_moments(graph, index, moments)
        arrows.append(Arrow(tuple((x, y - apart) for x, y in points), "forward", there))
        if label.backward is not None:
            arrows.append(Arrow(tuple((x, y + apart) for x, y in reversed(points)), label.backward, back))
        label.place(_moved(route.label), route.line + MARGIN, measure, texts, there, back)
    legend = _legend(shapes, arrows, texts, graph.branches, (layout.width, layout.height), measure, lang)
    return Scene(
        width=max(layout.width + 2 * MARGIN, legend.width),
        height=legend.height,
        title=f"{WORDS['picture'][lang]}: {len(graph.nodes)}",
        shapes=(*shapes, *legend.shapes),
        arrows=(*arrows, *legend.arrows),
        strips=tuple(strips),
        texts=(*texts, *legend.texts),
    )


def _node_moments(key: Hashable, moments: Moments | None) -> Mapping[Role, int]:
    """When the lines in a node appear, by their roles."""
    if moments is None or not isinstance(key, int):
        return {}
    return {"value": moments.values.get(key, 0), "gradient": moments.gradients.get(key, 0)}


def _edge_moments(graph: Graph, index: int, moments: Moments | None) -> tuple[int, int]:
    """When an edge's value flows forward, and its gradient back; the edges to the outputs follow the graph's own."""
    if moments is None:
        return 0, 0
    if index >= len(graph.edges):
        output = index - len(graph.edges)
        return moments.values.get(graph.outputs[output], 0), moments.seeds.get(output, 0)
    edge = graph.edges[index]
    key = (edge.target, edge.position)
    return moments.forward.get(key, 0), moments.backward.get(key, 0)


@dataclass(frozen=True)
class _Line:
    """One line in a node or a label: a text, or an array's strip."""

    written: Written | None
    role: Role
    strip: ArraySummary | None = None

    @property
    def style(self) -> TextStyle:
        large = self.role == "name" or self.written == NOT_COMPUTED
        return TextStyle(NAME_SIZE, bold=True) if large else TextStyle(TEXT_SIZE)

    def size(self, measure: Measure) -> tuple[float, float]:
        if self.strip is not None:
            return CELL * len(self.strip.strip), STRIP_HEIGHT + 4.0
        assert self.written is not None
        width, height = measure(self.written, self.style)
        return width, max(height, LINE * self.style.size)


@dataclass(frozen=True)
class _Card:
    """What stands in a node."""

    kind: ShapeKind
    lines: tuple[_Line, ...]

    def size(self, measure: Measure) -> Size:
        sizes = [line.size(measure) for line in self.lines]
        side = PADDING * (1.0 if self.kind == "operation" else 2.0)  # round and pointed shapes need more room
        behind = 2 * STACK if self.kind == "fold" else 0.0
        width = max(width for width, _ in sizes) + 2 * side + behind
        return Size(width, sum(height for _, height in sizes) + PADDING + behind)

    def place(
        self, box: Box, measure: Measure, texts: list[Text], strips: list[Strip], moments: Mapping[Role, int]
    ) -> None:
        """Write the lines into the box, one below the other, the whole in its middle."""
        sizes = [line.size(measure) for line in self.lines]
        x, middle = box.centre
        if self.kind == "fold":  # on the card in front
            x, middle = x - STACK, middle - STACK
        y = middle - sum(height for _, height in sizes) / 2
        for line, (width, height) in zip(self.lines, sizes, strict=True):
            if line.strip is not None:
                role: Literal["value", "gradient"] = "gradient" if line.role == "gradient" else "value"
                place = Box(x - width / 2, y + 2, width, STRIP_HEIGHT)
                strips.append(Strip(place, line.strip.strip, role, moments.get(role, 0)))
            else:
                assert line.written is not None
                at, moment = (x, y + height / 2), moments.get(line.role, 0)
                texts.append(Text(at, line.written, line.role, line.style, moment=moment))
            y += height


@dataclass(frozen=True)
class _Label:
    """What stands along an edge: the value above it, what flows back below it."""

    above: tuple[_Line, ...]
    below: tuple[_Line, ...]
    backward: Literal["backward", "missing"] | None

    def place(
        self, box: Box, line: float, measure: Measure, texts: list[Text], there: int, back: int
    ) -> None:
        x = box.centre[0]
        y = line - APART - 2 - sum(row.size(measure)[1] for row in self.above)
        moment = there
        for row in (*self.above, *self.below):
            if row is next(iter(self.below), None):
                y, moment = line + APART + 2, back
            height = row.size(measure)[1]
            assert row.written is not None
            texts.append(Text((x, y + height / 2), row.written, row.role, row.style, moment=moment))
            y += height


def _link(source: Hashable, target: Hashable, label: _Label, measure: Measure) -> Link:
    above = [line.size(measure) for line in label.above]
    below = [line.size(measure) for line in label.below]
    return Link(
        source,
        target,
        width=max((width for width, _ in (*above, *below)), default=0.0) + 4.0,
        above=sum(height for _, height in above) + APART + 2,
        below=sum(height for _, height in below) + APART + 2,
    )


class _Content:
    """Chooses what is written where in the picture of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.crowded = len(graph.nodes) > CROWDED
        formulas = [node.value for node in graph.nodes] + [edge.contribution for edge in graph.edges]
        symbolic = any(isinstance(node.value, Expression) for node in graph.nodes if node.kind != "constant")
        self.named = not symbolic or any(_short(shown) is None for shown in formulas)
        """Whether operations show their values' names (v₁, v₂, …); small graphs of formulas need none."""

    def node(self, node: Node) -> _Card:
        if node.kind == "constant":
            title = [_Line(lettering.name(node.name), "name")] if node.name else []
            return _Card("constant", (*title, *self._shown(node, None, node.value, "value")))
        lines = [
            _Line(lettering.symbol(node) if node.kind == "input" else Written(node.label, node.label), "name")
        ]
        name = lettering.symbol(node)
        if node.kind == "operation":
            lines += self._shown(node, name if self.named else None, node.value, "value")
        elif not isinstance(node.value, Expression):
            lines += self._shown(node, None, node.value, "value")
        lines += self._gradient(node)
        if node.fold is not None and node.kind == "operation":
            lines.insert(1, _Line(_body(node.fold), "value"))
            return _Card("fold", tuple(lines))
        return _Card(node.kind, tuple(lines))

    def output(self, index: int) -> _Card:
        node = self.graph.node(self.graph.outputs[index])
        number = "" if len(self.graph.outputs) == 1 else str(index + 1)
        shown = lettering.symbol(node) if node.name else lettering.name(f"f{number}")
        return _Card("output", (_Line(shown, "name"),))

    def edge(self, edge: Edge) -> _Label:
        source = self.graph.node(edge.source)
        above = () if self.crowded else self._edge_value(source, edge.value)
        if source.kind == "constant":
            return _Label(above, (), None)
        if edge.contribution is None:
            return _Label(above, (_Line(NOT_COMPUTED, "gradient"),), "missing")
        contribution = _short(edge.contribution) or flow(self.graph, edge)
        local = self._local(edge)
        below = [_Line(contribution, "gradient")]
        if local is not None:
            below.append(_Line(TIMES + local, "local"))
        return _Label(above, tuple(below), "backward")

    def output_edge(self, index: int) -> _Label:
        graph = self.graph
        seed = graph.seeds[index] if graph.seeds else None
        above = self._edge_value(graph.node(graph.outputs[index]))
        shown = _short(seed) or NOT_COMPUTED
        return _Label(above, (_Line(shown, "gradient"),), "missing" if seed is None else "backward")

    def _edge_value(self, source: Node, value: Value | None = None) -> tuple[_Line, ...]:
        if source.kind == "constant":
            return ()
        if value is not None:
            return (_Line(_short(value) or LONGER, "value"),)
        shown = None if self.named and isinstance(source.value, Expression) else _short(source.value)
        return (_Line(shown or lettering.symbol(source), "value"),)

    def _local(self, edge: Edge) -> Written | None:
        formula = None if edge.formula is None else lettering.factor(edge.formula)
        if isinstance(edge.local, Expression):
            written = _short(edge.local)
            return formula if written is None else lettering.factor(edge.local)
        if edge.local is None or isinstance(edge.local, ArraySummary):
            return formula or (None if edge.local is None else lettering.value(edge.local))
        number = lettering.operand(edge.local)
        telling = (
            formula is not None and len(formula.text) <= SHORT and not isinstance(edge.formula, Constant)
        )
        if telling and not self.crowded and formula is not None and number is not None and formula != number:
            return formula + EQUALS + number
        return number

    def _shown(self, node: Node, name: Written | None, shown: Value, role: Role) -> list[_Line]:
        written = _short(shown)
        if written is None:
            written = (lettering.formula(node.formula) if node.formula is not None else None) or LONGER
        lines = [_Line(written if name is None else name + EQUALS + written, role)]
        if isinstance(shown, ArraySummary) and shown.strip:
            lines.append(_Line(None, role, shown))
        return lines

    def _gradient(self, node: Node) -> list[_Line]:
        terms = self.graph.contributions(node.id)
        name = lettering.gradient_symbol(node)
        if not self.named and node.kind == "operation" and len(terms) == 1:
            return []  # the arriving edge says it
        limit = LONG_RESULT if node.kind == "input" else LONG
        shown = _short(node.gradient, limit)
        if shown is None:
            flows = flow_sum(self.graph, node)
            return [_Line(name + EQUALS + (flows if len(flows.text) <= limit else LONGER), "gradient")]
        if len(terms) > 1:
            total = lettering.sum_of(terms)
            if total is not None and total != shown and not isinstance(node.gradient, Expression):
                shown = total + EQUALS + shown
        lines = [_Line(name + EQUALS + shown, "gradient")]
        if isinstance(node.gradient, ArraySummary) and node.gradient.strip:
            lines.append(_Line(None, "gradient", node.gradient))
        return lines


def _short(shown: Value | None, limit: int = LONG) -> Written | None:
    """A value as it is written in a picture; None for a formula that is too long there."""
    written = lettering.value(shown)
    return None if written is None or len(written.text) > limit else written


def _body(fold: Fold) -> Written:
    """The operations of a folded block, the first few of them."""
    shown = ", ".join(fold.body[:BODY_MOST]) + (", …" if len(fold.body) > BODY_MOST else "")
    return Written(shown, "")


def _moved(box: Box) -> Box:
    return replace(box, left=box.left + MARGIN, top=box.top + MARGIN)


@dataclass(frozen=True)
class _Legend:
    width: float
    height: float
    shapes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    texts: tuple[Text, ...]


def _legend(
    shapes: list[Shape],
    arrows: list[Arrow],
    texts: list[Text],
    branches: Sequence[Branch],
    size: tuple[float, float],
    measure: Measure,
    lang: Language,
) -> _Legend:
    """Lines below a graph of the given size that explain the shapes and arrows that its picture has."""
    x, y, height = MARGIN, size[1] + 2 * MARGIN + 4.0, 14.0
    most = MARGIN + max(size[0], LEGEND_WIDTH)
    widest = 0.0
    style = TextStyle(TEXT_SIZE)
    new_shapes: list[Shape] = []
    new_arrows: list[Arrow] = []
    new_texts: list[Text] = []

    def explain(word: str, width: float) -> float:
        """Write a word beside a sample of this width; returns where the sample starts."""
        return write(Written(WORDS[word][lang], ""), width)

    def write(written: Written, width: float) -> float:
        nonlocal x, y, widest
        end = x + width + 6.0 + measure(written, style)[0]
        if end > most:
            x, y, end = MARGIN, y + 1.6 * TEXT_SIZE, end - x + MARGIN
        start = x
        new_texts.append(Text((start + width + 6.0, y), written, "legend", style, centred=False))
        widest = max(widest, end)
        x = end + 18.0
        return start

    present = {shape.kind for shape in shapes}
    kinds: tuple[ShapeKind, ...] = ("input", "operation", "fold", "constant", "output")
    for kind in kinds:
        if kind in present:
            start = explain(kind, 22.0)
            new_shapes.append(Shape(kind, Box(start, y - height / 2, 22.0, height)))
    drawn = {arrow.kind for arrow in arrows}
    if "forward" in drawn:
        start = explain("forward", 34.0)
        new_arrows.append(Arrow(((start, y), (start + 34.0, y)), "forward"))
    if "backward" in drawn:
        start = explain("backward", 34.0)
        new_arrows.append(Arrow(((start + 34.0, y), (start, y)), "backward"))
    if any(text.role == "local" for text in texts):
        start = explain("local", 10.0)
        new_texts.append(Text((start + 6.0, y), TIMES, "local", style))
    if any(text.written.text.endswith(NOT_COMPUTED.text) for text in texts):
        start = explain("missing", 6.0)
        new_texts.append(Text((start + 4.0, y), NOT_COMPUTED, "gradient", TextStyle(NAME_SIZE, bold=True)))
    taken = dict.fromkeys(lettering.formula(branch.formula) or LONGER for branch in branches)
    if taken:
        more = ", …" if len(taken) > BRANCHES_MOST else ""
        shown = ", ".join([written.text for written in taken][:BRANCHES_MOST])
        write(Written(f"{WORDS['branch'][lang]} {shown}{more}", ""), -6.0)
    bottom = y + height / 2 + MARGIN
    return _Legend(widest + MARGIN, bottom, tuple(new_shapes), tuple(new_arrows), tuple(new_texts))
