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


def user_line() -> tuple[str, int] | None:
    """The file and line of the innermost frame outside chainrule, NumPy and SciPy, or None if there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if is_users_file(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def is_users(frame: FrameType) -> bool:
    """Whether the frame runs code outside chainrule, NumPy and SciPy."""
    return is_users_file(frame.f_code.co_filename)


@lru_cache(maxsize=4096)  # asked of every frame at every operation that a reading notes
def is_users_file(file: str) -> bool:
    """Whether the code of a file is neither chainrule's nor NumPy's nor SciPy's."""
    return not file.startswith(_OURS) and not file.startswith("<chainrule")


def at_user_line() -> str:
    """` at model.py:14`, for the end of a sentence in an error; empty where the line is not known."""
    place = user_line()
    return "" if place is None else f" at {os.path.basename(place[0])}:{place[1]}"
