"""A jitted function gives what the function gives, on random functions: bit for bit, and over `math` up to roundings.

Derivatives are compared with the programs that `cr.stage` makes of them, without the passes and the source of `jit`;
tests/engine/test_staging.py compares these with the eager ones. Each is called several times: with the arguments for
which it was recorded, with others of the same kinds, so that it takes other paths, and with the first ones again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
import chainrule.numpy
from chainrule.engine.containers import flatten
from tests.engine.programs import make, start
from tests.random_functions import cases

pytestmark = pytest.mark.filterwarnings("ignore")
EXACT, ROUNDED, COMPLEX = 0.0, 1e-9, 1e-12
"""Relative differences: in the tests over `math` a difference of two rounded numbers may lose digits."""


def outcome(f: Callable[..., Any], arguments: Any) -> Any:
    try:
        return f(*arguments)
    except Exception as error:
        return error


def agree(found: Any, expected: Any, tolerance: float) -> None:
    if isinstance(expected, Exception) or isinstance(found, Exception):
        assert type(found) is type(expected), (found, expected)
        said, wanted = (str(error).partition(" would lose")[0] for error in (found, expected))  # then comes a remedy
        assert said == wanted
        return
    pairs = zip(flatten(found)[0], flatten(expected)[0], strict=True)
    for a, b in [(np.asarray(one), np.asarray(other)) for one, other in pairs]:
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        if tolerance:
            size = np.nanmax(np.abs(b), initial=1.0, where=np.isfinite(b))
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * size)
        else:
            np.testing.assert_array_equal(a, b)


def check(f: Callable[..., Any], calls: list[tuple[Any, ...]], tolerance: float, oracle: Any = None) -> None:
    """Compare `f` jitted with the oracle, `f` itself, and see that it is replayed wherever `f` has a result."""
    fast = cr.jit(f)
    for arguments in [*calls, calls[0]]:
        copies = [[np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments] for _ in range(2)]
        expected = outcome(oracle or f, copies[0])
        agree(outcome(fast, copies[1]), expected, tolerance)
        assert isinstance(expected, Exception) or "return CALL  #" not in fast.source


def staged(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` as its program computes it, which is made anew for each call; where there is none, `f` says why."""

    def run(*arguments: Any) -> Any:
        expected = outcome(f, arguments)
        if isinstance(expected, Exception):
            raise expected
        return cr.stage(f, *arguments)(*arguments)

    return run


