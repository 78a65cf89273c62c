"""What the walk did not make itself it never writes into: not what pullbacks returned, nor the cotangents that it gave.

The functions are random, linear and made in part of a user's own functions, whose pullbacks return arrays in every way
that NumPy allows: the cotangent itself, one array twice, an array that is kept, views, read-only broadcasts, another
dtype. Every array that a pullback saw or returned is noted with a copy. The gradients are those of the plain function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine import pieces, walk
from chainrule.recording.run import run

SIZE = 6
WEIGHTS = np.linspace(0.5, 1.5, SIZE)
NOTED: list[tuple[str, Any, Any]] = []
"""What pullbacks received and returned, and a copy of each."""


@pytest.fixture(autouse=True)
def _nothing_is_noted_yet() -> Iterator[None]:
    NOTED.clear()
    yield
    NOTED.clear()


def note(kind: str, *arrays: Any) -> None:
    NOTED.extend((kind, array, array.copy()) for array in arrays if isinstance(array, np.ndarray))


def own(f: Callable[..., Any], pull: Callable[[Any], Any]) -> Callable[..., Any]:
    """A user's linear function, whose pullback notes what goes in and comes out."""

    def reverse(out: Any, primals: Any, g: Any) -> Any:
        pulled = pull(g)
        if isinstance(g, np.ndarray):
            note("given", g)
            note("returned", *(pulled if isinstance(pulled, tuple) else (pulled,)))
        return pulled

    return cr.custom(f, reverse=reverse, samples=[])


def kept() -> Callable[[Any], Any]:
    """A pullback that keeps all the arrays that it has returned."""
    buffers: list[Any] = []

    def pull(g: Any) -> Any:
        buffers.append(np.empty(np.shape(g)))
        np.multiply(g, 2.0, buffers[-1])
        return buffers[-1]

    return pull


def both(g: Any) -> Any:
    doubled = 2.0 * g
    return doubled, doubled


ONE: list[Callable[[Any], Any]] = [
    own(lambda x: x * 1.0, lambda g: g),
    own(lambda x: 2.0 * x, lambda g: 2.0 * g),
    own(lambda x: 2.0 * x, kept()),
    own(lambda x: x[::-1], lambda g: g[::-1]),
    own(lambda x: 3.0 * x[::-1], lambda g: (3.0 * g)[::-1]),
    own(lambda x: np.sum(x), lambda g: np.broadcast_to(g, SIZE)),
    own(lambda x: x * WEIGHTS, lambda g: np.asfortranarray(g * WEIGHTS)),
    own(lambda x: np.full(SIZE, x[2]), lambda g: np.eye(SIZE)[2] * np.sum(g)),
    own(lambda x: 0.5 * x, lambda g: (0.5 * g).astype(np.float32)),
]
TWO: list[Callable[[Any, Any], Any]] = [
    own(lambda x, y: x + y, lambda g: (g, g)),
    own(lambda x, y: 2.0 * (x + y), both),
    own(lambda x, y: x - y[::-1], lambda g: (g, -g[::-1])),
    own(lambda x, y: x * 1.0, lambda g: (g, None)),
]
PLAIN: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x + x, lambda x, y: -y, lambda x, y: np.positive(x),
    lambda x, y: x[:], lambda x, y: x[::-1] + y, lambda x, y: np.concatenate([x[:2], y[2:]]), lambda x, y: x + y[1],
    lambda x, y: x * WEIGHTS, lambda x, y: np.reshape(x, (2, 3)).T.ravel(), lambda x, y: x + np.mean(y),
    lambda x, y: np.stack([x, y])[1], lambda x, y: np.broadcast_to(x, (2, SIZE))[0] + np.sum(y),
    lambda x, y: np.where(WEIGHTS > 1, x, y), lambda x, y: np.roll(x, 1) + np.copy(y),
    lambda x, y: x[[1, 1, 0, 2, 5, 4]],
]  # fmt: skip
ENDS: list[Callable[[Any], Any]] = [
    lambda x: x[0], lambda x: x[-2] * 3, np.sum, np.mean, lambda x: np.sum(x[1:4]), lambda x: np.sum(x * WEIGHTS),
    lambda x: np.sum(x[::2]) + x[0],
]  # fmt: skip


