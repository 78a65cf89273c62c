"""Explain a derivative step by step: every rule by its name, in symbols and in numbers.

The derivation is read off the table and the recorded computation; nothing here differentiates by itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.engine.containers import flatten
from chainrule.errors import NoRuleError
from chainrule.explanation import words
from chainrule.explanation.checking import beside_differences, sample_point
from chainrule.explanation.derivation import Check, Derivation, Line, Path, Result, Stage
from chainrule.explanation.domain import domain_to_say
from chainrule.explanation.parts import as_written, in_table_terms, result_name
from chainrule.explanation.recorded import Recording, as_one_formula, backward_stage, recording
from chainrule.explanation.symbolic import Steps, formula_of
from chainrule.explanation.words import Language, Phrase
from chainrule.formula.expression import Expression, Symbol, evaluate, expression, free_symbols
from chainrule.formula.formula import Formula
from chainrule.formula.simplify import simplify
from chainrule.formula.text import text
from chainrule.rules.symbolic import differential
from chainrule.transforms import as_function, vjp

__all__ = ["Check", "Derivation", "Language", "Line", "Path", "Result", "Stage", "explain", "variables_of"]


def explain(f: Any, *args: Any, lang: Language = "en", sympy: bool = False) -> Derivation:
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
    inputs = variables_of(function, len(args))
    if args and len(args) != len(inputs):
        raise TypeError(
            f"explain got {len(args)} values for {len(inputs)} variables ({', '.join(inputs) or 'none'}). "
            "Give one value for each, or none."
        )
    root, problem = _followed(function, inputs, args)
    if root is not None and _all_plain(args):
        return _noted(function, _derived(function, root, inputs, args, (), lang, sympy))
    if not args:
        raise NoRuleError(
            f"the function cannot be followed with symbols ({problem}). "
            "Give explain the values to follow it at: explain(f, 1.0)."
        )
    record = recording(function, inputs, args)
    root = as_one_formula(record)
    if root is not None:
        values, _ = flatten(list(args))
        found = _derived(_flat(function, args), root, record.labels, values, (words.PATH_TAKEN,), lang, sympy)
        return _noted(function, found)
    return _noted(function, _recorded(function, inputs, args, record, lang))


def _noted(function: Callable[..., Any], derivation: Derivation) -> Derivation:
    """The derivation with what is to be said of how a formula's text was read."""
    notes = function.notes if isinstance(function, Formula) else ()
    said = tuple(Phrase(note.english, note.chinese) for note in notes)
    return replace(derivation, remarks=(*said, *derivation.remarks)) if said else derivation


def variables_of(function: Callable[..., Any], given: int) -> tuple[str, ...]:
    """The names of the variables: a formula's own, or those of the function's parameters."""
    variables = getattr(function, "variables", None)
    if isinstance(variables, tuple):
        return variables
    if isinstance(function, np.ufunc):
        return ("x", "y", "z")[: function.nin]
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # some functions written in C have no signature
        return ("x", "y", "z")[: max(given, 1)] if given <= 3 else tuple(f"x{i + 1}" for i in range(given))
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = [p.name for p in positional if p.default is p.empty] if not given else [p.name for p in positional][:given]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        wanted = max(given, 1)
        names += [f"x{i + 1}" for i in range(len(names), wanted)]
    return tuple(names)


def _followed(
    function: Callable[..., Any], inputs: Sequence[str], args: Sequence[Any]
) -> tuple[Expression | None, str]:
    """The function's formula, in functions of the table; or None and the reason why there is none."""
    try:
        known = getattr(function, "expression", None)
        root = known if isinstance(known, Expression) else expression(function(*map(Symbol, inputs)))
        root = in_table_terms(root)
        differential(root, {name: Symbol(name) for name in free_symbols(root)})
    except Exception as problem:  # whatever a function does with symbols, its record is explained instead
        return None, str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    if isinstance(known, Expression) or _agree(root, function, inputs, args):
        return root, ""
    return None, "it takes another branch for numbers than for symbols"


