"""Solutions of differential equations, differentiated by the adjoint equation (reverse) or the variation (forward).

The solver's steps are not recorded. The reverse pass integrates backwards in time the cotangent a(t) of the state,
which obeys da/dt = −a·∂f/∂y (L. S. Pontryagin and others, The Mathematical Theory of Optimal Processes, 1962); the
forward pass integrates the state together with its tangent. Each is a differential equation again, solved by the same
function, so higher derivatives follow. Values are SciPy's with the tolerances asked for; derivatives are those of the
exact solution, so the equations that they come from are solved with tight ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import integrate as plain_integrate

from chainrule.engine.assignment import joined as joined_tree
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain
from chainrule.errors import GradientCheckError
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_array
from chainrule.rules.untracked import plain_array
from chainrule.scipy.following import like, slopes
from chainrule.scipy.sequences import joined, listed, problem, real
from chainrule.transforms.directions import jvp, vjp

__all__ = ["odeint", "solve_ivp"]

_TIGHT = 1e-10
"""The tolerance with which equations are solved for derivatives, unless a smaller one is asked for."""


# ---------------------------------------------------------------------- a trajectory


@dataclass(frozen=True)
class Solver:
    """How an equation is solved: `solve(f, y0, t)` gives the states at the times `t`, one a row.

    `derived` solves the equations made of it for derivatives, which have more components and may run backwards in
    time: it takes nothing along that is about the components of the user's own, such as their Jacobian, or has the
    sign of a step. Its tolerances are tight.
    """

    solve: Function
    derived: Solver | None = None


def _pack(parts: Any) -> Any:
    return np.concatenate([np.ravel(part) for part in parts])


def _unpack(packed: Any, shapes: Any) -> list[Any]:
    parts, start = [], 0
    for shape in shapes:
        end = start + int(np.prod(shape, dtype=int))
        parts.append(np.reshape(packed[start:end], shape))
        start = end
    return parts


def _accurate(out: Any, operands: Any, f: Function, solver: Solver) -> tuple[Any, Solver]:
    """The states as exactly as derivatives need them, and the solver for these."""
    if solver.derived is None:
        return out, solver
    return trajectory(list(operands), f, solver.derived), solver.derived


def _reverse(out: Any, operands: Any, tracked: Any, f: Function, solver: Solver) -> Callable[[Any], tuple[Any, ...]]:
    _, t, *args = operands
    n, shapes = len(out[0]), [np.shape(arg) for arg in args]

    def backwards(state: Any, time: Any, *args: Any) -> Any:
        y, a = state[:n], state[n : 2 * n]
        slope, pullback = vjp(lambda y, *args: f(y, time, *args), y, *args)
        return _pack([slope, *(-c for c in pullback(a))])

    def pull(g: Any) -> tuple[Any, ...]:
        exact, derived = _accurate(out, operands, f, solver)
        a = g[-1]
        rest = np.zeros(sum(int(np.prod(shape, dtype=int)) for shape in shapes))
        end = len(t) - 1
        for k in range(end - 1, -1, -1):
            if k and not isinstance(g, Tracked) and not np.any(g[k]):
                continue  # nothing is added here, so there is no need to stop
            state = _pack([exact[end], a, rest])
            state = trajectory([state, np.stack([t[end], t[k]]), *args], backwards, derived)[-1]
            _check_way_back(plain_array(state)[:n], plain_array(exact)[k])
            a, rest, end = state[n : 2 * n] + g[k], state[2 * n :], k
        cotangents = {0: a, **dict(enumerate(_unpack(rest, shapes), 2))}
        if 1 in tracked:
            slopes = [f(exact[k], t[k], *args) for k in range(len(t))]
            times = [np.sum(g[k] * slopes[k]) for k in range(len(t))]
            times[0] = times[0] - np.sum(a * slopes[0])
            cotangents[1] = np.stack(times)
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
    exact, derived = _accurate(out, operands, f, solver)
    moving = [np.zeros(np.shape(o)) if d is None else d for o, d in zip(operands, tangents, strict=True)]
    (y0, t, *args), (dy0, dt, *dargs) = operands, moving
    count = len(args)

    def together(state: Any, time: Any, *both: Any) -> Any:
        args, dargs = both[:count], both[count:]
        slope, moved = jvp(lambda y, *args: f(y, time, *args), (state[:n], *args), (state[n:], *dargs))
        return _pack([slope, moved])

    if tangents[1] is None:
        return trajectory([_pack([y0, dy0]), t, *args, *dargs], together, derived)[:, n:]
    slopes = np.stack([f(exact[k], t[k], *args) for k in range(len(t))])
    start = _pack([y0, dy0 - slopes[0] * dt[0]])
    return trajectory([start, t, *args, *dargs], together, derived)[:, n:] + slopes * dt[:, None]


@listed(_reverse, _forward, "adjoint and variational equations")
def trajectory(operands: Any, f: Function, solver: Solver) -> Any:
    """The states at the times `t`, one a row; `operands` are y0 (n,), t (m,) and the parameters of f(y, t, *args)."""
    y0, t, *args = operands
    if len(t) > 1 and np.all(np.equal(t, t[0])):
        return np.tile(np.asarray(y0, float), (len(t), 1))
    return solver.solve(lambda y, t: np.asarray(f(y, t, *args), float), y0, t)


def _slope(rebuild: Function, order: Callable[[Any, Any], tuple[Any, Any]]) -> Function:
    """The right-hand side as a function of y, t and of the tracked values that it reaches."""

    def slope(y: Any, t: Any, *values: Any) -> Any:
        func, args = rebuild(values)[0], rebuild(values)[-1]
        result = joined(func(*order(y, t), *args))
        return result if np.shape(result) == np.shape(y) else np.reshape(result, np.shape(y))

    return slope


def _general(options: dict[str, Any], special: set[str]) -> dict[str, Any]:
    """The options without those about single components; of tolerances for each the smallest, and a tight one."""
    kept = {name: value for name, value in options.items() if name not in special}
    for name in ("rtol", "atol"):
        given = options.get(name)
        kept[name] = _TIGHT if given is None else min(_TIGHT, float(np.min(given)))
    return kept


def _check_real(values: list[Any]) -> None:
    for value in values:
        real(value, "a parameter of the equation")


# ---------------------------------------------------------------------- odeint


@like(plain_integrate.odeint)
def odeint(func: Function, y0: Any, t: Any, args: Any = (), **options: Any) -> Any:
    """SciPy's `odeint`: the states (m, n) at the times `t` (m,) of dy/dt = func(y, t, *args), y(t[0]) = y0 (n,).

    Differentiable in `y0`, `t` and the numbers and arrays in `args`, also inside lists, tuples and dicts there, and in
    those that `func` captures. The derivative is that of the exact solution, whatever the tolerances. A backward pass
    calls `func` again: plain arrays that it captures, instead of having them in `args`, must not change until then.

    >>> import chainrule as cr
    >>> rate = cr.grad(lambda k: odeint(lambda y, t: -k * y, [1.0], [0.0, 1.0])[-1, 0])(1.0)
    >>> round(float(rate), 6)
    -0.367879
    """
    y0, t = as_array(joined(y0)), as_array(joined(t))
    values, rebuild, (fun, user_jacobian, plain_args) = problem((func, options.get("Dfun")), args)
    given = {**options, "Dfun": user_jacobian} if "Dfun" in options else options
    found = plain_integrate.odeint(fun, plain(y0), plain(t), plain_args, **given)
    if not (values or isinstance(y0, Tracked) or isinstance(t, Tracked)):
        return found
    _check_real(values)
    y0, t = real(y0, "y0"), real(t, "t")
    y0 = y0 if np.ndim(plain(y0)) else np.reshape(y0, (1,))
    states = found[0] if options.get("full_output") else found
    tfirst = bool(options.get("tfirst"))
    general = _general(options, {"Dfun", "col_deriv", "ml", "mu", "tcrit", "h0", "full_output", "tfirst", "printmessg"})
    derived = Solver(lambda f, y0, t: plain_integrate.odeint(f, y0, t, **general))
    slope = _slope(rebuild, lambda y, t: (t, y) if tfirst else (y, t))
    made = trajectory([y0, t, *values], slope, Solver(lambda f, y0, t: states, derived))
    return (made, found[1]) if options.get("full_output") else made


# ---------------------------------------------------------------------- solve_ivp


@like(plain_integrate.solve_ivp)
def solve_ivp(
    fun: Function, t_span: Any, y0: Any, method: Any = "RK45", t_eval: Any = None, dense_output: bool = False,
    events: Any = None, vectorized: bool = False, args: Any = None, **options: Any,
) -> Any:  # fmt: skip
    """SciPy's `solve_ivp`, differentiable in `y0`, `t_span`, `t_eval`, `args` and in what `fun` and `events` capture.

    In the result `y` (n, m) are the states at the times `t`, `y_events` those at the events, and `sol` is a function
    of time. Without `t_eval`, the times between the ends are those at which the solver happened to stop, held fixed;
    those of events move. The derivative is that of the exact solution, as for :func:`odeint`.
    """
    y0, t_eval, t_span = as_array(joined(y0)), as_array(joined(t_eval)), tuple(t_span)
    listed_events = list(events) if isinstance(events, list | tuple) else [] if events is None else [events]
    values, rebuild, (plain_fun, jac, *plain_events, plain_args) = problem(
        (fun, options.get("jac"), *listed_events), () if args is None else args
    )
    given: dict[str, Any] = {
        "method": method, "t_eval": plain(t_eval), "dense_output": dense_output, "vectorized": vectorized,
        "args": None if args is None else plain_args, **options,
    }  # fmt: skip
    if events is not None:
        given["events"] = plain_events if isinstance(events, list | tuple) else plain_events[0]
    if "jac" in options:
        given["jac"] = jac
    found = plain_integrate.solve_ivp(plain_fun, tuple(map(plain, t_span)), plain(y0), **_said(given))
    if not (values or any(isinstance(value, Tracked) for value in (y0, t_eval, *t_span))) or found.status < 0:
        return found
    _check_real(values)
    problem_of = _Initial(values, rebuild, real(y0, "y0"), t_span[0], _derived(method, options))
    _fill(found, problem_of, t_span, t_eval, len(listed_events))
    return found


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """The options that differ from SciPy's defaults."""
    usual = {"t_eval": None, "dense_output": False, "events": None, "vectorized": False, "args": None}
    return {name: value for name, value in options.items() if name not in usual or value is not usual[name]}


