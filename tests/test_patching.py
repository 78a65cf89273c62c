"""`cr.patch()`: plain names are chainrule's inside a transform, NumPy's and SciPy's everywhere else."""

from __future__ import annotations

import asyncio
import copy
import inspect
import math
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.interpolate
import scipy.linalg
import scipy.stats

import chainrule as cr
import chainrule.math
import chainrule.numpy
from chainrule.engine.buffer import Buffer
from chainrule.patching import is_patched


def filled(x: Any) -> Any:
    y = np.zeros(3)
    y[0] = x
    y[1:] = np.array([x**2, 1.0])
    return y[0] * y[1] + math.sin(y[2] * x)


SLOPE = 3 * 2.0**2 + np.cos(2.0)


def test_plain_names_are_followed_inside_a_transform_only() -> None:
    with cr.patch():
        assert cr.grad(filled)(2.0) == pytest.approx(SLOPE)
        assert type(np.zeros(2)) is np.ndarray
        assert type(np.array([1.0])) is np.ndarray
        assert math.sin(1.0) == np.sin(1.0)
        with pytest.raises(TypeError):
            math.sin("1")  # type: ignore[arg-type]


def test_every_transform_and_every_reading_runs_the_function_patched() -> None:
    with cr.patch():
        assert cr.value_and_grad(filled)(2.0)[1] == pytest.approx(SLOPE)
        assert cr.jvp(filled, (2.0,), (1.0,))[1] == pytest.approx(SLOPE)
        assert cr.vjp(filled, 2.0)[1](1.0)[0] == pytest.approx(SLOPE)
        assert cr.derivative(filled)(2.0) == pytest.approx(SLOPE)
        assert cr.jacobian(filled)(2.0) == pytest.approx(SLOPE)
        assert cr.grad(cr.grad(filled))(2.0) == pytest.approx(12.0 - np.sin(2.0))
        assert cr.hessian(filled)(2.0) == pytest.approx(12.0 - np.sin(2.0))
        assert cr.graph(filled, 2.0).nodes[0].gradient == pytest.approx(SLOPE)
        with cr.debug_nans():
            assert cr.grad(filled)(2.0) == pytest.approx(SLOPE)


def test_importing_chainrule_changes_nothing() -> None:
    code = "import chainrule, math, numpy, os; print(type(numpy) is type(math) is type(os))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "True"


def test_without_the_patch_modules_are_what_they_were() -> None:
    before = {module: dict(vars(module)) for module in (np, math, scipy.stats, np.linalg)}
    with cr.patch():
        cr.grad(filled)(2.0)
    for module, names in before.items():
        assert type(module) is ModuleType
        assert all(getattr(module, name) is value for name, value in names.items())
    with pytest.raises(cr.errors.TrackingError):
        cr.grad(filled)(2.0)


def test_patches_nest_and_end_once() -> None:
    assert not is_patched()
    with cr.patch():
        with cr.patch():
            assert is_patched()
        assert cr.grad(filled)(2.0) == pytest.approx(SLOPE)
    assert not is_patched()
    cr.patch()
    cr.patch()
    with cr.patch():
        pass
    assert is_patched()
    cr.unpatch()
    assert not is_patched()
    cr.unpatch()
    with cr.patch():
        cr.unpatch()
        assert not is_patched()
    assert not is_patched()


def test_a_patch_inside_a_transform_holds_from_there_on() -> None:
    def f(x: Any) -> Any:
        with cr.patch():
            return cr.grad(filled)(x) * x

    assert cr.grad(f)(2.0) == pytest.approx(SLOPE + 2.0 * (12.0 - np.sin(2.0)))


def test_after_an_error_names_are_plain_again() -> None:
    def f(x: Any) -> Any:
        raise KeyError("stop")

    with cr.patch():
        with pytest.raises(KeyError):
            cr.grad(f)(2.0)
        assert type(np.zeros(2)) is np.ndarray
    with pytest.raises(KeyError), cr.patch():
        cr.grad(f)(2.0)
    assert not is_patched()


def test_another_thread_is_not_in_the_transform() -> None:
    kinds: list[type] = []

    def f(x: Any) -> Any:
        thread = threading.Thread(target=lambda: kinds.append(type(np.zeros(2))))
        thread.start()
        thread.join()
        kinds.append(type(np.zeros(2)))
        return x

    with cr.patch():
        cr.grad(f)(1.0)
    assert kinds == [np.ndarray, Buffer]


