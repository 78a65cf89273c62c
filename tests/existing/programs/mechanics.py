"""Mechanics: orbits, oscillators, pendulums, robots, rotations."""

import math

import numpy as np
from scipy.integrate import odeint, solve_ivp


def orbit_energy(vx, vy):
    """A planet around the sun by the leapfrog method; its distance after a while."""
    GM = 4 * np.pi**2
    dt = 0.01
    r = np.array([1.0, 0.0])
    v = np.array([vx, vy])
    for _ in range(40):
        a = -GM * r / np.linalg.norm(r) ** 3
        v = v + 0.5 * dt * a
        r = r + dt * v
        a = -GM * r / np.linalg.norm(r) ** 3
        v = v + 0.5 * dt * a
    return np.sqrt(np.sum(r**2))


def rk4(f, y0, t):
    y = np.zeros((len(t), len(y0)))
    y[0] = y0
    for i in range(len(t) - 1):
        h = t[i + 1] - t[i]
        k1 = f(t[i], y[i])
        k2 = f(t[i] + h / 2, y[i] + h / 2 * k1)
        k3 = f(t[i] + h / 2, y[i] + h / 2 * k2)
        k4 = f(t[i] + h, y[i] + h * k3)
        y[i + 1] = y[i] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


def van_der_pol(mu):
    def rhs(t, y):
        return np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

    y = rk4(rhs, [2.0, 0.0], np.linspace(0, 3, 61))
    return np.max(y[:, 1]) - y[-1, 0]


def double_pendulum(theta1, theta2):
    """Angles after one second, equations of motion solved for the accelerations."""
    g, l1, l2, m1, m2 = 9.81, 1.0, 0.8, 1.0, 0.7

    def rhs(t, s):
        a, b, wa, wb = s
        M = np.array(
            [
                [(m1 + m2) * l1, m2 * l2 * np.cos(a - b)],
                [l1 * np.cos(a - b), l2],
            ]
        )
        q = np.array(
            [
                -m2 * l2 * wb**2 * np.sin(a - b) - (m1 + m2) * g * np.sin(a),
                l1 * wa**2 * np.sin(a - b) - g * np.sin(b),
            ]
        )
        acc = np.linalg.solve(M, q)
        return np.array([wa, wb, acc[0], acc[1]])

    s = rk4(rhs, np.array([theta1, theta2, 0, 0]), np.linspace(0, 1, 41))
    return s[-1, 0] + 0.5 * s[-1, 1]


def lorenz(sigma, rho, beta):
    def rhs(state, t):
        x, y, z = state
        return sigma * (y - x), x * (rho - z) - y, x * y - beta * z

    states = odeint(rhs, [1.0, 1.0, 1.0], np.linspace(0, 0.5, 6), rtol=1e-10, atol=1e-10)
    return states[-1].sum()


def predator_prey(alpha, beta, delta, gamma):
    def rhs(t, z):
        prey, predators = z
        return [alpha * prey - beta * prey * predators, delta * prey * predators - gamma * predators]

    sol = solve_ivp(rhs, (0, 3), [1.0, 0.5], t_eval=np.linspace(0, 3, 7), rtol=1e-10, atol=1e-10)
    return np.sum(sol.y[0] ** 2) + sol.y[1, -1]


def projectile_range(v0, angle, k):
    """A ball with air drag, Euler steps until it touches the ground, then linear interpolation."""
    dt = 0.01
    x, y = 0.0, 0.0
    vx, vy = v0 * math.cos(angle), v0 * math.sin(angle)
    while True:
        speed = math.sqrt(vx * vx + vy * vy)
        ax, ay = -k * speed * vx, -9.81 - k * speed * vy
        x_old, y_old = x, y
        x, y = x + vx * dt, y + vy * dt
        vx, vy = vx + ax * dt, vy + ay * dt
        if y < 0:
            s = y_old / (y_old - y)
            return x_old + s * (x - x_old)


def rot_z(t):
    return np.array([[np.cos(t), -np.sin(t), 0, 0], [np.sin(t), np.cos(t), 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def dh(theta, d, a, alpha):
    """The Denavit-Hartenberg matrix of a joint."""
    T = np.eye(4)
    T[:3, :3] = [
        [np.cos(theta), -np.sin(theta) * np.cos(alpha), np.sin(theta) * np.sin(alpha)],
        [np.sin(theta), np.cos(theta) * np.cos(alpha), -np.cos(theta) * np.sin(alpha)],
        [0, np.sin(alpha), np.cos(alpha)],
    ]
    T[0, 3] = a * np.cos(theta)
    T[1, 3] = a * np.sin(theta)
    T[2, 3] = d
    return T


def robot_arm(q):
    T = rot_z(0.1)
    for theta, (d, a, alpha) in zip(q, [(0.3, 0.0, np.pi / 2), (0.0, 0.5, 0.0), (0.0, 0.4, -np.pi / 2)], strict=True):
        T = T @ dh(theta, d, a, alpha)
    target = np.array([0.4, 0.2, 0.5])
    return np.linalg.norm(T[:3, 3] - target)


def quaternion_rotation(q, v):
    """Rotate v by the unit quaternion along q; the sum of the x and z components."""
    w, x, y, z = q / np.linalg.norm(q)
    R = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    rotated = R.dot(v)
    return rotated[0] + rotated[2]


def n_body(masses):
    """Three bodies; the potential energy after ten symplectic Euler steps."""
    pos = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.5]])
    vel = np.zeros_like(pos)
    n = len(masses)
    for _ in range(10):
        acc = np.zeros_like(pos)
        for i in range(n):
            for j in range(n):
                if i != j:
                    d = pos[j] - pos[i]
                    acc[i] += masses[j] * d / (np.dot(d, d) + 0.01) ** 1.5
        vel += 0.05 * acc
        pos += 0.05 * vel
    energy = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            energy -= masses[i] * masses[j] / np.linalg.norm(pos[i] - pos[j])
    return energy


def normal_modes(k):
    """The lowest frequency of a chain of masses between walls."""
    n = len(k) - 1
    K = np.zeros((n, n))
    for i in range(n):
        K[i, i] = k[i] + k[i + 1]
        if i < n - 1:
            K[i, i + 1] = K[i + 1, i] = -k[i + 1]
    return np.sqrt(np.linalg.eigvalsh(K)[0])


AT = {
    "orbit_energy": (0.3, 6.1),
    "van_der_pol": (1.3,),
    "double_pendulum": (0.6, -0.3),
    "lorenz": (10.0, 28.0, 8 / 3),
    "predator_prey": (1.1, 0.4, 0.3, 0.6),
    "projectile_range": (12.0, 0.7, 0.02),
    "robot_arm": (np.array([0.3, 0.8, -0.4]),),
    "quaternion_rotation": (np.array([0.9, 0.2, -0.3, 0.4]), np.array([1.0, 2.0, 3.0])),
    "n_body": (np.array([1.0, 0.4, 0.7]),),
    "normal_modes": (np.array([1.0, 2.0, 1.5, 0.7, 1.2]),),
}
