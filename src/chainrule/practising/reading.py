"""Read what a learner typed as the derivative: "f'(x) = 2x", "y′ = 2x", "dy/dx = 2x" or just "2x"."""

from __future__ import annotations

import re

from chainrule.errors import FormulaError
from chainrule.formula.formula import Formula, parse

_PRIME = "['’′ʹ＇]"
_HEAD = re.compile(
    rf"\s*(?:[^\W\d_]\s*(?:{_PRIME}|\^\{{?\\prime\}}?)\s*(?:[(（]\s*\w+\s*[)）])?"
    r"|[d∂]\s*[^\W\d_]?\s*/\s*[d∂]\s*[^\W\d_]"
    r"|\\frac\{d\s*\w?\}\{d\s*\w\}"
    r")\s*[=＝]"
)


def read_answer(typed: str) -> Formula:
    """The formula that was typed, without what names it as a derivative.

    >>> read_answer("f'(x) = 2x·cos(x²)").text()
    '2x·cos(x²)'

    Raises FormulaError as :func:`chainrule.formula.formula.parse` does, with the column in what was typed.
    """
    head = _HEAD.match(typed)
    if head is None:
        return parse(typed)
    start = head.end()
    try:
        return parse(typed[start:])
    except FormulaError as problem:
        raise FormulaError(typed, problem.column + start, problem.reason) from None