def _derived(method: Any, options: dict[str, Any]) -> Solver:
    general = _general(options, {"jac", "jac_sparsity", "lband", "uband", "first_step"})
    general["method"] = {"RK23": "DOP853", "RK45": "DOP853"}.get(method, method) if isinstance(method, str) else method

    def solve(f: Function, y0: Any, t: Any) -> Any:
        new = np.append(True, np.diff(t) != 0)  # SciPy wants each time once
        found = plain_integrate.solve_ivp(lambda t, y: f(y, t), (t[0], t[-1]), y0, t_eval=t[new], **general)
        return found.y.T[np.cumsum(new) - 1]

    return Solver(solve)


@dataclass(frozen=True)
class _Initial:
    """An initial value problem, with what makes its functions of the tracked values that they reach."""

    values: list[Any]
    rebuild: Function
    y0: Any
    start: Any
    derived: Solver

    def slope(self, y: Any, t: Any, *values: Any) -> Any:
        return _slope(self.rebuild, lambda y, t: (t, y))(y, t, *values)

    def states(self, times: Any, known: Any) -> Any:
        """The states at times in order, one a row: the known ones, with derivatives."""
        if not len(plain_array(times)):
            return known
        late = Solver(lambda f, y0, t: np.concatenate([np.reshape(plain(self.y0), (1, -1)), known]), self.derived)
        operands = [self.y0, np.concatenate([np.reshape(self.start, (1,)), times]), *self.values]
        return trajectory(operands, self.slope, late)[1:]


