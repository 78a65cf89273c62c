"""Graphs that show themselves (steps, folded, drawn, moving, as a page, as equations), and gradient flows."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from chainrule.graphs.equations import latex
from chainrule.graphs.folding import fold as folded
from chainrule.graphs.graph import DRAWN_MOST, Graph
from chainrule.graphs.layers import GradientFlow
from chainrule.graphs.pictures.animation import Animation, animate
from chainrule.graphs.pictures.file import save
from chainrule.graphs.pictures.page import html
from chainrule.graphs.pictures.player import Player
from chainrule.graphs.pictures.step_table import Steps
from chainrule.graphs.pictures.svg import svg
from chainrule.graphs.steps import steps
from chainrule.showing.language import Language
from chainrule.showing.notebook import bundle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOLD_ABOVE = 40  # nodes above which pictures fold what repeats


@dataclass(frozen=True, eq=False, repr=False)
class ShownGraph(Graph):
    """A :class:`~chainrule.graphs.graph.Graph` with its readings as methods: what :func:`chainrule.graph` returns."""

    def steps(self) -> Steps:
        """The computation step by step: inputs, operations forward, seeds, then the gradients."""
        return Steps(steps(self))

    def player(self, lang: Language = "en", fold: Literal["auto"] | bool = "auto") -> Player:
        """The steps to play, pause, step through and scrub, as a piece of HTML; `fold` is as in :meth:`draw`."""
        return Player(self.shown(fold), lang)

    def fold(self) -> Self:
        """The graph with what it repeats folded: the iterations of a loop are one box "× 300".

        A block of operations of the same lines that follows itself three times or more is folded. A graph
        without such a block is returned as it is.
        """
        return folded(self)

    def unfold(self, id: int | None = None) -> Self:
        """The graph with the folded box `id` opened, the others kept; with all of them opened without `id`."""
        if self.unfolded is None:
            return self
        if id is None:
            return cast("Self", self.unfolded)
        kept = {member for node in self.nodes if node.fold and node.id != id for member in node.fold.members}
        opened = {node.id for node in self.unfolded.nodes if node.kind == "operation"} - kept
        return folded(self, but=tuple(opened))

    def draw(
        self, axes: Axes | None = None, lang: Language = "en", fold: Literal["auto"] | bool = "auto"
    ) -> Figure:
        """The graph as a matplotlib figure, drawn into `axes` if given. `lang` is "en" or "zh".

        What repeats is folded in a graph of more than 40 nodes; always with `fold=True`, never with `False`.
        """
        from chainrule.graphs.pictures.figure import draw  # late: matplotlib takes half a second to start

        return draw(self.shown(fold), axes=axes, lang=lang)

    def save(
        self, path: str | PathLike[str], lang: Language = "en", fold: Literal["auto"] | bool = "auto"
    ) -> None:
        """Write the picture to a `.svg`, `.png`, `.pdf` or (moving) `.gif` file, whole or not at all.

        `lang` and `fold` are as in :meth:`draw`. Raises ValueError for another ending,
        :class:`~chainrule.errors.OutputError` when the file cannot be written.
        """
        save(self.shown(fold), path, lang=lang)

    def animate(self, lang: Language = "en", fold: Literal["auto"] | bool = "auto") -> Animation:
        """The steps as a moving picture, for a notebook or for `.save("steps.svg")` or `.gif`; see :meth:`draw`."""
        return animate(self.shown(fold), lang)

    def shown(self, fold: Literal["auto"] | bool = "auto") -> Self:
        """The graph as it is drawn: folded if `fold` is True, or "auto" and the graph has more than 40 nodes."""
        if fold not in ("auto", True, False):
            raise ValueError(f'fold is "auto", True or False, not {fold!r}.')
        large = len(self.nodes) > FOLD_ABOVE
        return self.fold() if fold is True or (fold == "auto" and large and self.unfolded is None) else self

    def html(self, lang: Language = "en", fold: Literal["auto"] | bool = "auto") -> str:
        """The picture and the list of steps as a piece of HTML that needs no script; see :meth:`draw`."""
        return html(self.shown(fold), lang)

    def latex(self, fold: Literal["auto"] | bool = "auto") -> str:
        """An equation for every value and every gradient, in LaTeX for a document that loads amsmath."""
        return latex(self.shown(fold))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        shown = self.shown()
        if len(shown.nodes) > DRAWN_MOST:  # a notebook shows every result, also one that has no picture
            return bundle(include, exclude, plain=self.__repr__)
        return bundle(include, exclude, plain=self.__repr__, html=self.html, svg=lambda: svg(shown), latex=self.latex)


@dataclass(frozen=True, eq=False, repr=False)
class ShownFlow(GradientFlow):
    """A :class:`~chainrule.graphs.layers.GradientFlow` that can be drawn; a notebook shows it."""

    def draw(self, lang: Language = "en") -> Figure:
        """The flow as a figure, its words in English ("en") or Chinese ("zh")."""
        from chainrule.graphs.pictures.flow_figure import draw  # late: matplotlib takes half a second to start

        return draw(self, lang)

    def html(self, lang: Language = "en") -> str:
        """The figure's parts side by side where there is room, and a table of the layers below them."""
        from chainrule.graphs.pictures.flow_page import html  # late, as above

        return html(self, lang)

    def __repr__(self) -> str:
        steps, first, last = len(self.steps), self.steps[0].loss, self.steps[-1].loss
        ill = [f"{name} {status}" for name in self.parameters if (status := self.status(name)) != "healthy"]
        fare = ", ".join(ill[:4]) + (", …" if len(ill) > 4 else "") or "all healthy"
        layers = f"{len(self.parameters)} parameters, {len(self.activations)} activations"
        return f"GradientFlow({steps} step{'s' * (steps > 1)}, {layers}; loss {first:.4g} → {last:.4g}; {fare})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from chainrule.graphs.pictures import flow_page  # late, as above

        return bundle(
            include,
            exclude,
            plain=self.__repr__,
            html=self.html,
            svg=lambda: flow_page.svg(self),
            latex=lambda: flow_page.latex(self),
        )
