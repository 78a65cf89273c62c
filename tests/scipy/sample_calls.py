"""Sample calls of SciPy's functions that have derivatives: arrays by which they are differentiated, and options."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
import scipy.special


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
        call(H), call(HC, lower=False, eigvals_only=True), call(H, H[::-1, ::-1] + np.eye(3)),
        call(H, subset_by_index=(1, 2)),
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
    "linalg.solve_sylvester": [call(A, A.T + 1, B @ B.T), call(C, C.T + 1, HC)],
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

IMAGE, WEIGHTS, EVEN = normal(6, 7, seed=30), normal(3, 3, seed=31), normal(2, 4, seed=32)
WAVE = normal(40, seed=33)
SPECTRUM = normal(4, 5, seed=34) + 1j * normal(4, 5, seed=35)
B2, A2 = np.array([0.2, 0.3, -0.1]), np.array([1.5, -0.4, 0.2])
SOS = [[0.3, 0.2, 0.1, 1.0, -0.4, 0.2], [0.5, -0.1, 0.3, 1.0, 0.3, -0.1]]  # whose fourth column is 1
MODES = ("reflect", "mirror", "nearest", "wrap", "constant")
P, Q, W4 = normal(4, seed=36), normal(4, seed=37), positive(4, seed=38)
POINTS, OTHERS = normal(5, 4, seed=39), normal(3, 4, seed=40)
VI = np.eye(4) + 0.1 * np.outer(P, P)

CALLS |= {
    **{f"fft.{name}": [call(ROWS), call(ROWS, 5, 0, "ortho"), call(SPECTRUM, 7)] for name in ("fft", "ifft")},
    "fft.rfft": [call(ROWS), call(ROWS, 9, 0, "forward")], "fft.irfft": [call(SPECTRUM), call(SPECTRUM, 7, 0)],
    "fft.hfft": [call(SPECTRUM), call(SPECTRUM, 7, 0, "ortho")], "fft.ihfft": [call(ROWS), call(ROWS, 5, 0)],
    **{
        f"fft.{name}": [call(SPECTRUM), call(SPECTRUM, (3, 6), norm="ortho")]
        for name in ("fft2", "ifft2", "fftn", "ifftn")
    },
    **{f"fft.{name}": [call(ROWS), call(ROWS, (3, 6))] for name in ("rfft2", "rfftn", "ihfft2", "ihfftn")},
    **{f"fft.{name}": [call(SPECTRUM), call(SPECTRUM, (3, 6))] for name in ("irfft2", "irfftn", "hfft2", "hfftn")},
    "fft.fftshift": [call(ROWS)], "fft.ifftshift": [call(ROWS, 1)],
    **{
        f"fft.{name}": [
            *(call(ROWS, t, norm=norm) for t in (1, 2, 3, 4) for norm in (None, "ortho", "forward")),
            call(ROWS, 2, 5, 0, orthogonalize=True), call(ROWS, 3, 9, norm="ortho", orthogonalize=False),
        ]
        for name in ("dct", "idct", "dst", "idst")
    },
    **{f"fft.{name}": [call(ROWS), call(ROWS, 3, (3, 6), norm="ortho")] for name in ("dctn", "idctn", "dstn", "idstn")},
    **{
        f"signal.{name}": [
            *(call(x, y, mode) for x, y in ((LONG, V), (ROWS, WEIGHTS)) for mode in ("full", "same", "valid")),
            call(V, LONG, "valid"), call(V, LONG, "same"),
        ]
        for name in ("convolve", "correlate", "fftconvolve", "oaconvolve")
    },
    **{
        f"signal.{name}": [
            *(call(IMAGE, EVEN, mode, edge) for mode in ("full", "same", "valid") for edge in ("fill", "wrap", "symm")),
            call(IMAGE, WEIGHTS, "same", "fill", 0.7),
        ]
        for name in ("convolve2d", "correlate2d")
    },
    "signal.lfilter": [
        call(B2, A2, WAVE), call(B2, A2, ROWS, 0), call(B2, np.array([2.0]), ROWS), call(B2[:1], A2, WAVE),
        call(B2, A2, ROWS, zi=np.ones((4, 2)) * 0.3), call(B2, A2, WAVE[:1], zi=np.array([0.3, -0.2])),
    ],
    "signal.lfilter_zi": [call(B2, A2)], "signal.sosfilt_zi": [],
    "signal.sosfilt": [call(SOS, WAVE), call(SOS, ROWS, 0), call(SOS, WAVE, zi=np.ones((2, 2)) * 0.3)],
    "signal.filtfilt": [call(B2, A2, WAVE), call(B2, A2, WAVE, padtype="even"), call(B2, A2, ROWS, padlen=3),
                        call(B2, A2, WAVE, padtype=None), call(B2, A2, WAVE, padtype="constant", padlen=5)],
    "signal.sosfiltfilt": [call(SOS, WAVE), call(SOS, ROWS, padlen=3)],
    "signal.detrend": [call(ROWS), call(ROWS, 0, "constant"), call(WAVE, bp=[0, 20])],
    "signal.savgol_filter": [call(WAVE, 7, 2), call(ROWS, 5, 3, mode="constant", cval=0.4), call(WAVE, 5, 2, 1, 0.3)],
    "signal.resample": [call(WAVE, 25), call(ROWS, 9, axis=1)], "signal.resample_poly": [call(WAVE, 3, 2)],
    "signal.hilbert": [call(WAVE), call(ROWS, 5, 0)],
    **{
        f"ndimage.{name}": [
            *(call(IMAGE, EVEN, mode=mode, cval=0.3) for mode in MODES), call(IMAGE, WEIGHTS, origin=(1, -1)),
            call(LONG, B2),
        ]
        for name in ("correlate", "convolve")
    },
    **{
        f"ndimage.{name}": [*(call(IMAGE, P, 0, mode=mode, cval=0.3) for mode in MODES), call(IMAGE, B2, origin=1)]
        for name in ("correlate1d", "convolve1d")
    },
    "ndimage.gaussian_filter1d": [
        *(call(IMAGE, np.float64(1.3), 0, mode=mode, cval=0.3) for mode in MODES),
        call(IMAGE, np.float64(0.8), order=1),
        call(IMAGE, np.float64(0.8), order=2), call(IMAGE, np.float64(0.8), order=3, radius=4),
    ],
    "ndimage.gaussian_filter": [
        call(IMAGE, np.float64(1.1)), call(IMAGE, (0.7, 1.2), (0, 1), mode=["wrap", "nearest"]),
    ],
    "ndimage.uniform_filter1d": [call(IMAGE, 3), call(IMAGE, 4, 0, mode="wrap", origin=1)],
    "ndimage.uniform_filter": [call(IMAGE), call(IMAGE, (2, 3), mode="mirror")],
    "ndimage.sobel": [call(IMAGE), call(IMAGE, 0, mode="wrap")], "ndimage.prewitt": [call(IMAGE)],
    "ndimage.laplace": [call(IMAGE), call(IMAGE, mode="constant", cval=0.3)],
    "ndimage.gaussian_laplace": [call(IMAGE, np.float64(0.9)), call(IMAGE, np.float64(0.9), truncate=3.0)],
    "ndimage.gaussian_gradient_magnitude": [call(IMAGE, np.float64(0.9))],
    "spatial.distance.cdist": [
        *(call(POINTS, OTHERS, metric) for metric in (
            "euclidean", "sqeuclidean", "cityblock", "chebyshev", "canberra", "braycurtis", "cosine", "correlation",
            "seuclidean", "mahalanobis", "cb", "minkowski",
        )),
        call(POINTS**2, OTHERS**2, "jensenshannon"), call(POINTS, OTHERS, "minkowski", p=3.0),
        call(POINTS, OTHERS, "minkowski", p=1.5, w=W4), call(POINTS, OTHERS, "euclidean", w=W4),
        call(POINTS, OTHERS, "seuclidean", V=W4), call(POINTS, OTHERS, "mahalanobis", VI=VI),
    ],
    "spatial.distance.pdist": [
        call(POINTS), call(POINTS, "cosine"), call(POINTS, "seuclidean"), call(POINTS, "mahalanobis"),
    ],
    "spatial.distance.squareform": [call(normal(6, seed=41)), call(np.ones((3, 3)) - np.eye(3), checks=False)],
    **{
        f"spatial.distance.{name}": [call(P, Q), call(P, Q, W4)]
        for name in ("euclidean", "sqeuclidean", "cityblock", "canberra", "braycurtis", "cosine", "correlation")
    },
    "spatial.distance.chebyshev": [call(P, Q)], "spatial.distance.mahalanobis": [call(P, Q, VI)],
    "spatial.distance.minkowski": [call(P, Q), call(P, Q, 3, W4)], "spatial.distance.seuclidean": [call(P, Q, W4)],
    "spatial.distance.jensenshannon": [call(P**2, Q**2), call(POINTS**2, OTHERS[:1] ** 2, 2.0, axis=1)],
}  # fmt: skip

UP = positive(3, 4, seed=50)
CALLS |= {
    "special.logsumexp": [
        call(ROWS), call(ROWS, 0), call(ROWS, 1, positive(4, 7, seed=51), keepdims=True),
        call(ROWS, 1, ROWS[::-1].copy(), return_sign=True), call(SPECTRUM),
    ],
    "special.softmax": [call(ROWS), call(ROWS, 0)], "special.log_softmax": [call(ROWS), call(ROWS, 0)],
    "special.comb": [call(UP + 3, UP), call(UP + 3, 2 * UP, repetition=True)], "special.perm": [call(UP + 3, UP)],
    "special.factorial": [call(2 * UP)], "special.sinc": [call(ROWS)],
    "special.diric": [call(ROWS, 3), call(ROWS, 4)],
    **{f"special.{name}": [call(1, UP), call(2, 2 * UP, 2)] for name in ("jvp", "yvp", "ivp", "kvp", "h1vp", "h2vp")},
    "special.polygamma": [call(1, UP)],
    **{f"special.spherical_{kind}n": [call(1, UP)] for kind in "jyik"},
}  # fmt: skip

SYSTEM = (
    np.array([[0.1, 1.0], [-1.3, -0.5]]), np.array([[0.2], [1.0]]), np.array([[1.0, 0.3]]), np.array([[0.1]]),
)  # fmt: skip
NUM, DEN = np.array([1.0, 0.4]), np.array([1.2, 0.7, 2.1])
ZEROS, POLES = np.array([-0.4 + 0.2j, -0.4 - 0.2j]), np.array([-0.5 + 1j, -0.5 - 1j, -0.9])
TIMES = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0]
DRAWN = normal(30, seed=90) + 2.0
TAKEN = normal(30, seed=91)
POSITIVE = positive(3, 10, seed=92)
CALLS |= {
    "signal.butter": [
        call(2, np.float64(0.3)),
        call(3, np.array([0.2, 0.5]), "bandpass"),
        call(2, np.float64(0.3), output="sos"),
        call(2, np.float64(3.0), analog=True),
        call(2, np.float64(30.0), fs=np.float64(200.0), output="zpk"),
    ],
    "signal.cheby1": [call(3, np.float64(1.1), np.float64(0.3))],
    "signal.cheby2": [call(3, np.float64(30.1), np.float64(0.3))],
    "signal.ellip": [call(3, np.float64(1.0), np.float64(30.0), np.float64(0.3))],
    "signal.bessel": [call(3, np.float64(0.3)), call(2, np.float64(0.3), norm="delay")],
    "signal.iirnotch": [call(np.float64(0.3), np.float64(20.0))],
    "signal.iirpeak": [call(np.float64(0.3), np.float64(20.0))],
    "signal.iirfilter": [call(2, np.array([0.2, 0.5]), btype="bandstop")],
    "signal.bilinear": [call(NUM, DEN, np.float64(2.0))],
    "signal.bilinear_zpk": [call(ZEROS, POLES, np.float64(0.7), np.float64(2.0))],
    "signal.lp2lp": [call(NUM, DEN, np.float64(1.5))],
    "signal.lp2hp": [call(NUM, DEN, np.float64(1.5))],
    "signal.lp2bp": [call(NUM, DEN, np.float64(1.5), np.float64(0.4))],
    "signal.lp2bs": [call(NUM, DEN, np.float64(1.5), np.float64(0.4))],
    "signal.lp2lp_zpk": [call(ZEROS, POLES, np.float64(0.7), np.float64(1.5))],
    "signal.lp2hp_zpk": [call(ZEROS, POLES, np.float64(0.7), np.float64(1.5))],
    "signal.lp2bp_zpk": [call(ZEROS, POLES[:2], np.float64(0.7), np.float64(1.5), np.float64(0.4))],
    "signal.lp2bs_zpk": [call(ZEROS, POLES[:2], np.float64(0.7), np.float64(1.5), np.float64(0.4))],
    "signal.firwin": [
        call(7, np.float64(0.3)),
        call(9, np.array([0.2, 0.5]), pass_zero=False),
        call(8, np.float64(0.3), window=("kaiser", 3.0)),
    ],
    "signal.firwin2": [call(9, [0.0, 0.3, 1.0], np.array([1.0, 0.7, 0.0]))],
    "signal.firls": [call(7, [0, 0.3, 0.5, 1], np.array([1.0, 0.9, 0.3, 0.2]))],
    "signal.minimum_phase": [call(np.array([0.5, 1.0, 2.0, 1.0, 0.5]), n_fft=512)],
    "signal.gammatone": [call(np.float64(0.3), "fir", fs=2.0)],
    "signal.iircomb": [],
    "signal.iirdesign": [],
    "signal.besselap": [],
    "signal.cheb1ap": [call(3, np.float64(1.0))],
    "signal.cheb2ap": [call(3, np.float64(30.0))],
    "signal.ellipap": [call(3, np.float64(1.0), np.float64(30.0))],
    "signal.freqs": [call(NUM, DEN, np.array([0.3, 1.0, 2.0]))],
    "signal.freqs_zpk": [call(ZEROS, POLES, np.float64(0.7), np.array([0.3, 1.0, 2.0]))],
    "signal.freqz": [call(B2, A2, 8), call(B2, A2, np.array([0.3, 1.0])), call(B2, 1, 8, whole=True)],
    "signal.freqz_zpk": [call(ZEROS, POLES, np.float64(0.7), 8)],
    "signal.group_delay": [call((B2, A2), 8)],
    "signal.lfiltic": [call(B2, A2, np.array([0.3, 0.1]), np.array([0.2, 0.5]))],
    "signal.normalize": [call(NUM, DEN)],
    "signal.sos2tf": [call(np.array(SOS))],
    "signal.sos2zpk": [call(np.array(SOS))],
    "signal.ss2tf": [call(*SYSTEM)],
    "signal.ss2zpk": [call(*SYSTEM)],
    "signal.tf2sos": [call(B2, A2)],
    "signal.tf2ss": [call(NUM, DEN)],
    "signal.tf2zpk": [call(B2, A2)],
    "signal.abcd_normalize": [call(*SYSTEM)],
    "signal.cont2discrete": [
        call(SYSTEM, np.float64(0.1)),
        call((NUM, DEN), np.float64(0.1)),
        call(SYSTEM, np.float64(0.1), "bilinear"),
        call(SYSTEM, np.float64(0.1), "euler"),
        call(SYSTEM, np.float64(0.1), "foh"),
        call(SYSTEM, np.float64(0.1), "gbt", np.float64(0.3)),
    ],
    "signal.lsim": [
        call(SYSTEM, np.cos(TIMES), TIMES),
        call((NUM, DEN), np.cos(TIMES), TIMES),
        call(SYSTEM, np.cos(TIMES), TIMES, np.array([0.3, 0.1])),
        call(SYSTEM, np.cos(TIMES), TIMES, interp=False),
    ],
    "signal.step": [call(SYSTEM, T=TIMES), call((NUM, DEN), T=TIMES)],
    "signal.impulse": [call(SYSTEM, T=TIMES)],
    "signal.bode": [call((NUM, DEN), np.array([0.3, 1.0, 2.0]))],
    "signal.freqresp": [call((NUM, DEN), np.array([0.3, 1.0, 2.0])), call(SYSTEM, np.array([0.3, 1.0]))],
    "signal.dlsim": [call((*SYSTEM, 0.1), np.cos(TIMES)[:, None])],
    "signal.dimpulse": [call((*SYSTEM, 0.1), n=5)],
    "signal.dstep": [call((*SYSTEM, 0.1), n=5)],
    "signal.dbode": [call((B2, A2, 0.1), np.array([0.3, 1.0]))],
    "signal.dfreqresp": [call((B2, A2, 0.1), np.array([0.3, 1.0]))],
    "signal.chirp": [
        call(np.array(TIMES), np.float64(0.3), np.float64(1.0), np.float64(3.0)),
        call(np.array(TIMES), np.float64(0.3), np.float64(1.0), np.float64(3.0), "quadratic"),
        call(np.array(TIMES), np.float64(0.3), np.float64(1.0), np.float64(3.0), "logarithmic"),
        call(np.array(TIMES), np.float64(0.3), np.float64(1.0), np.float64(3.0), "hyperbolic"),
    ],
    "signal.coherence": [call(WAVE, WAVE[::-1] ** 2, nperseg=16)],
    "signal.csd": [call(WAVE, WAVE[::-1] ** 2, nperseg=16)],
    "signal.welch": [
        call(WAVE, nperseg=16),
        call(ROWS, nperseg=4, scaling="spectrum", detrend="linear"),
        call(WAVE, nperseg=16, average="median"),
    ],
    "signal.periodogram": [call(WAVE), call(ROWS, window="hann", axis=0)],
    "signal.spectrogram": [call(WAVE, nperseg=16), call(WAVE, nperseg=16, mode="complex")],
    "signal.stft": [call(WAVE, nperseg=16)],
    "signal.istft": [call(normal(9, 6, seed=93) + 1j * normal(9, 6, seed=94))],
    "signal.czt": [call(WAVE, 8, np.exp(-0.3j), 1.0)],
    "signal.zoom_fft": [call(WAVE, [0.1, 0.4], 8)],
    "signal.decimate": [call(WAVE, 2), call(WAVE, 3, ftype="fir"), call(normal(30, 3, seed=89), 2, axis=0)],
    "signal.deconvolve": [call(LONG, np.array([1.0, 0.3, -0.2]))],
    "signal.envelope": [call(WAVE, bp_in=(1, None))],
    "signal.gausspulse": [call(np.array(TIMES) - 1, np.float64(1.3), np.float64(0.5))],
    "signal.lombscargle": [call(np.sort(positive(20, seed=95) * 9), normal(20, seed=96), np.array([0.4, 1.1]))],
    "signal.sawtooth": [call(np.array(TIMES) + 0.1, np.float64(0.3))],
    "signal.sweep_poly": [call(np.array(TIMES), np.array([0.3, 1.0, 0.2]))],
    "signal.vectorstrength": [call(LONG, np.float64(1.7))],
    "stats.boxcox": [call(np.abs(DRAWN), np.float64(0.3))],
    "stats.boxcox_llf": [call(np.float64(0.3), np.abs(DRAWN))],
    "stats.yeojohnson": [call(TAKEN, np.float64(0.3))],
    "stats.yeojohnson_llf": [call(np.float64(0.3), TAKEN)],
    "stats.chisquare": [call(positive(5, seed=97) * 0 + np.arange(1.0, 6.0))],
    "stats.power_divergence": [call(np.arange(1.0, 6.0), lambda_=0.5)],
    "stats.circmean": [call(TAKEN), call(ROWS, axis=0)],
    "stats.circstd": [call(TAKEN)],
    "stats.circvar": [call(TAKEN)],
    "stats.combine_pvalues": [call(np.array([0.1, 0.3, 0.6]))],
    "stats.describe": [call(ROWS), call(TAKEN, bias=False)],
    "stats.differential_entropy": [call(TAKEN)],
    "stats.entropy": [
        call(positive(4, seed=98)),
        call(positive(4, seed=98), positive(4, seed=99), 2.0),
        call(POSITIVE, axis=1),
    ],
    "stats.f_oneway": [call(DRAWN, TAKEN, LONG)],
    "stats.bartlett": [call(DRAWN, TAKEN, LONG)],
    "stats.levene": [call(DRAWN, TAKEN, LONG)],
    "stats.gmean": [call(POSITIVE), call(POSITIVE, 1, weights=positive(10, seed=100))],
    "stats.hmean": [call(POSITIVE), call(POSITIVE, 1)],
    "stats.pmean": [call(POSITIVE, 2.5)],
    "stats.gstd": [call(POSITIVE)],
    "stats.gzscore": [call(POSITIVE)],
    "stats.zscore": [call(ROWS), call(ROWS, 1, 1)],
    "stats.zmap": [call(TAKEN, DRAWN)],
    "stats.iqr": [call(TAKEN), call(ROWS, 0, (20, 70))],
    "stats.median_abs_deviation": [call(TAKEN), call(ROWS, 0, scale="normal")],
    "stats.jarque_bera": [call(DRAWN)],
    "stats.normaltest": [call(DRAWN)],
    "stats.skewtest": [call(DRAWN)],
    "stats.kurtosistest": [call(DRAWN)],
    "stats.kstat": [call(DRAWN, 3)],
    "stats.kstatvar": [call(DRAWN, 2)],
    "stats.lmoment": [call(DRAWN)],
    "stats.kurtosis": [call(ROWS), call(ROWS, 1, False, False)],
    "stats.skew": [call(ROWS), call(ROWS, 1, False)],
    "stats.moment": [call(ROWS, 3), call(ROWS, (2, 4), 1), call(DRAWN, 3, center=0.4)],
    "stats.sem": [call(ROWS)],
    "stats.variation": [call(POSITIVE)],
    "stats.linregress": [call(DRAWN, TAKEN)],
    "stats.pearsonr": [call(DRAWN, TAKEN), call(ROWS, ROWS[::-1] ** 2, axis=1)],
    "stats.pointbiserialr": [call(DRAWN > 2, TAKEN)],
    "stats.scoreatpercentile": [call(TAKEN, 40)],
    "stats.tmean": [call(TAKEN, (-1, 1)), call(TAKEN)],
    "stats.tvar": [call(TAKEN, (-1, 1))],
    "stats.tstd": [call(TAKEN, (-1, 1))],
    "stats.tsem": [call(TAKEN, (-1, 1))],
    "stats.tmin": [call(TAKEN, -1)],
    "stats.tmax": [call(TAKEN, 1)],
    "stats.trim_mean": [call(TAKEN, 0.1)],
    "stats.trimboth": [call(TAKEN, 0.1)],
    "stats.ttest_1samp": [call(DRAWN, np.float64(0.3)), call(DRAWN, np.float64(0.3), alternative="less")],
    "stats.ttest_ind": [call(DRAWN, TAKEN)],
    "stats.ttest_rel": [call(DRAWN, TAKEN)],
    "stats.ttest_ind_from_stats": [call(np.float64(1.0), np.float64(2.0), 9, np.float64(0.3), np.float64(1.5), 8)],
}

if hasattr(scipy.special, "softplus"):  # since SciPy 1.15
    CALLS["special.softplus"] = [call(ROWS)]
