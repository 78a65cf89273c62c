"""Kernels compute what NumPy computes: bit for bit, or within 4 units in the last place of each library function."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.compile import fusion, instructions, kernels
from chainrule.compile.fusion import fused
from chainrule.compile.instructions import LIBRARY
from chainrule.compile.kernels import Kernel, Number, Step, Stretch
from chainrule.engine.pieces import wanted
from chainrule.engine.program import Program

pytestmark = pytest.mark.filterwarnings("ignore")
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 5e-324, 1e-310, 1e308, -1e308, 0.5, 1e22, 710.0, -746.0]


@pytest.fixture
def anew() -> Iterator[None]:
    """No kernels that were compiled before."""
    kernels._kept.clear()
    yield
    kernels._kept.clear()


def numbers(size: int, dtype: str, seed: int) -> Any:
    """Random numbers of all sizes, special ones among them."""
    random = np.random.default_rng(seed)
    x = random.normal(size=size) * 10.0 ** random.integers(-3, 2, size)
    x[random.integers(size, size=size // 8)] = random.choice(SPECIAL, size // 8)
    with np.errstate(all="ignore"):
        return x.astype(dtype)


def same(found: Any, expected: Any) -> None:
    """The same bits, but for the payloads of NaN."""
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)
    if found.dtype.kind == "f":
        number = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(found)[number], np.signbit(expected)[number])


def kernel_of(function: Any, letter: str) -> Kernel:
    operands = tuple(Number(k) for k in range(function.nin))
    step = Step(function, operands, letter, letter)
    return Kernel(Stretch(letter * function.nin, (True,) * function.nin, (step,), (function.nin,), ()), "")


@pytest.mark.parametrize("letter", ["d", "f"])
@pytest.mark.parametrize("function", sorted(LIBRARY, key=lambda f: f.__name__))
def test_library_functions_are_within_four_units_of_numpys(function: Any, letter: str) -> None:
    if function is np.float_power and letter == "f":
        return  # it computes in double precision
    x = numbers(4001, letter, 1)
    x = np.abs(x) if function in (np.power, np.float_power) else x
    operands = [x, *[np.random.default_rng(2).permutation(x)] * (function.nin - 1)]
    found, expected = kernel_of(function, letter)(*operands), function(*operands)
    unit = np.spacing(np.abs(expected))
    close = np.isfinite(expected) & np.isfinite(found)
    assert np.max(np.abs(found - expected)[close] / unit[close]) <= 4
    same(np.where(close, np.sign(found), found), np.where(close, np.sign(expected), expected))


EXACT = (
    "{v} = {a} + {b} * {c}", "{v} = ({a} - {b}) / ({c} * {c} + 1)", "{v} = np.where({a} > {b}, {a}, 0.5 * {c})",
    "{v} = np.maximum({a}, {b}) - np.minimum({c}, 0.25)", "{v} = np.sqrt(np.abs({a})) * np.sign({b})",
    "{v} = np.floor({a}) + np.rint({b}) * np.trunc({c})", "{v} = np.where(np.isnan({a}) | ({b} < 0), {c}, -{a})",
    "{v} = {a} * ({b} <= {c})", "{v} = np.copysign({a}, {b}) ** 2 + np.fmax({a}, {c})",
    "{v} = np.where(~np.isfinite({a}) & ({b} != {c}), 2, {a} ** 2)", "{v} = 1 / {a} + np.reciprocal({b})",
    "{v} = np.deg2rad({b}) - np.fmin({a}, {c})",
)  # fmt: skip
ROUNDED = ("{v} = np.sin({a}) * np.exp(-{b} * {b})", "{v} = np.tanh({a}) + np.log1p(np.abs({b}))",
           "{v} = np.arctan2({a}, {b}) * np.hypot({a}, {c})", "{v} = {a} ** 3 + {b} ** -1 * {c} ** -2")  # fmt: skip


def text_of(seed: int, statements: tuple[str, ...]) -> str:
    random = np.random.default_rng(seed)
    made, lines = ["x", "y", "z"], []
    for k in range(int(random.integers(3, 9))):
        a, b, c = random.choice(made[-4:]), random.choice(made), random.choice(made)
        lines.append(random.choice(statements).format(a=a, b=b, c=c, v=f"v{k}"))
        made.append(f"v{k}")
    return "\n    ".join(["def f(x, y, z):", *lines, f"return {made[-1]} + {made[-2]} * z, {made[-3]} * 2"])


def function_of(seed: int, statements: tuple[str, ...]) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(text_of(seed, statements), space)
    return space["f"]


def operands_of(seed: int, dtype: str) -> list[Any]:
    """Arrays that broadcast together, some of them strided, reversed or transposed."""
    random = np.random.default_rng([seed, 7])
    x = numbers(2 * 1037, dtype, seed)
    forms: list[list[Any]] = [
        [x[:1037], x[1037:], x[5]],
        [x[::2], x[::-2], x[:1037]],
        [x[:1000].reshape(20, 50).T, x[1000:2000].reshape(50, 20), x[:20]],
        [x[:700].reshape(700, 1), x[:3], x[3:2103:1][:700].reshape(700, 1)],
        [x[: 8 * 9 * 20].reshape(8, 9, 20)[:, ::2, 1:], x[:19], x[:8].reshape(8, 1, 1)],
    ]
    return forms[random.integers(len(forms))]


def kernels_in(program: Program) -> list[Any]:
    return [operation.function for operation in program.operations if type(operation.function) is Kernel]


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(10, 500))])
def test_arithmetic_of_random_stretches_is_numpys_bit_for_bit(seed: int, dtype: str) -> None:
    f, operands = function_of(seed, EXACT), operands_of(seed, dtype)
    fast = fused(cr.stage(f, *operands))
    assert kernels_in(fast)
    for found, expected in zip(fast(*operands), f(*operands), strict=True):
        same(found, expected)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(6, 300))])
def test_values_and_gradients_of_random_stretches(seed: int, dtype: str) -> None:
    f, operands = function_of(seed, (*EXACT[:7], *ROUNDED)), operands_of(seed, dtype)
    operands = [np.clip(np.nan_to_num(a), -30, 30) for a in operands]

    def total(x: Any, y: Any, z: Any) -> Any:
        one, other = f(x, y, z)
        return np.sum(one) + np.mean(np.tanh(other) * one)

    slope = cr.value_and_grad(total, (0, 1, 2))
    program = cr.stage(slope, *operands)
    fast = fused(program)
    assert kernels_in(fast)
    (value, gradients), (wanted_value, wanted_gradients) = fast(*operands), program(*operands)
    tolerance = 1e-10 if dtype == "f8" else 2e-3
    for found, expected in zip((value, *gradients), (wanted_value, *wanted_gradients), strict=True):
        assert found.dtype == expected.dtype
        size = np.nanmax(np.abs(expected), initial=1.0, where=np.isfinite(expected))
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * size)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 9, 511, 512, 513, 1025, kernels.SHARED, 2 * kernels.SHARED + 3])
@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_sums_of_any_size_with_any_number_of_threads(size: int, dtype: str) -> None:
    x = np.random.default_rng(size).normal(size=size).astype(dtype)
    steps = (Step(np.multiply, (Number(0), Number(0)), x.dtype.char, x.dtype.char),)
    kernel = Kernel(Stretch(x.dtype.char, (True,), steps, (1,), (0, 1)), "")
    token = wanted.set(1)
    try:
        squares, total, energy = kernel(x)
        wanted.set(3)
        again = kernel(x)
    finally:
        wanted.reset(token)
    same(squares, x * x)
    precise = x.astype(np.longdouble)
    assert abs(total - precise.sum()) <= 4 * np.spacing(np.abs(x).sum())
    assert abs(energy - (precise * precise).sum()) <= 4 * np.spacing(energy)
    same(again[0], squares)
    assert again[1:] == (total, energy)


def test_a_sum_has_the_infinities_and_nan_of_numpys() -> None:
    kernel = Kernel(Stretch("d", (True,), (Step(np.negative, (Number(0),), "d", "d"),), (), (1,)), "")
    for special in ([np.inf], [np.inf, np.inf], [np.inf, -np.inf], [np.nan], [1e308, 1e308], [-0.0]):
        x = np.zeros(600)
        x[: len(special)] = special
        same(np.asarray(kernel(x)), np.asarray(np.sum(-x)))


def test_functions_that_the_c_library_has_not_for_vectors_are_called_entry_by_entry(
    anew: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instructions, "vector_function", lambda *known: None)
    x = numbers(1003, "f8", 3)
    for function in (np.sin, np.exp, np.tanh):
        found, expected = kernel_of(function, "d")(x), function(x)
        np.testing.assert_array_max_ulp(found[np.isfinite(expected)], expected[np.isfinite(expected)], 4)


def test_vectors_of_every_width_give_the_same(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = numbers(1003, "f8", 4), numbers(1003, "f4", 5)
    steps = (
        Step(np.sin, (Number(0),), "d", "d"), Step(np.add, (Number(2), Number(1)), "d", "d"),
        Step(np.log, (Number(1),), "f", "f"), Step(np.less, (Number(3), 0.5), "d", "?"),
    )  # fmt: skip
    stretch = Stretch("df", (True, True), steps, (3, 4, 5), (3,))
    found = Kernel(stretch, "")(x, y)
    monkeypatch.setattr(instructions, "lanes", lambda: (2, "b"))
    monkeypatch.setattr(kernels, "lanes", lambda: (2, "b"))
    instructions.vector_function.cache_clear()
    kernels._kept.clear()
    narrow = Kernel(stretch, "")(x, y)
    instructions.vector_function.cache_clear()
    for one, other in zip(found, narrow, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6 if one.dtype == "f4" else 1e-15)


def test_without_llvmlite_a_jitted_function_runs_over_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("passes", "source"):
        monkeypatch.setattr(f"chainrule.compile.{module}.is_available", lambda: False)
    fast = cr.jit(lambda x: np.sum(np.sin(x) * x + np.exp(x)))
    x = np.linspace(0, 1, 3000)
    assert fast(x) == np.sum(np.sin(x) * x + np.exp(x))
    assert "machine code" not in fast.source
    assert "chainrule[fast]" in fast.source


def test_a_stretch_is_not_torn_from_what_it_needs_and_what_needs_it() -> None:
    def f(x: Any) -> Any:
        y = np.sin(x) + 1
        z = np.cumsum(y * y)  # no elementwise function: what is before and what is after are two kernels
        return np.sum(z * y - x), y - z / 2 + np.sort(x * 2)

    x = np.random.default_rng(0).normal(size=900)
    program = cr.stage(f, x)
    fast = fused(program)
    assert len(kernels_in(fast)) == 2
    for found, expected in zip(fast(x), f(x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_branches_on_values_are_taken_beside_kernels() -> None:
    def f(x: Any) -> Any:
        y = np.exp(-x * x)
        if np.sum(y) > 600:
            return y * 2 + x
        while np.max(y) > 0.2:
            y = y * 0.9 - x * 1e-3
        return y + np.tanh(x)

    fast, slope = cr.jit(f), cr.jit(cr.grad(lambda x: np.sum(f(x))))
    random = np.random.default_rng(1)
    for scale in (1.0, 0.1, 1.0, 3.0, 0.1):
        x = random.normal(size=1000) * scale
        np.testing.assert_allclose(fast(x), f(x), rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(slope(x), cr.grad(lambda x: np.sum(f(x)))(x), rtol=1e-12, atol=1e-14)
    assert "return CALL  #" not in fast.source
    assert "machine code" in fast.source


def test_a_formula_of_the_users_own_becomes_a_part_of_the_kernel() -> None:
    @cr.custom(formula="1 / (1 + exp(-x))")
    def softplus(x: Any) -> Any:
        return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)

    slope = cr.value_and_grad(lambda x: np.sum(softplus(x) ** 2))
    fast, x = cr.jit(slope), np.linspace(-5, 5, 2000)
    for found, expected in zip(fast(x), slope(x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert fast.source.count("machine code") == 1


def test_results_of_a_kernel_share_no_memory() -> None:
    fast = cr.jit(cr.value_and_grad(lambda x: np.sum(np.sin(x) * x)))
    both = cr.jit(lambda x: (np.sin(x) + x, np.sin(x) + x, (np.cos(x) * x)[::2]))
    x = np.linspace(0, 1, 2000)
    assert fast(x)[1] is not fast(x)[1]
    one, other, part = both(x)
    assert not np.shares_memory(one, other)
    assert part.base is None


def test_threads_that_compile_and_call_one_function_get_the_same(anew: None) -> None:
    fast, x, found = cr.jit(lambda x: np.sin(x) * np.exp(-x) + x), np.linspace(0, 1, 5000), []
    threads = [threading.Thread(target=lambda: found.append(fast(x))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    for one in found:
        same(one, found[0])


def test_nothing_small_is_compiled_and_kernels_are_kept(anew: None) -> None:
    def f(x: Any) -> Any:
        return np.sin(x) * x + 1

    assert not kernels_in(fused(cr.stage(f, np.ones(fusion.LEAST // 3 - 1))))
    one, other = (kernels_in(fused(cr.stage(f, np.ones(size))))[0] for size in (500, 600))
    assert one._made is other._made


def test_kernels_that_differ_in_the_sign_of_a_zero_are_two(anew: None) -> None:
    x = np.full(600, -0.0)
    for zero in (0.0, -0.0):
        kernel = kernels_in(fused(cr.stage(lambda x, zero=zero: np.abs(x) * -1 + zero, x)))[0]
        same(kernel(x), np.abs(x) * -1 + zero)
