"""The layered layout: no overlaps, everything to the right, few crossings, the same every time."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.graphs.pictures import layout
from chainrule.graphs.pictures.layout import Link, Size, layered_layout
from tests.chances import examples


def random_links(seed, size=60, reach=8.0):
    """A connected random graph with sizes and label sizes of all kinds."""
    choose = random.Random(seed)
    sizes = {id: Size(choose.uniform(10, 120), choose.uniform(10, 80)) for id in range(size)}
    links = []
    for target in range(1, size):
        for _ in range(choose.choice((1, 2, 2, 3))):
            source = max(0, target - 1 - int(choose.expovariate(1 / reach)))
            links.append(
                Link(source, target, choose.uniform(0, 90), choose.uniform(0, 30), choose.uniform(0, 40))
            )
    return sizes, links


def boxes_of(layout):
    return [*layout.boxes.values(), *(route.label for route in layout.routes)]


def overlaps(boxes):
    return [
        (one, other) for index, one in enumerate(boxes) for other in boxes[:index] if one.intersects(other)
    ]


@given(st.integers(0, 10**6), st.integers(2, 60), st.floats(0.5, 30.0))
@examples(60)
def test_no_two_boxes_of_nodes_or_labels_intersect(seed, size, reach):
    assert overlaps(boxes_of(layered_layout(*random_links(seed, size, reach)))) == []


def test_no_edge_runs_through_a_box_that_is_not_its_own():
    for seed in range(10):
        sizes, links = random_links(seed)
        layout = layered_layout(sizes, links)
        for link, route in zip(links, layout.routes, strict=True):
            others = [box for id, box in layout.boxes.items() if id not in (link.source, link.target)]
            others += [other.label for other in layout.routes if other is not route]
            for (x, y), (end, level) in zip(route.points[::2], route.points[1::2], strict=True):
                assert y == level
                assert not [
                    box for box in others if box.left < end and x < box.right and box.top < y < box.bottom
                ]


def test_edges_bend_only_between_the_columns_where_no_box_is():
    sizes, links = random_links(3)
    layout = layered_layout(sizes, links)
    for route in layout.routes:
        for (x, _), (end, _) in zip(route.points[1:-1:2], route.points[2::2], strict=True):
            assert x < end
            assert not [box for box in boxes_of(layout) if box.left < end - 1e-6 and x + 1e-6 < box.right]


def test_every_edge_goes_from_left_to_right_and_touches_its_ends():
    sizes, links = random_links(1)
    layout = layered_layout(sizes, links)
    for link, route in zip(links, layout.routes, strict=True):
        source, target = layout.boxes[link.source], layout.boxes[link.target]
        assert source.right <= target.left
        assert route.points[0][0] == pytest.approx(source.right)
        assert route.points[-1][0] == pytest.approx(target.left)
        assert source.top <= route.points[0][1] <= source.bottom
        assert target.top <= route.points[-1][1] <= target.bottom
        assert route.label.top <= route.line <= route.label.bottom
        assert all(x <= after + 1e-6 for (x, _), (after, _) in pairwise(route.points))


def test_everything_is_inside_the_given_size():
    layout = layered_layout(*random_links(5))
    for box in boxes_of(layout):
        assert box.left >= -1e-9
        assert box.right <= layout.width + 1e-9
        assert box.top >= -1e-9
        assert box.bottom <= layout.height + 1e-9


def test_the_same_graph_is_laid_out_the_same():
    assert layered_layout(*random_links(7)) == layered_layout(*random_links(7))


def crossings(links, layout):
    """Pairs of straight lines between neighbouring columns that cross, counted one by one."""
    pieces = [
        (route.points[i][0], route.points[i][1], route.points[i + 1][1])
        for route in layout.routes
        for i in range(1, len(route.points) - 1, 2)
    ]
    return sum(
        1
        for index, (x, a, b) in enumerate(pieces)
        for other, c, d in pieces[:index]
        if x == other and (a - c) * (b - d) < 0
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_tree_is_drawn_without_crossings(seed):
    choose = random.Random(seed)
    links = [Link(node, choose.randrange(node), 20, 10, 10) for node in range(1, 60)]
    layout = layered_layout({node: Size(30, 20) for node in range(60)}, links)
    assert crossings(links, layout) == 0


def test_crossings_are_taken_out_where_they_can_be():
    sizes = {name: Size(20, 20) for name in "abcdxyzw"}
    links = [Link(one, other) for one, other in ("aw", "bz", "cy", "dx")]
    assert crossings(links, layered_layout(sizes, links)) == 0


def test_a_single_chain_is_straight():
    layout = layered_layout(
        {i: Size(20, 10 + i) for i in range(6)}, [Link(i, i + 1, 30, 9, 20) for i in range(5)]
    )
    assert len({round(y, 6) for route in layout.routes for _, y in route.points}) == 1


def test_inputs_stand_next_to_what_uses_them():
    sizes = {name: Size(20, 20) for name in ("x", "a", "b", "c", "w")}
    layout = layered_layout(sizes, [Link("x", "a"), Link("a", "b"), Link("b", "c"), Link("w", "c")])
    assert layout.boxes["w"].left == layout.boxes["b"].left


def test_a_graph_without_edges_or_nodes_has_a_layout():
    assert layered_layout({}, []).boxes == {}
    assert overlaps(boxes_of(layered_layout({1: Size(5, 5), 2: Size(5, 5)}, []))) == []


def test_a_cycle_is_refused():
    with pytest.raises(ValueError, match="cycle"):
        layered_layout({1: Size(5, 5), 2: Size(5, 5)}, [Link(1, 2), Link(2, 1)])


def test_a_chain_of_ten_thousand_needs_no_recursion():
    layout = layered_layout({i: Size(9, 9) for i in range(10_000)}, [Link(i, i + 1) for i in range(9_999)])
    assert len(layout.routes) == 9_999


def test_edges_leave_and_enter_nodes_level():
    sizes, links = random_links(2)
    for route in layered_layout(sizes, links).routes:
        (x, y), (after, level) = route.points[:2]
        (before, last), (end, final) = route.points[-2:]
        assert y == level
        assert last == final
        assert min(after - x, end - before) > 7


def test_ordering_takes_out_most_of_the_crossings(monkeypatch):
    graphs = [random_links(seed, 40) for seed in range(6)]
    ordered = sum(crossings(links, layered_layout(sizes, links)) for sizes, links in graphs)
    monkeypatch.setattr(layout, "_reduce_crossings", lambda layers: None)
    unordered = sum(crossings(links, layered_layout(sizes, links)) for sizes, links in graphs)
    assert 0 < ordered < 0.6 * unordered


def test_edges_at_one_node_have_heights_of_their_own():
    sizes, links = random_links(4)
    layout = layered_layout(sizes, links)
    for end, names in ((0, [link.source for link in links]), (-1, [link.target for link in links])):
        heights = {}
        for name, route in zip(names, layout.routes, strict=True):
            heights.setdefault(name, []).append(route.points[end][1])
        for levels in heights.values():
            assert all(after - level > 12 for level, after in pairwise(sorted(levels)))


def test_where_there_is_room_an_edge_bends_at_most_once():
    sizes = {name: Size(30, 20) for name in "xabcf"}
    links = [Link(one, other, 20, 9, 9) for one, other in ("xa", "xb", "ac", "bc", "cf")]
    for route in layered_layout(sizes, links).routes:
        bends = [abs(y - after) > 1e-6 for (_, y), (_, after) in pairwise(route.points)]
        assert sum(bends) <= 1
