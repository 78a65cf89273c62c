"""Distribution functions and their inverses: densities, and slopes by the parameters where these are known.

An inverse function moves as F(x, a) = p demands: dx = (dp − ∂F/∂a·da) / f.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import symbols
from chainrule.rules.function import entrywise
from chainrule.rules.rule import UNKNOWN, At, rule
from chainrule.rules.special.gammas import beta_density, beta_shape_slope, gamma_density, gamma_shape_slope

x, y, z, w, out = symbols("x y z w out")
_inverse, _density = "inverse function", "the density"

# ---------------------------------------------------------------------- binomial, negative binomial

_counts = ((2, 2), (5, 5), (0.1, 0.9))
_successes, _trials = np.floor(x), np.trunc(y)  # as SciPy takes them
_f = beta_density(_successes + 1, _trials - _successes, z)
rule(special.bdtr, UNKNOWN, UNKNOWN, -_f, sample=_counts, source="DLMF 8.17.5 and 8.17.20")
rule(special.bdtrc, UNKNOWN, UNKNOWN, _f, sample=_counts, source="DLMF 8.17.5 and 8.17.20")
rule(
    special.bdtri, UNKNOWN, UNKNOWN, -1 / beta_density(_successes + 1, _trials - _successes, out), sample=_counts,
    source=_inverse,
)
_failures = np.trunc(x)
_f = beta_density(_trials, _failures + 1, z)
rule(special.nbdtr, UNKNOWN, UNKNOWN, _f, sample=_counts, source="DLMF 8.17.20")
rule(special.nbdtrc, UNKNOWN, UNKNOWN, -_f, sample=_counts, source="DLMF 8.17.20")
rule(
    special.nbdtri, UNKNOWN, UNKNOWN, 1 / beta_density(_trials, _failures + 1, out), sample=_counts, source=_inverse
)



def _binomial(k: Any, n: Any, p: Any) -> tuple[Any, Any, Any]:
    """The partials of I(n − k, k + 1; 1 − p), the binomial's F with k no longer whole, by k, n and p."""
    by_n = beta_shape_slope(n - k, k + 1, 1 - p)
    return -by_n - beta_shape_slope(k + 1, n - k, p), by_n, -beta_density(k + 1, n - k, p)


def _negative_binomial(k: Any, n: Any, p: Any) -> tuple[Any, Any, Any]:
    """The partials of I(n, k + 1; p), the negative binomial's F with k no longer whole, by k, n and p."""
    return -beta_shape_slope(k + 1, n, 1 - p), beta_shape_slope(n, k + 1, p), beta_density(n, k + 1, p)


# Where k = 0 is likelier than the probability asked for, SciPy gives the constant 0.
_none = At(np.equal(out, 0), (0, 0, 0), "k is at its lower end")
for _distribution, _by_probability in ((_binomial, special.bdtrik), (_negative_binomial, special.nbdtrik)):
    _by_k, _by_n, _by_p = _distribution(out, y, z)
    rule(
        _by_probability, 1 / _by_k, -_by_n / _by_k, -_by_p / _by_k, sample=((0.7, 0.8), (6, 7), (0.5, 0.6)),
        at=(_none,), domain=(z > 0) & (z < 1), source=_inverse,
    )
for _distribution, _by_probability in ((_binomial, special.bdtrin), (_negative_binomial, special.nbdtrin)):
    _by_k, _by_n, _by_p = _distribution(x, out, z)
    rule(
        _by_probability, -_by_k / _by_n, 1 / _by_n, -_by_p / _by_n, sample=((2, 3), (0.3, 0.6), (0.4, 0.6)),
        source=_inverse,
    )

# ---------------------------------------------------------------------- Poisson, gamma and chi-squared

_f = gamma_density(_successes + 1, y)
rule(special.pdtr, UNKNOWN, -_f, sample=((2, 2), (0.5, 5)), source="DLMF 8.8.14")
rule(special.pdtrc, UNKNOWN, _f, sample=((2, 2), (0.5, 5)), source="DLMF 8.8.13")
rule(
    special.pdtri, UNKNOWN, -1 / gamma_density(_successes + 1, out), sample=((2, 2), (0.1, 0.9)), source=_inverse
)
_shape = gamma_shape_slope(out + 1, y)
rule(
    special.pdtrik, -1 / _shape, -gamma_density(out + 1, y) / _shape, sample=((0.3, 0.9), (2, 5)),
    at=(At(np.equal(out, 0), (0, 0), "k is at its lower end"),), source=_inverse,
)

_f, _shape = gamma_density(x / 2, y / 2) / 2, gamma_shape_slope(x / 2, y / 2) / 2
_chi: dict[str, Any] = {"domain": (x > 0) & (y >= 0), "sample": ((0.5, 6), (0.5, 6)), "source": "DLMF 8.8.13"}
rule(special.chdtr, _shape, _f, **_chi)
rule(special.chdtrc, -_shape, -_f, **_chi)
_f, _shape = gamma_density(x / 2, out / 2) / 2, gamma_shape_slope(x / 2, out / 2) / 2
rule(special.chdtri, -_shape / _f, -1 / _f, sample=((0.5, 6), (0.1, 0.9)), source=_inverse)
_f, _shape = gamma_density(out / 2, y / 2) / 2, gamma_shape_slope(out / 2, y / 2) / 2
rule(special.chdtriv, 1 / _shape, -_f / _shape, sample=((0.1, 0.9), (0.5, 6)), source=_inverse)

