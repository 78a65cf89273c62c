"""What cannot be drawn, said in English and Chinese, for who calls `draw` in Python and for who types a command.

A message names options, and those are written `over=(-5, 5)` in one place and `--over -5 5` in the other.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from chainrule.errors import DomainError
from chainrule.showing.language import Language, Phrase


class Option(NamedTuple):
    """An option of `draw` in a message: its name in Python, and a value for it, if one is to be written."""

    name: str
    value: Any = None

    def in_python(self) -> str:
        return self.name if self.value is None else f"{self.name}={_python(self.value)}"

    def in_command(self) -> str:
        name = f"--{self.name}"
        values = () if self.value is None else self.value if isinstance(self.value, tuple) else (self.value,)
        return " ".join([name, *(f"{value:g}" if isinstance(value, float) else str(value) for value in values)])


class Parameter(NamedTuple):
    """The value of a formula's parameter in a message: `parameters={"a": 2}`, or `a=2` after a command."""

    name: str
    value: Any = 1

    def in_python(self) -> str:
        return f'parameters={{"{self.name}": {self.value:g}}}'

    def in_command(self) -> str:
        return f"{self.name}={self.value:g}"


class Message(str):
    """What an error of `draw` says: as text, the English that a caller in Python reads.

    `phrase` has the sentences in both languages, `values` what stands in their places.
    """

    phrase: Phrase
    values: dict[str, Any]

    @classmethod
    def of(cls, phrase: Phrase, **values: Any) -> Message:
        """The message of a phrase with its places filled."""
        message = cls(_said(phrase, values, "en", command=False))
        message.phrase, message.values = phrase, values
        return message

    def said(self, lang: Language = "en", command: bool = False) -> str:
        """The message in a language, its options as they are written in Python or after a command."""
        return _said(self.phrase, self.values, lang, command)


def _said(phrase: Phrase, values: dict[str, Any], lang: Language, command: bool) -> str:
    def written(value: Any) -> Any:
        if isinstance(value, Option | Parameter):
            return value.in_command() if command else value.in_python()
        return value.say(lang) if isinstance(value, Phrase) else value

    return phrase.say(lang).format(**{name: written(value) for name, value in values.items()})


def refused(en: str, zh: str, **values: Any) -> DomainError:
    """The error for a point, an interval or a number that cannot be drawn with."""
    return DomainError(Message.of(Phrase(en, zh), **values))


def finite(value: Any, name: str, example: float = 1.0) -> float:
    """The number that is given for an option. Raises DomainError for anything that is no finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise refused(
            "{name} must be a finite number, but got {value!r}. Write for example {example}.",
            "{name} 必须是有限的数，但得到的是 {value!r}。例如写 {example}。",
            name=Option(name),
            value=value,
            example=Option(name, example),
        )
    return number


def _python(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_python, value))})"
    return f"{value:g}" if isinstance(value, float) else repr(value)