def _fill(found: Any, initial: _Initial, t_span: Any, t_eval: Any, events: int) -> None:
    """Put tracked values into SciPy's result."""
    if events:
        times = [_event_times(initial, k, found.t_events[k]) for k in range(events)]
        found.y_events = [
            initial.states(times[k], found.y_events[k]) if len(found.t_events[k]) else found.y_events[k]
            for k in range(events)
        ]
        found.t_events, plain_times = times, found.t_events
    t = found.t
    if t_eval is not None:
        t = t_eval[: len(t)] if isinstance(t_eval, Tracked) else t  # type: ignore[index]
    else:
        last: Any = t_span[1]
        if found.status == 1:
            pairs = zip(found.t_events, plain_times, strict=True)
            last = next(own[-1] for own, known in pairs if len(known) and known[-1] == t[-1])
        if len(t) > 1 and any(isinstance(end, Tracked) for end in (t_span[0], last)):
            t = joined_tree([t_span[0], *t[1:-1], last])
    if found.sol is not None:
        found.sol = _Dense(found.sol, initial)
    found.y = np.transpose(initial.states(t, found.y.T))
    found.t = t


class _Dense:
    """The solution as a function of time, as SciPy's `OdeSolution`, with derivatives by parameters and by time."""

    def __init__(self, solution: Any, initial: _Initial) -> None:
        self._solution, self._initial = solution, initial

    def __getattr__(self, name: str) -> Any:
        return getattr(self._solution, name)

    def __call__(self, t: Any) -> Any:
        """The states at `t`, which is a number (result (n,)) or an array (m,) (result (n, m))."""
        t = as_array(joined(t))
        places = np.atleast_1d(plain_array(t)).astype(float)
        order = np.argsort(places if self._solution.t_max == self._solution.ts[-1] else -places, kind="stable")
        times = np.reshape(t, (1,)) if not np.ndim(t) else t
        states = self._initial.states(times[order], self._solution(places[order]).T)
        states = states[np.argsort(order, kind="stable")]
        return np.transpose(states) if np.ndim(t) else states[0]


