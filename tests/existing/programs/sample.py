"""52 functions out of a second sample of 99, which was written without a look at what works."""

import math
import operator
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy import exp, log, sqrt
from scipy import constants, linalg, optimize, signal, stats
from scipy.integrate import odeint
from scipy.ndimage import map_coordinates, uniform_filter
from scipy.optimize import brentq, fsolve, minimize, minimize_scalar, newton
from scipy.signal import butter, filtfilt, welch
from scipy.stats import norm as gauss


def double_pendulum(theta0, L):
    m1 = m2 = 1.0
    g = constants.g

    def deriv(t, s):
        th1, w1, th2, w2 = s
        d = th2 - th1
        den = (m1 + m2) * L - m2 * L * np.cos(d) ** 2
        dy = np.zeros_like(s)
        dy[0] = w1
        dy[1] = (
            m2 * L * w1**2 * np.sin(d) * np.cos(d)
            + m2 * g * np.sin(th2) * np.cos(d)
            + m2 * L * w2**2 * np.sin(d)
            - (m1 + m2) * g * np.sin(th1)
        ) / den
        dy[2] = w2
        dy[3] = (
            -m2 * L * w2**2 * np.sin(d) * np.cos(d)
            + (m1 + m2) * (g * np.sin(th1) * np.cos(d) - L * w1**2 * np.sin(d) - g * np.sin(th2))
        ) / den
        return dy

    s = np.array([theta0, 0, theta0 / 2, 0])
    dt = 0.01
    for _ in range(60):
        k1 = deriv(0, s)
        k2 = deriv(0, s + dt / 2 * k1)
        k3 = deriv(0, s + dt / 2 * k2)
        k4 = deriv(0, s + dt * k3)
        s = s + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return s[0] ** 2 + s[2]


@dataclass
class Body:
    pos: np.ndarray
    vel: np.ndarray
    mass: float
    name: str = "x"

    def kinetic(self):
        return 0.5 * self.mass * np.dot(self.vel, self.vel)


def three_bodies(v, m):
    bodies = [
        Body(np.array([1.0, 0.0]), np.array([0.0, v]), m, "a"),
        Body(np.array([-1.0, 0.0]), np.array([0.0, -v]), 1.0, "b"),
        Body(np.zeros(2), np.zeros(2), 2.0, "c"),
    ]
    dt = 0.02
    for _ in range(20):
        acc = {b.name: np.zeros(2) for b in bodies}
        for i, a in enumerate(bodies):
            for b in bodies[i + 1 :]:
                r = b.pos - a.pos
                f = r / np.linalg.norm(r) ** 3
                acc[a.name] += b.mass * f
                acc[b.name] -= a.mass * f
        for b in bodies:
            b.vel += dt * acc[b.name]
            b.pos += dt * b.vel
    return sum(b.kinetic() for b in bodies)


def particle_in_well(V0):
    N = 40
    x, h = np.linspace(-3, 3, N, retstep=True)
    V = np.where(np.abs(x) < 1, -V0, 0.0)
    H = np.diag(1 / h**2 + V) + np.diag(-0.5 / h**2 * np.ones(N - 1), 1) + np.diag(-0.5 / h**2 * np.ones(N - 1), -1)
    E, psi = np.linalg.eigh(H)
    return E[0]


GRID = np.zeros((8, 8))


def laplace_global_grid(top):
    u = GRID.copy()
    u[0, :] = top
    for _ in range(30):
        u[1:-1, 1:-1] = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
    return u[4, 4]


STATE = np.linspace(0, 1, 6)


def diffusion_global(D):
    global STATE
    u = STATE.copy()
    un = np.empty_like(u)
    for n in range(10):
        un[:] = u
        for i in range(1, len(u) - 1):
            u[i] = un[i] + D * (un[i + 1] - 2 * un[i] + un[i - 1]) + 0.01 * un[i] ** 2
    return u.sum()


