"""Derivatives of orders 1 to 4 of every elementwise rule, in every mode, at every point that a formula treats apart.

At a point where the function is smooth, every form and every row of the table must be right to all orders, whatever
order the arguments and the modes come in. mpmath says what is right, and where a function is smooth.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.formula.expression import Call, Constant, Expression, Symbol, call
from chainrule.rules import TABLE, At, Elementwise, find
from chainrule.rules.arithmetic import power_log
from chainrule.rules.exponential import portion, portion2
from chainrule.rules.function import ending
from chainrule.rules.rule import OWN_RULE
from tests.rules.calls import of_scipy
from tests.rules.orders import (
    MODES,
    Point,
    Truth,
    Wrong,
    derivative_along,
    findings,
    one_sided,
    ordinary_points,
    paths,
    special_points,
    varied,
)
from tests.rules.references import Reference, all_rules, reference

KNOWN: list[tuple[Elementwise, Reference]] = [(r, t) for r in all_rules() if (t := reference(r)) and varied(r)]
NUMPY = [(rule, truth) for rule, truth in KNOWN if not of_scipy(rule)]
# mpmath needs a second or more for a few points of these.
SLOW = {
    "owens_t", "elliptic_moment", "ellipkinc", "ellipeinc", "ellipj_0", "ellipj_1", "ellipj_2", "elliprf", "elliprg",
    "elliprd", "elliprj", "gammainc", "gammaincc", "chdtr", "chdtrc", "gdtr", "gdtrc", "betainc", "betaincc", "fdtr",
    "fdtrc", "stdtr", "zeta_slope", "_zeta", "_riemann_zeta", "zetac", "rgamma", "agm", "expn", "psi",
    "kn", "yn", "k0e", "k1e", "kve", "hyperu",
    "polygamma", "beta", "hyp2f1", "struve", "modstruve", "log_wright_bessel", "wright_bessel", "voigt_profile",
    "voigt_dispersion", "binom", "k0", "k1", "kv", "ker", "kei", "kerp", "keip", "fresnel_sine", "fresnel_cosine",
    "betaln", "beta_density", "jve", "yve", "erfi", "logaddexp2", "eval_sh_chebyt", "eval_sh_chebyu", "remainder",
    "fmod", "floor_divide", "float_power", "elliprc", "spence", "pdtr", "pdtrc",
}  # fmt: skip
SHORT = {1: ("R", "F"), 2: ("RF", "FR"), 3: ("RFR",), 4: ("FRFR",)}

every_known = pytest.mark.parametrize(
    ("rule", "truth"), [(r, t) for r, t in KNOWN if r.name not in SLOW], ids=lambda item: getattr(item, "name", "")
)


@functools.cache
def chosen(rule: Elementwise, truth: Reference, count: int) -> list[Point]:
    """Some of a rule's special points, evenly over all kinds of them, and one ordinary point."""
    points = [p for p in special_points(rule, truth) if max(map(abs, p)) <= 31]
    return ordinary_points(rule, 1) + points[:: max(1, len(points) // count)]


def shown(wrong: list[Wrong]) -> str:
    return "\n" + "\n".join(map(str, wrong[:12]))


# ---------------------------------------------------------------------- where the function is smooth


@every_known
def test_derivatives_to_fourth_order_are_those_of_mpmath(rule: Elementwise, truth: Reference) -> None:
    points = chosen(rule, truth, 6)
    checks, wrong = findings(rule, truth, points, modes=SHORT, scalar=False)
    assert checks or rule.name in ("sign", "gammasgn")
    assert not wrong, shown(wrong)
    _, wrong = findings(rule, truth, points[1::4], modes={1: "R", 2: ("FR",), 3: (), 4: ()}, scalar=True, most=2)
    assert not wrong, shown(wrong)


@pytest.mark.long
@pytest.mark.parametrize(("rule", "truth"), KNOWN, ids=lambda item: getattr(item, "name", ""))
def test_derivatives_at_every_special_point_in_every_mixture_of_modes(rule: Elementwise, truth: Reference) -> None:
    points = ordinary_points(rule) + [p for p in special_points(rule, truth) if max(map(abs, p)) <= 1000]
    if rule.name in SLOW:
        points = points[:: max(1, len(points) // 30)]
    for scalar in (False, True):
        _, wrong = findings(rule, truth, points, modes=MODES if not scalar else SHORT, scalar=scalar)
        assert not wrong, shown(wrong)


# One point of the slow ones, at which two arguments are equal or a formula would divide 0 by 0.
TIES: list[tuple[Any, Point, tuple[tuple[int, ...], ...]]] = [
    (special.elliprf, (1.0, 1.0, 1.0), ((0, 0), (0, 1), (2, 2, 2))),
    (special.elliprd, (1.0, 1.0, 1.0), ((0,), (2,), (0, 2), (2, 2))),
    (special.elliprd, (0.7, 1.4, 0.7), ((0,), (2,), (0, 2))),
    (special.elliprj, (0.6, 1.2, 2.5, 1.2), ((1,), (3,), (1, 3))),
    (special.elliprc, (0.8, 0.79), ((0, 0), (1, 1), (0, 1), (0, 0, 0, 0))),
    (special.elliprc, (0.8, 0.8), ((0, 0), (1, 1), (0, 1), (0, 0, 0, 0))),
    (special.elliprg, (0.6, 0.0, 0.0), ((0,), (0, 0))),
    (special.ellipkinc, (math.pi / 2, 0.6), ((1,), (1, 1), (0, 1), (1, 1, 1))),
    (special.ellipkinc, (0.0, 0.0), ((1,), (1, 1), (0, 1), (1, 0, 0))),
    (special.ellipeinc, (-math.pi / 2, 0.6), ((1,), (1, 1), (1, 0), (1, 1, 1))),
    (special.beta, (0.75, -0.75), ((0,), (0, 0), (0, 1), (1, 1, 1))),
    (special.binom, (4.5, -2.0), ((0,), (1,), (1, 1), (0, 1))),
    (special.binom, (2.5, 4.5), ((0,), (1,), (0, 1))),
    (special.rgamma, (0.0,), ((0,), (0, 0), (0, 0, 0), (0, 0, 0, 0))),
    (special.rgamma, (-3.0,), ((0,), (0, 0), (0, 0, 0), (0, 0, 0, 0))),
    (special.ber, (0.0,), ((0, 0, 0, 0),)),
    (special.agm, (1.5, 1.5), ((0,), (0, 1), (1, 1, 1))),
    (special.stdtr, (3.5, 0.0), ((0,), (0, 1), (0, 1, 1), (1, 1, 1))),
]


@pytest.mark.parametrize(("function", "point", "chains"), TIES, ids=lambda item: getattr(item, "__name__", ""))
def test_ties_and_removable_singularities_of_special_functions_are_right(
    function: Any, point: Point, chains: tuple[tuple[int, ...], ...]
) -> None:
    rule = TABLE[function]
    truth = Truth(reference(rule), point)
    for path, last in itertools.product(chains, "RF"):
        got = derivative_along(rule, [np.float64(p) for p in point], path, ("R" * len(path))[1:] + last)
        assert float(got) == pytest.approx(float(truth.derivative(path)), rel=1e-9, abs=1e-12)


# ---------------------------------------------------------------------- where it is not

ONCE = {"pdtrik", "chdtriv", "stdtridf"}
"""Inverses whose second derivatives have no rule."""
JUMPS = {"remainder", "fmod", "floor_divide", "heaviside", "copysign"}


@pytest.mark.parametrize(("rule", "truth"), NUMPY, ids=lambda item: getattr(item, "name", ""))
def test_at_kinks_and_ends_derivatives_are_means_of_the_sides_or_not_finite(
    rule: Elementwise, truth: Reference
) -> None:
    if rule.name in JUMPS:
        pytest.skip("a jump is no kink")
    points = [p for p in special_points(rule, truth) if max(map(abs, p)) <= 31]
    if rule.name == "clamp":  # bounds that are equal count as the upper one
        points = [p for p in points if p[1] < p[2]]
    for point in points[:: max(1, len(points) // 10)]:
        for i in varied(rule):
            if Truth(truth, point).smooth(i):
                continue
            for order in (1, 2, 3):
                sides = one_sided(rule, truth, point, i, order)
                if not sides:
                    continue
                got = float(derivative_along(rule, [np.float64(p) for p in point], (i,) * order, "RFR"[:order]))
                about = f"{rule.name}{point} by {i}, order {order}: {got}, sides {sides}"
                if any(map(math.isinf, sides)):
                    assert order == 1 or not math.isfinite(got), about
                elif order == 1 and len(sides) == 2:
                    assert got == pytest.approx(sum(sides) / 2, rel=1e-4, abs=1e-4) or not math.isfinite(got), about
                elif math.isfinite(got):
                    slack = 1e-3 * max(1.0, *map(abs, sides))
                    assert min(sides) - slack <= got <= max(sides) + slack, about


def test_where_two_smooth_pieces_meet_the_second_derivative_is_the_mean_of_theirs() -> None:
    rule = TABLE[special.huber]
    truth = reference(rule)
    for point, path in itertools.product([(0.5, 0.5), (0.5, -0.5), (2.0, 2.0)], [(0, 0), (1, 1), (0, 1), (1, 0)]):
        last, step = path[-1], 1e-9
        sides = []
        for sign in (-1, 1):
            beside = tuple(p + sign * step * (i == last) for i, p in enumerate(point))
            sides.append(float(Truth(truth, beside).derivative(path)))
        for modes in MODES[2]:
            got = derivative_along(rule, [np.float64(p) for p in point], path, modes)
            assert float(got) == pytest.approx(sum(sides) / 2, abs=1e-6), (point, path, modes)


@pytest.mark.parametrize(
    "rule",
    [r for r in all_rules() if len(r.partials) == 2 == len(varied(r)) and r.name not in ONCE],
    ids=lambda rule: rule.name,
)
def test_mixed_second_derivatives_are_symmetric_wherever_they_are_taken(rule: Elementwise) -> None:
    for point in itertools.product((-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0), repeat=2):
        given = [np.float64(p) for p in point]
        with np.errstate(all="ignore"):
            if not np.isfinite(rule.function(*point)):
                continue
        for modes in ("RR", "FF", "RF", "FR"):
            one, two = (float(derivative_along(rule, given, path, modes)) for path in ((0, 1), (1, 0)))
            same = one == pytest.approx(two, rel=1e-12) or not (math.isfinite(one) or math.isfinite(two))
            assert same, f"{rule.name}{point} in {modes}: {one} and {two}"


@pytest.mark.parametrize(
    ("function", "point"),
    [
        (np.sqrt, (0.0,)), (np.cbrt, (0.0,)), (np.arcsin, (1.0,)), (np.arccos, (-1.0,)), (np.arccosh, (1.0,)),
        (np.hypot, (0.0, 0.0)), (special.entr, (0.0,)), (special.logit, (1.0,)), (special.ndtri, (0.0,)),
        (np.log, (-1.0,)), (np.reciprocal, (0.0,)), (np.arctanh, (2.0,)), (np.power, (0.0, 0.5)),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)  # fmt: skip
def test_where_a_second_derivative_diverges_or_nothing_is_defined_it_is_nan(function: Any, point: Point) -> None:
    rule = TABLE[function]
    for modes in MODES[2] + MODES[3]:
        assert math.isnan(derivative_along(rule, [np.float64(p) for p in point], (0,) * len(modes), modes))
        arrays = [np.array([p, 0.7]) for p in point]
        found = derivative_along(rule, arrays, (0,) * len(modes), modes)
        assert math.isnan(found[0])
        if function is not np.arccosh:
            assert math.isfinite(found[1])


def test_an_entry_that_was_not_selected_hides_the_end_of_a_derivative() -> None:
    x = np.array([-1.0, 0.0, 2.0])
    for guarded in (np.log, np.sqrt):
        hessian = cr.hessian(lambda x, f=guarded: np.sum(np.where(x > 0, f(x), 0)))
        with np.errstate(all="ignore"):
            bend = -0.25 if guarded is np.log else -0.25 * 2**-1.5
            np.testing.assert_allclose(hessian(x), np.diag([0.0, 0.0, bend]))


def test_the_power_by_its_exponent_keeps_its_derivatives_at_the_base_zero() -> None:
    # ∂(xʸ)/∂y = xʸ·ln x, whose derivatives at x = 0 are 0 for large y and diverge for small y.
    for modes in MODES[3]:
        for path, y, expected in (((1, 0, 0), 3.5, 0.0), ((1, 1, 0), 1.5, 0.0), ((1, 0, 0), 2.0, math.nan)):
            got = derivative_along(TABLE[np.power], [np.float64(0.0), np.float64(y)], path, modes)
            np.testing.assert_equal(float(got), expected)
    x, y = np.float64(0.5), np.float64(1.3)
    assert cr.grad(power_log, 0)(x, y, 1) == pytest.approx(x ** (y - 1) * (y * math.log(x) + 1), rel=1e-14)
    assert cr.grad(power_log, 1)(x, y, 2) == pytest.approx(x**y * math.log(x) ** 3, rel=1e-14)


# ---------------------------------------------------------------------- the test itself


@every_known
def test_a_row_made_constant_is_caught(
    rule: Elementwise, truth: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    for point in ordinary_points(rule, 6):
        t, i = Truth(truth, point), varied(rule)[0]
        if np.iscomplexobj(rule.function(*point)):
            continue  # of complex values the formula shown is computed, without rows
        if not t.smooth(i) or abs(t.derivative((i, i))) > 1e12:
            continue
        if abs(t.derivative((i, i))) < max(1e-9, 1e-3 * abs(t.derivative((i,))), 1e-3 * abs(t.value((i,)))):
            continue
        here: Any = np.equal(Symbol(rule.arguments[i]), point[i])  # type: ignore[call-overload]
        slopes = tuple(
            float(t.derivative((k,))) if k in varied(rule) and t.smooth(k) else None for k in range(len(point))
        )
        with monkeypatch.context() as patched:
            patched.setitem(TABLE, rule.function, replace(rule, at=(At(here, slopes, "frozen"), *rule.at), kernels={}))
            for scalar in (True, False):
                modes: Any = {1: ("R", "F"), 2: ("RR", "FF"), 3: (), 4: ()}
                checks, wrong = findings(find(rule.function), truth, [point], modes=modes, scalar=scalar, most=2)
                assert checks
                assert {w.modes for w in wrong} == {"RR", "FF"}, f"{rule.name}{point}"
        return


@pytest.mark.parametrize("function", [np.tanh, special.expit], ids=lambda f: f.__name__)
def test_an_absolute_value_in_an_even_formula_is_caught(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, truth = next((r, t) for r, t in KNOWN if r.function is function)
    kinked = tuple(_with_abs(p) for p in rule.computed)
    assert kinked != rule.computed
    points = [(0.0,) * len(rule.partials)]
    assert not findings(rule, truth, points, scalar=False)[1]
    monkeypatch.setitem(TABLE, function, replace(rule, computed=kinked, kernels={}))
    assert findings(find(function), truth, points, scalar=False)[1]


@pytest.mark.parametrize(("function", "part"), [(np.logaddexp, portion), (np.logaddexp2, portion2)])
def test_a_mean_of_slopes_at_a_tie_of_a_smooth_function_is_caught(
    function: Any, part: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, truth = next((r, t) for r, t in KNOWN if r.function is function)
    points = [(0.0, 0.0), (1.5, 1.5)]
    x, y, scale = Symbol("x"), Symbol("y"), 1.0 if part is portion else math.log(2)
    modes: Any = {1: ("R", "F"), 2: ("RR", "FF"), 3: (), 4: ()}
    assert not findings(rule, truth, points, modes=modes, scalar=False)[1]
    slope = scale * abs(np.sign(x - y)) * call(part, x, y) * call(part, y, x)  # type: ignore[call-overload]
    kinked = replace(getattr(part, OWN_RULE), partials=(slope, -slope), computed=(slope, -slope), kernels={})
    monkeypatch.setattr(part, OWN_RULE, kinked)
    assert {w.modes for w in findings(rule, truth, points, modes=modes, scalar=False)[1]} == {"RR", "FF"}


def _with_abs(root: Expression) -> Expression:
    """`root` with every choice between x and −x made an absolute value."""
    if not isinstance(root, Call):
        return root
    arguments = tuple(map(_with_abs, root.arguments))
    if root.function is np.where and arguments[1] == Call(np.negative, (arguments[2],)):
        return abs(arguments[2])
    return Call(root.function, arguments)


def test_points_lie_on_both_sides_of_boundaries_and_on_them() -> None:
    rules = {r.name: (r, t) for r, t in KNOWN}
    for name, edge in (("arctan", 1.0), ("log2", 1.0), ("tanh", 0.0), ("erfcx", 8.0), ("spence", 0.5), ("ber", 0.0)):
        points = sorted(p[0] for p in special_points(*rules[name]))
        place = points.index(edge)
        assert 0 < edge - points[place - 1] < 1e-12
        assert 0 < points[place + 1] - edge < 1e-12


def test_the_truth_tells_smooth_points_from_others() -> None:
    rules = {r.name: t for r, t in KNOWN}
    for name, point, smooth in (
        ("sqrt", (0.0,), False), ("sqrt", (1.0,), True), ("absolute", (0.0,), False), ("maximum", (1.0, 1.0), False),
        ("logaddexp", (1.0, 1.0), True), ("sinc", (0.0,), True), ("rgamma", (-2.0,), True), ("gamma", (-2.0,), False),
        ("huber", (0.5, 0.5), False), ("xlogy", (1.0, 0.5), True), ("power", (-2.0, 3.0), True),
    ):  # fmt: skip
        assert Truth(rules[name], point).smooth(0) == smooth, name
    assert not Truth(rules["power"], (-2.0, 3.0)).smooth(1)
    with mpmath.workdps(30):
        assert float(Truth(rules["tanh"], (0.0,)).derivative((0, 0, 0))) == pytest.approx(-2)


def test_every_rule_with_a_formula_is_compared_with_mpmath_or_named_here() -> None:
    without = {r.name for r in all_rules() if varied(r)} - {r.name for r, _ in KNOWN}
    endings = ("inv", "tri", "trik", "trin", "trix", "tria", "trib", "triv", "trit")
    inverses = {n for n in without if n.endswith(endings)}
    waves = {n for n in without if n.startswith(("mathieu", "pro_", "obl_", "pb", "it", "hankel"))}
    assert without - inverses - waves == {
        "far_series", "kelvin_series", "gamma_shape_slope", "beta_shape_slope", "student_shape_slope", "stdtridf",
        "fdtridfd", "chndtr", "chndtrinc", "nctdtr", "ncfdtr", "kolmogorov", "kolmogi", "smirnov", "smirnovi",
        "tklmbda", "ellipj_3", "ndtri_exp", "nrdtrimn", "nrdtrisd", "lpmv", "it2struve0",
    } - inverses - waves  # fmt: skip


# ---------------------------------------------------------------------- remainders, poles, far points, ends


@pytest.mark.parametrize("function", [np.remainder, np.fmod], ids=lambda f: f.__name__)
def test_remainders_differentiate_the_quotient_that_they_took_off(function: Any) -> None:
    random = np.random.default_rng(3)
    pairs = [(1.0, 0.1), (0.3, 0.1), (-1.0, 0.1), (1.0, -0.1), (6.0, 0.6), (1e15, 0.3), (0.7, 0.1), (-0.7, 0.1)]
    pairs += [(float(k * d), d) for k, d in zip(range(1, 60), random.uniform(0.01, 3, 59).tolist(), strict=True)]
    for x, y in pairs:
        quotient = Fraction(x) / Fraction(y)
        whole = math.floor(quotient) if function is np.remainder else math.trunc(quotient)
        assert cr.grad(function, 1)(x, y) == -whole
        assert cr.jvp(lambda v, x=x: function(x, v), (y,), (1.0,))[1] == -whole
        np.testing.assert_array_equal(cr.derivative(lambda v, x=x: function(x, v))(np.array([y, y])), -whole)
    assert cr.grad(lambda y: np.divmod(1.0, y)[1])(0.1) == -9
    assert cr.grad(lambda y: 1.0 % y)(0.1) == -9


def test_the_table_knows_the_poles() -> None:
    for function, pole in (
        (special.tandg, 90.0), (special.cotdg, 180.0), (special.gamma, -1.0), (special.psi, 0.0), (special.kv, 0.0),
        (special._ufuncs._riemann_zeta, 1.0), (special.beta, -1.0), (special.yv, 0.0),
    ):  # fmt: skip
        given = [np.float64(1.5)] * (len(TABLE[function].partials) - 1)
        point = [pole, *given] if function is special.beta else [*given, pole]
        position = point.index(pole)
        assert math.isnan(cr.grad(function, position)(*point))
        assert TABLE[function].domain is not None
    assert cr.functions.tan.domain.text() == "cos(x) ≠ 0"
    assert "Defined where cos(x) ≠ 0" in cr.explain("tan(x)").text()
    assert not np.isnan(cr.derivative(np.tan)(np.pi / 2 * np.arange(1, 2000))).any()


def test_derivatives_far_out_are_small_numbers_and_raise_nothing() -> None:
    with np.errstate(all="raise", under="ignore"):
        for function, x, expected in (
            (np.tanh, 1000.0, 0.0), (np.tanh, -1000.0, 0.0), (special.expit, 1000.0, 0.0),
            (special.expit, -1000.0, 0.0), (special.log_expit, 1000.0, 0.0), (special.log_expit, -1000.0, 1.0),
        ):  # fmt: skip
            for order in (1, 2, 3):
                assert cr.derivative(function, order)(x) == (expected if order == 1 else 0.0)
            assert cr.derivative(function)(np.array([x]))[0] == expected
    assert cr.derivative(special.expit)(712.0) == pytest.approx(math.exp(-712), rel=1e-12)
    assert cr.derivative(special.log_expit)(712.0) == pytest.approx(math.exp(-712), rel=1e-12)


def test_tukey_lambda_is_flat_beyond_its_ends() -> None:
    for shape, x, expected in ((3.0, -1.0, 0.0), (3.0, 1.0, 0.0), (0.5, 2.5, 0.0), (2.0, 0.5, 0.5), (1.0, 1.0, 0.25)):
        assert cr.grad(special.tklmbda)(x, shape) == expected
        step = 1e-6
        difference = (special.tklmbda(x + step, shape) - special.tklmbda(x - step, shape)) / (2 * step)
        assert difference == pytest.approx(expected, abs=1e-5)


def test_single_precision_gives_the_same_second_derivatives() -> None:
    for function in (np.tanh, special.expit, special.log_expit, lambda x: np.logaddexp(x, np.float32(0))):
        x = np.array([0.0, 1.0, -1.0, 3.0], np.float32)
        small, large = (cr.derivative(function, 2)(v) for v in (x, x.astype(float)))
        assert small.dtype == np.float32
        np.testing.assert_allclose(small, large, rtol=2e-5, atol=1e-7)


def test_an_ending_has_the_derivative_nan_at_every_order() -> None:
    for order in (1, 2, 3):
        assert math.isnan(cr.derivative(lambda x: ending(2.0, x), order)(1.0))
    assert ending(2.0, np.float32(1)).dtype == np.float32
    assert call(ending, 2.0, Symbol("x")) == Call(ending, (Constant(2.0), Symbol("x")))
    assert paths(TABLE[np.sin]) == [(0,), (0, 0), (0, 0, 0), (0, 0, 0, 0)]
