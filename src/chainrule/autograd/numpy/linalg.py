"""`chainrule.numpy.linalg` under autograd's name, with autograd's convention for `eigh`."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numpy.opening import opened_names

__all__ = ["eigh"]


def eigh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803 - NumPy's name
    """`numpy.linalg.eigh`, whose gradient lies in the triangle of `a` that is read.

    (`chainrule` itself takes the matrix as symmetric, and its gradient is symmetric.)
    """
    triangle: Any = np.tril if UPLO.upper() == "L" else np.triu
    strict = triangle(a, -1 if UPLO.upper() == "L" else 1)
    whole = triangle(a) + np.conj(np.swapaxes(strict, -1, -2))
    return np.linalg.eigh(whole, UPLO)  # type: ignore[call-overload]


__getattr__, __dir__ = opened_names(np.linalg, globals(), assignable=False)
