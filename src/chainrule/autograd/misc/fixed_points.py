"""Fixed points, differentiated by their own equation: the backward pass is a fixed point again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.autograd.core import defvjp, make_vjp, primitive, vspace

__all__ = ["fixed_point"]

Function = Callable[..., Any]


@primitive
def fixed_point(f: Function, a: Any, x0: Any, distance: Function, tol: float) -> Any:
    """The x with f(a)(x) = x, found by iteration from `x0` until `distance(new, old) <= tol`; differentiable in `a`.

    >>> import numpy as np
    >>> from chainrule.autograd import grad
    >>> newton = lambda a: lambda x: 0.5 * (x + a / x)
    >>> float(round(grad(lambda a: fixed_point(newton, a, 1.0, lambda x, y: abs(x - y), 1e-12))(4.0), 9))
    0.25
    """
    step = f(a)
    x, last = step(x0), x0
    while distance(x, last) > tol:
        x, last = step(x), x
    return x


def _adjoint(ans: Any, f: Function, a: Any, x0: Any, distance: Function, tol: float) -> Function:
    """The cotangent w of the solution obeys w = g + (∂f/∂x)ᵀ w (Christianson 1994)."""

    def step(parameters: Any) -> Function:
        a, x, g = parameters
        pullback = make_vjp(f(a), x)[0]
        return lambda w: vspace(x).add(pullback(w), g)

    by_a = make_vjp(lambda a: f(a)(ans), a)[0]
    return lambda g: by_a(fixed_point(step, (a, ans, g), vspace(ans).zeros(), distance, tol))


defvjp(fixed_point, None, _adjoint, None)
