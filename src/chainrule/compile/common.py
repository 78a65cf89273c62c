"""Common subexpressions: what was computed before is taken, not computed again; what was asked before is known."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.compile.rewriting import Change, Rewriting
from chainrule.engine.operations import Operation, Reference
from chainrule.engine.program import Program

MOST_ENTRIES = 24  # of an array that is compared by its content; larger ones are the same if they are one object


def sharing() -> Change:
    """The change of a program in which each call is made once."""
    seen: dict[Hashable, Reference] = {}

    def share(operation: Operation, made: Rewriting) -> Any:
        new = Reference(len(made.inputs) + len(made.operations))
        found = seen.setdefault(key(operation), new)
        return operation if found is new else found

    return share


def without_repeated_questions(program: Program) -> Program:
    """`program` with each question asked once."""
    asked = {(guard.question, guard.of): guard for guard in reversed(program.guards)}
    kept = tuple(guard for guard in program.guards if asked[guard.question, guard.of] is guard)
    return replace(program, guards=kept)


def key(operation: Operation) -> Hashable:
    """What is equal for operations with the same result."""
    return (
        operation.function, frozen(operation.args), frozen(operation.kwargs), operation.shape, operation.dtype,
        operation.number,
    )  # fmt: skip


def frozen(value: Any, most_entries: float = MOST_ENTRIES) -> Hashable:
    """An operand or option as something to compare: 0.0 and -0.0 differ, 1 and 1.0 too, NaN is itself."""
    kind = type(value)
    if kind is Reference or kind is str or value is None:
        return value  # type: ignore[no-any-return]
    if isinstance(value, tuple | list):
        return kind, tuple([frozen(item, most_entries) for item in value])
    if kind is dict:
        return tuple((name, frozen(item, most_entries)) for name, item in value.items())
    if kind is slice:
        return slice, frozen(value.start), frozen(value.stop), frozen(value.step)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc" and value.size <= most_entries:
        return kind, value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, float | complex):
        return kind, repr(value)
    return (kind, value) if kind.__hash__ is not None else (kind, id(value))
