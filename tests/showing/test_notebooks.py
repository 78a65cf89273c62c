"""A notebook is executed and made a page: every value is there, and what plays still plays within the page's style."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.showing.browser import BROWSER, in_browser

CELLS = (
    "import numpy as np, chainrule as cr\ncr.explain('x^2*sin(x)')",
    "cr.draw('x^2', interactive=True)",
    "GRAPH = cr.graph(lambda x: np.sin(x) * x, 0.5)\nGRAPH.player()",
    "GRAPH.steps()",
    "GRAPH.animate()",
    "cr.gradient_flow(lambda w, x: np.mean(np.tanh(x @ w) ** 2), np.ones(2), [np.ones((3, 2))] * 4)",
)
PROGRAM = """
import json, sys, nbclient, nbconvert, nbformat
cells = [nbformat.v4.new_code_cell(source) for source in json.loads(sys.argv[1])]
notebook = nbformat.v4.new_notebook(cells=cells)
nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
open(sys.argv[2], "w", encoding="utf-8").write(page)
print(json.dumps([[output["data"]["text/plain"] for output in cell.outputs] for cell in notebook.cells]))
"""
NEEDED = ("nbclient", "nbconvert", "ipykernel")


@pytest.mark.skipif(not all(map(importlib.util.find_spec, NEEDED)), reason=f"needs {', '.join(NEEDED)}")
def test_an_executed_notebook_shows_everything_and_its_players_play(tmp_path: Path) -> None:
    page = tmp_path / "notebook.html"
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, json.dumps(CELLS), str(page)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    printed = [shown for (shown,) in json.loads(done.stdout.splitlines()[-1])]
    assert all(len(shown) < 3000 for shown in printed)
    assert printed[-1].startswith("GradientFlow(4 steps")
    if BROWSER is None:
        pytest.skip("no Chromium here to look at the page with")
    program = """
      const players = [...document.querySelectorAll('.chainrule-player')];
      const ready = players.map((each) => !each.querySelector('.controls').hidden);
      players[1].querySelector('button.first').click();
      const note = [...document.querySelectorAll('.chainrule-derivation td:nth-child(2)')];
      const said = players[1].querySelector('.said').textContent;
      return [ready, said, note.map((cell) => getComputedStyle(cell).textAlign)];
    """
    ready, said, aligned = in_browser(page.read_text(encoding="utf-8"), program, tmp_path)
    assert ready == [True, True]
    assert said.endswith("The input x is 0.5.")
    assert set(aligned) == {"left"}
