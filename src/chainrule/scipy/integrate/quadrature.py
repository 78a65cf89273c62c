"""Integrals of functions, differentiated by their ends and under the integral sign.

d/dθ ∫ f(t, θ) dt = ∫ ∂f/∂θ dt: the derivative is an integral again, computed as adaptively as the first one, so higher
orders follow. θ is everything tracked in `args` and in what the function captures.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import integrate as plain_integrate

from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain
from chainrule.errors import NoRuleError
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_full
from chainrule.scipy.following import like
from chainrule.scipy.sequences import joined, listed, problem
from chainrule.transforms.directions import jvp, vjp

__all__ = ["dblquad", "fixed_quad", "nquad", "quad", "quad_vec", "tplquad"]


@dataclass(frozen=True)
class _Method:
    """How integrals are computed: this one, by SciPy and as asked for, and those made of it for derivatives.

    `points` are where the integrand breaks. With `weighted` options of `quad`, the integrands of derivatives have the
    same weight, so their components are integrated one by one.
    """

    value: Any
    points: Any = None
    weighted: dict[str, Any] | None = None

    def solve(self, f: Function, a: Any, b: Any) -> Any:
        if self.value is not None:
            return self.value
        if self.weighted is None:
            return plain_integrate.quad_vec(f, a, b, epsabs=1e-13, epsrel=1e-11, points=self.points)[0]
        sample = np.asarray(f(_between(a, b)))
        options: Any = self.weighted
        parts = [
            plain_integrate.quad(lambda t, k=k: np.ravel(f(t))[k], a, b, **options)[0] for k in range(np.size(sample))
        ]
        return np.reshape(parts, np.shape(sample))


def _between(a: float, b: float) -> float:
    if np.isfinite(a) and np.isfinite(b):
        return a + 0.4 * (b - a)
    return a + 1.0 if np.isfinite(a) else b - 1.0 if np.isfinite(b) else 0.3


def _at_end(f: Function, end: Any, values: Any, method: _Method) -> Any:
    if method.weighted is not None:
        raise NoRuleError(
            f"the derivative of a weighted integral by its ends has no rule{at_user_line()}. Write the weight into the "
            "function."
        )
    return f(end, *values)


def _reverse(out: Any, operands: Any, tracked: Any, f: Function, method: _Method) -> Callable[[Any], tuple[Any, ...]]:
    a, b, *values = operands
    inner = [i - 2 for i in tracked if i >= 2]
    shapes = [np.shape(values[i]) for i in inner]

    def slopes(t: Any, g: Any, *values: Any) -> Any:
        """The cotangents of the parameters at one point of the interval, side by side."""

        def of_parameters(*moving: Any) -> Any:
            every = list(values)
            for i, value in zip(inner, moving, strict=True):
                every[i] = value
            return as_full(f(t, *every))[()]

        pulled = vjp(of_parameters, *[values[i] for i in inner])[1](g)
        return np.concatenate([np.ravel(part) for part in pulled])

    def pull(g: Any) -> tuple[Any, ...]:
        found = {}
        if 0 in tracked:
            found[0] = -np.sum(g * _at_end(f, a, values, method))
        if 1 in tracked:
            found[1] = np.sum(g * _at_end(f, b, values, method))
        if inner:
            total = integral([a, b, g, *values], slopes, _Method(None, method.points, method.weighted))
            start = 0
            for i, shape in zip(inner, shapes, strict=True):
                count = int(np.prod(shape, dtype=int))
                found[i + 2] = np.reshape(total[start : start + count], shape)
                start += count
        return tuple(found[i] for i in tracked)

    return pull


def _forward(out: Any, operands: Any, tangents: Any, f: Function, method: _Method) -> Any:
    a, b, *values = operands
    da, db, *moving = tangents
    total: Any = 0.0
    if da is not None:
        total = total - _at_end(f, a, values, method) * da
    if db is not None:
        total = total + _at_end(f, b, values, method) * db
    places = [i for i, tangent in enumerate(moving) if tangent is not None]
    if not places:
        return total
    count = len(values)

    def along(t: Any, *both: Any) -> Any:
        values, directions = both[:count], both[count:]

        def of_parameters(*moved: Any) -> Any:
            every = list(values)
            for i, value in zip(places, moved, strict=True):
                every[i] = value
            return as_full(f(t, *every))[()]

        return jvp(of_parameters, [values[i] for i in places], directions)[1]

    parameters = [*values, *(moving[i] for i in places)]
    return total + integral([a, b, *parameters], along, _Method(None, method.points, method.weighted))


@listed(_reverse, _forward, "differentiation under the integral sign")
def integral(operands: Any, f: Function, method: _Method) -> Any:
    """∫ f(t, *values) dt from a to b; `operands` are a, b and the values. Of any shape."""
    a, b, *values = operands
    return as_full(method.solve(lambda t: np.asarray(f(t, *values)), a, b))[()]


def _integrand(rebuild: Function) -> Function:
    def f(t: Any, *values: Any) -> Any:
        func, args = rebuild(values)
        return joined(func(t, *args))

    return f


@like(plain_integrate.quad)
def quad(func: Function, a: Any, b: Any, args: Any = (), full_output: Any = 0, **options: Any) -> Any:
    """SciPy's `quad`: the integral of `func` from `a` to `b` and an estimate of its error.

    Differentiable in `a`, `b`, `args` and in what `func` captures. The error is that of the value.

    >>> import numpy as np, chainrule as cr
    >>> rate = cr.grad(lambda k: quad(lambda t: np.exp(-k * t), 0.0, np.inf)[0])(2.0)
    >>> round(float(rate), 9)
    -0.25
    """
    values, rebuild, (plain_func, plain_args) = problem((func,), args)
    if full_output:
        options["full_output"] = full_output
    found = plain_integrate.quad(plain_func, plain(a), plain(b), plain_args, **options)
    if not (values or isinstance(a, Tracked) or isinstance(b, Tracked)):
        return found
    about_weight = {"weight", "wvar", "wopts", "maxp1", "limlst"} & options.keys()
    weighted: dict[str, Any] = {name: options[name] for name in about_weight}
    method = _Method(found[0], options.get("points"), weighted if weighted.get("weight") is not None else None)
    return integral([a, b, *values], _integrand(rebuild), method), *found[1:]


@like(plain_integrate.quad_vec)
def quad_vec(f: Function, a: Any, b: Any, args: Any = (), **options: Any) -> Any:
    """SciPy's `quad_vec`: the integral of a function whose values are arrays, differentiable as :func:`quad`."""
    values, rebuild, (plain_f, plain_args) = problem((f,), args)
    bound = functools.partial(_with, plain_f, plain_args) if plain_args else plain_f  # SciPy 1.13 knows no args
    found = plain_integrate.quad_vec(bound, plain(a), plain(b), **options)
    if not (values or isinstance(a, Tracked) or isinstance(b, Tracked)):
        return found
    method = _Method(found[0], options.get("points"))
    return integral([a, b, *values], _integrand(rebuild), method), *found[1:]


