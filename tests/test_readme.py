"""Every example of the README, in both languages, gives what is printed there; every link leads somewhere."""

from __future__ import annotations

import doctest
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.cases import CASES
from benchmarks.readme import write
from chainrule.cli import main

ROOT = Path(__file__).parents[1]
DASK = find_spec("dask") is not None
READMES = ["README.md", "README.zh-CN.md"]


def blocks(readme: str, language: str) -> list[str]:
    content = (ROOT / readme).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", content, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("readme", READMES)
def test_the_python_examples_print_what_they_say(readme: str) -> None:
    examples = "\n".join(block for block in blocks(readme, "pycon") if "import dask" not in block or DASK)
    test = doctest.DocTestParser().get_doctest(examples, {}, readme, readme, 0)
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert results.attempted >= 8
    assert results.failed == 0


@pytest.mark.parametrize("readme", READMES)
def test_the_commands_print_what_they_say(readme: str) -> None:
    typed_and_printed = "".join(blocks(readme, "console"))
    for session in re.split(r"^\$ ", typed_and_printed, flags=re.MULTILINE)[1:]:
        command, _, expected = session.partition("\n")
        program, *words = shlex.split(command)
        assert program == "chainrule"
        printed = CliRunner().invoke(main, words).output
        assert [line.rstrip() for line in printed.splitlines()] == expected.splitlines()


@pytest.mark.parametrize("readme", READMES)
def test_the_two_commands_are_targets_of_the_makefile(readme: str) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    commands = re.findall(r"^make (\w+)", blocks(readme, "sh")[0], flags=re.MULTILINE)
    assert commands == ["tour", "test"]
    assert set(commands) <= set(targets)


@pytest.mark.parametrize("page", [*READMES, "CHANGELOG.md", "CONTRIBUTING.md", "docs/design.md", "examples/README.md"])
def test_every_link_within_the_repository_leads_to_a_file(page: str) -> None:
    content = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", content):
        if not target.startswith("https://"):
            assert ((ROOT / page).parent / target).is_file(), target


def test_both_languages_have_the_same_headings_and_programs() -> None:
    english, chinese = ((ROOT / readme).read_text(encoding="utf-8") for readme in READMES)
    assert len(re.findall("^##? ", english, re.MULTILINE)) == len(re.findall("^##? ", chinese, re.MULTILINE))
    assert len(blocks(READMES[0], "pycon")) == len(blocks(READMES[1], "pycon"))


@pytest.mark.parametrize(("readme", "lang"), [(READMES[0], "en"), (READMES[1], "zh")])
def test_the_table_of_speed_is_written_by_a_command(readme: str, lang: str, tmp_path: Path) -> None:
    samples = {"chainrule": [2e-5, 1e-5, 3e-5], "autograd": [1e-4], "NumPy by hand": [1e-5]}
    figures = {
        "seconds": [{"case": case.name, "samples": samples} for case in CASES],
        "threads": 2, "processor": "a processor",
        "versions": {"NumPy": "2.4.6", "Python": "3.11.7", "autograd": "1.9.1", "MyGrad": "2.5.0"},
        "megabytes": {"chainrule": 26.2, "autograd": 32.4},
    }  # fmt: skip
    page = tmp_path / readme
    page.write_text((ROOT / readme).read_text(encoding="utf-8"), encoding="utf-8")
    write(figures, page, lang)
    written = page.read_text(encoding="utf-8")
    assert "| 20 µs | 5.0 " in written
    assert " – |" in written  # who could not run a case
    assert all(word in written for word in ("a processor", "NumPy 2.4", "0.50", "26 MB", "32 MB"))
    write(figures, page, lang)
    assert page.read_text(encoding="utf-8") == written
    before, after = ((ROOT / readme).read_text(encoding="utf-8"), written)
    assert before.partition("<!-- speed -->")[0] == after.partition("<!-- speed -->")[0]
    assert before.partition("<!-- /speed -->")[2] == after.partition("<!-- /speed -->")[2]
