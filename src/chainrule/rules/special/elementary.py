"""Logistic functions, entropies, power transforms, losses, and relatives of exp, log, sin and agm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import Constant, call, symbols
from chainrule.rules.function import ending, size
from chainrule.rules.rule import UNKNOWN, At, rule

x, y, z, out = symbols("x y z out")
_pi = Constant(math.pi, "pi")
_degree = _pi / 180

_t = np.exp(-size(x))  # SciPy's own expit(-x) is 0 beyond 709, where e⁻ˣ is not
rule(special.expit, out * (1 - out), computed=_t / (1 + _t) ** 2, analytic=out * (1 - out), source="logistic function")
rule(
    special.logit, 1 / (x * (1 - x)), domain=(x >= 0) & (x <= 1), smooth=(x > 0) & (x < 1), sample=(0.1, 0.9),
    source="inverse of the logistic function",
    at=(At(np.equal(x, 0) | np.equal(x, 1), np.inf, "the tangent is vertical at the ends"),),
)
rule(
    special.log_expit, special.expit(-x), computed=np.where(x < 0, 1, _t) / (1 + _t), source="logistic function"
)

_some = np.not_equal(x, 0)
rule(
    special.entr, -np.log(x) - 1, domain=x >= 0, smooth=x > 0, sample=(0.2, 3), source="product rule",
    at=(At(np.equal(x, 0), np.inf, "the tangent at 0 is vertical"),),
)
_positive: dict[str, Any] = {
    "domain": (x >= 0) & (y > 0), "smooth": (x > 0) & (y > 0), "sample": (0.2, 3),
    "source": "product rule",
}  # fmt: skip
# By y it goes on as −log y does; by x it ends.
_vertical = (At(np.equal(x, 0), (call(ending, -np.inf, x) - np.log(y), None), "the tangent at 0 is vertical"),)
rule(special.rel_entr, np.log(x / y) + 1, -x / y, **_positive, at=_vertical)
_relative = (x - y) / y
_log_ratio = np.where(abs(_relative) < 0.5, np.log1p(_relative), np.log(x / y))
rule(special.kl_div, np.log(x / y), 1 - x / y, computed=(_log_ratio, -_relative), **_positive, at=_vertical)
_nothing = "0 times anything is constant in the other factor"
rule(
    special.xlogy, np.log(y), x / y, domain=y >= 0, smooth=y > 0, sample=((-2, 2), (0.2, 3)), source="product rule",
    at=(
        At(np.equal(x, 0) & np.equal(y, 0), (-np.inf, 0), _nothing, sharp="x"),
        At(np.equal(y, 0), (-np.inf, None), "log 0"),
    ),
)
rule(
    special.xlog1py, np.log1p(y), x / (1 + y), domain=y >= -1, smooth=y > -1, sample=((-2, 2), (-0.8, 3)),
    source="product rule",
    at=(
        At(np.equal(x, 0) & np.equal(y, -1), (-np.inf, 0), _nothing, sharp="x"),
        At(np.equal(y, -1), (-np.inf, None), "log 0"),
    ),
)

# The derivatives of (eᶻ − 1)/z and log(1 + z)/z, also at z = 0.


def _bend(z: Any) -> Any:
    """The derivative of (eᶻ − 1)/z: ∫₀¹ t·eᵗᶻ dt."""
    return special.hyp1f1(2, 3, z) / 2


def _slack(z: Any) -> Any:
    """The derivative of log(1 + z)/z: −∫₀¹ t/(1 + tz)² dt."""
    return -special.hyp2f1(2, 2, 3, -z) / 2


_log = np.log(x)
_textbook = (x**y * (y * _log - 1) + 1) / y**2
rule(
    special.boxcox, x ** (y - 1), _textbook, computed=(None, _log**2 * _bend(y * _log)), domain=x > 0,
    sample=((0.3, 3), (-2, 2)), source="G. E. P. Box and D. R. Cox, An analysis of transformations, 1964",
)
_log = np.log1p(x)
_textbook = ((1 + x) ** y * (y * _log - 1) + 1) / y**2
rule(
    special.boxcox1p, (1 + x) ** (y - 1), _textbook,
    computed=(np.exp((y - 1) * _log), _log**2 * _bend(y * _log)), domain=x > -1,
    sample=((-0.6, 3), (-2, 2)), source="G. E. P. Box and D. R. Cox, An analysis of transformations, 1964",
)
_inside = 1 + x * y
_textbook = x / (y * _inside) - np.log1p(x * y) / y**2
_inverse: dict[str, Any] = {"domain": _inside > 0, "sample": ((-0.8, 2), (0.1, 1)), "source": "inverse function"}
rule(
    special.inv_boxcox, out / _inside, out * _textbook, computed=(None, out * x**2 * _slack(x * y)), **_inverse
)
rule(
    special.inv_boxcox1p, (1 + out) / _inside, (1 + out) * _textbook,
    computed=(None, (1 + out) * x**2 * _slack(x * y)), **_inverse,
)
rule(
    special.powm1, y * x ** (y - 1), x**y * np.log(x), domain=x > 0, sample=((0.3, 3), (-2, 2)),
    source="power rule and exponential rule",
)

_two, _ten = np.log(Constant(2)), np.log(Constant(10))
rule(special.exp2, out * _two, source="DLMF 4.7.9")
rule(special.exp10, out * _ten, source="DLMF 4.7.9")
rule(special.expm1, np.exp(x), source="DLMF 4.7.7")
rule(special.log1p, 1 / (1 + x), domain=x > -1, sample=(-0.8, 4), source="DLMF 4.7.1")
rule(special.exprel, (np.exp(x) - out) / x, computed=_bend(x), source="quotient rule; a removable singularity at 0")
rule(special.cosm1, -np.sin(x), source="DLMF 4.20.2")
rule(
    special.cbrt, 1 / (3 * out**2), computed=out / x / 3, smooth=_some, sample=(0.2, 4), source="power rule",
    at=(
        At(np.equal(x, 0), np.inf, "the tangent at 0 is vertical"),
        At(np.isinf(x), 0, "the slope dies out at infinity"),
    ),
)
rule(special.round, 0, smooth=np.not_equal(x - 0.5, np.rint(x - 0.5)), source="step")

rule(special.sindg, _degree * special.cosdg(x), sample=(-80, 80), source="DLMF 4.20.1")
rule(special.cosdg, -_degree * special.sindg(x), sample=(-80, 80), source="DLMF 4.20.2")
for _function, _sign, _denominator, _interval, _source in (
    (special.tandg, 1, special.cosdg(x), (-60, 60), "DLMF 4.20.3"),
    (special.cotdg, -1, special.sindg(x), (20, 80), "DLMF 4.20.6"),
):
    rule(
        _function, _sign * _degree * (1 + out**2), domain=np.not_equal(_denominator, 0), sample=_interval,
        source=_source,
    )
rule(special.radian, _degree, _degree / 60, _degree / 3600, source="unit conversion")

rule(
    special.huber, np.where(abs(y) > x, abs(y) - x, 0), np.where(abs(y) > x, x * np.sign(y), y), domain=x >= 0,
    smooth=(x > 0) & np.not_equal(abs(y), x), sample=((0.5, 1), (-2, 2)), source="quadratic near 0, linear far out",
    at=(
        At(
            np.equal(abs(y), x), ((abs(y) - x) / 2, (x * np.sign(y) + y) / 2),
            "the quadratic and the linear piece meet, and the second derivative is the mean of theirs",
        ),
    ),
)
_radius = np.hypot(x, y)
_part = y / (x + _radius)
rule(
    special.pseudo_huber, y**4 / (_radius * (x + _radius) ** 2), x * y / _radius,
    computed=(y / _radius * y * _part * _part, x * (y / _radius)), domain=x > 0,
    sample=((0.5, 2), (-2, 2)), source="x√(x² + y²) − x², brought to one fraction",
)

rule(
    special.wrightomega, out / (1 + out), source="DLMF 4.13: ω + log ω = x",
)
rule(
    special._ufuncs._lambertw, 1 / (x + np.exp(out)), None, None, sample=((0.5, 4), (0, 0), (1e-8, 1e-8)),
    source="DLMF 4.13.4",
)
_slope = 1 / (out ** (y - 1) + (1 - out) ** (y - 1))
rule(
    special.tklmbda, _slope, UNKNOWN,
    at=(
        At((y > 0) & (abs(x * y) > 1), (0, None), "constant beyond the ends −1/y and 1/y"),
        At((y >= 1) & np.equal(abs(x * y), 1), (_slope / 2, None), "an end: the mean of the slopes on both sides"),
    ),
    sample=((-0.5, 0.5), (0.3, 1.5)), source="inverse of the quantile function (pʸ − (1 − p)ʸ)/y",
)
