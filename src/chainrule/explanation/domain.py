"""The domain of a formula as a sentence needs it: without the conditions that always hold."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from chainrule.explanation.from_formula import MOST_SYMBOLS
from chainrule.formula.expression import Call, Constant, Expression, Symbol, call, postorder
from chainrule.formula.simplify import simplify
from chainrule.rules.symbolic import domain_expression


def domain_to_say(root: Expression) -> Expression | None:
    """Where `root` is defined, or None where that is everywhere or depends on the case taken.

    A condition of more than `MOST_SYMBOLS` symbols, which nobody reads, is not simplified.

    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> domain_to_say(x / (1 + x**2)), domain_to_say(np.log(x) / np.exp(x))
    (None, Expression(x > 0))
    """
    if any(isinstance(node, Call) and node.function is np.where for node in postorder(root)):
        return None
    condition = domain_expression(root)
    if condition is None:
        return None
    signs: dict[Expression, int | None] = {}
    terms = [term for term in _terms(condition) if not _always_holds(term, signs)]
    if sum(term.written_size for term in terms) <= MOST_SYMBOLS:
        terms = _without_implied([_solved(simplify(term)) for term in terms])
    kept = dict.fromkeys(terms)
    return reduce(operator.and_, kept) if kept else None


# ---------------------------------------------------------------------- conditions that others decide

_TRUE, _FALSE = Constant(True), Constant(False)

_STRICT = {np.greater_equal: np.greater, np.less_equal: np.less}


def _without_implied(terms: list[Expression]) -> list[Expression]:
    """The conditions, of which all hold, without what the others say: of "x > 0 and (x > 1 or x > 0)" only x > 0."""
    for _ in range(len(terms) + 1):
        before = list(terms)
        for place, term in enumerate(terms):
            others = terms[:place] + terms[place + 1 :]
            terms[place] = _given(term, [other for other in others if isinstance(other, Call)])
        terms = [part for term in terms for part in _terms(term) if part != _TRUE]
        terms = list(dict.fromkeys(_joined(terms)))
        if terms == before:
            break
    return terms


def _given(condition: Expression, facts: Sequence[Call]) -> Expression:
    """`condition` where the comparisons `facts` hold; a comparison that they decide is True or False in it."""
    if not isinstance(condition, Call):
        return condition
    if condition.function in _OPPOSITES:
        answers = {_decided(condition, fact) for fact in facts if fact.function in _OPPOSITES}
        return _FALSE if False in answers else _TRUE if True in answers else condition
    if condition.function not in (np.logical_and, np.logical_or):
        return condition
    both = condition.function is np.logical_and
    left = _given(condition.arguments[0], facts)
    known = [left] if both else [_opposite(left)]  # "A or B" is "A or (not A and B)"
    right = _given(condition.arguments[1], [*facts, *(fact for fact in known if isinstance(fact, Call))])
    neutral, decisive = (_TRUE, _FALSE) if both else (_FALSE, _TRUE)
    if decisive in (left, right):
        return decisive
    if left == neutral or right == neutral:
        return right if left == neutral else left
    return Call(condition.function, (left, right)) if both else _either(left, right)


def _decided(condition: Call, fact: Call) -> bool | None:
    """Whether a comparison holds wherever another one of the same value holds; None where it depends."""
    (value, one), (other_value, other) = condition.arguments, fact.arguments
    if value != other_value:
        return None
    if one == other:
        here, there = 0.0, 0.0
    elif isinstance(one, Constant) and isinstance(other, Constant):
        here, there = float(one.value), float(other.value)
    else:
        return None
    points = [p + step for p in (here, there) for step in (-1.0, 0.0, 1.0)] + [(here + there) / 2]
    answers = {bool(condition.function(x, here)) for x in points if fact.function(x, there)}
    return answers.pop() if len(answers) == 1 else None


_OPPOSITES = {
    np.greater: np.less_equal, np.less: np.greater_equal, np.equal: np.not_equal,
    np.greater_equal: np.less, np.less_equal: np.greater, np.not_equal: np.equal,
}  # fmt: skip


def _opposite(condition: Expression) -> Expression | None:
    if not isinstance(condition, Call) or condition.function not in _OPPOSITES:
        return None
    return Call(_OPPOSITES[condition.function], condition.arguments)


def _either(left: Expression, right: Expression) -> Expression:
    """`left or right`, with "x > 0 or x = 0" as "x >= 0"."""
    parts, stack = [], [right, left]
    while stack:
        part = stack.pop()
        if isinstance(part, Call) and part.function is np.logical_or:
            stack += reversed(part.arguments)
        else:
            parts.append(part)
    for strict, weak in ((np.greater, np.greater_equal), (np.less, np.less_equal)):
        for place, part in enumerate(parts):
            if isinstance(part, Call) and part.function is strict and Call(np.equal, part.arguments) in parts:
                parts.remove(Call(np.equal, part.arguments))
                parts[place] = Call(weak, part.arguments)
                break
    return reduce(operator.or_, parts)


def _joined(terms: list[Expression]) -> list[Expression]:
    """The conditions with "x >= 0" and "x != 0" as "x > 0"."""
    found = list(terms)
    for term in terms:
        if isinstance(term, Call) and term.function in _STRICT:
            apart = Call(np.not_equal, term.arguments)
            if apart in found:
                found.remove(apart)
                found[found.index(term)] = Call(_STRICT[term.function], term.arguments)
    return found


_TURNED = {np.greater: np.less, np.less: np.greater, np.greater_equal: np.less_equal, np.less_equal: np.greater_equal}


def _solved(condition: Expression) -> Expression:
    """A comparison with a number as one of the symbol in it: ln(x) ≠ 0 as x ≠ 1, 1 - x > 0 as x < 1.

    Where that does not lead to a symbol alone, the condition stays as it is: x³ + 1 ≠ 0.
    """
    if not isinstance(condition, Call) or condition.function not in _OPPOSITES:
        return condition
    comparison, (value, number) = condition.function, condition.arguments
    while isinstance(value, Call) and isinstance(number, Constant):
        function, arguments = value.function, value.arguments
        if number == Constant(0) and function in _ZERO_AT and (comparison is np.not_equal or function in _RISING):
            value, number = arguments[0], Constant(_ZERO_AT[function])
        elif function is np.exp and number == Constant(1):
            value, number = arguments[0], Constant(0)
        elif function is np.power and number == Constant(0) and comparison is np.not_equal and not arguments[1].varies:
            value = arguments[0]
        elif function in (np.add, np.subtract) and isinstance(arguments[1], Constant):
            back = np.subtract if function is np.add else np.add
            value, number = arguments[0], simplify(call(back, number, arguments[1]))
        elif function in (np.add, np.subtract) and isinstance(arguments[0], Constant):
            value, rest = arguments[1], call(np.subtract, number, arguments[0])
            number = simplify(rest if function is np.add else call(np.negative, rest))
            comparison = _TURNED.get(comparison, comparison) if function is np.subtract else comparison
        else:
            break
    return call(comparison, value, number) if isinstance(value, Symbol) else condition


_RISING = frozenset((np.log, np.log2, np.log10, np.log1p, np.expm1, np.cbrt, np.sinh, np.tanh, np.arcsinh, np.arctan))
_ZERO_AT: dict[Any, int] = {
    np.log: 1, np.log2: 1, np.log10: 1, np.log1p: 0, np.expm1: 0, np.sqrt: 0, np.cbrt: 0, np.square: 0, np.absolute: 0,
    np.negative: 0, np.arcsin: 0, np.arccos: 1, np.arctan: 0, np.sinh: 0, np.tanh: 0, np.arcsinh: 0, np.arccosh: 1,
    np.arctanh: 0,
}  # fmt: skip
"""Where a function is 0, if it is at one point only; it is defined there."""


def _terms(condition: Expression) -> list[Expression]:
    """The conditions that are joined by "and", in order."""
    terms, stack = [], [condition]
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and node.function is np.logical_and:
            stack.extend(reversed(node.arguments))
        else:
            terms.append(node)
    return terms


def _always_holds(condition: Expression, signs: dict[Expression, int | None]) -> bool:
    if not isinstance(condition, Call) or len(condition.arguments) != 2 or condition.arguments[1] != Constant(0):
        return False
    smallest = _least_sign(condition.arguments[0], signs)
    if condition.function in (np.not_equal, np.greater):
        return smallest == 1
    return condition.function is np.greater_equal and smallest is not None


def _least_sign(root: Expression, signs: dict[Expression, int | None]) -> int | None:
    """1 for a formula that is positive for all real values of its symbols, 0 for one that is never negative.

    `signs` are those of subformulas that have been looked at; what is found is added.
    """
    for node in postorder(root, signs):
        signs[node] = _sign(node, signs)
    return signs[root]


def _sign(node: Expression, signs: dict[Expression, int | None]) -> int | None:
    if isinstance(node, Constant):
        return None if not node.value >= 0 else int(node.value > 0)
    if not isinstance(node, Call):
        return None
    if node.function in (np.exp, np.exp2, np.cosh):
        return 1
    parts = [signs[argument] for argument in node.arguments]
    if node.function in (np.absolute, np.fabs, np.square, np.sqrt, np.hypot):
        return int(parts == [1])
    if (
        node.function is np.power
        and isinstance(node.arguments[1], Constant)
        and node.arguments[1].value in (2, 4, 6, 8)
    ):
        return int(parts[0] == 1)
    if None in parts:
        return None
    if node.function is np.add:
        return max(parts)  # type: ignore[type-var]
    return min(parts) if node.function in (np.multiply, np.divide) else None  # type: ignore[type-var]
