"""The formulas of elementwise rules against mpmath and SymPy, which know nothing of the table."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from benchmarks.exact import exact
from chainrule.formula.expression import Call, Constant, Expression, Function, Symbol, substitute
from chainrule.rules.rule import Elementwise
from tests.rules.calls import ELEMENTWISE, differentiable, smooth_points

# The neighbours of a float and its powers of two are not functions of a real number that mpmath could know.
OF_FLOATS = {np.ldexp, np.nextafter, np.spacing}
KNOWN = [rule for rule in ELEMENTWISE if rule.function not in OF_FLOATS]
every_rule = pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: rule.name)


def itself(rule: Elementwise) -> Call:
    return Call(rule.function, tuple(Symbol(name) for name in rule.arguments))


def points(rule: Elementwise) -> list[dict[str, float]]:
    columns = np.broadcast_arrays(*smooth_points(rule, count=5, seed=3))
    return [{n: float(c[k]) for n, c in zip(rule.arguments, columns, strict=True)} for k in range(5)]


@every_rule
def test_values_agree_with_mpmath(rule: Elementwise) -> None:
    for point in points(rule):
        assert float(rule.function(*point.values())) == pytest.approx(
            float(exact(itself(rule), point)), rel=1e-13, abs=1e-14
        )


@every_rule
def test_partials_agree_with_mpmath_s_differences_at_fifty_digits(rule: Elementwise) -> None:
    for point in points(rule):
        for position in differentiable(rule):
            name = rule.arguments[position]
            shown = exact(substitute(rule.partials[position], {"out": itself(rule)}), point)
            with mpmath.workdps(60):
                step = mpmath.mpf(10) ** -18
                above, below = (
                    exact(itself(rule), {**point, name: mpmath.mpf(point[name]) + sign * step}, digits=55)
                    for sign in (1, -1)
                )
                expected = (above - below) / (2 * step)
                assert abs(shown - expected) <= mpmath.mpf(10) ** -24 * (1 + abs(expected))


@every_rule
def test_what_is_shown_is_what_is_computed(rule: Elementwise) -> None:
    for point in points(rule):
        for shown, computed in zip(rule.partials, rule.computed, strict=True):
            if shown is not None:
                one, two = (exact(substitute(p, {"out": itself(rule)}), point, digits=50) for p in (shown, computed))
                assert abs(one - two) <= mpmath.mpf(10) ** -48 * (1 + abs(one))


SYMPY: dict[Function, Any] = {
    np.add: sympy.Add,
    np.subtract: lambda x, y: x - y,
    np.multiply: sympy.Mul,
    np.divide: lambda x, y: x / y,
    np.negative: lambda x: -x,
    np.positive: lambda x: x,
    np.square: lambda x: x**2,
    np.reciprocal: lambda x: 1 / x,
    np.sqrt: sympy.sqrt,
    np.cbrt: lambda x: x ** sympy.Rational(1, 3),
    np.power: sympy.Pow,
    np.float_power: sympy.Pow,
    np.exp: sympy.exp,
    np.exp2: lambda x: 2**x,
    np.expm1: lambda x: sympy.exp(x) - 1,
    np.log: sympy.log,
    np.log2: lambda x: sympy.log(x, 2),
    np.log10: lambda x: sympy.log(x, 10),
    np.log1p: lambda x: sympy.log(1 + x),
    np.logaddexp: lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
    np.logaddexp2: lambda x, y: sympy.log(2**x + 2**y, 2),
    np.sinh: sympy.sinh,
    np.cosh: sympy.cosh,
    np.tanh: sympy.tanh,
    np.arcsinh: sympy.asinh,
    np.arccosh: sympy.acosh,
    np.arctanh: sympy.atanh,
    np.sin: sympy.sin,
    np.cos: sympy.cos,
    np.tan: sympy.tan,
    np.arcsin: sympy.asin,
    np.arccos: sympy.acos,
    np.arctan: sympy.atan,
    np.arctan2: sympy.atan2,
    np.hypot: lambda x, y: sympy.sqrt(x**2 + y**2),
    np.deg2rad: lambda x: x * sympy.pi / 180,
    np.rad2deg: lambda x: x * 180 / sympy.pi,
    np.sinc: lambda x: sympy.sin(sympy.pi * x) / (sympy.pi * x),
}


def to_sympy(root: Expression, named: dict[str, Any]) -> Any:
    if isinstance(root, Symbol):
        return named[root.name]
    if isinstance(root, Constant):
        return sympy.pi if root.name == "pi" else sympy.nsimplify(root.value)
    assert isinstance(root, Call)
    return SYMPY[root.function](*(to_sympy(argument, named) for argument in root.arguments))


@pytest.mark.parametrize("rule", [r for r in KNOWN if r.function in SYMPY], ids=lambda rule: rule.name)
def test_partials_agree_with_sympy_s_derivatives(rule: Elementwise) -> None:
    named = {name: sympy.Symbol(name, real=True) for name in rule.arguments}
    function = SYMPY[rule.function](*named.values())
    for position in differentiable(rule):
        shown = to_sympy(rule.partials[position], {**named, "out": function})
        theirs = sympy.diff(function, named[rule.arguments[position]])
        for point in points(rule):
            if rule.function is np.cbrt and point["x"] < 0:
                continue
            one, two = (
                sympy.N(e, 40, subs={named[n]: sympy.Rational(v) for n, v in point.items()}) for e in (shown, theirs)
            )
            assert abs(one - two) < 1e-30 * (1 + abs(two))
