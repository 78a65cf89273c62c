"""Minimisers and fits, as in scipy.optimize, differentiated where the gradient is 0.

With bounds, the components that lie at one of theirs stay there, and the others are those of the problem without them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize as plain_optimize

from chainrule.engine.assignment import joined as joined_tree
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, plain
from chainrule.errors import NoRuleError
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_array
from chainrule.scipy.following import like
from chainrule.scipy.optimize.constrained import at_constraints, closed, opened
from chainrule.scipy.optimize.implicit import solved
from chainrule.scipy.sequences import joined, problem
from chainrule.transforms.gradients import grad
from chainrule.transforms.jacobians import jacobian

__all__ = [
    "basinhopping", "brent", "curve_fit", "differential_evolution", "direct", "dual_annealing", "fmin", "fmin_bfgs",
    "fmin_cg", "fmin_l_bfgs_b", "fmin_ncg", "fmin_powell", "fminbound", "golden", "least_squares", "leastsq",
    "lsq_linear", "minimize", "minimize_scalar", "nnls",
]  # fmt: skip


def _stationary(objective: Function, held: Any = None, ends: Any = None) -> Function:
    """The equations of a minimum: the gradient is 0, but components that are `held` are at their `ends`."""

    def equations(x: Any, *values: Any) -> Any:
        slope = grad(lambda x: np.reshape(joined(objective(x, *values)), ()))(x)
        return slope if held is None or not np.any(held) else np.where(held, x - ends, slope)

    return equations


def _held(x: Any, bounds: Any) -> tuple[Any, Any]:
    """Which components lie at one of their bounds, and that bound."""
    if bounds is None:
        return None, None
    if hasattr(bounds, "lb"):
        low, high = np.asarray(bounds.lb, float), np.asarray(bounds.ub, float)
    else:
        rows = [(-np.inf if a is None else a, np.inf if b is None else b) for a, b in bounds]
        low, high = np.array(rows, float).T
    low, high = np.broadcast_to(low, np.shape(x)), np.broadcast_to(high, np.shape(x))
    with np.errstate(all="ignore"):
        near = 1e-6 * np.maximum(1.0, np.abs(x))
        at_low, at_high = x - low <= near, high - x <= near
    return at_low | at_high, np.where(at_low, low, high)


@like(plain_optimize.minimize)
def minimize(
    fun: Function, x0: Any, args: Any = (), method: Any = None, jac: Any = None, hess: Any = None, hessp: Any = None,
    bounds: Any = None, constraints: Any = (), **options: Any,
) -> Any:  # fmt: skip
    """SciPy's `minimize`: the result's `x` and `fun` are differentiable in `args` and in what `fun` captures.

    At the minimum ∂fun/∂x = 0, and that equation is differentiated. Where a bound is active, the component stays there;
    for constraints see :mod:`chainrule.scipy.optimize.constrained`. What these capture counts too.
    """
    values, rebuild, plain_parts = problem((fun, jac, hess, hessp, opened(constraints)), args)
    plain_fun, plain_jac, plain_hess, plain_hessp, plain_constraints, plain_args = plain_parts
    given = {"method": method, "jac": plain_jac, "hess": plain_hess, "hessp": plain_hessp, "bounds": bounds, **options}
    given = {name: value for name, value in given.items() if value is not None}
    constrained = bool(plain_constraints)
    if constrained:
        given["constraints"] = closed(plain_constraints)
    found = plain_optimize.minimize(plain_fun, plain(joined_tree(x0)), plain_args, **given)
    if not values:
        return found

    def objective(x: Any, *values: Any) -> Any:
        fun, *_, args = rebuild(values)
        return fun(x, *args)[0] if jac is True else fun(x, *args)

    held = _held(found.x, bounds)
    if constrained:
        found.x, found.fun = at_constraints(found, values, objective, lambda *values: rebuild(values)[-2], *held)
        return found
    found.x = solved(values, _stationary(objective, *held), found.x)
    found.fun = _at_minimum(objective, found, values)
    return found


def _at_minimum(objective: Function, found: Any, values: list[Any]) -> Any:
    """The least value. By the parameters it moves as the function does at a fixed point: there its gradient is 0."""
    least: Any = joined(objective(found.x, *values))
    reshaped: Function = np.reshape
    return reshaped(least, np.shape(found.fun)) if isinstance(least, Tracked) else found.fun


@like(plain_optimize.minimize_scalar)
def minimize_scalar(fun: Function, bracket: Any = None, bounds: Any = None, args: Any = (), **options: Any) -> Any:
    """SciPy's `minimize_scalar`; the result's `x` and `fun` are differentiable as those of :func:`minimize`."""
    values, rebuild, (plain_fun, plain_args) = problem((fun,), args)
    given = {"bracket": bracket, "bounds": bounds, **options}
    found = plain_optimize.minimize_scalar(
        plain_fun, args=plain_args, **{name: v for name, v in given.items() if v is not None}
    )
    if values:
        objective = _objective(rebuild)
        found.x = solved(values, _stationary(objective), found.x)
        found.fun = _at_minimum(objective, found, values)
    return found


def _objective(rebuild: Function) -> Function:
    def objective(x: Any, *values: Any) -> Any:
        fun, *_, args = rebuild(values)
        return fun(x, *args)

    return objective


def _legacy(name: str, slope: str = "fprime") -> Function:
    """An older function of SciPy's that returns the minimiser, or with it what its options ask for."""
    theirs = getattr(plain_optimize, name)
    leading = next(iter(inspect.signature(theirs).parameters))

    @like(theirs)
    def method(args: Any = (), **options: Any) -> Any:
        values, rebuild, (plain_func, plain_slope, plain_args) = problem((options[leading], options.get(slope)), args)
        given = {name: plain(joined_tree(value)) for name, value in options.items()}
        given |= {leading: plain_func, "args": plain_args, **({} if plain_slope is None else {slope: plain_slope})}
        found = getattr(plain_optimize, name)(**given)
        if not values:
            return found
        x = found[0] if isinstance(found, tuple) else found
        x = solved(values, _stationary(_objective(rebuild), *_held(x, options.get("bounds"))), x)
        return (x, *found[1:]) if isinstance(found, tuple) else x

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"SciPy's `{name}`: the minimiser, differentiable as that of :func:`minimize`."
    return method


