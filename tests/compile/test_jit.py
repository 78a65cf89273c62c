"""`cr.jit` gives what the function gives, whatever the function reads, and for whatever it is called with."""

from __future__ import annotations

import math
import pickle
import random
import threading
import time
from collections import namedtuple
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ImpurityError, MatrixError, ShapeError

rng = np.random.default_rng  # a function; each test has a generator of its own


def is_replayed(f: Any) -> bool:
    return "return CALL  #" not in f.source and "Nothing" not in f.source


def test_the_value_and_gradient_of_a_function_of_numbers_run_over_math() -> None:
    both = cr.value_and_grad(lambda x: np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2))
    fast = cr.jit(both)
    for x in (2.0, -0.5, np.float64(0.1), 0.0):
        np.testing.assert_allclose(fast(x), both(x), rtol=1e-14)
    assert "v1 = sin(x)" in fast.source
    assert type(fast(1.0)[1]) is np.float64


@pytest.mark.parametrize("x", [800.0, -800.0, math.inf, -math.inf, math.nan, 0.0, -0.0, 1e-320, 1e308])
@pytest.mark.parametrize(
    "f",
    [
        np.exp, np.log, np.sqrt, np.sin, np.cosh, np.log1p, np.expm1, np.arctanh, np.arccosh, np.cbrt, np.floor,
        np.rint, np.trunc, np.ceil, np.sign, np.square, np.exp2, lambda x: 1 / x, lambda x: x**3, lambda x: x**-1,
        lambda x: x**-2.5, lambda x: np.where(x > 0, x, -x), lambda x: np.hypot(x, 3.0), lambda x: np.arctan2(x, -0.0),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_numbers_give_infinities_and_nan_where_numpy_does(f: Any, x: float) -> None:
    for g in (f, cr.grad(f)):
        fast = cr.jit(g)
        for _ in range(2):
            found, expected = fast(x), g(np.float64(x))
            np.testing.assert_array_max_ulp(found, np.float64(expected), 4) if np.isfinite(expected) else None
            np.testing.assert_array_equal(np.isfinite(found), np.isfinite(expected))
            np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
            assert np.signbit(found) == np.signbit(expected) or np.isnan(expected)


def newton(a: Any) -> Any:
    x = a
    while np.abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def test_a_loop_until_convergence_is_right_for_every_number() -> None:
    fast, slope = cr.jit(newton), cr.jit(cr.grad(newton))
    for a in np.exp(rng(0).uniform(-20, 20, 60)):
        assert fast(a) == newton(a)
        assert slope(a) == pytest.approx(0.5 / np.sqrt(a), rel=1e-9)
    assert is_replayed(fast)
    assert len(fast._signatures) == 1


def test_branches_on_values_are_followed() -> None:
    def f(x: Any, y: Any) -> Any:
        if x > y:
            return np.sin(x) if x > 1 else y * x
        total = y
        for _ in range(int(np.clip(y, 0, 5))):
            total = total * x
        return total

    both = cr.value_and_grad(lambda x, y: f(x, cr.stop_gradient(y)))
    fast = cr.jit(both)
    for x, y in rng(1).uniform(-3, 6, (80, 2)):
        np.testing.assert_allclose(fast(x, y), both(x, y), rtol=1e-14)
    assert is_replayed(fast)


def test_the_coldest_path_is_dropped_and_comes_back() -> None:
    def f(x: Any) -> Any:
        k = int(x)
        return x * k

    fast = cr.jit(f)
    for _ in range(3):
        for k in range(40):
            assert fast(k + 0.5) == (k + 0.5) * k
            assert fast(7.25) == 7.25 * 7
    assert fast.source.count("+= 1") <= 32


def test_a_function_with_ever_new_paths_is_called() -> None:
    fast = cr.jit(lambda x: float(x) * 2 + x)
    for x in rng(2).normal(size=400):
        assert fast(x) == x * 3 or fast(x) == x * 2 + x
    assert "nearly every call takes a path of its own" in fast.source


def test_values_that_leave_for_plain_python_specialise_the_program() -> None:
    def f(x: Any) -> Any:
        values = np.zeros(3)
        values[0] = x[0]
        values[1:] = x[1:]
        return values.tolist()[0] + math.sin(x[1]) + np.sum(values) + x[2].item()

    fast = cr.jit(f)
    for x in rng(3).normal(size=(4, 3)):
        for _ in range(2):
            assert fast(x) == f(x)
    assert is_replayed(fast)


@pytest.mark.parametrize("signs", [(1, 1, 1), (1, -1, 1), (-1, -1, -1)])
def test_shapes_that_depend_on_values_are_paths(signs: Any) -> None:
    fast = cr.jit(cr.grad(lambda x: np.sum(np.exp(x[x > 0])) + len(np.unique(x))))
    for s in ((1, 1, 1), signs, (1, 1, 1)):
        x = np.array(s) * np.array([0.5, 1.0, 0.5])
        np.testing.assert_array_equal(fast(x), np.where(x > 0, np.exp(x), 0))
    assert is_replayed(fast)


# ---------------------------------------------------------------------- what is captured

SCALE = 2.0
WEIGHTS = np.arange(3.0)
TABLE = {"w": np.ones(3), "list": [np.full(3, 2.0), 0.5]}


def of_globals(x: Any) -> Any:
    return np.sum(x * WEIGHTS * SCALE) + np.sum(TABLE["w"] * x * TABLE["list"][1]) + np.sum(TABLE["list"][0] * 2)


def test_globals_are_read_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    fast, x = cr.jit(of_globals), np.array([1.0, 2.0, 3.0])
    space = of_globals.__globals__
    changes = [
        {}, {"SCALE": 3.0}, {"WEIGHTS": np.ones(3)}, {"SCALE": 2.0}, {"WEIGHTS": np.ones(1)}, {"WEIGHTS": 2.0},
        {"TABLE": {"w": np.zeros(3), "list": [np.ones(3), 1.5]}},
    ]  # fmt: skip
    for change in changes:
        for name, value in change.items():
            monkeypatch.setitem(space, name, value)
        for _ in range(2):
            assert fast(x) == of_globals(x)
    space["TABLE"]["list"][0][...] = 7.0
    assert fast(x) == of_globals(x)
    space["TABLE"]["list"][1] = 9.0
    assert fast(x) == of_globals(x)
    assert is_replayed(fast)


def test_what_is_made_of_captured_arrays_follows_them() -> None:
    matrix = np.eye(3)

    def inner(x: Any) -> Any:
        if matrix.sum() > 5:
            return np.sum(x) * matrix[0, 0]
        return (matrix * 2 + 1)[1] @ x

    def outer(x: Any, scale: Any = np.array([1.0, 2.0, 3.0])) -> Any:  # noqa: B008
        return inner(x * scale)

    fast, plain = cr.jit(cr.value_and_grad(outer)), cr.value_and_grad(outer)
    x = np.array([1.0, -2.0, 0.5])
    for change in (0.0, 3.0, -3.0):
        matrix[0, 0] += change
        matrix[1] += 0.25
        outer.__defaults__[0][1] += 1.0
        value, gradient = fast(x)
        assert value == plain(x)[0]
        np.testing.assert_array_equal(gradient, plain(x)[1])
    assert is_replayed(fast)


class Model:
    """A model as users write it."""

    power = 2

    def __init__(self) -> None:
        self.w = np.array([1.0, 2.0])
        self.bias = 0.5
        self.layers = [np.eye(2), np.ones((2, 2))]

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = np.tanh(layer @ x)
        return x * self.w + self.bias

    @cr.jit
    def loss(self, x: Any) -> Any:
        return np.sum(self.forward(x) ** self.power)

    @property
    def norm(self) -> Any:
        return np.sum(self.w**2)


def test_methods_read_the_attributes_of_their_object() -> None:
    model, other = Model(), Model()
    other.w = np.array([3.0, 4.0])
    x = np.array([0.3, -0.2])
    plain = Model.loss.__wrapped__
    steps = [
        lambda: None,
        lambda: setattr(model, "w", np.array([5.0, 6.0])),
        lambda: model.w.__imul__(2),
        lambda: setattr(model, "bias", 1.5),
        lambda: setattr(model, "power", 3),
        lambda: model.layers.append(np.full((2, 2), 0.5)),
        lambda: model.layers[0].__setitem__((0, 1), 4.0),
        lambda: setattr(Model, "power", 4),
    ]
    try:
        for step in steps:
            step()
            for one in (model, other):
                for _ in range(2):
                    assert one.loss(x) == plain(one, x)
    finally:
        Model.power = 2
    assert is_replayed(Model.loss)
    slope = cr.jit(cr.grad(lambda x: np.sum(model.forward(x))))
    for _ in range(2):
        np.testing.assert_array_equal(slope(x), cr.grad(lambda x: np.sum(model.forward(x)))(x))
        model.w += 1
    norm = cr.jit(lambda x: model.norm * x)
    assert norm(2.0) == model.norm * 2.0
    model.w += 1
    assert norm(2.0) == model.norm * 2.0


def test_a_later_assignment_to_a_closure_counts() -> None:
    def make() -> Any:
        scale = np.array([1.0, 2.0])

        def f(x: Any) -> Any:
            return np.sum(x * scale) + factor

        def move(value: Any, number: Any) -> None:
            nonlocal scale, factor
            scale, factor = value, number

        factor = 1.0
        return f, move

    f, move = make()
    fast, x = cr.jit(f), np.array([1.0, 1.0])
    assert fast(x) == 4.0
    move(np.array([5.0, 5.0]), 1.0)
    assert fast(x) == 11.0
    move(np.array([5.0, 5.0]), 2.5)
    assert fast(x) == 12.5
    move(3.0, 0.0)
    assert fast(x) == 6.0


def test_what_cannot_be_followed_is_called() -> None:
    kept = {1.0, 2.0}
    fast = cr.jit(lambda x: x * len(kept))
    assert fast(2.0) == 4.0
    kept.add(3.0)
    assert fast(2.0) == 6.0
    assert "can read a set" in fast.source


def test_arrays_behind_a_cache_or_a_class_are_compared() -> None:
    import functools

    @functools.cache
    def nodes() -> Any:
        return np.array([1.0, 2.0])

    class Settings:
        weights = np.array([1.0, 1.0])

    fast = cr.jit(lambda x: np.sum(x * nodes() * (Settings.weights + 1)))
    assert fast(3.0) == 18.0
    nodes()[0] = 5.0
    assert fast(3.0) == 42.0
    Settings.weights[1] = 3.0
    assert fast(3.0) == 54.0
    assert is_replayed(fast)


# ---------------------------------------------------------------------- impurity


def test_random_numbers_are_noticed_with_the_line() -> None:
    generator = rng(0)

    def f(x: Any) -> Any:
        y = x * 2
        return y + generator.normal()  # this line

    line = f.__code__.co_firstlineno + 2
    with pytest.raises(ImpurityError, match=rf"something else at each run at test_jit\.py:{line}"):
        cr.jit(f)(1.0)
    with pytest.raises(ImpurityError, match="random number"):
        cr.jit(cr.grad(lambda x: np.sum(x * np.random.rand(3))))(np.ones(3))  # noqa: NPY002
    with pytest.raises(ImpurityError, match="pass them as arguments"):
        cr.jit(lambda x: x * random.random())(1.0)


def test_clocks_and_counters_are_noticed() -> None:
    with pytest.raises(ImpurityError, match="clock"):
        cr.jit(lambda x: x * time.perf_counter())(1.0)
    calls = []

    def counts(x: Any) -> Any:
        calls.append(1)
        return x

    with pytest.raises(ImpurityError, match="changes a list"):
        cr.jit(counts)(1.0)

    model = Model()

    def keeps(x: Any) -> Any:
        model.w = x * model.w
        return np.sum(model.w)

    with pytest.raises(ImpurityError, match="changes 'w'"):
        cr.jit(keeps)(np.ones(2))
    assert type(model.w) is np.ndarray


def test_a_function_that_writes_into_its_argument_is_called() -> None:
    def f(x: Any) -> Any:
        x[0] = 9.0
        return np.sum(x)

    fast = cr.jit(f)
    for _ in range(2):
        x = np.ones(3)
        assert fast(x) == 11.0
        assert x[0] == 9.0
    assert "writes into x" in fast.source
    gradient = cr.jit(cr.grad(f))
    x = np.ones(3)
    np.testing.assert_array_equal(gradient(x), [0.0, 1.0, 1.0])
    assert x[0] == 1.0
    assert is_replayed(gradient)


# ---------------------------------------------------------------------- arguments and results

Pair = namedtuple("Pair", "first second")


@dataclass
class Options:
    rate: Any
    name: str


def test_containers_keywords_and_static_arguments() -> None:
    def f(params: Any, *xs: Any, mode: str = "sum", options: Any = None) -> Any:
        total = np.sum(params["w"] * xs[0]) + params["b"][0]
        if mode == "mean":
            total = total / 3
        if options is not None:
            total = total * options.rate
        return {"loss": total, "pair": Pair(total * 2, (xs[0] + 1, None, "text", 7))}

    fast = cr.jit(f)
    params = {"w": np.arange(3.0), "b": [2.0]}
    calls: Any = [
        ((params, np.ones(3)), {}),
        ((params, np.ones(3)), {"mode": "mean"}),
        ((params, np.ones(3), 5), {"options": Options(3.0, "a")}),
        ((params, np.ones(3), 6), {"options": Options(4.0, "a")}),
        (({"w": np.ones(3), "b": [1.0]}, np.ones(3)), {"mode": "sum"}),
    ]
    for _ in range(2):
        for args, kwargs in calls:
            found, expected = fast(*args, **kwargs), f(*args, **kwargs)
            assert found["loss"] == expected["loss"]
            assert type(found["pair"]) is Pair
            assert found["pair"].second[1:] == (None, "text", 7)
            np.testing.assert_array_equal(found["pair"].second[0], expected["pair"].second[0])
    assert is_replayed(fast)


def test_whole_numbers_and_truth_values_are_static() -> None:
    fast = cr.jit(lambda x, n, flag: x**n if flag else x * n)
    for n in range(4):
        for flag in (True, False):
            assert fast(3.0, n, flag) == (3.0**n if flag else 3.0 * n)
    power = cr.jit(cr.grad(lambda x: x**3))
    assert power(2) == 12.0
    whole = cr.jit(cr.grad(lambda x: np.sum(x**2)))
    for k in (1, 2):
        assert whole(np.arange(3) * k).dtype == np.float64
        np.testing.assert_array_equal(whole(np.arange(3) * k), [0.0, 2.0 * k, 4.0 * k])


def test_results_are_arrays_of_their_own() -> None:
    weights = np.array([1.0, 2.0])
    fast = cr.jit(lambda x: (x, x[::-1], weights, x * 1, np.zeros(2)))
    x = np.array([5.0, 6.0])
    for _ in range(2):
        for part in fast(x):
            part[...] = -1.0
    assert x.tolist() == [5.0, 6.0]
    assert weights.tolist() == [1.0, 2.0]
    gradient = cr.jit(cr.grad(lambda x: weights @ x))
    gradient(x)[...] = 7.0
    assert weights.tolist() == [1.0, 2.0]
    np.testing.assert_array_equal(gradient(x), weights)


def test_the_dtype_is_that_of_the_function() -> None:
    def step(w: Any, rate: Any) -> Any:
        return w - rate * cr.grad(lambda v: np.sum(v**2))(w)

    fast = cr.jit(step)
    for rate in (0.1, 0.2, np.float32(0.1), np.float64(0.1)):
        for dtype in (np.float32, np.float64, np.float16):
            w = np.ones(3, dtype)
            found, expected = fast(w, rate), step(w, rate)
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)
    low = cr.jit(lambda x, s: np.sum(x.astype(np.float32) * s))
    assert low(np.ones(3), 0.1) == np.sum(np.ones(3, np.float32) * 0.1)
    assert low(np.ones(3), 0.1).dtype == np.float32


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "c16", "c8", "i8", "i4", "u1", "?"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 5), (7,), (2, 0)])
def test_every_dtype_and_shape(dtype: str, shape: Any) -> None:
    x = (rng(4).normal(size=shape) * 4).astype(dtype)
    x = np.asarray(x)

    def f(x: Any) -> Any:
        return np.sum(x * 2 + x), np.where(x == x, x, 1), x.T.copy(), x + np.float32(1)

    fast = cr.jit(f)
    for _ in range(2):
        for found, expected in zip(fast(x), f(x), strict=True):
            assert found.dtype == expected.dtype
            assert np.shape(found) == np.shape(expected)
            np.testing.assert_array_equal(found, expected)


