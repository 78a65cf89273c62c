"""What every pass over a program does: go through the operations in order, and put others in their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.engine.operations import Guard, Operation, Reference, filled
from chainrule.engine.program import Program

Change = Callable[[Operation, "Rewriting"], Any]
"""An operation whose operands are those of the new program -> an operation, or the operand that stands for it."""


def rewritten(program: Program, *changes: Change) -> Program:
    """`program` with each operation changed in these ways, one after the other, in a single sweep.

    What becomes of an operation may depend on earlier ones only. So programs of one function that take the same path
    for a while stay the same as long. A guard of what became a constant is left out: the constant is what the guard
    was told.
    """
    made = Rewriting(program)
    count = len(program.inputs)
    waiting = list(reversed(program.guards))
    for number, operation in enumerate(program.operations, count):
        while waiting and waiting[-1].before <= number:
            made.ask(waiting.pop())
        new: Any = with_operands(operation, made.operands)
        for change in changes:
            new = change(new, made)
            if type(new) is not Operation:
                break
        if type(new) is Operation:
            made.operations.append(new)
            new = Reference(count + len(made.operations) - 1)
        made.operands.append(new)
    while waiting:
        made.ask(waiting.pop())
    result = filled(program.result, made.operands)
    return replace(program, operations=tuple(made.operations), guards=tuple(made.guards), result=result)


def with_operands(operation: Operation, operands: Sequence[Any]) -> Operation:
    """`operation` with other operands for its references, by their numbers."""
    args = tuple([operands[a.number] if type(a) is Reference else filled(a, operands) for a in operation.args])
    kwargs = {name: filled(value, operands) for name, value in operation.kwargs.items()} if operation.kwargs else {}
    return Operation(operation.function, args, kwargs, operation.shape, operation.dtype, operation.number)


class Rewriting:
    """A new program in the making, and what is known of its operands."""

    def __init__(self, program: Program) -> None:
        self.inputs = program.inputs
        self.operations: list[Operation] = []
        self.guards: list[Guard] = []
        self.operands: list[Any] = [Reference(number) for number in range(len(program.inputs))]

    def ask(self, guard: Guard) -> None:
        """Take over a guard of the old program."""
        of = self.operands[guard.of.number]
        if type(of) is Reference:
            before = len(self.inputs) + len(self.operations)
            self.guards.append(Guard(guard.question, of, guard.outcome, before))

    def made_by(self, operand: Any, function: Any) -> Operation | None:
        """The operation that makes an operand, if it is a call of `function`."""
        if type(operand) is Reference and operand.number >= len(self.inputs):
            operation = self.operations[operand.number - len(self.inputs)]
            return operation if operation.function is function else None
        return None

    def kind(self, operand: Any) -> tuple[Any, Any]:
        """The shape and dtype of an operand; the dtype of one of Python's own numbers, which adapts, is None."""
        if type(operand) is Reference:
            count = len(self.inputs)
            of: Any = self.inputs[operand.number] if operand.number < count else self.operations[operand.number - count]
            return of.shape, of.dtype
        if isinstance(operand, np.ndarray | np.generic):
            return operand.shape, operand.dtype
        return ((), None) if isinstance(operand, bool | int | float | complex) else (None, None)

    def like(self, operand: Any, operation: Operation) -> bool:
        """Whether an operand has the shape and dtype of a result, and is a number if that is one."""
        shape, dtype = self.kind(operand)
        if dtype is None or shape != operation.shape or dtype != operation.dtype:  # None is equal to float64
            return False
        if operation.shape != () or type(operand) is not Reference:
            return True
        count = len(self.inputs)
        if operand.number < count:
            return not self.inputs[operand.number].array
        maker = self.operations[operand.number - count]
        return maker.number or isinstance(maker.function, np.ufunc)


def constant(value: Any, operation: Operation) -> Any:
    """`value` in the shape and dtype of a result, as a constant that nobody writes to."""
    number = operation.dtype.type(value)  # type: ignore[union-attr]
    return number if operation.shape == () else np.broadcast_to(number, operation.shape or ())


def is_number(operand: Any, value: float) -> bool:
    """Whether an operand is this number, its sign included if it is 0."""
    if isinstance(operand, np.ndarray | np.complexfloating) or not isinstance(operand, int | float | np.number):
        return False
    return bool(operand == value) and bool(np.signbit(operand) == np.signbit(value))
