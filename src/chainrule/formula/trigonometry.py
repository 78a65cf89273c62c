"""Identities between functions of the same argument, and of sums of arguments: trigonometric and hyperbolic ones.

What is made here takes a formula in the form of :mod:`chainrule.formula.terms` and gives another of the same value, or
the same one where it has nothing to do.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np

from chainrule.formula.algebra import everywhere
from chainrule.formula.expression import Call, Expression, call
from chainrule.formula.terms import (
    NO_POWERS,
    ONE,
    Change,
    E,
    Powers,
    Terms,
    atom,
    constant,
    key_of,
    multiplied_out,
    plus,
    power,
    rebuilt,
    scaled,
    times,
    to_terms,
    value,
    whole,
)


def _arguments(one: Terms, *functions: Any) -> Iterator[Expression]:
    """The arguments of these functions in the bases of a sum, each once."""
    found: dict[Expression, None] = {}
    for powers in one.terms:
        for base, _ in powers:
            if isinstance(base, Call) and base.function in functions:
                found.setdefault(base.arguments[0])
    return iter(found)


def _square_for(one: Terms, function: Any, other: Any, constant_term: int, sign: int) -> Terms:
    """A sum with each f(u)² as c ± g(u)²."""
    for argument in _arguments(one, function):
        base = call(function, argument)
        instead = plus(constant(constant_term), scaled(power(atom(call(other, argument)), constant(2)), Fraction(sign)))
        parts = []
        for powers, number in one.terms.items():
            n = powers.exponent(base).number or Fraction(0)
            if n.denominator == 1 and n >= 2:
                rest = times(Terms({powers: number}), power(atom(base), constant(-2 * (n // 2))))
                parts.append(times(rest, power(instead, constant(n // 2))))
            else:
                parts.append(Terms({powers: number}))
        one = multiplied_out(plus(*parts))
    return one


def squares(function: Any, other: Any, constant_term: int, sign: int) -> Change:
    def change(one: Terms) -> Terms:
        return _square_for(multiplied_out(one), function, other, constant_term, sign) if len(one) > 1 else one

    return everywhere(change)


def reciprocal_squares(function: Any, tangent: Any, exponent: int, constant_term: int, sign: int) -> Change:
    """Sums with each 1/f(u)² as c ± t(u)² or c ± 1/t(u)²."""

    def change(one: Terms) -> Terms:
        if len(one) < 2:
            return one
        parts = []
        for powers, number in one.terms.items():
            part = Terms({powers: number})
            for base, e in powers:
                n = whole(e) or 0
                if isinstance(base, Call) and base.function is function and n <= -2:
                    square = power(atom(call(tangent, base.arguments[0])), constant(exponent))
                    instead = plus(constant(constant_term), scaled(square, Fraction(sign)))
                    k = -n // 2
                    part = times(part, power(atom(base), constant(2 * k)), power(instead, constant(k)))
            parts.append(multiplied_out(part))
        return plus(*parts)

    return everywhere(change)


def as_quotient(tangent: Any, above: Any, below: Any) -> Change:
    def atoms(base: Expression) -> Terms:
        if isinstance(base, Call) and base.function is tangent:
            u = base.arguments[0]
            return times(atom(call(above, u)), power(atom(call(below, u)), constant(-1)))
        return atom(base)

    return lambda one: rebuilt(one, lambda sum_: sum_, atoms)


def composed(function: Any, inverse: Any, value_of: Change) -> Change:
    """f(g⁻¹(u)) as the algebraic function of u that it is, such as cos(arcsin u) as √(1 − u²)."""

    def atoms(base: Expression) -> Terms:
        if isinstance(base, Call) and base.function is function:
            inner = base.arguments[0]
            if isinstance(inner, Call) and inner.function is inverse:
                return value_of(to_terms(inner.arguments[0]))
        return atom(base)

    return lambda one: rebuilt(one, lambda sum_: sum_, atoms)


def itself(u: Terms) -> Terms:
    """What makes u of u: a function of its own inverse."""
    return u


def root_of_squares(sign: int, exponent: int = 1, *, one: int = 1, times_power: int = 0) -> Change:
    """What makes uᵏ·√(±1 ± u²) of u: k is `times_power`, the signs are `one` and `sign`; over the root for −1."""

    def change(u: Terms) -> Terms:
        under = plus(constant(one), scaled(power(u, constant(2)), Fraction(sign)))
        return times(power(u, constant(times_power)), power(under, constant(Fraction(exponent, 2))))

    return change


def as_tangent(tangent: Any, above: Any, below: Any) -> Change:
    def change(one: Terms) -> Terms:
        parts = []
        for powers, number in one.terms.items():
            part = Terms({powers: number})
            for base, exponent in powers:
                if isinstance(base, Call) and base.function is above:
                    u = base.arguments[0]
                    n, m = exponent.number, powers.exponent(call(below, u)).number
                    if n is not None and m is not None and n * m < 0 and n.denominator == m.denominator == 1:
                        k = min(abs(n), abs(m)) * (1 if n > 0 else -1)
                        part = times(
                            part,
                            power(atom(base), constant(-k)),
                            power(atom(call(below, u)), constant(k)),
                            power(atom(call(tangent, u)), constant(k)),
                        )
            parts.append(part)
        return plus(*parts)

    return everywhere(change)


def double(sine: Any, cosine: Any) -> Change:
    """2·sin(u)·cos(u) as sin(2u), and whole powers of it."""

    def change(one: Terms) -> Terms:
        parts = []
        for powers, number in one.terms.items():
            part = Terms({powers: number})
            for base, exponent in powers:
                if isinstance(base, Call) and base.function is sine and whole(exponent) is not None:
                    u = base.arguments[0]
                    if powers.exponent(call(cosine, u)) == exponent:
                        rest = Terms({powers.without(base).without(call(cosine, u)): number})
                        twice = scaled(value(sine, scaled(to_terms(u), Fraction(2))), Fraction(1, 2))
                        part = times(rest, power(twice, exponent))
                        break
            parts.append(part)
        return plus(*parts)

    return everywhere(change)


def half_angle(one: Terms) -> Terms:
    """1 - cos(2u) as 2·sin²(u), and 1 + cos(2u) as 2·cos²(u)."""
    alone = one.terms.get(NO_POWERS)
    for argument in _arguments(one, np.cos):
        if any(n.denominator > 1 or n % 2 for n in to_terms(argument).terms.values()):
            continue
        (powers,) = atom(call(np.cos, argument)).terms
        size = one.terms.get(powers)
        if alone is not None and size is not None and abs(size) == abs(alone):
            rest = Terms({p: n for p, n in one.terms.items() if p not in (powers, NO_POWERS)})
            u = scaled(to_terms(argument), Fraction(1, 2))
            square = power(value(np.cos if size == alone else np.sin, u), constant(2))
            return plus(rest, scaled(square, 2 * alone))
    return one


class Pair(NamedTuple):
    """Two functions of a product, the two that stand in their place in another one, and what becomes of the sum."""

    taken: tuple[Expression, ...]
    beside: tuple[Expression, ...]
    joined: Callable[[int], Terms]
    """Of 1 for the sum of the two products, of -1 for their difference."""


def pairs(kind: Callable[[Powers], Iterator[Pair]]) -> Change:
    """Sums in which two terms differ by two functions only: a·cos(u)·cos(v) - a·sin(u)·sin(v) as a·cos(u + v)."""

    def change(one: Terms) -> Terms:
        for powers, number in one.terms.items():
            for pair in kind(powers):
                rest = reduce(Powers.without, pair.taken, powers)
                other = times(Terms({rest: Fraction(1)}), *map(atom, pair.beside))
                size = one.terms.get(next(iter(other.terms)))
                if other.terms.keys() != {powers} and len(other) == 1 and size is not None and abs(size) == abs(number):
                    left = {p: n for p, n in one.terms.items() if p != powers and p not in other.terms}
                    return plus(Terms(left), times(Terms({rest: number}), pair.joined(1 if size == number else -1)))
        return one

    return everywhere(change)


def two_cosines(powers: Powers) -> Iterator[Pair]:
    """cos(u)·cos(v) beside sin(u)·sin(v)."""
    for u, v in itertools.combinations(_arguments_in(powers, np.cos), 2):
        joined = partial(_of_sum, np.cos, u, v, -1)
        yield Pair((call(np.cos, u), call(np.cos, v)), (call(np.sin, u), call(np.sin, v)), joined)


def sine_and_cosine(powers: Powers) -> Iterator[Pair]:
    """sin(u)·cos(v) beside cos(u)·sin(v)."""
    for u, v in itertools.product(_arguments_in(powers, np.sin), _arguments_in(powers, np.cos)):
        joined = partial(_of_sum, np.sin, u, v, 1)
        yield Pair((call(np.sin, u), call(np.cos, v)), (call(np.cos, u), call(np.sin, v)), joined)


def hyperbolic(powers: Powers) -> Iterator[Pair]:
    """cosh(u) beside sinh(u)."""
    for u in _arguments_in(powers, np.cosh):
        yield Pair((call(np.cosh, u),), (call(np.sinh, u),), partial(_exponential, u))


def _arguments_in(powers: Powers, function: Any) -> list[Expression]:
    return [b.arguments[0] for b, e in powers if isinstance(b, Call) and b.function is function and e == ONE]


def _of_sum(function: Any, u: Expression, v: Expression, turn: int, sign: int) -> Terms:
    return value(function, plus(to_terms(u), scaled(to_terms(v), Fraction(turn * sign))))


def _exponential(u: Expression, sign: int) -> Terms:
    return power(atom(E), scaled(to_terms(u), Fraction(sign)))


def double_cosine(cosine: Any, sine: Any, sign: int) -> Change:
    """cos²(u) ∓ sin²(u) as cos(2u), and the sums that are equal to it: 2cos²(u) - 1, 1 ∓ 2sin²(u)."""
    forms = ((1, sign, 0), (2, 0, -1), (0, 2 * sign, 1))  # of cos², sin² and 1

    def change(one: Terms) -> Terms:
        for u in _arguments(one, cosine, sine):
            squares = [Powers({key_of(b): (b, constant(2))}) for b in (call(cosine, u), call(sine, u))]
            kinds = [*squares, NO_POWERS]
            for form in forms:
                sizes = {one.terms.get(kind, Fraction(0)) / n for kind, n in zip(kinds, form, strict=True) if n}
                if len(sizes) == 1 and 0 not in sizes:
                    taken = {kind for kind, n in zip(kinds, form, strict=True) if n}
                    rest = {powers: n for powers, n in one.terms.items() if powers not in taken}
                    twice = value(cosine, scaled(to_terms(u), Fraction(2)))
                    return plus(Terms(rest), scaled(twice, sizes.pop()))
        return one

    return everywhere(change)
