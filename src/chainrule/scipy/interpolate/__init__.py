"""Interpolation as in scipy.interpolate, differentiable in points and in the values that are interpolated.

What is not named here is SciPy's own.
"""

from __future__ import annotations

from scipy import interpolate as _theirs

from chainrule.namesakes import namesake
from chainrule.scipy.interpolate.hermite import Akima1DInterpolator, CubicHermiteSpline, PchipInterpolator
from chainrule.scipy.interpolate.linear import (
    BSpline,
    CubicSpline,
    RegularGridInterpolator,
    interp1d,
    interpn,
    make_interp_spline,
)

__all__ = [
    "Akima1DInterpolator", "BSpline", "CubicHermiteSpline", "CubicSpline", "PchipInterpolator",
    "RegularGridInterpolator", "interp1d", "interpn", "make_interp_spline",
]  # fmt: skip

__getattr__, __dir__ = namesake(_theirs, globals())
