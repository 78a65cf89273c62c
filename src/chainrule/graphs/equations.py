"""Read a graph as LaTeX: one equation for each value going forward, and one for each gradient going back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.formula.equations import space_of_arrays
from chainrule.formula.latex import latex_name
from chainrule.graphs import lettering
from chainrule.graphs.graph import ArraySummary, Graph, Node, Value
from chainrule.graphs.steps import flow_sum

_SPECIAL, _ESCAPED = re.compile(r"([_#%&${}])"), r"\\\1"


def latex(graph: Graph) -> str:
    r"""The equations, aligned at their first signs.

    >>> import numpy as np
    >>> from chainrule.graphs.building import graph
    >>> print(latex(graph(lambda x: np.sin(x) * x, 0.0)).rstrip())
    \begin{align*}
    x &= 0 \\
    v_{1} &= \sin\left(x\right) = 0 \\
    v_{2} &= v_{1} \, x = 0 \\
    \bar{v}_{2} &= 1 \\
    \bar{v}_{1} &= \bar{v}_{2}\,x = 0 \\
    \bar{x} &= \bar{v}_{1}\,\cos\left(x\right) + \bar{v}_{2}\,v_{1} = 0
    \end{align*}
    """
    lines = " \\\\\n".join([*_forward(graph), *_backward(graph)])
    return f"\\begin{{align*}}\n{lines}\n\\end{{align*}}\n"


def _forward(graph: Graph) -> Iterator[str]:
    for node in graph.topological_order():
        if node.kind != "constant":
            computed = _operation(graph, node) if node.kind == "operation" else None
            yield _equation(lettering.symbol(node).latex, computed, node.value)


def _backward(graph: Graph) -> Iterator[str]:
    for node in reversed(graph.topological_order()):
        if node.kind != "constant" and node.gradient is not None:
            yield _equation(lettering.gradient_symbol(node).latex, flow_sum(graph, node).latex, node.gradient)


def _equation(name: str, computed: str | None, value: Value) -> str:
    if isinstance(value, ArraySummary) and lettering.entries(value) is None:
        space = space_of_arrays(value.shape, value.dtype.startswith("complex"))
        return rf"{name} &\in {space}" if computed is None else rf"{name} &= {computed} \in {space}"
    shown = (lettering.value(value) or lettering.LONGER).latex
    return f"{name} &= {shown}" if computed in (None, shown) else f"{name} &= {computed} = {shown}"


def _operation(graph: Graph, node: Node) -> str:
    written = None if node.formula is None else lettering.formula(node.formula)
    if written is not None:
        return written.latex
    name = "repeated" if node.fold is not None else node.operation or node.label
    operands = [lettering.symbol(parent).latex for parent in graph.parents(node.id)]
    options = rf"\text{{{_SPECIAL.sub(_ESCAPED, node.options)}}}"
    if node.operation == "matmul" and len(operands) == 2:
        return r"\,".join(operands)
    if node.operation == "getitem":
        return operands[0] + options
    if node.options:
        operands.append(options)
    times = f"^{{\\circ {node.fold.times}}}" if node.fold is not None else ""
    return rf"{latex_name(name)}{times}\left({', '.join(operands)}\right)"
