"""The steps of a graph as a list that shows itself: as lines of text, and in a notebook as a table."""

from __future__ import annotations

from typing import Any

from chainrule.graphs.steps import Step
from chainrule.showing.language import Language, Phrase
from chainrule.showing.notebook import bundle, table, text_picture

MOST_SHOWN = 200
_HEAD = (Phrase("step", "步骤"), Phrase("what happens", "说明"), Phrase("formula", "公式"), Phrase("numbers", "数值"))
_MORE = Phrase("… and {count} more", "……还有 {count} 步")


class Steps(tuple[Step, ...]):
    """The steps in order: a tuple of :class:`~chainrule.graphs.steps.Step`."""

    __slots__ = ()

    def text(self, lang: Language = "en") -> str:
        """The steps as numbered lines."""
        lines = [f"{number}. {step.sentence(lang)}" for number, step in enumerate(self[:MOST_SHOWN], 1)]
        return "\n".join([*lines, *self._rest(lang)])

    def html(self, lang: Language = "en") -> str:
        """The steps as a table."""
        rows = [
            (str(number), step.sentence(lang), step.formula, step.numbers)
            for number, step in enumerate(self[:MOST_SHOWN], 1)
        ]
        rows += [("", rest, "", "") for rest in self._rest(lang)]
        return table([word.say(lang) for word in _HEAD], rows, lang)

    def __repr__(self) -> str:
        return self.text()

    def _rest(self, lang: Language) -> list[str]:
        left = len(self) - MOST_SHOWN
        return [_MORE.say(lang).format(count=left)] if left > 0 else []

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(include, exclude, plain=self.text, html=self.html, svg=lambda: text_picture(self.text()))
