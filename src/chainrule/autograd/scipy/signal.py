"""autograd's `convolve`: over some axes of two arrays, with sums over others, as in convolutional networks."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np

__all__ = ["convolve"]


def convolve(
    A: Any,  # noqa: N803 - autograd's names, by which arguments may be passed
    B: Any,  # noqa: N803
    axes: Sequence[Sequence[int]] | None = None,
    dot_axes: Sequence[Sequence[int]] = ((), ()),
    mode: str = "full",
) -> Any:
    """The convolution of `A` and `B` along the pairs of axes in `axes` (all by default), summed over `dot_axes`.

    The result has the other axes of `A`, those of `B`, and the convolved ones, in this order. `mode` is "full" or
    "valid". Raises ValueError where "valid" needs one array to be the larger one along all axes.

    >>> convolve(np.array([1.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    array([1., 3., 3., 2.])
    """
    if mode not in ("full", "valid"):
        raise ValueError(f"convolve has the modes 'full' and 'valid', not {mode!r}")
    shapes = np.shape(A), np.shape(B)
    pairs = [(axis, axis) for axis in range(len(shapes[0]))] if axes is None else list(zip(*axes, strict=True))
    larger = [np.sign(shapes[0][a] - shapes[1][b]) for a, b in pairs]
    if mode == "valid" and {1, -1} <= set(larger):
        raise ValueError(f"in mode 'valid' one array must be the larger one along all axes; the shapes are {shapes}")

    letters = iter(ascii_letters)
    names: list[dict[int, str]] = [{}, {}]  # for each array the letters of its axes
    windows: list[dict[int, int]] = [{}, {}]  # for each array the axes to cut into windows, and how long those are
    for pair in zip(*dot_axes, strict=True):
        names[0][pair[0]] = names[1][pair[1]] = next(letters)
    convolved = ""
    for pair, first_is_larger in zip(pairs, larger, strict=True):
        large, small = (0, 1) if first_is_larger > 0 else (1, 0)
        step, offset = next(letters), next(letters)
        names[large][pair[large]], names[small][pair[small]] = step + offset, offset
        windows[large][pair[large]] = shapes[small][pair[small]]
        convolved += step
    others = ""
    for own, shape in zip(names, shapes, strict=True):
        for axis in set(range(len(shape))) - set(own):
            own[axis] = next(letters)
            others += own[axis]
    factors = [_in_windows(array, cuts, mode) for array, cuts in zip((A, B), windows, strict=True)]
    terms = ["".join(own[axis] for axis in sorted(own)) for own in names]
    return np.einsum(f"{','.join(terms)}->{others}{convolved}", *factors)


def _in_windows(array: Any, cuts: dict[int, int], mode: str) -> Any:
    """`array` with each axis in `cuts` replaced by two: the windows along it, and the place in a window, backwards."""
    if mode == "full":
        array = np.pad(array, [(cuts.get(axis, 1) - 1,) * 2 for axis in range(np.ndim(array))])
    for axis in sorted(cuts, reverse=True):  # from the last one on, so that the places of the others stay
        count, width = np.shape(array)[axis], cuts[axis]
        places = np.arange(count - width + 1)[:, None] + np.arange(width)[::-1]
        array = np.take(array, places, axis=axis)
    return array
