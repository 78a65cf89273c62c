"""Functions with derivatives given by defvjp and defjvp, in every transform and nesting."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as onp
import pytest

import chainrule as cr
import chainrule.autograd.numpy as np
from chainrule.autograd import grad, jacobian, make_jvp, make_vjp
from chainrule.autograd.core import primitive
from chainrule.autograd.extend import (
    def_linear,
    defjvp,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
)
from chainrule.autograd.numpy.numpy_vjps import repeat_to_match_shape, unbroadcast, unbroadcast_f
from chainrule.autograd.test_util import check_grads
from chainrule.errors import ShapeError, TrackingError

X = onp.array([0.5, -1.0, 2.0])
Y = onp.array([[1.0, 2.0, 0.3], [0.1, -0.4, 1.5]])


def times() -> Any:
    """The product of two arrays that broadcast, as a function that only plain arrays may enter."""

    @primitive
    def times(x: Any, y: Any) -> Any:
        assert type(x) is not cr.Variable
        return onp.asarray(x, float) * onp.asarray(y, float)

    return times


def by_vjp(f: Any) -> None:
    defvjp(f, lambda ans, x, y: unbroadcast_f(x, lambda g: g * y), lambda ans, x, y: unbroadcast_f(y, lambda g: g * x))


def by_vjp_argnum(f: Any) -> None:
    def maker(argnum: int, ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
        return unbroadcast_f(args[argnum], lambda g: g * args[1 - argnum])

    defvjp_argnum(f, maker)


def by_vjp_argnums(f: Any) -> None:
    def maker(argnums: Any, ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
        return lambda g: [unbroadcast(g * args[1 - n], np.metadata(args[n])) for n in argnums]

    defvjp_argnums(f, maker)


def by_jvp(f: Any) -> None:
    defjvp(f, lambda g, ans, x, y: g * y, lambda g, ans, x, y: x * g)


def by_jvp_argnums(f: Any) -> None:
    defjvp_argnums(
        f,
        lambda argnums, gs, ans, args, kwargs: sum(g * args[1 - n] for n, g in zip(argnums, gs, strict=True)),
    )


@pytest.mark.parametrize("define", [by_vjp, by_vjp_argnum, by_vjp_argnums, by_jvp, by_jvp_argnums])
def test_rules_of_every_kind_give_both_modes_to_the_second_order(define: Any) -> None:
    f = times()
    define(f)
    assert onp.array_equal(f(X, Y), X * Y)

    def ours(x: Any, y: Any) -> Any:
        return np.sum(np.sin(f(x, y)) * f(x, x))

    def numpys(x: Any, y: Any) -> Any:
        return np.sum(np.sin(x * y) * (x * x))

    for both, expected in zip(grad(ours, (0, 1))(X, Y), grad(numpys, (0, 1))(X, Y), strict=True):
        assert onp.allclose(both, expected, rtol=1e-12)
    for outer in (cr.jacfwd, cr.jacrev):
        for inner in (cr.jacfwd, cr.jacrev):
            assert onp.allclose(outer(inner(ours))(X, Y), outer(inner(numpys))(X, Y), rtol=1e-11, atol=1e-13)
    check_grads(ours, (0, 1))(X, Y)


@pytest.mark.parametrize("define", [def_linear, lambda f: defjvp(f, "same", "same")])
def test_linear_functions_have_forward_mode_and_with_a_vjp_both(define: Any) -> None:
    f = times()
    define(f)
    check_grads(lambda x, y: f(x, y), (0, 1), modes=["fwd"])(X, Y)
    with pytest.raises(NotImplementedError, match="times has no derivative by argument 0"):
        grad(lambda x: np.sum(f(x, Y)))(X)
    by_vjp(f)
    check_grads(lambda x, y: f(x, y), (0, 1))(X, Y)


def test_only_the_arguments_asked_for_need_a_rule() -> None:
    @primitive
    def power(n: int, x: Any, unit: str) -> Any:
        assert unit == "m"
        return x**n

    defvjp(power, lambda ans, n, x, unit: lambda g: g * n * x ** (n - 1), argnums=[1])
    assert grad(lambda x: power(3, x, "m"))(2.0) == 12.0
    with pytest.raises(NotImplementedError, match="power has no derivative by argument 0"):
        grad(lambda n: power(n, 2.0, "m"))(3.0)
    for transform in (grad, lambda f: make_jvp(f)(1.0)):
        with pytest.raises(NotImplementedError, match="has no derivative by argument 0"):
            transform(primitive(lambda x: 2.0 * x))(1.0)


def test_none_says_that_a_function_is_constant_in_an_argument() -> None:
    f = times()
    defvjp(f, None, lambda ans, x, y: lambda g: g * x)
    assert grad(lambda x, y: f(x, y), (0, 1))(3.0, 4.0) == (0.0, 3.0)


def test_arguments_and_results_may_be_containers() -> None:
    @primitive
    def split(pair: Any, factor: float) -> Any:
        x, y = pair
        return {"sum": onp.sum(x) + y, "scaled": factor * onp.asarray(x)}

    def pullback(ans: Any, pair: Any, factor: Any) -> Callable[[Any], Any]:
        return lambda g: [g["sum"] + factor * g["scaled"], g["sum"]]

    defvjp(split, pullback, lambda ans, pair, factor: lambda g: np.sum(g["scaled"] * pair[0]))

    def f(x: Any, y: Any, factor: Any) -> Any:
        out = split([x, y], factor)
        return out["sum"] ** 2 + np.sum(np.sin(out["scaled"]))

    check_grads(f, (0, 1, 2))(X, 0.7, 1.3)
    defjvp(split, lambda g, ans, pair, factor: {"sum": np.sum(g[0]) + g[1], "scaled": factor * g[0]}, None)
    check_grads(lambda x, y: f(x, y, 1.3), (0, 1))(X, 0.7)


def test_a_cotangent_with_other_parts_than_its_argument_is_an_error_that_names_them() -> None:
    pair = primitive(lambda xs: xs["a"] * xs["b"])
    for wrong in ({"a": 1.0}, {"a": 1.0, "c": 1.0}, 1.0, [1.0, 1.0]):
        defvjp(pair, lambda ans, xs, wrong=wrong: lambda g: wrong)
        with pytest.raises(ShapeError, match=r"by argument 0 returned a cotangent .* has \[0\]\['a'\], \[0\]\['b'\]"):
            grad(lambda x: pair({"a": x, "b": x}))(2.0)


def test_a_tracked_value_that_the_body_captures_is_an_error() -> None:
    def f(x: Any) -> Any:
        times_x = primitive(lambda y: x * y)
        defvjp(times_x, lambda ans, y: lambda g: g * x)
        return times_x(x)

    with pytest.raises(TrackingError, match="used a tracked value that is not among its arguments"):
        grad(f)(2.0)


def test_a_tracked_value_in_a_keyword_argument_is_an_error_and_an_untracked_one_an_option() -> None:
    @primitive
    def scaled(x: Any, *, factor: Any) -> Any:
        return x * factor

    defvjp(scaled, lambda ans, x, *, factor: lambda g: g * factor)
    assert grad(lambda x: scaled(x, factor=5.0))(2.0) == 5.0
    with pytest.raises(TrackingError, match="scaled got a tracked value in a keyword argument"):
        grad(lambda x: scaled(x, factor=x))(2.0)


def test_functions_without_tracing_see_plain_values_and_have_no_derivative() -> None:
    rounded = notrace_primitive(lambda x: math.floor(x))
    assert grad(lambda x: x * rounded(x))(2.5) == 2.0


def test_primitives_can_be_seen_in_graphs_and_programs() -> None:
    f = times()
    by_vjp(f)
    assert cr.stage(lambda x: f(x, x) + 1.0, 2.0)(3.0) == 10.0
    assert "times" in {node.operation for node in cr.graph(lambda x: np.sum(f(x, x)), X).nodes}


def test_the_old_methods_of_primitives_warn_and_work() -> None:
    f = times()
    with pytest.warns(DeprecationWarning, match="methods of primitives are deprecated"):
        f.defgrad(lambda ans, x, y: lambda g: g * y)
    with pytest.warns(DeprecationWarning, match="methods of primitives"):
        f.defvjp(lambda g, ans, vs, gvs, x, y: g * x, argnum=1)
    assert grad(lambda x, y: f(x, y), (0, 1))(3.0, 4.0) == (4.0, 3.0)
    with pytest.warns(DeprecationWarning, match="methods of primitives"):
        f.defvjp_is_zero([1])
    assert grad(lambda x, y: f(x, y), (0, 1))(3.0, 4.0) == (4.0, 0.0)


def test_rules_can_only_be_given_to_primitives() -> None:
    with pytest.raises(TypeError, match="sin is not a primitive"):
        defvjp(onp.sin, lambda ans, x: lambda g: g)


def test_a_reduced_cotangent_is_spread_over_the_shape_that_was_reduced() -> None:
    for axis, keepdims in ((None, False), (0, False), ((0, 1), True), (-1, True)):
        g = onp.sum(Y, axis=axis, keepdims=keepdims)
        spread, count = repeat_to_match_shape(g, Y.shape, Y.dtype, axis, keepdims)
        assert spread.shape == Y.shape
        assert onp.allclose(onp.sum(spread, axis=axis, keepdims=keepdims), count * g)


def test_a_pullback_may_itself_be_differentiated() -> None:
    f = times()
    by_vjp(f)
    pullback = make_vjp(lambda x: f(x, x))(X)[0]
    assert onp.allclose(jacobian(pullback)(X), onp.diag(2 * X))
