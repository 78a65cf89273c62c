"""Name the first operation that makes a NaN or an infinity.

Within :func:`debug_nans` the transforms open watches and traces that look at every value, every cotangent and every
tangent, as the watches of graphs and derivations then do. Outside of it nothing looks, so it costs nothing when it is
off.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engine.dispatch import called
from chainrule.engine.forward import Dual, Push, pushing
from chainrule.engine.location import user_line
from chainrule.engine.operations import Reference
from chainrule.engine.record import Record
from chainrule.engine.reverse import recording
from chainrule.engine.values import Tracked, plain, whole
from chainrule.engine.watch import Event, Inspector, Watch, inspecting, local_derivatives_at
from chainrule.errors import NonFiniteError
from chainrule.formula.expression import Function
from chainrule.remedies import Case, remedy
from chainrule.rules import Elementwise, Structural


@contextmanager
def debug_nans() -> Iterator[None]:
    """Within it, the first tracked operation that makes a NaN or an infinity of finite numbers raises an error.

    Every transform that is called within it is looked at, whatever the nesting: values in the forward pass, cotangents
    in the backward pass, tangents in forward mode. The error names the function, the values of its arguments, the line
    of the user's code and, for a known pattern, the cause and what to write instead. In reverse mode
    an infinite slope that np.where, np.maximum or their like leave out of the gradient does not count; a value or a
    tangent that is not finite does, also if it is left out later. Operations on plain values are NumPy's own and are
    not seen.

    It holds for the current thread or asynchronous task, and only until the `with` block ends. Raises NonFiniteError.

    >>> import numpy as np, chainrule as cr
    >>> try:
    ...     with cr.debug_nans():
    ...         cr.grad(lambda x: np.sum(np.sqrt(x)))(np.array([4.0, 0.0]))
    ... except cr.errors.NonFiniteError as error:
    ...     print(str(error)[:35], error.derivative)
    the derivative of np.sqrt is inf at True
    """
    with _opening(Watch, CheckedPush, _Inspector()):
        yield


@contextmanager
def looking_away() -> Iterator[None]:
    """Within it, debug_nans does not look: for values that a reading takes beside those that the user asked about.

    A picture samples a function over an interval, a derivation compares with differences: what is not finite there is
    no fault of the user's computation.
    """
    with _opening(Record, Push, None):
        yield


@contextmanager
def _opening(record: type[Record], push: type[Push], inspector: Inspector | None) -> Iterator[None]:
    """Within it, transforms open traces of these kinds."""
    records, pushes, inspectors = recording.set(record), pushing.set(push), inspecting.set(inspector)
    try:
        yield
    finally:
        recording.reset(records)
        pushing.reset(pushes)
        inspecting.reset(inspectors)


@dataclass(frozen=True)
class Occurrence:
    """What happened: the rule, the plain values of its operands, its value, the user's line.

    `origins` are the functions that made the operands, nearest first, as far as they are known.
    """

    rule: Elementwise | Structural
    operands: tuple[Any, ...]
    out: Any
    where: tuple[str, int] | None
    origins: tuple[Function, ...] = ()


ORIGINS_DEPTH = 4
"""How many operations back the causes of a NaN or an infinity are looked for."""


class _Inspector:
    """Looks at every value and every cotangent of a watch. Raises NonFiniteError at the first that is not finite."""

    def value(self, watch: Watch, event: Event) -> None:
        if not _finite(event.value):
            _check_value(_operation(watch, event))

    def flow(self, watch: Watch, event: Event, sent: Any) -> None:
        if sent is not None and not _finite(sent) and _finite(event.gradient):
            raise self._blamed(watch, event)

    def failed(self, watch: Watch, event: Event | None, error: Exception) -> Exception:
        """An outer transform may have seen it first, within the derivative's formula."""
        if getattr(error, "derivative", False) or event is None or _worst_slope(_operation(watch, event))[1] is None:
            return error
        return self._blamed(watch, event)

    def _blamed(self, watch: Watch, event: Event) -> NonFiniteError:
        arrived = f"the gradient that arrived is {_brief(event.gradient)}"
        return _derivative_error(_operation(watch, event), "the backward pass", arrived)


def _operation(watch: Watch, event: Event) -> Occurrence:
    """An event of a watch as an operation on plain values."""
    assert isinstance(event.rule, Elementwise | Structural)
    values = tuple(
        plain(watch.events[operand.number].value if isinstance(operand, Reference) else operand)
        for operand in event.operands
    )
    return Occurrence(event.rule, values, plain(event.value), event.where, _origins(watch, event))


def _origins(watch: Watch, event: Event) -> tuple[Function, ...]:
    """The functions that made the operands, nearest first, through at most `ORIGINS_DEPTH` operations."""
    found: list[Function] = []
    level = [event]
    for _ in range(ORIGINS_DEPTH):
        operands = [operand for one in level for operand in one.operands if isinstance(operand, Reference)]
        level = [made for operand in operands if (made := watch.events[operand.number]).rule is not None]
        found += [made.rule.function for made in level if made.rule is not None]
    return tuple(found)


