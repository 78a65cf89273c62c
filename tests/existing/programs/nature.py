"""Biology, chemistry, physics, the earth."""

import math
from math import asin, atan2, cos, radians, sin, sqrt

import numpy
import numpy as np
from numpy import array, exp, zeros
from scipy import constants, special
from scipy.integrate import cumulative_trapezoid, quad, solve_ivp
from scipy.optimize import fsolve, root_scalar


def hodgkin_huxley(I_ext, g_na):
    """The membrane's voltage, into preallocated arrays."""
    n_steps, dt = 60, 0.02
    V = np.zeros(n_steps)
    m = np.zeros(n_steps)
    h = np.zeros(n_steps)
    n = np.zeros(n_steps)
    V[0], m[0], h[0], n[0] = -65.0, 0.05, 0.6, 0.32
    for i in range(n_steps - 1):
        am = 0.1 * (V[i] + 40) / (1 - np.exp(-(V[i] + 40) / 10))
        bm = 4 * np.exp(-(V[i] + 65) / 18)
        ah = 0.07 * np.exp(-(V[i] + 65) / 20)
        bh = 1 / (1 + np.exp(-(V[i] + 35) / 10))
        an = 0.01 * (V[i] + 55) / (1 - np.exp(-(V[i] + 55) / 10))
        bn = 0.125 * np.exp(-(V[i] + 65) / 80)
        I_na = g_na * m[i] ** 3 * h[i] * (V[i] - 50)
        I_k = 36 * n[i] ** 4 * (V[i] + 77)
        I_l = 0.3 * (V[i] + 54.4)
        V[i + 1] = V[i] + dt * (I_ext - I_na - I_k - I_l)
        m[i + 1] = m[i] + dt * (am * (1 - m[i]) - bm * m[i])
        h[i + 1] = h[i] + dt * (ah * (1 - h[i]) - bh * h[i])
        n[i + 1] = n[i] + dt * (an * (1 - n[i]) - bn * n[i])
    return V[-1]


def fitzhugh_nagumo(a, tau):
    v, w = -1.0, 1.0
    trace = []
    for _ in range(50):
        dv = v - v**3 / 3 - w + 0.5
        dw = (v + a - 0.8 * w) / tau
        v += 0.1 * dv
        w += 0.1 * dw
        trace.append(v)
    return numpy.mean(numpy.array(trace) ** 2)


def logistic_growth(r, K):
    P = np.empty(25)
    P[0] = 10
    for t in range(24):
        P[t + 1] = P[t] + r * P[t] * (1 - P[t] / K)
    return P[-1]


def sir_epidemic(beta, gamma):
    def rhs(t, y):
        S, I, R = y
        return np.array([-beta * S * I, beta * S * I - gamma * I, gamma * I])

    sol = solve_ivp(rhs, [0, 20], [0.99, 0.01, 0.0], t_eval=np.linspace(0, 20, 21), rtol=1e-9, atol=1e-10)
    return sol.y[1].max()


def leslie_matrix(fertility, survival):
    L = np.zeros((3, 3))
    L[0] = fertility
    L[1, 0], L[2, 1] = survival
    return np.max(np.abs(np.linalg.eigvals(L)))


def michaelis_menten(vmax, km):
    S = np.array([0.5, 1.0, 2.0, 5.0])
    v = np.array([0.3, 0.5, 0.65, 0.85])
    return ((vmax * S / (km + S) - v) ** 2).sum()


def chemical_equilibrium(K):
    """A + B <-> C from one mole each; the amount of C by fsolve."""
    x = fsolve(lambda c: c / ((1 - c) * (1 - c)) - K, 0.3, xtol=1e-13)
    return x[0]


def ph_of_weak_acid(ka, c):
    sol = root_scalar(lambda h: h**3 + ka * h**2 - (1e-14 + ka * c) * h - ka * 1e-14, bracket=[1e-9, 1.0], xtol=1e-16)
    return -np.log10(sol.root)


def arrhenius(Ea, A):
    T = [300.0, 320.0, 350.0]
    k = [A * math.exp(-Ea / (8.314 * Ti)) for Ti in T]
    return math.log(k[2] / k[0]) + sum(k)


def van_der_waals_work(a, b):
    return quad(lambda V: 8.314 * 300 / (V - b) - a / V**2, 1.0, 2.0)[0]


def debye_heat_capacity(theta):
    integral, err = quad(lambda x: x**4 * exp(x) / (exp(x) - 1) ** 2, 1e-8, theta / 50.0)
    return 9 * (50.0 / theta) ** 3 * integral


def planck_spectrum(T):
    lam = np.linspace(400e-9, 800e-9, 50)
    c2 = constants.h * constants.c / constants.k
    B = 1 / (lam * 1e6) ** 5 / np.expm1(c2 / (lam * T))
    return np.trapezoid(B, lam) / np.max(B) * 1e6


def ising_mean_field(T, h):
    m = 0.9
    for _ in range(200):
        m = np.tanh((m + h) / T)
    return m


def ising_transfer_matrix(J, h):
    """The free energy of a ring of ten spins."""
    M = np.array([[np.exp(J + h), np.exp(-J)], [np.exp(-J), np.exp(J - h)]])
    Z = np.trace(np.linalg.matrix_power(M, 10))
    return -np.log(Z) / 10


