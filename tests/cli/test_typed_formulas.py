"""Formulas on the command line: their notes are shown, their variables found, and their numbers read as in formulas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chainrule.cli import main


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == code, result.output
    return result


ENGLISH = "read as (1/2)·x; for 1/(2x) write brackets"
CHINESE = "读作 (1/2)·x；若要 1/(2x)，请加括号"
COMMANDS = [("grad", "1/2x", "x=2"), ("graph", "1/2x", "x=2"), ("draw", "1/2x", "-o", "f.svg"), ("explain", "1/2x")]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_every_command_says_how_a_formula_was_read(words: tuple[str, ...]) -> None:
    assert ENGLISH in run(*words).output
    assert CHINESE in run(*words, "--lang", "zh").output


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] != "draw"], ids=lambda words: words[0])
def test_a_note_does_not_disturb_json(words: tuple[str, ...]) -> None:
    assert json.loads(run(*words, "--json").stdout)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_formula_of_one_meaning_has_no_note(words: tuple[str, ...]) -> None:
    output = run(words[0], "x/2", *words[2:]).output
    assert "note:" not in output
    assert "read as" not in output


def test_a_written_file_says_how_the_formula_was_read() -> None:
    run("grad", "1/2x", "x=2", "-o", "gradient.txt")
    run("explain", "1/2x", "-o", "derivation.md")
    assert ENGLISH in Path("gradient.txt").read_text(encoding="utf-8")
    assert "read as" in Path("derivation.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("formula", ["x₁^2", "x1^2", "x_1^2", "ｘ₁＾２"])
@pytest.mark.parametrize("value", ["x₁=3", "x1=3", "x_1=3", "ｘ１＝３", "x₁ = 3"])
def test_a_variable_is_found_in_every_spelling(formula: str, value: str) -> None:
    assert list(json.loads(run("grad", formula, value, "--json").stdout)["gradient"].values()) == [6.0]


def test_a_variable_that_is_missing_is_told_with_the_notes() -> None:
    error = run("grad", "xy", "x=1", "y=2", code=2).stderr
    assert "no variable x" in error
    assert "for a product write x·y" in error


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [("1_000", "write 1000"), ("1e-400", "too small"), ("1e400", "too large"), ("1e", "write 1e5"),
     ("0x10", "write 16"), ("NaN", "write nan"), ("１．５．２", "one decimal point"),
     ("1 000", "next to each other"), ("١", "unexpected")],
)  # fmt: skip
def test_a_value_is_read_as_a_number_in_a_formula_is(typed: str, remedy: str) -> None:
    assert remedy in run("grad", "x^2", f"x={typed}", code=2).stderr
    assert remedy in run("draw", "x^2", "--at", typed, code=2).stderr


@pytest.mark.parametrize(
    ("typed", "note"), [("1/2π", "for 1/(2π)"), ("12345678901234567890", "more digits"), ("√2π", "for √(2π)")]
)
def test_a_value_that_could_mean_something_else_is_noted(typed: str, note: str) -> None:
    assert note in run("grad", "x^2", f"x={typed}").stderr
    assert "读作" in run("explain", "x^2", f"x={typed}", "--lang", "zh").stderr


def test_an_option_that_could_mean_something_else_is_noted_in_its_language() -> None:
    assert "读作 (1/2)·π" in run("draw", "x^2", "--at", "1/2π", "--lang", "zh").stderr


@pytest.mark.parametrize(
    ("typed", "value"), [("-2.5e3", -2500.0), ("π/2", 1.5707963267948966), ("+1", 1.0), ("inf", "inf")]
)
def test_plain_values_have_no_note(typed: str, value: float | str) -> None:
    result = run("grad", "x + 0", f"x={typed}", "--json")
    assert json.loads(result.stdout)["value"] == value
    assert result.stderr == ""
