"""Fusion: elementwise operations on arrays of one shape, and sums over all their entries, become one kernel.

The pass needs the extra `fast` (llvmlite); without it programs stay as they are. Operations may only move past others
where no guard lies between them, so what no guard needs is moved behind the last one first.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.compile.dead import references_in
from chainrule.compile.instructions import is_known
from chainrule.compile.kernels import Kernel, Number, Step, Stretch
from chainrule.engine.operations import Guard, Input, Operation, Reference, filled
from chainrule.engine.program import Program

LEAST = 1000
"""Entries times operations from which a stretch is worth the 20 ms that its compilation takes."""
MOST_STEPS, MOST_OPERANDS, MOST_OPEN = 256, 24, 4


def fused(program: Program) -> Program:
    """`program` with kernels in the places of its elementwise stretches."""
    late = _sunk(program)
    count = len(program.inputs)
    start = max((guard.before for guard in late.guards), default=count) - count
    groups = _Groups(late, start).found()
    return _rebuilt(late, start, groups) if groups else program


def _sunk(program: Program) -> Program:
    """`program` with the operations that no guard needs behind the last guard."""
    if not program.guards:
        return program
    count = len(program.inputs)
    needed = {guard.of.number for guard in program.guards}
    for number in range(count + len(program.operations) - 1, count - 1, -1):
        if number in needed:
            needed.update(reference.number for reference in program.operations[number - count].references())
    last = program.guards[-1].before
    early = [n for n in range(count, last) if n in needed]
    order = [*early, *(n for n in range(count, count + len(program.operations)) if n >= last or n not in needed)]
    before = [guard.before for guard in program.guards]
    places = [count + sum(1 for n in early if n < place) for place in before]
    guards = [replace(guard, before=place) for guard, place in zip(program.guards, places, strict=True)]
    return _renumbered(program, [(n, program.operations[n - count]) for n in order], guards)


def _renumbered(program: Program, operations: Sequence[tuple[int, Operation]], guards: Sequence[Guard]) -> Program:
    """A program with these operations, whose references are to the numbers beside the operations."""
    count = len(program.inputs)
    new: dict[int, Any] = {n: Reference(n) for n in range(count)}
    new.update((old, Reference(count + place)) for place, (old, _) in enumerate(operations))
    made = [
        replace(operation, args=_moved(operation.args, new), kwargs=_moved(operation.kwargs, new))
        for _, operation in operations
    ]
    asked = tuple(replace(guard, of=new[guard.of.number]) for guard in guards)
    return replace(program, operations=tuple(made), guards=asked, result=_moved(program.result, new))


def _moved(tree: Any, new: dict[int, Any]) -> Any:
    return filled(tree, new)  # type: ignore[arg-type]


class _Group:
    """Operations that become one kernel: the numbers of their results, and the groups from which it takes operands."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.steps: dict[int, Step] = {}
        self.operands: dict[Any, Any] = {}
        self.needs: set[_Group] = set()

    def reaches(self, other: _Group) -> bool:
        """Whether this group needs results of another one, if only through others."""
        seen, stack = {self}, [self]
        while stack:
            for group in stack.pop().needs:
                if group is other:
                    return True
                if group not in seen:
                    seen.add(group)
                    stack.append(group)
        return False


