"""Identities by which a formula becomes shorter, each under the name that a teacher gives it.

An identity takes a formula in the form of :mod:`chainrule.formula.terms` and gives another of the same value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from operator import add, sub
from typing import Any

import numpy as np

from chainrule.formula.expression import Call, Expression, call
from chainrule.formula.terms import (
    HALF,
    NO_POWERS,
    ONE,
    Base,
    E,
    Powers,
    Terms,
    alone,
    atom,
    common_taken_out,
    constant,
    key_of,
    magnitude,
    multiplied_out,
    plus,
    positive,
    power,
    rebuilt,
    rebuilt_inside,
    scaled,
    times,
    to_terms,
    value,
    whole,
)
from chainrule.showing.language import Phrase


@dataclass(frozen=True)
class Identity:
    """A step of simplification: its name, and what it makes of a formula (the formula itself where it does not fit).

    It fits only where one of its `functions` stands, if there are any.
    """

    name: Phrase
    change: Callable[[Terms], Terms]
    functions: frozenset[Any] = frozenset()

    def apply(self, one: Terms) -> Terms:
        """The formula after this step."""
        return self.change(one) if not self.functions or self.functions & one.functions else one


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
    """The sum that, times `below`, gives `above`, by division of polynomials; None if there is none."""
    generators = _Generators([above, below])
    if not generators.known:
        return None
    rest, divisor = generators.polynomial(above), generators.polynomial(below)
    least = [min(n) for n in zip(*rest, strict=True)], [min(n) for n in zip(*divisor, strict=True)]
    rest, divisor = (
        {tuple(map(sub, place, low)): number for place, number in polynomial.items()}
        for polynomial, low in zip((rest, divisor), least, strict=True)
    )
    lead = max(divisor)
    found: dict[Place, Fraction] = {}
    for _ in range(12):
        if not rest:
            return generators.terms({tuple(map(sub, map(add, p, least[0]), least[1])): n for p, n in found.items()})
        top = max(rest)
        step = tuple(map(sub, top, lead))
        if min(step, default=0) < 0:
            return None
        found[step] = rest[top] / divisor[lead]
        for place, number in divisor.items():
            here = tuple(map(add, place, step))
            rest[here] = rest.get(here, Fraction(0)) - number * found[step]
            if not rest[here]:
                del rest[here]
    return None


Place = tuple[Fraction, ...]


class _Generators:
    """The powers of which sums are polynomials: x of x² and x, e^x of e^(2x) and e^(-x)."""

    def __init__(self, sums: list[Terms]) -> None:
        self.found: dict[tuple[str, Powers], Terms] = {}
        self.known = True
        for one in sums:
            for powers in one.terms:
                for base, exponent in powers:
                    self.known &= base == E or exponent.number is not None
                    for unit in exponent.terms:
                        self.found.setdefault(
                            (key_of(base), unit), Terms({Powers({key_of(base): (base, Terms({unit: Fraction(1)}))}): Fraction(1)})
                        )

    def polynomial(self, one: Terms) -> dict[Place, Fraction]:
        """The exponents of each generator, in order, with the number of the term."""
        places = {}
        for powers, number in one.terms.items():
            sizes = {(name, unit): n for name, (_, e) in powers.items.items() for unit, n in e.terms.items()}
            places[tuple([sizes.get(generator, Fraction(0)) for generator in self.found])] = number
        return places

    def terms(self, polynomial: dict[Place, Fraction]) -> Terms:
        return plus(
            *(
                times(constant(number), *(power(g, constant(n)) for g, n in zip(self.found.values(), place, strict=True)))
                for place, number in polynomial.items()
            )
        )


def _exponential_out(one: Terms) -> Terms:
    return common_taken_out(one, apart=False)


def _out_and_taken(one: Terms) -> Terms:
    return common_taken_out(multiplied_out(one))


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


def _fractions_added(one: Terms) -> Terms:
    """The terms of a sum that have the same functions as one fraction: ln(x) + 1 - x/(x + 1) as ln(x) + 1/(x + 1)."""
    groups: dict[Powers, list[Terms]] = {}
    for powers, number in one.terms.items():
        functions = Powers({name: item for name, item in powers.items.items() if isinstance(item[0], Call)})
        groups.setdefault(functions, []).append(Terms({powers: number}))
    return plus(*(_one_fraction(plus(*group)) for group in groups.values())) if len(groups) > 1 else one


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
                if len(joined) <= max(len(left), len(right)):
                    rest = Terms({powers.without(left).without(right): number})
                    return times(rest, power(joined, exponent))
    return one


def _square(one: Terms) -> Terms:
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


def _each_root(change: Callable[[Terms, Fraction], Terms]) -> Callable[[Terms], Terms]:
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

    return _everywhere(changed)


def _squares_out(base: Terms, n: Fraction) -> Terms:
    """√(a²·b) as |a|·√b."""
    number, powers = common_taken_out(base).single
    out = [(inner, e) for inner, e in powers if e.number is not None and e.number.denominator == 1 and e.number % 2 == 0]
    rest = Terms({powers: number})
    for inner, e in out:
        rest = times(rest, power(alone(inner), scaled(e, Fraction(-1))))
    sizes = [power(magnitude(alone(inner)), scaled(e, n)) for inner, e in out]
    return times(*sizes, power(rest, constant(n)))


def _fraction_out(base: Terms, n: Fraction) -> Terms:
    """√(a/b) as √(a·b)/|b|."""
    number, powers = common_taken_out(base).single
    below = [(inner, e) for inner, e in powers if (whole(e) or 0) < 0 and (whole(e) or 0) % 2 and not positive(inner)]
    rest, sizes = Terms({powers: number}), []
    for inner, e in below:
        rest = times(rest, power(alone(inner), scaled(e, Fraction(-2))))
        sizes.append(power(magnitude(alone(inner)), scaled(e, 2 * n)))
    out = multiplied_out(rest)
    return times(*sizes, power(out if len(out) < 3 else rest, constant(n))) if below else power(base, constant(n))


def _power_out(one: Terms) -> Terms:
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
            return times(common, _power_out(plus(*parts)))
    return one


def _letters(exponent: Terms) -> Terms:
    """An exponent without its number."""
    return Terms({powers: number for powers, number in exponent.terms.items() if powers.items})


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


def _reciprocal_squares(function: Any, tangent: Any, exponent: int, constant_term: int, sign: int) -> Callable[[Terms], Terms]:
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

    return _everywhere(change)


def _half_angle(one: Terms) -> Terms:
    """1 - cos(2u) as 2·sin²(u), and 1 + cos(2u) as 2·cos²(u)."""
    alone = one.terms.get(NO_POWERS)
    for argument in _arguments(one, np.cos):
        if any(n.denominator > 1 or n % 2 for n in to_terms(argument).terms.values()):
            continue
        powers = Powers({key_of(b): (b, ONE) for b in (call(np.cos, argument),)})
        size = one.terms.get(powers)
        if alone is not None and size is not None and abs(size) == abs(alone):
            rest = Terms({p: n for p, n in one.terms.items() if p not in (powers, NO_POWERS)})
            u = scaled(to_terms(argument), Fraction(1, 2))
            square = power(value(np.cos if size == alone else np.sin, u), constant(2))
            return plus(rest, scaled(square, 2 * alone))
    return one


def _pairs(kinds: tuple[_Pair, ...]) -> Callable[[Terms], Terms]:
    """Sums in which two terms differ by two functions only: a·cos(u)·cos(v) - a·sin(u)·sin(v) as a·cos(u + v)."""

    def change(one: Terms) -> Terms:
        for powers, number in one.terms.items():
            for kind in kinds:
                for taken, beside, joined in kind(powers):
                    rest = powers
                    for base in taken:
                        rest = rest.without(base)
                    ((other, _),) = times(Terms({rest: Fraction(1)}), *map(atom, beside)).terms.items()
                    size = one.terms.get(other)
                    if other != powers and size is not None and abs(size) == abs(number):
                        made = times(Terms({rest: number}), joined(1 if size == number else -1))
                        return plus(Terms({p: n for p, n in one.terms.items() if p not in (powers, other)}), made)
        return one

    return _everywhere(change)


Found = tuple[tuple[Expression, ...], tuple[Expression, ...], Callable[[int], Terms]]
_Pair = Callable[[Powers], Iterator[Found]]


def _single(powers: Powers, function: Any) -> list[Expression]:
    return [b.arguments[0] for b, e in powers if isinstance(b, Call) and b.function is function and whole(e) == 1]


def _added(function: Any, u: Expression, v: Expression, sign: int) -> Terms:
    return value(function, plus(to_terms(u), scaled(to_terms(v), Fraction(sign))))


def _two_cosines(powers: Powers) -> Iterator[Found]:
    cosines = _single(powers, np.cos)
    for place, u in enumerate(cosines):
        for v in cosines[place + 1 :]:
            taken, beside = ((call(f, u), call(f, v)) for f in (np.cos, np.sin))
            yield taken, beside, lambda sign, u=u, v=v: _added(np.cos, u, v, -sign)  # type: ignore[misc]


def _sine_and_cosine(powers: Powers) -> Iterator[Found]:
    for u in _single(powers, np.sin):
        for v in _single(powers, np.cos):
            if u != v:
                taken, beside = (call(np.sin, u), call(np.cos, v)), (call(np.cos, u), call(np.sin, v))
                yield taken, beside, lambda sign, u=u, v=v: _added(np.sin, u, v, sign)  # type: ignore[misc]


def _hyperbolic(powers: Powers) -> Iterator[Found]:
    for u in _single(powers, np.cosh):
        yield (call(np.cosh, u),), (call(np.sinh, u),), lambda sign, u=u: power(atom(E), scaled(to_terms(u), Fraction(sign)))  # type: ignore[misc]


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
                    twice = value(cosine, scaled(to_terms(u), Fraction(2)))
                    return plus(Terms(rest), scaled(twice, sizes.pop()))
        return one

    return _everywhere(change)


_TRIGONOMETRIC = frozenset((np.sin, np.cos, np.tan))
_HYPERBOLIC = frozenset((np.sinh, np.cosh, np.tanh))


def _same(name: str) -> Phrase:
    return Phrase(name, name)


IDENTITIES = (
    Identity(Phrase("one fraction, common factors taken out", "通分并提取公因式"), _one_fraction),
    Identity(Phrase("multiplied out", "展开"), multiplied_out),
    Identity(Phrase("multiplied out, common factors taken out", "展开并提取公因式"), _out_and_taken),
    Identity(Phrase("brackets multiplied out", "展开括号"), lambda one: rebuilt_inside(one, multiplied_out)),
    Identity(Phrase("fractions added", "分式相加"), _everywhere(_fractions_added)),
    Identity(Phrase("fraction reduced", "约分"), _everywhere(_cancelled)),
    Identity(_same("a² + 2ab + b² = (a + b)²"), _everywhere(_square)),
    Identity(_same("√(a²) = |a|"), _each_root(_squares_out)),
    Identity(_same("√(a/b) = √(ab)/|b|"), _each_root(_fraction_out)),
    Identity(Phrase("power taken out", "提取幂"), _everywhere(_power_out)),
    Identity(_same("tan = sin/cos"), _as_quotient(np.tan, np.sin, np.cos), frozenset((np.tan,))),
    Identity(_same("sin/cos = tan"), _as_tangent(np.tan, np.sin, np.cos), frozenset((np.sin,))),
    Identity(_same("sin² + cos² = 1"), _squares(np.sin, np.cos, 1, -1), frozenset((np.sin,))),
    Identity(_same("sin² + cos² = 1"), _squares(np.cos, np.sin, 1, -1), frozenset((np.cos,))),
    Identity(_same("1/cos² = 1 + tan²"), _reciprocal_squares(np.cos, np.tan, 2, 1, 1), frozenset((np.cos,))),
    Identity(_same("1/sin² = 1 + 1/tan²"), _reciprocal_squares(np.sin, np.tan, -2, 1, 1), frozenset((np.sin,))),
    Identity(_same("2 sin u cos u = sin 2u"), _double(np.sin, np.cos), frozenset((np.sin,))),
    Identity(_same("cos² u − sin² u = cos 2u"), _double_cosine(np.cos, np.sin, -1), _TRIGONOMETRIC),
    Identity(_same("1 − cos 2u = 2 sin² u"), _everywhere(_half_angle), frozenset((np.cos,))),
    Identity(_same("cos u cos v − sin u sin v = cos(u + v)"), _pairs((_two_cosines,)), frozenset((np.cos,))),
    Identity(_same("sin u cos v + cos u sin v = sin(u + v)"), _pairs((_sine_and_cosine,)), frozenset((np.sin,))),
    Identity(_same("tanh = sinh/cosh"), _as_quotient(np.tanh, np.sinh, np.cosh), frozenset((np.tanh,))),
    Identity(_same("sinh/cosh = tanh"), _as_tangent(np.tanh, np.sinh, np.cosh), frozenset((np.sinh,))),
    Identity(_same("cosh² − sinh² = 1"), _squares(np.cosh, np.sinh, 1, 1), frozenset((np.cosh,))),
    Identity(_same("cosh² − sinh² = 1"), _squares(np.sinh, np.cosh, -1, 1), frozenset((np.sinh,))),
    Identity(_same("1/cosh² = 1 − tanh²"), _reciprocal_squares(np.cosh, np.tanh, 2, 1, -1), frozenset((np.cosh,))),
    Identity(_same("1/sinh² = 1/tanh² − 1"), _reciprocal_squares(np.sinh, np.tanh, -2, -1, 1), frozenset((np.sinh,))),
    Identity(_same("2 sinh u cosh u = sinh 2u"), _double(np.sinh, np.cosh), frozenset((np.sinh,))),
    Identity(_same("cosh² u + sinh² u = cosh 2u"), _double_cosine(np.cosh, np.sinh, 1), _HYPERBOLIC),
    Identity(_same("cosh u + sinh u = eᵘ"), _pairs((_hyperbolic,)), frozenset((np.cosh,))),
    Identity(Phrase("eᵘ taken out", "提取 eᵘ"), _everywhere(_exponential_out), frozenset((E,))),
    Identity(Phrase("brackets multiplied", "括号相乘"), _everywhere(_brackets_joined)),
    Identity(Phrase("common factors taken out", "提取公因式"), _everywhere(common_taken_out)),
)  # fmt: skip

__all__ = ["IDENTITIES", "Base", "Identity"]
