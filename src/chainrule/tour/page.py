"""Write the tour as one page of HTML that opens without a network: words, formulas, pictures, exercises.

The page is one file. Its style and its script stand in it; the script evaluates what is typed as an answer, by a small
parser of its own, and compares it with numbers that were computed when the page was made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from chainrule.drawing.captions import number
from chainrule.formula.formula import parse
from chainrule.functions import ElementaryFunction
from chainrule.graphs.lettering import Written
from chainrule.showing.language import Language
from chainrule.tour import blocks, figures, network, words
from chainrule.tour.mathematics import Mathematics
from chainrule.tour.plan import (
    SECTIONS,
    CompositionStation,
    FunctionStation,
    LayersStation,
    NetworkStation,
    Part,
    Section,
    Station,
    VanishingStation,
    file_name,
    heading,
)
from chainrule.tour.vanishing import LAYERS, WIDTH, measured

LAYER_FORMULAS = (
    (words.FORWARD, Written("zₗ = Wₗ aₗ₋₁, aₗ = σ(zₗ)",
                            r"z_{l} = W_{l} \, a_{l-1}, \quad a_{l} = \sigma(z_{l})")),
    (words.BACKWARD, Written("∂L/∂zₗ = (Wₗ₊₁ᵀ ∂L/∂zₗ₊₁) ⊙ σ′(zₗ)",
                             r"\dfrac{\partial L}{\partial z_{l}} = \left(W_{l+1}^{T} \, "
                             r"\dfrac{\partial L}{\partial z_{l+1}}\right) \odot \sigma'(z_{l})")),
    (words.BY_WEIGHTS, Written("∂L/∂Wₗ = ∂L/∂zₗ aₗ₋₁ᵀ",
                               r"\dfrac{\partial L}{\partial W_{l}} = "
                               r"\dfrac{\partial L}{\partial z_{l}} \, a_{l-1}^{T}")),
)  # fmt: skip
"""A layer forward, and the gradient that flows back through it; ⊙ multiplies entry by entry."""

SIGMOID = ElementaryFunction("sigmoid", parse("sigmoid(x)").expression, (-6.0, 6.0), 0.0)


def page(lang: Language, stations: Sequence[Station], training: Any, others: Mapping[Language, str]) -> str:
    """The page in one language, for these stations; `others` are the addresses of the page in other languages."""
    set_ = Mathematics()
    sections = "".join(_section(section, lang, stations, training, set_) for section in SECTIONS)
    entries = "".join(f'<li><a href="#{each.name}">{escape(each.title.say(lang))}</a></li>' for each in SECTIONS)
    links = "".join(
        f'<a class="language" href="{address}" lang="{other}">{words.LANGUAGE_NAMES[other]}</a>'
        for other, address in others.items()
    )
    title = escape(words.TITLE.say(lang))
    verdicts = {name: phrase.say(lang) for name, phrase in words.VERDICTS.items()}
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-Hans" if lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} · chainrule</title>\n<style>\n{_own('page.css')}{figures.graph_style()}</style>\n"
        f"</head>\n<body>\n"
        f"{set_.definitions()}<header>{links}<h1>{title}</h1><p>{escape(words.LEAD.say(lang))}</p></header>\n"
        f'<nav aria-label="{words.CONTENTS.say(lang)}"><ol>{entries}</ol></nav>\n'
        f'<p class="notation script">{escape(words.NOTATION.say(lang))}</p>\n'
        f"<noscript><p>{escape(words.NO_SCRIPT.say(lang))}</p></noscript>\n"
        f"<main>\n{sections}</main>\n{_files(lang, stations)}"
        f"<script>\n{_own('evaluate.js')}{_own('page.js')}"
        f"lesson({json.dumps(verdicts, ensure_ascii=False)});\n</script>\n</body>\n</html>\n"
    )


def _own(name: str) -> str:
    return files("chainrule.tour").joinpath(name).read_text(encoding="utf-8")


def _section(section: Section, lang: Language, stations: Sequence[Station], training: Any, set_: Mathematics) -> str:
    shown = [_part(each, lang, training, set_) for each in section.parts if _is_there(each, stations)]
    body = "".join(shown) or f"<p>{escape(words.LEFT_OUT.say(lang))}</p>\n"
    general = "" if section.proof is None else blocks.general(section.proof, lang, set_)
    why = "" if section.why is None else blocks.heading(words.WHY, lang) + blocks.paragraph(section.why, lang)
    asked = blocks.exercises(section.exercises, section.name, lang, set_) if section.exercises else ""
    return (
        f'<section id="{section.name}">\n<h2>{escape(section.title.say(lang))}</h2>\n'
        f"{blocks.paragraph(section.text, lang)}{general}{body}{why}{asked}</section>\n"
    )


def _is_there(part: Part, stations: Sequence[Station]) -> bool:
    return part in stations or not isinstance(part, Station)


def _part(part: Part, lang: Language, training: Any, set_: Mathematics) -> str:
    if isinstance(part, FunctionStation):
        name, title, body = file_name(part), heading(part, lang), _function(part, lang, set_)
    elif isinstance(part, CompositionStation):
        name, title, body = file_name(part), heading(part, lang), _composition(part, lang, set_)
    elif isinstance(part, NetworkStation):
        name, title, body = file_name(part), heading(part, lang), _network(part, lang, training)
    elif isinstance(part, LayersStation):
        name, title, body = part.name, part.title.say(lang), _layers(part, lang, set_)
    else:
        name, title, body = part.name, part.title.say(lang), _vanishing(part, lang, set_)
    return f'<article id="{name}">\n<h3>{escape(title)}</h3>\n{body}</article>\n'


# ── functions and compositions ──


def _function(station: FunctionStation, lang: Language, set_: Mathematics) -> str:
    entry = station.function
    domain = entry.domain
    defined = escape(words.EVERYWHERE.say(lang)) if domain is None else set_.formula(domain.expression)
    pairs = (
        (set_.set(Written("f(x)", "f(x)")), set_.formula(entry.expression)),
        (set_.set(Written("f′(x)", "f'(x)")), set_.formula(entry.derivative_formula.expression)),
        (escape(words.DEFINED.say(lang)), defined),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{formula}</dd></div>" for name, formula in pairs)
    picture = (
        blocks.paragraph(station.text, lang) + figures.curve_figure(entry, lang) + _command(station, lang)
    )
    return f'<dl class="formulas">{rows}</dl>\n' + blocks.lesson(
        station.lesson, entry, picture, file_name(station), lang, set_
    )


def draw_command(station: FunctionStation) -> tuple[str, ...]:
    """The words of the command that draws a station's picture."""
    entry = station.function
    low, high = (f"{end:g}" for end in entry.window)
    return ("chainrule", "draw", entry.formula.text(), "--at", f"{entry.at:g}", "--over", low, high)