class _Groups:
    """Finds the groups of a program's operations from `start` on."""

    def __init__(self, program: Program, start: int) -> None:
        self.program = program
        self.count = len(program.inputs)
        self.start = start
        self.member: dict[int, _Group] = {}
        self.needs: dict[int, set[_Group]] = {}
        self.open: list[_Group] = []
        self.all: list[_Group] = []

    def found(self) -> list[_Group]:
        for number, operation in enumerate(self.program.operations[self.start :], self.count + self.start):
            step = self._step(operation)
            needs = set[_Group]().union(*(self._needs(reference.number) for reference in operation.references()))
            if step is None:
                self.needs[number] = needs
                continue
            group = self._group(operation, needs)
            self._join(group, number, operation, step)
        return [group for group in self.all if self._is_worth_it(group)]

    def _needs(self, number: int) -> set[_Group]:
        return {self.member[number]} if number in self.member else self.needs.get(number, set())

    def _group(self, operation: Operation, needs: set[_Group]) -> _Group:
        """An open group that an operation can join: it has the same shape, and no operand from elsewhere needs it."""
        for group in reversed(self.open):
            if group.shape != operation.shape or len(group.steps) >= MOST_STEPS:
                continue
            outside = set[_Group]().union(
                *(self._needs(r.number) for r in operation.references() if self.member.get(r.number) is not group)
            )
            crowded = len(group.operands) + len(operation.args) > MOST_OPERANDS
            if not crowded and not any(other is group or other.reaches(group) for other in outside):
                return group
        assert operation.shape is not None
        group = _Group(operation.shape)
        self.all.append(group)
        self.open = [*self.open, group][-MOST_OPEN:]
        return group

    def _join(self, group: _Group, number: int, operation: Operation, step: Step) -> None:
        group.steps[number] = step
        for operand in step.operands:
            if type(operand) is Reference and self.member.get(operand.number) is not group:
                group.operands[operand.number] = operand
                group.needs |= self._needs(operand.number)
            elif isinstance(operand, np.ndarray):
                group.operands[id(operand)] = operand
        self.member[number] = group

    def _step(self, operation: Operation) -> Step | None:
        """An operation as a step whose operands are references, arrays and numbers; None if there is none."""
        function, args = operation.function, operation.args
        if not operation.shape or operation.kwargs or operation.number or operation.dtype is None:
            return None
        if not (isinstance(function, np.ufunc) or (function is np.where and len(args) == 3)):
            return None
        kinds = [self._kind(argument) for argument in args]
        made = operation.dtype.char
        if any(kind is None for kind in kinds) or made not in "df?":
            return None
        if function is np.where:
            letter: Any = made if kinds[0] == np.dtype(bool) else None
        else:
            letter = _loop(function, tuple(kinds), made)
        if letter is None or not is_known(function, letter):
            return None
        operands = [_plain(argument, letter) for argument in args]
        if function is np.where:
            operands[0] = args[0]
        if any(isinstance(a, np.ndarray) and a.dtype.char not in "df?" for a in operands):
            return None
        return Step(function, tuple(operands), letter, made)

    def _kind(self, argument: Any) -> Any:
        """The dtype of an operand, or Python's type of a number; None for anything else."""
        if type(argument) is Reference:
            given: Any = self._given(argument.number)
            return given.dtype if given.dtype is not None and given.dtype.char in "df?" else None
        if isinstance(argument, np.ndarray | np.generic):
            return argument.dtype if argument.dtype.kind in "biuf" and argument.dtype.itemsize <= 8 else None
        return type(argument) if type(argument) in (int, float) else np.dtype(bool) if type(argument) is bool else None

    def _given(self, number: int) -> Input | Operation:
        return self.program.inputs[number] if number < self.count else self.program.operations[number - self.count]

    def _is_worth_it(self, group: _Group) -> bool:
        shapes = [self._shape(operand) for operand in group.operands.values()]
        whole = bool(shapes) and np.broadcast_shapes(*shapes) == group.shape
        return whole and len(group.steps) > 1 and math.prod(group.shape) * len(group.steps) >= LEAST

    def _shape(self, operand: Any) -> Any:
        return self._given(operand.number).shape if type(operand) is Reference else operand.shape


@functools.lru_cache(maxsize=1024)
def _loop(function: Any, kinds: tuple[Any, ...], made: str) -> str | None:
    """The letter of the dtype in which a ufunc computes; None where operands differ, or the result is not `made`."""
    try:
        *given, result = function.resolve_dtypes((*kinds, None))
    except (TypeError, ValueError):
        return None
    letters = {dtype.char for dtype in given}
    return letters.pop() if len(letters) == 1 and result.char == made else None


def _plain(argument: Any, letter: str) -> Any:
    """A constant as a number, if all its entries are one; arrays in a dtype that kernels take."""
    if isinstance(argument, np.generic):
        return argument.item()
    if not isinstance(argument, np.ndarray):
        return argument
    if argument.size and not any(argument.strides):
        return argument.flat[0].item()
    return argument if argument.dtype.char in "df?" else argument.astype(letter)


# ---------------------------------------------------------------------- the new program


def _rebuilt(program: Program, start: int, groups: Sequence[_Group]) -> Program:
    """The program in which each group is one operation, followed by those that take its results apart."""
    count = len(program.inputs)
    member = {number: group for group in groups for number in group.steps}
    sums = _sums(program, member, start + count)
    users: dict[int, set[Any]] = {}
    for number, operation in enumerate(program.operations, count):
        for reference in operation.references():
            if number not in sums:
                users.setdefault(reference.number, set()).add(member.get(number))
    for reference in references_in(program.result):
        users.setdefault(reference.number, set()).add(None)
    made: list[tuple[int, Operation]] = []
    done: set[Any] = set(range(count))
    fresh = count + len(program.operations)
    for number in range(count, count + len(program.operations)):
        stack: list[Any] = [number]
        while stack:
            at = stack[-1]
            unit: Any = member.get(sums.get(at, at), at)
            if at in done or unit in done:
                stack.pop()
                continue
            if type(unit) is _Group:
                wanted = [r.number for r in unit.operands.values() if type(r) is Reference]
            else:
                wanted = [r.number for r in program.operations[at - count].references()]
            missing = [n for n in wanted if n not in done and member.get(sums.get(n, n), n) not in done]
            if missing:
                stack += missing
                continue
            stack.pop()
            done.add(unit)
            if type(unit) is _Group:
                results = [n for n in unit.steps if users.get(n, set()) - {unit}]
                totals = [n for n, of in sums.items() if member[of] is unit]
                made += _calls(program, unit, results, totals, sums, fresh)
                fresh += 1
            else:
                made.append((at, program.operations[at - count]))
    return _renumbered(program, made, program.guards)


