"""Animations: what appears when, and that the files play the steps without anything from elsewhere."""

import re
import xml.etree.ElementTree as ET
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import chainrule as cr
from chainrule.graphs.pictures.animation import animated_svg, gif, moments
from chainrule.graphs.pictures.scene import scene
from chainrule.graphs.pictures.svg import measure, svg
from tests.graphs.recorder import diamond, network


def test_a_value_appears_after_its_arguments_and_a_gradient_after_those_it_comes_from():
    for graph in (diamond(), network()):
        seen = moments(graph, graph.steps())
        for edge in graph.edges:
            if edge.source in seen.values:
                assert seen.values[edge.source] < seen.values[edge.target]
            assert seen.forward[edge.target, edge.position] == seen.values[edge.target]
            if edge.contribution is not None:
                assert max(seen.values.values()) < seen.gradients[edge.target]
                assert seen.backward[edge.target, edge.position] <= seen.gradients[edge.source]
                assert seen.gradients[edge.target] < seen.backward[edge.target, edge.position]


def test_without_moments_nothing_is_marked():
    still = scene(diamond(), measure)
    assert not any(item.moment for item in (*still.texts, *still.arrows, *still.strips))
    assert 'class="m' not in svg(diamond())


def test_the_moving_svg_has_every_step_and_needs_no_script_and_nothing_from_elsewhere():
    for graph in (diamond(), network()):
        for lang in ("en", "zh"):
            text = animated_svg(graph, lang)
            ET.fromstring(text)
            assert "<script" not in text
            assert not re.search(r"(href|src|url\()", text)
            count = len(graph.steps())
            assert all(f'class="c{moment}"' in text for moment in range(1, count + 1))
            assert f'class="m{count}"' in text
            assert "prefers-reduced-motion" in text
    assert graph.steps()[3].sentence("zh")[:4] in text


def test_captions_stay_within_the_picture():
    text = animated_svg(cr.graph(lambda a: np.sum(a * 2.0), np.ones(7)))
    width = float(re.search(r'width="([\d.]+)"', text)[1])
    for line in re.findall(r'<text class="legend"[^>]*font-size="13.0">([^<]*)</text>', text):
        assert 13 * 0.45 * len(line) < width


def test_the_gif_has_a_frame_for_each_step_and_ends_with_everything_shown():
    graph = diamond()
    with Image.open(BytesIO(gif(graph))) as picture:
        assert picture.n_frames == len(graph.steps())
        inked = []
        for frame in range(picture.n_frames):
            picture.seek(frame)
            inked.append(int(np.sum(np.asarray(picture.convert("L")) < 200)))
    assert inked[-1] > 1.5 * inked[0]


def test_saving_by_ending(tmp_path):
    diamond().save(tmp_path / "steps.gif")
    assert (tmp_path / "steps.gif").read_bytes()[:3] == b"GIF"
    moving = diamond().animate("zh")
    moving.save(tmp_path / "steps.svg")
    assert (tmp_path / "steps.svg").read_text(encoding="utf-8") == moving.svg
    assert moving._repr_mimebundle_()["image/svg+xml"] == moving.svg
    with pytest.raises(ValueError, match=r"\.gif"):
        moving.save(tmp_path / "steps.mp4")


def test_progress_is_told_of_every_frame():
    told = []

    def progress(numbers, total):
        for number in numbers:
            told.append((number, total))
            yield number

    gif(diamond(), progress=progress)
    count = len(diamond().steps())
    assert told == [(number, count) for number in range(1, count + 1)]
