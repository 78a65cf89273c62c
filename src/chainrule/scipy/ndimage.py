"""Linear filters of images as in scipy.ndimage, differentiable in images, weights and the width of Gaussians.

What is not named here is SciPy's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage as _theirs

from chainrule.formula.expression import Function
from chainrule.namesakes import namesake
from chainrule.rules.axes import one_axis
from chainrule.rules.untracked import plain_array
from chainrule.scipy.following import composed
from chainrule.scipy.signal import whole_overlap

_MODULE = "chainrule.scipy.ndimage"
_PADDING = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap",
    "grid-wrap": "wrap", "constant": "constant", "grid-constant": "constant",
}  # fmt: skip


def _each(value: Any, count: int) -> list[Any]:
    """One value for every axis."""
    return list(value) if isinstance(value, list | tuple | np.ndarray) and np.ndim(value) else [value] * count


def _correlated(image: Any, weights: Any, modes: list[Any], cval: Any, origins: list[Any]) -> Any:
    """Σ weights_j · image_(i + j), the middle of the weights at i − origin, and the image continued beyond its ends."""
    for axis, (size, mode, origin) in enumerate(zip(np.shape(weights), modes, origins, strict=True)):
        left = size // 2 + origin
        widths = [(0, 0)] * np.ndim(image)
        widths[axis] = (left, size - 1 - left)
        padding: Any = _PADDING[mode]
        image = np.pad(image, widths, padding, **({"constant_values": cval} if padding == "constant" else {}))
    return whole_overlap(image, np.flip(weights), "direct")


def _refuse(output: Any, axes: Any = None) -> None:
    if isinstance(output, np.ndarray) or axes is not None:
        raise NotImplementedError("output= and axes=")


def _correlate(input: Any, weights: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0,
               *, axes: Any = None) -> Any:  # fmt: skip
    _refuse(output, axes)
    ndim = np.ndim(input)
    return _correlated(input, weights, _each(mode, ndim), cval, _each(origin, ndim))


def _convolve(input: Any, weights: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0,
              *, axes: Any = None) -> Any:  # fmt: skip
    _refuse(output, axes)
    ndim = np.ndim(input)
    turned = [-k - (size % 2 == 0) for k, size in zip(_each(origin, ndim), np.shape(weights), strict=True)]
    return _correlated(input, np.flip(weights), _each(mode, ndim), cval, turned)


def _along(image: Any, weights: Any, axis: int, mode: str, cval: Any, origin: int) -> Any:
    ndim = np.ndim(image)
    axis = one_axis(axis, ndim)
    shape, origins = [1] * ndim, [0] * ndim
    shape[axis], origins[axis] = np.size(weights), origin
    return _correlated(image, np.reshape(weights, shape), [mode] * ndim, cval, origins)


def _correlate1d(input: Any, weights: Any, axis: int = -1, output: Any = None, mode: str = "reflect", cval: Any = 0.0,
                 origin: int = 0) -> Any:  # fmt: skip
    _refuse(output)
    return _along(input, weights, axis, mode, cval, origin)


def _convolve1d(input: Any, weights: Any, axis: int = -1, output: Any = None, mode: str = "reflect",
                cval: Any = 0.0, origin: int = 0) -> Any:  # fmt: skip
    _refuse(output)
    return _along(input, np.flip(weights), axis, mode, cval, -origin - (np.size(weights) % 2 == 0))


def _gaussian(sigma: Any, order: int, radius: int) -> Any:
    """The weights: a Gaussian's values with the sum 1, or its derivative of an order, from Hermite's polynomials."""
    x = np.arange(-radius, radius + 1)
    bell = np.exp(-(x * x) / (2 * sigma * sigma))
    bell = bell / np.sum(bell)
    below, polynomial = 0.0 * x, 1.0 + 0.0 * x
    # φ⁽ᵏ⁺¹⁾/φ = −(x·p_k + k·p_(k−1))/σ², and the filter is the correlation with the mirror image.
    for k in range(order):
        below, polynomial = polynomial, -(x * polynomial + k * below) / (sigma * sigma)
    return np.flip(polynomial * bell)


def _gaussian_filter1d(
    input: Any, sigma: Any, axis: int = -1, order: int = 0, output: Any = None, mode: str = "reflect", cval: Any = 0.0,
    truncate: float = 4.0, *, radius: Any = None,
) -> Any:  # fmt: skip
    _refuse(output)
    width = int(truncate * float(plain_array(sigma)) + 0.5) if radius is None else radius
    return _along(input, _gaussian(sigma, order, width), axis, mode, cval, 0)


def _gaussian_filter(
    input: Any, sigma: Any, order: Any = 0, output: Any = None, mode: Any = "reflect", cval: Any = 0.0,
    truncate: float = 4.0, *, radius: Any = None, axes: Any = None,
) -> Any:  # fmt: skip
    _refuse(output, axes)
    ndim = np.ndim(input)
    widths = list(sigma) if np.ndim(sigma) else [sigma] * ndim
    parts = zip(range(ndim), widths, _each(order, ndim), _each(mode, ndim), _each(radius, ndim), strict=True)
    for axis, width, k, continued, size in parts:
        if plain_array(width) > 1e-15:
            input = _gaussian_filter1d(input, width, axis, k, None, continued, cval, truncate, radius=size)
    return input


def _uniform_filter1d(input: Any, size: int, axis: int = -1, output: Any = None, mode: str = "reflect",
                      cval: Any = 0.0, origin: int = 0) -> Any:  # fmt: skip
    _refuse(output)
    return _along(input, np.full(size, 1 / size), axis, mode, cval, origin)


def _uniform_filter(input: Any, size: Any = 3, output: Any = None, mode: Any = "reflect", cval: Any = 0.0,
                    origin: Any = 0, *, axes: Any = None) -> Any:  # fmt: skip
    _refuse(output, axes)
    ndim = np.ndim(input)
    for axis, n, continued, k in zip(
        range(ndim), _each(size, ndim), _each(mode, ndim), _each(origin, ndim), strict=True
    ):
        input = _uniform_filter1d(input, int(n), axis, None, continued, cval, k) if n > 1 else input
    return input


def _slope(across: tuple[float, float, float]) -> Function:
    """Differences along an axis, smoothed along the others with these weights."""

    def definition(input: Any, axis: int = -1, output: Any = None, mode: Any = "reflect", cval: Any = 0.0) -> Any:
        _refuse(output)
        axis, modes = one_axis(axis, np.ndim(input)), _each(mode, np.ndim(input))
        found = _along(input, np.array([-1.0, 0.0, 1.0]), axis, modes[axis], cval, 0)
        for other in range(np.ndim(input)):
            if other != axis:
                found = _along(found, np.array(across), other, modes[other], cval, 0)
        return found

    return definition


def _laplace(input: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0, *, axes: Any = None) -> Any:
    _refuse(output, axes)
    modes = _each(mode, np.ndim(input))
    weights = np.array([1.0, -2.0, 1.0])
    return sum(_along(input, weights, axis, modes[axis], cval, 0) for axis in range(np.ndim(input)))


def _second_orders(input: Any, sigma: Any, mode: Any, cval: Any, options: Any, order: int) -> list[Any]:
    ndim, found = np.ndim(input), []
    for axis in range(ndim):
        orders = [0] * ndim
        orders[axis] = order
        found.append(_gaussian_filter(input, sigma, orders, None, mode, cval, **options))
    return found


def _gaussian_laplace(input: Any, sigma: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0, *,
                      axes: Any = None, **options: Any) -> Any:  # fmt: skip
    _refuse(output, axes)
    return sum(_second_orders(input, sigma, mode, cval, options, 2))


def _gaussian_magnitude(input: Any, sigma: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0, *,
                        axes: Any = None, **options: Any) -> Any:  # fmt: skip
    _refuse(output, axes)
    slopes = _second_orders(input, sigma, mode, cval, options, 1)
    return np.sqrt(sum(slope * slope for slope in slopes))


correlate = composed(_theirs.correlate, _MODULE, _correlate, "input weights")
convolve = composed(_theirs.convolve, _MODULE, _convolve, "input weights")
correlate1d = composed(_theirs.correlate1d, _MODULE, _correlate1d, "input weights")
convolve1d = composed(_theirs.convolve1d, _MODULE, _convolve1d, "input weights")
gaussian_filter1d = composed(_theirs.gaussian_filter1d, _MODULE, _gaussian_filter1d, "input")
gaussian_filter = composed(_theirs.gaussian_filter, _MODULE, _gaussian_filter, "input")
uniform_filter1d = composed(_theirs.uniform_filter1d, _MODULE, _uniform_filter1d, "input")
uniform_filter = composed(_theirs.uniform_filter, _MODULE, _uniform_filter, "input")
sobel = composed(_theirs.sobel, _MODULE, _slope((1.0, 2.0, 1.0)), "input")
prewitt = composed(_theirs.prewitt, _MODULE, _slope((1.0, 1.0, 1.0)), "input")
laplace = composed(_theirs.laplace, _MODULE, _laplace, "input")
gaussian_laplace = composed(_theirs.gaussian_laplace, _MODULE, _gaussian_laplace, "input")
gaussian_gradient_magnitude = composed(_theirs.gaussian_gradient_magnitude, _MODULE, _gaussian_magnitude, "input")

__all__ = [
    "convolve", "convolve1d", "correlate", "correlate1d", "gaussian_filter", "gaussian_filter1d",
    "gaussian_gradient_magnitude", "gaussian_laplace", "laplace", "prewitt", "sobel", "uniform_filter",
    "uniform_filter1d",
]  # fmt: skip

__getattr__, __dir__ = namesake(_theirs, globals())
