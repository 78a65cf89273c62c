"""One function as one file: the lab's page with everything that it would ask, so that it works without a server."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from chainrule.lab.answer import answer
from chainrule.lab.assets import ASSETS, in_one, page
from chainrule.showing.json_text import as_json

POINTS = 61  # places of the point at which everything is computed beforehand


def exported(data: Any) -> dict[str, Any]:
    """The page for one request's function as `{"page": html}`, or `{"error": …}` as :func:`answer` gives it.

    `data` is a request; its wishes do not matter. The point moves between places at which the numbers of the graph are
    known, the point asked for among them.
    """
    asked = dict(data) if isinstance(data, dict) else {}
    whole = answer({**asked, "wishes": ["reading", "point", "curve", "graph", "derivation", "code"]})
    if "error" in whole:
        return whole
    low, high = whole["curve"]["window"]
    places = sorted({low + (high - low) * k / (POINTS - 1) for k in range(POINTS)} | {whole["point"]["x"]})
    points = [_brief(answer({**asked, "at": at, "wishes": ["point", "graph"]})) for at in places]
    lang = asked.get("lang", "en")
    held = {"request": asked, "answer": whole, "points": points}
    return {"page": _page(held, lang)}


def _brief(made: dict[str, Any]) -> dict[str, Any]:
    """Of an answer at one place what differs from place to place: numbers, and the sentences that say them."""
    graph = made["graph"]
    return {
        "point": made["point"],
        "nodes": [[node["value"], node["gradient"], node["written"]] for node in graph["nodes"]],
        "edges": [[edge["local"], edge["contribution"], edge["written"]] for edge in graph["edges"]],
        "sentences": [step["sentence"] for step in graph["steps"]],
    }


def _page(held: dict[str, Any], lang: str) -> str:
    style, script = ASSETS["lab.css"].content, in_one()
    # "<" is written so that no text of a formula can end the element that holds the data.
    data = as_json(held, indent=None).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<style>{style}</style>\n'
        f'<script type="application/json" id="held">{data}</script>\n<script type="module">{script}</script>'
    )
    return page(lang, head)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


