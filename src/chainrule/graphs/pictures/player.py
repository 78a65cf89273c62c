"""Play the steps of a graph by hand: forward and backward, with a slider, as a piece of HTML with its own script."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from chainrule.formula.data import Data
from chainrule.formula.expression import Expression
from chainrule.graphs.equations import latex
from chainrule.graphs.graph import Graph
from chainrule.graphs.pictures import svg as still_picture
from chainrule.graphs.pictures.animation import moments
from chainrule.graphs.pictures.scene import refuse_crowd, scene
from chainrule.graphs.steps import steps as steps_of
from chainrule.showing.files import write_whole
from chainrule.showing.language import Language, Phrase
from chainrule.showing.notebook import READABLE, bundle
from chainrule.showing.player import page, player

_STEP = Phrase("step", "步骤")
_ALL = Phrase("All steps", "全部步骤")


@dataclass(frozen=True, eq=False, repr=False)
class Player(Data):
    """A graph whose steps can be played; a notebook shows it."""

    graph: Graph
    lang: Language = "en"

    def html(self) -> str:
        """The piece of HTML, with its script; several may stand on one page."""
        refuse_crowd(self.graph)  # before the steps, which take longer
        steps = steps_of(self.graph)
        picture = scene(self.graph, still_picture.measure, self.lang, moments(self.graph, steps))
        symbolic = any(isinstance(node.value, Expression) for node in self.graph.nodes)
        told = [
            {
                "words": f"{number}/{len(steps)}: {step.sentence(self.lang)}",
                "numbers": step.formula if symbolic or step.formula == step.numbers else
                f"{step.formula}   {step.numbers}",
            }
            for number, step in enumerate(steps, 1)
        ]  # fmt: skip
        drawn = still_picture.draw(picture, self.lang)
        wide = picture.width
        drawn = drawn.replace(
            "<svg ", f'<svg style="max-width: {wide:.0f}px; min-width: {READABLE * wide:.0f}px" ', 1
        )
        items = "".join(f"<li>{escape(step.sentence(self.lang))}</li>\n" for step in steps)
        listed = f"<details>\n<summary>{_ALL.say(self.lang)}</summary>\n<ol>\n{items}</ol>\n</details>\n"
        pictures = f'<div class="picture">{drawn}</div>'
        return player(pictures, {"steps": told}, repr(self.graph), _STEP.say(self.lang), self.lang, after=listed)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it as an HTML page that opens without a network, whole or not at all.

        Raises ValueError for another ending, :class:`~chainrule.errors.OutputError` when it cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"a player is saved as .html, but got {target.name!r}. Write .save('graph.html').")
        write_whole(target, page(self.html(), repr(self.graph), self.lang).encode())

    def __repr__(self) -> str:
        return f"Player({self.graph!r})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(
            include,
            exclude,
            plain=self.__repr__,
            html=self.html,
            svg=lambda: still_picture.svg(self.graph, self.lang),
            latex=lambda: latex(self.graph),
        )
