"""Read a graph as LaTeX: one equation for each value going forward, and one for each gradient going back."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.formula.latex import latex_name
from chainrule.graphs import notation
from chainrule.graphs.graph import Graph, Node
from chainrule.graphs.steps import flow_sum


def latex(graph: Graph) -> str:
    """The equations, aligned at their first signs.

    >>> from chainrule.graphs.record import graph
    >>> print(latex(graph(lambda x: x * x, 3.0)))
    \\begin{align*}
    x &= 3 \\\\
    v_{1} &= x\\,x = 9 \\\\
    \\bar{v}_{1} &= 1 \\\\
    \\bar{x} &= \\bar{v}_{1}\\,x + \\bar{v}_{1}\\,x = 6
    \\end{align*}
    """
    lines = " \\\\\n".join([*_forward(graph), *_backward(graph)])
    return f"\\begin{{align*}}\n{lines}\n\\end{{align*}}\n"


def _forward(graph: Graph) -> Iterator[str]:
    for node in graph.topological_order():
        if node.kind != "constant":
            computed = _operation(graph, node) if node.kind == "operation" else None
            yield _equation(notation.symbol(node).latex, computed, notation.value(node.value))


def _backward(graph: Graph) -> Iterator[str]:
    for node in reversed(graph.topological_order()):
        if node.kind != "constant" and node.gradient is not None:
            yield _equation(
                notation.gradient_symbol(node).latex, flow_sum(graph, node).latex, notation.value(node.gradient)
            )


def _equation(name: str, computed: str | None, value: notation.Written | None) -> str:
    shown = (value or notation.LONGER).latex
    return f"{name} &= {shown}" if computed in (None, shown) else f"{name} &= {computed} = {shown}"


def _operation(graph: Graph, node: Node) -> str:
    written = None if node.formula is None else notation.formula(node.formula)
    if written is not None:
        return written.latex
    name = "repeated" if node.fold is not None else node.operation or node.label
    operands = ", ".join(notation.symbol(parent).latex for parent in graph.parents(node.id))
    times = f"^{{\\circ {node.fold.times}}}" if node.fold is not None else ""
    return rf"{latex_name(name)}{times}\left({operands}\right)"
