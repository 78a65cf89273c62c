"""Roots, fixed points and minimisers, differentiated in the problem's parameters by the implicit function theorem.

Where F(x, θ) = 0 defines x, dx = −(∂F/∂x)⁻¹ ∂F/∂θ dθ. The solver's steps are not recorded, so the derivative costs one
linear system whatever the solver did; the starting point has none. Parameters are passed in `args`, in containers if
need be: a tracked value that the function captures instead raises an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize as plain_optimize

from chainrule.engine.location import at_user_line
from chainrule.engine.values import plain
from chainrule.formula.expression import Function
from chainrule.scipy.sequences import joined, listed, parameters
from chainrule.transforms.directions import jvp, vjp
from chainrule.transforms.gradients import grad
from chainrule.transforms.jacobians import jacobian

__all__ = ["brentq", "fixed_point", "minimize", "root"]


def _slope_at(equations: Function, x: Any, operands: Any) -> Any:
    """∂F/∂x at the solution, as a square matrix."""
    size = np.size(plain(x))
    return np.reshape(jacobian(lambda x: equations(x, *operands))(x), (size, size))


def _reverse(x: Any, operands: Any, tracked: Any, equations: Function, solver: Any) -> Callable[[Any], tuple[Any, ...]]:
    # Now, not in the pullback: what the user's function captures may change until then.
    transposed = np.swapaxes(_slope_at(equations, x, operands), -1, -2)
    _, pullback = vjp(lambda *values: equations(x, *values), *operands)

    def pull(g: Any) -> tuple[Any, ...]:
        weights = -np.linalg.solve(transposed, np.ravel(g))
        cotangents = pullback(np.reshape(weights, np.shape(x)))
        return tuple(cotangents[i] for i in tracked)

    return pull


def _forward(x: Any, operands: Any, tangents: Any, equations: Function, solver: Any) -> Any:
    moving = [np.zeros(np.shape(o))[()] if d is None else d for o, d in zip(operands, tangents, strict=True)]
    _, moved = jvp(lambda *values: equations(x, *values), tuple(operands), tuple(moving))
    return np.reshape(-np.linalg.solve(_slope_at(equations, x, operands), np.ravel(moved)), np.shape(x))


@listed(_reverse, _forward, "implicit function theorem")
def solution(operands: Any, equations: Function, solver: Function) -> Any:
    """The x with equations(x, *operands) = 0 that `solver(*operands)` finds."""
    return np.asarray(solver(*operands), float)[()]


def _solved(args: Any, equations: Function, solve: Function) -> Any:
    """The x with equations(x, *args) = 0 that `solve(args)` finds, differentiable in what is tracked in `args`."""
    values, arguments = parameters(args)

    def of_values(x: Any, *values: Any) -> Any:
        result = joined(equations(x, *arguments(values)))
        return np.reshape(result, np.shape(x)) if np.shape(result) != np.shape(x) else result

    return solution(values, of_values, lambda *values: solve(arguments(values)))


def _plain_result(fun: Function) -> Function:
    """`fun` as a solver calls it: a tracked value that it captured is an error here, at the user's own line."""
    return lambda *args: np.asarray(joined(fun(*args)), float)[()]


def _result(found: Any, x: Any) -> Any:
    found.x = x
    return found


def root(fun: Function, x0: Any, args: Any = (), **options: Any) -> Any:
    """SciPy's `root`: the result's `x` solves fun(x, *args) = 0 and is differentiable in `args`.

    >>> import chainrule as cr
    >>> float(round(cr.grad(lambda c: root(lambda x, c: x * x - c, np.array([1.0]), (c,)).x[0])(4.0), 9))
    0.25
    """
    found: list[Any] = []

    def solve(args: Any) -> Any:
        found.append(plain_optimize.root(_plain_result(fun), plain(x0), args=args, **options))
        return found[-1].x

    x = _solved(args, fun, solve)
    return _result(found[-1], x)


def minimize(fun: Function, x0: Any, args: Any = (), **options: Any) -> Any:
    """SciPy's `minimize` without bounds or constraints; the result's `x` is differentiable in `args`.

    The gradient is chainrule's own unless `jac` is given. At the minimum ∂fun/∂x = 0, and that equation is
    differentiated: the derivative is as accurate as the minimiser, so ask for a small `tol`.
    """
    if {"bounds", "constraints"} & set(options):
        raise ValueError(
            f"minimize with bounds or constraints{at_user_line()} has no rule yet: at an active bound the gradient is "
            "not 0. Write the problem without them, for example in terms of np.exp(x) for a positive x."
        )
    slope = grad(fun)
    found: list[Any] = []

    def solve(args: Any) -> Any:
        found.append(plain_optimize.minimize(_plain_result(fun), plain(x0), args=args, **{"jac": slope, **options}))
        return found[-1].x

    x = _solved(args, slope, solve)
    return _result(found[-1], x)


def fixed_point(func: Function, x0: Any, args: Any = (), **options: Any) -> Any:
    """SciPy's `fixed_point`: the x with func(x, *args) = x, differentiable in `args`."""

    def difference(x: Any, *args: Any) -> Any:
        return joined(func(x, *args)) - x

    def solve(args: Any) -> Any:
        return plain_optimize.fixed_point(_plain_result(func), plain(x0), args=args, **options)

    return _solved(args, difference, solve)


def brentq(f: Function, a: float, b: float, args: Any = (), **options: Any) -> Any:
    """SciPy's `brentq`: the root of f(x, *args) between `a` and `b`, differentiable in `args`."""
    if options.get("full_output"):
        raise ValueError(
            f"brentq with full_output{at_user_line()} has no rule: the report is not differentiable. Leave it out, or "
            "call SciPy's brentq on plain numbers for it."
        )

    def solve(args: Any) -> Any:
        return plain_optimize.brentq(_plain_result(f), plain(a), plain(b), args=args, **options)

    return _solved(args, f, solve)
