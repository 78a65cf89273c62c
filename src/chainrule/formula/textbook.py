"""Write a formula as a textbook would: the shortest of the forms that named identities lead to, with the steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from chainrule.formula.expression import Call, Expression
from chainrule.formula.identities import IDENTITIES
from chainrule.formula.simplify import simplify
from chainrule.formula.terms import NoTermsError, Terms, to_expression, to_terms
from chainrule.formula.text import text
from chainrule.showing.language import Phrase

MOST_SYMBOLS = 120  # of a formula that is worth the search
_PATIENCE = 2  # identities in a row that may lead to nothing shorter
_KEPT = 8  # forms from which each round goes on

COLLECTED = Phrase("simplified", "化简后")


class Step(NamedTuple):
    """One step of a simplification: the identity that was used, and the formula after it."""

    name: Phrase
    formula: Expression


def textbook(expression: Expression) -> Expression:
    """`expression` in the shortest form that was found; of equally short ones the first.

    >>> import numpy as np
    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> textbook(1 / (x - 1) - (x + 1) / (x - 1) ** 2), textbook(1 - np.sin(x) ** 2)
    (Expression(-2/(x - 1)**2), Expression(cos(x)**2))

    The value is kept inside the formula's domain, up to rounding; outside it, x/x becomes 1 also at 0.
    """
    found = steps(expression)
    return found[-1].formula if found else expression


@lru_cache(maxsize=512)
def steps(expression: Expression) -> tuple[Step, ...]:
    """How :func:`textbook` comes to its form; empty where nothing changes."""
    collected = simplify(expression)
    plain = () if collected == expression else (Step(COLLECTED, collected),)
    if expression.written_size > MOST_SYMBOLS:
        return plain
    try:
        start = to_terms(expression)
    except NoTermsError:
        return plain
    best = _search(start, collected)
    return plain if best is None else best


def _search(start: Terms, collected: Expression) -> tuple[Step, ...] | None:
    """The way to the shortest form, or None where `collected` is as short."""
    first = to_expression(start)
    ways: dict[Terms, tuple[Step, ...]] = {start: (Step(COLLECTED, first),)}
    lengths = {start: length(first)}
    front, shortest, since = [start], lengths[start], 0
    while front and since < _PATIENCE:
        made = []
        for form in front:
            for identity in IDENTITIES:
                try:
                    new = identity.apply(form)
                except NoTermsError:
                    continue
                if new not in ways:
                    shown = to_expression(new)
                    ways[new] = (*ways[form], Step(identity.name, shown))
                    lengths[new] = length(shown)
                    made.append(new)
        front = sorted(made, key=lengths.__getitem__)[:_KEPT]
        since = 0 if front and lengths[front[0]] < shortest else since + 1
        shortest = min([shortest, *(lengths[form] for form in front[:1])])
    best = min(ways, key=lengths.__getitem__)
    return ways[best] if lengths[best] < length(collected) else None


def length(expression: Expression) -> int:
    """How long a formula is to a reader: its signs on paper, and again a little for what is read a second time."""
    parts = Counter(node for node in _all_parts(expression) if isinstance(node, Call))
    written = text(expression)
    raised = 3 * written.count("^(")  # on paper an exponent is raised, without its sign and brackets
    return len(written) - raised + 2 * sum(count - 1 for count in parts.values())


def _all_parts(expression: Expression) -> Iterator[Expression]:
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.arguments)
