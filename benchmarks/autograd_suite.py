"""autograd's own tests on `chainrule.autograd`: `python -m benchmarks.autograd_suite <unpacked autograd-1.8.0.tar.gz>`.

The folder is autograd's source distribution; nothing of it is kept here. Prints how many tests pass, and for each that
does not, why. The exit status is 1 if there is one without a reason.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chainrule.autograd import as_autograd

EXPLAINED = {
    "test_fft.py::test_rfftn_odd_not_implemented": "wants an error where autograd has no derivative; chainrule has one",
    "test_graphs.py::test_assignment_raises_error": "wants an error for an assignment; chainrule follows it",
    "test_linalg.py::test_pinv": "calls private functions of autograd's own linalg module (np.linalg._dot)",
}
"""The tests that chainrule does not pass, and why not."""


def main(arguments: Sequence[str]) -> int:
    """Run the tests in the folder `arguments[0]`/tests; further arguments go to pytest."""
    tests = Path(arguments[0]) / "tests" if arguments else Path()
    if not arguments or not tests.is_dir():
        print(f"usage: python -m {__spec__.name} <unpacked source distribution of autograd> [pytest's arguments]")
        return 2
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-p", __spec__.name, "-c", "/dev/null"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", f"--rootdir={tests}", str(tests), *arguments[1:]], check=False
    ).returncode


# ---------------------------------------------------------------------- as a plugin of pytest


def pytest_configure(config: Any) -> None:
    """Put chainrule in autograd's place before a test is imported."""
    as_autograd()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say why each test fails that does."""
    unexplained = [name for name in _failed(terminalreporter) if name not in EXPLAINED]
    terminalreporter.section("differences from autograd")
    for name in _failed(terminalreporter):
        terminalreporter.write_line(f"{name}: {EXPLAINED.get(name, 'NOT EXPLAINED')}")
    terminalreporter.write_line(f"{len(_passed(terminalreporter))} pass, {len(unexplained)} fail without a reason")


def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    """Failures that are explained are no failures of this command."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 1 and all(name in EXPLAINED for name in _failed(reporter)):
        session.exitstatus = 0


def _failed(reporter: Any) -> list[str]:
    reports = reporter.stats.get("failed", []) + reporter.stats.get("error", [])
    return [report.nodeid.rpartition("tests/")[2] for report in reports]


def _passed(reporter: Any) -> list[Any]:
    return list(reporter.stats.get("passed", []))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
