"""Roots and fixed points, as in scipy.optimize."""

from __future__ import annotations

from typing import Any

from scipy import optimize as plain_optimize

from chainrule.engine.assignment import joined as joined_tree
from chainrule.engine.values import plain
from chainrule.formula.expression import Function
from chainrule.scipy.following import like
from chainrule.scipy.optimize.implicit import solved
from chainrule.scipy.sequences import joined, problem

__all__ = [
    "bisect", "brenth", "brentq", "fixed_point", "fsolve", "newton", "ridder", "root", "root_scalar", "toms748",
]  # fmt: skip


def _equations(rebuild: Function) -> Function:
    def equations(x: Any, *values: Any) -> Any:
        first, *_, args = rebuild(values)
        return first(x, *args)

    return equations


@like(plain_optimize.root)
def root(fun: Function, x0: Any, args: Any = (), method: Any = "hybr", jac: Any = None, **options: Any) -> Any:
    """SciPy's `root`: the result's `x` solves fun(x, *args) = 0, differentiable in `args` and in what `fun` captures.

    >>> import numpy as np, chainrule as cr
    >>> float(round(cr.grad(lambda c: root(lambda x: x * x - c, np.array([1.0])).x[0])(4.0), 9))
    0.25
    """
    values, rebuild, (plain_fun, plain_jac, plain_args) = problem((fun, jac), args)
    start = plain(joined_tree(x0))
    found = plain_optimize.root(plain_fun, start, plain_args, method=method, jac=plain_jac, **options)
    if jac is True:
        first = _equations(rebuild)
        found.x = solved(values, lambda x, *values: first(x, *values)[0], found.x)
    else:
        found.x = solved(values, _equations(rebuild), found.x)
    return found


@like(plain_optimize.root_scalar)
def root_scalar(f: Function, args: Any = (), method: Any = None, bracket: Any = None, fprime: Any = None,
                fprime2: Any = None, x0: Any = None, x1: Any = None, **options: Any) -> Any:  # fmt: skip
    """SciPy's `root_scalar`: the result's `root`, differentiable as that of :func:`root`."""
    values, rebuild, (plain_f, first, second, plain_args) = problem((f, fprime, fprime2), args)
    start = {"method": method, "bracket": bracket if bracket is None else [plain(end) for end in bracket],
             "fprime": first, "fprime2": second, "x0": plain(x0), "x1": plain(x1), **options}  # fmt: skip
    found = plain_optimize.root_scalar(
        plain_f, plain_args, **{name: value for name, value in start.items() if value is not None}
    )
    equations = _equations(rebuild)
    together = fprime is True  # then the function gives its derivatives too
    found.root = solved(values, lambda x, *v: equations(x, *v)[0] if together else equations(x, *v), found.root)
    return found


@like(plain_optimize.fsolve)
def fsolve(func: Function, x0: Any, args: Any = (), fprime: Any = None, **options: Any) -> Any:
    """SciPy's `fsolve`: the solution x of func(x, *args) = 0, differentiable as that of :func:`root`."""
    values, rebuild, (plain_func, plain_slope, plain_args) = problem((func, fprime), args)
    given = options if fprime is None else {**options, "fprime": plain_slope}
    found = plain_optimize.fsolve(plain_func, plain(joined_tree(x0)), plain_args, **given)
    x = solved(values, _equations(rebuild), found[0] if options.get("full_output") else found)
    return (x, *found[1:]) if options.get("full_output") else x


@like(plain_optimize.fixed_point)
def fixed_point(func: Function, x0: Any, args: Any = (), **options: Any) -> Any:
    """SciPy's `fixed_point`: the x with func(x, *args) = x, differentiable as that of :func:`root`."""
    values, rebuild, (plain_func, plain_args) = problem((func,), args)
    found = plain_optimize.fixed_point(plain_func, plain(joined_tree(x0)), plain_args, **options)

    def difference(x: Any, *values: Any) -> Any:
        func, args = rebuild(values)
        return joined(func(x, *args)) - x

    return solved(values, difference, found)


@like(plain_optimize.newton)
def newton(func: Function, x0: Any, fprime: Any = None, args: Any = (), tol: float = 1.48e-8, maxiter: int = 50,
           fprime2: Any = None, **options: Any) -> Any:  # fmt: skip
    """SciPy's `newton`: a root of func near `x0`, for each entry of it; differentiable as that of :func:`root`."""
    values, rebuild, (plain_func, first, second, plain_args) = problem((func, fprime, fprime2), args)
    found = plain_optimize.newton(
        plain_func, plain(joined_tree(x0)), first, plain_args, tol, maxiter, second, **options
    )
    several = isinstance(found, tuple)
    x = solved(values, _equations(rebuild), found[0] if several else found)
    return (x, *found[1:]) if several else x


def _bracketed(name: str) -> Function:
    @like(getattr(plain_optimize, name))
    def method(f: Any, a: Any, b: Any, args: Any = (), **options: Any) -> Any:
        values, rebuild, (plain_f, plain_args) = problem((f,), args)
        found = getattr(plain_optimize, name)(plain_f, plain(a), plain(b), plain_args, **options)
        if isinstance(found, tuple):
            x = solved(values, _equations(rebuild), found[0])
            found[1].root = x
            return (x, *found[1:])
        return solved(values, _equations(rebuild), found)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"SciPy's `{name}`: the root of `f` between `a` and `b`, differentiable as that of :func:`root`."
    return method


brentq, brenth, ridder, bisect, toms748 = map(_bracketed, ("brentq", "brenth", "ridder", "bisect", "toms748"))
