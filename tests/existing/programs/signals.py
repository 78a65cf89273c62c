"""Signals and images: filters, spectra, wavelets, control, circuits."""

import cmath
import math

import numpy as np
from scipy import ndimage, signal
from scipy.fft import dct, fft, ifft
from scipy.interpolate import interp1d
from scipy.linalg import expm, toeplitz
from scipy.ndimage import gaussian_filter
from scipy.signal import convolve2d, fftconvolve, lfilter

t = np.linspace(0, 1, 32, endpoint=False)
wave = np.sin(2 * np.pi * 3 * t) + 0.3 * np.cos(2 * np.pi * 7 * t)
image = np.outer(np.hanning(8), np.hanning(8)) + 0.1


def smoothing(width):
    k = np.exp(-0.5 * (np.arange(-4, 5) / width) ** 2)
    k /= k.sum()
    return np.sum(fftconvolve(wave, k, mode="same") ** 2)


def exponential_filter(a):
    y = lfilter([a], [1, -(1 - a)], wave)
    return y[-1] + np.mean(y**2)


def moving_average_by_hand(w):
    y = np.zeros(len(wave))
    for n in range(len(wave)):
        for k in range(len(w)):
            if n - k >= 0:
                y[n] += w[k] * wave[n - k]
    return np.max(np.abs(y))


def spectral_density(f0):
    x = np.sin(2 * np.pi * f0 * t) * np.hanning(len(t))
    psd = np.abs(np.fft.rfft(x)) ** 2
    freqs = np.fft.rfftfreq(len(t), t[1] - t[0])
    return np.sum(freqs * psd) / np.sum(psd)


def low_pass_by_fft(cutoff):
    F = fft(wave)
    f = np.fft.fftfreq(len(wave), 1 / 32)
    F *= 1 / (1 + (f / cutoff) ** 4)
    return np.linalg.norm(ifft(F).real - wave)


def haar_wavelet(threshold):
    """Soft thresholding of the Haar coefficients, two levels."""
    s = wave
    details = []
    for _ in range(2):
        details.append((s[0::2] - s[1::2]) / np.sqrt(2))
        s = (s[0::2] + s[1::2]) / np.sqrt(2)
    for d in reversed(details):
        d = np.sign(d) * np.maximum(np.abs(d) - threshold, 0)
        out = np.empty(2 * len(s))
        out[0::2] = (s + d) / np.sqrt(2)
        out[1::2] = (s - d) / np.sqrt(2)
        s = out
    return np.sum((s - wave) ** 2)


def fourier_series(b):
    y = np.zeros_like(t)
    for n in range(1, len(b) + 1):
        y += b[n - 1] * np.sin(2 * np.pi * n * t)
    return np.mean((y - np.where(t < 0.5, 1, -1)) ** 2)


def image_blur(sigma):
    n = np.arange(-2, 3)
    g = np.exp(-(n[:, None] ** 2 + n[None, :] ** 2) / (2 * sigma**2))
    g = g / g.sum()
    return np.var(convolve2d(image, g, mode="same", boundary="symm"))


def sharpened_image(amount):
    blurred = gaussian_filter(image, 1.0)
    sharp = image + amount * (image - blurred)
    gx = ndimage.sobel(sharp, axis=0)
    gy = ndimage.sobel(sharp, axis=1)
    return np.mean(np.hypot(gx, gy))


def blur_of_an_image(img):
    return np.sum(gaussian_filter(img, 1.0) ** 2)


def edge_detection(img):
    """Sobel's operator with loops over the pixels."""
    kx = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    h, w = img.shape
    out = np.zeros((h - 2, w - 2))
    for i in range(h - 2):
        for j in range(w - 2):
            patch = img[i : i + 3, j : j + 3]
            out[i, j] = math.sqrt(np.sum(kx * patch) ** 2 + np.sum(kx.T * patch) ** 2 + 1e-3)
    return out.mean()


def rlc_impedance(R, L, C):
    """The magnitude of the impedance of a series circuit, and its phase."""
    w = 2 * np.pi * 50
    Z = R + 1j * w * L + 1 / (1j * w * C)
    return abs(Z) + np.angle(Z)


