"""The tour: what it shows, how it is written, and that its words agree with the table."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from chainrule.cli import main
from chainrule.drawing import draw
from chainrule.errors import ChainruleError, OutputError
from chainrule.formula.expression import evaluate
from chainrule.formula.formula import parse
from chainrule.formula.text import text
from chainrule.functions import TUTORIAL
from chainrule.tour import make, make_tour, network
from chainrule.tour.make import stations
from chainrule.tour.mathematics import latex_svg
from chainrule.tour.page import draw_command, page
from chainrule.tour.plan import (
    SECTIONS,
    CompositionStation,
    FunctionStation,
    NetworkStation,
    file_name,
    heading,
)

FIGURES = ["1", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2", "5.1", "5.2", "5.3", "6.1", "6.2", "6.3"]
FIGURES += ["7.1", "7.2", "7.3", "8", "9", "10"]
STATIONS = [station for section in SECTIONS for station in section.stations]
COMPOSITIONS = {each.name: each for each in STATIONS if isinstance(each, CompositionStation)}


class Page(HTMLParser):
    """A page's pictures, links, words and unclosed tags."""

    EMPTY = ("meta", "img", "link", "path", "br")

    def __init__(self, content: str) -> None:
        super().__init__()
        self.sources, self.links, self.ids, self.alternatives, self.open = [], [], [], [], []
        self.language = None
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.open += [] if tag in self.EMPTY else [tag]
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        if tag == "html":
            self.language = found["lang"]
        if tag == "img":
            self.sources.append(found["src"])
            self.alternatives.append(found["alt"])

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory):
    return make_tour(tmp_path_factory.mktemp("made") / "tour", ("en", "zh"))


def test_the_tour_has_every_figure_of_the_tutorial_in_its_order() -> None:
    assert [station.number for station in STATIONS if station.number] == FIGURES
    shown = [station.function for station in STATIONS if isinstance(station, FunctionStation)]
    assert [function.formula for function in shown] == [function.formula for function in TUTORIAL]


def test_every_station_has_a_name_of_its_own_and_words_in_both_languages() -> None:
    names = [file_name(station) for station in STATIONS]
    assert len(set(names)) == len(names)
    for each in (*STATIONS, *SECTIONS):
        for said in (each.title, each.text):
            assert re.search("[a-z]", said.en)
            assert not re.search("[\u4e00-\u9fff]", said.en)
            assert re.search("[\u4e00-\u9fff]", said.zh)


# What the tutorial says arrives where, written by hand.
ARRIVING = {
    "chain": {"h(x)": "df * g1(h(x))", "x": "df * g1(h(x)) * h1(x)"},
    "sum-one-variable": {"g(x)": "df", "h(x)": "df", "x": "df * (g1(x) + h1(x))"},
    "sum": {"g(x)": "df", "h(y)": "df", "x": "df * g1(x)", "y": "df * h1(y)"},
    "product-one-variable": {"g(x)": "df * h(x)", "h(x)": "df * g(x)", "x": "df * (g1(x) * h(x) + g(x) * h1(x))"},
    "product": {"g(x)": "df * h(y)", "h(y)": "df * g(x)", "x": "df * h(y) * g1(x)", "y": "df * g(x) * h1(y)"},
    "quotient-one-variable": {
        "g(x)": "df / h(x)",
        "h(x)": "-df * g(x) / h(x)**2",
        "x": "df * (g1(x) * h(x) - g(x) * h1(x)) / h(x)**2",
    },
    "quotient": {
        "g(x)": "df / h(y)",
        "h(y)": "-df * g(x) / h(y)**2",
        "x": "df / h(y) * g1(x)",
        "y": "-df * g(x) / h(y)**2 * h1(y)",
    },
}


@pytest.mark.parametrize("name", ARRIVING)
def test_the_gradients_that_arrive_are_those_of_the_tutorial(name: str) -> None:
    known = {"g": np.sin, "g1": np.cos, "h": np.exp, "h1": np.exp, "x": 0.7, "y": -0.4, "df": 1.3}
    graph = COMPOSITIONS[name].graph()
    for node in graph.nodes:
        if node.id not in graph.outputs:
            expected = eval(ARRIVING[name][text(node.value)], known)
            assert _number(node.gradient, known) == pytest.approx(expected, rel=1e-14)
    assert {text(node.value) for node in graph.nodes if node.id not in graph.outputs} == set(ARRIVING[name])


