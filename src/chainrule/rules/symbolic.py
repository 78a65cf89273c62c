"""Read derivatives and domains of whole expressions off the table."""

from __future__ import annotations

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.formula.expression import Call, Constant, Expression, Symbol, free_symbols, postorder, substitute
from chainrule.rules.rule import Elementwise, find

_ZERO, _ONE = Constant(0), Constant(1)


def rule_of(node: Call) -> Elementwise:
    """The elementwise rule of a call. Raises NoRuleError for a function that formulas cannot be differentiated through."""
    found = find(node.function)
    if not isinstance(found, Elementwise):
        raise NoRuleError(f"there is no formula for the derivative of {getattr(node.function, '__name__', node.function)}")
    return found


def local_partial(node: Call, position: int) -> Expression:
    """The textbook partial derivative of a call by one of its arguments, over the call's own arguments."""
    rule = rule_of(node)
    partial = rule.partials[position]
    if partial is None:
        return _ZERO
    exponent = node.arguments[-1]
    if node.function is np.power and position == 0 and exponent == _ONE:
        return _ONE
    named: dict[str, Expression] = dict(zip(rule.arguments, node.arguments, strict=True))
    return substitute(partial, {**named, "out": node})


def derivative_expression(root: Expression, name: str) -> Expression:
    """The derivative of `root` by the symbol `name`: the chain rule over the table's formulas, not simplified beyond 0 and 1.

    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> derivative_expression(np.sin(x**2), "x")
    Expression(cos(x**2) * (2 * x**(2 - 1)))
    """
    derivatives: dict[Expression, Expression] = {}
    for node in postorder(root):
        if isinstance(node, Symbol):
            derivatives[node] = _ONE if node.name == name else _ZERO
        elif not isinstance(node, Call) or name not in free_symbols(node):
            derivatives[node] = _ZERO
        elif node.function is np.where:
            condition, taken, otherwise = node.arguments
            derivatives[node] = np.where(condition, derivatives[taken], derivatives[otherwise])  # type: ignore[call-overload]
        else:
            total: Expression = _ZERO
            for position, argument in enumerate(node.arguments):
                total = _plus(total, _times(local_partial(node, position), derivatives[argument], derivatives, argument))
            derivatives[node] = total
    return derivatives[root]


def _times(partial: Expression, inner: Expression, derivatives: object, argument: Expression) -> Expression:
    if partial == _ZERO or inner == _ZERO:
        return _ZERO
    if inner == _ONE:
        return partial
    return inner if partial == _ONE else partial * inner


def _plus(left: Expression, right: Expression) -> Expression:
    if left == _ZERO:
        return right
    return left if right == _ZERO else left + right


def domain_expression(root: Expression) -> Expression | None:
    """Where `root` is defined: the conditions of all the functions in it, joined by "and"; None for everywhere."""
    return _conditions(root, lambda rule: rule.domain)


def smooth_expression(root: Expression) -> Expression | None:
    """Where `root` is known to be differentiable, as :func:`domain_expression`."""
    return _conditions(root, lambda rule: rule.smooth)


def _conditions(root: Expression, pick: object) -> Expression | None:
    total: Expression | None = None
    for node in postorder(root):
        if not isinstance(node, Call):
            continue
        found = find(node.function)
        condition = pick(found) if isinstance(found, Elementwise) else None  # type: ignore[operator]
        if condition is not None and free_symbols(node):
            named = {**dict(zip(found.arguments, node.arguments, strict=True)), "out": node}  # type: ignore[union-attr]
            here = substitute(condition, named)
            total = here if total is None else total & here
    return total
