"""Sample calls of SciPy's functions that have derivatives: arrays by which they are differentiated, and options."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg


def normal(*shape: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def positive(*shape: int, seed: int) -> Any:
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


A = normal(3, 3, seed=1) + 3 * np.eye(3)
C = A + 1j * normal(3, 3, seed=2)
B, V = normal(3, 2, seed=3), normal(3, seed=4)
V5 = V + np.array([5.0, 0.0, 0.0])
H = A @ A.T
HC = C @ np.conj(C.T)
M, WIDE = normal(5, 3, seed=5), normal(3, 5, seed=6)
S = normal(3, 3, seed=7) - 4 * np.eye(3)  # its eigenvalues lie left of 0
ROWS = normal(4, 7, seed=8)
LONG = normal(9, seed=9)
LU = scipy.linalg.lu_factor(A)

Call = tuple[tuple[Any, ...], dict[str, Any]]


def call(*args: Any, **options: Any) -> Call:
    return args, options


CALLS: dict[str, list[Call]] = {
    "linalg.solve": [
        call(A, B), call(C, V), call(A, B, transposed=True), call(H, B, assume_a="pos"),
        call(HC, B, assume_a="her", lower=True), call(A, V, assume_a="sym"), call(np.triu(A), V),
    ],
    "linalg.inv": [call(A), call(C)], "linalg.det": [call(A), call(np.stack([A, H]))],
    "linalg.lstsq": [call(M, normal(5, seed=10)), call(M, normal(5, 2, seed=10)), call(WIDE, V)],
    "linalg.pinv": [call(M), call(WIDE)], "linalg.pinvh": [call(H)],
    "linalg.cho_factor": [],
    "linalg.solve_triangular": [call(A, B, lower=True), call(C, V, trans="C"), call(A, V, unit_diagonal=True)],
"linalg.cholesky": [call(H), call(HC, lower=True)],
    "linalg.cho_solve": [call((np.linalg.cholesky(H), True), B)],
    "linalg.lu_solve": [call(LU, B), call(LU, V, trans=1)],
    "linalg.lu": [
        call(A), call(M), call(WIDE), call(M, permute_l=True), call(A[::-1].copy(), p_indices=True), call(C),
    ],
    "linalg.lu_factor": [call(A), call(A[::-1].copy())],
    "linalg.qr": [
        call(A), call(M, mode="economic"), call(A, mode="r"), call(M, pivoting=True, mode="economic"),
        call(WIDE, mode="economic"), call(C),
    ],
    "linalg.svd": [call(A), call(M, full_matrices=False)], "linalg.svdvals": [call(M)],
    "linalg.polar": [call(A), call(M), call(A, side="left")], "linalg.orthogonal_procrustes": [call(M, M[::-1] + 0.3)],
    "linalg.norm": [call(A), call(M, 1), call(V, 3), call(A, "nuc"), call(ROWS, 2, 1)],
    "linalg.eigh": [
        call(H), call(HC, lower=False, eigvals_only=True), call(H, H[::-1, ::-1] + np.eye(3)), call(H, subset_by_index=(1, 2)),
        call(H, H[::-1, ::-1] + np.eye(3), type=2), call(H, H[::-1, ::-1] + np.eye(3), type=3),
    ],
    "linalg.eigvalsh": [call(H), call(H, H[::-1, ::-1] + np.eye(3))],
    "linalg.eig": [call(np.diag([1.0, 2.0, 4.0]) + 0.3 * normal(3, 3, seed=11)),
                   call(np.diag([1.0, 2.0, 4.0]) + 0.3 * normal(3, 3, seed=11), left=True)],
    "linalg.eigvals": [call(np.diag([1.0, 2.0, 4.0]) + 0.3 * normal(3, 3, seed=11))],
    "linalg.eigh_tridiagonal": [call(np.array([1.0, 2.0, 4.0]), np.array([0.3, -0.5]))],
    "linalg.eigvalsh_tridiagonal": [call(np.array([1.0, 2.0, 4.0]), np.array([0.3, -0.5]))],
    "linalg.solve_banded": [
        call((1, 2), normal(4, 6, seed=12) + np.outer([0, 0, 5, 0], np.ones(6)), normal(6, seed=13)),
        call((2, 1), normal(4, 6, seed=12) + np.outer([0, 5, 0, 0], np.ones(6)), normal(6, 2, seed=13)),
    ],
    "linalg.solveh_banded": [
        call(np.stack([np.full(5, 4.0), normal(5, seed=14)]), normal(5, seed=15), lower=True),
        call(np.stack([normal(5, seed=14), np.full(5, 4.0)]), normal(5, 2, seed=15)),
    ],
    "linalg.solve_toeplitz": [call((V5, V), V), call(V5, V)],
    "linalg.matmul_toeplitz": [call((V, V), B)],
    "linalg.solve_circulant": [call(V5, V)],
    "linalg.solve_sylvester": [call(A, A.T + 1, B @ B.T), call(C, A, H)],
    "linalg.solve_continuous_lyapunov": [call(A, H), call(C, HC)], "linalg.solve_lyapunov": [call(A, H)],
    "linalg.solve_discrete_lyapunov": [call(A / 9, H)],
    "linalg.solve_continuous_are": [call(S, B, H, np.eye(2) + 0.1 * B.T @ B)],
    "linalg.solve_discrete_are": [call(S / 9, B, H, np.eye(2) + 0.1 * B.T @ B)],
    "linalg.block_diag": [call(A, V, B)],
    "linalg.toeplitz": [call(V), call(V, LONG), call(C[0])], "linalg.hankel": [call(V), call(V, LONG)],
    "linalg.circulant": [call(V)], "linalg.companion": [call(V)], "linalg.leslie": [call(V, V[:2])],
    "linalg.fiedler": [call(V)], "linalg.khatri_rao": [call(M, A)], "linalg.diagsvd": [call(V, 3, 5), call(V, 4, 3)],
    "linalg.convolution_matrix": [call(V, 4), call(V, 5, mode="same"), call(V, 5, mode="valid"), call(LONG, 4, "same")],
    "linalg.expm": [call(A), call(C)], "linalg.logm": [call(A), call(H)], "linalg.sqrtm": [call(A), call(C)],
    "linalg.cosm": [call(A)], "linalg.sinm": [call(A)], "linalg.tanm": [call(A / 9)], "linalg.coshm": [call(A)],
    "linalg.sinhm": [call(A)], "linalg.tanhm": [call(A)], "linalg.signm": [call(normal(3, 3, seed=16))],
    "linalg.fractional_matrix_power": [call(H, 0.3), call(A, 3), call(A, np.float64(-1.5))],
    "linalg.expm_frechet": [call(A, B @ B.T), call(A, H, compute_expm=False)],
}  # fmt: skip

UNEVEN = np.cumsum(positive(9, seed=20))
CALLS |= {
    "integrate.trapezoid": [call(LONG, UNEVEN), call(ROWS, dx=0.3, axis=0), call(ROWS, UNEVEN[:7])],
    "integrate.cumulative_trapezoid": [call(LONG, UNEVEN), call(ROWS, initial=0, axis=0), call(ROWS, UNEVEN[:7])],
    "integrate.simpson": [
        call(LONG, x=UNEVEN), call(ROWS, axis=0), call(ROWS[:, :2]), call(ROWS[:, :6], dx=0.3), call(LONG, UNEVEN),
    ],
    "integrate.cumulative_simpson": [
        call(LONG, x=UNEVEN), call(ROWS, axis=0), call(ROWS[:, :6], dx=0.3, initial=0.5),
        call(ROWS[:, :2], initial=0.0),
    ],
    "integrate.romb": [call(LONG, 0.2), call(ROWS[:, :5], axis=1)],
}  # fmt: skip