def _number(formula, known) -> float:
    """The value of a formula over unknown functions, with sin and exp put in for g and h."""
    if getattr(formula, "arguments", ()):
        name = getattr(formula.function, "__name__", "").replace("′", "1")
        function = known.get(name, formula.function)
        return function(*(_number(argument, known) for argument in formula.arguments))
    return evaluate(formula, {key: value for key, value in known.items() if isinstance(value, float)})


def test_every_picture_is_there_as_svg_and_png_and_whole(both) -> None:
    assert len(both.made) == 2 * len(STATIONS)
    for made in both.made:
        svg, png = (both.folder / file for file in made.files)
        assert ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        assert png.read_bytes().startswith(b"\x89PNG")
        assert png.read_bytes().endswith(b"IEND\xaeB`\x82")


def test_both_pages_show_every_picture_with_words_for_those_who_cannot_see_it(both) -> None:
    for language, file in zip(("en", "zh-Hans"), both.pages, strict=True):
        shown = Page(file.read_text(encoding="utf-8"))
        assert shown.language == language
        assert shown.sources == [f"{file_name(station)}.svg" for station in STATIONS]
        assert all(len(words) > 10 for words in shown.alternatives)
        assert shown.open == []


def test_every_link_and_picture_leads_to_something_within_the_tour(both) -> None:
    for file in both.pages:
        shown = Page(file.read_text(encoding="utf-8"))
        assert len(set(shown.ids)) == len(shown.ids)
        for target in shown.links + shown.sources:
            if target.startswith("#"):
                assert target[1:] in shown.ids
            else:
                assert (file.parent / target).resolve().is_relative_to(both.folder.resolve())
                assert (file.parent / target).is_file()


def test_the_pages_need_no_network(both) -> None:
    for file in both.pages:
        content = file.read_text(encoding="utf-8")
        assert "<script" not in content
        assert not re.search(r"""(src|href)="(https?:)?//|@import|url\(""", content)


def test_the_pages_differ_in_every_word_of_prose_but_not_in_a_formula(both) -> None:
    english, chinese = (file.read_text(encoding="utf-8") for file in both.pages)
    formulas = [re.findall(r'<svg class="formula".*?</svg>', content) for content in (english, chinese)]
    assert formulas[0] == formulas[1]
    assert len(formulas[0]) > 60
    assert not re.search("[\u4e00-\u9fff]", english.replace("中文", ""))
    for paragraph in re.findall(r"<(?:p|h1|h2|h3)>(.*?)</", chinese):
        assert re.search("[\u4e00-\u9fff]", paragraph)


def test_the_network_reads_the_digits_and_the_page_says_so(both) -> None:
    assert both.accuracy >= 0.97
    for file in both.pages:
        assert f"{both.accuracy:.1%}" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("station", [s for s in STATIONS if isinstance(s, FunctionStation)], ids=file_name)
def test_the_command_under_a_picture_draws_that_picture(station: FunctionStation) -> None:
    _, _, formula, _, at, _, low, high = draw_command(station)
    typed, drawn = draw(parse(formula), float(at), (float(low), float(high))), draw(station.function)
    assert typed.data.tangent == drawn.data.tangent
    for one, other in zip(typed.data.function.branches, drawn.data.function.branches, strict=True):
        np.testing.assert_allclose(one[1], other[1], rtol=1e-12)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_headings_name_the_tutorials_figure(lang) -> None:
    for station in STATIONS:
        number = re.findall(r"\d+(?:\.\d)?", heading(station, lang))[:1]
        assert number == ([station.number] if station.number else [])


def test_a_formula_of_a_page_is_one_path_and_tells_its_text() -> None:
    picture = ElementTree.fromstring(latex_svg(r"\frac{1}{2}", "1/2 < x"))
    assert picture.get("aria-label") == "1/2 < x"
    assert picture[0].tag == "path"
    assert re.fullmatch(r"[MLQCZ\d. -]+", picture[0].get("d"))
    assert not re.search(r"\b(width|height):0\.000em", picture.get("style"))


def test_a_formula_stands_upright_inside_its_box() -> None:
    picture = ElementTree.fromstring(latex_svg("x^2", "x²"))
    _, top, _, height = map(float, picture.get("viewBox").split())
    ordinates = [float(y) for y in re.findall(r"-?\d+ (-?\d+)", picture[0].get("d"))]
    assert top <= min(ordinates) < -60  # an exponent, 60 % of an em above the line; in SVG y grows downwards
    assert max(ordinates) <= top + height


