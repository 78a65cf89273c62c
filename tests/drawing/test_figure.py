"""The figure drawn from a description: what is on the axes, files, languages, and what is left alone."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from chainrule.drawing import Drawing, draw
from chainrule.errors import ChainruleError, DomainError, OutputError
from chainrule.showing.fonts import chinese_family

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "square": lambda x: x**2,
    "constant": lambda x: 1,
    "tan": np.tan,
    "log": np.log,
    "floor": np.floor,
    "where": lambda x: np.where(x > 0, np.sqrt(x), 0),
    "dense": lambda x: np.tan(1 / x),
    "branch": lambda x: x if x > 0 else -x,
    "large": lambda x: 1e12 * x**3,
    "tiny": lambda x: 1e-12 * np.sin(x),
}


def has_chinese_font() -> bool:
    try:
        chinese_family()
    except ChainruleError:
        return False
    return True


LANGUAGES = [
    "en",
    pytest.param("zh", marks=pytest.mark.skipif(not has_chinese_font(), reason="no Chinese font")),
]


def texts(drawing: Drawing, side: int) -> list[str]:
    legend = drawing.axes[side].get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_overlaps_and_nothing_runs_out_of_the_figure(name: str, lang: str) -> None:
    drawing = draw(FUNCTIONS[name], lang=lang, title="Overview")
    canvas = drawing.figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    renderer = canvas.get_renderer()
    whole = drawing.figure.bbox
    for ax in drawing.axes:
        legend = ax.get_legend()
        assert legend is not None
        boxes = [
            ax.title.get_window_extent(renderer),
            ax.get_window_extent(renderer),
            ax.xaxis.label.get_window_extent(renderer),
            legend.get_window_extent(renderer),
        ]
        for upper, lower in pairwise(boxes):
            assert upper.y0 >= lower.y1 - 0.5
        for box in (*boxes, ax.yaxis.label.get_window_extent(renderer)):
            assert whole.x0 <= box.x0
            assert box.x1 <= whole.x1
            assert whole.y0 <= box.y0
            assert box.y1 <= whole.y1
    left, right = (ax.get_tightbbox(renderer, for_layout_only=True) for ax in drawing.axes)
    assert left is not None
    assert right is not None
    assert left.x1 < right.x0


def test_both_axes_have_title_labels_legend_and_grid() -> None:
    drawing = draw(lambda x: x**2, at=1, over=(-2, 2))
    for ax, name in zip(drawing.axes, ("f(x)", "f'(x)"), strict=True):
        assert ax.get_title().startswith(f"${name}")
        assert ax.get_xlabel() == "$x$"
        assert ax.get_ylabel() == f"${name}$"
        assert ax.get_xgridlines()[0].get_visible()
    assert texts(drawing, 0) == ["function f(x)", "tangent: y = 2x − 1 (slope 2)", "point (1, 1)"]
    assert texts(drawing, 1) == ["derivative f′(x)", "point (1, 2)"]


@pytest.mark.skipif(not has_chinese_font(), reason="no Chinese font")
def test_labels_are_chinese_when_asked_for() -> None:
    drawing = draw(np.log, lang="zh")
    assert texts(drawing, 0) == [
        "函数 f(x)",
        "切线：y = x − 1（斜率 1）",
        "点 (1, 0)",
        "渐近线 x = 0",
        "无定义",
    ]
    assert texts(drawing, 1)[0] == "导数 f′(x)"


def test_what_is_drawn_is_the_description() -> None:
    drawing = draw(np.tan)
    lines = [line for line in drawing.axes[0].lines if len(line.get_xdata()) > 10]
    assert len(lines) == len(drawing.data.function.branches)
    for line, (x, y) in zip(lines, drawing.data.function.branches, strict=True):
        assert np.array_equal(line.get_xdata(), x)
        assert np.array_equal(line.get_ydata(), y)
    assert drawing.axes[0].get_ylim() == drawing.data.function.view
    assert {line.get_color() for line in drawing.axes[0].lines}.isdisjoint({"red", "green"})


def test_the_tangent_is_dotted_and_the_curve_is_solid() -> None:
    left = draw(np.sin).axes[0]
    by_label = {line.get_label(): line for line in left.lines}
    tangent = next(line for label, line in by_label.items() if str(label).startswith("tangent"))
    assert by_label["function f(x)"].get_linestyle() == "-"
    assert tangent.get_linestyle() != "-"


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_files_of_each_kind_are_written(tmp_path: Path, suffix: str, start: bytes, lang: str) -> None:
    drawing = draw(np.log, lang=lang)
    path = tmp_path / f"log{suffix}"
    assert drawing.save(path) == path
    assert path.read_bytes().startswith(start)
    assert os.listdir(tmp_path) == [path.name]
    if suffix == ".svg":
        ElementTree.parse(path)
    first = path.read_bytes()
    draw(np.log, lang=lang).save(str(path))
    assert path.read_bytes() == first


def test_an_unknown_suffix_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"'\.gif' is none of \.png, \.jpg, \.svg, \.pdf"):
        draw(np.sin).save(tmp_path / "sin.gif")
    with pytest.raises(OutputError, match=r"Write for example sin\.png"):
        draw(np.sin).save(tmp_path / "sin")
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        draw(np.sin).save(tmp_path / "missing" / "sin.png")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sin.png"
    path.write_bytes(b"old")

    def full_disk(self: Path, content: bytes) -> int:
        with open(self, "wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OutputError, match=r"sin\.png: No space left"):
        draw(np.sin).save(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["sin.png"]


def test_a_path_that_is_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "sin.png").mkdir()
    with pytest.raises(OutputError, match=r"sin\.png"):
        draw(np.sin).save(tmp_path / "sin.png")
    assert os.listdir(tmp_path) == ["sin.png"]


def test_given_axes_are_drawn_into() -> None:
    figure = Figure(figsize=(8, 4))
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2)
    drawing = draw(np.sin, axes=axes, title="Waves")
    assert drawing.figure is figure
    assert drawing.axes == tuple(axes)
    assert axes[0].get_title().startswith("Waves\n$f(x)")
    figure.canvas.draw()


@pytest.mark.parametrize("axes", [5, [1, 2], [None]])
def test_axes_that_are_none_are_an_error(axes: Any) -> None:
    with pytest.raises(DomainError, match="two matplotlib axes"):
        draw(np.sin, axes=axes)


def test_no_global_state_is_touched() -> None:
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    draw(np.tan)._repr_mimebundle_()
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


def test_a_notebook_gets_a_picture_in_three_forms() -> None:
    drawing = draw(lambda x: x**2, over=(-2, 2))
    bundle = drawing._repr_mimebundle_()
    assert bundle["text/plain"] == "Drawing(at x = 1: value 1, slope 2; over −2 … 2)"
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    ElementTree.fromstring(bundle["image/svg+xml"])


def test_drawing_in_threads_gives_the_same_files(tmp_path: Path) -> None:
    def work(i: int) -> None:
        draw(np.tan).save(tmp_path / f"{i}.svg")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(tmp_path / f"{i}.svg").read_bytes() for i in range(4)}) == 1


def test_a_formulas_own_variable_is_on_the_axes() -> None:
    from chainrule.formula.expression import Symbol, evaluate

    class Formula:
        expression = Symbol("t") ** 2
        variables = ("t",)

        def __call__(self, t: Any) -> Any:
            return evaluate(self.expression, {"t": t})

    drawing = draw(Formula())
    assert drawing.axes[0].get_xlabel() == "$t$"
    assert drawing.axes[1].get_ylabel() == "$f'(t)$"
    assert texts(drawing, 0)[1] == "tangent: y = 2t − 1 (slope 2)"


@pytest.mark.parametrize(
    ("f", "at", "conventional"),
    [
        ("|x|", 0.0, True), ("floor(x)", 1.0, True), ("max(x, 1)", 1.0, True), ("sign(x)", 0.0, True),
        ("x^2", 0.0, False), ("|x|", 2.0, False), ("floor(x)", 0.5, False), ("sqrt(x)", 1.0, False),
        ("cbrt(x)", 0.0, False),
    ],
)  # fmt: skip
def test_a_slope_that_is_a_convention_is_said_to_be_one_and_is_no_equation(f, at, conventional):
    drawing = draw(f, at=at)
    assert ("by convention" in repr(drawing)) == conventional
    lines = drawing.latex().splitlines()
    at_the_point = [line for line in lines if r"f'\left(" in line and r"f'\left(x\right)" not in line]
    assert bool(at_the_point) != conventional
    assert any(r"f\left(" in line for line in lines)
