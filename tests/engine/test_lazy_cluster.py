"""Data that no worker can hold: value and gradient in one pass over its chunks, on worker processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

import chainrule as cr

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")

LIMIT = 200_000_000
ROWS, CHUNKS, COLUMNS = 62_500, 24, 20


@pytest.fixture
def client() -> Iterator[Any]:
    """Two worker processes with little memory."""
    settings = {"distributed.nanny.pre-spawn-environ.OPENBLAS_NUM_THREADS": 1, "distributed.admin.tick.limit": "60s"}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit=LIMIT, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def data_that_counts(folder: Path) -> Any:
    """Rows in chunks; each making of a chunk leaves a file that names it."""

    def rows(block_info: Any = None) -> Any:
        start, stop = block_info[None]["array-location"][0]
        (folder / f"{start}-{uuid4()}").touch()
        return np.random.default_rng(start).normal(size=(stop - start, COLUMNS + 1))

    chunks = ((ROWS,) * CHUNKS, (COLUMNS + 1,))
    return da.map_blocks(rows, chunks=chunks, dtype=float, meta=np.empty((0, 0)))


def loss(w: Any, data: Any) -> Any:
    z = data[:, :-1] @ w
    return np.mean(np.logaddexp(0, z) - (data[:, -1] > 0) * z)


def test_value_and_gradient_take_one_pass_over_more_data_than_a_worker_can_hold(client: Any, tmp_path: Path) -> None:
    data = data_that_counts(tmp_path)
    assert data.nbytes > LIMIT
    w = np.linspace(-1, 1, COLUMNS)
    value, gradient = cr.value_and_grad(loss)(w, data)
    assert not list(tmp_path.iterdir())
    value, gradient = dask.compute(value, gradient)
    made = Counter(path.name.split("-")[0] for path in tmp_path.iterdir())
    assert made == {str(k * ROWS): 1 for k in range(CHUNKS)}
    assert 0.6 < value < 2
    assert gradient.shape == (COLUMNS,)
    sample = data[: 2 * ROWS]
    plain = sample.compute()
    for found, expected in zip(
        dask.compute(*cr.value_and_grad(loss)(w, sample)), cr.value_and_grad(loss)(w, plain), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    signs = plain[:, -1] > 0  # by hand, for the same sample
    slope = (1 / (1 + np.exp(-plain[:, :-1] @ w)) - signs) @ plain[:, :-1] / len(plain)
    np.testing.assert_allclose(found, slope, rtol=1e-10)
