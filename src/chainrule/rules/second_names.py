"""Functions that are others under a second name, or with their first argument's shape and dtype as defaults."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.rules.rule import as_full, composite, dtype_of, in_dtype

composite(np.amax, lambda a, *args, **kwargs: np.max(a, *args, **kwargs))
composite(np.amin, lambda a, *args, **kwargs: np.min(a, *args, **kwargs))
composite(np.around, lambda a, decimals=0, out=None: np.round(a, decimals), asks=True)
if hasattr(np, "astype"):  # NumPy 2.1
    composite(np.astype, lambda x, dtype, /, *, copy=True, device=None: x.astype(dtype, copy=copy), asks=True)
composite(
    np.full_like,
    lambda a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None: _full_like(
        a, fill_value, dtype, shape
    ),
    asks=True,
)


def _full_like(a: Any, fill_value: Any, dtype: Any, shape: Any) -> Any:
    shape = np.shape(a) if shape is None else shape
    dtype = dtype_of(a) if dtype is None else dtype
    return in_dtype(np.broadcast_to(as_full(fill_value), shape), dtype)
