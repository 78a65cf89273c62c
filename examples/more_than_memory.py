"""Fit a logistic regression to more rows than one would like to hold in memory, with Dask: chunk after chunk.

The loss is plain NumPy. Its gradient is a Dask array: nothing is computed until `dask.compute` asks for loss and
gradient together, in one pass over the rows. Under a `dask.distributed` client the same lines run on many machines.
"""

from __future__ import annotations

from collections.abc import Iterator

import dask
import dask.array as da
import numpy as np

import chainrule as cr

WEIGHTS = np.array([1.0, -2.0, 0.5, 0.0, 1.5])


def rows(block_info: dict) -> np.ndarray:
    """The rows of one chunk, made where they are needed: the inputs, and in the last column the answer, 0 or 1."""
    start, stop = block_info[None]["array-location"][0]
    random = np.random.default_rng(start)
    inputs = random.normal(size=(stop - start, len(WEIGHTS)))
    answers = random.uniform(size=stop - start) < 1 / (1 + np.exp(-inputs @ WEIGHTS))
    return np.column_stack([inputs, answers])


def dataset(chunks: int, size: int) -> tuple[da.Array, da.Array]:
    """Inputs and answers of `chunks` chunks of `size` rows. None of them is made yet."""
    columns = len(WEIGHTS) + 1
    data = da.map_blocks(rows, chunks=((size,) * chunks, (columns,)), dtype=float, meta=np.empty((0, 0)))
    return data[:, :-1], data[:, -1]


def loss(weights: np.ndarray, inputs: da.Array, answers: da.Array) -> np.floating:
    """The mean of −log p, p the probability that the model gives to the answer."""
    z = inputs @ weights
    return np.mean(np.logaddexp(0, z) - answers * z)


def descend(inputs: da.Array, answers: da.Array, steps: int) -> Iterator[tuple[float, np.ndarray]]:
    """Loss and weights after each step down the gradient."""
    weights = np.zeros(inputs.shape[1])
    for _ in range(steps):
        value, gradient = dask.compute(*cr.value_and_grad(loss)(weights, inputs, answers))
        yield value, weights
        weights = weights - 4 * gradient


if __name__ == "__main__":
    for number, (value, weights) in enumerate(descend(*dataset(chunks=40, size=50_000), steps=12)):
        print(f"{number:2}  loss = {value:.6f}  at {np.round(weights, 3)}")
