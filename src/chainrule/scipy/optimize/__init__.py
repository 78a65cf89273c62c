"""Roots, fixed points, minimisers and fits as in scipy.optimize, differentiated by the implicit function theorem.

What is not named here is SciPy's own.
"""

from __future__ import annotations

from scipy import optimize as _theirs

from chainrule.namesakes import namesake
from chainrule.scipy.optimize.minima import (
    basinhopping,
    brent,
    curve_fit,
    differential_evolution,
    direct,
    dual_annealing,
    fmin,
    fmin_bfgs,
    fmin_cg,
    fmin_l_bfgs_b,
    fmin_ncg,
    fmin_powell,
    fminbound,
    golden,
    least_squares,
    leastsq,
    lsq_linear,
    minimize,
    minimize_scalar,
    nnls,
)
from chainrule.scipy.optimize.roots import (
    bisect,
    brenth,
    brentq,
    fixed_point,
    fsolve,
    newton,
    ridder,
    root,
    root_scalar,
    toms748,
)

__all__ = [
    "basinhopping", "bisect", "brent", "brenth", "brentq", "curve_fit", "differential_evolution", "direct",
    "dual_annealing", "fixed_point", "fmin", "fmin_bfgs", "fmin_cg", "fmin_l_bfgs_b", "fmin_ncg", "fmin_powell",
    "fminbound", "fsolve", "golden", "least_squares", "leastsq", "lsq_linear", "minimize", "minimize_scalar", "newton",
    "nnls", "ridder", "root", "root_scalar", "toms748",
]  # fmt: skip

__getattr__, __dir__ = namesake(_theirs, globals())
