"""Arguments and operands that would once have given a silently wrong number, or an error of another library."""

import collections
import dataclasses
import warnings
from fractions import Fraction

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import NotDifferentiableError, ShapeError, TrackingError


def masked():
    return np.ma.array([1.0, 2.0], mask=[False, True])


def square_matrix():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("make", [masked, square_matrix])
@pytest.mark.parametrize("transform", [cr.grad, cr.jacobian, cr.derivative])
def test_an_array_with_an_arithmetic_of_its_own_is_refused_as_an_argument(make, transform):
    with pytest.raises(NotDifferentiableError, match="whose arithmetic is not followed"):
        transform(lambda x: np.sum(x * x))(make())


@pytest.mark.parametrize("make", [masked, square_matrix])
@pytest.mark.parametrize("f", [np.multiply, np.matmul])
def test_an_array_with_an_arithmetic_of_its_own_is_refused_as_an_operand(make, f):
    x = np.ones(2) if make is masked else np.ones((2, 2))
    if make is masked and f is np.matmul:
        pytest.skip("the product of vectors is a number, on which a mask leaves no trace")
    with pytest.raises(NotDifferentiableError, match=r"with a (MaskedArray|matrix)"):
        cr.grad(lambda x: np.sum(f(x, make())))(x)
    with pytest.raises(NotDifferentiableError, match=r"with a (MaskedArray|matrix)"):
        cr.jvp(lambda x: f(x, make()), (x,), (x,))


def test_a_captured_object_array_is_refused_instead_of_giving_zeros():
    objects = np.array([1, 2.5], dtype=object)
    with pytest.raises(NotDifferentiableError, match="Python objects"):
        cr.grad(lambda x: np.sum(x * objects))(np.ones(2))
    with pytest.raises(NotDifferentiableError, match="Python objects"):
        cr.jvp(lambda x: x * objects, (np.ones(2),), (np.ones(2),))


def test_numbers_of_another_library_are_constants():
    def f(x):
        return x**2 * Fraction(1, 2) + Fraction(3)

    assert cr.value_and_grad(f)(3.0) == (7.5, 3.0)
    assert cr.derivative(f)(3.0) == 3.0
    assert cr.grad(cr.grad(f))(3.0) == 1.0


def test_lists_are_vectors_in_products():
    assert np.array_equal(cr.grad(lambda x: x @ [1.0, 2.0])(np.ones(2)), [1.0, 2.0])
    assert np.array_equal(cr.grad(lambda x: np.dot([1.0, 2.0], x))(np.ones(2)), [1.0, 2.0])
    assert cr.jvp(lambda x: x @ [1.0, 2.0], (np.ones(2),), (np.ones(2),))[1] == 3.0


@pytest.mark.parametrize("function", [np.max, np.min])
def test_the_gradient_of_an_extremum_that_is_nan_is_nan_there(function):
    x = np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 2.0]])
    assert np.isnan(cr.grad(function)(x[0])[1])
    rows = cr.jacobian(lambda x: function(x, axis=1))(x)
    assert np.isnan(rows[0, 0, 1])
    assert np.isfinite(rows[1, 1]).all()
    assert np.isnan(cr.grad(lambda x: np.sum(function(x, axis=1)))(x)[0, 1])


def test_an_argument_that_is_named_twice_is_refused():
    with pytest.raises(ValueError, match="names an argument twice"):
        cr.grad(lambda x, y: x * y, (0, -2))(2.0, 3.0)


@pytest.mark.parametrize("argnums", [None, 1.0, (1.0,)])
def test_argnums_that_are_no_positions_and_no_names_are_refused(argnums):
    with pytest.raises(TypeError, match="named by its position"):
        cr.grad(lambda x, y: x * y, argnums)(2.0, 3.0)


@pytest.mark.parametrize("order", ["2", np.nan, np.inf, -1, 1.5])
def test_an_order_that_is_no_whole_number_is_refused(order):
    with pytest.raises(ValueError, match="whole number from 0 on"):
        cr.derivative(np.sin, order)


