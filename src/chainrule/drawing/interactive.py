"""A drawing whose point moves: with a slider, by hand, or by itself, as a piece of HTML with its own script."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

from chainrule.drawing.captions import labels, number, tangent_label
from chainrule.drawing.drawn import BETWEEN, Drawing, whole_figure
from chainrule.drawing.picture import Picture, Tangent
from chainrule.drawing.stops import Stops
from chainrule.showing.figures import panels
from chainrule.showing.files import write_whole
from chainrule.showing.language import Language, Phrase
from chainrule.showing.notebook import image
from chainrule.showing.player import page, player

_OFFSETS = (96, 64, 48, 32, 16, 8, 4, 2, 1, 0)
"""The steps of the secant, in positions: the last one is the tangent itself."""
_POINT = Phrase("point x", "点 x")
_STEP = Phrase("secant → tangent", "割线 → 切线")
_NAME = Phrase("a curve and its tangent", "曲线与切线")
_UNDEFINED = Phrase("{x}: the function has no value here", "{x}：函数在此处没有值")
_WORDS = Phrase("{x}: value {y}; {tangent}", "{x}：函数值 {y}；{tangent}")


@dataclass(frozen=True, repr=False, eq=False)
class InteractiveDrawing(Drawing):
    """A :class:`Drawing` that a notebook shows with a point to move along the curve.

    `stops` are the positions of the point. Saved as `.html` it is a page that opens without a network.
    """

    stops: Stops = field(default_factory=lambda: Stops((), 0))
    lang: Language = "en"

    def html(self) -> str:
        """The piece of HTML, with its script; several may stand on one page."""
        bare = whole_figure(_without_point(self.data), labels(self.lang), None, stacked=False)
        shown = panels(bare.figure, bare.axes[:2], *BETWEEN)
        pictures = "".join(
            f'<div class="panel">{image(panel.svg, f"{self!r} ({place}/2)", "")}'
            f'<svg class="layer" aria-hidden="true" viewBox="0 0 {panel.size[0]:.2f} {panel.size[1]:.2f}"></svg></div>'
            for place, panel in enumerate(shown, 1)
        )
        axes = [
            {"frame": [round(side, 2) for side in panel.frame], "x": list(ax.get_xlim()), "y": list(ax.get_ylim())}
            for panel, ax in zip(shown, bare.axes, strict=False)
        ]
        data = {
            "axes": axes,
            "stops": [self._stop(each) for each in self.stops.tangents],
            "start": self.stops.start,
            "offsets": list(_OFFSETS),
            "secant": labels(self.lang).secant.format("{h}", "{slope}"),
        }
        heading = f"<p><strong>{escape(self.title)}</strong></p>\n" if self.title else ""
        pictures = f'{heading}<div class="panels">{pictures}</div>'
        name = _NAME.say(self.lang)
        return player(pictures, data, name, _POINT.say(self.lang), self.lang, step=_STEP.say(self.lang))

    def save(self, path: str | Path) -> Path:
        """Write an HTML page that plays, or the still figure as for any drawing, by the suffix of `path`."""
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            return super().save(path)
        write_whole(path, page(self.html(), self.title or repr(self), self.lang).encode())
        return path

    def _stop(self, tangent: Tangent) -> dict[str, Any]:
        x = f"{self.data.variable} = {number(tangent.x)}"
        if math.isnan(tangent.y):
            words = _UNDEFINED.say(self.lang).format(x=x)
        else:
            said = tangent_label(tangent, self.data.variable, labels(self.lang))
            words = _WORDS.say(self.lang).format(x=x, y=number(tangent.y), tangent=said)
        conventional = tangent.sides is not None or (not tangent.segments and not math.isnan(tangent.slope))
        return {
            "x": _rounded(tangent.x),
            "y": _rounded(tangent.y),
            "slope": None if conventional else _rounded(tangent.slope),
            "segments": [[[_rounded(value) for value in end] for end in segment] for segment in tangent.segments],
            "words": words,
        }


def _without_point(picture: Picture) -> Picture:
    """The picture of the curves alone: the point and what belongs to it are drawn by the script."""
    nothing = Tangent(math.nan, math.nan, math.nan, ())
    others = tuple(_without_point(each) for each in picture.others)
    return replace(picture, tangent=nothing, secants=(), tangents=(), outside=None, others=others)


def _rounded(value: float) -> float:
    """As many digits as a picture can show."""
    return float(f"{value:.6g}")
