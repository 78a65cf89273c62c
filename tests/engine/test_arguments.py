"""Arguments and results: containers, argnums, keywords, auxiliary results, shapes of gradients."""

from __future__ import annotations

import functools
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten
from chainrule.errors import NotDifferentiableError, ShapeError

Pair = namedtuple("Pair", "first second")


@dataclass
class Layer:
    weights: Any
    bias: Any = 0.0


@dataclass(frozen=True)
class Model:
    layers: list[Layer]
    scale: Any


w, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -0.5])


def total(tree: Any) -> Any:
    """A different function of every leaf: the k-th leaf counts k + 1 times, squared."""
    leaves: list[Any] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key in sorted(node):
                walk(node[key])
        elif isinstance(node, (list, tuple)):
            for item in node:
                walk(item)
        elif isinstance(node, Layer):
            walk([node.weights, node.bias])
        elif isinstance(node, Model):
            walk([node.layers, node.scale])
        elif node is not None:
            leaves.append(node)

    walk(tree)
    return sum((k + 1) * np.sum(leaf * leaf) for k, leaf in enumerate(leaves))


@pytest.mark.parametrize("f", [lambda x: x * 2.0, lambda x: np.abs(x * 1j), lambda x: [x, x * 1j], lambda x: np.sum(x)])
def test_a_complex_direction_for_what_is_real_is_refused_and_not_cut(f: Any) -> None:
    x = np.array([1.0, 2.0])
    value, pullback = cr.vjp(f, x)
    leaves, rebuild = flatten(value)
    ones = [np.ones_like(leaf) for leaf in leaves]
    pullback(rebuild(ones))
    for i, leaf in enumerate(leaves):
        turned = [*ones[:i], ones[i] * 1j, *ones[i + 1 :]]
        if leaf.dtype.kind == "c":
            pullback(rebuild(turned))
        else:
            with pytest.raises(NotDifferentiableError, match=r"cotangent is complex.*test_arguments\.py:"):
                pullback(rebuild(turned))
    with pytest.raises(NotDifferentiableError, match=r"tangent of .* is complex.*test_arguments\.py:"):
        cr.jvp(f, (x,), (x * 1j,))


def test_gradients_have_the_structure_of_their_argument() -> None:
    gradient = cr.grad(total)({"w": w, "b": [b, 2.0, (3.0,)], "none": None, "empty": {}})
    assert list(gradient) == ["w", "b", "none", "empty"] or sorted(gradient) == ["b", "empty", "none", "w"]
    assert gradient["none"] is None
    assert gradient["empty"] == {}
    np.testing.assert_array_equal(gradient["b"][0], 2 * b)
    assert gradient["b"][1] == 2 * 2 * 2.0
    assert gradient["b"][2] == (2 * 3 * 3.0,)
    np.testing.assert_array_equal(gradient["w"], 2 * 4 * w)


def test_named_tuples_and_dataclasses_keep_their_types() -> None:
    pair = cr.grad(total)(Pair(2.0, b))
    assert type(pair) is Pair
    assert pair.first == 4.0
    np.testing.assert_array_equal(pair.second, 4 * b)
    model = cr.grad(total)(Model([Layer(w, b), Layer(w)], 2.0))
    assert type(model) is Model
    assert type(model.layers[1]) is Layer
    np.testing.assert_array_equal(model.layers[1].weights, 2 * 3 * w)
    assert model.scale == 2 * 5 * 2.0
    ordered = cr.grad(total)(OrderedDict(z=1.0, a=2.0))
    assert type(ordered) is OrderedDict


