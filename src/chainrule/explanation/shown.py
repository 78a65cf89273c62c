"""A derivation that shows itself: in a terminal, as LaTeX, Markdown and HTML, in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.explanation import pages, terminal
from chainrule.explanation.derivation import Derivation
from chainrule.showing.language import Language
from chainrule.showing.notebook import bundle, text_picture


@dataclass(frozen=True, eq=False, repr=False)
class ShownDerivation(Derivation):
    """A :class:`~chainrule.explanation.derivation.Derivation` with its readings as methods: what `explain` returns."""

    def text(self, width: int = 80, lang: Language | None = None) -> str:
        """The derivation for a terminal of the given width, without colours."""
        return terminal.text(self, width, lang or self.lang)

    def latex(self, lang: Language | None = None) -> str:
        """The derivation in LaTeX, for a document that loads amsmath (and ctex for Chinese)."""
        return pages.latex(self, lang or self.lang)

    def latex_document(self, lang: Language | None = None) -> str:
        """The derivation as a whole LaTeX document that can be compiled."""
        return pages.latex_document(self, lang or self.lang)

    def markdown(self, lang: Language | None = None) -> str:
        """The derivation in Markdown, its formulas between dollar signs."""
        return pages.markdown(self, lang or self.lang)

    def html(self, lang: Language | None = None) -> str:
        """The derivation as a whole HTML page that needs no script, font or network: formulas are MathML."""
        return pages.page(self, lang or self.lang)

    def print(self, lang: Language | None = None) -> None:
        """Print the derivation, in colours where the terminal has them."""
        from rich.console import Console  # late: rich is only needed for colours

        console = Console()
        console.print(self._rich(console.width, lang or self.lang))

    def _rich(self, width: int, lang: Language) -> Any:
        return terminal.styled(self, width, lang)

    def __rich_console__(self, console: Any, options: Any) -> Any:
        yield self._rich(options.max_width, self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(
            include,
            exclude,
            plain=self.text,
            html=lambda: pages.fragment(self, self.lang),
            svg=lambda: text_picture(self.text()),
            latex=self.latex,
            markdown=self.markdown,
        )