def _agree(root: Expression, function: Callable[..., Any], inputs: Sequence[str], args: Sequence[Any]) -> bool:
    """Whether the formula computes what the function computes: `if x == 0` silently takes one branch for a symbol."""
    points: list[Sequence[Any]] = [args] if args else []
    if args and _all_plain(args):
        by_formula = _engine(
            lambda *values: evaluate(root, dict(zip(inputs, values, strict=True))) + 0.0 * values[0], _real(args)
        )
        if not np.allclose(_engine(function, _real(args))[1], by_formula[1], rtol=1e-9, equal_nan=True):
            return False
    points += [[np.float64(value) for _ in inputs] for value in (0.0, 1.0, -1.0, 2.0)]
    points += [[np.float64(start + 0.31 * i) for i in range(len(inputs))] for start in (0.2, -0.7, 1.3)]
    for point in points:
        with np.errstate(all="ignore"):
            try:
                expected = function(*point)
                found = evaluate(root, dict(zip(inputs, _real(point), strict=True)))
            except (ArithmeticError, ValueError, TypeError):
                return False
            try:
                if not np.allclose(np.asarray(expected, float), np.asarray(found, float), rtol=1e-9, equal_nan=True):
                    return False
            except (TypeError, ValueError):
                return False
    return True


def _real(values: Sequence[Any]) -> list[Any]:
    return [np.asarray(value, float)[()] for value in values]


def _all_plain(args: Sequence[Any]) -> bool:
    return all(np.ndim(a) == 0 and isinstance(a, (int, float, np.number)) and not np.iscomplexobj(a) for a in args)


def _derived(
    function: Callable[..., Any],
    root: Expression,
    inputs: Sequence[str],
    args: Sequence[Any],
    remarks: tuple[Phrase, ...],
    lang: Language,
    sympy: bool,
) -> Derivation:
    """The derivation of a formula, with the engine's gradient and differences beside it."""
    values = dict(zip(inputs, _real(args), strict=True)) if args else {}
    name = result_name(set(inputs))
    steps = Steps(root, inputs, name, values)
    point = tuple(_real(args)) if args else sample_point(function, len(inputs)) if inputs else None
    value, gradients = _engine(function, point) if point else (None, (None,) * len(inputs))
    stages, results = [], []
    condition = domain_to_say(root)
    if condition is not None:
        remarks = (words.DEFINED_WHERE.filled(condition=text(as_written(condition))), *remarks)
    for position, variable in enumerate(inputs):
        stage, whole = steps.stage(variable)
        stages.append(stage)
        title = f"∂{name}/∂{variable}"
        simplified = simplify(whole)
        results.append(
            Result(
                variable,
                formula_of(whole, title),
                formula_of(simplified, title),
                gradients[position] if args else None,
                beside_differences(function, point, position, gradients[position]) if point else None,
                _by_sympy(simplified) if sympy else None,
            )
        )
    named = tuple(zip(inputs, point, strict=True)) if point else ()
    return Derivation(
        name, as_written(root), tuple(inputs), steps.lines(), tuple(stages), tuple(results),
        named if args else (), named, value if args else None, remarks, lang,
    )  # fmt: skip


def _engine(function: Callable[..., Any], point: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
    """The value and the derivatives as the engine computes them."""
    with np.errstate(all="ignore"):
        value, pullback = vjp(function, *point)
        return value, pullback(np.ones(np.shape(value))[()])


def _by_sympy(simplified: Expression) -> Formula | None:
    from chainrule.explanation.by_sympy import sympy_simplified  # late: SymPy takes half a second to start

    return sympy_simplified(simplified)


def _flat(function: Callable[..., Any], args: Sequence[Any]) -> Callable[..., Any]:
    """`function` as a function of the leaves of its arguments."""
    _, rebuild = flatten(list(args))
    return lambda *leaves: function(*rebuild(list(leaves)))


def _recorded(
    function: Callable[..., Any], inputs: Sequence[str], args: Sequence[Any], record: Recording, lang: Language
) -> Derivation:
    """The derivation of a computation on arrays."""
    name = result_name(set(record.labels))
    leaves, _ = flatten(list(args))
    flat = _flat(function, args)
    results = []
    for position, label in enumerate(record.labels):
        gradient = record.notes[position].gradient
        gradient = (
            np.zeros(np.shape(leaves[position]))
            if gradient is None
            else np.broadcast_to(gradient, np.shape(leaves[position]))
        )
        check = None if np.iscomplexobj(leaves[position]) else beside_differences(flat, leaves, position, gradient)
        results.append(Result(label, None, None, gradient[()], check))
    parts: tuple[Line, ...] = ()
    stages: tuple[Stage, ...] = ()
    remarks: tuple[Phrase, ...] = ()
    if record.output is None:
        remarks = tuple(words.CONSTANT_RESULT.filled(name=label) for label in record.labels)
    else:
        parts, stage = backward_stage(record, name)
        stages = (stage,)
    point = tuple(zip(record.labels, leaves, strict=True))
    return Derivation(
        name, None, record.labels, parts, stages, tuple(results), point, point, record.value, remarks, lang
    )
