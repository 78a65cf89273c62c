"""The computation of a graph step by step, forward and then backward: the one list that every view uses."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np

from chainrule.formula.data import Data
from chainrule.formula.expression import Expression, Symbol, substitute
from chainrule.graphs import lettering
from chainrule.graphs.graph import ArraySummary, Branch, Edge, Graph, Node, Value
from chainrule.graphs.wording import wording
from chainrule.rules.rule import Product
from chainrule.showing.language import Language

StepKind = Literal["input", "forward", "branch", "seed", "backward", "accumulate"]


@dataclass(frozen=True, eq=False)
class Step(Data):
    """One step of the computation.

    - `kind`: "input" (a value comes in), "forward" (an operation is computed), "branch" (Python compared values, and
      may have gone one way of several), "seed" (the backward pass starts at an output), "backward" (a gradient flows
      along an edge), "accumulate" (what arrived at a node is its gradient).
    - `node` is the id of the node whose value or gradient the step makes known or adds to, or asks for; `edge` the edge
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
    asked = deque(graph.branches)
    while asked and graph.node(asked[0].after).kind == "input":
        result.append(_branch(graph, asked.popleft()))
    for node in order:
        if node.kind == "operation":
            result.append(_forward(graph, node))
            while asked and asked[0].after <= node.id:
                result.append(_branch(graph, asked.popleft()))
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
    name, shown = lettering.symbol(node).text, _text(node.value)
    if name == shown:
        return Step("input", node.id, None, name, name, f"{name} is an input.", f"{name} 是输入。")
    return Step(
        "input",
        node.id,
        None,
        name,
        f"{name} = {shown}",
        f"The input {name} is {_said(node.value, 'en')}.",
        f"输入 {name} 的值是{_spaced(node.value)}。",
    )


def _forward(graph: Graph, node: Node) -> Step:
    name, shown = lettering.symbol(node).text, _text(node.value)
    parents = graph.parents(node.id)
    names = [lettering.symbol(parent).text for parent in parents]
    symbols = _operation(node, parents, names)
    numbers = _operation(node, parents, [lettering.operand(parent.value).text for parent in parents])
    done = numbers if numbers == shown else f"{numbers} = {shown}"
    return Step(
        "forward",
        node.id,
        None,
        f"{name} = {symbols}",
        f"{name} = {done}",
        f"{wording(node, names, 'en')} gives {_is(name, node.value, 'en')}.",
        f"{wording(node, names, 'zh')}，得到 {_is(name, node.value, 'zh')}。",
    )


def _branch(graph: Graph, branch: Branch) -> Step:
    shown = lettering.formula(branch.formula) or lettering.LONGER
    values = {graph.node(id).symbol: Symbol(lettering.operand(graph.node(id).value).text) for id in branch.nodes}
    numbers = lettering.formula(substitute(branch.formula, values)) or lettering.LONGER
    line = f" (line {branch.where[1]})" if branch.where else ""
    line_zh = f"（第 {branch.where[1]} 行）" if branch.where else ""
    return Step(
        "branch",
        branch.nodes[0],
        None,
        shown.text,
        numbers.text,
        f"The function compares: {shown.text} holds{line}.",
        f"函数作比较：{shown.text} 成立{line_zh}。",
    )


def _seed(node: Node, seed: Value) -> Step:
    name, bar, shown = lettering.symbol(node).text, lettering.gradient_symbol(node).text, _text(seed)
    if isinstance(seed, ArraySummary) and seed.minimum == seed.maximum == 1.0:
        english, chinese = "1 in every entry: that of their sum", "的每个分量都是 1，即各分量之和的梯度"
    else:
        english, chinese = _said(seed, "en"), f"是{_spaced(seed)}"
    return Step(
        "seed",
        node.id,
        None,
        f"{bar} = {shown}",
        f"{bar} = {shown}",
        f"The backward pass starts at the output {name}, whose gradient is {english}.",
        f"反向传播从输出 {name} 开始，它的梯度{chinese}。",
    )