def test_containers_come_out_of_every_transform() -> None:
    def f(tree: Any) -> Any:
        return {"sum": tree["x"] + tree["y"], "both": [tree["x"] * tree["y"], np.sin(tree["x"])]}

    at, along = {"x": 2.0, "y": b}, {"x": 1.0, "y": np.zeros(2)}
    value, tangent = cr.jvp(f, (at,), (along,))
    np.testing.assert_array_equal(value["sum"], 2.0 + b)
    np.testing.assert_array_equal(tangent["both"][0], b)
    assert tangent["both"][1] == np.cos(2.0)
    value, pullback = cr.vjp(f, at)
    (cotangent,) = pullback({"sum": np.ones(2), "both": [np.zeros(2), 1.0]})
    assert cotangent["x"] == 2.0 + np.cos(2.0)
    np.testing.assert_array_equal(cotangent["y"], np.ones(2))
    for jacobian in (cr.jacobian, cr.jacfwd, cr.jacrev):
        blocks = jacobian(f)(at)
        assert blocks["sum"]["y"].shape == (2, 2)
        assert blocks["both"][1]["y"].shape == (2,)
        np.testing.assert_array_equal(blocks["both"][0]["x"], b)
    hessian = cr.hessian(lambda tree: tree["x"] ** 2 * np.sum(tree["y"]))(at)
    assert hessian["x"]["x"] == 2 * np.sum(b)
    np.testing.assert_array_equal(hessian["x"]["y"], [4.0, 4.0])
    np.testing.assert_array_equal(hessian["y"]["y"], np.zeros((2, 2)))


def test_argnums_choose_arguments() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return x * y**2 * z**3

    assert cr.grad(f)(2.0, 3.0, 5.0) == 9 * 125
    assert cr.grad(f, 1)(2.0, 3.0, 5.0) == 2 * 2 * 3 * 125
    assert cr.grad(f, -1)(2.0, 3.0, 5.0) == 2 * 9 * 75
    assert cr.grad(f, (0, -1))(2.0, 3.0, 5.0) == (9 * 125, 2 * 9 * 75)
    assert cr.grad(f, [2, 0])(2.0, 3.0, 5.0) == (2 * 9 * 75, 9 * 125)
    assert cr.grad(f, (1,))(2.0, 3.0, 5.0) == (2 * 2 * 3 * 125,)
    assert cr.grad(f, np.int64(1))(2.0, 3.0, 5.0) == 2 * 2 * 3 * 125
    assert cr.jacobian(f, (0, 1))(2.0, 3.0, 5.0) == (9 * 125, 2 * 2 * 3 * 125)
    hessian = cr.hessian(f, (0, 1))(2.0, 3.0, 5.0)
    assert hessian == ((0.0, 2 * 3 * 125), (2 * 3 * 125, 2 * 2 * 125))


@pytest.mark.parametrize("argnums", [3, -4, (0, 3)])
def test_argnums_that_do_not_exist_are_refused(argnums: Any) -> None:
    with pytest.raises(ValueError, match=r"argnums=.*3 positional arguments"):
        cr.grad(lambda x, y, z: x, argnums)(1.0, 2.0, 3.0)


@pytest.mark.parametrize("argnums", [(0, 0), (0, -3), (-1, 1, 2), [1, -2]], ids=str)
@pytest.mark.parametrize("transform", [cr.grad, cr.value_and_grad, cr.jacobian, cr.jacfwd, cr.jacrev, cr.hessian])
def test_an_argument_that_is_named_twice_is_refused_also_when_once_from_the_end(transform: Any, argnums: Any) -> None:
    with pytest.raises(ValueError, match="names an argument twice"):
        transform(lambda x, y, z: x * y * z, argnums)(1.0, 2.0, 3.0)


def test_keywords_are_passed_on_and_not_differentiated() -> None:
    def f(x: Any, *, scale: Any = 1.0, power: int = 2) -> Any:
        return np.sum(x**power * scale)

    assert cr.grad(f)(3.0, scale=2.0) == 12.0
    assert cr.jacobian(f)(3.0, power=3) == 27.0
    assert cr.value_and_grad(f)(3.0, scale=2.0) == (18.0, 12.0)
    np.testing.assert_array_equal(cr.hessian(f)(b, scale=b), np.diag(2 * b))


