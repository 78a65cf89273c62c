"""First derivatives of SciPy's special functions at 0, ±1, ties and ends, and at orders that are no whole numbers.

The oracle is SciPy's own function: quotients of differences on one side, with three steps that tell whether they
approach a number or grow. It needs no other library's function, so no function of the table is left out.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import chainrule.scipy.special
from chainrule.errors import NoRuleError
from chainrule.formula.expression import evaluate
from chainrule.rules import Elementwise
from tests.rules.calls import of_scipy
from tests.rules.orders import derivative_along, ordinary_points, varied
from tests.rules.references import all_rules

pytestmark = pytest.mark.filterwarnings("ignore")  # SciPy warns of orders that are no whole numbers
SPECIAL = [rule for rule in all_rules() if of_scipy(rule) and varied(rule)]
every_rule = pytest.mark.parametrize("rule", SPECIAL, ids=lambda rule: rule.name)

SEARCHED = {"bdtrin", "nbdtrin", "stdtridf", "fdtridfd", "gdtrib"}
"""SciPy searches the values of these between two bounds and gives a bound, or what it met last, where there is none."""
CERTAIN = {"betaincinv", "betainccinv", "btdtria", "chdtriv", "bdtrik"}
"""Inverses at the probability 1 or at k = n, where SciPy's value is a constant end: their derivative is NaN there."""
STEPS = {"gammasgn"}
SERIES = {"far_series"}
"""An asymptotic series, cut off where the table calls it; SciPy does not have it."""


def one_sided(f: Any, x: float, side: int) -> tuple[float, float] | None:
    """The slope on one side and its uncertainty; infinite where the quotients grow; None where they tell neither."""
    here = f(x)
    first, second, third = ((f(x + side * h) - here) / (side * h) for h in (1e-2, 1e-4, 1e-6))
    if not all(map(math.isfinite, (first, second, third))):
        return None
    noise = 1e-7 * max(1.0, abs(here))
    change = abs(third - second)
    if change <= 0.2 * abs(second - first) + noise:
        return third, 2 * change + noise + 1e-5 * abs(third)
    if abs(third) > max(abs(second), 2.0) and change >= 0.8 * abs(second - first):
        return math.copysign(math.inf, third), 0.0
    return None


def outside(rule: Elementwise, point: tuple[Any, ...]) -> bool:
    """Whether the table says that the rule does not hold there."""
    return rule.domain is not None and not evaluate(rule.domain, dict(zip(rule.arguments, point, strict=True)))


def special_points(rule: Elementwise) -> set[tuple[int, tuple[Any, ...]]]:
    """An argument to differentiate by and a point, at which this argument or two of them are 0, 1 or −1."""
    base, moving = ordinary_points(rule, 1)[0], varied(rule)
    places = [(i, i, value) for i in moving for value in (0.0, 1.0, -1.0)]
    places += [(i, j, value) for i, j in itertools.permutations(moving, 2) for value in (0.0, 1.0)]
    return {(i, tuple(value if k in (i, j) else b for k, b in enumerate(base))) for i, j, value in places}


@every_rule
def test_a_slope_at_a_special_point_is_that_of_its_sides_or_nan(rule: Elementwise) -> None:
    if rule.name in SEARCHED | STEPS:
        pytest.skip("the value there is a bound of SciPy's search, or jumps")
    for i, point in special_points(rule):

        def along(t: float, i: int = i, point: Any = point) -> float:
            with np.errstate(all="ignore"):
                return float(np.real(rule.function(*point[:i], np.float64(t), *point[i + 1 :])))

        if not math.isfinite(along(point[i])):
            continue
        sides = [side for side in (one_sided(along, point[i], s) for s in (-1, 1)) if side is not None]
        if not sides:
            continue
        given = [p if isinstance(p, int) else np.float64(p) for p in point]
        try:
            got = float(derivative_along(rule, given, (i,), "R"))
        except NoRuleError:
            continue
        limits = [limit for limit, _ in sides]
        about = f"{rule.name}{point} by {i}: {got}, sides {limits}"
        if math.isnan(got):
            smooth = len(sides) == 2 and abs(limits[1] - limits[0]) <= sides[0][1] + sides[1][1]
            assert not smooth or outside(rule, point) or rule.name in CERTAIN, about
            continue
        if any(map(math.isinf, limits)):
            assert math.isinf(got), about
            assert any(got == limit for limit in limits), about
        else:
            assert abs(got - sum(limits) / len(limits)) <= sum(doubt for _, doubt in sides), about


@every_rule
def test_an_order_that_is_no_whole_number_is_taken_as_scipy_takes_it(rule: Elementwise) -> None:
    if rule.name in SERIES | {"lower_hermite", "lower_hermitenorm"}:
        pytest.skip("not a function of SciPy's")
    if rule.name.startswith("spherical_"):  # the table's own are of whole orders; these are the names that people use
        rule = replace(rule, function=getattr(chainrule.scipy.special, rule.name))
    base = ordinary_points(rule, 1)[0]
    orders = [k for k in range(len(base)) if k not in varied(rule) or isinstance(base[k], int)]
    for k, part in itertools.product(orders, (0.25, 0.5, 0.75)):
        point = [np.float64(p) for p in base]
        point[k] += part
        for i in varied(rule):
            if i == k:
                continue
            with np.errstate(all="ignore"):
                try:
                    high, low = (
                        float(np.real(rule.function(*point[:i], point[i] + h, *point[i + 1 :]))) for h in (1e-6, -1e-6)
                    )
                except TypeError:
                    continue  # SciPy takes whole numbers alone
            expected = (high - low) / 2e-6
            if math.isfinite(expected):
                got = float(derivative_along(rule, point, (i,), "R"))
                assert got == pytest.approx(expected, rel=2e-5, abs=1e-6 * max(1.0, abs(high))), (point, i)
