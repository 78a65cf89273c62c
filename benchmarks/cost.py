"""What plain NumPy costs on tracked arrays: each call of the list of `coverage`, against autograd's own namespace.

    python -m benchmarks.cost                    every call that both libraries differentiate rightly, worst first
    python -m benchmarks.cost --only np.sort     only the calls in which this text occurs

Measured is the value and gradient of the call, its results added up to a number. chainrule is given `numpy` itself,
autograd its `autograd.numpy`; they are measured in turns, and the ratio is that of the medians. The arrays are small,
so that what a library does around NumPy is not hidden by NumPy's own work.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.coverage import INPUTS, names, verdicts
from benchmarks.timing import in_turns

LIMIT = 2.0
"""The ratio that no call should exceed."""


@dataclass(frozen=True)
class Cost:
    """The median seconds of one call's value and gradient."""

    call: str
    chainrule: float
    autograd: float

    @property
    def ratio(self) -> float:
        """How many times autograd's time chainrule took."""
        return self.chainrule / self.autograd


def added_up(namespace: Any, call: str) -> Callable[..., Any]:
    """The call as a function of the inputs that it names: the sum of its results (of their real parts, where complex).

    It is compiled, and the kinds of its results are found, once, before anything is measured.

        >>> float(added_up(np, "np.multiply.outer(v, w)")(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        21.0
    """
    code, chosen = compile(call, "<call>", "eval"), names(call)
    plain = eval(code, {"np": np, **INPUTS})
    several = isinstance(plain, (tuple, list))
    kinds = [(np.ndim(part) > 0, np.iscomplexobj(part)) for part in (plain if several else [plain])]

    def function(*values: Any) -> Any:
        result = eval(code, {"np": namespace, **dict(zip(chosen, values, strict=True))})
        total = None
        for part, (is_array, is_complex) in zip(result if several else [result], kinds, strict=True):
            part = namespace.real(part) if is_complex else part
            part = namespace.sum(part) if is_array else part
            total = part if total is None else total + part
        return total

    return function


def measure(call: str, rounds: int) -> Cost:
    """Measure one call in both libraries."""
    values = tuple(INPUTS[name] for name in names(call))
    places = tuple(range(len(values)))
    autograd, namespace = importlib.import_module("autograd"), importlib.import_module("autograd.numpy")
    ours = cr.value_and_grad(added_up(np, call), places)
    theirs = autograd.value_and_grad(added_up(namespace, call), places)
    runs: dict[str, Callable[[], Any]] = {"chainrule": lambda: ours(*values), "autograd": lambda: theirs(*values)}
    samples = in_turns(runs, seconds=0.0, rounds=rounds)
    return Cost(call, statistics.median(samples["chainrule"]), statistics.median(samples["autograd"]))


def shared() -> list[str]:
    """The calls whose gradient is right in both libraries."""
    right = [
        [verdict.call for verdict in verdicts(library) if verdict.kind == "right"]
        for library in ("chainrule", "autograd")
    ]
    return [call for call in dict.fromkeys(right[0]) if call in right[1]]


def main(arguments: list[str] | None = None) -> None:
    """Print the calls, worst first, and how many exceed the limit."""
    parser = argparse.ArgumentParser(prog="benchmarks.cost", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="TEXT", default="", help="only the calls in which TEXT occurs")
    parser.add_argument("--rounds", type=int, default=9, help="samples of each library, a call")
    chosen = parser.parse_args(arguments)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        calls = [call for call in shared() if chosen.only in call]
        costs = [measure(call, chosen.rounds) for call in calls]
    print(f"{'chainrule':>12}{'autograd':>12}{'ratio':>8}")
    for cost in sorted(costs, key=lambda cost: cost.ratio, reverse=True):
        print(f"{cost.chainrule * 1e6:9.1f} µs{cost.autograd * 1e6:9.1f} µs{cost.ratio:8.2f}  {cost.call}")
    above = sum(cost.ratio > LIMIT for cost in costs)
    if costs:
        print(f"{above} of {len(costs)} calls above {LIMIT:g}; median {statistics.median(c.ratio for c in costs):.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