def _command(station: FunctionStation, lang: Language) -> str:
    typed = (f'"{word}"' if place == 2 else word for place, word in enumerate(draw_command(station)))
    colon = "：" if lang == "zh" else ": "
    return f'<p class="try">{words.TRY.say(lang)}{colon}<code>{escape(" ".join(typed), quote=False)}</code></p>\n'


def _composition(station: CompositionStation, lang: Language, set_: Mathematics) -> str:
    graph = station.graph()
    return (
        f"{blocks.heading(words.FLOWS, lang)}{blocks.flows(graph, lang, set_)}{blocks.paragraph(station.text, lang)}"
        f'<figure class="graph" tabindex="0">{figures.graph_picture(graph, lang)}</figure>\n'
        f"{blocks.heading(words.WITH_NUMBERS, lang)}{blocks.stepped(station.example, lang, set_)}"
    )


# ── the network ──


def _layers(part: LayersStation, lang: Language, set_: Mathematics) -> str:
    rows = "".join(
        f"<div><dt>{escape(name.say(lang))}</dt><dd>{set_.set(formula)}</dd></div>" for name, formula in LAYER_FORMULAS
    )
    return (
        f'{blocks.heading(words.ALL_LAYERS, lang)}<dl class="formulas flows">{rows}</dl>\n'
        f"{blocks.heading(words.WITH_NUMBERS, lang)}{blocks.stepped(part.example, lang, set_)}"
        f"{blocks.paragraph(part.text, lang)}"
    )


def _vanishing(part: VanishingStation, lang: Language, set_: Mathematics) -> str:
    measured_ = measured()
    caption = words.MEASURED.filled(layers=str(LAYERS), width=str(WIDTH))
    rows = "".join(
        f'<tr><th scope="row">{each.activation.name}</th><td>{number(each.norms[0])}</td>'
        f"<td>{number(each.norms[-1])}</td><td>{number(1 / each.lost)}</td></tr>"
        for each in measured_
    )
    titles = (words.ACTIVATION.say(lang), f"{words.LAYER.say(lang)} 1", f"{words.LAYER.say(lang)} {LAYERS}",
              words.LOST.say(lang))  # fmt: skip
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    return (
        f"{blocks.paragraph(part.text, lang)}{figures.curve_figure(SIGMOID, lang)}"
        f"{blocks.paragraph(caption, lang)}{figures.layers_chart(measured_, lang)}"
        f'<table class="measured"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>\n'
        f"{blocks.paragraph(part.after, lang)}"
    )


def _network(station: NetworkStation, lang: Language, training: Any) -> str:
    result = words.RESULT.say(lang).format(
        accuracy=training.accuracy,
        images=round(len(training.misread) / (1 - training.accuracy)) if training.accuracy < 1 else "all",
        first=training.loss[0],
        last=training.loss[-20:].mean(),
        steps=len(training.loss),
    )
    return (
        f"{blocks.paragraph(station.text, lang)}<p>{escape(result)}</p>\n"
        f"{figures.training_figure(training, lang)}{_program(lang)}"
    )


def _program(lang: Language) -> str:
    """The part of the example that is the network: its two functions."""
    program = network.source()
    functions = re.findall(r"^def (?:scores|loss)\(.*?(?=\n\n\n)", program, flags=re.DOTALL | re.MULTILINE)
    code = escape("\n\n\n".join(functions), quote=False)
    return f"{blocks.paragraph(words.PROGRAM, lang)}<pre><code>{code}</code></pre>\n"


def _files(lang: Language, stations: Sequence[Station]) -> str:
    """Links to the figures that lie beside the page."""
    rows = "".join(
        f"<li>{escape(heading(station, lang))} "
        + " ".join(f'<a href="{file_name(station)}.{ending}">{ending.upper()}</a>' for ending in ("svg", "png"))
        + "</li>"
        for station in stations
    )
    return (
        f'<footer><h2>{words.FILES.say(lang)}</h2>\n<p>{words.FILES_WHERE.say(lang)}</p>\n<ul class="files">{rows}</ul>'
        "</footer>\n"
    )
