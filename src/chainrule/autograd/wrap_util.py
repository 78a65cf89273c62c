"""Operators on functions of one argument as operators that take `argnum`: `unary_to_nary`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["get_doc", "get_name", "unary_to_nary", "wrap_nary_f", "wraps"]

Function = Callable[..., Any]


def unary_to_nary(unary_operator: Function) -> Function:
    """An operator `op(f, x)` for functions of one argument as `op(f, argnum)(*args)` for functions of any.

    With a tuple or list of argnums, x is the tuple of those arguments.

    >>> twice = unary_to_nary(lambda f, x: f(f(x)))
    >>> twice(lambda x, y: x + y, argnum=1)(1, 10)
    12
    """

    @wraps(unary_operator)
    def nary_operator(fun: Function, argnum: Any = 0, *operator_args: Any, **operator_kwargs: Any) -> Function:
        if type(argnum) not in (int, tuple, list):
            raise AssertionError(f"argnum is a whole number or a tuple of such, not {argnum!r}")

        single, name = isinstance(argnum, int), get_name(fun)

        @wrap_nary_f(fun, unary_operator, argnum)
        def nary_f(*args: Any, **kwargs: Any) -> Any:
            def unary_f(x: Any) -> Any:
                filled = list(args)
                for place, value in [(argnum, x)] if single else zip(argnum, x, strict=True):
                    filled[place] = value
                return fun(*filled, **kwargs)

            unary_f.__name__ = name
            x = args[argnum] if single else tuple(args[place] for place in argnum)
            return unary_operator(unary_f, x, *operator_args, **operator_kwargs)

        return nary_f

    return nary_operator


def wraps(fun: Function, namestr: str = "{fun}", docstr: str = "{doc}", **names: Any) -> Callable[[Function], Function]:
    """A decorator that gives a function a name and a docstring made of those of `fun`."""

    def named(function: Function) -> Function:
        function.__name__ = namestr.format(fun=get_name(fun), **names)
        function.__doc__ = docstr.format(fun=get_name(fun), doc=get_doc(fun), **names)
        return function

    return named


def wrap_nary_f(fun: Function, op: Function, argnum: Any) -> Callable[[Function], Function]:
    """:func:`wraps` for the result of an operator."""
    return wraps(
        fun,
        "{op}_of_{fun}_wrt_argnum_{argnum}",
        "    {op} of function {fun} with respect to argument number {argnum}. Takes the\n"
        "    same arguments as {fun} but returns the {op}.\n    ",
        op=get_name(op),
        argnum=argnum,
    )


def get_name(f: Any) -> str:
    """The name of a function."""
    return str(getattr(f, "__name__", "[unknown name]"))


def get_doc(f: Any) -> str:
    """The docstring of a function, empty where it has none."""
    return getattr(f, "__doc__", None) or ""
