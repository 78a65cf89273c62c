"""Log-sum-exp and its relatives, and functions of scipy.special that are not ufuncs."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from scipy import special as plain_special

from chainrule.engine.assignment import joined
from chainrule.engine.location import at_user_line
from chainrule.formula.expression import Expression, Function, call
from chainrule.namesakes import namesake
from chainrule.rules.rule import as_array, dtype_of
from chainrule.rules.special import bessel as _bessel_rows
from chainrule.rules.special import gammas as _rows
from chainrule.scipy.following import any_tracked, composed, like
from chainrule.transforms import directions
from chainrule.transforms.gradients import stop_gradient

_MODULE = "chainrule.scipy.special"


def _numbers(a: Any) -> Any:
    """`a` as a tracked value or an array of floating-point numbers."""
    a = as_array(a)
    return a if dtype_of(a).kind in "fc" else np.asarray(a, float)


def _largest(a: Any, axis: Any) -> Any:
    """The largest entry along `axis`, which is only subtracted and added again: no derivative flows through it."""
    a = stop_gradient(a)
    return np.max(a, axis=axis, keepdims=True) if np.size(a) else np.max(a, axis=axis, keepdims=True, initial=-np.inf)


def _finite(largest: Any) -> Any:
    return np.where(np.isfinite(largest), largest, 0.0)


def _logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log Σ b·exp(a) along `axis`; its derivative is the softmax."""
    a, b = _numbers(a), None if b is None else as_array(b)
    with np.errstate(all="ignore"):
        if b is None or np.all(np.not_equal(b, 0)):
            largest = _finite(_largest(a, axis))
            terms = np.exp(a - largest) if b is None else b * np.exp(a - largest)
        else:
            # What has no weight sets no scale. Its exponential may then be too large for a number, so it is taken in
            # two factors, of which 0 times the first is 0; the derivative by the weight is their product, all the same.
            unused = np.equal(b, 0)
            largest = _finite(_largest(np.where(unused, -np.inf, a), axis))
            apart = a - largest
            half = np.exp(np.where(unused, np.minimum(apart, 1400.0), apart) / 2)
            terms = b * half * half
        total = np.sum(terms, axis=axis, keepdims=True)
        sign = np.sign(stop_gradient(total))
        total = np.log(np.abs(total) if return_sign else total) + largest
    if not keepdims:
        total, sign = np.squeeze(total, axis=axis)[()], np.squeeze(sign, axis=axis)[()]
    return (total, sign) if return_sign else total


def _softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / Σ exp(x) along `axis`; same shape as `x`."""
    x = _numbers(x)
    with np.errstate(all="ignore"):
        terms = np.exp(x - _largest(x, axis))
        return terms / np.sum(terms, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any = None) -> Any:
    """log(softmax(x)) along `axis`; same shape as `x`."""
    x = _numbers(x)
    with np.errstate(all="ignore"):
        apart = x - _finite(_largest(x, axis))  # before the logarithm, which is small beside large x
        return apart - np.log(np.sum(np.exp(apart), axis=axis, keepdims=True))


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of dimension `d`; same shape as `a` (DLMF 35.3.4).

    Raises ValueError, as SciPy does, unless `d` is a whole number and every `a` is above (d − 1)/2.
    """
    a = as_array(joined(a))
    if np.ndim(d) or d != int(d) or np.any(a <= (d - 1) / 2):
        raise ValueError(
            f"multigammaln got a={stop_gradient(a)!s:.60} and d={d!r}{at_user_line()}. It is defined for whole d and "
            "a > (d − 1)/2."
        )
    total = d * (d - 1) / 4 * np.log(np.pi)
    return total + sum(plain_special.gammaln(a - j / 2) for j in range(int(d)))


def _quiet(theirs: Function) -> Function:
    """SciPy's function without its warnings of infinities, which have their right values."""

    @functools.wraps(theirs)
    def function(*args: Any, **kwargs: Any) -> Any:
        with np.errstate(all="ignore"):
            return theirs(*args, **kwargs)

    return function


logsumexp = composed(_quiet(plain_special.logsumexp), _MODULE, _logsumexp, "a b")
softmax = composed(_quiet(plain_special.softmax), _MODULE, _softmax, "x")
log_softmax = composed(_quiet(plain_special.log_softmax), _MODULE, _log_softmax, "x")

# ---------------------------------------------------------------------- of whole orders


