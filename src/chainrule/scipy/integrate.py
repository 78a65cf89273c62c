"""Solutions of differential equations, differentiated by the adjoint equation (reverse) or the variation (forward).

The solver's steps are not recorded. The reverse pass integrates backwards in time the cotangent a(t) of the state,
which obeys da/dt = −a·∂f/∂y (L. S. Pontryagin and others, The Mathematical Theory of Optimal Processes, 1962); the
forward pass integrates the state together with its tangent. Each is a differential equation again, solved by the same
function, so higher derivatives follow. Parameters are passed in `args`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import integrate as plain_integrate

from chainrule.engine.location import at_user_line
from chainrule.engine.values import plain
from chainrule.errors import GradientCheckError
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_array
from chainrule.rules.untracked import plain_array
from chainrule.scipy.sequences import joined, listed, parameters, plain_arguments, real
from chainrule.transforms.directions import jvp, vjp

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


def _reverse(out: Any, operands: Any, tracked: Any, f: Function, solver: Solver) -> Callable[[Any], tuple[Any, ...]]:
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
            state = trajectory([state, np.stack([t[k], t[k - 1]]), *args], backwards, solver.derived or solver)[-1]
            _check_way_back(plain_array(state)[:n], plain_array(out)[k - 1])
            a, rest = state[n : 2 * n] + g[k - 1], state[2 * n :]
        times[0] = times[0] - np.sum(a * slopes[0])
        cotangents = [a, np.stack(times), *_unpack(rest, shapes)]
        return tuple(cotangents[i] for i in tracked)

    return pull


def _check_way_back(found: Any, start: Any) -> None:
    """Raise where the solution does not lead back to where it came from: its cotangent would be as wrong."""
    if np.any(np.abs(found - start) > 1e-4 * np.max(np.abs(np.append(start, 1e-300)))) and np.all(np.isfinite(start)):
        raise GradientCheckError(
            f"the equation solved backwards in time leads to {found}, not {start}{at_user_line()}, and so reverse mode "
            "would give a wrong derivative. It is stiff: use forward mode (cr.jvp, cr.jacfwd), or ask for more times "
            "in between."
        )


def _forward(out: Any, operands: Any, tangents: Any, f: Function, solver: Solver) -> Any:
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
    return trajectory([start, t, *args, *dargs], together, solver.derived or solver)[:, n:] + slopes * dt[:, None]


@listed(_reverse, _forward, "adjoint and variational equations")
def trajectory(operands: Any, f: Function, solver: Solver) -> Any:
    """The states at the times `t`, one a row; `operands` are y0 (n,), t (m,) and the parameters of f(y, t, *args)."""
    y0, t, *args = operands
    return solver.solve(lambda y, t: np.asarray(f(y, t, *args), float), y0, t)


@dataclass(frozen=True)
class Solver:
    """How an equation is solved: `solve(f, y0, t)` gives the states at the times `t`, one a row.

    `derived` solves the equations made of it for derivatives, which have more components and may run backwards in
    time: it takes nothing along that is about the components of the user's own, such as their Jacobian, or has the
    sign of a step.
    """

    solve: Function
    derived: Solver | None = None


def _general(options: dict[str, Any], special: set[str]) -> dict[str, Any]:
    """The options without those about single components; of tolerances for each the smallest."""
    kept = {name: value for name, value in options.items() if name not in special}
    return {name: float(np.min(value)) if name in ("rtol", "atol") else value for name, value in kept.items()}


def odeint(
    func: Function, y0: Any, t: Any, args: Any = (), *, tfirst: bool = False,
    rtol: Any = 1e-10, atol: Any = 1e-10, **options: Any,
) -> Any:  # fmt: skip
    """SciPy's `odeint`: the states (m, n) at the times `t` (m,) of dy/dt = func(y, t, *args), y(t[0]) = y0 (n,).

    Differentiable in `y0`, `t` and the numbers and arrays in `args`, also inside lists, tuples and dicts there. The
    tolerances are tighter than SciPy's, because the derivative's error is of the same size as the solution's. A
    backward pass calls `func` again: arrays that it captures, instead of having them in `args`, must not change until
    then.

    >>> import chainrule as cr
    >>> rate = cr.grad(lambda k: odeint(lambda y, t, k: -k * y, [1.0], [0.0, 1.0], (k,))[-1, 0])(1.0)
    >>> round(float(rate), 6)
    -0.367879
    """
    _refuse({"full_output"}, options, "odeint", "The report is not differentiable.")
    f: Function = (lambda y, t, *values: func(t, y, *values)) if tfirst else func
    options = {"rtol": rtol, "atol": atol, **options}

    def solving(options: dict[str, Any]) -> Function:
        return lambda f, y0, t: plain_integrate.odeint(f, y0, t, **options)

    general = solving(_general(options, {"Dfun", "col_deriv", "ml", "mu", "tcrit", "h0"}))
    if "Dfun" in options:
        user, plain_args = options["Dfun"], plain_arguments(args)
        options["Dfun"] = lambda y, t: user(*((t, y) if tfirst else (y, t)), *plain_args)
    y0, t = real(as_array(y0), "y0"), real(as_array(t), "t")
    y0 = y0 if np.ndim(plain(y0)) else np.reshape(y0, (1,))
    return _states(f, y0, t, args, Solver(solving(options), Solver(general)))


def _states(f: Function, y0: Any, t: Any, args: Any, solver: Solver) -> Any:
    """The states of dy/dt = f(y, t, *args), differentiable in `y0`, `t` and what is tracked in `args`."""
    values, arguments = parameters(args)
    for value in values:
        real(value, "a parameter of the equation")

    def slope(y: Any, t: Any, *values: Any) -> Any:
        result = joined(f(y, t, *arguments(values)))
        return result if np.shape(result) == np.shape(y) else np.reshape(result, np.shape(y))

    return trajectory([y0, t, *values], slope, solver)


def _refuse(names: set[str], options: dict[str, Any], function: str, why: str) -> None:
    asked = sorted(name for name in names if options.get(name) not in (None, False))
    if asked:
        raise ValueError(
            f"{function} with {' and '.join(asked)}{at_user_line()} has no rule yet. {why} "
            "Ask for the states at given times instead."
        )


def solve_ivp(
    fun: Function, t_span: Any, y0: Any, method: str = "RK45", t_eval: Any = None, args: Any = (), *,
    rtol: Any = 1e-9, atol: Any = 1e-9, **options: Any,
) -> Any:  # fmt: skip
    """SciPy's `solve_ivp`: the result's `y` (n, m) are the states at its times `t`, differentiable in `y0` and `args`.

    Without `t_eval`, the times are those at which the solver happened to stop, held fixed. `t_eval` may be tracked too.
    The ends in `t_span` cannot be tracked. A backward pass calls `fun` again, as for :func:`odeint`.
    Events are not differentiated: options that ask for them raise.
    """
    _refuse({"events", "dense_output"}, options, "solve_ivp", "What lies between the steps is not differentiable.")
    found: list[Any] = []
    args = () if args is None else tuple(args)
    options = {"method": method, "rtol": rtol, "atol": atol, **options}
    start, end = (float(end) for end in t_span)
    y0 = real(as_array(y0), "y0")

    def solving(options: dict[str, Any]) -> Function:
        def solve(f: Function, y0: Any, t: Any) -> Any:
            found.append(plain_integrate.solve_ivp(lambda t, y: f(y, t), (t[0], t[-1]), y0, t_eval=t, **options))
            return found[-1].y.T

        return solve

    general = solving(_general(options, {"jac", "jac_sparsity", "lband", "uband", "vectorized"}))
    plain_args = plain_arguments(args)
    if callable(options.get("jac")):
        jac = options["jac"]
        options["jac"] = lambda t, y: jac(t, y, *plain_args)
    options.pop("vectorized", None)
    solver = Solver(solving(options), Solver(general))
    f: Function = lambda y, t, *args: fun(t, y, *args)  # noqa: E731
    if t_eval is None:
        t_eval = plain_integrate.solve_ivp(
            lambda t, y: np.asarray(joined(fun(t, y, *plain_args)), float), (start, end), plain(y0), **options
        ).t
    t_eval = real(as_array(t_eval), "t_eval")
    leading = float(plain(t_eval)[0]) != start
    times = np.concatenate([[start], t_eval]) if leading else t_eval
    states = _states(f, y0, times, args, solver)
    result = found[-1]
    result.t, result.y = t_eval, np.transpose(states[1:] if leading else states)
    return result
