"""Run a function forward and backward once, and keep everything: what every reading of a computation reads.

The numbers in a run are those that :func:`chainrule.grad` returns, because they are made by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.engine.arguments import Argnums, Inputs, as_function, name_of
from chainrule.engine.operations import Input, Operation, Reference
from chainrule.engine.program import Program
from chainrule.engine.results import result_parts, undefined_gradients, untracked_result
from chainrule.engine.values import convert, is_array, plain, whole
from chainrule.engine.watch import Condition, Event, Watched
from chainrule.formula.expression import Function
from chainrule.recording.naming import NamedWatch
from chainrule.rules import Elementwise, Structural


@dataclass(frozen=True)
class Run:
    """A program and its columns: values, gradients, what flowed along each edge, the user's lines and names.

    `events[k]` is the row of the number k: inputs first, then the operations that were differentiated, in order.
    `paths` are the whole names of the inputs. `outputs` are the parts of the result, `marks` their numbers (None: no
    tracked value), `seeds` what the backward pass started with. `single` says that the result is no container.
    `conditions` are the comparisons, in order, on which the path through the function may rest.
    `arguments` puts values in the places of the inputs, `rebuild` makes a result of its parts.
    """

    function: Function
    events: tuple[Event, ...]
    paths: tuple[str, ...]
    outputs: tuple[Any, ...]
    marks: tuple[int | None, ...]
    seeds: dict[int, Any]
    single: bool
    arguments: Callable[[Sequence[Any]], list[Any]]
    rebuild: Callable[[list[Any]], Any]
    conditions: tuple[Condition, ...]

    @cached_property
    def program(self) -> Program:
        """The computation without its values. It holds what was differentiated; constants stand as they were."""
        name = name_of(self.function)
        return Program(
            name if name.isidentifier() else "f",
            tuple(
                Input(path, event.value.shape, event.value.dtype, is_array(event.value))
                for path, event in zip(self.paths, self.events, strict=False)
            ),
            tuple(_operation(event) for event in self.events[len(self.paths) :]),
            self.rebuild(
                [out if mark is None else Reference(mark) for out, mark in zip(self.outputs, self.marks, strict=True)]
            ),
        )

    @property
    def values(self) -> list[Any]:
        """The column of values."""
        return [event.value for event in self.events]

    @property
    def gradients(self) -> list[Any]:
        """The column of gradients: None where nothing depends on the value."""
        return [event.gradient for event in self.events]

    def gradient(self, position: int) -> Any:
        """The gradient by an input, as :func:`chainrule.grad` gives it: zeros for None."""
        event = self.events[position]
        return np.zeros_like(event.value)[()] if event.gradient is None else event.gradient


def _operation(event: Event) -> Operation:
    rule = event.rule
    assert rule is not None
    operands = tuple([event.literals.get(i, operand) for i, operand in enumerate(event.operands)])
    joined = isinstance(rule, Structural) and rule.operands == -1
    args: tuple[Any, ...] = (list(operands),) if joined else operands
    # Some functions have an array without axes for a result where others have a number; the engine made it a number.
    ours = (getattr(rule.function, "__module__", None) or "").startswith("chainrule")
    number = (ours or rule.function is np.where) and not event.value.shape and not is_array(event.value)
    return Operation(rule.function, (*args, *event.rest), event.kwargs, event.value.shape, event.value.dtype, number)


def run(
    f: Callable[..., Any] | str,
    args: Sequence[Any],
    argnums: Argnums | None = None,
    names: Sequence[str] | None = None,
) -> Run:
    """Run `f(*args)` and its backward pass, and keep what was noted.

    This is how every reading of a computation is made. Gradients are taken by all arguments made of numbers, or by
    those at `argnums`. The arguments are called as the function calls them, or by the `names` given. Of one scalar that
    is NaN every gradient is NaN, as :func:`chainrule.grad` has it; of several entries only that is NaN which those that
    are NaN lead to. Raises what :func:`chainrule.grad` raises, but takes results of any shape: the backward pass starts
    with 1 at every entry.
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
    parts, rebuild = result_parts(result, f)
    events = watch.events
    marks: list[int | None] = []
    outputs: list[Any] = []
    seeds: list[tuple[int, Any]] = []
    for out in parts:
        if isinstance(out, Watched) and out.transform is watch:
            marks.append(out.mark)
            outputs.append(out)
            seeds.append((out.mark, _seed(events[out.mark].value)))
        else:
            marks.append(None)
            outputs.append(untracked_result(out, f))
    if seeds:
        watch.pull_back(entries, seeds)
    undefined = len(outputs) == 1 and not outputs[0].shape and bool(np.isnan(plain(outputs[0])))
    _send_on(events, np.nan if undefined else 0.0)
    nowhere = undefined_gradients(range(watch.inputs)) if undefined else None
    for position, event in enumerate(events[: watch.inputs]):
        g = event.gradient if nowhere is None else nowhere[position]
        if g is not None:
            event.gradient = convert(np.asarray(whole(g, event.value.shape)), event.value.dtype)[()]
    return Run(
        f,
        tuple(events),
        tuple(inputs.paths(names)),
        tuple(outputs),
        tuple(marks),
        dict(seeds),
        len(parts) == 1 and parts[0] is result,
        lambda values: inputs.given(values)[0],
        rebuild,
        tuple(watch.conditions),
    )


def _seed(value: Any) -> Any:
    """Ones, and NaN where the value is NaN: that has no derivative."""
    if not value.shape:
        return value.dtype.type(np.nan if np.isnan(value) else 1.0)
    ones = np.ones(value.shape, value.dtype)
    ones[np.isnan(value)] = np.nan
    return ones[()]


def _send_on(events: Sequence[Event], sent: float) -> None:
    """Where the backward pass arrived with a local derivative of zero it went no further: note that `sent` flowed on.

    That is 0, or NaN where the result is. So only what no result depends on is left without a gradient.
    """
    for event in reversed(events):
        if event.gradient is None:
            continue
        for position, operand in enumerate(event.operands):
            if not isinstance(operand, Reference) or event.contributions.get(position) is not None:
                continue
            if isinstance(event.rule, Elementwise) and event.rule.partials[position] is None:
                continue
            source = events[operand.number]
            event.contributions[position] = np.full_like(source.value, sent)[()]
            if source.gradient is None:
                source.gradient = event.contributions[position]
