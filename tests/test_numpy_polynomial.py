"""`chainrule.numpy.polynomial`: every function of coefficients and points, against NumPy and differences."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import numpy as np
import pytest

import chainrule as cr
import chainrule.numpy as ours

KINDS = {"polynomial": "poly", "chebyshev": "cheb", "legendre": "leg", "hermite": "herm", "hermite_e": "herme",
         "laguerre": "lag"}  # fmt: skip
C = np.array([0.7, -0.4, 0.9])
D = np.array([0.3, 0.8])
X = np.array([0.2, -0.6, 0.5])
CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "val": ((X, C), {}), "add": ((C, D), {}), "sub": ((C, D), {}), "mul": ((C, D), {}), "mulx": ((C,), {}),
    "pow": ((C, 2), {}), "der": ((C,), {}), "int": ((C,), {"lbnd": 0.1}), "line": ((0.4, 0.7), {}),
    "fromroots": ((D,), {}), "vander": ((X, 3), {}), "val2d": ((X, X, np.outer(C, C)), {}),
    "grid2d": ((X, D, np.outer(C, D)), {}), "vander2d": ((X, X, [1, 2]), {}), "companion": ((C,), {}),
    "weight": ((X,), {}),
}  # fmt: skip


def differentiated(args: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(k for k, arg in enumerate(args) if isinstance(arg, np.ndarray | float))


@pytest.mark.parametrize("module", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_a_function_of_tracked_values_has_its_value_and_its_derivative(module: str, name: str) -> None:
    theirs = getattr(getattr(np.polynomial, module), KINDS[module] + name, None)
    if theirs is None or (module == "polynomial" and name == "weight"):
        return
    function = getattr(getattr(ours.polynomial, module), KINDS[module] + name)
    args, kwargs = CALLS[name]
    assert np.array_equal(function(*args, **kwargs), theirs(*args, **kwargs))
    assert inspect.signature(function) == inspect.signature(theirs)
    for k in differentiated(args):

        def f(value: Any, k: int = k, of: Any = function) -> Any:
            return of(*args[:k], value, *args[k + 1 :], **kwargs)

        found, expected = cr.jacobian(f)(args[k]), f(args[k], of=theirs)
        assert np.shape(found) == np.shape(expected) + np.shape(args[k])
        for place in np.ndindex(np.shape(args[k])):
            step = np.zeros(np.shape(args[k]))
            step[place] = 1e-5
            slope = (f(args[k] + step, of=theirs) - f(args[k] - step, of=theirs)) / 2e-5
            assert found[(..., *place)] == pytest.approx(slope, rel=1e-7, abs=1e-8)


def test_coefficients_may_be_a_list_of_tracked_numbers() -> None:
    gradient = cr.grad(lambda a, b: ours.polynomial.chebyshev.chebval(0.3, [1.0, a, b]), argnums=(0, 1))(2.0, 3.0)
    assert gradient == pytest.approx((0.3, 2 * 0.3**2 - 1))


def calculus(kind: Any, a: Any) -> Any:
    p, q = kind([a, 2 * a, 1.0]), kind([1.0, a])
    made = p(2.0) + (p * q)(1.5) + p.deriv()(1.0) + p.integ()(1.0) + (p**2)(0.5) + (p - q)(0.3) + (3.0 * q)(a)
    return made + np.sum(np.real(p.roots() if callable(p.roots) else p.roots))


@pytest.mark.parametrize(
    "name", [*(f"polynomial.{name}" for name in np.polynomial.__all__ if name[0].isupper()), "poly1d"]
)
def test_classes_take_tracked_coefficients_and_points(name: str) -> None:
    theirs: Any = functools.reduce(getattr, name.split("."), np)
    mine: Any = functools.reduce(getattr, name.split("."), ours)
    assert cr.grad(lambda x: mine([1.0, 2.0, 3.0])(x))(0.3) == pytest.approx(theirs([1.0, 2.0, 3.0]).deriv()(0.3))
    assert cr.grad(lambda x: theirs([1.0, 2.0, 3.0])(x))(0.3) == pytest.approx(theirs([1.0, 2.0, 3.0]).deriv()(0.3))
    value, slope = cr.value_and_grad(lambda a: calculus(mine, a))(3.7)
    assert value == pytest.approx(calculus(theirs, 3.7), rel=1e-13)
    assert slope == pytest.approx((calculus(theirs, 3.7 + 1e-5) - calculus(theirs, 3.7 - 1e-5)) / 2e-5, rel=1e-7)
    assert isinstance(theirs([1.0, 2.0]), mine)


def test_under_the_patch_they_are_followed_too() -> None:
    with cr.patch():
        gradient = cr.grad(lambda a: np.polynomial.legendre.legval(0.5, [a, 2.0, a**2]))(3.0)
    assert gradient == pytest.approx(1 + 6 * (3 * 0.25 - 1) / 2)