def test_layouts_of_arguments_count() -> None:
    def f(x: Any) -> Any:
        x = x + 0
        flat = np.ravel(x)
        flat[0] = 100.0
        return x

    fast = cr.jit(f)
    base = np.arange(6.0).reshape(2, 3)
    for x in (base, np.asfortranarray(base), base.T, base[::-1], base):
        np.testing.assert_array_equal(fast(x), f(x))


def test_nested_in_transforms_the_function_runs() -> None:
    fast = cr.jit(lambda x: np.sum(x**3))
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(cr.grad(fast)(x), 3 * x**2)
    np.testing.assert_array_equal(cr.hessian(fast)(x), np.diag(6 * x))
    assert cr.jvp(fast, (x,), (np.ones(2),))[1] == 15.0
    assert cr.stage(fast, x)(x) == 9.0
    outer = cr.jit(lambda x: fast(x) + cr.jit(np.sum)(x))
    assert outer(x) == 12.0

    def with_captured(w: Any) -> Any:
        return cr.jit(lambda x: np.sum(w * x))(x)

    for _ in range(2):
        np.testing.assert_array_equal(cr.grad(with_captured)(np.ones(2)), x)
    with cr.debug_nans(), pytest.raises(cr.errors.NonFiniteError):
        cr.jit(cr.grad(lambda x: np.sqrt(x)))(0.0)


