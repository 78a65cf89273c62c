"""Real and imaginary parts, conjugates, conversion of dtypes.

The gradient of a real function of z = a + ib is ∂f/∂a − i ∂f/∂b, the convention of JAX and autograd.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.rules.function import dispatched, is_lazy
from chainrule.rules.rule import linear

linear(np.conjugate, lambda g, x: np.conjugate(g), source="linear over the reals")
linear(np.real, lambda g, x: g, source="linear over the reals")
# g first: a Python complex number times a NumPy scalar would be a Python number.
linear(np.imag, lambda g, x: g * -1j if x.dtype.kind == "c" else 0.0 * g, source="linear over the reals")


@dispatched(lazy=True)
def astype(x: Any, dtype: Any, *args: Any, **options: Any) -> Any:
    """`x` converted to `dtype`: the method `astype` as a function."""
    return (x if is_lazy(x) else np.asarray(x)).astype(dtype, *args, **options)[()]


linear(astype, lambda g, x, dtype, *args, **options: g, source="the identity, rounded")
