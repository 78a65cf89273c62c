"""Comparison of derivatives with differences along random directions, in both modes and to any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from chainrule.autograd.core import make_jvp, make_vjp, vspace
from chainrule.autograd.wrap_util import get_name, unary_to_nary

__all__ = [
    "check_equivalent", "check_grads", "check_jvp", "check_vjp", "combo_check", "make_numerical_jvp", "scalar_close",
]  # fmt: skip

TOL = 1e-6
RTOL = 1e-6
EPS = 1e-6

Function = Callable[..., Any]


def scalar_close(a: Any, b: Any) -> bool:
    """Whether two numbers agree to a millionth, absolutely or relatively."""
    return bool(abs(a - b) < TOL or abs(a - b) / abs(a + b) < RTOL)


def make_numerical_jvp(f: Function, x: Any) -> Function:
    """The derivative of `f` at `x` along a direction, by a central difference."""
    x_space, y_space = vspace(x), vspace(f(x))

    def jvp(v: Any) -> Any:
        above, below = (f(x_space.add(x, x_space.scalar_mul(v, sign * EPS / 2))) for sign in (1, -1))
        return y_space.scalar_mul(y_space.add(above, y_space.scalar_mul(below, -1.0)), 1.0 / EPS)

    return jvp


def check_vjp(f: Function, x: Any) -> None:
    """Raise AssertionError if the reverse-mode derivative of `f` at `x` is not that of differences."""
    pullback, y = make_vjp(f, x)
    x_space, y_space = vspace(x), vspace(y)
    x_direction, y_direction = x_space.randn(), y_space.randn()
    cotangent = x_space.covector(pullback(y_space.covector(y_direction)))
    if vspace(cotangent) != x_space:
        raise AssertionError(f"the cotangent of {get_name(f)} is {vspace(cotangent)}, its argument {x_space}")
    analytic = x_space.inner_prod(x_direction, cotangent)
    numeric = y_space.inner_prod(y_direction, make_numerical_jvp(f, x)(x_direction))
    if not scalar_close(numeric, analytic):
        raise AssertionError(
            f"Derivative (VJP) check of {get_name(f)} failed with arg {x}:\nanalytic: {analytic}\nnumeric:  {numeric}"
        )


def check_jvp(f: Function, x: Any) -> None:
    """Raise AssertionError if the forward-mode derivative of `f` at `x` is not that of differences."""
    direction = vspace(x).randn()
    check_equivalent(make_jvp(f, x)(direction)[1], make_numerical_jvp(f, x)(direction))


def check_equivalent(x: Any, y: Any) -> None:
    """Raise AssertionError if two values do not lie in the same space or differ along a random direction."""
    x_space, y_space = vspace(x), vspace(y)
    if x_space != y_space:
        raise AssertionError(f"VSpace mismatch:\nx: {x_space}\ny: {y_space}")
    v = x_space.randn()
    if not scalar_close(x_space.inner_prod(x, v), x_space.inner_prod(y, v)):
        raise AssertionError(f"Value mismatch:\nx: {x}\ny: {y}")


@unary_to_nary
def check_grads(f: Function, x: Any, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> None:
    """Compare the derivatives of `f` up to `order` with differences: `check_grads(f, modes=["rev"], order=1)(x)`.

    Raises AssertionError where they differ.
    """
    if not set(modes) <= {"fwd", "rev"}:
        raise AssertionError(f"modes are 'fwd' and 'rev', not {modes!r}")
    for mode, check in (("fwd", check_jvp), ("rev", check_vjp)):
        if mode in modes:
            check(f, x)
            if order > 1:
                derivative = _pushed(f) if mode == "fwd" else _pulled(f)
                v = vspace(x if mode == "fwd" else f(x)).randn()
                check_grads(derivative, (0, 1), modes, order=order - 1)(x, v)


def _pushed(f: Function) -> Function:
    def derivative(x: Any, v: Any) -> Any:
        return make_jvp(f, x)(v)[1]

    derivative.__name__ = f"jvp_{get_name(f)}"
    return derivative


def _pulled(f: Function) -> Function:
    def derivative(x: Any, v: Any) -> Any:
        return make_vjp(f, x)[0](v)

    derivative.__name__ = f"vjp_{get_name(f)}"
    return derivative


def combo_check(fun: Function, *args: Any, **kwargs: Any) -> Function:
    """:func:`check_grads` for all combinations of the given arguments: `combo_check(f, modes=["rev"])([1.0, 2.0])`."""

    def check(*choices: Any, **options: Any) -> None:
        named = [[(name, value) for value in values] for name, values in options.items()]
        for chosen in product(*choices):
            for keywords in product(*named):
                check_grads(fun, *args, **kwargs)(*chosen, **dict(keywords))

    return check
