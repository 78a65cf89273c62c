"""What a function returned, as it leaves a transform: its parts, copies of its arrays, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.engine.arguments import Function, defined_at, name_of
from chainrule.engine.containers import Rebuild, flatten
from chainrule.engine.followed import Followed
from chainrule.engine.trace import Trace, escaped
from chainrule.engine.values import Tracked, plain
from chainrule.errors import NotDifferentiableError, ShapeError
from chainrule.rules.function import is_lazy


def undefined_gradients(cotangents: Sequence[Any]) -> list[Any]:
    """The gradients of a scalar that is NaN: NaN everywhere, also where a step or a selection lets nothing through."""
    return [np.float64(np.nan)] * len(cotangents)


def where_undefined(value: Any, cotangents: Sequence[Any]) -> list[Any]:
    """:func:`undefined_gradients` where the scalar `value` is NaN, for a value that Python cannot look at yet."""
    undefined = np.isnan(value)
    return [np.where(undefined, np.nan, 0.0 if g is None else g)[()] for g in cotangents]


def owned(value: Any) -> Any:
    """A copy of an array, or of what an outer transform tracks: the record goes on using its own."""
    if type(value) is np.ndarray:
        return value.copy()
    return value.snapshot() if isinstance(value, Tracked) else value


def apart(parts: Sequence[Any]) -> list[Any]:
    """Results that the caller may write to: copies of those that are views, read-only, or the same array twice."""
    results: list[Any] = []
    seen: set[int] = set()
    for part in parts:
        if type(part) is np.ndarray:
            if part.base is not None or id(part) in seen or not part.flags.writeable:
                part = part.copy()
            seen.add(id(part))
        elif isinstance(part, Tracked):
            part = part.snapshot()
        results.append(part)
    return results


def result_and_aux(out: Any, f: Function, trace: Trace) -> tuple[Any, Any]:
    """The result and what was returned beside it, as it is outside this transform: outer ones go on tracking it."""
    if not isinstance(out, tuple) or len(out) != 2:
        got = f"{len(out)} values" if isinstance(out, tuple) else "one value"
        raise TypeError(
            f"with has_aux=True the function returns (result, anything), but {name_of(f)} returned {got}"
            f"{defined_at(f)}. Leave has_aux out, or return a pair."
        )
    leaves, rebuild = flatten(out[1])
    for i, leaf in enumerate(leaves):
        if isinstance(leaf, Tracked):
            leaves[i] = outside(leaf.value if leaf.transform is trace else leaf)
    return out[0].held() if type(out[0]) is Followed else out[0], rebuild(leaves)


def outside(value: Any) -> Any:
    """A value as it leaves a transform. Raises TrackingError if the transform that tracks it has returned already."""
    if not isinstance(value, Tracked):
        return owned(value)
    if value.transform.ended:
        raise escaped()
    return value.snapshot()


def result_parts(result: Any, f: Function) -> tuple[list[Any], Rebuild]:
    """The leaves of what `f` returned, and the function that puts others back. Refuses None, which has no parts."""
    leaves, rebuild = flatten(untracked_result(result, f) if result is None else result)
    for i, leaf in enumerate(leaves):
        if type(leaf) is Followed:
            leaves[i] = leaf.held()
    return leaves, rebuild


def untracked_result(out: Any, f: Function) -> Any:
    """A result of `f` that does not depend on the arguments, as a NumPy value of the caller's own.

    Raises NotDifferentiableError, with the line of the function, for one that is not made of numbers.
    """
    if isinstance(out, Tracked):
        out = outside(out)
        if isinstance(out, Tracked):
            return out
    if is_lazy(out):
        return out if out.dtype.kind in "fc" else out.astype(np.float64)
    kind = "none" if out is None or isinstance(out, str | bytes | set | dict) else np.asarray(out).dtype.kind
    if kind not in "biufc":
        raise NotDifferentiableError(
            f"{name_of(f)} returned {type(out).__name__} ({out!r:.40}) instead of a number or an array{defined_at(f)}."
            + (" Did it forget its return statement?" if out is None else "")
        )
    dtype = np.asarray(out).dtype
    return np.array(out, dtype=dtype if dtype.kind in "fc" else np.float64)[()]


def check_scalar(value: Any, f: Function) -> None:
    """Refuse a result that has no gradient."""
    shape = np.shape(plain(value))
    if shape != ():
        raise ShapeError(
            f"grad needs a scalar result, but {name_of(f)} returned shape {shape}{defined_at(f)}.\n"
            "Use cr.jacobian, or sum the result first."
        )
    if plain(value).dtype.kind == "c":
        raise NotDifferentiableError(
            f"grad needs a real result, but {name_of(f)} returned a complex number{defined_at(f)}. "
            "Take np.real, np.imag or np.abs of it, or use cr.vjp."
        )
