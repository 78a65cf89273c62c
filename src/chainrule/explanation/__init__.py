"""Explain a derivative step by step: every rule by its name, in symbols and in numbers.

The derivation is read off the table and the recorded computation; nothing here differentiates by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.debug import looking_away
from chainrule.engine.arguments import as_function, parameter_names
from chainrule.errors import NoRuleError
from chainrule.explanation import words
from chainrule.explanation.checking import beside_differences, close, sample_point
from chainrule.explanation.derivation import Check, Derivation, Line, Path, Result, Stage
from chainrule.explanation.domain import domain_to_say
from chainrule.explanation.from_formula import MOST_SYMBOLS, Steps, formula_of
from chainrule.explanation.parts import as_written, in_table_terms, result_name
from chainrule.explanation.recorded import Recording, as_one_formula, backward_stage, recording
from chainrule.explanation.shown import ShownDerivation
from chainrule.formula.expression import Expression, Symbol, evaluate, expression, free_symbols
from chainrule.formula.formula import Formula
from chainrule.formula.text import text
from chainrule.formula.textbook import Step
from chainrule.formula.textbook import steps as steps_of
from chainrule.rules.symbolic import differential
from chainrule.showing.language import Language, Phrase
from chainrule.transforms.directions import vjp

__all__ = ["Check", "Derivation", "Language", "Line", "Path", "Result", "ShownDerivation", "Stage", "explain"]


def explain(f: Any, *args: Any, lang: Language = "en", sympy: bool = False) -> ShownDerivation:
    """How the derivative of `f` is found, step by step.

    `f` is a formula's text, a Formula, a catalogue entry or a plain NumPy function. A formula needs no values; with
    them (`args`, one for each variable) every step is shown in numbers too. A function with branches, loops over data
    or operations on arrays is explained as it was carried out at `args`; of an array result, the sum is differentiated.
    `lang` is "en" or "zh". With `sympy=True` SymPy simplifies the result as well, where it is installed.

    Raises TypeError for a wrong number of values, NoRuleError where a function cannot be followed without values,
    FormulaError for a text that cannot be read.

    >>> print(explain("x * sin(x)").formula("x").text())
    sin(x) + x·cos(x)
    """
    if lang not in ("en", "zh"):
        raise ValueError(f'explain speaks "en" and "zh", not {lang!r}')
    function = as_function(f)
    inputs = parameter_names(function, len(args) or None)
    if args and len(args) != len(inputs):
        raise TypeError(
            f"explain got {len(args)} values for {len(inputs)} variables ({', '.join(inputs) or 'none'}). "
            "Give one value for each, or none."
        )
    record = recording(function, inputs, args) if args else None
    with looking_away(), np.errstate(all="ignore"):  # what follows runs the function on symbols and beside the point
        root, problem = _followed(function, inputs, record)
        if record is None:
            if root is None:
                raise NoRuleError(
                    f"the function cannot be followed with symbols ({problem}). "
                    "Give explain the values to follow it at: explain(f, 1.0)."
                )
            return _noted(function, _derived(function, root, inputs, None, (), lang, sympy))
        if root is not None and _all_plain(args):
            return _noted(function, _derived(function, root, inputs, record, (), lang, sympy))
        root, branch = as_one_formula(record)
        if root is not None:
            found = _derived(record.flat, root, record.labels, record, (words.PATH_TAKEN, *branch), lang, sympy)
            return _noted(function, found)
        return _noted(function, _recorded(record, lang))


def _noted(function: Callable[..., Any], derivation: ShownDerivation) -> ShownDerivation:
    """The derivation with what is to be said of how a formula's text was read."""
    notes = function.notes if isinstance(function, Formula) else ()
    said = tuple(Phrase(note.english, note.chinese) for note in notes)
    return replace(derivation, remarks=(*said, *derivation.remarks)) if said else derivation


def _followed(
    function: Callable[..., Any], inputs: Sequence[str], record: Recording | None
) -> tuple[Expression | None, str]:
    """The function's formula, in functions of the table; or None and the reason why there is none."""
    try:
        known = getattr(function, "expression", None)
        root = known if isinstance(known, Expression) else expression(function(*map(Symbol, inputs)))
        root = in_table_terms(root)
        differential(root, {name: Symbol(name) for name in free_symbols(root)})
    except Exception as problem:  # whatever a function does with symbols, its record is explained instead
        return None, str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    if isinstance(known, Expression) or _agree(root, function, inputs, record):
        return root, ""
    return None, "it takes another branch for numbers than for symbols"


