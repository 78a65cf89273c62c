"""Notice where a curve turns more often than a line can show, and describe its envelope there.

sin(1000x) has 3,183 zeros between −5 and 5: a line through 800 samples shows 58 of them, and looks like a slow wave.
A curve is therefore sampled on finer and finer grids until the number of its turns no longer grows. The grids are
shaken, for on an even one a fast wave looks like a slow one at every fineness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.picture import Band

Floats = NDArray[np.float64]
Values = Callable[[Floats], Floats]
Interval = tuple[float, float]

_FINE = 15
_COARSEST, _FINEST = 11, 17  # a grid of 2**11 points, doubled until it shows no more turns, at most to 2**17
_COLUMNS = 400  # about what the eye can tell apart across a drawing
_MOST_IN_COLUMN = 3
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Turns:
    """How often a curve turns: in each column of the drawing, and in all; `x` and `y` are the samples that show it."""

    low: float
    high: float
    x: Floats
    y: Floats
    counts: NDArray[np.intp]

    @property
    def outside_bands(self) -> int:
        """The number of turns in columns in which they can be drawn."""
        return int(self.counts[self.counts <= _MOST_IN_COLUMN].sum())

    def crowded(self) -> tuple[Interval, ...]:
        """The intervals in which the turns are too many to draw."""
        edges = np.linspace(self.low, self.high, _COLUMNS + 1)
        full = self.counts > _MOST_IN_COLUMN
        steps = np.diff(full.astype(int), prepend=0, append=0)
        starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        return tuple((float(edges[start]), float(edges[end])) for start, end in zip(starts, ends, strict=True))

    def bands(self, view: Interval) -> tuple[Band, ...]:
        """The envelope over each crowded interval, as far as it is near what is shown."""
        width = (self.high - self.low) / _COLUMNS
        tall = view[1] - view[0]
        bands = []
        for left, right in self.crowded():
            first, last = (round((end - self.low) / width) for end in (left, right))
            middles, lowest, highest = [], [], []
            for column in range(first, last):
                start = self.low + column * width
                y = self.y[np.searchsorted(self.x, start) : np.searchsorted(self.x, start + width)]
                y = y[np.isfinite(y)]
                if len(y):
                    middles.append(start + width / 2)
                    lowest.append(y.min())
                    highest.append(y.max())
            if middles:
                x = np.array([left, *middles, right])
                ends = [np.array([side[0], *side, side[-1]]) for side in (lowest, highest)]
                near = [np.clip(side, view[0] - 9 * tall, view[1] + 9 * tall) for side in ends]
                for part in (x, *near):
                    part.setflags(write=False)
                bands.append(Band(x, near[0], near[1], int(self.counts[first:last].sum())))
        return tuple(bands)


def turns(values: Values, low: float, high: float, *, quick: bool) -> Turns:
    """How often a function turns between `low` and `high`; a function that is not `quick` is asked less often.

    >>> int(turns(lambda x: np.sin(50 * x), -5.0, 5.0, quick=True).counts.sum())
    160
    """
    previous = -1
    for power in range(_COARSEST, (_FINEST if quick else _COARSEST + 1) + 1):
        x = _shaken(low, high, 2**power)
        y = values(x)
        places = _turning(x, y)
        if len(places) == previous:
            break
        previous = len(places)
    share = (places - low) / (high - low)
    columns = np.clip((share * _COLUMNS).astype(np.intp), 0, _COLUMNS - 1)
    counts = np.bincount(columns, minlength=_COLUMNS)
    if quick and power < _FINE and counts.max() > _MOST_IN_COLUMN:  # an envelope needs the tops of the waves
        x = _shaken(low, high, 2**_FINE)
        y = values(x)
    return Turns(low, high, x, y, counts)


def _shaken(low: float, high: float, count: int) -> Floats:
    """Points in order, one in each cell of an even grid, at places in their cells that do not repeat."""
    cells = np.arange(count)
    return low + (high - low) / count * (cells + 0.1 + 0.8 * (cells * _GOLDEN % 1.0))


def _turning(x: Floats, y: Floats) -> Floats:
    """Where the samples change between rising and falling, by more than rounding."""
    with np.errstate(invalid="ignore", over="ignore"):
        rises = np.diff(y)
        finite = y[np.isfinite(y)]
        tall = float(np.ptp(np.quantile(finite, (0.1, 0.9)))) if len(finite) else 0.0
        noise = 1e-9 * tall + 1e-13 * float(np.median(np.abs(finite))) if len(finite) else 0.0
        moving = np.flatnonzero(np.abs(rises) > noise)
    signs = np.sign(rises[moving])
    turned = np.flatnonzero(signs[1:] != signs[:-1])
    return x[moving[turned + 1]]
