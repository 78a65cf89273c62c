"""The operations of a program as data: references to earlier results, calls of functions, guards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.engine.containers import flatten
from chainrule.engine.values import plain, settled
from chainrule.errors import PathError
from chainrule.formula.data import Data
from chainrule.formula.expression import Function


class Reference:
    """The value with this number: inputs come first, then the operations in order."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and other.number == self.number

    def __hash__(self) -> int:
        return hash((Reference, self.number))

    def __repr__(self) -> str:
        return f"Reference({self.number})"


@dataclass(frozen=True, eq=False)
class Input(Data):
    """An argument of a program: a number or, with `array`, an array."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    array: bool = False


@dataclass(frozen=True, eq=False)
class Operation(Data):
    """A call of a function. Its arguments are references, constants, and lists, tuples and slices of such.

    `shape` and `dtype` are those of its result, None where that is a tuple of arrays. A result that is an array without
    axes is taken as a `number`.
    """

    function: Function
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    shape: tuple[int, ...] | None = None
    dtype: np.dtype[Any] | None = None
    number: bool = False

    def references(self) -> Iterator[Reference]:
        """The references among the arguments, in order."""
        return _references((self.args, self.kwargs))

    def carried_out(self, values: Sequence[Any]) -> Any:
        """The result, where `values` are those of all earlier numbers.

        Raises PathError for a result of another shape: the number of entries that a mask chooses, for instance.
        """
        args = [filled(argument, values) for argument in self.args]
        out = self.function(*args, **{name: filled(argument, values) for name, argument in self.kwargs.items()})
        if self.shape is not None and np.shape(plain(out)) != self.shape:
            raise PathError(
                f"the program was made where {getattr(self.function, '__name__', 'a function')} had a result of shape "
                f"{self.shape}, and here it has one of {np.shape(plain(out))}. Make a program for these arguments."
            )
        return out[()] if self.number else out


@dataclass(frozen=True, eq=False)
class Guard(Data):
    """What Python was told of a value: `bool(v)`, `int(v)` or an index, and the outcome that the program rests on.

    It has no number, for it has no result. Before the operation number `before` it was asked for.
    """

    question: Callable[[Any], Any]
    of: Reference
    outcome: Any
    before: int

    def check(self, values: Sequence[Any]) -> None:
        """Raise PathError where the answer is another one: then the function takes another path than the program."""
        found = self.question(settled(values[self.of.number]))
        if not np.array_equal(found, self.outcome):
            raise PathError(
                f"the program was made where a value of the function was {self.outcome}, and here it is {found}: the "
                "function takes another path. Make a program for these arguments."
            )


def filled(tree: Any, values: Sequence[Any]) -> Any:
    """`tree` with the values of its references in their places; its containers may be of any kind."""
    kind = type(tree)
    if kind is Reference:
        return values[tree.number]
    if kind in _CONSTANT:
        return tree
    if kind is tuple or kind is list:
        return kind([filled(item, values) for item in tree])
    if kind is slice:
        return slice(filled(tree.start, values), filled(tree.stop, values), filled(tree.step, values))
    leaves, rebuild = flatten(tree)
    if not any(type(leaf) is Reference for leaf in leaves):
        return tree
    return rebuild([filled(leaf, values) for leaf in leaves])


_CONSTANT = frozenset((float, int, bool, str, complex, type(None), type(...), np.ndarray, np.float64, np.dtype))


def _references(tree: Any) -> Iterator[Reference]:
    kind = type(tree)
    if kind is Reference:
        yield tree
    elif kind is tuple or kind is list:
        for item in tree:
            yield from _references(item)
    elif kind is dict:
        for item in tree.values():
            yield from _references(item)
    elif kind is slice:
        yield from _references((tree.start, tree.stop, tree.step))


def is_long(dtype: np.dtype[Any]) -> bool:
    """Whether numbers of this dtype have more digits than Python's own."""
    return dtype.kind in "fc" and dtype.itemsize > np.dtype(complex if dtype.kind == "c" else float).itemsize