def partition_function(beta, levels):
    Z = np.sum(np.exp(-beta * levels))
    p = np.exp(-beta * levels) / Z
    return -np.sum(p * np.log(p))


def lennard_jones(positions):
    pos = positions.reshape(-1, 3)
    energy = 0
    for i in range(len(pos)):
        for j in range(i):
            r6 = np.sum((pos[i] - pos[j]) ** 2) ** 3
            energy += 4 * (1 / r6**2 - 1 / r6)
    return energy


def ray_through_lenses(f1, d, f2):
    """The height of a ray after two thin lenses."""
    lens = lambda f: array([[1, 0], [-1 / f, 1]])
    gap = lambda length: array([[1, length], [0, 1]])
    ray = array([1.0, 0.05])
    return (gap(2.0) @ lens(f2) @ gap(d) @ lens(f1) @ ray)[0]


def snell_refraction(n2, angle):
    layers = [1.0, n2, 1.5]
    theta = angle
    shift = 0.0
    for n_in, n_out in zip(layers[:-1], layers[1:], strict=True):
        theta = math.asin(n_in * math.sin(theta) / n_out)
        shift += math.tan(theta)
    return shift


def multilayer_reflectance(d, n):
    """Characteristic matrices of a thin film on glass."""
    delta = 2 * np.pi * n * d / 550.0
    M = np.array([[np.cos(delta), 1j * np.sin(delta) / n], [1j * n * np.sin(delta), np.cos(delta)]])
    B, C = M @ np.array([1, 1.52])
    r = (B - C) / (B + C)
    return abs(r) ** 2


def great_circle(lat1, lon1, lat2, lon2):
    lat1, lon1, lat2, lon2 = map(radians, (lat1, lon1, lat2, lon2))
    a = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 6371 * 2 * asin(sqrt(a))


def bearing(lat1, lat2, dlon):
    y = sin(dlon) * cos(lat2)
    x = cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(dlon)
    return math.degrees(atan2(y, x))


def barometric_profile(lapse):
    z = np.linspace(0, 5000, 26)
    T = 288.15 - lapse * z
    integrand = 9.81 * 0.029 / (8.314 * T)
    p = 1013.25 * np.exp(-cumulative_trapezoid(integrand, z, initial=0))
    return np.interp(2300.0, z, p)


def tidal_fit(amplitude, phase):
    hours = np.arange(0, 24, 3.0)
    measured = np.array([1.0, 1.8, 1.2, 0.1, 0.2, 1.1, 1.7, 1.0])
    model = 1 + float(amplitude) * np.cos(2 * np.pi * hours / 12.42 - phase)
    return np.sum((model - measured) ** 2)


def radioactive_chain(l1, l2):
    """Bateman's equations, a matrix of rates."""
    A = zeros((3, 3))
    A[0, 0], A[1, 0], A[1, 1], A[2, 1] = -l1, l1, -l2, l2
    N = array([1.0, 0.0, 0.0])
    for _ in range(40):
        N = N + 0.1 * (A @ N)
    return N[1]


def diffraction(width):
    theta = np.linspace(0.01, 0.5, 20)
    beta = np.pi * width * np.sin(theta)
    airy = (2 * special.j1(beta) / beta) ** 2
    return np.sum(np.sinc(beta / np.pi) ** 2) + airy.sum()


def random_walk_diffusion(step):
    np.random.seed(1)
    position = np.zeros(2)
    track = [position.copy()]
    for _ in range(20):
        angle = np.random.uniform(0, 2 * np.pi)
        position += step * np.array([np.cos(angle), np.sin(angle)])
        track.append(position.copy())
    track = np.array(track)
    return np.mean(np.sum(track**2, axis=1))


AT = {
    "hodgkin_huxley": (10.0, 120.0),
    "fitzhugh_nagumo": (0.7, 12.5),
    "logistic_growth": (0.3, 100.0),
    "sir_epidemic": (0.9, 0.3),
    "leslie_matrix": (np.array([0.0, 1.5, 1.0]), np.array([0.5, 0.25])),
    "michaelis_menten": (1.0, 0.9),
    "chemical_equilibrium": (2.0,),
    "ph_of_weak_acid": (1.8e-5, 0.1),
    "arrhenius": (20000.0, 1e3),
    "van_der_waals_work": (0.3, 0.04),
    "debye_heat_capacity": (200.0,),
    "planck_spectrum": (5500.0,),
    "ising_mean_field": (0.8, 0.1),
    "ising_transfer_matrix": (0.4, 0.2),
    "partition_function": (0.7, np.array([0.0, 0.5, 1.3, 2.0])),
    "lennard_jones": (np.array([0.0, 0.1, 0.0, 1.2, 0.0, 0.1, 0.3, 1.1, 0.4]),),
    "ray_through_lenses": (0.5, 0.7, 0.9),
    "snell_refraction": (1.33, 0.5),
    "multilayer_reflectance": (100.0, 1.38),
    "great_circle": (48.1, 11.6, 52.5, 13.4),
    "bearing": (0.8, 0.9, 0.3),
    "barometric_profile": (0.0065,),
    "tidal_fit": (0.8, 1.1),
    "radioactive_chain": (0.5, 0.3),
    "diffraction": (3.0,),
    "random_walk_diffusion": (0.3,),
}
