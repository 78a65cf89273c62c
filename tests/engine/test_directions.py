"""Tangents and cotangents that are 0: a plain 0 asks for nothing, a tracked 0 may change, and both directions agree."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules import TABLE, Composite, Elementwise
from tests.rules.calls import ELEMENTWISE, differentiable, smooth_points


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_a_derivative_by_the_direction_is_the_same_at_the_direction_0(rule: Elementwise) -> None:
    points = smooth_points(rule, 1)
    for position in differentiable(rule):

        def f(x: Any, position: int = position) -> Any:
            given = [np.ravel(p)[0] if np.ndim(p) else p for p in points]
            given[position] = x
            return rule.function(*given)

        at = float(np.ravel(points[position])[0])
        expected = cr.jvp(f, (at,), (1.0,))[1]
        along: Callable[[Any], Any] = lambda v, f=f, at=at: cr.jvp(f, (at,), (v,))[1]  # noqa: E731
        for transform in (cr.grad, cr.jacfwd, cr.jacrev, cr.derivative):
            for direction in (0.0, 1.0, -2.0):
                np.testing.assert_allclose(transform(along)(direction), expected, rtol=1e-12)
        backward = lambda g, f=f, at=at: cr.vjp(f, at)[1](g)[0]  # noqa: E731
        for transform in (cr.grad, cr.jacfwd, cr.derivative):
            np.testing.assert_allclose(transform(backward)(0.0), expected, rtol=1e-12)


def quartic(x: Any) -> Any:
    return np.sum(x**2) ** 2 + np.prod(x)


@pytest.mark.parametrize("transform", [cr.jacfwd, cr.jacrev, cr.jacobian])
def test_the_jacobian_of_an_hvp_by_its_direction_is_the_hessian(transform: Any) -> None:
    x = np.array([0.5, -1.0, 2.0])
    for direction in (np.zeros(3), np.array([0.0, 1.0, 0.0]), np.array([1.0, 2.0, 3.0])):
        found = transform(lambda v: cr.hvp(quartic, (x,), (v,)))(direction)
        np.testing.assert_allclose(found, cr.hessian(quartic)(x), rtol=1e-12)


@cr.custom(like=lambda x: np.sin(x) * x, samples=[0.3])
def like_sine(x: Any) -> Any:
    return np.sin(x) * x


@cr.custom(forward=lambda out, primals, tangents: np.cos(primals[0]) * tangents[0], samples=[0.3])
def forward_sine(x: Any) -> Any:
    return np.sin(x)


@cr.custom(reverse=lambda out, primals, g: np.cos(primals[0]) * g, samples=[0.3])
def reverse_sine(x: Any) -> Any:
    return np.sin(x)


@pytest.mark.parametrize("f", [like_sine, forward_sine, reverse_sine])
def test_custom_derivatives_are_right_to_second_order_in_every_mixture(f: Any) -> None:
    body = (lambda x: np.sin(x) * x) if f is like_sine else np.sin
    for outer in (cr.grad, cr.jacfwd, cr.derivative):
        for inner in (cr.grad, cr.jacfwd, cr.derivative):
            for at in (0.0, 0.7):
                np.testing.assert_allclose(outer(inner(f))(at), outer(inner(body))(at), rtol=1e-12, atol=1e-15)
    for direction in (0.0, 1.0):
        by_direction = cr.grad(lambda v: cr.jvp(f, (0.7,), (v,))[1])(direction)
        np.testing.assert_allclose(by_direction, cr.grad(body)(0.7), rtol=1e-12)


# ---------------------------------------------------------------------- parts of complex numbers

COMPLEX: dict[str, Callable[[Any], Any]] = {
    "imag of exp": lambda x: np.imag(np.exp(1j * x)) ** 2,
    "real of exp": lambda x: np.real(np.exp(1j * x)) ** 3,
    "angle": lambda x: np.angle(x + 1j * x**2),
    "abs": lambda x: np.abs(x + 1j * x**2),
    "imag of where": lambda x: np.imag(np.where(x > 0.5, 1j * x**2, x + 0j)),
    "imag of conj": lambda x: np.imag(np.conj(1j * x**2)),
    "imag of an index": lambda x: np.imag((1j * x**2)[::-1]),
    "imag of a join": lambda x: np.imag(np.concatenate([1j * x, x**2 + 0j])),
    "imag of a sum": lambda x: np.imag(np.cumsum(1j * x**2)),
    "imag attribute": lambda x: (1j * x**2).imag,
    "imag after a selection": lambda x: np.imag(np.where(x > 0.5, np.sqrt(x - 0.5 + 0j) * 1j, x * 1j)),
    "fft": lambda x: np.imag(np.fft.fft(x**2)),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_parts_of_complex_numbers_move_in_every_mode(name: str) -> None:
    f = COMPLEX[name]
    x = np.array([0.3, 0.8, 1.7])
    step = 1e-6
    differences = np.stack([(f(x + step * e) - f(x - step * e)) / (2 * step) for e in np.eye(3)], axis=-1)
    for transform in (cr.jacfwd, cr.jacrev):
        np.testing.assert_allclose(transform(f)(x), differences, rtol=1e-6, atol=1e-8)
    hessians = [
        outer(inner(lambda x: np.sum(f(x) ** 2)))(x)
        for outer in (cr.jacfwd, cr.jacrev)
        for inner in (cr.grad, lambda f: lambda x: cr.jacfwd(f)(x))
    ]
    for hessian in hessians[1:]:
        np.testing.assert_allclose(hessian, hessians[0], rtol=1e-9, atol=1e-9)
    assert np.abs(hessians[0]).max() > 1e-3


def test_a_real_function_of_complex_numbers_has_one_gradient_in_both_modes() -> None:
    z = np.array([3 + 4j, 1 - 2j, -0.5 + 0.1j])
    for f in (np.abs, np.real, np.imag, np.angle, lambda z: np.real(z * z) + np.abs(z) ** 3):
        expected = np.diag(
            [
                (f(w + 1e-6) - f(w - 1e-6)) / 2e-6 - 1j * (f(w + 1e-6j) - f(w - 1e-6j)) / 2e-6  # ∂f/∂a − i ∂f/∂b
                for w in z
            ]
        )
        for transform in (cr.jacfwd, cr.jacrev, cr.jacobian):
            np.testing.assert_allclose(transform(f)(z), expected, rtol=1e-6, atol=1e-8)
            np.testing.assert_allclose(transform(f)(z[0]), expected[0, 0], rtol=1e-6, atol=1e-8)


TO_COMPLEX: dict[str, Any] = {
    "a turn": lambda x: np.exp(1j * x),
    "more entries than arguments": lambda x: np.concatenate([x * (1 + 2j), 1j * x**2]),
    "fewer entries than arguments": lambda x: np.array([[1, 2j, 3, 1j]]) @ x,
    "real and complex results": lambda x: (x**2, 1j * x),
}


@pytest.mark.parametrize("name", TO_COMPLEX)
def test_the_jacobian_keeps_the_imaginary_part_whatever_the_shapes(name: str) -> None:
    f, x = TO_COMPLEX[name], np.array([0.3, 0.8, 1.7, -0.4])
    found = cr.jacobian(f)(x)
    columns = [(f(x + 1e-6 * e), f(x - 1e-6 * e)) for e in np.eye(4)]
    if not isinstance(found, tuple):
        found, columns = (found,), [((above,), (below,)) for above, below in columns]
    for part, block in enumerate(found):
        slopes = np.stack([(above[part] - below[part]) / 2e-6 for above, below in columns], axis=-1)
        assert block.dtype == slopes.dtype
        np.testing.assert_allclose(block, slopes, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("f", [np.conj, lambda z: np.conj(z) * z**2, lambda z: z * np.abs(z), np.sin])
def test_the_jacobian_of_a_complex_function_is_the_same_whatever_the_shapes(f: Any) -> None:
    """Also where it is not holomorphic: ∂ Re f/∂a − i ∂ Re f/∂b, which is f′ where it is."""
    z = np.array([0.3 + 1.2j, -0.7 + 0.4j, 1.1 - 0.6j])
    step = 1e-6
    with np.errstate(all="ignore"):
        along = (np.real(f(z + step) - f(z - step)) - 1j * np.real(f(z + step * 1j) - f(z - step * 1j))) / (2 * step)
    for n, copies in itertools.product((1, 2, 3), (1, 2, 4)):
        found = cr.jacobian(lambda z, copies=copies: np.concatenate([f(z)] * copies))(z[:n])
        assert found.shape == (copies * n, n)
        np.testing.assert_allclose(found, np.tile(np.diag(along[:n]), (copies, 1)), atol=1e-8)
    np.testing.assert_allclose(cr.jacobian(f)(z[0]), along[0], atol=1e-8)


# ---------------------------------------------------------------------- what is not asked for


def test_jacobians_of_real_and_complex_arguments_and_results_together_keep_every_part() -> None:
    """By a complex argument: of a complex result ∂f/∂z, of a real one ∂f/∂a − i ∂f/∂b."""
    x, z = np.array([0.7, -1.2]), np.array([1.0 + 2.0j, 0.5 - 1.0j])

    def f(x: Any, z: Any) -> Any:
        return {"real": x * np.abs(z) ** 2, "complex": x * z**2, "of one": np.imag(z)}

    expected = {
        "real": (np.diag(np.abs(z) ** 2), np.diag(2 * x * np.conj(z))),
        "complex": (np.diag(z**2), np.diag(2 * x * z)),
        "of one": (np.zeros((2, 2)), np.diag([-1j, -1j])),
    }
    for transform in (cr.jacfwd, cr.jacobian):
        found = transform(f, (0, 1))(x, z)
        for part, (by_x, by_z) in expected.items():
            np.testing.assert_allclose(found[part][0], by_x, rtol=1e-14)
            np.testing.assert_allclose(found[part][1], by_z, rtol=1e-14)
        for part in expected:
            np.testing.assert_allclose(transform(f, 1)(x, z)[part], expected[part][1], rtol=1e-14)
    for argnums in (0, (0, 1)):
        with pytest.raises(cr.errors.NotDifferentiableError, match="imaginary part"):
            cr.jacrev(f, argnums)(x, z)
    by_x, by_z = cr.jacobian(lambda x, z: {"a": np.sum(x), "b": np.sum(x * z)}, (0, 1))(x, z)["b"]  # fewer results
    np.testing.assert_allclose(by_x, z)
    np.testing.assert_allclose(by_z, x)
    for part in expected:
        np.testing.assert_allclose(cr.jacrev(f, 1)(x, z)[part], expected[part][1], rtol=1e-14)


@pytest.mark.parametrize("f", [lambda x: x, lambda x: x * 2, np.sin, lambda x: x[::-1], lambda x: np.ones_like(x)])
def test_a_tangent_has_the_dtype_of_its_value_whatever_the_direction_s_was(f: Any) -> None:
    for primal, direction in itertools.product((np.float16, np.float32, np.float64), (int, "f2", "f4", "f8")):
        x = np.array([0.5, 2.0], primal)
        for given in (np.array([1, -2], direction), [1.0, -2.0]):
            value, moved = cr.jvp(f, (x,), (np.asarray(given),))
            assert value.dtype == moved.dtype == primal
            again = cr.jvp(f, (x,), (np.array([1, -2], primal),))[1]
            np.testing.assert_array_equal(moved, again)
        pulled = cr.vjp(f, x)[1](np.array([1, -2], direction))[0]
        assert pulled.dtype == primal


def test_an_undefined_row_leaves_the_others_alone() -> None:
    def f(x: Any) -> Any:
        return np.stack([x[0] * np.nan, x[1] * 2, np.log(-x[0]) + x[1], x[0] * x[1]])

    with np.errstate(invalid="ignore"):
        for transform in (cr.jacrev, cr.jacfwd, cr.jacobian):
            rows = transform(f)(np.array([3.0, 5.0]))
            np.testing.assert_array_equal(rows, [[np.nan] * 2, [0, 2], [np.nan] * 2, [5, 3]])


def test_an_infinite_slope_that_is_not_asked_for_counts_for_nothing() -> None:
    x = np.array([0.0, 4.0])
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(cr.jacrev(np.sqrt)(x), [[np.inf, 0], [0, 0.25]])
        np.testing.assert_array_equal(cr.jacfwd(np.sqrt)(x), [[np.inf, 0], [0, 0.25]])
        np.testing.assert_array_equal(cr.vjp(np.sqrt, x)[1](np.array([0.0, 1.0]))[0], [0, 0.25])
        # the same one level up: the slope of the row that is not asked for has a derivative that is infinite
        curvature = cr.jacrev(cr.jacrev(lambda x: x**1.5))(x)
        np.testing.assert_allclose(curvature[1], [[0, 0], [0, 0.375]])


def test_a_value_that_is_nan_has_the_gradient_nan_and_vjp_shows_the_culprit() -> None:
    def f(x: Any) -> Any:
        return x[0] * np.nan + x[1]

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(cr.grad(f)(x), [np.nan] * 3)
    np.testing.assert_array_equal(cr.vjp(f, x)[1](1.0)[0], [np.nan, np.nan, 0])  # x[2] had no part in it
    np.testing.assert_array_equal(cr.grad(lambda x, y: np.floor(x) + np.nan, (0, 1))(1.0, 2.0), [np.nan, np.nan])


def test_every_rule_for_numbers_is_silent_under_a_strict_error_state() -> None:
    with np.errstate(all="raise"):
        assert cr.grad(np.tanh)(1000.0) == 0.0
        assert cr.jvp(np.tanh, (1000.0,), (1.0,))[1] == 0.0
        assert cr.grad(lambda x: np.sum(np.tanh(x)))(np.array([1000.0, 0.0])).tolist() == [0.0, 1.0]
        with pytest.raises(FloatingPointError):  # the function's own operations answer to the caller
            cr.grad(np.exp)(1000.0)


@pytest.mark.parametrize(
    ("f", "given"),
    [
        (np.sqrt, (0.0,)), (np.cbrt, (0.0,)), (lambda x: 1e-200 / x, (1e-150,)), (lambda x: x**0.25, (1e-310,)),
        (lambda x: 1e200 * (1e200 * (x * 1e-300)), (1.0,)), (lambda x, y: (x - y) ** 0.5, (0.0, 0.0)),
        (np.tanh, (1000.0,)), (np.hypot, (1e-320, 0.0)), (np.arctan2, (1e-320, 1e-320)),
    ],
)  # fmt: skip
def test_a_backward_pass_warns_of_nothing_however_strict_the_caller_is(
    f: Any, given: tuple[float, ...]
) -> None:
    for inside in (np.float64, lambda x: np.array([x, 1.0])):
        args = tuple(map(inside, given))
        with np.errstate(all="ignore"):
            value, pullback = cr.vjp(f, *args)
            expected = pullback(np.ones_like(value))
            moved = cr.jvp(f, args, args)[1]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for state in ("raise", "warn"):
                with np.errstate(all=state):
                    for one, other in zip(pullback(np.ones_like(value)), expected, strict=True):
                        np.testing.assert_array_equal(one, other)
                    try:
                        again = cr.jvp(f, args, args)[1]
                    except (FloatingPointError, RuntimeWarning):
                        continue  # the function's own operations answer to the caller
                    np.testing.assert_array_equal(again, moved)


def test_all_rules_are_looked_at() -> None:
    assert len(ELEMENTWISE) > 50
    assert not any(isinstance(TABLE[rule.function], Composite) for rule in ELEMENTWISE)


MIXING: dict[str, Any] = {
    "backwards": lambda x: x[::-1],
    "running sums": lambda x: np.cumsum(x),
    "times the sum": lambda x: x * np.sum(x),
    "plus the mean": lambda x: x + np.mean(x),
    "over the largest": lambda x: x / np.max(x),
    "times the first": lambda x: x * x[0],
    "times the square of the length": lambda x: x * np.dot(x, x),
    "over the length": lambda x: x / np.linalg.norm(x),
    "times the product": lambda x: x * np.prod(x),
    "a matrix times it": lambda x: np.array([[1.0, 2.0], [0.5, -1.0]]) @ x,
    "parts joined": lambda x: np.stack([x[0], x[0] * x[1]]),
    "an entry written": lambda x: _with_first_entry_from_the_second(x),
    "times a total of totals": lambda x: np.exp(np.sum(np.sin(np.sum(x)))) * x,
}


def _with_first_entry_from_the_second(x: Any) -> Any:
    y = x * 1.0
    y[0] = x[1]
    return y


@pytest.mark.parametrize("name", MIXING)
def test_a_function_that_mixes_entries_in_any_way_has_no_derivative_entry_by_entry(name: str) -> None:
    f = MIXING[name]
    jacobian = cr.jacrev(f)(np.array([0.7, 1.9]))
    assert np.any(jacobian != np.diag(np.diag(jacobian)))  # it does mix them
    with pytest.raises(cr.errors.ShapeError, match="mixes the entries"):
        cr.derivative(f)(np.array([0.7, 1.9]))
