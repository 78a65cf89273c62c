"""Every way out of tracking is an error that names the user's line and says what to write instead."""

from __future__ import annotations

import cmath
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ChainruleError, NoRuleError, NotDifferentiableError, ShapeError, TrackingError


def into_a_buffer(v: Any) -> Any:
    buffer = np.zeros(3)
    buffer[0] = v[0]
    return buffer


def slice_into_a_buffer(v: Any) -> Any:
    buffer = np.zeros(3)
    buffer[:] = v
    return buffer


def added_to_a_plain_array(v: Any) -> Any:
    buffer = np.zeros(3)
    buffer += v
    return buffer


WAYS_OUT: dict[str, Callable[[Any], Any]] = {
    "float": lambda v: float(v[0]),
    "int": lambda v: int(v[0]),
    "complex": lambda v: complex(v[0]),
    "math.sin": lambda v: math.sin(v[0]),
    "math.hypot": lambda v: math.hypot(v[0], 1.0),
    "cmath.exp": lambda v: cmath.exp(v[0]),
    "round": lambda v: range(v[0]),
    "np.asarray": np.asarray,
    "np.array": np.array,
    "np.array of variables": lambda v: np.array([v[0], v[1]]),
    "np.array of a nested list": lambda v: np.array([[v[0], 1.0], [2.0, v[1]]]),
    "np.asarray with a dtype": lambda v: np.asarray(v, dtype=float),
    "np.float64": lambda v: np.float64(v[0]),
    "np.fromiter": lambda v: np.fromiter((x for x in v), float),
    "into a buffer": into_a_buffer,
    "a slice of a buffer": slice_into_a_buffer,
    "+= of a plain array": added_to_a_plain_array,
    "out=": lambda v: np.sin(v, out=np.zeros(3)),
    "out= of a sum": lambda v: np.sum(v, out=np.zeros(())),
    "np.add.at": lambda v: np.add.at(np.zeros(3), [0, 1, 2], v),
    "as an index": lambda v: np.arange(5)[v[0]],
    "as an index of itself": lambda v: v[v],
    "in a slice": lambda v: np.arange(5)[: v[0]],
    "np.full": lambda v: np.full(3, v[0]),
    "np.vectorize": lambda v: np.vectorize(lambda x: x)(v),
    "np.copyto": lambda v: np.copyto(np.zeros(3), v),
    "a percent format": lambda v: "%d" % v[0],  # noqa: UP031
    "json": lambda v: json.dumps(v[0]),
}


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("transform", ["grad", "derivative"])
def test_a_way_out_of_tracking_is_an_error_that_names_the_line(way: str, transform: str) -> None:
    function = WAYS_OUT[way]
    x = np.array([1.0, 2.0, 3.0])
    call = (lambda: cr.vjp(function, x)) if transform == "grad" else (lambda: cr.jvp(function, (x,), (x,)))
    with pytest.raises(TypeError) as caught:
        call()
    if way not in ("json", "a percent format"):  # these only say that they do not know the type
        assert isinstance(caught.value, ChainruleError)
        assert "test_leaving.py:" in str(caught.value)
        assert len(str(caught.value)) > 60


def test_the_message_says_what_happened_where_and_what_to_write_instead() -> None:
    def broken(x: Any) -> Any:
        return math.sin(x)

    with pytest.raises(TrackingError) as caught:
        cr.grad(broken)(1.0)
    assert "math.sin()" in str(caught.value)
    assert "np.sin instead of math.sin" in str(caught.value)
    assert f"test_leaving.py:{broken.__code__.co_firstlineno + 1} " in str(caught.value)


def test_printing_and_comparing_do_not_leave() -> None:
    seen = []

    def f(x: Any) -> Any:
        seen.extend([f"{x:.3f}", str(x), repr(x), x > 1, bool(x)])
        return x * 2

    assert cr.grad(f)(1.5) == 2.0
    assert seen[0] == "1.500"
    assert seen[3] is True or seen[3] == np.True_


