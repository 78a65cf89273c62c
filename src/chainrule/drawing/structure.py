"""Find where a function may fail to be smooth, from its formula.

The derivative table says of each function in a formula where it is defined, where it is differentiable and
what its derivative is. With the function's arguments put in, this gives equations in x: `1 / g` and `log(g)`
ask where g = 0, and `tan(g)`, whose derivative is 1 / cos² g, where cos g = 0. Step functions change where
their own value does. Every such place is bracketed on a grid and bisected until the two ends are neighbouring
floats, so a pole is known as exactly as floats can say it. Nothing here looks at how far the function jumps
between samples.

The places found are candidates: some are no borders at all (x² at 0). What happens there is the limits' to
say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.limits import is_step
from chainrule.formula.expression import (
    Call,
    Constant,
    Expression,
    call,
    evaluate,
    free_symbols,
    postorder,
    substitute,
)
from chainrule.rules import Composite, Elementwise, find
from chainrule.transforms.directions import derivative

Floats = NDArray[np.float64]
Values = Callable[[Floats], Floats]

_COARSEST, _FINEST = 11, 17  # a grid of 2**11 cells, doubled until it shows no more changes, at most to 2**17
_COLUMNS = 400  # about what the eye can tell apart across a drawing
_MOST_IN_COLUMN = 4
_UNDEFINED = 2.0  # a state beside the signs -1, 0 and 1


@dataclass(frozen=True)
class Candidates:
    """Points, in order, at which a function may fail to be smooth; `dense` intervals have too many, as
    tan(1/x) near 0."""

    points: tuple[float, ...]
    dense: tuple[tuple[float, float], ...] = ()


def candidates(root: Expression, values: Values, low: float, high: float) -> Candidates:
    """Where the formula `root`, whose values are `values`, may fail to be smooth between `low` and `high`
    (included).

    >>> from chainrule.formula.expression import Symbol
    >>> candidates(abs(Symbol("x") - 2), lambda x: abs(x - 2), 0.0, 5.0).points
    (2.0,)
    """
    names = free_symbols(root)
    if not names:
        return Candidates(())
    window = _Window(low, high, values)
    found: list[Floats] = [undefined_borders(values, low, high)]
    crowded: list[Floats] = []
    for watched in _watched(root):
        function = _compiled(watched.expression, names[0])
        if watched.step:
            points, crowd = window.changes(function, _itself)
        else:
            points, crowd = window.zeros(function, _scale(watched.expression, names[0]))
        found.append(points)
        crowded.append(crowd)
    points = _merged(np.concatenate(found), 1e-14 * (high - low))
    dense = window.dense(np.concatenate([points, *crowded]))
    sparse = points[~dense[window.column(points)]]
    return Candidates(tuple(sparse.tolist()), window.intervals(dense))


def undefined_borders(values: Values, low: float, high: float, cells: int = 2**_COARSEST) -> Floats:
    """Where a function changes between having a value and having none: all that values alone can tell."""
    grid = np.linspace(low, high, cells + 1)
    missing = np.isnan(values(grid))
    changes = np.flatnonzero(missing[1:] != missing[:-1])
    left, right = between(values, np.isnan, grid[changes], grid[changes + 1])
    return np.where(np.isnan(values(left)), right, left)  # the last float with a value


@dataclass(frozen=True)
class _Watched:
    """An expression whose zeros are candidates, or for a step function the places where its value changes."""

    expression: Expression
    step: bool


def _watched(root: Expression) -> list[_Watched]:
    """Every expression to watch for the functions in a formula and in their derivatives."""
    watched: dict[_Watched, None] = {}
    seen: set[Expression] = set()
    waiting = deque((node, 0) for node in postorder(root))
    while waiting:
        node, depth = waiting.popleft()  # the formula's own parts first
        if node in seen or not isinstance(node, Call) or not node.varies:
            continue
        seen.add(node)
        if node.function in _COMPARISONS:
            difference = call(np.subtract, *node.arguments)
            watched.update((_Watched(factor, False), None) for factor in _factors(difference))
            continue
        rule = find(node.function)
        if is_step(rule):
            watched[_Watched(node, True)] = None
        if isinstance(rule, Composite):  # what the function is made of is as much part of the formula
            waiting.extend((part, depth) for part in postorder(rule.definition(*node.arguments)))
        elif isinstance(rule, Elementwise) and depth < 2:
            # A derivative's own conditions count: tan breaks where 1 / cos² does. Deeper is nothing new.
            jumps = None if is_step(rule) else rule.smooth  # a step is watched itself
            formulas = [rule.domain, jumps, *(rule.partials if depth == 0 else ())]
            values = dict(zip(rule.arguments, node.arguments, strict=True)) | {"out": node}
            for formula in formulas:
                if formula is not None:
                    waiting.extend((part, depth + 1) for part in postorder(substitute(formula, values)))
    return list(watched)


_COMPARISONS = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)


def _factors(root: Expression) -> Iterator[Expression]:
    """Expressions whose zeros are together those of `root`; a double zero such as that of x² becomes a simple
    one."""
    if not isinstance(root, Call):
        if root.varies:
            yield root
        return
    arguments = root.arguments
    if root.function is np.subtract and arguments[1] == Constant(0):
        yield from _factors(arguments[0])
    elif root.function is np.multiply:
        for argument in arguments:
            yield from _factors(argument)
    elif root.function in _SAME_ZEROS or (root.function is np.power and isinstance(arguments[1], Constant)):
        yield from _factors(arguments[0])
    elif root.varies:
        yield root


_SAME_ZEROS = (np.negative, np.absolute, np.square, np.sqrt, np.cbrt, np.divide)


def _compiled(root: Expression, name: str) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return evaluate(root, {name: x}) + 0.0 * x

    return function


def _scale(root: Expression, name: str) -> Values:
    """How large the terms of `root` are: the measure of what counts as zero after rounding."""
    terms = root.arguments if isinstance(root, Call) and root.function in (np.add, np.subtract) else (root,)
    parts = [_compiled(term, name) for term in terms]
    return lambda x: np.sum([np.abs(part(x)) for part in parts], axis=0)


def _itself(values: Floats) -> Floats:
    return np.where(np.isnan(values), 0.5, values)  # 0.5: no step function of the table takes it


def sign(values: Floats) -> Floats:
    return np.where(np.isnan(values), _UNDEFINED, np.sign(values))


State = Callable[[Floats], Any]


@dataclass(frozen=True)
class _Window:
    """The interval looked at, and the values of the function itself on it."""

    low: float
    high: float
    values: Values

    def changes(self, function: Values, state: State) -> tuple[Floats, Floats]:
        """The points where the state of a function changes; apart from them, rough places where they
        crowd."""
        grid, states = self._resolved(function, state)
        left, right, crowd = self._bracketed(function, state, grid, states)
        return np.array([min(pair, key=length) for pair in zip(left, right, strict=True)], float), crowd

    def zeros(self, function: Values, scale: Values) -> tuple[Floats, Floats]:
        """The zeros of a function: where it changes sign, and where it only touches zero at an extremum."""
        # 1. Changes of sign. A run of zeros too narrow to be more than rounding (1 - cos x at 0) is one zero.
        grid, signs = self._resolved(function, sign)
        left, right, crowd = self._bracketed(function, sign, grid, signs)
        crossings = self._better(function, left, right)
        slopes = _slopes(function)
        # 2. Extrema between two grid points of one sign: zero, or beyond zero with a zero on either side.
        turning = sign(slopes(grid))
        turns = np.flatnonzero(
            (turning[1:] != turning[:-1]) & (signs[1:] == signs[:-1]) & (np.abs(signs[1:]) == 1)
        )
        turns, _ = self._sparse(grid, turns)
        left, right = grid[turns], grid[turns + 1]
        before, after = between(slopes, sign, left, right)
        best = np.where(np.abs(function(before)) <= np.abs(function(after)), before, after)
        at_best = function(best)
        touches = best[np.abs(at_best) <= 1e-12 * scale(best)]
        through = sign(at_best) == -signs[turns]
        pairs = [
            np.concatenate(between(function, sign, start[through], end[through]))
            for start, end in ((left, best), (best, right))
        ]
        zeros = _narrow_runs_merged(
            np.concatenate([crossings, *pairs]), function, slopes, self.high - self.low
        )
        return np.concatenate([zeros, touches]), crowd

    def column(self, x: Floats) -> NDArray[np.intp]:
        """Which of the columns of the drawing each point lies in."""
        share = (x - self.low) / (self.high - self.low)
        return np.clip((share * _COLUMNS).astype(np.intp), 0, _COLUMNS - 1)

    def dense(self, x: Floats) -> NDArray[np.bool]:
        """For each column whether it has more points than can be told apart."""
        return np.bincount(self.column(x), minlength=_COLUMNS) > _MOST_IN_COLUMN

    def intervals(self, dense: NDArray[np.bool]) -> tuple[tuple[float, float], ...]:
        """Neighbouring dense columns as intervals of x."""
        edges = np.linspace(self.low, self.high, _COLUMNS + 1)
        steps = np.diff(dense.astype(int), prepend=0, append=0)
        starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        return tuple(
            (float(edges[start]), float(edges[end])) for start, end in zip(starts, ends, strict=True)
        )

    def _resolved(self, function: Values, state: State) -> tuple[Floats, Any]:
        """A grid fine enough that doubling it shows no further change of state, or the finest."""
        previous = -1
        for power in range(_COARSEST, _FINEST + 1):
            grid = np.linspace(self.low, self.high, 2**power + 1)
            states = state(function(grid))
            count = int(np.count_nonzero(states[1:] != states[:-1]))
            if count == previous:
                break
            previous = count
        return grid, states

    def _sparse(self, grid: Floats, cells: NDArray[np.intp]) -> tuple[NDArray[np.intp], Floats]:
        """The cells outside dense columns, and the places of the others."""
        places = grid[cells]
        crowded = self.dense(places)[self.column(places)]
        return cells[~crowded], places[crowded]

    def _bracketed(
        self, function: Values, state: State, grid: Floats, states: Any
    ) -> tuple[Floats, Floats, Floats]:
        """The neighbouring floats between which the state changes; apart from them, places where changes
        crowd."""
        cells, crowd = self._sparse(grid, np.flatnonzero(states[1:] != states[:-1]))
        return *between(function, state, grid[cells], grid[cells + 1]), crowd

    def _better(self, function: Values, left: Floats, right: Floats) -> Floats:
        """Choose between the two floats around each zero.

        The exact zero comes first, then one where the drawn function has a value, then the nearer one.
        So the border of √sin x at -π is the last float inside.
        """
        sizes = [np.abs(function(end)) for end in (left, right)]
        lacking = [
            np.isnan(self.values(end)) & (size != 0) for end, size in zip((left, right), sizes, strict=True)
        ]
        measures = [
            np.where(lack | np.isnan(size), np.inf, size) for lack, size in zip(lacking, sizes, strict=True)
        ]
        return np.where(measures[0] <= measures[1], left, right)


def _slopes(function: Values) -> Values:
    slope = derivative(function)

    def slopes(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(slope(x), float)

    return slopes


def between(function: Values, state: State, left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Neighbouring floats in each interval between which the state leaves that of the left end.

    The halving is one of the floats' order, not of their distance: 64 steps suffice, also for a change at 0.
    """
    first = state(function(left))
    low, high = _ordinal(left), _ordinal(right)
    while (high - low > 1).any():
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        same = state(function(_float(middle))) == first
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return _float(low), _float(high)


