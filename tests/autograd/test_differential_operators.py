"""The operators of chainrule.autograd, each against what defines it."""

from __future__ import annotations

from typing import Any

import numpy as onp
import pytest

import chainrule as cr
import chainrule.autograd as ag
import chainrule.autograd.numpy as np
from chainrule.autograd.differential_operators import make_jvp_reversemode
from chainrule.autograd.test_util import check_equivalent, check_grads, combo_check

W = onp.random.default_rng(3).normal(size=(3, 4))
X = onp.array([0.5, -1.0, 2.0, 0.3])
V = onp.array([1.0, 0.5, -2.0, 0.1])


def layer(x: Any) -> Any:
    return np.tanh(W @ x)


def loss(x: Any) -> Any:
    return np.sum(layer(x) ** 2)


def test_a_tuple_or_list_of_argnums_gives_a_tuple_of_gradients() -> None:
    def f(a: Any, b: Any, c: Any = 2.0) -> Any:
        return a * b**2 * c

    assert ag.grad(f)(3.0, 4.0) == 32.0
    assert ag.grad(f, 1)(3.0, 4.0, c=1.0) == 24.0
    for several in ([1, 0], (1, 0)):
        assert ag.grad(f, several)(3.0, 4.0) == (48.0, 32.0)
    assert ag.value_and_grad(f, argnum=(0, 1))(3.0, 4.0) == (96.0, (32.0, 48.0))
    assert ag.grad_named(f, "c")(3.0, 4.0, 2.0) == 48.0


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_a_result_of_one_entry_has_a_gradient_whatever_its_axes(shape: Any) -> None:
    value, gradient = ag.value_and_grad(lambda x: np.reshape(np.sum(x**2), shape))(X)
    assert value.shape == shape
    assert onp.array_equal(gradient, 2 * X)


@pytest.mark.parametrize("wrong", [lambda x: x, lambda x: np.sum(x) * 1j, lambda x: np.allclose(x, x)])
def test_what_is_not_one_real_number_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match="needs a real result of one entry"):
        ag.grad(wrong)(X)


def test_products_with_derivatives_agree_with_the_whole_matrices() -> None:
    jacobian, hessian = ag.jacobian(layer)(X), ag.hessian(loss)(X)
    assert onp.allclose(jacobian, (1 - onp.tanh(W @ X) ** 2)[:, None] * W, rtol=1e-14)
    push, pull = ag.make_jvp(layer)(X), ag.make_vjp(layer)(X)[0]
    assert onp.allclose(push(V)[1], jacobian @ V)
    assert onp.allclose(make_jvp_reversemode(layer)(X)(V), jacobian @ V)
    assert onp.allclose(pull(V[:3]), V[:3] @ jacobian)
    assert onp.allclose(ag.make_hvp(loss)(X)[0](V), hessian @ V)
    assert onp.allclose(ag.hessian_vector_product(loss)(X, V), hessian @ V)
    assert onp.allclose(ag.tensor_jacobian_product(layer)(X, V[:3]), V[:3] @ jacobian)
    assert onp.allclose(ag.make_ggnvp(layer)(X)(V), jacobian.T @ (jacobian @ V))  # the Hessian of |y|²/2 is 1


def test_the_hessian_of_a_result_with_axes_has_one_matrix_for_each_entry() -> None:
    matrices = ag.hessian(layer)(X)
    for row in range(3):
        assert onp.allclose(matrices[row], cr.hessian(lambda x, row=row: layer(x)[row])(X), rtol=1e-13)


def test_derivatives_entry_by_entry_and_of_holomorphic_functions() -> None:
    assert onp.allclose(ag.elementwise_grad(np.sin)(X), onp.cos(X), rtol=1e-15)
    assert ag.elementwise_grad(ag.elementwise_grad(np.sin))(0.5) == -onp.sin(0.5)
    assert ag.deriv(lambda x: x**3)(2.0) == 12.0
    assert onp.isclose(ag.holomorphic_grad(np.exp)(1.0 + 2.0j), onp.exp(1.0 + 2.0j), rtol=1e-14)
    with pytest.warns(UserWarning, match="not complex"):
        ag.holomorphic_grad(np.exp)(1.0)


def test_something_beside_the_result_comes_back_unchanged() -> None:
    gradient, aux = ag.grad_and_aux(lambda x: (np.sum(x**2), {"twice": 2 * x}))(X)
    assert onp.array_equal(gradient, 2 * X)
    assert onp.array_equal(aux["twice"], 2 * X)


def test_gradients_by_every_argument_have_the_arguments_names() -> None:
    found = ag.multigrad_dict(lambda a, b=3.0, *, c=1.0: a * b * c)(2.0, c=4.0)
    assert dict(found) == {"a": 12.0, "b": 8.0, "c": 6.0}


def test_gradients_of_containers_have_their_structure() -> None:
    def f(params: Any) -> Any:
        return np.sum(params["w"] * params["more"][0]) + params["b"] ** 2

    params = {"w": X, "b": 3.0, "more": [V, 1.0]}
    found = ag.grad(f)(params)
    assert onp.array_equal(found["w"], V)
    assert onp.array_equal(found["more"][0], X)
    assert (found["b"], found["more"][1]) == (6.0, 0.0)
    check_grads(f)(params)


def test_a_checkpoint_runs_again_on_the_way_back_and_changes_no_number() -> None:
    runs = []

    def costly(x: Any, y: Any) -> Any:
        runs.append(None)
        return np.sin(x) * y

    wrapped = ag.checkpoint(costly)
    assert ag.grad(lambda x: wrapped(x, x**2))(1.2) == cr.grad(lambda x: np.sin(x) * x**2)(1.2)
    assert len(runs) > 1
    check_grads(lambda x: wrapped(x, x**2))(1.2)


def test_the_check_finds_wrong_derivatives_of_both_orders() -> None:
    wrong = cr.custom(lambda x: 2 * x, reverse=lambda out, primals, g: (2.001 * g,), samples=())
    with pytest.raises(AssertionError, match=r"\(VJP\) check of"):
        check_grads(wrong, modes=["rev"], order=1)(1.0)
    with pytest.raises(AssertionError, match="Value mismatch"):
        check_grads(wrong, modes=["fwd"], order=1)(1.0)
    with pytest.raises(AssertionError, match="VSpace mismatch"):
        check_equivalent(onp.ones(2), onp.ones(3))
    combo_check(np.multiply, (0, 1))([1.0, X], [2.0, V])


def test_functions_made_by_operators_say_what_they_are() -> None:
    def foo(x: Any, y: Any) -> Any:
        return x

    assert ag.grad(foo, 1).__name__ == "grad_of_foo_wrt_argnum_1"
    assert "argument number 1" in (ag.grad(foo, 1).__doc__ or "")
    with pytest.raises(AssertionError, match="argnum is a whole number"):
        ag.grad(foo, "x")
