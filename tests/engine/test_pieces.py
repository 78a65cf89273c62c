"""Large arrays are computed in pieces, by several threads: no number and no warning may differ for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine import pieces
from chainrule.engine.pieces import COSTLY, PIECE, SHARED, computed, in_pieces, wanted
from tests.rules.calls import ELEMENTWISE, differentiable

DTYPES = [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128]


@pytest.fixture
def threads() -> Iterator[int]:
    """More threads than this machine may have processors."""
    before = wanted.set(3)
    yield 3
    wanted.reset(before)


def values(count: int, dtype: Any, seed: int) -> np.ndarray:
    """Numbers of all sizes, with zeros, infinities and NaN among them."""
    random = np.random.default_rng(seed)
    made = (random.normal(size=count) * 10 ** random.uniform(-5, 3, count)).astype(dtype)
    if made.dtype.kind == "c":
        made = made + 1j * random.normal(size=count)
    made[random.integers(count, size=20)] = np.array([0.0, np.inf, -np.inf, np.nan, 1.0] * 4)
    return made.astype(dtype)


def bits(array: np.ndarray) -> bytes:
    """What the entries hold, without the bytes between long doubles, which no one writes."""
    raw = array.reshape(-1).view(np.uint8).reshape(array.size, -1)
    return raw[:, :10].tobytes() if array.dtype == np.longdouble else raw.tobytes()


def takes(function: np.ufunc, dtype: Any) -> bool:
    try:
        function.resolve_dtypes((np.dtype(dtype),) * function.nin + (None,))
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("function", sorted(COSTLY, key=lambda f: f.__name__), ids=lambda f: f.__name__)
def test_a_shared_function_is_the_undivided_one_bit_for_bit(function: Any, threads: int) -> None:
    for dtype in DTYPES:
        if not takes(function, dtype):
            continue
        for shape in ((SHARED,), (3, SHARED // 3 + 1234)):
            given = [values(int(np.prod(shape)), dtype, seed).reshape(shape) for seed in range(function.nin)]
            for operands in (given, [*given[:-1], np.dtype(dtype).type(1.5)])[: function.nin]:
                with np.errstate(all="ignore"):
                    expected, found = function(*operands), computed(function, *operands)
                assert found.dtype == expected.dtype
                assert found.shape == expected.shape
                assert bits(found) == bits(expected)


def test_operands_of_several_precisions_are_converted_as_in_the_undivided_call(threads: int) -> None:
    single, double = values(SHARED + 77, np.float32, 1), values(SHARED + 77, np.float64, 2)
    whole = np.arange(SHARED + 77)
    for operands in ((single, double), (double, single), (double, whole), (whole, 0.5), (single, 2)):
        with np.errstate(all="ignore"):
            expected, found = np.power(*operands), computed(np.power, *operands)
        assert found.dtype == expected.dtype
        assert bits(found) == bits(expected)


def test_warnings_are_those_of_the_undivided_call(threads: int) -> None:
    x = np.full(5 * PIECE, 2.0)
    x[-1], x[PIECE], x[2 * PIECE + 1] = -1.0, 0.0, -2.0

    def told(compute: Any) -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            compute()
        return [str(warning.message) for warning in caught]

    assert told(lambda: computed(np.log, x)) == told(lambda: np.log(x))
    assert len(told(lambda: computed(np.log, x))) == 2
    assert told(lambda: cr.grad(lambda x: np.sum(np.log(x)))(x)) == told(lambda: np.log(x))
    with np.errstate(divide="ignore"):
        assert told(lambda: computed(np.log, x)) == told(lambda: np.log(x))
    with np.errstate(all="ignore"):
        assert told(lambda: computed(np.log, x)) == []
    with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="in log"):
        computed(np.log, x)
    calls: list[Any] = []
    with np.errstate(all="call", call=lambda *what: calls.append(what)):
        computed(np.log, x)
        found = list(calls)
        calls.clear()
        np.log(x)
    assert found == calls != []


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_gradients_in_threads_are_those_of_one_thread_bit_for_bit(rule: Any) -> None:
    random = np.random.default_rng(5)
    tracked = differentiable(rule)
    columns: list[Any] = [  # an order is one number
        random.uniform(low, high, SHARED + 99) if low < high else int(low) for low, high in rule.sample
    ]
    seed = random.normal(size=SHARED + 99)

    def gradients(count: int) -> list[Any]:
        before = wanted.set(count)
        try:
            with np.errstate(all="ignore"):
                out = rule.function(*columns)
                kernel = rule.kernel("pull", tracked, scalar=False)
                given = dict(zip(rule.arguments, columns, strict=True), out=out)
                pulled = in_pieces(kernel.function, seed, *[given[name] for name in kernel.kept])
        finally:
            wanted.reset(before)
        return list(pulled) if isinstance(pulled, (tuple, list)) else [pulled]

    if tracked:
        for one, three in zip(gradients(1), gradients(3), strict=True):
            np.testing.assert_array_equal(one, three)


def test_a_whole_gradient_in_threads_is_that_of_one_thread_bit_for_bit(threads: int) -> None:
    x = np.random.default_rng(0).uniform(0.1, 2.0, (5, SHARED // 4))

    def f(x: Any) -> Any:
        return np.sum(np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2) + np.logaddexp(x, 0.0) * np.arctan2(x, 1 + x))

    def every() -> tuple[Any, ...]:
        return *cr.value_and_grad(f)(x), *cr.jvp(f, (x,), (np.sqrt(x),)), cr.derivative(np.sin)(x)

    found = every()
    before = wanted.set(1)
    expected = every()
    wanted.reset(before)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_shared_are_formulas_with_a_costly_function() -> None:
    shared = {
        rule.name
        for rule in ELEMENTWISE
        if (tracked := differentiable(rule)) and pieces._work(rule.kernel("pull", tracked, scalar=False).function)[1]
    }
    assert {"sin", "tanh", "arctan2", "power", "expm1", "logaddexp"} <= shared
    assert not {"exp", "log", "sqrt", "divide", "multiply", "maximum", "add", "square", "arcsin"} & shared


def test_work_is_really_shared(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    met = threading.Barrier(2)
    who = set()

    def waiting(piece: slice) -> None:
        if piece.start < 2 * PIECE:
            met.wait(30)
            who.add(threading.get_ident())

    pieces._share(waiting, 10 * PIECE, {"all": "ignore"})
    assert len(who) == 2


def test_an_error_in_a_piece_is_raised_where_the_work_was_asked_for(threads: int) -> None:
    def failing(piece: slice) -> None:
        if piece.start >= 5 * PIECE:
            raise ValueError(f"at {piece.start}")

    with pytest.raises(ValueError, match="at "):
        pieces._share(failing, 20 * PIECE, {"all": "ignore"})


def test_many_transforms_at_once_share_the_same_threads() -> None:
    x = np.linspace(0.1, 2.0, SHARED)

    def one(k: int) -> bool:
        before = wanted.set(4)
        try:
            gradient = cr.grad(lambda x: np.sum(np.sin(k * x)))(x)
        finally:
            wanted.reset(before)
        return bool((gradient == k * np.cos(k * x)).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(1, 41)))


def test_arrays_that_cannot_be_cut_alike_are_computed_undivided(threads: int) -> None:
    x = np.random.default_rng(1).uniform(0.1, 2.0, (SHARED // 8, 16))
    for operands in ((x[:, ::2], 1.5), (x, x[:1]), (x, list(x)), (x, np.array(1.5)), (x.astype(object), 2)):
        np.testing.assert_array_equal(computed(np.power, *operands), np.power(*operands))


PROGRAM = """
import os, sys, numpy as np, chainrule as cr
from chainrule.engine import pieces
{setting}
x = np.linspace(0.1, 2.0, 4 * pieces.SHARED)
f = cr.grad(lambda x: np.sum(np.tanh(np.sin(x))))
before = f(x)
{rest}
"""


def run(setting: str, rest: str, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    program = PROGRAM.format(setting=setting, rest=rest)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=clean | environment, capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on POSIX only")
def test_a_forked_process_starts_threads_of_its_own() -> None:
    rest = """
child = os.fork()
if not child:
    os._exit(0 if (f(x) == before).all() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (f(x) == before).all())
"""
    assert run("pieces.wanted.set(4)", rest) == "0 True"


def test_a_gradient_while_the_interpreter_ends_is_computed_without_threads() -> None:
    rest = "import atexit; atexit.register(lambda: print((f(x) == before).all()))"
    assert run("pieces.wanted.set(4)", rest) == "True"


def test_the_environment_says_how_many_threads_there_are() -> None:
    ask = "print(pieces.threads(), len([t for t in __import__('threading').enumerate() if 'chainrule' in t.name]))"
    assert run("", ask, OMP_NUM_THREADS="1") == "1 0"
    assert run("", ask, CHAINRULE_NUM_THREADS="1", OMP_NUM_THREADS="2") == "1 0"
    assert run("pieces.os.sched_getaffinity = lambda pid: range(64)", ask, OMP_NUM_THREADS="2,4") == "2 1"
    assert run("pieces.os.sched_getaffinity = lambda pid: range(64)", ask.split(",")[0] + ")") == "8"
