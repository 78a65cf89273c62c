"""Functions whose results do not change continuously with their arguments: questions, positions, shapes.

Their results are ordinary NumPy values and are not tracked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import LazyError
from chainrule.rules.function import dispatched, is_lazy
from chainrule.rules.rule import constant


@dispatched(lazy=True)
def plain_array(x: Any) -> Any:
    """The plain array that `x` holds, at whatever depth it is tracked: what positions and counts are read off.

    In the making of a program it stands for others. Raises LazyError for a lazy array.

    >>> plain_array([1.0, 2.0])
    array([1., 2.])
    """
    if is_lazy(x):
        raise LazyError("it needs the entries of the array now")
    return np.asarray(x)


@dispatched(lazy=True)
def fixed(x: Any) -> Any:
    """:func:`plain_array` for what is computed without a look at the entries, so that it may be a lazy array.

    >>> fixed(2.0)
    array(2.)
    """
    return x if is_lazy(x) else np.asarray(x)


@dispatched(lazy=True)
def seen(x: Any) -> bool:
    """Whether Python may look at the entries now: not in the making of a program, nor of a lazy array.

    >>> seen(2.0)
    True
    """
    return not is_lazy(x)


@dispatched(lazy=True)
def constant_to_all(x: Any) -> bool:
    """Whether no derivative by `x` is asked for.

    >>> constant_to_all(2.0)
    True
    """
    return True


def either(condition: Any, taken: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
    """`taken()` if a single condition holds, else `otherwise()`.

    Where Python may not see the condition, it is a choice between both results.

    >>> either(True, lambda: 1.0, lambda: 2.0)
    1.0
    """
    if type(condition) is np.bool or seen(condition):
        return taken() if condition else otherwise()
    return np.where(condition, taken(), otherwise())


constant(plain_array, fixed, seen, constant_to_all, because="it is asked for positions and counts only")
constant(
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
    np.isclose,
    np.allclose,
    np.array_equal,
    np.array_equiv,
    because="the answer is true or false",
)
constant(
    np.logical_and,
    np.logical_or,
    np.logical_not,
    np.logical_xor,
    np.any,
    np.all,
    because="the answer is true or false",
)
constant(
    np.isnan,
    np.isfinite,
    np.isinf,
    np.isposinf,
    np.isneginf,
    np.signbit,
    np.iscomplex,
    np.isreal,
    np.isin,
    np.isnat,
    because="the answer is true or false",
)
constant(
    np.nonzero,
    np.flatnonzero,
    np.argwhere,
    np.argmax,
    np.argmin,
    np.nanargmax,
    np.nanargmin,
    np.argsort,
    np.argpartition,
    np.searchsorted,
    np.digitize,
    np.lexsort,
    because="the result is positions",
)
constant(np.count_nonzero, np.linalg.matrix_rank, because="the result is a count")
constant(
    np.shape,
    np.ndim,
    np.size,
    np.iscomplexobj,
    np.isrealobj,
    np.result_type,
    np.can_cast,
    np.common_type,
    np.min_scalar_type,
    np.may_share_memory,
    np.shares_memory,
    np.diag_indices_from,
    np.tril_indices_from,
    np.triu_indices_from,
    np.einsum_path,
    because="only the shape, dtype or memory counts",
    of_values=False,
)
constant(
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    because="only the shape and dtype of the argument count",
    of_values=False,
)
constant(
    np.bitwise_and,
    np.bitwise_or,
    np.bitwise_xor,
    np.invert,
    np.left_shift,
    np.right_shift,
    np.gcd,
    np.lcm,
    np.packbits,
    np.unpackbits,
    np.unravel_index,
    np.ravel_multi_index,
    *(getattr(np, name) for name in ("bitwise_count",) if hasattr(np, name)),
    because="it is defined for whole numbers only",
)
constant(np.array2string, np.array_repr, np.array_str, because="the result is text")
