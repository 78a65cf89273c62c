"""Buffers are NumPy's arrays: bit for bit the same results, layouts and errors, with C code, and in the array API."""

from __future__ import annotations

import copy
import inspect
import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import scipy.linalg
import scipy.special

import chainrule as cr
import chainrule.numpy as np
from chainrule.engine.buffer import Buffer
from chainrule.errors import TrackingError
from chainrule.rules.memory import twin

VALUES = {
    "matrix": numpy.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.5]]),
    "vector": numpy.array([0.5, 2.0, -1.0]),
    "float32": numpy.array([[1.5, -2.0], [3.0, 0.5]], numpy.float32),
    "complex": numpy.array([1 + 2j, -0.5j, 3.0]),
    "backwards": numpy.arange(12.0).reshape(3, 4)[::-1, ::2],
    "transposed": numpy.arange(6.0).reshape(2, 3).T,
    "empty": numpy.zeros((0, 3)),
}


def buffer_like(array: Any) -> Any:
    """A buffer with the entries and the layout of an array."""
    return twin(array).view(Buffer)


def seen(value: Any) -> Any:
    """What can be seen of a result: for an array its dtype, shape, layout and bits."""
    if isinstance(value, tuple | list):
        return [seen(part) for part in value]
    if isinstance(value, numpy.ndarray):
        strides = tuple(s for s, n in zip(value.strides, value.shape, strict=True) if n > 1) if value.size else ()
        return str(value.dtype), value.shape, strides, value.tobytes(), value.flags.writeable
    return type(value), str(value)


def outcome(function: Callable[..., Any], *args: Any) -> Any:
    try:
        return seen(function(*args))
    except Exception as error:
        return type(error)


BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift, operator.matmul, divmod,
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, operator.contains,
]  # fmt: skip
IN_PLACE = [
    operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ifloordiv, operator.imod, operator.ipow,
    operator.iand, operator.ior, operator.ixor, operator.ilshift, operator.irshift, operator.imatmul,
]  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.filterwarnings("ignore")
def test_operators_give_what_numpys_arrays_give(name: str) -> None:
    array = VALUES[name]
    for other in (2, 0.5, 1j, array, array[..., :1], array > 0, [1.0], numpy.int8(3), "x", None):
        for operate in BINARY:
            assert outcome(operate, buffer_like(array), other) == outcome(operate, array, other), (operate, other)
            assert outcome(operate, other, buffer_like(array)) == outcome(operate, other, array), (other, operate)
        for operate in IN_PLACE:
            ours, numpys = outcome(operate, buffer_like(array), other), outcome(operate, twin(array), other)
            assert ours == numpys, (operate, other)
    for operate in (operator.neg, operator.pos, abs, operator.invert, bool, float, int, complex, len, list, repr, str):
        assert outcome(operate, buffer_like(array)) == outcome(operate, array), operate


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.filterwarnings("ignore")
def test_methods_and_attributes_are_those_of_numpys_arrays(name: str) -> None:
    array = VALUES[name]
    skipped = {"base", "ctypes", "data", "dump", "dumps", "flags", "tofile", "flat", "resize"}
    arguments: Any = [(), (0,), (1.5,), ("<f8",), ([0, 1],), (array,), ((-1,),), ("C",), (0, 1), ("cpu",)]
    for attribute in sorted(set(dir(numpy.ndarray)) - skipped):
        if attribute.startswith("_"):
            continue
        if not callable(getattr(numpy.ndarray, attribute)):
            assert outcome(getattr, buffer_like(array), attribute) == outcome(getattr, array, attribute), attribute
            continue
        for given in arguments:
            model, buffer = twin(array), buffer_like(array)
            ours, numpys = outcome(getattr(buffer, attribute), *given), outcome(getattr(model, attribute), *given)
            assert ours == numpys, (attribute, given)
            assert buffer.tobytes() == model.tobytes(), (attribute, given)


