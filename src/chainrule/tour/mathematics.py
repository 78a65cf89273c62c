"""Set a formula as an inline SVG picture, so that a page shows mathematics without a script or a font of its own."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import Any

from chainrule.drawing.titles import mathtext
from chainrule.formula.expression import Expression
from chainrule.formula.text import text

_SIZE = 100.0  # points to an em while measuring; the picture itself is scaled to the text around it
_ONE_LETTER = re.compile(r"\\operatorname\{(\w)(′?)\}")


def formula_svg(formula: Expression) -> str:
    """The SVG element for a formula, in the colour and size of the text around it, standing on its line.

    Readers who cannot see it are told the formula's text.
    """
    set_as = _ONE_LETTER.sub(lambda name: name[1] + "'" * len(name[2]), mathtext(formula))
    set_as = set_as.replace(r"\mathrm{df}", "df").replace(r" \, ", r" \cdot ")  # df g would read as one name
    return latex_svg(set_as, text(formula))


@cache
def latex_svg(latex: str, spoken: str) -> str:
    """The SVG element for LaTeX that matplotlib can set; `spoken` says the same in plain text."""
    from matplotlib.font_manager import FontProperties  # late: matplotlib is slow to start
    from matplotlib.textpath import TextPath

    outline = TextPath((0, 0), f"${latex}$", size=_SIZE, prop=FontProperties(math_fontfamily="cm"))
    box = outline.get_extents()
    left, right = min(box.x0, 0.0), box.x1 + 2.0
    below, above = min(box.y0, 0.0) - 2.0, box.y1 + 2.0
    return (
        f'<svg class="formula" role="img" aria-label="{escape(spoken)}" '
        f'viewBox="{left:.0f} {-above:.0f} {right - left:.0f} {above - below:.0f}" '
        f'style="width:{(right - left) / _SIZE:.3f}em;height:{(above - below) / _SIZE:.3f}em;'
        f'vertical-align:{below / _SIZE:.3f}em"><path d="{_commands(outline)}"/></svg>'
    )


def _commands(outline: Any) -> str:
    """A path of matplotlib's in SVG's letters; there y grows downwards."""
    letters = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
    written = []
    for vertices, code in outline.iter_segments(simplify=False, curves=True):
        numbers = "" if code == 79 else " ".join(f"{x:.0f} {-y:.0f}" for x, y in vertices.reshape(-1, 2))
        written.append(letters[int(code)] + numbers)
    return "".join(written)
