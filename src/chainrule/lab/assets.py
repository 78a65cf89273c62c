"""The files of the lab's page, read once; nothing is read from disk for a request."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    content: str
    type: str


def _read(package: str, folder: str) -> dict[str, Asset]:
    found = sorted(files(package).joinpath(folder).iterdir(), key=lambda path: path.name)
    return {
        path.name: Asset(path.read_text(encoding="utf-8"), kind)
        for path in found
        for suffix, kind in _TYPES.items()
        if path.name.endswith(suffix)
    }


ASSETS = {**_read("chainrule.showing", "scripts"), **_read("chainrule.lab", "page")}
"""The modules and the style sheet, by name."""

_PAGE = files("chainrule.lab").joinpath("page", "index.html").read_text(encoding="utf-8")
_HEAD = '<link rel="stylesheet" href="lab.css">\n<script type="module" src="main.js"></script>'

FIRST = ("dom.js", "curve.js", "graph.js", "words.js", "source.js", "state.js", "saving.js", "main.js")
"""The modules in an order in which each comes after those that it imports."""


def page(lang: Literal["en", "zh"] | str, head: str = _HEAD) -> str:
    """The page, in the language in which it opens; `head` brings in its style and its modules."""
    return _PAGE.replace("{lang}", "zh-CN" if lang == "zh" else "en").replace("<!-- head -->", head)


def in_one() -> str:
    """All modules as one, for a page of one file: without the imports and exports between them."""
    lines = [line for name in FIRST for line in ASSETS[name].content.splitlines()]
    return "\n".join(line.removeprefix("export ") for line in lines if not line.startswith("import ")) + "\n"
