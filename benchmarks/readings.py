"""What readings of long computations cost, beside the gradient or the training that they read.

    python -m benchmarks.readings                  every reading, with its goal
    python -m benchmarks.readings --only flow      only the readings in whose name this text occurs

Each reading and what it is measured against take turns in one run; the ratio is that of the medians. Seconds are those
of the processor, so that other programs do not count. Python calls are counted after a call that fills the caches.
"""

from __future__ import annotations

import argparse
import cProfile
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from time import process_time
from typing import Any

import numpy as np

import chainrule as cr

Run = Callable[[], Any]


@dataclass(frozen=True)
class Reading:
    """A reading, what it is measured against, and the goals: seconds, and a ratio where one is set."""

    name: str
    read: Run
    against: str
    base: Run
    seconds: float | None = None
    ratio: float | None = None


@dataclass(frozen=True)
class Measured:
    """The median seconds of a reading and of what it was measured against."""

    reading: Reading
    seconds: float
    base: float

    @property
    def ratio(self) -> float:
        """How many times as long the reading takes."""
        return self.seconds / self.base

    @property
    def reached(self) -> bool:
        """Whether the goals are reached."""
        within = self.reading.seconds is None or self.seconds <= self.reading.seconds
        return within and (self.reading.ratio is None or self.ratio <= self.reading.ratio)


def chain(operations: int) -> Callable[[Any], Any]:
    """A loop of two operations a round, with a number that changes nothing else."""

    def f(x: Any) -> Any:
        for _ in range(operations // 2):
            x = np.sin(x) * 1.1
        return x

    return f


def wide(terms: int) -> Callable[[Any], Any]:
    """A sum of many terms."""

    def f(x: Any) -> Any:
        return sum(np.sin(k * x) / k for k in range(1, terms + 1))

    return f


def network(sizes: tuple[int, ...], batch: int) -> tuple[Callable[..., Any], list[Any], tuple[Any, Any]]:
    """The loss of a network with layers of these sizes, its parameters, and a batch."""
    random = np.random.default_rng(0)
    weights = [random.normal(size=pair) / pair[0] ** 0.5 for pair in pairwise(sizes)]
    inputs, wanted = random.normal(size=(batch, sizes[0])), random.normal(size=(batch, sizes[-1]))

    def loss(weights: Any, inputs: Any, wanted: Any) -> Any:
        hidden = inputs
        for layer in weights[:-1]:
            hidden = np.tanh(hidden @ layer)
        return np.mean((hidden @ weights[-1] - wanted) ** 2)

    return loss, weights, (inputs, wanted)


def flow(sizes: tuple[int, ...], batch: int, steps: int = 20) -> Reading:
    """A training that is watched, beside the bare one."""
    loss, weights, data = network(sizes, batch)
    gradient = cr.value_and_grad(loss)

    def train() -> None:
        current = weights
        for _ in range(steps):
            _, slopes = gradient(current, *data)
            current = [w - 0.1 * slope for w, slope in zip(current, slopes, strict=True)]

    name = f"gradient_flow, {'-'.join(map(str, sizes))}, batch {batch}"
    return Reading(name, lambda: cr.gradient_flow(loss, weights, [data] * steps), "the training", train, ratio=2.0)


def readings() -> list[Reading]:
    """Every reading with its goals."""
    long, thousand, tangent = chain(20_000), chain(1_000), cr.derivative(np.tan)
    summed, points = wide(400), np.linspace(-5.0, 5.0, 801)
    over = np.linspace(-1000.0, 1000.0, 801)
    return [
        Reading("graph of 20,000 operations", lambda: cr.graph(long, 0.7), "grad", lambda: cr.grad(long)(0.7), 2.0),
        Reading(
            "graph of 20,000 operations, as SVG", lambda: cr.graph(long, 0.7).html(), "grad",
            lambda: cr.grad(long)(0.7), 2.0,
        ),
        Reading("explain, 1,000 operations", lambda: cr.explain(thousand, 0.7), "grad",
                lambda: cr.grad(thousand)(0.7), 1.0),
        Reading("explain, 1,000 operations, as text", lambda: cr.explain(thousand, 0.7).text(), "grad",
                lambda: cr.grad(thousand)(0.7), 1.0),
        Reading("draw, a sum of 400 terms", lambda: cr.draw(summed), "its slopes at 801 points",
                lambda: cr.derivative(summed)(points), 5.0),
        Reading("draw, tan over ±1000", lambda: cr.draw(np.tan, over=(-1000, 1000)), "its slopes at 801 points",
                lambda: tangent(over), 2.0),
        flow((8, 16, 16, 1), 64),
        flow((64, 128, 128, 10), 128),
        flow((256, 512, 512, 10), 256, steps=5),
    ]  # fmt: skip


def measure(reading: Reading, rounds: int) -> Measured:
    """Measure a reading and what it is read of, in turns."""
    runs = (reading.read, reading.base)
    samples: tuple[list[float], list[float]] = ([], [])
    for run in runs:
        run()  # fills the caches
    for _ in range(rounds):
        for run, found in zip(runs, samples, strict=True):
            start = process_time()
            run()
            found.append(process_time() - start)
    return Measured(reading, *map(statistics.median, samples))


def calls(run: Run) -> int:
    """How many Python functions are called, once the caches are filled.

    >>> calls(lambda: None)
    0
    """
    run()
    profile = cProfile.Profile(subcalls=False, builtins=False)
    profile.runcall(run)
    return sum(entry.callcount for entry in profile.getstats()) - 1  # `run` itself


CALLS = {"graph": 195, "explain": 2_089}
"""The most Python calls for sin(x·x): half of what they were."""


def counted() -> dict[str, int]:
    """The Python calls of the readings of sin(x·x)."""

    def f(x: Any) -> Any:
        return np.sin(x * x)

    return {"graph": calls(lambda: cr.graph(f, 0.7)), "explain": calls(lambda: cr.explain(f, 0.7))}


def main(arguments: list[str] | None = None) -> None:
    """Print every reading with its ratio and its goals."""
    parser = argparse.ArgumentParser(prog="benchmarks.readings", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="TEXT", default="", help="only the readings in whose name TEXT occurs")
    parser.add_argument("--rounds", type=int, default=5, help="samples of each")
    chosen = parser.parse_args(arguments)
    for reading in readings():
        if chosen.only in reading.name:
            found = measure(reading, chosen.rounds)
            goals = [f"{reading.seconds:g} s"] if reading.seconds is not None else []
            goals += [f"{reading.ratio:g} times"] if reading.ratio is not None else []
            print(
                f"{found.seconds:8.3f} s {found.ratio:8.1f} times {reading.against:<26} {reading.name:<44}"
                f"goal {', '.join(goals)}{'' if found.reached else ': not reached'}"
            )
    for name, count in counted().items():
        if chosen.only in name:
            missed = "" if count <= CALLS[name] else ": not reached"
            print(f"{count:8,} calls of Python functions, {name} of sin(x·x): goal {CALLS[name]:,}{missed}")


if __name__ == "__main__":
    main(sys.argv[1:])
