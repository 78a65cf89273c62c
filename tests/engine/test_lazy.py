"""Lazy arrays: derivatives of functions of Dask arrays are Dask arrays, and nothing is computed to make them."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten
from chainrule.errors import LazyError
from tests.rules.calls import CALLS, ELEMENTWISE, differentiable, smooth_points

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")

pytestmark = pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value", "ignore:overflow")


@contextmanager
def nothing_computed() -> Iterator[None]:
    """Every computation within is an error."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("an array was computed while the graph was built")

    with dask.config.set(scheduler=refuse):
        yield


def chunked(array: Any) -> Any:
    """A Dask array of about two chunks along each axis."""
    array = np.asarray(array)
    return da.from_array(array, chunks=tuple(max(1, (n + 1) // 2) for n in array.shape))


def computed(tree: Any) -> list[Any]:
    return [np.asarray(leaf) for leaf in dask.compute(flatten(tree)[0], scheduler="sync")[0]]


def is_dask(value: Any) -> bool:
    return isinstance(value, da.Array)


def assert_lazy_and_equal(f: Callable[..., Any], lazy: Any, arrays: Any) -> None:
    """`f` of lazy arrays is what it is of arrays; something of it is lazy, and nothing was computed to make it."""
    with nothing_computed():
        found = f(*lazy)
    expected = computed(f(*arrays))
    assert any(map(is_dask, flatten(found)[0]))
    for a, b in zip(computed(found), expected, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


def total(out: Any) -> Any:
    """A number that depends on every entry of a result."""
    parts = out if isinstance(out, tuple | list) else [out]
    return functools.reduce(np.add, [np.sum(np.real(part * np.conjugate(part))) for part in parts])


def readings(f: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """Transforms of a function of several arguments, each a function of the same arguments."""

    def gradients(*xs: Any) -> Any:
        return cr.value_and_grad(lambda *xs: total(f(*xs)), tuple(range(len(xs))))(*xs)

    def along(*xs: Any) -> Any:
        return cr.jvp(f, xs, tuple(np.cos(x) for x in xs))

    def back(*xs: Any) -> Any:
        out, pullback = cr.vjp(f, *xs)
        return out, pullback(np.cos(out) if not isinstance(out, tuple | list) else type(out)(map(np.cos, out)))

    return {"value_and_grad": gradients, "jvp": along, "vjp": back}


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_elementwise_functions_of_lazy_arrays_have_lazy_derivatives(rule: Any) -> None:
    points = smooth_points(rule, 4, seed=1)
    moving = differentiable(rule)
    if not moving:
        pytest.skip("no argument has a derivative")

    def f(*xs: Any) -> Any:
        rest = iter(xs)
        return rule.function(*[next(rest) if i in moving else point for i, point in enumerate(points)])

    arrays = [np.asarray(points[i]) for i in moving]
    for reading in readings(f).values():
        assert_lazy_and_equal(reading, list(map(chunked, arrays)), arrays)


@pytest.mark.parametrize("rule", [r for r in ELEMENTWISE if len(differentiable(r)) > 1], ids=lambda rule: rule.name)
def test_elementwise_functions_of_an_array_beside_a_captured_lazy_one_have_lazy_derivatives(rule: Any) -> None:
    points = [np.asarray(point) for point in smooth_points(rule, 4, seed=1)]
    for k in differentiable(rule):

        def gradient(x: Any, captured: Any, k: int = k) -> Any:
            return cr.value_and_grad(lambda x: total(rule.function(*captured[:k], x, *captured[k + 1 :])))(x)

        lazy = [chunked(point) if point.ndim else point for point in points]
        assert_lazy_and_equal(gradient, (points[k], lazy), (points[k], points))


REFUSED = {
    "indexing": {12, 13, 14, 15},  # several arrays of positions, and masks of several axes
    **dict.fromkeys(("replace", "replace_through", "replace_parts", "add_at"), ...),
    **dict.fromkeys(("view", "view_of_parts", "laid_out"), ...),
}
"""The sample calls that need what Dask does not have: the first, by its number, or all. The last ones need memory."""

CALLED = [(function, index) for function, samples in CALLS.items() for index in range(len(samples))]


def name_of(function: Any) -> str:
    return "indexing" if function is operator.getitem else function.__name__


@pytest.mark.parametrize(("function", "index"), CALLED, ids=lambda v: getattr(v, "__name__", None) or str(v))
def test_functions_of_whole_lazy_arrays_have_lazy_derivatives_or_are_refused(function: Any, index: int) -> None:
    call, arguments = CALLS[function][index]
    given = [a for a in arguments if isinstance(a, np.ndarray) and a.dtype.kind in "fc"]
    if not given:
        pytest.skip("the sample has no array of its own to move")

    def f(*moving: Any) -> Any:
        rest = iter(moving)
        return call(*[next(rest) if any(a is g for g in given) else a for a in arguments])

    refused = REFUSED.get(name_of(function), set())
    if refused is ... or index in refused:
        with nothing_computed(), pytest.raises(LazyError, match=name_of(function)):
            cr.vjp(f, *map(chunked, given))
        return
    transforms = readings(f)
    assert_lazy_and_equal(transforms["value_and_grad"], list(map(chunked, given)), given)
    if index == 0:
        assert_lazy_and_equal(transforms["jvp"], list(map(chunked, given)), given)
    if len(given) > 1:

        def gradient(x: Any, captured: Any) -> Any:
            return cr.grad(lambda x: total(f(x, *captured)))(x)

        others = list(map(chunked, given[1:]))
        assert_lazy_and_equal(gradient, (given[0], others), (given[0], given[1:]))
