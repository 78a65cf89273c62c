"""`chainrule practice`, as a learner uses it: typed, piped, in both languages."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest
from click.testing import CliRunner, Result

from chainrule.cli import main
from chainrule.practising import exercises


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["practice", *words], input=typed)


def test_a_wrong_answer_is_named_with_its_step_and_a_right_one_ends_the_exercise() -> None:
    shown = run("x·e^(sin(2x))", typed="e^(sin(2x)) + x·cos(2x)·e^(sin(2x))\n(1 + 2x·cos(2x))e^(sin 2x)\n")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "Type the derivative. ? gives a hint, ! the solution, Enter the next exercise, q ends.",
        "",
        "Exercise",
        "  f(x) = x·e^sin(2x)",
        "  f′(x) = e^(sin(2x)) + x·cos(2x)·e^(sin(2x))",
        "  ✗ Not right yet: the inner derivative was forgotten.",
        "    The step: u = sin(2x)",
        "    It was done as u′ = cos(2x)",
        "    The chain rule multiplies the derivative of the outer function by the derivative of the inner one.",
        "    Try again, or type ? for a hint.",
        "  f′(x) = (1 + 2x·cos(2x))e^(sin 2x)",
        "  ✓ Right.",
        "",
        "1 of 1 solved, 0 of them at the first try and without a hint.",
        "The commonest mistake: the inner derivative was forgotten (1).",
    ]


def test_hints_come_one_at_a_time_and_the_solution_at_once() -> None:
    lines = run("sin(x^2)·x", typed="?\n？\n!\n").stdout.splitlines()
    told = [line.strip() for line in lines if line.startswith("    ")]
    assert told == [
        "Look at it from outside. The first rule: product rule.",
        "Name the parts: u = sin(x²).",
        "u′ = 2x·cos(x²) (chain rule; sine, DLMF 4.20.1; power rule)",
        "f′ = u′·x + u (product rule)",
        "The answer: 2x²·cos(x²) + sin(x²)",
    ]


def test_the_same_seed_asks_the_same_and_count_ends() -> None:
    first, second = (
        run("--rule", "chain", "--level", "2", "--seed", "9", "--count", "3", typed="\n\n\n\n").stdout for _ in "ab"
    )
    assert first == second
    asked = [line for line in first.splitlines() if line.startswith("  f(x) = ")]
    stream = exercises("chain", 2, 9)
    assert asked == [f"  {next(stream).question}" for _ in range(3)]
    assert "--seed" not in first
    assert "These exercises again: --seed " in run().stdout


def test_it_speaks_chinese_with_full_width_punctuation() -> None:
    shown = run("cos(3x)", "--lang", "zh", typed="3sin(3x)\n?\n!\n").stdout
    assert "还不对：余弦求导时漏了负号。" in shown
    assert "出错的一步：f = cos(3x)" in shown
    assert "从最外层看起，先用：链式法则。" in shown
    assert "答案" in shown or "f′ = −3·sin(3x)（" in shown
    assert shown.rstrip().splitlines()[-2].startswith("共 1 题，做对 0 题")


def test_what_cannot_be_read_is_shown_with_a_caret_and_does_not_end() -> None:
    lines = run("x^2", typed="2x ^^ 1\n2x\n").stdout.splitlines()
    assert lines[6].lstrip() == "2x ^^ 1"
    assert lines[7].index("^") - lines[6].index("2x") == 4
    assert lines[9] == "  ✓ Right."


def test_json_is_one_object_a_line() -> None:
    shown = run("x^2", "--json", typed="2\n?\n2x\n").stdout
    kinds = [next(iter(json.loads(line))) for line in shown.splitlines()]
    assert kinds == ["exercise", "verdict", "hint", "verdict", "record"]
    listed = run("--rule", "power", "--list", "--count", "3", "--seed", "1", "--json").stdout.splitlines()
    assert [sorted(json.loads(line)) for line in listed] == [["answer", "exercise"]] * 3


def test_a_list_has_exercises_and_their_answers() -> None:
    lines = run("--rule", "quotient", "--list", "--count", "4", "--seed", "1").stdout.splitlines()
    assert len(lines) == 4 + 2 + 4
    assert lines[0].startswith("  1. f(x) = ")
    assert lines[-1].startswith("  4. f′(x) = ")


def test_an_exercise_that_is_no_formula_ends_with_code_2() -> None:
    assert run("x +").exit_code == 2
    assert run("7").exit_code == 2


@pytest.mark.parametrize(
    ("keys", "code"), [(b"\x04", 0), (b"\x03", 130), (b"q\n", 0)], ids=["end of input", "interrupt", "q"]
)
def test_at_a_terminal_the_end_is_clean_and_the_record_is_said(keys: bytes, code: int) -> None:
    master, terminal = pty.openpty()
    program = (
        "import fcntl, signal, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"  # the keys then reach it as signals,
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # which what runs in the background would ignore
        "from chainrule.cli import main; main(['practice', '--seed', '1'])"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    assert child.stdout is not None
    shown = b""
    while b"(x) = " not in shown.split(b"f(x) = ")[-1]:  # the prompt f′(x) = , after the question
        more = os.read(child.stdout.fileno(), 1000)
        assert more, shown.decode()
        shown += more
    for _ in range(20):  # pressed again where the key came between the prompt and the reading of the answer
        if child.poll() is not None:
            break
        os.write(master, keys)
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=1)
    child.kill()
    shown += child.stdout.read()
    child.stdout.close()
    os.close(master)
    assert child.wait() == code
    assert "No exercise was answered." in shown.decode()
    assert "Traceback" not in shown.decode()
