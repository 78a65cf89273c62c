"""Every operator of a tracked value, on both sides and in place, is that of the value: in number and in slope."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    **{f.__name__: f for f in (operator.add, operator.sub, operator.mul, operator.truediv)},
    **{f.__name__: f for f in (operator.floordiv, operator.mod, operator.pow)},
    "the quotient of divmod": lambda a, b: divmod(a, b)[0],
    "the remainder of divmod": lambda a, b: divmod(a, b)[1],
}
OTHERS: dict[str, Any] = {
    "int": 3, "float": 2.5, "float64": np.float64(2.5), "float32": np.float32(2.5),
    "vector": np.array([2.5, 0.75]), "column": np.array([[2.5], [0.75], [1.25]]), "integers": np.array([3, 2]),
}  # fmt: skip
VALUES: dict[str, Any] = {"number": np.float64(1.7), "vector": np.array([1.7, 0.37]), "row": np.array([[1.7, 0.37]])}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_with_any_partner_on_either_side_is_that_of_the_value(name: str, value: str) -> None:
    f, x = OPERATORS[name], VALUES[value]
    for other in OTHERS.values():
        for g in (lambda v, o=other: f(v, o), lambda v, o=other: f(o, v)):
            above, below = (np.sum(g(x + step)) for step in (1e-6, -1e-6))
            for out, slope in (
                cr.jvp(g, (x,), (np.ones_like(x)[()],)),
                cr.value_and_grad(lambda v, g=g: np.sum(g(v)))(x),
            ):
                np.testing.assert_allclose(np.sum(out), np.sum(g(x)), rtol=1e-14)
                np.testing.assert_allclose(np.sum(slope), (above - below) / 2e-6, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("transform", [lambda f, x: cr.grad(f)(x), lambda f, x: cr.jvp(f, (x,), (x,))])
def test_the_imaginary_part_of_a_real_array_cannot_be_set(transform: Any) -> None:
    def f(x: Any) -> Any:
        y = x * 1.0
        with pytest.raises(TypeError, match=r"imaginary part to be set at test_operators\.py:"):
            y.imag = x
        return np.sum(y)

    transform(f, np.array([1.0, 2.0]))
    with pytest.raises(TypeError, match="imaginary"):
        np.array([1.0, 2.0]).imag = 1.0


@pytest.mark.parametrize("name", ["iadd", "isub", "imul", "itruediv", "ipow"])
def test_a_complex_result_is_not_written_into_a_real_array_in_place(name: str) -> None:
    f, partner = getattr(operator, name), np.array([1j, 2.0])

    def g(x: Any) -> Any:
        y = x * 1.0
        with pytest.raises(TypeError, match=r"at test_operators\.py:"):
            f(y, partner)
        return np.sum(y)

    np.testing.assert_array_equal(cr.grad(g)(np.array([1.0, 2.0])), [1.0, 1.0])
    cr.jvp(g, (np.array([1.0, 2.0]),), (np.ones(2),))
    with pytest.raises(TypeError):
        f(np.array([1.0, 2.0]), partner)


@pytest.mark.parametrize(
    "transform", [lambda f, x: cr.grad(f)(x), lambda f, x: cr.jvp(f, (x,), (x,)), lambda f, x: cr.jacrev(f)(x)]
)
def test_a_read_only_argument_is_read_only_in_the_function(transform: Any) -> None:
    x = np.array([1.0, 2.0])
    x.flags.writeable = False

    def f(v: Any) -> Any:
        with pytest.raises(ValueError, match="read-only"):
            v[0] = 3.0
        with pytest.raises(ValueError, match="read-only"):
            v *= 2.0
        return np.sum(v)

    transform(f, x)