def _whole_range(name: str) -> Function:
    """A function of SciPy's that looks for the minimum everywhere within bounds, or from many starting points."""
    theirs = getattr(plain_optimize, name)

    @like(theirs)
    def method(func: Function, args: Any = (), **options: Any) -> Any:
        values, rebuild, (plain_func, plain_args) = problem((func,), args)
        given = {"args": plain_args} if args else {}
        found = theirs(plain_func, **given, **options)
        if values:
            objective = _objective(rebuild)
            found.x = solved(values, _stationary(objective, *_held(found.x, options.get("bounds"))), found.x)
            found.fun = _at_minimum(objective, found, values)
        return found

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"SciPy's `{name}`: the result's `x` and `fun`, differentiable as those of :func:`minimize`."
    return method


fmin, fmin_bfgs, fmin_cg, fmin_l_bfgs_b, fmin_ncg, fmin_powell, fminbound, brent, golden = map(
    _legacy,
    ("fmin", "fmin_bfgs", "fmin_cg", "fmin_l_bfgs_b", "fmin_ncg", "fmin_powell", "fminbound", "brent", "golden"),
)
basinhopping, differential_evolution, direct, dual_annealing = map(
    _whole_range, ("basinhopping", "differential_evolution", "direct", "dual_annealing")
)

# ---------------------------------------------------------------------- least squares

_LOSSES: dict[str, Callable[[Any], Any]] = {
    "linear": lambda z: z, "soft_l1": lambda z: 2 * (np.sqrt(1 + z) - 1),
    "huber": lambda z: np.where(z <= 1, z, 2 * np.sqrt(np.where(z <= 1, 1.0, z)) - 1), "cauchy": np.log1p,
    "arctan": np.arctan,
}  # fmt: skip


def _cost(residuals: Function, loss: str = "linear", f_scale: Any = 1.0) -> Function:
    def cost(x: Any, *values: Any) -> Any:
        squares = np.ravel(joined(residuals(x, *values))) ** 2
        return 0.5 * f_scale**2 * np.sum(_LOSSES[loss](squares / f_scale**2))

    return cost


@like(plain_optimize.least_squares)
def least_squares(fun: Function, x0: Any, jac: Any = "2-point", bounds: Any = None, args: Any = (),
                  kwargs: Any = None, loss: Any = "linear", f_scale: Any = 1.0, **options: Any) -> Any:  # fmt: skip
    """SciPy's `least_squares`: the result's `x`, `cost` and `fun`, differentiable as those of :func:`minimize`."""
    named = {} if kwargs is None else dict(kwargs)
    values, rebuild, (plain_fun, plain_jac, plain_kwargs, plain_args) = problem((fun, jac, named), args)
    given = options if bounds is None else {**options, "bounds": bounds}
    if jac != "2-point":
        given = {**given, "jac": plain_jac}
    if loss != "linear":
        given |= {"loss": loss}
    if f_scale != 1.0:
        given |= {"f_scale": f_scale}
    found = plain_optimize.least_squares(
        plain_fun, plain(joined_tree(x0)), args=plain_args,
        kwargs=plain_kwargs, **given,
    )  # fmt: skip
    if not values:
        return found
    if loss not in _LOSSES:
        raise NoRuleError(f"least_squares with a loss function of one's own has no rule{at_user_line()}.")

    def residuals(x: Any, *values: Any) -> Any:
        fun, _, kwargs, args = rebuild(values)
        return fun(x, *args, **kwargs)

    cost = _cost(residuals, loss, f_scale)
    pairs = None if bounds is None else _pairs(bounds, np.size(found.x))
    found.x = solved(values, _stationary(cost, *_held(found.x, pairs)), found.x)
    found.fun, found.cost = joined(residuals(found.x, *values)), cost(found.x, *values)
    return found


