"""Run the example in which a network learns to read digits, and draw what happened.

The example is a file to read and to change, so it lies in the folder `examples`, beside the sources or, once
installed, inside the package.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from chainrule.errors import ChainruleError
from chainrule.showing.fonts import chinese_family
from chainrule.showing.language import Language

_PACKAGE = Path(__file__).parents[1]


def missing() -> str | None:
    """The name of the package without which the example cannot run; None if it can."""
    return None if importlib.util.find_spec("sklearn") else "scikit-learn"


def folder() -> Path:
    """Where the examples are. Raises ChainruleError when they are not there."""
    for place in (_PACKAGE / "_examples", _PACKAGE.parents[1] / "examples"):
        if (place / "digits.py").is_file():
            return place
    raise ChainruleError(
        "the example digits.py is neither in the package nor beside its sources. Install chainrule again."
    )


def source() -> str:
    """The example's own text."""
    return (folder() / "digits.py").read_text(encoding="utf-8")


def train(progress: bool) -> Any:
    """What happened in one training run; with `progress`, under a progress bar.

    Matrices this small gain nothing from threads that wait for one another: on a busy machine with four cores a run
    took 0.5 s with one thread and 59 s with four.
    """
    from threadpoolctl import threadpool_limits  # late: it comes with scikit-learn, which is optional

    with threadpool_limits(limits=1):
        return _module("digits").train(progress=progress)


def draw(training: Any, lang: Language) -> Any:
    """The figure of a training run."""
    font = {"font": chinese_family()} if lang == "zh" else {}
    return _module("digits_figure").draw_training(training, lang=lang, **font)


def _module(name: str) -> ModuleType:
    full_name = f"chainrule._examples.{name}"
    if full_name not in sys.modules:
        found = importlib.util.spec_from_file_location(full_name, folder() / f"{name}.py")
        assert found is not None
        assert found.loader is not None
        module = sys.modules[full_name] = importlib.util.module_from_spec(found)  # dataclasses look it up there
        found.loader.exec_module(module)
    return sys.modules[full_name]
