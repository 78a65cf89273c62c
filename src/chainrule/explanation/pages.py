"""Read a derivation as a page: HTML with MathML, LaTeX, Markdown."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator

from chainrule.explanation.derivation import Derivation
from chainrule.explanation.document import Equation, Heading, Sentence, document, to_latex
from chainrule.formula.latex import latex_name
from chainrule.formula.mathml import translated
from chainrule.showing.language import Language

_RELATIONS = {"=": "=", "≈": r"\approx", ":": r":\ "}


def page(derivation: Derivation, lang: Language) -> str:
    """A whole HTML document."""
    title = html.escape(f"{derivation.result}({', '.join(derivation.inputs)})")
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n</head>\n<body>\n{fragment(derivation, lang)}</body>\n</html>\n"
    )


def fragment(derivation: Derivation, lang: Language) -> str:
    """The derivation as a piece of HTML, for a notebook or a page."""
    body = "".join(_html(derivation, lang))
    return f'<section class="chainrule-derivation" lang="{lang}">\n<style>{_CSS}</style>\n{body}</section>\n'


def latex_document(derivation: Derivation, lang: Language) -> str:
    """A whole LaTeX document, for pdflatex; in Chinese for xelatex or lualatex, which ctex needs."""
    title = rf"${latex_name(derivation.result)}({', '.join(map(latex_name, derivation.inputs))})$"
    kind = "ctexart" if lang == "zh" else "article"
    return (
        f"% {'xelatex' if lang == 'zh' else 'pdflatex'}\n\\documentclass[a4paper]{{{kind}}}\n"
        "\\usepackage{amsmath,amssymb}\n\\usepackage[margin=2cm]{geometry}\n\\allowdisplaybreaks\n"
        f"\\begin{{document}}\n\\section*{{{title}}}\n{latex(derivation, lang)}\\end{{document}}\n"
    )


def latex(derivation: Derivation, lang: Language) -> str:
    """Headings as paragraphs, equations aligned at their signs."""
    return "".join(_latex(derivation, lang))


def markdown(derivation: Derivation, lang: Language) -> str:
    """Headings, and one list item for each equation."""
    return "".join(_markdown(derivation, lang))


def _html(derivation: Derivation, lang: Language) -> Iterator[str]:
    open_table = False
    first = True
    for block in document(derivation, lang):
        if isinstance(block, Equation) != open_table:
            yield "</table>\n" if open_table else f"<table{' class=title' if first else ''}>\n"
            open_table = not open_table
        first = False
        if isinstance(block, Heading):
            yield f"<h3>{html.escape(block.text)}</h3>\n"
        elif isinstance(block, Sentence):
            yield f"<p>{html.escape(block.text)}</p>\n"
        else:
            yield f"<tr><td>{_mathml(_left(block))}</td><td>{_mathml(_first(block))}"
            if block.then:
                yield f'<div class="numbers">{_mathml(_then(block))}</div>'
            yield f"</td><td>{html.escape(block.note)}</td></tr>\n"
    if open_table:
        yield "</table>\n"


def _mathml(latex: str) -> str:
    style = f'<mstyle displaystyle="true">{translated(latex)}</mstyle>'
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{style}</math>'


def _left(equation: Equation) -> str:
    return "" if equation.left is None else to_latex(equation.left)


def _first(equation: Equation) -> str:
    return f"{_RELATIONS[equation.sign]} {to_latex(equation.right)}"


def _then(equation: Equation) -> str:
    return " ".join(f"= {to_latex(member)}" for member in equation.then)


def _latex(derivation: Derivation, lang: Language) -> Iterator[str]:
    rows: list[str] = []

    def flush() -> str:
        made = "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}\n" if rows else ""
        rows.clear()
        return made

    for block in document(derivation, lang):
        if isinstance(block, Equation):
            note = rf" && \text{{{_plain_latex(block.note)}}}" if block.note else ""
            rows.append(f"{_left(block)} &{_first(block)}{note}")
            if block.then:
                rows.append(f"&{_then(block)}")
        else:
            yield flush()
            yield (
                f"\\paragraph{{{_plain_latex(block.text)}}}\n"
                if isinstance(block, Heading)
                else f"{_plain_latex(block.text)}\n\n"
            )
    yield flush()


def _plain_latex(sentence: str) -> str:
    """A sentence with the characters escaped that LaTeX gives a meaning to; mathematical signs in mathematics mode."""
    return "".join(map(_plain_sign, sentence))


def _plain_sign(sign: str) -> str:
    if sign in "_#%&${}":
        return "\\" + sign
    if sign in _SENTENCE_SIGNS:
        return f"${_SENTENCE_SIGNS[sign]}$"
    if sign in "^~\\":
        return {"^": r"\^{}", "~": r"\~{}", "\\": r"\textbackslash{}"}[sign]
    if sign.isascii() or "\u2e80" <= sign <= "\uffef" or sign in "\u2014\u2018\u2019\u201c\u201d":
        return sign
    plain = latex_name(sign)  # a Greek letter
    return f"${plain}$" if plain.isascii() else unicodedata.normalize("NFKD", sign).encode("ascii", "replace").decode()


_SENTENCE_SIGNS = {
    "∂": r"\partial ", "′": "'", "→": r"\to ", "≤": r"\leq ", "≥": r"\geq ", "≠": r"\neq ", "·": r"\cdot ", "−": "-",
    "√": r"\surd ", "∞": r"\infty ", "⁰": "^0", "¹": "^1", "²": "^2", "⁻": "^-", "⁺": "^+", "π": r"\pi ",
    "…": r"\ldots ", "⌊": r"\lfloor ", "⌋": r"\rfloor ",
}  # fmt: skip


def _markdown(derivation: Derivation, lang: Language) -> Iterator[str]:
    names = ", ".join(map(latex_name, derivation.inputs))
    yield f"## ${latex_name(derivation.result)}({names})$\n"
    in_list = False
    for block in document(derivation, lang):
        if isinstance(block, Equation):
            note = f" — {block.note}" if block.note else ""
            then = f" {_then(block)}" if block.then else ""
            yield (
                f"{'' if in_list else chr(10)}- ${_left(block)} {_first(block)}{then}$".replace("$ ", "$") + f"{note}\n"
            )
            in_list = True
        else:
            yield f"\n### {block.text}\n" if isinstance(block, Heading) else f"\n{block.text}\n"
            in_list = False


# The style sheets of JupyterLab and nbconvert align the cells of every table to the right, by selectors of their own
# weight: `section…[lang] table td` weighs more.
_CSS = """
section.chainrule-derivation[lang] { font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans SC", sans-serif;
  max-width: 60em; margin: 1em auto; padding: 0 1em;
  color: #1a1a1a; background: #fff; color-scheme: light dark; }
section.chainrule-derivation[lang] h3 { font-size: 1em; margin: 1.4em 0 .3em; padding-bottom: .15em;
  border-bottom: 1px solid #ccc; }
section.chainrule-derivation[lang] table { border: 0; border-collapse: collapse; width: 100%; margin: 0;
  display: block; table-layout: auto; overflow: auto hidden; }
section.chainrule-derivation[lang] tbody { display: table; width: 100%; }
section.chainrule-derivation[lang] table tr, section.chainrule-derivation[lang] table td { border: 0; background: none;
  text-align: left; color: inherit; white-space: normal; }
section.chainrule-derivation[lang] table td { padding: .3em .3em; vertical-align: baseline; }
section.chainrule-derivation[lang] table td:first-child { text-align: right; white-space: nowrap; width: 4.5em; }
section.chainrule-derivation[lang] table td:last-child { text-align: right; color: #0b5fa5; padding-left: 2em; }
section.chainrule-derivation[lang] .numbers { color: #666; margin-top: .25em; }
section.chainrule-derivation[lang] table.title td:first-child { width: 1%; }
section.chainrule-derivation[lang] .title { font-size: 1.15em; }
section.chainrule-derivation[lang] p { margin: .3em 0 .3em 1.2em; color: #555; }
@media (prefers-color-scheme: dark) {
  section.chainrule-derivation[lang] { color: #e8e8e8; background: #161616; }
  section.chainrule-derivation[lang] table td:last-child { color: #7cc0ff; }
  section.chainrule-derivation[lang] .numbers, section.chainrule-derivation[lang] p { color: #a8a8a8; }
  section.chainrule-derivation[lang] h3 { border-color: #444; }
}
"""
