"""Train a two-layer network on handwritten digits: the network in plain NumPy, its gradient by chainrule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rich.progress import track
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import chainrule as cr


@dataclass(frozen=True)
class Misread:
    """An image of the test set, shape (8, 8), with the digit that it is and the digit that was read."""

    image: np.ndarray
    digit: int
    read: int


@dataclass(frozen=True)
class Training:
    """What happened: `loss` and each layer's gradient norm step by step, then the test on unseen images."""

    parameters: dict[str, np.ndarray]
    loss: np.ndarray
    gradient_norm: dict[str, np.ndarray]
    accuracy: float
    misread: tuple[Misread, ...]


def initial_parameters(random: np.random.Generator, hidden: int) -> dict[str, np.ndarray]:
    """Weights so small that neither layer's output grows or shrinks much on the way through."""
    return {
        "W1": random.normal(size=(64, hidden)) * np.sqrt(2 / 64),
        "b1": np.zeros(hidden),
        "W2": random.normal(size=(hidden, 10)) * np.sqrt(1 / hidden),
        "b2": np.zeros(10),
    }


def scores(parameters: dict[str, np.ndarray], images: np.ndarray) -> np.ndarray:
    """The network: for each of n images, shape (n, 64), a score for each of the ten digits, shape (n, 10)."""
    hidden = np.maximum(images @ parameters["W1"] + parameters["b1"], 0)
    return hidden @ parameters["W2"] + parameters["b2"]


def loss(parameters: dict[str, np.ndarray], images: np.ndarray, digits: np.ndarray) -> np.floating:
    """Cross-entropy: minus the logarithm of the probability given to the right digit, on average."""
    score = scores(parameters, images)
    score = score - np.max(score, axis=1, keepdims=True)  # cancels below, but now exp cannot overflow
    log_total = np.log(np.sum(np.exp(score), axis=1))
    return np.mean(log_total - score[np.arange(len(digits)), digits])


def train(seed: int = 0, epochs: int = 60, hidden: int = 256, progress: bool = True) -> Training:
    """Hold back a fifth of the images, learn from the rest by gradient descent with momentum, then test."""
    images, digits = load_digits(return_X_y=True)
    learn_images, test_images, learn_digits, test_digits = train_test_split(
        images / 8 - 1, digits, test_size=0.2, stratify=digits, random_state=seed
    )
    random = np.random.default_rng(seed)
    parameters = initial_parameters(random, hidden)
    velocity = {name: np.zeros_like(value) for name, value in parameters.items()}
    losses, first_norms, second_norms = [], [], []

    for _ in track(range(epochs), "Learning to read digits", disable=not progress):
        for batch in np.array_split(random.permutation(len(learn_digits)), len(learn_digits) // 128):
            # Noise makes every epoch's images new ones, so the network cannot learn them by heart.
            noisy = learn_images[batch] + random.normal(scale=0.4, size=(len(batch), 64))
            value, gradient = cr.value_and_grad(loss)(parameters, noisy, learn_digits[batch])
            for name in parameters:
                velocity[name] = 0.9 * velocity[name] - 0.1 * gradient[name]
                parameters[name] = parameters[name] + velocity[name]
            losses.append(value)
            first_norms.append(np.hypot(np.linalg.norm(gradient["W1"]), np.linalg.norm(gradient["b1"])))
            second_norms.append(np.hypot(np.linalg.norm(gradient["W2"]), np.linalg.norm(gradient["b2"])))

    read = np.argmax(scores(parameters, test_images), axis=1)
    return Training(
        parameters=parameters,
        loss=np.array(losses),
        gradient_norm={"hidden": np.array(first_norms), "output": np.array(second_norms)},
        accuracy=float(np.mean(read == test_digits)),
        misread=tuple(
            Misread(test_images[i].reshape(8, 8), int(test_digits[i]), int(read[i]))
            for i in np.flatnonzero(read != test_digits)
        ),
    )


if __name__ == "__main__":
    from digits_figure import draw_training  # beside this file; imported only when run as a script

    training = train()
    draw_training(training).savefig("digits.png", dpi=150)
    print(f"{training.accuracy:.1%} of the held-out images read correctly. The picture is in digits.png.")
