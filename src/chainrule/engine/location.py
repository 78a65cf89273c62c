"""Find the line of the user's code that is running, not that of a library which calls it."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from types import FrameType

import numpy as np

_NUMPY = os.path.dirname(np.__file__)
_SCIPY = os.path.join(os.path.dirname(_NUMPY), "scipy")  # its solvers call the user's function
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OURS = tuple(folder + os.sep for folder in (_HERE, _NUMPY, _SCIPY))
_PYTHON = os.path.dirname(os.__file__) + os.sep  # `statistics.mean` calls `math`
_INSTALLED = ("site-packages", "dist-packages")


def user_line() -> tuple[str, int] | None:
    """The file and line of the innermost frame outside chainrule, NumPy, SciPy and Python's library, or None."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if is_users_file(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def is_users(frame: FrameType) -> bool:
    """Whether the frame runs code outside chainrule, NumPy, SciPy and Python's library."""
    return is_users_file(frame.f_code.co_filename)


@lru_cache(maxsize=4096)  # asked of every frame at every operation that a reading notes
def is_users_file(file: str) -> bool:
    """Whether the code of a file is neither chainrule's, NumPy's or SciPy's nor of Python's own library."""
    if file.startswith(_PYTHON) and not file.removeprefix(_PYTHON).startswith(_INSTALLED):
        return False
    return not file.startswith(_OURS) and not file.startswith(("<chainrule", "<frozen "))


def at_user_line() -> str:
    """` at model.py:14`, for the end of a sentence in an error; empty where the line is not known."""
    place = user_line()
    return "" if place is None else f" at {os.path.basename(place[0])}:{place[1]}"