def crank_nicolson_banded(D):
    n = 20
    dx = 0.05
    dt = 0.01
    r = D * dt / (2 * dx**2)
    ab = np.zeros((3, n))
    ab[0, 1:] = -r
    ab[1] = 1 + 2 * r
    ab[2, :-1] = -r
    u = np.sin(np.pi * np.linspace(0, 1, n)) + 0.2
    for _ in range(5):
        b = (1 - 2 * r) * u
        b[1:] += r * u[:-1]
        b[:-1] += r * u[1:]
        u = linalg.solve_banded((1, 1), ab, b)
    return u[n // 2]


def sparse_poisson(k):
    n = 12
    D = sp.diags([-1, 2, -1], [-1, 0, 1], shape=(n, n), format="csr")
    f = np.exp(-k * np.linspace(0, 1, n))
    u = spla.spsolve(D, f)
    return u.max()


def sparse_coefs(k):
    n = 10
    A = sp.lil_matrix((n, n))
    for i in range(n):
        A[i, i] = 2 + k
        if i:
            A[i, i - 1] = -1
        if i < n - 1:
            A[i, i + 1] = -1
    u = spla.spsolve(A.tocsc(), np.ones(n))
    return u.sum()


def coo_assembly(k):
    rows, cols, vals = [], [], []
    for e in range(6):
        ke = k * np.array([[1, -1], [-1, 1]])
        for a in range(2):
            for b in range(2):
                rows.append(e + a)
                cols.append(e + b)
                vals.append(ke[a, b])
    K = sp.coo_matrix((vals, (rows, cols)), shape=(7, 7)).toarray()
    F = np.zeros(7)
    F[-1] = 1.0
    u = np.zeros(7)
    u[1:] = np.linalg.solve(K[1:, 1:], F[1:])
    return u[-1]


def arrhenius_batch(A, Ea):
    R = 8.314

    def rhs(c, t, T):
        k = A * np.exp(-Ea / (R * T))
        return [-k * c[0], k * c[0] - 0.1 * c[1], 0.1 * c[1]]

    sol = odeint(rhs, [1.0, 0.0, 0.0], np.linspace(0, 5, 11), args=(350.0,))
    return sol[-1, 1]


def ph_buffer(Ca, Cb):
    Ka = 1.8e-5
    Kw = 1e-14

    def charge(pH):
        h = 10 ** (-pH)
        return h + Cb - Kw / h - Ca * Ka / (Ka + h)

    return brentq(charge, 0, 14)


def flash(T):
    z = np.array([0.4, 0.35, 0.25])
    K = np.array([math.exp(5.0 - 1500 / T), math.exp(4.8 - 1700 / T), np.exp(4.5 - 1900 / T)])

    def rr(V):
        return np.sum(z * (K - 1) / (1 + V * (K - 1)))

    return newton(rr, 0.4)


def huckel(beta):
    n = 6
    H = np.zeros((n, n))
    for i in range(n):
        H[i, (i + 1) % n] = H[(i + 1) % n, i] = beta
    H[0, 0] = beta * 0.5
    e = np.linalg.eigvalsh(H)
    return 2 * e[:3].sum()


def cstr_steady(F):
    def eqs(x):
        ca, T = x
        k = 7.2e10 * np.exp(-8750 / T)
        return [F / 100 * (1 - ca) - k * ca, F / 100 * (350 - T) + 200 * k * ca + 2 * (300 - T)]

    ca, T = fsolve(eqs, [0.9, 310])
    return ca


class PID:
    def __init__(self, kp, ki, kd):
        self.kp, self.ki, self.kd = kp, ki, kd
        self.integral = 0
        self.prev = None
        self.history = []

    def __call__(self, e, dt):
        self.integral += e * dt
        d = 0 if self.prev is None else (e - self.prev) / dt
        self.prev = e
        u = np.clip(self.kp * e + self.ki * self.integral + self.kd * d, -10, 10)
        self.history.append(u)
        return u


def pid_loop(kp, ki, kd):
    c = PID(kp, ki, kd)
    y, v = 0.0, 0.0
    out = np.zeros(50)
    for i in range(50):
        u = c(1 - y, 0.05)
        v += 0.05 * (u - v - 2 * y)
        y += 0.05 * v
        out[i] = y
    return np.sum(np.abs(1 - out)) + 1e-3 * sum(map(abs, c.history))


def cont2disc(a):
    Ad, Bd, *_ = signal.cont2discrete(
        (np.array([[0, 1], [-a, -0.5]]), np.array([[0.0], [1.0]]), np.eye(2), np.zeros((2, 1))), 0.1
    )
    return Ad[1, 0] + Bd[1, 0]


def step_response(zeta):
    sys = signal.TransferFunction([1], [1, 2 * zeta, 1])
    t, y = signal.step(sys, T=np.linspace(0, 5, 20))
    return y[-1]


def bode(wn):
    w = np.logspace(-1, 1, 10)
    s = 1j * w
    H = wn**2 / (s**2 + 0.4 * wn * s + wn**2)
    mag = 20 * np.log10(np.abs(H))
    phase = np.unwrap(np.angle(H))
    return mag.sum() + phase[-1]


def ekf(q, r):
    x = np.array([1.0, 0.0])
    P = np.eye(2) * 0.1
    Q = q * np.eye(2)
    R = np.array([[r]])
    zs = [0.9, 1.1, 0.7, 0.2]
    ll = 0
    for z in zs:
        F = np.array([[1, 0.1], [-0.1 * np.cos(x[0]), 1]])
        x = np.array([x[0] + 0.1 * x[1], x[1] - 0.1 * np.sin(x[0])])
        P = F @ P @ F.T + Q
        H = np.array([[np.cos(x[0]), 0]])
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        yv = z - np.sin(x[0])
        ll += -0.5 * (yv**2 / S[0, 0] + np.log(2 * np.pi * S[0, 0]))
        x += (K * yv).flatten()
        P = (np.eye(2) - K @ H) @ P
    return ll.item() if hasattr(ll, "item") else ll


rng = np.random.default_rng(7)


DATA = rng.normal(1.0, 2.0, size=30)


COUNTS = rng.poisson(3, size=20)


IMG = rng.random((9, 9))


SIG = np.sin(np.linspace(0, 20, 60)) + 0.1 * rng.normal(size=60)


def negbin(r, p):
    return -stats.nbinom(r, p).logpmf(COUNTS).sum()


def huber_regression(b0, b1):
    x = np.arange(len(DATA))
    r = DATA - (b0 + b1 * x)
    return np.sum(np.where(np.abs(r) <= 1.35, 0.5 * r**2, 1.35 * (np.abs(r) - 0.675)))


def power_of_test(delta):
    n = 20
    crit = stats.t.ppf(0.975, n - 1)
    return 1 - stats.nct.cdf(crit, n - 1, delta * np.sqrt(n))


def pca_variance(a):
    X = np.column_stack([DATA, a * DATA + SIG[:30], np.roll(DATA, 1) * a])
    C = np.cov(X, rowvar=False)
    w, v = np.linalg.eig(C)
    w = np.sort(w.real)[::-1]
    return w[0] / w.sum()


def bootstrap_mean(shift):
    g = np.random.default_rng(0)
    x = DATA + shift * np.abs(DATA)
    means = [g.choice(x, size=len(x), replace=True).mean() for _ in range(5)]
    return np.std(means, ddof=1)


def kruskal_like(a):
    x = np.sort(DATA * a)
    return np.interp(0.3, np.arange(1, len(x) + 1) / len(x), x)


def copula(rho):
    u, v = 0.3, 0.6
    return stats.multivariate_normal.cdf([gauss.ppf(u), gauss.ppf(v)], mean=[0, 0], cov=[[1, rho], [rho, 1]])


def zscore_sum(a):
    return stats.zscore(DATA + a * DATA**2)[3]


def describe_skew(a):
    x = DATA + a * DATA**2
    return stats.skew(x) + stats.kurtosis(x) + stats.gmean(np.abs(x)) + stats.trim_mean(x, 0.1)


def pearson(a):
    r, p = stats.pearsonr(DATA, SIG[:30] + a * DATA)
    return r


def ttest(a):
    return stats.ttest_ind(DATA + a, SIG[:30]).statistic


def linreg(a):
    res = stats.linregress(np.arange(30), DATA + a * SIG[:30])
    return res.slope + res.intercept


def entropy_kl(a):
    p = np.array([a, 0.3, 0.7 - a])
    q = np.ones(3) / 3
    return stats.entropy(p, q)


def binomial_american(S0, sigma):
    N, T, r, K = 30, 1.0, 0.05, 100
    dt = T / N
    u = math.exp(sigma * math.sqrt(dt))
    d = 1 / u
    p = (math.exp(r * dt) - d) / (u - d)
    V = np.array([max(K - S0 * u**j * d ** (N - j), 0) for j in range(N + 1)])
    for n in range(N - 1, -1, -1):
        for j in range(n + 1):
            V[j] = max(math.exp(-r * dt) * (p * V[j + 1] + (1 - p) * V[j]), K - S0 * u**j * d ** (n - j))
    return V[0]


def bond_ytm(price):
    flows = [(t, 5.0) for t in range(1, 10)] + [(10, 105.0)]

    def pv(y):
        return sum(c / (1 + y) ** t for t, c in flows)

    return optimize.root_scalar(lambda y: pv(y) - price, bracket=[0.0001, 1], method="brentq").root


def markowitz(gamma_):
    mu = np.array([0.05, 0.08, 0.12])
    S = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0, 0.02, 0.16]])
    res = minimize(
        lambda w: -(mu @ w) + gamma_ / 2 * w @ S @ w,
        np.ones(3) / 3,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        tol=1e-12,  # or the differences it is compared with are those of an unfinished search
    )
    return res.x @ mu


