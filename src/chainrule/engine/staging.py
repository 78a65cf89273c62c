"""Make a program of a function: run it once on values that note every call.

A staged value holds a number or an array as it is here, and stands for whatever it will be when the program runs. So
every call is noted, comparisons and constant functions included, and a comparison of staged values is a staged truth
value. Where Python itself must know one (`if`, `while`, `range`), a guard notes what it was told.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.engine.arguments import Inputs, as_function, name_of
from chainrule.engine.assignment import note_view, shares_memory
from chainrule.engine.dispatch import apply
from chainrule.engine.operations import Guard, Input, Operation, Reference
from chainrule.engine.program import Program
from chainrule.engine.results import result_parts, untracked_result
from chainrule.engine.trace import Trace, escaped
from chainrule.engine.values import Tracked, is_array, mapped, refuse_foreign
from chainrule.engine.variable import SLOTS, ArrayVariable, Variable
from chainrule.formula.expression import Function
from chainrule.rules import Rule


def stage(f: Function | str, *args: Any) -> Program:
    """The program of the call `f(*args)`: what it computes, as data that can be run, printed, compared and kept.

    Inputs are all leaves of the arguments that are made of numbers, called as the function calls them. `f` may be any
    function, and any transform of one: the program of `cr.grad(f)` computes the gradient. Loops are unrolled; where the
    function asked for a value (`if x > 0`), the program has a guard, and raises
    :class:`~chainrule.errors.PathError` for values with another answer. Captured arrays are constants of the program.

    Raises what :func:`chainrule.grad` raises for arguments and results that are not made of numbers.

    >>> import numpy as np, chainrule as cr
    >>> program = cr.stage(lambda x: np.sin(x) * x, 2.0)
    >>> print(program.source)
    import numpy as np
    <BLANKLINE>
    def f(x):
        v1 = np.sin(x)
        v2 = v1 * x
        return v2
    >>> program(0.5) == np.sin(0.5) * 0.5
    np.True_
    """
    inputs = Inputs(as_function(f), ..., args)
    staging = Staging()
    given = [staging.input(value) for value in inputs.values]
    try:
        result = inputs.call(given)
    finally:
        staging.end()
    parts, rebuild = result_parts(result, inputs.function)
    made = rebuild([staging.reference(part, inputs.function) for part in parts])
    name = name_of(inputs.function)
    described = [
        Input(path, leaf.shape, leaf.dtype, leaf.array)
        for path, leaf in zip(inputs.paths(), inputs.leaves(), strict=True)
    ]
    return Program(
        name if name.isidentifier() else "f", tuple(described), tuple(staging.operations), made, tuple(staging.guards)
    )


class Staging(Trace):
    """One program in the making. The numbers of its values are those of the program."""

    __slots__ = ("_constants", "guards", "inputs", "operations")

    def __init__(self) -> None:
        super().__init__()
        self.inputs = 0
        self.operations: list[Operation] = []
        self.guards: list[Guard] = []
        self._constants: dict[int, tuple[Any, Any]] = {}  # arrays by their ids, with the copies that programs hold

    def input(self, value: Any) -> Staged:
        """A new input."""
        self.inputs += 1
        return self._variable(value, self.inputs - 1)

    def process(self, rule: Rule, args: Any, kwargs: Any) -> Any:
        """Call the rule's function and note the call."""
        return self.call(rule.function, args, kwargs)

    def call(self, function: Function, args: Any, kwargs: Any) -> Any:
        """Call `function` on the values as they are here, and note the call."""
        if self.ended:
            raise escaped()
        out = function(*self._values(args), **self._values(kwargs))
        if isinstance(out, str | bytes):
            return out
        noted_args, noted_kwargs = tuple(self._noted(tuple(args))), self._noted(dict(kwargs))
        if not isinstance(out, tuple | list):
            value, number = self._result(out)
            noted = Operation(function, noted_args, noted_kwargs, value.shape, value.dtype, number)
            return self._made(noted, value, args)
        whole = self._add(Operation(function, noted_args, noted_kwargs))
        made = [self._part(whole, i, part, args) for i, part in enumerate(out)]
        return type(out)(*made) if hasattr(out, "_fields") else type(out)(made)

    def _part(self, number: int, position: int, part: Any, args: Any) -> Any:
        """One of several results of the operation with this number."""
        if not hasattr(part, "dtype"):
            return part
        noted = Operation(operator.getitem, (Reference(number), position), {}, part.shape, part.dtype)
        return self._made(noted, part, args)

    def guard(self, question: Callable[[Any], Any], variable: Staged) -> Any:
        """The answer that Python gets to a question about a value, noted."""
        if self.ended:
            raise escaped()
        outcome = question(variable.value)
        self.guards.append(Guard(question, Reference(variable.mark), outcome, self.inputs + len(self.operations)))
        return outcome

    def reference(self, part: Any, f: Function) -> Any:
        """A part of the function's result as the program has it: a reference, or a constant."""
        if isinstance(part, Staged) and part.transform is self:
            return Reference(part.mark)
        return untracked_result(part, f)

    def _made(self, operation: Operation, out: Any, args: Any) -> Staged:
        made = self._variable(out, self._add(operation))
        for operand in args:
            if isinstance(operand, Tracked) and operand.transform is self and shares_memory(out, operand.value):
                note_view(operand, made)
                break
        return made

    def _add(self, operation: Operation) -> int:
        self.operations.append(operation)
        return self.inputs + len(self.operations) - 1

    def _variable(self, value: Any, number: int) -> Staged:
        return (StagedArray if value.shape or is_array(value) else Staged)(value, self, number)

    def _result(self, out: Any) -> tuple[Any, bool]:
        """A result as a NumPy value, and whether an array without axes was made a number."""
        if isinstance(out, Tracked):
            return out, False
        if isinstance(out, bool | int | float | complex) and not isinstance(out, np.generic):
            return np.asarray(out)[()], False  # np.allclose answers in Python's own truth values
        if type(out) is not np.ndarray or out.dtype.kind == "O":
            refuse_foreign(out)
        number = type(out) is np.ndarray and out.shape == () and out.base is None
        return (out[()] if number else out), number

    def _values(self, tree: Any) -> Any:
        """Arguments with the values of this trace's variables in their places."""
        return mapped(tree, self._value)

    def _value(self, item: Any) -> Any:
        if isinstance(item, Tracked):
            return item.value if item.transform is self else item
        return _sliced(item, self._value)

    def _noted(self, tree: Any) -> Any:
        """Arguments with references in the places of this trace's variables, and constants that nobody writes to."""
        return mapped(tree, self._noted_item)

    def _noted_item(self, item: Any) -> Any:
        if isinstance(item, Tracked):
            return Reference(item.mark) if item.transform is self else item.snapshot()
        return self._constant(item) if isinstance(item, np.ndarray) else _sliced(item, self._noted_item)

    def _constant(self, array: Any) -> Any:
        """A copy of a captured array, the same one as before if the array has not changed in the meantime."""
        original, copy = self._constants.get(id(array), (None, None))
        if original is not array or not _same(array, copy):
            copy = np.array(array, order="K")
            copy.flags.writeable = False
            self._constants[id(array)] = array, copy
        return copy


