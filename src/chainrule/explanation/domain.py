"""The domain of a formula as a sentence needs it: without the conditions that always hold."""

from __future__ import annotations

import operator
from functools import reduce

import numpy as np

from chainrule.explanation.from_formula import MOST_SYMBOLS
from chainrule.formula.expression import Call, Constant, Expression, postorder
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
        terms = [simplify(term) for term in terms]
    kept = dict.fromkeys(terms)
    return reduce(operator.and_, kept) if kept else None


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
