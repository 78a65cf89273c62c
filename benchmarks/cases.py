"""What is measured: each case is one function, written once for every library's namespace, and its inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy

CHAIN_STEPS = 50_000  # of two operations each
BY_HAND = "NumPy by hand"
"""What the derivative written out by a person is called in the table."""


@dataclass(frozen=True)
class Case:
    """One function to differentiate.

    `function(np, *inputs)` returns a scalar and is differentiated with respect to the first input (a float,
    an array or a dict of arrays); `np` is the namespace of the library that is measured. `by_hand(*inputs)`
    is the value and the gradient written out in NumPy, where a person would do that. `too_slow_in` names the
    libraries that need tens of seconds for one call; they are not run. `goals` says how many times chainrule's time
    another one should take at least: below 1 for NumPy by hand, which no library beats. Where work is `shared` among
    threads, chainrule is measured in one thread too.
    """

    name: str
    function: Callable[..., Any]
    inputs: Callable[[], tuple[Any, ...]]
    by_hand: Callable[..., tuple[Any, Any]] | None = None
    too_slow_in: tuple[str, ...] = ()
    goals: dict[str, float] = field(default_factory=dict)
    shared: bool = False


def scalar(np: Any, x: Any) -> Any:
    """Seven operations on one number: sin, exp, times, tanh, square, plus, divide."""
    return np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2)


def rosenbrock(np: Any, x: Any) -> Any:
    """Rosenbrock's valley in n dimensions, with slices."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic_regression(np: Any, weights: Any, features: Any, signs: Any) -> Any:
    """The mean of log(1 + e^(-margin)); `signs` holds 1 and -1."""
    return np.mean(np.logaddexp(0, -signs * (features @ weights)))


def logistic_regression_by_hand(
    weights: numpy.ndarray, features: numpy.ndarray, signs: numpy.ndarray
) -> tuple[Any, numpy.ndarray]:
    """The same value, and its gradient with the sigmoid of the margin written out."""
    losing = -signs * (features @ weights)
    slopes = signs / ((1 + numpy.exp(-losing)) * -len(signs))
    return numpy.mean(numpy.logaddexp(0, losing)), features.T @ slopes


def points(np: Any, x: Any) -> Any:
    """The function `scalar` at many points at once, summed."""
    return np.sum(np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2))


def gaussian_process(np: Any, logarithms: Any, distances: Any, observed: Any) -> Any:
    """Minus the log likelihood: `logarithms` are those of amplitude, length and noise, `distances` are squared."""
    amplitude, length, noise = np.exp(logarithms[0]), np.exp(-2 * logarithms[1]), np.exp(logarithms[2])
    covariance = amplitude * np.exp(-0.5 * length * distances) + noise * np.eye(len(observed))
    root = np.linalg.cholesky(covariance)
    return 0.5 * np.sum(np.linalg.solve(root, observed) ** 2) + np.sum(np.log(np.diag(root)))


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


def _logistic_inputs(count: int, size: int) -> tuple[numpy.ndarray, ...]:
    random = numpy.random.default_rng(0)
    features = random.normal(size=(count, size))
    return random.normal(size=size), features, numpy.where(random.random(count) < 0.5, 1.0, -1.0)


def _gaussian_process_inputs() -> tuple[numpy.ndarray, ...]:
    random = numpy.random.default_rng(0)
    places = numpy.sort(random.uniform(0, 10, 300))
    distances = (places[:, None] - places[None, :]) ** 2
    return numpy.array([0.1, 0.0, -2.0]), distances, numpy.sin(places) + 0.1 * random.normal(size=300)


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
    Case("tanh(sin x · eˣ)/(1 + x²)", scalar, lambda: (0.7,), goals={"autograd": 8.0}),
    Case(
        "the same at 10⁶ points, summed",
        points,
        lambda: (numpy.linspace(0.1, 2.0, 10**6),),
        goals={"autograd": 1.8},
        shared=True,
    ),
    Case("Rosenbrock, n = 100", rosenbrock, lambda: (numpy.linspace(-1.5, 1.5, 100),), goals={"autograd": 3.0}),
    Case("Rosenbrock, n = 10⁶", rosenbrock, lambda: (numpy.linspace(-1.5, 1.5, 10**6),), goals={"autograd": 3.0}),
    Case("logistic regression, 1000 × 20", logistic_regression, lambda: _logistic_inputs(1000, 20)),
    Case(
        "logistic regression, 10⁵ × 50",
        logistic_regression,
        lambda: _logistic_inputs(10**5, 50),
        logistic_regression_by_hand,
        goals={"autograd": 1.0, BY_HAND: 1 / 1.2},
        shared=True,
    ),
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
        goals={BY_HAND: 1 / 1.3},
    ),
    Case("Gaussian process, n = 300", gaussian_process, _gaussian_process_inputs, goals={"autograd": 1.0}),
    Case("300-step loop", loop, lambda: (0.7,), goals={"autograd": 5.0}),
    Case("100,000-operation chain", chain, lambda: (0.7,), too_slow_in=("JAX", "JAX jit")),
)
