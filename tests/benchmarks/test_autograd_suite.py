"""The run of autograd's tests on chainrule, on a made-up folder in the place of autograd's distribution."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PASSES = "from autograd import grad\n\ndef test_square():\n    assert grad(lambda x: x**2)(3.0) == 6.0\n"
DIFFERS = "import autograd.numpy as np\n\ndef test_pinv():\n    np.linalg._dot\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.autograd_suite", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)


def test_tests_run_on_chainrule_and_each_difference_has_a_reason(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_misc.py").write_text(PASSES, encoding="utf-8")
    (tests / "test_linalg.py").write_text(DIFFERS, encoding="utf-8")
    done = run(str(tmp_path))
    assert "test_linalg.py::test_pinv: calls private functions" in done.stdout, done.stdout + done.stderr
    assert "1 pass, 0 fail without a reason" in done.stdout
    assert done.returncode == 0
    (tests / "test_misc.py").write_text(PASSES.replace("6.0", "7.0"), encoding="utf-8")
    done = run(str(tmp_path))
    assert "test_misc.py::test_square: NOT EXPLAINED" in done.stdout
    assert done.returncode == 1


def test_without_a_folder_the_command_says_what_it_takes(tmp_path: Path) -> None:
    for arguments in ((), (str(tmp_path),)):
        done = run(*arguments)
        assert done.returncode == 2
        assert "unpacked source distribution of autograd" in done.stdout
