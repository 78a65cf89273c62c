"""Every rule in the table agrees with central differences, forward with reverse mode, to second order.

The tests loop over the table itself, so a rule is tested as soon as it is written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from benchmarks.coverage import functions_named
from chainrule.engine.record import Record
from chainrule.engine.reverse import recording
from chainrule.errors import GradientCheckError
from chainrule.rules import TABLE, Composite, Elementwise, Piecewise, Rule, Structural
from tests.rules.calls import CALLS, ELEMENTWISE, WHOLE, differentiable, smooth_points, whole_samples

every_elementwise_rule = pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
every_call = pytest.mark.parametrize(("rule", "number"), whole_samples(), ids=lambda item: getattr(item, "name", item))


def of_tracked(rule: Elementwise, points: list[Any]) -> tuple[Any, tuple[Any, ...]]:
    """The rule's function of its differentiable arguments alone, and their values."""
    tracked = differentiable(rule)

    def function(*args: Any) -> Any:
        given = list(points)
        for position, value in zip(tracked, args, strict=True):
            given[position] = value
        return rule.function(*given)

    return function, tuple(points[i] for i in tracked)


# Functions that write into their argument or return sets and bins, which a single expression does not show.
ELSEWHERE = {
    "copyto",
    "fill_diagonal",
    "histogram_bin_edges",
    "histogramdd",
    "intersect1d",
    "place",
    "put",
    "put_along_axis",
    "putmask",
    "setxor1d",
    "sort_complex",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
}


def test_every_rule_has_something_to_be_tested_with() -> None:
    assert {type(rule) for rule in TABLE.values()} == {Elementwise, Structural, Composite, Piecewise}
    named = {name.rsplit(".", 1)[-1] for name in functions_named()}
    internal = {rule.name for rule in WHOLE if getattr(rule.function, "__module__", "").startswith("chainrule")}
    assert {rule.name for rule in WHOLE if rule.function not in CALLS} <= named | internal | ELSEWHERE
    for rule in ELEMENTWISE:
        smooth_points(rule)


@every_elementwise_rule
def test_every_elementwise_rule_agrees_with_differences_to_second_order(rule: Elementwise) -> None:
    function, args = of_tracked(rule, smooth_points(rule))
    cr.check_grads(function, args, order=2)
    for seed in range(3):
        function, args = of_tracked(rule, [p if np.ndim(p) == 0 else p[0] for p in smooth_points(rule, seed=seed)])
        cr.check_grads(function, args, order=2)


@every_call
def test_every_sample_call_agrees_with_differences_to_second_order(rule: Rule, number: int) -> None:
    function, args = CALLS[rule.function][number]
    cr.check_grads(function, args, order=2)


@every_call
def test_every_sample_call_agrees_when_an_outer_function_bends_it(rule: Rule, number: int) -> None:
    # A linear function has no second derivative of its own; a curved one around it differentiates the transposes.
    function, args = CALLS[rule.function][number]
    cr.check_grads(lambda *a: function(*(np.sin(x) * 1.3 for x in a)) ** 2 * 0.1, args, order=2)


@every_call
def test_every_sample_call_gives_numpy_s_value(rule: Rule, number: int) -> None:
    function, args = CALLS[rule.function][number]
    value, _ = cr.vjp(function, *args)
    moved, _ = cr.jvp(function, args, args)
    expected = function(*args)
    assert np.shape(value) == np.shape(expected)
    assert np.asarray(value).dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    np.testing.assert_array_equal(moved, value)


@every_elementwise_rule
def test_numbers_and_arrays_have_the_same_derivatives(rule: Elementwise) -> None:
    points = smooth_points(rule)
    tracked = differentiable(rule)
    function, args = of_tracked(rule, points)
    whole = cr.vjp(function, *args)[1](np.ones(7))
    for k in range(7):
        function, args = of_tracked(rule, [p if np.ndim(p) == 0 else p[k] for p in points])
        single = cr.vjp(function, *args)[1](1.0)
        for i in range(len(tracked)):
            np.testing.assert_allclose(single[i], whole[i][k], rtol=4e-16)