def nelson_siegel(b0, b1, b2, tau):
    m = np.array([0.25, 1, 2, 5, 10])
    y = np.array([0.02, 0.022, 0.025, 0.03, 0.032])
    x = m / tau
    f = b0 + b1 * (1 - np.exp(-x)) / x + b2 * ((1 - np.exp(-x)) / x - np.exp(-x))
    return np.square(f - y).sum()


def var_cvar(w):
    x = np.sort(w * DATA + (1 - w) * SIG[:30])
    k = int(np.ceil(0.05 * len(x)))
    return -x[:k].mean() - np.quantile(x, 0.05)


def warp(angle, scale):
    c, s = np.cos(angle), np.sin(angle)
    M = np.array([[c, -s], [s, c]]) * scale
    yy, xx = np.mgrid[2:6, 2:6]
    pts = np.tensordot(M, np.stack([yy - 4, xx - 4]), axes=1) + 4
    return map_coordinates(IMG, pts, order=1).sum()


def tv_denoise(lam):
    u = IMG.copy()
    for _ in range(5):
        gx = np.diff(u, axis=1, append=u[:, -1:])
        gy = np.diff(u, axis=0, append=u[-1:, :])
        n = np.sqrt(gx**2 + gy**2 + 1e-3)
        px, py = gx / n, gy / n
        div = np.zeros_like(u)
        div[:, 1:] += px[:, 1:] - px[:, :-1]
        div[1:, :] += py[1:, :] - py[:-1, :]
        u -= lam * (u - IMG - 0.1 * div)
    return u.std()


