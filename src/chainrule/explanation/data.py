"""A derivation as plain data, for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.explanation.derivation import Derivation
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