def _backward(graph: Graph, edge: Edge) -> Step:
    source, target = graph.node(edge.source), graph.node(edge.target)
    name, result = lettering.symbol(source).text, lettering.symbol(target).text
    bar, arriving = lettering.gradient_symbol(target).text, _text(edge.contribution)
    formula = flow(graph, edge).text
    gradient = _text(target.gradient)
    if edge.local is None or (isinstance(edge.local, ArraySummary) and lettering.entries(edge.local) is None):
        through = f" through {target.label}" if edge.local is None else ", times the local derivatives,"
        chinese = f"经 {target.label} " if edge.local is None else "逐项乘以局部导数，"
        numbers = f"{bar}: {gradient} → {arriving}"
        english = f"The gradient of {result} flows back{through} to {name}"
        chinese = f"{result} 的梯度{chinese}传回 {name}"
    else:
        numbers = (
            f"{lettering.operand(target.gradient).text} · {lettering.operand(edge.local).text} = {arriving}"
        )
        english = (
            f"The gradient of {result}, {_said(target.gradient, 'en')}, flows back to {name} "
            f"times the local derivative {_text(edge.local)}"
        )
        chinese = (
            f"{result} 的梯度{_spaced(target.gradient)} 乘以局部导数 {_text(edge.local)}，传回 {name}"
        )
    if _is_summed(source, target, edge):
        english += f", summed over the axes along which {name} was broadcast"
        chinese += "，并沿广播的轴求和"
    if _leaves_out(edge):
        english += ", and nothing from what was not selected"
        chinese += "，未被选中的部分不传回梯度"
    return Step(
        "backward",
        edge.source,
        edge,
        formula,
        numbers,
        f"{english}: {_said(edge.contribution, 'en')}.",
        f"{chinese}：{_said(edge.contribution, 'zh')}。",
    )


def _is_summed(source: Node, target: Node, edge: Edge) -> bool:
    """Whether the gradient was summed over axes along which the source was broadcast."""
    large, small = _shape(target.value), _shape(source.value)
    before = len(large) - len(small)
    stretched = any(one == 1 != other for one, other in zip(small, large[max(before, 0) :], strict=False))
    return edge.local is not None and (before > 0 or stretched)


def _leaves_out(edge: Edge) -> bool:
    """Whether a local derivative is not finite where nothing flows: 0·∞ would be NaN, but nothing was selected."""
    locals_, sent = _numbers(edge.local), _numbers(edge.contribution)
    return len(locals_) == len(sent) and any(
        not isfinite(one) and other == 0 for one, other in zip(locals_, sent, strict=True)
    )


def _numbers(value: Value | None) -> tuple[float, ...]:
    if isinstance(value, ArraySummary):
        return value.strip if lettering.entries(value) is not None else ()
    return (value,) if isinstance(value, (int, float)) else ()


def _shape(value: Value | None) -> tuple[int, ...]:
    return value.shape if isinstance(value, ArraySummary) else ()


def _accumulate(graph: Graph, node: Node) -> Step:
    name, bar, shown = lettering.symbol(node).text, lettering.gradient_symbol(node).text, _text(node.gradient)
    terms = graph.contributions(node.id)
    symbols = flow_sum(graph, node).text
    said = _said(node.gradient, "en")
    if len(terms) == 1:
        english, chinese = f"The gradient of {name} is {said}.", f"{name} 的梯度是{_spaced(node.gradient)}。"
        numbers = shown
    else:
        total = lettering.sum_of(terms)
        numbers = shown if total is None or total.text == shown else f"{total.text} = {shown}"
        english = f"{len(terms)} gradients arrive at {name}; its gradient is their sum, {said}."
        chinese = f"有 {len(terms)} 路梯度传到 {name}，它的梯度是它们的和：{_said(node.gradient, 'zh')}。"
    return Step("accumulate", node.id, None, f"{bar} = {symbols}", f"{bar} = {numbers}", english, chinese)