def _pairs(bounds: Any, count: int) -> Any:
    """Bounds in the form of `least_squares`, two arrays, as one pair for each component."""
    if hasattr(bounds, "lb"):
        return bounds
    low, high = (np.broadcast_to(np.asarray(end, float), (count,)) for end in bounds)
    return list(zip(low, high, strict=True))


@like(plain_optimize.leastsq)
def leastsq(func: Function, x0: Any, args: Any = (), Dfun: Any = None, full_output: Any = False, **options: Any) -> Any:  # noqa: N803
    """SciPy's `leastsq`: the x with the least sum of squares, first in a tuple; differentiable as :func:`minimize`."""
    values, rebuild, (plain_func, plain_slope, plain_args) = problem((func, Dfun), args)
    given = options if Dfun is None else {**options, "Dfun": plain_slope}
    found = plain_optimize.leastsq(
        plain_func, plain(joined_tree(x0)), plain_args, full_output=full_output, **given
    )
    return (solved(values, _stationary(_cost(_objective(rebuild))), found[0]), *found[1:]) if values else found


@like(plain_optimize.curve_fit)
def curve_fit(
    f: Function, xdata: Any, ydata: Any, p0: Any = None, sigma: Any = None, absolute_sigma: bool = False,
    bounds: Any = None, jac: Any = None, full_output: bool = False, **options: Any,
) -> Any:  # fmt: skip
    """SciPy's `curve_fit`: parameters of f(xdata, *parameters) and their covariance.

    Differentiable in `xdata`, `ydata`, `sigma` and in what `f` captures.
    """
    data = tuple(map(joined_tree, (xdata, ydata, sigma)))
    values, rebuild, (plain_f, plain_jac, (plain_x, plain_y, plain_sigma)) = problem((f, jac), data)
    given = options if bounds is None else {**options, "bounds": bounds}
    if jac is not None:
        given = {**given, "jac": plain_jac}
    found = plain_optimize.curve_fit(
        plain_f, plain_x, plain_y, plain(joined_tree(p0)), plain_sigma, absolute_sigma,
        full_output=full_output, **given,
    )  # fmt: skip
    if not values:
        return found

    def residuals(p: Any, *values: Any) -> Any:
        f, _, (x, y, sigma) = rebuild(values)
        apart = np.ravel(joined(f(as_array(x), *p)) - as_array(y))
        if sigma is None:
            return apart
        sigma = as_array(sigma)
        return np.linalg.solve(np.linalg.cholesky(sigma), apart) if np.ndim(sigma) == 2 else apart / sigma

    pairs = None if bounds is None else _pairs(bounds, np.size(found[0]))
    p = solved(values, _stationary(_cost(residuals), *_held(found[0], pairs)), found[0])
    slopes = jacobian(lambda p: residuals(p, *values))(p)
    covariance = np.linalg.inv(np.swapaxes(slopes, 0, 1) @ slopes)
    if not absolute_sigma:
        count = np.shape(slopes)[0] - np.size(found[0])
        covariance = covariance * (np.sum(residuals(p, *values) ** 2) / count) if count > 0 else found[1]
    return (p, covariance, *found[2:])


@like(plain_optimize.lsq_linear)
def lsq_linear(A: Any, b: Any, bounds: Any = None, **options: Any) -> Any:  # noqa: N803, as SciPy names it
    """SciPy's `lsq_linear`: the result's `x`, with the least |Ax − b| within bounds; differentiable in `A` and `b`."""
    A, b = as_array(joined_tree(A)), as_array(joined_tree(b))  # noqa: N806
    given = options if bounds is None else {**options, "bounds": bounds}
    found = plain_optimize.lsq_linear(plain(A), plain(b), **given)
    pairs = None if bounds is None else _pairs(bounds, np.size(found.x))
    found.x = _free_least_squares(A, b, found.x, _held(found.x, pairs))
    if isinstance(found.x, Tracked):
        found.fun = A @ found.x - b
        found.cost = 0.5 * np.sum(found.fun**2)
    return found


@like(plain_optimize.nnls)
def nnls(A: Any, b: Any, **options: Any) -> Any:  # noqa: N803, as SciPy names it
    """SciPy's `nnls`: the x ≥ 0 with the least |Ax − b|, and that norm; differentiable in `A` and `b`."""
    A, b = as_array(joined_tree(A)), as_array(joined_tree(b))  # noqa: N806
    x, norm = plain_optimize.nnls(plain(A), plain(b), **options)
    made = _free_least_squares(A, b, x, (np.equal(x, 0), np.zeros(np.shape(x))))
    return made, (np.linalg.norm(A @ made - b) if isinstance(made, Tracked) else norm)


def _free_least_squares(A: Any, b: Any, x: Any, held: Any) -> Any:  # noqa: N803, as SciPy names it
    tracked = [value for value in (A, b) if isinstance(value, Tracked)]
    if not tracked:
        return x

    def residuals(x: Any, *values: Any) -> Any:
        given = list(values)
        matrix = given.pop(0) if isinstance(A, Tracked) else A
        return matrix @ x - (given.pop(0) if isinstance(b, Tracked) else b)

    return solved(tracked, _stationary(_cost(residuals), *held), x)
