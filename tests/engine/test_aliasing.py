"""Whatever goes into a transform and comes out of it belongs to the caller: written to, it changes nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten

x23 = np.array([[0.3, 0.8, 1.2], [2.0, 0.5, 1.7]])
CAPTURED = np.array([[1.5, -0.5, 2.0], [0.7, 1.1, -0.3]])


def written_in_place(x: Any) -> Any:
    y = x * 1.0
    y[0] = y[1] * 2
    return y


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "the argument itself": lambda x: x,
    "the argument twice": lambda x: (x, x),
    "the argument and a view of it": lambda x: [x, x.T, x[0]],
    "a transposed view": lambda x: x.T,
    "a reshaped view": lambda x: x.reshape(3, 2),
    "a row": lambda x: x[1],
    "backwards": lambda x: x[::-1],
    "a broadcast view": lambda x: np.broadcast_to(x, (2, 2, 3)),
    "a diagonal": lambda x: np.diagonal(x),
    "parts": lambda x: np.split(x, 3, axis=1),
    "real": lambda x: np.real(x),
    "imaginary": lambda x: np.imag(x),
    "a sum over one axis": lambda x: np.sum(x, axis=0),
    "a number": lambda x: np.sum(x * x),
    "its own value is kept": np.exp,
    "a product with itself": lambda x: x * x,
    "a product with a captured array": lambda x: x * CAPTURED,
    "a product of matrices": lambda x: x @ CAPTURED.T,
    "a captured array is added": lambda x: x + CAPTURED,
    "a captured array alone": lambda x: CAPTURED,
    "a captured array beside": lambda x: {"a": x * 2, "b": CAPTURED, "c": CAPTURED[0]},
    "untracked": lambda x: cr.stop_gradient(x),
    "selected": lambda x: np.where(x > 1, x, CAPTURED),
    "written in place": written_in_place,
    "sorted": lambda x: np.sort(x, axis=1),
    "stacked": lambda x: np.stack([x, x]),
    "no change of dtype": lambda x: x.astype(float),
    "custom": cr.custom(lambda x: x * 3.0, reverse=lambda out, xs, g: g * 3.0, samples=[x23]),
    "custom that passes on": cr.custom(lambda x: x, reverse=lambda out, xs, g: g, samples=[x23]),
}
every_function = pytest.mark.parametrize("name", FUNCTIONS)


@pytest.fixture(autouse=True)
def _captured_arrays_are_restored() -> Iterator[None]:
    before = CAPTURED.copy()
    yield
    CAPTURED[...] = before


def arrays(*trees: Any) -> list[Any]:
    """All arrays in some containers; a number cannot be written to."""
    return [leaf for tree in trees for leaf in flatten(tree)[0] if isinstance(leaf, np.ndarray)]


def write_over(*trees: Any) -> None:
    for array in arrays(*trees):
        array[...] = 77.0


def assert_apart(given: list[Any], made: list[Any]) -> None:
    """What was made is writable, and shares no memory with another of its kind or with what was given."""
    for array in made:
        assert array.flags.writeable
    for one, two in [*combinations(made, 2), *((m, g) for m in made for g in given)]:
        assert one is not two
        assert not np.shares_memory(one, two)


def copies(tree: Any) -> Any:
    leaves, rebuild = flatten(tree)
    return rebuild([np.copy(leaf)[()] for leaf in leaves])


def ones_like(tree: Any) -> Any:
    leaves, rebuild = flatten(tree)
    return rebuild([np.sin(1.0 + np.arange(np.size(leaf))).reshape(np.shape(leaf))[()] for leaf in leaves])


def assert_same(found: Any, expected: Any) -> None:
    one, two = flatten(found)[0], flatten(expected)[0]
    assert len(one) == len(two)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


@every_function
def test_a_pullback_gives_the_same_after_everything_around_it_was_written_over(name: str) -> None:
    f, x = FUNCTIONS[name], x23.copy()
    value, pullback = cr.vjp(f, x)
    expected_value, g = copies(f(x23)), ones_like(value)
    assert_same(value, expected_value)
    first = pullback(g)
    expected = copies(first)
    assert_apart(arrays(x, g, CAPTURED), arrays(value, first))
    write_over(value, first, x, g, CAPTURED)
    second = pullback(ones_like(expected_value))
    assert_same(second, expected)
    third = pullback(ones_like(expected_value))
    assert_apart(arrays(x, g, CAPTURED, value, first), arrays(second, third))
    write_over(second)
    assert_same(third, expected)


@every_function
def test_what_jvp_returns_is_apart_from_what_it_was_given(name: str) -> None:
    f, x, t = FUNCTIONS[name], x23.copy(), np.cos(x23)
    value, tangent = cr.jvp(f, (x,), (t,))
    assert_same(value, f(x23))
    assert_apart([x, t, CAPTURED], arrays(value, tangent))
    again = cr.jvp(f, (x,), (t,))
    assert_apart(arrays(value, tangent), arrays(again))
    np.testing.assert_array_equal(t, np.cos(x23))
    np.testing.assert_array_equal(x, x23)


def total(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: sum(np.sum(leaf) for leaf in flatten(f(x))[0])


@every_function
@pytest.mark.parametrize("transform", [cr.grad, cr.value_and_grad, cr.jacobian, cr.jacfwd, cr.jacrev, cr.hessian])
def test_what_a_transform_returns_is_apart_from_its_arguments_and_new_each_time(name: str, transform: Any) -> None:
    f, x = FUNCTIONS[name], x23.copy()
    of_numbers = transform in (cr.grad, cr.value_and_grad, cr.hessian)
    made = transform(total(f) if of_numbers else f)
    first = made(x)
    expected = copies(first)
    assert_apart([x, CAPTURED], arrays(first))
    write_over(first)
    second = made(x)
    assert_apart(arrays(first), arrays(second))
    assert_same(second, expected)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("f", [lambda x: x, np.exp, lambda x: x.T.T, lambda x: x[:], lambda x: 3.0 + 0 * CAPTURED[0]])
def test_the_derivative_is_apart_from_its_argument_and_new_each_time(f: Any, order: int) -> None:
    x = x23[0].copy()
    made = cr.derivative(f, order)
    first = made(x)
    expected = first.copy()
    assert_apart([x], [first])
    first[...] = 77.0
    np.testing.assert_array_equal(made(x), expected)
    np.testing.assert_array_equal(x, x23[0])


def test_the_derivative_of_order_0_is_the_function() -> None:
    assert cr.derivative(np.exp, 0)(1.0) == np.exp(1.0)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: np.sum(a + b),
        lambda a, b: np.sum(a - b),
        lambda a, b: np.sum(a * b),
        lambda a, b: np.sum(np.stack([a, b])),
        lambda a, b: np.sum(np.where(a > 1, a, b)),
        lambda a, b: np.sum(a.T + b.T),
        lambda a, b: np.sum(a),
        lambda a, b: 3.0,
    ],
)
def test_the_gradients_of_two_arguments_share_no_memory_even_where_both_are_the_same_array(f: Any) -> None:
    x = x23.copy()
    for argument in ((x, x), (x, x.T.T), (x, x[:]), (x, x23.copy())):
        one, two = cr.grad(f, (0, 1))(*argument)
        assert_apart([x], [one, two])
        pullback = cr.vjp(f, *argument)[1]
        assert_apart([x], arrays(pullback(1.0), pullback(1.0)))
    packed = cr.grad(lambda p: f(p["a"], p["b"][0]))({"a": x, "b": [x, None]})
    assert_apart([x], arrays(packed))


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: a + b,
        lambda a, b: a + b.T.T,
        lambda a, b: a[::-1] + b,
        lambda a, b: (a.T @ np.ones((2, 2)) + b.T).T,
        lambda a, b: np.concatenate([a, b]),
        lambda a, b: np.stack([a, a]) + b,
        lambda a, b: (a + b, a - b, a),
        lambda a, b: np.real(a) + np.reshape(b, (2, 3)),
        lambda a, b: (a, np.ravel(b)),
    ],
)
def test_the_cotangents_of_two_arguments_share_no_memory(f: Any) -> None:
    """A sum hands the very same cotangent to both, and a reversal or a part hands out a view of it."""
    value, pullback = cr.vjp(f, x23, np.cos(x23))
    g = ones_like(value)
    one, two = pullback(g)
    expected = copies((one, two))
    assert_apart(arrays(g, value), [one, two])
    write_over(g, one)
    np.testing.assert_array_equal(two, expected[1])
    assert_same(pullback(ones_like(value)), expected)


def test_a_read_only_view_whose_base_is_written_to_changes_no_gradient() -> None:
    for use in (lambda v, c: v * c, lambda v, c: np.where(v > 1, v * c, v), lambda v, c: v @ c.T):
        base = CAPTURED.copy()
        view = base[:]
        view.setflags(write=False)
        _, pullback = cr.vjp(lambda v, use=use, view=view: np.sum(use(v, view)), x23)
        expected = cr.grad(lambda v, use=use: np.sum(use(v, CAPTURED)))(x23)
        base[...] = 77.0
        np.testing.assert_array_equal(pullback(1.0)[0], expected)


def test_what_comes_along_is_apart_from_the_record_and_the_gradient() -> None:
    x = x23.copy()

    def f(v: Any) -> Any:
        return np.sum(np.exp(v)), {"argument": v, "view": v[0], "exp": np.exp(v), "again": v}

    gradient, aux = cr.grad(f, has_aux=True)(x)
    assert_apart([x], arrays(gradient, aux))
    (_, aux), gradient = cr.value_and_grad(f, has_aux=True)(x)
    assert_apart([x], arrays(gradient, aux))
    np.testing.assert_array_equal(aux["exp"], np.exp(x23))
    np.testing.assert_array_equal(aux["view"], x23[0])


def test_the_plain_value_may_be_written_to_without_a_change_to_the_tracked_one() -> None:
    def f(v: Any) -> Any:
        y = np.exp(v)
        plain = cr.stop_gradient(y)
        plain[...] = 77.0
        again = cr.stop_gradient(y)
        assert not np.shares_memory(plain, again)
        return np.sum(y * v)

    value, gradient = cr.value_and_grad(f)(x23)
    assert value == np.sum(np.exp(x23) * x23)
    np.testing.assert_allclose(gradient, np.exp(x23) * (1 + x23), rtol=1e-14)


def test_values_and_gradients_of_an_inner_transform_may_be_written_to_inside_an_outer_one() -> None:
    def f(v: Any) -> Any:
        value, pullback = cr.vjp(np.exp, v)
        first = pullback(np.ones((2, 3)))[0]
        value[...] = 77.0
        first[0] = 77.0
        return np.sum(pullback(v)[0])  # Σ v·eᵛ

    np.testing.assert_allclose(cr.grad(f)(x23), np.exp(x23) * (1 + x23), rtol=1e-14)
    np.testing.assert_allclose(np.sum(cr.jacfwd(f)(x23) - np.exp(x23) * (1 + x23)), 0, atol=1e-13)

    def g(v: Any) -> Any:
        value, tangent = cr.jvp(lambda u: (u, u * u), (v,), (v,))
        value[0][...] = 77.0
        tangent[0][...] = 77.0
        return np.sum(value[1] * tangent[1]) + np.sum(v)  # Σ 2 v⁴ + v

    np.testing.assert_allclose(cr.grad(g)(x23), 8 * x23**3 + 1, rtol=1e-13)


@pytest.mark.parametrize("outer", [cr.grad, cr.jacfwd, cr.jacrev])
def test_two_results_of_an_inner_transform_are_two_inside_an_outer_one(outer: Any) -> None:
    def of_gradients(v: Any) -> Any:
        one, two = cr.vjp(lambda a, b: a + b, v, v)[1](v)
        one[...] = 77.0
        return np.sum(two * v)  # Σ v²

    def of_tangents(v: Any) -> Any:
        (_, again), (one, two) = cr.jvp(lambda u: (u, u), (v,), (v,))
        one[...] = 77.0
        return np.sum(two * again)

    def of_values(v: Any) -> Any:
        (one, two), _ = cr.jvp(lambda u: (u, u), (v,), (v,))
        (three, four), _ = cr.vjp(lambda u: (u, u), v)
        one[...] = 77.0
        three[...] = 77.0
        return np.sum(two * four)

    for f in (of_gradients, of_tangents, of_values):
        np.testing.assert_array_equal(outer(f)(x23), 2 * x23)


def test_a_cotangent_written_to_afterwards_leaves_the_result_as_it_is() -> None:
    g = np.ones((2, 3))
    (made,) = cr.vjp(lambda x: x, x23)[1](g)
    g[...] = 77.0
    np.testing.assert_array_equal(made, 1.0)
    t = np.ones((2, 3))
    moved = cr.jvp(lambda x: x, (x23,), (t,))[1]
    t[...] = 77.0
    np.testing.assert_array_equal(moved, 1.0)


def test_arguments_that_the_function_writes_to_stay_as_they_are() -> None:
    def f(p: Any) -> Any:
        p["a"][0] = 77.0
        p["b"] *= 2.0
        return np.sum(p["a"] * p["b"])

    for transform in (cr.grad, cr.value_and_grad, cr.jacobian, cr.jacfwd, cr.jacrev):
        p = {"a": x23.copy(), "b": x23.copy()}
        transform(f)(p)
        assert_same(p, {"a": x23, "b": x23})
    x = x23.copy()
    cr.hvp(lambda v: f({"a": v, "b": v * 1.0}), (x,), (x,))
    cr.jvp(lambda v: f({"a": v, "b": v * 1.0}), (x,), (x,))
    np.testing.assert_array_equal(x, x23)


def _locked(n: int) -> Any:
    x = np.ones(n)
    x.flags.writeable = False
    return x


READ_ONLY: dict[str, Callable[[int], Any]] = {
    "by its flag": _locked, "broadcast": lambda n: np.broadcast_to(1.0, (n,)), "a view": lambda n: _locked(2 * n)[::2],
}  # fmt: skip
INTO: dict[str, Callable[[Any, Any], Any]] = {
    "grad": lambda f, x: cr.grad(f)(x), "grad of a container": lambda f, x: cr.grad(lambda t: f(t["x"]))({"x": x}),
    "jvp": lambda f, x: cr.jvp(f, (x,), (np.ones_like(x),)), "vjp": lambda f, x: cr.vjp(f, x),
    "jacobian": lambda f, x: cr.jacrev(f)(x), "a nest": lambda f, x: cr.grad(lambda x: np.sum(cr.grad(f)(x)))(x),
}  # fmt: skip


@pytest.mark.parametrize("size", [3, 2**18])
@pytest.mark.parametrize("kind", READ_ONLY)
@pytest.mark.parametrize("into", INTO)
def test_what_is_read_only_outside_is_so_inside_and_its_copy_is_not(into: str, kind: str, size: int) -> None:
    x = READ_ONLY[kind](size)

    def writes(x: Any) -> Any:
        x[0] = 5.0
        return np.sum(x)

    def writes_to_a_view(x: Any) -> Any:
        x[1:][0] = 5.0
        return np.sum(x)

    def writes_to_a_copy(x: Any) -> Any:
        assert not x.flags.writeable
        y = x.copy()
        y[0] = 5.0
        return np.sum(y)

    for f in (writes, writes_to_a_view):
        with pytest.raises(ValueError, match="read-only"):
            f(x)
        with pytest.raises(ValueError, match="read-only"):
            INTO[into](f, x)
    INTO[into](writes_to_a_copy, x)
