"""Products of a sparse matrix with tracked vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked
from chainrule.errors import TrackingError
from chainrule.rules.function import dispatched
from chainrule.rules.rule import explicit

__all__ = ["matmul"]


def matmul(a: Any, x: Any) -> Any:
    """a @ x for a sparse matrix `a` (m, n) and a vector or matrix `x` (n,) or (n, k), tracked or not.

    (`a @ x` itself is SciPy's operator, which would make a plain array of `x`.) The entries of `a` are constants: they
    are copied where `x` is tracked, so that changing them later changes no derivative.

    >>> import chainrule as cr, scipy.sparse
    >>> a = scipy.sparse.csr_array([[0.0, 2.0]])
    >>> cr.grad(lambda x: matmul(a, x)[0])(np.array([1.0, 3.0]))
    array([0., 2.])
    """
    if isinstance(a, Tracked):
        raise TrackingError(
            f"chainrule.scipy.sparse.matmul got a tracked matrix{at_user_line()}, whose derivative it does not follow. "
            "Write a @ x for a matrix that is not sparse, or pass cr.stop_gradient(a)."
        )
    return sparse_product(x, a.copy()) if isinstance(x, Tracked) else sparse_product(np.asarray(x), a)


@dispatched
def sparse_product(x: Any, a: Any) -> Any:
    """a @ x with the array first, which decides who computes it."""
    return a @ x


explicit(
    sparse_product,
    1,
    lambda out, operands, tracked, a: lambda g: (sparse_product(g, a.T),),
    lambda out, operands, tangents, a: sparse_product(tangents[0], a),
    source="product rule",
)
