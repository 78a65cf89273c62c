"""What is said in the picture of a graph, and that nothing in it overlaps."""


import numpy as np
import pytest

import chainrule as cr
from chainrule.graphs.compose import UnknownFunction, compose
from chainrule.graphs.pictures.figure import measure as measure_figure
from chainrule.graphs.pictures.layout import Box
from chainrule.graphs.pictures.scene import scene
from chainrule.graphs.pictures.svg import measure as measure_svg
from tests.graphs.recorder import Recorder, broadcast, diamond, network, random_graph, tanh_example

g, h = UnknownFunction("g"), UnknownFunction("h")
GRAPHS = {
    "figure 8": compose(lambda x, y: g(x) + h(y), "x", "y"),
    "figure 9": compose(lambda x, y: g(x) * h(y), "x", "y"),
    "figure 10": compose(lambda x, y: g(x) / h(y), "x", "y"),
    "chain": compose(lambda x: g(h(x)), "x"),
    "quotient in one variable": compose(lambda x: g(x) / h(x), "x"),
    "long formulas": compose(lambda x: np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2), "x"),
    "diamond": diamond(),
    "tanh": tanh_example(),
    "network": network(),
    "broadcast": broadcast(),
    "random": random_graph(0),
}


def texts(picture, role=None):
    return [text.written.text for text in picture.texts if role in (None, text.role)]


def box_of(text, measure):
    width, height = measure(text.written, text.style)
    x, y = text.at
    return Box(x - width / 2 if text.centred else x, y - height / 2, width, height)


@pytest.mark.parametrize("measure", [measure_svg, measure_figure], ids=["svg", "figure"])
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_no_text_overlaps_another_or_leaves_its_node(graph, measure):
    picture = scene(graph, measure)
    boxes = [box_of(text, measure) for text in picture.texts]
    tight = [Box(box.left, box.top + 0.15 * box.height, box.width, 0.7 * box.height) for box in boxes]
    for index, one in enumerate(tight):
        assert not [other for other in tight[:index] if one.intersects(other)]
        for shape in picture.shapes:
            if one.intersects(shape.box):
                assert shape.box.left <= one.left
                assert one.right <= shape.box.right
                assert shape.box.top <= one.top
                assert one.bottom <= shape.box.bottom


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_no_two_shapes_overlap_and_all_is_on_the_page(graph):
    picture = scene(graph, measure_svg)
    shapes = [shape.box for shape in picture.shapes]
    for index, one in enumerate(shapes):
        assert not [other for other in shapes[:index] if one.intersects(other)]
        assert 0 <= one.left < one.right <= picture.width
        assert 0 <= one.top < one.bottom <= picture.height
    for text in picture.texts:
        box = box_of(text, measure_svg)
        assert box.left >= 0
        assert box.right <= picture.width


def test_figure_10_says_what_flows_where():
    picture = scene(GRAPHS["figure 10"], measure_svg)
    assert {"df", "df/h(y)", "−df·g(x)/h(y)²"} <= set(texts(picture, "gradient"))
    assert {"× g′(x)", "× h′(y)", "× 1/h(y)", "× (−g(x)/h(y)²)"} == set(texts(picture, "local")) - {"× "}
    assert {"x", "y", "g", "h", "÷", "f"} == set(texts(picture, "name"))
    assert {"g(x)", "h(y)", "g(x)/h(y)"} <= set(texts(picture, "value"))


def test_a_small_graph_of_formulas_does_without_names_for_its_values():
    picture = scene(GRAPHS["figure 9"], measure_svg)
    assert not [
        text.written.text for text in picture.texts if text.role != "legend" and "v" in text.written.text
    ]
    assert any("v₁" in text for text in texts(scene(GRAPHS["long formulas"], measure_svg)))


def test_a_fan_out_shows_its_sum():
    picture = scene(diamond(), measure_svg)
    assert "x\u0304 = 0.266 − 0.145 + 0.291 = 0.412" in texts(picture)


def test_local_derivatives_are_shown_as_formula_and_number():
    assert "× cos(x) = 0.878" in texts(scene(diamond(), measure_svg), "local")
    assert "× 0.878" in texts(scene(tanh_example(), measure_svg), "local")


