"""Real and imaginary parts, conjugates, angles, conversion of dtypes.

The gradient of a real function of z = a + ib is ∂f/∂a − i ∂f/∂b, the convention of JAX and autograd.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.rules.function import dispatched, is_lazy
from chainrule.rules.rule import composite, dtype_of, linear
from chainrule.rules.untracked import plain_array

linear(np.conjugate, lambda g, x: np.conjugate(g), source="linear over the reals")
linear(np.real, lambda g, x: g, source="linear over the reals")
# g first: a Python complex number times a NumPy scalar would be a Python number.
linear(np.imag, lambda g, x: g * -1j if x.dtype.kind == "c" else 0.0 * g, source="linear over the reals")


@dispatched(lazy=True)
def astype(x: Any, dtype: Any, *args: Any, **options: Any) -> Any:
    """`x` converted to `dtype`: the method `astype` as a function."""
    return (x if is_lazy(x) else np.asarray(x)).astype(dtype, *args, **options)[()]


linear(astype, lambda g, x, dtype, *args, **options: g, source="the identity, rounded")


def _angle(z: Any, deg: bool = False) -> Any:
    turned = np.arctan2(np.imag(z), np.real(z)) if dtype_of(z).kind == "c" else np.arctan2(np.zeros_like(z), z)
    return turned * (180 / math.pi) if deg else turned


def _real_if_close(a: Any, tol: float = 100) -> Any:
    return np.real(a) if np.isrealobj(np.real_if_close(plain_array(a), tol)) else a


composite(np.angle, _angle)
composite(np.real_if_close, _real_if_close, asks=True)