class CheckedPush(Push):
    """A forward-mode trace that looks at every value and every tangent."""

    __slots__ = ()

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule` as the plain trace does. Raises NonFiniteError for a value or tangent that is not finite."""
        operands = _operands(rule, args)
        moving = [a.mark[0] for a in operands if isinstance(a, Tracked) and a.transform is self]

        def done(out: Any) -> Occurrence:
            return Occurrence(rule, tuple(map(plain, operands)), plain(out), user_line())

        def blamed(operation: Occurrence) -> NonFiniteError:
            tangents = ", ".join(map(_brief, moving))
            return _derivative_error(operation, "forward mode", f"the tangent that arrived is {tangents}")

        with np.errstate(all="ignore"):
            try:
                made = super().process(rule, args, kwargs)
            except NonFiniteError as error:  # an outer transform saw it first, within the derivative's formula
                if error.derivative or not isinstance(rule, Elementwise):
                    raise
                operation = done(rule.function(*map(plain, operands), **kwargs))
                if not _finite(operation.out) or _worst_slope(operation)[1] is None:
                    raise
                raise blamed(operation) from None
        if isinstance(made, Dual) and made.transform is self:
            operation = done(made.value)
            _check_value(operation)
            if not _finite(made.mark[0]) and _finite(made.value) and all(map(_finite, moving)):
                raise blamed(operation)
        return made


def _operands(rule: Elementwise | Structural, args: Any) -> Sequence[Any]:
    if isinstance(rule, Elementwise):
        return args  # type: ignore[no-any-return]
    return args[0] if rule.operands == -1 else args[: rule.operands]  # type: ignore[no-any-return]


def _finite(value: Any) -> bool:
    """Whether every number in `value` is finite; what is not made of real or complex numbers counts as finite."""
    value = np.asarray(plain(value))
    return value.dtype.kind not in "fc" or bool(np.isfinite(value).all())


def _check_value(operation: Occurrence) -> None:
    """Raise NonFiniteError if a value that is not finite was made of finite ones."""
    if _finite(operation.out) or not all(map(_finite, operation.operands)):
        return
    entry = _first(~np.isfinite(operation.out))
    case, arguments = _case(operation, entry, derivative=False)
    raise NonFiniteError(
        f"{called(operation.rule.function)} made {case.out}{_at(operation)} in the forward pass, from {arguments}."
        + _advice(operation, case)
    )


def _derivative_error(operation: Occurrence, where: str, arrived: str) -> NonFiniteError:
    """The error for an operation whose value is finite and whose derivative is not."""
    slope, entry = _worst_slope(operation)
    case, arguments = _case(operation, entry, derivative=True)
    return NonFiniteError(
        f"the derivative of {called(operation.rule.function)} is {slope}{_at(operation)} in {where}, "
        f"at {arguments}; {arrived}." + _advice(operation, case),
        derivative=True,
    )


def _worst_slope(operation: Occurrence) -> tuple[str, tuple[int, ...] | None]:
    """The first partial derivative that is not finite, and its entry; of a rule on whole arrays these are unknown."""
    rule, shape = operation.rule, np.shape(operation.out)
    if isinstance(rule, Elementwise):
        with np.errstate(all="ignore"):
            partials = local_derivatives_at(rule, operation.operands, operation.out)
        for slopes in map(np.asarray, [partial for partial in partials if partial is not None]):
            if not np.isfinite(slopes).all():
                entry = _first(~np.isfinite(whole(slopes, shape)))
                return str(whole(slopes, shape)[entry]), entry
    return "not finite", None


def _first(bad: Any) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(bad)[0])


def _case(operation: Occurrence, entry: tuple[int, ...] | None, *, derivative: bool) -> tuple[Case, str]:
    """What is known of the operation at `entry`, and its arguments there in words."""
    function = operation.rule.function
    shape = np.shape(operation.out)
    out = operation.out[entry] if entry is not None and shape else np.ravel(operation.out)[0]
    if isinstance(operation.rule, Elementwise) and entry is not None:
        values = [np.broadcast_to(operand, shape)[entry] for operand in operation.operands]
        words = ", ".join(f"{name} = {value}" for name, value in zip(operation.rule.arguments, values, strict=True))
        if shape:
            place = entry[0] if len(entry) == 1 else entry
            words += f" (entry {place} of shape {shape})"
        x, y = [*values, None][:2]
        return Case(function, x, y, out, derivative, operation.origins), words
    words = ", ".join(map(_brief, operation.operands))
    x = 0.0 if all(not np.any(operand) for operand in operation.operands) else 1.0
    return Case(function, x, None, out, derivative, operation.origins), words


def _brief(value: Any) -> str:
    """A value in a few words: a number as it is, an array by its shape and range."""
    value = np.asarray(plain(value))
    if value.size == 1:
        return str(value.ravel()[0])
    if value.dtype.kind == "f" and value.size:
        return f"an array of shape {value.shape} with entries from {value.min():.4g} to {value.max():.4g}"
    return f"an array of shape {value.shape}"


def _at(operation: Occurrence) -> str:
    if operation.where is None:
        return ""
    return f" at {os.path.basename(operation.where[0])}:{operation.where[1]}"


def _advice(operation: Occurrence, case: Case) -> str:
    line = "" if operation.where is None else linecache.getline(*operation.where).strip()
    cause, instead = remedy(case)
    return (f"\n    {line}" if line else "") + f"\nCause: {cause}.\n{instead}"