def test_auxiliary_results_come_along_untracked() -> None:
    def f(x: Any) -> Any:
        return np.sum(x**2), {"doubled": x * 2, "note": "text"}

    gradient, aux = cr.grad(f, has_aux=True)(b)
    np.testing.assert_array_equal(gradient, 2 * b)
    np.testing.assert_array_equal(aux["doubled"], 2 * b)
    assert type(aux["doubled"]) is np.ndarray
    assert aux["note"] == "text"
    (value, aux), _ = cr.value_and_grad(f, has_aux=True)(b)
    assert value == np.sum(b**2)
    with pytest.raises(TypeError, match=r"\(result, anything\)"):
        cr.grad(lambda x: x, has_aux=True)(1.0)


def test_gradients_keep_shapes_also_without_axes_and_without_entries() -> None:
    assert cr.grad(np.sum)(np.ones((0, 3))).shape == (0, 3)
    assert cr.grad(lambda x: np.sum(x) + 0.0)(np.array(2.0)).shape == ()
    assert isinstance(cr.grad(lambda x: x * x)(2), np.float64)
    assert cr.derivative(np.sin)(np.ones((2, 0))).shape == (2, 0)
    assert cr.jacobian(np.sin)(np.ones(0)).shape == (0, 0)
    assert cr.grad(lambda x: np.sum(x * np.ones((4, 3, 2))))(np.ones((3, 1))).shape == (3, 1)


@pytest.mark.parametrize("f", [lambda x: x**2, lambda x: x * 1.0, lambda x: np.sum(x * np.ones(2)), lambda x: 3.0])
def test_the_gradient_by_an_array_without_axes_is_such_an_array_and_that_by_a_number_is_a_number(f: Any) -> None:
    for dtype in (np.float64, np.float32):
        for x, kind in ((np.array(2.0, dtype), np.ndarray), (dtype(2.0), dtype)):
            for gradient in (
                cr.grad(f)(x), cr.value_and_grad(f)(x)[1], cr.vjp(f, x)[1](dtype(1.0))[0], cr.grad(f, (0,))(x)[0],
                cr.grad(lambda t: f(t["x"]))({"x": x})["x"], cr.grad(lambda x, y: f(x) * y)(x, 2.0),
            ):  # fmt: skip
                assert type(gradient) is kind
                assert gradient.shape == ()
                assert gradient.dtype == dtype
    assert type(cr.grad(f)(2.0)) is type(cr.grad(f)(2)) is np.float64


def test_pullbacks_refuse_cotangents_of_the_wrong_shape() -> None:
    _, pullback = cr.vjp(lambda x: x * 2, b)
    for wrong in (1.0, np.ones(3), np.ones((2, 1))):
        with pytest.raises(ShapeError, match=r"for a value of shape \(2,\)"):
            pullback(wrong)
    with pytest.raises(ShapeError, match="2 parts"):
        pullback([b, b])
    with pytest.raises(ShapeError, match="tangent"):
        cr.jvp(lambda x: x, (b,), (np.ones(3),))
    with pytest.raises(ShapeError, match="1 primals but 2 tangents"):
        cr.jvp(lambda x: x, (b,), (b, b))


