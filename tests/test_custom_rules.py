"""cr.custom: derivatives given by the user, in every transform, and checked when they are defined."""

from __future__ import annotations

import doctest
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import GradientCheckError, NonFiniteError, RuleError, TrackingError

PAGE = Path(__file__).parents[1] / "docs" / "custom.md"
HERE = Path(__file__).name

A = np.array([[2.0, 1.0], [0.5, 3.0]])
B = np.array([1.0, -2.0])


def solve_reverse(out: Any, primals: Any, g: Any) -> Any:
    back = np.linalg.solve(primals[0].T, g)
    return -np.outer(back, out), back


def solve_forward(out: Any, primals: Any, tangents: Any) -> Any:
    return np.linalg.solve(primals[0], tangents[1] - tangents[0] @ out)


def plain_solve(a: Any, b: Any) -> Any:
    assert type(a) is np.ndarray  # the body sees plain values only
    assert type(b) is np.ndarray
    return np.linalg.solve(a, b)


WAYS: dict[str, Any] = {
    "reverse": {"reverse": solve_reverse},
    "forward": {"forward": solve_forward},
    "both": {"reverse": solve_reverse, "forward": solve_forward},
    "like": {"like": lambda a, b: np.linalg.inv(a) @ b},
}


@pytest.mark.parametrize("way", WAYS)
def test_rules_of_every_kind_agree_with_numpys_function_in_every_nesting(way: str) -> None:
    solve = cr.custom(plain_solve, **WAYS[way], samples=[(A, B)])
    assert np.array_equal(solve(A, B), np.linalg.solve(A, B))

    def ours(a: Any, b: Any) -> Any:
        return np.sum(solve(a, b) ** 2)

    def numpys(a: Any, b: Any) -> Any:
        return np.sum(np.linalg.solve(a, b) ** 2)

    both = (0, 1)
    for transform in (cr.grad, cr.jacfwd, cr.jacrev):
        for own, expected in zip(transform(ours, both)(A, B), transform(numpys, both)(A, B), strict=True):
            assert np.allclose(own, expected, rtol=1e-12)
    for first in (cr.jacfwd, cr.jacrev):
        for second in (cr.jacfwd, cr.jacrev):
            assert np.allclose(second(first(ours))(A, B), second(first(numpys))(A, B), rtol=1e-11, atol=1e-13)
    cr.check_grads(ours, (A, B), order=2)


def product_reverse(out: Any, primals: Any, g: Any, power: int = 1) -> Any:
    return tuple(g * power * out / x for x in primals)


def product_forward(out: Any, primals: Any, tangents: Any, power: int = 1) -> Any:
    return sum(power * out / x * dx for x, dx in zip(primals, tangents, strict=True))


MANY_WAYS: dict[str, Any] = {
    "reverse": {"reverse": product_reverse},
    "forward": {"forward": product_forward},
    "like": {"like": lambda *xs, power=1: np.prod(np.stack(xs)) ** power},
}


@pytest.mark.parametrize("way", MANY_WAYS)
def test_a_function_of_any_number_of_arguments_has_a_derivative_by_each(way: str) -> None:
    def plain_product(first: Any, *others: Any, power: int = 1) -> Any:
        assert cr.Variable not in map(type, (first, *others))
        return math.prod((first, *others)) ** power

    product = cr.custom(plain_product, **MANY_WAYS[way], samples=[2.0, (2.0, 3.0), (2.0, 3.0, 5.0)])
    assert product(2.0, 3.0, power=2) == 36.0
    assert cr.grad(product)(2.0) == pytest.approx(1.0)
    assert cr.grad(product, (0, 2))(2.0, 3.0, 5.0) == pytest.approx((15.0, 6.0))
    assert cr.grad(lambda x: product(x, 3.0, x, power=2))(2.0) == pytest.approx(4 * 9 * 2.0**3)
    cr.check_grads(lambda x, y: product(x, y, x * y), (2.0, 3.0), order=2)


