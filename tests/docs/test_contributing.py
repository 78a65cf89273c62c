"""CONTRIBUTING.md: its examples run, its excerpts are the code's, and what it names is there."""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
from pathlib import Path

from click.testing import CliRunner

import chainrule
from chainrule.cli import main

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGE = Path(chainrule.__file__).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_python_examples_print_what_they_say() -> None:
    test = doctest.DocTestParser().get_doctest("\n".join(blocks("pycon")), {}, "CONTRIBUTING.md", None, 0)
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS).run(test)
    assert results.attempted >= 9
    assert results.failed == 0


def test_the_commands_print_what_they_say() -> None:
    (session,) = blocks("console")
    typed, _, expected = session.partition("\n")
    program, *words = typed.removeprefix("$ ").split()
    assert program == "chainrule"
    printed = CliRunner().invoke(main, words).output
    assert [line.rstrip() for line in printed.splitlines()] == expected.splitlines()


def test_the_excerpts_are_the_code() -> None:
    code = (PACKAGE / "rules" / "special" / "bessel.py").read_text(encoding="utf-8")
    assert len(blocks("python")) == 2
    for excerpt in blocks("python"):
        assert excerpt in code


def test_every_test_that_is_named_is_there() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests" / "rules").glob("test_*.py")]
    there = {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) >= 8
    assert named <= there


def test_the_map_has_every_part_of_the_package_and_every_module_of_the_engine() -> None:
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", section("The map of the house"), flags=re.MULTILINE)
    parts = {part for left, _ in rows for part in re.findall(r"`([\w./]+)`", left)}
    there = {path.name + "/" if path.is_dir() else path.name for path in PACKAGE.iterdir()}
    there -= {"__init__.py", "__pycache__/", "py.typed"}
    assert there | {"rules/special/", "graphs/pictures/"} == parts
    named = {name for left, right in rows if "engine" in left for name in re.findall(r"`(\w+)`", right)}
    assert named == {path.stem for path in (PACKAGE / "engine").glob("*.py")} - {"__init__"}


def test_the_commands_of_the_table_exist() -> None:
    commands = re.findall(r"^\| `([^`]+)` \|", section("Tests, pictures, benchmarks"), flags=re.MULTILINE)
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for command in commands:
        program, *words = command.split()
        if program == "make":
            assert words[0] in targets
        elif words[:2] == ["-m", "pytest"]:
            assert (ROOT / words[2]).is_file()
        elif words[0] == "-m":
            assert importlib.util.find_spec(words[1])
        else:
            assert (ROOT / words[0]).is_file()
    assert len(commands) >= 12


def test_every_file_that_is_named_is_there_and_every_link_leads_to_one() -> None:
    for target in re.findall(r"\]\((?!https:)([^)#]+)", TEXT):
        assert (ROOT / target).is_file(), target
    for name in re.findall(r"`([\w/]+/[\w/]+\.\w+)`", TEXT):
        assert any((folder / name).is_file() for folder in (ROOT, PACKAGE, PACKAGE.parent)), name
