"""The two languages in which everything is said, and sentences that exist in both."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["en", "zh"]


class Phrase(NamedTuple):
    """The same words in both languages."""

    en: str
    zh: str

    def say(self, lang: Language) -> str:
        """The phrase in one language, "en" or "zh"."""
        return self.zh if lang == "zh" else self.en

    def filled(self, **values: str | Phrase) -> Phrase:
        """The phrase with its `{places}` filled; phrases among the values are put in by language."""
        return Phrase(
            *(
                text.format(**{name: v[index] if isinstance(v, Phrase) else v for name, v in values.items()})
                for index, text in enumerate(self)
            )
        )
