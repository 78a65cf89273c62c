"""Cubic and other spline interpolation, differentiable in the points and in the values that are interpolated."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate as plain_interpolate

from chainrule.engine.definitions import refusal
from chainrule.engine.values import Tracked, plain, snapshot
from chainrule.formula.expression import Function
from chainrule.rules.function import dispatched
from chainrule.rules.rule import as_array, explicit

__all__ = ["CubicSpline", "make_interp_spline"]


@dispatched
def basis_values(points: Any, basis: Any, nu: int) -> Any:
    """The derivative number `nu` of every basis spline at every point; shape points.shape + (n,)."""
    return np.asarray(basis(points, nu))


explicit(
    basis_values,
    1,
    lambda out, operands, tracked, basis, nu: (
        lambda g: (np.sum(g * basis_values(operands[0], basis, nu + 1), axis=-1),)
    ),
    lambda out, operands, tangents, basis, nu: basis_values(operands[0], basis, nu + 1) * tangents[0][..., None],
    source="an interpolating spline is linear in its values, with fixed basis splines",
)


class Spline:
    """A spline through values `y` (n, …): their sum, each times a basis spline. Call it with points of any shape."""

    def __init__(self, basis: Any, y: Any) -> None:
        self.basis = basis
        self.y = snapshot(as_array(y))  # a spline does not change with the array that it was made of

    def __call__(self, x: Any, nu: int = 0) -> Any:
        """The spline's values at `x`, or those of its derivative of order `nu`; shape x.shape + y.shape[1:]."""
        x = x if isinstance(x, Tracked) else np.asarray(x, float)
        return np.tensordot(basis_values(x, self.basis, nu), self.y, axes=1)


def CubicSpline(x: Any, y: Any, bc_type: str = "not-a-knot") -> Spline:  # noqa: N802, as SciPy names it
    """SciPy's `CubicSpline` through (x, y), differentiable in `y` (n, …) and in the points at which it is called.

    Of a periodic spline the first and the last value are the same number, and the gradient by it is in the first place.
    Raises ShapeError, with SciPy's reason, for what SciPy refuses.

    >>> import chainrule as cr
    >>> spline = CubicSpline([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 8.0, 27.0])
    >>> float(round(cr.grad(spline)(1.5), 6))
    6.75
    """
    knots = np.array(x, float)

    def through(values: Any) -> Any:
        return plain_interpolate.CubicSpline(knots, values, bc_type=bc_type)

    _check("CubicSpline", through, y)
    unit = np.eye(len(knots))
    if bc_type == "periodic":
        unit[-1] = unit[0]
    return Spline(through(unit), y)


def make_interp_spline(x: Any, y: Any, k: int = 3) -> Spline:
    """SciPy's `make_interp_spline` of degree `k`, differentiable as :func:`CubicSpline` is."""
    knots = np.array(x, float)

    def through(values: Any) -> Any:
        return plain_interpolate.make_interp_spline(knots, values, k)

    _check("make_interp_spline", through, y)
    return Spline(through(np.eye(len(knots))), y)


def _check(name: str, through: Function, y: Any) -> None:
    """Raise where SciPy refuses the values: of the basis splines, which are made of others, it cannot say."""
    values = plain(as_array(y))
    try:
        through(values)
    except ValueError as reason:
        raise refusal(name, [values], reason) from reason