def test_what_is_made_from_a_buffer_can_be_assigned_into() -> None:
    made: list[Callable[[Any], Any]] = [
        lambda b: b + 1, lambda b: 2 * b, lambda b: -b, lambda b: np.sin(b), lambda b: b @ b, lambda b: b.copy(),
        lambda b: np.copy(b), lambda b: b[[0, 1]], lambda b: b.astype(float), lambda b: b.T, lambda b: b.reshape(-1),
        lambda b: np.linalg.inv(b), lambda b: np.cumsum(b), lambda b: np.concatenate([b, b]), lambda b: np.sort(b),
        lambda b: np.eye(2), lambda b: np.linspace(0, 1, 3), lambda b: np.diag([1.0, 2.0]), lambda b: np.outer(b, b),
        lambda b: np.zeros_like(b), lambda b: np.where(b > 0, b, 0), lambda b: np.meshgrid([1.0, 2.0], [1.0])[0],
        lambda b: np.broadcast_to(b, (1, 2, 2)).copy(), lambda b: np.random.rand(2),
        lambda b: np.split(b, 2)[0], lambda b: np.linalg.eigh(b + b.T)[1], lambda b: np.array(b), lambda b: np.tri(2),
        lambda b: np.asarray([1.0, 2.0]), lambda b: np.loadtxt(["1 2", "3 4"]), lambda b: np.full(2, 1.0),
        lambda b: pickle.loads(pickle.dumps(b)), copy.copy, copy.deepcopy, lambda b: np.arange(3.0),
        lambda b: np.fromfunction(lambda i: i / 2, (2,)), lambda b: np.lib.stride_tricks.as_strided(b) + 0,
    ]  # fmt: skip

    def f(x: Any) -> Any:
        total = 0.0
        for make in made:
            array = make(np.array([[2.0, 1.0], [0.5, 3.0]]))
            array[...] = x
            total = total + np.sum(array) / array.size
        return total

    assert cr.grad(f)(2.0) == pytest.approx(len(made))
    assert cr.jvp(f, (2.0,), (1.0,))[1] == pytest.approx(len(made))


def test_zeros_like_a_tracked_array_can_be_assigned_into_under_plain_numpy() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for make in (numpy.zeros_like, numpy.ones_like, numpy.empty_like, lambda a: numpy.full_like(a, 2.0)):
            made = make(x)
            assert isinstance(made, numpy.ndarray)
            for i in range(3):
                made[i] = x[i] ** 2
            total = total + numpy.sum(made)
        return total

    x = numpy.array([1.0, 2.0, 3.0])
    assert cr.grad(f)(x).tolist() == [8.0, 16.0, 24.0]
    assert cr.hessian(f)(x).tolist() == numpy.diag([8.0] * 3).tolist()


def test_an_array_from_outside_is_copied_into_one_that_can_be_assigned_into() -> None:
    outside = numpy.linspace(0.0, 1.0, 4)

    def f(x: Any) -> Any:
        total = 0.0
        for make in (np.copy, np.array, lambda a: a * np.ones(4), lambda a: np.asarray(a, numpy.float32), np.sqrt):
            u = make(outside)
            u[0] = x
            total = total + u[0] * 2 + u[1]
        return total

    assert cr.grad(f)(3.0) == 10.0
    assert outside.tolist() == numpy.linspace(0.0, 1.0, 4).tolist()
    assert np.asarray(outside) is outside
    with pytest.raises(TrackingError):
        cr.grad(lambda x: np.asarray(outside).__setitem__(0, x))(1.0)
    assert not numpy.isnan(outside).any()


def test_asarray_of_a_buffer_is_the_buffer() -> None:
    b = np.zeros((2, 3))
    for same in (np.asarray, np.asanyarray, np.ascontiguousarray, np.require):
        assert same(b) is b
    assert np.asarray(b, copy=True) is not b
    assert np.asfortranarray(b).flags.f_contiguous

    def f(x: Any) -> Any:
        b = np.zeros((2, 3))
        b[0, 0] = x
        assert np.asarray(b) is b
        other = np.asarray(b, copy=True)
        other[0, 0] = 5.0
        return b[0, 0] + other[0, 0]

    assert cr.grad(f)(1.0) == 1.0


