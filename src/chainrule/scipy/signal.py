"""Convolutions and filters as in scipy.signal, differentiable in signals and coefficients.

What is not named here is SciPy's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import signal as _theirs

from chainrule.namesakes import namesake
from chainrule.rules.axes import one_axis
from chainrule.rules.function import dispatched
from chainrule.rules.rule import Shaped, as_full, bilinear, explicit
from chainrule.rules.untracked import plain_array
from chainrule.scipy.following import composed
from chainrule.scipy.linalg import companion
from chainrule.scipy.rerun import rerun

_MODULE = "chainrule.scipy.signal"

# ---------------------------------------------------------------------- convolution


@dispatched
def every_overlap(x: Any, y: Any, method: str) -> Any:
    """The convolution of two arrays with as many axes, at every overlap."""
    return _theirs.convolve(x, y, "full", method)


@dispatched
def whole_overlap(x: Any, y: Any, method: str) -> Any:
    """The convolution where `y`, which is nowhere longer than `x`, lies within `x`."""
    return _theirs.convolve(x, y, "valid", method)


def _of_every(g: Any, x: Shaped, y: Any, method: str) -> Any:
    return whole_overlap(g, np.flip(y), method)


bilinear(
    every_overlap,
    (lambda g, x, y, method: _of_every(g, x, y, method), lambda g, x, y, method: _of_every(g, y, x, method)),
    source="product rule",
)
bilinear(
    whole_overlap,
    (
        lambda g, x, y, method: every_overlap(g, np.flip(y), method),
        lambda g, x, y, method: np.flip(whole_overlap(x, np.flip(g), method)),
    ),
    source="product rule",
)


def centered(full: Any, shape: tuple[int, ...]) -> Any:
    """The middle of an array, of this shape."""
    for axis, n in enumerate(shape):
        start = (np.shape(full)[axis] - n) // 2
        full = full[(*(slice(None),) * axis, slice(start, start + n))]
    return full


def _convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    if np.ndim(in1) == 0:
        return in1 * in2
    if mode == "valid":
        larger = all(n >= m for n, m in zip(np.shape(in1), np.shape(in2), strict=True))
        return whole_overlap(*((in1, in2) if larger else (in2, in1)), method)
    full = every_overlap(in1, in2, method)
    return full if mode == "full" else centered(full, np.shape(in1))


def _correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    return _convolve(in1, np.flip(np.conjugate(in2)), mode, method)


def _along_axes(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """Convolution along some axes; along the others the two are broadcast, so Fourier transforms do the work."""
    if axes is None or np.size(axes) == np.ndim(in1):
        return _convolve(in1, in2, mode, "fft")
    axes = [one_axis(int(axis), np.ndim(in1)) for axis in np.atleast_1d(axes)]
    lengths = [np.shape(in1)[axis] + np.shape(in2)[axis] - 1 for axis in axes]
    product = np.fft.fftn(in1, lengths, axes) * np.fft.fftn(in2, lengths, axes)
    full = np.fft.ifftn(product, lengths, axes)
    full = full if np.iscomplexobj(in1) or np.iscomplexobj(in2) else np.real(full)
    if mode == "full":
        return full
    shape = list(np.shape(full))
    for axis in axes:
        n, m = np.shape(in1)[axis], np.shape(in2)[axis]
        shape[axis] = n if mode == "same" else abs(n - m) + 1
    return centered(full, tuple(shape))


convolve = composed(_theirs.convolve, _MODULE, _convolve, "in1 in2")
correlate = composed(_theirs.correlate, _MODULE, _correlate, "in1 in2")
fftconvolve = composed(_theirs.fftconvolve, _MODULE, _along_axes, "in1 in2")
oaconvolve = composed(_theirs.oaconvolve, _MODULE, _along_axes, "in1 in2")


def _convolve2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
    if boundary == "fill" and np.ndim(fillvalue) == 0 and not np.any(plain_array(fillvalue)):
        return _convolve(in1, in2, mode, "direct")
    if mode == "valid":
        return _convolve(in1, in2, mode, "direct")
    widths = [(m - 1, m - 1) for m in np.shape(in2)]
    if boundary == "fill":
        padded = np.pad(in1, widths, constant_values=fillvalue)
    else:
        continued: Any = {"wrap": "wrap", "symm": "symmetric"}[boundary]
        padded = np.pad(in1, widths, continued)
    full = whole_overlap(padded, in2, "direct")
    return full if mode == "full" else centered(full, np.shape(in1))


def _correlate2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
    in2 = np.flip(np.conjugate(in2))
    if mode == "same":  # SciPy counts the middle of an even length from the other side
        full = _convolve2d(in1, in2, "full", boundary, fillvalue)
        starts = [m // 2 for m in np.shape(in2)]
        (i, j), (n, m) = starts, np.shape(in1)
        return full[i : i + n, j : j + m]
    return _convolve2d(in1, in2, mode, boundary, fillvalue)


convolve2d = composed(_theirs.convolve2d, _MODULE, _convolve2d, "in1 in2")
correlate2d = composed(_theirs.correlate2d, _MODULE, _correlate2d, "in1 in2")

# ---------------------------------------------------------------------- recursive filters


@dispatched
def recursion(a: Any, x: Any) -> Any:
    """The u with Σ a_k·u_(n−k) = x_n along the last axis, which starts from 0."""
    return _theirs.lfilter([1.0], a, x)


def delayed(x: Any, k: int) -> Any:
    """`x` moved `k` places along the last axis; zeros come in."""
    if k == 0:
        return x
    n = np.shape(x)[-1]
    zeros = np.zeros((*np.shape(x)[:-1], min(k, n)))
    return np.concatenate([zeros, x[..., : max(n - k, 0)]], axis=-1)


def _recursion_reverse(out: Any, operands: Any, tracked: Any) -> Callable[[Any], tuple[Any, ...]]:
    a, _ = operands

    def pull(g: Any) -> tuple[Any, ...]:
        right = np.flip(recursion(a, np.flip(g, -1)), -1)
        slopes = np.stack([-np.sum(right * delayed(out, k)) for k in range(len(a))]) if 0 in tracked else None
        return tuple((slopes, right)[i] for i in tracked)

    return pull


def _recursion_forward(out: Any, operands: Any, tangents: Any) -> Any:
    da, dx = tangents
    right: Any = 0.0 if dx is None else dx
    if da is not None:
        for k in range(len(da)):
            right = right - da[k] * delayed(out, k)
    return recursion(operands[0], right)


explicit(recursion, 2, _recursion_reverse, _recursion_forward, source="product rule")


def _filtered(b: Any, a: Any, x: Any, zi: Any) -> tuple[Any, Any]:
    """The filtered signal along the last axis, and the state after it; `zi` may be None for a state of zeros."""
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    b, a = b / a[0], a / a[0]
    n, order = np.shape(x)[-1], max(len(b), len(a)) - 1
    moved: Any = 0.0
    for k in range(len(b)):
        moved = moved + b[k] * delayed(x, k)
    if zi is not None:
        state = np.concatenate([zi, np.zeros((*np.shape(zi)[:-1], max(n - order, 0)))], axis=-1)[..., :n]
        moved = moved + state
    y = recursion(a, moved) if len(a) > 1 else moved
    after = []
    for i in range(order):  # what the past adds to the i-th value to come
        total: Any = np.zeros(np.shape(y)[:-1]) if zi is None or i + n >= order else zi[..., i + n]
        for j in range(i + 1, order + 1):
            if j - i <= n:
                if j < len(b):
                    total = total + b[j] * x[..., n + i - j]
                if j < len(a):
                    total = total - a[j] * y[..., n + i - j]
        after.append(total)
    return y, (np.stack(after, axis=-1) if after else np.zeros((*np.shape(y)[:-1], 0)))


def _lfilter(b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    rows = np.moveaxis(x, axis, -1)
    if zi is None:
        return np.moveaxis(_filtered(b, a, rows, None)[0], -1, axis)
    state = np.broadcast_to(np.moveaxis(zi, axis, -1), (*np.shape(rows)[:-1], np.shape(zi)[axis]))
    y, after = _filtered(b, a, rows, state)
    return np.moveaxis(y, -1, axis), np.moveaxis(after, -1, axis)


def _sosfilt(sos: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    rows, states = np.moveaxis(x, axis, -1), []
    for k in range(np.shape(sos)[0]):
        state = None if zi is None else np.moveaxis(zi[k], axis, -1)
        rows, after = _filtered(sos[k, :3], sos[k, 3:], rows, state)
        states.append(np.moveaxis(after, -1, axis))
    y = np.moveaxis(rows, -1, axis)
    return y if zi is None else (y, np.stack(states))


def _lfilter_zi(b: Any, a: Any) -> Any:
    """The state in which the answer to a step is steady."""
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    b, a = b / a[0], a / a[0]
    n = max(len(a), len(b))
    b, a = (np.concatenate([c, np.zeros(n - len(c))]) for c in (b, a))
    return np.linalg.solve(np.eye(n - 1) - np.transpose(companion(a)), b[1:] - a[1:] * b[0])


def _sosfilt_zi(sos: Any) -> Any:
    states, scale = [], 1.0
    for k in range(np.shape(sos)[0]):
        b, a = sos[k, :3], sos[k, 3:]
        states.append(scale * _lfilter_zi(b, a))
        scale = scale * np.sum(b) / np.sum(a)
    return np.stack(states)


def _extended(rows: Any, kind: Any, count: int) -> Any:
    """A signal with `count` more values at both ends, odd or even about the end, or constant."""
    if not count or kind is None:
        return rows
    first, last = rows[..., :1], rows[..., -1:]
    left, right = np.flip(rows[..., 1 : count + 1], -1), np.flip(rows[..., -count - 1 : -1], -1)
    if kind == "odd":
        left, right = 2 * first - left, 2 * last - right
    elif kind == "constant":
        left, right = (np.broadcast_to(end, np.shape(left)) for end in (first, last))
    return np.concatenate([left, rows, right], axis=-1)


def _both_ways(x: Any, axis: int, kind: Any, count: int, filtered: Callable[[Any, Any], Any], state: Any) -> Any:
    rows = _extended(np.moveaxis(x, axis, -1), kind, count)
    for _ in range(2):
        rows = np.flip(filtered(rows, state(rows[..., :1])), -1)
    n = np.shape(x)[axis]
    return np.moveaxis(rows[..., count : count + n] if kind is not None else rows, -1, axis)


def _filtfilt(b: Any, a: Any, x: Any, axis: int = -1, padtype: Any = "odd", padlen: Any = None, method: str = "pad",
              irlen: Any = None) -> Any:  # fmt: skip
    if method != "pad":
        raise NotImplementedError("Gustafsson's method")
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    count = 3 * max(len(a), len(b)) if padlen is None else padlen
    zi = _lfilter_zi(b, a)
    count = 0 if padtype is None else count
    return _both_ways(x, axis, padtype, count, lambda rows, s: _filtered(b, a, rows, s)[0], lambda first: zi * first)


def _sosfiltfilt(sos: Any, x: Any, axis: int = -1, padtype: Any = "odd", padlen: Any = None) -> Any:
    plain = plain_array(sos)
    count = 2 * len(plain) + 1 - min(int((plain[:, 2] == 0).sum()), int((plain[:, 5] == 0).sum()))
    count = 3 * count if padlen is None else padlen
    zi = _sosfilt_zi(sos)
    states = np.reshape(zi, (len(plain), *(1,) * (np.ndim(x) - 1), 2))

    def filtered(rows: Any, state: Any) -> Any:
        return _sosfilt(sos, rows, -1, state)[0]

    return _both_ways(x, axis, padtype, 0 if padtype is None else count, filtered, lambda first: states * first)


lfilter = composed(_theirs.lfilter, _MODULE, _lfilter, "b a x zi")
lfilter_zi = composed(_theirs.lfilter_zi, _MODULE, _lfilter_zi, "b a")
filtfilt = composed(_theirs.filtfilt, _MODULE, _filtfilt, "b a x")
sosfilt = composed(_theirs.sosfilt, _MODULE, _sosfilt, "sos x zi")
sosfilt_zi = composed(_theirs.sosfilt_zi, _MODULE, _sosfilt_zi, "sos")
sosfiltfilt = composed(_theirs.sosfiltfilt, _MODULE, _sosfiltfilt, "sos x")

# ---------------------------------------------------------------------- linear in the signal


def _by_matrix(x: Any, axis: int, function: Callable[[Any], Any]) -> Any:
    """A linear function along an axis, as the product with its matrix."""
    rows = np.moveaxis(x, axis, -1)
    matrix = as_full(function(np.eye(np.shape(rows)[-1])))  # the answers to unit signals, one a row
    return np.moveaxis(rows @ matrix, -1, axis)


def _detrend(data: Any, axis: int = -1, type: str = "linear", bp: Any = 0, overwrite_data: bool = False) -> Any:
    return _by_matrix(data, axis, lambda unit: _theirs.detrend(unit, -1, type, bp))


def _savgol(x: Any, window_length: int, polyorder: int, deriv: int = 0, delta: Any = 1.0, axis: int = -1,
            mode: str = "interp", cval: Any = 0.0) -> Any:  # fmt: skip
    def plain(unit: Any) -> Any:
        found = _theirs.savgol_filter(unit, window_length, polyorder, deriv, delta, -1, mode, cval)
        return found - rest

    rest: Any = 0.0
    rest = plain(np.zeros(np.shape(x)[axis]))
    moved = _by_matrix(x, axis, plain)
    return np.moveaxis(np.moveaxis(moved, axis, -1) + rest, -1, axis)


def _resample(x: Any, num: int, t: Any = None, axis: int = 0, window: Any = None, domain: str = "time") -> Any:
    if domain != "time" or np.iscomplexobj(x):
        raise NotImplementedError("spectra, and complex signals")
    moved = _by_matrix(x, axis, lambda unit: _theirs.resample(unit, num, axis=-1, window=window))
    if t is None:
        return moved
    times = np.arange(num) * (t[1] - t[0]) * np.shape(x)[axis] / float(num) + t[0]
    return moved, times


def _resample_poly(x: Any, up: int, down: int, axis: int = 0, window: Any = ("kaiser", 5.0), padtype: Any = "constant",
                   cval: Any = None) -> Any:  # fmt: skip
    if padtype not in ("constant", "line", "mean"):
        raise NotImplementedError("padding that is not linear")
    if cval is not None and cval != 0:
        raise NotImplementedError("padding with a constant other than 0")
    return _by_matrix(x, axis, lambda unit: _theirs.resample_poly(unit, up, down, -1, window, padtype))


def _hilbert(x: Any, N: Any = None, axis: int = -1) -> Any:  # noqa: N803, as SciPy names it
    rows = np.moveaxis(x, axis, -1)
    n = np.shape(rows)[-1] if N is None else N
    weights = np.zeros(n)
    weights[0] = 1.0
    weights[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0:
        weights[n // 2] = 1.0
    return np.moveaxis(np.fft.ifft(np.fft.fft(rows, n) * weights), -1, axis)


detrend = composed(_theirs.detrend, _MODULE, _detrend, "data")
savgol_filter = composed(_theirs.savgol_filter, _MODULE, _savgol, "x")
resample = composed(_theirs.resample, _MODULE, _resample, "x t")
resample_poly = composed(_theirs.resample_poly, _MODULE, _resample_poly, "x")
hilbert = composed(_theirs.hilbert, _MODULE, _hilbert, "x")


__all__ = [
    "convolve", "convolve2d", "correlate", "correlate2d", "detrend", "fftconvolve", "filtfilt", "hilbert", "lfilter",
    "lfilter_zi", "oaconvolve", "resample", "resample_poly", "savgol_filter", "sosfilt", "sosfilt_zi", "sosfiltfilt",
]  # fmt: skip

__all__ += rerun(
    _theirs,
    globals(),
    (
        # filters designed
        "bessel", "besselap", "bilinear", "bilinear_zpk", "butter", "cheb1ap", "cheb2ap", "cheby1", "cheby2", "ellip",
        "ellipap", "firls", "firwin", "firwin2", "gammatone", "iircomb", "iirdesign", "iirfilter", "iirnotch",
        "iirpeak", "lp2bp", "lp2bp_zpk", "lp2bs", "lp2bs_zpk", "lp2hp", "lp2hp_zpk", "lp2lp", "lp2lp_zpk",
        "minimum_phase",
        # their forms and answers
        "freqs", "freqs_zpk", "freqz", "freqz_sos", "freqz_zpk", "group_delay", "lfiltic", "normalize", "sos2tf",
        "sos2zpk", "sosfreqz", "ss2tf", "ss2zpk", "tf2sos", "tf2ss", "tf2zpk", "zpk2sos", "zpk2ss", "zpk2tf",
        # systems
        "StateSpace", "TransferFunction", "ZerosPolesGain", "abcd_normalize", "bode", "cont2discrete", "dbode",
        "dfreqresp", "dimpulse", "dlsim", "dlti", "dstep", "freqresp", "impulse", "lsim", "lti", "step",
        # spectra and waves
        "chirp", "coherence", "csd", "czt", "decimate", "deconvolve", "envelope", "gausspulse", "istft", "lombscargle",
        "periodogram", "sawtooth", "spectrogram", "stft", "sweep_poly", "vectorstrength", "welch", "zoom_fft",
    ),
)  # fmt: skip

__getattr__, __dir__ = namesake(_theirs, globals())
