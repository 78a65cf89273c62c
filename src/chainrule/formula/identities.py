"""Identities by which a formula becomes shorter, each under the name that a teacher gives it.

An identity takes a formula in the form of :mod:`chainrule.formula.terms` and gives another of the same value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.formula.algebra import (
    brackets_joined,
    cancelled,
    each_root,
    everywhere,
    exponential_out,
    fraction_out,
    fractions_added,
    one_fraction,
    out_and_taken,
    power_out,
    square,
    squares_out,
)
from chainrule.formula.terms import Change, E, Terms, common_taken_out, multiplied_out, rebuilt_inside
from chainrule.formula.trigonometry import (
    as_quotient,
    as_tangent,
    composed,
    double,
    double_cosine,
    half_angle,
    hyperbolic,
    itself,
    pairs,
    reciprocal_squares,
    root_of_squares,
    sine_and_cosine,
    squares,
    two_cosines,
)
from chainrule.showing.language import Phrase


@dataclass(frozen=True)
class Identity:
    """A step of simplification: its name, and what it makes of a formula (the formula itself where it does not fit).

    It fits only where one of its `functions` stands, if there are any.
    """

    name: Phrase
    change: Change
    functions: frozenset[Any] = frozenset()

    def apply(self, one: Terms) -> Terms:
        """The formula after this step."""
        return self.change(one) if not self.functions or self.functions & one.functions else one


_TRIGONOMETRIC = frozenset((np.sin, np.cos, np.tan))
_HYPERBOLIC = frozenset((np.sinh, np.cosh, np.tanh))


def _same(name: str) -> Phrase:
    return Phrase(name, name)


_COMPOSED = (
    ("sin(arcsin u) = u", np.sin, np.arcsin, itself),
    ("cos(arccos u) = u", np.cos, np.arccos, itself),
    ("tan(arctan u) = u", np.tan, np.arctan, itself),
    ("sinh(arsinh u) = u", np.sinh, np.arcsinh, itself),
    ("cosh(arcosh u) = u", np.cosh, np.arccosh, itself),
    ("tanh(artanh u) = u", np.tanh, np.arctanh, itself),
    ("cos(arcsin u) = √(1 − u²)", np.cos, np.arcsin, root_of_squares(-1)),
    ("sin(arccos u) = √(1 − u²)", np.sin, np.arccos, root_of_squares(-1)),
    ("cosh(arsinh u) = √(1 + u²)", np.cosh, np.arcsinh, root_of_squares(1)),
    ("sinh(arcosh u) = √(u² − 1)", np.sinh, np.arccosh, root_of_squares(1, one=-1)),
    ("cos(arctan u) = 1/√(1 + u²)", np.cos, np.arctan, root_of_squares(1, -1)),
    ("cosh(artanh u) = 1/√(1 − u²)", np.cosh, np.arctanh, root_of_squares(-1, -1)),
    ("sin(arctan u) = u/√(1 + u²)", np.sin, np.arctan, root_of_squares(1, -1, times_power=1)),
    ("tanh(arsinh u) = u/√(1 + u²)", np.tanh, np.arcsinh, root_of_squares(1, -1, times_power=1)),
    ("tan(arcsin u) = u/√(1 − u²)", np.tan, np.arcsin, root_of_squares(-1, -1, times_power=1)),
    ("sinh(artanh u) = u/√(1 − u²)", np.sinh, np.arctanh, root_of_squares(-1, -1, times_power=1)),
    ("tan(arccos u) = √(1 − u²)/u", np.tan, np.arccos, root_of_squares(-1, times_power=-1)),
    ("tanh(arcosh u) = √(u² − 1)/u", np.tanh, np.arccosh, root_of_squares(1, one=-1, times_power=-1)),
)

IDENTITIES = (
    Identity(Phrase("one fraction, common factors taken out", "通分并提取公因式"), one_fraction),
    Identity(Phrase("multiplied out", "展开"), multiplied_out),
    Identity(Phrase("multiplied out, common factors taken out", "展开并提取公因式"), out_and_taken),
    Identity(Phrase("brackets multiplied out", "展开括号"), lambda one: rebuilt_inside(one, multiplied_out)),
    Identity(Phrase("fractions added", "分式相加"), everywhere(fractions_added)),
    Identity(Phrase("fraction reduced", "约分"), everywhere(cancelled)),
    Identity(_same("a² + 2ab + b² = (a + b)²"), everywhere(square)),
    Identity(_same("√(a²) = |a|"), each_root(squares_out)),
    Identity(_same("√(a/b) = √(ab)/|b|"), each_root(fraction_out)),
    Identity(Phrase("power taken out", "提取幂"), everywhere(power_out)),
    *(Identity(_same(name), composed(f, inverse, of), frozenset((f,))) for name, f, inverse, of in _COMPOSED),
    Identity(_same("tan = sin/cos"), as_quotient(np.tan, np.sin, np.cos), frozenset((np.tan,))),
    Identity(_same("sin/cos = tan"), as_tangent(np.tan, np.sin, np.cos), frozenset((np.sin,))),
    Identity(_same("sin² + cos² = 1"), squares(np.sin, np.cos, 1, -1), frozenset((np.sin,))),
    Identity(_same("sin² + cos² = 1"), squares(np.cos, np.sin, 1, -1), frozenset((np.cos,))),
    Identity(_same("1/cos² = 1 + tan²"), reciprocal_squares(np.cos, np.tan, 2, 1, 1), frozenset((np.cos,))),
    Identity(_same("1/sin² = 1 + 1/tan²"), reciprocal_squares(np.sin, np.tan, -2, 1, 1), frozenset((np.sin,))),
    Identity(_same("2 sin u cos u = sin 2u"), double(np.sin, np.cos), frozenset((np.sin,))),
    Identity(_same("cos² u − sin² u = cos 2u"), double_cosine(np.cos, np.sin, -1), _TRIGONOMETRIC),
    Identity(_same("1 − cos 2u = 2 sin² u"), everywhere(half_angle), frozenset((np.cos,))),
    Identity(_same("cos u cos v − sin u sin v = cos(u + v)"), pairs(two_cosines), frozenset((np.cos,))),
    Identity(_same("sin u cos v + cos u sin v = sin(u + v)"), pairs(sine_and_cosine), frozenset((np.sin,))),
    Identity(_same("tanh = sinh/cosh"), as_quotient(np.tanh, np.sinh, np.cosh), frozenset((np.tanh,))),
    Identity(_same("sinh/cosh = tanh"), as_tangent(np.tanh, np.sinh, np.cosh), frozenset((np.sinh,))),
    Identity(_same("cosh² − sinh² = 1"), squares(np.cosh, np.sinh, 1, 1), frozenset((np.cosh,))),
    Identity(_same("cosh² − sinh² = 1"), squares(np.sinh, np.cosh, -1, 1), frozenset((np.sinh,))),
    Identity(_same("1/cosh² = 1 − tanh²"), reciprocal_squares(np.cosh, np.tanh, 2, 1, -1), frozenset((np.cosh,))),
    Identity(_same("1/sinh² = 1/tanh² − 1"), reciprocal_squares(np.sinh, np.tanh, -2, -1, 1), frozenset((np.sinh,))),
    Identity(_same("2 sinh u cosh u = sinh 2u"), double(np.sinh, np.cosh), frozenset((np.sinh,))),
    Identity(_same("cosh² u + sinh² u = cosh 2u"), double_cosine(np.cosh, np.sinh, 1), _HYPERBOLIC),
    Identity(_same("cosh u + sinh u = eᵘ"), pairs(hyperbolic), frozenset((np.cosh,))),
    Identity(Phrase("eᵘ taken out", "提取 eᵘ"), everywhere(exponential_out), frozenset((E,))),
    Identity(Phrase("brackets multiplied", "括号相乘"), everywhere(brackets_joined)),
    Identity(Phrase("common factors taken out", "提取公因式"), everywhere(common_taken_out)),
)  # fmt: skip
