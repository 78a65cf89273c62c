"""What every rule for a NumPy function must satisfy, as one assertion: the value is NumPy's, and so is the derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as cr


def leaves(result: Any) -> list[Any]:
    """The arrays of a result that may be a tuple or a list of them."""
    if isinstance(result, (tuple, list)):
        return [leaf for part in result for leaf in leaves(part)]
    return [result]


def assert_right(function: Callable[..., Any], *arguments: Any, order: int = 2, rtol: float = 1e-5) -> None:
    """Value, shape and dtype as in plain NumPy; derivatives of both modes as central differences say, up to `order`."""
    arguments = tuple(np.asarray(argument, dtype=np.asarray(argument).dtype) for argument in arguments)
    assert_same_value(function, *arguments)
    if any(argument.dtype.kind == "c" for argument in arguments):
        real = [argument.real.copy() for argument in arguments]
        imaginary = [argument.imag.copy() for argument in arguments]

        def of_parts(*parts: Any) -> Any:
            half = len(parts) // 2
            return function(*(a + 1j * b for a, b in zip(parts[:half], parts[half:], strict=True)))

        cr.check_grads(_parts(of_parts), (*real, *imaginary), order=order, rtol=rtol)
    else:
        cr.check_grads(_parts(function), arguments, order=order, rtol=rtol)


def assert_same_value(function: Callable[..., Any], *arguments: Any, rtol: float = 1e-12) -> None:
    """Tracked, the function gives the values, shapes and dtypes that it gives in plain NumPy."""
    expected = leaves(function(*(argument.copy() for argument in arguments)))
    seen: list[Any] = []

    def watched(*tracked: Any) -> Any:
        results = leaves(function(*tracked))
        seen.extend(cr.stop_gradient(result) if isinstance(result, cr.Variable) else result for result in results)
        return tracked[0]

    cr.vjp(watched, *arguments)
    assert len(seen) == len(expected)
    for found, wanted in zip(seen, expected, strict=True):
        assert np.shape(found) == np.shape(wanted)
        assert np.asarray(found).dtype == np.asarray(wanted).dtype
        tolerance = rtol if np.asarray(wanted).dtype.itemsize >= 8 else 1e-5
        np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


def _parts(function: Callable[..., Any]) -> Callable[..., Any]:
    """The results that can have a derivative, complex ones as their two parts."""

    def wrapped(*arguments: Any) -> list[Any]:
        parts: list[Any] = []
        for leaf in leaves(function(*arguments)):
            kind = leaf.dtype.kind if hasattr(leaf, "dtype") else "O"
            if kind == "c":
                parts += [np.real(leaf), np.imag(leaf)]
            elif kind == "f":
                parts.append(leaf)
        assert parts
        return parts

    return wrapped


def points(*shape: int, seed: int = 0, low: float = -2.0, high: float = 2.0) -> Any:
    """Fixed random points, all different."""
    return np.random.default_rng(seed).uniform(low, high, shape)


def complex_points(*shape: int, seed: int = 0) -> Any:
    """Fixed random complex points."""
    return points(*shape, seed=seed) + 1j * points(*shape, seed=seed + 100)
