"""Values and derivatives of the tutorial's functions are within 4 units in the last place, and nothing warns."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest

from benchmarks.accuracy import measured, of_function, of_rule, points_of_line, ulps
from benchmarks.exact import EXACT
from chainrule.formula.expression import evaluate
from chainrule.functions import TUTORIAL, ElementaryFunction
from chainrule.rules.rule import Elementwise
from chainrule.rules.symbolic import domain_expression
from chainrule.rules.trigonometric import sinc_derivative
from tests.rules.calls import ELEMENTWISE

every_function = pytest.mark.parametrize("function", TUTORIAL, ids=lambda f: f.formula.text())

LIMIT = 4.0
# sinc′ has zeros of its own, near which the quotient rule subtracts nearly equal numbers; Bessel functions are series.
LOOSER = {"sinc": 1e3, "sinc_derivative": 1e4, "i0": 1e3, "bessel_i": 1e3}


@every_function
def test_tutorial_functions_are_within_four_ulps(function: ElementaryFunction) -> None:
    found = of_function(function, 12)
    assert found.points > 100
    assert found.value.ulp <= LIMIT, found
    assert found.derivatives[0].ulp <= LIMIT, found


@pytest.mark.parametrize("rule", measured(), ids=lambda rule: rule.name)
def test_derivatives_of_elementary_rules_are_within_four_ulps(rule: Elementwise) -> None:
    found = of_rule(rule, 6)
    assert found.points > 50
    for worst in found.derivatives:
        assert worst.ulp <= LOOSER.get(rule.name, LIMIT), found


@pytest.mark.parametrize("order", range(7))
def test_derivatives_of_sinc_lose_no_digits_beside_their_largest_value(order: int) -> None:
    # |sinc⁽ⁿ⁾| is at most πⁿ/(n + 1); near its zeros no more than the digits of that can be asked for
    x = np.concatenate([np.linspace(0, 6, 100), [1e-300, 1e-8, 1e-3, 0.04, 0.49, 0.51, 0.86, 1.21, 2.59]])
    with mpmath.workdps(40):
        errors = [
            abs(found - EXACT[sinc_derivative](mpmath.mpf(at), order))
            for found, at in zip(sinc_derivative(x, order).tolist(), x.tolist(), strict=True)
        ]
    assert max(errors) < 8 * 2.0**order * np.finfo(float).eps * np.pi**order / (order + 1)


@every_function
def test_tutorial_functions_warn_of_nothing_inside_the_domain(function: ElementaryFunction) -> None:
    line = np.array(points_of_line(40))
    domain = domain_expression(function.expression)
    with np.errstate(all="ignore"):
        inside = line if domain is None else line[evaluate(domain, {"x": line})]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in (inside, *inside, inside[(np.abs(inside) < 1e38) & (np.abs(inside) > 1e-38)].astype(np.float32)):
            values, slopes = function(x), function.derivative(x)
            if x.dtype == np.float64:  # rounded to single precision, a point next to a border may lie on it or beyond
                assert not np.any(np.isnan(values))
                assert not np.any(np.isnan(slopes))


@every_function
def test_integers_count_as_real_numbers(function: ElementaryFunction) -> None:
    x = 1 if function(1) < np.inf and not np.isinf(function.derivative(1)) else 0
    assert function(x) == function(float(x))
    assert function.derivative(x) == function.derivative(float(x))
    np.testing.assert_array_equal(function(np.array([x, x])), function(np.array([x, x], float)))
    np.testing.assert_array_equal(function.derivative(np.array([x, x])), function.derivative(np.array([x, x], float)))


def test_the_ruler_itself_measures_units_in_the_last_place() -> None:
    third = mpmath.mpf(1) / 3
    assert ulps(1 / 3, third) < 0.5
    assert ulps(np.nextafter(1 / 3, 1), third) == pytest.approx(1, abs=0.5)
    assert ulps(1.0 + 2.0**-52, mpmath.mpf(1)) == 1
    assert ulps(1e-323, mpmath.mpf(5e-324)) == 1
    assert ulps(np.inf, mpmath.mpf(10) ** 400) == 0
    assert ulps(np.inf, mpmath.mpf(10) ** 300) == np.inf
    assert ulps(np.nan, mpmath.mpf(1)) == np.inf
    assert ulps(0.0, mpmath.mpf(10) ** -400) < 1


def test_a_derivative_that_loses_digits_is_seen() -> None:
    from dataclasses import replace

    rule = next(rule for rule in ELEMENTWISE if rule.name == "arcsin")
    textbook = replace(rule, computed=rule.partials, kernels={})
    assert of_rule(textbook, 6).derivatives[0].ulp > LIMIT
