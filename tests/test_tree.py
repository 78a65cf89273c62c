"""cr.tree: containers of numbers, walked together and as vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize

import chainrule as cr
from chainrule.errors import ShapeError

PARAMS = {"w": np.array([[1.0, -2.0], [0.5, 3.0]]), "layers": [{"b": 2.0, "name": "first", "act": np.tanh}, None]}


def loss(p: Any) -> Any:
    first = p["layers"][0]
    return np.sum(first["act"](p["w"]) ** 2) + (first["b"] - 3.0) ** 2


def test_a_step_along_the_gradient_changes_the_numbers_and_nothing_else() -> None:
    gradient = cr.grad(loss)(PARAMS)
    stepped = cr.tree.map(lambda p, g: p - 0.1 * g, PARAMS, gradient)
    np.testing.assert_array_equal(stepped["w"], PARAMS["w"] - 0.1 * gradient["w"])
    assert stepped["layers"] == [{"b": 2.0 - 0.1 * -2.0, "name": "first", "act": np.tanh}, None]
    assert loss(stepped) < loss(PARAMS)


def test_a_map_can_be_differentiated() -> None:
    def after_a_step(rate: Any) -> Any:
        return loss(cr.tree.map(lambda p, g: p - rate * g, PARAMS, cr.grad(loss)(PARAMS)))

    cr.check_grads(after_a_step, (0.1,), order=2)


def test_containers_of_different_structure_are_refused_with_their_parts() -> None:
    with pytest.raises(ShapeError, match=r"\['a'\], another \['b'\]"):
        cr.tree.map(lambda x, y: x + y, {"a": 1.0}, {"b": 1.0})


def test_a_container_is_a_vector_and_comes_back() -> None:
    vector, unravel = cr.tree.ravel(PARAMS)
    assert vector.tolist() == [2.0, 1.0, -2.0, 0.5, 3.0]
    back = unravel(vector)
    np.testing.assert_array_equal(back["w"], PARAMS["w"])
    assert back["layers"] == PARAMS["layers"]
    cr.check_grads(lambda v: loss(unravel(v)), (vector,))
    np.testing.assert_array_equal(cr.jacobian(lambda v: cr.tree.ravel(unravel(v))[0])(vector), np.eye(5))
    with pytest.raises(ShapeError, match=r"shape \(5,\)"):
        unravel(vector[1:])


def test_what_minimises_vectors_minimises_containers() -> None:
    start, unravel = cr.tree.ravel(PARAMS)
    found = optimize.minimize(cr.value_and_grad(lambda v: loss(unravel(v))), start, jac=True)
    best = unravel(found.x)
    np.testing.assert_allclose(best["w"], np.zeros((2, 2)), atol=1e-4)
    assert best["layers"][0]["b"] == pytest.approx(3.0, abs=1e-5)
