"""What a notebook shows: every value in the same four forms, of which none needs a script or the network."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import chainrule as cr
from chainrule.graphs.pictures.page import MOST_STEPS
from chainrule.graphs.pictures.svg import svg
from chainrule.showing.notebook import bundle, text_picture

FORMS = {"text/plain", "text/html", "image/svg+xml", "text/latex"}
WITHOUT_END = {"img", "br", "meta"}


def variable(value: Any) -> Any:
    """A tracked value as a user's function receives it."""
    seen = []
    cr.grad(lambda x: (seen.append(x), np.sum(np.abs(x)))[1])(value)
    return seen[0]


def computation(weights: dict[str, Any], x: Any) -> Any:
    return np.mean(np.tanh(weights["W_1"] @ x + weights["b<1>"])[1:] ** 2)


GRAPH = cr.graph(lambda x, y: np.tanh(x * y) + x, 0.5, 2.0)
VALUES = {
    "variable": lambda: variable(0.5),
    "array variable": lambda: variable(np.arange(6.0).reshape(2, 3)),
    "complex variable": lambda: variable(1 - 2j),
    "graph": lambda: GRAPH,
    "graph of arrays": lambda: cr.graph(computation, {"W_1": np.ones((3, 2)), "b<1>": np.ones(3)}, np.ones(2)),
    "animation": lambda: GRAPH.animate(),
    "derivation": lambda: cr.explain("sin(x)/x"),
    "drawing": lambda: cr.draw("x^2 * sin(x)", at=1, over=(-2, 2)),
    "drawing of a kink": lambda: cr.draw(np.abs, at=0),
    "catalogue entry": lambda: cr.functions.arctan,
    "formula": lambda: cr.parse("x^2 / 2"),
}