# ── the folder ──


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tour of one figure, without the network."""
    monkeypatch.setattr(network, "missing", lambda: "scikit-learn")
    monkeypatch.setattr(make, "stations", lambda: stations()[:1])


def test_a_tour_replaces_an_earlier_one_and_leaves_nothing_beside_it(tmp_path: Path, quick: None) -> None:
    make_tour(tmp_path / "tour", ("en", "zh"))
    make_tour(tmp_path / "tour", ("zh",))
    assert [path.name for path in tmp_path.iterdir()] == ["tour"]
    assert not (tmp_path / "tour" / "zh").exists()
    assert 'lang="zh-Hans"' in (tmp_path / "tour" / "index.html").read_text(encoding="utf-8")
    listed = json.loads((tmp_path / "tour" / "tour.json").read_text(encoding="utf-8"))["files"]
    assert {*listed, "tour.json"} == {path.name for path in (tmp_path / "tour").iterdir()}


def test_a_folder_with_other_files_is_not_touched(tmp_path: Path, quick: None) -> None:
    make_tour(tmp_path / "tour")
    (tmp_path / "tour" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        make_tour(tmp_path / "tour")
    assert (tmp_path / "tour" / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["tour"]


def test_a_tour_that_fails_leaves_the_earlier_one_and_nothing_else(tmp_path: Path, quick: None, monkeypatch) -> None:
    make_tour(tmp_path / "tour")
    before = (tmp_path / "tour" / "index.html").read_bytes()

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make, "page", fail)
    with pytest.raises(OutputError, match="No space left on device"):
        make_tour(tmp_path / "tour")
    assert (tmp_path / "tour" / "index.html").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["tour"]


def test_an_interrupted_tour_leaves_nothing(tmp_path: Path, quick: None, monkeypatch) -> None:
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "page", interrupt)
    with pytest.raises(KeyboardInterrupt):
        make_tour(tmp_path / "tour")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file.txt", "file.txt/tour"])
def test_a_target_that_cannot_be_a_folder_is_refused_at_once(place: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("mine")
    result = CliRunner().invoke(main, ["tour", "--out", str(tmp_path / place)])
    assert result.exit_code == 1
    assert "cannot make the tour in" in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_the_folder_can_be_read_by_others(tmp_path: Path, quick: None) -> None:
    before = os.umask(0o022)
    try:
        make_tour(tmp_path / "tour")
    finally:
        os.umask(before)
    assert (tmp_path / "tour").stat().st_mode & 0o777 == 0o755


# ── the command, and the network's example ──


@pytest.mark.parametrize(("lang", "words"), [("en", "1 figures, each as SVG and PNG"), ("zh", "共 1 幅图")])
def test_the_command_says_what_it_made_and_what_it_left_out(lang, words, tmp_path: Path, quick: None) -> None:
    result = CliRunner().invoke(main, ["tour", "--out", str(tmp_path / "tour"), "--lang", lang])
    assert result.exit_code == 0
    assert words in result.stdout
    assert "figure-1-constant.svg" in result.stdout
    assert "scikit-learn" in result.stdout
    assert str(tmp_path / "tour" / "index.html") in result.stdout


def test_a_page_without_the_network_says_why() -> None:
    content = page("en", stations()[:-1], None, {})
    assert "it needs scikit-learn" in content
    assert "network.svg" not in content


def test_the_page_prints_the_example_as_it_is(both) -> None:
    shown = re.search(r"<pre><code>(.*?)</code></pre>", both.pages[0].read_text(encoding="utf-8"), re.DOTALL)
    program = (Path(__file__).parents[2] / "examples" / "digits.py").read_text(encoding="utf-8")
    functions = shown[1].split("\n\n\n")
    assert [re.match(r"def (\w+)", function)[1] for function in functions] == ["scores", "loss"]
    for function in functions:
        assert function.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&") in program


def test_the_last_station_is_the_network() -> None:
    assert isinstance(STATIONS[-1], NetworkStation)
    assert all(not isinstance(station, NetworkStation) for station in STATIONS[:-1])


def test_an_installed_package_finds_the_examples_that_the_wheel_carries(tmp_path: Path, monkeypatch) -> None:
    root = Path(__file__).parents[2]
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    carried = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for source, place in carried.items():
        shutil.copytree(root / source, tmp_path / place)
    monkeypatch.setattr(network, "_PACKAGE", tmp_path / "chainrule")
    assert network.folder() == tmp_path / "chainrule" / "_examples"


def test_a_package_without_its_examples_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(network, "_PACKAGE", tmp_path / "site" / "chainrule")
    with pytest.raises(ChainruleError, match="Install chainrule again"):
        network.folder()
