"""The pictures within the tour's page: curves with tangents and secants, graphs with steps, charts of measurements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.drawing.captions import labels, number, place, tangent_label
from chainrule.drawing.curve import describe
from chainrule.drawing.picture import Picture
from chainrule.functions import ElementaryFunction
from chainrule.graphs.graph import Graph
from chainrule.graphs.pictures import svg as graph_svg
from chainrule.graphs.pictures.animation import moments
from chainrule.graphs.pictures.scene import scene
from chainrule.graphs.steps import steps as steps_of
from chainrule.showing.language import Language
from chainrule.tour import sketch, words
from chainrule.tour.lesson import secants
from chainrule.tour.sketch import Axes
from chainrule.tour.vanishing import LAYERS, Measured

Floats = NDArray[np.float64]
SMOOTHED = 20  # steps of training in a running mean
SHOWN = 10  # misread digits


@cache
def described(function: ElementaryFunction) -> Picture:
    """The curves of a function of the catalogue, as they are drawn everywhere."""
    return describe(function)


def secant_figure(function: ElementaryFunction, lang: Language, name: str) -> str:
    """The curve with secants that turn into the tangent, a slider that moves them, and their slopes as a table."""
    picture = described(function)
    tangent = picture.tangent
    steps = secants(function, tangent.x, picture.window[1])
    axes = sketch.axes_of(picture, picture.function)
    drawn = [
        sketch.secant(axes, (tangent.x, tangent.y), step, slope, at) for at, (step, slope) in enumerate(steps[:-1])
    ]
    parts = [
        sketch.curve(axes, picture.function, "function"),
        *drawn,
        *(sketch.line(axes, segment, "tangent") for segment in tangent.segments),
        sketch.point(axes, tangent.x, tangent.y, "point"),
    ]
    shown = words.SECANT_FIGURE.filled(
        x=number(tangent.x), slopes=", ".join(number(slope) for _, slope in steps), slope=number(tangent.slope)
    ).say(lang)
    sentences = [
        words.SECANT_AT.filled(step=number(step), slope=number(slope)).say(lang) for step, slope in steps[:-1]
    ]
    sentences.append(words.AT_LAST.filled(slope=number(tangent.slope)).say(lang))
    key = legend(
        (("function", labels(lang).function.format("f(x)")), ("secant", words.SECANT.say(lang)),
         ("tangent", tangent_label(tangent, "x", labels(lang)))),
    )  # fmt: skip
    slider = (
        f'<p class="slider script"><label for="{name}-h">{words.MOVE.say(lang)}</label> '
        f'<input id="{name}-h" type="range" min="0" max="{len(sentences) - 1}" value="0" step="1" '
        f'aria-valuetext="{escape(sentences[0])}"> <output for="{name}-h">{escape(sentences[0])}</output></p>'
    )
    rows = "".join(f"<tr><td>{number(step)}</td><td>{number(slope)}</td></tr>" for step, slope in steps)
    table = (
        f'<table class="slopes"><thead><tr><th scope="col">{words.STEP.say(lang)}</th>'
        f'<th scope="col">{words.SLOPE.say(lang)}</th></tr></thead><tbody>{rows}'
        f'<tr class="limit"><td>h → 0</td><td>{number(tangent.slope)}</td></tr></tbody></table>'
    )
    data = escape("|".join(sentences))
    drawing = sketch.svg(axes, parts, shown, ("x", "f"))
    return (
        f'<div class="idea"><figure class="secants" data-sentences="{data}">{drawing}{key}{slider}</figure>'
        f"{table}</div>\n"
    )


def curve_figure(function: ElementaryFunction, lang: Language) -> str:
    """The function with its tangent, and the derivative, whose height at the point is the tangent's slope."""
    picture = described(function)
    tangent, said = picture.tangent, labels(lang)
    left, right = sketch.axes_of(picture, picture.function), sketch.axes_of(picture, picture.derivative)
    at = f"({number(tangent.x)}, {number(tangent.y)})", f"({number(tangent.x)}, {number(tangent.slope)})"
    first = [
        sketch.curve(left, picture.function, "function"),
        *(sketch.line(left, segment, "tangent") for segment in tangent.segments),
        sketch.point(left, tangent.x, tangent.y, "point"),
    ]
    second = [
        sketch.curve(right, picture.derivative, "derivative"),
        sketch.diamond(right, tangent.x, tangent.slope, "point"),
    ]
    names = said.function.format("f(x)"), said.derivative.format("f′(x)")
    described_as = (
        f"{names[0]} = {function.formula.text()}; {tangent_label(tangent, 'x', said)}",
        f"{names[1]} = {function.derivative_formula.text()}",
    )
    keys = (
        legend((("function", names[0]), ("tangent", tangent_label(tangent, "x", said)),
                ("point", said.point.format(at[0])), *_asymptotes(picture.function, lang))),
        legend((("derivative", names[1]), ("slope", said.point.format(at[1])),
                *_asymptotes(picture.derivative, lang))),
    )  # fmt: skip
    return (
        f'<figure class="pair"><div>{sketch.svg(left, first, described_as[0], ("x", "f"))}{keys[0]}</div>'
        f'<div>{sketch.svg(right, second, described_as[1], ("x", "f′"))}{keys[1]}</div></figure>\n'
    )


