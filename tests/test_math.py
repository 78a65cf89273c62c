"""`chainrule.math`: the functions of `math`, of plain numbers bit for bit, of tracked ones with their derivatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import chainrule as cr
import chainrule.math as ours

POINTS: dict[str, tuple[Any, ...]] = {
    "acosh": (1.7,), "atan2": (0.6, -0.4), "copysign": (0.7, -2.0), "dist": ((0.3, 0.8, 1.0), (1.1, -0.4, 0.2)),
    "fmod": (5.3, 2.0), "fsum": ([0.3, 0.8, -0.1],), "hypot": (0.6, -0.4, 1.2), "isclose": (0.7, 0.7),
    "log": (2.3, 3.0), "pow": (1.3, 2.4), "prod": ([0.3, 0.8, -0.1],), "sumprod": ([0.3, 0.8], [1.1, -0.4]),
}  # fmt: skip
"""Where a function of one number in (0, 1) would not do."""

STEPS = {"ceil", "floor", "trunc"}
TESTS = {"isclose", "isfinite", "isinf", "isnan"}


def point(name: str) -> tuple[Any, ...]:
    return POINTS.get(name, (0.6,))


@pytest.mark.parametrize("name", ours.__all__)
def test_of_plain_numbers_it_is_math_s_own_value(name: str) -> None:
    found, expected = getattr(ours, name)(*point(name)), getattr(math, name)(*point(name))
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("name", sorted({*ours.__all__} - STEPS - TESTS))
def test_of_tracked_numbers_it_has_the_value_and_the_derivative(name: str) -> None:
    f, at = getattr(ours, name), point(name)

    def result(*args: Any) -> Any:
        found = f(*args)
        return sum(found) if isinstance(found, tuple) else found

    value, gradients = cr.value_and_grad(result, argnums=tuple(range(len(at))))(*at)
    assert value == pytest.approx(result(*at), rel=1e-15, abs=1e-15)
    for k, (argument, gradient) in enumerate(zip(at, gradients, strict=True)):
        flat = np.atleast_1d(np.asarray(argument))
        for i in range(flat.size):

            def moved(step: float, k: int = k, i: int = i, flat: Any = flat) -> Any:
                changed = flat.copy()
                changed[i] += step
                new = changed.tolist() if isinstance(at[k], list | tuple) else float(changed[0])
                return result(*at[:k], new, *at[k + 1 :])

            h = 1e-4
            slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
            assert np.atleast_1d(np.asarray(gradient))[i] == pytest.approx(slope, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", sorted(STEPS | TESTS))
def test_steps_and_questions_are_plain_and_constant(name: str) -> None:
    kinds: list[type] = []

    def f(x: Any) -> Any:
        found = getattr(ours, name)(*([x, 2.5] if name == "isclose" else [x]))
        kinds.append(type(found))
        return x * found

    expected = getattr(math, name)(*([2.5, 2.5] if name == "isclose" else [2.5]))
    assert cr.grad(f)(2.5) == expected
    assert kinds == [type(expected)]


def test_what_math_refuses_is_refused() -> None:
    for name, x, kind in [("sqrt", -1.0, ValueError), ("log", 0.0, ValueError), ("exp", 1000.0, OverflowError)]:
        with pytest.raises(kind) as plain:
            getattr(math, name)(x)
        with pytest.raises(kind) as tracked:
            cr.grad(getattr(ours, name))(x)
        assert str(tracked.value) == str(plain.value)
    with pytest.raises(TypeError):
        cr.grad(lambda v: ours.sin(v))(np.ones(2))
    with pytest.raises(TypeError):
        cr.grad(ours.sin)(1.0, 2.0)  # too many


def test_everything_else_is_math_s() -> None:
    assert ours.pi == math.pi
    assert ours.comb is math.comb
    assert {*dir(math)} <= {*dir(ours)}
    with pytest.raises(AttributeError):
        ours.sine  # noqa: B018


def test_iterables_may_be_generators() -> None:
    assert cr.grad(lambda x: ours.fsum(x**k for k in range(4)))(2.0) == pytest.approx(17.0)
    assert cr.grad(lambda x: ours.prod((k + x for k in range(3)), start=x))(2.0) == pytest.approx(24 + 2 * 26)


def test_a_program_holds_what_is_decided_by_the_values() -> None:
    program = cr.stage(lambda x: ours.sin(x) if ours.isfinite(x) else x, 0.5)
    assert program(0.7) == math.sin(0.7)
    with pytest.raises(cr.errors.TrackingError):
        cr.stage(lambda x: ours.floor(x) * x, 0.5)
