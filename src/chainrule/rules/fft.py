"""The discrete Fourier transforms. All are linear; of every one the transpose is another.

The matrix of the complex transform is symmetric, so its transpose is itself; what remains is to undo the cutting or
padding of the input to length n, which is padding or cutting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.formula.expression import Function
from chainrule.rules.axes import refuse_unless
from chainrule.rules.rule import Shaped, composite, dtype_of, linear

_OPPOSITE = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _sized(g: Any, n: int, axis: int) -> Any:
    """`g` cut, or padded with zeros at the end, to length `n` along `axis`."""
    shape = list(np.shape(g))
    axis %= len(shape)
    if shape[axis] >= n:
        return g[(*(slice(None),) * axis, slice(n))]
    shape[axis] = n - shape[axis]
    return np.concatenate([g, np.zeros(shape, dtype_of(g))], axis=axis)


def _complex_transform(function: Function) -> None:
    def transpose(g: Any, x: Shaped, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
        return _sized(function(g, axis=axis, norm=norm), x.shape[axis], axis)

    linear(function, transpose, moves=False, source="the Fourier matrix is symmetric")


_complex_transform(np.fft.fft)
_complex_transform(np.fft.ifft)


def _rfft_back(g: Any, x: Shaped, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    length = x.shape[axis] if n is None else n
    return _sized(np.real(np.fft.fft(_sized(g, length, axis), axis=axis, norm=norm)), x.shape[axis], axis)


def _irfft_back(g: Any, x: Shaped, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """Entries between the first and the last stand for two of the whole spectrum."""
    length = np.shape(g)[axis]
    half = np.conjugate(np.fft.rfft(g, axis=axis, norm=_opposite(norm)))
    weights = np.full(length // 2 + 1, 2.0, dtype=dtype_of(g))
    weights[0] = 1.0
    if length % 2 == 0:
        weights[-1] = 1.0
    shape = [1] * x.ndim
    shape[axis] = -1
    return _sized(half * np.reshape(weights, shape), x.shape[axis], axis)


linear(np.fft.rfft, _rfft_back, moves=False, source="the Fourier matrix is symmetric")
linear(np.fft.irfft, _irfft_back, moves=False, source="the Fourier matrix is symmetric")


def _opposite(norm: Any) -> Any:
    if norm not in _OPPOSITE:
        raise ValueError(f"norm is 'backward', 'ortho' or 'forward', not {norm!r}")
    return _OPPOSITE[norm]


composite(
    np.fft.hfft,
    lambda a, n=None, axis=-1, norm=None: np.fft.irfft(
        np.conjugate(a), 2 * (np.shape(a)[axis] - 1) if n is None else n, axis, _opposite(norm)
    ),
)
composite(np.fft.ihfft, lambda a, n=None, axis=-1, norm=None: np.conjugate(np.fft.rfft(a, n, axis, _opposite(norm))))


def _lengths(a: Any, s: Any, axes: Any, last: int | None) -> tuple[list[int | None], list[int]]:
    """The length along each axis and the axes, as NumPy completes them. `last` axes are the default without `s`."""
    if axes is None:
        count = len(s) if s is not None else np.ndim(a) if last is None else last
        axes = range(-count, 0)
    axes = [int(axis) for axis in axes]
    refuse_unless(s is None or len(s) == len(axes))
    whole = [np.shape(a)[axis] for axis in axes]  # an axis that is transformed twice keeps the length that it had
    if s is None:
        return [*whole], axes
    return [n if k == -1 else k if k is None else int(k) for k, n in zip(s, whole, strict=True)], axes


def _along(function: Function, a: Any, lengths: Sequence[int | None], axes: Sequence[int], norm: Any) -> Any:
    for n, axis in zip(reversed(lengths), reversed(axes), strict=True):
        a = function(a, n=n, axis=axis, norm=norm)
    return a


def _many(function: Function, default: Any) -> Function:
    def transform(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        return _along(function, a, *_lengths(a, s, axes, None), norm)

    return transform


def _real_many(default: Any) -> Function:
    def transform(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        lengths, axes = _lengths(a, s, axes, None)
        a = np.fft.rfft(a, lengths[-1], axes[-1], norm)
        return _along(np.fft.fft, a, lengths[:-1], axes[:-1], norm)

    return transform


def _inverse_real_many(default: Any) -> Function:
    def transform(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        lengths, axes = _lengths(a, s, axes, None)
        if s is None:
            lengths[-1] = 2 * (np.shape(a)[axes[-1]] - 1)
        for n, axis in zip(lengths[:-1], axes[:-1], strict=True):
            a = np.fft.ifft(a, n, axis, norm)
        return np.fft.irfft(a, lengths[-1], axes[-1], norm)

    return transform


def _along_nothing(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> bool:
    """Whether a transform has no axis to run along: then NumPy's result is the argument."""
    return any(chosen is not None and len(chosen) == 0 for chosen in (s, axes))


for _default, _names in (
    (None, ("fftn", "ifftn", "rfftn", "irfftn")),
    ((-2, -1), ("fft2", "ifft2", "rfft2", "irfft2")),
):
    composite(getattr(np.fft, _names[0]), _many(np.fft.fft, _default), asks=_along_nothing)
    composite(getattr(np.fft, _names[1]), _many(np.fft.ifft, _default), asks=_along_nothing)
    composite(getattr(np.fft, _names[2]), _real_many(_default))
    composite(getattr(np.fft, _names[3]), _inverse_real_many(_default))


def _shift(x: Any, axes: Any, direction: int) -> Any:
    axes = range(np.ndim(x)) if axes is None else (axes,) if isinstance(axes, int | np.integer) else axes
    shape = np.shape(x)
    steps = [shape[axis] // 2 if direction > 0 else -(shape[axis] // 2) for axis in axes]
    return np.roll(x, steps, tuple(axes))


composite(np.fft.fftshift, lambda x, axes=None: _shift(x, axes, 1))
composite(np.fft.ifftshift, lambda x, axes=None: _shift(x, axes, -1))
