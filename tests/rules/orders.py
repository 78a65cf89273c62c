"""Derivatives of orders 1 to 4 of every elementwise rule, and what they must be.

`derivative_along` nests the transforms: a path such as (0, 1, 0) with modes "RFR" differentiates by argument 0 in
reverse mode, then by argument 1 in forward mode, then by 0 in reverse mode. `Truth` is the other side: the Taylor
coefficients of an mpmath function by Cauchy's integral over a small circle, which also tells where the function is
not analytic: there the coefficients do not fall as powers of the radius.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

import chainrule as cr
from chainrule.errors import NoRuleError
from chainrule.formula.expression import Call, Constant, Expression, evaluate, free_symbols, postorder, substitute
from chainrule.rules import UNKNOWN, Elementwise, find
from tests.rules.references import Reference

mp = mpmath.mp
Point = tuple[float, ...]
Path = tuple[int, ...]

# ---------------------------------------------------------------------- ours


def derivative_along(rule: Elementwise, columns: Any, path: Path, modes: str) -> Any:
    """The mixed partial derivative of the rule's function by the arguments of `path`, the first first, at `columns`."""

    def value(*args: Any) -> Any:
        return rule.function(*args)

    function = value
    for position, mode in zip(path, modes, strict=True):
        function = _once(function, position, mode)
    with np.errstate(all="ignore"):
        found = function(*columns)
    return np.broadcast_to(found, np.broadcast_shapes(*(np.shape(c) for c in columns)))


def _once(function: Any, position: int, mode: str) -> Any:
    def differentiated(*args: Any) -> Any:
        def along(v: Any) -> Any:
            return function(*args[:position], v, *args[position + 1 :])

        x = args[position]
        if mode == "F":
            return cr.jvp(along, (x,), (np.ones(np.shape(x))[()],))[1]
        value, pullback = cr.vjp(along, x)
        return pullback(np.ones(np.shape(value))[()])[0]

    return differentiated


# ---------------------------------------------------------------------- points


def varied(rule: Elementwise) -> tuple[int, ...]:
    """The positions of the arguments by which the derivative is known."""
    return tuple(
        i
        for i, (p, (low, high)) in enumerate(zip(rule.partials, rule.sample, strict=True))
        if p is not None and p is not UNKNOWN and low < high
    )


def _number(low: float) -> Any:
    return int(low) if float(low).is_integer() else float(low)


def ordinary_points(rule: Elementwise, count: int = 3, seed: int = 0) -> list[Point]:
    """Points of the sample intervals; what is no number to differentiate by is an integer where it can be."""
    random = np.random.default_rng(seed)
    moving = varied(rule)
    return [
        tuple(
            float(random.uniform(low, high)) if i in moving or low < high else _number(low)
            for i, (low, high) in enumerate(rule.sample)
        )
        for _ in range(count)
    ]


def conditions(rule: Elementwise) -> list[Expression]:
    """Every comparison in the rule's domain, rows and formulas, and in those of the functions that the formulas use."""
    found: dict[Expression, None] = {}
    waiting: list[tuple[Expression, int]] = [(p, 0) for p in _formulas(rule)]
    seen: set[Expression] = set()
    while waiting:
        root, depth = waiting.pop()
        for node in postorder(root):
            if node in seen or not isinstance(node, Call) or not free_symbols(node):
                continue
            seen.add(node)
            if node.function in COMPARISONS:
                found[np.subtract(*node.arguments)] = None  # type: ignore[call-overload]
            elif node.function in (np.absolute, np.sign):
                found[node.arguments[0]] = None
            elif node.function is np.rint and not any(isinstance(a, Call) and a.arguments[1:] == (Constant(64),)
                                                      for a in node.arguments):
                found[np.cos(math.pi * node.arguments[0])] = None  # type: ignore[call-overload]
            inner = find(node.function)
            if depth < 1 and isinstance(inner, Elementwise) and len(inner.partials) == len(node.arguments):
                named = dict(zip(inner.arguments, node.arguments, strict=True)) | {"out": node}
                waiting.extend((substitute(p, named), depth + 1) for p in _formulas(inner))
    return list(found)


COMPARISONS = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)


def _formulas(rule: Elementwise) -> list[Expression]:
    forms = [p for p in rule.computed if p is not None and p is not UNKNOWN]
    forms += [row.condition for row in rule.at] + [p for row in rule.at for p in row.partials if p is not None]
    return forms + [c for c in (rule.domain, rule.smooth) if c is not None]