def _with(f: Function, args: Any, t: Any) -> Any:
    """`f` at a point with its other arguments; partial of it can be pickled, for several processes."""
    return f(t, *args)


@like(plain_integrate.fixed_quad)
def fixed_quad(func: Function, a: Any, b: Any, args: Any = (), n: int = 5) -> Any:
    """SciPy's `fixed_quad`: Gauss's rule of order `n`, and None. `func` is called once, with all points."""
    values, *_ = problem((func,), args)
    if not (values or isinstance(a, Tracked) or isinstance(b, Tracked)):
        return plain_integrate.fixed_quad(func, a, b, args, n)
    nodes, weights = np.polynomial.legendre.leggauss(n)
    points = (b - a) * (nodes + 1) / 2.0 + a
    return (b - a) / 2.0 * np.sum(weights * joined(func(points, *args)), axis=-1), None


@like(plain_integrate.nquad)
def nquad(func: Function, ranges: Any, args: Any = None, opts: Any = None, full_output: bool = False) -> Any:
    """SciPy's `nquad`: an integral over several variables, differentiable as :func:`quad`, which does the work.

    `ranges` and `opts` may be functions of the outer variables, as in SciPy.
    """
    given = () if args is None else args if isinstance(args, tuple) else (args,)
    flat = [ends if callable(ends) else tuple(ends) for ends in ranges]
    values, *_ = problem((func, *flat), given)
    if not values:
        return plain_integrate.nquad(func, ranges, args, opts, full_output)
    if full_output:
        raise NoRuleError(f"nquad with full_output of tracked values has no rule{at_user_line()}. Leave it out.")
    every = list(opts) if isinstance(opts, list | tuple) else [{} if opts is None else opts] * len(flat)
    errors: list[float] = [0.0]

    def level(k: int, *outer: Any) -> Any:
        ends, options = flat[k], every[k]
        low, high = ends(*outer, *given) if callable(ends) else ends
        options = options(*outer, *given) if callable(options) else options
        f = func if k == 0 else lambda x, *rest: level(k - 1, x, *rest)
        value, error, *_ = quad(f, low, high, args=(*outer, *given) if k == 0 else outer, **options)
        errors[0] = max(errors[0], error)
        return value

    return level(len(flat) - 1), errors[0]


@like(plain_integrate.dblquad)
def dblquad(func: Function, a: Any, b: Any, gfun: Any, hfun: Any, args: Any = (), **options: Any) -> Any:
    """SciPy's `dblquad`: ∫ from a to b of ∫ from gfun(x) to hfun(x) of func(y, x), differentiable as :func:`quad`."""
    values, *_ = problem((func, gfun, hfun), (a, b, *args))
    if not values:
        return plain_integrate.dblquad(func, a, b, gfun, hfun, args, **options)

    def inner(x: Any, *_: Any) -> Any:
        return (gfun(x) if callable(gfun) else gfun), (hfun(x) if callable(hfun) else hfun)

    return nquad(func, [inner, (a, b)], args, {"epsabs": 1.49e-8, "epsrel": 1.49e-8, **options})


@like(plain_integrate.tplquad)
def tplquad(
    func: Function, a: Any, b: Any, gfun: Any, hfun: Any, qfun: Any, rfun: Any, args: Any = (), **options: Any
) -> Any:
    """SciPy's `tplquad`: a triple integral of func(z, y, x), differentiable as :func:`quad`."""
    values, *_ = problem((func, gfun, hfun, qfun, rfun), (a, b, *args))
    if not values:
        return plain_integrate.tplquad(func, a, b, gfun, hfun, qfun, rfun, args, **options)

    def innermost(y: Any, x: Any, *_: Any) -> Any:
        return (qfun(x, y) if callable(qfun) else qfun), (rfun(x, y) if callable(rfun) else rfun)

    def inner(x: Any, *_: Any) -> Any:
        return (gfun(x) if callable(gfun) else gfun), (hfun(x) if callable(hfun) else hfun)

    return nquad(func, [innermost, inner, (a, b)], args, {"epsabs": 1.49e-8, "epsrel": 1.49e-8, **options})
