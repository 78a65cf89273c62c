"""Write the tour as one page of HTML that opens without a network: words, formulas, pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from chainrule.formula.expression import Expression
from chainrule.formula.text import text
from chainrule.graphs.graph import Graph, Node
from chainrule.showing.language import Language
from chainrule.tour import network
from chainrule.tour.mathematics import formula_svg, latex_svg
from chainrule.tour.plan import (
    SECTIONS,
    CompositionStation,
    FunctionStation,
    Said,
    Section,
    Station,
    file_name,
    heading,
)

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}

TITLE = Said("Derivatives, and how gradients flow back", "求导公式：梯度逆传播规律")
LEAD = Said(
    "Every formula and picture on this page is computed from one table of derivatives: the one that chainrule "
    "differentiates programs with.",
    "本页的每个公式和每幅图都由同一张导数表算出：chainrule 对程序求导用的就是这张表。",
)
CONTENTS = Said("Contents", "目录")
EVERYWHERE = Said("everywhere", "处处")
DEFINED = Said("Defined", "定义域")
TRY = Said("Draw it yourself", "自己画")
FLOWS = Said("The gradient that arrives", "到达的梯度")
ARRIVES = Said("at", "到达")
RESULT = Said(
    "{accuracy:.1%} of {images} unseen images are read correctly. The loss fell from {first:.2f} to {last:.2f} in "
    "{steps} steps.",
    "{images} 张未见过的图像中，{accuracy:.1%} 识别正确。损失在 {steps} 步内从 {first:.2f} 降到 {last:.2f}。",
)
PROGRAM = Said(
    "The whole network and its loss are plain NumPy; chainrule supplies the gradient:",
    "整个网络及其损失就是普通的 NumPy 代码，梯度由 chainrule 给出：",
)
LEFT_OUT = Said(
    "The network was left out of this tour: it needs scikit-learn, which is not installed.",
    "这次导览略去了网络：它需要 scikit-learn，而这里没有安装。",
)
PICTURE = Said("Picture", "图片")


def page(lang: Language, stations: Sequence[Station], training: Any, others: Mapping[Language, str]) -> str:
    """The page in one language, for these stations; `others` are the addresses of the page in other languages."""
    sections = "".join(_section(section, lang, stations, training) for section in SECTIONS)
    entries = "".join(f'<li><a href="#{each.name}">{escape(each.title(lang))}</a></li>' for each in SECTIONS)
    links = "".join(
        f'<a class="language" href="{address}" lang="{other}">{LANGUAGE_NAMES[other]}</a>'
        for other, address in others.items()
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-Hans" if lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(TITLE(lang))} · chainrule</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n"
        f"<header>{links}<h1>{escape(TITLE(lang))}</h1><p>{escape(LEAD(lang))}</p></header>\n"
        f'<nav aria-label="{CONTENTS(lang)}"><ol>{entries}</ol></nav>\n<main>\n{sections}</main>\n</body>\n</html>\n'
    )


def _style() -> str:
    return files("chainrule.tour").joinpath("page.css").read_text(encoding="utf-8")


def _section(section: Section, lang: Language, stations: Sequence[Station], training: Any) -> str:
    shown = [_station(each, lang, training) for each in section.stations if each in stations]
    body = "".join(shown) or f"<p>{escape(LEFT_OUT(lang))}</p>\n"
    title, words = escape(section.title(lang)), escape(section.text(lang))
    return f'<section id="{section.name}">\n<h2>{title}</h2>\n<p>{words}</p>\n{body}</section>\n'


def _station(station: Station, lang: Language, training: Any) -> str:
    if isinstance(station, FunctionStation):
        above, below, kind, described = _formulas(station, lang), _command(station, lang), "curve", _curve(station)
    elif isinstance(station, CompositionStation):
        graph = station.graph()
        above, below, kind, described = _flows(graph, lang), "", "graph", text(_value(_output(graph)))
    else:
        above, below, kind, described = "", _program(lang), "plot", _result(training, lang)
    name, title = file_name(station), escape(heading(station, lang))
    result = f"<p>{escape(described)}</p>\n" if kind == "plot" else ""
    links = " ".join(f'<a href="{name}.{ending}">{ending.upper()}</a>' for ending in ("svg", "png"))
    return (
        f'<article id="{name}">\n<h3>{title}</h3>\n{above}<p>{escape(station.text(lang))}</p>\n{result}'
        f'<figure class="{kind}" tabindex="0"><img src="{name}.svg" loading="lazy" '
        f'alt="{title}: {escape(described)}"></figure>\n'
        f'<p class="files">{PICTURE(lang)}: {links}</p>\n{below}</article>\n'
    )


# ── functions ──


def _formulas(station: FunctionStation, lang: Language) -> str:
    entry = station.function
    domain = entry.domain
    defined = escape(EVERYWHERE(lang)) if domain is None else formula_svg(domain.expression)
    pairs = (
        (latex_svg("f(x)", "f(x)"), formula_svg(entry.expression)),
        (latex_svg("f'(x)", "f′(x)"), formula_svg(entry.derivative_formula.expression)),
        (escape(DEFINED(lang)), defined),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{formula}</dd></div>" for name, formula in pairs)
    return f'<dl class="formulas">{rows}</dl>\n'


def _curve(station: FunctionStation) -> str:
    entry = station.function
    return f"f(x) = {entry.formula.text()}, f′(x) = {entry.derivative_formula.text()}, x = {entry.at:g}"


def draw_command(station: FunctionStation) -> tuple[str, ...]:
    """The words of the command that draws a station's picture."""
    entry = station.function
    low, high = (f"{end:g}" for end in entry.window)
    return ("chainrule", "draw", entry.formula.text(), "--at", f"{entry.at:g}", "--over", low, high)


