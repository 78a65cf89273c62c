"""Make a derivative readable: cos(x)·1 + 0·x becomes cos(x), and x·x becomes x².

Nothing clever: numbers are folded when the result is exact, equal terms and equal factors are collected,
signs are pulled out, and factors are put in the order of textbooks (number, powers of variables, the rest).
Inside the domain of the formula its value stays what it was, up to the rounding of reordered operations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.formula.expression import (
    Call,
    Constant,
    Expression,
    Symbol,
    call,
    free_symbols,
    postorder,
    substitute,
)


def simplify(expression: Expression) -> Expression:
    """`expression` in a shorter form of the same value.

    >>> from chainrule.formula.expression import symbols
    >>> x, y = symbols("x y")
    >>> simplify(np.cos(x) * 1 + 0 * x), simplify(x * 3 * x), simplify(-(-x) / y * (1 / y))
    (Expression(cos(x)), Expression(3*x**2), Expression(x/y**2))
    >>> simplify(x + x - 2 * y - y)
    Expression(2*x - 3*y)

    A second call changes nothing more. The value is kept inside the formula's domain; outside it, 0·log(−1)
    becomes 0, and x/x becomes 1 also at 0. The shape that a broadcast with 0·u would give is lost.
    """
    if expression.written_size > _REMEMBERED:
        return _simplified(expression)
    # Formulas that differ in the names of their symbols only are simplified once: a long computation has few kinds of
    # them. The names that stand in for the others have the same order, in which factors are written.
    names = sorted(free_symbols(expression))
    shape = substitute(expression, dict(zip(names, _STAND_INS, strict=False)))
    back: dict[str, Expression] = {place.name: Symbol(name) for place, name in zip(_STAND_INS, names, strict=False)}
    return substitute(_simplified_shape(shape), back)


_REMEMBERED = 60  # symbols, numbers and functions of a formula that is worth remembering
_STAND_INS = tuple(Symbol(f"s{number:02}") for number in range(_REMEMBERED))


def _simplified(expression: Expression) -> Expression:
    copies = _Copies()
    for _ in range(_MOST_PASSES):
        try:
            simpler = _pass(expression, copies)
        except _GrowingError:
            break
        if simpler == expression:
            break
        expression = simpler
    return expression


class _GrowingError(Exception):
    """Collecting a formula multiplies it out: its parts, of which many are used several times, no longer are."""


@dataclass
class _Copies:
    """How many terms and factors may still be copied, where a part is used several times, until it is enough.

    In x ← 3.5·x·(1 − x), repeated n times, the n-th x is a product of n factors: all of them together have n² copies.
    """

    left: int | None = None

    def made(self, copy: _Sum | _Product) -> _Sum | _Product:
        """The copy, which has been counted. Raises _GrowingError where it is one too many."""
        assert self.left is not None
        self.left -= len(copy.powers) if isinstance(copy, _Product) else sum(len(t.powers) for t in copy.terms.values())
        if self.left < 0:
            raise _GrowingError
        return copy

    def expect(self, parts: int) -> None:
        """Allow what a formula of this many parts may need."""
        if self.left is None:
            self.left = 10_000 + 20 * parts


_simplified_shape = lru_cache(maxsize=1024)(_simplified)


_MOST_PASSES = 20  # nearly always one that changes the formula and one that finds nothing to change


def _pass(root: Expression, copies: _Copies) -> Expression:
    """Every subexpression collected into a sum or a product, and built again where it is needed."""
    order = postorder(root)
    copies.expect(len(order))
    uses = Counter(argument for node in order for argument in node.arguments)
    values: dict[Expression, _Sum | _Product] = {}
    built: dict[Expression, Expression] = {}

    def build(node: Expression) -> Expression:
        if node not in built:
            built[node] = values[node].expression()
        return built[node]

    def take(node: Expression) -> _Sum | _Product:
        """An argument's value, to be changed freely. Copies at each + would take quadratic time."""
        uses[node] -= 1
        return values[node] if uses[node] == 0 else copies.made(values[node].copy())

    for node in order:
        if not isinstance(node, Call):
            values[node] = _leaf(node)
            built[node] = node
        elif node.function in _COLLECT:
            values[node] = _COLLECT[node.function](*(take(argument) for argument in node.arguments))
        else:
            arguments = tuple(build(argument) for argument in node.arguments)
            values[node] = _leaf(_special_value(Call(node.function, arguments)))
    return build(root)


