"""The worst errors of the derivatives of SciPy's special functions, against mpmath with fifty digits.

    python -m benchmarks.special

For each function and argument: the largest relative error of the derivative over random points of the sample intervals
and of wider ones, and beside it the largest error of SciPy's own values there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
from scipy import special

import chainrule as cr
from chainrule.rules import TABLE, UNKNOWN, Composite, Elementwise, find

Exact = Callable[..., Any]
Points = tuple[tuple[float, float], ...]


def _betainc(a: Any, b: Any, x: Any) -> Any:
    return mp.betainc(a, b, 0, x, regularized=True)


def _gammainc(a: Any, x: Any) -> Any:
    return mp.gammainc(a, 0, x, regularized=True)


def _ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


EXACT: dict[str, tuple[Exact, Points]] = {
    "gamma": (mp.gamma, ((0.1, 20),)),
    "gammaln": (mp.loggamma, ((0.1, 100),)),
    "loggamma": (mp.loggamma, ((0.1, 100),)),
    "psi": (lambda x: mp.psi(0, x), ((0.1, 50),)),
    "rgamma": (mp.rgamma, ((-3.9, 10),)),
    "beta": (mp.beta, ((0.2, 8), (0.2, 8))),
    "betaln": (lambda a, b: mp.log(mp.beta(a, b)), ((0.2, 8), (0.2, 8))),
    "binom": (mp.binomial, ((5, 9), (1, 4))),
    "poch": (mp.rf, ((0.5, 4), (0.3, 3))),
    "gammainc": (_gammainc, ((0.2, 30), (0.1, 40))),
    "gammaincc": (lambda a, x: 1 - _gammainc(a, x), ((0.2, 30), (0.1, 40))),
    "betainc": (_betainc, ((0.3, 12), (0.3, 12), (0.05, 0.95))),
    "chdtr": (lambda v, x: _gammainc(v / 2, x / 2), ((0.5, 12), (0.5, 20))),
    "erf": (mp.erf, ((-6, 6),)),
    "erfc": (mp.erfc, ((-3, 26),)),
    "erfcx": (lambda x: mp.exp(x * x) * mp.erfc(x), ((-5, 100),)),
    "erfi": (mp.erfi, ((-20, 20),)),
    "dawsn": (lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x), ((-30, 30),)),
    "erfinv": (mp.erfinv, ((-0.99, 0.99),)),
    "ndtr": (_ndtr, ((-30, 8),)),
    "log_ndtr": (lambda x: mp.log(_ndtr(x)), ((-60, 8),)),
    "expit": (lambda x: 1 / (1 + mp.exp(-x)), ((-40, 40),)),
    "logit": (lambda x: mp.log(x / (1 - x)), ((0.001, 0.999),)),
    "log_expit": (lambda x: -mp.log(1 + mp.exp(-x)), ((-40, 40),)),
    "entr": (lambda x: -x * mp.log(x), ((0.01, 9),)),
    "rel_entr": (lambda x, y: x * mp.log(x / y), ((0.1, 3), (0.1, 3))),
    "kl_div": (lambda x, y: x * mp.log(x / y) - x + y, ((0.1, 3), (0.1, 3))),
    "xlogy": (lambda x, y: x * mp.log(y), ((-3, 3), (0.1, 5))),
    "xlog1py": (lambda x, y: x * mp.log(1 + y), ((-3, 3), (-0.9, 5))),
    "boxcox": (lambda x, y: (x**y - 1) / y, ((0.1, 5), (-1e-3, 2))),
    "boxcox1p": (lambda x, y: ((1 + x) ** y - 1) / y, ((-0.8, 4), (-1e-3, 2))),
    "inv_boxcox": (lambda x, y: (1 + x * y) ** (1 / y), ((-0.5, 3), (1e-6, 1))),
    "exprel": (lambda x: (mp.exp(x) - 1) / x, ((-8, 8),)),
    "cosm1": (lambda x: mp.cos(x) - 1, ((-3, 3),)),
    "pseudo_huber": (lambda x, y: x * x * (mp.sqrt(1 + (y / x) ** 2) - 1), ((0.3, 3), (-5, 5))),
    "wrightomega": (lambda x: mp.lambertw(mp.exp(x)).real, ((-10, 20),)),
    "agm": (mp.agm, ((0.1, 5), (0.1, 5))),
    "jv": (mp.besselj, ((0, 5), (0.2, 30))),
    "yv": (mp.bessely, ((0, 5), (0.2, 30))),
    "iv": (mp.besseli, ((0, 5), (0.2, 30))),
    "kv": (mp.besselk, ((0, 5), (0.2, 30))),
    "ive": (lambda v, x: mp.besseli(v, x) * mp.exp(-x), ((0, 5), (0.2, 300))),
    "kve": (lambda v, x: mp.besselk(v, x) * mp.exp(x), ((0, 5), (0.2, 300))),
    "j0": (lambda x: mp.besselj(0, x), ((0.1, 30),)),
    "j1": (lambda x: mp.besselj(1, x), ((0.1, 30),)),
    "y0": (lambda x: mp.bessely(0, x), ((0.1, 30),)),
    "y1": (lambda x: mp.bessely(1, x), ((0.1, 30),)),
    "i0": (lambda x: mp.besseli(0, x), ((0.1, 30),)),
    "i1": (lambda x: mp.besseli(1, x), ((0.1, 30),)),
    "i0e": (lambda x: mp.besseli(0, x) * mp.exp(-x), ((0.1, 200),)),
    "i1e": (lambda x: mp.besseli(1, x) * mp.exp(-x), ((0.1, 200),)),
    "k0": (lambda x: mp.besselk(0, x), ((0.1, 30),)),
    "k1": (lambda x: mp.besselk(1, x), ((0.1, 30),)),
    "k0e": (lambda x: mp.besselk(0, x) * mp.exp(x), ((0.1, 200),)),
    "k1e": (lambda x: mp.besselk(1, x) * mp.exp(x), ((0.1, 200),)),
    "struve": (mp.struveh, ((0, 2), (0.2, 10))),
    "modstruve": (mp.struvel, ((0, 2), (0.2, 10))),
    "ber": (lambda x: mp.ber(0, x), ((0.2, 8),)),
    "kei": (lambda x: mp.kei(0, x), ((0.2, 8),)),
    "airy_0": (mp.airyai, ((-8, 8),)),
    "airy_2": (mp.airybi, ((-8, 8),)),
    "ellipk": (mp.ellipk, ((-5, 0.99),)),
    "ellipe": (mp.ellipe, ((-5, 0.99),)),
    "ellipkm1": (lambda p: mp.ellipk(1 - p), ((0.001, 1.9),)),
    "ellipkinc": (mp.ellipf, ((-6, 6), (-2, 0.95))),
    "ellipeinc": (mp.ellipe, ((-6, 6), (-2, 0.95))),
    "elliprf": (mp.elliprf, ((0.1, 3), (3.1, 5), (5.1, 9))),
    "elliprd": (mp.elliprd, ((0.1, 3), (3.1, 5), (5.5, 9))),
    "elliprg": (mp.elliprg, ((0.1, 3), (3.1, 5), (5.1, 9))),
    "elliprj": (mp.elliprj, ((0.1, 3), (3.1, 5), (5.1, 9), (10, 12))),
    "elliprc": (mp.elliprc, ((0.1, 3), (0.1, 3))),
    "ellipj_0": (lambda u, m: mp.ellipfun("sn", u, m=m), ((-4, 4), (0.05, 0.95))),
    "ellipj_2": (lambda u, m: mp.ellipfun("dn", u, m=m), ((-4, 4), (0.05, 0.95))),
    "exp1": (mp.e1, ((0.1, 20),)),
    "expi": (mp.ei, ((0.1, 20),)),
    "sici_0": (mp.si, ((0.1, 20),)),
    "shichi_0": (mp.shi, ((0.1, 20),)),
    "spence": (lambda x: mp.polylog(2, 1 - x).real, ((0.1, 4),)),
    "fresnel_sine": (mp.fresnels, ((-6, 6),)),
    "_zeta": (mp.zeta, ((1.2, 9), (0.2, 9))),
    "_riemann_zeta": (mp.zeta, ((-4.5, 0.7),)),
    "hyp0f1": (mp.hyp0f1, ((0.5, 4), (-5, 5))),
    "hyp1f1": (mp.hyp1f1, ((0.5, 3), (1, 4), (-5, 5))),
    "hyp2f1": (mp.hyp2f1, ((0.5, 2), (0.5, 2), (2.3, 4), (-0.9, 0.8))),
    "hyperu": (mp.hyperu, ((0.5, 2), (0.5, 2), (0.5, 5))),
    "eval_legendre": (mp.legendre, ((3, 3), (-1, 1))),
    "eval_chebyt": (mp.chebyt, ((4, 4), (-1, 1))),
    "eval_chebyu": (mp.chebyu, ((4, 4), (-1, 1))),
    "eval_laguerre": (lambda n, x: mp.laguerre(n, 0, x), ((4, 4), (0, 8))),
    "eval_jacobi": (mp.jacobi, ((4, 4), (0.5, 0.5), (1.5, 1.5), (-1, 1))),
}  # fmt: skip
"""By the rule's name: the function in mpmath, and the intervals to draw points from."""


