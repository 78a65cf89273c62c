"""What is wrong with a typed formula, and where."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 - no error of its own: parse_expression turns it into FormulaError
    """What is wrong with the formula, and where."""

    def __init__(self, column: int, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(reason)