def transmission_line(length):
    gamma = cmath.sqrt((0.1 + 2.0j) * (0.05 + 1.5j))
    Z0 = cmath.sqrt((0.1 + 2.0j) / (0.05 + 1.5j))
    M = np.array(
        [
            [np.cosh(gamma * length), Z0 * np.sinh(gamma * length)],
            [np.sinh(gamma * length) / Z0, np.cosh(gamma * length)],
        ]
    )
    v = M @ np.array([1.0, 0.5])
    return np.abs(v[0]) ** 2


def node_voltages(R1, R2, R3):
    """Nodal analysis of a bridge: conductances filled entry by entry."""
    G = np.zeros((2, 2))
    G[0, 0] = 1 / R1 + 1 / R2
    G[1, 1] = 1 / R2 + 1 / R3 + 0.1
    G[0, 1] = G[1, 0] = -1 / R2
    I = np.array([1.0 / R1, 0.0])
    return np.linalg.solve(G, I)[1]


def pid_control(gains):
    """The squared error of a second-order plant under a PID controller."""
    kp, ki, kd = gains
    x, v, integral, last = 0.0, 0.0, 0.0, 1.0
    dt = 0.05
    cost = 0.0
    for _ in range(60):
        error = 1.0 - x
        integral += error * dt
        u = kp * error + ki * integral + kd * (error - last) / dt
        u = np.clip(u, -10, 10)
        last = error
        v += dt * (u - 0.5 * v - 2 * x)
        x += dt * v
        cost += error**2 * dt
    return cost


def state_space_step(k, c):
    A = np.array([[0.0, 1.0], [-k, -c]])
    state = expm(A * 0.1) @ np.array([1.0, 0.0])
    return state[0] + 2 * state[1]


def gramian_by_series(a):
    A = np.array([[a, 0.2], [-0.1, 0.5]])
    B = np.array([[1.0], [0.5]])
    W = np.zeros((2, 2))
    Ak = np.eye(2)
    for _ in range(30):
        W += Ak @ B @ B.T @ Ak.T
        Ak = A @ Ak
    return np.trace(W)


def linear_prediction(x):
    """The coefficients of a linear predictor from the autocorrelation (Yule-Walker)."""
    r = np.correlate(x, x, mode="full")[len(x) - 1 :]
    a = np.linalg.solve(toeplitz(r[:3]), r[1:4])
    return np.sum(a)


def resampled(stretch):
    f = interp1d(t, wave, kind="cubic", fill_value="extrapolate")
    return np.mean(f(t[:20] * stretch) ** 2)


def peak_response(f0):
    b, a = signal.iirpeak(0.3, 10)
    x = np.cos(f0 * np.arange(40))
    return np.sum(signal.lfilter(b, a, x) ** 2)


def compressed_by_dct(x):
    X = dct(x, norm="ortho")
    X[4:] = 0
    return np.sum(np.abs(X))


def phase_modulation(beta):
    z = np.exp(1j * beta * np.sin(2 * np.pi * t))
    sidebands = np.fft.fft(z) / len(t)
    return np.abs(sidebands[1]) ** 2 + np.unwrap(np.angle(z))[5]


AT = {
    "smoothing": (1.3,),
    "exponential_filter": (0.3,),
    "moving_average_by_hand": (np.array([0.5, 0.3, 0.2]),),
    "spectral_density": (4.3,),
    "low_pass_by_fft": (5.0,),
    "haar_wavelet": (0.2,),
    "fourier_series": (np.array([1.0, 0.1, 0.4]),),
    "image_blur": (0.9,),
    "sharpened_image": (0.7,),
    "blur_of_an_image": (np.arange(20.0).reshape(4, 5) ** 0.5,),
    "edge_detection": (np.sin(np.arange(20.0)).reshape(4, 5),),
    "rlc_impedance": (10.0, 0.1, 1e-4),
    "transmission_line": (0.6,),
    "node_voltages": (1.0, 2.0, 3.0),
    "pid_control": (np.array([8.0, 2.0, 0.5]),),
    "state_space_step": (2.0, 0.3),
    "gramian_by_series": (0.6,),
    "linear_prediction": (np.array([1.0, 0.6, -0.2, 0.4, 0.9, -0.5, 0.3]),),
    "resampled": (1.05,),
    "peak_response": (0.9,),
    "compressed_by_dct": (np.array([1.0, 0.6, -0.2, 0.4, 0.9, -0.5]),),
    "phase_modulation": (0.8,),
}
