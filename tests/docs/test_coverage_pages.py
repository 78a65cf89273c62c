"""The pages of coverage are what the table and chainrule.scipy say now."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

PAGES = Path(__file__).parents[2] / "docs"


def script() -> Any:
    spec = importlib.util.spec_from_file_location("coverage_pages", PAGES / "coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date() -> None:
    assert script().main(["--check"]) == 0


def test_a_page_that_is_not_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = script()
    module.SCIPY_PAGE = tmp_path / "coverage_scipy.md"
    assert module.main(["--check"]) == 1
    assert "docs/coverage_scipy.md is not what the table says" in capsys.readouterr().err