def _calls(
    program: Program, group: _Group, results: list[int], totals: list[int], sums: dict[int, int], fresh: int
) -> Iterator[tuple[int, Operation]]:
    """The call of a group's kernel, and the operations that take its results apart."""
    count = len(program.inputs)

    def given(number: int) -> Any:
        return program.inputs[number] if number < count else program.operations[number - count]

    operands = list(group.operands.values())
    described = [given(a.number) if type(a) is Reference else a for a in operands]
    whole = [a.shape == group.shape for a in described]
    if totals and not all(is_whole or a.shape == () for is_whole, a in zip(whole, described, strict=True)):
        # A sum beside operands that must be broadcast: NumPy's own sum of what the kernel makes.
        yield from _calls(program, group, list(dict.fromkeys([*results, *(sums[n] for n in totals)])), [], sums, fresh)
        for total in totals:
            yield total, program.operations[total - count]
        return
    keys = [a.number if type(a) is Reference else id(a) for a in operands]
    places = {key: Number(place) for place, key in enumerate([*keys, *group.steps])}
    steps = tuple(
        step._replace(operands=tuple([_placed(operand, places) for operand in step.operands]))
        for step in group.steps.values()
    )
    stretch = Stretch(
        "".join(a.dtype.char for a in described), tuple(whole), steps,
        tuple(places[n].number for n in results), tuple(places[sums[n]].number for n in totals),
    )  # fmt: skip
    kernel = Kernel(stretch, _text(program, group, operands, [*results, *totals]))
    every = [*results, *totals]
    if len(every) == 1:
        yield every[0], replace(program.operations[every[0] - count], function=kernel, args=tuple(operands), kwargs={})
        return
    yield fresh, Operation(kernel, tuple(operands))
    for place, number in enumerate(every):
        known = program.operations[number - count]
        yield number, Operation(operator.getitem, (Reference(fresh), place), {}, known.shape, known.dtype)


def _placed(operand: Any, places: dict[Any, Number]) -> Any:
    if type(operand) is Reference:
        return places[operand.number]
    return places[id(operand)] if isinstance(operand, np.ndarray) else operand


def _text(program: Program, group: _Group, operands: Sequence[Any], results: Sequence[int]) -> str:
    """The kernel's operations as NumPy."""
    count = len(program.inputs)
    inputs = []
    for place, operand in enumerate(operands):
        if type(operand) is not Reference:
            inputs.append((-1 - place, Input(f"array_{place + 1}", operand.shape, operand.dtype, True)))
            continue
        n = operand.number
        known: Any = program.inputs[n] if n < count else program.operations[n - count]
        name = program.inputs[n].name if n < count else f"value_{n - count + 1}"
        inputs.append((n, Input(name, known.shape, known.dtype, True)))
    new: dict[Any, Any] = {id(a): Reference(k) for k, a in enumerate(operands) if type(a) is not Reference}
    new |= {old: Reference(place) for place, (old, _) in enumerate(inputs)}
    made = []
    for number in [*group.steps, *(n for n in results if n not in group.steps)]:
        operation = program.operations[number - count]
        args = group.steps[number].operands if number in group.steps else operation.args
        keys = [a.number if type(a) is Reference else id(a) for a in args]
        placed = tuple([new.get(key, a) for key, a in zip(keys, args, strict=True)])
        made.append(replace(operation, args=placed))
        new[number] = Reference(len(inputs) + len(made) - 1)
    result = tuple([new[n] for n in results])
    return Program("kernel", tuple(i for _, i in inputs), tuple(made), result[0] if len(result) == 1 else result).source


_SUMMED = (np.dtype(np.float64), np.dtype(np.float32))


def _sums(program: Program, member: dict[int, _Group], start: int) -> dict[int, int]:
    """The sums over all entries of a group's values: what each is the sum of."""
    count, found = len(program.inputs), {}
    for number in range(start, count + len(program.operations)):
        operation = program.operations[number - count]
        if operation.function not in (np.sum, np.add.reduce) or operation.shape != () or len(operation.args) != 1:
            continue
        of = operation.args[0]
        default = all(value is None and name == "axis" for name, value in operation.kwargs.items())
        inside = type(of) is Reference and of.number in member and default
        if inside and operation.dtype in _SUMMED and program.operations[of.number - count].dtype == operation.dtype:
            found[number] = of.number
    return found
