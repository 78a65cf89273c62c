"""Record a computation with everything that a reader wants to see of it.

The same record as :mod:`chainrule.engine.reverse`, made by the same code; beside each operation it notes the
function, the arguments, the value and the user's line, and the backward pass notes what flows along every edge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.engine.assignment import pass_view
from chainrule.engine.location import user_line
from chainrule.engine.reverse import Record, Recorded, careful_walk
from chainrule.engine.values import Tracked
from chainrule.engine.variable import Variable
from chainrule.rules import Elementwise, Rule, Structural


@dataclass
class Note:
    """One variable: an input (`rule` is None) or an operation.

    `operands` are the differentiable arguments, each the mark of the variable it was or, for a constant, its value;
    `options` are the other arguments (an axis, an index). `gradient` is None until the backward pass arrives;
    `contributions[i]` is what flowed to operand i, None where nothing did.
    """

    mark: int
    value: Any
    rule: Rule | None = None
    operands: tuple[Mark | Any, ...] = ()
    options: tuple[Any, ...] = ()
    where: tuple[str, int] | None = None
    gradient: Any = None
    contributions: dict[int, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """A reference to the variable with this number."""

    number: int


class Watch(Record):
    """A record with notes; `notes[k]` belongs to the variable with mark k."""

    __slots__ = ("notes",)

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[Note] = []

    def input(self, value: Any) -> Watched:
        """A new input variable."""
        made = super().input(value)
        self.notes.append(Note(made.mark, value))
        return Watched(value, self, made.mark)

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule` as the plain record does, and note it."""
        made = super().process(rule, args, kwargs)
        if not isinstance(made, Recorded):
            return made
        if isinstance(rule, Structural):
            operands = args[0] if rule.operands == -1 else args[: rule.operands]
            options = (*(args[1:] if rule.operands == -1 else args[rule.operands :]), *kwargs.values())
        else:
            operands, options = args, ()
        seen = tuple(
            Mark(a.mark) if isinstance(a, Tracked) and a.transform is self else np.array(a)[()] for a in operands
        )
        self.notes.append(Note(made.mark, made.value, rule, seen, options, user_line()))
        watched = Watched(made.value, self, made.mark)
        pass_view(made, watched)
        return watched

    def pull_back(self, entries: Sequence[Any], seeds: Sequence[tuple[int, Any]]) -> list[Any]:
        """The gradients of the inputs; fills in `gradient` and `contributions` of every note that is reached."""

        def observe(mark: int, position: int | None, g: Any) -> None:
            note = self.notes[mark]
            if position is None:
                note.gradient = g
            else:
                tracked = [i for i, operand in enumerate(note.operands) if isinstance(operand, Mark)]
                if isinstance(note.rule, Elementwise):
                    tracked = [i for i in tracked if note.rule.partials[i] is not None]
                note.contributions[tracked[position]] = g

        with np.errstate(all="ignore"):
            cotangents = careful_walk(entries, seeds, self.inputs, observe)
        for note, g in zip(self.notes, cotangents, strict=False):
            note.gradient = g
        return cotangents


class Watched(Recorded):
    """A variable of a :class:`Watch`. It takes the general path for every operation, so that nothing goes unnoted."""

    __slots__ = ()


_FAST: tuple[str, ...] = tuple(
    name
    for name, value in vars(Recorded).items()
    if callable(value) and name.startswith("__") and name in vars(Variable)
)
for _name in _FAST:
    _general: Callable[..., Any] = vars(Variable)[_name]
    setattr(Watched, _name, _general)
