"""Compile an elementwise rule's formulas into the functions that the engine calls.

A kernel is made for one direction, one set of tracked arguments and one dialect (NumPy scalars, arrays, or static):

    pull(g, *kept)         reverse: the cotangent of each tracked argument, `g` times its partial derivative
    push(*tangents, *kept) forward: the tangent of the output, the sum of tangents times partial derivatives
    local(*kept)           the partial derivatives themselves

`kept` are the values that the formulas name and nothing else: the reverse rule of `exp` keeps only `out`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chainrule.formula.expression import Call, Constant, Expression, Function, Symbol, call, free_symbols
from chainrule.formula.source import Source
from chainrule.rules.function import ending

if TYPE_CHECKING:
    from chainrule.rules.rule import Elementwise


class Kernel(NamedTuple):
    """A compiled rule and the names, among `x`, `y`, `z` and `out`, of the values that it takes."""

    function: Function
    kept: tuple[str, ...]


def compile_kernel(
    rule: Elementwise,
    kind: str,
    tracked: tuple[int, ...],
    *,
    scalar: bool,
    analytic: bool = False,
    static: bool = False,
) -> Kernel:
    """The kernel of `rule` for the arguments at the `tracked` positions; `kind` is "pull", "push" or "local".

    Outside the domain every partial derivative is NaN; the rule's exceptional rows come next, first row first.
    An `analytic` kernel is for complex arguments: the formulas shown, without domain and rows, which speak of the real
    line (as do many of the computed forms, with their absolute values). A `static` kernel computes the same with no
    truth test: every row is a choice between two arrays, whether it applies anywhere or not.
    """
    partials = [_ended((rule.analytic if analytic else rule.computed)[i], rule.arguments) for i in tracked]
    rows = [
        (row.condition, [_ended(row.partials[i], rule.arguments, row.sharp) for i in tracked]) for row in rule.at
    ]
    while rows and all(override is None for override in rows[-1][1]):
        rows.pop()
    domain = None if rule.between_floats else rule.domain
    if analytic:
        rows, domain = [], None
    elif all(partial == Constant(0) for partial in partials):
        domain = call(np.equal, Symbol("out"), Symbol("out"))  # a step at NaN is no step
    formulas = [p for p in partials if p is not None]
    formulas += [condition for condition, _ in rows]
    formulas += [o for _, overrides in rows for o in overrides if o is not None]
    formulas += [domain] if domain is not None else []
    named = {name for formula in formulas for name in free_symbols(formula)}
    kept = tuple(name for name in (*rule.arguments, "out") if name in named)
    given = {"pull": ["g"] * len(tracked), "push": [f"d{i}" for i in tracked], "local": ["1"] * len(tracked)}[kind]

    source = Source(scalar=scalar, static=static)
    terms = _Terms(source, rule.selects, missing="0.0" if kind != "pull" else "None")
    write = _scalar_statements if scalar else _array_statements
    nan: Any = Constant(math.nan)
    for name in kept:
        nan = call(ending, nan, Symbol(name))
    write(terms, partials, given, rows, domain, source.value(nan), total=kind == "push")
    parameters = {"pull": ["g"], "push": given, "local": []}[kind]
    name = f"{kind}_{rule.name}" if rule.name.isidentifier() else kind  # a user's function may be a lambda
    return Kernel(source.function(name, [*parameters, *kept]), kept)


def _ended(partial: Expression | None, arguments: tuple[str, ...], sharp: tuple[str, ...] = ()) -> Any:
    """A partial derivative whose own derivative by the `sharp` arguments is NaN; by all, if it is no finite number."""
    if partial is None:
        return None
    if isinstance(partial, Constant) and not math.isfinite(partial.value):
        sharp = arguments
    for name in sharp:
        partial = call(ending, partial, Symbol(name))
    return partial


class _Terms:
    """Writes the product of a cotangent (or tangent) and a partial derivative."""

    def __init__(self, source: Source, selects: bool, missing: str) -> None:
        self.source = source
        self.selects = selects
        self.missing = missing  # what stands for "this argument was not used"

    def product(self, g: str, partial: Expression | None) -> str:
        if partial is None or (isinstance(partial, Constant) and partial.value == 0):
            return self.missing
        if g == "1":
            return self.source.value(partial)
        if partial == Constant(1):
            return g
        if partial == Constant(-1):
            return f"(-{g})"
        if isinstance(partial, Call):
            if partial.function is np.divide and partial.arguments[0] == Constant(1):
                return f"({g} / {self.source.value(partial.arguments[1])})"
            if partial.function is np.negative:
                return f"(-{self.product(g, partial.arguments[0])})"
            if partial.function is np.where and self.selects:
                return self._selection(g, partial)
        return f"({g} * {self.source.value(partial)})"

    def _selection(self, g: str, partial: Call) -> str:
        condition = self.source.value(partial.arguments[0])
        taken, otherwise = (self.product(g, branch) for branch in partial.arguments[1:])
        if self.source.scalar:
            return f"({taken} if {condition} else {otherwise})"
        if isinstance(partial.arguments[0], Call) and partial.arguments[1:] == (Constant(1), Constant(0)):
            # A third of the time of np.where. Where g is infinite it gives NaN in an unused entry, and every NaN
            # makes the reverse pass look again with masks of the unused entries.
            return f"({g} * {condition})"
        taken, otherwise = ("0.0" if branch == "None" else branch for branch in (taken, otherwise))
        return f"{self.source.bind(np.where)}({condition}, {taken}, {otherwise})"


Row = tuple[Expression, list[Expression | None]]


def _scalar_statements(
    terms: _Terms,
    partials: list[Expression | None],
    given: list[str],
    rows: list[Row],
    domain: Expression | None,
    nan: str,
    total: bool,
) -> None:
    """Test for the exceptions first and return early, so that nothing is computed where it would fail."""
    source = terms.source
    if domain is not None:
        source.lines.append(f"if not {source.value(domain)}:")
        source.lines.append(f"    return {_result([nan] * len(given), total)}")
    for condition, overrides in rows:
        chosen = [p if o is None else o for p, o in zip(partials, overrides, strict=True)]
        source.lines.append(f"if {source.value(condition)}:")
        products = [terms.product(g, p) for g, p in zip(given, chosen, strict=True)]
        source.lines.append(f"    return {_result(products, total)}")
    source.share(p for p in partials if p is not None)
    products = [terms.product(g, p) for g, p in zip(given, partials, strict=True)]
    source.lines.append(f"return {_result(products, total)}")


def _array_statements(
    terms: _Terms,
    partials: list[Expression | None],
    given: list[str],
    rows: list[Row],
    domain: Expression | None,
    nan: str,
    total: bool,
) -> None:
    """Compute everywhere, then overwrite where an exception holds. The array dialect looks first if it does."""
    source = terms.source
    source.share(p for p in partials if p is not None)
    results = [f"r{i}" for i in range(len(given))]
    for name, g, partial in zip(results, given, partials, strict=True):
        source.lines.append(f"{name} = {terms.product(g, partial)}")
    choose = source.bind(np.where)
    indent = "" if source.static else "    "
    usual = {i for _, overrides in rows for i, override in enumerate(overrides) if override is None}
    source.lines.extend(f"u{i} = r{i}" for i in sorted(usual))
    for condition, overrides in reversed(rows):
        source.lines.append(f"c = {source.value(condition)}")
        if not source.static:
            source.lines.append(f"if {source.bind(any_true)}(c):")
        for i, (g, override) in enumerate(zip(given, overrides, strict=True)):
            product = f"u{i}" if override is None else terms.product(g, override)
            product = "0.0" if product == "None" else product
            source.lines.append(f"{indent}r{i} = {choose}(c, {product}, 0.0 if r{i} is None else r{i})")
    if domain is not None:
        source.lines.append(f"c = {source.bind(np.logical_not)}({source.value(domain)})")
        if not source.static:
            source.lines.append(f"if {source.bind(any_true)}(c):")
        source.lines.extend(
            f"{indent}{name} = {choose}(c, {nan}, 0.0 if {name} is None else {name})" for name in results
        )
    source.lines.append(f"return {_result(results, total)}")


def _result(products: list[str], total: bool) -> str:
    if total:
        return " + ".join(products)
    return products[0] if len(products) == 1 else f"({', '.join(products)})"


def any_true(condition: Any) -> bool:
    """Whether a condition, a Python truth value or an array of them, holds anywhere."""
    if type(condition) is np.ndarray:
        return bool(np.count_nonzero(condition))  # a tenth of the time of condition.any() for 100 entries
    return bool(condition)
