"""Solutions of differential equations, differentiated by the adjoint equation (reverse) or the variation (forward).

The solver's steps are not recorded. The reverse pass integrates backwards in time the cotangent a(t) of the state,
which obeys da/dt = −a·∂f/∂y (L. S. Pontryagin and others, The Mathematical Theory of Optimal Processes, 1962); the
forward pass integrates the state together with its tangent. Each is a differential equation again, solved by the same
function, so higher derivatives follow. Parameters are passed in `args`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import integrate as plain_integrate

from chainrule.engine.containers import flatten
from chainrule.engine.values import plain
from chainrule.formula.expression import Function
from chainrule.scipy.sequences import listed, numbers
from chainrule.transforms import jvp, vjp

__all__ = ["odeint", "solve_ivp"]


def _pack(parts: Any) -> Any:
    return np.concatenate([np.ravel(part) for part in parts])


def _unpack(packed: Any, shapes: Any) -> list[Any]:
    parts, start = [], 0
    for shape in shapes:
        end = start + int(np.prod(shape, dtype=int))
        parts.append(np.reshape(packed[start:end], shape))
        start = end
    return parts


def _reverse(out: Any, operands: Any, tracked: Any, f: Function, solver: Any) -> Callable[[Any], tuple[Any, ...]]:
    _, t, *args = operands
    n, shapes = len(out[0]), [np.shape(arg) for arg in args]

    def backwards(state: Any, time: Any, *args: Any) -> Any:
        y, a = state[:n], state[n : 2 * n]
        slope, pullback = vjp(lambda y, *args: f(y, time, *args), y, *args)
        return _pack([slope, *(-c for c in pullback(a))])

    def pull(g: Any) -> tuple[Any, ...]:
        slopes = [f(out[k], t[k], *args) for k in range(len(t))]
        times = [np.sum(g[k] * slopes[k]) for k in range(len(t))]
        a = g[-1]
        rest = np.zeros(sum(int(np.prod(shape, dtype=int)) for shape in shapes))
        for k in range(len(t) - 1, 0, -1):
            state = _pack([out[k], a, rest])
            state = trajectory([state, np.stack([t[k], t[k - 1]]), *args], backwards, solver)[-1]
            a, rest = state[n : 2 * n] + g[k - 1], state[2 * n :]
        times[0] = times[0] - np.sum(a * slopes[0])
        cotangents = [a, np.stack(times), *_unpack(rest, shapes)]
        return tuple(cotangents[i] for i in tracked)

    return pull


def _forward(out: Any, operands: Any, tangents: Any, f: Function, solver: Any) -> Any:
    n = len(out[0])
    moving = [np.zeros(np.shape(o)) if d is None else d for o, d in zip(operands, tangents, strict=True)]
    (y0, t, *args), (dy0, dt, *dargs) = operands, moving
    count = len(args)

    def together(state: Any, time: Any, *both: Any) -> Any:
        args, dargs = both[:count], both[count:]
        slope, moved = jvp(lambda y, *args: f(y, time, *args), (state[:n], *args), (state[n:], *dargs))
        return _pack([slope, moved])

    slopes = np.stack([f(out[k], t[k], *args) for k in range(len(t))])
    start = _pack([y0, dy0 - slopes[0] * dt[0]])
    return trajectory([start, t, *args, *dargs], together, solver)[:, n:] + slopes * dt[:, None]


@listed(_reverse, _forward, "adjoint and variational equations")
def trajectory(operands: Any, f: Function, solver: Function) -> Any:
    """The states at the times `t`, one a row; `operands` are y0 (n,), t (m,) and the parameters of f(y, t, *args)."""
    y0, t, *args = operands
    return solver(lambda y, t: np.asarray(f(y, t, *args), float), y0, t)


def odeint(
    func: Function, y0: Any, t: Any, args: Any = (), *, tfirst: bool = False,
    rtol: float = 1e-10, atol: float = 1e-10, **options: Any,
) -> Any:  # fmt: skip
    """SciPy's `odeint`: the states (m, n) at the times `t` (m,) of dy/dt = func(y, t, *args), y(t[0]) = y0 (n,).

    Differentiable in `y0`, `t` and the numbers and arrays in `args`, also inside lists, tuples and dicts there. The
    tolerances are tighter than SciPy's, because the derivative's error is of the same size as the solution's.

    >>> import chainrule as cr
    >>> rate = cr.grad(lambda k: odeint(lambda y, t, k: -k * y, [1.0], [0.0, 1.0], (k,))[-1, 0])(1.0)
    >>> round(float(rate), 6)
    -0.367879
    """
    f: Function = (lambda y, t, *values: func(t, y, *values)) if tfirst else func

    def solver(f: Function, y0: Any, t: Any) -> Any:
        return plain_integrate.odeint(f, y0, t, rtol=rtol, atol=atol, **options)

    y0 = y0 if np.ndim(plain(y0)) else np.reshape(y0, (1,))
    leaves, rebuild = flatten(tuple(args))

    def whole(y: Any, t: Any, *values: Any) -> Any:
        return f(y, t, *rebuild(values))

    return trajectory(numbers([y0, t, *leaves]), _vector(whole), solver)


def solve_ivp(
    fun: Function, t_span: Any, y0: Any, method: str = "RK45", t_eval: Any = None, args: Any = (), *,
    rtol: float = 1e-9, atol: float = 1e-9, **options: Any,
) -> Any:  # fmt: skip
    """SciPy's `solve_ivp`: the result's `y` (n, m) are the states at its times `t`, differentiable in `y0` and `args`.

    Without `t_eval`, the times are those at which the solver happened to stop, held fixed. `t_eval` may be tracked too.
    The ends in `t_span` cannot be tracked.
    Events are not differentiated: options that ask for them raise.
    """
    if {"events", "dense_output"} & set(options):
        raise ValueError(
            "solve_ivp with events or dense_output has no rule yet. Ask for the states at times in t_eval instead."
        )
    found: list[Any] = []

    def solver(f: Function, y0: Any, t: Any) -> Any:
        result = plain_integrate.solve_ivp(
            lambda t, y: f(y, t), (t[0], t[-1]), y0, method, t, rtol=rtol, atol=atol, **options
        )
        found.append(result)
        return result.y.T

    def f(y: Any, t: Any, *values: Any) -> Any:
        return fun(t, y, *rebuild(values))

    leaves, rebuild = flatten(tuple(args))
    start, end = (float(end) for end in t_span)
    if t_eval is None:
        t_eval = plain_integrate.solve_ivp(
            lambda t, y: np.asarray(fun(t, y, *rebuild([plain(a) for a in leaves]))), (start, end), plain(y0), method,
            rtol=rtol, atol=atol, **options,
        ).t  # fmt: skip
    leading = float(plain(t_eval)[0]) != start
    times = np.concatenate([[start], t_eval]) if leading else t_eval
    states = trajectory(numbers([y0, times, *leaves]), _vector(f), solver)
    result = found[-1]
    result.t, result.y = t_eval, np.transpose(states[1:] if leading else states)
    return result


def _vector(f: Function) -> Function:
    """`f` with its result as one array, also where it returns a list of numbers, tracked or not."""

    def joined(y: Any, t: Any, *args: Any) -> Any:
        slope = f(y, t, *args)
        return np.stack(slope) if isinstance(slope, (list, tuple)) else slope

    return joined
