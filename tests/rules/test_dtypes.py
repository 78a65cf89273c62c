"""Derivatives keep dtypes and shapes, take any memory layout, and follow the complex convention of JAX."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules import TABLE, Piecewise, Rule
from chainrule.rules.rule import Elementwise
from tests.rules.calls import CALLS, ELEMENTWISE, differentiable, smooth_points, whole_samples

every_elementwise_rule = pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
every_call = pytest.mark.parametrize(("rule", "number"), whole_samples(), ids=lambda item: getattr(item, "name", item))
one_argument = [rule for rule in ELEMENTWISE if len(rule.partials) == 1]


def gradients(function: Any, args: Any) -> Any:
    value, pullback = cr.vjp(function, *args)
    return pullback(np.ones(np.shape(value), value.dtype))


@every_elementwise_rule
@pytest.mark.parametrize("shape", [(), (1,), (7,)], ids=str)
def test_single_precision_stays_single(rule: Elementwise, shape: tuple[int, ...]) -> None:
    if rule.function in (np.float_power, np.i0, np.nextafter):
        pytest.skip("its results are always double, or not those of other dtypes")
    points = [p if np.ndim(p) == 0 else np.float32(np.resize(p, shape)[()]) for p in smooth_points(rule)]
    wide = [p if p.dtype.kind == "i" else np.float64(p) for p in points]
    tracked = differentiable(rule)

    def function(*args: Any) -> Any:
        given = [p if p.dtype.kind == "i" else p.astype(args[0].dtype) for p in wide]
        for position, value in zip(tracked, args, strict=True):
            given[position] = value
        return rule.function(*given)

    args = tuple(points[i] for i in tracked)
    value = cr.vjp(function, *args)[0]
    assert value.dtype == np.float32
    expected = gradients(function, tuple(wide[i] for i in tracked))
    for argument, g, e in zip(args, gradients(function, args), expected, strict=True):
        assert g.dtype == np.float32
        assert np.shape(g) == np.shape(argument)
        np.testing.assert_allclose(g, e, rtol=2e-5, atol=1e-5)
    value, moved = cr.jvp(function, args, tuple(np.ones_like(a) for a in args))
    assert value.dtype == moved.dtype == np.float32


@every_call
def test_whole_array_rules_keep_single_precision(rule: Rule, number: int) -> None:
    function, args = CALLS[rule.function][number]
    single = tuple(a.astype(np.complex64 if a.dtype.kind == "c" else np.float32) for a in args)
    if np.asarray(function(*single)).dtype.itemsize > single[0].dtype.itemsize * 2:
        pytest.skip("the call itself makes double precision")
    for argument, g in zip(single, gradients(function, single), strict=True):
        assert g.dtype == argument.dtype
        assert np.shape(g) == np.shape(argument)


@every_elementwise_rule
def test_empty_arrays_have_empty_gradients(rule: Elementwise) -> None:
    if any(low == high for low, high in rule.sample):
        pytest.skip("one argument is a number")
    args = tuple(np.zeros((0, 3)) for _ in rule.partials)
    assert [g.shape for g in gradients(rule.function, args)] == [(0, 3)] * len(args)


@pytest.mark.parametrize("rule", one_argument, ids=lambda rule: rule.name)
def test_memory_layout_does_not_matter(rule: Elementwise) -> None:
    points = np.resize(smooth_points(rule)[0], (4, 6))
    expected = gradients(rule.function, (points.copy(),))[0]
    every_other = np.repeat(points, 2, axis=1)[:, ::2]
    backwards = points[::-1, ::-1].copy()[::-1, ::-1]
    fortran = np.asfortranarray(points)
    read_only = points.copy()
    read_only.flags.writeable = False
    repeated = np.broadcast_to(points[0], (4, 6))
    for layout in (every_other, backwards, fortran, read_only):
        np.testing.assert_array_equal(gradients(rule.function, (layout,))[0], expected)
    np.testing.assert_array_equal(gradients(rule.function, (repeated,))[0], np.tile(expected[0], (4, 1)))


ANALYTIC = [
    np.add,
    np.subtract,
    np.multiply,
    np.divide,
    np.negative,
    np.positive,
    np.square,
    np.reciprocal,
    np.sqrt,
    np.power,
    np.exp,
    np.exp2,
    np.expm1,
    np.log,
    np.log2,
    np.log10,
    np.log1p,
    np.sinh,
    np.cosh,
    np.tanh,
    np.arcsinh,
    np.arccosh,
    np.arctanh,
    np.sin,
    np.cos,
    np.tan,
    np.arcsin,
    np.arccos,
    np.arctan,
]
POINTS = np.array([0.3 + 0.4j, -0.7 + 0.2j, 1.4 - 0.6j, -1.3 - 1.1j])


@pytest.mark.parametrize("function", ANALYTIC, ids=lambda f: f.__name__)
@pytest.mark.parametrize("size", ["number", "array"])
def test_derivatives_of_analytic_functions_are_their_complex_derivatives(function: Any, size: str) -> None:
    others = () if function.nin == 1 else (0.8 - 0.3j,)
    for z in POINTS if size == "number" else [POINTS]:
        h = 1e-6
        for position in range(function.nin):

            def f(w: Any, z: Any = z, position: int = position) -> Any:
                return function(*((w, *others) if position == 0 else (z, w)))

            at = z if position == 0 else others[0] + 0 * z
            slope = (f(at + h) - f(at - h)) / (2 * h)
            along = (f(at + 1j * h) - f(at - 1j * h)) / (2j * h)
            np.testing.assert_allclose(slope, along, rtol=1e-7)  # the function is analytic there
            np.testing.assert_allclose(cr.vjp(f, at)[1](np.ones_like(at))[0], slope, rtol=1e-7)
            np.testing.assert_allclose(cr.jvp(f, (at,), (np.ones_like(at),))[1], slope, rtol=1e-7)
    cr.check_grads(function, (POINTS, *others), order=2)


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("function", [f for f in ANALYTIC if f.nin == 1], ids=lambda f: f.__name__)
def test_on_the_axes_the_sign_of_a_zero_tells_on_which_side_of_a_branch_cut_the_derivative_is(
    function: Any, zero: float
) -> None:
    h = 1e-6
    for along, at in ((1, lambda t: complex(t, zero)), (1j, lambda t: complex(zero, t))):
        for t in (-3.0, -1.5, -0.5, 0.5, 1.5, 3.0):  # differences along the axis stay on their side
            slope = (function(np.complex128(at(t + h))) - function(np.complex128(at(t - h)))) / (2 * h * along)
            z = np.complex128(at(t))
            for x in (z, np.array([z])):
                one, expected = np.ones_like(x), np.full_like(x, slope)
                np.testing.assert_allclose(cr.vjp(function, x)[1](one)[0], expected, rtol=1e-7, atol=1e-8)
                np.testing.assert_allclose(cr.jvp(function, (x,), (one,))[1], expected, rtol=1e-7, atol=1e-8)

                def first(w: Any) -> Any:
                    return cr.vjp(function, w)[1](np.ones_like(w))[0]

                bend = (first(np.complex128(at(t + h))) - first(np.complex128(at(t - h)))) / (2 * h * along)
                np.testing.assert_allclose(cr.vjp(first, x)[1](one)[0], np.full_like(x, bend), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("size", ["number", "array"])
def test_gradients_of_real_functions_of_complex_arguments_follow_jax(size: str) -> None:
    # For f(a + ib) the gradient is ∂f/∂a − i ∂f/∂b.
    real_functions = {
        "abs": np.abs,
        "abs squared": lambda z: np.real(z * np.conj(z)),
        "real": np.real,
        "imag": np.imag,
        "mixed": lambda z: np.abs(np.sin(z)) * np.imag(z),
    }
    for f in real_functions.values():
        for z in POINTS if size == "number" else [POINTS]:
            h = 1e-6
            by_a = (f(z + h) - f(z - h)) / (2 * h)
            by_b = (f(z + 1j * h) - f(z - 1j * h)) / (2 * h)
            np.testing.assert_allclose(cr.grad(lambda w, f=f: np.sum(f(w)))(z), by_a - 1j * by_b, rtol=1e-7, atol=1e-9)
        cr.check_grads(f, (POINTS,), order=2)


@pytest.mark.parametrize("size", ["number", "array"])
def test_the_sign_of_a_complex_number_turns_with_it(size: str) -> None:
    # sign z = z/|z| is not analytic: each direction has a slope of its own, found here by differences.
    h = 1e-6
    for z in POINTS if size == "number" else [POINTS]:
        for direction in (1, 1j, 0.6 - 0.8j):
            slope = (np.sign(z + h * direction) - np.sign(z - h * direction)) / (2 * h)
            moved = cr.jvp(np.sign, (z,), (direction * np.ones_like(z),))[1]
            np.testing.assert_allclose(moved, slope, rtol=1e-8, atol=1e-9)
        weights = 0.3 - 1.1j

        def real(w: Any, weights: Any = weights) -> Any:
            return np.sum(np.real(weights * np.sign(w)))

        by_parts = [(np.real(weights * (np.sign(z + d) - np.sign(z - d))) / (2 * h)) for d in (h, 1j * h)]
        np.testing.assert_allclose(cr.grad(real)(z), by_parts[0] - 1j * by_parts[1], rtol=1e-8, atol=1e-9)
    cr.check_grads(lambda a, b: np.real(np.sign(a + 1j * b)), (POINTS.real, POINTS.imag), order=2)
    assert cr.vjp(np.sign, 0j)[1](1.0 + 0j) == (0,)
    value, pullback = cr.vjp(np.sign, np.complex64(3 + 4j))
    assert value.dtype == pullback(value)[0].dtype == np.complex64
    for z in (complex(np.inf, 1.0), complex(3e200, 4e200), complex(-2e-310, 0.0)):
        np.testing.assert_array_equal(cr.vjp(np.sign, z)[0], np.sign(z))


def test_where_with_a_condition_alone_gives_positions() -> None:
    def kept(x: Any) -> Any:
        return np.sum(x[np.where(x)] ** 2) + np.sum(x[np.where(x > 1)])

    x = np.array([0.0, 1.0, 2.0])
    np.testing.assert_array_equal(cr.grad(kept)(x), [0.0, 2.0, 5.0])
    np.testing.assert_array_equal(cr.jvp(kept, (x,), (np.ones(3),))[1], 7.0)
    np.testing.assert_array_equal(cr.hessian(kept)(x), np.diag([0.0, 2.0, 2.0]))


def test_the_complex_step_method_works_on_gradients() -> None:
    def f(x: Any) -> Any:
        return np.exp(x) * np.sin(x) / (1 + x**2)

    x, h = 0.7, 1e-30
    assert np.imag(f(x + 1j * h)) / h == pytest.approx(cr.grad(f)(x), rel=1e-15)
    second = np.imag(cr.vjp(f, x + 1j * h)[1](1.0 + 0j)[0]) / h
    assert second == pytest.approx(cr.derivative(f, order=2)(x), rel=1e-13)


def test_integers_are_differentiated_as_double_precision() -> None:
    for x in (3, np.int8(3), np.array(3), np.array([3, 4], np.uint16)):
        gradient = cr.grad(lambda v: np.sum(v**2))(x)
        assert gradient.dtype == np.float64
        np.testing.assert_array_equal(gradient, 2.0 * np.asarray(x))


def test_mixed_dtypes_give_each_argument_a_gradient_of_its_own_dtype() -> None:
    x, y, z = np.float32([1, 2]), np.array([3.0, 4.0]), np.array([1j, 2.0])
    gradients_of_all = cr.grad(lambda a, b, c: np.sum(np.real(a * b * c)), (0, 1, 2))(x, y, z)
    assert [g.dtype for g in gradients_of_all] == [np.float32, np.float64, np.complex128]
    np.testing.assert_allclose(gradients_of_all[0], np.real(y * z))
    np.testing.assert_allclose(gradients_of_all[2], x * y)


DTYPED = [
    function
    for function, rule in TABLE.items()
    if not isinstance(rule, Piecewise)
    and (
        getattr(np, function.__name__, None) is function
        if isinstance(function, np.ufunc)
        else function.__module__.startswith("numpy")
        and (function is np.einsum or "dtype" in inspect.signature(function).parameters)
    )
]
VALUES, WEIGHTS = np.array([0.3, 0.6, 0.45, 0.7]), np.array([0.2, 0.9, 0.5, 0.35])
OTHER_ARGUMENTS: dict[Any, Any] = {
    np.concatenate: lambda x: ([x, WEIGHTS],), np.stack: lambda x: ([x, WEIGHTS],), np.vstack: lambda x: ([x, x],),
    np.hstack: lambda x: ([x, WEIGHTS],), np.trace: lambda x: (np.reshape(x, (2, 2)),),
    np.linalg.trace: lambda x: (np.reshape(x, (2, 2)),), np.einsum: lambda x: ("i,i->", x, WEIGHTS),
    np.ldexp: lambda x: (x, 2), np.linspace: lambda x: (x, 2.0, 3), np.logspace: lambda x: (x, 2.0, 3),
    np.geomspace: lambda x: (x, 2.0, 3), np.full_like: lambda x: (x, x[0]),
    np.cov: lambda x: (x,), np.corrcoef: lambda x: (np.stack([x, x**2]),), np.astype: None,
    np.matvec: lambda x: (np.outer(WEIGHTS, VALUES), x), np.vecmat: lambda x: (x, np.outer(WEIGHTS, VALUES)),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("kind", ["f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("given", ["f4", "f8"])
@pytest.mark.parametrize("function", DTYPED, ids=lambda f: getattr(f, "__module__", "numpy") + "." + f.__name__)
def test_the_option_dtype_is_obeyed_as_numpy_obeys_it(function: Any, given: str, kind: str) -> None:
    x = VALUES.astype(given)
    count = function.nin if isinstance(function, np.ufunc) else 1
    arguments = OTHER_ARGUMENTS.get(function, lambda x: (x, WEIGHTS.astype(given))[:count])
    if arguments is None:
        pytest.skip("its dtype is no option")

    def parts(x: Any, **options: Any) -> list[Any]:
        found = function(*arguments(x), **options)
        return list(found) if isinstance(found, tuple) else [found]

    try:
        expected = parts(x, dtype=kind)
    except (TypeError, ValueError):
        with pytest.raises((TypeError, ValueError)):
            cr.vjp(lambda x: parts(x, dtype=kind), x)
        return
    found, pullback = cr.vjp(lambda x: parts(x, dtype=kind), x)
    for one, two in zip(found, expected, strict=True):
        if np.asarray(two).dtype.kind in "fc":  # counts leave a transform as float64
            assert np.asarray(one).dtype == np.asarray(two).dtype
        np.testing.assert_allclose(one, two, rtol=1e-12 if kind in ("f8", "c16") else 1e-6)
    plainly = cr.vjp(parts, x)[1]
    g = [np.ones_like(one) for one in found]
    slopes = plainly([np.ones_like(one) for one in cr.vjp(parts, x)[0]])[0]
    np.testing.assert_allclose(pullback(g)[0], slopes, rtol=5e-5, atol=5e-5)
