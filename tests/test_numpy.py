"""chainrule.numpy: constructors that take tracked values, buffers that become tracked, and NumPy's own for the rest."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import scipy.linalg.blas
import scipy.special

import chainrule as cr
import chainrule.numpy as np
from chainrule.engine.buffer import Buffer
from chainrule.errors import ShapeError, TrackingError

X = numpy.array([0.3, -1.2, 2.5])


def cumulative(x: Any) -> Any:
    total = np.zeros(3)
    for i in range(3):
        total[i] = total[i - 1] + x[i] ** 2
    return total


def through_views(x: Any) -> Any:
    b = np.zeros((2, 3))
    row, turned = b[1], b.T
    flat = np.ravel(b)
    row[0] = x[0]
    b[0, 1] += x[1] ** 2
    flat[5] = x[2] * x[0]
    for each in b:
        each *= 2
    turned[2, 0] = x[1]
    return np.sin(b) + flat.reshape(2, 3)


def through_views_without(x: Any) -> Any:
    b = numpy.stack([0.0 * x[0], 2 * x[1] ** 2, x[1], 2 * x[0], 0.0 * x[0], 2 * x[2] * x[0]])
    return numpy.reshape(numpy.sin(b) + b, (2, 3))


def rotation(x: Any) -> Any:
    return np.array([[np.cos(x[0]), -np.sin(x[0])], [np.sin(x[0]), 1]]) @ x[:2]


def filled(x: Any) -> Any:
    b = np.full(3, x[0]) * np.full_like(x, 2.0) + np.full_like(X, x[1])
    b[1:] = np.array([x[1], 3.0])
    return b + np.ones_like(x)


def in_place(x: Any) -> Any:
    b = np.ones(3)
    b += x
    c = b.copy()
    c *= x
    b -= 1
    d = np.copy(b)
    d[0] = 7.0
    return c + b * d


PAIRS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "a loop of assignments": (cumulative, lambda x: numpy.cumsum(x**2)),
    "views": (through_views, through_views_without),
    "nested lists": (
        rotation,
        lambda x: numpy.stack([
            numpy.cos(x[0]) * x[0] - numpy.sin(x[0]) * x[1], numpy.sin(x[0]) * x[0] + x[1],
        ]),
    ),
    "full": (filled, lambda x: numpy.stack([2 * x[0] + x[1], x[1], 3.0 + 0 * x[0]]) + 1.0),
    "in place": (in_place, lambda x: (1 + x) * x + x * numpy.where([True, False, False], 7.0, x)),
    "list of rows": (lambda x: np.array([x, x**2]), lambda x: numpy.stack([x, x**2])),
    "asarray of a list": (lambda x: np.asarray([x[0], 2.0]) * 3, lambda x: numpy.stack([3 * x[0], 6.0])),
    "linspace": (lambda x: np.linspace(x[0], x[2], 4), lambda x: x[0] + (x[2] - x[0]) * numpy.arange(4) / 3),
    "arange": (lambda x: np.arange(x[0], 1.0, x[2] / 10), lambda x: x[0] + x[2] / 10 * numpy.arange(3)),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_values_and_derivatives_are_those_of_the_function_without_it(name: str) -> None:
    ours, numpys = PAIRS[name]
    assert numpy.allclose(numpy.asarray(ours(X)), numpys(X))
    for transform in (cr.jacfwd, cr.jacrev):
        assert numpy.allclose(transform(ours)(X), transform(numpys)(X), rtol=1e-13)
        for outer in (cr.jacfwd, cr.jacrev):
            assert numpy.allclose(outer(transform(ours))(X), outer(transform(numpys))(X), rtol=1e-13)
    with cr.debug_nans():
        assert numpy.allclose(cr.jacrev(ours)(X), cr.jacrev(numpys)(X), rtol=1e-13)


@pytest.mark.parametrize("transform", [cr.jacfwd, cr.jacrev, lambda f: cr.jacfwd(cr.jacrev(f))])
def test_views_of_tracked_arrays_change_together_in_every_mode(transform: Any) -> None:
    def through_a_view(x: Any) -> Any:
        row = x[1:]
        row *= x[0]
        turned = x[::-1]
        turned[2] = row[0] * 2
        return x + row[0]

    def without(x: Any) -> Any:
        a, b, c = x[0], x[1], x[2]
        return numpy.stack([2 * a * b, a * b, a * c]) + a * b

    assert numpy.allclose(transform(through_a_view)(X), transform(without)(X), rtol=1e-14)


def test_a_tracked_value_is_written_into_a_buffer_in_every_way_that_numpy_has() -> None:
    rows, mask = numpy.array([0, 2, 0]), numpy.array([[True, False, True]] * 3)

    def by_operators(b: Any, v: Any) -> None:
        b[[0, 1]] += v
        b[mask] *= v
        b[:, [0, 2]] -= v
        b[1] = [v, 2 * v, 0.5]

    def by_functions(b: Any, v: Any) -> None:
        np.put(b, [0, -1], v)
        np.putmask(b, mask, v * 2)
        np.place(b, ~mask, numpy.stack([v, v]) if isinstance(v, cr.Variable) else [v, v])
        np.copyto(b, v * v, where=~mask)
        np.fill_diagonal(b, v + 1)
        np.put_along_axis(b, numpy.array([[1]]), v, 1)

    def by_flat(b: Any, v: Any) -> None:
        b.flat[1] = v
        b.flat[3:6] = v * 2
        b.T.flat[2] += v

    def by_ufuncs(b: Any, v: Any) -> None:
        np.add.at(b, rows, v)
        np.multiply.at(b, rows, v)
        np.add(b, v, out=b)
        np.multiply(b, v, out=b, where=mask)
        np.sin(v, out=b[0])

    for write in (by_operators, by_functions, by_flat, by_ufuncs):

        def f(v: Any, write: Any = write) -> Any:
            b = np.full((3, 3), 0.5)
            write(b, v)
            assert isinstance(b, numpy.ndarray)
            return b

        expected = numpy.full((3, 3), 0.5)
        write(expected, 1.25)
        for mode in (lambda f: cr.vjp(f, 1.25)[0], lambda f: cr.jvp(f, (1.25,), (1.0,))[0]):
            assert numpy.array_equal(mode(f), expected), write
        cr.check_grads(f, (1.25,), order=2)


def test_the_parts_of_a_complex_buffer_are_written_through() -> None:
    def f(v: Any) -> Any:
        b = np.zeros(2, complex)
        real, imaginary = b.real, b.imag
        imaginary[0] = v
        real[1] = v * v
        return np.real(b) + 3 * np.imag(b) + real

    assert cr.jacfwd(f)(2.0).tolist() == cr.jacrev(f)(2.0).tolist() == [3.0, 8.0]


def test_everything_else_is_numpys_own() -> None:
    for name in ("pi", "float32", "ndarray", "newaxis", "errstate", "dtype", "testing", "int64"):
        assert getattr(np, name) is getattr(numpy, name)
    for name in ("sin", "sum", "stack", "einsum", "where", "eye"):
        assert getattr(np, name).__wrapped__ is getattr(numpy, name)
    assert set(dir(numpy)) <= set(dir(np))
    assert set(numpy.__all__) == set(np.__all__) == {name for name in numpy.__all__ if hasattr(np, name)}
    with pytest.raises(AttributeError):
        np.sine  # noqa: B018


def test_a_buffer_behaves_as_the_array_that_it_holds() -> None:
    b, a = np.array([[1.0, -2.0], [3.0, 0.5]]), numpy.array([[1.0, -2.0], [3.0, 0.5]])
    for f in (
        lambda v: v + 1, lambda v: 1 - v, lambda v: v @ v, lambda v: -v, lambda v: v > 0, lambda v: v.sum(axis=0),
        lambda v: v.max(), lambda v: v.tolist(), lambda v: v[1], lambda v: v[v > 0], lambda v: v[[1, 0]],
        lambda v: numpy.linalg.inv(v), lambda v: numpy.histogram(v)[0], lambda v: numpy.add.reduce(v),
        lambda v: numpy.split(v, 2)[1], lambda v: list(v), len, repr, str, lambda v: f"{v}", lambda v: v.T.shape,
        lambda v: numpy.vstack([v, v]), lambda v: v.astype(int), lambda v: float(v[0, 0]), lambda v: v.reshape(-1)[2],
        lambda v: numpy.maximum.outer(v, v), lambda v: v ** 2, lambda v: 2 // v, lambda v: 3.0 in v, lambda v: v.dtype,
        lambda v: v.strides, lambda v: v.nbytes, lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy, copy.copy,
        lambda v: numpy.asarray(v), lambda v: numpy.ones((2, 2)) * v, lambda v: numpy.where(v > 0, v, 0), numpy.copy,
        lambda v: numpy.sort(v), lambda v: v.argmax(), lambda v: numpy.interp(0.3, v[0], v[1]),
    ):  # fmt: skip
        own, expected = f(b), f(a)
        assert numpy.array_equal(own, expected), (own, expected)
    assert not isinstance(b + 1, cr.Variable)
    row = b[0]
    row[:] = 9.0
    b.fill(b[0, 0] + 1)
    assert row.tolist() == [10.0, 10.0]


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
def test_a_copy_of_a_buffer_lies_in_memory_as_numpy_s_copy(order: str) -> None:
    array = numpy.arange(12.0).reshape(3, 4)
    for part in (array, array.T, array[::2, ::-1], array[:, 1]):
        buffer, model = np.array(part, copy=False), part
        for made, wanted in (
            (buffer.copy(order), model.copy(order)), (buffer.copy(), model.copy()),
            (copy.copy(buffer), copy.copy(model)), (copy.deepcopy(buffer), copy.deepcopy(model)),
            (np.copy(buffer, order), numpy.copy(model, order)),
        ):  # fmt: skip
            assert type(made) is Buffer
            assert made.strides == wanted.strides
            numpy.testing.assert_array_equal(numpy.asarray(made), wanted)
            made[...] = 0
        numpy.testing.assert_array_equal(numpy.asarray(buffer), model)


def test_integers_truth_values_and_numbers_stay_plain_so_that_they_index() -> None:
    for made in (np.array([0, 2]), np.zeros(3, dtype=int), np.ones(3, bool), np.arange(4)):
        assert type(made) is numpy.ndarray
    assert cr.grad(lambda x: np.sum(x[np.array([0, 2])]))(X).tolist() == [1.0, 0.0, 1.0]
    assert type(np.array(2.0)) is numpy.ndarray


def test_buffers_are_inputs_outputs_and_constants_of_transforms() -> None:
    b = np.array([1.0, 2.0])
    gradient = cr.grad(lambda x: np.sum(x**2))(b)
    assert type(gradient) is numpy.ndarray
    assert gradient.tolist() == [2.0, 4.0]
    value, tangent = cr.jvp(lambda x: x * b, (b,), (np.ones(2),))
    assert (value.tolist(), tangent.tolist()) == ([1.0, 4.0], [1.0, 2.0])
    assert cr.jacobian(lambda x: np.ones(2))(1.0).tolist() == [0.0, 0.0]
    assert type(cr.stop_gradient(b)) is not cr.Variable
    assert cr.vjp(lambda x: x * 2, b)[1](np.ones(2))[0].tolist() == [2.0, 2.0]


@pytest.mark.parametrize("transform", [cr.grad, cr.jacfwd])
def test_a_buffer_that_is_written_to_after_its_use_does_not_change_the_gradient(transform: Any) -> None:
    def f(x: Any) -> Any:
        b = np.ones(3)
        y = np.sum(b * x) + b @ x
        b[0] = 100.0
        b[1] = x[0]
        return y

    assert transform(f)(X).tolist() == [2.0, 2.0, 2.0]


def test_an_alias_by_other_means_never_shows_numbers_that_are_out_of_date() -> None:
    def f(v: Any) -> Any:
        b = np.zeros(3)
        alias = numpy.asarray(b)
        alias[2] = 4.0
        with pytest.raises(TrackingError, match=r"a plain array shows as well.* at test_numpy\.py:"):
            b[1] = v
        assert b.tolist() == [0.0, 0.0, 4.0]
        del alias
        b[1] = v
        return b[1] * b[2]

    assert cr.grad(f)(2.0) == 4.0


def test_an_alias_of_a_part_shows_nan_once_a_tracked_value_is_written() -> None:
    def f(v: Any) -> Any:
        b = np.zeros((2, 3))
        row = b[1]
        alias = numpy.asarray(row)
        b[1, 1] = v
        assert numpy.isnan(alias).all()
        return row[1]

    assert cr.grad(f)(2.0) == 1.0


@pytest.mark.parametrize(
    "use",
    [
        lambda b: numpy.asarray(b, float), lambda b: numpy.asarray(b) + 1, lambda b: numpy.array([b, b]) * 2,
        lambda b: memoryview(b).tolist(), lambda b: b.tobytes(),
        lambda b: numpy.array(b, subok=True), lambda b: b.ctypes, lambda b: numpy.asarray(b).sum(), lambda b: b.data,
        lambda b: float(b[0]), lambda b: b.__array_interface__, lambda b: b.__dlpack__(),
        lambda b: math.fsum(b), lambda b: scipy.linalg.blas.ddot(b, b), lambda b: scipy.special.erf(numpy.asarray(b)),
    ],
)  # fmt: skip
def test_c_code_reads_no_number_off_an_array_with_tracked_values(use: Callable[[Any], Any]) -> None:
    def f(v: Any) -> Any:
        b = np.ones(3)
        b[0] = v
        assert numpy.isnan(numpy.frombuffer(b)).all()
        with pytest.raises((TypeError, ValueError, NotImplementedError)):
            use(b)
        return b[0]

    assert cr.grad(f)(2.0) == 1.0


@pytest.mark.parametrize("dtype", ["i8", "u1", "f4", "c16", "V8"])
def test_a_tracked_value_is_not_written_where_a_view_shows_the_bytes_as_other_numbers(dtype: str) -> None:
    def f(v: Any) -> Any:
        b = np.zeros((2, 4))
        model = numpy.zeros((2, 4))
        for part, expected in ((b, model), (b[1], model[1]), (b[:1], model[:1])):
            other = part.view(dtype)
            assert other.dtype == dtype
            if dtype != "V8":
                other[...] = expected.view(dtype)[...] = numpy.ones((), dtype)
                assert numpy.array_equal(b, model)
            with pytest.raises(TrackingError, match="of which a view shows"):
                b[1, 0] = v
            del other
        b[...] = 0.0
        b[1, 0] = v
        return b[1, 0]

    assert cr.grad(f)(2.0) == 1.0


def test_what_would_lose_a_derivative_is_an_error() -> None:
    for lose in (
        lambda v: np.array([v, 1.0], dtype=int),
        lambda v: np.full(2, v, dtype=bool),
        lambda v: np.zeros(2, dtype=int).__setitem__(0, v),
        lambda v: numpy.asarray([np.zeros(2), v * np.ones(2)]),
        lambda v: np.zeros(3)[v],
    ):
        with pytest.raises(TrackingError, match=r"test_numpy\.py:"):
            cr.grad(lose)(1.0)
    with pytest.raises(ShapeError, match=r"different shapes at test_numpy\.py:\d+: \(\), \(2,\)"):
        cr.grad(lambda v: np.array([v, [v, v]]))(1.0)
    with pytest.raises(ValueError, match="read-only"):
        cr.grad(lambda v: np.broadcast_to(np.zeros(2), (2, 2)).__setitem__(0, v))(1.0)
    held = np.zeros(2)
    cr.grad(lambda v: (held.__setitem__(0, v), v)[1])(1.0)
    with pytest.raises(TrackingError, match="after the transform"):
        held + 1


def test_array_makes_a_new_array_of_a_tracked_one_and_asarray_does_not() -> None:
    def f(x: Any) -> Any:
        new, same = np.array(x), np.asarray(x)
        new[0] = 7.0
        assert same is x
        return np.sum(x**2) + np.sum(new)

    np.testing.assert_array_equal(cr.grad(f)(np.array([3.0, 4.0])), [6.0, 9.0])


@pytest.mark.parametrize("function", [np.cumsum, np.cumprod])
def test_out_of_another_dtype_is_refused_where_numpy_would_round(function: Callable[..., Any]) -> None:
    with pytest.raises(TrackingError, match="out= of float32"):
        cr.grad(lambda v: np.sum(function(v, out=np.zeros(3, np.float32))))(numpy.ones(3))


def test_a_filled_array_has_the_dtype_of_its_model_unless_another_is_given() -> None:
    model = numpy.ones(2, numpy.float32)
    dtypes: list[Any] = []

    def f(v: Any) -> Any:
        made = [np.full_like(model, v), np.full_like(model, v, numpy.float64)]
        dtypes.extend(array.dtype for array in made)
        return np.sum(made[0]) + np.sum(made[1])

    assert cr.grad(f)(2.0) == 4.0
    assert dtypes == [numpy.float32, numpy.float64]


def test_item_and_tolist_are_numpys_and_keep_their_derivatives() -> None:
    at = np.arange(1.0, 7.0).reshape(2, 3)
    for index in ((), (4,), (-1,), (1, 2), (-2, 1), ((0, 2),)):
        pick = (lambda v: v[1:, 1:2].item()) if not index else (lambda v, index=index: v.item(*index))
        plain = pick(at)
        value, gradient = cr.value_and_grad(lambda v, pick=pick: pick(v) ** 2)(at)
        assert value == plain**2
        assert np.array_equal(gradient, np.where(at == plain, 2 * plain, 0.0))
        assert cr.derivative(lambda t, pick=pick: pick(t * at))(1.0) == plain
    rows = cr.grad(lambda v: sum(a * b for a, b in v.tolist()))(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert rows.tolist() == [[2.0, 1.0], [4.0, 3.0]]
    assert cr.grad(lambda x: x.item() * x.tolist())(3.0) == 6.0
    for call in (lambda v: v.item(), lambda v: v.item(9), lambda v: v.item(0, 3)):
        with pytest.raises((ValueError, IndexError)) as theirs:
            call(at)
        with pytest.raises(type(theirs.value)):
            cr.grad(call)(at)


def test_a_range_by_name_and_by_place_is_the_same() -> None:
    for call in (
        lambda s: np.arange(0.0, 1.0, s),
        lambda s: np.arange(0.0, 1.0, step=s),
        lambda s: np.arange(start=0.0, stop=1.0, step=s),
    ):
        np.testing.assert_array_equal(cr.jacobian(call)(0.25), [0.0, 1.0, 2.0, 3.0])
    np.testing.assert_array_equal(cr.jacobian(lambda a: np.arange(start=a, stop=3.0))(0.5), [1.0, 1.0, 1.0])


def test_a_buffer_is_multiplied_in_place_from_the_right() -> None:
    def f(x: Any) -> Any:
        b = np.array([[1.0, 2.0], [3.0, 5.0]])
        b @= np.reshape(x, (2, 2))
        return b

    x = np.array([0.5, -1.0, 2.0, 4.0])
    np.testing.assert_allclose(cr.vjp(f, x)[0], np.array([[1.0, 2.0], [3.0, 5.0]]) @ x.reshape(2, 2))


def test_there_is_no_other_device() -> None:
    for x in (np.float64(1.0), np.ones(2)):
        with pytest.raises(ValueError, match="gpu"):
            cr.vjp(lambda x: x.to_device("gpu"), x)
        assert np.array_equal(cr.vjp(lambda x: x.to_device("cpu"), x)[0], x)
