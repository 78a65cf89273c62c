"""Every example of the README, in both languages, gives what is printed there; every link leads somewhere."""

from __future__ import annotations

import doctest
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

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
