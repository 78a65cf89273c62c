"""How many examples Hypothesis tries."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> settings:
    """`@examples(50)` tries 50 examples, and in the long run (`make test-long`) as many times more as it is longer."""
    return settings(max_examples=count * settings.default.max_examples // 100)