GRID = sorted({s * k / 4 for k in range(33) for s in (-1, 1)} | {s * 1.37**k for k in range(-8, 24) for s in (-1, 1)})


def boundaries(rule: Elementwise, base: Point, position: int) -> list[float]:
    """Where a comparison of the rule changes its answer as one argument passes over the grid; exact to the last bit."""
    grid = np.array(GRID)
    found: set[float] = set()

    def values(difference: Expression, x: Any) -> Any:
        args = [x if i == position else np.full_like(x, b) for i, b in enumerate(base)]
        with np.errstate(all="ignore"):
            named = dict(zip(rule.arguments, args, strict=True)) | {"out": rule.function(*_typed(rule, args, base))}
            return evaluate(difference, named) + 0.0 * x

    for difference in conditions(rule):
        if rule.arguments[position] not in free_symbols(difference) and "out" not in free_symbols(difference):
            continue
        at = values(difference, grid)
        found.update(grid[at == 0].tolist())
        signs = np.sign(at)
        changes = np.flatnonzero((signs[1:] * signs[:-1]) < 0)
        low, high = grid[changes], grid[changes + 1]
        for _ in range(70 if len(changes) else 0):
            middle = (low + high) / 2
            before = values(difference, middle) * signs[changes] > 0
            low, high = np.where(before, middle, low), np.where(before, high, middle)
        found.update(high.tolist())
    return sorted(found)


def _typed(rule: Elementwise, args: list[Any], base: Point) -> list[Any]:
    return [base[i] if isinstance(base[i], int) else a for i, a in enumerate(args)]


def special_points(rule: Elementwise, truth: Reference) -> list[Point]:
    """0, ±1, ties, the boundaries of the rule's conditions with points on both sides, and points far out.

    Beside a boundary at which the function is smooth, all neighbours count, the very next numbers too. Beside a pole or
    an end they keep a distance: there the derivatives are too large for small differences to be seen.
    """
    moving = varied(rule)
    bases = ordinary_points(rule, 2, seed=1)
    points: dict[Point, None] = {}
    for base in bases[:1] if len(moving) > 2 else bases:
        for i in moving:
            spots = {0.0, 1.0, -1.0, 30.0, -30.0, 300.0, -300.0, 1000.0, -1000.0}
            edges = boundaries(rule, base, i)
            middle = sum(rule.sample[i]) / 2
            for edge in sorted(edges, key=lambda e: abs(e - middle))[:8]:
                at = (*base[:i], edge, *base[i + 1 :])
                smooth = Truth(truth, at).smooth(i) and not _at_an_end(rule, at)
                distances = (2.0**-50, 1e-5, 3e-2) if smooth else (3e-2,)
                spots |= {edge, *(edge + s * max(abs(edge), 1.0) * d for d in distances for s in (-1, 1))}
            for spot in sorted(spots):
                points[(*base[:i], spot, *base[i + 1 :])] = None
    base = bases[0]
    for i, j in itertools.combinations(moving, 2):
        for value in (0.0, 1.0, -1.0, base[i], base[j]):
            for nearby in (0.0, 1e-6, -1e-3):
                point = list(base)
                point[i], point[j] = value, value + nearby
                points[tuple(point)] = None
    if len(moving) > 2:
        points[tuple(base[moving[0]] if i in moving else b for i, b in enumerate(base))] = None
    with np.errstate(all="ignore"):
        return [p for p in points if np.isfinite(rule.function(*p))]


# ---------------------------------------------------------------------- the truth

RADIUS = mp.mpf(10) ** -10
DIGITS = 65
NODES = 8


@functools.cache
def _roots(nodes: int) -> tuple[list[Any], list[list[Any]]]:
    """Points evenly on the unit circle, none of them on an axis, and their powers 0, −1, −2, …"""
    with mp.workdps(DIGITS):
        roots = [mp.expjpi(2 * mp.mpf(k) / nodes + mp.mpf(1) / 7) for k in range(nodes)]
        return roots, [[root**-p for p in range(nodes)] for root in roots]


