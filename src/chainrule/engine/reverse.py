"""Reverse mode: record the operations of a function, then walk the record backwards.

The record is a list. Entry k belongs to the k-th variable made and says how its cotangent reaches its parents:

    (pull, parents, kept, rule)        pull(g, *kept) -> one cotangent for each parent

Parents stand earlier in the list, so one walk from the end visits every variable after all of its uses: no
recursion, no sorting. The walk only uses NumPy on the kept values; where those are tracked by an outer transform, the
walk itself is recorded there, which is all that higher derivatives need.

Cotangents may have any shape that broadcasts to that of their variable; the pullback of `sum` costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, ClassVar

import numpy as np

from chainrule.engine.assignment import note_view, shares_memory
from chainrule.engine.dispatch import failed
from chainrule.engine.trace import Trace, escaped
from chainrule.engine.values import (
    POSITION,
    Tracked,
    captured,
    complex_among,
    fit,
    fit_dead,
    is_array,
    known,
    plain,
    refuse_foreign,
    rule_operand,
    settled,
    snapshot,
    undisturbed,
    whole,
)
from chainrule.engine.variable import ArrayVariable, Variable
from chainrule.rules import Elementwise, Structural, find
from chainrule.rules.function import is_lazy
from chainrule.rules.lazy import lazy_form, shape_of

float64 = np.float64
Observer = Callable[[int, int | None, Any], None]


class Recorded(Variable):
    """A number whose `mark` is its place in the record."""

    __slots__ = ()
    transform: Record
    mark: int


class RecordedArray(Recorded, ArrayVariable):
    """An array whose `mark` is its place in the record."""

    __slots__ = ()


class Record(Trace):
    """The operations of one reverse-mode transform, in order. The first `inputs` entries are its inputs.

    `number` and `array` are the classes of its variables.
    """

    __slots__ = ("arrays", "entries", "inputs", "nested", "selections")
    number: ClassVar[type[Recorded]] = Recorded
    array: ClassVar[type[Recorded]] = RecordedArray

    def __init__(self) -> None:
        super().__init__()
        self.entries: Any = []
        self.inputs = 0
        self.arrays = False  # whether any operation was on arrays
        self.selections = False  # whether any entry was selected: then unused entries must be told from zeros
        self.nested = False  # whether any value is tracked by an outer transform, or lazy

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
        return (self.array if value.shape or is_array(value) else self.number)(value, self, mark)

    @property
    def ended(self) -> bool:
        """Whether the transform has returned."""
        return self.entries is _ENDED

    def end(self) -> Any:
        """Stop recording and return the entries; variables that are still used afterwards raise TrackingError."""
        entries, self.entries = self.entries, _ENDED
        return entries

    def pull_back(self, entries: Sequence[Any], seeds: Sequence[tuple[int, Any]]) -> list[Any]:
        """The cotangents of the inputs, given those of outputs by their places; None where nothing flows.

        Where some entries may not have been asked for (a selection left them out, or the seed is 0 there) and a NaN
        arrives, the walk is repeated with masks of those entries, to tell a 0·∞ that they explain (0) from one that
        nothing explains (NaN). Without a NaN the two walks are the same, so the common case pays nothing for it. Under
        an outer transform, and of lazy arrays, the masks are always there: a NaN would come too late to ask for them.
        """
        if not self.arrays:
            return undisturbed(_walk, entries, seeds, self.inputs)  # type: ignore[no-any-return]
        masked = self.selections or not _all_asked(seeds)
        with np.errstate(all="ignore"):
            if masked and self.nested:
                return careful_walk(entries, seeds, self.inputs)
            cotangents = _walk(entries, seeds, self.inputs)
            if masked and any(c is not None and _has_nan(c) for c in cotangents):
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
            out = rule.function(*values, **kwargs)
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
                kept.append(snapshot(operand) if operand is values[i] and i not in tracked else operand)
        entries = self.entries
        mark = len(entries)
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
        entries.append((pull, parents, kept, rule))
        return (self.array if shape else self.number)(out, self, mark)

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
            precise = [value if i in tracked else captured(value, out.dtype) for i, value in enumerate(values)]
        pullback = rule.reverse(out, precise, tracked, *rest, **kwargs)
        entries = self.entries
        mark = len(entries)
        entries.append((_pull_structural, parents, (pullback, fits, shape), rule))
        made = self.array(out, self, mark) if shape else self.variable(out, mark)
        if len(values) == 1 and shares_memory(out, values[0]):
            note_view(operands[0], made)
        return made


_IMMUTABLE = frozenset((slice, int, str, type(None), bool))


def _unshared(option: Any) -> Any:
    """An index, a shape or another option that the caller cannot write to later."""
    if isinstance(option, Tracked):
        return option.snapshot()
    if isinstance(option, np.ndarray):
        return np.array(option)
    kind = type(option)
    if kind is list or kind is tuple:
        return kind([_unshared(part) for part in option])
    return {name: _unshared(part) for name, part in option.items()} if kind is dict else option


recording: ContextVar[type[Record]] = ContextVar("recording", default=Record)
"""The kind of record that reverse-mode transforms open: :mod:`chainrule.debug` puts a more careful one here."""


def pull_fitted(g: Any, pull: Any, fits: Any, shape: Any, kept: Any) -> Any:
    """The pullback of an elementwise operation with broadcasting or a change of dtype."""
    cotangents = pull(whole(g, shape), *kept)
    if len(fits) == 1:
        return cotangents if cotangents is None else fit(cotangents, *fits[0])
    return [c if c is None or f is None else fit(c, *f) for c, f in zip(cotangents, fits, strict=True)]


def _pull_structural(g: Any, pullback: Any, fits: Any, shape: Any) -> Any:
    """The pullback of an operation on whole arrays. What it returns may have fewer axes than its operand."""
    cotangents = pullback(whole(g, shape))
    return [fit(c, *f) for c, f in zip(cotangents, fits, strict=True)]


# Allocating and freeing one large block raises glibc's limits for handing memory back to the system. Without it, the
# values of a record, freed together, are handed back and faulted in again at every step: 2.5 times the time of a
# training step with arrays of 0.3 MB.
np.empty(2**21)

_INPUT = (None, (), (), None)
_CONSTANT = (lambda g: (), (), (), find(np.positive))


class _Ended:
    """In place of the entries of a record whose transform has returned."""

    def __len__(self) -> int:
        raise escaped()


_ENDED = _Ended()


def _has_nan(g: Any) -> bool:
    g = plain(g)
    if type(g) is np.ndarray:
        g = g.ravel()
        g = g.dot(g)  # one pass, no temporary: NaN if any entry is
    return bool(g != g)


def _unasked(seed: Any) -> Any:
    """The mask of entries that a cotangent does not ask for: a plain 0 there. None if it asks for all."""
    if type(seed) is float64 and seed:
        return None
    if isinstance(seed, Tracked) and not seed.staged:
        return None
    return _some(np.equal(seed, 0))


def _some(mask: Any) -> Any:
    """A mask, or None where it is known that no entry is in it."""
    return mask if mask is not None and (not known(mask) or mask.any()) else None


def _as_array(value: Any) -> Any:
    return value if isinstance(value, Tracked) or is_lazy(value) else np.asarray(value)


def _all_asked(seeds: Sequence[tuple[int, Any]]) -> bool:
    seed = seeds[0][1]
    if len(seeds) == 1 and type(seed) is float64:  # the gradient of a number, by far the most common case
        return bool(seed != 0)
    return all(_unasked(seed) is None for _, seed in seeds)


def _walk(entries: Sequence[Any], seeds: Sequence[tuple[int, Any]], inputs: int) -> list[Any]:
    last = max(mark for mark, _ in seeds)
    cotangents: list[Any] = [None] * (last + 1 if last >= inputs else inputs)
    for mark, seed in seeds:
        cotangents[mark] = seed if cotangents[mark] is None else cotangents[mark] + seed
    for mark in range(last, inputs - 1, -1):
        g = cotangents[mark]
        if g is None:
            continue
        cotangents[mark] = None
        pull, parents, kept, _ = entries[mark]
        if type(parents) is int:
            c = pull(g, *kept)
            if c is not None:
                previous = cotangents[parents]
                cotangents[parents] = c if previous is None else previous + c
        else:
            for parent, c in zip(parents, pull(g, *kept), strict=True):
                if c is not None:
                    previous = cotangents[parent]
                    cotangents[parent] = c if previous is None else previous + c
    return cotangents[:inputs]


def careful_walk(
    entries: Sequence[Any], seeds: Sequence[tuple[int, Any]], inputs: int, observe: Observer | None = None
) -> list[Any]:
    """The same walk, each cotangent with a mask of its dead entries: those that nothing used. A dead entry is 0.

    `observe(mark, position, g)` is told of every variable reached, with its whole gradient (position None), and of
    every contribution that flows from it to the parent at `position`, None where nothing flows.
    """
    last = max(mark for mark, _ in seeds)
    cotangents: list[Any] = [None] * max(last + 1, inputs)
    dead: list[Any] = [None] * len(cotangents)

    def arrive(mark: int, g: Any, mask: Any) -> None:
        if cotangents[mark] is None:
            cotangents[mark], dead[mark] = g, mask
        else:
            cotangents[mark] = cotangents[mark] + g
            dead[mark] = _some(None if mask is None or dead[mark] is None else mask & dead[mark])

    for mark, seed in seeds:
        arrive(mark, seed, _unasked(seed))
    for mark in range(last, inputs - 1, -1):
        g = cotangents[mark]
        if g is None:
            continue
        if observe is not None:
            observe(mark, None, g)
        pull, parents, kept, rule = entries[mark]
        pulled = pull(g, *kept)
        if type(parents) is int:
            parents, pulled = (parents,), (pulled,)
        masks = _dead_after(rule, pull, kept, g, dead[mark], len(parents))
        for position, (parent, c, unused) in enumerate(zip(parents, pulled, masks, strict=True)):
            if c is not None and unused is not None:
                c = None if known(unused) and unused.all() else np.where(unused, 0.0, c)[()]
            if observe is not None:
                observe(mark, position, c)
            if c is not None:
                arrive(parent, c, unused)
    return cotangents[:inputs]


def _dead_after(rule: Any, pull: Any, kept: Any, g: Any, mask: Any, count: int) -> list[Any]:
    """For each parent the mask of entries that receive nothing because nothing used them. It broadcasts, as g does."""
    if mask is None and not rule.selects:
        return [None] * count
    if type(rule) is Elementwise:
        fits: Any = None
        if pull is pull_fitted:
            pull, fits, shape, kept = kept
            g = whole(plain(g), shape)
        if rule.selects:
            # What a selection passes on of a cotangent of ones is the weight of each entry.
            weights = pull(np.ones(plain(g).shape), *[settled(k) for k in kept])
            weights = weights if isinstance(weights, tuple) else (weights,)
            masks = [np.equal(0.0 if w is None else w, 0) for w in weights]
            if mask is not None:
                masks = [m | mask for m in masks]
        else:
            masks = [mask] * count
        if fits is not None:
            masks = [
                m if f is None else fit_dead(np.broadcast_to(m, shape), f[0]) for m, f in zip(masks, fits, strict=True)
            ]
        return masks
    if rule.moves:
        weight = 1.0 + 1.0j if g.dtype.kind == "c" else 1.0  # a complex entry is used in both of its parts
        used = np.full(plain(g).shape, weight) if mask is None else np.where(mask, 0.0, weight)
        pullback, fits, shape = kept
        flowing = [fit(_as_array(settled(c)), *f) for c, f in zip(pullback(whole(used, shape)), fits, strict=True)]
        return [np.broadcast_to(c, f[0]) == 0 for c, f in zip(flowing, fits, strict=True)]
    return [None] * count
