"""Forward mode: carry a tangent along with every value.

A variable of this mode is a dual number: its `mark` is (tangent, dead). The tangent has the shape and dtype of the
value. `dead` is None, or the mask of entries that the direction does not move at all: those that no moving input
reaches, or that a selection left out. A dead entry contributes nothing, also where a partial derivative is
infinite; a tangent that merely happens to be 0 there gives the honest NaN.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

from chainrule.engine.assignment import note_view, shares_memory
from chainrule.engine.values import Tracked, complex_among, convert, plain, refuse_foreign, whole
from chainrule.engine.variable import Trace, Variable, escaped, failed
from chainrule.rules import Elementwise, Structural


class Push(Trace):
    """One forward-mode transform. `mixes` says whether an operation on whole arrays took place."""

    __slots__ = ("ended", "mixes")

    def __init__(self) -> None:
        super().__init__()
        self.mixes = False
        self.ended = False

    def end(self) -> None:
        """Stop following; variables that are still used afterwards raise TrackingError."""
        self.ended = True

    def input(self, value: Any, tangent: Any) -> Any:
        """A new input variable that moves along `tangent`; entries of it that are 0 do not move."""
        still = np.equal(plain(tangent), 0)
        if not still.any():
            return Dual(value, self, (tangent, None))
        return value if still.all() and not isinstance(tangent, Tracked) else Dual(value, self, (tangent, still))

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule`; the result is a variable, or a plain value where it is not made of real or complex numbers."""
        if self.ended:
            raise escaped()
        if type(rule) is Elementwise:
            return self._elementwise(rule, args, kwargs)
        return self._structural(rule, args, kwargs)  # type: ignore[arg-type]

    def _elementwise(self, rule: Elementwise, args: Any, kwargs: Any) -> Any:
        values, tracked = self._split(args)
        try:
            out = rule.function(*values, **kwargs)
        except ValueError as reason:
            raise failed(rule, values, reason) from reason
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
        scalar = type(out) is np.float64
        named = {"out": out, **dict(zip(("x", "y", "z", "w"), values, strict=False))}
        if not rule.selects and all(dead is None for _, dead in marks):
            push, names = rule.kernel("push", tracked, scalar=scalar, analytic=complex_among(out, *values))
            given = [tangent for tangent, _ in marks]
            kept = [named[name] for name in names]
            if scalar:
                return self._made(out, push(*given, *kept), None)
            with np.errstate(all="ignore"):
                return self._made(out, push(*given, *kept), None)
        with np.errstate(all="ignore"):
            tangent: Any = 0.0
            dead: Any = True
            for i, (moved, still) in zip(tracked, marks, strict=True):
                local, names = rule.kernel("push", (i,), scalar=False, analytic=complex_among(out, *values))
                part = local(moved, *[named[name] for name in names])
                unused = np.zeros(out.shape, bool) if still is None else np.broadcast_to(still, out.shape)
                if rule.selects:
                    weight = local(np.ones(out.shape), *[plain(named[name]) for name in names])
                    unused = unused | np.equal(weight, 0)
                tangent = tangent + np.where(unused, 0.0, part)
                dead = dead & unused
        return self._made(out, tangent, dead if np.any(dead) else None)

    def _structural(self, rule: Structural, args: Any, kwargs: Any) -> Any:
        many = rule.operands == -1
        operands, rest = (args[0], args[1:]) if many else (args[: rule.operands], args[rule.operands :])
        values, tracked = self._split(operands)
        try:
            out = rule.function(values, *rest, **kwargs) if many else rule.function(*values, *rest, **kwargs)
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
        tangents: list[Any] = [None] * len(values)
        moving: list[Any] = [None] * len(values)
        for i in tracked:
            tangents[i], dead = operands[i].mark
            moving[i] = np.ones(values[i].shape) if dead is None else np.where(dead, 0.0, 1.0)
        still = None
        resting = len(tracked) < len(values) or any(operands[i].mark[1] is not None for i in tracked)
        if rule.moves and (resting or (rule.selects and not rule.linear)):
            flowing = rule.forward(plain(out), [plain(v) for v in values], moving, *rest, **kwargs)
            still = np.equal(flowing, 0)
        made = self._made(out, rule.forward(out, values, tangents, *rest, **kwargs), still if np.any(still) else None)
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

    def _made(self, out: Any, tangent: Any, dead: Any) -> Dual:
        if type(tangent) is float:  # a kernel's literal 0.0
            tangent = np.float64(tangent)
        return Dual(out, self, (convert(whole(tangent, out.shape), out.dtype), dead))


pushing: ContextVar[type[Push]] = ContextVar("pushing", default=Push)
"""The kind of trace that forward-mode transforms open; see `recording` in :mod:`chainrule.engine.reverse`."""


class Dual(Variable):
    """A variable whose `mark` is its tangent and the mask of entries that do not move."""

    __slots__ = ()
    transform: Push
    mark: tuple[Any, Any]