def rules() -> list[Elementwise]:
    """The elementwise rules of SciPy's functions, and of the parts of those with several outputs."""
    find(special.gamma)  # the first one brings in all
    return [rule for rule in TABLE.values() if isinstance(rule, Elementwise) and of_scipy(rule.function)]


def of_scipy(function: Any) -> bool:
    """Whether a function of the table belongs to SciPy, or is one of ours that a derivative of SciPy's needs."""
    if isinstance(function, np.ufunc):
        return getattr(np, function.__name__, None) is not function
    return (function.__module__ or "").startswith("chainrule.rules.special")


def known(rule: Elementwise) -> list[int]:
    """The arguments of which the derivative is known and that may vary."""
    return [
        i
        for i, (partial, (low, high)) in enumerate(zip(rule.partials, rule.sample, strict=True))
        if partial is not None and partial is not UNKNOWN and low < high
    ]


def errors(rule: Elementwise, position: int, points: list[tuple[Any, ...]], exact: Exact) -> tuple[float, float]:
    """The largest relative errors of the derivative and of SciPy's value, of those that are not almost 0."""
    worst_slope = worst_value = 0.0
    for point in points:

        def along(v: Any, point: tuple[Any, ...] = point) -> Any:
            return rule.function(*point[:position], v, *point[position + 1 :])

        with np.errstate(all="ignore"):
            got = float(cr.derivative(along)(point[position]))
            value = float(along(point[position]))
        with mp.workdps(50):
            fixed = [mp.mpf(p) for p in point]
            slope = mp.diff(
                lambda v, fixed=fixed: mp.re(exact(*fixed[:position], v, *fixed[position + 1 :])),
                fixed[position], h=mp.mpf(10) ** -20,
            )  # fmt: skip
            true = mp.re(exact(*fixed))
            worst_slope = max(worst_slope, float(abs(got - slope) / max(abs(slope), 1e-300)))
            worst_value = max(worst_value, float(abs(value - true) / max(abs(true), 1e-300)))
    return worst_slope, worst_value


