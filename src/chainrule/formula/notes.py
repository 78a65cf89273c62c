"""What is said of a formula that can be read in two ways: how it was read, and what to write for the other reading.

A note is no error and no warning. It goes with the formula (:attr:`chainrule.formula.formula.Formula.notes`), and
whoever shows the formula shows its notes.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.formula.expression import Expression

MOST_NOTES = 8
_LONGEST = 60


@dataclass(frozen=True)
class Note:
    """One line about the formula's text at `column` (from 0), in English and in Chinese.

    >>> note = Note(3, "read as (1/2)·x; for 1/(2x) write brackets", "读作 (1/2)·x；若要 1/(2x)，请加括号")
    >>> print(note, note.say("zh"))
    read as (1/2)·x; for 1/(2x) write brackets 读作 (1/2)·x；若要 1/(2x)，请加括号
    """

    column: int
    english: str
    chinese: str

    def say(self, lang: str) -> str:
        """The line in "en" or "zh"."""
        return self.chinese if lang == "zh" else self.english

    def __str__(self) -> str:
        return self.english


@dataclass(frozen=True)
class Reading:
    """A note that is still to be written: the formula's part as it was read, and as it could also have been meant."""

    column: int
    read: Expression
    other: Expression

    def note(self) -> Note:
        """The note; the two formulas are written only now, so that a formula that is never shown costs nothing."""
        from chainrule.formula.text import text  # late: the readings stand above the trees they read

        read, other = _short(text(self.read)), _short(text(self.other))
        return Note(
            self.column,
            f"read as {read}; for {other} write brackets",
            f"读作 {read}；若要 {other}，请加括号",
        )


def _short(formula: str) -> str:
    return formula if len(formula) <= _LONGEST else f"{formula[: _LONGEST - 1]}…"
