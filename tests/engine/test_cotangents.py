"""The walk adds in place only what it owns: not what two parents share, what a rule keeps, or what the caller sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

LARGE = 2**19
SIZES = [7, LARGE]


@pytest.fixture(params=SIZES)
def x(request: Any) -> np.ndarray:
    return np.random.default_rng(request.param).uniform(0.5, 1.5, request.param)


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "a sum that hands one cotangent to both": (
        lambda x: np.sum((x + x) * (x + np.sin(x))),
        lambda x: 4 * x + 2 * np.sin(x) + 2 * x * np.cos(x),
    ),
    "one cotangent to two parents that get more later": (
        lambda x: _shared(x * 2.0, x * 3.0),
        lambda x: 2 * (3 * x + 1) + 3 * (2 * x + 1) + 12 * x,
    ),
    "a difference": (lambda x: np.sum((x - 2 * x) * x + (x - 2 * x)), lambda x: -2 * x - 1),
    "parts that overlap": (
        lambda x: np.sum(x[1:] * x[:-1]) + np.sum(x[2:] ** 2) + x[0] * x[-1] + np.sum(x),
        lambda x: _overlapping(x),
    ),
    "a part after the whole": (lambda x: np.sum(x * x) + np.sum(x[:3]), lambda x: 2 * x + (np.arange(x.size) < 3)),
    "the whole after a part": (lambda x: np.sum(x[:3]) + np.sum(x * x), lambda x: 2 * x + (np.arange(x.size) < 3)),
    "a part of a part": (lambda x: np.sum(x[1:][:2] ** 3) + np.sum(x[1:] ** 2), lambda x: _nested_parts(x)),
    "a part with a cotangent that is a number": (
        lambda x: np.sum(x[::2]) + np.sum(x[::2]) + np.sum(x[1::2]),
        lambda x: np.where(np.arange(x.size) % 2 == 0, 2.0, 1.0),
    ),
    "many contributions": (
        lambda x: sum(np.sum(np.sin(x) * k) for k in range(5)) + np.sum(x * x * x),
        lambda x: 10 * np.cos(x) + 3 * x**2,
    ),
    "an axis more": (lambda x: np.sum(x[None, :] * x[None]), lambda x: 2 * x),
}


def _shared(a: Any, b: Any) -> Any:
    together = a + b  # its cotangent goes to a and to b as one array
    return np.sum(a * b) + np.sum(together) + np.sum(a * b)


def _overlapping(x: Any) -> Any:
    gradient = np.ones_like(x)
    gradient[1:] += x[:-1]
    gradient[:-1] += x[1:]
    gradient[2:] += 2 * x[2:]
    gradient[0] += x[-1]
    gradient[-1] += x[0]
    return gradient


def _nested_parts(x: Any) -> Any:
    gradient = np.zeros_like(x)
    gradient[1:] += 2 * x[1:]
    gradient[1:3] += 3 * x[1:3] ** 2
    return gradient


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_of_several_contributions_are_right(name: str, x: np.ndarray) -> None:
    f, expected = FUNCTIONS[name]
    if name.startswith("one cotangent"):
        expected = lambda x: 24 * x + 5  # noqa: E731  (2·2x·3x)' + (5x)'
    before = x.copy()
    np.testing.assert_allclose(cr.grad(f)(x), expected(x), rtol=1e-12)
    np.testing.assert_array_equal(x, before)
    _, pullback = cr.vjp(f, x)
    first, second = pullback(1.0)[0], pullback(1.0)[0]
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, expected(x), rtol=1e-12)


def test_the_seed_of_a_pullback_is_not_written_to(x: np.ndarray) -> None:
    _, pullback = cr.vjp(lambda x: (x + x) + x * x + x, x)
    seed = np.ones_like(x)
    (first,) = pullback(seed)
    first[...] = 0.0
    np.testing.assert_array_equal(seed, 1.0)
    np.testing.assert_allclose(pullback(seed)[0], 3 + 2 * x)


def test_an_array_that_a_rule_of_the_user_keeps_is_not_written_to(x: np.ndarray) -> None:
    kept = np.ones_like(x)

    @cr.custom(forward=lambda out, primals, tangents: tangents[0], reverse=lambda out, primals, g: kept, samples=[])
    def same(x: Any) -> Any:
        return x * 1.0

    for _ in range(2):
        gradient = cr.grad(lambda x: np.sum(same(x)) + np.sum(x * x) + np.sum(same(x)))(x)
        np.testing.assert_allclose(gradient, 2 + 2 * x)
        np.testing.assert_array_equal(kept, 1.0)
    lone = cr.grad(lambda x: np.sum(same(x)))(x)
    lone[...] = 5.0
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(same(x)))(x) * 0 + 1, 1.0)


def test_two_arguments_do_not_share_their_gradients(x: np.ndarray) -> None:
    by_a, by_b = cr.grad(lambda a, b: np.sum((a + b) * 2.0 * x), argnums=(0, 1))(x, x)
    by_a[...] = 0.0
    np.testing.assert_allclose(by_b, 2 * x)


@pytest.mark.parametrize("function", [np.tanh, np.arctan, np.logaddexp, np.hypot, np.arctan2, np.sqrt, np.divide])
def test_pullbacks_in_pieces_are_those_of_the_whole(function: Any) -> None:
    random = np.random.default_rng(3)
    args = [random.uniform(0.1, 2.0, (3, LARGE // 3 + 5)) for _ in range(function.nin)]
    places = tuple(range(function.nin))
    seed = random.normal(size=args[0].shape)
    _, pullback = cr.vjp(function, *args)
    large = pullback(seed)
    for start in range(0, args[0].shape[1], 1000):  # pieces that are not large
        part = np.s_[:, start : start + 1000]
        _, pullback = cr.vjp(function, *[a[part] for a in args])
        for place, small in zip(places, pullback(seed[part]), strict=True):
            np.testing.assert_allclose(large[place][part], small, rtol=1e-14, atol=1e-300)


def test_exceptional_rows_in_one_piece_only_are_seen() -> None:
    x = np.full(LARGE, 2.0)
    y = np.full(LARGE, 1.0)
    x[5], y[70_000] = 0.0, np.inf
    x[70_000] = np.inf
    _, pullback = cr.vjp(np.logaddexp, x, y)
    by_x, by_y = pullback(np.ones(LARGE))
    assert by_x[70_000] == by_y[70_000] == 0.5
    np.testing.assert_allclose(by_x + by_y, 1.0)
