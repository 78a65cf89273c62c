"""What is measured: each case is one function, written once for every library's namespace, and its inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

CHAIN_STEPS = 50_000  # of two operations each


@dataclass(frozen=True)
class Case:
    """One function to differentiate.

    `function(np, *inputs)` returns a scalar and is differentiated with respect to the first input (a float,
    an array or a dict of arrays); `np` is the namespace of the library that is measured. `by_hand(*inputs)`
    is the value and the gradient written out in NumPy, where a person would do that. `too_slow_in` names the
    libraries that need tens of seconds for one call; they are not run.
    """

    name: str
    function: Callable[..., Any]
    inputs: Callable[[], tuple[Any, ...]]
    by_hand: Callable[..., tuple[Any, Any]] | None = None
    too_slow_in: tuple[str, ...] = ()


def scalar(np: Any, x: Any) -> Any:
    """Seven operations on one number: sin, exp, times, tanh, square, plus, divide."""
    return np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2)


def rosenbrock(np: Any, x: Any) -> Any:
    """Rosenbrock's valley in n dimensions, with slices."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic_regression(np: Any, weights: Any, features: Any, signs: Any) -> Any:
    """The mean of log(1 + e^(-margin)); `signs` holds 1 and -1."""
    return np.mean(np.logaddexp(0, -signs * (features @ weights)))


def digits_step(np: Any, parameters: Any, images: Any, digits: Any) -> Any:
    """The loss of examples/digits.py, operation by operation."""
    hidden = np.maximum(images @ parameters["W1"] + parameters["b1"], 0)
    score = hidden @ parameters["W2"] + parameters["b2"]
    score = score - np.max(score, axis=1, keepdims=True)
    log_total = np.log(np.sum(np.exp(score), axis=1))
    return np.mean(log_total - score[np.arange(len(digits)), digits])


def digits_step_by_hand(
    parameters: dict[str, numpy.ndarray], images: numpy.ndarray, digits: numpy.ndarray
) -> tuple[Any, dict[str, numpy.ndarray]]:
    """The same value, and its gradient as a person writes it out, back from probabilities minus one-hot."""
    count, rows = len(digits), numpy.arange(len(digits))
    hidden = numpy.maximum(images @ parameters["W1"] + parameters["b1"], 0)
    score = hidden @ parameters["W2"] + parameters["b2"]
    score = score - numpy.max(score, axis=1, keepdims=True)
    exponential = numpy.exp(score)
    total = numpy.sum(exponential, axis=1)
    value = numpy.mean(numpy.log(total) - score[rows, digits])

    g_score = exponential / (count * total)[:, None]
    g_score[rows, digits] -= 1 / count
    g_hidden = (g_score @ parameters["W2"].T) * (hidden > 0)
    return value, {
        "W1": images.T @ g_hidden,
        "b1": numpy.sum(g_hidden, axis=0),
        "W2": hidden.T @ g_score,
        "b2": numpy.sum(g_score, axis=0),
    }


def loop(np: Any, x: Any) -> Any:
    """300 steps of Euler's method for x' = sin x: 900 operations on one number."""
    for _ in range(300):
        x = x + 0.01 * np.sin(x)
    return x


def chain(np: Any, x: Any) -> Any:
    """100,000 operations on one number, one after the other; what they cost is the bookkeeping."""
    for _ in range(CHAIN_STEPS):
        x = x * 0.99999 + 0.00001
    return x


def _logistic_inputs() -> tuple[numpy.ndarray, ...]:
    random = numpy.random.default_rng(0)
    features = random.normal(size=(1000, 20))
    return random.normal(size=20), features, numpy.where(random.random(1000) < 0.5, 1.0, -1.0)


def _digits_inputs(hidden: int, batch: int) -> tuple[Any, ...]:
    """The shapes of examples/digits.py; random images do, because no cost here depends on the values."""
    random = numpy.random.default_rng(0)
    parameters = {
        "W1": random.normal(size=(64, hidden)) * numpy.sqrt(2 / 64),
        "b1": numpy.zeros(hidden),
        "W2": random.normal(size=(hidden, 10)) * numpy.sqrt(1 / hidden),
        "b2": numpy.zeros(10),
    }
    return parameters, random.uniform(-1, 1, size=(batch, 64)), random.integers(0, 10, size=batch)


CASES = (
    Case("tanh(sin x · eˣ)/(1 + x²)", scalar, lambda: (0.7,)),
    Case("Rosenbrock, n = 100", rosenbrock, lambda: (numpy.linspace(-1.5, 1.5, 100),)),
    Case("logistic regression, 1000 × 20", logistic_regression, _logistic_inputs),
    Case(
        "digits step, 64 × 64 × 10, batch 64",
        digits_step,
        lambda: _digits_inputs(64, 64),
        digits_step_by_hand,
    ),
    Case(
        "digits step, 64 × 256 × 10, batch 130",
        digits_step,
        lambda: _digits_inputs(256, 130),
        digits_step_by_hand,
    ),
    Case("300-step loop", loop, lambda: (0.7,)),
    Case("100,000-operation chain", chain, lambda: (0.7,), too_slow_in=("JAX", "JAX jit")),
)
