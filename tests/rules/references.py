"""The functions of the table over mpmath's complex numbers: analytic wherever the function is.

Where a function is made of pieces (a maximum, a remainder, a Huber loss), the real parts choose the piece, so that its
values on a small circle around a point are those of one analytic function exactly where the point lies in one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

from benchmarks.exact import EXACT
from chainrule.rules import TABLE, Elementwise
from chainrule.rules.modified_bessel import bessel_i
from chainrule.rules.selection import clamp
from chainrule.rules.trigonometric import sinc_derivative

mp = mpmath.mp
Reference = Callable[..., Any]


def _re(x: Any) -> Any:
    return mp.re(x)


def _size(x: Any) -> Any:
    return x if _re(x) >= 0 else -x


def _sign(x: Any) -> Any:
    return (_re(x) > 0) - (_re(x) < 0)


def _rint(x: Any) -> Any:
    below = mp.floor(_re(x))
    rest = _re(x) - below
    half = mp.mpf(1) / 2
    return below + (rest > half or (rest == half and below % 2 != 0))


def _whole(quotient: Any) -> Any:
    return mp.floor(quotient) if quotient >= 0 else mp.ceil(quotient)


def _log_of_sum(base: int) -> Reference:
    scale = mp.mpf(1) if base == 0 else None

    def function(x: Any, y: Any) -> Any:
        s = scale or mp.log(base)
        larger, smaller = (x, y) if _re(x) >= _re(y) else (y, x)
        return larger + mp.log1p(mp.exp((smaller - larger) * s)) / s

    return function


def _sinc_derivative(x: Any, order: Any) -> Any:
    """∫₀¹ (πt)ⁿ cos(πxt + nπ/2) dt, since sinc x = ∫₀¹ cos(πxt) dt; near 0 by the power series."""
    n = int(_re(order))
    if abs(x) > 2:
        value = mp.sinpi(x) / (mp.pi * x)
        for k in range(1, n + 1):
            value = (mp.pi ** (k - 1) * mp.sinpi(x + mp.mpf(k) / 2) - k * value) / x
        return value
    total, k = mp.mpf(0), (n + 1) // 2
    while True:
        term = (-1) ** k * mp.pi ** (2 * k) / (2 * k + 1) / mp.factorial(2 * k - n) * x ** (2 * k - n)
        total += term
        if k > n + 5 + 2 * abs(x) * 4 and abs(term) <= mp.mpf(10) ** (-mp.dps - 5):
            return total
        k += 1


def _power(x: Any, y: Any) -> Any:
    if _re(x) > 0 or (_re(x) == 0 and mp.im(x) != 0 and _re(y) != mp.floor(_re(y))):
        return mp.exp(y * mp.log(x))
    if mp.im(y) or _re(y) != mp.floor(_re(y)):
        raise ValueError("not real")
    return x ** int(_re(y))


def _remainder(x: Any, y: Any) -> Any:
    return x - y * mp.floor(_re(x / y))


def _fmod(x: Any, y: Any) -> Any:
    return x - y * _whole(_re(x / y))


def _clamp(x: Any, low: Any, high: Any) -> Any:
    inner = x if _re(x) >= _re(low) else low
    return inner if _re(inner) <= _re(high) else high


def _larger(x: Any, y: Any) -> Any:
    return x if _re(x) >= _re(y) else y


def _smaller(x: Any, y: Any) -> Any:
    return x if _re(x) <= _re(y) else y


def _xlogy(x: Any, y: Any) -> Any:
    return mp.mpf(0) if x == 0 else x * mp.log(y)


def _huber(delta: Any, r: Any) -> Any:
    return r * r / 2 if abs(_re(r)) <= _re(delta) else delta * (_size(r) - delta / 2)


def _ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _gammainc(a: Any, x: Any) -> Any:
    """By the series DLMF 8.7.1, which is analytic in both."""
    total = term = 1 / mp.gamma(a + 1)
    k = 1
    while abs(term) > abs(total) * mp.mpf(10) ** (-mp.dps - 5):
        term = term * x / (a + k)
        total += term
        k += 1
    return total * x**a * mp.exp(-x)


def _betainc(a: Any, b: Any, x: Any) -> Any:
    return x**a / a * mp.hyp2f1(a, 1 - b, a + 1, x) / mp.beta(a, b)


def _box_cox(x: Any, y: Any) -> Any:
    """(xʸ − 1)/y as a power series in y, of which no term fails at y = 0."""
    logarithm = mp.log(x)
    z = y * logarithm
    return logarithm * _exprel(z)


def _exprel(z: Any) -> Any:
    return mp.hyp1f1(1, 2, z)


def _log_ratio(z: Any) -> Any:
    """log(1 + z)/z."""
    return mp.log1p(z) / z if z else mp.mpf(1)


def _faddeeva(z: Any) -> Any:
    return mp.exp(-z * z) * mp.erfc(-1j * z)


def _voigt(x: Any, sigma: Any, gamma: Any, sign: int = 1) -> Any:
    s = sigma * mp.sqrt(2)
    both = _faddeeva((x + 1j * gamma) / s) + sign * _faddeeva((-x + 1j * gamma) / s)
    return both / (2 if sign > 0 else 2j) / (s * mp.sqrt(mp.pi))


def _owens_t(h: Any, a: Any) -> Any:
    return mp.quad(lambda t: a * mp.exp(-h * h * (1 + a * a * t * t) / 2) / (1 + a * a * t * t), [0, 1]) / (2 * mp.pi)


def _spence(x: Any) -> Any:
    """Li₂(1 − x): the series near 1, elsewhere DLMF 25.12.6 by way of mpmath."""
    return mp.polylog(2, 1 - x) if _re(x) > 0.6 else mp.pi**2 / 6 - mp.log(x) * mp.log(1 - x) - mp.polylog(2, x)


def _wright(a: Any, b: Any, x: Any) -> Any:
    total, k = mp.mpf(0), 0
    while True:
        term = x**k / mp.factorial(k) * mp.rgamma(a * k + b)
        total += term
        if k > 10 and abs(term) < abs(total) * mp.mpf(10) ** (-mp.dps - 5):
            return total
        k += 1


def _integral_of_j0(sign: int) -> Reference:
    return lambda x: x * mp.hyp1f2(0.5, 1, 1.5, sign * x * x / 4)


def _integral_of_rest(sign: int) -> Reference:
    return lambda x: x * x / 8 * mp.hyper([1, 1], [2, 2, 2], sign * x * x / 4)


def _kelvin_slope(real: Reference, imaginary: Reference, sign: int) -> Reference:
    """DLMF 10.63.1 and 10.61.3, for order 0."""
    return lambda x: (sign * real(1, x) + imaginary(1, x)) / mp.sqrt(2)


def _spherical(order: Any, sign: int) -> Reference:
    """zᵐ√π/(2ᵐ⁺¹Γ(m + 3/2))·₀F₁(; m + 3/2; ±z²/4) with m of the order n: DLMF 10.47.3 and 10.47.7 by 10.16.9."""

    def function(n: Any, z: Any) -> Any:
        m = order(int(_re(n)))
        b = m + mp.mpf(3) / 2
        return z**m * mp.sqrt(mp.pi) / mp.power(2, m + 1) * mp.rgamma(b) * mp.hyp0f1(b, sign * z * z / 4)

    return function


def _spherical_second(n: Any, z: Any) -> Any:
    """DLMF 10.47.5 in the half turns of 10.47(i): yₙ(z) = (−1)ⁿ⁺¹ j₋ₙ₋₁(z)."""
    return (-1) ** (int(_re(n)) + 1) * _spherical(lambda n: -n - 1, -1)(n, z)


def _spherical_decaying(n: Any, z: Any) -> Any:
    """DLMF 10.49.12, a finite sum."""
    n = int(_re(n))
    terms = (mp.factorial(n + k) / mp.factorial(k) / mp.factorial(n - k) / (2 * z) ** k for k in range(n + 1))
    return mp.pi / 2 * mp.exp(-z) / z * sum(terms)


def _airy_scale(x: Any) -> Any:
    return mp.exp(mp.mpf(2) / 3 * x * mp.sqrt(x)) if _re(x) > 0 else mp.mpf(1)


def _degrees(x: Any) -> Any:
    return x * mp.pi / 180


def _j_scaled(x: Any) -> Any:
    return mp.exp(-_size(x))


def _elliptic_turns(function: Reference, complete: Reference) -> Reference:
    """An incomplete integral at any amplitude: whole half turns taken off by the real part (DLMF 19.2.10)."""

    def reference(phi: Any, m: Any) -> Any:
        turns = _rint(phi / mp.pi)
        rest = function(phi - turns * mp.pi, m)
        return rest + 2 * turns * complete(m) if turns else rest

    return reference


def _incomplete(phi: Any, m: Any) -> Any:
    s, c = mp.sin(phi), mp.cos(phi)
    return s * mp.elliprf(c * c, 1 - m * s * s, 1)


def _incomplete_second(phi: Any, m: Any) -> Any:
    s, c = mp.sin(phi), mp.cos(phi)
    side = 1 - m * s * s
    return s * mp.elliprf(c * c, side, 1) - m * s**3 / 3 * mp.elliprd(c * c, side, 1)


NUMPY: dict[Any, Reference] = EXACT | {
    np.cbrt: lambda x: _sign(x) * mp.cbrt(_size(x)),
    np.power: _power,
    np.float_power: _power,
    np.absolute: _size,
    np.fabs: _size,
    np.sign: _sign,
    np.nextafter: lambda x, y: x,
    np.floor: lambda x: mp.floor(_re(x)),
    np.ceil: lambda x: mp.ceil(_re(x)),
    np.trunc: lambda x: _whole(_re(x)),
    np.rint: _rint,
    np.heaviside: lambda x, y: y if x == 0 else mp.mpf(_re(x) > 0),
    np.floor_divide: lambda x, y: mp.floor(_re(x / y)),
    np.remainder: _remainder,
    np.fmod: _fmod,
    np.copysign: lambda x, y: _size(x) * (1 if _re(y) >= 0 else -1),
    np.logaddexp: _log_of_sum(0),
    np.logaddexp2: _log_of_sum(2),
    np.arcsinh: mp.asinh,
    np.arctan2: lambda x, y: -1j * mp.log((y + 1j * x) / mp.sqrt(x * x + y * y)),
    np.sinc: lambda x: _sinc_derivative(x, 0),
    sinc_derivative: _sinc_derivative,
    bessel_i: lambda x, order: mp.besseli(int(_re(order)), x),
    np.where: lambda c, x, y: x if c else y,
    clamp: _clamp,
    np.maximum: _larger,
    np.minimum: _smaller,
    np.fmax: _larger,
    np.fmin: _smaller,
}
"""The functions of benchmarks/exact.py, those that are made of pieces, or written for real numbers, in another way."""

SPECIAL: dict[str, Reference] = {
    "jv": mp.besselj,
    "jve": mp.besselj,
    "yv": mp.bessely,
    "yve": mp.bessely,
    "yn": mp.bessely,
    "iv": mp.besseli,
    "kv": mp.besselk,
    "kn": mp.besselk,
    "ive": lambda v, x: mp.besseli(v, x) * _j_scaled(x),
    "kve": lambda v, x: mp.besselk(v, x) * mp.exp(x),
    "j0": lambda x: mp.besselj(0, x),
    "j1": lambda x: mp.besselj(1, x),
    "y0": lambda x: mp.bessely(0, x),
    "y1": lambda x: mp.bessely(1, x),
    "i0": lambda x: mp.besseli(0, x),
    "i1": lambda x: mp.besseli(1, x),
    "i0e": lambda x: mp.besseli(0, x) * _j_scaled(x),
    "i1e": lambda x: mp.besseli(1, x) * _j_scaled(x),
    "k0": lambda x: mp.besselk(0, x),
    "k1": lambda x: mp.besselk(1, x),
    "k0e": lambda x: mp.besselk(0, x) * mp.exp(x),
    "k1e": lambda x: mp.besselk(1, x) * mp.exp(x),
    "struve": mp.struveh,
    "modstruve": mp.struvel,
    "spherical_jn": _spherical(lambda n: n, -1),
    "spherical_yn": _spherical_second,
    "spherical_in": _spherical(lambda n: n, 1),
    "spherical_kn": _spherical_decaying,
    "airy_0": mp.airyai,
    "airy_1": lambda x: mp.airyai(x, derivative=1),
    "airy_2": mp.airybi,
    "airy_3": lambda x: mp.airybi(x, derivative=1),
    "airye_0": lambda x: mp.airyai(x) * _airy_scale(x),
    "airye_1": lambda x: mp.airyai(x, derivative=1) * _airy_scale(x),
    "airye_2": lambda x: mp.airybi(x) / _airy_scale(x),
    "airye_3": lambda x: mp.airybi(x, derivative=1) / _airy_scale(x),
    "ber": lambda x: mp.ber(0, x),
    "bei": lambda x: mp.bei(0, x),
    "berp": _kelvin_slope(mp.ber, mp.bei, 1),
    "beip": _kelvin_slope(mp.ber, mp.bei, -1),
    "ker": lambda x: mp.ker(0, x),
    "kei": lambda x: mp.kei(0, x),
    "kerp": _kelvin_slope(mp.ker, mp.kei, 1),
    "keip": _kelvin_slope(mp.ker, mp.kei, -1),
    "pbdv_0": mp.pcfd,
    "pbdv_1": lambda v, x: x / 2 * mp.pcfd(v, x) - mp.pcfd(v + 1, x),
    "polygamma": lambda n, x: mp.psi(int(_re(n)), x),
    "gamma_density": lambda a, x: x ** (a - 1) * mp.exp(-x) * mp.rgamma(a),
    "beta_density": lambda a, b, x: x ** (a - 1) * (1 - x) ** (b - 1) / mp.beta(a, b),
    "zeta_slope": lambda s, q: mp.zeta(s, q, 1),
    "gamma": mp.gamma,
    "gammaln": lambda x: mp.log(mp.gamma(x) * (1 if _re(mp.gamma(x)) > 0 else -1)),
    "loggamma": mp.loggamma,
    "psi": lambda x: mp.psi(0, x),
    "rgamma": mp.rgamma,
    "gammasgn": lambda x: mp.sign(_re(mp.gamma(x))),
    "beta": lambda a, b: mp.gamma(a) * mp.gamma(b) * mp.rgamma(a + b),
    "betaln": lambda a, b: mp.log(mp.gamma(a) * mp.gamma(b) * mp.rgamma(a + b)),
    "binom": lambda n, k: mp.gamma(n + 1) * mp.rgamma(k + 1) * mp.rgamma(n - k + 1),
    "poch": lambda z, m: mp.gamma(z + m) * mp.rgamma(z),
    "gammainc": _gammainc,
    "gammaincc": lambda a, x: 1 - _gammainc(a, x),
    "betainc": _betainc,
    "betaincc": lambda a, b, x: 1 - _betainc(a, b, x),
    "chdtr": lambda v, x: _gammainc(v / 2, x / 2),
    "chdtrc": lambda v, x: 1 - _gammainc(v / 2, x / 2),
    "gdtr": lambda a, b, x: _gammainc(b, a * x),
    "gdtrc": lambda a, b, x: 1 - _gammainc(b, a * x),
    "pdtr": lambda k, m: 1 - _gammainc(mp.floor(_re(k)) + 1, m),
    "pdtrc": lambda k, m: _gammainc(mp.floor(_re(k)) + 1, m),
    "bdtr": lambda k, n, p: _betainc(n - mp.floor(_re(k)), mp.floor(_re(k)) + 1, 1 - p),
    "bdtrc": lambda k, n, p: 1 - _betainc(n - mp.floor(_re(k)), mp.floor(_re(k)) + 1, 1 - p),
    "nbdtr": lambda k, n, p: _betainc(n, mp.floor(_re(k)) + 1, p),
    "nbdtrc": lambda k, n, p: 1 - _betainc(n, mp.floor(_re(k)) + 1, p),
    "fdtr": lambda m, n, f: _betainc(m / 2, n / 2, m * f / (m * f + n)),
    "fdtrc": lambda m, n, f: 1 - _betainc(m / 2, n / 2, m * f / (m * f + n)),
    "stdtr": lambda v, t: (
        mp.mpf(1) / 2
        + t * mp.gamma((v + 1) / 2) / mp.sqrt(mp.pi * v) * mp.rgamma(v / 2)
        * mp.hyp2f1(0.5, (v + 1) / 2, 1.5, -t * t / v)
    ),
    "_zeta": mp.zeta,
    "_riemann_zeta": mp.zeta,
    "zetac": lambda x: mp.zeta(x) - 1,
    "expit": lambda x: 1 / (1 + mp.exp(-x)),
    "logit": lambda x: mp.log(x / (1 - x)),
    "log_expit": lambda x: -mp.log1p(mp.exp(-x)),
    "entr": lambda x: -x * mp.log(x) if x else mp.mpf(0),
    "rel_entr": lambda x, y: x * mp.log(x / y) if x else mp.mpf(0),
    "kl_div": lambda x, y: (x * mp.log(x / y) if x else mp.mpf(0)) - x + y,
    "xlogy": _xlogy,
    "xlog1py": lambda x, y: _xlogy(x, 1 + y),
    "boxcox": _box_cox,
    "boxcox1p": lambda x, y: _box_cox(1 + x, y),
    "inv_boxcox": lambda x, y: mp.exp(x * _log_ratio(x * y)),
    "inv_boxcox1p": lambda x, y: mp.expm1(x * _log_ratio(x * y)),
    "powm1": lambda x, y: _power(x, y) - 1,
    "exp2": lambda x: mp.power(2, x),
    "exp10": lambda x: mp.power(10, x),
    "expm1": mp.expm1,
    "log1p": mp.log1p,
    "exprel": _exprel,
    "cosm1": lambda x: mp.cos(x) - 1,
    "cbrt": lambda x: _sign(x) * mp.cbrt(_size(x)),
    "round": _rint,
    "sindg": lambda x: mp.sin(_degrees(x)),
    "cosdg": lambda x: mp.cos(_degrees(x)),
    "tandg": lambda x: mp.tan(_degrees(x)),
    "cotdg": lambda x: mp.cot(_degrees(x)),
    "radian": lambda d, m, s: _degrees(d + m / 60 + s / 3600),
    "huber": _huber,
    "pseudo_huber": lambda x, y: x * x * (mp.sqrt(1 + (y / x) ** 2) - 1),
    "wrightomega": lambda x: mp.lambertw(mp.exp(x)),
    "_lambertw": lambda x, k, tolerance: mp.lambertw(x),
    "ellipk": mp.ellipk,
    "ellipe": mp.ellipe,
    "ellipkm1": lambda p: mp.ellipk(1 - p),
    "ellipkinc": _elliptic_turns(_incomplete, mp.ellipk),
    "ellipeinc": _elliptic_turns(_incomplete_second, mp.ellipe),
    "elliptic_moment": lambda phi, m, n, p: mp.quad(
        lambda t: phi * mp.sin(t * phi) ** (2 * int(_re(n))) / (1 - m * mp.sin(t * phi) ** 2) ** (_re(p) / 2), [0, 1]
    ),
    "elliprf": mp.elliprf,
    "elliprc": mp.elliprc,
    "elliprg": mp.elliprg,
    "elliprd": mp.elliprd,
    "elliprj": mp.elliprj,
    "ellipj_0": lambda u, m: mp.ellipfun("sn", u, m=m),
    "ellipj_1": lambda u, m: mp.ellipfun("cn", u, m=m),
    "ellipj_2": lambda u, m: mp.ellipfun("dn", u, m=m),
    "agm": lambda x, y: mp.pi * (x + y) / 4 / mp.ellipk(((x - y) / (x + y)) ** 2),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "erfi": mp.erfi,
    "dawsn": lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x),
    "ndtr": _ndtr,
    "log_ndtr": lambda x: mp.log(_ndtr(x)),
    "owens_t": _owens_t,
    "voigt_profile": _voigt,
    "voigt_dispersion": lambda x, sigma, gamma: _voigt(x, sigma, gamma, -1),
    "fresnel_sine": mp.fresnels,
    "fresnel_cosine": mp.fresnelc,
    "hyp0f1": mp.hyp0f1,
    "hyp1f1": mp.hyp1f1,
    "hyp2f1": mp.hyp2f1,
    "hyperu": mp.hyperu,
    "wright_bessel": _wright,
    "log_wright_bessel": lambda a, b, x: mp.log(_wright(a, b, x)),
    "exp1": mp.e1,
    "expi": mp.ei,
    "expn": lambda n, x: mp.expint(int(_re(n)), x),
    "sici_0": mp.si,
    "sici_1": mp.ci,
    "shichi_0": mp.shi,
    "shichi_1": lambda x: mp.chi(_size(x)),
    "spence": _spence,
    "itj0y0_0": _integral_of_j0(-1),
    "iti0k0_0": _integral_of_j0(1),
    "it2j0y0_0": _integral_of_rest(-1),
    "it2i0k0_0": _integral_of_rest(1),
    "eval_legendre": mp.legendre,
    "eval_sh_legendre": lambda n, x: mp.legendre(n, 2 * x - 1),
    "eval_chebyt": mp.chebyt,
    "eval_chebyu": mp.chebyu,
    "eval_chebyc": lambda n, x: 2 * mp.chebyt(n, x / 2),
    "eval_chebys": lambda n, x: mp.chebyu(n, x / 2),
    "eval_sh_chebyt": lambda n, x: mp.chebyt(n, 2 * x - 1),
    "eval_sh_chebyu": lambda n, x: mp.chebyu(n, 2 * x - 1),
    "eval_laguerre": lambda n, x: mp.laguerre(n, 0, x),
    "eval_genlaguerre": mp.laguerre,
    "eval_gegenbauer": mp.gegenbauer,
    "eval_jacobi": mp.jacobi,
    "eval_sh_jacobi": lambda n, p, q, x: (
        mp.factorial(n) * mp.gamma(n + p) / mp.gamma(2 * n + p) * mp.jacobi(n, p - q, q - 1, 2 * x - 1)
    ),
    "eval_hermite": mp.hermite,
    "lower_hermite": lambda n, x: mp.hermite(n - 1, x),
    "eval_hermitenorm": lambda n, x: 2 ** (-n / 2) * mp.hermite(n, x / mp.sqrt(2)),
    "lower_hermitenorm": lambda n, x: 2 ** (-(n - 1) / 2) * mp.hermite(n - 1, x / mp.sqrt(2)),
}


def reference(rule: Elementwise) -> Reference | None:
    """The rule's function over mpmath's numbers, or None where there is none here."""
    return NUMPY.get(rule.function) or SPECIAL.get(rule.name)


def all_rules() -> list[Elementwise]:
    """Every elementwise rule of the table, SciPy's functions among them."""
    import chainrule.rules.special  # noqa: F401  (fills the table)

    return [rule for rule in TABLE.values() if isinstance(rule, Elementwise)]