def _of_order(theirs: Function, function: Function) -> Function:
    """A function of an order and a point from the table, which takes lists too, and SciPy's `derivative=`."""

    @like(theirs)
    def method(n: Any, derivative: bool = False, **point: Any) -> Any:
        ((_, z),) = point.items()
        if isinstance(n, Expression) or isinstance(z, Expression):
            return call(function, n, z)
        n, z = as_array(joined(n)), as_array(joined(z))
        if not any_tracked([n, z]):
            return theirs(n, z, True) if derivative else theirs(n, z)
        if theirs is not plain_special.polygamma and not any_tracked([n]) and dtype_of(n).kind == "f":
            n = np.trunc(n)  # as SciPy takes an order that is no whole number
        if derivative:
            return directions.jvp(lambda z: function(n, z), (z,), (np.ones_like(z),))[1]
        return function(n, z)

    method.__name__ = method.__qualname__ = theirs.__name__
    method.__doc__, method.__module__ = function.__doc__, _MODULE
    vars(method)["__wrapped__"] = function
    return method


polygamma = _of_order(plain_special.polygamma, _rows.polygamma)
spherical_jn = _of_order(plain_special.spherical_jn, _bessel_rows.spherical_jn)
spherical_yn = _of_order(plain_special.spherical_yn, _bessel_rows.spherical_yn)
spherical_in = _of_order(plain_special.spherical_in, _bessel_rows.spherical_in)
spherical_kn = _of_order(plain_special.spherical_kn, _bessel_rows.spherical_kn)

# ---------------------------------------------------------------------- counts, and functions of NumPy's


def _comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Any:  # noqa: N803, as SciPy names it
    n = N + k - 1 if repetition else N
    possible = (k <= n) & (n >= 0) & (k >= 0)
    return np.where(possible, plain_special.binom(np.where(possible, n, 2.0), np.where(possible, k, 1.0)), 0.0)[()]


def _perm(N: Any, k: Any, exact: bool = False) -> Any:  # noqa: N803, as SciPy names it
    possible = (k <= N) & (N >= 0) & (k >= 0)
    start, count = np.where(possible, N - k + 1, 1.0), np.where(possible, k, 1.0)
    return np.where(possible, plain_special.poch(start, count), 0.0)[()]


def _factorial(n: Any, exact: bool = False, **_: Any) -> Any:
    return np.where(n < 0, 0.0, plain_special.gamma(np.where(n < 0, 0.0, n) + 1.0))[()]


def _diric(x: Any, n: Any) -> Any:
    """sin(nx/2)/(n·sin(x/2)): a trigonometric polynomial for whole n, by its sum of cosines."""
    count = int(n)
    k = np.arange(count) - (count - 1) / 2
    return np.mean(np.cos(np.expand_dims(x, -1) * k), axis=-1)


comb = composed(plain_special.comb, _MODULE, _comb, "N k")
perm = composed(plain_special.perm, _MODULE, _perm, "N k")
factorial = composed(plain_special.factorial, _MODULE, _factorial, "n")
sinc = composed(plain_special.sinc, _MODULE, lambda x: np.sinc(x), "x")
diric = composed(plain_special.diric, _MODULE, _diric, "x")

# ---------------------------------------------------------------------- derivatives of Bessel functions


def _bessel(name: str, sign: int, alternates: bool = False) -> Function:
    """The derivative number n: (½)ⁿ Σ signʲ·(n over j)·C_(v − n + 2j) (DLMF 10.6.7 and 10.29.5)."""
    function = getattr(plain_special, {"h1vp": "hankel1", "h2vp": "hankel2"}.get(name, name.removesuffix("p")))

    def definition(v: Any, z: Any, n: int = 1) -> Any:
        total: Any = 0.0
        for j in range(n + 1):
            weight = sign**j * plain_special.binom(n, j) * (-1.0) ** (n * alternates)
            total = total + weight * function(v - n + 2 * j, z)
        return total / 2.0**n

    return composed(getattr(plain_special, name), _MODULE, definition, "v z")


jvp, yvp, h1vp, h2vp = (_bessel(name, -1) for name in ("jvp", "yvp", "h1vp", "h2vp"))
ivp, kvp = _bessel("ivp", 1), _bessel("kvp", 1, alternates=True)

__all__ = [
    "comb", "diric", "factorial", "h1vp", "h2vp", "ivp", "jvp", "kvp", "log_softmax", "logsumexp", "multigammaln",
    "perm", "polygamma", "sinc", "softmax", "spherical_in", "spherical_jn", "spherical_kn", "spherical_yn", "yvp",
]  # fmt: skip
if hasattr(plain_special, "softplus"):  # since SciPy 1.15
    softplus = composed(plain_special.softplus, _MODULE, lambda x, **_: np.logaddexp(0.0, x), "x")
    __all__ += ["softplus"]

__getattr__, __dir__ = namesake(plain_special, globals())
