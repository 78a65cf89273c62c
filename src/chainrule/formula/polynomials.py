"""Division of sums as polynomials in whatever powers they consist of: x² − 1 by x + 1, e²ˣ − 1 by eˣ − 1."""

from __future__ import annotations

from fractions import Fraction
from operator import add, sub

from chainrule.formula.terms import Base, E, Powers, Terms, constant, key_of, plus, power, times

Place = tuple[Fraction, ...]
"""The exponents of a term, one for each generator."""

_MOST_STEPS = 12


def quotient(above: Terms, below: Terms) -> Terms | None:
    """The sum that, times `below`, gives `above`; None if there is none."""
    generators = _Generators([above, below])
    if not generators.known:
        return None
    (rest, high), (divisor, low) = (_from_zero(generators.polynomial(one)) for one in (above, below))
    lead = max(divisor)
    found: dict[Place, Fraction] = {}
    for _ in range(_MOST_STEPS):
        if not rest:
            return generators.terms({_less(_more(place, high), low): number for place, number in found.items()})
        top = max(rest)
        step = _less(top, lead)
        if min(step, default=0) < 0:
            return None
        found[step] = rest[top] / divisor[lead]
        for place, number in divisor.items():
            here = _more(place, step)
            rest[here] = rest.get(here, Fraction(0)) - number * found[step]
            if not rest[here]:
                del rest[here]
    return None


def _less(one: Place, other: Place) -> Place:
    return tuple(map(sub, one, other))


def _more(one: Place, other: Place) -> Place:
    return tuple(map(add, one, other))


def _from_zero(polynomial: dict[Place, Fraction]) -> tuple[dict[Place, Fraction], Place]:
    """A polynomial whose least exponents are 0, and what was taken off them."""
    least = tuple([min(exponents) for exponents in zip(*polynomial, strict=True)])
    return {_less(place, least): number for place, number in polynomial.items()}, least


class _Generators:
    """The powers of which sums are polynomials: x of x² and √x, eˣ of e²ˣ and e⁻ˣ. `known` says that they all are."""

    def __init__(self, sums: list[Terms]) -> None:
        self.found: dict[tuple[str, Powers], Terms] = {}
        self.known = True
        for one in sums:
            for base, exponent in (factor for powers in one.terms for factor in powers):
                self.known = self.known and (base == E or exponent.number is not None)
                for unit in exponent.terms:
                    self.found.setdefault((key_of(base), unit), _generator(base, unit))

    def polynomial(self, one: Terms) -> dict[Place, Fraction]:
        """The exponents of the generators, in order, with the number of the term."""
        places = {}
        for powers, number in one.terms.items():
            sizes = {(name, unit): n for name, (_, e) in powers.items.items() for unit, n in e.terms.items()}
            places[tuple([sizes.get(generator, Fraction(0)) for generator in self.found])] = number
        return places

    def terms(self, polynomial: dict[Place, Fraction]) -> Terms:
        """The sum of a polynomial."""
        return plus(*(times(constant(number), *self._product(place)) for place, number in polynomial.items()))

    def _product(self, place: Place) -> list[Terms]:
        return [power(one, constant(n)) for one, n in zip(self.found.values(), place, strict=True)]


def _generator(base: Base, unit: Powers) -> Terms:
    return Terms({Powers({key_of(base): (base, Terms({unit: Fraction(1)}))}): Fraction(1)})
