"""The worst errors of every elementwise rule against mpmath, over its whole domain: `python -m benchmarks.accuracy`.

Errors are in units in the last place (ULP) of the exact result: half of one is the best that any program can do. The
value is NumPy's own; the derivative is ours. Points lie over all exponents from subnormals to 1e308, at ±710 and the
other places where something overflows, around multiples of π/2, close to ±1, and in the rule's interval of typical
points.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import click
import mpmath
import numpy as np

from benchmarks.exact import EXACT, exact
from chainrule.formula.expression import Call, Expression, Symbol, evaluate, substitute
from chainrule.functions import TUTORIAL, ElementaryFunction
from chainrule.rules import TABLE, Elementwise
from chainrule.rules.symbolic import derivative_expression, domain_expression

Point = tuple[float, ...]


@dataclass(frozen=True)
class Worst:
    """The largest error that was met, in ULP, and where. An error of inf is a wrong sign, infinity or NaN."""

    ulp: float = 0.0
    where: Point = ()
    got: float = math.nan

    def __str__(self) -> str:
        place = ", ".join(f"{x!r}" for x in self.where)
        return f"{self.ulp:.2f} at {place}" if self.where else "0"


@dataclass(frozen=True)
class Accuracy:
    """The worst errors of one function's value and of each of its derivatives, over `points` points."""

    name: str
    points: int
    value: Worst
    derivatives: tuple[Worst, ...]


def ulps(got: float, expected: Any) -> float:
    """The distance of a float64 from an exact (mpmath) number, in units in the last place of the latter."""
    largest = mpmath.mpf(2) ** 1024 - mpmath.mpf(2) ** 970  # from here on a number rounds to infinity
    if abs(expected) >= largest * (1 - mpmath.mpf(2) ** -50):  # up to 4 ULP below it either is right
        return 0.0 if got == math.copysign(math.inf, expected) or abs(got) >= 1.797e308 else math.inf
    if not math.isfinite(got):
        return math.inf
    exponent = max(int(mpmath.frexp(expected)[1]) - 53, -1074) if expected else -1074
    return float(abs(mpmath.mpf(got) - expected) / mpmath.mpf(2) ** exponent)