def _agree(root: Expression, function: Callable[..., Any], inputs: Sequence[str], record: Recording | None) -> bool:
    """Whether the formula computes what the function computes: `if x == 0` silently takes one branch for a symbol."""

    def formula(*values: Any) -> Any:
        return evaluate(root, dict(zip(inputs, values, strict=True)))

    if record is not None:
        if len(record.leaves) != len(inputs) or not _all_plain(record.leaves):
            return False
        value, gradients = _engine(formula, record.leaves)
        near = max(1e7 * np.finfo(leaf.dtype).eps for leaf in record.leaves)  # the precision of the arguments
        same = close(record.value, value, near, 1e-8)
        if not same or not (np.isnan(value) or np.allclose(record.gradients, gradients, rtol=near, equal_nan=True)):
            return False
    points = [[np.float64(value) for _ in inputs] for value in (0.0, 1.0, -1.0, 2.0)]
    points += [[np.float64(start + 0.31 * i) for i in range(len(inputs))] for start in (0.2, -0.7, 1.3)]
    for point in points:
        try:
            expected, found = function(*point), formula(*point)
        except (ArithmeticError, ValueError, TypeError):
            return False
        try:
            if not close(np.asarray(expected, float)[()], np.asarray(found, float)[()], 1e-9, 1e-8):
                return False
        except (TypeError, ValueError):
            return False
    return True


def _all_plain(args: Sequence[Any]) -> bool:
    return all(np.ndim(a) == 0 and isinstance(a, (int, float, np.number)) and not np.iscomplexobj(a) for a in args)


def _derived(
    function: Callable[..., Any],
    root: Expression,
    inputs: Sequence[str],
    record: Recording | None,
    remarks: tuple[Phrase, ...],
    lang: Language,
    sympy: bool,
) -> ShownDerivation:
    """The derivation of a formula, with the engine's gradient and differences beside it."""
    name = result_name(set(inputs))
    values = {} if record is None else dict(zip(inputs, record.leaves, strict=True))
    steps = Steps(root, inputs, name, values)
    point = record.leaves if record is not None else sample_point(function, len(inputs)) if inputs else None
    named = tuple(zip(inputs, point, strict=True)) if point else ()
    value, gradients = None, (None,) * len(inputs)
    if record is not None:
        value, gradients = record.value, record.gradients
    elif point:
        value, gradients = _engine(function, point)
    stages, results = [], []
    condition = domain_to_say(root)
    undefined = value is not None and (np.isnan(value) or _outside(condition, named))
    if undefined:
        remarks = (words.VALUE_UNDEFINED, *remarks)
    if condition is not None:
        size = condition.written_size
        remarks = (
            words.DEFINED_WHERE.filled(condition=text(as_written(condition)))
            if size <= MOST_SYMBOLS
            else words.DEFINED_WITH_PARTS.filled(count=words.count(size)),
            *remarks,
        )
    for position, variable in enumerate(inputs):
        stage, whole = steps.stage(variable)
        stages.append(stage)
        title = f"∂{name}/∂{variable}"
        simplification = steps_of(whole)
        simplified = simplification[-1].formula if simplification else whole
        results.append(
            Result(
                variable,
                formula_of(whole, title),
                formula_of(simplified, title),
                None if record is None else gradients[position],
                beside_differences(function, point, position, gradients[position]) if point and not undefined else None,
                _by_sympy(simplified) if sympy else None,
                tuple([Step(step.name, as_written(step.formula)) for step in simplification]),
            )
        )
    return ShownDerivation(
        name, as_written(root), tuple(inputs), steps.lines(), tuple(stages), tuple(results),
        () if record is None else named, named, None if record is None else value, remarks, lang,
    )  # fmt: skip


def _outside(domain: Expression | None, point: Sequence[tuple[str, Any]]) -> bool:
    """Whether a point lies outside the domain that is said."""
    return domain is not None and not evaluate(domain, dict(point))


def _engine(function: Callable[..., Any], point: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
    """The value and the derivatives as the engine computes them."""
    value, pullback = vjp(function, *point)
    return value, pullback(np.ones(np.shape(value))[()])


def _by_sympy(simplified: Expression) -> Formula | None:
    from chainrule.explanation.by_sympy import sympy_simplified  # late: SymPy takes half a second to start

    return sympy_simplified(simplified)


def _recorded(record: Recording, lang: Language) -> ShownDerivation:
    """The derivation of a computation on arrays."""
    name = result_name(set(record.labels))
    leaves = record.leaves
    results = []
    for position, (label, gradient) in enumerate(zip(record.labels, record.gradients, strict=True)):
        real = not np.iscomplexobj(leaves[position])
        check = beside_differences(record.flat, leaves, position, gradient) if real else None
        results.append(Result(label, None, None, gradient, check))
    parts: tuple[Line, ...] = ()
    stages: tuple[Stage, ...] = ()
    remarks: tuple[Phrase, ...] = ()
    if record.output is None:
        remarks = tuple(words.CONSTANT_RESULT.filled(name=label) for label in record.labels)
    else:
        parts, stage, remarks = backward_stage(record, name)
        stages = (stage,)
    point = tuple(zip(record.labels, leaves, strict=True))
    return ShownDerivation(
        name, None, record.labels, parts, stages, tuple(results), point, point, record.value, remarks, lang
    )
