"""The functions to choose from on the page: the elementary ones of the table of derivatives, and how to compose two."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from chainrule.errors import FormulaError
from chainrule.explanation.words import rule_name
from chainrule.formula.expression import Call, Expression, Symbol, call, substitute
from chainrule.formula.formula import parse
from chainrule.formula.mathml import mathml
from chainrule.formula.text import text
from chainrule.formula.textbook import textbook
from chainrule.functions import TUTORIAL
from chainrule.rules import TABLE, Elementwise
from chainrule.showing.language import Language

_NAMES = ("x", "y", "z")


@lru_cache(maxsize=2)
def catalogue(lang: Language) -> list[dict[str, Any]]:
    """The tutorial's functions, then every other elementary function of NumPy in the table, each with its derivatives.

    >>> [(row["text"], row["derivatives"][0]["text"]) for row in catalogue("en")][1:3]
    [('x²', '2x'), ('x³', '3x²')]
    """
    rows = [
        _row(entry.name, entry.expression, (entry.derivative_formula.expression,), entry.window, lang)
        for entry in TUTORIAL
    ]
    known = {row["text"] for row in rows}
    for rule in TABLE.values():
        if isinstance(rule, Elementwise) and len(rule.arguments) <= 2 and _is_typed(rule):
            row = _of_rule(rule, lang)
            if row["text"] not in known and _can_be_read(row["text"]):
                known.add(row["text"])
                rows.append(row)
    return rows


def _is_typed(rule: Elementwise) -> bool:
    """Whether the lab can draw it: a function of NumPy with a formula for each derivative."""
    return type(rule.function).__name__ == "ufunc" and all(partial is not None for partial in rule.partials)


def _can_be_read(written: str) -> bool:
    try:
        parse(written)
    except FormulaError:  # a spelling of NumPy's that no textbook has, such as float_power(x, y)
        return False
    return True


def _of_rule(rule: Elementwise, lang: Language) -> dict[str, Any]:
    named = {name: Symbol(_NAMES[index]) for index, name in enumerate(rule.arguments)}
    function = substitute(call(rule.function, *[Symbol(name) for name in rule.arguments]), dict(named))
    partials = tuple(
        textbook(substitute(partial, {**named, "out": function})) for partial in rule.partials if partial is not None
    )
    return _row(rule.name, function, partials, None, lang, rule_name(rule).say(lang))


def _row(
    name: str,
    function: Expression,
    partials: tuple[Expression, ...],
    window: tuple[float, float] | None,
    lang: Language,
    said: str | None = None,
) -> dict[str, Any]:
    rule = TABLE.get(function.function) if isinstance(function, Call) else None
    return {
        "name": name,
        "said": said if said is not None else rule_name(rule).say(lang) if rule is not None else name,
        "text": text(function),
        "mathml": mathml(function),
        "derivatives": [{"text": text(partial), "mathml": mathml(partial)} for partial in partials],
        "window": None if window is None else list(window),
    }


def composed(kind: str, g: Expression, h: Expression) -> str:
    """The text of g + h, g·h, g/h, or g(h(x)), for formulas of x.

    >>> x = Symbol("x")
    >>> composed("chain", x**2, x + 1), composed("quotient", x, x + 1)
    ('(x + 1)²', 'x/(x + 1)')
    """
    if kind == "chain":
        return text(substitute(g, {"x": h}))
    return text({"sum": g + h, "product": g * h, "quotient": g / h}[kind])