def points_of_line(count: int, seed: int = 0) -> list[float]:
    """Finite floats over the whole line, with many where functions are hard; `count` of them random."""
    random = np.random.default_rng(seed)
    special = [
        1.0,
        0.5,
        2.0,
        3.0,
        10.0,
        18.0,
        36.0,
        37.0,
        354.9,
        355.0,
        360.0,
        370.0,
        709.0,
        709.78,
        709.79,
        710.0,
        710.4,
        710.5,
        744.0,
        745.0,
    ]
    special += [
        1022.0,
        1023.99,
        1024.0,
        1074.0,
        323.0,
        308.25,
        1e-300,
        1e300,
        1.3e154,
        1.5e-154,
        5e-324,
        2.2e-308,
        1.79e308,
    ]
    special += [math.pi / 2 * k for k in (*range(1, 13), 1000, 12345)] + [1e16, 1e22, 2.0**53, 1e5]
    near = [1.0, 0.5, math.pi / 2, math.pi, 3 * math.pi / 2, 2.0]
    special += [x * (1 + sign * 2.0**-k) for x in near for k in range(1, 53, 3) for sign in (-1, 1)]
    exponents = random.uniform(-1074, 1024, count)
    spread = [math.ldexp(m, int(e)) for m, e in zip(random.uniform(0.5, 1, count), exponents, strict=True)]
    usual = [*random.uniform(0, 1, count), *random.uniform(0, 6, count), *random.uniform(0, 750, count // 2)]
    sizes = [float(x) for x in (*special, *spread, *usual) if 0 < x < math.inf]
    return sorted({0.0, *sizes, *(-x for x in sizes)})


def points_of(rule: Elementwise, count: int, seed: int = 0) -> list[Point]:
    """Points inside the smooth part of the rule's domain."""
    random = np.random.default_rng(seed)
    line = points_of_line(count, seed)
    arity = len(rule.partials)
    if arity == 1:
        points: Iterable[Point] = [(x,) for x in line]
    else:
        mixed = random.choice(line, (6 * count, arity))
        distances = random.choice([0, 1e-15, 1e-8, 1e-3, 0.5], (len(line), arity)) * random.choice(
            [-1, 1], (len(line), arity)
        )
        close = np.array(line)[:, None] * 0.5 * (1 - distances)
        usual = np.stack([random.uniform(*interval, 2 * count) for interval in rule.sample], axis=1)
        together = np.concatenate([mixed, close, usual])
        for position, (low, high) in enumerate(rule.sample):
            if low == high:  # an argument that is an order or a kind rather than a number
                together[:, position] = low
        points = [tuple(point.tolist()) for point in together]
    return [point for point in points if all(map(math.isfinite, point)) and smooth_at(rule, point)]


def smooth_at(rule: Elementwise, point: Point) -> bool:
    """Whether `point` lies where the rule says that the function is differentiable, and its value does not overflow."""
    named = {name: np.float64(x) for name, x in zip(rule.arguments, point, strict=True)}
    with np.errstate(all="ignore"):
        out = rule.function(*named.values())
        conditions = [c for c in (rule.domain, rule.smooth) if c is not None]
        return bool(np.isfinite(out)) and all(evaluate(c, {**named, "out": out}) for c in conditions)


def measured() -> list[Elementwise]:
    """The elementwise rules of functions that mpmath knows: all but those about floats, such as nextafter."""
    return [rule for rule in TABLE.values() if isinstance(rule, Elementwise) and rule.function in EXACT]


def of_rule(rule: Elementwise, count: int) -> Accuracy:
    """The worst errors of an elementwise rule: NumPy's value, and each partial derivative, of numbers and of arrays."""
    points = points_of(rule, count)
    columns = [
        np.float64(low) if low == high else np.array(column)
        for column, (low, high) in zip(zip(*points, strict=True), rule.sample, strict=True)
    ]
    value = Call(rule.function, tuple(Symbol(name) for name in rule.arguments))
    worst = []
    with np.errstate(all="ignore"):
        out = rule.function(*columns)
        for position, partial in enumerate(rule.partials):
            if partial is not None:
                formula = substitute(partial, {"out": value})
                expected = [_exact_at(formula, rule.arguments, point) for point in points]
                found = [_locals(rule, position, columns, out, scalar=scalar) for scalar in (False, True)]
                worst.append(max((_worst(points, f, expected) for f in found), key=lambda w: w.ulp))
    values = _worst(points, out, [_exact_at(value, rule.arguments, point) for point in points])
    return Accuracy(rule.name, len(points), values, tuple(worst))


def of_function(function: ElementaryFunction, count: int) -> Accuracy:
    """The worst errors of a function of the catalogue and of its derivative, of numbers and of arrays."""
    domain = domain_expression(function.expression)
    line = np.array(points_of_line(count))
    with np.errstate(all="ignore"):
        inside = line if domain is None else line[evaluate(domain, {"x": line})]
    inside = inside[np.isfinite(function(inside)) | np.isfinite(function.derivative(inside))]
    points = [(float(x),) for x in inside]
    derivative = derivative_expression(function.expression, "x")
    worst = []
    for formula, compute in ((function.expression, function.__call__), (derivative, function.derivative)):
        expected = [_exact_at(formula, ("x",), point) for point in points]
        found = [compute(inside), [compute(np.float64(x)) for x in inside]]
        worst.append(max((_worst(points, f, expected) for f in found), key=lambda w: w.ulp))
    return Accuracy(function.formula.text(), len(points), worst[0], (worst[1],))


def _locals(rule: Elementwise, position: int, columns: Sequence[Any], out: Any, *, scalar: bool) -> Any:
    function, kept = rule.kernel("local", (position,), scalar=scalar)
    named = {**dict(zip(rule.arguments, columns, strict=True)), "out": out}
    if not scalar:
        return np.broadcast_to(function(*(named[name] for name in kept)), out.shape)
    return [
        float(function(*(named[name] if named[name].ndim == 0 else named[name][i] for name in kept)))
        for i in range(out.size)
    ]


def _exact_at(formula: Expression, names: Sequence[str], point: Point) -> Any:
    """The exact value, or None at a pole and where it is not real."""
    try:
        value = exact(formula, dict(zip(names, point, strict=True)))
    except ZeroDivisionError:
        return None
    return value if isinstance(value, mpmath.mpf) else None


def _worst(points: Sequence[Point], found: Iterable[Any], expected: Iterable[Any]) -> Worst:
    worst = Worst()
    for point, got, right in zip(points, found, expected, strict=True):
        error = 0.0 if right is None else ulps(float(got), right)
        if error > worst.ulp:
            worst = Worst(error, point, float(got))
    return worst


@click.command()
@click.option("--points", default=300, help="Random points of each kind.", show_default=True)
@click.option("--only", default="", help="Names of the rules to measure, separated by commas (default: all).")
def main(points: int, only: str) -> None:
    """Print the worst errors of the tutorial's functions and of every elementwise rule."""
    chosen = [i for i, rule in enumerate(measured()) if not only or rule.name in only.split(",")]
    with ProcessPoolExecutor() as pool:
        for line in pool.map(_line_of_function, range(0 if only else len(TUTORIAL)), itertools.repeat(points)):
            print("tutorial", line, flush=True)
        for line in pool.map(_line_of_rule, chosen, itertools.repeat(points)):
            print("rule    ", line, flush=True)


def _line_of_function(index: int, points: int) -> str:
    return _line(of_function(TUTORIAL[index], points))


def _line_of_rule(index: int, points: int) -> str:
    return _line(of_rule(measured()[index], points))


def _line(accuracy: Accuracy) -> str:
    slopes = "   ".join(f"derivative {worst}" for worst in accuracy.derivatives)
    return f"{accuracy.name:16} {accuracy.points:6} points   value {accuracy.value}   {slopes}"


if __name__ == "__main__":
    main()
