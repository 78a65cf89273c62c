"""A tracked value answers questions about its type as the value that it stands for."""

from __future__ import annotations

import collections.abc
import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
import chainrule.numpy as cnp

KINDS: list[Any] = [
    float, int, complex, bool, str, list, tuple, object,
    np.ndarray, np.generic, np.number, np.inexact, np.floating, np.complexfloating, np.integer,
    np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128,
    numbers.Number, numbers.Complex, numbers.Real, numbers.Integral,
    collections.abc.Sized, collections.abc.Iterable, collections.abc.Container, collections.abc.Sequence,
]  # fmt: skip
QUESTIONS: dict[str, Callable[[Any], Any]] = {
    **{f"isinstance of {kind.__name__}": lambda x, kind=kind: isinstance(x, kind) for kind in KINDS},
    "isscalar": np.isscalar,
    "iterable": np.iterable,
    "has a length": lambda x: hasattr(x, "__len__"),
    "has __array__": lambda x: hasattr(x, "__array__"),
    "has a shape": lambda x: x.shape,
    "strides": lambda x: x.strides,
    "dtype": lambda x: x.dtype,
    "callable": callable,
    "class": lambda x: x.__class__,
    "match": lambda x: _matched(x),
    "iscomplexobj": np.iscomplexobj,
    "isrealobj": np.isrealobj,
    "ndim": np.ndim,
    "size": np.size,
    "can be multiplied as a matrix": lambda x: hasattr(x, "__matmul__"),
}
VALUES: dict[str, Any] = {
    "float64": np.float64(2.0), "float32": np.float32(2.0), "float16": np.float16(2.0), "longdouble": np.longdouble(2),
    "complex128": np.complex128(2 + 1j), "complex64": np.complex64(2 + 1j),
    "vector": np.array([1.0, 2.0]), "matrix": np.ones((2, 3), np.float32), "complex vector": np.array([1j, 2.0]),
    "one entry": np.array([3.0]), "empty": np.zeros((0, 2)),
}  # fmt: skip


def _matched(x: Any) -> str:
    match x:
        case float():
            return "a number"
        case np.ndarray():
            return "an array"
        case _:
            return "something else"


def seen(transform: str, value: Any, question: Callable[[Any], Any]) -> Any:
    answers: list[Any] = []

    def f(x: Any) -> Any:
        assert type(x) is not type(value)
        answers.append(question(x))
        return np.sum(np.real(x))

    one = np.ones_like(value)[()]
    if transform == "vjp":
        cr.vjp(f, value)
    elif transform == "jvp":
        cr.jvp(f, (value,), (one,))
    elif transform == "jvp along 0":
        cr.jvp(lambda t, x: f(x) if np.ndim(x) else f(x * t), (1.0, value), (1.0, np.zeros_like(one)[()]))
    elif transform == "nested":
        cr.jvp(lambda x: cr.vjp(f, x)[0], (value,), (one,))
    else:
        cr.graph(f, value)
    return answers[0]


@pytest.mark.parametrize("transform", ["vjp", "jvp", "nested", "graph"])
@pytest.mark.parametrize("name", VALUES)
def test_a_tracked_value_answers_as_the_value_it_stands_for(transform: str, name: str) -> None:
    value = VALUES[name]
    if transform == "graph" and (value.size == 0 or name in ("float16", "longdouble")):
        pytest.skip("graphs are of numbers that can be shown")
    for question in QUESTIONS.values():
        assert seen(transform, value, question) == question(value)


def test_a_buffer_is_an_array() -> None:
    buffer = cnp.zeros(3)
    for name, question in QUESTIONS.items():
        if name != "class":
            assert question(buffer) == question(np.zeros(3)), name


def by_type(x: Any) -> Any:
    return 2 * x if isinstance(x, (int, float)) else 3 * np.sum(x)


def by_length(x: Any) -> Any:
    return sum(a * a for a in x) if hasattr(x, "__len__") else 5 * x


def by_kind(x: Any) -> Any:
    return x**2 if isinstance(x, numbers.Real) else x @ x * 7


def by_trial(x: Any) -> Any:
    try:
        return len(x) * np.sum(x)
    except TypeError:
        return 11 * x


@pytest.mark.parametrize("f", [by_type, by_length, by_kind, by_trial])
@pytest.mark.parametrize("x", [1.5, np.array([1.5, 2.5])], ids=["number", "array"])
def test_a_function_that_asks_for_types_takes_the_same_branch(f: Callable[[Any], Any], x: Any) -> None:
    value, gradient = cr.value_and_grad(f)(x)
    assert value == f(x)
    step = 1e-6
    for i in range(np.size(x)):
        moved = [np.array(x, float), np.array(x, float)]
        for array, sign in zip(moved, (1, -1), strict=True):
            array.flat[i] += sign * step
        above, below = (float(array) if np.ndim(x) == 0 else array for array in moved)
        assert math.isclose(np.ravel(gradient)[i], (f(above) - f(below)) / (2 * step), rel_tol=1e-6)


def test_an_argument_that_does_not_move_is_tracked_all_the_same() -> None:
    def f(x: Any, y: Any) -> Any:
        x = x * 1.0
        x[0] = y  # a plain array could not hold it
        return np.sum(x**2)

    assert cr.jvp(f, (np.ones(2), 3.0), (np.zeros(2), 1.0)) == (10.0, 6.0)
    assert cr.jacfwd(f, (0, 1))(np.ones(2), 3.0)[1] == 6.0


def test_a_tracked_number_is_no_sequence() -> None:
    for wrong in (iter, list, len, lambda x: [*x], lambda x: 1.0 in x):
        with pytest.raises(TypeError):
            cr.grad(lambda x, wrong=wrong: wrong(x))(1.0)
