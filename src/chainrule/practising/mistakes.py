"""Rules applied wrongly on purpose: what one step of a derivation gives if a typical mistake is made in it.

A mistake is a wrong rate of change of one call, made of the same pieces as the right one: the call's arguments, their
rates, and the table's partial derivatives. What is special to a function stands in `WRONG_ROWS`, which is written as
the table itself is: a function, and a formula over `x` and `out` in place of its derivative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.formula.expression import Call, Constant, Expression, Symbol, call, substitute, symbols
from chainrule.practising import kinds
from chainrule.practising.kinds import Kind
from chainrule.rules.symbolic import local_partial

Wrong = tuple[Kind, Expression]

ZERO, ONE = Constant(0), Constant(1)
_x, _out = symbols("x out")

WRONG_ROWS: dict[Any, tuple[tuple[Kind, Any], ...]] = {
    np.sin: ((kinds.SINE_SIGN, -np.cos(_x)), (kinds.SINE_COSINE_KEPT, _out), (kinds.SINE_COSINE_KEPT, -_out)),
    np.cos: ((kinds.COSINE_SIGN, np.sin(_x)), (kinds.SINE_COSINE_KEPT, _out), (kinds.SINE_COSINE_KEPT, -_out)),
    np.tan: (
        (kinds.TANGENT_NOT_SQUARED, 1 / np.cos(_x)), (kinds.INVERSE_CONFUSED, 1 / (1 + _x**2)),
        (kinds.TANGENT_BY_SINE, 1 / np.sin(_x) ** 2), (kinds.TANGENT_BY_SINE, -1 / np.sin(_x) ** 2),
        (kinds.TANGENT_BY_SINE, 1 / _out), (kinds.SIGN, -1 / np.cos(_x) ** 2),
    ),
    np.arcsin: (
        (kinds.ARCS_CONFUSED, -1 / np.sqrt(1 - _x**2)), (kinds.ARCS_CONFUSED, 1 / (1 + _x**2)),
        (kinds.ARC_SIGN, 1 / np.sqrt(1 + _x**2)), (kinds.ARC_SIGN, 1 / np.sqrt(_x**2 - 1)),
        (kinds.ARC_ROOT, 1 / (1 - _x**2)), (kinds.ARC_ROOT, 1 / np.sqrt(1 - _x)),
        (kinds.INVERSE_CONFUSED, np.cos(_x)), (kinds.INVERSE_CONFUSED, 1 / np.cos(_x)),
        (kinds.ARC_AS_RECIPROCAL, -np.cos(_x) / np.sin(_x) ** 2), (kinds.INVERSE_CONFUSED, np.arccos(_x)),
    ),
    np.arccos: (
        (kinds.ARCS_CONFUSED, 1 / np.sqrt(1 - _x**2)), (kinds.ARCS_CONFUSED, -1 / (1 + _x**2)),
        (kinds.ARC_SIGN, -1 / np.sqrt(1 + _x**2)), (kinds.ARC_SIGN, -1 / np.sqrt(_x**2 - 1)),
        (kinds.ARC_ROOT, -1 / (1 - _x**2)), (kinds.ARC_ROOT, -1 / np.sqrt(1 - _x)),
        (kinds.INVERSE_CONFUSED, -np.sin(_x)), (kinds.ARC_AS_RECIPROCAL, np.sin(_x) / np.cos(_x) ** 2),
        (kinds.INVERSE_CONFUSED, -np.arcsin(_x)),
    ),
    np.arctan: (
        (kinds.ARCS_CONFUSED, 1 / np.sqrt(1 - _x**2)), (kinds.ARC_SIGN, 1 / (1 - _x**2)),
        (kinds.SIGN, -1 / (1 + _x**2)),
        (kinds.ARC_ROOT, 1 / (1 + _x)), (kinds.ARC_ROOT, 1 / np.sqrt(1 + _x**2)),
        (kinds.INVERSE_CONFUSED, 1 / np.cos(_x) ** 2), (kinds.ARC_AS_RECIPROCAL, -1 / np.sin(_x) ** 2),
    ),
    np.sinh: ((kinds.HYPERBOLIC_SIGN, -np.cosh(_x)), (kinds.INVERSE_CONFUSED, np.cos(_x))),
    np.cosh: ((kinds.HYPERBOLIC_SIGN, -np.sinh(_x)),),
    np.tanh: (
        (kinds.TANGENT_NOT_SQUARED, 1 / np.cosh(_x)), (kinds.HYPERBOLIC_SIGN, -1 / np.cosh(_x) ** 2),
        (kinds.HYPERBOLIC_SIGN, 1 + _out**2), (kinds.INVERSE_CONFUSED, 1 / (1 - _x**2)),
    ),
    np.exp: ((kinds.EXPONENT_REDUCED, np.exp(_x - 1)), (kinds.SIGN, -_out)),
    np.log: ((kinds.SIGN, -1 / _x),),
    np.log2: (
        (kinds.LN_FORGOTTEN, 1 / _x), (kinds.LN_MISPLACED, np.log(Constant(2)) / _x),
        (kinds.LN_MISPLACED, 1 / (_x * np.log2(_x))),
    ),
    np.log10: ((kinds.LN_FORGOTTEN, 1 / _x), (kinds.LN_MISPLACED, np.log(Constant(10)) / _x)),
    np.sqrt: (
        (kinds.HALF_FORGOTTEN, 1 / _out), (kinds.ROOT_ON_TOP, _out / 2), (kinds.ROOT_LOST, 1 / (2 * _x)),
        (kinds.SIGN, -1 / (2 * _out)), (kinds.FACTOR_LOST, 2 / _out), (kinds.EXPONENT_RAISED, _x * _out / 2),
        (kinds.INTEGRATED, 2 * _x * _out / 3),
    ),
    np.cbrt: (
        (kinds.FACTOR_LOST, 1 / _out**2), (kinds.POWER_NOT_REDUCED, _out / 3), (kinds.EXPONENT_RAISED, 1 / (3 * _out)),
        (kinds.HALF_FORGOTTEN, 1 / (2 * _out)), (kinds.SIGN, -1 / (3 * _out**2)),
    ),
    np.absolute: ((kinds.NOT_DIFFERENTIATED, ONE),),
}  # fmt: skip
"""Of some functions, formulas that are taken for their derivatives."""


def wrong_rates(node: Call, rates: Sequence[Expression], variable: str) -> Iterator[Wrong]:
    """What typical mistakes make of the rate of `node`, whose arguments change at `rates`: 0 a constant, 1 `variable`.

    Some of it may equal the right rate; it is compared in numbers.

    >>> u, rate = symbols("u rate")
    >>> [wrong for kind, wrong in wrong_rates(np.sin(u), [rate], "x") if kind is kinds.INNER_FORGOTTEN]
    [Expression(cos(u))]
    """
    function, arguments = node.function, node.arguments
    if function in (np.add, np.subtract):
        yield from _of_sum(node, rates, variable)
    elif function is np.multiply:
        yield from _of_product(*arguments, *rates)
    elif function is np.divide:
        yield from _of_quotient(*arguments, *rates)
    elif function is np.negative:
        yield kinds.MINUS_LOST, rates[0]
    elif function is np.power and ZERO not in rates:
        yield from _of_power_of_both(*arguments, *rates)
    elif len([rate for rate in rates if rate != ZERO]) == 1:
        yield from _of_function(node, rates, variable)
    yield kinds.NOT_DIFFERENTIATED, node


def _of_sum(node: Call, rates: Sequence[Expression], variable: str) -> Iterator[Wrong]:
    (u, v), (du, dv) = node.arguments, rates
    plus = node.function is np.add
    other = np.subtract if plus else np.add
    if ZERO in rates:
        moves, constant, sign = (du, v, plus) if dv == ZERO else (dv, u, True)
        moves = moves if dv == ZERO or plus else -moves
        yield kinds.CONSTANT_KEPT, moves + constant if sign else moves - constant
        yield kinds.CONSTANT_AS_ONE, moves + 1 if sign else moves - 1
        if du == ZERO and not plus:
            yield kinds.SUM_SIGN, dv
        return
    yield kinds.SUM_SIGN, call(other, du, dv)
    if plus:
        yield kinds.SUM_SIGN, dv - du
    yield kinds.TERM_LOST, du
    yield kinds.TERM_LOST, dv if plus else -dv
    if u == Symbol(variable):
        yield kinds.NOT_DIFFERENTIATED, call(node.function, u, dv)
    yield kinds.NOT_DIFFERENTIATED, call(node.function, du, v)
    yield kinds.NOT_DIFFERENTIATED, call(node.function, u, dv)


def _of_product(u: Expression, v: Expression, du: Expression, dv: Expression) -> Iterator[Wrong]:
    if ZERO in (du, dv):
        constant, factor, rate = (u, v, dv) if du == ZERO else (v, u, du)
        yield kinds.FACTOR_DROPPED, rate
        yield kinds.FACTOR_DIFFERENTIATED, ZERO
        yield kinds.FACTOR_DIFFERENTIATED, factor + constant * rate
        yield kinds.FACTOR_ADDED, constant + rate
        return
    yield kinds.PRODUCT_OF_DERIVATIVES, du * dv
    yield kinds.PRODUCT_HALF, du * v
    yield kinds.PRODUCT_HALF, u * dv
    yield kinds.PRODUCT_SIGN, du * v - u * dv
    yield kinds.PRODUCT_SIGN, u * dv - du * v
    yield kinds.PRODUCT_CROSSED, du * u + dv * v
    yield kinds.PRODUCT_AS_SUM, du + dv


def _of_quotient(u: Expression, v: Expression, du: Expression, dv: Expression) -> Iterator[Wrong]:
    if dv == ZERO:
        yield kinds.FACTOR_DROPPED, du
        yield kinds.FACTOR_DIFFERENTIATED, ZERO
        yield kinds.FACTOR_DIFFERENTIATED, -u / v**2
        return
    if du == ZERO:
        if dv != ONE:
            yield kinds.INNER_FORGOTTEN, -u / v**2
        yield kinds.RECIPROCAL_SIGN, u * dv / v**2
        yield kinds.QUOTIENT_NOT_SQUARED, -u * dv / v
        yield kinds.QUOTIENT_OF_DERIVATIVES, u / dv
        yield kinds.QUOTIENT_OF_DERIVATIVES, ZERO
        yield kinds.INTEGRATED, u * np.log(np.absolute(v))
        yield kinds.CONSTANT_AS_ONE, (v - u * dv) / v**2
        yield kinds.FACTOR_DROPPED, -dv / v**2
        yield kinds.QUOTIENT_WITHOUT_DENOMINATOR, -u * dv
        yield kinds.CHAIN_TWICE, -u * dv * dv / v**2
        return
    yield kinds.QUOTIENT_ORDER, (u * dv - du * v) / v**2
    yield kinds.QUOTIENT_SIGN, (du * v + u * dv) / v**2
    yield kinds.QUOTIENT_NOT_SQUARED, (du * v - u * dv) / v
    yield kinds.QUOTIENT_OF_DERIVATIVES, du / dv
    yield kinds.QUOTIENT_WITHOUT_DENOMINATOR, du * v - u * dv
    yield kinds.QUOTIENT_HALF, du / v
    yield kinds.QUOTIENT_HALF, -u * dv / v**2
    yield kinds.QUOTIENT_HALF, (du * v - u) / v**2
    yield kinds.QUOTIENT_OF_DERIVATIVES, (du * v - u * dv) / dv**2
    yield kinds.PRODUCT_OF_DERIVATIVES, du * dv / v**2


def _of_power_of_both(u: Expression, v: Expression, du: Expression, dv: Expression) -> Iterator[Wrong]:
    power = u**v
    yield kinds.POWER_RULE_ONLY, v * u ** (v - 1) * du
    yield kinds.EXPONENTIAL_RULE_ONLY, power * np.log(u) * dv
    yield kinds.POWER_RULE_ONLY, v * u ** (v - 1)
    yield kinds.SUM_SIGN, power * np.log(u) * dv - v * u ** (v - 1) * du
    yield kinds.SUM_SIGN, v * u ** (v - 1) * du - power * np.log(u) * dv
    yield kinds.OUTER_OF_INNER, du**dv


def _of_function(node: Call, rates: Sequence[Expression], variable: str) -> Iterator[Wrong]:
    """A function of one moving argument: its own mistakes, and those of the chain rule."""
    place = next(place for place, rate in enumerate(rates) if rate != ZERO)
    inner, rate = node.arguments[place], rates[place]
    partial = local_partial(node, place)
    if inner != Symbol(variable):
        yield kinds.INNER_FORGOTTEN, partial
        yield kinds.CHAIN_TWICE, partial * rate * rate
        yield kinds.INNER_ONLY, rate
        yield kinds.CHAIN_ADDED, partial + rate
        of_rate = Call(node.function, tuple(rate if i == place else a for i, a in enumerate(node.arguments)))
        yield kinds.OUTER_OF_INNER, of_rate
        yield kinds.INNER_INSIDE, local_partial(of_rate, place)
        if node.function in (np.log, np.log2, np.log10):
            yield kinds.ONE_OVER_X, 1 / Symbol(variable)
    if inner != Symbol(variable):
        yield kinds.OUTER_KEPT, node * rate
    yield kinds.TIMES_INNER, partial * inner
    if node.function is np.power:
        of_power = _of_power(node, rate) if place == 0 else _of_exponential(node, rate)
        yield from of_power
    if node.function is np.exp:
        yield kinds.POWER_RULE_ON_EXPONENTIAL, inner * np.exp(inner - 1) * rate
        yield kinds.POWER_RULE_ON_EXPONENTIAL, inner * np.exp(inner - 1)
    for kind, wrong in WRONG_ROWS.get(node.function, ()):
        yield kind, substitute(wrong, {"x": inner, "out": node}) * rate


def _of_power(node: Call, rate: Expression) -> Iterator[Wrong]:
    u, n = node.arguments
    yield kinds.POWER_NOT_REDUCED, n * node * rate
    yield kinds.FACTOR_LOST, u ** (n - 1) * rate
    yield kinds.EXPONENT_RAISED, n * u ** (n + 1) * rate
    yield kinds.EXPONENTIAL_RULE_ON_POWER, node * np.log(u) * rate
    yield kinds.EXPONENTIAL_RULE_ON_POWER, node * np.log(u)
    yield kinds.EXPONENTIAL_RULE_ON_POWER, node * np.log(n) * rate
    yield kinds.EXPONENT_DROPPED, n * u * rate
    yield kinds.REDUCED_FACTOR, (n - 1) * u ** (n - 1) * rate
    yield kinds.SIGN, -n * u ** (n - 1) * rate
    yield kinds.INTEGRATED, u ** (n + 1) / (n + 1)
    yield kinds.INTEGRATED, u ** (n + 1) / (n + 1) * rate


def _of_exponential(node: Call, rate: Expression) -> Iterator[Wrong]:
    a, u = node.arguments
    yield kinds.POWER_RULE_ON_EXPONENTIAL, u * a ** (u - 1) * rate
    yield kinds.POWER_RULE_ON_EXPONENTIAL, u * a ** (u - 1)
    yield kinds.LN_FORGOTTEN, node * rate
    yield kinds.LN_MISPLACED, node / np.log(a) * rate
    yield kinds.LN_OF_EXPONENT, node * np.log(u) * rate
    yield kinds.EXPONENT_REDUCED, a ** (u - 1) * np.log(a) * rate
    yield kinds.SIGN, -node * np.log(a) * rate
