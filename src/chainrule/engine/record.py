"""Record the operations of a function for reverse mode.

The record is a list. Entry k belongs to the k-th variable made and says how its cotangent reaches its parents:

    (pull, parents, kept, rule)        pull(g, *kept) -> one cotangent for each parent

:mod:`chainrule.engine.walk` walks it backwards. A single parent may stand without a tuple; `pull` then returns its
cotangent alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from chainrule.engine.assignment import note_view, shares_memory
from chainrule.engine.dispatch import failed
from chainrule.engine.holding import LARGE, NOTE, Holds
from chainrule.engine.pieces import COSTLY, computed
from chainrule.engine.trace import Trace, escaped
from chainrule.engine.values import (
    POSITION,
    Tracked,
    as_input,
    complex_among,
    inexact,
    is_array,
    known,
    mapped,
    refuse_foreign,
    rule_operand,
    snapshot,
    undisturbed,
)
from chainrule.engine.variable import SLOTS, ArrayVariable, Variable
from chainrule.engine.walk import (
    all_asked,
    careful_walk,
    float64,
    has_nan,
    pull_fitted,
    pull_structural,
    walk_arrays,
    walk_numbers,
)
from chainrule.rules import Elementwise, Rule, Structural, find
from chainrule.rules.function import is_lazy
from chainrule.rules.lazy import lazy_form, shape_of


class Recorded(Variable):
    """A number whose `mark` is its place in the record."""

    __slots__ = SLOTS
    transform: Record
    mark: int


class RecordedArray(Recorded, ArrayVariable):
    """An array whose `mark` is its place in the record."""

    __slots__ = ()


class Record(Trace):
    """The operations of one reverse-mode transform, in order. The first `inputs` entries are its inputs.

    `number` and `array` are the classes of its variables. A record that is walked only `once`, before the transform
    returns, says so: then the walk may use its memory up, and large arrays are held instead of copied.
    """

    __slots__ = ("arrays", "entries", "holds", "inputs", "nested", "once", "selections")
    number: ClassVar[type[Recorded]] = Recorded
    array: ClassVar[type[Recorded]] = RecordedArray

    def __init__(self) -> None:
        super().__init__()
        self.entries: Any = []
        self.inputs = 0
        self.arrays = False  # whether any operation was on arrays
        self.selections = False  # whether any entry was selected: then idle entries must be told from zeros
        self.nested = False  # whether any value is tracked by an outer transform, or lazy
        self.once = False
        self.holds: Holds | None = None

    def input(self, value: Any) -> Recorded:
        """A new input variable."""
        self.entries.append(_INPUT)
        self.inputs += 1
        return self.variable(value, self.inputs - 1)

    def constant(self, value: Any) -> Recorded:
        """A variable that depends on no input."""
        self.entries.append(_CONSTANT)
        return self.variable(value, len(self.entries) - 1)

    def variable(self, value: Any, mark: int) -> Recorded:
        """The variable with this value and this place in the record."""
        if type(value) is float64:
            return self.number(value, self, mark)
        return (self.array if value.shape or is_array(value) else self.number)(value, self, mark)

    def note(self, out: Any, pull: Any, parents: Any, kept: Any, rule: Rule) -> Recorded:
        """Enter an operation, and return its result as a variable.

        Every entry is made here, but those of :mod:`chainrule.engine.shortcuts`, which saves the call.
        """
        entries = self.entries
        mark = len(entries)
        entries.append((pull, parents, kept, rule))
        return self.number(out, self, mark) if type(out) is float64 else self.variable(out, mark)

    def keep(self, value: Any) -> Any:
        """A captured value as the walk needs it: the caller may write to the original in the meantime."""
        if self.once and type(value) is np.ndarray and value.nbytes >= LARGE:
            held = self.hold(value)
            if held is not None:
                return held
        return snapshot(value)

    def ready(self, value: Any, name: str = "") -> Any:
        """An argument, or a part of one, made ready to be an input: held if it is a large array; see `as_input`."""
        if type(value) is np.ndarray and value.nbytes >= LARGE and value.dtype.kind in "fc":
            held = self.hold(value, writable=True)
            if held is not None:
                return held
        return as_input(value, name)

    def hold(self, array: Any, writable: bool = False) -> Any:
        """A view of a large array that no one can write to until :meth:`give_back`; None where only a copy helps."""
        if self.holds is None:
            self.holds = Holds()
        return self.holds.hold(array, writable)

    def explain(self, error: ValueError) -> None:
        """Add to NumPy's error about a write to an array that is held why it is read-only."""
        if self.holds is not None and "read-only" in str(error):
            error.add_note(NOTE)

    def give_back(self) -> None:
        """Let large arrays be written to again: the transform returns."""
        if self.holds is not None:
            self.holds.give_back()

    @property
    def ended(self) -> bool:
        """Whether the transform has returned."""
        return self.entries is _ENDED

    def end(self) -> Any:
        """Stop recording and return the entries; variables that are still used afterwards raise TrackingError."""
        entries, self.entries = self.entries, _ENDED
        return entries

    def pull_back(self, entries: list[Any], seeds: Sequence[tuple[int, Any]]) -> list[Any]:
        """The cotangents of the inputs, given those of outputs by their places; None where nothing flows.

        Where some entries may not have been asked for (a selection left them out, or the seed is 0 there) and a NaN
        arrives, the walk is repeated with masks of those entries, to tell a 0·∞ that they explain (0) from one that
        nothing explains (NaN). Without a NaN the two walks are the same, so the common case pays nothing for it. Under
        an outer transform, and of lazy arrays, the masks are always there: a NaN would come too late to ask for them.
        """
        if self.holds is not None:
            self.holds.check()
        if not self.arrays:
            return undisturbed(walk_numbers, entries, seeds, self.inputs)  # type: ignore[no-any-return]
        masked = self.selections or not all_asked(seeds)
        with np.errstate(all="ignore"):
            if masked and self.nested:
                return careful_walk(entries, seeds, self.inputs)
            cotangents = walk_arrays(entries, seeds, self.inputs, self.once and not masked)
            if masked and any(c is not None and has_nan(c) for c in cotangents):
                cotangents = careful_walk(entries, seeds, self.inputs)
        return cotangents

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule`; the result is a variable, or a plain value where it is not made of real or complex numbers."""
        if type(rule) is Elementwise:
            return self._elementwise(rule, args, kwargs)
        return self._structural(rule, args, kwargs)  # type: ignore[arg-type]

    def _elementwise(self, rule: Elementwise, args: Any, kwargs: Any) -> Any:
        values = []
        tracked: tuple[int, ...] = ()
        for i, a in enumerate(args):
            if isinstance(a, Tracked) and a.transform is self:
                values.append(a.value)
                if rule.partials[i] is not None:
                    tracked += (i,)
            else:
                values.append(a)
        try:
            function = rule.function
            if function in COSTLY and type(values[0]) is not float64 and not kwargs:
                out = computed(function, *values)
            else:
                out = function(*values, **kwargs)
        except ValueError as reason:
            raise failed(rule, values, reason) from reason
        try:
            shape, dtype = out.shape, out.dtype
        except AttributeError:
            if type(out) is tuple:  # np.where of a condition alone gives positions
                return out
            # a number of another library: np.float64 times a Fraction is a Python float
            return self._elementwise(rule, [a if hasattr(a, "dtype") else np.float64(a) for a in args], kwargs)
        if dtype.kind not in "fc" or not tracked:
            if dtype.kind == "O":
                refuse_foreign(out)
            return out
        if shape == () and type(out) is np.ndarray:
            out = out[()]
        scalar = type(out) is float64
        static = not scalar and type(out) is not np.ndarray and not known(out)
        pull, names = rule.kernel("pull", tracked, scalar=scalar, analytic=complex_among(out, *values), static=static)
        kept = []
        for name in names:
            if name == "out":
                kept.append(out)
            else:
                i = POSITION[name]
                operand = values[i]
                if getattr(operand, "dtype", dtype) is not dtype:
                    operand = rule_operand(rule, i, values, dtype)
                # What the record owns cannot change; what was captured can.
                kept.append(self.keep(operand) if operand is values[i] and i not in tracked else operand)
        if not scalar:
            if type(out) is not np.ndarray:
                refuse_foreign(out)
            self.arrays = True
            if rule.selects:
                self.selections = True
            if isinstance(out, Tracked) or static:
                self.nested = True
            fits: list[Any] = []
            fitting = False
            for i in tracked:
                value = values[i]
                if value.shape == shape and value.dtype == dtype:
                    fits.append(None)
                else:
                    fits.append((value.shape, value.dtype))
                    fitting = True
            if fitting:
                pull, kept = pull_fitted, [pull, fits, shape_of(out) if static else shape, kept]
        parents = args[tracked[0]].mark if len(tracked) == 1 else tuple([args[i].mark for i in tracked])
        return self.note(out, pull, parents, kept, rule)

    def _structural(self, rule: Structural, args: Any, kwargs: Any) -> Any:
        if rule.operands == -1:
            operands, rest = args[0], args[1:]
        else:
            operands, rest = args[: rule.operands], args[rule.operands :]
        if rest:
            rest = tuple([option if type(option) in _IMMUTABLE else _unshared(option) for option in rest])
        if kwargs:
            kwargs = _unshared(kwargs)
        values, parents, fits = [], [], []
        tracked: tuple[int, ...] = ()
        lazy = False
        for i, a in enumerate(operands):
            if isinstance(a, Tracked) and a.transform is self:
                value = a.value
                if type(value) is not np.ndarray and is_lazy(value):
                    lazy = True
                tracked += (i,)
                parents.append(a.mark)
                fits.append((value.shape, value.dtype))
                values.append(value)
            else:
                values.append(np.asarray(a) if type(a) is list or type(a) is tuple else a)
                if type(a) is not np.ndarray and is_lazy(a):
                    lazy = True
        function = lazy_form(rule.function, values) if lazy else rule.function
        try:
            if rule.factored is not None and not lazy:
                out, found = rule.value(values)
                kwargs = kwargs | found
            else:
                arguments = (values, *rest) if rule.operands == -1 else (*values, *rest)
                out = function(*arguments, **kwargs)
        except ValueError as reason:
            raise failed(rule, values, reason) from reason
        if type(out) is not float64 and (type(out) is not np.ndarray or out.dtype.kind == "O"):
            refuse_foreign(out)
        if out.dtype.kind not in "fc":
            return out
        if type(out) is np.ndarray and out.shape == () and out.base is None:
            out = out[()]  # a view stays an array: it can be written through
        self.arrays = True
        if rule.selects:
            self.selections = True
        shape = out.shape
        if isinstance(out, Tracked) or lazy:
            self.nested = True
            shape = shape_of(out)
        precise = values
        if len(tracked) < len(values):
            precise = [value if i in tracked else self._captured(value, out.dtype) for i, value in enumerate(values)]
        pullback = rule.reverse(out, precise, tracked, *rest, **kwargs)
        made = self.note(out, pull_structural, parents, (pullback, fits, shape), rule)
        if len(values) == 1 and shares_memory(out, values[0]):
            note_view(operands[0], made)
        return made

    def _captured(self, value: Any, dtype: np.dtype[Any]) -> Any:
        """An operand that was captured, in the precision of `dtype`."""
        precise = value if getattr(value, "dtype", dtype) is dtype else inexact(value, dtype)
        return self.keep(value) if precise is value else precise


_IMMUTABLE = frozenset((slice, int, str, type(None), bool))


def _unshared(option: Any) -> Any:
    """An index, a shape or another option that the caller cannot write to later."""
    return mapped(option, _unshared_item)


def _unshared_item(item: Any) -> Any:
    if isinstance(item, Tracked):
        return item.snapshot()
    return np.array(item) if isinstance(item, np.ndarray) else item


# The GNU C library gives freed memory back to the system at once, and each page of it must be fetched again when it
# is next used: at every step, for the arrays of a record die together. But it keeps twice as much as the largest block
# that the program has ever freed, if that was below 32 MiB. So such a block is allocated here and freed; as nothing is
# written to it, it takes no memory. The gradient of Rosenbrock's function of 10⁵ numbers then takes 1 ms instead of 7,
# that of 10⁶ numbers 15 ms instead of 33.
np.empty(2**22 - 2**10)

_INPUT = (None, (), (), None)
_CONSTANT = (lambda g: (), (), (), find(np.positive))


class _Ended:
    """In place of the entries of a record whose transform has returned."""

    def __len__(self) -> int:
        raise escaped()


_ENDED = _Ended()