def flow(graph: Graph, edge: Edge) -> lettering.Written:
    """What flows back along an edge, in the graph's symbols: gradient times local derivative.

    Where the table's formula is not known, the local derivative is written as a quotient: `v̄₂·∂v₂/∂x`.
    """
    source, target = graph.node(edge.source), graph.node(edge.target)
    bar = lettering.gradient_symbol(target)
    local = None if edge.formula is None else lettering.factor(edge.formula)
    if local is not None:
        times = lettering.Written("·", r"\cdot " if local.latex[0].isdigit() else r"\,")
        return bar + times + local
    if edge.product is not None and edge.product.function is np.matmul:
        return _matrix_flow(graph, edge, edge.product, bar)
    result, name = lettering.symbol(target), lettering.symbol(source)
    quotient = rf"\,\partial {result.latex}/\partial {name.latex}"
    return bar + lettering.Written(f"·∂{result.text}/∂{name.text}", quotient)


def flow_sum(graph: Graph, node: Node) -> lettering.Written:
    """What flows back to a node, in the graph's symbols: its seed plus the flow along each edge."""
    terms = [_written(seed) for seed in graph.seeds_of(node.id) if seed is not None]
    terms += [
        flow(graph, edge)
        for edge in graph.outgoing(node.id)
        if edge.contribution is not None and edge.value is None
    ]
    return lettering.joined(terms) if terms else lettering.NOT_COMPUTED


def _matrix_flow(graph: Graph, edge: Edge, product: Product, bar: lettering.Written) -> lettering.Written:
    """What flows back to a factor of a product of matrices, as its rule writes it: ḡ @ Yᵀ, Xᵀ @ ḡ."""
    factors = dict(zip("xy", graph.parents(edge.target), strict=True))

    def written(letters: str) -> lettering.Written:
        if letters == "g":
            return bar
        factor = lettering.symbol(factors[letters[0]])
        return factor + lettering.Written("ᵀ", r"^{T}") if letters.endswith("ᵀ") else factor

    return written(product.left) + lettering.Written(" @ ", r"\,") + written(product.right)


def _operation(node: Node, parents: tuple[Node, ...], operands: list[str]) -> str:
    """The operation with its operands written in: from its formula where there is one, else as in Python."""
    if node.formula is not None:
        replacements: dict[str, Expression] = {
            parent.symbol: Symbol(operand)
            for parent, operand in zip(parents, operands, strict=True)
            if parent.kind != "constant" or isinstance(parent.value, ArraySummary)
        }
        written = lettering.formula(substitute(node.formula, replacements))
        if written is not None:
            return written.text
    if node.fold is not None:
        return f"({', '.join(operands)}) {node.label}"
    if node.operation == "matmul" and len(operands) == 2:
        return f"{operands[0]} @ {operands[1]}"
    if node.operation == "getitem":
        return f"{operands[0]}{node.options}"
    if node.operation in ("replace", "replace_through", "replace_parts"):
        return f"{operands[0]} with {node.options} = {operands[1]}"
    name = node.operation if node.operation and node.formula is None and node.options else node.label
    return f"{name}({', '.join([*operands, node.options] if node.options else operands)})"


def _text(shown: Value | None) -> str:
    return _written(shown).text


def _written(shown: Value | None) -> lettering.Written:
    return lettering.value(shown) or lettering.LONGER


def _said(value: Value | None, lang: Language) -> str:
    """A value within a sentence: an array whose entries are not shown is called one."""
    shown = _text(value)
    if isinstance(value, ArraySummary) and lettering.entries(value) is None:
        return f"an array of shape {shown}" if lang == "en" else f"形状为 {shown} 的数组"
    return shown


def _spaced(value: Value | None) -> str:
    """A value after a Chinese character: numbers stand apart from it, words do not."""
    said = _said(value, "zh")
    return said if said.startswith("形") else f" {said}"


def _is(name: str, value: Value, lang: Language) -> str:
    """A name and its value within a sentence."""
    if isinstance(value, ArraySummary) and lettering.entries(value) is None:
        return f"{name}, {_said(value, lang)}" if lang == "en" else f"{name}，它是{_said(value, lang)}"
    return f"{name} = {_text(value)}"
