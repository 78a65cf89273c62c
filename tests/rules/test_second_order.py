"""Second derivatives of every written call: two mixtures of modes against differences of the gradient.

The benchmark's list holds each public function at least once. Its results are bent (sin) before they are summed, so
that linear functions too have second derivatives and their transposes are differentiated.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from benchmarks.coverage import CALLS, INPUTS, names
from benchmarks.coverage import calls as written

ROUGH = {"np.vectorize(lambda r: r ** 2)(v)"}  # makes plain arrays


def bent(call: str) -> Any:
    """The call as a real function of its inputs: the sum of the sines of all its results' entries, with weights."""
    code, given = compile(call, "<call>", "eval"), names(call)

    def function(*values: Any) -> Any:
        result = eval(code, {"np": np, **dict(zip(given, values, strict=True))})
        total = 0.0
        for part in result if isinstance(result, (tuple, list)) else [result]:
            weights = np.cos(1.0 + np.arange(np.size(part))).reshape(np.shape(part))
            if part.dtype.kind == "c":
                total = total + np.sum(weights * np.sin(np.real(part))) + np.sum(weights**2 * np.sin(np.imag(part)))
            elif part.dtype.kind == "f":
                total = total + np.sum(weights * np.sin(part))
        return total

    return function


@pytest.mark.parametrize("family", CALLS)
def test_the_second_derivative_of_every_written_call_agrees_in_every_mixture(family: str) -> None:
    wrong = []
    for of_family, call in written():
        given = tuple(INPUTS[name].astype(float) for name in names(call))
        if of_family != family or call in ROUGH or not given:
            continue
        random = np.random.default_rng(1)
        directions = tuple(random.normal(size=x.shape) for x in given)
        places = tuple(range(len(given)))
        function = bent(call)
        gradient = cr.grad(function, places)

        def along(*x: Any, gradient: Any = gradient, directions: Any = directions) -> Any:
            return sum(np.sum(g * d) for g, d in zip(gradient(*x), directions, strict=True))

        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            onward = cr.jvp(gradient, given, directions)[1]
            backward = cr.grad(along, places)(*given)
            h = 1e-5
            sides = [gradient(*(x + s * d for x, d in zip(given, directions, strict=True))) for s in (h, -h)]
        for forward, reverse, above, below in zip(onward, backward, *sides, strict=True):
            slope = (above - below) / (2 * h)
            scale = max(1.0, float(np.max(np.abs(slope), initial=0)))
            wrong += [
                f"{call}: {found} instead of {slope}"
                for found in (forward, reverse)
                if not np.allclose(found, slope, rtol=1e-4, atol=1e-5 * scale)
            ]
    assert wrong == []