# ---- numbers -------------------------------------------------------------------------------------


def _number(node: Expression) -> Fraction | None:
    """The exact value of an unnamed constant; None for π, inf, NaN, and −0.0, whose sign would be lost."""
    if not isinstance(node, Constant) or node.name is not None or isinstance(node.value, (bool, np.bool)):
        return None
    if not np.isfinite(float(node.value)) or (node.value == 0 and np.signbit(float(node.value))):
        return None
    number = Fraction(node.value) if isinstance(node.value, int) else Fraction(float(node.value))
    return number if _exact_form(number) is not None else None


def _exact_form(number: Fraction) -> tuple[Constant, int] | None:
    """`number` as a constant over a small whole number, exactly; None when there is no such form."""
    if number.denominator <= _LARGEST_DENOMINATOR and abs(number.numerator) <= 2**53:
        return Constant(number.numerator), number.denominator
    try:
        nearest = float(number)
    except OverflowError:
        return None
    return (Constant(nearest), 1) if Fraction(nearest) == number else None


_LARGEST_DENOMINATOR = 1_000


def _constant(number: Fraction) -> Expression:
    """The number as an expression: 3, 1/2, 0.1."""
    form = _exact_form(number)
    assert form is not None
    return form[0] if form[1] == 1 else call(np.divide, form[0], form[1])


def _undefined(base: Expression, exponent: Fraction) -> bool:
    """Whether a factor is inf, NaN or 1/0, so that 0 times it is not 0."""
    if not isinstance(base, Constant):
        return False
    return not np.isfinite(float(base.value)) or (base.value == 0 and exponent < 0)


# ---- products ------------------------------------------------------------------------------------


@dataclass
class _Product:
    """A number, and other factors with their numeric exponents, in order of appearance."""

    coefficient: Fraction = Fraction(1)
    powers: dict[Expression, Fraction] = field(default_factory=dict)

    def copy(self) -> _Product:
        return _Product(self.coefficient, dict(self.powers))

    def multiply(self, other: _Product) -> None:
        together = self.powers | other.powers
        if len(together) == len(self.powers) + len(other.powers):
            self.powers = together  # nothing to add up: half the time of `explain` for a chain of 1,000 operations
        else:
            for base, exponent in other.powers.items():
                self.multiply_power(base, exponent)
        self.multiply_number(other.coefficient)

    def multiply_number(self, number: Fraction) -> None:
        """Into the coefficient when the product is exact, and otherwise beside it: 0.1·0.1 is not 0.01."""
        defined = number != 0 or not any(_undefined(*power) for power in self.powers.items())
        if defined and _exact_form(self.coefficient * number) is not None:
            self.coefficient *= number
        else:
            self.put_beside(number, 1)
        if self.coefficient == 0:
            undefined = {
                base: exponent for base, exponent in self.powers.items() if _undefined(base, exponent)
            }
            self.powers = undefined

    def put_beside(self, number: Fraction, exponent: int) -> None:
        """The number, or 1 over it, as factors of their own: its numerator and its divisor."""
        form = _exact_form(abs(number))
        assert form is not None
        for constant, power in ((form[0].value, exponent), (form[1], -exponent)):
            if constant != 1:
                self.multiply_power(Constant(float(constant)), Fraction(power))
        if number < 0:
            self.coefficient = -self.coefficient

    def multiply_power(self, base: Expression, exponent: Fraction) -> None:
        total = self.powers.get(base, Fraction(0)) + exponent
        if _exact_form(total) is None:
            self.powers[call(np.power, base, _constant(exponent))] = Fraction(1)
        elif total == 0:
            self.powers.pop(base, None)
        else:
            self.powers[base] = total

    def expression(self) -> Expression:
        """One fraction: the number and the positive powers above, the negative powers below."""
        form = _exact_form(abs(self.coefficient))
        assert form is not None
        number, divisor = form
        ordered = sorted(self.powers.items(), key=_textbook_order)
        above = [_power(base, exponent) for base, exponent in ordered if exponent > 0]
        below = [_power(base, -exponent) for base, exponent in ordered if exponent < 0]
        if not self.powers:
            return _constant(self.coefficient)
        if number.value != 1 or not above:
            above.insert(0, number)
        if divisor != 1:
            below.insert(0, Constant(divisor))
        result = _chain(above)
        if below:
            result = call(np.divide, result, _chain(below))
        return call(np.negative, result) if self.coefficient < 0 else result