def test_transforms_run_in_several_threads_and_tasks() -> None:
    slopes: list[float] = []

    async def task(x: float) -> None:
        await asyncio.sleep(0)
        slopes.append(cr.grad(filled)(x))

    async def tasks() -> None:
        await asyncio.gather(*[task(2.0) for _ in range(4)])

    with cr.patch():
        threads = [threading.Thread(target=lambda: slopes.append(cr.grad(filled)(2.0))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asyncio.run(tasks())
    assert slopes == pytest.approx([SLOPE] * 8)


def inside(function: Callable[[], Any]) -> Any:
    """What a function returns inside a transform."""
    return cr.grad(lambda x: (x, function()), has_aux=True)(1.0)[1]


def test_code_of_numpy_and_scipy_reads_its_own_names() -> None:
    def kind_in(module: str) -> type:
        namespace: dict[str, Any] = {"__name__": module, "np": np}
        exec("def kind():\n    return type(np.zeros(2))", namespace)
        return inside(namespace["kind"])

    with cr.patch():
        assert kind_in("numpy.lib.mine") is np.ndarray
        assert kind_in("scipy.linalg.mine") is np.ndarray
        assert kind_in("numpy_tools") is Buffer
        assert kind_in("__main__") is Buffer


def test_a_tracked_value_names_the_patched_module_as_its_namespace() -> None:
    with cr.patch():
        assert cr.grad(lambda x: (x, x.__array_namespace__() is np), has_aux=True)(1.0)[1]


def test_code_in_c_reads_the_original_names() -> None:
    """NumPy's random numbers are made in C, which calls `np.empty` and takes what it gets for an array."""
    with cr.patch():
        made = inside(lambda: np.random.Generator(np.random.PCG64(0)).standard_normal(3))
        found = inside(lambda: getattr(np, "zeros")(2))  # noqa: B009
    assert np.array_equal(made, np.random.default_rng(0).standard_normal(3))
    assert type(found) is np.ndarray


def test_imports_after_the_patch_are_followed_and_imports_before_it_are_not() -> None:
    f = "\ndef f(x):\n    y = zeros(2)\n    y[0] = norm.cdf(x)\n    return y[0] + sin(x)"
    for imports in ("from numpy import sin, zeros", "from numpy import *"):
        late: dict[str, Any] = {"__name__": "late"}
        early: dict[str, Any] = {"__name__": "early"}
        exec(f"{imports}\nfrom scipy.stats import norm{f}", early)
        with cr.patch():
            exec(f"{imports}\nfrom scipy.stats import norm{f}", late)
            assert cr.grad(late["f"])(0.3) == pytest.approx(scipy.stats.norm.pdf(0.3) + np.cos(0.3))
            with pytest.raises(cr.errors.TrackingError):
                cr.grad(early["f"])(0.3)


def test_a_kept_name_is_plain_after_the_patch() -> None:
    with cr.patch():
        zeros = np.zeros
    assert type(inside(lambda: zeros(2))) is np.ndarray


def test_a_patched_name_is_what_it_was() -> None:
    plain = {"array": np.array, "sum": np.sum, "norm": scipy.stats.norm, "expm": scipy.linalg.expm}
    with cr.patch():
        patched: dict[str, Any] = {
            "array": np.array, "sum": np.sum, "norm": scipy.stats.norm, "expm": scipy.linalg.expm,
        }  # fmt: skip
    for name, original in plain.items():
        both = patched[name]
        assert both == original
        assert {original: 1}[both] == 1
        assert {both: 1}[original] == 1
        assert isinstance(both, type(original))
        assert repr(both) == repr(original)
        assert both.__doc__ == original.__doc__
        assert set(dir(both)) == set(dir(original))
        assert type(pickle.loads(pickle.dumps(both))) is type(original)
        assert type(copy.deepcopy(both)) is type(original)
    assert pickle.loads(pickle.dumps(patched["sum"])) is np.sum
    assert patched["sum"].__name__ == "sum"
    assert patched["sum"].__module__ == "numpy"
    assert inspect.signature(patched["sum"]) == inspect.signature(np.sum)


def test_functions_are_pickled_while_the_patch_is_on() -> None:
    original = np.sum
    with cr.patch():
        assert pickle.loads(pickle.dumps(original)) is original
        assert pickle.loads(pickle.dumps(np.sum)) is original


def test_classes_stay_classes() -> None:
    made = np.vectorize(math.floor)
    with cr.patch():
        assert isinstance(made, np.vectorize)
        assert issubclass(type(made), np.vectorize)

        class Mine(np.vectorize):
            pass

        assert Mine(math.floor)(2.5) == 2
        assert isinstance(np.zeros(2), np.ndarray)
        assert isinstance(np.float64(2.0), np.floating)


def test_objects_made_outside_take_tracked_values_inside() -> None:
    x, y = np.linspace(0.0, 3.0, 7), np.sin(np.linspace(0.0, 3.0, 7))
    plain_spline, plain_normal = scipy.interpolate.CubicSpline(x, y), scipy.stats.norm(0.5, 2.0)
    with cr.patch():
        spline, normal = scipy.interpolate.CubicSpline(x, y), scipy.stats.norm(0.5, 2.0)
        kept = scipy.interpolate.CubicSpline(x, y, extrapolate=False)
        assert np.isnan(kept(5.0))
        assert kept.derivative()(1.3) == pytest.approx(plain_spline(1.3, 1))
        clipped = np.vectorize(lambda t: t * t if t > 1 else 0.0)
        assert isinstance(spline, scipy.interpolate.CubicSpline)
        assert type(spline(1.3)) is type(plain_spline(1.3))
        assert np.array_equal(spline.x, x)
        assert spline(1.3) == plain_spline(1.3)
        assert normal.logpdf(1.3) == plain_normal.logpdf(1.3)
        assert cr.grad(lambda t: spline(t))(1.3) == pytest.approx(plain_spline(1.3, 1))
        assert cr.grad(lambda t: normal.cdf(t))(1.3) == pytest.approx(plain_normal.pdf(1.3))
        assert inside(lambda: spline(1.3)) == plain_spline(1.3)
        assert cr.grad(lambda t: clipped(t))(1.3) == pytest.approx(2.6)
        assert type(pickle.loads(pickle.dumps(spline))) is type(plain_spline)
    assert cr.grad(lambda t: spline(t))(1.3) == pytest.approx(plain_spline(1.3, 1))


def test_what_others_patch_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    with cr.patch(), monkeypatch.context() as others:
        others.setattr(np, "zeros", lambda shape: "mine")
        assert np.zeros(2) == "mine"
        assert inside(lambda: np.zeros(2)) == "mine"
    assert type(np.zeros(2)) is np.ndarray


def test_the_names_are_those_that_chainrule_defines_differently() -> None:
    pairs: list[tuple[Any, Any]] = [(chainrule.numpy, np), (chainrule.math, math)]
    plain = {module: {name: getattr(module, name, None) for name in ours.__all__} for ours, module in pairs}
    for ours, module in pairs:
        with cr.patch():
            for name in ours.__all__:
                found, original = getattr(ours, name), plain[module][name]
                if found is not original and not isinstance(original, type | ModuleType):
                    inner: dict[str, Any] = {"__name__": "mine", "module": module}
                    exec(f"def read():\n    return module.{name}", inner)
                    assert inside(inner["read"]) in (found, original)
                    assert inside(inner["read"]) is not original


START = np.linspace(0.0, 1.0, 6)
SCRATCH = np.zeros(3)


def heated(rate: Any) -> Any:
    u = START.copy()
    for _ in range(3):
        old = u.copy()
        u[1:-1] += rate * (old[2:] - 2 * old[1:-1] + old[:-2]) + 0.1 * old[1:-1] ** 2
    return np.sum(u**2)


def scratched(x: Any) -> Any:
    SCRATCH[0] = x
    SCRATCH[1] = SCRATCH[0] ** 2
    SCRATCH[2] = 5.0
    return SCRATCH[0] * SCRATCH[1] + np.sum(SCRATCH)


def by_helper(x: Any) -> Any:
    return heated(x) + inner_copy(x, START)


def inner_copy(x: Any, start: Any) -> Any:
    v = start.copy()
    v[0] = x
    return np.sum(v * start + v**3)


def enclosed() -> Callable[[Any], Any]:
    start = np.ones(3)

    def f(x: Any) -> Any:
        u = start.copy()
        u[1] = x
        return np.sum(u**3)

    return f


@pytest.mark.parametrize("f", [heated, by_helper, enclosed(), lambda x: inner_copy(x, START), scratched])
def test_copies_of_plain_arrays_take_tracked_values_and_the_arrays_come_back(f: Callable[[Any], Any]) -> None:
    expected = (f(0.3 + 1e-6) - f(0.3 - 1e-6)) / 2e-6
    f(0.3)
    plain, left = START.copy(), SCRATCH.copy()
    SCRATCH[:] = 0.0
    with cr.patch():
        assert cr.grad(f)(0.3) == pytest.approx(expected, rel=1e-6)
        assert cr.jvp(f, (0.3,), (1.0,))[1] == pytest.approx(expected, rel=1e-6)
        assert cr.grad(cr.grad(f))(0.3) == pytest.approx(cr.derivative(cr.grad(f))(0.3))
    assert type(START) is type(SCRATCH) is np.ndarray
    assert np.array_equal(START, plain)
    if f is scratched:
        assert np.array_equal(SCRATCH, left), "what was written is there afterwards, as numbers"


def test_an_argument_that_is_not_differentiated_can_be_copied_and_written_into() -> None:
    with cr.patch():
        assert cr.grad(inner_copy)(2.0, START) == 12.0
    assert type(START) is np.ndarray


def test_arrays_come_back_after_an_error_and_when_two_threads_use_them() -> None:
    def failing(x: Any) -> Any:
        SCRATCH[0] = x
        raise KeyError

    expected = []
    with cr.patch():
        with pytest.raises(KeyError):
            cr.grad(failing)(7.0)
        assert type(SCRATCH) is np.ndarray
        assert SCRATCH[0] == 7.0
        threads = [threading.Thread(target=lambda: expected.append(cr.grad(heated)(0.3))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({float(slope) for slope in expected}) == 1
    assert len(expected) == 4
    assert type(START) is np.ndarray


def test_an_array_that_something_else_shows_too_is_refused_and_keeps_its_numbers() -> None:
    other = SCRATCH[:2]
    before = SCRATCH.copy()
    with cr.patch(), pytest.raises(cr.errors.TrackingError, match=r"test_patching\.py:\d+ .*Copy it"):
        cr.grad(scratched)(2.0)
    assert np.array_equal(other, before[:2])
    assert type(SCRATCH) is np.ndarray