FORMULAS: dict[str, tuple[Callable[..., Any], Any, Callable[..., Any], tuple[Any, ...]]] = {
    "own name": (lambda t: t / (1 + abs(t)), "1 / (1 + |t|)^2", lambda t: t / (1 + np.abs(t)), (0.7,)),
    "x": (lambda t: t / (1 + abs(t)), "1 / (1 + |x|)^2", lambda t: t / (1 + np.abs(t)), (0.7,)),
    "out": (lambda t: np.tanh(t), "1 - out^2", np.tanh, (0.3,)),
    "two": (lambda a, b: a * b**2, ("b^2", "2 a b"), lambda a, b: a * b**2, (0.3, 1.7)),
    "swapped names": (lambda y, x: y / x, ("1/x", "-y/x^2"), lambda y, x: y / x, (0.3, 1.7)),
    "three": (lambda a, b, c: a * b + c, ("b", "a", "1"), lambda a, b, c: a * b + c, (0.3, 1.7, 2.0)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_agree_with_differentiating_the_body(name: str) -> None:
    body, formula, numpys, at = FORMULAS[name]
    ours = cr.custom(body, formula=formula)
    argnums = tuple(range(len(at)))
    assert np.allclose(cr.grad(ours, argnums)(*at), cr.grad(numpys, argnums)(*at), rtol=1e-14)
    assert np.allclose(cr.hessian(ours)(*at), cr.hessian(numpys)(*at), rtol=1e-13)
    arrays = (*(value * np.array([[1.0], [2.0]]) for value in at[:-1]), at[-1] * np.array([1.0, 0.5, 0.25]))

    def total(f: Any) -> Any:
        return lambda *a: np.sum(f(*a) ** 2)

    for own, expected in zip(
        cr.grad(total(ours), argnums)(*arrays), cr.grad(total(numpys), argnums)(*arrays), strict=True
    ):
        assert own.shape == expected.shape
        assert np.allclose(own, expected, rtol=1e-13)
    single = tuple(np.float32(value) for value in at)
    assert cr.grad(ours)(*single).dtype == np.float32


def test_the_value_may_come_from_code_that_cannot_be_differentiated() -> None:
    gamma = cr.custom(lambda x: math.erf(float(x)), formula="2/√π · e^(-x²)")
    assert abs(cr.grad(lambda x: gamma(2 * x))(0.4) - 4 / math.sqrt(math.pi) * math.exp(-0.64)) < 1e-15
    assert abs(cr.derivative(gamma, 2)(0.4) + 0.8 * 2 / math.sqrt(math.pi) * math.exp(-0.16)) < 1e-14


def test_outside_the_domain_the_derivative_is_nan() -> None:
    ln = cr.custom(lambda x: np.log(np.abs(x)), formula="1/x", domain="x > 0")
    assert cr.grad(ln)(2.0) == 0.5
    assert np.isnan(cr.grad(ln)(-2.0))


def test_a_function_with_a_formula_is_shown_and_differentiated_as_a_formula() -> None:
    @cr.custom(formula="out · (1 - out)")
    def logistic(t: Any) -> Any:
        return 1 / (1 + np.exp(-t))

    drawn = cr.graph(lambda x: logistic(2 * x), 0.0)
    assert "logistic" in [node.label for node in drawn.nodes]
    assert drawn.node(0).gradient == 0.5
    (x,) = cr.symbols("x")
    assert repr(logistic(x)) == "Expression(logistic(x))"


def test_options_reach_the_rules_also_when_they_are_left_out() -> None:
    seen: list[Any] = []

    def forward(out: Any, primals: Any, tangents: Any, order: Any) -> Any:
        seen.append(order)
        return order * primals[0] ** (order - 1) * tangents[0]

    power = cr.custom(lambda x, order=2: x**order, forward=forward, samples=[])
    assert cr.grad(power)(3.0) == 6.0
    assert cr.grad(lambda x: power(x, 3))(2.0) == 12.0
    assert cr.grad(lambda x: power(order=3, x=x))(2.0) == 12.0
    assert set(seen) == {2, 3}
    with pytest.raises(TrackingError, match="argument that has no derivative"):
        cr.grad(lambda x: power(x, x))(2.0)


def test_whole_results_are_not_lost() -> None:
    step = cr.custom(lambda x: np.asarray(x > 0), like=lambda x: x, samples=[0.5], surrogate=True)
    assert cr.value_and_grad(step)(2.0) == (1.0, 1.0)
    rounded = cr.custom(lambda x: np.round(x).astype(int), like=lambda x: x, samples=[0.3], surrogate=True)
    assert cr.grad(lambda x: np.sum(rounded(x)))(np.array([1.2, 2.7])).tolist() == [1.0, 1.0]


def test_debug_nans_looks_into_it() -> None:
    root = cr.custom(lambda x: np.sqrt(x), formula="1 / (2 out)")
    line = r"derivative of <lambda> is inf at test_custom_rules\.py"
    with cr.debug_nans(), pytest.raises(NonFiniteError, match=line):
        cr.grad(lambda x: root(x))(0.0)


def dot(x: Any, y: Any) -> Any:
    return x @ y


V = (np.array([1.0, 2.0]), np.array([0.5, -1.0]))
MISTAKES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "no derivative": (lambda: cr.custom(dot), RuleError, "got no derivative for dot"),
    "two derivatives": (lambda: cr.custom(dot, formula="y", like=dot), RuleError, "more than one derivative"),
    "number of formulas": (lambda: cr.custom(dot, formula="y"), RuleError, "1 formula for dot"),
    "names in a formula": (lambda: cr.custom(dot, formula=("y", "q")), RuleError, "uses q"),
    "wrong formula": (lambda: cr.custom(lambda x: x * x, formula="x"), GradientCheckError, "by x is wrong"),
    "wrong second formula": (
        lambda: cr.custom(lambda x, y: x * y, formula=("y", "y")), GradientCheckError, "by y is wrong",
    ),
    "not constant": (lambda: cr.custom(lambda x, y: x * y, formula=("y", None)), GradientCheckError, "by y is wrong"),
    "five arguments": (lambda: cr.custom(lambda a, b, c, d, e: a, formula=("1",) * 5), RuleError, "at most 4"),
    "default with a formula": (lambda: cr.custom(lambda x, n=1: x, formula="1"), RuleError, "have defaults"),
    "not finite": (lambda: cr.custom(lambda x: np.log(x), formula="1/x", samples=[-1.0]), RuleError, "is nan at x ="),
    "no samples": (lambda: cr.custom(dot, like=dot), RuleError, "needs points"),
    "short sample": (lambda: cr.custom(dot, like=dot, samples=[1.0]), RuleError, "has 1 argument"),
    "short sample of any number": (
        lambda: cr.custom(lambda a, b, *c: a, like=lambda a, b, *c: a, samples=[1.0]), RuleError, "2 or more",
    ),
    "default before any number": (
        lambda: cr.custom(lambda a, n=1, *b: a, like=dot, samples=[1.0]), RuleError, "after one with a default",
    ),
    "signature": (lambda: cr.custom(lambda *a: a[0], formula="1"), RuleError, "told from its signature"),
    "one cotangent of two": (
        lambda: cr.custom(dot, reverse=lambda out, p, g: g * p[1], samples=[V]), RuleError, "returned 1 cotangent",
    ),
    "shape of a cotangent": (
        lambda: cr.custom(dot, reverse=lambda out, p, g: (g * p[1], np.ones(3)), samples=[V]), RuleError, r"\(3,\)",
    ),
    "shape of a tangent": (
        lambda: cr.custom(dot, forward=lambda out, p, t: t[0], samples=[V]), RuleError, "returned a tangent of shape",
    ),
    "wrong reverse rule": (
        lambda: cr.custom(dot, reverse=lambda out, p, g: (g * p[1], -g * p[0]), samples=[V]),
        GradientCheckError, "by y is wrong",
    ),
    "wrong forward rule": (
        lambda: cr.custom(dot, forward=lambda out, p, t: p[1] @ t[0], samples=[V]), GradientCheckError, "by y is wrong",
    ),
    "rules that contradict each other": (
        lambda: cr.custom(
            dot, forward=lambda out, p, t: t[0] @ p[1] + t[1] @ p[0], reverse=lambda out, p, g: (g * p[1], None),
            samples=[V], surrogate=True,
        ),
        GradientCheckError, "in reverse mode",
    ),
    "two results": (lambda: cr.custom(lambda x: (x, x), formula="1"), RuleError, "returned tuple"),
    "domain without a formula": (
        lambda: cr.custom(dot, like=dot, domain="x > 0", samples=[V]), RuleError, "belongs to formula",
    ),
}  # fmt: skip


P3 = np.array([0.4, -0.9, 1.6])
OFF_BY: dict[str, Callable[[float], Any]] = {
    "a formula": lambda k: cr.custom(lambda x: np.sin(x), formula=k * np.cos(cr.symbols("x")[0])),
    "a second formula": lambda k: cr.custom(
        lambda x, y: x * y, formula=("y", k * cr.symbols("x")[0]), samples=[(0.5, 2.0)]
    ),
    "a forward rule": lambda k: cr.custom(
        lambda x: np.sin(x), forward=lambda out, p, t: k * np.cos(p[0]) * t[0], samples=[P3]
    ),
    "a reverse rule": lambda k: cr.custom(
        lambda x: np.sin(x), reverse=lambda out, p, g: k * np.cos(p[0]) * g, samples=[P3]
    ),
    "a reverse rule beside a right one": lambda k: cr.custom(
        lambda x: np.sin(x), forward=lambda out, p, t: np.cos(p[0]) * t[0],
        reverse=lambda out, p, g: k * np.cos(p[0]) * g, samples=[P3],
    ),
    "a forward rule beside a right one": lambda k: cr.custom(
        lambda x: np.sin(x), forward=lambda out, p, t: k * np.cos(p[0]) * t[0],
        reverse=lambda out, p, g: np.cos(p[0]) * g, samples=[P3],
    ),
    "another function": lambda k: cr.custom(lambda x: np.sin(x), like=lambda x: k * np.sin(x), samples=[P3]),
    "one sample of several": lambda k: cr.custom(
        lambda x: np.sin(x), forward=lambda out, p, t: np.where(p[0] > 2, k, 1.0) * np.cos(p[0]) * t[0],
        samples=[0.5, 1.0, 2.5],
    ),
    "a surrogate's reverse rule": lambda k: cr.custom(
        lambda x: np.sign(x), forward=lambda out, p, t: t[0], reverse=lambda out, p, g: k * g, samples=[P3],
        surrogate=True,
    ),
    "a function with large values": lambda k: cr.custom(
        lambda x: 100.0 + np.sin(x), reverse=lambda out, p, g: k * np.cos(p[0]) * g, samples=[0.4]
    ),
}  # fmt: skip


@pytest.mark.parametrize("factor", [1.001, 1 + 1e-4, 1 - 1e-4, 1 + 2e-5])
@pytest.mark.parametrize("name", OFF_BY)
def test_a_derivative_that_is_off_by_more_than_one_part_in_a_hundred_thousand_is_refused(
    name: str, factor: float
) -> None:
    assert callable(OFF_BY[name](1.0))
    with pytest.raises(GradientCheckError, match="is wrong"):
        OFF_BY[name](factor)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_definition_that_does_not_fit_is_refused_with_the_line(name: str) -> None:
    define, kind, words = MISTAKES[name]
    with pytest.raises(kind, match=words) as caught:
        define()
    assert f" at {HERE}:" in str(caught.value)


def test_the_examples_of_the_page_run() -> None:
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    failed, run = doctest.testfile(str(PAGE), module_relative=False, optionflags=flags)
    assert run > 15
    assert failed == 0
