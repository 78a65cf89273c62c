"""What is said in English, in Chinese: sentences by the templates that they are made of.

A message is written once, in English, where it arises. Its Chinese form stands here under the same template, in which `{}`
is the place of what differs: `translated` finds the template that a message was made of, and fills the Chinese one. What
stands in a place may be such a message itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from chainrule.showing.chinese.command_line import COMMAND_LINE
from chainrule.showing.chinese.formulas import FORMULAS
from chainrule.showing.chinese.readings import READINGS
from chainrule.showing.chinese.sources import SOURCES

TEMPLATES: dict[str, str] = {**FORMULAS, **COMMAND_LINE, **READINGS}
"""The English templates and their Chinese forms; `{0}`, `{1}`, … name places that change their order."""


def translated_source(source: str, lang: str) -> str:
    """The source of a rule in a language; books and articles keep their names.

    >>> translated_source("DLMF 4.24.9 with the chain rule", "zh")
    'DLMF 4.24.9 与链式法则'
    """
    found = _found(source, _SOURCES) if lang == "zh" else None
    return source if found is None else found


def translated(message: str, lang: str) -> str:
    """`message` in a language; one that no template fits stays as it is.

    >>> translated("an operator is missing before 2", "zh")
    '2 前面缺少运算符'
    >>> translated("an operator is missing before 2", "en")
    'an operator is missing before 2'
    """
    if lang != "zh":
        return message
    found = _found(message, _MESSAGES)
    return message if found is None else found


class _Templates:
    """Templates, and the patterns of those with places, the ones with the most text of their own first."""

    def __init__(self, forms: Mapping[str, str]) -> None:
        self.forms = forms

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], str]]:
        order = sorted((form for form in self.forms if "{}" in form), key=lambda form: -len(form.replace("{}", "")))
        return [
            (re.compile("(.*?)".join(map(re.escape, form.split("{}"))), re.DOTALL), self.forms[form]) for form in order
        ]


def _found(message: str, templates: _Templates) -> str | None:
    exact = templates.forms.get(message)
    if exact is not None:
        return exact
    for pattern, chinese in templates.patterns:
        match = pattern.fullmatch(message)
        if match:
            return _filled(chinese, [_found(part, templates) or part for part in match.groups()])
    return None


def _filled(form: str, parts: Sequence[str]) -> str:
    """A Chinese form with what stands in its places, which may have another order than in English."""
    following = iter(parts)
    return _PLACE.sub(lambda place: parts[int(place[1])] if place[1] else next(following), form)


_PLACE = re.compile(r"\{(\d*)\}")
_MESSAGES, _SOURCES = _Templates(TEMPLATES), _Templates(SOURCES)