def _textbook_order(factor: tuple[Expression, Fraction]) -> tuple[int, str]:
    """Numbers, named constants, variables by name, then everything else in order of appearance."""
    base = factor[0]
    if isinstance(base, Constant):
        return (0, "") if base.name is None else (1, "")
    return (2, base.name) if isinstance(base, Symbol) else (3, "")


def _power(base: Expression, exponent: Fraction) -> Expression:
    return base if exponent == 1 else call(np.power, base, _constant(exponent))


def _chain(factors: list[Expression]) -> Expression:
    result = factors[0]
    for factor in factors[1:]:
        result = call(np.multiply, result, factor)
    return result


# ---- sums ----------------------------------------------------------------------------------------


@dataclass
class _Sum:
    """Terms in order of appearance, equal ones collected, whatever the order of their factors."""

    terms: dict[object, _Product] = field(default_factory=dict)

    def copy(self) -> _Sum:
        return _Sum({key: term.copy() for key, term in self.terms.items()})

    def add(self, term: _Product) -> None:
        """Collect the term, or put it beside the others when the sum of the two numbers is not exact."""
        key: object = frozenset(term.powers.items())
        while key in self.terms:
            total = self.terms[key].coefficient + term.coefficient
            cancels = self.terms[key].coefficient * term.coefficient <= 0
            if cancels and any(_undefined(*power) for power in term.powers.items()):
                key = (key,)  # ∞ − 2·∞ is not −∞
                continue
            if total == 0:
                del self.terms[key]
                return
            if _exact_form(total) is not None:
                self.terms[key].coefficient = total
                return
            key = (key,)
        if term.coefficient != 0 or term.powers:
            self.terms[key] = term

    def negate(self) -> None:
        for term in self.terms.values():
            term.coefficient = -term.coefficient

    def expression(self) -> Expression:
        """The terms added up, a positive one first if there is one."""
        terms = list(self.terms.values())
        first = next((place for place, term in enumerate(terms) if term.coefficient > 0), 0)
        terms.insert(0, terms.pop(first))
        result = terms[0].expression()
        for term in terms[1:]:
            size = _Product(abs(term.coefficient), term.powers).expression()
            result = call(np.add if term.coefficient >= 0 else np.subtract, result, size)
        return result


def _as_sum(value: _Sum | _Product) -> _Sum:
    if isinstance(value, _Sum):
        return value
    result = _Sum()
    result.add(value)
    return result


def _as_product(value: _Sum | _Product) -> _Product:
    """A sum as one factor, its sign pulled out when all its terms are negative: −a − b is −(a + b)."""
    if isinstance(value, _Product):
        return value
    sign = 1
    if all(term.coefficient < 0 for term in value.terms.values()):
        sign = -1
        value = value.copy()
        value.negate()
    return _Product(Fraction(sign), {value.expression(): Fraction(1)})


def _normal(total: _Sum) -> _Sum | _Product:
    """A sum of one term is that term, and the empty sum is 0."""
    if len(total.terms) > 1:
        return total
    return next(iter(total.terms.values()), _Product(Fraction(0)))


# ---- what each operation collects ----------------------------------------------------------------


def _leaf(node: Expression) -> _Product:
    number = _number(node)
    return _Product(number) if number is not None else _Product(Fraction(1), {node: Fraction(1)})


def _add(left: _Sum | _Product, right: _Sum | _Product) -> _Sum | _Product:
    total = _as_sum(left)
    for term in _as_sum(right).terms.values():
        total.add(term)
    return _normal(total)


def _negative(value: _Sum | _Product) -> _Sum | _Product:
    if isinstance(value, _Sum):
        value.negate()
    else:
        value.coefficient = -value.coefficient
    return value


def _subtract(left: _Sum | _Product, right: _Sum | _Product) -> _Sum | _Product:
    return _add(left, _negative(right))


def _multiply(left: _Sum | _Product, right: _Sum | _Product) -> _Sum | _Product:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, _Product) and not one.powers and abs(one.coefficient) == 1:
            return other if one.coefficient == 1 else _negative(other)
    product = _as_product(left)
    product.multiply(_as_product(right))
    return product


