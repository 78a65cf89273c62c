"""Fourier, cosine and sine transforms as in scipy.fft. What is not named here is SciPy's own.

The Fourier transforms are NumPy's, which has rules for them. The matrix of a cosine or sine transform, made orthogonal
by weights at its ends, has the matrix of another one as its transpose: that of type 3 for type 2, its own for types 1
and 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import fft as _theirs

from chainrule.formula.expression import Function
from chainrule.namesakes import namesake
from chainrule.rules.axes import one_axis, row_shape
from chainrule.rules.function import dispatched
from chainrule.rules.rule import Shaped, linear
from chainrule.scipy.following import composed

_MODULE = "chainrule.scipy.fft"
_OPPOSITE: dict[Any, Any] = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}
_INVERSE_TYPE = {1: 1, 2: 3, 3: 2, 4: 4}

# ---------------------------------------------------------------------- Fourier


def _one(name: str) -> Function:
    transform = getattr(np.fft, name)

    def definition(x: Any, n: Any = None, axis: int = -1, norm: Any = None, **_: Any) -> Any:
        return transform(x, n, axis, norm)

    return composed(getattr(_theirs, name), _MODULE, definition, "x")


def _completed(x: Any, s: Any, axes: Any) -> tuple[Any, Any]:
    """Lengths and axes as NumPy wants them: SciPy takes the last axes where only lengths are given."""
    if s is None:
        return None, axes
    lengths = (s,) if np.ndim(s) == 0 else tuple(s)
    return lengths, tuple(range(-len(lengths), 0)) if axes is None else axes


def _several(name: str, default: Any) -> Function:
    transform = getattr(np.fft, name)

    def definition(x: Any, s: Any = None, axes: Any = default, norm: Any = None, **_: Any) -> Any:
        s, axes = _completed(x, s, axes)
        return transform(x, s, axes, norm)

    return composed(getattr(_theirs, name), _MODULE, definition, "x")


def _hermitian(name: str, default: Any) -> Function:
    """Of conjugate symmetric spectra: the real transforms the other way round."""
    forward = name.startswith("h")

    def definition(x: Any, s: Any = None, axes: Any = default, norm: Any = None, **_: Any) -> Any:
        s, axes = _completed(x, s, axes)
        if forward:
            return np.fft.irfftn(np.conjugate(x), s, axes, _OPPOSITE[norm])
        return np.conjugate(np.fft.rfftn(x, s, axes, _OPPOSITE[norm]))

    return composed(getattr(_theirs, name), _MODULE, definition, "x")


fft, ifft, rfft, irfft, hfft, ihfft = map(_one, ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"))
fftn, ifftn, rfftn, irfftn = (_several(name, None) for name in ("fftn", "ifftn", "rfftn", "irfftn"))
fft2, ifft2, rfft2, irfft2 = (_several(name, (-2, -1)) for name in ("fft2", "ifft2", "rfft2", "irfft2"))
hfftn, ihfftn = _hermitian("hfftn", None), _hermitian("ihfftn", None)
hfft2, ihfft2 = _hermitian("hfft2", (-2, -1)), _hermitian("ihfft2", (-2, -1))
fftshift = composed(_theirs.fftshift, _MODULE, lambda x, axes=None: np.fft.fftshift(x, axes), "x")
ifftshift = composed(_theirs.ifftshift, _MODULE, lambda x, axes=None: np.fft.ifftshift(x, axes), "x")

# ---------------------------------------------------------------------- cosine and sine


@dispatched
def trigonometric(x: Any, kind: str, type: int, axis: int, norm: Any, orthogonalize: Any) -> Any:
    """The cosine (kind "dct") or sine ("dst") transform of a type along an axis."""
    return getattr(_theirs, kind)(x, type, axis=axis, norm=norm, orthogonalize=orthogonalize)


def _weights(kind: str, n: int) -> Any:
    """1/√2 at the ends that a transform counts half: the first for cosines, the last for sines."""
    weights = np.ones(n)
    weights[0 if kind == "dct" else -1] = np.sqrt(0.5)
    return weights


def _back(g: Any, x: Shaped, kind: str, type: int, axis: int, norm: Any, orthogonalize: Any) -> Any:
    n = x.shape[axis]
    orthogonal = norm == "ortho" if orthogonalize is None else orthogonalize
    before, after = np.ones(n), np.ones(n)
    if not orthogonal:
        ends = _weights(kind, n)
        if type == 1 and kind == "dct":
            ends[-1] = np.sqrt(0.5)
            before, after = 1 / ends, ends
        elif type == 2:
            before = 1 / ends
        elif type == 3:
            after = ends
    length = {("dct", 1): n - 1, ("dst", 1): n + 1}.get((kind, type), n)
    size: Any = {"forward": 1 / np.sqrt(2 * length), "ortho": 1.0}.get(norm, np.sqrt(2 * length))
    shape: Any = row_shape(axis, len(x.shape))
    turned = trigonometric(g * np.reshape(before, shape), kind, _INVERSE_TYPE[type], axis, "ortho", True)
    return size * np.reshape(after, shape) * turned


linear(trigonometric, _back, moves=False, source="orthogonal matrices")


def _sized(x: Any, n: Any, axis: int) -> Any:
    if n is None or n == np.shape(x)[axis]:
        return x
    x = np.moveaxis(x, axis, -1)[..., :n]
    x = np.concatenate([x, np.zeros((*np.shape(x)[:-1], n - np.shape(x)[-1]))], axis=-1)
    return np.moveaxis(x, -1, axis)


def _wave(name: str) -> Function:
    kind, inverse = name.removeprefix("i"), name.startswith("i")

    def definition(
        x: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None, orthogonalize: Any = None, **_: Any
    ) -> Any:
        axis = one_axis(axis, np.ndim(x))
        if inverse:
            type, norm = _INVERSE_TYPE[type], _OPPOSITE[norm]
        return trigonometric(_sized(x, n, axis), kind, type, axis, norm, orthogonalize)

    return composed(getattr(_theirs, name), _MODULE, definition, "x")


def _waves(name: str) -> Function:
    one = {"dctn": dct, "idctn": idct, "dstn": dst, "idstn": idst}[name]

    def definition(
        x: Any, type: int = 2, s: Any = None, axes: Any = None, norm: Any = None, orthogonalize: Any = None, **_: Any
    ) -> Any:
        s, axes = _completed(x, s, axes)
        axes = range(np.ndim(x)) if axes is None else np.atleast_1d(axes)
        for axis, n in zip(axes, [None] * len(axes) if s is None else s, strict=True):
            x = one(x, type, n, int(axis), norm, orthogonalize=orthogonalize)
        return x

    return composed(getattr(_theirs, name), _MODULE, definition, "x")


dct, idct, dst, idst = map(_wave, ("dct", "idct", "dst", "idst"))
dctn, idctn, dstn, idstn = map(_waves, ("dctn", "idctn", "dstn", "idstn"))

__all__ = [
    "dct", "dctn", "dst", "dstn", "fft", "fft2", "fftn", "fftshift", "hfft", "hfft2", "hfftn", "idct", "idctn", "idst",
    "idstn", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "ihfft2", "ihfftn", "irfft", "irfft2", "irfftn", "rfft",
    "rfft2", "rfftn",
]  # fmt: skip

__getattr__, __dir__ = namesake(_theirs, globals())
