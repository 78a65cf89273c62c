"""Whether a tracked call gives what plain NumPy gives: kind, shape, dtype and values, or the same kind of error."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as cr
from chainrule.errors import NoRuleError, TrackingError
from tests.rules.alike_calls import Call

Result = list[tuple[Any, ...]] | Exception


def parts(result: Any) -> list[tuple[Any, ...]]:
    """The kind of container, then each leaf's plain value."""
    if isinstance(result, (list, tuple)):
        name = type(result).__name__
        return [(name, len(result)), *(leaf for item in result for leaf in parts(item))]
    return [("leaf", cr.stop_gradient(result) if isinstance(result, cr.Variable) else result)]


def plain(call: Call) -> Result:
    """What NumPy makes of the call; an exception where it raises one."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return parts(call.function(*(np.copy(x)[()] for x in call.tracked)))
        except Exception as error:
            return error


def reverse(function: Callable[..., Any], *values: Any) -> None:
    """Call `function` with values that reverse mode tracks."""
    cr.vjp(function, *values)


def forward(function: Callable[..., Any], *values: Any) -> None:
    """Call `function` with values that forward mode tracks."""
    cr.jvp(function, values, tuple(np.ones_like(value) for value in values))


def nested(function: Callable[..., Any], *values: Any) -> None:
    """Call `function` with values that forward mode tracks inside of reverse mode."""
    reverse(lambda *tracked: (forward(function, *tracked), tracked[0])[1], *values)


MODES = {"reverse": reverse, "forward": forward, "nested": nested}


def tracked(call: Call, mode: str) -> Result:
    """What the call gives under a transform."""
    seen: list[Any] = []

    def watched(*values: Any) -> Any:
        try:
            seen.append(parts(call.function(*values)))
        except Exception as error:
            seen.append(error)
        return values[0]

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        MODES[mode](watched, *call.tracked)
    found: Result = seen[0]
    return found


def difference(expected: Result, found: Result, *, option: bool = False) -> str:
    """In what two results differ; empty where they do not. A tracked `option` may be refused for being tracked."""
    if option and isinstance(found, TrackingError):
        return ""
    if isinstance(expected, Exception) or isinstance(found, Exception):
        return _difference_of_errors(expected, found)
    if len(expected) != len(found):
        return f"{len(found)} parts instead of {len(expected)}"
    for wanted, got in zip(expected, found, strict=True):
        if wanted[0] != "leaf" or got[0] != "leaf":
            if wanted[0] != got[0] or (len(wanted) == 2 and wanted[0] != "leaf" and wanted != got):
                return f"{got} instead of {wanted}"
            continue
        said = _difference_of_leaves(wanted[1], got[1])
        if said:
            return said
    return ""


def _difference_of_errors(expected: Result, found: Result) -> str:
    if not isinstance(found, Exception):
        return f"no error where NumPy raises {type(expected).__name__}: {expected}"
    if not isinstance(expected, Exception):
        return f"{type(found).__name__}: {found}"
    if isinstance(found, (TrackingError, NoRuleError)):
        return ""  # the call is refused, for another reason
    public = [c for c in type(expected).__mro__ if c.__module__ in ("builtins", "numpy.exceptions", "numpy.linalg")]
    if not isinstance(found, public[0]):
        return f"{type(found).__name__} ({found}) instead of {type(expected).__name__} ({expected})"
    return ""


def _difference_of_leaves(wanted: Any, got: Any) -> str:
    if not isinstance(wanted, (np.ndarray, np.generic)):
        same = type(wanted) is type(got) and (wanted == got or wanted != wanted)
        return "" if same else f"{got!r} ({type(got).__name__}) instead of {wanted!r} ({type(wanted).__name__})"
    if not isinstance(got, (np.ndarray, np.generic)):
        return f"{got!r} ({type(got).__name__}) instead of {type(wanted).__name__}"
    if np.shape(wanted) != np.shape(got):
        return f"shape {np.shape(got)} instead of {np.shape(wanted)}"
    if wanted.dtype != got.dtype:
        return f"dtype {got.dtype} instead of {wanted.dtype}"
    if wanted.dtype.kind not in "fc":
        return "" if np.array_equal(wanted, got) else f"{got} instead of {wanted}"
    eps = float(np.finfo(wanted.dtype).eps)
    scale = max([1.0, *(abs(w) for w in np.ravel(wanted) if np.isfinite(w))])
    with np.errstate(all="ignore"):
        close = np.allclose(got, wanted, rtol=200 * eps, atol=float(20 * eps * scale), equal_nan=True)
    return "" if close else f"{got} instead of {wanted}"