_gamma: dict[str, Any] = {
    "domain": (x > 0) & (y > 0) & (z >= 0), "sample": ((0.5, 2), (0.5, 4), (0.5, 3)), "source": "DLMF 8.8.13",
}  # fmt: skip
_f, _shape = gamma_density(y, x * z), gamma_shape_slope(y, x * z)
rule(special.gdtr, z * _f, _shape, x * _f, **_gamma)
rule(special.gdtrc, -z * _f, -_shape, -x * _f, **_gamma)
_quantile: dict[str, Any] = {"sample": ((0.5, 2), (0.5, 4), (0.1, 0.9)), "source": _inverse}
_f, _shape = gamma_density(y, x * out), gamma_shape_slope(y, x * out)
rule(special.gdtrix, -out / x, -_shape / (x * _f), 1 / (x * _f), **_quantile)
_f, _shape = gamma_density(y, z * out), gamma_shape_slope(y, z * out)
rule(
    special.gdtria, 1 / (z * _f), -_shape / (z * _f), -out / z, sample=((0.1, 0.9), (0.5, 4), (0.5, 3)),
    source=_inverse,
)
_f, _shape = gamma_density(out, x * z), gamma_shape_slope(out, x * z)
rule(
    special.gdtrib, -z * _f / _shape, 1 / _shape, -x * _f / _shape, sample=((0.5, 2), (0.1, 0.9), (0.5, 3)),
    source=_inverse,
)

# ---------------------------------------------------------------------- beta: its parameters as inverses

_shape = beta_shape_slope(out, y, z)
rule(
    special.btdtria, 1 / _shape, beta_shape_slope(y, out, 1 - z) / _shape, -beta_density(out, y, z) / _shape,
    sample=((0.1, 0.9), (0.5, 4), (0.1, 0.9)), source=_inverse,
)
_shape = -beta_shape_slope(out, x, 1 - z)
rule(
    special.btdtrib, -beta_shape_slope(x, out, z) / _shape, 1 / _shape, -beta_density(x, out, z) / _shape,
    sample=((0.5, 4), (0.1, 0.9), (0.1, 0.9)), source=_inverse,
)

# ---------------------------------------------------------------------- Student, Fisher–Snedecor


def _student_density(v: Any, t: Any) -> Any:
    return np.exp(-(v + 1) / 2 * np.log1p(t**2 / v)) / (np.sqrt(v) * special.beta(0.5, v / 2))


@entrywise
def student_shape_slope(v: Any, t: Any) -> Any:
    """sign(t)·∂I(a, ½; u)/∂a at a = v/2 and u = v/(v + t²): a smooth odd function of t. Shapes broadcast."""
    return np.sign(t) * beta_shape_slope(np.asarray(v) / 2, 0.5, v / (v + np.square(t)))


def _student_weight(v: Any, t: Any) -> Any:
    """u^(v/2 − 1) / (B(v/2, ½)·(v + t²)^(3/2))."""
    square = v + t**2
    return np.exp(-(v / 2 - 1) * np.log1p(t**2 / v)) / (special.beta(0.5, v / 2) * square * np.sqrt(square))


rule(
    student_shape_slope, UNKNOWN,
    2 * x * _student_weight(x, y) * (np.log1p(y**2 / x) + special.psi(x / 2) - special.psi((x + 1) / 2)),
    domain=x > 0, sample=((1, 6), (-3, 3)), source="DLMF 8.17.1 by a",
)


def _student_by_freedom(v: Any, t: Any) -> Any:
    """By v of 1 − ½I(v/2, ½; u) with u = v/(v + t²), for t > 0; odd in t."""
    return -student_shape_slope(v, t) / 4 - t * _student_weight(v, t) / 2


_student: dict[str, Any] = {"sample": ((1, 6), (-3, 3)), "source": "DLMF 8.17.20"}
rule(special.stdtr, _student_by_freedom(x, y), _student_density(x, y), domain=x > 0, **_student)
_f = _student_density(x, out)
rule(
    special.stdtrit, -_student_by_freedom(x, out) / _f, 1 / _f, sample=((1, 6), (0.1, 0.4)), source=_inverse
)
_shape = _student_by_freedom(out, y)
rule(
    special.stdtridf, 1 / _shape, -_student_density(out, y) / _shape, sample=((0.8, 0.85), (1.2, 1.4)), source=_inverse
)


def _fisher(m: Any, n: Any, f: Any) -> tuple[Any, Any, Any]:
    """The partials of I(m/2, n/2; u) with u = mf/(mf + n), by m, n and f."""
    total = m * f + n
    u, rest = m * f / total, n / total
    density = beta_density(m / 2, n / 2, u)
    return (
        beta_shape_slope(m / 2, n / 2, u) / 2 + density * rest * f / total,
        -beta_shape_slope(n / 2, m / 2, rest) / 2 - density * u / total,
        density * rest * m / total,
    )


