"""`import autograd` as `import chainrule.autograd`, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LIBRARY = """
import autograd.numpy as np
import autograd.scipy.stats.norm as norm
from autograd import grad
from autograd.extend import defvjp, primitive
from autograd.numpy.numpy_boxes import ArrayBox


@primitive
def cube(x):
    return x**3


defvjp(cube, lambda ans, x: lambda g: 3 * g * x**2)
slope = grad(lambda x: cube(x) + norm.logpdf(x) + np.sum(np.array([x, 2 * x])) if isinstance(x, ArrayBox) else None)
"""


def run(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=folder)
    return done.stdout + done.stderr


def test_a_library_that_imports_autograd_runs_on_chainrule(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text(LIBRARY, encoding="utf-8")
    shown = run(
        "import chainrule.autograd as ours; ours.as_autograd(); ours.as_autograd(); import library, autograd, pickle;"
        "print(library.slope(2.0), autograd is ours, autograd.numpy.__spec__.name, autograd.grad.__module__)",
        tmp_path,
    )
    assert shown.split() == ["13.0", "True", "chainrule.autograd.numpy", "chainrule.autograd.wrap_util"]


def test_the_alias_comes_before_autograd_itself_and_knows_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "autograd.py").write_text("", encoding="utf-8")
    late = run("import autograd; from chainrule.autograd import as_autograd; as_autograd()", tmp_path)
    assert "RuntimeError: autograd has been imported already" in late
    missing = run("from chainrule.autograd import as_autograd; as_autograd(); import autograd.nothing", tmp_path)
    assert "No module named 'chainrule.autograd.nothing'" in missing
