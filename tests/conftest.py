"""Whatever is random in the tests is random in one place: the same at every run by default, new at `make test-long`."""

from __future__ import annotations

import pytest
from hypothesis import settings

# `max_examples` is a percentage of what a test asks for: see `examples` in tests/chances.py.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None, print_blob=True, max_examples=100)
settings.register_profile("long", derandomize=False, deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=0, help="where the random numbers of the long tests start")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The start of a long random test: 0, or what `--seed` says. Make a generator of it inside the test."""
    start: int = request.config.getoption("seed")
    return start
