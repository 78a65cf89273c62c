"""The graph of a computation: what a function computed, and the gradient that flows back through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Any

import numpy as np

from chainrule.engine.arguments import Argnums
from chainrule.engine.operations import Reference
from chainrule.engine.values import complex_among, plain, whole
from chainrule.engine.watch import Event, local_derivatives_at
from chainrule.formula.expression import Call, Constant, Expression, Symbol, evaluate
from chainrule.graphs.compose import tidied_derivatives
from chainrule.graphs.graph import ArraySummary, Branch, Edge, Node, Value, summarise
from chainrule.graphs.labels import label
from chainrule.graphs.lettering import number, tidy
from chainrule.graphs.presented import ShownGraph
from chainrule.recording.conditions import statements
from chainrule.recording.run import Run, run
from chainrule.rules import Elementwise, Structural
from chainrule.rules.symbolic import local_partial


def graph(f: Callable[..., Any] | str, *args: Any, argnums: Argnums | None = None) -> ShownGraph:
    """The graph of the computation `f(*args)`, with the gradient of its result.

    `f` is a plain NumPy function, a catalogue entry, a formula or a formula's text; the arguments are numbers,
    arrays, or containers of those. Gradients are taken by all arguments made of numbers, or by those at `argnums`; the
    others are constants. The backward pass starts with 1 at every entry of every result: of an array, or of several
    results, the graph shows the gradient of the sum of their entries. What a result does not depend on has no
    gradient (None, shown as "·").

    Nodes are called as the function calls them: its parameters (`x`, `params['w1']`), its local variables, and
    v1, v2, … where a value has no name. Raises what :func:`chainrule.grad` raises.

        >>> import numpy as np
        >>> made = graph(lambda x: np.sin(x) * x, 2.0)
        >>> [(node.symbol, node.label) for node in made.nodes]
        [('x', 'x'), ('v1', 'sin'), ('v2', '×')]
        >>> print(f"{made.node(0).gradient:.4f}")
        0.0770
    """
    recorded = run(f, args, argnums)
    with np.errstate(all="ignore"):  # infinite slopes and differences of infinities are shown as they come out
        return _GraphMaker(recorded).graph()


def _with_ties(
    rule: Elementwise, formula: Call, values: list[Any], shown: tuple[Expression | None, ...]
) -> tuple[Expression | None, ...]:
    """The local derivatives with the convention at a tie as a case, where there is one: max(x, y) with x = y."""
    here = dict(zip(rule.arguments, values, strict=True))
    if not any(np.any(evaluate(row.condition, here)) for row in rule.at):
        return shown
    return tuple(
        partial if partial is None else tidy(local_partial(formula, position)) for position, partial in enumerate(shown)
    )


def _last_key(path: str) -> str:
    """`w1` for `params['w1']`; the whole path where its last part is not a name."""
    key = path.rpartition("[")[2].strip("]'")
    return key if path.endswith("']") and key.isidentifier() else path


class _GraphMaker:
    """Makes nodes and edges of a run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.inputs = inputs = [(path, _last_key(path)) for path in run.paths]
        self.nodes: list[Node] = []
        self.written: list[Symbol | Constant] = []  # the nodes as they stand in formulas
        self.edges: list[Edge] = []
        self.ids: dict[int, int] = {}  # of the variable with this mark
        self.shared: dict[Any, list[tuple[int, Any]]] = {}  # the nodes of a constant array and its values then
        self.symbols: set[str] = set()
        self.counter = 0
        self.counts: dict[str, int] = {}  # how many symbols of this name are taken
        lasts: dict[str, str | None] = {}  # the input of this last name, None where there are several
        for path, last in inputs:
            lasts[last] = None if last in lasts else path
        for path, last in inputs:
            self.symbols.add(path if lasts[last] is None else last)
        self.reserved = set(self.symbols)
        named = self.symbols.union(map(attrgetter("name"), run.events))
        self.letter = next((letter for letter in "vutr" if letter not in named), "v")

    def graph(self) -> ShownGraph:
        """The finished graph; a result that is not tracked is a constant."""
        for event in self.run.events:
            if event.rule is None:
                self._input(event)
            else:
                self._operation(event)
        ids = [
            self._constant(np.asarray(plain(out))[()], None, "") if mark is None else self.ids[mark]
            for out, mark in zip(self.run.outputs, self.run.marks, strict=True)
        ]
        shown = [None if mark is None else summarise(self.run.seeds[mark]) for mark in self.run.marks]
        branches = tuple(self._branches()) if self.run.conditions else ()
        return ShownGraph(tuple(self.nodes), tuple(self.edges), tuple(ids), tuple(shown), branches=branches)

    def _branches(self) -> Iterator[Branch]:
        found = statements(self.run.conditions, self.run.events, lambda mark: self.written[self.ids[mark]])
        for condition, formula in found:
            nodes = tuple([self.ids[reference.number] for reference in condition.references])
            yield Branch(formula, nodes, self.ids[condition.before - 1], condition.where)

    def _input(self, event: Event) -> None:
        path, last = self.inputs[event.mark]
        symbol = last if last in self.reserved else path
        self._node(event, "input", Symbol(symbol), symbol, name=path)

    def _operation(self, event: Event) -> None:
        rule = event.rule
        assert isinstance(rule, (Elementwise, Structural))
        parents: list[int] = []
        values: list[Any] = []
        for position, operand in enumerate(event.operands):
            if isinstance(operand, Reference):
                parents.append(self.ids[operand.number])
                values.append(self.run.events[operand.number].value)
            else:
                parents.append(self._captured(event, position, operand))
                values.append(operand)
        options = event.written
        symbol, name = self._symbol(event.name)
        written = Symbol(symbol)
        shown: tuple[Expression | None, ...] = (None,) * len(parents)
        formula = None
        locals_: list[Value | None] = [None] * len(parents)
        if isinstance(rule, Elementwise):
            here = tuple([self.written[parent] for parent in parents])
            formula = Call(rule.function, here)
            analytic = complex_among(event.value, *values)
            shown = tidied_derivatives(rule.function, here, written, analytic)
            if rule.selects and rule.at and not analytic:
                shown = _with_ties(rule, formula, values, shown)
            slopes = local_derivatives_at(rule, values, event.value)
            locals_ = [None if slope is None else summarise(slope) for slope in slopes]
        elif rule.slope is not None:
            count = np.size(values[0]) // max(np.size(event.value), 1)
            slope = rule.slope(count)
            locals_ = [evaluate(slope, {}) if count else np.nan]
            shown = (tidy(slope),)
        products = None
        if isinstance(rule, Structural) and rule.operands == 2:
            products = rule.written.get((np.ndim(values[0]), np.ndim(values[1])))
        self._node(
            event,
            "operation",
            written,
            label(rule.function, options),
            operation=rule.name,
            name=name,
            formula=formula,
            options=options,
            where=None if event.of_the_call else event.where,
        )
        for position, parent in enumerate(parents):
            sent = event.contributions.get(position)
            contribution = None if sent is None else self._summary(sent, values[position])
            made = Edge(parent, self.ids[event.mark], position, locals_[position], contribution, shown[position])
            self.edges.append(replace(made, product=products[position]) if products else made)

    def _node(self, event: Event, kind: Any, written: Symbol, drawn: str, **more: Any) -> None:
        self.ids[event.mark] = id = len(self.nodes)
        gradient = event.gradient
        if gradient is not None:
            gradient = self._summary(gradient, event.value)
        self.nodes.append(Node(id, kind, written.name, drawn, summarise(event.value), gradient, **more))
        self.written.append(written)

    def _summary(self, g: Any, value: Any) -> Value:
        """A cotangent, which may come in fewer axes, as it is shown beside the value it belongs to."""
        if type(g) is np.float64 and type(value) is np.float64:
            return float(g)
        return summarise(whole(g, value.shape))

    def _captured(self, event: Event, position: int, operand: Any) -> int:
        array, name = event.captured.get(position, (None, ""))
        return self._constant(operand, array, name)

    def _constant(self, value: Any, array: Any, name: str) -> int:
        """The node of a constant: a new one for a number, the same one again for the same array unless it changed."""
        made = len(self.nodes)
        if array is not None:
            content = (id(array), value.shape, hash(value.tobytes()))
            before = self.shared.setdefault(content, [])
            for known, then in before:
                if np.array_equal(then, value, equal_nan=then.dtype.kind in "fc"):
                    return known
            before.append((made, value))
        symbol, given = self._symbol(name) if name else (f"c{made}", None)
        self.symbols.add(symbol)
        summary = summarise(value)
        drawn = symbol if isinstance(summary, (ArraySummary, Expression)) else number(summary).text
        self.nodes.append(Node(made, "constant", symbol, drawn, summary, name=given))
        # In a formula a number stands as itself, anything else by its symbol.
        self.written.append(Constant(summary) if isinstance(summary, (bool, int, float)) else Symbol(symbol))
        return made

    def _symbol(self, name: str | None) -> tuple[str, str | None]:
        """A symbol that no other node has, and the user's name it stands for: x, then x1, …; v1, v2 without a name."""
        if name is None:
            while True:
                self.counter += 1
                symbol = f"{self.letter}{self.counter}"
                if symbol not in self.symbols:
                    break
        else:
            symbol, count = name, self.counts.get(name, 0)
            while symbol in self.symbols:
                count += 1
                symbol = f"{name}{count}" if len(name) == 1 else f"{name}_{count}"
            self.counts[name] = count
        self.symbols.add(symbol)
        return symbol, name
