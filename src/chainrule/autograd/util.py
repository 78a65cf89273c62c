"""Small functions that programs import from `autograd.util`."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.autograd.test_util import check_grads

__all__ = ["func", "quick_grad_check", "subval", "subvals"]


def subvals(x: Sequence[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """The sequence `x` as a tuple, with other values at some positions.

    >>> subvals((1, 2, 3), [(0, 7)])
    (7, 2, 3)
    """
    values = list(x)
    for i, value in ivs:
        values[i] = value
    return tuple(values)


def subval(x: Sequence[Any], i: int, v: Any) -> tuple[Any, ...]:
    """The sequence `x` as a tuple, with `v` at position `i`."""
    return subvals(x, [(i, v)])


def func(f: Any) -> Any:
    """A method as the function that it is."""
    return f


def quick_grad_check(
    fun: Any,
    arg0: Any,
    extra_args: Sequence[Any] = (),
    kwargs: dict[str, Any] | None = None,
    verbose: bool = True,
    eps: float = 1e-4,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    rs: Any = None,
) -> None:
    """autograd's old name for `check_grads(fun, modes=["rev"], order=1)`; its last five arguments do nothing there."""
    warnings.warn("quick_grad_check is deprecated; use check_grads", DeprecationWarning, stacklevel=2)
    check_grads(lambda x: fun(x, *extra_args, **(kwargs or {})), modes=["rev"], order=1)(arg0)
