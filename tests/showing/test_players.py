"""What plays, and what follows dark mode and narrow pages: as written, and (where there is one) in a browser."""

from __future__ import annotations

import base64
import html as html_module
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.drawing.interactive import InteractiveDrawing
from chainrule.drawing.stops import stops
from chainrule.graphs.pictures.flow_page import svg as flow_svg
from chainrule.graphs.pictures.step_table import MOST_SHOWN, Steps
from chainrule.showing.dark import DARK
from chainrule.showing.notebook import picture

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def flow() -> Any:
    def loss(params: Any, x: Any) -> Any:
        hidden = np.tanh(x @ params["a"])
        return np.mean((hidden @ params["b"]) ** 2)

    return cr.gradient_flow(loss, {"a": np.ones((2, 3)) / 3, "b": np.ones(3)}, [np.ones((4, 2))] * 200)


FLOW = flow()
GRAPH = cr.graph(lambda x, y: np.tanh(x * y) + x, 0.5, 2.0)
MOVING = cr.draw("|x - 1|", at=0, over=(-4, 4), interactive=True)


def content(piece: str) -> dict[str, Any]:
    (written,) = re.findall(r'data-content="(.*?)"', piece, flags=re.DOTALL)
    data: dict[str, Any] = json.loads(html_module.unescape(written))
    return data


def test_every_colour_of_a_figure_has_one_for_dark_paper() -> None:
    figures = [cr.draw(["sin(1000x)", "sqrt(x)", "x^2 - 1", "floor(x)", "tan(1/x)"], secant=1, mark=True)._svg()]
    figures += [flow_svg(FLOW)]
    for figure in figures:
        drawn = figure[figure.index("</style>") :]
        used = set(re.findall(r"(?:fill|stroke)(?:: |=\")(#[0-9a-fA-F]{6})", drawn))
        assert used
        assert {colour.lower() for colour in used} <= {colour.lower() for colour in DARK}
        assert figure.count("prefers-color-scheme: dark") == 1


def test_panels_of_a_drawing_hold_one_pair_of_axes_each_and_can_be_stacked_by_the_page() -> None:
    drawing = cr.draw("x^2", order=2)
    assert [svg.count('<g id="axes_') for svg in drawing.panels()] == [1, 1, 1]
    assert drawing._svg().count('<g id="axes_') == 3  # and nothing is left hidden
    assert "flex-wrap: wrap" in drawing.html()
    assert drawing.html().count("<img") == 3


def test_a_wide_picture_is_not_shrunk_beyond_reading_on_a_phone() -> None:
    shown = picture('<svg xmlns="http://www.w3.org/2000/svg" width="900" height="10"></svg>', "nothing")
    assert "min-width: 540px" in shown
    assert "overflow-x: auto" in shown


def test_a_gradient_flow_says_in_a_line_what_it_holds_and_shows_a_table() -> None:
    assert repr(FLOW).startswith("GradientFlow(200 steps, 2 parameters, 1 activations; loss ")
    assert len(repr(FLOW)) < 200
    shown = FLOW.html("zh")
    assert (shown.count("<img"), shown.count("<tr>")) == (3, 3)
    assert "正常" in shown
    assert r"\nabla" in FLOW._repr_mimebundle_({"text/latex"})["text/latex"]


def test_steps_are_a_tuple_that_shows_itself_as_a_table() -> None:
    steps = GRAPH.steps()
    assert isinstance(steps, tuple)
    assert repr(steps).splitlines()[0] == "1. The input x is 0.5."
    forms = steps._repr_mimebundle_()
    assert forms["text/html"].count("<tr>") == len(steps) + 1
    assert "输入 x 的值是 0.5" in steps.html("zh")
    many = Steps(steps[0] for _ in range(MOST_SHOWN + 7))
    assert many.text().endswith("… and 7 more")


