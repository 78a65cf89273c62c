"""The Newton example: it arrives, downhill all the way, and in the end doubles its digits at every step."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from examples.newton import newton, valley


@pytest.mark.parametrize("start", [[-1.2, 1.0], [-1.2, 1.0, 1.0], [2.0, -1.0, 0.5, 3.0]])
def test_every_step_goes_down_and_the_last_arrives(start: list[float]) -> None:
    path = newton(np.array(start))
    heights = [valley(x) for x in path]
    assert all(after <= before for before, after in pairwise(heights))
    np.testing.assert_allclose(path[-1], 1, atol=1e-9)


def test_the_last_steps_converge_quadratically() -> None:
    errors = [np.linalg.norm(x - 1) for x in newton(np.array([-1.2, 1.0, 1.0]))]
    last = [error for error in errors if 1e-7 < error < 1e-1]
    assert all(after < 50 * before**2 for before, after in pairwise(last))