# ---------------------------------------------------------------------- events


def _event_times(initial: _Initial, number: int, times: Any) -> Any:
    """The times of one event, as functions of everything that moves the solution."""
    if not len(times):
        return times
    return event_times([initial.y0, np.asarray(initial.start, float) if not isinstance(initial.start, Tracked)
                        else initial.start, *initial.values], initial, number, times)  # fmt: skip


def _event_step(out: Any, operands: Any, moving: Any, initial: _Initial, number: int, times: Any) -> Any:
    """One of Newton's steps from the times of the events, where the event function is 0 along the solution."""

    def event(t: Any, y: Any, *values: Any) -> Any:
        _, _, *events, args = initial.rebuild(values)
        return np.reshape(joined(events[number](t, y, *args)), ())

    y0, start, *values = moving
    _, _, *fixed_values = operands
    at = np.concatenate([np.reshape(start, (1,)), out])
    states = trajectory([y0, at, *values], initial.slope, initial.derived)[1:]
    held = trajectory([operands[0], np.concatenate([np.reshape(operands[1], (1,)), out]), *fixed_values],
                      initial.slope, initial.derived)[1:]  # fmt: skip
    moved = []
    for k in range(len(times)):
        slope = initial.slope(held[k], out[k], *fixed_values)
        rise = jvp(lambda t, y: event(t, y, *fixed_values), (out[k], held[k]), (np.ones(()), slope))[1]
        moved.append(out[k] - event(out[k], states[k], *values) / rise)
    return np.stack(moved)


@listed(*slopes(_event_step), "implicit function theorem")
def event_times(operands: Any, initial: _Initial, number: int, times: Any) -> Any:
    """The times at which event `number` happens; `operands` are y0, the start and the values that functions reach."""
    return np.array(times, float)
