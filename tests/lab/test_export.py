"""`chainrule export`: the lab for one function as one file that asks nobody."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from chainrule.cli import main
from chainrule.lab.export import exported


def test_the_page_holds_everything_that_it_would_ask_for() -> None:
    page = exported({"formula": "x^2", "at": 1.5, "over": [-2.0, 2.0], "lang": "zh"})["page"]
    assert not re.search(r"(?:src|href)=\"(?!data:)", page.split("<script")[0])
    assert '<html lang="zh-CN">' in page
    held = re.search(r'id="held">(.*?)</script>', page)
    assert held is not None
    data = json.loads(held[1])
    assert [point["point"]["slopes"][0] for point in data["points"]] == pytest.approx(
        [2 * point["point"]["x"] for point in data["points"]]
    )
    assert 1.5 in [point["point"]["x"] for point in data["points"]]
    assert len(page) < 300_000


def test_no_formula_can_write_into_the_page() -> None:
    assert "error" in exported({"formula": "</script><script>alert(1)</script>"})
    page = exported({"formula": "where(x<1, x, 2)", "at": 0.0})["page"]
    assert "x<1" not in page
    assert r"x\u003c1" in page


def test_export_writes_a_page_and_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    done = CliRunner().invoke(main, ["export", "a*sin(x)", "a=2", "x=π/2", "--over", "-4..4", "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert "&" not in file.read_text(encoding="utf-8").split("</title>")[0]
    for wrong in (["x +"], ["x^2", "y=1"], ["x^2", "--over", "1"], ["x^2", "--over", "2..1"]):
        failed = CliRunner().invoke(main, ["export", *wrong, "-o", str(tmp_path / "other.html")])
        assert failed.exit_code != 0
        assert "Traceback" not in failed.output
    assert not (tmp_path / "other.html").exists()