def _reciprocal(value: _Sum | _Product) -> _Product:
    factor = _as_product(value)
    result = _Product(Fraction(1), {base: -exponent for base, exponent in factor.powers.items()})
    number = factor.coefficient
    if number != 0 and _exact_form(1 / number) is not None:
        result.multiply_number(1 / number)
    else:
        result.put_beside(number, -1)
    return result


def _divide(left: _Sum | _Product, right: _Sum | _Product) -> _Sum | _Product:
    return _multiply(left, _reciprocal(right))


def _raise(base: _Sum | _Product, exponent: _Sum | _Product) -> _Sum | _Product:
    if isinstance(exponent, _Sum) or exponent.powers:
        return _leaf(_special_value(call(np.power, base.expression(), exponent.expression())))
    power = exponent.coefficient
    if power == 1:
        return base
    if power == 0:
        return _Product()
    factor = _as_product(base)
    whole = power.denominator == 1
    number, sign = abs(factor.coefficient), Fraction(1)
    if not factor.powers:
        folded = _number_to_power(factor.coefficient, power)
        return (
            _Product(Fraction(1), {Constant(float(factor.coefficient)): power})
            if folded is None
            else _Product(folded)
        )
    if whole:  # only then (−u)ⁿ = ±uⁿ
        sign = Fraction(-1 if factor.coefficient < 0 and power % 2 else 1)
        factor = _Product(number, factor.powers)
    if factor.coefficient == 1 and len(factor.powers) == 1:
        ((inner, inner_power),) = factor.powers.items()
        # (x²)³ is x⁶, but (x²)^(1/2) is |x|.
        if inner_power == 1 or (whole and inner_power.denominator == 1):
            return _Product(sign, {inner: inner_power * power})
    return _Product(sign, {factor.expression(): power})


def _number_to_power(number: Fraction, power: Fraction) -> Fraction | None:
    """An exact power of a number, if it is small enough to be worth writing out."""
    if power.denominator != 1 or abs(power) > 64 or (number == 0 and power < 0):
        return None
    result = number ** int(power)
    return result if _exact_form(result) is not None else None


def _square(value: _Sum | _Product) -> _Sum | _Product:
    return _raise(value, _Product(Fraction(2)))


_COLLECT: Mapping[Callable[..., Any], Callable[..., _Sum | _Product]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.negative: _negative,
    np.positive: lambda value: value,
    np.multiply: _multiply,
    np.divide: _divide,
    np.reciprocal: _reciprocal,
    np.square: _square,
    np.power: _raise,
}


# ---- functions at special points -----------------------------------------------------------------


def _special_value(node: Call) -> Expression:
    """ln(1) = 0, ln(e) = 1, cos(0) = 1 and the like, where the value is exact."""
    argument = node.arguments[0] if node.arguments else None
    if node.function is np.power and argument is not None and _number(argument) == 1:
        return Constant(1)
    if not isinstance(argument, Constant) or len(node.arguments) != 1:
        return node
    if node.function is np.log and argument.name == "e":
        return Constant(1)
    number = _number(argument)
    if number is not None and number.denominator == 1 and node.function in _ROUNDED:
        return argument
    value = None if number is None else _SPECIAL_VALUES.get((node.function, number))
    return node if value is None else Constant(value)


def _values(
    functions: Iterable[Callable[..., Any]], point: int, value: int
) -> dict[tuple[Callable[..., Any], Fraction], int]:
    return {(function, Fraction(point)): value for function in functions}


_ROUNDED = frozenset((np.trunc, np.floor, np.ceil, np.rint))
_ZERO_AT_ZERO = (
    np.sqrt, np.cbrt, np.absolute, np.sign, np.expm1, np.log1p, np.sin, np.tan, np.arcsin, np.arctan, np.sinh,
    np.tanh, np.arcsinh, np.arctanh,
)  # fmt: skip

_SPECIAL_VALUES = (
    _values(_ZERO_AT_ZERO, 0, 0)
    | _values((np.exp, np.exp2, np.cos, np.cosh, np.sinc), 0, 1)
    | _values((np.log, np.log2, np.log10, np.arccos, np.arccosh), 1, 0)
    | _values((np.sqrt, np.cbrt, np.absolute, np.sign), 1, 1)
    | {(np.log2, Fraction(2)): 1, (np.log10, Fraction(10)): 1, (np.exp2, Fraction(1)): 2}
)
