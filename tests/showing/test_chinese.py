"""Whatever the command line may say has a Chinese form: found by reading the source for every template of a message."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from pathlib import Path

import click
import pytest

import chainrule
from chainrule.cli import COMMANDS, main
from chainrule.errors import FormulaError
from chainrule.formula.formula import parse
from chainrule.showing.chinese import TEMPLATES, translated, translated_source
from chainrule.showing.chinese.command_line import HELP
from chainrule.showing.chinese.sources import SOURCES

SOURCE = Path(chainrule.__file__).parent
ERRORS = {
    "Fault",
    "FormulaError",
    "Mistyped",
    "Failure",
    "DomainError",
    "PictureError",
    "OutputError",
    "WrongNumberError",
}
FOR_PYTHON = (
    "lang must be one of",
    "axes must be",
    "gradient_flow needs",
    "interactive=True",
    "draw compares",
    "unexpected argument",
    "animate",
)
"""The beginnings of errors that only a call from Python can end with; those are in English."""
IN_PLACES = {"formula/names.py": "_of_", "formula/lexer.py": "_advice", "formula/parser.py": "_unexpected"}
"""Functions that return what is put into a place of a message."""


def _templates(node: ast.AST) -> list[str]:
    """The texts that an expression may be, `{}` in place of what is computed."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            made = [""]
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    inner = _templates(value.value) if isinstance(value.value, ast.IfExp) else ["{}"]
                    inner = ["'{}'"] if value.conversion == ord("r") else inner
                else:
                    inner = _templates(value)
                made = [before + after for before in made for after in inner]
            return made
        case ast.IfExp(body=body, orelse=other):
            return [*_templates(body), *_templates(other)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [one + two for one in _templates(left) or ["{}"] for two in _templates(right) or ["{}"]]
    return []


def _messages() -> Iterator[tuple[str, str]]:
    """Every template of an error that the command line may show, with the file that it stands in."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        if name.split("/")[0] not in ("formula", "cli", "drawing", "showing", "graphs", "tour", "practising"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if called in ERRORS:
                for argument in node.args:  # type: ignore[attr-defined]
                    yield from ((name, template) for template in _templates(argument) if " " in template)
            if isinstance(node, ast.FunctionDef) and node.name.startswith(IN_PLACES.get(name, "—")):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        yield from ((name, t.removeprefix(": ")) for t in _templates(inner.value) if " " in t)


MESSAGES = sorted({template: name for name, template in _messages()}.items())


def test_every_message_of_an_error_has_a_chinese_form() -> None:
    assert len(MESSAGES) > 70
    missing = []
    for template, name in MESSAGES:
        message = template.replace(".{}", ".").replace(
            "{}", "x0"
        )  # what follows a full stop is a note on a line of its own
        said = bool(message.replace("x0", "").strip(" :'.,")) and not template.startswith(FOR_PYTHON)
        if said and translated(message, "zh") == message:
            missing.append((name, template))
    assert missing == []


def test_every_advice_for_a_character_has_a_chinese_form() -> None:
    from chainrule.formula.lexer import _ADVICE

    assert [advice for advice in _ADVICE.values() if translated(advice, "zh") == advice] == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "x^^2",
        "sin(",
        "2 +",
        "xlnx",
        "sinx",
        "2pix",
        "5mod3",
        "x1x2",
        "x!",
        "[x]",
        "x'",
        "∂x",
        "x;y",
        "±x",
        "x > 0",
        "y = x = 2",
        "max()",
        "sin -1 x",
        "x 2",
        "1..2",
        "0x10",
        "²x",
        "√",
        "()",
        "(x]",
        "x)",
        "max(1",
        "lim x",
        "1,5",
        "X一1",
        "Sin(x)",
        "cosec(x)",
        "PI",
        "\\foo x",
        "\\frac{x",
        "}",
        "{x if x > 0}",
        "if x",
        "foo(x, y)",
        "atan2 x",
        "sin^-2 x",
        "√x²",
        "$x",
        "x ≈ 2",
        "x\ny",
        "arc sin x",
    ],
)
def test_what_is_wrong_with_a_formula_is_said_in_chinese(typed: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(typed)
    said = translated(caught.value.reason, "zh")
    assert said != caught.value.reason
    assert not re.search(r"\b(the|is|of|write|for|and|in|it) [a-z]{2,}", said), said


def test_chinese_sentences_have_full_width_punctuation_and_the_places_of_the_english_ones() -> None:
    for english, chinese in {**TEMPLATES, **SOURCES, **HELP}.items():
        examples = re.sub(r"\([^()一-龥]*\)|√\([^()]*\)|\{[^{}]*[a-z>][^{}]*\}|\d[.,]\d|\b\\b\n(.+\n)*", "", chinese)
        assert not re.search(r"[一-龥][,;:!?]|[,;:!?][一-龥]", examples), chinese
        assert not re.search(r"[一-龥]\.($|[^a-z])", examples), chinese
        if english not in HELP:
            numbered = set(re.findall(r"\{(\d+)\}", chinese))
            assert len(numbered) or english.count("{}") == chinese.count("{}"), english


def test_every_command_and_option_has_help_in_chinese() -> None:
    commands: list[click.Command] = [import_module(place).command for place in COMMANDS.values()]
    for command in [main, *commands]:
        assert command.name in HELP
        english, chinese = (
            set(re.findall(r"^chainrule .*", cleandoc(h or ""), re.M)) for h in (command.help, HELP[command.name])
        )
        assert command is main or english == chinese, command.name
        if command is not main:
            assert translated(command.short_help or "", "zh") != command.short_help
        for parameter in command.params:
            said = getattr(parameter, "help", None)
            assert said is None or translated(said, "zh") != said, said


def test_every_source_in_words_is_said_in_chinese() -> None:
    """Handbooks, books and articles keep their names: those begin with a capital, or are in the table's own words."""
    from chainrule.rules import every_rule

    sources = {source for rule in every_rule() if (source := getattr(rule, "source", ""))}
    words = {source for source in sources if re.match(r"[a-z√]|DLMF [\d.]+.*[a-z]{4}", source)}
    assert words
    assert sorted(source for source in words if translated_source(source, "zh") == source) == []
    assert not set(SOURCES.values()) & set(SOURCES)