def test_an_animation_is_not_printed_with_all_of_its_svg() -> None:
    assert len(repr(GRAPH.animate())) < 200


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_player_holds_every_step_and_needs_nothing_from_elsewhere(lang: Any, tmp_path: Path) -> None:
    player = GRAPH.player(lang)
    piece = player.html()
    data = content(piece)
    assert [step["words"].split(": ", 1)[1] for step in data["steps"]] == [s.sentence(lang) for s in GRAPH.steps()]
    assert set(re.findall(r"https?://[^\"'\s<)]+", piece)) <= {"http://www.w3.org/2000/svg"}
    assert " id=" not in re.sub(r"<svg.*?</svg>", "", piece, flags=re.DOTALL)
    assert piece.count("aria-label=") >= 7
    assert re.findall(r"\b(?:eval|Function|fetch|import)\(", piece) == []
    player.save(tmp_path / "graph.html")
    assert (tmp_path / "graph.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(ValueError, match=r"\.html"):
        player.save(tmp_path / "graph.svg")


def test_the_point_of_an_interactive_drawing_has_the_values_of_grad() -> None:
    assert isinstance(MOVING, InteractiveDrawing)
    data = content(MOVING.html())
    for stop in data["stops"][::40]:
        x = stop["x"]
        assert stop["y"] == pytest.approx(abs(x - 1), rel=1e-5)
        assert stop["slope"] == (None if x == 1 else cr.grad(lambda x: np.abs(x - 1))(x))
    (kink,) = [stop for stop in data["stops"] if stop["x"] == 1]
    assert len(kink["segments"]) == 2
    assert "no tangent: slope −1 from the left, 1 from the right" in kink["words"]
    assert data["stops"][data["start"]]["x"] == 0
    undefined = cr.draw("sqrt(x)", interactive=True, lang="zh")
    assert content(undefined.html())["stops"][0] == {
        "x": -5, "y": None, "slope": None, "segments": [], "words": "x = −5：函数在此处没有值",
    }  # fmt: skip
    found = stops("x^2", MOVING.data, 5)
    assert [each.slope for each in found.tangents] == [-8, -4, 0, 4, 8]


def test_an_interactive_drawing_is_a_drawing_and_saves_as_a_page(tmp_path: Path) -> None:
    MOVING.save(tmp_path / "f.html")
    page = (tmp_path / "f.html").read_text(encoding="utf-8")
    assert page.count("<script>") == 1
    assert all(base64.b64decode(data).startswith(b"<?xml") for data in re.findall(r"base64,([^\"]+)", page))
    MOVING.save(tmp_path / "f.svg")
    assert "tangent" in repr(MOVING.data).lower()


def in_browser(piece: str, program: str, folder: Path, width: int = 900) -> Any:
    """What a program on a page with this piece leaves as JSON in `document.title`."""
    page = folder / "page.html"
    asked = f"document.title = JSON.stringify((() => {{ {program} }})());"
    script = f"<script>addEventListener('load', () => {{ {asked} }})</script>"
    page.write_text(f'<!DOCTYPE html><meta charset="utf-8"><title></title>{piece}{script}', encoding="utf-8")
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
        f"--window-size={width},900", "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    (title,) = re.findall(r"<title>(.*?)</title>", done.stdout, flags=re.DOTALL)[:1]
    return json.loads(html_module.unescape(title))


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_players_play_in_a_browser_several_on_one_page(tmp_path: Path) -> None:
    program = """
      const [graph, other, curve] = document.querySelectorAll('.chainrule-player');
      const said = (root) => root.querySelector('.said').textContent;
      const press = (root, name) => root.querySelector('button.' + name).click();
      const slide = (root, name, value) => {
        const input = root.querySelector('input.' + name);
        input.value = value; input.dispatchEvent(new Event('input'));
      };
      const seen = (root) => [...root.querySelectorAll('svg g')].filter((g) => g.style.opacity === '1').length;
      const found = {end: said(graph), all: seen(graph)};
      press(graph, 'first'); found.first = said(graph); found.few = seen(graph);
      press(graph, 'on'); press(graph, 'on'); press(graph, 'back'); found.second = said(graph);
      slide(graph, 'scrub', 4); found.fifth = said(graph); found.other = said(other);
      press(graph, 'play'); found.playing = graph.querySelector('button.play').getAttribute('aria-label');
      press(graph, 'play'); found.paused = graph.querySelector('button.play').getAttribute('aria-label');
      slide(curve, 'scrub', 0); found.left = said(curve); slide(curve, 'step', 0); found.secant = said(curve);
      found.lines = [...curve.querySelectorAll('.layer line')].map((line) => line.getAttribute('class'));
      found.dots = [...curve.querySelectorAll('.layer circle')].map((dot) => dot.style.display);
      return found;
    """
    found = in_browser(GRAPH.player().html() + GRAPH.player("zh").html() + MOVING.html(), program, tmp_path)
    steps = GRAPH.steps()
    count = len(steps)
    said = [f"{number}/{count}: {step.sentence()}" for number, step in enumerate(steps, 1)]
    assert (found["end"], found["first"], found["second"], found["fifth"]) == (said[-1], said[0], said[1], said[4])
    assert found["all"] > found["few"]
    assert found["other"] == f"{count}/{count}: {steps[-1].sentence('zh')}"
    assert (found["playing"], found["paused"]) == ("pause", "play")
    assert found["left"] == "x = −4: value 5; tangent: y = −x + 1 (slope −1)"
    assert found["secant"].endswith("secant, h = 2.4: slope −1")
    assert found["lines"] == ["tangent", "secant"]
    assert found["dots"][0] == ""
    assert found["dots"].count("none") == 1  # the second point has no place on the derivative


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_panels_stand_side_by_side_on_a_wide_page_and_stacked_on_a_phone(tmp_path: Path) -> None:
    piece = f'<div class="wide">{MOVING.html()}</div><div style="width: 374px">{cr.draw("x^2").html()}</div>'
    program = """
      const tops = (where) => [...document.querySelectorAll(where)].map((e) => e.getBoundingClientRect())
        .map((box) => [Math.round(box.top), Math.round(box.width)]);
      return [tops('.panel'), tops('.chainrule-panels img')];
    """
    wide, narrow = in_browser(piece, program, tmp_path)
    assert wide[0][0] == wide[1][0]
    assert narrow[1][0] > narrow[0][0]
    assert all(370 <= width <= 374 for _, width in narrow)
