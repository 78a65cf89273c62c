"""The programs in `programs/`, run three ways: as they are, with other imports, and as they are after `cr.patch()`.

A way gives for each function the gradient or an error; the gradient is compared with differences of the function as
NumPy and SciPy alone compute it.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
WAYS = ("unchanged", "imports", "patch")
NAMES = [f"{path.stem}.{name}" for path in PROGRAMS for name in re.findall(r"(?m)^    \"(\w+)\": ", path.read_text())]
"""Every function with a point in its file's `AT`, as `file.function`."""


@dataclass(frozen=True)
class Outcome:
    """What came of one function in one way: "right", "wrong" or "error", and the error or the two gradients."""

    verdict: str
    error: Exception | None = None
    found: Any = None
    expected: Any = None


def source(path: Path, way: str) -> str:
    """The text of a file of programs; for "imports" with those imports changed for which chainrule has the names."""
    text = path.read_text(encoding="utf-8")
    if way != "imports":
        return text
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert node.lineno == node.end_lineno
            lines[node.lineno - 1] = "; ".join(_changed(node))
    return "\n".join(lines)


def _changed(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """An import, one name a statement, from chainrule where it has the name."""
    for alias in node.names:
        bound = alias.asname or alias.name
        if isinstance(node, ast.Import):
            new = f"import {_OURS.get(alias.name, 'chainrule.' + alias.name)} as {bound}"
            if bound.startswith("scipy."):  # `import scipy.linalg` binds `scipy`
                new = "import chainrule.scipy as scipy"
            yield new if _runs(new) else f"import {alias.name} as {bound}"
        else:
            module = _OURS.get(node.module or "", f"chainrule.{node.module}")
            new = f"from {module} import {alias.name} as {bound}"
            yield new if _runs(new) else f"from {node.module} import {alias.name} as {bound}"


_OURS = {"numpy": "chainrule.numpy"}


@functools.cache
def _runs(statement: str) -> bool:
    try:
        exec(statement, {})
    except ImportError:
        return False
    return True


@functools.cache
def loaded(path: Path, way: str) -> dict[str, Any]:
    """The names that a file of programs defines."""
    namespace: dict[str, Any] = {"__name__": f"existing_{path.stem}"}
    with patched(way):
        exec(compile(source(path, way), str(path), "exec", dont_inherit=True), namespace)
    return namespace


def patched(way: str) -> Any:
    """The context in which a way runs."""
    return cr.patch() if way == "patch" else nullcontext()


@functools.cache
def expected(name: str) -> list[tuple[Any, Any]]:
    """The gradient by differences, without chainrule, and how far it can be trusted."""
    f, point = function(name, "unchanged")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [_differences(f, point, k) for k in range(len(point))]


def function(name: str, way: str) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A function and the point at which it is differentiated, by every argument."""
    stem, _, own = name.partition(".")
    namespace = loaded(next(path for path in PROGRAMS if path.stem == stem), way)
    return namespace[own], namespace["AT"][own]


def _differences(f: Callable[..., Any], point: tuple[Any, ...], k: int) -> tuple[Any, Any]:
    """Slopes by differences of fourth order, with the step at which half the step changes them least, and that change.

    Small steps do for functions with kinks, large ones for the results of solvers.
    """
    argument = np.asarray(point[k])
    slopes, doubt = np.zeros(argument.shape), np.zeros(argument.shape)
    for place in np.ndindex(argument.shape):
        size = abs(argument[place]) or 1.0

        def at(step: float, place: Any = place) -> float:
            moved = argument.copy()
            moved[place] += step
            value = float(moved) if moved.ndim == 0 else moved
            return float(f(*point[:k], value, *point[k + 1 :]))

        def slope(h: float, at: Callable[[float], float] = at) -> float:
            return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)

        found = [(slope(h * size), slope(h * size / 2)) for h in (1e-2, 1e-3, 1e-4)]
        doubt[place], slopes[place] = min((abs(whole - half), half) for whole, half in found)
    return slopes, doubt


def outcome(name: str, way: str) -> Outcome:
    """Run one function in one way."""
    with patched(way):
        try:
            f, point = function(name, way)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = cr.grad(f, argnums=tuple(range(len(point))))(*point)
        except Exception as error:
            return Outcome("error", error)
    right = expected(name)
    fits = all(np.shape(a) == np.shape(b) and _close(a, b, doubt) for a, (b, doubt) in zip(found, right, strict=True))
    return Outcome("right" if fits else "wrong", None, found, right)


def _close(found: Any, right: Any, doubt: Any) -> bool:
    scale = np.max(np.abs(right), initial=1e-9)
    return bool(np.all(np.abs(found - right) <= 1e-6 * scale + 4 * doubt) and np.all(doubt <= 1e-4 * scale))