def program(seed: int) -> Callable[[Any], Any]:
    """A random linear function of a vector; its value is a number."""

    def f(x: Any) -> Any:
        random = np.random.default_rng(seed)
        values: list[Any] = [x, x * WEIGHTS] if seed % 2 else [x]
        total = 0.0
        for _ in range(int(random.integers(3, 12))):
            one, two = (values[-min(int(random.geometric(0.4)), len(values))] for _ in range(2))
            kind = random.random()
            if kind < 0.3:
                total = total + ENDS[random.integers(len(ENDS))](one)
            elif kind < 0.6:
                values.append(PLAIN[random.integers(len(PLAIN))](one, two))
            elif kind < 0.8:
                made = ONE[random.integers(len(ONE))](one)
                values.append(made if np.ndim(made) else made * WEIGHTS)
            else:
                values.append(TWO[random.integers(len(TWO))](one, two))
        return total + np.sum(values[-1] * WEIGHTS[::-1])

    return f


def expected(f: Callable[[Any], Any], x: Any) -> Any:
    """The gradient of a linear function, from its values."""
    zero = f(np.zeros_like(x))
    return np.array([f(row) - zero for row in np.eye(SIZE)])


def assert_nothing_was_written_to(seed: int) -> None:
    for kind, array, copy in NOTED:
        np.testing.assert_array_equal(array, copy, err_msg=f"program {seed}: an array that a pullback was {kind}")


@pytest.mark.parametrize("large", [False, True], ids=["small", "taken for large"])
@pytest.mark.parametrize("block", range(4))
def test_the_walk_writes_only_into_arrays_that_it_made(
    large: bool, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(walk, "LARGE", 2)
        monkeypatch.setattr(pieces, "SHARED", 4)
        monkeypatch.setattr(pieces, "PIECE", 2)
    x = np.linspace(-1.0, 1.0, SIZE)
    for seed in range(50 * block, 50 * block + 50):
        f = program(seed)
        wanted = expected(f, x)
        NOTED.clear()
        gradient = cr.grad(f)(x)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-6)
        assert_nothing_was_written_to(seed)
        for _, array, _ in NOTED:
            assert not np.shares_memory(array, gradient), seed
        gradient[...] = np.nan
        assert_nothing_was_written_to(seed)


@pytest.mark.parametrize("large", [False, True], ids=["small", "taken for large"])
def test_a_record_that_is_walked_again_was_not_written_to(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if large:
        monkeypatch.setattr(walk, "LARGE", 2)
        monkeypatch.setattr(pieces, "SHARED", 4)
        monkeypatch.setattr(pieces, "PIECE", 2)
    x = np.linspace(-1.0, 1.0, SIZE)
    for seed in range(80):
        f, g = program(seed), program(seed + 1000)
        NOTED.clear()

        def several(x: Any, f: Any = f, g: Any = g) -> Any:
            first = f(x) * WEIGHTS
            return {"a": first, "b": [x * g(x), first + x, x], "c": f(x)}

        value, pullback = cr.vjp(several, x)
        seeds = {"a": WEIGHTS.copy(), "b": [np.ones(SIZE), WEIGHTS[::-1].copy(), np.ones(SIZE)], "c": 1.0}
        note("seed", seeds["a"], *seeds["b"])
        first = pullback(seeds)[0]
        once = first.copy()
        assert_nothing_was_written_to(seed)
        first[...] = np.nan
        for out in (value["a"], *value["b"]):
            out[...] = np.nan
        np.testing.assert_array_equal(pullback(seeds)[0], once)
        assert_nothing_was_written_to(seed)


def test_the_walk_with_masks_and_that_of_readings_write_into_nothing_either() -> None:
    x = np.linspace(-1.0, 1.0, SIZE)
    for seed in range(50):
        f = program(seed)
        wanted = expected(f, x)

        def with_a_nan_beside(x: Any, f: Any = f) -> Any:
            return f(np.where(x > 0, np.sqrt(x), 0.0) * 0 + x)  # not taken: ∞

        NOTED.clear()
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(cr.grad(with_a_nan_beside)(x), wanted, rtol=1e-6, atol=1e-6)
        assert_nothing_was_written_to(seed)
        np.testing.assert_allclose(run(f, (x,)).gradient(0), wanted, rtol=1e-6, atol=1e-6)
        assert_nothing_was_written_to(seed)
