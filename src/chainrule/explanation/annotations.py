"""Say which rules a line of a derivation uses, and what the table says about a special point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.explanation import words
from chainrule.explanation.parts import as_written
from chainrule.formula.expression import Call, Expression, Symbol, evaluate, postorder, substitute
from chainrule.formula.text import text
from chainrule.rules import Elementwise, Piecewise, find
from chainrule.showing.language import Phrase

_SUMS = frozenset({np.add, np.subtract})
_POWERS = frozenset({np.square, np.sqrt, np.cbrt, np.reciprocal})


def rules_used(formula: Expression, moving: set[str], variable: str) -> tuple[Phrase, ...]:
    """The rules that differentiate `formula` when the symbols in `moving` move, the outermost first.

    >>> from chainrule.formula.expression import symbols
    >>> x, u = symbols("x u")
    >>> [rule.en for rule in rules_used(3 * np.tanh(u), {"u"}, "x")]
    ['constant-multiple rule', 'chain rule', 'hyperbolic tangent, DLMF 4.34.3']
    """
    found: dict[Phrase, None] = {}
    moves = _moving(formula, moving)
    for node in reversed(postorder(formula)):
        if not isinstance(node, Call) or not moves[node] or isinstance(find(node.function), Piecewise):
            continue
        rule = _rule(node, [moves[argument] for argument in node.arguments])
        inner = [argument for argument in node.arguments if moves[argument]]
        if rule in _LINEAR:
            found.setdefault(rule)
            continue
        if rule not in (words.PRODUCT, words.QUOTIENT) and any(argument != Symbol(variable) for argument in inner):
            found.setdefault(words.CHAIN)
        found.setdefault(rule)
    if not found:
        found[words.CONSTANT if not moves[formula] else words.IDENTITY] = None
    return tuple(found)


_LINEAR = frozenset({words.SUM, words.CONSTANT_MULTIPLE, words.IDENTITY, words.CASES})


def _moving(formula: Expression, moving: set[str]) -> dict[Expression, bool]:
    moves: dict[Expression, bool] = {}
    for node in postorder(formula):
        if isinstance(node, Symbol):
            moves[node] = node.name in moving
        else:
            moves[node] = any(moves[argument] for argument in node.arguments)
    return moves


def _rule(node: Call, moves: list[bool]) -> Phrase:
    """The textbook's name of what differentiates one call, by which of its arguments move."""
    function = node.function
    if function in _SUMS:
        return words.SUM
    if function is np.multiply:
        return words.PRODUCT if all(moves) else words.CONSTANT_MULTIPLE
    if function is np.divide:
        return words.QUOTIENT if moves[1] else words.CONSTANT_MULTIPLE
    if function is np.power and not all(moves):
        return words.POWER if moves[0] else words.EXPONENTIAL
    found = find(function)
    assert isinstance(found, Elementwise)
    return words.with_source(found)


def remarks_at(formula: Expression, moving: set[str], values: Mapping[str, Any]) -> tuple[Phrase, ...]:
    """What the table says about the point: outside a domain, on an exceptional row, at a kink or a jump.

    Run it under np.errstate(all="ignore").
    """
    found: dict[Phrase, None] = {}
    moves = _moving(formula, moving)
    for node in postorder(formula):
        rule = find(node.function) if isinstance(node, Call) else None
        if not isinstance(rule, Elementwise) or not moves[node]:
            continue
        named: dict[str, Expression] = dict(zip(rule.arguments, node.arguments, strict=True))
        replacements = {**named, "out": node}
        if rule.domain is not None:
            condition = substitute(rule.domain, replacements)
            if not _holds(condition, values, everywhere=True):
                sentence = words.OUTSIDE.filled(call=text(as_written(node)), condition=text(as_written(condition)))
                found.setdefault(sentence)
                continue
        active = [moves[argument] for argument in node.arguments]
        for row in rule.at:
            if not _holds(substitute(row.condition, replacements), values, everywhere=False):
                continue
            if any(partial is not None and a for partial, a in zip(row.partials, active, strict=False)):
                found.setdefault(words.reason(row.reason))
            break
        else:
            smooth = None if rule.smooth == rule.domain else rule.smooth
            if smooth is not None and not _holds(substitute(smooth, replacements), values, everywhere=True):
                found.setdefault(words.KINK.filled(call=text(as_written(node))))
    return tuple(found)


def _holds(condition: Expression, values: Mapping[str, Any], *, everywhere: bool) -> bool:
    truth = evaluate(condition, values)
    if isinstance(truth, (bool, np.bool)):
        return bool(truth)
    return bool(np.all(truth)) if everywhere else bool(np.any(truth))