def _asymptotes(curve: Any, lang: Language) -> tuple[tuple[str, str], ...]:
    named = [place("x", at) for at in curve.poles] + [place("y", level) for level in curve.levels]
    if not named:
        return ()
    said = labels(lang)
    separator = "、" if lang == "zh" else ", "
    return (("asymptote", (said.asymptote if len(named) == 1 else said.asymptotes).format(separator.join(named))),)


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """What the lines and marks of a picture mean."""
    rows = "".join(f'<li><i class="{look}"></i>{escape(name)}</li>' for look, name in entries)
    return f'<ul class="legend">{rows}</ul>'


# ── graphs ──


def graph_picture(graph: Graph, lang: Language, moving: bool = False) -> str:
    """The computation graph; with `moving`, its parts are marked with the step at which they appear."""
    when = moments(graph, steps_of(graph)) if moving else None
    drawn = graph_svg.draw(scene(graph, graph_svg.measure, lang, when), lang)
    start, end = drawn.index("<style>"), drawn.index("</style>") + len("</style>")
    return drawn[:start] + drawn[end:]  # the page has the style once


def graph_style() -> str:
    """The style that the graphs of a page share."""
    return graph_svg.CSS


def steps_figure(graph: Graph, lang: Language) -> str:
    """The graph and all its steps in sentences and numbers; with a script one goes through them one by one."""
    listed = steps_of(graph)
    items = "".join(
        f"<li>{escape(step.sentence(lang))} <code>{escape(step.numbers)}</code></li>" for step in listed
    )
    buttons = "".join(
        f'<button type="button" class="{kind}">{label.say(lang)}</button>'
        for kind, label in (("back", words.BACK), ("on", words.ON), ("all", words.ALL))
    )
    return (
        f'<div class="stepped"><figure class="graph" tabindex="0">{graph_picture(graph, lang, moving=True)}'
        f"<figcaption>{words.GRAPH_CAPTION.say(lang)}</figcaption></figure>\n"
        f'<p class="buttons script">{buttons}</p>\n<ol class="steps" aria-live="polite">{items}</ol></div>\n'
    )


# ── measurements ──


def layers_chart(all_measured: Sequence[Measured], lang: Language) -> str:
    """The norm of the gradient at each layer, a line for each activation, on a logarithmic scale."""
    every = np.log10([norm for measured in all_measured for norm in measured.norms])
    axes = Axes((0.5, LAYERS + 0.5), (float(np.floor(every.min())), float(np.ceil(every.max()))), logarithmic=True)
    layers = np.arange(1, LAYERS + 1, dtype=float)
    parts = []
    for place_, measured in enumerate(all_measured):
        parts.append(sketch.path(axes, layers, np.array(measured.norms), f"series-{place_}"))
        parts += [
            sketch.point(axes, layer, float(np.log10(norm)), f"series-{place_} closed")
            for layer, norm in zip(layers, measured.norms, strict=True)
        ]
    named = legend((f"series-{at}", measured.activation.name) for at, measured in enumerate(all_measured))
    shown = f"{words.GRADIENT_NORM.say(lang)}: " + "; ".join(
        f"{measured.activation.name} {number(measured.norms[0])} … {number(measured.norms[-1])}"
        for measured in all_measured
    )
    drawn = sketch.svg(axes, parts, shown, (words.LAYER.say(lang), ""))
    return f'<figure class="chart">{drawn}{named}</figure>\n'


def training_figure(training: Any, lang: Language) -> str:
    """The loss and each layer's gradient over the steps, and the digits that were misread."""
    loss = _over_steps(((training.loss, words.LOSS.say(lang)),), words.LOSS_FIGURE.say(lang), lang)
    norms = _over_steps(
        ((training.gradient_norm["hidden"], words.HIDDEN.say(lang)),
         (training.gradient_norm["output"], words.OUTPUT.say(lang))),
        words.NORM_FIGURE.say(lang), lang,
    )  # fmt: skip
    digits = "".join(_digit(each, lang) for each in training.misread[:SHOWN])
    row = f'<h4>{words.MISREAD.say(lang)}</h4>\n<div class="digits">{digits}</div>\n' if digits else ""
    return f'<figure class="pair">{loss}{norms}</figure>\n{row}'


def _over_steps(series: Sequence[tuple[Floats, str]], shown: str, lang: Language) -> str:
    means = [np.convolve(values, np.full(SMOOTHED, 1 / SMOOTHED), mode="valid") for values, _ in series]
    every = np.log10(np.concatenate(means))
    axes = Axes(
        (0.0, float(len(series[0][0]))), (float(np.floor(every.min())), float(np.ceil(every.max()))), logarithmic=True
    )
    parts = [
        sketch.path(axes, SMOOTHED / 2 + np.arange(len(mean), dtype=float), mean, f"series-{at}")
        for at, mean in enumerate(means)
    ]
    named = legend((f"series-{at}", name) for at, (_, name) in enumerate(series))
    return f'<div>{sketch.svg(axes, parts, shown, (words.TRAINING_STEP.say(lang), ""))}{named}</div>'


def _digit(misread: Any, lang: Language) -> str:
    """An image of 8 by 8 grey squares with what it is and what was read."""
    said = words.READ_AS.filled(digit=str(misread.digit), read=str(misread.read)).say(lang)
    ink = np.clip((np.asarray(misread.image) + 1) / 2, 0, 1)
    squares = "".join(
        f'<rect x="{column}" y="{row}" width="1.02" height="1.02" opacity="{ink[row, column]:.2g}"/>'
        for row, column in np.argwhere(ink > 0.02)
    )
    image = f'<svg viewBox="0 0 8 8" role="img" aria-label="{escape(said)}">{squares}</svg>'
    return f"<div>{image}<p>{escape(said)}</p></div>"
