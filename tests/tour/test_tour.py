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
from chainrule.graphs.lettering import Written
from chainrule.tour import make, make_tour, network, words
from chainrule.tour.make import stations
from chainrule.tour.mathematics import Mathematics
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
    """A page's elements, in order, and its unclosed tags."""

    EMPTY = ("meta", "img", "link", "input", "br")

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.open += [] if tag in self.EMPTY else [tag]

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def all(self, attribute: str, *tags: str) -> list[str]:
        """The values of an attribute, of these tags or of all."""
        return [found[attribute] for tag, found in self.elements if attribute in found and tag in (tags or (tag,))]

    def of(self, look: str) -> list[dict[str, str | None]]:
        """The attributes of the elements of a class."""
        return [found for _, found in self.elements if look in (found.get("class") or "").split()]


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


def test_both_pages_show_every_figure_with_words_for_those_who_cannot_see_it(both) -> None:
    functions = [station for station in STATIONS if isinstance(station, FunctionStation)]
    for language, file in zip(("en", "zh-Hans"), both.pages, strict=True):
        shown = Page(file.read_text(encoding="utf-8"))
        assert shown.open == []
        assert shown.all("lang", "html") == [language]
        assert set(map(file_name, STATIONS)) <= set(shown.all("id", "article"))
        assert len(shown.of("secants")) == len(functions)
        assert len(shown.of("sketch")) == 3 * len(functions) + 2 + 1 + 2  # and of the sigmoid, layers, training
        pictures = [found for tag, found in shown.elements if tag == "svg" and found.get("role") == "img"]
        assert all(found.get("aria-label") or "chainrule-graph" in found["class"] for found in pictures)


def test_every_function_has_all_parts_of_a_lesson(both) -> None:
    for lang, file in zip(("en", "zh"), both.pages, strict=True):
        content = file.read_text(encoding="utf-8")
        headings = [words.IDEA, words.PROOF, words.PICTURE, words.EXAMPLE, words.WHY, words.EXERCISES]
        for station in STATIONS:
            article = content[content.index(f'<article id="{file_name(station)}">') :].partition("</article>")[0]
            found = re.findall("<h4>(.*?)</h4>", article)
            if isinstance(station, FunctionStation):
                assert found == [heading.say(lang) for heading in headings]
                assert article.count('class="exercise"') == 2
                assert article.count('class="chainrule-graph"') == 1
            elif isinstance(station, CompositionStation):
                assert found == [words.FLOWS.say(lang), words.WITH_NUMBERS.say(lang)]
                assert article.count('class="chainrule-graph"') == 2
                assert article.count("<li>") == len(station.example.graph().steps())


def test_every_link_leads_to_something_within_the_tour(both) -> None:
    for file in both.pages:
        shown = Page(file.read_text(encoding="utf-8"))
        ids = shown.all("id")
        assert len(set(ids)) == len(ids)
        for target in shown.all("href"):
            if target.startswith("#"):
                assert target[1:] in ids
            else:
                assert (file.parent / target).resolve().is_relative_to(both.folder.resolve())
                assert (file.parent / target).is_file()


def test_each_page_is_one_file_that_needs_no_network(both) -> None:
    for file in both.pages:
        content = file.read_text(encoding="utf-8")
        assert not Page(content).all("src")
        assert not re.search(r"""(src|href)="(https?:)?//|@import|url\(|\beval\(|new Function""", content)
        assert len(content.encode()) < 2_000_000


def test_every_field_has_a_label_and_a_place_where_the_verdict_is_read_out(both) -> None:
    shown = Page(both.pages[0].read_text(encoding="utf-8"))
    fields = shown.all("id", "input")
    assert sorted(fields) == sorted(shown.all("for", "label"))
    answers = [found for tag, found in shown.elements if tag == "input" and found["type"] == "text"]
    verdicts = {found["id"]: found for tag, found in shown.elements if tag == "output" and "id" in found}
    assert len(answers) == len(verdicts) == len(shown.of("exercise")) == 42
    assert all(verdicts[found["aria-describedby"]]["aria-live"] == "polite" for found in answers)


