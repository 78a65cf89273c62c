"""Finance: options, bonds, portfolios, volatilities."""

import math
from math import erf, exp, log, sqrt

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, newton
from scipy.stats import norm


def black_scholes(S, K, T, r, sigma):
    d1 = (np.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * np.sqrt(T))
    d2 = d1 - sigma * np.sqrt(T)
    return S * norm.cdf(d1) - K * np.exp(-r * T) * norm.cdf(d2)


def phi(x):
    return (1.0 + erf(x / sqrt(2.0))) / 2.0


def black_scholes_with_math(S, K, T, r, v):
    d1 = (log(S / K) + (r + v * v / 2.0) * T) / (v * sqrt(T))
    d2 = d1 - v * sqrt(T)
    return S * phi(d1) - K * exp(-r * T) * phi(d2)


def binomial_tree(S, K, T, r, sigma):
    """An American put (Cox, Ross, Rubinstein), the values rolled back in place."""
    n = 30
    dt = T / n
    u = np.exp(sigma * np.sqrt(dt))
    d = 1 / u
    p = (np.exp(r * dt) - d) / (u - d)
    prices = S * u ** np.arange(n, -n - 1, -2)
    values = np.maximum(K - prices, 0.0)
    for i in range(n - 1, -1, -1):
        for j in range(i + 1):
            values[j] = np.exp(-r * dt) * (p * values[j] + (1 - p) * values[j + 1])
            values[j] = max(values[j], K - S * u ** (i - 2 * j))
    return values[0]


def bond_price(y, coupon):
    cash = np.full(10, coupon)
    cash[-1] += 100
    t = np.arange(1, 11)
    return np.sum(cash / (1 + y) ** t)


def bond_duration(y):
    total = weighted = 0.0
    for t in range(1, 11):
        pv = (5.0 if t < 10 else 105.0) * math.exp(-y * t)
        total += pv
        weighted += t * pv
    return weighted / total


def portfolio_variance(w, corr):
    vol = np.array([0.1, 0.2, 0.15])
    C = np.array([[1, corr, 0.1], [corr, 1, 0.3], [0.1, 0.3, 1]])
    cov = np.outer(vol, vol) * C
    return np.sqrt(w @ cov @ w)


def minimum_variance_weights(corr):
    cov = np.array([[0.04, 0.02 * corr, 0.0], [0.02 * corr, 0.09, 0.01], [0.0, 0.01, 0.05]])
    ones = np.ones(3)
    w = np.linalg.solve(cov, ones)
    w /= w.sum()
    return w[0]


def monte_carlo_asian(S0, sigma):
    rng = np.random.default_rng(0)
    n, steps = 50, 8
    dt = 1 / steps
    paths = np.zeros((n, steps + 1))
    paths[:, 0] = S0
    for t in range(1, steps + 1):
        z = rng.standard_normal(n)
        paths[:, t] = paths[:, t - 1] * np.exp((0.03 - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * z)
    payoff = np.maximum(paths[:, 1:].mean(axis=1) - 100, 0)
    return math.exp(-0.03) * payoff.mean()


def implied_volatility(price):
    def bs(sigma):
        d1 = (np.log(100 / 105) + (0.02 + sigma**2 / 2)) / sigma
        return 100 * norm.cdf(d1) - 105 * np.exp(-0.02) * norm.cdf(d1 - sigma)

    return brentq(lambda s: bs(s) - price, 0.01, 2.0, xtol=1e-14)


def yield_to_maturity(price):
    cash = [4, 4, 4, 104]
    return newton(lambda y: sum(c / (1 + y) ** (k + 1) for k, c in enumerate(cash)) - price, 0.05, tol=1e-13)


def nelson_siegel(b0, b1, b2, tau):
    m = np.array([0.5, 1, 2, 5, 10])
    observed = np.array([0.01, 0.012, 0.015, 0.02, 0.024])
    load = (1 - np.exp(-m / tau)) / (m / tau)
    fitted = np.c_[np.ones_like(m), load, load - np.exp(-m / tau)] @ np.array([b0, b1, b2])
    return np.sqrt(np.mean((fitted - observed) ** 2))


def fourier_option(sigma):
    """A call by integrating the characteristic function (Gil-Pelaez)."""
    k = np.log(105 / 100)

    def integrand(u):
        cf = np.exp(-0.5 * sigma**2 * (1j * u + u**2))
        return np.real(np.exp(-1j * u * k) * cf / (1j * u))

    return 0.5 + quad(integrand, 1e-9, 60)[0] / np.pi


def value_at_risk(mu, sigma):
    return -(mu + sigma * norm.ppf(0.05)) + sigma * norm.pdf(norm.ppf(0.05)) / 0.05


def vasicek_path(kappa, theta):
    rng = np.random.RandomState(3)
    r = [0.03]
    for _ in range(12):
        r.append(r[-1] + kappa * (theta - r[-1]) / 12 + 0.01 * rng.randn())
    return np.exp(-np.sum(np.array(r)) / 12)


AT = {
    "black_scholes": (100.0, 105.0, 0.5, 0.02, 0.25),
    "black_scholes_with_math": (100.0, 105.0, 0.5, 0.02, 0.25),
    "binomial_tree": (100.0, 105.0, 0.5, 0.03, 0.25),
    "bond_price": (0.04, 5.0),
    "bond_duration": (0.04,),
    "portfolio_variance": (np.array([0.3, 0.5, 0.2]), 0.4),
    "minimum_variance_weights": (0.4,),
    "monte_carlo_asian": (100.0, 0.2),
    "implied_volatility": (8.5,),
    "yield_to_maturity": (99.0,),
    "nelson_siegel": (0.03, -0.02, 0.01, 1.7),
    "fourier_option": (0.25,),
    "value_at_risk": (0.01, 0.05),
    "vasicek_path": (0.4, 0.05),
}
