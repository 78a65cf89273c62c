"""Forward mode: carry a tangent along with every value.

A variable of this mode is a dual number: its `mark` is (tangent, idle). The tangent has the shape and dtype of the
value. `idle` is the mask of entries that the direction does not move at all: those that no moving input reaches, or
that a selection left out; None if all move, True if none does. An entry that does not move contributes nothing, also
where a partial derivative is infinite; a tangent that merely happens to be 0 there gives the honest NaN.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

from chainrule.engine.assignment import note_view, shares_memory
from chainrule.engine.dispatch import failed
from chainrule.engine.pieces import computed, in_pieces
from chainrule.engine.trace import Trace, escaped
from chainrule.engine.values import (
    POSITION,
    Tracked,
    complex_among,
    convert,
    inexact,
    is_array,
    known,
    plain,
    refuse_foreign,
    rule_operand,
    settled,
    undisturbed,
    whole,
)
from chainrule.engine.variable import SLOTS, ArrayVariable, Variable
from chainrule.rules import Elementwise, Structural
from chainrule.rules.function import is_lazy
from chainrule.rules.lazy import lazy_form


class Dual(Variable):
    """A number whose `mark` is its tangent and the mask of entries that do not move."""

    __slots__ = SLOTS
    transform: Push
    mark: tuple[Any, Any]


class DualArray(Dual, ArrayVariable):
    """An array whose `mark` is its tangent and the mask of entries that do not move."""

    __slots__ = ()


class Push(Trace):
    """One forward-mode transform. `mixes` says whether an operation on whole arrays took place."""

    __slots__ = ("mixes",)

    def __init__(self) -> None:
        super().__init__()
        self.mixes = False

    def input(self, value: Any, tangent: Any) -> Dual:
        """A new input variable that moves along `tangent`.

        Entries where a plain tangent is 0 do not move. A tangent that an outer transform tracks moves everywhere:
        where it is 0, its derivative need not be.
        """
        idle: Any = None
        if not isinstance(tangent, Tracked) or tangent.staged:
            idle = np.equal(tangent, 0)
            idle = _mask(idle) if idle.size else None
        return self.variable(value, tangent, idle)

    def constant(self, value: Any) -> Dual:
        """A variable that does not move."""
        return self.variable(value, np.zeros_like(value), True)

    def variable(self, value: Any, tangent: Any, idle: Any) -> Dual:
        """The variable with this value, this tangent and this mask of entries that do not move."""
        return (DualArray if value.shape or is_array(value) else Dual)(value, self, (tangent, idle))

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule`; the result is a variable, or a plain value where it is not made of real or complex numbers."""
        if self._ended:
            raise escaped()
        if type(rule) is Elementwise:
            return self._elementwise(rule, args, kwargs)
        return self._structural(rule, args, kwargs)  # type: ignore[arg-type]

    def _elementwise(self, rule: Elementwise, args: Any, kwargs: Any) -> Any:
        values, tracked = self._split(args)
        try:
            out = rule.function(*values, **kwargs) if kwargs else computed(rule.function, *values)
        except ValueError as reason:
            raise failed(rule, values, reason) from reason
        if type(out) is tuple:  # np.where of a condition alone gives positions
            return out
        if not hasattr(out, "dtype"):  # a number of another library: np.float64 times a Fraction is a Python float
            return self._elementwise(rule, [a if hasattr(a, "dtype") else np.float64(a) for a in args], kwargs)
        if type(out) is not np.float64 and (type(out) is not np.ndarray or out.dtype.kind == "O"):
            refuse_foreign(out)
        tracked = tuple([i for i in tracked if rule.partials[i] is not None])
        if out.dtype.kind not in "fc" or not tracked:
            return out
        if type(out) is np.ndarray and out.shape == ():
            out = out[()]
        marks = [args[i].mark for i in tracked]
        dtype = out.dtype
        scalar = type(out) is np.float64
        analytic = complex_among(out, *values)
        static = not scalar and type(out) is not np.ndarray and not known(out)

        def kept(names: tuple[str, ...]) -> list[Any]:
            given = []
            for name in names:
                value = out if name == "out" else values[POSITION[name]]
                if getattr(value, "dtype", dtype) is not dtype:
                    value = rule_operand(rule, POSITION[name], values, dtype)
                given.append(value)
            return given

        if not rule.selects and all(idle is None for _, idle in marks):
            push, names = rule.kernel("push", tracked, scalar=scalar, analytic=analytic, static=static)
            tangents = [tangent for tangent, _ in marks]
            if scalar:
                return self._made(out, undisturbed(push, *tangents, *kept(names)), None)
            with np.errstate(all="ignore"):
                return self._made(out, in_pieces(push, *tangents, *kept(names)), None)
        with np.errstate(all="ignore"):
            tangent: Any = np.float64(0.0)
            idle_in_all: Any = True
            for i, (moved, idle) in zip(tracked, marks, strict=True):
                if idle is True:
                    continue
                local, names = rule.kernel("push", (i,), scalar=False, analytic=analytic, static=static)
                given = kept(names)
                part = local(moved, *given)
                idle_here = np.zeros(out.shape, bool) if idle is None else np.broadcast_to(idle, out.shape)
                if rule.is_unused_at_zero(i):
                    idle_here = idle_here | np.equal(local(np.ones(out.shape), *map(settled, given)), 0)
                tangent = tangent + np.where(idle_here, 0.0, part)
                idle_in_all = idle_in_all & idle_here
        return self._made(out, tangent, _mask(idle_in_all))

    def _structural(self, rule: Structural, args: Any, kwargs: Any) -> Any:
        many = rule.operands == -1
        operands, rest = (args[0], args[1:]) if many else (args[: rule.operands], args[rule.operands :])
        values, tracked = self._split(operands)
        function = rule.function
        for value in values:
            if type(value) is not np.ndarray and is_lazy(value):
                function = lazy_form(function, values)
                break
        try:
            if rule.factored is not None and function is rule.function:
                out, found = rule.value(values)
                kwargs = kwargs | found
            else:
                out = function(values, *rest, **kwargs) if many else function(*values, *rest, **kwargs)
        except ValueError as reason:
            raise failed(rule, values, reason) from reason
        if type(out) is not np.float64 and (type(out) is not np.ndarray or out.dtype.kind == "O"):
            refuse_foreign(out)
        if out.dtype.kind not in "fc":
            return out
        if type(out) is np.ndarray and out.shape == () and out.base is None:
            out = out[()]  # a view stays an array: it can be written through
        if out.ndim or any(np.ndim(plain(value)) for value in values):
            self.mixes = True
        marks = {i: operands[i].mark for i in tracked}
        if all(idle is True for _, idle in marks.values()):
            made = self._made(out, np.float64(0.0), True)
        else:
            precise = [value if i in marks else inexact(value, out.dtype) for i, value in enumerate(values)]
            tangents = [marks[i][0] if i in marks else None for i in range(len(values))]
            idle = None
            some_idle = len(tracked) < len(values) or any(idle is not None for _, idle in marks.values())
            if rule.moves and (some_idle or (rule.selects and not rule.linear)):
                moving = [_weights(value, marks[i][1]) if i in marks else None for i, value in enumerate(values)]
                flowing = rule.forward(settled(out), list(map(settled, precise)), moving, *rest, **kwargs)
                idle = _mask(np.equal(flowing, 0))
            with np.errstate(all="ignore"):
                made = self._made(out, rule.forward(out, precise, tangents, *rest, **kwargs), idle)
        if len(values) == 1 and shares_memory(out, values[0]):
            note_view(operands[0], made)
        return made

    def _split(self, operands: Any) -> tuple[list[Any], tuple[int, ...]]:
        values = [
            a.value
            if isinstance(a, Tracked) and a.transform is self
            else np.asarray(a)
            if type(a) is list or type(a) is tuple
            else a
            for a in operands
        ]
        return values, tuple([i for i, a in enumerate(operands) if isinstance(a, Tracked) and a.transform is self])

    def _made(self, out: Any, tangent: Any, idle: Any) -> Dual:
        if type(tangent) is float:  # a kernel's literal 0.0
            tangent = np.float64(tangent)
        elif type(tangent) is np.ndarray and not tangent.shape and not is_array(out):
            tangent = tangent[()]
        return self.variable(out, convert(whole(tangent, out.shape), out.dtype), idle)


def _mask(idle: Any) -> Any:
    """A mask of entries that do not move, in its shortest form: None where all move, True where none does."""
    if idle is True or (type(idle) is not np.ndarray and not known(idle)):
        return idle
    if not idle.any():
        return None
    return True if idle.all() else idle


def _weights(value: Any, idle: Any) -> Any:
    """Where the entries of `value` move: 0 for those that do not. Complex entries move in both of their parts."""
    weight = 1.0 + 1.0j if value.dtype.kind == "c" else 1.0
    return np.full(value.shape, weight) if idle is None else np.where(idle, 0.0, np.full(value.shape, weight))


pushing: ContextVar[type[Push]] = ContextVar("pushing", default=Push)
"""The kind of trace that forward-mode transforms open; see `recording` in :mod:`chainrule.engine.reverse`."""
