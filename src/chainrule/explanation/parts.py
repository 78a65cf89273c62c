"""Name the parts of a formula, from the inside out, as a teacher does: u = sin(x), v = eˣ, w = u·v, f = tanh(w).

What is read at a glance stays in the line where it is used: 2x, x², the terms of a sum, the factors of a short
product. Everything else, and everything that is used twice, gets a letter.
"""

from __future__ import annotations

import inspect
import operator
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.formula.expression import Call, Constant, Expression, Function, Symbol, free_symbols, postorder
from chainrule.rules import Composite, Piecewise, find
from chainrule.rules.selection import clamp

_SUMS = frozenset({np.add, np.subtract, np.negative, np.positive})
_MOST_LEAVES = 6  # symbols in one line


@dataclass(frozen=True)
class Part:
    """A named part of a formula: `formula` is over the inputs and earlier parts."""

    name: str
    formula: Expression


def parts(root: Expression, inputs: Sequence[str], result: str) -> tuple[Part, ...]:
    """The parts of `root`, each after those it uses; the last one is called `result`.

    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> [(part.name, part.formula) for part in parts(np.sqrt(1 - x**2), ["x"], "f")]
    [('u', Expression(1 - x**2)), ('f', Expression(sqrt(u)))]
    """
    taken = {*inputs, result, *free_symbols(root)}
    order = postorder(root)
    named = _split(root, order, result, part_names(taken, len(order)))
    return _split(root, order, result, part_names(taken, len(named) - 1))


def _split(root: Expression, order: Sequence[Expression], result: str, letters: Iterator[str]) -> tuple[Part, ...]:
    uses = Counter([argument for node in order for argument in node.arguments])
    written: dict[Expression, Expression] = {}
    made: list[Part] = []

    def operand(node: Expression, parent: Call) -> Expression:
        form = written[node]
        if (
            not node.varies
            or not isinstance(form, Call)
            or _is_question(node)
            or _reads_at_a_glance(form, parent, uses[node])
        ):
            return form
        name = next(letters)
        made.append(Part(name, form))
        written[node] = Symbol(name)
        return written[node]

    for node in order:
        if not isinstance(node, Call):
            written[node] = node
            continue
        written[node] = Call(node.function, tuple([operand(argument, node) for argument in node.arguments]))
    return (*made, Part(result, written[root]))


def _is_question(node: Expression) -> bool:
    return isinstance(node, Call) and isinstance(find(node.function), Piecewise)


def _reads_at_a_glance(form: Call, parent: Call, uses: int) -> bool:
    if _is_monomial(form):
        return uses == 1 or len(postorder(form)) <= 3
    if uses > 1 or _leaves(form) > _MOST_LEAVES:
        return False
    if parent.function in _SUMS:
        return form.function in _SUMS or (form.function is np.multiply and _leaves(form) <= 2)
    return parent.function is np.multiply and form.function is np.multiply and _leaves(form) <= 2


def _is_monomial(form: Expression) -> bool:
    """Whether the form is a number times a power of one symbol: −x, 2x, x², 3x²/2."""
    if not isinstance(form, Call):
        return True
    if form.function in (np.negative, np.square):
        return _is_monomial(form.arguments[0])
    if form.function in (np.multiply, np.divide, np.power):
        left, right = form.arguments
        if not right.varies:
            return _is_monomial(left)
        return form.function is np.multiply and not left.varies and _is_monomial(right)
    return False


def _leaves(form: Expression) -> int:
    """How often symbols are written in the form."""
    count: dict[Expression, int] = {}
    for node in postorder(form):
        count[node] = int(isinstance(node, Symbol)) + sum([count[argument] for argument in node.arguments])
    return count[form]


def part_names(taken: set[str], most: int) -> Iterator[str]:
    """Letters for the parts: u, v, w, p, q, …; u1, u2, … where there may be more than eight parts."""
    letters = [letter for letter in "uvwpqrst" if letter not in taken]
    if most <= len(letters):
        return iter(letters)
    free = [letter for letter in "uvwpqrstabc" if not any(name.startswith(letter) for name in taken)]
    stem: str = free[0] if free else "part"
    return (f"{stem}{number}" for number in range(1, most + 1))


def result_name(taken: set[str]) -> str:
    """A name for the function that none of its variables has."""
    letters: tuple[str, ...] = (*"fghyFGH", "result")
    return next(letter for letter in letters if letter not in taken)


def in_table_terms(root: Expression) -> Expression:
    """`root` with functions that others define written out, and synonyms (radians, float_power) under one name.

    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> in_table_terms(np.fix(x))
    Expression(trunc(x))
    """
    new: dict[Expression, Expression] = {}
    for node in postorder(root):
        if not isinstance(node, Call):
            new[node] = node
            continue
        arguments = tuple(new[argument] for argument in node.arguments)
        rule = find(node.function)
        if isinstance(rule, Composite) and _takes(rule.definition, len(arguments)):
            try:
                new[node] = _expression(rule.definition(*arguments))
                continue
            except (TypeError, ValueError, IndexError):
                pass  # defined by operations on arrays: it stays, and the recorded computation explains it
        new[node] = Call(_SYNONYMS.get(node.function, node.function), arguments)
    return new[root]


def _expression(value: object) -> Expression:
    if not isinstance(value, Expression):
        raise TypeError(f"a formula was expected, not {type(value).__name__}")
    return value


def _takes(function: object, count: int) -> bool:
    try:
        inspect.signature(function).bind(*(None,) * count)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


_SYNONYMS: dict[Function, Function] = {np.radians: np.deg2rad, np.degrees: np.rad2deg, np.float_power: np.power}


def as_written(root: Expression) -> Expression:
    """`root` with the table's own functions under the names that formulas have for them (clamp is clip)."""
    new: dict[Expression, Expression] = {}
    for node in postorder(root):
        if isinstance(node, Call):
            function = np.clip if node.function is clamp else node.function
            arguments = tuple([new[argument] for argument in node.arguments])
            kept = function is node.function and all(map(operator.is_, arguments, node.arguments))
            new[node] = node if kept else Call(function, arguments)
        elif isinstance(node, Constant) and isinstance(node.value, np.generic):
            new[node] = Constant(node.value.item(), node.name)
        else:
            new[node] = node
    return new[root]
