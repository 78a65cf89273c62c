"""Walk to the lowest point of a valley by Newton's method: gradient and Hessian of a plain NumPy function."""

from __future__ import annotations

import numpy as np

import chainrule as cr


def valley(x: np.ndarray) -> np.floating:
    """Rosenbrock's valley: long, curved and flat at the bottom. It is lowest, and 0, where every x is 1."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def newton(start: np.ndarray, tolerance: float = 1e-9) -> list[np.ndarray]:
    """Every point on the way: each step goes to the bottom of the tangent parabola, or less far."""
    path = [start]
    while np.linalg.norm(gradient := cr.grad(valley)(path[-1])) > tolerance and len(path) < 100:
        step = np.linalg.solve(cr.hessian(valley)(path[-1]), -gradient)
        while valley(path[-1] + step) > valley(path[-1]):
            step = step / 2
        path.append(path[-1] + step)
    return path


if __name__ == "__main__":
    for number, x in enumerate(newton(np.array([-1.2, 1.0, 1.0]))):
        print(f"{number:2}  valley = {valley(x):.3e}  at {x}")
