"""Identities by which a formula becomes shorter, each under the name that a teacher gives it.

An identity takes a formula in the form of :mod:`chainrule.formula.terms` and gives another of the same value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.formula.expression import Call, Expression, call
from chainrule.formula.terms import (
    NO_POWERS,
    ONE,
    Base,
    Powers,
    Terms,
    atom,
    common_taken_out,
    constant,
    key_of,
    multiplied_out,
    plus,
    power,
    rebuilt,
    scaled,
    times,
    to_expression,
    to_terms,
)
from chainrule.showing.language import Phrase


@dataclass(frozen=True)
class Identity:
    """A step of simplification: its name, and what it makes of a formula (the formula itself where it does not fit)."""

    name: Phrase
    apply: Callable[[Terms], Terms]


def _everywhere(change: Callable[[Terms], Terms]) -> Callable[[Terms], Terms]:
    return lambda one: rebuilt(one, change)


# ---------------------------------------------------------------------- fractions


def _cancelled(one: Terms) -> Terms:
    """A product with a sum below that divides a sum above, or the other way round."""
    if len(one) != 1:
        return one
    _, powers = one.single
    brackets = [(base, n) for base, e in powers if isinstance(base, Terms) and (n := e.number) is not None]
    brackets = [(base, n) for base, n in brackets if n.denominator == 1]
    for above, n in brackets:
        for below, m in brackets:
            if n * m < 0 and len(above) >= len(below):
                quotient = _quotient(above, below)
                if quotient is not None:
                    step, back = (constant(1), constant(-1)) if n > 0 else (constant(-1), constant(1))
                    return times(one, power(above, back), power(below, step), power(quotient, step))
    return one


def _quotient(above: Terms, below: Terms) -> Terms | None:
    """The sum that, times `below`, gives `above`, where both are polynomials; None if there is none."""
    order = _Order([*above.terms, *below.terms])
    if not order.polynomial:
        return None
    lead = max(below.terms, key=order)
    found: list[Terms] = []
    for _ in range(12):
        if not above.terms:
            return plus(*found)
        top = max(above.terms, key=order)
        part = times(Terms({top: above.terms[top]}), power(Terms({lead: below.terms[lead]}), constant(-1)))
        if any(n is None or n < 0 for n in (e.number for _, e in next(iter(part.terms)))):
            return None
        found.append(part)
        above = plus(above, *(times(part, Terms({powers: -number})) for powers, number in below.terms.items()))
    return None


def _out_and_taken(one: Terms) -> Terms:
    return common_taken_out(multiplied_out(one))


class _Order:
    """Products ordered as words are: by the exponent of the first base, then of the second."""

    def __init__(self, products: list[Powers]) -> None:
        self.bases = sorted({name for powers in products for name in powers.items})
        numbers = [e.number for powers in products for _, e in powers]
        self.polynomial = all(n is not None and n > 0 for n in numbers)

    def __call__(self, powers: Powers) -> tuple[Fraction, ...]:
        exponents = [powers.items[name][1].number if name in powers.items else Fraction(0) for name in self.bases]
        return tuple([n for n in exponents if n is not None])


def _one_fraction(one: Terms) -> Terms:
    """A sum as one product, what remains in the bracket multiplied out where that makes fewer terms."""
    taken = common_taken_out(one)
    if len(taken) != 1 or len(one) < 2:
        return taken
    number, powers = taken.single
    for base, exponent in powers:
        if isinstance(base, Terms) and exponent == ONE:
            out = multiplied_out(base)
            if len(out) <= len(base) and out != base:
                return times(Terms({powers.without(base): number}), common_taken_out(out))
    return taken


def _brackets_joined(one: Terms) -> Terms:
    """(1 - x)·(1 + x) as 1 - x², where a product of two brackets has no more terms than one of them."""
    if len(one) != 1:
        return one
    number, powers = one.single
    brackets = [(base, e) for base, e in powers if isinstance(base, Terms)]
    for place, (left, exponent) in enumerate(brackets):
        for right, other in brackets[place + 1 :]:
            if exponent == other:
                joined = multiplied_out(times(left, right))
                if 1 < len(joined) <= max(len(left), len(right)):
                    rest = Terms({powers.without(left).without(right): number})
                    return times(rest, power(joined, exponent))
    return one


# ---------------------------------------------------------------------- functions of the same argument


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


def _squares(function: Any, other: Any, constant_term: int, sign: int) -> Callable[[Terms], Terms]:
    def change(one: Terms) -> Terms:
        return _square_for(multiplied_out(one), function, other, constant_term, sign) if len(one) > 1 else one

    return _everywhere(change)


def _as_quotient(tangent: Any, above: Any, below: Any) -> Callable[[Terms], Terms]:
    def atoms(base: Expression) -> Terms:
        if isinstance(base, Call) and base.function is tangent:
            u = base.arguments[0]
            return times(atom(call(above, u)), power(atom(call(below, u)), constant(-1)))
        return atom(base)

    return lambda one: rebuilt(one, lambda sum_: sum_, atoms)


def _as_tangent(tangent: Any, above: Any, below: Any) -> Callable[[Terms], Terms]:
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

    return _everywhere(change)


def _double(sine: Any, cosine: Any) -> Callable[[Terms], Terms]:
    """2·sin(u)·cos(u) as sin(2u)."""

    def change(one: Terms) -> Terms:
        parts = []
        for powers, number in one.terms.items():
            part = Terms({powers: number})
            for base, exponent in powers:
                if isinstance(base, Call) and base.function is sine and exponent == ONE:
                    u = base.arguments[0]
                    if powers.exponent(call(cosine, u)) == ONE:
                        rest = Terms({powers.without(base).without(call(cosine, u)): number})
                        twice = to_expression(scaled(to_terms(u), Fraction(2)))
                        part = times(rest, scaled(atom(call(sine, twice)), Fraction(1, 2)))
                        break
            parts.append(part)
        return plus(*parts)

    return _everywhere(change)


def _double_cosine(cosine: Any, sine: Any, sign: int) -> Callable[[Terms], Terms]:
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
                    twice = to_expression(scaled(to_terms(u), Fraction(2)))
                    return plus(Terms(rest), scaled(atom(call(cosine, twice)), sizes.pop()))
        return one

    return _everywhere(change)


IDENTITIES = (
    Identity(Phrase("one fraction, common factors taken out", "通分并提取公因式"), _one_fraction),
    Identity(Phrase("multiplied out", "展开"), multiplied_out),
    Identity(Phrase("multiplied out, common factors taken out", "展开并提取公因式"), _out_and_taken),
    Identity(Phrase("fraction reduced", "约分"), _everywhere(_cancelled)),
    Identity(Phrase("tan = sin/cos", "tan = sin/cos"), _as_quotient(np.tan, np.sin, np.cos)),
    Identity(Phrase("sin/cos = tan", "sin/cos = tan"), _as_tangent(np.tan, np.sin, np.cos)),
    Identity(Phrase("sin² + cos² = 1", "sin² + cos² = 1"), _squares(np.sin, np.cos, 1, -1)),
    Identity(Phrase("sin² + cos² = 1", "sin² + cos² = 1"), _squares(np.cos, np.sin, 1, -1)),
    Identity(Phrase("2 sin u cos u = sin 2u", "2 sin u cos u = sin 2u"), _double(np.sin, np.cos)),
    Identity(Phrase("cos² u − sin² u = cos 2u", "cos² u − sin² u = cos 2u"), _double_cosine(np.cos, np.sin, -1)),
    Identity(Phrase("tanh = sinh/cosh", "tanh = sinh/cosh"), _as_quotient(np.tanh, np.sinh, np.cosh)),
    Identity(Phrase("sinh/cosh = tanh", "sinh/cosh = tanh"), _as_tangent(np.tanh, np.sinh, np.cosh)),
    Identity(Phrase("cosh² − sinh² = 1", "cosh² − sinh² = 1"), _squares(np.cosh, np.sinh, 1, 1)),
    Identity(Phrase("cosh² − sinh² = 1", "cosh² − sinh² = 1"), _squares(np.sinh, np.cosh, -1, 1)),
    Identity(Phrase("2 sinh u cosh u = sinh 2u", "2 sinh u cosh u = sinh 2u"), _double(np.sinh, np.cosh)),
    Identity(Phrase("cosh² u + sinh² u = cosh 2u", "cosh² u + sinh² u = cosh 2u"), _double_cosine(np.cosh, np.sinh, 1)),
    Identity(Phrase("brackets multiplied out", "括号相乘"), _everywhere(_brackets_joined)),
    Identity(Phrase("common factors taken out", "提取公因式"), _everywhere(common_taken_out)),
)  # fmt: skip

__all__ = ["IDENTITIES", "Base", "Identity"]
