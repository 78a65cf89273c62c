"""Every rule for scipy.special agrees with differences and, where mpmath knows the function, with mpmath."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from scipy import special

import chainrule as cr
from benchmarks.special import EXACT, coverage, errors, known, of_scipy, points_of, rules
from chainrule.errors import NoRuleError
from chainrule.formula.expression import evaluate, symbols
from chainrule.rules import TABLE, UNKNOWN, Composite, Elementwise, find
from chainrule.rules.symbolic import local_partial
from chainrule.scipy import stats
from tests.rules.calls import smooth_points

RULES = rules()
SLOPES = [(rule, i) for rule in RULES for i in known(rule)]
every_slope = pytest.mark.parametrize(("rule", "position"), SLOPES, ids=lambda item: getattr(item, "name", item))
every_exact_slope = pytest.mark.parametrize(
    ("rule", "position"), [(r, i) for r, i in SLOPES if r.name in EXACT], ids=lambda item: getattr(item, "name", item)
)
INEXACT = {
    # SciPy's own values have fewer digits: what the derivative is compared with, or made of, is as inexact.
    "itairy_0": 0.02, "itairy_1": 1e-5, "itairy_2": 1e-4, "itairy_3": 1e-3, "pro_rad2_0": 1e-4, "pro_rad2_1": 1e-2,
    "bdtrik": 1e-4, "nbdtrik": 1e-5, "chndtrix": 1e-5, "chndtrinc": 1e-5, "hyperu": 1e-8, "kei": 1e-9,
}  # fmt: skip


def points(rule: Elementwise) -> list[Any]:
    given = smooth_points(rule)
    return [p if np.ndim(p) or not float(p).is_integer() else int(p) for p in given]


def along(rule: Elementwise, position: int, given: list[Any]) -> Any:
    return lambda v: rule.function(*given[:position], v, *given[position + 1 :])


def differences(function: Any, x: Any, step: float) -> Any:
    """Central differences of sixth order."""

    def central(h: float) -> Any:
        return (function(x + h) - function(x - h)) / (2 * h)

    return (64 * central(step / 4) - 20 * central(step / 2) + central(step)) / 45


def slope(rule: Elementwise, position: int, given: list[Any]) -> Any:
    value, pullback = cr.vjp(along(rule, position, given), given[position])
    return pullback(np.ones(np.shape(value), value.dtype))[0]


@every_slope
def test_every_known_partial_agrees_with_differences_and_forward_with_reverse(
    rule: Elementwise, position: int
) -> None:
    given = points(rule)
    function, x = along(rule, position, given), given[position]
    low, high = rule.sample[position]
    got = slope(rule, position, given)
    expected = np.real(differences(function, x, 1e-3 * min(1.0, max(0.1, high - low))))
    np.testing.assert_allclose(got, expected, rtol=INEXACT.get(rule.name, 2e-8), atol=1e-10)
    _, moved = cr.jvp(function, (x,), (np.ones_like(x),))
    np.testing.assert_allclose(np.real(moved), got, rtol=1e-13)
    single = cr.vjp(along(rule, position, [g if np.ndim(g) == 0 else g[2] for g in given]), x[2])[1](1.0)[0]
    np.testing.assert_allclose(single, got[2], rtol=1e-13)


@every_slope
def test_every_second_derivative_agrees_with_differences_or_is_an_error(rule: Elementwise, position: int) -> None:
    given = points(rule)
    if rule.name in INEXACT or rule.function is special.elliprc:
        pytest.skip("its values have too few digits")
    if np.iscomplexobj(rule.function(*given)):
        pytest.skip("complex values")
    with contextlib.suppress(NoRuleError):
        cr.check_grads(along(rule, position, given), (given[position],), order=2)


@every_exact_slope
def test_derivatives_are_nearly_as_accurate_as_the_values(rule: Elementwise, position: int) -> None:
    exact, intervals = EXACT[rule.name]
    of_slope, of_value = errors(rule, position, points_of(intervals, 5), exact)
    assert of_slope < max(2e-13 + 30 * of_value, INEXACT.get(rule.name, 0))


@every_slope
def test_a_partial_that_is_a_millionth_wrong_is_caught(rule: Elementwise, position: int) -> None:
    given = points(rule)
    low, high = rule.sample[position]
    expected = np.real(
        differences(along(rule, position, given), given[position], 1e-3 * min(1.0, max(0.1, high - low)))
    )
    wrong = slope(rule, position, given) * (1 + 10 * INEXACT.get(rule.name, 1e-7)) + 1e-9
    assert not np.allclose(wrong, expected, rtol=INEXACT.get(rule.name, 2e-8), atol=1e-10) or not expected.any()


def test_an_argument_without_a_formula_is_an_error_that_names_it_and_the_line() -> None:
    with pytest.raises(NoRuleError, match=r"scipy\.special\.jv by its argument 1, .* at test_special\.py:\d+"):
        cr.grad(lambda v: special.jv(v, 2.0))(0.5)
    with pytest.raises(NoRuleError, match="argument 1"):
        cr.jvp(lambda v: special.jv(v, 2.0), (0.5,), (1.0,))
    with pytest.raises(NoRuleError, match="argument 1"):
        local_partial(special.jv(*symbols("v x")), 0)


@pytest.mark.filterwarnings("ignore:non-integer arg:DeprecationWarning")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_unknown_partial_is_silently_zero(rule: Elementwise) -> None:
    given = [p if np.ndim(p) == 0 else p[0] for p in points(rule)]
    for position, partial in enumerate(rule.partials):
        if partial is UNKNOWN:
            with pytest.raises(TypeError):  # NoRuleError is one; SciPy raises its own for a degree that is no integer
                cr.vjp(along(rule, position, given), float(given[position]))


def test_every_ufunc_of_scipy_special_has_a_rule_or_raises() -> None:
    total, covered, arguments, without = coverage()
    assert total - covered == len(without)
    assert covered >= 200
    assert arguments >= 290
    for name in without:
        ufunc = getattr(special, name)
        with pytest.raises(NoRuleError, match=f"no rule yet for scipy.special.{name}"):
            cr.vjp(lambda x, f=ufunc: f(*[x] * f.nin), 0.5)


def test_functions_with_several_outputs_differentiate_each() -> None:
    for ufunc, count in ((special.airy, 4), (special.sici, 2), (special.fresnel, 2), (special.itj0y0, 2)):
        assert isinstance(find(ufunc), Composite)
        for k in range(count):
            cr.check_grads(lambda x, f=ufunc, k=k: f(x)[k], (np.array([0.7, 1.9]),), order=2)
    for k in range(4):
        cr.check_grads(lambda u, m, k=k: special.ellipj(u, m)[k], (np.array([0.7, 1.9]), 0.3), order=1)
        cr.check_grads(lambda x, k=k: np.imag(special.kelvin(x)[k]), (np.array([0.7, 1.9]),), order=1)


def test_zeta_and_the_real_branch_of_lambert_w_work_through_scipy_s_own_functions() -> None:
    cr.check_grads(special.zeta, (2.5,), order=1)
    cr.check_grads(lambda s, q: special.zeta(s, q), (2.5, 1.5), order=1)
    cr.check_grads(lambda x: np.real(special.lambertw(x)), (np.array([0.5, 2.0]),), order=2)


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (special.exprel, 0.0, 0.5),
        (lambda y: special.boxcox(2.0, y), 0.0, np.log(2.0) ** 2 / 2),
        (lambda y: special.inv_boxcox(2.0, y), 0.0, -2 * np.exp(2.0)),
        (special.rgamma, -2.0, 2.0),
        (special.ellipk, 0.0, np.pi / 8),
        (special.ellipe, 0.0, -np.pi / 8),
        (special.spence, 1.0, -1.0),
        (lambda m: special.ellipkinc(1.0, m), 0.0, (2 - np.sin(2.0)) / 8),
        (lambda x: special.shichi(x)[0], 0.0, 1.0),
        (lambda x: special.sici(x)[0], 0.0, 1.0),
        (lambda x: special.xlogy(0.0, x), 0.0, 0.0),
        (lambda x: special.eval_legendre(0, x), 0.3, 0.0),
        (lambda x: special.eval_legendre(3, x), 1.0, 6.0),
        (special.i0e, 1e6, -0.5 / np.sqrt(2 * np.pi) * 1e-9 * (1 + 3 / 8e6 + 45 / 128e12)),
        (special.dawsn, 1e5, -0.5e-10 * (1 + 1.5e-10)),
        (special.erfcx, 1e5, -1e-10 / np.sqrt(np.pi) * (1 - 1.5e-10)),
    ],
)
def test_removable_singularities_ends_and_far_points(function: Any, x: float, expected: float) -> None:
    np.testing.assert_allclose(cr.derivative(function)(x), expected, rtol=1e-14)
    np.testing.assert_allclose(cr.derivative(function)(np.array([x, x])), expected, rtol=1e-14)


def test_scipy_is_not_imported_before_the_user_imports_it() -> None:
    code = (
        "import sys, numpy as np, chainrule as cr; cr.grad(np.sin)(1.0); "
        "f = np.frompyfunc(lambda x: x, 1, 1)\n"
        "try: cr.grad(f)(1.0)\nexcept TypeError: pass\n"
        "print('scipy' in sys.modules); import scipy.special; print(cr.grad(scipy.special.erf)(0.0))"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert shown[0] == "False"
    assert float(shown[1]) == pytest.approx(2 / np.sqrt(np.pi), rel=1e-15)


def test_the_rows_of_scipy_say_where_they_come_from() -> None:
    for rule in TABLE.values():
        if of_scipy(rule.function) and isinstance(rule, Elementwise):
            assert rule.source


@every_slope
def test_the_formula_shown_is_the_one_computed(rule: Elementwise, position: int) -> None:
    given = points(rule)
    named = {**dict(zip(rule.arguments, given, strict=True)), "out": rule.function(*given)}
    shown, computed = (evaluate(forms[position], named) for forms in (rule.partials, rule.computed))
    np.testing.assert_allclose(shown, computed, rtol=1e-7, atol=1e-9)


def test_far_out_on_both_sides_and_at_the_lowest_order_slopes_are_those_of_differences() -> None:
    calls = [(special.i0e, x) for x in (-300.0, -60.0, 60.0)] + [(special.i1e, x) for x in (-300.0, -60.0, 60.0)]
    calls += [(lambda y: special.expn(0, y), 0.7), (lambda y: special.expn(0, y), 3.0)]
    calls += [(special.log_ndtr, -60.0), (stats.norm.logcdf, -60.0), (stats.norm.logcdf, 2.0)]
    for function, x in calls:
        h = 1e-4 * abs(x)
        slope = (8 * (function(x + h) - function(x - h)) - function(x + 2 * h) + function(x - 2 * h)) / (12 * h)
        for found in (cr.grad(function)(x), cr.jvp(function, (x,), (1.0,))[1]):
            np.testing.assert_allclose(found, slope, rtol=1e-7)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_far_out_a_distribution_function_does_not_depend_on_its_parameters() -> None:
    inf = np.inf
    for f, x, place in (
        (special.gammainc, (2.5, inf), 0), (special.gammaincc, (0.5, inf), 0), (special.chdtr, (3.5, inf), 0),
        (special.chdtrc, (3.5, inf), 0), (special.gdtr, (1.5, 2.5, inf), 1), (special.betainc, (1.5, 2.5, 1.0), 0),
        (special.betainc, (1.5, 2.5, 0.0), 1), (special.gammainc, (2.5, inf), 1), (special.gammaincc, (2.5, inf), 1),
        (special.chdtr, (3.5, inf), 1), (special.gammainc, (2.5, 0.0), 0), (special.gammainc, (2.5, 0.0), 1),
    ):  # fmt: skip
        assert cr.grad(f, place)(*x) == 0, (f.__name__, x, place)
        assert cr.grad(lambda *v, f=f: np.sum(f(*v)), place)(*(np.array([v, v]) for v in x)).tolist() == [0, 0]