def _command(station: FunctionStation, lang: Language) -> str:
    words = (f'"{word}"' if place == 2 else word for place, word in enumerate(draw_command(station)))
    return f'<p class="try">{TRY(lang)}: <code>{escape(" ".join(words), quote=False)}</code></p>\n'


# ── compositions ──


def _flows(graph: Graph, lang: Language) -> str:
    """The composition, and the gradient that arrives at each of its values: first at functions, then at variables."""
    output = _output(graph)
    order = [node for kind in ("operation", "input") for node in graph.nodes if node.kind == kind]
    rows = "".join(
        f"<div><dt>{escape(ARRIVES(lang))} {formula_svg(_value(node))}</dt>"
        f"<dd>{formula_svg(_gradient(node))}</dd></div>"
        for node in order
        if node is not output
    )
    composition = f"{latex_svg('f', 'f')} = {formula_svg(_value(output))}"
    return f'<p class="composition">{composition}</p>\n<dl class="formulas flows">{rows}</dl>\n'


def _output(graph: Graph) -> Node:
    return graph.node(graph.outputs[0])


def _value(node: Node) -> Expression:
    assert isinstance(node.value, Expression)
    return node.value


def _gradient(node: Node) -> Expression:
    assert isinstance(node.gradient, Expression)
    return node.gradient


# ── the network ──


def _result(training: Any, lang: Language) -> str:
    return RESULT(lang).format(
        accuracy=training.accuracy,
        images=round(len(training.misread) / (1 - training.accuracy)) if training.accuracy < 1 else "all",
        first=training.loss[0],
        last=training.loss[-20:].mean(),
        steps=len(training.loss),
    )


def _program(lang: Language) -> str:
    """The part of the example that is the network: its two functions."""
    program = network.source()
    functions = re.findall(r"^def (?:scores|loss)\(.*?(?=\n\n\n)", program, flags=re.DOTALL | re.MULTILINE)
    code = escape("\n\n\n".join(functions), quote=False)
    return f"<p>{escape(PROGRAM(lang))}</p>\n<pre><code>{code}</code></pre>\n"
