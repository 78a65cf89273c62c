"""Derive a formula: differentiate part after part, then put the parts together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.explanation import words
from chainrule.explanation.annotations import remarks_at, rules_used
from chainrule.explanation.checking import close
from chainrule.explanation.derivation import Line, Path, Stage
from chainrule.explanation.parts import Part, as_written, parts
from chainrule.formula.expression import (
    Call,
    Constant,
    Expression,
    Symbol,
    evaluate,
    free_symbols,
    substitute,
)
from chainrule.formula.formula import Formula
from chainrule.formula.simplify import simplify
from chainrule.formula.text import text
from chainrule.rules.symbolic import differential
from chainrule.transforms.directions import jvp

PRIME = "′"
MOST_PATHS = 8
MOST_SYMBOLS = 1500
"""A formula with more symbols is not written out: nobody reads it, and a chain of n parts may have 2ⁿ of them."""

_ZERO, _ONE = Constant(0), Constant(1)


class Steps:
    """The parts of one formula and how they change; everything shown is read off here.

    `values` are those of the inputs, numbers or arrays; empty for a derivation in symbols only. Use it under
    np.errstate(all="ignore"): points outside a domain are told in words.
    """

    def __init__(self, root: Expression, inputs: Sequence[str], result: str, values: Mapping[str, Any]) -> None:
        self.inputs = tuple(inputs)
        self.parts = parts(root, inputs, result)
        self.values: dict[str, Any] = dict(values)
        if values:
            for part in self.parts:
                self.values[part.name] = evaluate(part.formula, self.values)

    def lines(self) -> tuple[Line, ...]:
        """The parts themselves: u = sin(x)."""
        return tuple(
            Line(
                part.name,
                as_written(part.formula),
                (),
                self._numbers(part.formula, self.values),
                self.values.get(part.name),
            )
            for part in self.parts
        )

    def stage(self, variable: str) -> tuple[Stage, Expression]:
        """The derivatives of the parts by one variable, and the derivative of the whole as the chain rule gives it."""
        rates: dict[str, Expression] = {variable: _ONE}
        slopes: dict[str, Any] = {variable: np.float64(1.0)}
        derivatives: dict[str, Expression] = {}
        for part in self.parts:
            derivative = simplify(differential(part.formula, rates))
            derivatives[part.name] = derivative
            if derivative == _ZERO:
                continue
            rates[part.name] = derivative if derivative in (_ONE, Constant(-1)) else Symbol(part.name + PRIME)
            if self.values:
                slopes[part.name] = self._slope(part, slopes)
        needed = self._needed(derivatives)
        lines = []
        known = self.values | {name + PRIME: slope for name, slope in slopes.items()}
        for part in self.parts:
            if part.name not in needed:
                continue
            derivative = derivatives[part.name]
            moving = {name for name in free_symbols(part.formula) if name in rates}
            numbers = value = None
            remarks: tuple[Any, ...] = ()
            if self.values:
                value = slopes.get(part.name)
                if value is None:  # it does not move; what is NaN has no derivative
                    value = np.where(np.isnan(self.values[part.name]), np.nan, 0.0)[()]
                remarks = remarks_at(part.formula, moving, self.values)
                by_formula = evaluate(derivative, known)
                if close(by_formula, value, 1e-6, 1e-12):
                    numbers = self._numbers(derivative, known)
                elif not remarks and not np.isfinite(by_formula) and np.isfinite(value):
                    remarks = (words.LIMIT_OF_FORMULA,)
            lines.append(
                Line(
                    part.name + PRIME,
                    as_written(derivative),
                    rules_used(part.formula, moving, variable),
                    numbers,
                    value,
                    remarks,
                )
            )
        return Stage(variable, tuple(lines), self._paths(variable, rates)), self._whole(derivatives)

    def _slope(self, part: Part, slopes: Mapping[str, Any]) -> Any:
        """The derivative of a part as the engine finds it, exceptional rows and all."""
        found = free_symbols(part.formula)
        names = [name for name in found if name in slopes]
        constants = {name: self.values[name] for name in found if name not in slopes}

        def value(*moving: Any) -> Any:
            return evaluate(part.formula, constants | dict(zip(names, moving, strict=True)))

        primals = [np.asarray(self.values[name])[()] for name in names]
        tangents = [
            slope if {type(slope), type(p)} == {np.float64} else np.broadcast_to(slope, p.shape).astype(p.dtype)[()]
            for slope, p in zip([slopes[name] for name in names], primals, strict=True)
        ]

        def along(scale: Any) -> Any:
            return jvp(value, primals, [tangent * scale for tangent in tangents])[1]

        with np.errstate(all="ignore"):
            if all(np.all(tangent != 0) for tangent in tangents):
                return along(1.0)
            return jvp(along, (1.0,), (1.0,))[0]  # tracked: a plain tangent of 0 would say that the part rests

    def _needed(self, derivatives: Mapping[str, Expression]) -> set[str]:
        """The parts whose derivatives the result is made of."""
        needed = {self.parts[-1].name}
        for part in reversed(self.parts):
            if part.name in needed:
                needed |= {
                    name.removesuffix(PRIME) for name in free_symbols(derivatives[part.name]) if name.endswith(PRIME)
                }
        return needed

    def _whole(self, derivatives: Mapping[str, Expression]) -> Expression:
        written: dict[str, Expression] = {}
        for part in self.parts:
            written[part.name + PRIME] = substitute(derivatives[part.name], written)
            written[part.name] = substitute(part.formula, written)
        return written[self.parts[-1].name + PRIME]

    def _paths(self, variable: str, rates: Mapping[str, Expression]) -> tuple[Path, ...]:
        """The paths from the variable to the result, where there are several but not many."""
        routes: dict[str, list[tuple[tuple[str, ...], Expression, Any]]] = {
            variable: [((variable,), _ONE, np.float64(1.0))]
        }
        for part in self.parts:
            arrived = []
            for name in free_symbols(part.formula):
                if name not in routes or (name not in rates and name != variable):
                    continue
                local = simplify(differential(part.formula, {name: _ONE}))
                if local == _ZERO:
                    continue
                slope = self._slope(part, {name: np.float64(1.0)}) if self.values else None
                for names, product, value in routes[name]:
                    along = local if product == _ONE else Call(np.multiply, (product, local))
                    arrived.append(((*names, part.name), along, None if slope is None else value * slope))
                    if len(arrived) > MOST_PATHS:
                        return ()
            if arrived:
                routes[part.name] = arrived
        found = routes.get(self.parts[-1].name, [])
        if len(found) < 2 or len(self.parts) < 2:
            return ()
        return tuple(Path(names, as_written(simplify(product)), value) for names, product, value in found)

    def _numbers(self, formula: Expression, values: Mapping[str, Any]) -> Expression | None:
        """The formula with rounded values in it, where they are all numbers and there is something to compute.

        None also where rounding would tell something else: a tie of 1.00001 and 1, the cosine of 1234567.8.
        """
        names = free_symbols(formula)
        if not values or not isinstance(formula, Call) or any(np.shape(values[name]) for name in names):
            return None
        shown = {name: rounded(values[name]) for name in names}
        exact = float(evaluate(formula, values))
        by_shown = float(evaluate(formula, {name: np.float64(number.value) for name, number in shown.items()}))
        if np.isfinite(exact) and not abs(by_shown - exact) <= 0.01 * max(1.0, abs(exact)):
            return None
        return as_written(substitute(formula, shown))


def rounded(value: Any, digits: int = 4) -> Constant:
    """A number as a constant of a few digits, whole numbers without a decimal point."""
    number = float(f"{float(value):.{digits}g}")
    return Constant(
        int(number)
        if number.is_integer() and abs(number) < 1e6 and not (number == 0 and np.signbit(number))
        else number
    )


def formula_of(expression: Expression, name: str) -> Formula:
    """The expression as a formula. One that is too long to be written out is shown by its `name`."""
    expression = as_written(expression)
    return Formula(expression, text(expression) if expression.written_size <= MOST_SYMBOLS else name)
