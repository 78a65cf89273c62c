"""Tracked, every public function gives NumPy's dtypes, shapes and values, and refuses what NumPy refuses."""

from __future__ import annotations

import itertools
import warnings
import zlib
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import AxisError, CallError, ChainruleError, MatrixError, PositionError, TrackingError
from tests.rules.alike import MODES, difference, plain, tracked
from tests.rules.alike_calls import (
    FUNCTIONS,
    METHODS,
    Call,
    by_axis,
    calls_of,
    calls_of_method,
    sample,
    written_calls,
)

MOST = 24
"""So many calls of each function, of each way to call it, are compared in the short run."""


def chosen(calls: list[Call], most: int, name: str) -> list[Call]:
    """At most so many of the calls, spread over them by chance, the same ones at every run."""
    if len(calls) <= most:
        return calls
    random = np.random.default_rng(zlib.crc32(name.encode()))
    return [calls[i] for i in sorted(random.choice(len(calls), most, replace=False))]


def wrong(calls: list[Call], modes: Any) -> list[str]:
    """What is not as in NumPy, each call in the next of the modes."""
    found = []
    for call, mode in zip(calls, itertools.cycle(modes), strict=False):
        said = difference(plain(call), tracked(call, mode), option=call.option)
        if said:
            found.append(f"{call.text} in {mode} mode: {said}")
    return found


@pytest.mark.parametrize("function", FUNCTIONS, ids=FUNCTIONS.get)
def test_a_function_of_tracked_values_is_numpy_s(function: Any) -> None:
    calls = [call for way in calls_of(function) for call in chosen(way, MOST, FUNCTIONS[function])]
    assert wrong(calls, MODES) == []


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_tracked_values_is_numpy_s(name: str) -> None:
    assert wrong(chosen(list(calls_of_method(name)), 2 * MOST, name), MODES) == []


def test_every_written_call_is_numpy_s_in_every_dtype() -> None:
    assert wrong(chosen(written_calls(), 1000, "written"), MODES) == []


HALF, SINGLE, LONG = (sample((3,), dtype) for dtype in "efg")
EXAMPLES = [
    (lambda x: np.gradient(x, np.array([0.0, 1.0, 3.0])), (HALF, SINGLE)),
    (lambda x: np.gradient(x, np.array([0, 1, 3], np.uint8)), (HALF, SINGLE)),
    (lambda x: np.logspace(x, 2), (HALF, SINGLE)),
    (lambda x: np.geomspace(x, 4.0, 5), (HALF, SINGLE)),
    (lambda x: np.nextafter(x, 9), (HALF, SINGLE)),
    (lambda x: np.choose([0, 1, 0], [x, 2.0]), (HALF, SINGLE)),
    (lambda x: np.inner(x[0], 2.0), (HALF, SINGLE)),
    (lambda x: np.inner(x, 2), (HALF, SINGLE)),
    (lambda x: np.add.outer(x, 2.0), (HALF, SINGLE)),
    (lambda x: np.maximum.outer(2, x), (HALF, SINGLE)),
    (lambda x: np.emath.sqrt(-x), (HALF, SINGLE, LONG)),
    (lambda x: np.emath.arccos(2 * x), (HALF, SINGLE, LONG)),
    (lambda x: np.percentile(x, np.float32(30)), (HALF, SINGLE, LONG)),
    (lambda x: np.var(x, dtype="d"), (HALF, SINGLE, LONG)),
    (lambda x: np.nanvar(x * 1j, dtype="f"), (HALF, SINGLE, LONG)),
    (lambda x: np.polysub(np.uint8([1, 0, 2]), x), (HALF, SINGLE)),
    (lambda x: np.round(x, np.int8(1)), (HALF, SINGLE)),
    (lambda x: np.nanmean(np.repeat(x, 30000) / 1024), (HALF,)),
    (lambda x: np.where(x), (SINGLE,)),
]


@pytest.mark.parametrize("mode", MODES)
def test_results_that_once_had_another_dtype_or_value_are_numpy_s(mode: str) -> None:
    calls = [Call(function, (x,), f"example {i}") for i, (function, given) in enumerate(EXAMPLES) for x in given]
    assert wrong(calls, [mode]) == []


def _after(write: Any) -> Any:
    """A copy of the argument after a function has written into it."""

    def written(x: Any) -> Any:
        y = x * 1.0
        write(y)
        return y

    return written


