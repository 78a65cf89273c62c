"""For every function of the table and every method of arrays: the memory of the result is that of NumPy's own."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.values import plain
from chainrule.rules import Composite
from tests.rules.calls import WHOLE

base = np.random.default_rng(5).permutation(96) / 50 + 0.1
ARRAYS = {
    "a vector": base[:6],
    "a vector read backwards": base[:6][::-1],
    "rows": base[:12].reshape(3, 4),
    "columns": base[:12].reshape(4, 3).T,
    "a square": base[:9].reshape(3, 3),
    "a part": base[:48].reshape(6, 8)[::2, 1:7:2],
    "three axes": base[:24].reshape(2, 3, 4),
    "three axes turned": base[:24].reshape(2, 3, 4).transpose(2, 0, 1),
    "complex columns": (base[:6] + 1j * base[6:12]).reshape(3, 2).T,
    "one entry": base[:1].reshape(1, 1),
    "no entries": base[:0].reshape(0, 3),
    "single precision": base[:12].reshape(4, 3).T.astype(np.float32),
}

OPTIONS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    *((args, {}) for args in ((), (0,), (1,), (-1,), (2,), (0, 1), (1, 0), (0, 0), (1, 1), (-1, 0))),
    *((args, {}) for args in ((0, 0.5), (0, 0.5, 1))),
    *((args, {}) for args in (([0, 0],), ((0, 1),), ([], 0), ([0], 1), ((2, -1),), (float,))),
    *(((), {"axis": axis}) for axis in (0, -1)),
    *(((), {"order": order}) for order in "FK"),
    ((), {"axes": ()}),
    ((), {"offset": 1}),
    ((), {"copy": False}),
    ((float,), {"copy": False}),
    ((), {"keepdims": True}),
    ((), {"axis": 1, "keepdims": True}),
    ((), {"sparse": True}),
)


def calls(function: Any) -> Iterator[Any]:
    """Calls of a function with an array in several places, and other arguments that some functions take."""
    for args, kwargs in OPTIONS:
        yield lambda a, args=args, kwargs=kwargs: function(a, *args, **kwargs)
        yield lambda a, args=args, kwargs=kwargs: function([a, a], *args, **kwargs)
        yield lambda a, args=args, kwargs=kwargs: function(a, a, *args, **kwargs)
    yield lambda a: function(a, a.shape)
    yield lambda a: function(a, (2, *a.shape))
    yield lambda a: function([a])
    yield lambda a: function(a[:, None] > 1 if a.ndim == 1 else a.real > 1, a)
    yield lambda a: function([a.real > 1], [a])
    yield lambda a: function(a, [a.real > 1], [2.0, 0.5])
    yield lambda a: function("...->...", a)
    yield lambda a: function("...ij->...ji", a)
    yield lambda a: function("ii->i", a)
    yield lambda a: function(a, np.zeros(a.shape, int), -1)
    yield lambda a: function(np.sum, a, ())
    yield lambda a: function(np.sum, a, (0,))
    yield lambda a: function(lambda row: row, 0, a)
    yield lambda a: function(lambda row: row * 2.0, 1, a)


def memory(result: Any, a: Any) -> Any:
    """For each array in a result its shape, strides, whether it can be written to, and where in `a` it lies."""
    if isinstance(result, list | tuple):
        return [memory(part, a) for part in result]
    result, a = plain(result), plain(a)
    if type(result) is not np.ndarray or result.dtype.kind not in "fc" or not result.ndim:
        return None
    there, own = result.__array_interface__, a.__array_interface__
    strides = (
        tuple(s // result.itemsize for s, n in zip(result.strides, result.shape, strict=True) if n > 1)
        if result.size
        else None
    )
    shared = np.may_share_memory(result, a)
    return result.shape, strides, not there["data"][1], there["data"][0] - own["data"][0] if shared else None


def without_gaps(found: Any) -> Any:
    """What `memory` found, with the order of the axes in place of their strides."""
    if isinstance(found, list):
        return [without_gaps(part) for part in found]
    if found is None or found[1] is None:
        return found
    return found[0], sorted(range(len(found[1])), key=lambda axis: -abs(found[1][axis])), *found[2:]


def shapes(found: Any) -> Any:
    return [shapes(part) for part in found] if isinstance(found, list) else found and found[0]


def compare(call: Any, x: Any, gaps: bool = True) -> bool:
    """Compare a call on a tracked array with that on a plain one; False where NumPy refuses it or it gives no array.

    Without `gaps` only the order of the axes in memory counts, not the distances.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        a = np.asarray(x * 1.0)
        try:
            expected = memory(call(a), a)
        except Exception:
            return False
        if expected is None or expected == []:
            return False
        seen = []

        def f(x: Any) -> Any:
            y = x * 1.0
            seen.append(memory(call(y), y))
            return np.sum(np.real(y))

        for transform in (lambda: cr.vjp(f, x), lambda: cr.jvp(f, (x,), (np.ones_like(x),)))[: 1 + (x.ndim == 3)]:
            try:
                transform()
            except Exception:
                return False  # which calls work is the question of other tests
            if not seen:
                return False  # no entry moves, so nothing is tracked
            ours = seen.pop()
            if shapes(ours) != shapes(expected):
                return False
            assert ours == expected if gaps else without_gaps(ours) == without_gaps(expected)
    return True


FACTORS = {"lstsq", "qr", "eig", "eigvals", "eigh", "eigvalsh", "svd", "svdvals"}
"""Where LAPACK leaves several factors in one piece of memory, so do we, but not in the same one."""


def is_numpy_s(function: Any) -> bool:
    """Whether a function is a public one of NumPy's or of one of its modules."""
    modules = (np, np.linalg, np.fft, np.emath, np.lib.stride_tricks)
    return any(getattr(module, getattr(function, "__name__", ""), None) is function for module in modules)


@pytest.mark.parametrize("rule", [r for r in WHOLE if is_numpy_s(r.function)], ids=lambda rule: rule.name)
def test_the_result_of_every_function_lies_in_memory_as_numpy_s_own_does(rule: Any) -> None:
    if isinstance(rule, Composite) and rule.writes:
        return
    for call, (name, x) in itertools.product(calls(rule.function), ARRAYS.items()):
        try:
            compare(call, x, gaps=rule.name not in FACTORS)
        except AssertionError as different:
            raise AssertionError(f"{rule.name} of {name}: {different}") from different


METHODS = [
    name
    for name in dir(np.ndarray)
    if not name.startswith("_")
    and name
    not in (
        "tofile",
        "dump",
        "resize",
        "setflags",
        "tobytes",
        "tolist",
        "dumps",
        "byteswap",
        "view",
        "getfield",
        "setfield",
        "ctypes",
        "data",
        "to_device",
        "flat",
        "base",
    )
]


@pytest.mark.parametrize("name", METHODS)
def test_the_result_of_every_method_lies_in_memory_as_numpy_s_own_does(name: str) -> None:
    def method(a: Any, *args: Any, **kwargs: Any) -> Any:
        found = getattr(a, name)
        return found(*args, **kwargs) if callable(found) else found

    for (args, kwargs), (kind, x) in itertools.product(OPTIONS, ARRAYS.items()):
        try:
            compare(lambda a, args=args, kwargs=kwargs: method(a, *args, **kwargs), x)
        except AssertionError as different:
            raise AssertionError(f"{name} of {kind} with {args} {kwargs}") from different
