"""Plain frozen descriptions that are equal when all that they hold is the same, arrays and NaN included."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields
from typing import Any

import numpy as np


class Data:
    """The base of a frozen dataclass (made with `eq=False`) whose fields may hold arrays and NaN.

    Python finds two arrays neither equal nor different, and no NaN equal to another: then a description that was
    copied or read back from a file would not be the same. Here arrays are compared by shape, dtype and content, and
    a NaN is the same as another.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, eq=False)
    ... class Point(Data):
    ...     at: Any
    >>> Point(np.array([1.0, np.nan])) == Point(np.array([1.0, np.nan])), Point(1.0) == Point(2.0)
    (True, False)
    """

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _content(other) == _content(self)

    def __hash__(self) -> int:
        return hash(_content(self))


def _content(value: Any) -> Hashable:
    """What `value` holds, as tuples that can be compared and hashed."""
    if isinstance(value, Data):
        held = (getattr(value, field.name) for field in fields(value) if field.compare)  # type: ignore[arg-type]
        return type(value), tuple(map(_content, held))
    if isinstance(value, tuple | list):
        return tuple(map(_content, value))
    if isinstance(value, dict):
        return tuple((key, _content(item)) for key, item in sorted(value.items(), key=lambda entry: repr(entry[0])))
    if isinstance(value, slice):
        return _content((value.start, value.stop, value.step))
    if isinstance(value, np.ndarray) and value.ndim:
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, float | complex) and value != value:
        return "NaN"
    return value  # type: ignore[no-any-return]