def bilateral(sr):
    out = np.zeros(IMG.shape)
    pad = np.pad(IMG, 1, mode="reflect")
    for i in range(IMG.shape[0]):
        for j in range(IMG.shape[1]):
            win = pad[i : i + 3, j : j + 3]
            w = np.exp(-((win - IMG[i, j]) ** 2) / (2 * sr**2))
            out[i, j] = np.sum(w * win) / w.sum()
    return np.linalg.norm(out - IMG)


def harris(k):
    Ix, Iy = np.gradient(IMG)
    Sxx, Syy, Sxy = (uniform_filter(a, 3) for a in (Ix * Ix, Iy * Iy, Ix * Iy))
    R = Sxx * Syy - Sxy**2 - k * (Sxx + Syy) ** 2
    return R.max()


def gamma_hist(g):
    x = (IMG * 255 / 255) ** g
    return x.mean() / np.median(x)


def lowpass(cut):
    b, a = butter(2, cut)
    y = filtfilt(b, a, SIG)
    return np.sum((y - SIG) ** 2)


def psd(f0):
    t = np.arange(128) / 64
    f, P = welch(np.sin(2 * np.pi * f0 * t), fs=64, nperseg=64)
    return np.sum(f * P) / np.sum(P)


def resample_sum(a):
    return signal.resample(SIG * a**2, 30)[3] + signal.decimate(SIG * a, 2)[5]