class Truth:
    """Taylor coefficients of a function of mpmath's numbers at a point."""

    def __init__(self, function: Reference, point: Point) -> None:
        self.function = function
        self.point = point
        self._lines: dict[tuple[int, ...], Any] = {}

    def smooth(self, *positions: int) -> bool:
        """Whether the function is analytic on a disk much larger than the circle, in one argument or in two together.

        Of clamp(x, y, z) with x = y = z each argument alone moves nothing; x and y together move the value.
        """
        if len(positions) == 2 and not all(map(self.smooth, positions)):
            return False
        c = self._coefficients(positions[:1]) if len(positions) == 1 else self._along(positions)
        if c is None:
            return False
        with mp.workdps(DIGITS):
            terms = [abs(c[k] * RADIUS**k) for k in range(NODES)]
            noise = mp.mpf(10) ** (5 - DIGITS) * max(terms) + mp.mpf(10) ** -300
            return max(terms[5:]) <= mp.mpf(10) ** -22 * max(terms[1:5]) + noise

    def derivative(self, path: Path) -> Any:
        """The partial derivative along `path`, which may name one or two arguments; None where nothing was found."""
        named = tuple(sorted(set(path)))
        c = self._coefficients(named)
        if c is None:
            return None
        counts = tuple(path.count(i) for i in named)
        value = c[counts] if len(named) > 1 else c[counts[0]]
        return mp.re(value) * math.prod(math.factorial(k) for k in counts)

    def value(self, path: Path) -> Any:
        """The function's own value."""
        c = self._coefficients(tuple(sorted(set(path))))
        return mp.re(c[0 if len(set(path)) == 1 else (0, 0)])

    def noise(self, path: Path) -> float:
        """What rounding leaves of a derivative that is 0."""
        with mp.workdps(DIGITS):
            c = self._coefficients(tuple(sorted(set(path))))
            size = max(1, *(abs(v) * RADIUS ** (k if isinstance(k, int) else sum(k)) for k, v in c.items()))
            return float(size * mp.mpf(10) ** (8 - DIGITS) / RADIUS ** len(path))

    def _coefficients(self, positions: tuple[int, ...]) -> Any:
        if positions not in self._lines:
            with mp.workdps(DIGITS):
                try:
                    self._lines[positions] = self._transform(positions)
                except (ZeroDivisionError, ValueError, ArithmeticError, mpmath.libmp.NoConvergence):
                    self._lines[positions] = None
        return self._lines[positions]

    def _along(self, positions: tuple[int, ...]) -> Any:
        """Taylor coefficients where the second of two arguments moves with the first, and a little less."""
        first, second = positions
        if (first, second, 0) not in self._lines:
            share = mp.mpf(3) / 5

            def joined(*args: Any) -> Any:
                moved = args[first] - mp.mpf(self.point[first])
                return self.function(*(a + share * moved if i == second else a for i, a in enumerate(args)))

            self._lines[(first, second, 0)] = Truth(joined, self.point)._coefficients((first,))
        return self._lines[(first, second, 0)]

    def _transform(self, positions: tuple[int, ...]) -> Any:
        nodes = NODES if len(positions) == 1 else 5
        roots, powers_of_roots = _roots(nodes)
        exact = [mp.mpf(p) for p in self.point]
        values = {}
        for places in itertools.product(range(nodes), repeat=len(positions)):
            moved = list(exact)
            for position, place in zip(positions, places, strict=True):
                moved[position] = exact[position] + RADIUS * roots[place]
            values[places] = mp.mpmathify(self.function(*moved))
        coefficients = {}
        for powers in itertools.product(range(nodes), repeat=len(positions)):
            if len(positions) > 1 and sum(powers) > 4:
                continue
            total = mp.mpf(0)
            for places, value in values.items():
                for k, p in zip(places, powers, strict=True):
                    value = value * powers_of_roots[k][p]
                total += value
            coefficient = total / nodes ** len(positions) / RADIUS ** sum(powers)
            coefficients[powers if len(positions) > 1 else powers[0]] = coefficient
        return coefficients


MODES = {
    1: ("R", "F"),
    2: ("RR", "FF", "RF", "FR"),
    3: ("RRR", "FFF", "RFR", "FRF"),
    4: ("RRRR", "FFFF", "RFRF", "FFRR"),
}


def paths(rule: Elementwise, most: int = 4) -> list[Path]:
    """The arguments to differentiate by, in order: each argument up to `most` times, and pairs in both orders."""
    moving = varied(rule)
    found: list[Path] = [(i,) * n for i in moving for n in range(1, most + 1)]
    for i, j in itertools.combinations(moving, 2):
        found += [(i, j), (j, i), (i, i, j), (j, i, i), (i, j, j), (j, j, i)]
        found += [(i, i, j, j), (j, i, j, i)] if most >= 4 and len(moving) == 2 else []
    return found


