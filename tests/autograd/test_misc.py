"""Vectors of containers, optimisers, fixed points, programs, vector spaces and convolutions."""

from __future__ import annotations

from typing import Any

import numpy as onp
import pytest
from scipy import signal as scipy_signal

import chainrule.autograd.numpy as np
from chainrule.autograd import grad, jacobian
from chainrule.autograd.core import vspace
from chainrule.autograd.misc import const_graph, flatten
from chainrule.autograd.misc.fixed_points import fixed_point
from chainrule.autograd.misc.flatten import flatten_func
from chainrule.autograd.misc.optimizers import adam, rmsprop, sgd
from chainrule.autograd.scipy.signal import convolve
from chainrule.autograd.test_util import check_grads
from chainrule.errors import PathError

PARAMS = {"b": 1.5, "a": [onp.arange(6.0).reshape(2, 3), (2.0, ())], "c": 1.0 + 2.0j}


def test_a_container_becomes_a_vector_and_comes_back() -> None:
    vector, unflatten = flatten(PARAMS)
    assert vector.tolist() == [0, 1, 2, 3, 4, 5, 2.0, 1.5, 1.0 + 2.0j]
    back = unflatten(vector)
    assert onp.array_equal(back["a"][0], PARAMS["a"][0])  # type: ignore[index]
    assert (back["a"][1], back["b"], back["c"]) == ((2.0, ()), 1.5, 1.0 + 2.0j)
    assert flatten([])[0].shape == (0,)


def test_both_ways_can_be_differentiated() -> None:
    params = {"w": onp.ones((2, 2)), "b": [0.5, onp.zeros(2)]}
    vector, unflatten = flatten(params)
    assert onp.array_equal(jacobian(lambda v: flatten(unflatten(v))[0])(vector), onp.eye(vector.size))
    check_grads(lambda p: np.sum(np.sin(flatten(p)[0]) * onp.arange(7.0)))(params)
    func, back, x = flatten_func(lambda p: {"w": 2 * p["w"], "b": p["b"]}, params)
    assert onp.array_equal(back(func(x))["w"], 2 * params["w"])  # type: ignore[operator]


@pytest.mark.parametrize(("optimize", "options"), [(sgd, {}), (rmsprop, {}), (adam, {"step_size": 0.1})])
def test_optimisers_find_the_minimum_of_a_container(optimize: Any, options: Any) -> None:
    target, steps = onp.array([1.0, -2.0]), []

    def loss(p: Any, i: int) -> Any:
        return np.sum((p["x"] - target) ** 2) + (p["y"] - 3.0) ** 2

    def seen(p: Any, i: int, g: Any) -> None:
        steps.append((i, g["x"].shape))

    found = optimize(grad(loss), {"x": onp.zeros(2), "y": 0.0}, callback=seen, num_iters=500, **options)
    assert onp.allclose(found["x"], target, atol=0.06)
    assert onp.isclose(found["y"], 3.0, atol=0.06)
    assert steps[0] == (0, (2,))
    assert len(steps) == 500


def test_adam_takes_the_steps_of_its_paper() -> None:
    x, m, v = 1.0, 0.0, 0.0
    for t in range(1, 6):
        g = 2 * x
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        x -= 0.01 * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)) ** 0.5 + 1e-8)
    assert adam(lambda x, i: 2 * x, 1.0, num_iters=5, step_size=0.01) == pytest.approx(x, rel=1e-14)


def test_a_fixed_point_has_the_derivative_of_its_equation() -> None:
    def newton(a: Any) -> Any:
        return lambda x: 0.5 * (x + a / x)

    def root(a: Any) -> Any:
        return fixed_point(newton, a, 1.0, lambda x, y: abs(x - y), 1e-12)

    assert root(3.0) == pytest.approx(3.0**0.5)
    assert grad(root)(3.0) == pytest.approx(0.5 / 3.0**0.5)
    assert grad(grad(root))(3.0) == pytest.approx(-0.25 * 3.0**-1.5)


def test_a_constant_graph_runs_its_function_once() -> None:
    calls = []

    def f(x: Any, y: Any) -> Any:
        calls.append(None)
        return grad(lambda x: np.sin(x) + x * 2)(x * y) if x > 0 else x

    program = const_graph(f, y=2.0)
    for x in (1.0, 0.5, 3.0):
        assert program(x) == onp.cos(2.0 * x) + 2.0
    assert len(calls) == 1
    with pytest.raises(PathError):
        program(-1.0)
    of_container = const_graph(lambda p: {"twice": 2 * p["x"], "name": p["name"]})
    for x in (1.0, 3.0):
        assert of_container({"x": x, "name": "a"}) == {"twice": 2 * x, "name": "a"}


def test_vector_spaces_know_their_sums_products_and_bases() -> None:
    for value in (2.0, onp.ones((2, 3)), 1.0 + 2.0j, PARAMS):
        space = vspace(value)
        basis = list(space.standard_basis())
        assert len(basis) == space.size
        total = space.zeros()
        for e in basis:
            assert space.inner_prod(e, e) == 1.0
            total = space.add(total, e)
        assert flatten(total)[0].tolist() == flatten(space.ones())[0].tolist()
        assert space.inner_prod(value, value) == pytest.approx(onp.sum(onp.abs(flatten(value)[0]) ** 2))
        assert vspace(space.randn()) == space
        assert flatten(space.covector(value))[0].tolist() == onp.conj(flatten(value)[0]).tolist()
    assert vspace(onp.ones((2, 3))).shape == (2, 3)
    assert vspace([1.0, onp.ones(2)]).shape[1].shape == (2,)
    assert vspace(onp.ones(2)) != vspace(onp.ones(3))
    with pytest.raises(TypeError, match="vector space"):
        vspace("a")


@pytest.mark.parametrize("mode", ["full", "valid"])
def test_convolutions_are_scipys_and_have_derivatives(mode: str) -> None:
    random = onp.random.default_rng(1)
    for shapes in (((4, 5), (2, 3)), ((2, 3), (4, 5)), ((3,), (3,)), ((2, 2, 3), (2, 1, 3))):
        a, b = (random.normal(size=shape) for shape in shapes)
        assert onp.allclose(convolve(a, b, mode=mode), scipy_signal.convolve(a, b, mode), rtol=1e-12)
    check_grads(lambda a, b: convolve(a, b, mode=mode), (0, 1))(random.normal(size=(3, 4)), random.normal(size=(2, 2)))


def test_convolutions_over_some_axes_keep_the_others_and_sum_over_dot_axes() -> None:
    random = onp.random.default_rng(2)
    images, kernels = random.normal(size=(2, 5, 4, 3)), random.normal(size=(3, 6, 2, 2))
    made = convolve(images, kernels, axes=([1, 2], [2, 3]), dot_axes=([3], [0]), mode="valid")
    assert made.shape == (2, 6, 4, 3)
    for i in range(2):
        for k in range(6):
            expected = sum(scipy_signal.convolve(images[i, :, :, c], kernels[c, k], "valid") for c in range(3))
            assert onp.allclose(made[i, k], expected, rtol=1e-12)


def test_convolutions_refuse_what_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="the modes 'full' and 'valid'"):
        convolve(onp.ones(3), onp.ones(2), mode="same")
    with pytest.raises(ValueError, match="the larger one along all axes"):
        convolve(onp.ones((3, 1)), onp.ones((2, 2)), mode="valid")
