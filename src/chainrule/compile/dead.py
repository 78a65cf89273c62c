"""Dead code: operations that neither the result nor a guard needs are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chainrule.compile.rewriting import with_operands
from chainrule.engine.containers import flatten
from chainrule.engine.operations import Guard, Operation, Reference, filled
from chainrule.engine.program import Program

_CONTAINERS = (tuple, list, slice)


def without_dead_code(program: Program) -> Program:
    """`program` with the operations alone that something needs."""
    count = len(program.inputs)
    needed = {reference.number for reference in references_in(program.result)}
    needed |= {guard.of.number for guard in program.guards}
    for number in range(count + len(program.operations) - 1, count - 1, -1):
        if number in needed:
            operation = program.operations[number - count]
            for argument in operation.args:
                if type(argument) is Reference:  # nearly always: without the cost of a walk through containers
                    needed.add(argument.number)
            if operation.kwargs or any(type(argument) in _CONTAINERS for argument in operation.args):
                needed.update(reference.number for reference in operation.references())
    operands: list[Any] = [Reference(number) for number in range(count)]
    operations: list[Operation] = []
    before = [count]  # for each old number, how many numbers of the new program come before it
    for number, operation in enumerate(program.operations, count):
        operands.append(Reference(count + len(operations)))
        if number in needed:
            operations.append(with_operands(operation, operands))
        before.append(count + len(operations))
    guards = [
        Guard(guard.question, operands[guard.of.number], guard.outcome, before[guard.before - count])
        for guard in program.guards
    ]
    result = filled(program.result, operands)
    return replace(program, operations=tuple(operations), guards=tuple(guards), result=result)


def references_in(tree: Any) -> Iterator[Reference]:
    """The references in a result, whatever its containers."""
    for leaf in flatten(tree)[0]:
        if type(leaf) is Reference:
            yield leaf