def _sliced(item: Any, change: Callable[[Any], Any]) -> Any:
    """A slice with `change` of its bounds; anything else as it is."""
    if type(item) is slice:
        return slice(change(item.start), change(item.stop), change(item.step))
    return item


def _same(one: Any, other: Any) -> bool:
    return bool(one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes())


# ---------------------------------------------------------------------- staged values


class Staged(Variable):
    """A number whose `mark` is its number in the program."""

    __slots__ = SLOTS
    staged = True
    transform: Staging
    mark: int

    def __getitem__(self, index: Any) -> Any:
        if type(index) is tuple and not index and not is_array(self):
            return self  # a number is what a number has at no index
        return super().__getitem__(index)

    def __bool__(self) -> bool:
        return bool(self.transform.guard(bool, self))

    def __int__(self) -> Any:
        return self.transform.guard(int, self)

    def __index__(self) -> Any:
        if self.dtype.kind in "biu":
            return self.transform.guard(operator.index, self)
        return super().__index__()

    def __lt__(self, other: Any) -> Any:
        return apply(np.less, (self, other), {})

    def __le__(self, other: Any) -> Any:
        return apply(np.less_equal, (self, other), {})

    def __gt__(self, other: Any) -> Any:
        return apply(np.greater, (self, other), {})

    def __ge__(self, other: Any) -> Any:
        return apply(np.greater_equal, (self, other), {})

    def __eq__(self, other: Any) -> Any:
        return apply(np.equal, (self, other), {})

    def __ne__(self, other: Any) -> Any:
        return apply(np.not_equal, (self, other), {})

    __hash__: Any = None

    def __and__(self, other: Any) -> Any:
        return apply(np.bitwise_and, (self, other), {})

    def __or__(self, other: Any) -> Any:
        return apply(np.bitwise_or, (self, other), {})

    def __xor__(self, other: Any) -> Any:
        return apply(np.bitwise_xor, (self, other), {})

    def __rand__(self, other: Any) -> Any:
        return apply(np.bitwise_and, (other, self), {})

    def __ror__(self, other: Any) -> Any:
        return apply(np.bitwise_or, (other, self), {})

    def __rxor__(self, other: Any) -> Any:
        return apply(np.bitwise_xor, (other, self), {})

    def __invert__(self) -> Any:
        return apply(np.invert, (self,), {})

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        if self.dtype.kind in "biu":  # a mask or positions, as the index of a plain array
            return self.transform.guard(np.asarray, self)
        return super().__array__(*args, **kwargs)


class StagedArray(Staged, ArrayVariable):
    """An array whose `mark` is its number in the program."""

    __slots__ = ()