def stft_energy(a):
    f, t, Z = signal.stft(SIG * np.cos(a * np.arange(60)), nperseg=16)
    return np.abs(Z[3]).sum()


def lagrange(a):
    xs = [0, 1, 2, 3]
    ys = [1, a, a**2, 5]
    total = 0
    for i, (xi, yi) in enumerate(zip(xs, ys)):
        term = yi
        for j, xj in enumerate(xs):
            if i != j:
                term *= (1.5 - xj) / (xi - xj)
        total += term
    return total


def poly_class(a, b):
    p = np.poly1d([a, b, 1])
    q = np.polynomial.Polynomial([1, b, a])
    return p(2.0) + q(0.5) + np.polyval(np.polyder([a, b, 1]), 3.0) + p.deriv()(1.0) + q.integ()(1.0)


def chebfit(a):
    x = np.cos(np.pi * (np.arange(8) + 0.5) / 8)
    c = np.polynomial.chebyshev.chebfit(x, np.exp(a * x), 4)
    return np.polynomial.chebyshev.chebval(0.3, c)


def golden(a):
    f = lambda x: (x - a) ** 4 + math.cosh(x)
    r = minimize_scalar(f, bounds=(-2, 3), method="bounded", options={"xatol": 1e-12})
    return r.fun


def romberg_rec(a):
    @lru_cache(None)
    def J(n):
        if n == 0:
            return math.exp(-a)
        return n * J(n - 1) + a**n * math.exp(-a)

    return J(5)


def reduce_ops(a):
    vals = [a * k for k in range(1, 5)]
    return (
        reduce(operator.mul, vals)
        + math.prod(vals)
        + math.fsum(vals)
        + max(vals) * min(vals)
        + sum(sorted(vals, reverse=True)[:2])
        + math.hypot(*vals)
    )


AT = {
    "double_pendulum": (0.7, 1.1),
    "three_bodies": (0.6, 1.2),
    "laplace_global_grid": (1.5,),
    "diffusion_global": (0.2,),
    "crank_nicolson_banded": (0.7,),
    "sparse_poisson": (0.6,),
    "sparse_coefs": (0.4,),
    "coo_assembly": (1.7,),
    "arrhenius_batch": (1000.0, 20000.0),
    "ph_buffer": (0.1, 0.05),
    "flash": (330.0,),
    "huckel": (-2.4,),
    "cstr_steady": (90.0,),
    "pid_loop": (2.0, 0.7, 0.3),
    "cont2disc": (1.3,),
    "step_response": (0.4,),
    "ekf": (0.02, 0.1),
    "particle_in_well": (2.0,),
    "bode": (1.7,),
    "negbin": (3.0, 0.4),
    "power_of_test": (0.5,),
    "bootstrap_mean": (0.3,),
    "copula": (0.4,),
    "zscore_sum": (0.1,),
    "describe_skew": (0.1,),
    "pearson": (0.4,),
    "ttest": (0.3,),
    "linreg": (0.3,),
    "entropy_kl": (0.3,),
    "bond_ytm": (98.0,),
    "markowitz": (3.0,),
    "binomial_american": (95.0, 0.25),
    "warp": (0.3, 0.9),
    "tv_denoise": (0.2,),
    "bilateral": (0.3,),
    "lowpass": (0.3,),
    "psd": (5.3,),
    "stft_energy": (0.3,),
    "resample_sum": (1.2,),
    "poly_class": (0.7, 1.3),
    "chebfit": (0.8,),
    "golden": (0.5,),
    "romberg_rec": (0.8,),
    "reduce_ops": (1.3,),
    "huber_regression": (0.9, 0.01),
    "pca_variance": (0.6,),
    "kruskal_like": (1.2,),
    "nelson_siegel": (0.03, -0.01, 0.01, 1.5),
    "var_cvar": (0.4,),
    "harris": (0.05,),
    "gamma_hist": (0.7,),
    "lagrange": (1.5,),
}
