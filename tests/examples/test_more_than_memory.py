"""The example with more data than memory: it finds the weights that made the answers."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("dask.array")

from examples.more_than_memory import WEIGHTS, dataset, descend


def test_the_descent_finds_the_weights_behind_the_data() -> None:
    path = list(descend(*dataset(chunks=2, size=10_000), steps=40))
    losses = [value for value, _ in path]
    assert losses[0] == pytest.approx(np.log(2))
    assert losses == sorted(losses, reverse=True)
    np.testing.assert_allclose(path[-1][1], WEIGHTS, atol=0.1)