@pytest.mark.parametrize("transform", [cr.jvp, cr.hvp])
@pytest.mark.parametrize("point", [1.0, np.array([1.0, 2.0])])
def test_primals_that_are_no_tuple_are_refused(transform, point):
    with pytest.raises(TypeError, match="takes a tuple of primals"):
        transform(lambda x: np.sum(x**2), point, point)


def test_the_parts_of_tangents_and_cotangents_are_paired_by_name():
    def f(p):
        return {"first": p["b"] * 2, "second": p["a"]}

    p = {"a": 1.0, "b": 2.0}
    with pytest.raises(ShapeError, match="needs the structure of its primal"):
        cr.jvp(f, (p,), ({"a": 1.0, "c": 1.0},))
    with pytest.raises(ShapeError, match="needs the structure of its primal"):
        cr.jvp(f, (p,), (collections.OrderedDict(b=1.0, a=0.0),))
    pullback = cr.vjp(f, p)[1]
    with pytest.raises(ShapeError, match="needs the structure of the value"):
        pullback([1.0, 2.0])
    assert pullback({"second": 1.0, "first": 0.0}) == ({"a": 1.0, "b": 0.0},)


def test_a_complex_direction_of_a_real_value_is_refused():
    with pytest.raises(NotDifferentiableError, match="the tangent of argument 0 of sin is complex"):
        cr.jvp(np.sin, (0.0,), (1j,))
    with pytest.raises(NotDifferentiableError, match="the cotangent is complex"):
        cr.vjp(np.sin, 0.0)[1](1j)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_jacobian_keeps_the_imaginary_part_whatever_the_sizes(count):
    x = np.arange(1.0, count + 1)
    assert np.array_equal(cr.jacobian(lambda x: x * 1j)(x), 1j * np.eye(count))
    with pytest.raises(NotDifferentiableError, match="lose the imaginary part"):
        cr.jacrev(lambda x: x * 1j)(x)
    z = x + 2j
    expected = np.diag(np.conj(z) / np.abs(z))
    assert np.allclose(cr.jacobian(np.abs)(z), expected)


def test_a_dataclass_that_is_made_from_more_than_its_fields_is_refused():
    @dataclasses.dataclass
    class Scaled:
        a: float
        scale: dataclasses.InitVar[float] = 2.0

        def __post_init__(self, scale):
            self.b = self.a * scale

    with pytest.raises(NotDifferentiableError, match="Scaled is made from scale"):
        cr.grad(lambda p: p.b**2)(Scaled(3.0, 5.0))


def test_the_error_of_an_assignment_of_the_wrong_shape_speaks_of_an_assignment():
    def f(x):
        y = x * 1.0
        y[0] = x
        return np.sum(y)

    with pytest.raises(ShapeError, match=r"^an assignment got arguments of shape"):
        cr.grad(f)(np.ones(2))


def test_a_sorted_array_lies_in_memory_as_numpy_lays_it_so_that_reshapes_are_views():
    def f(x):
        y = np.sort(x, axis=0)
        y.reshape(4, 3)[::2] *= 3.0
        return np.sum(y * y)

    x = np.arange(12.0)[::-1].reshape(3, 4)
    value, gradient = cr.value_and_grad(f)(x)
    assert value == f(x)
    assert np.isclose(np.sum(gradient * x), 2 * value)  # f is homogeneous of degree 2


def test_a_value_that_leaves_forward_mode_is_refused_later() -> None:
    kept = []
    cr.derivative(lambda x: (kept.append(x), x)[1])(2.0)
    with pytest.raises(TrackingError, match=r"test_trial\.py:\d+ after the transform"):
        cr.grad(lambda y: kept[0] * y)(3.0)


def test_a_field_that_the_constructor_does_not_take_is_a_constant() -> None:
    @dataclasses.dataclass
    class Scaled:
        a: float
        b: float = dataclasses.field(init=False, default=1.0)

    value = Scaled(3.0)
    value.b = 10.0
    assert cr.grad(lambda p: p.a * p.b)(value).a == 10.0
