"""The look of a drawing: colours that colour-blind people can tell apart, each with a line or marker of its
own.

The colours are those of Okabe and Ito, "Color Universal Design" (2008). No meaning rests on colour alone: the
curves are solid, the tangent is thickly dotted, asymptotes are thinly dotted, undefined stretches are
hatched.
"""

from __future__ import annotations

from typing import Any

BLUE = "#0072B2"
GREEN = (
    "#007A5A"  # Okabe and Ito's bluish green #009E73, darker: thin lines on white keep a contrast above 4.5
)
VERMILION = "#D55E00"
PURPLE = "#8E4585"
OCHRE = "#8A6A00"
PINK = "#B0307A"
GREY = "#666666"
INK = "#1A1A1A"

FUNCTION: dict[str, Any] = {"color": BLUE, "linewidth": 2.0, "solid_capstyle": "butt", "zorder": 3}
DERIVATIVE: dict[str, Any] = {"color": GREEN, "linewidth": 2.0, "solid_capstyle": "butt", "zorder": 3}
TANGENT: dict[str, Any] = {
    "color": VERMILION,
    "linewidth": 3.4,
    "linestyle": (0, (0.01, 1.8)),
    "dash_capstyle": "round",
    "zorder": 4,
}
POINT: dict[str, Any] = {
    "color": VERMILION,
    "marker": "o",
    "markersize": 8,
    "markeredgecolor": "black",
    "linestyle": "none",
    "zorder": 6,
}
END: dict[str, Any] = {
    "marker": "o",
    "markersize": 6,
    "markeredgewidth": 1.4,
    "linestyle": "none",
    "zorder": 5,
}
SLOPE_POINT: dict[str, Any] = POINT | {"marker": "D", "markersize": 7}
ASYMPTOTE: dict[str, Any] = {"color": GREY, "linewidth": 1.1, "linestyle": (0, (1.0, 2.5)), "zorder": 2}
UNDEFINED: dict[str, Any] = {
    "facecolor": "#F2F2F2",
    "edgecolor": "#BBBBBB",
    "hatch": "//",
    "linewidth": 0.0,
    "zorder": 1,
}
DENSE: dict[str, Any] = {
    "facecolor": "#E4E4E4",
    "edgecolor": "#999999",
    "hatch": "xxx",
    "linewidth": 0.0,
    "zorder": 1,
}
BAND: dict[str, Any] = {"alpha": 0.45, "linewidth": 0.0, "zorder": 2}
GRID: dict[str, Any] = {"color": "#DDDDDD", "linewidth": 0.8, "zorder": 0}
SECANT: dict[str, Any] = {"color": PURPLE, "linewidth": 1.8, "linestyle": (0, (7, 2, 1.5, 2)), "zorder": 4}
SECANT_POINT: dict[str, Any] = {
    "color": PURPLE,
    "marker": "o",
    "markersize": 6,
    "markerfacecolor": "white",
    "markeredgewidth": 1.6,
    "linestyle": "none",
    "zorder": 6,
}
OUTSIDE: dict[str, Any] = POINT | {"marker": "X", "markersize": 9}
SPECIAL = {"root": "o", "maximum": "^", "minimum": "v", "inflection": "s"}
SPECIAL_POINT: dict[str, Any] = {
    "color": INK,
    "markersize": 7,
    "markerfacecolor": "white",
    "markeredgewidth": 1.6,
    "linestyle": "none",
    "zorder": 7,
}
SERIES: tuple[tuple[str, Any], ...] = (
    (BLUE, "-"), (GREEN, (0, (6, 2))), (OCHRE, (0, (2, 1.5))), (PINK, (0, (8, 2, 2, 2))), (GREY, (0, (3, 3))),
)  # fmt: skip
"""The colours and dashes of several functions on one pair of axes."""
MATHEMATICS = "cm"  # the font set of formulas: a formula looks like one in a book
