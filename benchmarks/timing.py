"""How it is measured: first checked to agree, then in turns, so that a slow moment meets everyone alike."""

from __future__ import annotations

import gc
import os
import random
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy

from benchmarks.cases import BY_HAND, Case
from benchmarks.libraries import ONE_THREAD, Library, Run, leaves

SAMPLE = 2e-3  # seconds; a shorter call is repeated within a sample until the clock's own cost is nothing


@dataclass(frozen=True)
class Timing:
    """The seconds of one call, sample by sample, of each library that ran, and why the others did not."""

    case: str
    samples: dict[str, list[float]]
    left_out: dict[str, str] = field(default_factory=dict)
    goals: dict[str, float] = field(default_factory=dict)

    def median(self, library: str) -> float:
        """The median seconds of one call."""
        return statistics.median(self.samples[library])

    def ratio(self, library: str) -> float:
        """How many times chainrule's time the library took: above 1, chainrule was the faster one."""
        return self.median(library) / self.median("chainrule")


def time_case(case: Case, libraries: tuple[Library, ...], seconds: float, rounds: int) -> Timing:
    """Time one case: about `seconds` for all libraries together, and at least `rounds` samples of each.

    A library that cannot run the case, or whose value or gradient differs from chainrule's, is left out, and
    the reason is kept.
    """
    inputs = case.inputs()
    runs: dict[str, Run] = {}
    left_out = dict.fromkeys(case.too_slow_in, "too slow")
    for library in libraries:
        if library.name not in left_out and (case.shared or library.name != ONE_THREAD):
            runs[library.name] = library.prepare(case.function, inputs)
    if case.by_hand is not None:
        by_hand = case.by_hand
        runs[BY_HAND] = lambda: by_hand(*inputs)

    expected = runs["chainrule"]()
    for name, run in list(runs.items()):
        try:
            agreed = agree(run(), expected)
        except (RecursionError, MemoryError) as error:
            agreed, left_out[name] = False, type(error).__name__
        except AttributeError as error:
            agreed, left_out[name] = False, f"has no {error.name}"
        if not agreed:
            left_out.setdefault(name, "differs")
            del runs[name]
    return Timing(case.name, in_turns(runs, seconds, rounds), left_out, case.goals)


def agree(got: tuple[Any, Any], expected: tuple[Any, Any]) -> bool:
    """Whether two values with their gradients have the same shapes and are the same up to rounding."""
    pairs = zip(leaves(got[0]) + leaves(got[1]), leaves(expected[0]) + leaves(expected[1]), strict=True)
    return all(a.shape == b.shape and numpy.allclose(a, b, rtol=1e-7, atol=1e-12) for a, b in pairs)


def time_imports(modules: tuple[str, ...], rounds: int) -> Timing:
    """The seconds that `import module` takes, each time in a fresh interpreter, the modules in turns."""
    program = "from time import perf_counter as now; start = now(); import {}; print(now() - start)"
    samples: dict[str, list[float]] = {module: [] for module in modules}
    # As on a user's machine, a module is compiled at its first import only.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(rounds):
        for module in modules:
            command = [sys.executable, "-c", program.format(module)]
            done = subprocess.run(command, check=True, capture_output=True, env=environment)
            samples[module].append(float(done.stdout))
    return Timing("import", samples)


def in_turns(runs: dict[str, Run], seconds: float, rounds: int) -> dict[str, list[float]]:
    """Seconds of one call, sample by sample: at least `rounds` of each run, in turns, about `seconds` in all."""
    repeats = {name: max(1, round(SAMPLE / _sample(run, 1))) for name, run in runs.items()}
    samples: dict[str, list[float]] = {name: [] for name in runs}
    order = list(runs)
    shuffle = random.Random(0).shuffle  # who comes after JAX finds cold caches: not always the same one
    gc.collect()
    gc.freeze()  # what the others have loaded must not be walked in this one's garbage collections
    # As in a program that has read data: after one large block, glibc no longer returns memory to the system
    # at the end of every call, which at some sizes had cost one library 300 µs a call and another nothing.
    numpy.empty(16 * 2**20, dtype=numpy.uint8)
    start, done = perf_counter(), 0
    try:
        while done < rounds or perf_counter() - start < seconds:
            shuffle(order)
            for name in order:
                if repeats[name] > 1:
                    runs[name]()  # warms the caches up again
                samples[name].append(_sample(runs[name], repeats[name]))
            done += 1
    finally:
        gc.unfreeze()
    return samples


def _sample(run: Run, repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        run()
    return (perf_counter() - start) / repeats