def test_one_argument_used_in_two_places_gets_both_contributions() -> None:
    assert cr.grad(lambda x, y: x * y, (0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert cr.grad(lambda x: x * x * x + x)(2.0) == 13.0
    np.testing.assert_array_equal(cr.grad(lambda p: np.sum(p["a"] * p["b"]))({"a": b, "b": b})["a"], b)


def test_a_value_returned_twice_receives_both_cotangents() -> None:
    def twice(x: Any) -> Any:
        y = np.sin(x)
        return y, x, y, x

    pullback = cr.vjp(twice, b)[1]
    np.testing.assert_allclose(pullback((b, 10 * b, 100 * b, 1000 * b))[0], 101 * b * np.cos(b) + 1010 * b, rtol=1e-14)
    rooted = cr.vjp(lambda x: (r := np.where(x > 0, np.sqrt(np.abs(x)), 0.0), r), np.array([0.0, 4.0]))[1]
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(rooted((np.ones(2), np.ones(2)))[0], [0.0, 0.5])
    assert cr.jacrev(lambda x: (x * x, x))(3.0) == (6.0, 1.0)


def test_derivative_refuses_functions_that_mix_entries() -> None:
    with pytest.raises(ShapeError, match=r"cr\.jacobian"):
        cr.derivative(lambda x: x * np.sum(x))(np.ones(3))
    with pytest.raises(ShapeError, match="keeps the shape"):
        cr.derivative(np.sum)(np.ones(3))
    np.testing.assert_array_equal(cr.derivative(lambda x: np.reshape(np.ravel(x) ** 2, (2, 2)))(w), 2 * w)


class Scaled:
    def loss(self, x: Any, scale: Any = 2.0, *rest: Any) -> Any:
        return np.sum(x * scale) + sum((k + 2) * r for k, r in enumerate(rest))

    def __call__(self, x: Any, scale: Any) -> Any:
        return self.loss(x, scale)


BY_NAME = [
    (lambda x, y: x * y, (2.0, 3.0), {}, "y", 2.0),
    (lambda x, y: x * y, (2.0, 3.0), {}, -1, 2.0),
    (lambda x, y: x * y, (2.0,), {"y": 3.0}, "y", 2.0),
    (lambda x, y: x * y, (2.0,), {"y": 3.0}, 1, 2.0),
    (lambda x, *, y: x * y, (2.0,), {"y": 3.0}, ("y", 0), (2.0, 3.0)),
    (lambda x, y=1.0: x * y, (), {"x": 2.0, "y": 3.0}, "x", 3.0),
    (lambda *xs: xs[0] * xs[1], (2.0, 3.0), {}, "xs[1]", 2.0),
    (Scaled().loss, (2.0, 3.0), {}, "scale", 2.0),
    (Scaled().loss, (2.0, 3.0, 1.0, 1.0), {}, ("rest[1]", "x"), (3.0, 3.0)),
    (Scaled(), (2.0, 3.0), {}, "scale", 2.0),
    (functools.partial(lambda a, x, y: a * x * y, 5.0), (2.0, 3.0), {}, "y", 10.0),
    (np.multiply, (2.0, 3.0), {}, "y", 2.0),
    ("a*b^2", (2.0, 3.0), {}, "b", 12.0),
    (cr.functions.sin, (0.0,), {}, "x", 1.0),
]


@pytest.mark.parametrize(("f", "args", "kwargs", "argnums", "expected"), BY_NAME)
def test_an_argument_is_chosen_by_its_position_or_its_name(f: Any, args: Any, kwargs: Any, argnums: Any, expected: Any):
    assert cr.grad(f, argnums)(*args, **kwargs) == expected
    assert cr.value_and_grad(f, argnums)(*args, **kwargs)[1] == expected
    assert cr.jacobian(f, argnums)(*args, **kwargs) == expected
    assert cr.jacfwd(f, argnums)(*args, **kwargs) == expected
    assert cr.jacrev(f, argnums)(*args, **kwargs) == expected
    assert np.shape(cr.hessian(f, argnums)(*args, **kwargs)) == np.shape(expected) * 2


@pytest.mark.parametrize("argnums", ["z", ("x", "z")])
def test_a_name_that_no_argument_has_is_told_with_those_that_there_are(argnums: Any) -> None:
    with pytest.raises(ValueError, match=r"got no argument 'z' at test_arguments.py:\d+. It got: x, y."):
        cr.grad(lambda x, y: x * y, argnums)(2.0, y=3.0)


def test_a_graph_takes_names_too_and_the_entries_of_star_arguments_have_one_name_everywhere() -> None:
    def f(x: Any, *xs: Any) -> Any:
        return x * xs[0] * xs[1]

    graph = cr.graph(f, 2.0, 3.0, 4.0, argnums=("x", "xs[1]"))
    assert [node.name for node in graph.nodes if node.kind == "input"] == ["x", "xs[1]"]
    assert cr.explain(f, 2.0, 3.0, 4.0).inputs == ("x", "xs[0]", "xs[1]")
    with pytest.raises(NotDifferentiableError, match=r"the argument 'xs\[1\]' of f"):
        cr.grad(f, 2)(2.0, 3.0, "text")
