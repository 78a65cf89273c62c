"""Partial differential equations, finite elements, lattices."""

import numpy as np
import scipy.linalg
from scipy.linalg import solve_banded
from scipy.sparse import diags
from scipy.sparse.linalg import spsolve

N = 20
x = np.linspace(0, 1, N + 1)
u0 = np.sin(np.pi * x) + 0.3 * np.sin(3 * np.pi * x)


def heat_in_place(alpha):
    """Explicit steps of the heat equation on a copy of the initial state."""
    u = u0.copy()
    dx = x[1] - x[0]
    dt = 0.001
    for _ in range(30):
        u[1:-1] += alpha * dt / dx**2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2) * dx


def heat_of_initial_state(alpha, u_start):
    u = u_start.copy()
    for _ in range(10):
        u_new = u.copy()
        for i in range(1, len(u) - 1):
            u_new[i] = u[i] + alpha * (u[i + 1] - 2 * u[i] + u[i - 1])
        u = u_new
    return u[len(u) // 2]


def thomas(a, b, c, d):
    """A tridiagonal system: a below, b on, c above the diagonal."""
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    sol = np.zeros(n)
    sol[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        sol[i] = dp[i] - cp[i] * sol[i + 1]
    return sol


def crank_nicolson(D):
    r = D * 0.01 / (2 * (x[1] - x[0]) ** 2)
    n = N - 1
    a = -r * np.ones(n)
    b = (1 + 2 * r) * np.ones(n)
    c = -r * np.ones(n)
    u = u0[1:-1]
    for _ in range(5):
        d = (1 - 2 * r) * u
        d[1:] += r * u[:-1]
        d[:-1] += r * u[1:]
        u = thomas(a, b, c, d)
    return u.sum()


def implicit_heat_banded(D):
    n = N - 1
    r = D * 0.01 / (x[1] - x[0]) ** 2
    ab = np.zeros((3, n))
    ab[0, 1:] = -r
    ab[1, :] = 1 + 2 * r
    ab[2, :-1] = -r
    u = u0[1:-1]
    for _ in range(4):
        u = solve_banded((1, 1), ab, u)
    return np.mean(u)


def wave_equation(c):
    dx = x[1] - x[0]
    dt = 0.02
    u = np.empty((12, N + 1))
    u[0] = u0
    u[1] = u0
    for n in range(1, 11):
        u[n + 1, 1:-1] = 2 * u[n, 1:-1] - u[n - 1, 1:-1] + (c * dt / dx) ** 2 * (
            u[n, 2:] - 2 * u[n, 1:-1] + u[n, :-2]
        )
        u[n + 1, 0] = u[n + 1, -1] = 0
    return u[-1] @ u[-1]


def burgers_upwind(nu):
    n = 30
    dx = 2 * np.pi / n
    grid = np.arange(n) * dx
    u = 1.5 + np.sin(grid)
    for _ in range(20):
        un = np.copy(u)
        u = un - 0.01 * un * (un - np.roll(un, 1)) / dx + nu * 0.01 / dx**2 * (
            np.roll(un, -1) - 2 * un + np.roll(un, 1)
        )
    return np.std(u)


def fem_bar(E, A):
    """An elastic bar of linear elements, its stiffness assembled element by element; the tip's displacement."""
    nodes = np.linspace(0, 2.0, 6)
    n = len(nodes)
    K = np.zeros((n, n))
    F = np.zeros(n)
    for e in range(n - 1):
        h = nodes[e + 1] - nodes[e]
        ke = E[e] * A / h * np.array([[1, -1], [-1, 1]])
        K[e : e + 2, e : e + 2] += ke
        F[e : e + 2] += h / 2 * np.array([1.0, 1.0])
    K[0, :] = 0
    K[0, 0] = 1
    F[0] = 0
    return np.linalg.solve(K, F)[-1]


def poisson_gauss_seidel(strength):
    """Ten sweeps over a small grid with a source in the middle."""
    n = 6
    phi = np.zeros((n, n))
    rho = np.zeros((n, n))
    rho[n // 2, n // 2] = strength
    for _ in range(10):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                phi[i, j] = 0.25 * (phi[i + 1, j] + phi[i - 1, j] + phi[i, j + 1] + phi[i, j - 1] + rho[i, j])
    return phi[1:-1, 1:-1].sum() + phi[n // 2, n // 2] ** 2


def poisson_sparse(k):
    """A reaction-diffusion problem with a sparse matrix and a tracked right-hand side."""
    n = 15
    A = diags([-1.0, 2.1, -1.0], [-1, 0, 1], shape=(n, n), format="csc")
    b = np.sin(k * np.arange(1, n + 1) / (n + 1))
    u = spsolve(A, b)
    return np.linalg.norm(u)


def schrodinger_ground_state(omega):
    """The ground state energy of an oscillator on a grid."""
    grid = np.linspace(-4, 4, 41)
    h = grid[1] - grid[0]
    V = 0.5 * omega**2 * grid**2
    H = np.diag(1 / h**2 + V) + np.diag(np.full(40, -0.5 / h**2), 1) + np.diag(np.full(40, -0.5 / h**2), -1)
    return np.linalg.eigvalsh(H)[0]


def tridiagonal_ground_state(depth):
    grid = np.linspace(-3, 3, 31)
    h = grid[1] - grid[0]
    V = -depth / np.cosh(grid) ** 2
    return scipy.linalg.eigh_tridiagonal(1 / h**2 + V, -0.5 / h**2 * np.ones(30), eigvals_only=True)[0]


def lattice_laplacian_energy(phi):
    """A periodic lattice field: the action by shifted copies."""
    action = 0.0
    for axis in (0, 1):
        action += np.sum((np.roll(phi, -1, axis=axis) - phi) ** 2) / 2
    return action + np.sum(0.1 * phi**4)


AT = {
    "heat_in_place": (0.8,),
    "heat_of_initial_state": (0.3, np.array([0.0, 1.0, 0.5, -0.3, 0.8, 0.0])),
    "crank_nicolson": (0.7,),
    "implicit_heat_banded": (0.6,),
    "wave_equation": (1.1,),
    "burgers_upwind": (0.15,),
    "fem_bar": (np.array([1.0, 1.2, 0.9, 2.0, 1.5]), 0.5),
    "poisson_gauss_seidel": (1.7,),
    "poisson_sparse": (2.3,),
    "schrodinger_ground_state": (1.2,),
    "tridiagonal_ground_state": (3.0,),
    "lattice_laplacian_energy": (np.array([[0.1, 0.4, -0.2], [0.3, -0.5, 0.2], [0.0, 0.7, 0.6]]),),
}
