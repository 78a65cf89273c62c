"""Minimisers under constraints, differentiated by the conditions of Karush, Kuhn and Tucker.

At a minimum ∂f/∂x = Σ λ·∂c/∂x over the constraints c that are active: equations, and inequalities c ≥ 0 at whose end
the minimum lies, with λ > 0. These and c = 0 define x and λ, and are differentiated as equations (Fiacco, Introduction
to Sensitivity and Stability Analysis in Nonlinear Programming, 1983, theorem 3.2.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import NonlinearConstraint

from chainrule.engine.values import plain
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_array
from chainrule.rules.untracked import plain_array
from chainrule.scipy.optimize.implicit import solved
from chainrule.scipy.sequences import joined
from chainrule.transforms.gradients import grad, value_and_grad
from chainrule.transforms.jacobians import jacobian

_NEAR = 1e-5
"""How far from its end, in units of its size, an inequality counts as active; solvers stop at 1e-6 and before."""


def opened(constraints: Any) -> list[Any]:
    """One constraint, or several, as a list, with a dict in place of each NonlinearConstraint: one can look into it."""
    given = list(constraints) if isinstance(constraints, (list, tuple)) else [constraints]
    return [dict(vars(each)) if isinstance(each, NonlinearConstraint) else each for each in given]


def closed(constraints: list[Any]) -> list[Any]:
    """Constraints as SciPy takes them; see :func:`opened`."""
    return [NonlinearConstraint(**each) if isinstance(each, dict) and "lb" in each else each for each in constraints]


def _terms(constraints: Any, x: Any) -> Iterator[tuple[Any, bool]]:
    """The values of constraints at `x`, as vectors that are 0 or at least 0, and whether they are equations."""
    for constraint in constraints:
        given = constraint if isinstance(constraint, dict) else vars(constraint)
        values = given["A"] @ x if "A" in given else joined(given["fun"](x, *given.get("args", ())))
        values = np.ravel(as_array(values))
        if "type" in given:
            yield values, given["type"] == "eq"
            continue
        low, high = (np.broadcast_to(given[end], np.shape(values)) for end in ("lb", "ub"))
        same = low == high
        for apart, there in (
            (values - low, same), (values - low, ~same & np.isfinite(low)), (high - values, ~same & np.isfinite(high)),
        ):  # fmt: skip
            if np.any(there):
                yield apart[there], there is same


def at_constraints(
    found: Any, values: list[Any], objective: Function, constraints: Function, held: Any, ends: Any
) -> tuple[Any, Any]:
    """The minimiser, with its derivatives by `values`, and the minimum.

    `objective(x, *values)` is the function, `constraints(*values)` are the constraints; components that are `held` stay
    at their `ends`.
    """
    x = np.array(found.x, float)
    stays = np.zeros(np.shape(x), bool) if held is None else held
    plain_values = [plain(value) for value in values]

    def conditions(x: Any, *values: Any) -> Any:
        return np.concatenate([terms for terms, _ in _terms(constraints(*values), x)])

    kinds = [np.full(np.shape(terms), equal) for terms, equal in _terms(constraints(*plain_values), x)]
    equations = np.concatenate(kinds)
    there, slopes = conditions(x, *plain_values), jacobian(lambda x: conditions(x, *plain_values))(x)
    slope = grad(lambda x: np.reshape(joined(objective(x, *plain_values)), ()))(x)
    active = equations | (np.abs(plain_array(there)) <= _NEAR * (1 + np.linalg.norm(slopes, axis=1)))
    while True:  # an inequality that pushes inwards holds nothing
        weights = np.linalg.lstsq(slopes[active][:, ~stays].T, slope[~stays], rcond=None)[0]
        inwards = ~equations[active] & (weights <= _NEAR * (1 + np.max(np.abs(slope))))
        if not np.any(inwards):
            break
        active[np.flatnonzero(active)[np.argmin(np.where(inwards, weights, np.inf))]] = False

    def stationary(unknown: Any, *values: Any) -> Any:
        x, weights = unknown[: np.size(found.x)], unknown[np.size(found.x) :]

        def weighed(x: Any) -> Any:
            cost = np.reshape(joined(objective(x, *values)), ())
            apart = conditions(x, *values)[active]
            return cost - np.sum(weights * apart), apart

        (_, apart), moved = value_and_grad(weighed, has_aux=True)(x)
        return np.concatenate([np.where(stays, x - ends, moved) if np.any(stays) else moved, apart])

    made = solved(values, stationary, np.concatenate([x, weights]))[: np.size(x)]
    return made, np.reshape(joined(objective(made, *values)), np.shape(found.fun))
