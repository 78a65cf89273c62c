"""Graphs of formulas: values, local derivatives and gradients are formulas too, and functions may be unknown.

The tutorial's f = g(x)·h(y), for instance, whatever g and h are:

    >>> g, h = UnknownFunction("g"), UnknownFunction("h")
    >>> graph = compose(lambda x, y: g(x) * h(y), "x", "y")
    >>> [edge.contribution for edge in graph.edges if graph.node(edge.source).name == "x"]
    [Expression(df*h(y)*g′(x))]
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, reduce
from typing import Any
from uuid import uuid4

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.formula.expression import (
    Call,
    Constant,
    Expression,
    Symbol,
    call,
    expression,
    postorder,
    substitute,
)
from chainrule.formula.text import text
from chainrule.graphs.graph import Edge, Node
from chainrule.graphs.labels import label
from chainrule.graphs.lettering import tidy
from chainrule.graphs.presented import ShownGraph
from chainrule.rules import TABLE, UNKNOWN, Elementwise, find


@dataclass(frozen=True)
class UnknownFunction:
    """A function of which only the name is known, for use in formulas; its derivative is called `g′`.

    Of a function of several arguments, the derivative by the first is `∂₁g`. Two unknown functions are not the same
    because they have the same name; a copy of one is, also one that is read back from a file: `identity` tells.

        >>> g = UnknownFunction("g")
        >>> g(Symbol("x"))
        Expression(g(x))
        >>> g.derivative(0, 1) is g.derivative(0, 1), g == UnknownFunction("g")
        (True, False)
    """

    name: str
    identity: str = field(default_factory=lambda: uuid4().hex, repr=False)
    _derivatives: dict[tuple[int, int], UnknownFunction] = field(default_factory=dict, repr=False, compare=False)

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, *arguments: Any) -> Call:
        """The formula g(…). Raises TypeError without arguments, or if one is no formula and no number."""
        if not arguments:
            raise TypeError(
                f"the unknown function {self.name} needs at least one argument: write {self.name}(x)."
            )
        return call(self, *arguments)

    def derivative(self, position: int, count: int) -> UnknownFunction:
        """The derivative by argument number `position` (from 0) of `count`: always the same object."""
        key = (position, count)
        if key not in self._derivatives:
            index = "₁₂₃₄₅₆₇₈₉"[position] if position < 9 else f"_{position + 1}"
            name = f"{self.name}′" if count == 1 else f"∂{index}{self.name}"
            self._derivatives[key] = UnknownFunction(name, f"{self.identity}/{position}/{count}")
        return self._derivatives[key]


def compose(function: Callable[..., Any] | Expression, *names: str, seed: str | None = "df") -> ShownGraph:
    """The graph of a formula, with the gradient `seed` flowing back through it symbolically.

    `function` is a formula, or a plain NumPy function that is called with one symbol for each name. Equal
    subformulas are one node, used several times; constants are a node for each use. With `seed=None` nothing
    flows back and no gradient is computed.

    Local derivatives come from the table of rules. Raises :class:`~chainrule.errors.NoRuleError` for a
    function without partial derivatives there, TypeError when `function` does not return a formula.

        >>> graph = compose(lambda x: np.sin(x) * x, "x")
        >>> [node.label for node in graph.nodes]
        ['x', 'sin', '×']
    """
    root = function if isinstance(function, Expression) else expression(function(*map(Symbol, names)))
    builder = _Composer(names)
    output = builder.add(root)
    if seed is None:
        return ShownGraph(tuple(builder.nodes.values()), tuple(builder.edges), (output,), (None,))
    return builder.backward(output, Symbol(seed))


class _Composer:
    """Collects the nodes and edges of one formula."""

    def __init__(self, names: Sequence[str]) -> None:
        self.nodes: dict[int, Node] = {}
        self.edges: list[Edge] = []
        self.taken = set(names)
        self.counter = 0
        self.ids: dict[Expression, int] = {}
        for name in names:
            self._input(Symbol(name))

    def add(self, root: Expression) -> int:
        """Add every subformula of `root`, arguments first; returns the id of the node for `root`."""
        subformulas = postorder(root)
        self.taken |= {formula.name for formula in subformulas if isinstance(formula, Symbol)}
        for formula in subformulas:
            if isinstance(formula, Symbol) and formula not in self.ids:
                self._input(formula)
            elif isinstance(formula, Call):
                self._operation(formula)
        return self._constant(root) if isinstance(root, Constant) else self.ids[root]

    def backward(self, output: int, seed: Expression) -> ShownGraph:
        """The graph with gradients: each node's is the sum of what its uses send back."""
        forward = ShownGraph(tuple(self.nodes.values()), tuple(self.edges), (output,), (seed,))
        nodes: dict[int, Node] = {}
        edges: dict[tuple[int, int], Edge] = {}
        for node in reversed(forward.topological_order()):
            sent_back = [edges[edge.target, edge.position].contribution for edge in forward.outgoing(node.id)]
            gradient = _sum([seed if node.id == output else None, *sent_back])
            nodes[node.id] = node if node.kind == "constant" else replace(node, gradient=gradient)
            for edge in forward.incoming(node.id):
                contribution = None
                if (
                    gradient is not None
                    and edge.local is not None
                    and forward.node(edge.source).kind != "constant"
                ):
                    contribution = tidy(call(np.multiply, gradient, edge.local))
                edges[edge.target, edge.position] = replace(edge, contribution=contribution)
        return ShownGraph(
            tuple(nodes[node.id] for node in forward.nodes),
            tuple(edges[edge.target, edge.position] for edge in forward.edges),
            (output,),
            (seed,),
        )

    def _input(self, formula: Symbol) -> None:
        id = len(self.nodes)
        self.ids[formula] = id
        self.nodes[id] = Node(id, "input", formula.name, formula.name, formula, name=formula.name)

    def _constant(self, formula: Constant) -> int:
        id = len(self.nodes)
        self.nodes[id] = Node(id, "constant", f"c{id}", text(formula), formula)
        return id

    def _operation(self, formula: Call) -> None:
        parents = [
            self._constant(argument) if isinstance(argument, Constant) else self.ids[argument]
            for argument in formula.arguments
        ]
        id = len(self.nodes)
        self.ids[formula] = id
        symbol = self._fresh_symbol()
        here = [
            argument if isinstance(argument, Constant) else Symbol(self.nodes[parent].symbol)
            for argument, parent in zip(formula.arguments, parents, strict=True)
        ]
        name = getattr(formula.function, "__name__", str(formula.function))
        self.nodes[id] = Node(
            id,
            "operation",
            symbol,
            label(formula.function),
            formula,
            operation=name,
            formula=Call(formula.function, tuple(here)),
        )
        local = local_derivatives(formula.function, formula.arguments, formula)
        shown = local_derivatives(formula.function, here, Symbol(symbol))
        for position, parent in enumerate(parents):
            self.edges.append(
                Edge(parent, id, position, _tidied(local[position]), None, _tidied(shown[position]))
            )

    def _fresh_symbol(self) -> str:
        self.counter += 1
        while f"v{self.counter}" in self.taken:
            self.counter += 1
        return f"v{self.counter}"


