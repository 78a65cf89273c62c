"""Draw what happened when the network learned to read: loss, gradient norm of each layer, misread digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from digits import Training

BLUE, ORANGE = "#0072B2", "#D55E00"  # Okabe and Ito: told apart by colour-blind people too
SHOWN = 10  # misread digits that fit in one row
SMOOTHED = 20  # steps in a running mean

WORDS = {
    "en": {
        "title": "A two-layer network learns to read digits: {accuracy:.1%} of the held-out images are right",
        "step": "step (bold: mean of {steps} steps)",
        "loss": "Loss (cross-entropy)",
        "norm": "Gradient norm of each layer",
        "hidden": "hidden layer",
        "output": "output layer",
        "misread": "Misread digits",
        "as": "{digit}, read as {read}",
    },
    "zh": {
        "title": "两层网络学习识别手写数字：留出图像的识别正确率为 {accuracy:.1%}",
        "step": "步（粗线：{steps} 步的平均）",
        "loss": "损失（交叉熵）",
        "norm": "各层的梯度范数",
        "hidden": "隐藏层",
        "output": "输出层",
        "misread": "误读的数字",
        "as": "{digit} 误读为 {read}",
    },
}


def draw_training(training: Training, lang: str = "en", font: str = "sans-serif") -> Figure:
    """A figure of one training run, labelled in English or in Chinese (`lang="zh"`, in a `font` that has it).

    Above, the loss and the gradient norm of each layer over the steps, on a logarithmic scale; below, the
    first misread digits.
    """
    words = WORDS[lang]
    with matplotlib.rc_context({"font.family": [font, "DejaVu Sans"], "axes.grid": True, "grid.alpha": 0.3}):
        figure = Figure(figsize=(11, 6), layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle(words["title"].format(accuracy=training.accuracy))
        above, below = figure.subfigures(2, 1, height_ratios=(3, 1.15))
        left, right = above.subplots(1, 2)

        _plot_steps(left, training.loss, BLUE, "-", words["loss"])
        for layer, color, style in (("hidden", BLUE, "-"), ("output", ORANGE, "--")):
            _plot_steps(right, training.gradient_norm[layer], color, style, words[layer])
        right.legend()
        for axes, title in ((left, words["loss"]), (right, words["norm"])):
            axes.set(title=title, xlabel=words["step"].format(steps=SMOOTHED), yscale="log")

        below.suptitle(words["misread"], fontsize="medium")
        shown = training.misread[:SHOWN]
        places = np.full(2 * SHOWN, ".", dtype=object)  # halves of ten places, so that an odd row is centred too
        for number in range(len(shown)):
            places[SHOWN - len(shown) + 2 * number :][:2] = number
        row = below.subplot_mosaic([list(places)]) if shown else {}
        for number, misread in enumerate(shown):
            axes = row[number]
            axes.set_axis_off()
            axes.imshow(misread.image, cmap="gray_r")
            axes.set_title(words["as"].format(digit=misread.digit, read=misread.read), fontsize="small")
    return figure


def _plot_steps(axes: Axes, values: np.ndarray, color: str, style: str, label: str) -> None:
    """Every step as a faint line, and the running mean, centred, as a bold one."""
    axes.plot(values, color=color, alpha=0.3, linewidth=0.6)
    window = min(SMOOTHED, len(values))
    mean = np.convolve(values, np.full(window, 1 / window), mode="valid")
    axes.plot((window - 1) / 2 + np.arange(len(mean)), mean, style, color=color, linewidth=1.8, label=label)
