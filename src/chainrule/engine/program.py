"""A computation as data: inputs, operations, a result. No values, no closures.

An operation says which function was called with which arguments; a
:class:`~chainrule.engine.operations.Reference` stands where an argument is the result of an earlier one. The program of
a call is flat: loops are unrolled, and of a branch it holds the side that was taken, with a guard that says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engine.interchange import read, written
from chainrule.engine.listing import Listing
from chainrule.engine.location import at_user_line
from chainrule.engine.operations import Guard, Input, Operation, filled
from chainrule.engine.values import Tracked, plain
from chainrule.errors import ShapeError
from chainrule.formula.data import Data
from chainrule.rules.function import is_lazy


@dataclass(frozen=True, eq=False)
class Program(Data):
    """Inputs, operations and results of a computation; made by :func:`chainrule.engine.staging.stage`.

    `result` has references, and constants, in the function's own containers. A program is called with one value for
    each input and gives the result; on tracked values it is differentiated as any function. Programs are equal where
    all that they hold is equal, and can be pickled where the functions in them can.
    """

    name: str
    inputs: tuple[Input, ...]
    operations: tuple[Operation, ...]
    result: Any
    guards: tuple[Guard, ...] = ()

    def __call__(self, *values: Any) -> Any:
        """The result for these values of the inputs.

        Raises TypeError for a wrong number of values, PathError where the function would take another path.
        """
        return filled(self.result, self.values(*values))

    def values(self, *inputs: Any) -> list[Any]:
        """The values of all numbers: of the inputs, then of the operations. Raises what calling raises."""
        if len(inputs) != len(self.inputs):
            raise TypeError(f"the program {self.name} takes {len(self.inputs)} values, but got {len(inputs)}")
        found = [_as_given(value, given) for value, given in zip(inputs, self.inputs, strict=True)]
        guards = iter(self.guards)
        guard = next(guards, None)
        for operation in self.operations:
            while guard is not None and guard.before == len(found):
                guard.check(found)
                guard = next(guards, None)
            found.append(operation.carried_out(found))
        while guard is not None:
            guard.check(found)
            guard = next(guards, None)
        return found

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return tuple(given.name for given in self.inputs)

    @property
    def source(self) -> str:
        """The program as Python source in NumPy's terms, which computes the same when it is pasted.

        Arrays of more than 24 entries are not written out: the source takes them from the dict :attr:`constants`.
        """
        return Listing(self).text

    @property
    def constants(self) -> dict[str, Any]:
        """What :attr:`source` does not write out: large arrays, and functions without a name, by their names in it."""
        return Listing(self).constants

    def to_json(self) -> str:
        """The program as JSON text, the same for equal programs; :meth:`from_json` reads it.

        Raises TypeError for a function without a name, and for containers other than dicts, lists and tuples.
        """
        return written(self.name, self.inputs, self.operations, self.guards, self.result)

    @classmethod
    def from_json(cls, text: str) -> Program:
        """The program that :meth:`to_json` wrote.

        Only functions of NumPy, SciPy, chainrule and Python's operators are looked up. Raises ValueError for others,
        and for text in another form.
        """
        return cls(**read(text))

    def __repr__(self) -> str:
        return f"<program of {self.name}({', '.join(self.variables)}), {len(self.operations)} operations>"


def _as_given(value: Any, given: Input) -> Any:
    """A value in the form of an input. Raises ShapeError for one of another shape, or of a dtype that does not fit."""
    if not isinstance(value, Tracked) and not is_lazy(value):
        value = np.asarray(value)
        if not given.array:
            value = value[()]
        if value.dtype != given.dtype and np.can_cast(value.dtype, given.dtype, "safe"):
            value = value.astype(given.dtype)
    if np.shape(plain(value)) != given.shape or value.dtype != given.dtype:
        raise ShapeError(
            f"the program takes {given.name} of shape {given.shape} and {given.dtype}, but got shape "
            f"{np.shape(plain(value))} and {value.dtype}{at_user_line()}. Make a program for these arguments."
        )
    return value
