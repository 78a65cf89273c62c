"""The computation of a graph step by step, forward and then backward: the one list that every view uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chainrule.formula.expression import Expression, Symbol, substitute
from chainrule.graphs import notation
from chainrule.graphs.graph import ArraySummary, Edge, Graph, Language, Node, Value

StepKind = Literal["input", "forward", "seed", "backward", "accumulate"]


@dataclass(frozen=True)
class Step:
    """One step of the computation.

    - `kind`: "input" (a value comes in), "forward" (an operation is computed), "seed" (the backward pass
      starts at an output), "backward" (a gradient flows along an edge), "accumulate" (what arrived at a node
      is its gradient).
    - `node` is the id of the node whose value or gradient the step makes known or adds to, `edge` the edge
      along which a gradient flows ("backward" only).
    - `formula` says it in symbols, `numbers` in numbers (in a symbolic graph: in formulas of the inputs).
    """

    kind: StepKind
    node: int
    edge: Edge | None
    formula: str
    numbers: str
    english: str
    chinese: str

    def sentence(self, lang: Language = "en") -> str:
        """The step in one sentence, in English ("en") or Chinese ("zh")."""
        return {"en": self.english, "zh": self.chinese}[lang]


def steps(graph: Graph) -> tuple[Step, ...]:
    """Every step of the computation in order: inputs, operations forward, seeds, then the gradients.

    Going backward, a node's gradient is complete before it flows on to its parents. Constants take no steps
    of their own, and a node that no gradient reached takes none backward.
    """
    order = graph.topological_order()
    result = [_input(node) for node in order if node.kind == "input"]
    result += [_forward(graph, node) for node in order if node.kind == "operation"]
    result += [
        _seed(graph.node(output), seed)
        for output, seed in zip(graph.outputs, graph.seeds, strict=False)
        if seed is not None
    ]
    for node in reversed(order):
        if node.gradient is None or node.kind == "constant":
            continue
        if node.kind == "input" or len(graph.contributions(node.id)) > 1:
            result.append(_accumulate(graph, node))
        result += [
            _backward(graph, edge) for edge in graph.incoming(node.id) if edge.contribution is not None
        ]
    return tuple(result)


def _input(node: Node) -> Step:
    name, shown = notation.symbol(node).text, _text(node.value)
    if name == shown:
        return Step("input", node.id, None, name, name, f"{name} is an input.", f"{name} 是输入。")
    return Step(
        "input",
        node.id,
        None,
        name,
        f"{name} = {shown}",
        f"The input {name} is {shown}.",
        f"输入 {name} 的值是 {shown}。",
    )


def _forward(graph: Graph, node: Node) -> Step:
    name, shown = notation.symbol(node).text, _text(node.value)
    parents = graph.parents(node.id)
    names = [notation.symbol(parent).text for parent in parents]
    symbols = _operation(node, parents, names)
    numbers = _operation(node, parents, [notation.operand(parent.value).text for parent in parents])
    done = numbers if numbers == shown else f"{numbers} = {shown}"
    operation = node.operation or node.label
    return Step(
        "forward",
        node.id,
        None,
        f"{name} = {symbols}",
        f"{name} = {done}",
        f"{operation} of {_and(names)} gives {name} = {shown}.",
        f"对 {'、'.join(names)} 作 {operation} 运算,得到 {name} = {shown}。",
    )


def _seed(node: Node, seed: Value) -> Step:
    name, bar, shown = notation.symbol(node).text, notation.gradient_symbol(node).text, _text(seed)
    return Step(
        "seed",
        node.id,
        None,
        f"{bar} = {shown}",
        f"{bar} = {shown}",
        f"The backward pass starts at the output {name}, whose gradient is {shown}.",
        f"反向传播从输出 {name} 开始,它的梯度是 {shown}。",
    )


def _backward(graph: Graph, edge: Edge) -> Step:
    source, target = graph.node(edge.source), graph.node(edge.target)
    name, result = notation.symbol(source).text, notation.symbol(target).text
    bar, arriving = notation.gradient_symbol(target).text, _text(edge.contribution)
    formula = flow(graph, edge)
    gradient = _text(target.gradient)
    if edge.local is None or isinstance(edge.local, ArraySummary):
        return Step(
            "backward",
            edge.source,
            edge,
            formula.text,
            f"{bar}: {gradient} → {arriving}",
            f"The gradient of {result} flows back through {target.label} to {name}: {arriving}.",
            f"{result} 的梯度经 {target.label} 逆向传给 {name}:{arriving}。",
        )
    local = _text(edge.local)
    product = f"{notation.operand(target.gradient).text} · {notation.operand(edge.local).text}"
    return Step(
        "backward",
        edge.source,
        edge,
        formula.text,
        f"{product} = {arriving}",
        f"The gradient of {result}, {gradient}, flows back to {name} times the local derivative {local}: "
        f"{arriving}.",
        f"{result} 的梯度 {gradient} 乘以局部导数 {local},逆向传给 {name}:{arriving}。",
    )


def _accumulate(graph: Graph, node: Node) -> Step:
    name, bar, shown = notation.symbol(node).text, notation.gradient_symbol(node).text, _text(node.gradient)
    terms = graph.contributions(node.id)
    symbols = flow_sum(graph, node).text
    if len(terms) == 1:
        english, chinese = f"The gradient of {name} is {shown}.", f"{name} 的梯度是 {shown}。"
        numbers = shown
    else:
        total = notation.sum_of(terms)
        numbers = shown if total is None or total.text == shown else f"{total.text} = {shown}"
        english = f"{len(terms)} gradients arrive at {name}; its gradient is their sum, {shown}."
        chinese = f"有 {len(terms)} 路梯度传到 {name},它的梯度是它们的和:{shown}。"
    return Step("accumulate", node.id, None, f"{bar} = {symbols}", f"{bar} = {numbers}", english, chinese)


def flow(graph: Graph, edge: Edge) -> notation.Written:
    """What flows back along an edge, in the graph's symbols: gradient times local derivative.

    Where the table's formula is not known, the local derivative is written as a quotient: `v̄₂·∂v₂/∂x`.
    """
    source, target = graph.node(edge.source), graph.node(edge.target)
    bar = notation.gradient_symbol(target)
    local = None if edge.formula is None else notation.factor(edge.formula)
    if local is not None:
        return bar + notation.Written("·", r"\,") + local
    result, name = notation.symbol(target), notation.symbol(source)
    quotient = rf"\,\partial {result.latex}/\partial {name.latex}"
    return bar + notation.Written(f"·∂{result.text}/∂{name.text}", quotient)


def flow_sum(graph: Graph, node: Node) -> notation.Written:
    """What flows back to a node, in the graph's symbols: its seed plus the flow along each edge."""
    seeds = [seed for output, seed in zip(graph.outputs, graph.seeds, strict=False) if output == node.id]
    terms = [_written(seed) for seed in seeds if seed is not None]
    terms += [flow(graph, edge) for edge in graph.outgoing(node.id) if edge.contribution is not None]
    total = terms[0] if terms else notation.NOT_COMPUTED
    for term in terms[1:]:
        total = total + notation.PLUS + term
    return total


def _operation(node: Node, parents: tuple[Node, ...], operands: list[str]) -> str:
    """The operation with its operands written in: from its formula where there is one, else as a call."""
    if node.formula is not None:
        replacements: dict[str, Expression] = {
            parent.symbol: Symbol(operand)
            for parent, operand in zip(parents, operands, strict=True)
            if parent.kind != "constant"
        }
        written = notation.formula(substitute(node.formula, replacements))
        if written is not None:
            return written.text
    return f"{node.label}({', '.join(operands)})"


def _text(shown: Value | None) -> str:
    return _written(shown).text


def _written(shown: Value | None) -> notation.Written:
    return notation.value(shown) or notation.LONGER


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