def test_c_code_reads_and_writes_a_buffer() -> None:
    b = np.array([[4.0, 1.0], [1.0, 3.0]])
    assert isinstance(b, numpy.ndarray)
    assert scipy.linalg.cholesky(b).tolist() == scipy.linalg.cholesky(numpy.array(b)).tolist()
    assert scipy.special.gamma(b).tolist() == scipy.special.gamma(b.view(numpy.ndarray)).tolist()
    assert numpy.from_dlpack(b).tolist() == b.tolist()
    assert memoryview(b).tolist() == b.tolist()
    assert b.to_device("cpu").tolist() == b.tolist()
    numpy.frombuffer(b)[0] = 9.0
    numpy.add(b, 1.0, out=b)
    b.data[0, 1] = 7.0
    assert b.tolist() == [[10.0, 7.0], [2.0, 4.0]]
    numpy.random.default_rng(0).random(out=b)
    assert b.tolist() == numpy.random.default_rng(0).random((2, 2)).tolist()


def test_the_functions_have_numpys_signatures_so_that_the_array_api_finds_its_arguments() -> None:
    checked = 0
    for name in numpy.__all__:
        ours, numpys = getattr(np, name), getattr(numpy, name)
        if not callable(numpys) or isinstance(numpys, type):
            continue
        try:
            expected = inspect.signature(numpys)
        except ValueError:
            continue
        if name not in ("ndenumerate",):
            assert inspect.signature(ours) == expected, name
            checked += 1
    assert checked > 300
    for make in (np.zeros, np.ones, np.empty):
        assert make((2,), dtype=numpy.float32, device="cpu").dtype == numpy.float32
    assert np.asarray([1.0], device="cpu", copy=True).tolist() == [1.0]
    assert np.full((2,), 1.0, device="cpu").tolist() == np.full_like([1.0, 2.0], 1.0, device="cpu").tolist()
    info = np.__array_namespace_info__()
    assert info.default_device() == "cpu"
    assert np.ones(2).__array_namespace__().__name__ == "numpy"


def test_a_loop_that_fills_an_array_records_what_it_computes_and_one_join() -> None:
    def f(x: Any) -> Any:
        b = np.zeros(50)
        b[0] = x
        for i in range(1, 50):
            b[i] = b[i - 1] * 1.01
        return np.sum(b)

    assert len(cr.stage(f, 1.0).operations) < 49 + 5
    assert cr.grad(f)(1.0) == pytest.approx(sum(1.01**k for k in range(50)))


def test_entries_kept_as_numbers_are_seen_through_every_view_and_after_every_write() -> None:
    def program(np: Any, x: Any) -> Any:
        b = np.zeros((2, 3))
        b[0, 1] = x
        b[1, -1] = b[0, 1] * 2
        kept = b[0]
        b[0, 0] = x * x
        b[0, 2] = 1
        flat = b.reshape(-1)
        flat[3] = b[0, 0] + kept[0]
        total = b.sum()
        b[0, 1] = 4.0
        b[0, 1] += kept[1]
        column = b[:, 2] * 1.0
        b[:, 2] = 0.5
        b[1, 2] *= x
        b[numpy.int64(0), 0] = b[True, 0, 0].sum() + 1
        return total + b.sum() + column.sum() + kept.sum() + flat[5]

    expected = program(numpy, 1.7)
    for transform in (lambda f: cr.vjp(f, 1.7)[0], lambda f: cr.jvp(f, (1.7,), (1.0,))[0]):
        assert transform(lambda x: program(np, x)) == pytest.approx(expected, rel=1e-15)
    cr.check_grads(lambda x: program(np, x), (1.7,), order=2)


def test_an_entry_outside_is_refused_as_numpy_refuses_it() -> None:
    def f(x: Any) -> Any:
        b = np.zeros((2, 2))
        b[0, 0] = x
        for wrong in ((2, 0), (0, -3), (0, 0, 0)):
            with pytest.raises(IndexError):
                b[wrong]
            with pytest.raises(IndexError):
                b[wrong] = x
        b.flags.writeable = False
        with pytest.raises(ValueError, match="read-only"):
            b[0, 0] = x
        return b[0, 0]

    assert cr.grad(f)(1.0) == 1.0


def test_a_buffer_that_outlives_its_transform_says_so() -> None:
    held = np.zeros(3)
    cr.grad(lambda x: (held.__setitem__(0, x), x)[1])(1.0)
    assert isinstance(held, numpy.ndarray)
    assert held.shape == (3,)
    for use in (lambda: held + 1, lambda: held.sum(), lambda: held[0] * 2, lambda: np.sum(held), lambda: held[1:] * 2):
        with pytest.raises(TrackingError, match="after the transform"):
            use()
