"""Formulas as sums of products of powers, in one form: what is equal by the rules of powers and signs is the same.

A :class:`Terms` is a sum: each product of powers with its number. A base is an :class:`~chainrule.formula.expression`
that is taken as it is (a symbol, a named constant, a function of something), a whole number, or a sum. Exponents are
sums as well, so x·x^(x − 1) becomes xˣ, and e^(ln x) becomes x. Products of sums stay products: nothing is multiplied
out by itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from math import gcd, isqrt, lcm
from typing import Any, Union

import numpy as np

from chainrule.formula.expression import Call, Constant, Expression, Symbol, call, free_symbols, postorder
from chainrule.formula.simplify import simplify
from chainrule.formula.text import text

Base = Union[Expression, "Terms"]
Change = Callable[["Terms"], "Terms"]
E = Constant(np.e, "e")
_KEPT = 2048  # results that are remembered: a search meets the same parts again and again


class NoTermsError(ValueError):
    """A formula with numbers that are not exact fractions, or with truth values where numbers belong."""


class Powers:
    """A product of powers: bases with their exponents, none of which is 0. Equal whatever the order."""

    __slots__ = ("items", "key")

    def __init__(self, items: Mapping[str, tuple[Base, Terms]]) -> None:
        self.items = items
        self.key = "·".join(f"({name})^({items[name][1].key})" for name in sorted(items))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Powers) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __iter__(self) -> Iterator[tuple[Base, Terms]]:
        return iter(self.items.values())

    def __len__(self) -> int:
        return len(self.items)

    def without(self, base: Base) -> Powers:
        """The other powers."""
        name = key_of(base)
        return Powers({other: item for other, item in self.items.items() if other != name})

    def exponent(self, base: Base) -> Terms:
        """The exponent of a base; 0 where it is not there."""
        found = self.items.get(key_of(base))
        return ZERO if found is None else found[1]


class Terms:
    """A sum of products of powers with numbers, none of which is 0. Equal whatever the order."""

    def __init__(self, terms: Mapping[Powers, Fraction]) -> None:
        self.terms = {powers: number for powers, number in terms.items() if number}

    @cached_property
    def key(self) -> str:
        """The same for equal sums."""
        return " + ".join(sorted(f"{number}·{powers.key}" for powers, number in self.terms.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Terms) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __len__(self) -> int:
        return len(self.terms)

    @cached_property
    def opposite(self) -> Terms:
        """The sum with the other sign."""
        return scaled(self, Fraction(-1))

    @cached_property
    def functions(self) -> frozenset[Any]:
        """The functions whose powers stand in it, in brackets and exponents as well; e among them."""
        found: set[Any] = set()
        for powers in self.terms:
            for base, exponent in powers:
                if isinstance(base, Terms):
                    found |= base.functions
                else:
                    found.add(base.function if isinstance(base, Call) else base if base == E else None)
                found |= exponent.functions
        return frozenset(found)

    @cached_property
    def number(self) -> Fraction | None:
        """The number that it is; None where it is none."""
        if not self.terms:
            return Fraction(0)
        if len(self.terms) == 1 and NO_POWERS in self.terms:
            return self.terms[NO_POWERS]
        return None

    @cached_property
    def single(self) -> tuple[Fraction, Powers]:
        """The number and the powers of a sum of one term; a longer sum is a power of its own, without its content."""
        if len(self.terms) == 1:
            ((powers, number),) = self.terms.items()
            return number, powers
        if not self.terms:
            return Fraction(0), NO_POWERS
        content = self.content if self.terms[min(self.terms, key=_degree_first)] > 0 else -self.content
        inner = scaled(self, 1 / content)
        return content, Powers({key_of(inner): (inner, ONE)})

    @property
    def content(self) -> Fraction:
        """The largest positive number that divides the numbers of all terms."""
        numbers = list(self.terms.values())
        return Fraction(gcd(*(n.numerator for n in numbers)), lcm(*(n.denominator for n in numbers)))


def _degree_first(powers: Powers) -> tuple[Any, ...]:
    return -degree(powers), not powers.items, powers.key


def degree(powers: Powers) -> Fraction:
    """The sum of the exponents of symbols, as far as they are numbers."""
    return sum(
        (exponent.number or Fraction(0) for base, exponent in powers if isinstance(base, Symbol)), start=Fraction(0)
    )


def key_of(base: Base) -> str:
    """The same for equal bases."""
    return base.key if isinstance(base, Terms) else _name(base)


@lru_cache(maxsize=_KEPT)
def _name(base: Expression) -> str:
    return text(base, "python")


NO_POWERS = Powers({})
ZERO = Terms({})
ONE = Terms({NO_POWERS: Fraction(1)})
HALF = Terms({NO_POWERS: Fraction(1, 2)})
_E = key_of(E)


@lru_cache(maxsize=_KEPT)
def constant(number: Fraction | int) -> Terms:
    """A number."""
    return Terms({NO_POWERS: Fraction(number)})


@lru_cache(maxsize=_KEPT)
def atom(base: Expression) -> Terms:
    """A symbol, a constant or a function alone."""
    return Terms({Powers({key_of(base): (base, ONE)}): Fraction(1)})


def alone(base: Base) -> Terms:
    """A base alone."""
    return base if isinstance(base, Terms) else atom(base)


# ---------------------------------------------------------------------- sums, products, powers


def plus(*sums: Terms) -> Terms:
    """Their sum, equal terms collected."""
    found: dict[Powers, Fraction] = {}
    for one in sums:
        for powers, number in one.terms.items():
            inner = _bracket(powers)
            for part, factor in {powers: Fraction(1)}.items() if inner is None else inner.terms.items():
                found[part] = found.get(part, Fraction(0)) + number * factor
    return Terms(found)


def _bracket(powers: Powers) -> Terms | None:
    """The sum that a product consists of, if it is nothing else."""
    if len(powers) == 1:
        ((base, exponent),) = powers
        if isinstance(base, Terms) and exponent == ONE:
            return base
    return None


def scaled(one: Terms, number: Fraction) -> Terms:
    """A multiple."""
    return Terms({powers: number * factor for powers, factor in one.terms.items()})


def times(*factors: Terms) -> Terms:
    """Their product: exponents of the same base added up, sums kept as factors."""
    number, items = Fraction(1), dict[str, tuple[Base, Terms]]()
    for factor in factors:
        size, powers = factor.single
        number *= size
        for base, exponent in powers:
            number *= _multiplied_in(items, base, exponent)
    if not number:
        return ZERO
    return _signs_joined(number, items)


def _multiplied_in(items: dict[str, tuple[Base, Terms]], base: Base, exponent: Terms) -> int:
    """Put a power into a product; -1 where its bracket stood there with the other sign: (x - 1)/√(1 - x)."""
    sign = 1
    if isinstance(base, Terms) and base.key not in items and base.opposite.key in items:
        there = items[base.opposite.key][1]
        if (n := whole(exponent)) is not None:
            base = base.opposite
        elif (n := whole(there)) is not None:
            exponent = plus(there, exponent)
            del items[base.opposite.key]
        sign = -1 if n is not None and n % 2 else 1
    name = key_of(base)
    total = plus(items[name][1], exponent) if name in items else exponent
    items[name] = base, total
    if not total.terms:
        del items[name]
    return sign


def whole(exponent: Terms) -> int | None:
    """The whole number that an exponent is; None where it is none."""
    n = exponent.number
    return None if n is None or n.denominator > 1 else int(n)


def _signs_joined(number: Fraction, items: dict[str, tuple[Base, Terms]]) -> Terms:
    """The product with |u|² as u², u·sgn(u) as |u|, u/|u| as sgn(u), sgn(u)/|u| as 1/u.

    A lone bracket is multiplied by its number.
    """
    for base, exponent in items.values():
        n = exponent.number
        if not isinstance(base, Call) or base.function not in (np.absolute, np.sign) or n is None or n.denominator > 1:
            continue
        inner = to_terms(base.arguments[0])
        size, sign = atom(call(np.absolute, base.arguments[0])), atom(call(np.sign, base.arguments[0]))
        rest = Terms({Powers({name: item for name, item in items.items() if item[0] is not base}): number})
        if base.function is np.absolute and n % 2 == 0:
            return times(rest, power(inner, exponent))
        if base.function is np.sign and n != 1:
            return times(rest, power(sign, constant(n % 2)))
        name = key_of(call(np.absolute, base.arguments[0]))
        if base.function is np.sign and name in items and whole(items[name][1]) is not None:
            exponent = items[name][1]
            others = {other: item for other, item in items.items() if item[0] is not base and other != name}
            return times(Terms({Powers(others): number}), power(inner, exponent))
        beside = _exponent_of(inner, items)
        if base.function is np.sign and beside:
            step = 1 if beside > 0 else -1
            return times(rest, power(size, constant(step)), power(inner, constant(-step)))
        if base.function is np.absolute and n * beside < 0:
            step = 1 if n > 0 else -1
            return times(rest, power(size, constant(n - step)), power(inner, constant(step)), sign)
    powers = Powers(items)
    bracket = _bracket(powers)
    return scaled(bracket, number) if bracket is not None else Terms({powers: number})


def _exponent_of(one: Terms, items: Mapping[str, tuple[Base, Terms]]) -> Fraction:
    """The whole exponent with which a single power stands in a product; 0 where it does not."""
    number, powers = one.single
    if number != 1 or len(powers) != 1:
        return Fraction(0)
    ((base, once),) = powers
    n = items.get(key_of(base), (base, ZERO))[1].number
    return n if once == ONE and n is not None and n.denominator == 1 else Fraction(0)


def power(base: Terms, exponent: Terms) -> Terms:
    """A power, by the rules that hold wherever both sides are defined: (x²)^½ stays, for it is |x|."""
    n = exponent.number
    if n == 0 or base == ONE:
        return ONE
    if n == 1:
        return base
    if n is not None and n.denominator == 1:
        return _whole_power(base, n)
    number, powers = base.single
    if not powers.items:
        return _number_power(number, exponent)
    size = abs(number)
    if size != 1 and (number > 0 or len(base) > 1):  # √(4 - x²) of 1 - x²/4; its sign stays under the root
        root = _number_power(size, exponent)
        if root.number is not None or n is None:
            return times(root, power(scaled(base, 1 / size), exponent))
    if number == 1:
        apart = {name: item for name, item in powers.items.items() if positive(item[0])}
        if len(powers) == 1 and not apart:
            ((inner, before),) = powers
            m = before.number
            if m is not None and (m.denominator > 1 or m.numerator % 2):
                return _of(inner, times(before, exponent))
        if apart:
            rest = Powers({name: item for name, item in powers.items.items() if name not in apart})
            made = [_of(inner, times(before, exponent)) for inner, before in apart.values()]
            return times(*made, power(Terms({rest: Fraction(1)}), exponent))
    return Terms({Powers({base.key: (base, exponent)}): Fraction(1)})


def positive(base: Base) -> bool:
    """Whether a base is surely greater than 0 wherever it is defined."""
    if isinstance(base, Call):
        return base.function in (np.cosh, np.exp, np.exp2)
    if not isinstance(base, Terms):
        return isinstance(base, Constant)
    signs = [number > 0 and all(_never_negative(b, e) for b, e in powers) for powers, number in base.terms.items()]
    return all(signs) and any(all(positive(b) for b, _ in powers) for powers in base.terms)


def _never_negative(base: Base, exponent: Terms) -> bool:
    n = exponent.number
    return (n is not None and (n.denominator > 1 or n.numerator % 2 == 0)) or positive(base)


def _whole_power(base: Terms, n: Fraction) -> Terms:
    if not base.terms and n < 0:
        raise NoTermsError("a division by 0")
    number, powers = (common_taken_out(base) if len(base) > 1 else base).single
    result = constant(number ** int(n))
    for inner, exponent in powers:
        result = times(result, _of(inner, scaled(exponent, n)))
    return result


def _number_power(number: Fraction, exponent: Terms) -> Terms:
    """2^x, √2, and 2 for √4."""
    n = exponent.number
    if number <= 0:
        raise NoTermsError("a power of a number that is not positive")
    if n is not None and n.denominator == 2:
        top, bottom = isqrt(number.numerator), isqrt(number.denominator)
        if top**2 == number.numerator and bottom**2 == number.denominator:
            return power(constant(Fraction(top, bottom)), constant(2 * n))
    result = ONE
    for whole, sign in ((number.numerator, 1), (number.denominator, -1)):
        if whole != 1:
            result = times(result, _of(Constant(whole), scaled(exponent, Fraction(sign))))
    return result


def _of(base: Base, exponent: Terms) -> Terms:
    """A power of a base, e^(c·ln u) as uᶜ."""
    if not exponent.terms:
        return ONE
    if base == E:
        return _exponential(exponent)
    if isinstance(base, Terms) and exponent == ONE:
        return base
    return Terms({Powers({key_of(base): (base, exponent)}): Fraction(1)})


def _exponential(exponent: Terms) -> Terms:
    rest: dict[Powers, Fraction] = {}
    result = ONE
    for powers, number in exponent.terms.items():
        logarithm = next((b for b, n in powers if isinstance(b, Call) and b.function is np.log and n == ONE), None)
        if logarithm is None:
            rest[powers] = number
        else:
            inner = Terms({powers.without(logarithm): number})
            result = times(result, power(to_terms(logarithm.arguments[0]), inner))
    if rest:
        result = times(result, Terms({Powers({_E: (E, Terms(rest))}): Fraction(1)}))
    return result


@lru_cache(maxsize=_KEPT)
def common_taken_out(one: Terms, apart: bool = True) -> Terms:
    """A sum as a product of what all its terms have in common, and the rest: fractions get one denominator.

    An exponential is taken out only where all terms have it on the same side: eˣ + e⁻ˣ stays, unless `apart` is False.
    """
    if len(one) < 2:
        return one
    common = _common(one, apart)
    if not common.items:
        return one
    inverse = Powers({name: (base, scaled(exponent, Fraction(-1))) for name, (base, exponent) in common.items.items()})
    less = Terms({inverse: Fraction(1)})
    rest = plus(*(times(Terms({powers: number}), less) for powers, number in one.terms.items()))
    return times(Terms({common: Fraction(1)}), rest)


def _common(one: Terms, apart: bool) -> Powers:
    """The powers that all terms have; of a base in some of them only, the power in the denominator."""
    bases = {name: base for powers in one.terms for name, (base, _) in powers.items.items()}
    found: dict[str, tuple[Base, Terms]] = {}
    for name, base in bases.items():
        least = _least([powers.exponent(base) for powers in one.terms], apart and base == E)
        if least is not None and least.terms:
            found[name] = base, least
    return Powers(found)


def _least(exponents: list[Terms], same_side: bool) -> Terms | None:
    """The least of exponents that differ by numbers, or are multiples of the same; None where there is none.

    With `same_side` multiples have to have the same sign, and the one nearest to 0 is taken.
    """
    first = exponents[0]
    apart = [n for e in exponents if (n := plus(e, scaled(first, Fraction(-1))).number) is not None]
    if len(apart) == len(exponents):
        return plus(first, constant(min(apart)))
    unit = next(e for e in exponents if e.terms)
    sizes = [n for e in exponents if (n := _multiple(e, unit)) is not None]
    if len(sizes) < len(exponents) or (same_side and min(sizes) * max(sizes) <= 0):
        return None
    return scaled(unit, min(sizes, key=abs) if same_side else min(sizes))


def _multiple(one: Terms, unit: Terms) -> Fraction | None:
    """How many times `unit` it is."""
    if not one.terms:
        return Fraction(0)
    if one.terms.keys() != unit.terms.keys():
        return None
    sizes = {number / unit.terms[powers] for powers, number in one.terms.items()}
    return sizes.pop() if len(sizes) == 1 else None


@lru_cache(maxsize=_KEPT)
def multiplied_out(one: Terms, most: int = 60) -> Terms:
    """A sum without products of sums, as far as it has no more than `most` terms."""
    total: list[Terms] = []
    for powers, number in one.terms.items():
        parts = Terms({NO_POWERS: number})
        for base, exponent in powers:
            n = exponent.number
            if isinstance(base, Terms) and n is not None and n.denominator == 1 and 0 < n <= 6:
                for _ in range(int(n)):
                    parts = plus(
                        *(
                            times(Terms({p: c}), Terms({q: d}))
                            for p, c in parts.terms.items()
                            for q, d in multiplied_out(base, most).terms.items()
                        )
                    )
                    if len(parts) > most:
                        return one
            else:
                parts = plus(*(times(Terms({p: c}), _of(base, exponent)) for p, c in parts.terms.items()))
        total.append(parts)
    return plus(*total)


def rebuilt(one: Terms, change: Change, atoms: Callable[[Expression], Terms] = atom) -> Terms:
    """The same with `change` of every sum in it, inner ones first, and `atoms` of bases with whole exponents."""
    return change(rebuilt_inside(one, change, atoms))


def rebuilt_inside(one: Terms, change: Change, atoms: Callable[[Expression], Terms] = atom) -> Terms:
    """The same with `change` of every sum that stands in brackets or exponents in it."""
    made, same = [], True
    for powers, number in one.terms.items():
        rest, others = powers, []
        for base, exponent in powers:
            if isinstance(base, Terms):
                inner = rebuilt(base, change, atoms)
            else:
                inner = atom(base) if atoms is atom or whole(exponent) is None else atoms(base)
            above = exponent if exponent.number is not None else rebuilt(exponent, change, atoms)
            if above != exponent or inner != alone(base):
                rest = rest.without(base)
                others.append(power(inner, above))
        same = same and not others
        made.append(times(Terms({rest: number}), *others) if others else Terms({powers: number}))
    return one if same else plus(*made)


# ---------------------------------------------------------------------- from formulas and back


@lru_cache(maxsize=_KEPT)
def to_terms(root: Expression) -> Terms:
    """A formula in this form. Raises NoTermsError for decimal numbers, truth values and numbers that are not finite."""
    found: dict[Expression, Terms] = {}
    for node in postorder(root):
        if not isinstance(node, Call):
            found[node] = _leaf(node)
            continue
        read = _READ.get(node.function)
        if read is not None:
            found[node] = read(*(found[argument] for argument in node.arguments))
        elif node.function in _ON_NUMBERS:
            found[node] = value(node.function, found[node.arguments[0]])
        else:
            inner = simplify(node)
            same = isinstance(inner, Call) and inner.function is node.function
            found[node] = atom(inner) if same else to_terms(inner)
    return found[root]


def _leaf(node: Expression) -> Terms:
    if not isinstance(node, Constant) or node.name is not None:
        return atom(node)
    if isinstance(node.value, bool | np.bool) or not np.isfinite(float(node.value)):
        raise NoTermsError("a number that is no fraction")
    number = Fraction(node.value) if isinstance(node.value, int) else Fraction(float(node.value))
    if number.denominator > 1000 or (number == 0 and np.signbit(float(node.value))):
        raise NoTermsError("a number that is no fraction")
    return constant(number)


def value(function: Any, argument: Terms) -> Terms:
    """An elementary function of an argument in its shortest form, with what is known of it at once."""
    number, powers = argument.single
    if function in _ODD and number < 0:
        return scaled(value(function, scaled(argument, Fraction(-1))), Fraction(-1))
    if function in _EVEN and number < 0:
        return value(function, scaled(argument, Fraction(-1)))
    if function is np.log:
        if argument == ONE:
            return ZERO
        if number == 1 and len(powers) == 1 and (exponent := powers.exponent(E)).terms:
            return exponent
    if function is np.absolute and len(powers) == 1 and number != 1:
        return scaled(value(function, Terms({powers: Fraction(1)})), abs(number))
    if not argument.terms and function in _ZERO_AT_ZERO:
        return ZERO
    if not argument.terms and function in (np.cos, np.cosh):
        return ONE
    return atom(call(function, to_expression(argument)))


def magnitude(one: Terms) -> Terms:
    """|u|, for surely positive u itself."""
    number, powers = one.single
    return one if number > 0 and all(positive(base) for base, _ in powers) else value(np.absolute, one)


_ODD = frozenset((np.sin, np.tan, np.arcsin, np.arctan, np.sinh, np.tanh, np.arcsinh, np.arctanh, np.cbrt, np.sign))
_EVEN = frozenset((np.cos, np.cosh, np.absolute))
_ZERO_AT_ZERO = _ODD | {np.absolute}
_ON_NUMBERS = _ODD | _EVEN | {np.log, np.log2, np.log10, np.arccos, np.arccosh}


def _minus(left: Terms, right: Terms) -> Terms:
    return plus(left, scaled(right, Fraction(-1)))


_READ: dict[Any, Callable[..., Terms]] = {
    np.add: plus,
    np.subtract: _minus,
    np.negative: lambda one: scaled(one, Fraction(-1)),
    np.positive: lambda one: one,
    np.multiply: times,
    np.divide: lambda left, right: times(left, power(right, constant(-1))),
    np.reciprocal: lambda one: power(one, constant(-1)),
    np.square: lambda one: power(one, constant(2)),
    np.sqrt: lambda one: power(one, HALF),
    np.power: power,
    np.exp: lambda one: power(atom(E), one),
    np.exp2: lambda one: power(constant(2), one),
}


@lru_cache(maxsize=_KEPT)
def to_expression(one: Terms) -> Expression:
    """The formula, written as textbooks do: descending powers, a positive term first, one fraction for each product."""
    if not one.terms:
        return Constant(0)
    ordered = sorted(itertools.starmap(_turned, one.terms.items()), key=lambda item: _place_in_sum(item[0]))
    if ordered[0][1] < 0 and any(number > 0 for _, number in ordered):
        ordered.reverse()
    first = next((place for place, (_, number) in enumerate(ordered) if number > 0), 0)
    ordered.insert(0, ordered.pop(first))
    result = _product(*ordered[0])
    for powers, number in ordered[1:]:
        result = call(np.add if number > 0 else np.subtract, result, _product(powers, abs(number)))
    return result


def _turned(powers: Powers, number: Fraction) -> tuple[Powers, Fraction]:
    """A product with a negative number, and its bracket x - 2 as 2 - x instead."""
    if number < 0:
        for base, exponent in powers:
            if isinstance(base, Terms) and exponent.number in (1, -1):
                negative = sum(n < 0 for n in base.terms.values())
                if 2 * negative >= len(base) and negative:
                    items = dict(powers.without(base).items)
                    items[base.opposite.key] = base.opposite, exponent
                    return Powers(items), -number
    return powers, number


def _place_in_sum(powers: Powers) -> tuple[Any, ...]:
    """Descending powers, a number after them, then e⁻ˣ and functions below a fraction bar."""
    below = any(
        all(n < 0 for n in exponent.terms.values()) for base, exponent in powers if not isinstance(base, Symbol | Terms)
    )
    order = sorted(_textbook_order(factor) for factor in powers)
    return -degree(powers), below, not powers.items, order, powers.key


def _product(powers: Powers, number: Fraction) -> Expression:
    above, below = [], []
    for base, exponent in _as_written(sorted(powers, key=_textbook_order)):
        n = exponent.number
        if n is not None and n < 0:
            below.append(_written_power(base, scaled(exponent, Fraction(-1))))
        else:
            above.append(_written_power(base, exponent))
    size = abs(number)
    if size.numerator != 1 or not above:
        above.insert(0, Constant(size.numerator))
    if size.denominator != 1:
        below.insert(0, Constant(size.denominator))
    result = _chain(above)
    if below:
        result = call(np.divide, result, _chain(below))
    return call(np.negative, result) if number < 0 else result


def _chain(factors: Iterable[Expression]) -> Expression:
    first, *others = factors
    for factor in others:
        first = call(np.multiply, first, factor)
    return first


def _as_written(factors: list[tuple[Base, Terms]]) -> Iterator[tuple[Base, Terms]]:
    """The powers, x^(3/2) as x·√x and x^(sin(x) - 1) as x^sin(x)/x; but n·x^(n - 1) stays."""
    for base, exponent in factors:
        n = exponent.number
        if n is not None and n.denominator == 2 and abs(n) > 1 and isinstance(base, Symbol):
            half = Fraction(1 if n > 0 else -1, 2)
            yield base, constant(n - half)
            yield base, constant(half)
            continue
        less = exponent.terms.get(NO_POWERS, Fraction(0)) if n is None else Fraction(0)
        if less < 0 and base != E and _symbols(base) & _symbols(exponent):
            yield base, plus(exponent, constant(-less))
            yield base, constant(less)
        else:
            yield base, exponent


def _symbols(base: Base) -> frozenset[str]:
    return frozenset(free_symbols(to_expression(base) if isinstance(base, Terms) else base))


def _textbook_order(factor: tuple[Base, Terms]) -> tuple[Any, ...]:
    """Numbers, constants, parameters, variables, powers with letters above, functions (simple ones first), brackets."""
    base, exponent = factor
    if isinstance(base, Terms):
        return 5, len(base.key), base.key
    if isinstance(base, Constant) and exponent.number is not None:
        return 0 if base.name is None else 1, 0, key_of(base)
    if isinstance(base, Symbol) and exponent.number is not None:
        return 2, 0, base.name
    if exponent.number is None:
        return 3, 0, key_of(base)
    inner = base.arguments[0].written_size if base.arguments else 0
    return 4, inner, _RANK.get(base.function, "2") if isinstance(base, Call) else "", key_of(base)


_RANK: dict[Any, str] = {np.sin: "0", np.cos: "1", np.sinh: "0", np.cosh: "1", np.log: "3"}


def _written_power(base: Base, exponent: Terms) -> Expression:
    inner = to_expression(base) if isinstance(base, Terms) else base
    if base == E and exponent != ONE:
        return call(np.exp, to_expression(exponent))
    if exponent == ONE:
        return inner
    if exponent == HALF:
        return call(np.sqrt, inner)
    return call(np.power, inner, to_expression(exponent))
