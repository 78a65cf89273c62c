"""Figures and files of graphs: drawn without pyplot, written whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from chainrule.errors import OutputError
from chainrule.graphs.compose import UnknownFunction, compose
from chainrule.graphs.pictures.figure import measure
from chainrule.graphs.pictures.scene import scene
from tests.graphs.recorder import broadcast, diamond, network, tanh_example

g, h = UnknownFunction("g"), UnknownFunction("h")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "graph",
    [diamond(), network(), broadcast(), tanh_example(), compose(lambda x, y: g(x) / h(y), "x", "y")],
    ids=["diamond", "network", "broadcast", "tanh", "figure 10"],
)
def test_every_picture_is_drawn_without_a_warning(graph, lang):
    figure = graph.draw(lang=lang)
    figure.canvas.draw()
    assert np.asarray(figure.canvas.buffer_rgba())[:, :, :3].min() < 64


def test_no_text_leaves_the_figure():
    figure = diamond().draw()
    renderer = figure.canvas.get_renderer()
    for text in figure.axes[0].texts:
        extent = text.get_window_extent(renderer)
        assert extent.x0 >= 0
        assert extent.x1 <= figure.bbox.width


def test_every_text_is_as_large_as_it_was_measured():
    graph = compose(lambda x, y: g(x) / h(y), "x", "y")
    figure = graph.draw()
    renderer = figure.canvas.get_renderer()
    for shown, text in zip(figure.axes[0].texts, scene(graph, measure).texts, strict=True):
        width = shown.get_window_extent(renderer).width * 72 / figure.dpi
        assert 0.6 * measure(text.written, text.style)[0] < width <= measure(text.written, text.style)[0] + 1


def test_the_picture_fits_into_given_axes():
    figure = Figure(figsize=(5, 4))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(1, 2, 2)
    assert diamond().draw(axes=axes) is figure
    figure.canvas.draw()
    frame = axes.get_window_extent()
    for text in axes.texts:
        extent = text.get_window_extent()
        assert frame.x0 - 1 <= extent.x0
        assert extent.x1 <= frame.x1 + 1


def test_the_users_settings_of_matplotlib_neither_matter_nor_change():
    with matplotlib.rc_context({"font.family": "serif", "mathtext.fontset": "cm", "text.color": "red"}):
        before = dict(matplotlib.rcParams)
        figure = compose(lambda x: g(h(x)), "x").draw()
        figure.canvas.draw()
        assert dict(matplotlib.rcParams) == before
        assert all(text.get_color() != "red" for text in figure.axes[0].texts)


def test_pyplot_is_never_imported(tmp_path):
    code = (
        "import sys; sys.path.append(sys.argv[1]); from recorder import diamond;"
        "diamond().save(sys.argv[2]); assert 'matplotlib.pyplot' not in sys.modules"
    )
    folder = str(Path(__file__).parents[1])
    subprocess.run(
        [sys.executable, "-c", code, folder, str(tmp_path / "g.png")],
        check=True,
        env=os.environ,
    )


@pytest.mark.parametrize(("name", "start"), [("g.svg", b"<svg"), ("g.png", b"\x89PNG"), ("g.PDF", b"%PDF")])
def test_a_picture_is_saved_as_its_ending_says(tmp_path, name, start):
    diamond().save(tmp_path / name, lang="zh")
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf or \.gif"):
        diamond().save(tmp_path / "g.txt")


def test_a_folder_that_is_not_there_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="could not be written"):
        diamond().save(tmp_path / "nowhere" / "g.svg")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "g.svg"
    target.write_text("old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        diamond().save(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
