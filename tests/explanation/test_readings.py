"""The readings of a derivation: text in columns, LaTeX, Markdown, HTML that stands alone."""

import re
import xml.dom.minidom

import numpy as np
import pytest

from chainrule.explanation import explain
from chainrule.explanation.document import Equation, Heading, document
from chainrule.showing.columns import columns

FORMULAS = [
    "tanh(sin x · e^x)/(1+x²)",
    "x^x",
    "a/(b*c)",
    "where(x>0, √x, |x|)·logaddexp(x, 2)",
    "clip(x, -1, 1)+atan2(y, x)",
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("formula", FORMULAS)
def test_text_stays_within_its_columns_and_loses_nothing(formula, width, lang):
    derivation = explain(formula, lang=lang)
    text = derivation.text(width)
    assert max(map(columns, text.splitlines())) <= width
    joined = re.sub(r"\s+", "", text)
    for block in document(derivation, lang):
        if isinstance(block, Heading):
            assert re.sub(r"\s+", "", block.text) in joined
        elif isinstance(block, Equation):
            assert all(re.sub(r"\s+", "", part) in joined for part in block.note.split(" "))
    for result in derivation.results:
        assert re.sub(r"\s+", "", result.simplified.text()) in joined


def test_the_text_of_the_example_is_a_teachers_derivation():
    assert (
        explain("sin(x²)", 1.0).text(72)
        == """\
f(x) = sin(x²) = 0.8415                                         at x = 1

Differentiate each part
  f′ = 2x·cos(x²)              chain rule; sine, DLMF 4.20.1; power rule
     = 2·1·cos(1²) = 1.081

Result
  df/dx = 2x·cos(x²)
  df/dx = 1.0806                                                at x = 1

Check at x = 1
  df/dx = 1.08060461174                                     by the rules
  df/dx ≈ 1.08060461164                              central differences
  The rules are exact up to rounding; the differences (step 6e-06) carry
  an error of their own.
"""
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_the_page_is_well_formed_and_asks_nothing_of_the_network(formula, lang):
    page = explain(formula).html(lang)
    assert not re.search(r"<script|src=|@import|url\(", page)
    assert f'lang="{lang}"' in page
    body = page.split("<body>")[1].split("</body>")[0]
    xml.dom.minidom.parseString(
        re.sub(r"<style>.*?</style>", "", body, flags=re.S).replace("class=title", 'class="title"').strip()
    )
    assert page.count("<math") >= 5


def test_arrays_with_odd_names_are_read_in_every_form():
    derivation = explain(lambda p: np.sum(p["w<1>"] ** 2 + p["b_1"]), {"w<1>": np.ones((2, 9)), "b_1": np.ones(9)})
    assert "&lt;1&gt;" in derivation.html()
    assert r"\begin{align*}" in derivation.latex()
    assert "∇p['w<1>']" in derivation.text()
    assert "2 × 9 numbers" in derivation.text()
    assert "2 × 9 个数" in derivation.text(lang="zh")


def test_latex_and_markdown_hold_the_derivative():
    derivation = explain("sin(x)/x")
    for shown in (derivation.latex(), derivation.markdown()):
        assert r"\frac{df}{dx}" in shown
        assert "quotient rule" in shown
        assert shown.count("{") == shown.count("}")
    assert "′" not in derivation.latex()


def test_a_notebook_gets_every_form():
    bundle = explain("x²")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml"}
    assert "<html" not in bundle["text/html"]


def test_colours_change_no_character(capsys):
    from rich.console import Console

    derivation = explain("x·sin(x)")
    console = Console(width=80, force_terminal=True)
    with console.capture() as captured:
        console.print(derivation)
    assert "\x1b[" in captured.get()
    assert re.sub(r"\x1b\[[0-9;]*m", "", captured.get()).strip() == derivation.text(80).strip()
    derivation.print()
    assert "product rule" in capsys.readouterr().out
