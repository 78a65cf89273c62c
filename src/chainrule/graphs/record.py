"""Record a function's computation as a graph: what it computed, and the gradient that flows back through it.

The function runs once, on values that note every operation; then the backward pass runs once. The graph is what was
noted: the numbers in it are those that :func:`chainrule.grad` returns, because they are made by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engine.arguments import Argnums, Inputs, as_function
from chainrule.engine.results import result_parts, undefined_gradients, untracked_result
from chainrule.engine.values import complex_among, convert, plain, whole
from chainrule.engine.watch import Mark, Note, Watched, local_derivatives_at
from chainrule.formula.expression import Call, Constant, Expression, Symbol, call
from chainrule.graphs.compose import tidied_derivatives
from chainrule.graphs.graph import ArraySummary, Edge, Node, Value, summarise
from chainrule.graphs.labels import label
from chainrule.graphs.naming import NamedWatch
from chainrule.graphs.notation import number
from chainrule.graphs.shown import ShownGraph
from chainrule.rules import Elementwise, Structural


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
    recorded = record(f, args, argnums)
    with np.errstate(all="ignore"):  # infinite slopes and differences of infinities are shown as they come out
        return _Builder(recorded.watch, recorded.inputs).graph(recorded.outputs, recorded.marks, recorded.seeds)


@dataclass(frozen=True)
class Recorded:
    """A function that ran on watched values, and its backward pass.

    `inputs` holds for each input its whole name and the last part of it, `outputs` the parts of the result, `marks`
    their numbers in the watch (None: not tracked), `seeds` what the backward pass started with. `single` says that the
    result is no container. `arguments` puts other numbers in the place of the inputs: it makes the arguments of a call.
    """

    watch: NamedWatch
    inputs: list[tuple[str, str]]
    outputs: list[Any]
    marks: list[int | None]
    seeds: dict[int, Any]
    single: bool
    arguments: Callable[[Sequence[Any]], list[Any]]

    def gradient(self, position: int) -> Any:
        """The gradient by an input, as :func:`chainrule.grad` gives it: zeros for None."""
        note = self.watch.notes[position]
        return np.zeros_like(note.value)[()] if note.gradient is None else note.gradient


def record(
    f: Callable[..., Any] | str,
    args: Sequence[Any],
    argnums: Argnums | None = None,
    names: Sequence[str] | None = None,
) -> Recorded:
    """Run `f(*args)` and its backward pass, and keep what was noted; see :func:`graph`.

    This is how every reading of a computation is made. The arguments are called as the function calls them, or by
    the `names` given. Of one scalar that is NaN every gradient is NaN, as :func:`chainrule.grad` has it; of several
    entries only that is NaN which those that are NaN lead to.
    """
    inputs = Inputs(as_function(f), ... if argnums is None else argnums, args)
    f = inputs.function
    watch = NamedWatch()
    variables = [watch.input(value) for value in inputs.values]
    try:
        with watch.reading_names():
            result = inputs.call(variables)
    finally:
        entries = watch.end()
    parts, _ = result_parts(result, f)
    marks: list[int | None] = []
    outputs: list[Any] = []
    seeds: list[tuple[int, Any]] = []
    for out in parts:
        if isinstance(out, Watched) and out.transform is watch:
            marks.append(out.mark)
            outputs.append(out)
            seeds.append((out.mark, _seed(watch.notes[out.mark].value)))
        else:
            marks.append(None)
            outputs.append(untracked_result(out, f))
    if seeds:
        watch.pull_back(entries, seeds)
    undefined = [not out.shape and bool(np.isnan(plain(out))) for out in outputs] == [True]
    _send_on(watch.notes, np.nan if undefined else 0.0)
    gradients = [note.gradient for note in watch.notes[: watch.inputs]]
    for note, g in zip(watch.notes, undefined_gradients(gradients) if undefined else gradients, strict=False):
        if g is not None:
            note.gradient = convert(np.asarray(whole(g, note.value.shape)), note.value.dtype)[()]
    single = len(parts) == 1 and parts[0] is result
    named = [(path, _last_key(path)) for path in inputs.paths(names)]
    return Recorded(watch, named, outputs, marks, dict(seeds), single, lambda values: inputs.given(values)[0])


def _last_key(path: str) -> str:
    """`w1` for `params['w1']`; the whole path where its last part is not a name."""
    key = path.rpartition("[")[2].strip("]'")
    return key if path.endswith("']") and key.isidentifier() else path


def _seed(value: Any) -> Any:
    """Ones, and NaN where the value is NaN: that has no derivative."""
    if not value.shape:
        return value.dtype.type(np.nan if np.isnan(value) else 1.0)
    ones = np.ones(value.shape, value.dtype)
    ones[np.isnan(value)] = np.nan
    return ones[()]


def _send_on(notes: Sequence[Note], sent: float) -> None:
    """Where the backward pass arrived with a local derivative of zero it went no further: note that `sent` flowed on.

    That is 0, or NaN where the result is. So only what no result depends on is left without a gradient.
    """
    for note in reversed(notes):
        if note.gradient is None:
            continue
        for position, operand in enumerate(note.operands):
            if not isinstance(operand, Mark) or note.contributions.get(position) is not None:
                continue
            if isinstance(note.rule, Elementwise) and note.rule.partials[position] is None:
                continue
            source = notes[operand.number]
            note.contributions[position] = np.full_like(source.value, sent)[()]
            if source.gradient is None:
                source.gradient = note.contributions[position]


class _Builder:
    """Makes nodes and edges of what a watch has noted."""

    def __init__(self, watch: NamedWatch, inputs: Sequence[tuple[str, str]]) -> None:
        self.watch = watch
        self.inputs = inputs
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
        named = self.symbols | set(watch.names.values())
        self.letter = next((letter for letter in "vutr" if letter not in named), "v")

    def graph(self, outputs: Sequence[Any], marks: Sequence[int | None], seeds: dict[int, Any]) -> ShownGraph:
        """The finished graph; a result that is not tracked is a constant."""
        for note in self.watch.notes:
            if note.rule is None:
                self._input(note)
            else:
                self._operation(note)
        ids = [
            self._constant(np.asarray(plain(out))[()], None, "") if mark is None else self.ids[mark]
            for out, mark in zip(outputs, marks, strict=True)
        ]
        shown = [None if mark is None else summarise(seeds[mark]) for mark in marks]
        return ShownGraph(tuple(self.nodes), tuple(self.edges), tuple(ids), tuple(shown))

    def _input(self, note: Note) -> None:
        path, last = self.inputs[note.mark]
        symbol = last if last in self.reserved else path
        self._node(note, "input", Symbol(symbol), symbol, name=path)

    def _operation(self, note: Note) -> None:
        rule = note.rule
        assert isinstance(rule, (Elementwise, Structural))
        parents: list[int] = []
        values: list[Any] = []
        for position, operand in enumerate(note.operands):
            if isinstance(operand, Mark):
                parents.append(self.ids[operand.number])
                values.append(self.watch.notes[operand.number].value)
            else:
                parents.append(self._captured(note, position, operand))
                values.append(operand)
        options = self.watch.options.get(note.mark, "")
        symbol, name = self._symbol(self.watch.names.get(note.mark))
        written = Symbol(symbol)
        shown: tuple[Expression | None, ...] = (None,) * len(parents)
        formula = None
        locals_: list[Value | None] = [None] * len(parents)
        if isinstance(rule, Elementwise):
            here = tuple([self.written[parent] for parent in parents])
            formula = Call(rule.function, here)
            analytic = complex_among(note.value, *values)
            shown = tidied_derivatives(rule.function, here, written, analytic)
            slopes = local_derivatives_at(rule, values, note.value)
            locals_ = [None if slope is None else summarise(slope) for slope in slopes]
        elif rule.name in ("sum", "mean"):
            count = np.size(values[0]) // max(np.size(note.value), 1) if rule.name == "mean" else 1
            locals_ = [1 / count if count else np.nan]
            shown = (Constant(1) if count == 1 else call(np.divide, 1, count),)
        self._node(
            note,
            "operation",
            written,
            label(rule.function, options),
            operation=rule.name,
            name=name,
            formula=formula,
            options=options,
            where=None if note.mark in self.watch.of_the_call else note.where,
        )
        for position, parent in enumerate(parents):
            sent = note.contributions.get(position)
            contribution = None if sent is None else self._summary(sent, values[position])
            self.edges.append(
                Edge(parent, self.ids[note.mark], position, locals_[position], contribution, shown[position])
            )

    def _node(self, note: Note, kind: Any, written: Symbol, drawn: str, **more: Any) -> None:
        self.ids[note.mark] = id = len(self.nodes)
        gradient = note.gradient
        if gradient is not None:
            gradient = self._summary(gradient, note.value)
        self.nodes.append(Node(id, kind, written.name, drawn, summarise(note.value), gradient, **more))
        self.written.append(written)

    def _summary(self, g: Any, value: Any) -> Value:
        """A cotangent, which may come in fewer axes, as it is shown beside the value it belongs to."""
        if type(g) is np.float64 and type(value) is np.float64:
            return float(g)
        return summarise(whole(g, value.shape))

    def _captured(self, note: Note, position: int, operand: Any) -> int:
        array = self.watch.array_operands.get((note.mark, position))
        return self._constant(operand, array, "" if array is None else self.watch.array_names[id(array)])

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