class Reader(HTMLParser):
    """Reads HTML strictly: every element that is opened must be closed, in order."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(written)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in WITHOUT_END:
            assert self.open.pop() == tag


@pytest.fixture(params=VALUES, scope="module")
def shown(request: pytest.FixtureRequest) -> tuple[Any, dict[str, str]]:
    value = VALUES[request.param]()
    return value, value._repr_mimebundle_()


def test_every_value_has_the_four_forms(shown: tuple[Any, dict[str, str]]) -> None:
    _, forms = shown
    assert set(forms) >= FORMS
    assert all(text.strip() for text in forms.values())


def test_the_html_is_well_formed_and_stands_alone(shown: tuple[Any, dict[str, str]]) -> None:
    html = shown[1]["text/html"]
    for tag, attributes in Reader(html).elements:
        assert tag not in {"script", "link", "iframe", "svg"}, tag
        assert not any(name.startswith("on") for name in attributes)
        if tag == "img":
            assert attributes["alt"]
            kind, _, data = str(attributes["src"]).partition(",")
            assert kind == "data:image/svg+xml;base64"
            assert ElementTree.fromstring(base64.b64decode(data)).tag.endswith("svg")
    assert "@import" not in html
    assert "url(" not in html


def test_the_svg_is_one_and_holds_no_script(shown: tuple[Any, dict[str, str]]) -> None:
    root = ElementTree.fromstring(shown[1]["image/svg+xml"])
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not [element for element in root.iter() if element.tag.endswith("}script")]


def test_the_latex_is_balanced_and_plain_ascii(shown: tuple[Any, dict[str, str]]) -> None:
    latex = shown[1]["text/latex"]
    unescaped = re.sub(r"\\[{}]", "", latex)
    assert unescaped.count("{") == unescaped.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert re.findall(r"\\begin\{(.*?)\}", latex) == re.findall(r"\\end\{(.*?)\}", latex)
    assert latex.isascii()


def test_only_the_forms_that_are_asked_for_are_made(shown: tuple[Any, dict[str, str]]) -> None:
    value, forms = shown
    assert set(value._repr_mimebundle_(include={"text/plain"})) == {"text/plain"}
    assert set(value._repr_mimebundle_(exclude={"image/svg+xml"})) == set(forms) - {"image/svg+xml"}


def test_a_form_that_is_not_asked_for_is_not_computed() -> None:
    def never() -> str:
        raise AssertionError

    assert bundle({"text/html"}, None, plain=never, html=lambda: "<p>") == {"text/html": "<p>"}


def test_a_variable_shows_value_shape_and_dtype() -> None:
    forms = variable(np.array([[0.5, 1.0]], dtype=np.float32))._repr_mimebundle_()
    assert re.findall(r"<td>(.*?)</td>", forms["text/html"]) == ["<pre>[[0.5, 1. ]]</pre>", "(1, 2)", "float32"]
    assert forms["text/latex"] == r"$\displaystyle \mathbb{R}^{1 \times 2}$"
    assert variable(0.5)._repr_mimebundle_()["text/latex"] == r"$\displaystyle 0.5$"
    assert "1.0 -2.0" in variable(1 - 2j)._repr_mimebundle_()["text/latex"]


def test_a_variable_of_nested_transforms_shows_its_value() -> None:
    seen: list[str] = []

    def f(x: Any) -> Any:
        seen.append(x._repr_mimebundle_()["text/latex"])
        return x**3

    cr.grad(cr.grad(f))(2.0)
    assert seen == [r"$\displaystyle 2$"]


def test_a_variable_can_be_shown_without_loading_pictures() -> None:
    program = (
        "import sys, chainrule as cr; cr.grad(lambda x: (x._repr_mimebundle_(), x)[1])(1.0);"
        "assert not {'matplotlib', 'chainrule.drawing', 'chainrule.graphs'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_a_graph_lists_its_steps_below_its_picture() -> None:
    html = GRAPH.html()
    assert html.count("<li>") == len(GRAPH.steps())
    assert html.index("<img") < html.index("<details>") < html.index("<li>")
    assert base64.b64encode(svg(GRAPH).encode()).decode() in html
    assert "The 13 steps" in html
    assert "全部 13 步" in GRAPH.html(lang="zh")
    assert "梯度" in GRAPH.html(lang="zh")


def test_the_list_of_a_large_graph_ends_with_how_many_steps_are_left_out() -> None:
    def loop(x: Any) -> Any:
        for _ in range(100):
            x = np.sin(x)
        return x

    large = cr.graph(loop, 0.3)
    html = large.html(fold=False)
    assert html.count("<li>") == MOST_STEPS
    assert f"… and {len(large.steps()) - MOST_STEPS} more." in html
    assert r"\mathrm{repeated}^{\circ 100}\left(x\right)" in large.latex()


def test_the_latex_of_a_graph_says_values_and_gradients() -> None:
    lines = GRAPH.latex().splitlines()
    assert r"v_{1} &= x \, y = 1 \\" in lines
    slope = 1 + 2 / np.cosh(1) ** 2
    assert lines[-2] == rf"\bar{{x}} &= \bar{{v}}_{{1}}\,y + \bar{{v}}_{{3}}\cdot 1 = {slope:.3g}"


def test_the_latex_of_a_graph_of_arrays_says_spaces_options_and_names() -> None:
    weights = {"W_1": np.ones((3, 2)), "b<1>": np.ones(3)}
    latex = cr.graph(computation, weights, np.ones(2)).latex()
    assert r"\in \mathbb{R}^{3 \times 2}" in latex
    assert r"\text{[1:]}" in latex
    assert r"\in \mathbb{C}^{9}" in cr.graph(lambda z: np.sum(np.abs(z)), np.ones(9) * 1j).latex()


def test_drawings_and_catalogue_entries_show_the_function_and_its_derivative() -> None:
    drawing = cr.draw("x^2 * sin(x)", at=1, over=(-2, 2))
    assert r"f'\left(x\right) = 2 x \, \sin" in drawing.latex()
    assert f"f'\\left(1\\right) = {2 * np.sin(1) + np.cos(1):.3g}" in drawing.latex()
    assert drawing.html().count("<math") == 4
    assert cr.draw(np.abs, at=0).html().count("<math") == 3  # a kink has no slope to write
    assert r"\frac{1}{1 + x^{2}}" in cr.functions.arctan._repr_mimebundle_()["text/latex"]


def test_text_in_a_picture_is_escaped_and_full_width_letters_fit() -> None:
    picture = text_picture("a < b & c\n求导")
    assert [text.text for text in ElementTree.fromstring(picture) if text.tag.endswith("text")] == ["a < b & c", "求导"]
    assert "width=" in picture
    narrow, wide = (float(ElementTree.fromstring(text_picture(text)).attrib["width"]) for text in ("aaaa", "求导求导"))
    assert wide - narrow > 4 * 8
