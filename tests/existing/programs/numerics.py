"""The algorithms of textbooks on numerical mathematics."""

from math import cos, exp, factorial, log, pi, sin, sqrt

import numpy as np
from numpy.polynomial import chebyshev
from scipy import integrate, interpolate, optimize


def newton_root(a):
    x = 1.0
    for _ in range(20):
        step = (x**3 + a * x - 5) / (3 * x**2 + a)
        x = x - step
        if abs(step) < 1e-12:
            break
    return x


def bisection(a):
    """The root of exp(-x) = a x by bisection, polished by one Newton step."""
    lo, hi = 0.0, 5.0
    for _ in range(50):
        mid = (lo + hi) / 2
        if exp(-mid) > a * mid:
            lo = mid
        else:
            hi = mid
    return mid - (exp(-mid) - a * mid) / (-exp(-mid) - a)


def simpson(f, a, b, n=20):
    h = (b - a) / n
    x = np.linspace(a, b, n + 1)
    w = np.ones(n + 1)
    w[1:-1:2] = 4
    w[2:-1:2] = 2
    return h / 3 * np.sum(w * np.array([f(xi) for xi in x]))


def simpson_with_ends(a, b):
    return simpson(lambda t: exp(-t * t) * cos(t), a, b)


def gauss_legendre(k):
    nodes, weights = np.polynomial.legendre.leggauss(12)
    t = 0.5 * (nodes + 1) * np.pi
    return 0.5 * np.pi * np.dot(weights, np.sin(k * t) ** 2 / (1 + t))


def romberg(a):
    R = np.zeros((5, 5))
    f = lambda t: np.exp(a * np.sin(t))
    R[0, 0] = (f(0.0) + f(1.0)) / 2
    for i in range(1, 5):
        h = 1 / 2**i
        total = 0.0
        for k in range(1, 2 ** (i - 1) + 1):
            total += f((2 * k - 1) * h)
        R[i, 0] = R[i - 1, 0] / 2 + h * total
        for j in range(1, i + 1):
            R[i, j] = R[i, j - 1] + (R[i, j - 1] - R[i - 1, j - 1]) / (4**j - 1)
    return R[4, 4]


def richardson(x):
    f = lambda t: t**2 * sin(t)
    D = [(f(x + h) - f(x - h)) / (2 * h) for h in (0.2, 0.1, 0.05)]
    D1 = [(4 * D[i + 1] - D[i]) / 3 for i in range(2)]
    return (16 * D1[1] - D1[0]) / 15


def aitken(c):
    xs = [0.5]
    for _ in range(6):
        xs.append(np.cos(c * xs[-1]))
    xs = np.array(xs)
    d1 = xs[1:-1] - xs[:-2]
    d2 = xs[2:] - 2 * xs[1:-1] + xs[:-2]
    accelerated = xs[:-2] - d1**2 / d2
    return accelerated[-1]


def continued_fraction(x):
    """tan x by Lambert's continued fraction."""
    value = 0.0
    for k in range(15, 0, -2):
        value = x * x / (k - value)
    return value / x


def horner(coefficients, x):
    result = 0
    for c in coefficients[::-1]:
        result = result * x + c
    return result


def clenshaw(a, x):
    b1 = b2 = 0.0
    for ak in reversed(a[1:]):
        b1, b2 = ak + 2 * x * b1 - b2, b1
    return a[0] + x * b1 - b2 + chebyshev.chebval(x, a)


def chebyshev_fit(k):
    n = 8
    nodes = np.cos(np.pi * (np.arange(n) + 0.5) / n)
    values = 1 / (1 + k * nodes**2)
    c = np.array([2 / n * np.sum(values * np.cos(j * np.arccos(nodes))) for j in range(n)])
    c[0] /= 2
    return np.polynomial.chebyshev.chebval(0.3, c)


def lagrange(y, t):
    xs = [0.0, 1.0, 2.5, 4.0]
    total = 0
    for i in range(len(xs)):
        term = y[i]
        for j in range(len(xs)):
            if j != i:
                term *= (t - xs[j]) / (xs[i] - xs[j])
        total += term
    return total


def divided_differences(y):
    xs = np.array([0.0, 0.5, 1.5, 2.0])
    n = len(xs)
    table = np.zeros([n, n])
    table[:, 0] = y
    for j in range(1, n):
        for i in range(n - j):
            table[i, j] = (table[i + 1, j - 1] - table[i, j - 1]) / (xs[i + j] - xs[i])
    value = table[0, n - 1]
    for k in range(n - 2, -1, -1):
        value = value * (1.2 - xs[k]) + table[0, k]
    return value


def lu_determinant(A):
    """Doolittle's factors, entry by entry."""
    n = A.shape[0]
    L = np.eye(n)
    U = np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            U[i, j] = A[i, j] - sum(L[i, k] * U[k, j] for k in range(i))
        for j in range(i + 1, n):
            L[j, i] = (A[j, i] - sum(L[j, k] * U[k, i] for k in range(i))) / U[i, i]
    return np.prod(np.diag(U))


