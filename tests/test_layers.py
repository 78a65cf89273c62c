"""The layers of the package: a module imports only from its own layer and those below it, late imports included."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import chainrule

LAYERS = (
    "namesakes",
    "errors",
    "showing",
    "formula",
    "rules",
    "engine",
    "tree",
    "transforms",
    "compile",
    "check",
    "remedies",
    "debug",
    "custom_rules",
    "numpy",
    "math",
    "functions",
    "scipy",
    "patching",
    "autograd",
    "recording",
    "graphs",
    "explanation",
    "drawing",
    "practising",
    "lab",
    "tour",
    "cli",
)
SOURCE = Path(chainrule.__file__).parent
FILES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def layer(module: str) -> int:
    return LAYERS.index(module.split(".")[1])


@cache
def imports(path: Path) -> frozenset[str]:
    """The modules that a file imports, also late, inside its functions; not those for annotations only."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    stack: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (module if module in MODULES else node.module for module in modules)
        elif not _for_types_only(node):
            stack.extend(ast.iter_child_nodes(node))


def _for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _module(path: Path) -> str:
    return ".".join(("chainrule", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


MODULES = {_module(path): path for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_downwards_and_never_the_package_root(path: Path) -> None:
    own = layer(_module(path))
    for module in imports(path):
        if module.split(".")[0] == "chainrule":
            assert module != "chainrule", f"{path.name} imports the package root"
            assert layer(module) <= own, f"{path.name} imports {module}, which lies above it"


THE_CIRCLE = {"chainrule.formula.expression", "chainrule.formula.text", "chainrule.formula.printer"}
"""The one exception: an expression shows itself as text, and the text is made of expressions."""


def test_no_files_import_one_another_in_a_circle_but_expressions_and_their_text() -> None:
    graph = {module: set(imports(path) & set(MODULES)) for module, path in MODULES.items()}
    graph["chainrule.formula.expression"] -= THE_CIRCLE
    order = TopologicalSorter(graph)
    order.prepare()  # raises CycleError with the files of a circle
    assert set(MODULES) >= THE_CIRCLE


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"matplotlib", "optree", "lark", "click", "rich", "scipy", "sympy"}
    code = "import sys, chainrule; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not heavy & set(loaded)


def test_every_public_name_is_there_when_asked_for() -> None:
    assert len(chainrule.__all__) > 20
    for name in chainrule.__all__:
        assert getattr(chainrule, name).__name__ in (name, f"chainrule.{name}")
    with pytest.raises(AttributeError, match="no attribute 'gradient'"):
        chainrule.gradient  # noqa: B018
