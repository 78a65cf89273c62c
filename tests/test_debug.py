"""debug_nans: the first operation that makes a NaN or an infinity, in every direction, and nothing outside of it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import NonFiniteError
from chainrule.remedies import PATTERNS

HERE = Path(__file__).name


def softmax(x: Any) -> Any:
    return np.exp(x) / np.sum(np.exp(x))


CASES: dict[str, tuple[Callable[[Any], Any], Any, str, str]] = {
    "log of a softmax": (lambda x: np.log(softmax(x))[0], np.array([-800.0, 0.0]), "np.log made -inf", "logsumexp"),
    "log of a sum of exp": (lambda x: np.log(np.sum(np.exp(x))), np.array([-800.0]), "np.log made -inf", "logaddexp"),
    "log of 0": (lambda x: np.sum(np.log(x)), np.array([1.0, 0.0]), "from x = 0.0 (entry 1", "np.log(x + 1e-12)"),
    "log of a negative number": (np.log, -2.0, "made nan", "sign of the argument"),
    "log in an unused branch": (lambda x: np.where(x > 0, np.log(x), 0.0), -2.0, "made nan", "np.where leaves"),
    "norm at zero": (lambda x: np.sqrt(np.sum(x**2)), np.zeros(2), "derivative of np.sqrt is inf", "a norm at"),
    "sqrt at 0": (np.sqrt, 0.0, "derivative of np.sqrt is inf", "np.sqrt(x + 1e-12)"),
    "sqrt of a negative number": (np.sqrt, -1.0, "np.sqrt made nan", "np.maximum(x, 0)"),
    "0/0": (lambda x: np.sin(x) / x, 0.0, "x = 0.0, y = 0.0", "np.sinc"),
    "division by zero": (lambda x: 1 / x, 0.0, "np.divide made inf", "division by zero"),
    "reciprocal of zero": (np.reciprocal, 0.0, "np.reciprocal made inf", "division by zero"),
    "exp overflow": (lambda x: 1 / (1 + np.exp(-x)), -800.0, "from x = 800.0", "logaddexp(0, -x)"),
    "negative base": (lambda x: x**0.5, -1.0, "np.power made nan", "np.cbrt"),
    "power of 0": (lambda x: x**0.5, 0.0, "derivative of np.power is inf", "Keep the base away from 0"),
    "arccos past 1": (np.arccos, 1.0 + 2**-52, "np.arccos made nan", "np.clip(x, -1, 1)"),
    "arccos at 1": (np.arccos, 1.0, "derivative of np.arccos is -inf", "Stay inside"),
    "arccosh at 1": (np.arccosh, 1.0, "derivative of np.arccosh is inf", "np.maximum(x, 1 + 1e-12)"),
    "overflow": (lambda x: x * x, 1e200, "np.multiply made inf", "beyond the largest number"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("mode", ["reverse", "forward", "reverse over forward", "forward over reverse"])
def test_the_operation_the_values_the_line_and_the_remedy_are_named(name: str, mode: str) -> None:
    f, x, happened, advice = CASES[name]
    if mode != "reverse" and name in ("log of a softmax", "log of a sum of exp", "norm at zero"):
        pytest.skip("forward mode does not know what made an argument; it gives the general advice")
    along = np.ones(np.shape(x))[()]

    def pushed(x: Any) -> Any:
        return cr.jvp(f, (x,), (along,))[1]

    ways: dict[str, Callable[[], Any]] = {
        "reverse": lambda: cr.grad(f)(x),
        "forward": lambda: pushed(x),
        "reverse over forward": lambda: cr.grad(pushed)(x),
        "forward over reverse": lambda: cr.hvp(f, (x,), (along,)),
    }
    with cr.debug_nans(), pytest.raises(NonFiniteError) as caught:
        ways[mode]()
    message = str(caught.value)
    assert happened in message
    assert advice in message
    assert f" at {HERE}:" in message


def test_the_line_is_that_of_the_operation_and_is_quoted() -> None:
    def f(x: Any) -> Any:
        y = x - 1
        z = np.log(y)  # the fault
        return z + 1

    with cr.debug_nans(), pytest.raises(NonFiniteError, match=r"z = np\.log\(y\)  # the fault") as caught:
        cr.grad(f)(1.0)
    assert f"{HERE}:{f.__code__.co_firstlineno + 2} " in str(caught.value)


def test_what_a_selection_leaves_out_of_the_gradient_is_not_blamed() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0))

    x = np.array([4.0, 0.0])
    with cr.debug_nans():
        assert np.array_equal(cr.grad(f)(x), [0.25, 0.0])
        assert np.array_equal(cr.vjp(f, x)[1](1.0)[0], [0.25, 0.0])


def test_results_are_the_same_within_it() -> None:
    def f(x: Any) -> Any:
        y = np.sin(x) @ np.cos(x) + np.sum(x[1:] * x[:-1])
        x[0] = y
        row = x[1:]
        row[0] = 3.0 * y
        return np.sum(x**3)

    x = np.array([0.3, -0.7, 1.1])
    plain = cr.grad(f)(x), cr.hessian(f)(x), cr.jacfwd(cr.grad(f))(x), cr.hvp(f, (x,), (x,))
    with cr.debug_nans():
        checked = cr.grad(f)(x), cr.hessian(f)(x), cr.jacfwd(cr.grad(f))(x), cr.hvp(f, (x,), (x,))
    for a, b in zip(plain, checked, strict=True):
        assert np.allclose(a, b, rtol=1e-14)


@pytest.mark.parametrize("order", ["C", "F"])
def test_of_several_bad_entries_the_first_is_named(order: Any) -> None:
    for shape in ((7,), (2, 4), (2, 2, 3)):
        bad = np.zeros(shape, bool)
        bad.reshape(-1)[[2, 3, -1]] = True
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        place = first[0] if len(first) == 1 else first
        values = np.where(bad, -1.0 - np.arange(bad.size).reshape(shape), 1.0).copy(order)
        words = rf"x = {values[first]} \(entry {re.escape(str(place))} of shape {re.escape(str(shape))}\)"
        roots = np.where(bad, 0.0, values)
        for f, x in ((np.log, values), (np.sqrt, values), (np.sqrt, roots)):
            said = words if x is values else words.replace(str(values[first]), "0.0")
            with pytest.raises(NonFiniteError, match=said), cr.debug_nans():
                cr.grad(lambda x, f=f: np.sum(f(x)))(x)
            with pytest.raises(NonFiniteError, match=said), cr.debug_nans():
                cr.jvp(f, (x,), (np.ones(shape),))


def test_what_is_not_finite_already_is_not_blamed_on_the_next_operation() -> None:
    with cr.debug_nans():
        assert np.isnan(cr.grad(lambda x: x * np.nan)(1.0))
        assert cr.value_and_grad(lambda x: x + np.inf)(1.0) == (np.inf, 1.0)


def test_it_ends_with_the_block_also_after_an_error() -> None:
    for _ in range(2):
        with pytest.raises(NonFiniteError), cr.debug_nans():
            cr.grad(np.sqrt)(0.0)
    assert cr.grad(np.sqrt)(0.0) == np.inf


def test_after_the_block_every_reading_is_as_it_was_before() -> None:
    def f(x: Any) -> Any:
        return np.sqrt(x * 0.0)

    with np.errstate(all="ignore"):
        before = cr.graph(f, 1.0).steps(), cr.explain(f, 1.0).text(), repr(cr.draw(np.sqrt, at=0.0))
        with pytest.raises(NonFiniteError), cr.debug_nans():
            cr.grad(f)(1.0)
        with cr.debug_nans(), pytest.raises(NonFiniteError):
            cr.graph(f, 1.0)
        after = cr.graph(f, 1.0).steps(), cr.explain(f, 1.0).text(), repr(cr.draw(np.sqrt, at=0.0))
    assert [step.numbers for step in after[0]] == [step.numbers for step in before[0]]
    assert after[1:] == before[1:]


def test_other_threads_and_tasks_are_left_alone() -> None:
    found: list[Any] = []
    with cr.debug_nans():
        thread = threading.Thread(target=lambda: found.append(cr.grad(np.sqrt)(0.0)))
        thread.start()
        thread.join()
    assert found == [np.inf]

    async def careful() -> None:
        with cr.debug_nans():
            await asyncio.sleep(0)
            with pytest.raises(NonFiniteError):
                cr.grad(np.sqrt)(0.0)

    async def careless() -> Any:
        await asyncio.sleep(0)
        return cr.grad(np.sqrt)(0.0)

    async def both() -> Any:
        return await asyncio.gather(careful(), careless())

    assert asyncio.run(both())[1] == np.inf


def test_every_pattern_has_a_sentence_and_a_remedy() -> None:
    for pattern in PATTERNS:
        assert pattern.functions
        assert not pattern.cause.endswith(".")
        assert pattern.remedy.endswith(".")


def test_a_tangent_that_is_given_as_nan_is_nobodys_fault() -> None:
    with cr.debug_nans():
        assert np.isnan(cr.jvp(np.sin, (1.0,), (np.nan,))[1])
