"""A distribution of scipy.stats with derivatives: SciPy's values, and formulas for the standard form.

One description serves every method. A density is written as factors, exp(rest)·Π baseᵏ: its logarithm is
rest + Σ k·log base, and where a base is 0 the product still has the right derivatives. The distribution function is one
formula more. Location, scale, support, survival functions, logarithms and quantiles follow from these two; which
parameters are allowed and where the support lies, SciPy says.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special
from scipy import stats as plain_stats

from chainrule.engine.assignment import joined
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked
from chainrule.errors import NoRuleError
from chainrule.formula.expression import Function
from chainrule.rules.function import dispatched
from chainrule.rules.rule import as_full, constant
from chainrule.rules.untracked import fixed, seen
from chainrule.scipy.following import any_tracked, derived

MODULE = "chainrule.scipy.stats"
Formula = Callable[..., Any]


@dispatched
def allowed(name: str, *shapes: Any) -> Any:
    """Where the shape parameters of SciPy's distribution `name` are allowed.

    >>> print(allowed("gamma", 2.0), allowed("gamma", -1.0))
    True False
    """
    return np.asarray(getattr(plain_stats, name)._argcheck(*shapes), bool)


@dispatched
def end_of_support(name: str, side: int, *shapes: Any) -> Any:
    """The lower end (side 0) or the upper one (1) of the support in standard form.

    >>> print(end_of_support("beta", 1, 2.0, 3.0))
    1.0
    """
    return np.asarray(getattr(plain_stats, name)._get_support(*shapes)[side], float)


constant(allowed, end_of_support, because="parameters are allowed or not, and SciPy holds the support fixed")


class Distribution:
    """What continuous and discrete distributions share. The rest, random variates and fits included, is SciPy's own.

    `density(z, *shapes)` gives the rest and pairs (base, exponent); `cdf(z, *shapes)` is the distribution function;
    both in standard form, inside the support. With `flat_ends` no formula sees an end: there all derivatives are 0.
    `logcdf` and `logsf` are needed only where SciPy's logarithms are finite though the probability underflows. `mean`,
    `var` and `entropy` are functions of the shape parameters. `typical` are allowed shape parameters: formulas see them
    in place of those that are not.
    """

    points: tuple[str, ...]  # the methods of a point
    quantiles = ("ppf", "isf")
    figures = ("mean", "var", "std", "entropy")
    trailing: tuple[str, ...]  # the parameters after the shapes

    def __init__(
        self, name: str, typical: tuple[float, ...] = (), *, density: Formula, cdf: Formula,
        logcdf: Formula | None = None, logsf: Formula | None = None, mean: Formula | None = None,
        var: Formula | None = None, entropy: Formula | None = None, flat_ends: bool = False,
        source: str = "the density",
    ) -> None:  # fmt: skip
        theirs = getattr(plain_stats, name)
        self._theirs, self._name, self.typical = theirs, name, typical
        self._shapes = tuple(theirs.shapes.split(", ")) if theirs.shapes else ()
        self._density, self._cdf, self._logcdf, self._logsf = density, cdf, logcdf, logsf
        self._mean, self._var, self._entropy, self._flat_ends = mean, var, entropy, flat_ends
        count = len(self._shapes) + len(self.trailing)
        for method in (*self.points, *self.quantiles):
            setattr(self, method, self._method(method, count + 1, f"of_{method}", source))
        for method in self.figures:
            setattr(self, method, self._method(method, count, f"of_{method}", source))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._theirs, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Frozen:
        """The distribution with these parameters, as SciPy's frozen ones."""
        return Frozen(self, args, kwargs)

    def freeze(self, *args: Any, **kwargs: Any) -> Frozen:
        """The same."""
        return Frozen(self, args, kwargs)

    def median(self, *args: Any, **kwargs: Any) -> Any:
        """The point that half of the probability lies below."""
        return self.ppf(0.5, *args, **kwargs)

    def interval(self, confidence: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """The ends of the interval around the median with this probability, as SciPy's."""
        if not any_tracked(args) and not any_tracked([confidence, *kwargs.values()]):
            plain: tuple[Any, Any] = self._theirs.interval(confidence, *args, **kwargs)
            return plain
        left, right = (1.0 - confidence) / 2, (1.0 + confidence) / 2
        ppf: Function = self.ppf
        return ppf(left, *args, **kwargs), ppf(right, *args, **kwargs)

    def stats(self, *args: Any, moments: str = "mv", **kwargs: Any) -> Any:
        """Mean and variance, as SciPy's; further moments of tracked parameters have no rule."""
        if not any_tracked(args) and not any_tracked(kwargs.values()):
            return self._theirs.stats(*args, moments=moments, **kwargs)
        if set(moments) - set("mv"):
            raise NoRuleError(
                f"{self._name}.stats has no rule for the moments {moments!r}{at_user_line()}. Ask for 'm', 'v' or 'mv'."
            )
        figures: dict[str, Function] = {"m": self.mean, "v": self.var}
        found = [figures[moment](*args, **kwargs) for moment in "mv" if moment in moments]
        return found[0] if len(found) == 1 else tuple(found)

    def support(self, *args: Any, **kwargs: Any) -> Any:
        """The ends of the support, as SciPy's."""
        if not any_tracked(args) and not any_tracked(kwargs.values()):
            return self._theirs.support(*args, **kwargs)
        *shapes, loc, scale = self._located(self._bound((), args, kwargs))
        low, high = self._ends(shapes)
        return loc + scale * low, loc + scale * high

    # ------------------------------------------------------------------ methods

    def _method(self, method: str, count: int, definition: str, source: str) -> Function:
        theirs = getattr(self._theirs, method)
        slope = functools.partial(getattr(type(self), definition), self)
        leading: tuple[str, ...] = ()
        if method not in self.figures:
            leading = ("q",) if method in self.quantiles else (self.points_name,)

        def value(*operands: Any) -> Any:
            with np.errstate(all="ignore"):
                return as_full(theirs(*operands))[()]

        def bound(args: Any, kwargs: Any) -> tuple[Any, ...]:
            usual = not kwargs and len(args) == count and not any(isinstance(value, list | tuple) for value in args)
            return args if usual else tuple(self._bound(leading, args, kwargs))

        functools.update_wrapper(value, theirs, updated=())
        return derived(value, MODULE, slope, count, source, f"{self._name}.{method}", bound)

    points_name = "x"

    def _bound(self, leading: tuple[str, ...], args: Any, kwargs: Any) -> list[Any]:
        """The operands in order, with defaults. Raises TypeError as a function would."""
        names = (*leading, *self._shapes, *self.trailing)
        given = dict(zip(names, args, strict=False))
        unknown = [name for name in kwargs if name not in names or name in given]
        missing = [name for name in (*leading, *self._shapes) if name not in given and name not in kwargs]
        if len(args) > len(names) or unknown or missing:
            shown, needed = names[len(leading) :], (*leading, *self._shapes)
            raise TypeError(
                f"the parameters of {self._name} are ({', '.join(shown)}){at_user_line()}, got {len(args)} arguments "
                f"by position{''.join(f', {name}=' for name in kwargs)}. Give {', '.join(needed) or 'none'}; the "
                "others have defaults."
            )
        given = {"loc": 0, "scale": 1, **given, **kwargs}
        return [joined(given[name]) for name in names]

    def _located(self, parameters: Any) -> list[Any]:
        """The shape parameters, the location and the scale."""
        return list(parameters)

    # ------------------------------------------------------------------ definitions

    def _ends(self, shapes: Any) -> tuple[Any, Any]:
        return end_of_support(self._name, 0, *shapes), end_of_support(self._name, 1, *shapes)

    def _standard(self, point: Any, parameters: Any, below: bool = False) -> tuple[Any, Any, Any, list[Any], Any]:
        """Which entries are NaN and which lie inside the support; the point, the shapes, and the scale.

        `below` leaves the upper end of a discrete support out: there F is 1 for all parameters. Formulas see a point of
        the support instead of those outside of it, and allowed parameters.
        """
        *shapes, loc, scale = self._located(parameters)
        refused = ~(allowed(self._name, *shapes) & fixed(np.greater(scale, 0)))
        shapes = [_unless(refused, shape, usual) for shape, usual in zip(shapes, self.typical, strict=True)]
        scale = _unless(refused, scale, 1.0)
        low, high = self._ends(shapes)
        z = (point - loc) / scale
        wrong = refused | fixed(np.isnan(z))
        inside = ~wrong & fixed(self._holds(z, low, high, below))
        return wrong, inside, _unless(~inside, z, _middle(low, high)), shapes, scale

    def _holds(self, z: Any, low: Any, high: Any, below: bool) -> Any:
        """Whether points lie in the support."""
        return (z > low) & (z < high) if self._flat_ends else (z >= low) & (z <= high)

    def _log_density(self, z: Any, shapes: Any) -> Any:
        rest, *factors = self._density(z, *shapes)
        for base, exponent in factors:
            rest = rest + special.xlogy(exponent, base)
        return rest

    def _product(self, z: Any, shapes: Any) -> Any:
        """The density as a product, where a base of it may be 0."""
        rest, *factors = self._density(z, *shapes)
        total = np.exp(rest)
        for base, exponent in factors:
            total = np.power(base, exponent) * total
        return total

    def _standard_density(self, z: Any, shapes: Any, inside: Any) -> Any:
        ends: Any = np.False_
        for base, _ in self._density(z, *shapes)[1:]:
            ends = ends | fixed(np.equal(base, 0))
        if seen(ends) and not np.any(ends):
            return np.exp(self._log_density(z, shapes))
        # Each form keeps away from the points of the other, where its derivatives are infinite.
        usual = zip(shapes, self.typical, strict=True)
        apart = np.where(ends, self._away(z, shapes), z), [np.where(ends, own, shape) for shape, own in usual]
        there = np.where(ends, z, apart[0]), [np.where(ends, s, t) for s, t in zip(shapes, apart[1], strict=True)]
        return np.where(ends, self._product(*there), np.exp(self._log_density(*apart)))

    def _away(self, z: Any, shapes: Any) -> Any:
        """A point inside the support of the typical parameters."""
        return _middle(*self._ends(self.typical))

    def of_density(self, out: Any, operands: Any, moving: Any) -> Any:
        with np.errstate(all="ignore"):
            wrong, inside, z, shapes, scale = self._standard(moving[0], moving[1:])
            inside = inside & fixed(np.isfinite(z))
            value = self._standard_density(_unless(~inside, z, self._away(z, shapes)), shapes, inside) / scale
            return _chosen(wrong, inside, value)

    def of_log_density(self, out: Any, operands: Any, moving: Any) -> Any:
        with np.errstate(all="ignore"):
            wrong, inside, z, shapes, scale = self._standard(moving[0], moving[1:])
            return _chosen(wrong, inside, self._log_density(z, shapes) - np.log(scale))

    def _probability(self, moving: Any, formula: Formula, weight: Any = 1.0) -> Any:
        with np.errstate(all="ignore"):
            wrong, inside, z, shapes, _ = self._standard(moving[0], moving[1:], below=True)
            inside = inside & fixed(np.isfinite(z))
            z = _unless(~inside, z, self._away(z, shapes))
            return _chosen(wrong, inside, weight * formula(z, *shapes))

    def of_cdf(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._probability(moving, self._cdf)

    def of_sf(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._probability(moving, self._cdf, -1.0)

    def _of_log(self, out: Any, moving: Any, formula: Formula | None, sign: float) -> Any:
        """d log F = dF/F, with SciPy's F: the tails lose no digits."""
        if formula is not None:
            return self._probability(moving, formula)
        with np.errstate(all="ignore"):
            weight = np.where(fixed(np.isneginf(out)), 0.0, np.exp(-out))
        return self._probability(moving, self._cdf, sign * weight)

    def of_logcdf(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._of_log(out, moving, self._logcdf, 1.0)

    def of_logsf(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._of_log(out, moving, self._logsf, -1.0)

    def of_ppf(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._quantile(out, operands, moving, upper=False)

    def of_isf(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._quantile(out, operands, moving, upper=True)

    def _quantile(self, out: Any, operands: Any, moving: Any, *, upper: bool) -> Any:
        raise NotImplementedError

    def _figure(self, name: str, formula: Formula | None, moving: Any, finish: Callable[[Any, Any, Any], Any]) -> Any:
        if formula is None:
            raise NoRuleError(
                f"{self._name}.{name} has no closed form that could be differentiated{at_user_line()}. Integrate with "
                "chainrule.scipy.integrate.quad, or use cr.stop_gradient on its parameters."
            )
        with np.errstate(all="ignore"):
            wrong, _, _, shapes, _ = self._standard(0.0, moving)
            *_, loc, scale = self._located(moving)
            return _chosen(wrong, ~wrong, finish(formula(*shapes), loc, scale))

    def of_mean(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._figure("mean", self._mean, moving, lambda m, loc, scale: loc + scale * m)

    def of_var(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._figure("var", self._var, moving, lambda v, loc, scale: scale**2 * v)

    def of_std(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._figure("std", self._var, moving, lambda v, loc, scale: scale * np.sqrt(v))

    def of_entropy(self, out: Any, operands: Any, moving: Any) -> Any:
        return self._figure("entropy", self._entropy, moving, lambda h, loc, scale: h + np.log(scale))


class Continuous(Distribution):
    """A continuous distribution, with a location and a scale."""

    points = ("pdf", "logpdf", "cdf", "sf", "logcdf", "logsf")
    trailing = ("loc", "scale")
    of_pdf, of_logpdf = Distribution.of_density, Distribution.of_log_density

    def _quantile(self, out: Any, operands: Any, moving: Any, *, upper: bool) -> Any:
        """One of Newton's steps from the value: its derivative is that of the inverse function."""
        with np.errstate(all="ignore"):
            wrong, inside, start, shapes, _ = self._standard(out, operands[1:])
            inside = inside & fixed(np.isfinite(start))
            start = _unless(~inside, start, self._away(start, shapes))
            slope = self._standard_density(start, shapes, inside)
            q, *parameters = moving
            _, _, _, shapes, _ = self._standard(out, parameters)
            *_, loc, scale = self._located(parameters)
            rise = self._cdf(start, *shapes)
            lacking = (1.0 - q) - rise if upper else q - rise
            step = _chosen(wrong, inside, lacking / slope)
            start = np.where(inside, start, (out - operands[-2]) / operands[-1])
            return _unless(wrong, loc + scale * (start + step), np.nan)


class Discrete(Distribution):
    """A distribution on the whole numbers, with a location. Quantiles are steps, and so is F in its point."""

    points = ("pmf", "logpmf", "cdf", "sf", "logcdf", "logsf")
    trailing = ("loc",)
    points_name = "k"
    of_pmf, of_logpmf = Distribution.of_density, Distribution.of_log_density

    def _located(self, parameters: Any) -> list[Any]:
        return [*parameters, 1.0]

    def _holds(self, z: Any, low: Any, high: Any, below: bool) -> Any:
        return (z >= low) & (z < high if below else z <= high) & np.equal(np.floor(z), z)

    def _probability(self, moving: Any, formula: Formula, weight: Any = 1.0) -> Any:
        k, *shapes, loc = moving
        return super()._probability([np.floor(fixed(np.subtract(k, loc))), *shapes, 0.0], formula, weight)

    def _quantile(self, out: Any, operands: Any, moving: Any, *, upper: bool) -> Any:
        return np.where(fixed(np.isnan(out)), np.nan, moving[-1] + fixed(out - operands[-1]))


class Frozen:
    """A distribution with parameters. What has no derivative here is done by SciPy's frozen distribution."""

    def __init__(self, dist: Distribution, args: Any, kwds: Any) -> None:
        self.dist, self.args, self.kwds = dist, args, kwds

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.dist, name) if name in _METHODS and hasattr(type(self.dist), name) else None
        if method is None and name in (*self.dist.points, *self.dist.quantiles, *self.dist.figures):
            method = getattr(self.dist, name)
        if method is None:
            return getattr(self.dist._theirs(*self.args, **self.kwds), name)
        if name == "stats":
            return lambda moments="mv": method(*self.args, moments=moments, **self.kwds)
        return lambda *point, **named: method(*(*point, *named.values()), *self.args, **self.kwds)


_METHODS = ("median", "interval", "stats", "support")


def _unless(condition: Any, value: Any, otherwise: Any) -> Any:
    """`value`, but `otherwise` where `condition` holds; nothing is selected where it holds nowhere."""
    return np.where(condition, otherwise, value) if not seen(condition) or np.any(condition) else value


def _chosen(wrong: Any, inside: Any, value: Any) -> Any:
    """`value` inside the support, a constant outside of it, NaN where the parameters are wrong."""
    if seen(inside) and np.all(inside):
        return value + np.zeros(np.shape(inside))[()] if np.shape(value) != np.shape(inside) else value
    return np.where(wrong, np.nan, np.where(inside, value, 0.0))


def _middle(low: Any, high: Any) -> Any:
    """A point inside the support, away from 0 where that is possible."""
    with np.errstate(all="ignore"):
        one_sided = np.where(np.isfinite(low), low + 1.0, np.where(np.isfinite(high), high - 1.0, 0.3))
        return np.where(np.isfinite(low) & np.isfinite(high), low + 0.3 * (high - low), one_sided)


def is_distribution(value: Any) -> bool:
    """Whether `value` is one of our distributions."""
    return isinstance(value, Distribution) and not isinstance(value, Tracked)
