"""What a selection leaves out contributes nothing, whatever its value; what no selection explains stays NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import chainrule as cr

x3 = np.array([-1.0, 0.0, 4.0])


def root(x: Any) -> Any:
    return np.where(x > 0, np.sqrt(x), 0.0)


CASES: dict[str, tuple[Any, Any, Any]] = {
    "sqrt": (root, x3, [0, 0, 0.25]),
    "sqrt, a constant on the other side": (lambda x: np.where(x <= 0, 5.0, np.sqrt(x)), x3, [0, 0, 0.25]),
    "log": (lambda x: np.where(x > 0, np.log(x), 0.0), x3, [0, 0, 0.25]),
    "reciprocal": (lambda x: np.where(x == 0, 0.0, 1 / x), x3, [-1, 0, -1 / 16]),
    "x log x": (lambda x: np.where(x > 0, x * np.log(x), 0.0), x3, [0, 0, 1 + math.log(4)]),
    "power": (lambda x: np.where(x > 0, x**-1.5, 0.0), x3, [0, 0, -1.5 * 4**-2.5]),
    "sinc by hand": (
        lambda x: np.where(x == 0, 1.0, np.sin(x) / x),
        x3,
        [math.sin(1) - math.cos(1), 0, math.cos(4) / 4 - math.sin(4) / 16],
    ),
    "maximum": (lambda x: np.maximum(1.0, np.sqrt(x + 1)), x3, [0, 0.25, 0.5 / math.sqrt(5)]),
    "maximum of nothing": (lambda x: np.maximum(1.0, np.sqrt(np.abs(x)) * 0.1), x3, [0, 0, 0]),
    "minimum": (lambda x: np.minimum(-1.0, -np.sqrt(np.abs(x)) * 0.1), x3, [0, 0, 0]),
    "clip": (lambda x: np.clip(np.sqrt(np.maximum(x, 0.0)), 0.5, 3.0), x3, [0, 0, 0.25]),
    "fmax": (lambda x: np.fmax(0.5, np.sqrt(x)), x3, [0, 0, 0.25]),
    "through sums": (lambda x: np.where(x > 0, np.sqrt(x) + np.exp(x) * 0 + x - x, 0.0), x3, [0, 0, 0.25]),
    "through reshape": (
        lambda x: np.where(x > 0, np.reshape(np.reshape(np.sqrt(x), (3, 1)), 3), 0.0),
        x3,
        [0, 0, 0.25],
    ),
    "through transposes": (lambda x: np.where(x > 0, np.sqrt(x)[None].T[:, 0], 0.0), x3, [0, 0, 0.25]),
    "through an index": (lambda x: np.where(x > 0, np.sqrt(x)[np.array([0, 1, 2])], 0.0), x3, [0, 0, 0.25]),
    "through broadcasting": (lambda x: np.where(x > 0, np.sqrt(x) * np.ones((2, 1)), 0.0)[0], x3, [0, 0, 0.25]),
    "through stack": (lambda x: np.where(x > 0, np.stack([np.sqrt(x), x])[0], 0.0), x3, [0, 0, 0.25]),
    "through concatenate": (lambda x: np.where(x > 0, np.concatenate([x, np.sqrt(x)])[3:], 0.0), x3, [0, 0, 0.25]),
    "chosen by an index": (lambda x: np.sqrt(x)[2] * np.array([0.0, 0.0, 1.0]), x3, [0, 0, 0.25]),
    "chosen by a mask": (lambda x: np.sum(np.sqrt(x)[x > 0]) * np.array([0.0, 0.0, 1.0]), x3, [0, 0, 0.25]),
    "nested": (lambda x: np.where(x > 0, np.where(x > 1, np.sqrt(x), np.log(x)), 0.0), x3, [0, 0, 0.25]),
    "selected again": (lambda x: np.where(x > 1, np.where(x > 0, np.sqrt(x), 0.0) ** 2, 0.0), x3, [0, 0, 1]),
    "the root of a selected constant": (lambda x: np.sqrt(np.where(x > 0, x, 0.0)), x3, [0, 0, 0.25]),
    "the root of a sum of them": (
        lambda x: np.sqrt(np.where(x > 0, x, 0.0) + np.where(x > 1, x, 0.0)),
        x3,
        [0, 0, 0.5 / math.sqrt(2)],
    ),
    "the root of a maximum": (lambda x: np.sqrt(np.maximum(x - 1, 0.0)), x3, [0, 0, 0.5 / math.sqrt(3)]),
    "the root of what was moved": (lambda x: np.sqrt(np.where(x > 0, x, 0.0)[::-1])[::-1], x3, [0, 0, 0.25]),
    "a function of it": (lambda x: np.exp(root(x)), x3, [0, 0, 0.25 * math.exp(2)]),
    "the safe argument": (lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0), x3, [0, 0, 0.25]),
}


@pytest.mark.parametrize("name", CASES)
def test_unselected_entries_have_gradient_zero(name: str) -> None:
    f, x, expected = CASES[name]
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(cr.grad(lambda v: np.sum(f(v)))(x), expected, rtol=1e-12)
        np.testing.assert_allclose(cr.jacfwd(f)(x), np.diag(expected), rtol=1e-12)
        np.testing.assert_allclose(cr.jacrev(f)(x), np.diag(expected), rtol=1e-12)


x22 = np.array([[0.0, 4.0], [9.0, 0.0]])
MOVES: dict[str, Any] = {
    "backwards": lambda x: x[::-1],
    "transposed": lambda x: x.T,
    "reshaped": lambda x: np.reshape(x, (4, 1)),
    "rolled": lambda x: np.roll(x, 1),
    "taken twice": lambda x: np.take(x, [0, 0, 3, 1]),
    "a row": lambda x: x[0],
    "an entry": lambda x: x[1, 1],
    "a diagonal": lambda x: np.diagonal(x),
    "repeated": lambda x: np.repeat(x, 2, axis=0),
    "tiled": lambda x: np.tile(x, (1, 2)),
    "broadcast": lambda x: np.broadcast_to(x, (2, 2, 2)),
    "joined": lambda x: np.concatenate([x, np.ones((1, 2)), x[:1]]),
    "stacked": lambda x: np.stack([x, x.T]),
    "padded": lambda x: np.pad(x, 1),
    "split": lambda x: np.split(x, 2)[1],
    "triangle": lambda x: np.triu(x),
    "placed on a diagonal": lambda x: np.diag(x[0]),
    "sorted": lambda x: np.sort(x, axis=1),
    "largest": lambda x: np.max(x, axis=0),
    "written into": lambda x: _first_row_written(x),
}


def _first_row_written(x: Any) -> Any:
    y = x * 1.0
    y[0] = x[1]
    return y


@pytest.mark.parametrize("name", MOVES)
def test_an_infinite_slope_is_met_only_by_what_moves_there(name: str) -> None:
    """√ of entries that are 0: infinite along their own entry, and 0, not 0·∞, along every other one."""
    move = MOVES[name]
    own = cr.jacrev(move)(x22)  # of what is moved about only: entries are 0 and 1
    assert set(np.unique(own)) <= {0.0, 1.0}
    with np.errstate(all="ignore"):
        expected = np.where(own == 0, 0.0, 0.5 / np.sqrt(move(x22))[..., None, None])
        np.testing.assert_allclose(cr.jacfwd(lambda x: np.sqrt(move(x)))(x22), expected, rtol=1e-14)
        inside = np.where(own == 0, 0.0, 0.5 / np.sqrt(x22))
        np.testing.assert_allclose(cr.jacfwd(lambda x: move(np.sqrt(x)))(x22), inside, rtol=1e-14)


NUMBERS = [
    "sqrt",
    "log",
    "reciprocal",
    "x log x",
    "power",
    "maximum",
    "clip",
    "nested",
    "a function of it",
    "the safe argument",
]


@pytest.mark.parametrize("name", NUMBERS)
def test_the_same_holds_for_numbers_and_arrays_without_axes(name: str) -> None:
    f, xs, expected = CASES[name]
    with np.errstate(all="ignore"):
        for x, slope in zip(xs, expected, strict=True):
            for kind in (float, np.asarray, np.float32):
                assert cr.grad(f)(kind(x)) == pytest.approx(slope, rel=1e-5)
                assert cr.derivative(f)(kind(x)) == pytest.approx(slope, rel=1e-5)


SECOND = {
    "sqrt": -1 / 32,
    "log": -1 / 16,
    "x log x": 0.25,
    "nested": -1 / 32,
    "the safe argument": -1 / 32,
    "through sums": -1 / 32,
}


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_of_unselected_entries_are_zero(name: str) -> None:
    f, x, _ = CASES[name]
    expected = np.diag([0, 0, SECOND[name]])
    total = lambda v: np.sum(f(v))  # noqa: E731
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(cr.hessian(total)(x), expected, atol=1e-12)
        np.testing.assert_allclose(cr.jacrev(cr.grad(total))(x), expected, atol=1e-12)
        np.testing.assert_allclose(cr.jacfwd(lambda v: cr.jvp(f, (v,), (np.ones(3),))[1])(x), expected, atol=1e-12)
        np.testing.assert_allclose(
            cr.grad(lambda v: np.sum(cr.jvp(f, (v,), (np.ones(3),))[1]))(x), np.diag(expected), atol=1e-12
        )


@pytest.mark.parametrize("function", [np.max, np.min], ids=lambda f: f.__name__)
def test_entries_that_are_not_the_extreme_one_are_not_used(function: Any) -> None:
    x = np.array([0.0, 4.0, 9.0]) if function is np.max else np.array([9.0, 4.0, 0.0])
    sign = 1 if function is np.max else -1
    f = lambda v: function(sign * np.sqrt(v))  # noqa: E731
    with np.errstate(all="ignore"):
        expected = np.where(x == 9, sign / 6, 0.0) if function is np.max else np.where(x == 9, -1 / 6, 0.0)
        np.testing.assert_allclose(cr.grad(f)(x), expected)
        np.testing.assert_allclose(cr.jacfwd(f)(x), expected)


def test_a_nan_that_no_selection_explains_stays() -> None:
    with np.errstate(all="ignore"):
        for x in (0.0, np.array(0.0)):
            assert math.isnan(cr.grad(lambda v: np.sqrt(v**2))(x))
            assert math.isnan(cr.derivative(lambda v: np.sqrt(v**2))(x))
        gradient = cr.grad(lambda v: np.sum(np.where(v > -1, np.sqrt(v**2), 0.0)))(np.array([0.0, 3.0, -2.0]))
        np.testing.assert_array_equal(gradient, [math.nan, 1.0, 0.0])
        assert np.isnan(cr.grad(lambda v: np.sum(np.log(v)))(np.array([-1.0, 1.0]))[0])


@pytest.mark.parametrize("size", [2, 3, 5])
def test_equal_largest_entries_share_the_slope(size: int) -> None:
    np.testing.assert_allclose(cr.grad(np.max)(np.ones(size)), 1 / size)
    np.testing.assert_allclose(cr.jacfwd(np.min)(np.ones(size)), 1 / size)


def test_entries_that_an_index_or_an_assignment_leaves_out_are_not_used() -> None:
    x = np.array([0.0, 4.0])

    def overwritten(v: Any) -> Any:
        roots = np.sqrt(v)
        roots[0] = 7.0
        return np.sum(roots)

    for f in (lambda v: np.sqrt(v)[1], lambda v: np.sum(np.sqrt(v)[1:]), lambda v: np.take(np.sqrt(v), 1), overwritten):
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(cr.grad(f)(x), [0.0, 0.25])
            np.testing.assert_array_equal(cr.jacfwd(f)(x), [0.0, 0.25])


def test_constants_that_are_joined_to_variables_do_not_move() -> None:
    f = lambda v: np.sqrt(np.concatenate([np.zeros(1), v]))  # noqa: E731
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(cr.jvp(f, (np.array([4.0]),), (np.ones(1),))[1], [0.0, 0.25])
        np.testing.assert_array_equal(cr.jacrev(f)(np.array([4.0])), [[0.0], [0.25]])


def test_a_value_used_in_one_place_and_not_in_another_is_used() -> None:
    """The 9 is selected once of three times, the 0 never; the mask of what is unused has to tell them apart."""
    mask = np.array([[True, False, False], [False, False, False]])
    for shape in ((2, 1), (2, 3)):
        x = np.broadcast_to(np.array([[9.0], [0.0]]), shape).copy()
        expected = np.where(mask[:, : shape[1]], 1 / 6, 0.0)
        with np.errstate(all="ignore"):
            f = lambda v: np.sum(np.where(mask, np.sqrt(v) * np.ones((2, 3)), 0.0))  # noqa: E731
            np.testing.assert_allclose(cr.grad(f)(x), expected, rtol=1e-15)
            np.testing.assert_allclose(cr.jacfwd(f)(x), expected, rtol=1e-15)
            rows = lambda v: np.sum(np.where(mask.T, np.sqrt(v[:, 0]) * np.ones((3, 2)), 0.0))  # noqa: E731
            np.testing.assert_allclose(cr.grad(rows)(x)[:, 0], [1 / 6, 0.0], rtol=1e-15)
            np.testing.assert_allclose(cr.jacfwd(rows)(x)[:, 0], [1 / 6, 0.0], rtol=1e-15)


def test_two_uses_of_one_value_of_which_one_is_selected_add_up_to_that_one() -> None:
    def f(v: Any) -> Any:
        r = np.sqrt(v)
        return np.sum(np.where(v > 0, r, 0.0) + np.where(v > 5, 3 * r, 0.0))

    with np.errstate(all="ignore"):
        for gradient in (cr.grad(f), cr.jacfwd(f)):
            np.testing.assert_allclose(gradient(np.array([0.0, 4.0, 9.0])), [0.0, 0.25, 4 / 6], rtol=1e-15)


def test_a_second_derivative_that_is_infinite_where_the_first_is_not_is_left_out_as_well() -> None:
    f = lambda v: np.sum(np.where(v > 0, v**1.5, 0.0))  # noqa: E731
    x = np.array([0.0, 4.0])
    expected = np.diag([0.0, 0.375])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(cr.grad(f)(x), [0.0, 3.0])
        for outer in (cr.jacfwd, cr.jacrev):
            for inner in (cr.grad, cr.jacfwd):
                np.testing.assert_allclose(outer(inner(f))(x), expected, rtol=1e-14, err_msg=f"{outer} of {inner}")


IMAGINARY: dict[str, Any] = {
    "written into the imaginary part": lambda x: _with_imaginary_part(x),
    "times i": lambda x: 1j * x,
    "joined, then turned": lambda x: np.concatenate([x, np.zeros(1, complex)])[:3] * 1j,
    "times i, rearranged": lambda x: np.reshape(1j * x, (3, 1))[:, 0],
}


def _with_imaginary_part(x: Any) -> Any:
    z = x * (0.0 + 0.0j)
    z.imag = x
    return z


@pytest.mark.parametrize("name", IMAGINARY)
def test_what_is_used_in_its_imaginary_part_alone_is_used_beside_a_selection(name: str) -> None:
    """The root of 0 that is left out makes the backward pass look again, with masks: they must not drop the rest."""
    made = IMAGINARY[name]
    f = lambda x: np.where(x > 0, np.sqrt(x), np.imag(made(x)))  # noqa: E731
    expected = np.array([1.0, 1.0, 0.25])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(cr.grad(lambda x: np.sum(f(x)))(x3), expected, rtol=1e-15)
        np.testing.assert_allclose(cr.jacrev(f)(x3), np.diag(expected), rtol=1e-15)
        np.testing.assert_allclose(cr.jacfwd(f)(x3), np.diag(expected), rtol=1e-15)


@pytest.mark.parametrize("sign", [np.abs, lambda x: np.copysign(x, 2.0), lambda x: np.copysign(x, x)])
def test_a_slope_of_zero_at_a_kink_is_no_sign_that_the_argument_was_not_used(sign: Any) -> None:
    def f(x: Any) -> Any:
        return np.sqrt(sign(x))

    x = np.zeros(1)
    for found in (
        cr.grad(f)(0.0), cr.jit(cr.grad(f))(0.0), cr.jvp(f, (x,), (np.ones(1),))[1], cr.jacrev(f)(x)
    ):  # fmt: skip
        assert np.isnan(found)


def test_the_second_argument_of_copysign_is_not_used() -> None:
    def f(y: Any) -> Any:
        return np.copysign(0.0, np.sqrt(y)) + y

    assert cr.grad(f)(0.0) == cr.jvp(f, (0.0,), (1.0,))[1] == cr.grad(lambda y: np.sum(f(y)))(np.zeros(1))[0] == 1


@pytest.mark.parametrize("entries", [[1e300, 0.0, 2e300], [3e-200, 0.0, 4e-200], [3.0, 0.0, 4.0], [0.0, 0.0, 0.0]])
def test_a_norm_far_from_one_has_the_same_gradient_eager_and_staged(entries: list[float]) -> None:
    x = np.array(entries)
    for f in (np.linalg.norm, lambda x: np.linalg.norm(np.sqrt(x[::2])) + np.std(x)):
        gradient = cr.grad(f)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(cr.stage(gradient, x)(x), gradient(x), rtol=1e-14)