@dataclass(frozen=True)
class Wrong:
    """A derivative that is not what it must be."""

    name: str
    point: Point
    path: Path
    modes: str
    dialect: str
    got: float
    expected: float

    def __str__(self) -> str:
        at = ", ".join(repr(x) for x in self.point)
        return (
            f"{self.name}({at}) by {self.path} in {self.modes} ({self.dialect}): {self.got!r}, not {self.expected!r}"
        )


def close(got: float, expected: Any, scale: float, rtol: float, noise: float = 0.0) -> bool:
    """Whether `got` is right relative to the largest of the derivatives beside it; infinities have their sign."""
    if abs(expected) > 1e300:
        return not math.isfinite(got) or abs(got) > 1e299
    return bool(abs(got - float(expected)) <= rtol * max(abs(float(expected)), scale) + noise + 1e-300)


def findings(
    rule: Elementwise, truth: Reference, points: Iterable[Point], *, modes: Any = MODES, scalar: bool, most: int = 4,
    rtol: float = 1e-7,
) -> tuple[int, list[Wrong]]:
    """How many derivatives were compared at points where the function is smooth, and those that are wrong.

    A derivative may be an error where there is no formula for it. At an end of the domain, where the function has no
    values on one side, an order above the first may be NaN or infinite, and outside of the domain everything is NaN.
    """
    points = list(points)
    if not points:
        return 0, []
    truths = [Truth(truth, p) for p in points]
    inside = [_inside(rule, p) for p in points]
    columns = [
        np.array(c, float) if i in varied(rule) or not isinstance(c[0], int) else c[0]
        for i, c in enumerate(zip(*points, strict=True))
    ]
    checks, wrong = 0, []
    for path in paths(rule, most):
        for mode in modes[len(path)]:
            try:
                if scalar:
                    got = [float(np.real(derivative_along(rule, _scalars(p), path, mode))) for p in points]
                else:
                    got = np.real(derivative_along(rule, columns, path, mode)).tolist()
            except NoRuleError:
                continue
            for g, t, defined in zip(got, truths, inside, strict=True):
                if not defined or not t.smooth(*sorted(set(path))) or t.derivative(path) is None:
                    continue
                checks += 1
                if not _right(rule, t, path, g, rtol):
                    expected = float(t.derivative(path))
                    wrong.append(Wrong(rule.name, t.point, path, mode, "scalar" if scalar else "array", g, expected))
    return checks, wrong


def _right(rule: Elementwise, t: Truth, path: Path, got: float, rtol: float) -> bool:
    lower = [abs(t.derivative(path[:k])) for k in range(1, len(path))] + [abs(t.value(path))]
    if close(got, t.derivative(path), float(min(max(lower), 1e280)), rtol, min(t.noise(path), 1e280)):
        return True
    return len(path) > 1 and not math.isfinite(got) and _at_an_end(rule, t.point)


def _inside(rule: Elementwise, point: Point) -> bool:
    if rule.domain is None:
        return True
    with np.errstate(all="ignore"):
        named = dict(zip(rule.arguments, _scalars(point), strict=True)) | {"out": rule.function(*point)}
        return bool(evaluate(rule.domain, named))


def _at_an_end(rule: Elementwise, point: Point) -> bool:
    """Whether the function has no value on one side of the point, close by, in any argument."""
    moved = [
        tuple(p + s * 1e-9 * max(abs(p), 1.0) if i == k else p for k, p in enumerate(point))
        for i in varied(rule)
        for s in (-1, 1)
    ]
    with np.errstate(all="ignore"):
        return not all(np.isfinite(rule.function(*p)) and _inside(rule, p) for p in moved)


def _scalars(point: Point) -> list[Any]:
    return [p if isinstance(p, int) else np.float64(p) for p in point]


def one_sided(rule: Elementwise, truth: Reference, point: Point, position: int, order: int) -> list[float]:
    """The derivative's limits from the left and the right, where the function has one; infinite where it grows."""
    limits = []
    for side in (-1, 1):
        values = []
        for distance in (1e-5, 1e-7):
            moved = (*point[:position], point[position] + side * distance, *point[position + 1 :])
            t = Truth(truth, moved)
            with np.errstate(all="ignore"):
                defined = _inside(rule, moved) and np.isfinite(rule.function(*moved))
            if defined and t.smooth(position):
                values.append(float(t.derivative((position,) * order)))
        if len(values) == 2:
            grows = abs(values[1]) > 1.2 * abs(values[0]) and abs(values[1]) > 5
            limits.append(math.copysign(math.inf, values[1]) if grows else values[1])
    return limits