@every_elementwise_rule
def test_elementwise_rules_broadcast_in_every_position(rule: Elementwise) -> None:
    if len(rule.partials) == 1 or any(low == high for low, high in rule.sample):
        pytest.skip("one argument")
    points = smooth_points(rule)
    shapes = [[7], [1, 7], []]
    for turn in range(len(points)):
        given = [
            np.reshape(p if shapes[(i + turn) % 3] else p[0], shapes[(i + turn) % 3]) for i, p in enumerate(points)
        ]
        function, args = of_tracked(rule, given)
        value, pullback = cr.vjp(function, *args)
        gradients = pullback(np.ones(np.shape(value)))
        full = [np.broadcast_to(p, np.shape(value)).copy() for p in given]
        function, whole = of_tracked(rule, full)
        expected = cr.vjp(function, *whole)[1](np.ones(np.shape(value)))
        for argument, g, e in zip(args, gradients, expected, strict=True):
            assert np.shape(g) == np.shape(argument)
            kept = tuple(
                a
                for a in range(np.ndim(e))
                if a < np.ndim(e) - np.ndim(g) or np.shape(g)[a - np.ndim(e) + np.ndim(g)] != np.shape(e)[a]
            )
            np.testing.assert_allclose(g, np.reshape(np.sum(e, axis=kept), np.shape(g)), rtol=1e-13)


def wrong(rule: Elementwise, position: int, factor: float) -> Elementwise:
    """The rule with one partial derivative, computed and in exceptional rows, a little wrong."""
    from dataclasses import replace

    changed = tuple(p * factor if i == position and p is not None else p for i, p in enumerate(rule.computed))
    return replace(rule, computed=changed, selects=False, kernels={})


@contextlib.contextmanager
def rules_looked_up() -> Iterator[None]:
    """Within it every operation looks its rule up in the table; the quick ways keep the ones that they met first."""
    token = recording.set(Record)
    try:
        yield
    finally:
        recording.reset(token)


MUTANTS = [(rule, i) for rule in ELEMENTWISE for i in differentiable(rule) if repr(rule.computed[i]) != "Expression(0)"]


@pytest.mark.parametrize(("rule", "position"), MUTANTS, ids=lambda item: getattr(item, "name", item))
def test_a_partial_that_is_a_thousandth_wrong_is_caught(
    rule: Elementwise, position: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    function, args = of_tracked(rule, smooth_points(rule))
    points = smooth_points(rule)

    def only(x: Any) -> Any:
        given = list(points)
        given[position] = x
        return rule.function(*given)

    monkeypatch.setitem(TABLE, rule.function, wrong(rule, position, 1.001))
    with rules_looked_up():
        for mode in ("forward", "reverse"):
            with pytest.raises(GradientCheckError):
                cr.check_grads(only, (points[position],), order=1, modes=(mode,))
            with pytest.raises(GradientCheckError):
                cr.check_grads(function, args, order=1, modes=(mode,))


@every_call
def test_a_transpose_or_a_forward_rule_that_is_a_thousandth_wrong_is_caught(
    rule: Rule, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    function, args = CALLS[rule.function][number]
    if not isinstance(rule, Structural):
        pytest.skip("a composite has no derivative of its own")
    value = np.asarray(function(*args))
    if value.size == 0 or not np.any(cr.jvp(function, args, args)[1]):
        pytest.skip("nothing flows in this call")

    def reverse(*a: Any, **k: Any) -> Any:
        pull = rule.reverse(*a, **k)
        return lambda g: tuple(part * 1.001 for part in pull(g))

    def forward(*a: Any, **k: Any) -> Any:
        return rule.forward(*a, **k) * 1.001

    monkeypatch.setitem(TABLE, rule.function, replace(rule, reverse=reverse, forward=forward))
    with rules_looked_up():
        for mode in ("forward", "reverse"):
            with pytest.raises(GradientCheckError):
                cr.check_grads(function, args, order=1, modes=(mode,))
