"""Derive a computation that was recorded: branches and loops as they were taken, and operations on whole arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engine.operations import Reference
from chainrule.engine.values import complex_among
from chainrule.engine.watch import Condition, Event
from chainrule.errors import NotDifferentiableError, ShapeError
from chainrule.explanation import words
from chainrule.explanation.annotations import remarks_at
from chainrule.explanation.derivation import Line, Stage
from chainrule.explanation.from_formula import MOST_SYMBOLS, rounded
from chainrule.explanation.parts import as_written, part_names
from chainrule.formula.expression import Call, Constant, Expression, Symbol, call, expression, free_symbols, substitute
from chainrule.formula.simplify import simplify
from chainrule.formula.text import text
from chainrule.recording.conditions import statements
from chainrule.recording.run import run
from chainrule.rules import Elementwise, Structural
from chainrule.rules.rule import Product
from chainrule.showing.language import Phrase

BAR = "\N{COMBINING MACRON}"
MOST_CONDITIONS = 6  # of the branch taken that are told


@dataclass(frozen=True)
class Recording:
    """A computation with the events of a forward and a backward pass.

    `labels` name the inputs' leaves, `leaves` are their values and `gradients` those by them; `flat` is the function of
    the leaves alone. `output` is the mark of the result, None where it does not depend on them. `conditions` are the
    comparisons of numbers on the way.
    """

    events: tuple[Event, ...]
    conditions: tuple[Condition, ...]
    labels: tuple[str, ...]
    leaves: tuple[Any, ...]
    gradients: tuple[Any, ...]
    output: int | None
    value: Any
    flat: Callable[..., Any]


@dataclass(frozen=True)
class WholeArray:
    """An operation on arrays as a function in a formula: it only has a name. Two of the same name are equal."""

    name: str

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, *arguments: Any) -> Call:
        """The formula of a call: `sum(v1)`."""
        return call(self, *arguments)


def recording(f: Callable[..., Any], labels: Sequence[str], args: Sequence[Any]) -> Recording:
    """Run `f` once at `args`, forward and backward. The gradient is that of the sum of the result's entries.

    Raises what :func:`chainrule.graph` raises, ShapeError where the result is not one number or array, and
    NotDifferentiableError where it is not real.
    """
    with np.errstate(all="ignore"):  # a point outside the domain is told in words
        made = run(f, args, names=labels)
    if not made.single:
        raise ShapeError(
            f"explain needs one result, but the function returned {len(made.outputs)} of them in a container. "
            "Explain one of them at a time: explain(lambda *a: f(*a)[0], …)."
        )
    events, (mark,), (out,) = made.events, made.marks, made.outputs
    value = out if mark is None else events[mark].value
    if np.iscomplexobj(value):
        raise NotDifferentiableError(
            "explain needs a real result, but the function returned a complex one. "
            "Take np.real, np.imag or np.abs of it."
        )
    count = len(made.paths)
    return Recording(
        events,
        made.conditions,
        made.paths,
        tuple(event.value for event in events[:count]),
        tuple(made.gradient(position) for position in range(count)),
        mark,
        value,
        lambda *leaves: f(*made.arguments(leaves)),
    )


def as_one_formula(record: Recording) -> tuple[Expression | None, tuple[Phrase, ...]]:
    """The formula of the operations that were carried out, and the branch taken in words.

    The formula is None where some operations acted on whole arrays.
    """
    if record.output is None:
        return (expression(record.value), ()) if np.ndim(record.value) == 0 else (None, ())
    if any(np.ndim(event.value) or np.iscomplexobj(event.value) for event in record.events):
        return None, ()
    made: list[Expression | None] = [Symbol(label) for label in record.labels]
    for event in record.events[len(made) :]:  # also those after the result, with which something may be compared
        operands = [made[o.number] if isinstance(o, Reference) else _number(o) for o in event.operands]
        known = isinstance(event.rule, Elementwise) and not event.options and None not in operands
        made.append(call(event.rule.function, *operands) if known else None)  # type: ignore[union-attr]
    return made[record.output], _branch_taken(record, made)


def _branch_taken(record: Recording, written: Sequence[Expression | None]) -> tuple[Phrase, ...]:
    """What was true of the values, by the formulas `written` of those with these marks, where Python compared them."""
    found = statements(record.conditions, record.events, lambda mark: written[mark] if mark < len(written) else None)
    short = [formula for _, formula in found if formula.written_size <= MOST_SYMBOLS]
    said = list(dict.fromkeys(text(as_written(formula)) for formula in short))
    if not said:
        return ()
    more = ", …" if len(said) > MOST_CONDITIONS else ""
    return (words.BRANCH.filled(conditions=", ".join(said[:MOST_CONDITIONS]) + more),)


def backward_stage(record: Recording, result: str) -> tuple[tuple[Line, ...], Stage, tuple[Phrase, ...]]:
    """The operations forward, and the gradients backward: v̄ is the derivative of the result by v; the branch taken."""
    last = record.output
    assert last is not None
    used = _used(record, last)
    letters = part_names({*record.labels, result}, sum(mark >= len(record.labels) for mark in used) - 1)
    titles = [*record.labels]
    titles += [
        result if mark == last else next(letters) if mark in used else "" for mark in range(len(titles), last + 1)
    ]
    forward = []
    flows: dict[int, list[Expression]] = {}
    rules: dict[int, dict[Phrase, None]] = {}
    values = {title: event.value for title, event in zip(titles, record.events, strict=False) if title}
    constants = [o for event in record.events for o in event.operands if not isinstance(o, Reference) and np.ndim(o)]
    values |= {_summary(constant): constant for constant in constants}
    for mark in range(len(record.labels), last + 1):
        event = record.events[mark]
        if mark not in used:
            continue
        operands = [_operand(o, titles) for o in event.operands]
        assert event.rule is not None
        moving = {titles[o.number] for o in event.operands if isinstance(o, Reference)}
        remarks: tuple[Phrase, ...] = ()
        if isinstance(event.rule, Elementwise) and not _is_complex(record, event):  # rows speak of the real line
            remarks = remarks_at(_written(event, operands), moving, values)
        forward.append(
            Line(
                titles[mark],
                as_written(_written(event, operands)),
                (),
                _numbers(event, operands, values),
                event.value,
                remarks,
            )
        )
        for position, parent in enumerate(event.operands):
            if isinstance(parent, Reference) and event.contributions.get(position) is not None:
                flow, summed = _flow(record, event, position, operands, titles[mark])
                flows.setdefault(parent.number, []).append(flow)
                named = rules.setdefault(parent.number, {})
                named.setdefault(
                    words.with_source(event.rule)
                    if isinstance(event.rule, Elementwise)
                    else words.rule_name(event.rule)
                )
                if summed:
                    named.setdefault(words.BROADCAST)
    seed = Line(result + BAR, Constant(1), (words.TOTAL if np.ndim(record.value) else words.SEED,))
    backward = [seed]
    for mark in sorted(flows, reverse=True):
        total = flows[mark][0]
        for term in flows[mark][1:]:
            total = call(np.add, total, term)
        event = record.events[mark]
        gradient = np.broadcast_to(event.gradient, np.shape(event.value))[()]
        backward.append(Line(titles[mark] + BAR, as_written(simplify(total)), tuple(rules[mark]), None, gradient))
    branch = _branch_taken(record, [Symbol(title) if title else None for title in titles])
    return tuple(forward), Stage(None, tuple(backward)), branch


def _is_complex(record: Recording, event: Event) -> bool:
    operands = (record.events[o.number].value if isinstance(o, Reference) else o for o in event.operands)
    return complex_among(event.value, *operands)


def _used(record: Recording, last: int) -> set[int]:
    used, stack = {last}, [last]
    while stack:
        for operand in record.events[stack.pop()].operands:
            if isinstance(operand, Reference) and operand.number not in used:
                used.add(operand.number)
                stack.append(operand.number)
    return used


def _operand(operand: Any, titles: Sequence[str]) -> Expression:
    if isinstance(operand, Reference):
        return Symbol(titles[operand.number])
    return Symbol(_summary(operand)) if np.ndim(operand) or np.iscomplexobj(operand) else _number(operand)


def _number(value: Any) -> Constant:
    return Constant(np.asarray(value)[()].item())


def _summary(value: Any) -> str:
    """A constant as it stands in a call: a small array in full, a large one by its shape."""
    shown = np.array2string(np.asarray(value), separator=", ", precision=4).replace("\n", "")
    return shown if len(shown) <= 24 else f"array{np.shape(value)}"


def _written(event: Event, operands: Sequence[Expression]) -> Expression:
    """The operation as a formula over the names of its operands and its options."""
    rule = event.rule
    assert rule is not None
    if isinstance(rule, Elementwise) and not event.options:
        return Call(rule.function, tuple(operands))
    if rule.function is np.matmul:
        return Call(np.matmul, tuple(operands))
    if rule.name == "getitem":
        return Symbol(f"{getattr(operands[0], 'name', operands[0])}[{_option(event.options[0])}]")
    options = [Symbol(_option(option)) for option in event.options if option is not None and option is not False]
    return call(WholeArray(rule.name), *operands, *options)


def _option(option: Any) -> str:
    if isinstance(option, slice):
        shown = ":".join("" if part is None else str(part) for part in (option.start, option.stop, option.step))
        return shown.removesuffix(":") if option.step is None else shown
    if isinstance(option, tuple) and any(isinstance(part, (slice, np.ndarray)) for part in option):
        return ", ".join(_option(part) for part in option)
    if option is Ellipsis:
        return "..."
    return _summary(option) if isinstance(option, np.ndarray) else str(option)


def _flow(
    record: Recording, event: Event, position: int, operands: Sequence[Expression], title: str
) -> tuple[Expression, bool]:
    """What flows back to one operand, as a formula; and whether it is summed over broadcast axes."""
    gradient = Symbol(title + BAR)
    at_hand = [record.events[o.number].value if isinstance(o, Reference) else o for o in event.operands]
    rule = event.rule
    if isinstance(rule, Elementwise):
        partial = (rule.analytic if _is_complex(record, event) else rule.partials)[position]
        assert partial is not None
        known = dict(zip(rule.arguments, operands, strict=True))
        local = simplify(substitute(partial, {**known, "out": Symbol(title)}))
        return call(np.multiply, gradient, local), np.shape(event.value) != np.shape(at_hand[position])
    assert isinstance(rule, Structural)
    others = [operand for i, operand in enumerate(operands) if i != position] if rule.operands == 2 else []
    if rule.written and not event.options:
        products = rule.written.get((np.ndim(at_hand[0]), np.ndim(at_hand[1])))
        if products is not None:
            named = dict(zip("xy", operands, strict=True)) | {"g": gradient}
            return _product(products[position], named), False
    return call(WholeArray(f"{rule.name}ᵀ"), gradient, *others), False


def _product(product: Product, named: dict[str, Expression]) -> Expression:
    """A cotangent as its rule writes it, with the names of the factors at hand."""

    def written(letters: str) -> Expression:
        factor = named[letters[0]]
        return Symbol(f"{getattr(factor, 'name', factor)}ᵀ") if letters.endswith("ᵀ") else factor

    function = WholeArray("outer") if product.function is np.outer else product.function
    return call(function, written(product.left), written(product.right))


def _numbers(event: Event, operands: Sequence[Expression], values: dict[str, Any]) -> Expression | None:
    if not isinstance(event.rule, Elementwise) or event.options or np.iscomplexobj(event.value):
        return None
    written = Call(event.rule.function, tuple(operands))
    found = free_symbols(written)
    if any(name not in values or np.ndim(values[name]) or np.iscomplexobj(values[name]) for name in found):
        return None
    return as_written(substitute(written, {name: rounded(values[name]) for name in found}))
