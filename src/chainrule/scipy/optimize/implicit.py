"""Solutions of equations, differentiated by the implicit function theorem.

Where F(x, θ) = 0 defines x, dx = −(∂F/∂x)⁻¹ ∂F/∂θ dθ. The solver's steps are not recorded, so the derivative costs one
linear system whatever the solver did; the starting point has none. θ is everything tracked in the arguments of the
user's function and in what it captures. The value is SciPy's; since it solves the equations only up to the solver's
tolerance, the derivative is taken after one more of Newton's steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.engine.location import at_user_line
from chainrule.engine.values import plain
from chainrule.errors import MatrixError
from chainrule.formula.expression import Function
from chainrule.rules.untracked import plain_array
from chainrule.scipy.sequences import joined, listed
from chainrule.transforms.directions import jvp, vjp
from chainrule.transforms.jacobians import jacobian


def _slope_at(equations: Function, x: Any, operands: Any) -> Any:
    """∂F/∂x at the solution, as a square matrix."""
    size = np.size(plain(x))
    return np.reshape(jacobian(lambda x: equations(x, *operands))(x), (size, size))


def _solve(slope: Any, right: Any) -> Any:
    """The solution of a linear system. Raises MatrixError at the user's line where it is singular."""
    try:
        return np.linalg.solve(slope, right)
    except np.linalg.LinAlgError as reason:
        raise MatrixError(
            f"the derivative of a solution{at_user_line()} does not exist: the equations have a singular Jacobian "
            "there, so their solution is not isolated, or it is a multiple one."
        ) from reason


def _refined(x: Any, equations: Function, operands: Any) -> Any:
    """The solution after one of Newton's steps, where that is a small one."""
    slope, lacking = _slope_at(equations, x, operands), equations(x, *operands)
    if not np.any(plain_array(lacking)) or not np.all(np.isfinite(plain_array(slope))):
        return x
    step = np.reshape(_solve(slope, np.ravel(lacking)), np.shape(x))
    small = np.max(np.abs(plain_array(step))) < 1e-3 * (1 + np.max(np.abs(plain_array(x))))
    return x - step if small else x


def _reverse(x: Any, operands: Any, tracked: Any, equations: Function, solver: Any) -> Callable[[Any], tuple[Any, ...]]:
    # Now, not in the pullback: what the user's function captures may change until then.
    x = _refined(x, equations, operands)
    transposed = np.swapaxes(_slope_at(equations, x, operands), -1, -2)
    _, pullback = vjp(lambda *values: equations(x, *values), *operands)

    def pull(g: Any) -> tuple[Any, ...]:
        weights = -_solve(transposed, np.ravel(g))
        cotangents = pullback(np.reshape(weights, np.shape(x)))
        return tuple(cotangents[i] for i in tracked)

    return pull


def _forward(x: Any, operands: Any, tangents: Any, equations: Function, solver: Any) -> Any:
    x = _refined(x, equations, operands)
    moving = [np.zeros(np.shape(o))[()] if d is None else d for o, d in zip(operands, tangents, strict=True)]
    _, moved = jvp(lambda *values: equations(x, *values), tuple(operands), tuple(moving))
    return np.reshape(-_solve(_slope_at(equations, x, operands), np.ravel(moved)), np.shape(x))


@listed(_reverse, _forward, "implicit function theorem")
def solution(operands: Any, equations: Function, x: Any) -> Any:
    """The x with equations(x, *operands) = 0 that a solver found."""
    return np.asarray(x, float)[()]


def solved(values: list[Any], equations: Function, x: Any) -> Any:
    """The solution `x` that a solver found of equations(x, *values) = 0, with its derivatives by the values.

    The equations may come in a list, or in another shape than `x`.
    """

    def in_shape(x: Any, *values: Any) -> Any:
        result = joined(equations(x, *values))
        return np.reshape(result, np.shape(x)) if np.shape(result) != np.shape(x) else result

    return solution(values, in_shape, np.array(x, float)) if values else x
