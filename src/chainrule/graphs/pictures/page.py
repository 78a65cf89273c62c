"""Read a graph as HTML: its picture, and below it the steps, which open on demand without any script."""

from __future__ import annotations

from html import escape

from chainrule.graphs.graph import Graph
from chainrule.graphs.pictures.svg import svg
from chainrule.graphs.steps import steps as steps_of
from chainrule.showing.language import Language
from chainrule.showing.notebook import picture

MOST_STEPS = 200  # of a longer list the beginning is shown
_WORDS = {"en": ("The {} steps", "… and {} more."), "zh": ("全部 {} 步", "……还有 {} 步。")}


def html(graph: Graph, lang: Language = "en") -> str:
    """The piece of HTML, its words in English ("en") or Chinese ("zh")."""
    heading, more = _WORDS[lang]
    drawn = picture(svg(graph, lang), repr(graph))
    steps = steps_of(graph)
    items = [
        f"<li>{escape(step.sentence(lang))} <code>{escape(step.numbers)}</code></li>" for step in steps[:MOST_STEPS]
    ]
    rest = f"<p>{more.format(len(steps) - MOST_STEPS)}</p>\n" if len(steps) > MOST_STEPS else ""
    return (
        f'<section class="chainrule-steps" lang="{lang}">\n{drawn}\n'
        f"<details>\n<summary>{heading.format(len(steps))}</summary>\n<ol>\n" + "\n".join(items) + f"\n</ol>\n{rest}"
        "</details>\n</section>\n"
    )
