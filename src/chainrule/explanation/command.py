"""The command `explain`: a formula or a function by its place, values by name, the derivation as text."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from chainrule.explanation import explain, variables_of
from chainrule.explanation.derivation import Derivation
from chainrule.explanation.words import Language
from chainrule.transforms import as_function

Form = Literal["text", "latex", "html", "markdown", "json"]


def explain_command(
    target: str,
    values: Mapping[str, Any] | None = None,
    *,
    lang: Language = "en",
    form: Form = "text",
    width: int = 80,
    sympy: bool = False,
) -> str:
    """The derivation of `target`, a formula's text or "module:function", at `values` by the variables' names.

    `form` is "text" (of `width` columns), "latex", "html" (a whole page), "markdown" or "json". Raises FormulaError for
    a text that cannot be read, TypeError for values that do not fit the variables, ImportError or AttributeError where
    the function is not found.

    >>> print(explain_command("2x + 1", form="markdown").splitlines()[2])
    - $f\\left(x\\right) = 2 x + 1$
    """
    function = _function(target)
    derivation = explain(function, *_in_order(function, values or {}), lang=lang, sympy=sympy)
    if form == "json":
        return json.dumps(as_data(derivation, lang), ensure_ascii=False, indent=2) + "\n"
    return derivation.text(width) if form == "text" else str(getattr(derivation, form)())


def as_data(derivation: Derivation, lang: Language) -> dict[str, Any]:
    """The derivation as plain data for JSON; formulas are text that is read back by `cr.parse`."""
    from chainrule.formula.text import text  # late: with the other readings

    def lines(rows: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": line.name,
                "formula": text(line.formula),
                "rules": [rule.say(lang) for rule in line.rules],
                "value": _plain(line.value),
                "remarks": [remark.say(lang) for remark in line.remarks],
            }
            for line in rows
        ]

    return {
        "formula": None if derivation.root is None else text(derivation.root),
        "variables": list(derivation.inputs),
        "point": {name: _plain(value) for name, value in derivation.point},
        "value": _plain(derivation.value),
        "remarks": [remark.say(lang) for remark in derivation.remarks],
        "parts": lines(derivation.parts),
        "stages": [{"variable": stage.variable, "lines": lines(stage.lines)} for stage in derivation.stages],
        "derivatives": {
            result.variable: {
                "computed": None if result.computed is None else result.computed.source_text,
                "simplified": None if result.simplified is None else result.simplified.source_text,
                "value": _plain(result.value),
                "central difference": None if result.check is None else _plain(result.check.difference),
            }
            for result in derivation.results
        },
    }


def _plain(value: Any) -> Any:
    """A number or nested lists of numbers; infinities and NaN, which JSON does not have, as text."""
    if value is None:
        return None
    if np.ndim(value):
        return [_plain(entry) for entry in value]
    if np.iscomplexobj(value):
        return [_plain(np.real(value)), _plain(np.imag(value))]
    number = float(value)
    return number if np.isfinite(number) else str(number)


def _function(target: str) -> Any:
    module, colon, name = target.partition(":")
    if not (colon and name.isidentifier() and all(part.isidentifier() for part in module.split("."))):
        return target
    return getattr(importlib.import_module(module), name)


def _in_order(function: Any, values: Mapping[str, Any]) -> list[Any]:
    """The values in the order of the function's variables."""
    if not values:
        return []
    names = variables_of(as_function(function), len(values))
    unknown = [name for name in values if name not in names]
    missing = [name for name in names if name not in values]
    if unknown or missing:
        wrong = (
            f"is given {', '.join(unknown)}, which it does not have"
            if unknown
            else f"is not given {', '.join(missing)}"
        )
        raise TypeError(
            f"the function takes {', '.join(names) or 'no values'}, and {wrong}. "
            f"Write {' '.join(f'{n}=…' for n in names)}."
        )
    return [values[name] for name in names]