@pytest.mark.parametrize(
    "function", [np.frompyfunc(math.erf, 1, 1), np.is_busday, np.datetime_as_string], ids=lambda f: f.__name__
)
def test_a_function_without_a_rule_says_so(function: Any) -> None:
    with pytest.raises(NoRuleError, match=r"no rule yet.*test_leaving.py:"):
        cr.vjp(lambda x: function(x), np.eye(3))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x @ np.ones(5),
        lambda x: np.ones((2, 5)) @ x,
        lambda x: x + np.ones(4),
        lambda x: x * np.ones((3, 4)),
        lambda x: np.dot(x, np.ones((2, 2))),
    ],
    ids=["@", "matrix @", "+", "*", "dot"],
)
def test_shapes_that_do_not_fit_are_named_with_the_line(function: Any) -> None:
    with pytest.raises(ShapeError, match=r"\(3,\).*test_leaving.py:"):
        cr.vjp(function, np.ones(3))
    with pytest.raises(ShapeError, match=r"\(3,\).*test_leaving.py:"):
        cr.jvp(function, (np.ones(3),), (np.ones(3),))


def test_a_result_that_is_not_a_scalar_is_refused_with_its_shape() -> None:
    def doubled(x: Any) -> Any:
        return x * 2

    with pytest.raises(ShapeError, match=r"doubled returned shape \(3,\).*test_leaving.py:\d+") as caught:
        cr.grad(doubled)(np.ones(3))
    assert "cr.jacobian" in str(caught.value)
    with pytest.raises(ShapeError, match=r"shape \(1,\)"):
        cr.grad(doubled)(np.ones(1))
    with pytest.raises(NotDifferentiableError, match="complex"):
        cr.grad(doubled)(1j)


@pytest.mark.parametrize(
    "argument",
    [
        "text",
        b"bytes",
        np.array(["a"]),
        np.array([object()]),
        np.array([1.0, None]),
        np.array([True]),
        True,
        np.True_,
        None,
        object(),
        {1, 2},
    ],
    ids=lambda a: type(a).__name__,
)
def test_arguments_that_are_not_numbers_are_refused_by_name(argument: Any) -> None:
    def model(weights: Any) -> Any:
        return 1.0

    if argument is None:
        pytest.skip("None is an empty container")
    for transform in (cr.grad(model), cr.derivative(model), cr.jacobian(model), cr.hessian(model)):
        with pytest.raises(NotDifferentiableError, match="'weights' of model"):
            transform(argument)
    with pytest.raises(NotDifferentiableError):
        cr.jvp(model, (argument,), (1.0,))


@pytest.mark.parametrize("result", [None, "text", object(), {"a"}, np.array(["a"])], ids=lambda r: type(r).__name__)
def test_results_that_are_not_numbers_are_refused(result: Any) -> None:
    with pytest.raises(NotDifferentiableError, match="returned"):
        cr.grad(lambda x: result)(1.0)


