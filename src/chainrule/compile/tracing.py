"""Run a function once for `jit`: its program, with every answer that Python gets about a value noted as a guard.

What `cr.stage` refuses because a value would leave the program (`float(v)`, `v.tolist()`, a write into an array of
NumPy's) is an answer here: the program is made for this value, and says so.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.engine.buffer import Buffer
from chainrule.engine.containers import Rebuild, flatten
from chainrule.engine.location import at_user_line
from chainrule.engine.operations import Input, Operation, Reference
from chainrule.engine.program import Program
from chainrule.engine.staging import Staged, StagedArray, Staging
from chainrule.engine.values import Tracked, is_array
from chainrule.rules import Elementwise, Structural, find

MOST_OPERATIONS = 50_000  # a program takes some 2 kB for each, and Python some 0.1 ms to compile it


class Unsuitable(Exception):  # noqa: N818 - a decision, not an error
    """The function is not compiled, for this reason, but called."""


class Nested(Exception):  # noqa: N818 - a decision, not an error
    """The function uses what an outer transform tracks: this call is that transform's."""


class FunctionError(Exception):
    """The function raised an error while it was recorded; called as it is, it raises its own."""


class Recording(NamedTuple):
    """A program whose result is a tuple of leaves, how they are put together, and the captured arrays it holds."""

    program: Program
    rebuild: Rebuild | None
    constants: list[tuple[Any, Any]]


def record(f: Callable[[Sequence[Any]], Any], name: str, inputs: Sequence[tuple[str, Any]], line: int = -1) -> Any:
    """The :class:`Recording` of `f`, a function of the staged inputs, which are given by their names and values.

    With a `line`, only the user's line in which the operation with this number is noted, as the end of a sentence.
    Raises Unsuitable where the function writes to an input or returns what is not made of numbers, FunctionError where
    it raises an error.
    """
    tracing = Tracing(line)
    given = [tracing.input(value) for _, value in inputs]
    try:
        with np.errstate(all="ignore"):
            out = f(given)
    except _Found as found:
        return found.args[0]
    except (Unsuitable, Nested):
        raise
    except Exception as error:
        raise FunctionError from error
    finally:
        tracing.end()
    if line >= 0:
        return ""
    for number, variable in enumerate(given):
        if variable.transform is not tracing or variable.mark != number:
            raise Unsuitable(f"the function writes into {inputs[number][0]}")
    leaves, rebuild = ([out], None) if out is None else flatten(out)
    parts = tuple([_part(leaf, tracing) for leaf in leaves])
    described = [Input(path, value.shape, value.dtype, is_array(value)) for path, value in inputs]
    operations, guards = tuple(tracing.operations), tuple(tracing.guards)
    made = Program(name, tuple(described), operations, parts, guards)
    return Recording(made, None if len(leaves) == 1 and leaves[0] is out else rebuild, list(tracing.captured()))


def _part(leaf: Any, tracing: Tracing) -> Any:
    """A leaf of the result as the program has it."""
    if isinstance(leaf, Tracked):
        if leaf.transform is not tracing:
            raise Nested
        return Reference(leaf.mark)
    if (type(leaf) is np.ndarray or type(leaf) is Buffer) and leaf.dtype.kind in "biufc":
        return np.array(leaf)
    if leaf is None or isinstance(leaf, bool | int | float | complex | str | bytes | np.generic):
        return leaf
    raise Unsuitable(f"the function returns a {type(leaf).__name__}")


class _Found(BaseException):
    """Carries the line that was looked for; nothing on the way takes it for an error."""


class Tracing(Staging):
    """A program in the making for `jit`."""

    __slots__ = ("_line",)

    def __init__(self, line: int = -1) -> None:
        super().__init__()
        self._line = line

    def _variable(self, value: Any, number: int) -> Staged:
        return (TracedArray if value.shape or is_array(value) else Traced)(value, self, number)

    def _add(self, operation: Operation) -> int:
        if len(self.operations) == self._line:
            raise _Found(at_user_line())
        if len(self.operations) >= MOST_OPERATIONS:
            raise Unsuitable(f"the function makes more than {MOST_OPERATIONS} operations")
        return super()._add(operation)

    def _made(self, operation: Operation, out: Any, args: Any) -> Staged:
        made = super()._made(operation, out, args)
        first = operation.args[0] if operation.args else None
        if operation.function is operator.getitem and type(first) is Reference and first.number >= self.inputs:
            maker = self.operations[first.number - self.inputs]
            operation = maker if maker.shape is None else operation  # one of several results
        if not _has_a_fixed_shape(operation):
            self.guard(np.shape, made)
        return made

    def _noted_item(self, item: Any) -> Any:
        if isinstance(item, Tracked) and item.transform is not self:
            raise Nested
        return super()._noted_item(item)

    def captured(self) -> Any:
        """The arrays that the program holds copies of, each with its copy."""
        return self._constants.values()


class Traced(Staged):
    """A staged number that tells its value, with a guard."""

    __slots__ = ()
    transform: Tracing

    def __float__(self) -> Any:
        return self.transform.guard(float, self)

    def __complex__(self) -> Any:
        return self.transform.guard(complex, self)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.transform.guard(np.array, self), dtype)

    def item(self, *args: Any) -> Any:
        return self.__array__().item(*args)

    def tolist(self) -> Any:
        return self.__array__().tolist()


class TracedArray(Traced, StagedArray):
    """A staged array that tells its entries, with a guard."""

    __slots__ = ()


def _has_a_fixed_shape(operation: Operation) -> bool:
    """Whether the shape of a result follows from the shapes of the operands alone, whatever their values."""
    function = operation.function
    if isinstance(function, np.ufunc) or isinstance(getattr(function, "__self__", None), np.ufunc):
        return True
    rule = find(function)
    if isinstance(rule, Elementwise):
        return len(operation.args) != 1 or function is not np.where
    if not isinstance(rule, Structural):
        return False
    first = operation.args[: max(rule.operands, 1)]
    options = Operation(function, (), {"rest": operation.args[len(first) :], **operation.kwargs})
    return next(options.references(), None) is None
