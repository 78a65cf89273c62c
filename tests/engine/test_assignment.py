"""Arrays that are written to: values are NumPy's, gradients are those of the values that were used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

x34 = np.arange(12.0).reshape(3, 4) / 7 + 0.2
v4 = np.array([0.5, 1.5, -0.7, 2.0])


def entry(y: Any) -> Any:
    y[1, 2] = y[0, 0] * 3
    return y


def row(y: Any) -> Any:
    y[1] = np.sin(y[0])
    return y * y


def column_scaled(y: Any) -> Any:
    y[:, 1] *= y[0, 0]
    return np.exp(y)


def mask(y: Any) -> Any:
    y[y > 1.0] = 0.5
    return y * 2


def fancy(y: Any) -> Any:
    y[[0, 2], [1, 3]] = y[1, :2] * 2
    return y


def repeated(y: Any) -> Any:
    y[[0, 0], [1, 1]] = y[1, :2] * 2
    return y


def added(y: Any) -> Any:
    y += y * y
    y -= 1.0
    y /= 2.0
    y **= 2
    return y


def after_use(y: Any) -> Any:
    before = np.sin(y)
    y[0] = 0.0
    return before + y


def a_view_written(y: Any) -> Any:
    part = y[0]
    part[1] = part[0] * 5
    return y * 3


def the_base_written(y: Any) -> Any:
    part = y[0]
    y[0, 1] = y[2, 2] ** 2
    return part * 3


def a_view_of_a_view(y: Any) -> Any:
    turned = y.T
    corner = turned[1:3, :2]
    corner[0] = 2 * corner[1]
    return y + turned.T


def a_reshaped_view(y: Any) -> Any:
    flat = y.reshape(-1)
    flat[::3] += flat[1::3]
    return y * y


def a_copy_is_apart(y: Any) -> Any:
    apart = y[[0, 1]]
    apart[0] = 1.0
    other = y.copy()
    other[...] = 2.0
    return y * 2 + np.sum(apart)


def swapped(y: Any) -> Any:
    y[0], y[1] = y[1] * 1.0, y[0] * 1.0
    return y


def an_alias(y: Any) -> Any:
    same = y
    same += 1.0
    return y * same


def in_a_loop(y: Any) -> Any:
    for i in range(1, 3):
        y[i] = np.cos(y[i - 1]) + y[i]
    return y


def a_flipped_view(y: Any) -> Any:
    backwards = y[::-1]
    backwards[0] *= 2.0
    return y * backwards


PROGRAMS: list[Callable[[Any], Any]] = [
    entry,
    row,
    column_scaled,
    mask,
    fancy,
    repeated,
    added,
    after_use,
    a_view_written,
    the_base_written,
    a_view_of_a_view,
    a_reshaped_view,
    a_copy_is_apart,
    swapped,
    an_alias,
    in_a_loop,
    a_flipped_view,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_assignment_gives_numpy_s_values_and_the_slopes_of_differences(program: Callable[[Any], Any]) -> None:
    def on_a_copy(x: Any) -> Any:
        return program(np.copy(x) * 1.0)

    expected = on_a_copy(x34)
    value, pullback = cr.vjp(on_a_copy, x34)
    moved, tangent = cr.jvp(on_a_copy, (x34,), (np.cos(x34),))
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(moved, expected)
    cr.check_grads(on_a_copy, (x34,), order=2)
    g = np.sin(1 + expected)
    assert np.sum(g * tangent) == pytest.approx(np.sum(pullback(g)[0] * np.cos(x34)), rel=1e-12)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_the_caller_s_array_is_never_written_to(program: Callable[[Any], Any]) -> None:
    x = x34.copy()
    cr.vjp(program, x)
    cr.jvp(program, (x,), (x,))
    np.testing.assert_array_equal(x, x34)


def test_an_input_written_to_after_use_does_not_change_the_gradient() -> None:
    x = v4.copy()
    _, pullback = cr.vjp(lambda v: np.sum(v * v * v), x)
    x[:] = 100.0
    np.testing.assert_allclose(pullback(1.0)[0], 3 * v4**2)


def test_a_captured_array_written_to_after_use_does_not_change_the_gradient() -> None:
    for use in (
        lambda v, c: np.sum(v * c),
        lambda v, c: v @ c,
        lambda v, c: np.sum(np.where(c > 0, v * c, v)),
        lambda v, c: np.dot(c, v),
    ):
        captured = v4.copy()
        base = np.stack([v4, v4])

        def f(v: Any, use: Any = use, captured: Any = captured, base: Any = base) -> Any:
            first, second = use(v, captured), use(v, base[1])
            captured[:] = 100.0
            base[:] = 100.0
            return first + second

        expected = cr.grad(lambda v, use=use: use(v, v4.copy()) * 2)(np.ones(4))
        np.testing.assert_allclose(cr.grad(f)(np.ones(4)), expected)


def test_an_index_array_written_to_after_use_does_not_change_the_gradient() -> None:
    def f(v: Any) -> Any:
        index, mask = np.array([0, 2]), np.array([True, False, True, False])
        total = np.sum(v[index] * 3) + np.sum(v[mask] * 5) + np.sum(np.where(mask, v, 0.0))
        index[:] = 1
        mask[:] = True
        return total

    np.testing.assert_array_equal(cr.grad(f)(v4), [9.0, 0.0, 9.0, 0.0])


def test_results_share_no_memory_with_one_another_or_the_caller() -> None:
    x = v4.copy()
    one, two = cr.grad(lambda a, b: np.sum(a + b), (0, 1))(x, x)
    one[0] = 50.0
    assert two[0] == 1.0
    seed = np.ones(4)
    (g,) = cr.vjp(lambda v: v, x)[1](seed)
    g[0] = 7.0
    assert seed[0] == 1.0
    value, (again,) = (pair := cr.vjp(lambda v: v * 1.0, x))[0], pair[1](seed)
    again[0] = 9.0
    assert seed[0] == 1.0
    value[0] = 30.0
    assert x[0] == v4[0]


def test_a_number_cannot_be_assigned_into() -> None:
    def f(x: Any) -> Any:
        x[0] = 1.0
        return x

    with pytest.raises(TypeError, match=r"does not support item assignment at test_assignment\.py:"):
        cr.grad(f)(1.0)


def test_in_place_operators_on_numbers_make_new_numbers() -> None:
    def f(x: Any) -> Any:
        y = x
        y += 2.0
        y *= x
        return y

    assert cr.grad(f)(3.0) == 8.0


def a_copy_by_the_method_is_in_rows(y: Any) -> Any:
    turned = y.T.copy()
    turned.reshape(-1)[0] = 50.0 * y[0, 1]
    return turned


def ravel_of_a_part_copies(y: Any) -> Any:
    part = y[:, :2]
    y[0, 0] = 9.0
    flat = part.ravel()
    flat[1] = 100 * y[1, 0]
    return y


def views_four_deep(y: Any) -> Any:
    deep = y.T[1:][::-1].reshape(3, 3)[:, 1:].real
    y[1] = y[0] * 2
    deep[0, 1] = y[2, 2] ** 2
    return deep * y[1, 1] + y[0, 1:3]


def parts_of_complex_numbers(y: Any) -> Any:
    z = y + 1j * y[::-1]
    z.imag[1:] *= y[0, 0]
    z.real = z.real[::-1] * 2
    z.T.imag[0] = 3.0 * y[2, :3].sum()
    return np.abs(z) ** 2


def a_sum_over_nothing(y: Any) -> Any:
    np.einsum("ii->i", y[:, :3])[...] = 2 * y[0, 3]
    return y * y


def by_position(y: Any) -> Any:
    np.put(y, [1, -1], y[0, 0] * 2)
    np.copyto(y, y[::-1] * 1.5, where=y > 1.0)
    np.fill_diagonal(y, y[0, 2])
    y.flat[2::5] = y[1, :2]
    np.multiply.at(y, ([0, 0], [1, 1]), y[2, 1])
    np.subtract(y, y[0, 3], out=y, where=y < 1.0)
    return y


@pytest.mark.parametrize(
    "program",
    [
        a_copy_by_the_method_is_in_rows,
        ravel_of_a_part_copies,
        views_four_deep,
        parts_of_complex_numbers,
        a_sum_over_nothing,
        by_position,
    ],
    ids=lambda p: p.__name__,
)
def test_writes_reach_what_shares_memory_in_numpy_and_nothing_else(program: Callable[[Any], Any]) -> None:
    test_assignment_gives_numpy_s_values_and_the_slopes_of_differences(program)


def test_a_write_to_one_copy_of_a_repeated_entry_leaves_the_slopes_of_the_others() -> None:
    def f(y: Any) -> Any:
        repeated = np.ravel(np.broadcast_to(y[:1], (2, 1)), "A")
        repeated[0] = 0.5 * y[1]
        windows = np.lib.stride_tricks.sliding_window_view(y, 2).copy()
        windows[0, 1] = 0.0
        return np.concatenate([repeated, np.ravel(windows)])

    np.testing.assert_array_equal(cr.jacfwd(f)(v4), cr.jacrev(f)(v4))
    cr.check_grads(f, (v4,), order=2)


@pytest.mark.parametrize("transform", [cr.jacrev, cr.jacfwd])
def test_a_view_that_numpy_makes_read_only_is_so_after_its_base_was_written(transform: Any) -> None:
    def f(y: Any) -> Any:
        y = y * 1.0
        diagonal, stretched = np.diagonal(y), np.broadcast_to(y[0], (2, 4))
        y[1, 1] = y[0, 0] * 5
        for view in (diagonal, stretched):
            with pytest.raises(ValueError, match=r"assignment destination is read-only at test_assignment\.py:"):
                view[0] = 1.0
        return diagonal + stretched[0, :3]

    expected = np.zeros((3, 3, 4))
    expected[0, 0, 0], expected[1, 0, 0], expected[2, 2, 2] = 2.0, 5.0, 1.0
    expected[1, 0, 1], expected[2, 0, 2] = 1.0, 1.0
    np.testing.assert_array_equal(transform(f)(x34), expected)


def test_a_loop_over_rows_keeps_no_list_of_views_that_are_gone() -> None:
    def f(y: Any) -> Any:
        for _ in range(300):
            y[0]
        assert len(y._views) < 200
        return np.sum(y)

    cr.grad(f)(x34)


@pytest.mark.parametrize("transform", [cr.grad, lambda f: lambda x: cr.jvp(f, (x,), (x,))])
def test_what_numpy_does_not_cast_is_not_cast_under_tracking(transform: Any) -> None:
    def complex_into_real(x: Any) -> Any:
        y = x * 1
        np.copyto(y, 1j)
        return np.sum(y)

    with pytest.raises(TypeError, match="same_kind"):
        transform(complex_into_real)(np.ones(2))
    with pytest.raises(TypeError, match="same_kind"):
        transform(lambda x: np.sum(np.take(x[:0], np.zeros(0))))(np.ones(2))
