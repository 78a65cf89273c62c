"""The command line, run as a user runs it: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import chainrule
from chainrule.cli import COMMANDS, main

FORMULAS_OF_FAULTS = ["x^^2", "sin(", "2 +", "x = ", "__import__('os')", "x" * 100_000, "(" * 5000, "9" * 5000]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder; what a test imports from it is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_help_has_an_example_for_every_command() -> None:
    overview = run("--help").stdout
    for name in COMMANDS:
        assert f"chainrule {name} " in overview
        assert f"\n  chainrule {name} " in run(name, "--help").stdout


def test_the_version_is_the_packages() -> None:
    assert run("--version").stdout == f"chainrule {chainrule.__version__}\n"


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_loads_no_library_that_only_an_answer_needs(words: list[str]) -> None:
    heavy = {"matplotlib", "sklearn", "scipy", "sympy", "optree", "lark"}
    program = (
        f"import sys; from chainrule.cli import main; main({words!r}, standalone_mode=False);"
        "print('LOADED', *{name.split('.')[0] for name in sys.modules})"
    )
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    usage, _, loaded = shown.partition("LOADED")
    assert "Usage: " in usage
    assert "numpy" in loaded.split()
    assert not heavy & set(loaded.split())


@pytest.mark.parametrize("formula", FORMULAS_OF_FAULTS, ids=lambda formula: formula[:12])
@pytest.mark.parametrize("command", ["grad", "draw"])
def test_a_faulty_formula_ends_with_code_2_and_a_caret(command: str, formula: str, here: Path) -> None:
    result = run(command, formula)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.rstrip().splitlines()[-1].strip() == "^"
    assert "Traceback" not in result.stderr
    assert list(here.iterdir()) == []


def test_the_caret_stands_under_the_fault() -> None:
    *_, formula, caret = run("grad", "x + 3 ^^ 2", "x=1").stderr.rstrip().splitlines()
    assert formula[caret.index("^") :] == "^ 2"


def test_nothing_is_coloured_in_a_pipe() -> None:
    for words in (("grad", "x^2", "x=1"), ("table", "cosh"), ("grad", "x^^2")):
        result = run(*words)
        assert "\x1b" not in result.output


# ── grad ──


def test_grad_prints_value_gradient_and_derivative() -> None:
    lines = run("grad", "tanh(x)*x^2", "x=1.5").stdout.splitlines()
    value, slope = np.tanh(1.5) * 2.25, 2.25 / np.cosh(1.5) ** 2 + 3 * np.tanh(1.5)
    assert lines[0] == f"tanh(x)·x² = {value:.10g}"
    assert lines[1].split() == ["variable", "at", "gradient", "derivative"]
    assert lines[2].split() == ["x", "1.5", f"{slope:.10g}", "x²/cosh²(x)", "+", "2x·tanh(x)"]


def test_grad_speaks_chinese() -> None:
    head = run("grad", "x*y", "x=1", "y=2", "--lang", "zh").stdout.splitlines()[1]
    assert head.split() == ["变量", "取值", "梯度", "导数"]


def test_grad_as_json_has_every_digit() -> None:
    found = json.loads(run("grad", "x*y + sin(x)", "x=0.5", "y=π/3", "--json").stdout)
    assert found["value"] == 0.5 * (np.pi / 3) + np.sin(0.5)
    assert found["gradient"] == {"x": np.pi / 3 + np.cos(0.5), "y": 0.5}


def test_grad_as_json_writes_an_infinite_slope_as_text() -> None:
    assert json.loads(run("grad", "sqrt(x)", "x=0", "--json").stdout)["gradient"] == {"x": "inf"}


def test_grad_reads_arrays_from_words_and_files(here: Path) -> None:
    x = np.array([0.5, 1.0, 2.0])
    np.save("x.npy", x)
    np.savetxt("x.csv", x, delimiter=",")
    for given in ("x=0.5,1,2", "x=x.npy", "x=x.csv"):
        found = json.loads(run("grad", "x^2*y", given, "y=3", "--json").stdout)
        np.testing.assert_allclose(found["value"], 3 * x**2, rtol=1e-15)
        np.testing.assert_allclose(found["gradient"]["x"], 6 * x, rtol=1e-15)
        assert found["gradient"]["y"] == pytest.approx(np.sum(x**2), rel=1e-15)
    assert "of the sum of all values" in run("grad", "x^2", "x=x.npy").stdout


def test_grad_writes_what_it_prints_to_a_file(here: Path) -> None:
    words = ("grad", "x*y + sin(x)", "x=0.5", "y=π/3")
    assert run(*words, "-o", "found.txt").stdout == "found.txt\n"
    assert Path("found.txt").read_text(encoding="utf-8") == run(*words).stdout
    assert run(*words, "-o", "found.json").stdout == "found.json\n"
    assert json.loads(Path("found.json").read_text(encoding="utf-8")) == json.loads(run(*words, "--json").stdout)
    assert sorted(file.name for file in here.iterdir()) == ["found.json", "found.txt"]


def test_grad_writes_no_colours_to_a_file(here: Path) -> None:
    CliRunner().invoke(main, ["grad", "x^2", "x=1", "-o", "found.txt"], env={"FORCE_COLOR": "1"}, color=True)
    assert "\x1b" not in Path("found.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [("grad", "x^2", "x=1"), ("table", "cosh")])
def test_a_file_can_be_shown_and_one_of_another_kind_is_refused(
    words: tuple[str, ...], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("click.launch", shown.append)
    assert run(*words, "-o", "a.txt").exit_code == 0
    assert shown == []
    assert run(*words, "-o", "a.txt", "--open").exit_code == 0
    assert shown == ["a.txt"]
    refused = run(*words, "-o", "a.doc")
    assert refused.exit_code == 2
    assert ".txt" in refused.stderr
    failed = run(*words, "-o", "nowhere/a.txt")
    assert failed.exit_code == 1
    assert "could not be written" in failed.stderr
    assert [file.name for file in here.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("all_of_it", [(), ("--all",)])
def test_table_writes_markdown_text_and_json(all_of_it: tuple[str, ...], here: Path) -> None:
    for name in ("table.md", "table.txt", "table.json"):
        assert run("table", *all_of_it, "-o", name).stdout == f"{name}\n"
    assert Path("table.txt").read_text(encoding="utf-8") == run("table", *all_of_it).stdout
    printed = json.loads(run("table", *all_of_it, "--json").stdout)
    assert json.loads(Path("table.json").read_text(encoding="utf-8")) == printed
    lines = Path("table.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 + len(printed)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {7 if all_of_it else 5}
    name = "cosh" if all_of_it else "hyperbolic cosine"
    assert any(line.startswith(f"| {name} | cosh(x) | sinh(x) |") for line in lines)


def test_grad_of_a_formula_without_variables_is_its_value() -> None:
    assert run("grad", "2^10").stdout.strip().endswith("= 1024")


def test_a_formula_may_begin_with_a_minus_sign(here: Path) -> None:
    assert json.loads(run("grad", "-x^2", "x=3", "--json").stdout)["gradient"] == {"x": -6}
    assert run("draw", "-x^2", "--at", "-1", "--over", "-2", "2").exit_code == 0


def test_grad_takes_a_function_of_a_module_in_the_current_folder(here: Path) -> None:
    (here / "own_model.py").write_text("import numpy as np\ndef loss(w, scale=2.0):\n    return scale * np.sum(w**2)\n")
    found = json.loads(run("grad", "own_model:loss", "w=1,2", "--json").stdout)
    assert found == {"function": "own_model:loss", "value": 10, "gradient": {"w": [4, 8]}}


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("x*y", "x=1"), 2, "no value for y"),
        (("x", "x=1", "x=2"), 2, "x is given twice"),
        (("x", "x=1", "z=2"), 2, "the function has no variable z"),
        (("x", "1"), 2, "written like x=1.5"),
        (("x", "x=cat.npy"), 1, "cannot read numbers from cat.npy"),
        (("x", "x=y"), 2, "a number is needed here"),
        (("ln(x)", "x=-1"), 1, "it is defined where x > 0"),
        (("nowhere_at_all:f", "x=1"), 2, "there is no module nowhere_at_all"),
        (("math:nothing", "x=1"), 2, "math has no function nothing"),
        (("x", "x=1", "--lol"), 2, "written like x=1.5"),
    ],
)
def test_grad_says_what_is_wrong_with_what_was_typed(
    words: tuple[str, ...], code: int, message: str, here: Path
) -> None:
    """Code 2 says that what was typed cannot be understood, 1 that it cannot be computed."""
    result = run("grad", *words)
    assert result.exit_code == code
    assert result.stdout == ""
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_error_in_the_users_code_names_its_line(here: Path) -> None:
    (here / "own_fault.py").write_text("def f(x):\n    return {}['weight'] * x\n")
    result = run("grad", "own_fault:f", "x=1")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "error: own_fault:f raised KeyError: 'weight'",
        "  own_fault.py:2: return {}['weight'] * x",
    ]


def test_a_module_that_cannot_be_imported_says_why(here: Path) -> None:
    (here / "own_import.py").write_text("import nowhere_to_be_found\ndef f(x): return x\n")
    result = run("grad", "own_import:f", "x=1")
    assert result.exit_code == 1
    assert "No module named 'nowhere_to_be_found'" in result.stderr
    assert "own_import.py:1" in result.stderr


def test_a_csv_file_may_have_a_header(here: Path) -> None:
    numbers = json.loads(run("grad", "x^2", "x=1,3", "--json").stdout)["value"]
    for name, text in {
        "one.csv": "x\n1\n3\n",
        "excel.csv": "\ufefftime,x\r\n5,1\r\n6,3\r\n",
        "quoted.csv": '"x","y"\n1,8\n3,9\n',
        "other.csv": "价格\n1\n3\n",
        "none.csv": "1\n3\n",
    }.items():
        Path(name).write_text(text, encoding="gbk" if name == "other.csv" else "utf-8", newline="")
        assert json.loads(run("grad", "x^2", f"x={name}", "--json").stdout)["value"] == numbers, name
    Path("both.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    assert json.loads(run("grad", "x^2", "x=both.csv", "--json").stdout)["value"] == [[1, 4], [9, 16]]
    Path("words.csv").write_text("a\nb\n", encoding="utf-8")
    assert run("grad", "x^2", "x=words.csv").exit_code == 1


def test_a_derivation_in_latex_is_a_whole_document(here: Path) -> None:
    for lang, kind in (("en", "article"), ("zh", "ctexart")):
        run("explain", "σ(x) + e^2x + θ", "x=0.5", "θ=1", "--lang", lang, "-o", "d.tex")
        written = Path("d.tex").read_text(encoding="utf-8")
        assert f"\\documentclass[a4paper]{{{kind}}}" in written
        assert "\\usepackage{amsmath" in written
        assert re.findall(r"\\begin\{(.*?)\}", written)[0] == "document"
        assert sorted(re.findall(r"\\begin\{(.*?)\}", written)) == sorted(re.findall(r"\\end\{(.*?)\}", written))
        assert written.endswith("\\end{document}\n")
        outside = re.sub(r"\\begin\{align\*\}.*?\\end\{align\*\}|\$.*?\$", "", written, flags=re.DOTALL)
        assert not re.search(r"(?<!\\)[_^#&$]", outside.split("\\begin{document}")[1]), outside
        assert all(c.isascii() or "\u2e80" <= c <= "\uffef" for c in written if lang == "zh" or c != "—")


# ── draw ──


@pytest.mark.parametrize(
    ("name", "start"), [("f.png", b"\x89PNG"), ("f.jpg", b"\xff\xd8"), ("f.svg", b"<?xml"), ("f.pdf", b"%PDF")]
)
def test_draw_writes_the_picture_and_says_the_slope(name: str, start: bytes, here: Path) -> None:
    result = run("draw", "x^3 - 2x", "--at", "1", "--over", "-2", "2", "-o", name)
    assert result.stdout == f"{name}: at x = 1 the value is -1 and the slope 1\n"
    assert (here / name).read_bytes().startswith(start)
    assert [path.name for path in here.iterdir()] == [name]


def test_draw_prints_what_it_was_asked_to_find(here: Path) -> None:
    words = ("a*x^2 - 2", "a=2", "--secant", "1", "--mark", "--over", "-3", "3")
    assert run("draw", *words).stdout.splitlines() == [
        "drawing.png: at x = 1 the value is 0 and the slope 4",
        "  secant, h = 1: slope 6",
        "  root: x = -1",
        "  minimum: (0, -2)",
        "  root: x = 1",
    ]
    assert "切线：斜率 -4" in run("draw", "2x^2 - 1", "--through", "0", "-3", "--lang", "zh").stdout
    assert "  f turns about 3,18" in run("draw", "sin(1000x)").stdout


@pytest.mark.parametrize("words", [("draw", "x^2"), ("graph", "x^2", "x=1")])
def test_a_picture_to_play_is_a_page_of_its_own(words: tuple[str, ...], here: Path) -> None:
    assert run(*words, "-o", "f.html", "--lang", "zh").exit_code == 0
    page = Path("f.html").read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="zh">')
    assert page.count("<script>") == 1


def test_draw_takes_several_functions_and_tells_them_from_values(here: Path) -> None:
    lines = run("draw", "y = b*x", "y = cos(x)", "b=2").stdout.splitlines()
    assert lines == [
        "drawing.png, f: at x = 1 the value is 2 and the slope 2",
        "drawing.png, g: at x = 1 the value is 0.540302 and the slope -0.841471",
    ]
    data = json.loads(run("draw", "x^2", "x", "--json", "--at", "2").stdout)
    assert data["tangent"]["slope"] == 4
    assert [each["curves"][1]["formula"] for each in data["others"]] == ["1"]


def test_draw_takes_numbers_as_formulas(here: Path) -> None:
    assert "at x = 3.14159" in run("draw", "sin(x)", "--at", "π", "--over", "0", "2π").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x*y",), "one variable"),
        (("ln(x)", "--at", "-1"), "no value at x = -1"),
        (("x^2", "-o", "missing/f.png"), "there is no folder missing"),
        (("x^2", "-o", "f.txt"), "'.txt' is none of"),
        (("x^2", "--over", "2", "1"), "Write --over 1 2."),
        (("x^2", "--at", "9", "--over", "0", "1"), "--at 9 is not in the interval"),
        (("a*x^2",), "Give the others values: a=1."),
        (("x^2", "c=3"), "no function here has a variable c"),
        (("x^2", "--secant", "0"), "--secant 0 gives one"),
        (("x^2", "--order", "5"), "--order must be"),
        (("x^2", "--through", "0", "3"), "no tangent to the curve"),
        (("ln(x)", "--at", "-1", "--lang", "zh"), "请用 --at 选择其中的点，或用 --over"),
        (("a*x^2", "--lang", "zh"), "请给其余变量取值：a=1"),
    ],
)
def test_draw_says_what_is_wrong_and_writes_nothing(words: tuple[str, ...], message: str, here: Path) -> None:
    result = run("draw", *words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert list(here.iterdir()) == []


# ── table ──


def test_table_is_a_textbooks_by_default_and_its_rows_are_true(here: Path) -> None:
    rows = json.loads(run("table", "--json").stdout)
    functions = {row["function"]: row for row in rows}
    assert functions["xⁿ"]["derivative"] == "n·x^(n − 1)"
    assert functions["arcsin(x)"]["derivative"] == "1/√(1 − x²)"
    assert (functions["cos(x)"]["domain"], functions["ln(x)"]["domain"]) == ("everywhere", "x > 0")
    for row in rows:
        derivative, x = chainrule.parse(row["derivative"]), {"x": 0.4, "a": 2.5, "n": 3.0, "c": 7.0}
        x["x"] = 1.4 if row["function"] == "arcosh(x)" else 0.4
        typed = row["function"].replace("logₐ(x)", "log(x, a)")
        f = chainrule.parse(typed)
        h = 1e-6
        up, down = (f(*({**x, "x": x["x"] + side}[name] for name in f.variables)) for side in (h, -h))
        value = derivative(*(x[name] for name in derivative.variables))
        assert value == pytest.approx((up - down) / (2 * h), rel=1e-7, abs=1e-9), row


@pytest.mark.parametrize(
    ("word", "first"),
    [("正弦", "sin(x)"), ("幂", "xⁿ"), ("对数", "ln(x)"), ("指数", "eˣ"), ("反正切", "arctan(x)"),
     ("双曲余弦", "cosh(x)"), ("sine", "sin(x)"),
     ("power", "xⁿ"), ("logarithm", "ln(x)"), ("tg", "tan(x)"), ("LN", "ln(x)"), ("x^n", "xⁿ")],
)  # fmt: skip
def test_table_finds_elementary_functions_by_names_in_both_languages(word: str, first: str) -> None:
    assert json.loads(run("table", word, "--json").stdout)[0]["function"] == first


def test_table_looks_up_in_the_whole_table_what_no_textbook_has() -> None:
    assert json.loads(run("table", "erf", "--json").stdout)[0]["name"] == "erf"
    assert run("table", "正弦", "--lang", "zh").stdout.splitlines()[0].split() == ["名称", "函数", "导数", "定义域"]



def test_table_shows_every_rule() -> None:
    found = json.loads(run("table", "--all", "--json").stdout)
    assert {row["name"] for row in found} == {rule.name for rule in chainrule.rules.TABLE.values()}


def test_table_reads_derivatives_domain_exceptions_and_source_off_the_rules() -> None:
    (row, *_) = json.loads(run("table", "--all", "sqrt", "--json").stdout)
    assert (row["function"], row["derivatives"], row["domain"]) == ("√x", ["1/(2√x)"], "x ≥ 0")
    assert row["exceptions"] == [
        {"condition": "x = 0", "derivatives": ["∞"], "reason": "the tangent at 0 is vertical"}
    ]


@pytest.mark.parametrize(("word", "first"), [("cosh", "cosh"), ("ln", "log"), ("abs", "absolute"), ("LOG10", "log10")])
def test_table_finds_the_function_meant_first(word: str, first: str) -> None:
    assert json.loads(run("table", "--all", word, "--json").stdout)[0]["name"] == first


def test_table_knows_the_functions_of_scipy_and_says_which_arguments_have_no_formula() -> None:
    (row, *_) = json.loads(run("table", "--all", "erf", "--json").stdout)
    assert row["derivatives"] == ["(2/√π)·e^(−x²)"]
    # Where nothing has asked for SciPy before:
    program = "from chainrule.cli import main; main(['table', '--all', 'jv'])"
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert "∂x: unknown, ∂y: (jv(x − 1, y) − jv(x + 1, y))/2" in shown


def test_table_finds_functions_by_their_derivatives() -> None:
    assert "sinh" in {row["name"] for row in json.loads(run("table", "--all", "cosh", "--json").stdout)}


def test_table_shows_no_name_that_only_rules_use() -> None:
    for row in json.loads(run("table", "--all", "--json").stdout):
        assert not any("out" in (derivative or "").split("·") for derivative in row["derivatives"])


def test_table_prints_a_line_for_each_function_and_speaks_chinese() -> None:
    english, chinese = run("table", "--all", "arcsin").stdout, run("table", "--all", "arcsin", "--lang", "zh").stdout
    assert english.splitlines()[0].split()[:3] == ["name", "function", "derivative"]
    assert chinese.splitlines()[0].split()[:3] == ["名称", "函数", "导数"]
    assert "1/√(1 − x²)" in english


def test_table_suggests_what_is_similar() -> None:
    result = run("table", "sinhh")
    assert result.exit_code == 1
    assert "Similar: sinh" in result.stderr


def test_a_pipe_that_closes_early_ends_the_table_quietly() -> None:
    program = "from chainrule.cli import main; main(['table', '--all'])"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-c", program], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert "Traceback" not in done.stderr


def test_graph_prints_the_steps_in_either_language() -> None:
    lines = run("graph", "x*sin(x)", "x=1").stdout.splitlines()
    assert lines[0] == "The input x is 1."
    assert lines[-1].startswith("2 gradients arrive at x")
    assert "梯度" in run("graph", "x*sin(x)", "x=1", "--lang", "zh").stdout


@pytest.mark.parametrize(("name", "start"), [("g.svg", b"<svg"), ("g.png", b"\x89PNG"), ("g.pdf", b"%PDF")])
def test_graph_writes_a_picture(name: str, start: bytes, here: Path) -> None:
    assert run("graph", "x*sin(x)", "x=1", "-o", name).exit_code == 0
    assert start in (here / name).read_bytes()[:200]


def test_graph_as_json_holds_values_and_gradients() -> None:
    found = json.loads(run("graph", "x*y", "x=3", "y=4", "--json").stdout)
    gradients = {node["symbol"]: node["gradient"] for node in found["nodes"]}
    assert (gradients["x"], gradients["y"]) == (4.0, 3.0)
    assert sum(edge["contribution"] for edge in found["edges"]) == 7.0


def test_explain_names_the_rules_with_and_without_a_point() -> None:
    assert "product rule" in run("explain", "x*sin(x)").stdout
    assert "at x = 2" in run("explain", "x*sin(x)", "x=2").stdout
    assert "乘积法则" in run("explain", "x*sin(x)", "--lang", "zh").stdout


@pytest.mark.parametrize("name", ["d.html", "d.tex", "d.md", "d.txt"])
def test_explain_writes_a_file(name: str, here: Path) -> None:
    assert run("explain", "x*sin(x)", "-o", name).exit_code == 0
    assert "cos" in (here / name).read_text(encoding="utf-8")


def test_explain_as_json_can_be_read_back() -> None:
    found = json.loads(run("explain", "y/x", "x=4", "y=2", "--json").stdout)
    assert found["derivatives"]["x"]["value"] == -0.125


@pytest.mark.parametrize("command", ["graph", "explain"])
def test_a_file_of_an_unknown_kind_is_refused(command: str, here: Path) -> None:
    result = run(command, "x^2", "x=1", "-o", "picture.bmp")
    assert result.exit_code == 2
    assert ".bmp" in result.stderr
    assert not list(here.iterdir())
