"""Text in the columns of a terminal, where a Chinese character takes two."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

_CLOSING = "，。；：、）”？！"
"""Signs that no row begins with."""


def columns(shown: str) -> int:
    """How many columns of a terminal the text takes: Chinese characters take two, combining marks none.

    >>> columns("x̄ = 1"), columns("导数")
    (5, 4)
    """
    return len(shown) if shown.isascii() else sum(map(_column, shown))


@cache
def _column(character: str) -> int:
    return 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1


def filled(pieces: Iterable[str], width: int) -> Iterator[str]:
    """The pieces of a text in rows of at most `width` columns; no row begins with a closing sign of punctuation.

    >>> list(filled(["导", "数", "，", "a", " ", "slope"], 6))
    ['导数，', 'a', 'slope']
    """
    row = ""
    for piece in pieces:
        if columns(row + piece.rstrip()) > width and row.strip() and piece not in _CLOSING:
            yield row.rstrip()
            row = piece.lstrip()
        else:
            row += piece
    if row.strip():
        yield row.rstrip()
