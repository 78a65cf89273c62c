"""The cause of a NaN or an infinity is looked for in the operations before it: four back, and no further."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.debug import ORIGINS_DEPTH
from chainrule.engine.values import as_input
from chainrule.engine.watch import Watch
from chainrule.remedies import Case, remedy

GENERAL = "the logarithm of 0 is minus infinity"
EXPONENTIALS = "the logarithm of exponentials that have all become 0"
SOFTMAX = "the logarithm of a softmax whose entry has become 0"


def told(f: Callable[..., Any], *arguments: Any) -> str:
    """What debug_nans says about the first NaN or infinity of f's gradient."""
    with pytest.raises(cr.errors.NonFiniteError) as caught, cr.debug_nans():
        cr.grad(f)(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("between", range(8))
def test_an_exponential_is_the_cause_up_to_four_operations_back(between):
    def f(x):
        v = np.exp(x)
        for _ in range(between):
            v = v * 1.0
        return np.log(v)

    assert (EXPONENTIALS if between < ORIGINS_DEPTH else GENERAL) in told(f, -1000.0)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_cause_is_found_behind_every_operand(position):
    def f(x):
        parts = [x * 0.0, x * 0.0, x * 0.0]
        parts[position] = np.exp(x)
        return np.log(np.sum(np.stack(parts)))

    assert EXPONENTIALS in told(f, -1000.0)


def test_the_nearest_operation_decides_between_a_softmax_and_a_sum_of_exponentials():
    x = np.array([-1000.0, 0.0])
    assert SOFTMAX in told(lambda x: np.log(np.exp(x) / np.sum(np.exp(x)))[0], x)
    assert EXPONENTIALS in told(lambda x: np.log(np.exp(x) / np.sum(np.exp(x)) * 1.0)[0], x)
    assert GENERAL in told(lambda x: np.log((x + 1000.0) / np.sum(x)), x[:1])


@pytest.mark.parametrize(
    ("length", "cause"),
    [
        (lambda x: np.sum(x**2), "a norm at the zero vector"),
        (lambda x: np.dot(x, x), "a norm at the zero vector"),
        (lambda x: x[0] * 1.0, "the square root has an infinite slope at 0"),
    ],
)
def test_a_root_of_a_sum_of_squares_is_a_norm(length, cause):
    assert cause in told(lambda x: np.sqrt(length(x)), np.zeros(2))


def test_the_advice_is_the_same_for_graphs_and_derivations():
    def f(x):
        return np.log(np.sum(np.exp(x)))

    for read in (lambda: cr.graph(f, np.array([-1000.0])), lambda: cr.explain(f, np.array([-1000.0]))):
        with pytest.raises(cr.errors.NonFiniteError, match=EXPONENTIALS), cr.debug_nans():
            read()


def test_the_origins_stand_in_order_the_nearest_first():
    from chainrule.debug import _origins

    watch = Watch()
    x = watch.input(as_input(0.5, "x"))
    np.sqrt(np.tanh(np.exp(np.sin(x))) + np.cos(x))
    last = watch.events[-1]
    assert _origins(watch, last) == (np.add, np.tanh, np.cos, np.exp, np.sin)
    assert remedy(Case(np.log, 0.0, None, -np.inf, False, _origins(watch, last)))[0] == EXPONENTIALS


def test_a_quotient_by_0_is_told_from_0_by_0() -> None:
    by_zero = [remedy(Case(np.divide, x, 0.0, np.inf, False, ())) for x in (1.0, -2.0)]
    both = remedy(Case(np.divide, 0.0, 0.0, np.nan, False, ()))
    assert by_zero[0] == by_zero[1] != both
