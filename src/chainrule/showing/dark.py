"""Make a figure that matplotlib wrote as SVG follow the reader's dark mode.

matplotlib writes each colour into the element that has it. A style sheet that says "what is drawn in this colour" then
gives it another one, without touching the drawing: readers that know no style sheets, and paper, keep the light one.
"""

from __future__ import annotations

from chainrule.showing.style import BLUE, GREEN, GREY, INK, OCHRE, PINK, PURPLE, VERMILION

PAPER, TEXT = "#14171a", "#ececec"
DARK = {
    "#ffffff": PAPER, "#000000": TEXT, INK: TEXT, BLUE: "#56b4e9", GREEN: "#2fc69b", VERMILION: "#f5853d",
    PURPLE: "#d59bd0", OCHRE: "#d9b44a", PINK: "#f08ac4", GREY: "#a5a5a5", "#dddddd": "#3a4046", "#cccccc": "#565c62",
    "#f2f2f2": "#20252a", "#bbbbbb": "#4a5157", "#e4e4e4": "#2a3036", "#999999": "#6a7177", "#cc79a7": "#e3a0c4",
    "#3a8fc0": "#7cc4f2", "#b04a00": "#ffa566",
}  # fmt: skip
"""For each colour of a light figure the one that stands for it on dark paper, as easy to see there."""


def with_dark_mode(svg: str) -> str:
    """The figure with a style sheet for readers who asked for dark pages.

    >>> "prefers-color-scheme: dark" in with_dark_mode('<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    True
    """
    rules = [f":root {{ color-scheme: light dark; fill: {TEXT}; }}"]
    for light, dark in DARK.items():
        for role in ("fill", "stroke"):
            colour = light.lower()
            rules.append(f'[style*="{role}: {colour}"], [{role}="{colour}"] {{ {role}: {dark} !important; }}')
    start = svg.index("<svg")
    place = svg.index(">", start) + 1
    sheet = f"<style>@media screen and (prefers-color-scheme: dark) {{\n{chr(10).join(rules)}\n}}</style>"
    return svg[:place] + "\n" + sheet + svg[place:]
