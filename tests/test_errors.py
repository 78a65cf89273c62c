"""The common mistakes: each error names the user's line, the cause and the remedy, and the remedy works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from docs.errors import FILE, MISTAKES, PAGE, Mistake, page


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_the_error_names_the_line_the_cause_and_the_remedy(mistake: Mistake) -> None:
    message = str(mistake.error())
    assert f"{FILE}:{mistake.line}" in message
    assert mistake.cause in message
    assert mistake.remedy in message


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_the_program_put_right_runs(mistake: Mistake) -> None:
    mistake.run_right()


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python docs/errors.py"


def test_a_constant_has_the_gradient_zero() -> None:
    assert cr.grad(lambda x: 3.0)(2.0) == 0.0
    assert cr.grad(lambda x: cr.stop_gradient(x) ** 2)(2.0) == 0.0
    assert cr.grad(lambda x: np.sum(np.floor(x)))(np.ones(2)).tolist() == [0.0, 0.0]


def test_the_first_use_of_an_operator_names_the_user_s_line_too(tmp_path: Path) -> None:
    for sign in ("+", "-", "*", "/", "**"):  # each gets its code at its first call
        (tmp_path / "model.py").write_text(
            f"import numpy as np\nimport chainrule as cr\ncr.grad(lambda x: np.sum(x {sign} np.ones(2)))(np.ones(3))\n"
        )
        done = subprocess.run([sys.executable, str(tmp_path / "model.py")], capture_output=True, text=True)
        assert "at model.py:3" in done.stderr.splitlines()[-1], done.stderr
