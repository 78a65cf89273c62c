"""`cr.jit` beside eager chainrule, JAX's jit and code by hand: the first call, and the calls after it.

    python -m benchmarks.jit [--quick]

Each case is one function, differentiated by its first argument except where it is a function as it stands. Results are
compared before anything is timed. The first call is timed once, on a function that is new to its library.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import click
import numpy
from rich.console import Console
from rich.table import Table

import chainrule as cr
from benchmarks.cases import logistic_regression, logistic_regression_by_hand, rosenbrock, scalar
from benchmarks.timing import agree, in_turns

Call = Callable[[], Any]


@dataclass(frozen=True)
class Compiled:
    """A case: the function of a namespace and its arguments, and perhaps the same by hand.

    `differentiate` asks for value and gradient; `traceable` says that JAX can trace it as it is written.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    by_hand: Callable[..., Any] | None = None
    differentiate: bool = True
    traceable: bool = True


def loop(np: Any, p: Any, q: Any, r: Any, s: Any) -> Any:
    """300 steps of Euler's method for predators and prey, with four parameters."""
    x, y = 1.0, 0.5
    for _ in range(300):
        x, y = x + 0.01 * (p * x - q * x * y), y + 0.01 * (r * x * y - s * y)
    return x * x + y


def summed(np: Any, x: Any) -> Any:
    """The sum of `scalar` over many points: its gradient is the derivative at each."""
    return np.sum(scalar(np, x))


def newton(np: Any, a: Any) -> Any:
    """The square root by Newton's method, until it has converged."""
    x = a
    while np.abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def scalar_by_hand(x: float) -> tuple[float, float]:
    """The value and derivative of `scalar` in the functions of `math`."""
    sine, power, divisor = math.sin(x), math.exp(x), 1 + x * x
    value = math.tanh(sine * power)
    slope = (1 - value * value) * power * (sine + math.cos(x))
    return value / divisor, (slope - value / divisor * 2 * x) / divisor


def newton_by_hand(a: float) -> float:
    """`newton` with Python's own numbers."""
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def cases() -> tuple[Compiled, ...]:
    """The cases that are measured."""
    random = numpy.random.default_rng(0)
    features = random.normal(size=(1000, 20))
    signs = numpy.sign(features @ random.normal(size=20) + random.normal(size=1000))
    weights = random.normal(size=20) / 10
    return (
        Compiled("tanh(sin x · exp x) / (1 + x²)", scalar, (0.7,), scalar_by_hand),
        Compiled("300 steps on 4 numbers", loop, (1.5, 1.0, 0.9, 3.0)),
        Compiled("Rosenbrock, n = 100", rosenbrock, (numpy.linspace(-1, 1, 100),)),
        Compiled(
            "logistic regression 1000×20", logistic_regression, (weights, features, signs), logistic_regression_by_hand
        ),
        Compiled("tanh(sin x · exp x) / (1 + x²), sum of 10⁶", summed, (random.normal(size=10**6),)),
        Compiled("Newton's square root", newton, (2.0,), newton_by_hand, differentiate=False, traceable=False),
    )


def runs(case: Compiled) -> dict[str, Call]:
    """A call for each way to compute the case, made anew."""

    def ours(*arguments: Any) -> Any:
        return case.function(numpy, *arguments)

    eager = cr.value_and_grad(ours) if case.differentiate else ours
    fast = cr.jit(eager)
    found: dict[str, Call] = {"cr.jit": lambda: fast(*case.arguments), "eager": lambda: eager(*case.arguments)}
    if case.by_hand is not None:
        by_hand = case.by_hand
        found["by hand"] = lambda: by_hand(*case.arguments)
    jax_jit = _jax(case) if case.traceable else None
    if jax_jit is not None:
        found["JAX jit"] = jax_jit
    return found


def _jax(case: Compiled) -> Call | None:
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)

    def theirs(*arguments: Any) -> Any:
        return case.function(jax.numpy, *arguments)

    compiled = jax.jit(jax.value_and_grad(theirs) if case.differentiate else theirs)
    given = [jax.numpy.asarray(argument) for argument in case.arguments]
    return lambda: jax.block_until_ready(compiled(*given))


def first_call(case: Compiled, name: str, repeats: int) -> float:
    """The median seconds of the first call of a function that was just made."""
    seconds = []
    for _ in range(repeats):
        call = runs(case)[name]
        start = perf_counter()
        call()
        seconds.append(perf_counter() - start)
    return statistics.median(seconds)


@click.command()
@click.option("--quick", is_flag=True, help="Fewer samples, for a first look.")
def main(quick: bool) -> None:
    """Measure compiled functions beside eager ones, in turns."""
    table = Table(title="Compiled: first call, and each call after it", caption="medians")
    for column in ("case", "way", "first call", "per call", "times cr.jit"):
        table.add_column(column, justify="left" if column in ("case", "way") else "right")
    for case in cases():
        calls = runs(case)
        expected = calls["eager"]()
        for name, call in calls.items():
            found = call()
            pairs = (found, expected) if case.differentiate else ((found, 0.0), (expected, 0.0))
            assert agree(*pairs), f"{name} differs in {case.name}"
        samples = in_turns(calls, 0.5 if quick else 5.0, 1 if quick else 5)
        seconds = {name: statistics.median(taken) for name, taken in samples.items()}
        for name in calls:
            first = first_call(case, name, 1 if quick else 5) if name != "by hand" else math.nan
            ratio = seconds[name] / seconds["cr.jit"]
            table.add_row(case.name, name, "" if first != first else f"{first * 1e3:.1f} ms",
                          f"{seconds[name] * 1e6:.2f} µs", f"{ratio:.2f}")  # fmt: skip
        table.add_section()
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
