"""Read derivatives and domains of whole expressions off the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.formula.expression import Call, Constant, Expression, Symbol, call, postorder, substitute
from chainrule.rules.arithmetic import power_log
from chainrule.rules.function import ending
from chainrule.rules.rule import UNKNOWN, Composite, Elementwise, Piecewise, find

_ZERO, _ONE = Constant(0), Constant(1)


def rule_of(node: Call) -> Elementwise:
    """The elementwise rule of a call. Raises NoRuleError for any other function."""
    found = find(node.function)
    if not isinstance(found, Elementwise):
        raise NoRuleError(
            f"there is no formula for the derivative of {getattr(node.function, '__name__', node.function)}"
        )
    return found


def local_partial(node: Call, position: int) -> Expression:
    """The partial derivative of a call by one of its arguments, over the call's own arguments.

    It is the textbook's formula. Where that is a choice between the arguments, or a number, the table's convention at
    a tie or a jump is a case of its own: for max(x, 1) it is ½ where x = 1. The other exceptional rows speak of points
    at which the formula has no number; they are told only where a constant argument leads there, as in 0ʸ.
    """
    rule = rule_of(node)
    partial = rule.partials[position]
    if partial is None:
        return _ZERO
    if partial is UNKNOWN:
        raise NoRuleError(f"there is no formula for the derivative of {rule.name} by its argument {position + 1}")
    exponent = node.arguments[-1]
    if node.function is np.power and position == 0 and exponent == _ONE:
        return _ONE
    named: dict[str, Expression] = {**dict(zip(rule.arguments, node.arguments, strict=True)), "out": node}
    result = substitute(partial, named)
    for condition, override in reversed(_cases(rule, node, position, named)):
        result = override if condition == _TRUE else call(np.where, condition, override, result)
    return result


def _cases(
    rule: Elementwise, node: Call, position: int, named: Mapping[str, Expression]
) -> list[tuple[Expression, Expression]]:
    """The exceptional rows that a formula must tell: the condition over the call's arguments, the partial there."""
    base_is_constant = node.function is np.power and position == 1 and isinstance(node.arguments[0], Constant)
    partial = rule.partials[position]
    if not (rule.selects or base_is_constant or isinstance(partial, Constant)):
        return []
    found: list[tuple[Expression, Expression]] = []
    for row in rule.at:
        override = row.partials[position]
        override = None if override is None else _said(substitute(override, named))
        condition = _settled(substitute(row.condition, named))
        if override is not None and override != partial and condition != _FALSE:
            found.append((condition, override))
    return [
        (condition, override)
        for index, (condition, override) in enumerate(found)
        if not any(override == later and _implies(condition, weaker) for weaker, later in found[index + 1 :])
    ]


def _said(partial: Expression) -> Expression:
    """An exceptional partial as a formula says it: the number at which a derivative ends, and 0 for 0ʸ·ln 0."""
    if isinstance(partial, Call) and partial.function is ending:
        return partial.arguments[0]
    if isinstance(partial, Call) and partial.function is power_log and partial.arguments[0] == _ZERO:
        return _ZERO
    return partial


def _implies(condition: Expression, weaker: Expression) -> bool:
    """Whether `condition` is `weaker` and something more."""
    return weaker == _TRUE or (
        isinstance(condition, Call) and condition.function is np.logical_and and weaker in condition.arguments
    )


def derivative_expression(root: Expression, name: str) -> Expression:
    """The derivative of `root` by the symbol `name`: the chain rule over the table's formulas, 0 and 1 left out.

    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> derivative_expression(np.sin(x**2), "x")
    Expression(cos(x**2)*(2*x**(2 - 1)))
    """
    return differential(root, {name: _ONE})


def differential(root: Expression, rates: Mapping[str, Expression]) -> Expression:
    """The rate at which `root` changes when its symbols change at the given rates; a symbol without a rate is constant.

    >>> from chainrule.formula.expression import symbols
    >>> u, v, du, dv = symbols("u v du dv")
    >>> differential(u * v, {"u": du, "v": dv})
    Expression(v*du + u*dv)
    """
    derivatives: dict[Expression, Expression] = {}
    for node in postorder(root):
        if isinstance(node, Symbol):
            derivatives[node] = rates.get(node.name, _ZERO)
        elif (
            not isinstance(node, Call)
            or isinstance(find(node.function), Piecewise)
            or all(derivatives[argument] == _ZERO for argument in node.arguments)
        ):
            derivatives[node] = _ZERO
        elif node.function is np.where:
            condition, taken, otherwise = node.arguments
            derivatives[node] = np.where(condition, derivatives[taken], derivatives[otherwise])  # type: ignore[call-overload]
        elif isinstance(found := find(node.function), Composite):
            derivatives[node] = differential(found.definition(*node.arguments), rates)
        else:
            total: Expression = _ZERO
            for position, argument in enumerate(node.arguments):
                if derivatives[argument] != _ZERO:
                    total = _plus(total, _times(local_partial(node, position), derivatives[argument]))
            derivatives[node] = total
    return derivatives[root]


def _times(partial: Expression, inner: Expression) -> Expression:
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
    """Where `root` is defined: the conditions of all the functions in it, joined by "and"; None for everywhere.

    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> domain_expression(np.log(x) + x**2), domain_expression(np.sin(x) ** 3)
    (Expression(x > 0), None)
    """
    return _conditions(root, lambda rule: rule.domain)


def smooth_expression(root: Expression) -> Expression | None:
    """Where `root` is known to be differentiable, as :func:`domain_expression`."""
    return _conditions(root, lambda rule: rule.smooth)


def _conditions(root: Expression, pick: Callable[[Elementwise], Expression | None]) -> Expression | None:
    total: Any = _TRUE
    settled: dict[Expression, Expression] = {}
    for node in postorder(root):
        found = find(node.function) if isinstance(node, Call) else None
        if not isinstance(found, Elementwise) or not node.varies:
            continue
        condition = pick(found)
        if condition is not None:
            named: dict[str, Expression] = dict(zip(found.arguments, node.arguments, strict=True))
            total = _decided(total & _settled(substitute(condition, {**named, "out": node}), settled))
    return None if total == _TRUE else total


_TRUE, _FALSE = Constant(True), Constant(False)


def _settled(condition: Expression, known: dict[Expression, Expression] | None = None) -> Expression:
    """`condition` with everything that holds or fails whatever the symbols are decided.

    What is in `known` is not looked through again, and what is found is added to it: the conditions of a formula's
    functions all hold the formula's own parts.
    """
    new = {} if known is None else known
    for node in postorder(condition, new):
        if isinstance(node, Call):
            arguments = tuple([new[a] for a in node.arguments])
            new[node] = _decided(node if arguments == node.arguments else Call(node.function, arguments))
        else:
            new[node] = node
    return new[condition]


def _decided(node: Call) -> Expression:
    if all(isinstance(argument, Constant) for argument in node.arguments):
        with np.errstate(all="ignore"):
            value = node.function(*(argument.value for argument in node.arguments))  # type: ignore[attr-defined]
        return Constant(bool(value)) if isinstance(value, (bool, np.bool)) else Constant(float(value))
    if node.function in (np.logical_and, np.logical_or):
        neutral, decisive = (_TRUE, _FALSE) if node.function is np.logical_and else (_FALSE, _TRUE)
        left, right = node.arguments
        if decisive in (left, right):
            return decisive
        if left == neutral:
            return right
        return left if right == neutral or left == right else node
    return node
