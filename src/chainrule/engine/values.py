"""Plain facts about values: fit a cotangent to its operand, strip tracking, protect an array against change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any, ClassVar

import numpy as np

from chainrule.engine.location import at_user_line
from chainrule.errors import NotDifferentiableError
from chainrule.rules.function import is_lazy
from chainrule.rules.lazy import LazyShape, spread
from chainrule.rules.memory import twin
from chainrule.rules.rule import ARGUMENT_NAMES, UNKNOWN, Elementwise


class Tracked:
    """The root of tracked values.

    `value` may itself be tracked by an outer transform; `transform` is the transform that tracks this one, and `mark`
    what that transform notes about it: a place in the record (reverse), the tangent (forward), or a number in a program
    in the making (staging). A `staged` value stands for others than the one it holds.
    """

    __slots__ = ()
    staged: ClassVar[bool] = False
    value: Any
    transform: Any
    mark: Any

    def __init__(self, value: Any, transform: Any, mark: Any) -> None:
        self.value = value
        self.transform = transform
        self.mark = mark

    def snapshot(self) -> Any:
        """The value as it is now, whatever is assigned to it later."""
        return type(self)(self.value, self.transform, self.mark)

    def held(self) -> Any:
        """What operations take in its place: itself, or of a buffer the array that it stands for."""
        return self


def plain(value: Any) -> Any:
    """`value` without tracking, at any depth of nested transforms."""
    while isinstance(value, Tracked):
        value = value.value
    return value


def settled(value: Any) -> Any:
    """`value` without derivatives: the plain value, or a staged one.

    What depends on the value and is not differentiated (a comparison, a mask, a position) is computed from this, so
    that a program computes it anew; questions about shape, dtype and memory are asked of :func:`plain`.
    """
    while isinstance(value, Tracked) and not value.staged:
        value = value.value
    return value


def known(value: Any) -> bool:
    """Whether Python may look at the entries of a value now: not at those of a staged value, nor of a lazy array."""
    value = settled(value)
    return not isinstance(value, Tracked) and isinstance(value, _KNOWN)


_KNOWN = (np.ndarray, np.generic, float, int, complex)


def mapped(tree: Any, change: Callable[[Any], Any]) -> Any:
    """`tree` with `change` of everything in its lists, tuples and dicts, Python's own numbers and None left alone."""
    kind = type(tree)
    if kind is list or kind is tuple:
        return kind([mapped(item, change) if type(item) not in _UNCHANGED else item for item in tree])
    if kind is dict:
        return {key: mapped(item, change) for key, item in tree.items()}
    return change(tree)


_UNCHANGED = frozenset((int, float, bool, NoneType))


def is_array(value: Any) -> bool:
    """Whether a value is an array, be it one without axes, and not a number."""
    return type(plain(value)) is np.ndarray


def complex_among(*values: Any) -> bool:
    """Whether one of the values is complex."""
    for value in values:
        kind = type(value)
        if kind is np.float64 or kind is float or kind is int:
            continue
        if kind is complex or (hasattr(value, "dtype") and value.dtype.kind == "c"):
            return True
    return False


