"""One cotangent may stand for several values, and large ones are added up in place: neither may show in a gradient."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine import pieces, walk
from chainrule.engine.pieces import HUGE, PIECE
from tests.rules.calls import ELEMENTWISE, differentiable
from tests.rules.test_exceptions import EXCEPTIONS

# Steps that hand a cotangent on as it is, to one operand or to both; and others.
SHARING: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: np.positive(a), lambda a, b: a[:],
    lambda a, b: np.reshape(a, (1, -1))[0], lambda a, b: np.copy(a), lambda a, b: a + a, lambda a, b: +b + a,
    lambda a, b: np.positive(b) - a,
]  # fmt: skip
OTHERS: list[Callable[[Any, Any], Any]] = [
    lambda a, b: -a, lambda a, b: a + b[1], lambda a, b: a[::-1], lambda a, b: np.sin(a) * b, lambda a, b: a * 2.0,
    lambda a, b: np.concatenate([a[:2], b[2:]]), lambda a, b: a + np.mean(b),
    lambda a, b: np.where(np.arange(len(a)) % 2 == 0, a, b),
]  # fmt: skip
ENDS: list[Callable[[Any], Any]] = [
    lambda a: a[0] * 5, lambda a: a[-1], lambda a: np.sum(a[1:3]), lambda a: np.sum(a[::2]), lambda a: a[0] * a[1],
    np.sum, np.mean, lambda a: np.mean(a * a),
]  # fmt: skip


def program(seed: int) -> Callable[[Any], Any]:
    """A random function whose values are used several times, wholly and in parts, in every order."""

    def f(x: Any) -> Any:
        random = np.random.default_rng(seed)
        values, total = [2.0 * x, np.sin(x)], 0.0
        for _ in range(10):
            one, two = (values[-min(int(random.geometric(0.5)), len(values))] for _ in range(2))
            if random.random() < 0.5:
                total = total + float(random.uniform(0.5, 1.5)) * ENDS[random.integers(len(ENDS))](one)
            steps = SHARING if random.random() < 0.7 else OTHERS
            values.append(steps[random.integers(len(steps))](one, two))
        return total + np.mean(values[-1] * np.linspace(0.5, 1.5, len(x)))

    return f


@pytest.mark.parametrize("kind", ["small", "large", "small taken for large"])
def test_values_used_several_times_have_the_gradient_of_forward_mode(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "small taken for large":
        monkeypatch.setattr(walk, "LARGE", 5)
        monkeypatch.setattr(pieces, "PIECE", 2)
    size, count = (walk.LARGE + 3, 5) if kind == "large" else (5, 150)
    x = np.linspace(-0.9, 1.1, size)
    for seed in range(count):
        f, random = program(seed), np.random.default_rng(seed)
        direction = random.normal(size=size)
        slope = cr.jvp(f, (x,), (direction,))[1]
        for gradient in (cr.grad(f)(x), cr.vjp(f, x)[1](1.0)[0]):
            assert gradient @ direction == pytest.approx(slope, rel=1e-9, abs=1e-9), seed


@pytest.mark.parametrize("rule", [r for r in ELEMENTWISE if r.function in EXCEPTIONS], ids=lambda r: r.name)
def test_exceptional_points_in_one_piece_of_a_large_array_count_as_in_a_small_one(
    rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory that is taken for a result holds garbage until it is written to."""
    empty = np.empty

    def garbage(*args: Any, **options: Any) -> Any:
        made = empty(*args, **options)
        if made.dtype.kind in "fc":
            made[...] = 77.0
        return made

    usual = [low + 0.3 * (high - low) for low, high in rule.sample]
    points = [point for point, _ in EXCEPTIONS[rule.function]]
    tracked = differentiable(rule)
    few = [np.array([usual[i], *(point[i] for point in points)]) for i in range(len(usual))]

    def gradients(columns: list[Any]) -> tuple[Any, ...]:
        def of_tracked(*values: Any) -> Any:
            given = list(columns)
            for position, value in zip(tracked, values, strict=True):
                given[position] = value
            return rule.function(*given)

        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value, pullback = cr.vjp(of_tracked, *(columns[i] for i in tracked))
            return pullback(np.ones_like(value))  # type: ignore[no-any-return]

    expected = gradients(few)
    many = [np.full(HUGE + PIECE, column[0]) for column in few]
    for large, column in zip(many, few, strict=True):
        large[PIECE + 5 : PIECE + 5 + len(points)] = column[1:]
    monkeypatch.setattr(np, "empty", garbage)
    found = gradients(many)
    for small, large in zip(expected, found, strict=True):
        wanted = np.full(HUGE + PIECE, small[0])
        wanted[PIECE + 5 : PIECE + 5 + len(points)] = small[1:]
        np.testing.assert_array_equal(large, wanted)
