"""Set formulas as outlines, so that a page shows mathematics without a script or a font of its own.

The outline of each letter stands in the page once; a formula says which letters go where.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any

from chainrule.drawing.titles import mathtext
from chainrule.formula.expression import Expression
from chainrule.formula.text import text
from chainrule.graphs.lettering import Written

_EM = 100.0  # matplotlib's units of a formula
_ONE_LETTER = re.compile(r"\\operatorname\{(\w)(′?)\}")


def written(formula: Expression) -> Written:
    """A formula as text and as LaTeX that matplotlib can set."""
    set_as = _ONE_LETTER.sub(lambda name: name[1] + "'" * len(name[2]), mathtext(formula))
    return Written(text(formula), set_as.replace(r"\mathrm{df} \, ", r"df \cdot ").replace(r"\mathrm{df}", "df"))


@dataclass
class Mathematics:
    """The formulas of one page, and the letters that they share."""

    letters: dict[str, tuple[str, str]] = field(default_factory=dict)

    def formula(self, formula: Expression) -> str:
        """The SVG element of a formula, in the colour and size of the text around it, standing on its line.

        Readers who cannot see it are told the formula's text.
        """
        return self.set(written(formula))

    def set(self, mathematics: Written) -> str:
        """The SVG element of a piece of mathematics."""
        layout = _layout(mathematics.latex)
        parts = []
        for letter, x, y, scale in layout.letters:
            number = self.letters.setdefault(letter, (f"g{len(self.letters)}", layout.outlines[letter]))[0]
            scaled = f' transform="translate({_short(x)} {_short(-y)}) scale({scale:.3g})"'
            parts.append(
                f'<use href="#{number}" x="{_short(x)}" y="{_short(-y)}"/>'
                if scale == 1
                else f'<use href="#{number}"{scaled}/>'
            )
        bars = "".join(layout.bars)
        lines = f'<path d="{bars}"/>' if bars else ""
        left, right, below, above = layout.box
        return (
            f'<svg class="formula" role="img" aria-label="{escape(mathematics.text)}" '
            f'viewBox="{_short(left)} {_short(-above)} {_short(right - left)} {_short(above - below)}" '
            f'style="width:{(right - left) / _EM:.2f}em;height:{(above - below) / _EM:.2f}em;'
            f'vertical-align:{below / _EM:.2f}em">{"".join(parts)}{lines}</svg>'
        )

    def definitions(self) -> str:
        """The letters' outlines, for one place in the page."""
        outlines = "".join(f'<path id="{number}" d="{outline}"/>' for number, outline in self.letters.values())
        return f'<svg class="letters" width="0" height="0" aria-hidden="true"><defs>{outlines}</defs></svg>\n'


@dataclass(frozen=True)
class _Layout:
    """Where the letters of a formula go (name, x, y, scale; y upwards), its bars, and its box."""

    letters: tuple[tuple[str, float, float, float], ...]
    outlines: dict[str, str]
    bars: tuple[str, ...]
    box: tuple[float, float, float, float]


@cache
def _layout(latex: str) -> _Layout:
    import numpy as np
    from matplotlib.font_manager import FontProperties  # late: matplotlib is slow to start
    from matplotlib.textpath import text_to_path

    properties = FontProperties(math_fontfamily="cm", size=_EM)
    placed, outlines, bars = text_to_path.get_glyphs_mathtext(properties, f"${latex}$", return_new_glyphs_only=False)
    corners = [np.asarray(vertices, float)[:-1] for vertices, _ in bars]
    corners += [
        np.asarray(outlines[letter][0], float) * scale + (x, y)
        for letter, x, y, scale in placed
        if len(outlines[letter][0])
    ]
    points = np.concatenate(corners) if corners else np.zeros((1, 2))
    (left, below), (right, above) = points.min(axis=0), points.max(axis=0)
    return _Layout(
        tuple((letter, float(x), float(y), float(scale)) for letter, x, y, scale in placed),
        {letter: _commands(vertices, codes) for letter, (vertices, codes) in outlines.items()},
        tuple(_commands(vertices, codes) for vertices, codes in bars),
        (min(left, 0.0), right + 2.0, min(below, 0.0) - 2.0, above + 2.0),
    )


def _commands(vertices: Any, codes: Iterable[int]) -> str:
    """A path of matplotlib's in SVG's letters; there y grows downwards."""
    letters = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
    made, before = [], 0
    for (x, y), code in zip(vertices, codes, strict=True):
        point = "" if code == 79 else f"{_short(x)} {_short(-y)}"
        made.append(f" {point}" if code == before and code != 79 else letters[int(code)] + point)
        before = int(code)
    return "".join(made)


def _short(number: float) -> str:
    """A tenth of a unit is a thousandth of the letter's size."""
    return f"{float(number):.1f}".removesuffix(".0") if abs(number) >= 0.05 else "0"