def test_what_the_page_compares_answers_with_is_the_derivative(both) -> None:
    shown = Page(both.pages[1].read_text(encoding="utf-8"))
    sent = [json.loads(found["data-answer"]) for found in shown.of("exercise")]
    lessons = [station.lesson.exercises for station in STATIONS if isinstance(station, FunctionStation)]
    exercises = [each for lesson in lessons for each in lesson]
    exercises += [each for section in SECTIONS for each in section.exercises]
    for exercise, data in zip(exercises, sent, strict=True):
        assert data["expected"] == list(exercise.expected())


def test_the_pages_differ_in_every_word_of_prose_but_not_in_a_formula(both) -> None:
    english, chinese = (file.read_text(encoding="utf-8") for file in both.pages)
    formulas = [sorted(re.findall(r'<svg class="formula"[^>]*>', content)) for content in (english, chinese)]
    assert formulas[0] == formulas[1]
    assert len(formulas[0]) > 600
    body = english.partition("</style>")[2].partition("<script>")[0]
    assert not re.search("[\u4e00-\u9fff]", body.replace("中文", ""))
    for paragraph in re.findall(r"<(?:p|h1|h2|h3|h4|figcaption|summary)>(.*?)</", chinese.partition("<footer>")[0]):
        assert re.search("[\u4e00-\u9fff]", paragraph) or paragraph.startswith("<svg")


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


def test_a_formula_of_a_page_is_made_of_letters_that_stand_there_once_and_tells_its_text() -> None:
    page_formulas = Mathematics()
    formula = Written("1/2 < x1", r"\frac{1}{2} < x_1")
    picture, again = (ElementTree.fromstring(page_formulas.set(formula)) for _ in "ab")
    assert picture.get("aria-label") == "1/2 < x1"
    letters = ElementTree.fromstring(page_formulas.definitions())[0]
    names = [letter.get("id") for letter in letters]
    assert len(names) == len(set(names)) == 4  # 1, 2, <, x: the small 1 has the outline of the large one
    assert {use.get("href")[1:] for use in picture if use.tag == "use"} == set(names)
    assert [child.tag for child in picture].count("path") == 1  # the fraction's bar
    assert all(re.fullmatch(r"[MLQCZ\d. -]+", letter.get("d")) for letter in letters)
    assert not re.search(r"\b(width|height):0\.00em", picture.get("style"))
    assert ElementTree.tostring(picture) == ElementTree.tostring(again)


def test_a_formula_stands_upright_inside_its_box() -> None:
    page_formulas = Mathematics()
    picture = ElementTree.fromstring(page_formulas.set(Written("x²", "x^2")))
    _, top, _, height = map(float, picture.get("viewBox").split())
    base, raised = picture
    assert float(base.get("y")) == pytest.approx(0, abs=0.5)
    _, up = re.findall(r"-?[\d.]+", raised.get("transform"))[:2]
    assert top <= float(up) < -20  # an exponent; in SVG y grows downwards
    assert top + height > 0


# ── the folder ──


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tour of one figure, without the network and almost without a page."""
    monkeypatch.setattr(network, "missing", lambda: "scikit-learn")
    monkeypatch.setattr(make, "stations", lambda: stations()[:1])
    monkeypatch.setattr(make, "page", lambda lang, *others: f"<html lang={lang}>")


def test_a_tour_replaces_an_earlier_one_and_leaves_nothing_beside_it(tmp_path: Path, quick: None) -> None:
    make_tour(tmp_path / "tour", ("en", "zh"))
    make_tour(tmp_path / "tour", ("zh",))
    assert [path.name for path in tmp_path.iterdir()] == ["tour"]
    assert not (tmp_path / "tour" / "zh").exists()
    assert "lang=zh" in (tmp_path / "tour" / "index.html").read_text(encoding="utf-8")
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


def test_a_page_without_the_network_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chainrule.tour.page.SECTIONS", SECTIONS[-1:])
    content = page("en", stations()[:-1], None, {})
    assert "it needs scikit-learn" in content
    assert 'id="network"' not in content


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
