"""Every function of SciPy with a derivative: its values, and derivatives that agree with differences of SciPy's own."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules import TABLE
from tests.scipy.sample_calls import CALLS

SAMPLES = [(name, k) for name, calls in CALLS.items() for k in range(len(calls))]
every_sample = pytest.mark.parametrize(("name", "k"), SAMPLES, ids=[f"{name}-{k}" for name, k in SAMPLES])


def function(root: str, name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(f"{root}.{module}"), attribute)


def moving(args: tuple[Any, ...]) -> list[Any]:
    """The arrays and floats among arguments, also in tuples of them."""
    found: list[Any] = []
    for a in args:
        if isinstance(a, tuple):
            found += moving(a)
        elif isinstance(a, np.ndarray | np.floating) and np.asarray(a).dtype.kind in "fc":
            found.append(a)
    return found


def filled(args: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    """The arguments with other values in place of those."""
    made = []
    for a in args:
        if isinstance(a, tuple):
            made.append(filled(a, values))
        elif isinstance(a, np.ndarray | np.floating) and np.asarray(a).dtype.kind in "fc":
            made.append(values.pop(0))
        else:
            made.append(a)
    return tuple(made)


def parts(result: Any) -> list[Any]:
    """The arrays of numbers in a result, real and imaginary parts of complex ones apart."""
    if isinstance(result, tuple | list):
        return [part for item in result for part in parts(item)]
    if isinstance(result, float):
        return [result]
    if not hasattr(result, "dtype") or result.dtype.kind not in "fc":
        return []
    return [np.real(result), np.imag(result)] if result.dtype.kind == "c" else [result]


def flat(result: Any) -> Any:
    return np.concatenate([np.ravel(part) for part in parts(result)])


def of_step(f: Any, args: tuple[Any, ...], options: dict[str, Any], directions: list[Any]) -> Any:
    def along(step: Any) -> Any:
        values = [a + step * d for a, d in zip(moving(args), directions, strict=True)]
        return flat(f(*filled(args, values), **options))

    return along


def direction(args: tuple[Any, ...], seed: int) -> list[Any]:
    random = np.random.default_rng(seed)
    made = []
    for a in moving(args):
        d = random.normal(size=np.shape(a)) / 2
        square = np.ndim(a) == 2 and np.shape(a)[0] == np.shape(a)[1]
        symmetric = square and np.allclose(a, np.conj(np.transpose(a)))
        if symmetric:
            d = d + np.transpose(d)  # a function of symmetric matrices
        made.append(d + 1j * d[::-1] if np.iscomplexobj(a) and not symmetric else d)
    return made


def difference(f: Any, h: float) -> Any:
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


@every_sample
def test_values_are_scipy_s_and_derivatives_agree_with_differences_of_it(name: str, k: int) -> None:
    args, options = CALLS[name][k]
    ours, theirs = function("chainrule.scipy", name), function("scipy", name)
    directions = direction(args, seed=1)
    expected = flat(theirs(*args, **options))
    np.testing.assert_array_equal(flat(ours(*args, **options)), expected)
    along = of_step(ours, args, options, directions)
    value, tangent = cr.jvp(along, (0.0,), (1.0,))
    size = np.max(np.abs(expected), initial=1.0)
    np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-11 * size)
    slope = difference(of_step(theirs, args, options, directions), 1e-4)
    size = np.max(np.abs(slope), initial=1.0)
    np.testing.assert_allclose(tangent, slope, rtol=1e-6, atol=1e-7 * size)
    weights = np.cos(np.arange(np.size(value)))
    reverse = cr.grad(lambda step: np.sum(weights * along(step)))(0.0)
    np.testing.assert_allclose(reverse, np.sum(weights * tangent), rtol=1e-8, atol=1e-9 * size)


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")  # SciPy's own estimate, of a larger matrix
@every_sample
def test_second_derivatives_agree_with_differences_of_first_ones(name: str, k: int) -> None:
    args, options = CALLS[name][k]
    along = of_step(function("chainrule.scipy", name), args, options, direction(args, seed=2))
    weights = np.cos(np.arange(np.size(along(0.0))))

    def cost(step: Any) -> Any:
        return np.sum(weights * along(step))

    first = cr.grad(cost)
    expected = difference(first, 1e-4)
    size = max(1.0, abs(first(0.0)))
    for second in (cr.grad(first), cr.derivative(first), cr.grad(cr.derivative(cost))):
        np.testing.assert_allclose(second(0.0), expected, rtol=1e-5, atol=1e-6 * size)


@every_sample
def test_shapes_and_dtypes_are_scipy_s(name: str, k: int) -> None:
    args, options = CALLS[name][k]
    ours, theirs = function("chainrule.scipy", name), function("scipy", name)
    shapes = []

    def noted(*values: Any) -> Any:
        result = ours(*filled(args, list(values)), **options)
        shapes.append([(np.shape(part), np.asarray(cr.stop_gradient(part)).dtype) for part in parts(result)])
        return flat(result)

    cr.vjp(noted, *moving(args))
    expected = parts(theirs(*args, **options))
    assert shapes[0] == [(np.shape(part), np.asarray(part).dtype) for part in expected]


MODULES = ("fft", "integrate", "linalg", "ndimage", "signal", "spatial.distance", "special")


def names_with_rules() -> set[str]:
    """The functions of chainrule.scipy that are SciPy's by name and have a rule in the table, but distributions."""
    found = set()
    for module in MODULES:
        ours = importlib.import_module(f"chainrule.scipy.{module}")
        theirs = importlib.import_module(f"scipy.{module}")
        found |= {f"{module}.{name}" for name in ours.__all__ if hasattr(theirs, name) and getattr(ours, name) in TABLE}
    return found


def test_every_function_with_a_rule_has_a_sample_call() -> None:
    assert names_with_rules() - CALLS.keys() == set()


@pytest.mark.parametrize("name", CALLS)
def test_lists_that_hold_tracked_numbers_are_arrays(name: str) -> None:
    if not CALLS[name] or isinstance(CALLS[name][0][0][0], tuple):
        return
    args, options = CALLS[name][0]
    ours = function("chainrule.scipy", name)
    arrays = moving(args)
    if np.ndim(arrays[0]) == 0:
        return

    def listed(x: Any) -> Any:
        rows = [list(row) if np.ndim(row) else row for row in x] if np.ndim(x) < 3 else list(x)
        return flat(ours(*filled(args, [rows, *arrays[1:]]), **options))

    plain = functools.partial(lambda x: flat(ours(*filled(args, [x, *arrays[1:]]), **options)))
    weights = np.cos(np.arange(np.size(plain(arrays[0]))))
    found = cr.vjp(listed, arrays[0])[1](weights)[0]
    np.testing.assert_allclose(found, cr.vjp(plain, arrays[0])[1](weights)[0], rtol=1e-12, atol=1e-14)


def test_equations_of_real_and_complex_matrices_together_are_solved() -> None:
    random = np.random.default_rng(5)
    a, b, q = random.normal(size=(3, 3, 3)) + 3 * np.eye(3)
    solve = function("chainrule.scipy", "linalg.solve_sylvester")
    x = cr.vjp(lambda q: solve(a + 1j * b, b, q), q)[0]
    np.testing.assert_allclose((a + 1j * b) @ x + x @ b, q, atol=1e-12)  # SciPy 1.17 leaves 0.9 here