def test_constant_results_have_gradient_zero() -> None:
    assert cr.grad(lambda x: 3)(1.0) == 0.0
    assert cr.derivative(lambda x: 3.0)(1.0) == 0.0
    np.testing.assert_array_equal(cr.grad(lambda x: 3.0)(np.ones(2)), [0.0, 0.0])
    np.testing.assert_array_equal(cr.jacobian(lambda x: np.ones(2))(np.ones(3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(cr.hessian(lambda x: np.sum(x))(np.ones(2)), np.zeros((2, 2)))


def test_nan_arguments_have_nan_gradients_and_nothing_else_has() -> None:
    x = np.array([1.0, math.nan, 2.0])
    np.testing.assert_array_equal(np.isnan(cr.derivative(np.sin)(x)), [False, True, False])
    assert math.isnan(cr.grad(lambda v: v * 2)(math.nan))
    assert np.isnan(cr.grad(np.sum)(x)).all()


def test_a_variable_that_outlives_its_transform_is_an_error() -> None:
    kept = []

    def f(x: Any) -> Any:
        kept.append(x)
        kept.append(x * 2)
        return x * 2

    cr.grad(f)(1.0)
    for late in (lambda: kept[0] + 1, lambda: np.sin(kept[1]), lambda: kept[0] * kept[1]):
        with pytest.raises(TrackingError, match="after the transform"):
            late()
    assert cr.stop_gradient(kept[1]) == 2.0


ENDING: dict[str, Callable[[Any], Any]] = {
    "grad": lambda f: cr.grad(f)(0.5),
    "value_and_grad": lambda f: cr.value_and_grad(f)(0.5),
    "derivative": lambda f: cr.derivative(f)(0.5),
    "jvp": lambda f: cr.jvp(f, (0.5,), (1.0,)),
    "jvp that does not move": lambda f: cr.jvp(f, (0.5,), (0.0,)),
    "vjp": lambda f: cr.vjp(f, 0.5),
    "jacfwd": lambda f: cr.jacfwd(f)(0.5),
    "jacrev": lambda f: cr.jacrev(f)(0.5),
    "hessian": lambda f: cr.hessian(f)(0.5),
    "hvp": lambda f: cr.hvp(f, (0.5,), (1.0,)),
}
LATE: dict[str, Callable[[Any], Any]] = {
    "an operator": lambda v: v + 1,
    "a function of numbers": np.sin,
    "a function of arrays": np.cumsum,
    "a join": lambda v: np.stack([v, 1.0]),
    "a definition": lambda v: np.linalg.norm(np.stack([v, v])),
    "a product with a live value": lambda v: cr.grad(lambda x: x * v)(2.0),
}


@pytest.mark.parametrize("transform", ENDING)
@pytest.mark.parametrize("late", LATE)
def test_a_value_is_dead_after_every_transform_for_every_kind_of_operation(transform: str, late: str) -> None:
    kept = []

    def f(x: Any) -> Any:
        kept.extend((x, x * 2))
        return x * x

    ENDING[transform](f)
    for value in kept:
        with pytest.raises(TrackingError, match="after the transform"):
            LATE[late](value)


def test_an_error_in_the_function_passes_unchanged_and_leaves_nothing_open() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("mine")

    for _ in range(3):
        with pytest.raises(KeyError, match="mine"):
            cr.grad(lambda x: cr.grad(broken)(x))(1.0)
    assert cr.grad(cr.grad(lambda x: x**3))(2.0) == 12.0


STALE: dict[str, Callable[[Any], Any]] = {
    "grad": lambda f: cr.grad(f)(2.0),
    "grad of nothing else": lambda f: cr.value_and_grad(lambda x: f(x))(2.0),
    "beside the result": lambda f: cr.grad(lambda x: (x, f(x)), has_aux=True)(2.0),
    "in a list beside the result": lambda f: cr.grad(lambda x: (x, [1.0, f(x)]), has_aux=True)(2.0),
    "jvp": lambda f: cr.jvp(f, (2.0,), (1.0,)),
    "vjp": lambda f: cr.vjp(f, 2.0),
    "in a container": lambda f: cr.vjp(lambda x: {"a": x, "b": f(x)}, 2.0),
    "derivative": lambda f: cr.derivative(f)(2.0),
    "jacobian": lambda f: cr.jacobian(f)(2.0),
    "hessian": lambda f: cr.hessian(f)(2.0),
    "under another transform": lambda f: cr.grad(lambda x: cr.grad(f)(x))(2.0),
}


@pytest.mark.parametrize("way", STALE)
@pytest.mark.parametrize("kept_by", ["grad", "jvp"])
def test_a_value_of_a_finished_transform_that_is_returned_as_it_is_is_refused(way: str, kept_by: str) -> None:
    kept: list[Any] = []

    def keep(x: Any) -> Any:
        kept.append(x)
        return x

    if kept_by == "grad":
        cr.grad(keep)(1.0)
    else:
        cr.jvp(keep, (1.0,), (1.0,))
    with pytest.raises(TrackingError, match="after the transform that tracked it has returned"):
        STALE[way](lambda x: kept[0])


def named_function(x: Any) -> Any:
    return "text"


@pytest.mark.parametrize(
    "call",
    [
        lambda f: cr.grad(f)(1.0), lambda f: cr.vjp(f, 1.0), lambda f: cr.jvp(f, (1.0,), (1.0,)),
        lambda f: cr.jacobian(f)(1.0), lambda f: cr.hessian(f)(1.0), lambda f: cr.derivative(f)(1.0),
    ],
)  # fmt: skip
def test_a_result_that_is_no_number_is_reported_at_the_function(call: Callable[[Any], Any]) -> None:
    line = named_function.__code__.co_firstlineno
    with pytest.raises(NotDifferentiableError, match=rf"named_function returned str .* test_leaving.py:{line}\)"):
        call(named_function)
