"""Record a computation with everything that a reader wants to see of it.

The same record as :mod:`chainrule.engine.reverse`, made by the same code; beside each operation it notes the
function, the arguments, the value and the user's line, and the backward pass what flows along every edge. Graphs,
derivations and :func:`chainrule.debug_nans` all read these events.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from chainrule.engine import masks
from chainrule.engine.location import is_users_file, user_line
from chainrule.engine.masks import WHOLE, Comparison, Mask, plain_mask
from chainrule.engine.operations import Reference
from chainrule.engine.record import Record, Recorded, RecordedArray
from chainrule.engine.values import Tracked, complex_among, mapped, plain
from chainrule.engine.walk import careful_walk
from chainrule.errors import NonFiniteError
from chainrule.formula.expression import Function
from chainrule.rules import UNKNOWN, Elementwise, Rule, Structural


@dataclass
class Event:
    """What made a variable: an input (`rule` is None) or an operation.

    `operands` are the differentiable arguments, each a reference to the variable it was or, for a constant, its value;
    `literals[i]` is what stood there where that was a number of Python's own, which takes the dtype of the others.
    `rest` and `kwargs` are the other arguments (an axis, an index). `where` is the user's line. `gradient` is None
    until the backward pass arrives; `contributions[i]` is what flowed to operand i, None where nothing did.

    What the user calls things is there where it was asked for: `name` for the value, `written` for the other arguments
    as text (`axis=0`), `captured[i]` for the array that was operand i, a constant, with its name. `of_the_call` says
    that the operation ran in no code of the user's, but in the call of chainrule itself.
    """

    mark: int
    value: Any
    rule: Rule | None = None
    operands: tuple[Reference | Any, ...] = ()
    literals: dict[int, Any] = field(default_factory=dict)
    rest: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    where: tuple[str, int] | None = None
    gradient: Any = None
    contributions: dict[int, Any] = field(default_factory=dict)
    name: str | None = None
    written: str = ""
    captured: dict[int, tuple[Any, str]] = field(default_factory=dict)
    of_the_call: bool = False

    @property
    def options(self) -> tuple[Any, ...]:
        """All other arguments than the operands, in order."""
        return (*self.rest, *self.kwargs.values())


@dataclass(frozen=True)
class Condition:
    """What Python was told of values, which its branches and loops may rest on: `x > 0`, or whether x is 0.

    `operands` are references to the variables compared, or their plain values; the truth of a single number has one
    operand and no `comparison`. Of arrays the comparison is what made one truth value, `np.any` or `np.all`, and its
    operand what was asked of the entries. `before` is how many events there were.
    """

    comparison: Function | None
    operands: tuple[Reference | Comparison | Any, ...]
    outcome: bool
    where: tuple[str, int] | None
    before: int

    @property
    def references(self) -> list[Reference]:
        """The variables that were compared, in order."""
        found, waiting = [], list(reversed(self.operands))
        while waiting:
            operand = waiting.pop()
            if isinstance(operand, Reference):
                found.append(operand)
            elif isinstance(operand, Comparison):
                waiting.extend(reversed(operand.operands))
        return found


_QUESTIONS = frozenset((
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal, np.isnan, np.isinf, np.isfinite,
))  # fmt: skip


class Watched(Recorded):
    """A number of a :class:`Watch`. Every operation takes the general path, so that nothing goes unnoted."""

    __slots__ = ()
    transform: Watch

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        answer = super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        if ufunc in _QUESTIONS and method == "__call__":  # how NumPy's own numbers compare themselves
            return self.transform.note_condition(ufunc, inputs, answer)
        return answer

    def __array_function__(self, function: Function, types: Iterable[type], args: Any, kwargs: Any) -> Any:
        answer = super().__array_function__(function, types, args, kwargs)
        if function in WHOLE:
            return self.transform.note_condition(function, args, answer)
        return answer

    def __bool__(self) -> bool:
        answer = super().__bool__()
        self.transform.note_condition(None, (self,), answer)
        return answer

    def __lt__(self, other: Any) -> Any:
        return self.transform.note_condition(np.less, (self, other), super().__lt__(other))

    def __le__(self, other: Any) -> Any:
        return self.transform.note_condition(np.less_equal, (self, other), super().__le__(other))

    def __gt__(self, other: Any) -> Any:
        return self.transform.note_condition(np.greater, (self, other), super().__gt__(other))

    def __ge__(self, other: Any) -> Any:
        return self.transform.note_condition(np.greater_equal, (self, other), super().__ge__(other))

    def __eq__(self, other: Any) -> Any:
        return self.transform.note_condition(np.equal, (self, other), super().__eq__(other))

    def __ne__(self, other: Any) -> Any:
        return self.transform.note_condition(np.not_equal, (self, other), super().__ne__(other))

    __hash__ = None  # type: ignore[assignment]


class WatchedArray(Watched, RecordedArray):
    """An array of a :class:`Watch`."""

    __slots__ = ()

    def any(self, *args: Any, **options: Any) -> Any:
        """See np.any."""
        return self.transform.note_condition(np.any, (self,), super().any(*args, **options))

    def all(self, *args: Any, **options: Any) -> Any:
        """See np.all."""
        return self.transform.note_condition(np.all, (self,), super().all(*args, **options))


_LITERALS = frozenset((bool, int, float, complex))


class Inspector(Protocol):
    """What looks at a watch while it is made, and may raise an error at the first thing that is wrong."""

    def value(self, watch: Watch, event: Event) -> None:
        """An operation was noted."""

    def flow(self, watch: Watch, event: Event, sent: Any) -> None:
        """`sent` flows back from an operation, whose own gradient has arrived, to one of its operands."""

    def failed(self, watch: Watch, event: Event | None, error: Exception) -> Exception:
        """The error to raise for one that came up while the gradient of `event` flowed back."""


inspecting: ContextVar[Inspector | None] = ContextVar("inspecting", default=None)
"""What inspects every watch that is opened: :func:`chainrule.debug_nans` puts its inspector here."""


class Watch(Record):
    """A record with events; `events[k]` belongs to the variable with mark k. `conditions` came up between them."""

    __slots__ = ("conditions", "events", "inspector")
    number = Watched
    array = WatchedArray

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.conditions: list[Condition] = []
        self.inspector = inspecting.get()

    def input(self, value: Any) -> Recorded:
        """A new input variable."""
        made = super().input(value)
        self.events.append(Event(made.mark, value))
        return made

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule` as the plain record does, and note it."""
        for value in args:
            if type(value) in _MAY_HAVE_MASKS:
                args = mapped(tuple(args), plain_mask)
                break
        if kwargs:
            kwargs = mapped(kwargs, plain_mask)
        if self.inspector is None:
            made = super().process(rule, args, kwargs)
        else:
            with np.errstate(all="ignore"):  # the inspector says more than NumPy's warnings
                made = super().process(rule, args, kwargs)
        if not (isinstance(made, Recorded) and made.transform is self):
            return made
        if isinstance(rule, Structural):
            operands = args[0] if rule.operands == -1 else args[: rule.operands]
            rest = tuple(args[1:] if rule.operands == -1 else args[rule.operands :])
        else:
            operands, rest, kwargs = args, (), {}
        seen: list[Any] = []
        literals: dict[int, Any] = {}
        for i, a in enumerate(operands):
            if isinstance(a, Tracked) and a.transform is self:
                seen.append(Reference(a.mark))
            else:
                seen.append(a if type(a) is np.float64 else np.array(plain(a))[()])
                if type(a) in _LITERALS:
                    literals[i] = a
        event = Event(made.mark, made.value, rule, tuple(seen), literals, rest, kwargs, user_line())
        self.events.append(event)
        if self.inspector is not None:
            self.inspector.value(self, event)
        return made

    def note_condition(self, comparison: Function | None, operands: Sequence[Any], answer: Any) -> Any:
        """Note a comparison (None: a truth test) in the user's code if its answer, which is returned, is one bool.

        The answers for the entries of an array come back as a mask, which knows what was asked.
        """
        of_entries = type(answer) is np.ndarray and answer.dtype == bool and comparison in _QUESTIONS
        if (of_entries or isinstance(answer, bool | np.bool_)) and _asked_by_user():
            own = [isinstance(a, Tracked) and a.transform is self for a in operands]
            noted = tuple([Reference(a.mark) if ours else plain(a) for a, ours in zip(operands, own, strict=True)])
            if of_entries:
                assert comparison is not None
                return Mask.of(answer, Comparison(comparison, noted), self)
            self.conditions.append(Condition(comparison, noted, bool(answer), user_line(), len(self.events)))
        return answer

    def pull_back(self, entries: list[Any], seeds: Sequence[tuple[int, Any]]) -> list[Any]:
        """The gradients of the inputs; fills in `gradient` and `contributions` of every event that is reached."""
        current: Event | None = None
        tracked: list[int] = []

        def observe(mark: int, position: int | None, g: Any) -> None:
            nonlocal current, tracked
            if position is None:
                current = self.events[mark]
                current.gradient = g
                tracked = []
                partials = current.rule.partials if isinstance(current.rule, Elementwise) else None
                for i, operand in enumerate(current.operands):
                    if isinstance(operand, Reference) and (partials is None or partials[i] is not None):
                        tracked.append(i)
            else:
                assert current is not None
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
        for event, g in zip(self.events, cotangents, strict=False):
            event.gradient = g
        return cotangents


