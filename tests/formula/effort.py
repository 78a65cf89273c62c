"""Measure effort by counting calls, which does not depend on the machine as time does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def calls_made(run: Callable[[], Any]) -> int:
    """How many functions, Python's and built-in, are called while `run` runs."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count