def test_what_was_not_computed_shows_a_dot_and_never_zero():
    picture = scene(broadcast(), measure_svg)
    assert "u\u0304 = ·" in texts(picture, "gradient")
    assert "·" in texts(picture, "gradient")
    assert "not computed" in texts(picture, "legend")
    assert [arrow.kind for arrow in picture.arrows].count("missing") == 1
    assert "not computed" not in texts(scene(diamond(), measure_svg))


def test_a_gradient_of_zero_is_a_zero():
    r = Recorder()
    x = r.input("x", 2.0)
    picture = scene(r.graph(r.operation("sign", 1.0, (x, 0.0))), measure_svg)
    assert "x\u0304 = 0" in texts(picture)


def test_inputs_operations_constants_and_outputs_are_different_shapes():
    picture = scene(tanh_example(), measure_svg)
    kinds = [shape.kind for shape in picture.shapes]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "input": 2,
        "operation": 8,
        "constant": 2,
        "output": 2,
    }


def test_arrays_show_their_shape_and_a_strip():
    picture = scene(network(), measure_svg)
    assert "(8, 4)" in texts(picture)
    assert [strip.role for strip in picture.strips].count("gradient") == 9
    assert all(0 < len(strip.values) <= 16 for strip in picture.strips)


def test_each_edge_has_an_arrow_forward_and_one_back_except_from_constants():
    graph = tanh_example()
    kinds = [arrow.kind for arrow in scene(graph, measure_svg).arrows]
    assert kinds.count("forward") == len(graph.edges) + 1 + 1  # the output's edge and the legend's
    assert kinds.count("backward") == len(graph.edges) + 1 - 1 + 1


def test_arrows_back_run_opposite_to_arrows_forward():
    for arrow in scene(diamond(), measure_svg).arrows:
        rightward = arrow.points[0][0] < arrow.points[-1][0]
        assert rightward == (arrow.kind == "forward")


def test_the_legend_is_in_the_language_asked_for():
    assert "operation" in texts(scene(diamond(), measure_svg, "en"), "legend")
    chinese = texts(scene(broadcast(), measure_svg, "zh"), "legend")
    assert {"输入", "运算", "未计算", "乘以局部导数"} <= set(chinese)
    with pytest.raises(ValueError, match='"zh"'):
        scene(diamond(), measure_svg, "fr")


def test_several_outputs_are_numbered_or_have_the_users_names():
    r = Recorder()
    x = r.input("x", 2.0)
    one, two = r.operation("sin", 0.9, (x, -0.4)), r.operation("exp", 7.4, (x, 7.4), name="growth")
    assert {"f₁", "growth"} <= set(texts(scene(r.graph(one, two), measure_svg), "name"))


def irregular(x):
    for k in np.random.default_rng(0).integers(0, 2, 4000):
        x = np.sin(x) if k else np.arctan(x)
    return x


def looped(x):
    for _ in range(2000):
        x = np.sin(x)
    return x


def test_a_picture_of_thousands_of_nodes_is_refused_with_what_to_do_in_every_form(tmp_path):
    large = cr.graph(irregular, 0.5)
    makers = [
        large.draw, large.html, large.animate, lambda: large.save(tmp_path / "graph.svg"),
        lambda: large.save(tmp_path / "graph.png"), lambda: large.save(tmp_path / "graph.gif"),
    ]  # fmt: skip
    for make in makers:
        with pytest.raises(cr.errors.PictureError, match=r"1,000 at most.*Record a part of the computation"):
            make()
    assert not list(tmp_path.iterdir())
    assert set(large._repr_mimebundle_()) == {"text/plain"}  # a notebook must show something


def test_a_loop_of_thousands_of_steps_is_drawn_folded_and_unfolded_it_is_refused():
    graph = cr.graph(looped, 0.5)
    assert "× 2000" in graph.html()
    with pytest.raises(cr.errors.PictureError, match="without fold=False these are 2 nodes"):
        graph.draw(fold=False)
