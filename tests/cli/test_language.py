"""The language of the command line, in help and errors, and what a terminal cannot show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chainrule.cli import COMMANDS, main
from chainrule.cli.language import language_of
from chainrule.showing.columns import columns

CHINESE_SYSTEM = {"LANG": "zh_CN.UTF-8"}


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, words, env=env)


def test_the_system_chooses_the_language_and_an_option_overrules_it() -> None:
    assert "用法：" in run("--help", env=CHINESE_SYSTEM).stdout
    assert "用法：" in run("--lang", "zh", "--help").stdout
    assert "Usage: " in run("--lang", "en", "--help", env=CHINESE_SYSTEM).stdout
    assert "变量" in run("grad", "x^2", "x=1", env=CHINESE_SYSTEM).stdout
    assert "variable" in run("grad", "x^2", "x=1", "--lang", "en", env=CHINESE_SYSTEM).stdout
    assert language_of([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}) == "en"
    assert language_of([], {"LANG": "en_GB.UTF-8"}) == "en"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("width", ["80", "40"])
def test_help_in_chinese_keeps_to_the_screen_and_leaves_no_english_sentence(name: str, width: str) -> None:
    shown = run(name, "--help", "--lang", "zh", env={"COLUMNS": width}).stdout
    _, shown = shown.split("\n\n", 1)  # the line of the usage is click's
    sentences = [line for line in shown.splitlines() if any("一" <= letter <= "龥" for letter in line)]
    assert len(sentences) > 5
    for line in sentences:
        assert columns(line) <= int(width) or line.startswith("  chainrule "), line
    assert "Options:" not in shown
    assert "Show " not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grad", "x^^2"), "错误：多"),
        (("grad",), "错误：缺少参数 FUNCTION。"),
        (("grad", "x", "y=2"), "错误：函数没有变量 y；它的变量：x"),
        (("grad", "x"), "错误：没有给出 x 的值。请加上 x=1.0。"),
        (("nothing",), "错误：没有命令“nothing”。"),
        (("table", "--nothing"), "错误：没有选项 --nothing"),
        (("practice", "--level", "9"), "错误：--level 的值无效：9 不在范围 1<=x<=4 之内。"),
        (("grad", "ln(x)", "x=-1"), "错误：函数在 x = -1.0 处没有值；它的定义域是 x > 0。请在其中取点。"),
        (("grad", "x", "x=none.csv"), "错误：无法从 none.csv 读取数："),
        (("grad", "sin(x", "x=1"), "错误：“"),
        (("grad", "nowhere_at_all:f"), "没有模块 nowhere_at_all"),
        (("draw", "x^2", "-o", "missing/f.png"), "没有文件夹 missing"),
        (("explain", "x^2", "-o", "a.doc"), "错误：推导 的文件类型是"),
    ],
)
def test_every_error_is_said_in_chinese(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    english, chinese = run(*words), run(*words, "--lang", "zh")
    assert chinese.exit_code == english.exit_code != 0
    assert said[:3] in chinese.stderr
    assert said in chinese.stderr or said == "错误：多" or said == "错误：“"
    assert "error: " not in chinese.stderr


def test_a_program_that_reads_gets_the_same_data_in_both_languages() -> None:
    assert run("grad", "x^2", "x=1", "--json", env=CHINESE_SYSTEM).stdout == run("grad", "x^2", "x=1", "--json").stdout


@pytest.mark.parametrize(("encoding", "shown"), [("gbk", "x^2*√x"), ("ascii", "x^2*sqrt x"), ("utf-8", "x²·√x")])
def test_what_an_encoding_does_not_have_is_written_in_plainer_characters(encoding: str, shown: str) -> None:
    found = _started(["explain", "x^2*√x"], PYTHONIOENCODING=encoding, LANG="C")
    first = found.stdout.decode(encoding).splitlines()[0]
    assert first == f"f(x) = {shown.replace('*', '·') if encoding == 'gbk' else shown}"
    assert found.returncode == 0


def test_a_full_disk_is_an_error_and_a_closed_pipe_is_none_that_anybody_reads() -> None:
    with Path("/dev/full").open("wb") as full:
        found = _started(["grad", "x^2", "x=1", "--lang", "zh"], stdout=full)
    assert found.returncode == 1
    assert found.stderr.decode() == "错误：无法输出：设备上没有剩余空间\n"
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        found = _started(["table"], stdout=pipe)
    assert found.stderr == b""


def _started(
    words: list[str], stdout: object = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    program = f"from chainrule.cli import main; main({words!r})"
    return subprocess.run(
        [sys.executable, "-c", program],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **variables},
        check=False,  # type: ignore[call-overload]
    )
