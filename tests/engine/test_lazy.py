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
from tests.engine.test_static import COMMON, gradient
from tests.rules.calls import CALLS, ELEMENTWISE, differentiable, of_its_arrays, smooth_points

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
    f, given = of_its_arrays(CALLS[function][index])
    if not given:
        pytest.skip("the sample has no array of its own to move")
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


NEEDS_ENTRIES = {
    *("sort", "sort of columns", "partition", "take_along_axis", "median", "median of columns", "quantile"),
    *("percentile", "nanmedian", "nanquantile", "choose", "interp", "interp by its points", "det", "det of three"),
    *("slogdet", "qr", "eigvalsh", "eigh", "svdvals", "svd", "pinv", "nuclear norm", "spectral norm"),
    *("unwrap", "logaddexp.reduce"),
}
"""The common functions that Dask does not have, or that need the entries of the whole array."""


@pytest.mark.parametrize("name", COMMON)
def test_common_functions_of_lazy_arrays_have_lazy_gradients_or_are_refused_by_name(name: str) -> None:
    call, given = COMMON[name]
    f = gradient(call, len(given))
    if name not in NEEDS_ENTRIES:
        assert_lazy_and_equal(f, list(map(chunked, given)), given)
        return
    with nothing_computed(), pytest.raises(LazyError, match=r"np\.[\w.]+ of a lazy array at test_static\.py:\d+"):
        f(*map(chunked, given))


@pytest.mark.parametrize("x", [[0.0, 2.0, 2.0, -1.0], [0.0, 0.0, 0.0, 0.0], [1.0, np.nan, 3.0, 3.0]])
@pytest.mark.parametrize(
    "f",
    [
        np.max,
        np.linalg.norm,
        np.std,
        np.prod,
        lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)),
        lambda x: sum(abs(x)),
    ],
)
def test_ties_zeros_and_nan_in_lazy_arrays_have_the_derivatives_that_they_have_in_arrays(f: Any, x: Any) -> None:
    x = np.array(x)
    assert_lazy_and_equal(cr.value_and_grad(f), [chunked(x)], [x])


def test_second_derivatives_of_lazy_arrays_are_lazy() -> None:
    x = np.array([0.5, -1.0, 2.0, 3.0])

    def second(x: Any) -> Any:
        return cr.hvp(lambda x: np.sum(np.sin(x) ** 2) * np.max(x), (x,), (np.ones_like(x),))

    assert_lazy_and_equal(second, [chunked(x)], [x])


def test_a_gradient_that_is_known_beforehand_is_spread_over_chunks_as_the_argument_is() -> None:
    x = da.ones((10**5, 10**4), chunks=(1000, 2000))  # 8 GB: no part of it may be made here
    with nothing_computed():
        gradient = cr.grad(lambda x: np.sum(3 * x))(x)
        constant = cr.grad(lambda x: 3.0)(x)
    assert gradient.chunks == constant.chunks == x.chunks
    assert gradient[0, 0].compute(scheduler="sync") == 3.0


def test_an_array_of_unknown_length_is_followed() -> None:
    data = da.from_array(np.arange(12.0).reshape(6, 2), chunks=(2, 2))
    kept = data[data[:, 0] > 3]  # nobody knows yet how many rows
    w = np.array([0.1, -0.2])

    def f(w: Any, rows: Any) -> Any:
        return np.sum(np.tanh(rows @ w) ** 2)

    with nothing_computed():
        value, gradient = cr.value_and_grad(f)(w, kept)
    plain = np.arange(12.0).reshape(6, 2)[2:]
    for found, expected in zip(computed((value, gradient)), cr.value_and_grad(f)(w, plain), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_assigning_into_a_lazy_array_is_refused() -> None:
    def f(x: Any) -> Any:
        x[0] = 1.0
        return np.sum(x)

    with pytest.raises(LazyError, match=r"assigning into a lazy array at test_lazy\.py"):
        cr.grad(f)(chunked(np.ones(4)))


def test_a_program_takes_lazy_arrays() -> None:
    x = np.array([0.5, -1.0, 2.0, 3.0])
    program = cr.stage(cr.grad(lambda x: np.sum(np.where(x > 0, np.sin(x), x**2))), x)
    assert_lazy_and_equal(program, [chunked(x)], [x])
