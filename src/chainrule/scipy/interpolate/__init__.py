"""Interpolation as in scipy.interpolate, differentiable in points and in the values that are interpolated.

What is not named here is SciPy's own.
"""

from __future__ import annotations

from typing import Any

from scipy import interpolate as _theirs

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


def __getattr__(name: str) -> Any:
    return getattr(_theirs, name)


def __dir__() -> list[str]:
    return sorted({*dir(_theirs), *__all__})