def local_derivatives(
    function: Callable[..., Any], arguments: Sequence[Expression], out: Expression, analytic: bool = False
) -> tuple[Expression | None, ...]:
    """The partial derivatives of `function` at formulas, as the table gives them; None where there is none.

    `out` is written for the function's own value where the table's formula uses it; with `analytic` the formulas are
    those for complex arguments. Raises :class:`~chainrule.errors.NoRuleError` if the table has no partial derivatives
    for the function.

        >>> x = Symbol("x")
        >>> local_derivatives(np.exp, [x], Symbol("v1"))
        (Expression(v1),)
    """
    if isinstance(function, UnknownFunction):
        count = len(arguments)
        return tuple(function.derivative(position, count)(*arguments) for position in range(count))
    rule = find(function)
    if not isinstance(rule, Elementwise) or len(rule.partials) != len(arguments):
        name = getattr(function, "__name__", str(function))
        raise NoRuleError(
            f"the graph of a formula needs the partial derivatives of its functions, and the table has none "
            f"for {name} of {len(arguments)} argument(s). Use elementwise NumPy functions, or "
            f"UnknownFunction({name!r})."
        )
    replacements = {**dict(zip(rule.arguments, arguments, strict=True)), "out": out}
    partials = rule.analytic if analytic else rule.partials
    return tuple(
        None if partial is None or partial is UNKNOWN else substitute(partial, replacements) for partial in partials
    )


def tidied_derivatives(
    function: Callable[..., Any], arguments: Sequence[Symbol | Constant], out: Symbol, analytic: bool = False
) -> tuple[Expression | None, ...]:
    """:func:`local_derivatives` over symbols and numbers, simplified.

    Calls that differ in nothing but the names of their symbols are worked out once: a long loop has few kinds of them.

        >>> tidied_derivatives(np.multiply, [Symbol("v1"), Symbol("a")], Symbol("v2"))
        (Expression(a), Expression(v1))
    """
    symbols = {argument.name: argument for argument in (out, *arguments) if isinstance(argument, Symbol)}
    names = sorted(symbols)
    pattern = tuple([names.index(a.name) if isinstance(a, Symbol) else a for a in arguments])
    # A function of the user's own is not kept alive for its pattern.
    of_pattern = _of_pattern if function in TABLE else _of_pattern.__wrapped__
    found = []
    for parts in of_pattern(function, pattern, names.index(out.name), analytic):
        made: list[Expression] = []
        for part in parts or ():
            if type(part) is int:
                made.append(symbols[names[part]])
            else:
                made.append(Call(part[0], tuple([made[place] for place in part[1]])) if type(part) is tuple else part)
        found.append(made[-1] if made else None)
    return tuple(found)


@lru_cache(maxsize=4096)
def _of_pattern(
    function: Callable[..., Any], arguments: tuple[int | Constant, ...], out: int, analytic: bool
) -> tuple[Sequence[Any] | None, ...]:
    """The simplified derivatives over numbered symbols, in the order of whose names factors are written.

    Each as a list of its parts, every one after those that it uses: the number of a symbol, a constant, or a function
    with the places of its arguments in the list.
    """
    stand_ins = [Symbol(f"s{number}") for number in range(len(arguments) + 1)]
    operands = [stand_ins[argument] if isinstance(argument, int) else argument for argument in arguments]
    found = local_derivatives(function, operands, stand_ins[out], analytic)
    return tuple(None if partial is None else _numbered(tidy(partial), stand_ins) for partial in found)


def _numbered(formula: Expression, stand_ins: Sequence[Symbol]) -> Sequence[Any]:
    places: dict[Expression, int] = {}
    parts: list[Any] = []
    for node in postorder(formula):
        places[node] = len(parts)
        if isinstance(node, Call):
            parts.append((node.function, [places[argument] for argument in node.arguments]))
        else:
            parts.append(stand_ins.index(node) if isinstance(node, Symbol) else node)
    return parts


def _tidied(partial: Expression | None) -> Expression | None:
    return None if partial is None else tidy(partial)


def _sum(terms: Sequence[Any]) -> Expression | None:
    """The sum of the formulas among `terms`; None, which is not zero, if there are none."""
    there = [term for term in terms if term is not None]
    return tidy(reduce(operator.add, there)) if there else None
