"""Algebra of sums, products, roots and powers: what :mod:`chainrule.formula.identities` gives its names to.

Every function here takes a formula in the form of :mod:`chainrule.formula.terms` and gives another of the same value,
or the same one where it has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from chainrule.formula.expression import Call
from chainrule.formula.polynomials import quotient
from chainrule.formula.terms import (
    HALF,
    ONE,
    Change,
    E,
    Powers,
    Terms,
    alone,
    common_taken_out,
    constant,
    key_of,
    magnitude,
    multiplied_out,
    plus,
    positive,
    power,
    rebuilt,
    scaled,
    times,
    whole,
)


def everywhere(change: Change) -> Change:
    """`change` of every sum in a formula, inner ones first."""
    return lambda one: rebuilt(one, change)


# ---------------------------------------------------------------------- fractions and brackets


def cancelled(one: Terms) -> Terms:
    """A product with a sum below that divides a sum above, or the other way round."""
    if len(one) != 1:
        return one
    _, powers = one.single
    brackets = [(base, n) for base, e in powers if isinstance(base, Terms) and (n := e.number) is not None]
    brackets = [(base, n) for base, n in brackets if n.denominator == 1]
    for above, n in brackets:
        for below, m in brackets:
            if n * m < 0 and len(above) >= len(below):
                found = quotient(above, below)
                if found is not None:
                    step, back = (constant(1), constant(-1)) if n > 0 else (constant(-1), constant(1))
                    return times(one, power(above, back), power(below, step), power(found, step))
    return one


def exponential_out(one: Terms) -> Terms:
    """1 + e⁻ˣ as e⁻ˣ·(eˣ + 1)."""
    return common_taken_out(one, apart=False)


def out_and_taken(one: Terms) -> Terms:
    """Multiplied out, then as a product of what all terms have in common, and the rest."""
    return common_taken_out(multiplied_out(one))


def one_fraction(one: Terms) -> Terms:
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


def fractions_added(one: Terms) -> Terms:
    """The terms of a sum that have the same functions as one fraction: ln(x) + 1 - x/(x + 1) as ln(x) + 1/(x + 1)."""
    groups: dict[Powers, list[Terms]] = {}
    for powers, number in one.terms.items():
        functions = Powers({name: item for name, item in powers.items.items() if isinstance(item[0], Call)})
        groups.setdefault(functions, []).append(Terms({powers: number}))
    return plus(*(one_fraction(plus(*group)) for group in groups.values())) if len(groups) > 1 else one


def brackets_joined(one: Terms) -> Terms:
    """(1 - x)·(1 + x) as 1 - x², where a product of two brackets has no more terms than one of them."""
    if len(one) != 1:
        return one
    number, powers = one.single
    brackets = [(base, e) for base, e in powers if isinstance(base, Terms)]
    for place, (left, exponent) in enumerate(brackets):
        for right, other in brackets[place + 1 :]:
            if exponent == other:
                joined = multiplied_out(times(left, right))
                if len(joined) <= max(len(left), len(right)):
                    rest = Terms({powers.without(left).without(right): number})
                    return times(rest, power(joined, exponent))
    return one


def square(one: Terms) -> Terms:
    """x² + 2xy + y² as (x + y)²."""
    if len(one) != 3:
        return one
    for last in one.terms:
        first, second = (Terms({powers: n}) for powers, n in one.terms.items() if powers != last)
        left, right = _root(first), _root(second)
        if left is not None and right is not None:
            sign = Fraction(one.terms[last] / 2)
            middle = times(left, right)
            if middle.terms == {last: abs(sign)}:
                return power(plus(left, scaled(right, sign / abs(sign))), constant(2))
    return one


def _root(one: Terms) -> Terms | None:
    """A product whose square it is; None where there is none with whole exponents."""
    number, powers = one.single
    size = power(constant(number), HALF).number if number > 0 else None
    if size is None or not all(e.number is None or e.number % 2 == 0 for _, e in powers):
        return None
    if not all(base == E or e.number is not None for base, e in powers):
        return None
    half = {name: (base, scaled(e, Fraction(1, 2))) for name, (base, e) in powers.items.items()}
    return times(constant(size), Terms({Powers(half): Fraction(1)}))


# ---------------------------------------------------------------------- roots and general powers


def each_root(change: Callable[[Terms, Fraction], Terms]) -> Callable[[Terms], Terms]:
    """`change` of each base that is not only a symbol or a function and has a fraction as its exponent."""

    def changed(one: Terms) -> Terms:
        parts = []
        for powers, number in one.terms.items():
            factors = [constant(number)]
            for name, (base, exponent) in powers.items.items():
                n = exponent.number
                if isinstance(base, Terms) and n is not None and n.denominator > 1:
                    factors.append(change(base, n))
                else:
                    factors.append(Terms({Powers({name: (base, exponent)}): Fraction(1)}))
            parts.append(times(*factors))
        return plus(*parts)

    return everywhere(changed)


def squares_out(base: Terms, n: Fraction) -> Terms:
    """√(a²·b) as |a|·√b."""
    number, powers = common_taken_out(base).single
    out = [(inner, e) for inner, e in powers if (whole(e) or 1) % 2 == 0]
    rest = Terms({powers: number})
    for inner, e in out:
        rest = times(rest, power(alone(inner), scaled(e, Fraction(-1))))
    sizes = [power(magnitude(alone(inner)), scaled(e, n)) for inner, e in out]
    return times(*sizes, power(rest, constant(n)))


def fraction_out(base: Terms, n: Fraction) -> Terms:
    """√(a/b) as √(a·b)/|b|."""
    number, powers = common_taken_out(base).single
    below = [(inner, e) for inner, e in powers if (whole(e) or 0) < 0 and (whole(e) or 0) % 2 and not positive(inner)]
    rest, sizes = Terms({powers: number}), []
    for inner, e in below:
        rest = times(rest, power(alone(inner), scaled(e, Fraction(-2))))
        sizes.append(power(magnitude(alone(inner)), scaled(e, 2 * n)))
    out = multiplied_out(rest)
    return times(*sizes, power(out if len(out) < 3 else rest, constant(n))) if below else power(base, constant(n))


def power_out(one: Terms) -> Terms:
    """xˣ·a + x^(x - 1)·b as xˣ·(a + b/x)."""
    if len(one) < 2:
        return one
    first = next(iter(one.terms))
    for base, exponent in first:
        letters = _letters(exponent)
        if base != E and letters.terms and all(_letters(powers.exponent(base)) == letters for powers in one.terms):
            common = Terms({Powers({key_of(base): (base, letters)}): Fraction(1)})
            parts = []
            for powers, number in one.terms.items():
                beside = plus(powers.exponent(base), scaled(letters, Fraction(-1)))
                parts.append(times(Terms({powers.without(base): number}), power(alone(base), beside)))
            return times(common, power_out(plus(*parts)))
    return one


def _letters(exponent: Terms) -> Terms:
    """An exponent without its number."""
    return Terms({powers: number for powers, number in exponent.terms.items() if powers.items})
