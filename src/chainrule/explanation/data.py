"""A derivation as plain data, for JSON: what it holds, and how it is arranged and set on a page."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.explanation.derivation import Derivation
from chainrule.explanation.document import Equation, Heading, document, to_latex, to_text
from chainrule.formula.mathml import translated
from chainrule.formula.text import text
from chainrule.showing.language import Language


def as_data(derivation: Derivation, lang: Language) -> dict[str, Any]:
    """The derivation as plain data for JSON; formulas are text that is read back by `cr.parse`."""
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


def typeset(derivation: Derivation, lang: Language) -> list[dict[str, Any]]:
    """What is shown of a derivation, in order: headings, sentences, and equations in MathML.

    An equation has `left`, `sign`, `right` and `then`, further members of the chain; `name` is its left side as text,
    and `part` the name of the part that it is about.

    >>> from chainrule.explanation import explain
    >>> [(block["name"], block["part"]) for block in typeset(explain("exp(sin(x))"), "en") if "left" in block][1:5]
    [('u', 'u'), ('f', 'f'), ('u′', 'u'), ('f′', 'f')]
    """
    parts = {line.name for line in derivation.parts} | {derivation.result}
    return [_block(block, parts) for block in document(derivation, lang)]


def _block(block: Any, parts: set[str]) -> dict[str, Any]:
    if not isinstance(block, Equation):
        return {"heading" if isinstance(block, Heading) else "sentence": block.text}
    name = None if block.left is None else to_text(block.left)
    symbol = getattr(block.left, "name", "").removesuffix("′")
    return {
        "name": name,
        "part": symbol if symbol in parts else None,
        "left": None if block.left is None else translated(to_latex(block.left)),
        "sign": block.sign,
        "right": translated(to_latex(block.right)),
        "then": [translated(to_latex(member)) for member in block.then],
        "note": block.note,
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
