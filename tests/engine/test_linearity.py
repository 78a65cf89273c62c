"""Pullbacks and pushforwards are linear and transposes of one another, also where something rests: for every rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten
from tests.rules.calls import CALLS, ELEMENTWISE, differentiable, smooth_points

Sample = tuple[Callable[..., Any], tuple[Any, ...]]


def elementwise(rule: Any) -> Sample:
    points = smooth_points(rule, count=3)
    tracked = differentiable(rule)

    def function(*values: Any) -> Any:
        given = list(points)
        for position, value in zip(tracked, values, strict=True):
            given[position] = value
        return rule.function(*given)

    return function, tuple(points[i] for i in tracked)


SAMPLES: dict[str, Sample] = {f"{f.__name__}-{i}": call for f, calls in CALLS.items() for i, call in enumerate(calls)}
SAMPLES |= {rule.name: elementwise(rule) for rule in ELEMENTWISE if differentiable(rule)}
every_sample = pytest.mark.parametrize("name", SAMPLES)


def vector(tree: Any) -> Any:
    """All entries of a container in one vector of real numbers, complex ones as two."""
    parts = [np.ravel(leaf) for leaf in flatten(tree)[0]]
    return np.concatenate([np.concatenate([p.real, p.imag]) if p.dtype.kind == "c" else p for p in parts])


def tree_like(tree: Any, numbers: Any) -> Any:
    """The inverse of `vector`."""
    leaves, rebuild = flatten(tree)
    parts, start = [], 0
    for leaf in leaves:
        count, shape = np.size(leaf), np.shape(leaf)
        part = numbers[start : start + count]
        if np.asarray(leaf).dtype.kind == "c":
            part = part + 1j * numbers[start + count : start + 2 * count]
            start += count
        start += count
        parts.append(np.reshape(part, shape)[()])
    return rebuild(parts)


def conjugated(tree: Any) -> Any:
    """The gradient of this library is ∂a − i∂b; as a vector of two real parts its imaginary one has the other sign."""
    leaves, rebuild = flatten(tree)
    return rebuild([np.conj(leaf) for leaf in leaves])


def linear_maps(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Any, int, int]:
    """The pushforward and the pullback between vectors of real numbers, and the sizes of both."""
    value, pullback = cr.vjp(f, *args)

    def push(direction: Any) -> Any:
        return vector(cr.jvp(f, args, tree_like(args, direction))[1])

    def pull(weights: Any) -> Any:
        return vector(conjugated(pullback(conjugated(tree_like(value, weights)))))

    return push, pull, vector(args).size, vector(value).size


def some_entries(size: int) -> list[int]:
    """The first entries, the last, and one between: enough to meet every kind of place in a sample."""
    return sorted({*range(min(size, 4)), size // 2, size - 1}) if size else []


@every_sample
def test_what_is_pushed_and_what_is_pulled_are_the_same_matrix_in_sparse_directions_too(name: str) -> None:
    """The function is bent before and after, so that a tangent taken as resting, or an entry as unused, shows."""
    function, args = SAMPLES[name]

    def bent(*values: Any) -> Any:
        return np.exp(0.1 * function(*(v + 0.05 * v * v for v in values)))

    push, pull, columns, rows = linear_maps(bent, args)
    matrix = np.array([pull(unit) for unit in np.eye(rows)]).reshape(rows, columns)
    assert np.isfinite(matrix).all()
    scale = np.max(np.abs(matrix), initial=1e-3)

    def assert_pushes(direction: Any) -> None:
        np.testing.assert_allclose(push(direction), matrix @ direction, rtol=1e-9, atol=1e-9 * scale)

    random = np.random.default_rng(5)
    for j in some_entries(columns):
        unit = np.eye(columns)[j]
        assert_pushes(unit)  # one entry moves
        assert_pushes(random.normal(size=columns) * (1 - unit))  # one entry rests
    for _ in range(2):
        assert_pushes(random.choice([-1.0, 0.0, 1.0], columns))  # equal ones that could cancel
    np.testing.assert_array_equal(push(np.zeros(columns)), np.zeros(rows))
    np.testing.assert_array_equal(pull(np.zeros(rows)), np.zeros(columns))
    weights = random.normal(size=rows)
    np.testing.assert_allclose(pull(weights), weights @ matrix, rtol=1e-9, atol=1e-9 * scale)


@every_sample
def test_pullbacks_and_pushforwards_are_linear(name: str) -> None:
    function, args = SAMPLES[name]
    push, pull, columns, rows = linear_maps(function, args)
    random = np.random.default_rng(6)
    for apply, size in ((push, columns), (pull, rows)):
        one, two = random.normal(size=size), random.choice([0.0, 0.0, 1.0], size)
        whole = apply(2.5 * one - 1.5 * two)
        parts = 2.5 * apply(one) - 1.5 * apply(two)
        scale = np.max(np.abs(whole), initial=1.0)
        np.testing.assert_allclose(whole, parts, rtol=1e-11, atol=1e-11 * scale)


@pytest.mark.parametrize("name", [rule.name for rule in ELEMENTWISE if differentiable(rule)])
def test_tangents_and_cotangents_may_be_differentiated_by_also_where_they_are_zero(name: str) -> None:
    """What is linear in t has the same slope in t everywhere: also at t = 0, where nothing moves yet."""
    function, args = SAMPLES[name]
    along = tuple(np.cos(1.0 + np.arange(a.size)).reshape(a.shape) for a in args)
    expected = cr.jvp(function, args, along)[1]
    for start in (0.0, 1.0):
        begin = tuple(start * t for t in along)
        moved = cr.jvp(lambda *t: cr.jvp(function, args, t)[1], begin, along)[1]
        np.testing.assert_allclose(moved, expected, rtol=1e-12, atol=1e-14)
        value, pullback = cr.vjp(lambda *t: cr.jvp(function, args, t)[1], *begin)
        pulled = pullback(np.ones(np.shape(value)))
        for found, wanted in zip(pulled, cr.vjp(function, *args)[1](np.ones(np.shape(value))), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
        back = cr.jvp(lambda g: cr.vjp(function, *args)[1](g), (start * value,), (np.ones(np.shape(value)),))[1]
        for found, wanted in zip(back, pulled, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


# Each of them has an infinite slope or no value at one of these points, 0, 1 and 4.
HARD: dict[str, Callable[[Any], Any]] = {
    "a vertical tangent": np.sqrt,
    "a pole": lambda x: 1 / x,
    "infinity": np.log,
    "NaN": lambda x: np.log(x - 2.0),
    "a constant NaN": lambda x: x * np.array([np.nan, 1.0, 1.0]),
    "a constant": lambda x: 0.0 * x + np.nan,
}


@pytest.mark.parametrize("name", HARD)
def test_a_result_that_is_not_asked_for_has_no_part_in_the_gradient(name: str) -> None:
    x = np.array([0.0, 1.0, 4.0])

    def both(x: Any) -> Any:
        return {"hard": HARD[name](x), "easy": 3.0 * x}

    with np.errstate(all="ignore"):
        _, pullback = cr.vjp(both, x)
        nothing = np.zeros(3)
        (found,) = pullback({"hard": nothing, "easy": np.ones(3)})
        np.testing.assert_array_equal(found, 3.0)
        (reversed_order,) = cr.vjp(lambda x: [3.0 * x, HARD[name](x)], x)[1]([np.ones(3), nothing])
        np.testing.assert_array_equal(reversed_order, 3.0)
        (alone,) = cr.vjp(HARD[name], x)[1](nothing)
        np.testing.assert_array_equal(alone, 0.0)
        last = np.array([0.0, 0.0, 1.0])  # of a value, one entry is asked for
        (found,) = pullback({"hard": last, "easy": nothing})
        np.testing.assert_array_equal(found[:2], 0.0)
        rows = cr.jacrev(both)(x)["easy"]
        np.testing.assert_array_equal(rows, 3.0 * np.eye(3))