def points_of(intervals: Points, count: int = 20) -> list[tuple[Any, ...]]:
    """Random points of the intervals; one that is a single whole number stays an integer."""
    random = np.random.default_rng(5)
    columns = [
        [int(low)] * count if low == high and float(low).is_integer() else random.uniform(low, high, count).tolist()
        for low, high in intervals
    ]
    return list(zip(*columns, strict=True))


def coverage() -> tuple[int, int, int, list[str]]:
    """Of the real ufuncs: how many there are, how many have a rule, for how many arguments, and which have none."""
    ufuncs = {f for f in vars(special).values() if isinstance(f, np.ufunc) and any("d->d" in t for t in f.types)}
    parts = {rule.name: rule for rule in rules()}
    arguments, without = 0, []
    for ufunc in ufuncs:
        found = find(ufunc)
        if isinstance(found, Elementwise):
            arguments += sum(p is not None and p is not UNKNOWN for p in found.partials)
        elif isinstance(found, Composite):
            first = parts.get(f"{ufunc.__name__}_0") or parts.get("fresnel_sine" if ufunc is special.fresnel else "ber")
            arguments += sum(p is not None and p is not UNKNOWN for p in first.partials) if first else 0
        else:
            without.append(ufunc.__name__)
    return len(ufuncs), len(ufuncs) - len(without), arguments, sorted(without)


def main() -> int:
    """Print the table, worst first."""
    rows = []
    for rule in rules():
        if rule.name in EXACT:
            exact, intervals = EXACT[rule.name]
            points = points_of(intervals)
            rows += [(*errors(rule, position, points, exact), rule.name, position) for position in known(rule)]
    print("error of the derivative   error of the value   function, argument")
    for slope, value, name, position in sorted(rows, reverse=True):
        print(f"{slope:23.1e}   {value:18.1e}   {name}, {position + 1}")
    total, covered, arguments, without = coverage()
    print(f"{covered} of {total} real ufuncs have a rule, for {arguments} arguments; without: {', '.join(without)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
