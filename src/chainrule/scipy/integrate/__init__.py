"""Integrals and differential equations as in scipy.integrate, differentiable in ends, parameters and captured values.

What is not named here is SciPy's own.
"""

from __future__ import annotations

from scipy import integrate as _theirs

from chainrule.namesakes import namesake
from chainrule.scipy.integrate.equations import odeint, solve_ivp
from chainrule.scipy.integrate.quadrature import dblquad, fixed_quad, nquad, quad, quad_vec, tplquad
from chainrule.scipy.integrate.samples import (
    cumulative_simpson,
    cumulative_trapezoid,
    romb,
    simpson,
    trapezoid,
)

__all__ = [
    "cumulative_simpson", "cumulative_trapezoid", "dblquad", "fixed_quad", "nquad", "odeint", "quad", "quad_vec",
    "romb", "simpson", "solve_ivp", "tplquad", "trapezoid",
]  # fmt: skip

__getattr__, __dir__ = namesake(_theirs, globals())
