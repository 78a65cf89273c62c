"""Several results in one array: how a factorisation becomes one entry of the table.

A rule has one output, a factorisation has two or three. So its factors travel side by side in one array, flattened and
joined along the last axis, and are cut out of it again by indexing. One operation is recorded, one factorisation is
computed, and its derivative rule sees the cotangents of all factors together.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np


def pack(parts: tuple[Any, ...], ranks: tuple[int, ...]) -> Any:
    """The arrays in `parts` as one; the last `ranks[i]` axes of part i are flattened, all axes before them are shared.

    >>> pack((np.ones((4, 3)), np.zeros((4, 2, 2))), (1, 2)).shape
    (4, 7)
    """
    flat = []
    for part, rank in zip(parts, ranks, strict=True):
        shape = np.shape(part)
        cut = len(shape) - rank
        flat.append(np.reshape(part, (*shape[:cut], prod(shape[cut:]))))
    return np.concatenate(flat, axis=-1)


def unpack(packed: Any, shapes: tuple[tuple[int, ...], ...]) -> list[Any]:
    """The inverse of :func:`pack`, given the flattened shape of each part.

    >>> [part.shape for part in unpack(np.zeros((4, 7)), ((3,), (2, 2)))]
    [(4, 3), (4, 2, 2)]
    """
    parts, start = [], 0
    for shape in shapes:
        end = start + prod(shape)
        part = packed[..., start:end]
        parts.append(part if len(shape) == 1 else np.reshape(part, (*np.shape(packed)[:-1], *shape)))
        start = end
    return parts