_ratio: dict[str, Any] = {
    "domain": (x > 0) & (y > 0) & (z >= 0), "sample": ((2, 6), (2, 6), (0.3, 3)),
    "source": "DLMF 8.17.20",
}  # fmt: skip
rule(special.fdtr, *_fisher(x, y, z), **_ratio)
rule(special.fdtrc, *(-p for p in _fisher(x, y, z)), **_ratio)
_by_m, _by_n, _f = _fisher(x, y, out)
rule(special.fdtri, -_by_m / _f, -_by_n / _f, 1 / _f, sample=((2, 6), (2, 6), (0.1, 0.9)), source=_inverse)

_by_m, _by_n, _f = _fisher(x, out, z)
rule(
    special.fdtridfd, -_by_m / _by_n, 1 / _by_n, -_f / _by_n, sample=((2, 3), (0.7, 0.75), (1.4, 1.8)), source=_inverse
)

# ---------------------------------------------------------------------- noncentral


def _noncentral_density(x: Any, v: Any, c: Any) -> Any:
    """The noncentral chi-squared density, its exponentials joined so that they do not overflow."""
    ratio, root = x / c, np.sqrt(x * c)
    return np.exp(-((np.sqrt(x) - np.sqrt(c)) ** 2) / 2) * ratio ** ((v - 2) / 4) * special.ive(v / 2 - 1, root) / 2


def _by_center(x: Any, v: Any, c: Any) -> Any:
    return -_noncentral_density(x, v + 2, c)


_chndtr: dict[str, Any] = {"domain": (x > 0) & (y > 0) & (z > 0), "sample": ((1, 6), (2, 5), (0.5, 3))}
rule(
    special.chndtr, _noncentral_density(x, y, z), UNKNOWN, _by_center(x, y, z), **_chndtr,
    source="N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions 2, chapter 29",
)
_f = _noncentral_density(out, y, z)
rule(
    special.chndtrix, 1 / _f, UNKNOWN, -_by_center(out, y, z) / _f, sample=((0.1, 0.9), (2, 5), (0.5, 3)),
    source=_inverse,
)
_shape = _by_center(x, y, out)
rule(
    special.chndtrinc, -_noncentral_density(x, y, out) / _shape, UNKNOWN, 1 / _shape,
    sample=((4, 6), (2, 3), (0.2, 0.4)), source=_inverse,
)


@entrywise
def noncentral_t_density(v: Any, c: Any, t: Any) -> Any:
    """The density of Student's noncentral t with `v` degrees of freedom and center `c`; shapes broadcast."""
    return special._ufuncs._nct_pdf(t, v, c)


@entrywise
def noncentral_f_density(m: Any, n: Any, c: Any, f: Any) -> Any:
    """The density of the noncentral F distribution, in the argument order of ncfdtr; shapes broadcast."""
    return special._ufuncs._ncf_pdf(f, m, n, c)


rule(
    special.nctdtr, UNKNOWN, UNKNOWN, noncentral_t_density(x, y, z), sample=((2, 5), (0.5, 1), (-1, 3)),
    source=_density,
)
rule(
    special.nctdtrit, UNKNOWN, UNKNOWN, 1 / noncentral_t_density(x, y, out), sample=((2, 5), (0.5, 1), (0.2, 0.8)),
    source=_inverse,
)
_samples = ((2, 5), (3, 6), (0.5, 2))
rule(
    special.ncfdtr, UNKNOWN, UNKNOWN, UNKNOWN, noncentral_f_density(x, y, z, w), sample=(*_samples, (0.5, 3)),
    source=_density,
)
rule(
    special.ncfdtri, UNKNOWN, UNKNOWN, UNKNOWN, 1 / noncentral_f_density(x, y, z, out),
    sample=(*_samples, (0.2, 0.8)), source=_inverse,
)

# ---------------------------------------------------------------------- Kolmogorov and Smirnov


@entrywise
def kolmogorov_slope(x: Any) -> Any:
    """The derivative of Kolmogorov's survival function; same shape as `x`."""
    return special._ufuncs._kolmogp(x)


@entrywise
def smirnov_slope(n: Any, d: Any) -> Any:
    """The derivative by `d` of Smirnov's survival function; shapes broadcast."""
    return special._ufuncs._smirnovp(n, d)


rule(special.kolmogorov, kolmogorov_slope(x), sample=(0.5, 1.5), source=_density)
rule(special.kolmogi, 1 / kolmogorov_slope(out), sample=(0.1, 0.9), source=_inverse)
rule(special.smirnov, UNKNOWN, smirnov_slope(x, y), sample=((5, 5), (0.15, 0.6)), source=_density)
rule(special.smirnovi, UNKNOWN, 1 / smirnov_slope(x, out), sample=((5, 5), (0.1, 0.9)), source=_inverse)