def _ordinal(x: Floats) -> NDArray[np.int64]:
    """Integers in the order of the floats, neighbours for neighbours; both zeros are 0."""
    bits = (x + 0.0).view(np.int64)
    return np.where(bits >= 0, bits, np.int64(np.iinfo(np.int64).min) - bits)


def _float(ordinal: NDArray[np.int64]) -> Floats:
    bits = np.where(ordinal >= 0, ordinal, np.int64(np.iinfo(np.int64).min) - ordinal)
    return bits.astype(np.int64).view(np.float64)


def _narrow_runs_merged(points: Floats, function: Values, slopes: Values, width: float) -> Floats:
    """The ends of a run of rounding zeros replaced by the extremum inside it, or by its middle."""
    points = np.unique(points)
    if len(points) < 2:
        return points
    left, right = points[:-1], points[1:]
    middle = left + (right - left) / 2
    run = (right - left < 1e-6 * width) & (right > np.nextafter(left, np.inf)) & (function(middle) == 0)
    if not run.any():
        return points
    before, after = between(slopes, sign, left[run], right[run])
    turning = sign(slopes(left[run])) == -sign(slopes(right[run]))
    nearest = np.where(np.abs(before) < np.abs(after), before, after)
    kept = np.ones(len(points), bool)
    kept[:-1] &= ~run
    kept[1:] &= ~run
    return np.concatenate([points[kept], np.where(turning, nearest, middle[run])])


def _merged(points: Floats, width: float) -> Floats:
    """Sorted points; of those too close to be told apart, the one that is shortest to write."""
    points = np.unique(points)
    apart = np.flatnonzero(np.diff(points) > np.maximum(width, 8 * np.spacing(np.abs(points[1:])))) + 1
    groups = np.split(points, apart)
    return np.array([min(group, key=length) for group in groups if len(group)], float)


def length(x: float) -> int:
    """How long a float is to write: 3.0 is shorter than its neighbours, and more likely to be meant."""
    return len(repr(float(x)))