def ready(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments that a transform need not convert: whole numbers are static, and would be followed as such."""
    made = [np.asarray(a, None if np.asarray(a).dtype.kind in "fc" else float) for a in arguments]
    return tuple(m if isinstance(a, np.ndarray) else m[()] for m, a in zip(made, arguments, strict=True))


def moved(arguments: tuple[Any, ...], random: np.random.Generator) -> tuple[Any, ...]:
    """Other arguments of the same kinds."""
    found = [np.asarray(a * random.choice([1, -1, 0.5, 2]) + random.choice([0, 0.3, -1])) for a in arguments]
    made = [f.astype(np.asarray(a).dtype) for f, a in zip(found, arguments, strict=True)]
    return tuple(m if isinstance(a, np.ndarray) else m[()] for m, a in zip(made, arguments, strict=True))


@pytest.mark.parametrize(("kind", "tolerance"), [("numbers", ROUNDED), ("arrays", EXACT), ("complex", COMPLEX)])
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(100, 140))])
def test_functions_and_their_derivatives(kind: str, tolerance: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    for case in cases(20, seed, kind=kind):
        arguments = ready(case.arguments)
        every = tuple(range(len(arguments)))

        def along(*xs: Any, f: Any = case.function) -> Any:
            return cr.jvp(f, xs, tuple(np.ones_like(x)[()] for x in xs))

        calls = [arguments, moved(arguments, random), moved(arguments, random)]
        check(case.function, calls, tolerance)
        for f in (cr.value_and_grad(case.function, every), along):
            check(f, calls, tolerance, staged(f))


@pytest.mark.parametrize("namespace", [np, chainrule.numpy], ids=["numpy", "chainrule.numpy"])
@pytest.mark.parametrize("seed", range(12))
def test_writes_into_arrays(seed: int, namespace: Any) -> None:
    lines = make(seed, buffers=namespace is not np)
    kept = [line for line, error in zip(lines.lines, lines.raises, strict=True) if error is None]
    space: dict[str, Any] = {"np": namespace, "copy": copy}
    exec("\n    ".join(["def f(x):", "x = x * 1.0", *kept, f"return [{', '.join(lines.arrays)}]"]), space)
    f = space["f"]

    def slope(x: Any) -> Any:
        return cr.grad(lambda x: sum(np.sum(np.real(a) * (k + 1)) for k, a in enumerate(f(x))))(x)

    x = start(seed)
    for g in (f, slope):
        check(g, [(x,), (x[::-1].copy(),), (x * -2,)], COMPLEX if lines.fused else EXACT)


STATEMENTS = (
    "if np.sum({a}) > {c}:\n    {v} = {a} * {b}\nelse:\n    {v} = {b} - {a}",
    "{v} = np.nan_to_num({a}, posinf=9, neginf=-9)\nwhile np.max(np.abs({v})) > 1:\n    {v} = {v} / 3 + 0.1",
    "{v} = {a}\nfor k in range(int(np.clip(np.nan_to_num(np.sum({b})), 0, 4))):\n    {v} = {v} + k * {b}",
    "{v} = {a} if np.any({b} < 0) else {a}[::-1]",
    "{v} = {a}.copy()\n{v}[np.argmax({b}) :] = {b}[0]",
    "{v} = {a}.copy()\n{v}[{b} > 0] *= 2",
    "{v} = np.sum({a}[{a} > {c}]) * {b}",
    "{v} = {a} * weights + scale",
    "{v} = {a} * (weights * 2)[0] if weights[1] > 0 else {a}",
    "{v} = {a} * float(np.round(np.nan_to_num(np.clip(np.sum({b}), -3, 3))))",
    "{v} = np.sort({a}) + np.cumsum({b})",
    "{v} = np.where({a} > {b}, {a}, 0.5 * {b})",
    "buffer = np.zeros(3, {a}.dtype)\nfor k in range(3):\n    buffer[k] = {a}[k] * k\n{v} = buffer + {b}",
    "{v} = {a}\nfor k, entry in enumerate({b}):\n    {v} = {v} + entry * k",
    "{v} = {a} / {c} + np.tanh({b}) ** 2",
    "{v} = np.nan_to_num(np.exp({a})) - {b} * np.True_",
)


def text_of(random: np.random.Generator) -> str:
    """A random function of x and y, arrays of three numbers, with captured `weights` and `scale`."""
    made, lines = ["x", "y"], []
    for k in range(int(random.integers(2, 6))):
        a, b = random.choice(made[-3:]), random.choice(made)
        statement = STATEMENTS[random.integers(len(STATEMENTS))]
        lines += statement.format(a=a, b=b, c=random.choice([0.5, -1, 2]), v=f"v{k}").split("\n")
        made.append(f"v{k}")
    return "\n    ".join(["def f(x, y):", *lines, f"return {made[-1]} + 0 * {random.choice(made)}"])


@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "i8", "u1"])
@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(8, 300))])
def test_branches_loops_and_captured_arrays(dtype: str, seed: int) -> None:
    random = np.random.default_rng([seed, ord(dtype[0])])
    text = text_of(random)
    space: dict[str, Any] = {"np": np, "weights": np.array([1.0, -2.0, 0.5]), "scale": 2.0}
    exec(text, space)

    def argument() -> Any:
        x = random.normal(size=3) * random.choice([0.5, 3, 40])
        x[random.integers(3)] = random.choice([0.0, 1.0, -0.0, x[0], *([np.nan] if random.random() < 0.1 else [])])
        with np.errstate(all="ignore"):
            return (x + 1j * x[::-1] if dtype == "c16" else x).astype(dtype)

    def total(x: Any, y: Any) -> Any:
        return np.sum(np.real(space["f"](x, y)))

    f = space["f"]
    gradient = cr.value_and_grad(total, (0, 1))
    tolerance = COMPLEX if dtype == "c16" else EXACT
    fast, slope = cr.jit(f), cr.jit(gradient)
    for turn in range(6):
        x, y = argument(), argument()
        agree(outcome(fast, (x, y)), outcome(f, (x, y)), tolerance)
        if dtype[0] in "fc":
            agree(outcome(slope, (x, y)), outcome(staged(gradient), (x, y)), tolerance)
        if turn == 2:
            space["weights"] = np.array([-1.0, 3.0, 2.5])
        if turn == 3:
            space["weights"][1] = -4.0
            space["scale"] = -1.5


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(6, 200))])
def test_paths_of_numbers(seed: int) -> None:
    random = np.random.default_rng(seed)
    text = "\n    ".join([
        "def f(x, y):",
        "total = x",
        f"if x {random.choice(['<', '>', '<=', '!='])} {random.choice([0.0, 1.0, -1.0])}:",
        f"    total = {random.choice(['np.exp(-x * x)', 'x * y', '-x', 'x / y'])}",
        "for k in range(int(np.clip(np.nan_to_num(y), 0, 3))):",
        f"    total = total * {random.choice(['x', 'k', 'np.sin(x)', '0.5'])} + y",
        "while 10 < np.abs(total) < np.inf:",
        "    total = total / 2",
        f"return np.where(y > x, total, {random.choice(['x', '0.0', 'np.sqrt(np.abs(y))'])}), total > x",
    ])  # fmt: skip
    space: dict[str, Any] = {"np": np}
    exec(text, space)
    f = space["f"]
    both = cr.value_and_grad(lambda x, y: f(x, y)[0], (0, 1))
    fast, slope = cr.jit(f), cr.jit(both)
    special = [0.0, -0.0, 1.0, -1.0, np.nan, np.inf, 1e-310, 1e5]
    for _ in range(25):
        x, y = (random.choice(special) if random.random() < 0.2 else random.normal() * 3 for _ in range(2))
        agree(outcome(fast, (x, y)), outcome(f, (np.float64(x), np.float64(y))), ROUNDED)
        agree(outcome(slope, (x, y)), outcome(staged(both), (x, y)), ROUNDED)