def test_partial_lambda_formula_callable_object_and_pickle() -> None:
    class Callable:
        def __call__(self, x: Any) -> Any:
            return x * WEIGHTS

    assert cr.jit(partial(lambda a, b: a - b, 5.0))(2.0) == 3.0
    assert cr.jit("x**2 + 1")(2.0) == 5.0
    np.testing.assert_array_equal(cr.jit(Callable())(2.0), 2.0 * WEIGHTS)
    assert pickle.loads(pickle.dumps(cr.jit(newton)))(4.0) == newton(4.0)
    assert cr.jit(newton).__name__ == "newton"
    assert "Nothing is compiled" in cr.jit(newton).source


def test_errors_are_those_of_the_function() -> None:
    def f(a: Any) -> Any:
        return np.linalg.inv(a)[0, 0]  # this line

    fast, line = cr.jit(cr.grad(f)), f.__code__.co_firstlineno + 1
    fast(np.eye(2))
    for _ in range(2):
        with pytest.raises(MatrixError, match=rf"test_jit\.py:{line}"):
            fast(np.zeros((2, 2)))
    with pytest.raises(ShapeError, match="grad needs a scalar"):
        cr.jit(cr.grad(lambda x: x * 2))(np.ones(2))

    def refuses(x: Any) -> Any:
        if x < 0:
            raise KeyError("negative")
        return x

    fast = cr.jit(refuses)
    assert fast(1.0) == 1.0
    for _ in range(2):
        with pytest.raises(KeyError, match="negative"):
            fast(-1.0)
    with pytest.raises(TypeError, match="positional argument"):
        fast(1.0, 2.0)
    with pytest.raises(TypeError, match="positional argument"):
        fast()


def test_signatures_are_bounded() -> None:
    fast = cr.jit(lambda x: np.sum(x) * 2)
    for n in range(40):
        assert fast(np.ones(n)) == 2 * n
    assert len(fast._signatures) == 16
    assert fast(np.ones(0)) == 0


def test_threads_get_their_own_results() -> None:
    fast = cr.jit(cr.value_and_grad(newton))
    arguments = np.exp(rng(5).uniform(-8, 8, 200))
    expected = [cr.value_and_grad(newton)(a) for a in arguments]
    wrong: list[Any] = []

    def work(seed: int) -> None:
        for k in rng(seed).permutation(200):
            if not np.allclose(fast(arguments[k]), expected[k], rtol=1e-12):
                wrong.append(k)
            found = vector(np.full(1 + k % 5, 2.0))
            if not np.array_equal(found, np.full(1 + k % 5, 4.0)):
                wrong.append(k)

    vector = cr.jit(cr.grad(lambda x: np.sum(x**2)))
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