def gaussian_elimination(A, b):
    A = A.copy()
    b = b.copy()
    n = len(b)
    for k in range(n - 1):
        p = np.argmax(np.abs(A[k:, k])) + k
        A[[k, p]] = A[[p, k]]
        b[[k, p]] = b[[p, k]]
        for i in range(k + 1, n):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[i] = (b[i] - np.dot(A[i, i + 1 :], x[i + 1 :])) / A[i, i]
    return x @ np.array([1.0, -1.0, 2.0])


def gram_schmidt(A):
    Q = np.zeros(A.shape)
    R = np.zeros((A.shape[1], A.shape[1]))
    for j in range(A.shape[1]):
        v = A[:, j]
        for i in range(j):
            R[i, j] = Q[:, i] @ v
            v = v - R[i, j] * Q[:, i]
        R[j, j] = np.linalg.norm(v)
        Q[:, j] = v / R[j, j]
    return np.sum(R) + Q[0, 0]


def jacobi_iteration(d):
    A = np.array([[d, 1, 0], [1, d, 1], [0, 1, d]])
    b = np.array([1.0, 2.0, 3.0])
    D = np.diag(A)
    x = np.zeros_like(b)
    for _ in range(60):
        x = (b - (A @ x - D * x)) / D
    return x[1]


def conjugate_gradient(d):
    A = np.diag([d, 2 * d, 3.0]) + 0.1 * np.ones((3, 3))
    b = np.array([1.0, 0.5, -0.2])
    x = np.zeros(3)
    r = b - A @ x
    p = r.copy()
    for _ in range(3):
        Ap = A @ p
        alpha = (r @ r) / (p @ Ap)
        x = x + alpha * p
        r_new = r - alpha * Ap
        p = r_new + (r_new @ r_new) / (r @ r) * p
        r = r_new
    return x.sum()


def power_iteration(A):
    v = np.ones(A.shape[0])
    for _ in range(100):
        v = A @ v
        v /= np.linalg.norm(v)
    return v @ A @ v


def stirling_series(n):
    s = sqrt(2 * pi / n) * (n / np.e) ** n
    return log(s) + 1 / (12 * n) - sum(1 / factorial(k) for k in range(2, 6)) / n**4


def elliptic_perimeter(a, b):
    value, _ = integrate.quad(lambda t: np.sqrt(a**2 * np.sin(t) ** 2 + b**2 * np.cos(t) ** 2), 0, np.pi / 2)
    return 4 * value


def root_of_kepler(M, e):
    E = optimize.brentq(lambda E: E - e * np.sin(E) - M, 0, 7, xtol=1e-14)
    return np.cos(E)


def spline_through_points(y):
    cs = interpolate.CubicSpline([0, 1, 2, 3, 4], y)
    return cs(1.7) + cs(2.2, 1)


def trapezoid_area(a):
    xs = np.linspace(0, a, 101)
    return np.trapezoid(np.exp(-xs) * xs, xs) + integrate.simpson(xs**2, x=xs)


AT = {
    "newton_root": (1.5,),
    "bisection": (0.8,),
    "simpson_with_ends": (0.2, 1.4),
    "gauss_legendre": (1.3,),
    "romberg": (0.7,),
    "richardson": (0.9,),
    "aitken": (0.8,),
    "continued_fraction": (0.7,),
    "horner": (np.array([1.0, -2.0, 0.5, 3.0]), 0.4),
    "clenshaw": (np.array([1.0, 0.5, -0.3, 0.2]), 0.4),
    "chebyshev_fit": (3.0,),
    "lagrange": (np.array([1.0, 2.0, 0.5, -1.0]), 1.3),
    "divided_differences": (np.array([1.0, 2.0, 0.5, -1.0]),),
    "lu_determinant": (np.array([[2.0, 0.5, 1.0], [0.3, 1.5, -0.4], [1.0, 0.2, 3.0]]),),
    "gaussian_elimination": (
        np.array([[0.2, 1.5, 1.0], [2.0, 0.5, -0.4], [1.0, 0.2, 3.0]]),
        np.array([1.0, 2.0, 0.5]),
    ),
    "gram_schmidt": (np.array([[1.0, 0.5, 0.2], [0.3, 1.2, -0.4], [0.7, 0.1, 2.0]]),),
    "jacobi_iteration": (4.0,),
    "conjugate_gradient": (1.5,),
    "power_iteration": (np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 0.5]]),),
    "stirling_series": (4.5,),
    "elliptic_perimeter": (2.0, 1.3),
    "root_of_kepler": (1.1, 0.4),
    "spline_through_points": (np.array([0.0, 1.2, 0.3, -0.5, 0.8]),),
    "trapezoid_area": (1.6,),
}