def by_position() -> list[Call]:
    """Small arrays with every combination of small positions, and writes of fewer values than places."""
    calls = []
    deep, rows = sample((2, 3, 4), "d"), sample((5,), "d")
    for axis, start in itertools.product(range(-3, 3), range(-3, 4)):
        calls.append(Call(lambda x, a=axis, s=start: np.rollaxis(x, a, s), (deep,), f"rollaxis({axis}, {start})"))
    ufuncs = (np.add, np.subtract, np.maximum, np.hypot)
    for ufunc, at in itertools.product(ufuncs, itertools.product((0, 2, 4), repeat=3)):
        calls.append(Call(lambda x, f=ufunc, at=at: f.reduceat(x, at), (rows - 1,), f"{ufunc.__name__}.reduceat({at})"))
    for size, mask in itertools.product((1, 2, 3), itertools.product((True, False), repeat=5)):
        values = -np.arange(1.0, size + 1)
        for write in (np.putmask, np.place):
            changed = _after(lambda y, w=write, m=mask, v=values: w(y, np.array(m), v))
            calls.append(Call(changed, (rows,), f"{write.__name__}({mask}, {values})"))
    for mode, (i, k) in itertools.product(("raise", "wrap", "clip"), itertools.product((-7, -1, 0, 2, 9), repeat=2)):
        text = f"([{i}, {k}], {mode})"
        for name, by_mode in (
            ("take", lambda x, p, m: np.take(x, p, mode=m)),
            ("take along", lambda x, p, m: np.take(np.stack([x, -x]), p, 1, mode=m)),
            ("choose", lambda x, p, m: np.choose(p, [x[:2], x[1:3], x[3:]], mode=m)),
            ("put", lambda x, p, m: _after(lambda y: np.put(y, p, [-1.0, -2.0], m))(x)),
            ("x.put", lambda x, p, m: _after(lambda y: y.put(p, -x[0], m))(x)),
            ("x.take", lambda x, p, m: x.take(p, mode=m)),
        ):
            calls.append(Call(lambda x, f=by_mode, p=[i, k], m=mode: f(x, p, m), (rows,), name + text))
    for shape, wrap in itertools.product([(2, 2), (2, 5), (7, 2), (9, 3), (3, 3, 3)], (False, True)):
        changed = _after(lambda y, w=wrap: np.fill_diagonal(y, [-1.0, -2.0, -3.0], w))
        calls.append(Call(changed, (sample(shape, "d"),), f"fill_diagonal({shape}, wrap={wrap})"))
    return calls


def test_every_combination_of_small_positions_is_numpy_s() -> None:
    assert wrong(by_position(), MODES) == []


@pytest.mark.long
@pytest.mark.parametrize("function", FUNCTIONS, ids=FUNCTIONS.get)
def test_all_calls_of_a_function_are_numpy_s_in_every_mode(function: Any) -> None:
    calls = [call for way in calls_of(function) for call in way]
    assert [said for mode in MODES for said in wrong(calls, [mode])] == []


@pytest.mark.long
def test_all_methods_and_written_calls_are_numpy_s_in_every_mode() -> None:
    calls = [call for name in METHODS for call in calls_of_method(name)] + written_calls()
    assert [said for mode in MODES for said in wrong(calls, [mode])] == []


def test_gradients_have_the_dtypes_and_shapes_of_their_arguments() -> None:
    for call in written_calls():
        value = plain(call)
        if isinstance(value, Exception):
            continue

        def leaves(*values: Any, call: Call = call) -> list[Any]:
            result = call.function(*values)
            parts = result if isinstance(result, (tuple, list)) else [result]
            return [part for part in parts if hasattr(part, "dtype") and part.dtype.kind in "fc"]

        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            made, pullback = cr.vjp(leaves, *call.tracked)
            for argument, gradient in zip(call.tracked, pullback([np.ones_like(m) for m in made]), strict=True):
                assert (gradient.dtype, np.shape(gradient)) == (argument.dtype, np.shape(argument)), call.text
            made, moved = cr.jvp(leaves, call.tracked, tuple(np.ones_like(a) for a in call.tracked))
        for part, tangent in zip(made, moved, strict=True):
            assert (tangent.dtype, np.shape(tangent)) == (part.dtype, np.shape(part)), call.text


REDUCTIONS = [np.sum, np.prod, np.max, np.min, np.nansum, np.nanprod, np.nanmax, np.nanmin, np.nanmean]


@pytest.mark.parametrize("function", REDUCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("axis", [0, -1])
def test_a_number_may_be_reduced_along_the_axes_that_numpy_gives_it(function: Any, axis: int) -> None:
    try:
        function(0.7, axis=axis)
    except np.exceptions.AxisError:
        with pytest.raises(np.exceptions.AxisError):
            cr.grad(lambda x: function(x, axis=axis))(0.7)
        return
    for keepdims in (False, True):
        assert cr.grad(lambda x, k=keepdims: function(x, axis=axis, keepdims=k))(0.7) == 1
        assert cr.jvp(lambda x, k=keepdims: function(x, axis=axis, keepdims=k), (0.7,), (2.0,))[1] == 2


def test_a_number_accumulates_to_a_vector_of_one() -> None:
    for function in (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod):
        for axis in (None, 0, -1):
            np.testing.assert_array_equal(cr.jacobian(lambda x, f=function, a=axis: f(x, axis=a))(0.7), [1.0])
            np.testing.assert_array_equal(cr.jacfwd(lambda x, f=function, a=axis: f(x, axis=a))(0.7), [1.0])


ALIASES = {np.permute_dims: np.transpose, np.concat: np.concatenate}


def test_an_axis_that_is_not_there_is_an_axis_error_at_the_user_s_line() -> None:
    functions = [f for f in FUNCTIONS if any(True for _ in by_axis(f, ""))]
    assert len(functions) > 60
    for function in functions:
        for call in chosen(list(by_axis(function, FUNCTIONS[function])), MOST, "axis"):
            reason = plain(call)
            if isinstance(reason, np.exceptions.AxisError):
                found = tracked(call, "reverse")
                assert isinstance(found, (AxisError, TypeError)), call.text
                assert "alike_calls.py:" in str(found), call.text
                names = [FUNCTIONS[function], f"np.{ALIASES.get(function, function).__name__}"]
                assert any(f"{name} " in str(found) for name in names), call.text


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.logaddexp], ids=lambda f: f.__name__)
def test_a_method_of_a_ufunc_is_named_in_its_errors_as_it_was_called(ufunc: Any) -> None:
    x = np.array([1.0, 2.0, 3.0])
    ways = {
        "reduce": lambda x: ufunc.reduce(x, axis=5),
        "accumulate": lambda x: ufunc.accumulate(x, axis=5),
        "reduceat": lambda x: ufunc.reduceat(x, [0, 9]),
    }
    for method, call in ways.items():
        for transform in (lambda f: cr.vjp(f, x), lambda f: cr.jvp(f, (x,), (x,))):
            with pytest.raises((ChainruleError, TypeError), match=rf"np\.{ufunc.__name__}\.{method}\b"):
                transform(call)


