"""Record a computation with everything that a reader wants to see of it.

The same record as :mod:`chainrule.engine.reverse`, made by the same code; beside each operation it notes the
function, the arguments, the value and the user's line, and the backward pass notes what flows along every edge. Graphs,
derivations and :func:`chainrule.debug_nans` all read these notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from chainrule.engine.location import user_line
from chainrule.engine.reverse import Record, Recorded, RecordedArray, careful_walk
from chainrule.engine.values import Tracked, complex_among, plain
from chainrule.errors import NonFiniteError
from chainrule.rules import Elementwise, Rule, Structural, UnknownPartialError


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


class Watched(Recorded):
    """A number of a :class:`Watch`. Every operation takes the general path, so that nothing goes unnoted."""

    __slots__ = ()


class WatchedArray(Watched, RecordedArray):
    """An array of a :class:`Watch`."""

    __slots__ = ()


class Inspector(Protocol):
    """What looks at a watch while it is made, and may raise an error at the first thing that is wrong."""

    def value(self, watch: Watch, note: Note) -> None:
        """An operation was noted."""

    def flow(self, watch: Watch, note: Note, sent: Any) -> None:
        """`sent` flows back from an operation, whose own gradient has arrived, to one of its operands."""

    def failed(self, watch: Watch, note: Note | None, error: Exception) -> Exception:
        """The error to raise for one that came up while the gradient of `note` flowed back."""


inspecting: ContextVar[Inspector | None] = ContextVar("inspecting", default=None)
"""What inspects every watch that is opened: :func:`chainrule.debug_nans` puts its inspector here."""


class Watch(Record):
    """A record with notes; `notes[k]` belongs to the variable with mark k."""

    __slots__ = ("inspector", "notes")
    number = Watched
    array = WatchedArray

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[Note] = []
        self.inspector = inspecting.get()

    def input(self, value: Any) -> Recorded:
        """A new input variable."""
        made = super().input(value)
        self.notes.append(Note(made.mark, value))
        return made

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule` as the plain record does, and note it."""
        if self.inspector is None:
            made = super().process(rule, args, kwargs)
        else:
            with np.errstate(all="ignore"):  # the inspector says more than NumPy's warnings
                made = super().process(rule, args, kwargs)
        if not (isinstance(made, Recorded) and made.transform is self):
            return made
        if isinstance(rule, Structural):
            operands = args[0] if rule.operands == -1 else args[: rule.operands]
            options = (*(args[1:] if rule.operands == -1 else args[rule.operands :]), *kwargs.values())
        else:
            operands, options = args, ()
        seen = tuple(
            Mark(a.mark) if isinstance(a, Tracked) and a.transform is self else np.array(plain(a))[()] for a in operands
        )
        note = Note(made.mark, made.value, rule, seen, options, user_line())
        self.notes.append(note)
        if self.inspector is not None:
            self.inspector.value(self, note)
        return made

    def pull_back(self, entries: list[Any], seeds: Sequence[tuple[int, Any]]) -> list[Any]:
        """The gradients of the inputs; fills in `gradient` and `contributions` of every note that is reached."""
        current: Note | None = None

        def observe(mark: int, position: int | None, g: Any) -> None:
            nonlocal current
            if position is None:
                current = self.notes[mark]
                current.gradient = g
            else:
                assert current is not None
                tracked = [i for i, operand in enumerate(current.operands) if isinstance(operand, Mark)]
                if isinstance(current.rule, Elementwise):
                    tracked = [i for i in tracked if current.rule.partials[i] is not None]
                if self.inspector is not None:
                    self.inspector.flow(self, current, g)
                current.contributions[tracked[position]] = g

        with np.errstate(all="ignore"):
            try:
                cotangents = careful_walk(entries, seeds, self.inputs, observe)
            except NonFiniteError as error:
                if self.inspector is None:
                    raise
                raise self.inspector.failed(self, current, error) from None
        for note, g in zip(self.notes, cotangents, strict=False):
            note.gradient = g
        return cotangents
def local_derivative(rule: Elementwise, position: int, operands: Sequence[Any], out: Any) -> Any:
    """The derivative of `out` by the operand at `position`, as the backward pass computes it: what it makes of a 1.

    None for an argument that is not differentiated, or by which there is no formula for the derivative. Of complex
    numbers it is the factor of the gradient in chainrule's convention, ∂f/∂a − i ∂f/∂b: z̄/|z| for |z|.
    """
    if rule.partials[position] is None:
        return None
    scalar = all(type(value) is np.float64 for value in (*operands, out))
    try:
        kernel = rule.kernel("local", (position,), scalar=scalar, analytic=complex_among(out, *operands))
    except UnknownPartialError:
        return None
    named = dict(zip(rule.arguments, operands, strict=True)) | {"out": out}
    with np.errstate(all="ignore"):
        return kernel.function(*(named[k] if scalar else np.asarray(named[k]) for k in kernel.kept))
