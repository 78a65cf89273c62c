"""The discrete Fourier transforms, with every length, axis and normalisation."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from tests.rules.agreement import assert_right, complex_points, points

NORMS = (None, "backward", "ortho", "forward")


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n", [None, 3, 4, 5, 8])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_transforms_along_one_axis_agree_with_differences(name, n, norm):
    transform = getattr(np.fft, name)
    real = name in ("rfft", "ihfft")
    for axis in (0, -1):
        assert_right(lambda x, axis=axis: transform(x, n, axis, norm), points(5, 4) if real else complex_points(5, 4))


@pytest.mark.parametrize("name", ["fft", "ifft", "irfft", "hfft"])
def test_transforms_take_real_vectors_too(name):
    assert_right(lambda x: getattr(np.fft, name)(x), points(6))


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft"])
@pytest.mark.parametrize("dimensions", ["2", "n"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"s": (4, 3), "axes": (0, 2)},
        {"axes": (1, 0), "norm": "ortho"},
        {"axes": (-1, -2), "norm": "forward"},
        {"s": (-1, 5), "axes": (0, 1)},  # −1 is the whole axis
        {"s": (2, -1), "axes": (2, 0)},
    ],
)
def test_transforms_along_several_axes_agree_with_differences(name, dimensions, options):
    transform = getattr(np.fft, name + dimensions)
    assert_right(
        lambda x: transform(x, **options), points(3, 4, 3) if name[0] == "r" else complex_points(3, 4, 3), order=1
    )


def test_shifts_move_entries():
    for axes in (None, 0, (0, 1)):
        assert_right(lambda x, a=axes: (np.fft.fftshift(x, a), np.fft.ifftshift(x, a)), points(3, 4))


def test_single_precision_stays_single():
    gradient = cr.grad(lambda x: np.sum(np.abs(np.fft.rfft(x)) ** 2))(points(6).astype(np.float32))
    assert gradient.dtype == np.float32


def test_parseval_gives_the_gradient_of_the_energy():
    x = points(8)
    gradient = cr.grad(lambda x: np.sum(np.abs(np.fft.fft(x, norm="ortho")) ** 2))(x)
    np.testing.assert_allclose(gradient, 2 * x, rtol=1e-12)


def test_an_unknown_normalisation_is_refused():
    with pytest.raises(ValueError, match="norm"):
        cr.grad(lambda x: np.sum(np.real(np.fft.hfft(x, norm="none"))))(points(4))
