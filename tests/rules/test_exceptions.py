"""Exceptional rows, kinks, borders of domains and what lies outside of them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import mpmath
import numpy as np
import pytest

import chainrule as cr
from chainrule.formula.expression import Constant, evaluate
from chainrule.rules.rule import TABLE, Elementwise
from tests.rules.calls import ELEMENTWISE

inf, nan = math.inf, math.nan

EXCEPTIONS: dict[Any, list[tuple[tuple[float, ...], tuple[float, ...]]]] = {
    np.sqrt: [((0.0,), (inf,))],
    np.heaviside: [((0.0, 0.7), (0.0, 1.0)), ((2.0, 0.7), (0.0, 0.0))],
    np.cbrt: [((0.0,), (inf,)), ((inf,), (0.0,)), ((-inf,), (0.0,))],
    np.power: [
        ((0.0, 0.0), (0.0, nan)),
        ((0.0, 0.5), (inf, 0.0)),
        ((0.0, 0.1), (inf, 0.0)),
        ((0.0, 1.0), (1.0, 0.0)),
        ((0.0, 2.0), (0.0, 0.0)),
        ((0.0, 3.5), (0.0, 0.0)),
        ((-2.0, 3.0), (12.0, nan)),
        ((-2.0, -1.0), (-0.25, nan)),
        ((-2.0, 0.0), (0.0, nan)),
        ((3.0, 0.0), (0.0, math.log(3.0))),
        ((3.0, 1.0), (1.0, 3 * math.log(3.0))),
    ],
    np.arcsin: [((1.0,), (inf,)), ((-1.0,), (inf,))],
    np.arccos: [((1.0,), (-inf,)), ((-1.0,), (-inf,))],
    np.arccosh: [((1.0,), (inf,))],
    np.hypot: [((0.0, 0.0), (0.0, 0.0)), ((0.0, 2.0), (0.0, 1.0)), ((-3.0, 0.0), (-1.0, 0.0))],
    np.logaddexp: [
        ((1.5, 1.5), (0.5, 0.5)),
        ((inf, inf), (0.5, 0.5)),
        ((-inf, -inf), (0.5, 0.5)),
        ((800.0, -800.0), (1.0, 0.0)),
    ],
    np.logaddexp2: [((1.5, 1.5), (0.5, 0.5)), ((-inf, -inf), (0.5, 0.5))],
    np.maximum: [((2.0, 2.0), (0.5, 0.5)), ((2.0, 1.0), (1.0, 0.0))],
    np.minimum: [((2.0, 2.0), (0.5, 0.5)), ((2.0, 1.0), (0.0, 1.0))],
    np.fmax: [((2.0, 2.0), (0.5, 0.5)), ((2.0, nan), (1.0, 0.0)), ((nan, 2.0), (0.0, 1.0))],
    np.fmin: [((2.0, 2.0), (0.5, 0.5)), ((2.0, nan), (1.0, 0.0)), ((nan, 2.0), (0.0, 1.0))],
}
EXCEPTIONS[np.float_power] = EXCEPTIONS[np.power]
_clamp = next(rule.function for rule in ELEMENTWISE if rule.name == "clamp")
EXCEPTIONS[_clamp] = [
    ((0.0, 0.0, 1.0), (0.5, 0.5, 0.0)),
    ((1.0, 0.0, 1.0), (0.5, 0.0, 0.5)),
    ((2.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
    ((0.5, 1.0, 1.0), (0.0, 0.0, 1.0)),  # between equal bounds nothing moves
    ((1.0, 1.0, 1.0), (0.0, 0.0, 1.0)),
    ((1.5, 1.0, 1.0), (0.0, 0.0, 1.0)),
]
CASES = [(TABLE[f], point, slopes) for f, cases in EXCEPTIONS.items() for point, slopes in cases]
every_exception = pytest.mark.parametrize(("rule", "point", "slopes"), CASES, ids=lambda x: getattr(x, "name", str(x)))


def slopes_at(rule: Elementwise, point: tuple[float, ...], mode: str, scalar: bool) -> list[float]:
    """The partial derivatives at one point, of numbers or of arrays in which ordinary points stand beside it."""
    result = []
    for i in range(len(point)):

        def f(x: Any, i: int = i) -> Any:
            given = [np.float64(p) if scalar else np.array([p, p]) for p in point]
            given[i] = x
            return rule.function(*given)

        x = point[i] if scalar else np.array([point[i]] * 2)
        with np.errstate(all="ignore"):
            if mode == "forward":
                found = cr.jvp(f, (x,), (np.ones_like(x),))[1]
            else:
                found = cr.vjp(f, x)[1](np.ones(np.shape(x)))[0]
        result.append(float(found if scalar else found[1]))
    return result


@every_exception
@pytest.mark.parametrize("scalar", [True, False], ids=["numbers", "arrays"])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_exceptional_points_have_the_slopes_that_their_rows_say(
    rule: Elementwise, point: tuple[float, ...], slopes: tuple[float, ...], mode: str, scalar: bool
) -> None:
    np.testing.assert_allclose(slopes_at(rule, point, mode, scalar), slopes, rtol=1e-15, equal_nan=True)


@every_exception
def test_local_derivatives_do_not_depend_on_which_arguments_are_tracked(
    rule: Elementwise, point: tuple[float, ...], slopes: tuple[float, ...]
) -> None:
    everything = tuple(range(len(point)))
    for scalar in (True, False):
        values = [np.float64(p) if scalar else np.array([p]) for p in point]
        with np.errstate(all="ignore"):
            named = {**dict(zip(rule.arguments, values, strict=True)), "out": rule.function(*values)}
            local, kept = rule.kernel("local", everything, scalar=scalar)
            found = local(*(named[name] for name in kept))
        found = found if isinstance(found, tuple) else (found,)
        np.testing.assert_allclose([np.ravel(f)[0] for f in found], slopes, rtol=1e-15, equal_nan=True)


def test_every_exceptional_row_is_exercised() -> None:
    for rule in ELEMENTWISE:
        for row in rule.at:
            hit = False
            for point, _ in EXCEPTIONS.get(rule.function, []):
                with np.errstate(all="ignore"):
                    named = {n: np.float64(p) for n, p in zip(rule.arguments, point, strict=True)}
                    named["out"] = rule.function(*named.values())
                    first = next((r for r in rule.at if evaluate(r.condition, named)), None)
                hit = hit or first is row
            assert hit, f"{rule.name}: no test reaches the row {row.reason!r}"


KINKS = {
    np.absolute: (0.0,),
    np.fabs: (0.0,),
    np.maximum: (1.0, 1.0),
    np.minimum: (1.0, 1.0),
    np.fmax: (1.0, 1.0),
    np.fmin: (1.0, 1.0),
    np.hypot: (0.0, 0.0),
    _clamp: (0.0, 0.0, 1.0),
    np.logaddexp: (1.0, 1.0),
}


@pytest.mark.parametrize("function", KINKS, ids=lambda f: f.__name__)
def test_at_a_kink_the_derivative_is_the_mean_of_the_one_sided_slopes(function: Any) -> None:
    point = KINKS[function]
    for i in range(len(point)):
        step = 1e-7
        above, below = ([p + s * step * (k == i) for k, p in enumerate(point)] for s in (1, -1))
        right = (function(*above) - function(*point)) / step
        left = (function(*point) - function(*below)) / step
        for mode in ("forward", "reverse"):
            for scalar in (True, False):
                assert slopes_at(TABLE[function], point, mode, scalar)[i] == pytest.approx((left + right) / 2, abs=1e-6)


@pytest.mark.parametrize(
    "rule",
    [r for r in ELEMENTWISE if len(r.partials) > 1 and all(low < high for low, high in r.sample)],
    ids=lambda rule: rule.name,
)
def test_beside_a_zero_of_either_sign_the_derivative_is_the_limit_of_differences(rule: Elementwise) -> None:
    step = 1e-6
    usual = [(0.6 * low + 0.4 * high) for low, high in rule.sample]
    for i, partial in enumerate(rule.partials):
        if partial is None:
            continue
        others = [[x] if k == i else [0.0, -0.0] for k, x in enumerate(usual)]
        for point in itertools.product(*others):
            for x in (usual[i], -usual[i]):
                given = (*point[:i], x, *point[i + 1 :])
                with np.errstate(all="ignore"):
                    low, here, high = (rule.function(*given[:i], x + d, *given[i + 1 :]) for d in (-step, 0.0, step))
                    sides = np.subtract(here, low) / step, np.subtract(high, here) / step
                if not np.allclose(*sides, rtol=1e-4, atol=1e-5) or rule.name == "heaviside":
                    continue
                for mode, scalar in itertools.product(("forward", "reverse"), (True, False)):
                    found = slopes_at(rule, given, mode, scalar)[i]
                    assert found == pytest.approx(sum(sides) / 2, rel=1e-5, abs=1e-6), (given, i, mode)


@pytest.mark.parametrize("function", [np.sign, np.floor, np.ceil, np.trunc, np.rint], ids=lambda f: f.__name__)
def test_steps_have_derivative_zero_also_at_their_jumps(function: Any) -> None:
    assert cr.grad(function)(1.0) == 0
    assert cr.grad(function)(0.0) == 0
    np.testing.assert_array_equal(cr.derivative(function)(np.array([0.0, 0.5, 1.0])), 0)


STEPS = [
    pytest.param(rule, i, id=f"{rule.name}-{i}")
    for rule in ELEMENTWISE
    for i, partial in enumerate(rule.computed)
    if partial == Constant(0)
]


@pytest.mark.parametrize(("rule", "position"), STEPS)
def test_what_a_step_makes_of_its_argument_does_not_move(rule: Elementwise, position: int) -> None:
    """An infinite slope behind a step multiplies nothing: the derivative is 0, not 0·∞, in both modes."""
    point = [low + 0.3 * (high - low) for low, high in rule.sample]
    value = rule.function(*point)

    def behind(x: Any) -> Any:
        return np.cbrt(rule.function(*point[:position], x, *point[position + 1 :]) - value)

    for x in (np.float64(point[position]), np.array([point[position]])):
        assert behind(x) == 0
        assert cr.jvp(behind, (x,), (np.ones_like(x)[()],))[1] == 0
        assert cr.grad(lambda x: np.sum(behind(x)))(x) == 0


@pytest.mark.parametrize("function", [np.abs, np.sign], ids=lambda f: f.__name__)
def test_a_complex_zero_has_the_slope_zero_of_its_size_and_its_direction(function: Any) -> None:
    """They turn and grow alike on all sides of it; beside it, other entries keep their derivatives."""
    z = np.array([0.0, 3.0 + 4.0j])
    weights = np.array([1.0, 2.0])

    def f(z: Any) -> Any:
        return np.sum(weights * np.real(function(z)))

    gradient = cr.grad(f)(z)
    assert gradient[0] == 0
    assert gradient[1] == pytest.approx(cr.grad(f)(z[1] * np.ones(2))[1])
    assert cr.jvp(f, (z,), (np.array([1.0 + 2.0j, 0.0]),))[1] == 0
    assert cr.jvp(f, (z,), (np.array([1.0, 1.0j]),))[1] == pytest.approx(cr.jvp(f, (z,), (np.array([0.0, 1.0j]),))[1])
    assert cr.grad(lambda z: np.real(function(z)))(0j) == 0


OUTSIDE: dict[Any, list[tuple[float, ...]]] = {
    np.divide: [(1.0, 0.0), (0.0, 0.0)],
    np.reciprocal: [(0.0,)],
    np.sqrt: [(-1.0,), (-1e-300,)],
    np.power: [(-2.0, 0.5), (0.0, -1.0), (-1.0, -0.3)],
    np.float_power: [(-2.0, 0.5), (0.0, -1.0)],
    np.floor_divide: [(1.0, 0.0)],
    np.remainder: [(1.0, 0.0)],
    np.fmod: [(1.0, 0.0)],
    np.log: [(-1.0,), (0.0,)],
    np.log2: [(-1.0,), (0.0,)],
    np.log10: [(-3.0,), (0.0,)],
    np.log1p: [(-1.0,), (-2.0,)],
    np.arccosh: [(0.5,), (-3.0,)],
    np.arctanh: [(1.0,), (2.0,), (-1.0,)],
    np.arcsin: [(1.1,), (-2.0,)],
    np.arccos: [(1.1,), (-2.0,)],
    np.arctan2: [(0.0, 0.0)],
}


def test_every_domain_has_a_point_outside_of_it_here() -> None:
    bounded = {rule.function for rule in ELEMENTWISE if rule.domain is not None and not rule.between_floats}
    assert bounded == set(OUTSIDE)


@pytest.mark.parametrize("function", OUTSIDE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_outside_the_domain_the_derivative_is_nan(function: Any, mode: str) -> None:
    rule = TABLE[function]
    for point in OUTSIDE[function]:
        for scalar in (True, False):
            found = slopes_at(rule, point, mode, scalar)
            steps = [repr(p) == "Expression(0)" for p in rule.partials]
            assert all(math.isnan(slope) or step for slope, step in zip(found, steps, strict=True))


@pytest.mark.parametrize("rule", [r for r in ELEMENTWISE if not r.selects], ids=lambda rule: rule.name)
def test_nan_has_the_derivative_nan(rule: Elementwise) -> None:
    if rule.name in ("sinc_derivative", "bessel_i", "ldexp", "heaviside", "copysign"):
        pytest.skip("the argument has a meaning of its own, or a NaN does not reach the value")
    point = tuple(nan for _ in rule.partials)
    for scalar in (True, False):
        assert all(math.isnan(slope) for slope in slopes_at(rule, point, "forward", scalar))
    for position in range(len(point)):
        with np.errstate(invalid="ignore"):  # NumPy's logaddexp complains of NaN
            assert math.isnan(cr.grad(rule.function, position)(*point))
            assert np.isnan(cr.grad(lambda *x: np.sum(rule.function(*x)), position)(*(np.array([p]) for p in point)))


VERTICAL = [(np.sqrt, 0.0, 1), (np.cbrt, 0.0, 1), (np.arcsin, 1.0, -1), (np.arccos, 1.0, -1), (np.arccosh, 1.0, 1)]


@pytest.mark.parametrize(("function", "x", "side"), VERTICAL, ids=lambda x: getattr(x, "__name__", ""))
def test_a_vertical_tangent_is_where_difference_quotients_grow_without_bound(
    function: Any, x: float, side: int
) -> None:
    exact = {
        np.sqrt: mpmath.sqrt,
        np.cbrt: mpmath.cbrt,
        np.arcsin: mpmath.asin,
        np.arccos: mpmath.acos,
        np.arccosh: mpmath.acosh,
    }[function]
    with mpmath.workdps(80):
        slope = (exact(mpmath.mpf(x) + side * mpmath.mpf(10) ** -60) - exact(mpmath.mpf(x))) / (
            side * mpmath.mpf(10) ** -60
        )
    found = cr.grad(function)(x)
    assert abs(slope) > 1e19
    assert math.isinf(found)
    assert np.sign(found) == np.sign(float(slope))


def test_mixed_second_derivatives_of_the_power_are_right_at_special_exponents() -> None:
    # ∂²(xʸ)/∂x∂y = xʸ⁻¹ (1 + y ln x), by hand, whatever the order of differentiation.
    for x in (0.5, 2.0, 3.0):
        for y in (0.0, 1.0, 2.0, -1.0, 0.25):
            expected = x ** (y - 1) * (1 + y * math.log(x))
            for order in ((0, 1), (1, 0)):
                assert cr.grad(cr.grad(np.power, order[0]), order[1])(x, y) == pytest.approx(expected, rel=1e-12)
                first = cr.grad(
                    lambda a, b, k=order[0]: np.sum(cr.grad(lambda *p: np.sum(np.power(*p)), k)(a, b)), order[1]
                )
                np.testing.assert_allclose(first(np.array([x, x]), np.array([y, y])), expected, rtol=1e-12)