def _asked_by_user() -> bool:
    """Whether the user's code asked, not ours or NumPy's."""
    frame: Any = sys._getframe(2)
    while frame.f_code.co_filename in _ASKING:
        frame = frame.f_back
    return is_users_file(frame.f_code.co_filename)


_ASKING = frozenset((__file__, masks.__file__))
_MAY_HAVE_MASKS = frozenset((Mask, list, tuple))


def local_derivatives_at(rule: Elementwise, operands: Sequence[Any], out: Any) -> list[Any]:
    """The derivatives of `out` by each operand, as the backward pass computes them: what it makes of a 1.

    None for an argument that is not differentiated, or by which there is no formula for the derivative. Of complex
    numbers it is the factor of the gradient in chainrule's convention, ∂f/∂a − i ∂f/∂b: z̄/|z| for |z|. Run it under
    np.errstate(all="ignore").
    """
    kinds = {type(out), *map(type, operands)}
    scalar = kinds == {np.float64}
    analytic = not scalar and complex_among(out, *operands)
    named = dict(zip(rule.arguments, operands, strict=True)) | {"out": out}
    found: list[Any] = []
    for position, partial in enumerate(rule.partials):
        if partial is None or partial is UNKNOWN:
            found.append(None)
            continue
        function, kept = rule.kernel("local", (position,), scalar=scalar, analytic=analytic)
        if scalar:
            found.append(function(*[named[k] for k in kept]))
        else:
            found.append(function(*[np.asarray(named[k]) for k in kept]))
    return found
