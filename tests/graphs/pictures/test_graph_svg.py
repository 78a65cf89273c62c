"""The SVG stands alone: well formed, no scripts, nothing loaded from elsewhere."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from chainrule.graphs.lettering import Written
from chainrule.graphs.pictures.geometry import bars, head
from chainrule.graphs.pictures.layout import Box
from chainrule.graphs.pictures.scene import Strip, TextStyle, scene
from chainrule.graphs.pictures.svg import measure, svg
from tests.graphs.recorder import Recorder, broadcast, diamond, network, random_graph

NAMESPACE = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("graph", [diamond(), network(), broadcast(), random_graph(1)])
def test_the_text_is_well_formed_and_complete(graph, lang):
    root = ElementTree.fromstring(svg(graph, lang))
    assert root.get("lang") == lang
    shapes = [element for element in root if "shape" in element.get("class", "")]
    assert len(shapes) >= len(graph.nodes)
    assert sum(element.tag == f"{NAMESPACE}path" for element in root) >= len(graph.edges)


def test_nothing_is_loaded_or_run():
    text = svg(network())
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    for forbidden in ("<script", "href", "url(", "@import", "<image", "onload"):
        assert forbidden not in text


def test_dark_mode_and_print_have_colours_of_their_own():
    assert "prefers-color-scheme: dark" in svg(diamond())
    assert "@media print" in svg(diamond())


def test_forward_and_backward_differ_in_more_than_colour():
    rules = [
        line for line in svg(diamond()).splitlines() if ".line.backward" in line or ".line.forward" in line
    ]
    assert ["stroke-dasharray" in rule for rule in rules] == [False, True]


def test_text_of_the_user_is_escaped():
    r = Recorder()
    x = r.input("x", 1.0)
    graph = r.graph(r.operation('<lambda> & "co"', 2.0, (x, 1.0)))
    root = ElementTree.fromstring(svg(graph))
    assert '<lambda> & "co"' in [element.text for element in root.iter(f"{NAMESPACE}text")]


def test_every_text_is_text():
    found = [element.text for element in ElementTree.fromstring(svg(diamond())).iter(f"{NAMESPACE}text")]
    assert {"x", "sin", "v₁ = 0.479", "× cos(x) = 0.878", "input"} <= set(found)


def test_the_bars_of_a_strip_stay_inside_it_and_leave_out_what_is_not_finite():
    strip = Strip(Box(10, 20, 40, 16), (1.0, -2.0, np.nan, np.inf, 0.5), "value")
    drawn = list(bars(strip))
    assert len(drawn) == 3
    assert all(bar.left >= 10 and bar.right <= 50 and bar.top >= 20 and bar.bottom <= 36 for bar in drawn)
    assert drawn[0].bottom == drawn[1].top == 28
    assert drawn[1].height == 2 * drawn[0].height == 8
    assert list(bars(replace(strip, values=()))) == []
    assert all(np.isfinite(bar.height) for bar in bars(replace(strip, values=(0.0, 0.0))))


def test_the_same_graph_gives_the_same_text():
    assert svg(random_graph(2)) == svg(random_graph(2))


def test_a_notebook_gets_the_svg_and_the_text():
    bundle = diamond()._repr_mimebundle_()
    assert bundle["image/svg+xml"] == svg(diamond())
    assert bundle["text/plain"] == "Graph(5 nodes, 6 edges, 1 outputs)"


def test_every_head_points_along_its_arrow():
    for arrow in scene(random_graph(0), measure).arrows:
        tip, shaft, wings = head(arrow)
        assert tip == arrow.points[-1]
        assert (shaft[0] < tip[0]) == (arrow.points[0][0] < tip[0])
        assert wings[0][0] == wings[1][0] == shaft[0]


@pytest.mark.parametrize(
    "text", ["x\u0304 = 0.266 − 0.145 + 0.291 = 0.412", "−df·g(x)/h(y)²", "maximum", "× cos(x) = 0.878"]
)
def test_the_estimate_of_a_texts_width_holds_for_a_wide_font(text):
    for style in (TextStyle(11.0), TextStyle(15.0, bold=True)):
        weight = "bold" if style.bold else "normal"
        font = FontProperties(family="DejaVu Sans", size=style.size, weight=weight)
        width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
        estimate = measure(Written(text, ""), style)[0]
        assert 0.95 * width <= estimate <= 1.5 * width
