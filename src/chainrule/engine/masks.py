"""Arrays of truth values that know what was asked, so that a reading can say it when Python tests them.

In a plain gradient `x > 0` is a plain array. Readings see more: there it is a :class:`Mask`, which remembers the
comparison through `&`, `|` and `~`, and tells the trace when all of it becomes one truth value, by `np.any`, `np.all`
or `if`. In every other operation it is the plain array that it looks like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engine.operations import Reference
from chainrule.engine.values import mapped
from chainrule.formula.expression import Function

_JOINING: dict[np.ufunc, np.ufunc] = {
    np.logical_and: np.logical_and, np.bitwise_and: np.logical_and, np.logical_or: np.logical_or,
    np.bitwise_or: np.logical_or, np.logical_not: np.logical_not, np.invert: np.logical_not,
}  # fmt: skip
"""What makes one mask of others, and its name in logic."""

WHOLE = frozenset((np.any, np.all, np.allclose, np.array_equal, np.array_equiv))
"""Functions that make one truth value of all entries."""


@dataclass(frozen=True)
class Comparison:
    """What was asked: a function of comparisons, of references to variables, and of plain values."""

    function: Function
    operands: tuple[Comparison | Reference | Any, ...]


class Mask(np.ndarray):
    """The answers to a comparison of arrays under a `watch`. `asked` is the comparison, None where it is not known."""

    asked: Comparison | None = None
    watch: Any = None
    _then: bytes = b""

    @classmethod
    def of(cls, answers: Any, asked: Comparison, watch: Any) -> Mask:
        """The mask with these answers."""
        made: Mask = answers.view(cls)
        made.asked, made.watch, made._then = asked, watch, answers.tobytes()
        return made

    def meaning(self) -> Comparison | None:
        """What was asked, unless the answers have been written over in the meantime."""
        return self.asked if self.asked is not None and self.tobytes() == self._then else None

    def __bool__(self) -> bool:
        answer = bool(plain_mask(self))
        self._tell(self.meaning(), answer)
        return answer

    def any(self, *args: Any, **options: Any) -> Any:
        """See np.any."""
        return self._whole(np.any, args, options)

    def all(self, *args: Any, **options: Any) -> Any:
        """See np.all."""
        return self._whole(np.all, args, options)

    def _whole(self, function: Function, args: Any, options: Any) -> Any:
        answer = function(plain_mask(self), *map(plain_mask, args), **mapped(options, plain_mask))
        meaning = self.meaning()
        self._tell(None if meaning is None else Comparison(function, (meaning,)), answer)
        return answer

    def _tell(self, asked: Comparison | None, answer: Any) -> None:
        if asked is not None:
            self.watch.note_condition(asked.function, asked.operands, answer)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(not isinstance(value, np.ndarray | np.generic | bool | int | float | complex) for value in inputs):
            return NotImplemented  # a tracked value answers
        answer = getattr(ufunc, method)(*map(plain_mask, inputs), **mapped(kwargs, plain_mask))
        if method != "__call__" or kwargs or ufunc not in _JOINING or type(answer) is not np.ndarray:
            return answer
        meant = tuple([value.meaning() if isinstance(value, Mask) else value for value in inputs])
        if answer.dtype != bool or None in map(_of_masks, meant):
            return answer
        return Mask.of(answer, Comparison(_JOINING[ufunc], meant), self.watch)

    def __array_function__(self, function: Function, types: Iterable[type], args: Any, kwargs: Any) -> Any:
        if not all(issubclass(kind, np.ndarray) for kind in types):
            return NotImplemented
        if (function is np.any or function is np.all) and args and args[0] is self:
            return self._whole(function, args[1:], kwargs)
        return function(*mapped(tuple(args), plain_mask), **mapped(kwargs, plain_mask))


def plain_mask(value: Any) -> Any:
    """A mask as a plain array that shares its memory; anything else as it is."""
    return value.view(np.ndarray) if isinstance(value, Mask) else value


def _of_masks(meaning: Any) -> Any:
    """None for what has no words in a sentence: a plain array."""
    return None if isinstance(meaning, np.ndarray) and meaning.ndim else meaning