WRITERS = [np.add, np.multiply, np.sqrt, np.power, np.exp, np.conjugate, np.absolute, np.maximum, np.cumsum, np.clip]


@pytest.mark.parametrize("function", WRITERS, ids=lambda f: f.__name__)
def test_what_is_written_into_an_array_of_another_dtype_is_numpy_s_or_refused_as_by_numpy(function: Any) -> None:
    kinds = "fdgFD"
    second = function in (np.add, np.multiply, np.power, np.maximum)
    for one, other, into in itertools.product(kinds, kinds if second else "d", kinds):
        operands = [np.array([1.5, 2.0, 0.25], one)] + [np.array([0.5, 1.0, 2.0], other)] * second
        if "F" in (one, other) or "D" in (one, other):
            operands[0] = operands[0] + (0.5j if one in "FD" else 0)
        options = {"min": 0.5, "max": 1.75} if function is np.clip else {}
        target = np.zeros(3, into)
        try:
            expected = function(*operands, out=target, **options)
        except (TypeError, np.exceptions.ComplexWarning):
            expected = None

        def written(*tracked: Any, into: str = into, options: Any = options) -> Any:
            out = np.zeros(3, into) + (0 * np.real(np.ravel(tracked[0])[0])).astype(into)
            assert out.dtype == np.dtype(into)
            return function(*tracked, out=out, **options)

        for way in (lambda w=written, o=operands: cr.vjp(w, *o)[0], lambda w=written, o=operands: cr.jvp(w, o, o)[0]):
            if expected is None:
                with pytest.raises(TypeError):
                    way()
                continue
            try:
                found = way()
            except TrackingError:
                continue  # refused where NumPy would round
            assert found.dtype == expected.dtype
            np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "kinds"),
    [
        (lambda x: np.sum(x, axis=3), (AxisError, np.exceptions.AxisError, ValueError, IndexError)),
        (lambda x: np.median(x, axis=3), (AxisError, np.exceptions.AxisError)),
        (lambda x: np.std(x, axis=(0, 2)), (AxisError, np.exceptions.AxisError)),
        (lambda x: np.linalg.inv(x * 0), (MatrixError, np.linalg.LinAlgError)),
        (lambda x: np.linalg.cholesky(-x), (MatrixError, np.linalg.LinAlgError)),
        (lambda x: x[5], (PositionError, IndexError)),
        (lambda x: np.take(x, 9), (PositionError, IndexError)),
        (lambda x: np.all(x, axis=3), (AxisError, np.exceptions.AxisError)),
        (lambda x: np.sum(x, axis=1.5), (CallError, TypeError)),
        (lambda x: np.clip(x, 1), (CallError, TypeError)),
        (lambda x: np.median(x, axis=1.5), (CallError, TypeError)),
    ],
)
def test_what_numpy_refuses_is_caught_as_numpy_s_error_and_names_the_line(function: Any, kinds: Any) -> None:
    x = np.array([[1.0, 2.0], [2.0, 5.0]])
    for transform in (lambda: cr.vjp(function, x), lambda: cr.jvp(function, (x,), (x,))):
        with pytest.raises(ChainruleError, match=r"test_alike\.py:\d+") as caught:
            transform()
        assert all(isinstance(caught.value, kind) for kind in kinds)


def test_an_error_of_the_user_s_own_function_stays_as_it_is() -> None:
    def mine(row: Any) -> Any:
        raise IndexError("mine")

    for call in (
        lambda x: np.apply_along_axis(mine, 0, x),
        lambda x: np.piecewise(x, [x > 0], [mine]),
    ):
        with pytest.raises(IndexError, match=r"^mine$") as caught:
            cr.grad(call)(sample((2, 3), "d"))
        assert caught.type is IndexError