def whole(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` broadcast to `shape`. Cotangents may travel in any shape that broadcasts to that of their node."""
    if g.shape == shape:
        return g
    if type(shape) is LazyShape:
        return spread(g, shape)
    if isinstance(g, Tracked) or is_lazy(g):
        broadcast: Any = np.broadcast_to
        return broadcast(g, shape)
    full = np.empty(shape, g.dtype)  # a tenth of the time of np.broadcast_to, and writable
    full[...] = g
    return full


def fit(g: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """Sum the cotangent `g` of a broadcast operand over the broadcast axes, and give it the operand's dtype.

    A cotangent with fewer axes than its operand stays so: it broadcasts.
    """
    extra = g.ndim - len(shape)
    if extra >= 0 and g.shape != shape:
        total = np.add.reduce if type(g) is np.ndarray else np.sum  # without the costs of np.sum's own dispatch
        if extra > 0:
            g = total(g, axis=tuple(range(extra)))
        if g.shape != shape:
            stretched = tuple(axis for axis, n in enumerate(shape) if n == 1 and g.shape[axis] != 1)
            if stretched:
                g = total(g, axis=stretched, keepdims=True)
    return convert(g, dtype) if g.dtype != dtype else g


def convert(g: Any, dtype: np.dtype[Any]) -> Any:
    """`g` in `dtype`; of a complex cotangent a real operand receives the real part."""
    if g.dtype.kind == "c" and dtype.kind == "f":
        g = np.real(g)
    return g if g.dtype == dtype else g.astype(dtype)


def fit_idle(idle: Any, shape: tuple[int, ...]) -> Any:
    """:func:`fit` for a mask of idle entries: a sum is idle if all of its terms are."""
    extra = idle.ndim - len(shape)
    if extra < 0:
        return idle
    if extra > 0:
        idle = np.all(idle, axis=tuple(range(extra)))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1 and idle.shape[axis] != 1)
    return np.all(idle, axis=stretched, keepdims=True) if stretched else idle


POSITION = {name: position for position, name in enumerate(ARGUMENT_NAMES)}
"""The argument that a name in a formula stands for."""


def rule_operand(rule: Elementwise, position: int, values: Sequence[Any], dtype: np.dtype[Any]) -> Any:
    """The argument at `position` as the formulas of `rule` compute with it: in the precision of the result.

    Of np.arctan2(np.uint8(3), x) NumPy takes the 3 as a float64, and so must formulas with y*y in them. An argument
    without a formula (an order, a condition) stays a whole number or a truth value.
    """
    value, partial = values[position], rule.partials[position]
    if partial is None or partial is UNKNOWN:
        kind = value.dtype.kind if hasattr(value, "dtype") else ""
        if kind and kind in ("biu" if partial is UNKNOWN else "iu"):
            return value.astype(np.int64)
        if kind != "f":
            return value
    return inexact(value, dtype)


def inexact(value: Any, dtype: np.dtype[Any]) -> Any:
    """`value` in the precision of `dtype`, real or complex as it is. Python's own numbers adapt by themselves."""
    given = getattr(value, "dtype", dtype)
    if given == dtype or given.kind == "c":
        return value
    if dtype.kind == "c":
        dtype = np.dtype(dtype.type(0).real)
    return value if given == dtype else value.astype(dtype)


def refuse_foreign(out: Any) -> None:
    """Raise NotDifferentiableError for a result of Python objects, of np.matrix or of a masked array.

    Such a result comes from a captured operand. Its derivative would be silently wrong: the rules know nothing
    of objects and masks, and `*` between matrices is the product of matrices.
    """
    if isinstance(out, Tracked):
        return
    if out.dtype.kind == "O":
        raise NotDifferentiableError(
            f"an operation of a tracked value with Python objects (dtype=object){at_user_line()} has no derivative. "
            "Convert them first, for example with np.asarray(a, float)."
        )
    if _is_foreign(out):
        raise NotDifferentiableError(
            f"an operation of a tracked value with a {type(out).__name__}{at_user_line()} has no derivative. "
            + _PLAIN_INSTEAD
        )


def _is_foreign(value: Any) -> bool:
    """Whether `value` is an array whose arithmetic differs from that of plain arrays."""
    plain_kind = type(value) is np.ndarray or isinstance(value, np.generic)
    return not plain_kind and isinstance(value, np.matrix | np.ma.MaskedArray)


_PLAIN_INSTEAD = "Make a plain array of it: np.asarray(a), of a masked array a.filled(0.0), with np.where for its mask."


def as_input(value: Any, name: str) -> Any:
    """`value` made ready to be tracked: inexact, a NumPy scalar if it has no axes, an array of our own otherwise.

    The array is a copy, so that writing to the original later cannot change what the backward pass sees. Python
    numbers and integers become float64. Raises NotDifferentiableError for anything that is not made of numbers.
    """
    kind = type(value)
    if kind is np.float64:
        return value
    if kind is np.ndarray and value.ndim and value.dtype.kind in "fc":
        return _copied(value)
    if isinstance(value, Tracked):
        value = value.snapshot()
        if isinstance(value, Tracked):
            return value.astype(np.float64) if value.dtype.kind in "iu" else value  # type: ignore[attr-defined]
    if kind is float or kind is int:
        return np.float64(value)
    if kind is complex:
        return np.complex128(value)
    if kind is not np.ndarray and not isinstance(value, np.generic) and hasattr(kind, "__array_function__"):
        if not isinstance(value, np.ndarray):
            return value
        if _is_foreign(value):
            raise NotDifferentiableError(
                f"{name} is a {kind.__name__}, whose arithmetic is not followed{at_user_line()}. {_PLAIN_INSTEAD}"
            )
        return as_input(np.asarray(value), name)
    if isinstance(value, np.ndarray | np.generic):
        value = np.asarray(value)
        code = value.dtype.kind
        if code in "fc":
            return _copied(value) if value.ndim else value[()]
        if code in "iu":
            return value.astype(np.float64)[()]
        raise NotDifferentiableError(
            f"{name} is an array of {_kind_name(value.dtype)}, which has no derivative{at_user_line()}. "
            + ("Convert it first, for example with x.astype(float)." if code in "Ob" else "Pass numbers instead.")
        )
    raise NotDifferentiableError(
        f"{name} is a {kind.__name__} ({value!r:.40}), which has no derivative{at_user_line()}. "
        "Pass a number, an array, or a container of those."
    )


def _copied(value: Any) -> Any:
    """A copy that lies in memory as the original, and is read-only if that is: so a function does the same to it."""
    flags = value.flags
    made = value.copy(order="K") if flags.c_contiguous or flags.f_contiguous else twin(value)
    if not flags.writeable:
        made.flags.writeable = False
    return made


def _kind_name(dtype: np.dtype[Any]) -> str:
    return {"O": "Python objects (dtype=object)", "b": "truth values (dtype=bool)"}.get(dtype.kind, f"dtype {dtype}")


def snapshot(value: Any) -> Any:
    """A captured value as the backward pass needs it: the caller may write to the original in the meantime."""
    if isinstance(value, Tracked):
        return value.snapshot()
    if isinstance(value, np.ndarray) and (value.flags.writeable or value.base is not None):
        return value.copy(order="K") if type(value) is np.ndarray else np.array(value, order="K")
    return np.asarray(value) if type(value) is list or type(value) is tuple else value


def undisturbed(function: Callable[..., Any], *args: Any) -> Any:
    """`function(*args)` of numbers, whatever the caller's np.errstate and warning filters say of its own operations.

    Setting np.errstate costs 1 µs, a tenth of the gradient of a small function, and numbers rarely need it: so it is
    set only if an operation has raised.
    """
    try:
        return function(*args)
    except (FloatingPointError, RuntimeWarning):
        with np.errstate(all="ignore"):
            return function(*args)


def leaving(what: str, instead: str) -> str:
    """The message for a tracked value about to leave tracking."""
    return f"{what}{at_user_line()} would lose the derivative of a tracked value. {instead}"
