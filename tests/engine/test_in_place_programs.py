"""Random in-place programs: values, layouts and errors are NumPy's to the bit, derivatives are those of differences."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
import chainrule.numpy
from chainrule.engine.values import plain
from tests.engine.programs import Lines, make, run, start

BLOCK = 100


def facts(a: Any) -> Any:
    """What NumPy knows about an array, down to the bits and the layout; strides of axes of length one mean nothing."""
    a = np.asarray(plain(a))
    writeable = not a.__array_interface__["data"][1]  # asks without the warning for results of np.broadcast_arrays
    strides = tuple(s for s, n in zip(a.strides, a.shape, strict=True) if n != 1) if a.size else ()
    bits = np.array(a)
    bits[bits != bits] = np.nan  # NaN has no sign: that of 0/0 depends on the processor's instruction
    return a.dtype, a.shape, strides, writeable, bits


def sharing(arrays: list[Any]) -> list[bool]:
    arrays = [np.asarray(plain(a)) for a in arrays]
    return [np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i]]


class Watched:
    """A program as a function of x that notes what it saw; the result is one number that every array takes part in."""

    def __init__(self, program: Lines, namespace: Any) -> None:
        self.program = program
        self.namespace = namespace
        self.seen: Any = None

    def __call__(self, x: Any) -> Any:
        arrays, errors = run(self.program, x, self.namespace)
        self.seen = [facts(a) for a in arrays], sharing(arrays), errors
        total = 0.0 * x[0]
        for k, a in enumerate(arrays):
            if a.size:
                weights = np.cos(np.arange(a.size) + k).reshape(a.shape)
                total = total + np.sum(weights * np.real(a + 0)) + 0.7 * np.sum(weights * np.imag(a + 0))
        return total


def check(program: Lines, x: Any, namespace: Any, *, nested: bool) -> None:
    """Compare a program under tracking with the same program in plain NumPy."""
    direction = np.cos(3 * np.arange(x.size)) + 0.2
    in_numpy = Watched(program, np)
    in_numpy(_like(x, x))
    expected = in_numpy.seen

    def seen_by(transform: Callable[[Any], Any]) -> Any:
        function = Watched(program, namespace)
        result = transform(function)
        for name, ours, numpys in zip(program.arrays, function.seen[0], expected[0], strict=False):
            assert ours[:4] == numpys[:4], f"{name}: {ours} {numpys}"
            if program.fused:
                np.testing.assert_allclose(ours[4], numpys[4], rtol=1e-14, atol=1e-14, err_msg=name)
            else:
                assert ours[4].tobytes() == numpys[4].tobytes(), f"{name}: {ours} {numpys}"
        assert function.seen[1:] == expected[1:]
        return result

    gradient = seen_by(lambda f: cr.grad(f)(x))
    slope = seen_by(lambda f: cr.jvp(f, (x,), (direction,))[1])
    scale = 1 + np.abs(gradient).max()
    if scale < 1e6:  # neither NaN nor the quotient of a difference by nearly nothing
        tolerance = 1e-11 if program.exact else 1e-4
        assert abs(gradient @ direction - slope) <= tolerance * scale * x.size, (gradient @ direction, slope)
    if program.exact:
        h = 1e-5
        low, high, lower, higher = (in_numpy(_like(x + k * h * direction, x)) for k in (-1, 1, -2, 2))
        steep = (8 * (high - low) - (higher - lower)) / (12 * h)
        assert abs(steep - slope) <= 1e-6 * scale, (steep, slope)
    if nested:
        second = seen_by(lambda f: cr.jvp(cr.grad(f), (x,), (direction,))[1])
        if program.exact:
            function = Watched(program, namespace)
            low, high = (cr.grad(function)(_like(x + k * 1e-5 * direction, x)) for k in (-1, 1))
            bent = (high - low) / 2e-5
            assert np.abs(second - bent).max() <= 1e-4 * (1 + np.abs(bent).max()), (second, bent)


def _like(values: Any, x: Any) -> Any:
    """A copy of a vector with the strides of `x`."""
    if x.strides[0] < 0:
        return values[::-1].copy()[::-1]
    return np.repeat(values, 2)[::2] if x.strides[0] > x.itemsize else values.copy()


def shortest(program: Lines, fails: Any) -> Lines:
    """The program without the lines that its failure does not need."""
    for i in reversed(range(len(program.lines))):
        lines = program.lines[:i] + program.lines[i + 1 :]
        raises = program.raises[:i] + program.raises[i + 1 :]
        smaller = Lines(lines, raises, program.arrays, program.exact, program.fused)
        if fails(smaller):
            program = smaller
    return program


def check_block(block: int, *, buffers: bool, length: int = 12) -> None:
    namespace: Any = chainrule.numpy if buffers else np
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        program, x = make(seed, buffers=buffers, length=length), start(seed)

        def reason(program: Lines, x: Any = x, seed: int = seed) -> Exception | None:
            try:
                with np.errstate(all="ignore"):
                    check(program, x, namespace, nested=seed % 8 == 0)
            except Exception as error:
                return error
            return None

        if reason(program) is not None:
            small = shortest(program, lambda p: reason(p) is not None)
            pytest.fail(f"program {seed} (buffers={buffers}) differs:\n{small}\n{reason(small)!r}")


@pytest.mark.parametrize("block", range(6))
def test_a_random_program_on_tracked_arrays_does_what_numpy_does(block: int) -> None:
    check_block(block, buffers=False)


@pytest.mark.parametrize("block", range(6))
def test_a_random_program_on_buffers_does_what_numpy_does(block: int) -> None:
    check_block(block, buffers=True)


NOT_ANALYTIC = re.compile(
    r"\dj|real|imag|conj|abs|maximum|clip|nan_to_num|sort|partition|unique|extract|ix_|var|astype|piecewise|array\(|> 0"
)
"""What cannot run on complex numbers with the value that it has for real ones."""


def along(program: Lines, x: Any) -> Any:
    """A number that every array of a program takes part in, analytic in x if the program is."""
    arrays, errors = run(program, x, np)
    assert errors == [*program.raises]
    return sum(np.sum(np.cos(np.arange(a.size) + k).reshape(a.shape) * a) for k, a in enumerate(arrays)) + 0.0 * x[0]


def test_gradients_of_analytic_programs_are_those_of_the_complex_step() -> None:
    """A step of 1e-30 along the imaginary axis has no rounding: all digits are compared."""
    compared = 0
    for seed in range(700):
        program, x = make(seed, buffers=False), start(seed)
        if not program.exact or any(NOT_ANALYTIC.search(line) for line in program.lines):
            continue
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = [along(program, _like(x + 1e-30j * row, x)).imag / 1e-30 for row in np.eye(x.size)]
            gradient = cr.grad(lambda x, p=program: along(p, x))(x)
            slope = cr.jvp(lambda x, p=program: along(p, x), (x,), (np.ones(x.size),))[1]
        if np.all(np.isfinite(expected)) and np.max(np.abs(expected)) < 1e6:
            size = 1e-12 * (1.0 + np.max(np.abs(expected)))
            np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=size, err_msg=str(program))
            assert abs(slope - np.sum(expected)) <= 10 * size, str(program)
            compared += 1
    assert compared > 100


@pytest.mark.long
@pytest.mark.parametrize("buffers", [False, True])
@pytest.mark.parametrize("block", range(100, 150))
def test_a_long_random_program_does_what_numpy_does(block: int, buffers: bool) -> None:
    check_block(block, buffers=buffers, length=20)
