"""Draw how gradients flow through a network: norms over training, and the last spreads layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from chainrule.graphs.layers import GradientFlow, Spread
from chainrule.showing.fonts import families
from chainrule.showing.language import Language
from chainrule.showing.style import BLUE, GREEN, GRID, VERMILION

COLOURS = (BLUE, VERMILION, GREEN, "#CC79A7", "#8A6A00", "#3A8FC0", "#000000")  # Okabe and Ito, darkened
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
SIGNS = {"vanishing": "▼", "exploding": "▲", "dead": "✕"}
RANGE = 1e-8  # of the largest value in a panel: smaller ones, and 0, are drawn there

WORDS = {
    "norms": {"en": "Norm of each parameter's gradient", "zh": "各参数梯度的范数"},
    "gradients": {"en": "Gradients at the last step", "zh": "最后一步的梯度分布"},
    "activations": {"en": "Activations at the last step", "zh": "最后一步的激活值分布"},
    "step": {"en": "step", "zh": "步"},
    "norm": {"en": "norm", "zh": "范数"},
    "size": {"en": "absolute value: 5, 25, 50, 75, 95 %", "zh": "绝对值：5、25、50、75、95 百分位"},
    "healthy": {"en": "", "zh": ""},
    "vanishing": {"en": "vanishing", "zh": "消失"},
    "exploding": {"en": "exploding", "zh": "爆炸"},
    "dead": {"en": "dead", "zh": "失活"},
    "units": {"en": "{} of {} units dead", "zh": "{}/{} 个单元失活"},
}


def draw(flow: GradientFlow, lang: Language = "en") -> Figure:
    """The figure: gradient norms over the steps, then the last gradients and activations by layer.

    `lang` is the language of its words, "en" or "zh". Raises ValueError for another one. No pyplot state is touched.
    """
    if lang not in ("en", "zh"):
        raise ValueError(f'lang must be "en" or "zh", but got {lang!r}.')
    columns = 3 if flow.activations else 2
    rows = max(len(flow.parameters), len(flow.activations))
    figure = Figure(figsize=(4.6 * columns, max(3.6, 1.6 + 0.5 * rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, columns)
    marks = {name: _mark(flow, name, lang) for name in flow.parameters}
    _draw_norms(axes[0], flow, marks, lang)
    last = flow.steps[-1]
    names = flow.parameters
    _draw_distributions(axes[1], names, [last.layer(name).gradient for name in names], [marks[name] for name in names])
    _title(axes[1], WORDS["gradients"][lang], WORDS["size"][lang], "")
    if flow.activations:
        names = flow.activations
        _draw_distributions(
            axes[2], names, [last.layer(name).value for name in names], [_units(flow, n, lang) for n in names]
        )
        _title(axes[2], WORDS["activations"][lang], WORDS["size"][lang], "")
    return figure


def _mark(flow: GradientFlow, name: str, lang: Language) -> str:
    status = flow.status(name)
    return "" if status == "healthy" else f"{SIGNS[status]} {WORDS[status][lang]}"


def _units(flow: GradientFlow, name: str, lang: Language) -> str:
    dead, count = len(flow.dead_units(name)), flow.steps[-1].layer(name).shape[-1]
    return f"{SIGNS['dead']} {WORDS['units'][lang].format(dead, count)}" if dead else ""


def _draw_norms(axes: Axes, flow: GradientFlow, marks: dict[str, str], lang: Language) -> None:
    steps = np.arange(1, len(flow.steps) + 1)
    floor = _floor([norm for name in flow.parameters for norm in flow.norms(name)])
    for index, name in enumerate(flow.parameters):
        norms = np.array(flow.norms(name))
        shown = np.where(np.isfinite(norms), np.maximum(norms, floor), np.nan)
        axes.plot(
            steps,
            shown,
            color=COLOURS[index % len(COLOURS)],
            linestyle=DASHES[index % len(DASHES)],
            linewidth=1.8,
            marker="o" if len(steps) == 1 else None,
            label=f"{name} {marks[name]}".rstrip(),
        )
    axes.set_yscale("log")
    legend = axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False)
    for text in legend.get_texts():
        text.set_fontfamily(families(text.get_text()))
    _title(axes, WORDS["norms"][lang], WORDS["step"][lang], WORDS["norm"][lang])


def _draw_distributions(
    axes: Axes, names: Sequence[str], spreads: Sequence[Spread], marks: Sequence[str]
) -> None:
    """For each layer a thin line from 5 to 95 %, a thick one from 25 to 75 %, and the median."""
    floor = _floor([quantile for spread in spreads for quantile in spread.quantiles])
    for row, (spread, mark) in enumerate(zip(spreads, marks, strict=True)):
        colour = VERMILION if mark else BLUE
        low, lower, middle, upper, high = np.maximum(np.nan_to_num(spread.quantiles), floor)
        axes.plot((low, high), (row, row), color=colour, linewidth=1.2)
        axes.plot((lower, upper), (row, row), color=colour, linewidth=5.0, solid_capstyle="butt")
        axes.plot((middle,), (row,), color="white", marker="D" if mark else "o", markeredgecolor="black", markersize=6)
        if mark:
            axes.text(
                high, row + 0.33, mark, ha="right", va="center", fontsize=8, color="#b04a00", fontfamily=families(mark)
            )
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)


def _floor(values: Sequence[float]) -> float:
    """What is drawn for zero on a logarithmic axis with these values."""
    largest = max((value for value in values if np.isfinite(value)), default=0.0)
    return RANGE * largest or RANGE


def _title(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=11, fontfamily=families(title))
    axes.set_xlabel(x, fontfamily=families(x))
    axes.set_ylabel(y, fontfamily=families(y))
    axes.grid(True, **GRID)
