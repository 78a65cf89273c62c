"""A piece of HTML that plays: pictures, a bar of controls, and one script that needs nothing from elsewhere.

What is played comes as data: the words and places of every position. The script is the file `player.js`; it has no
mathematics but the places on the screen. Without a script the pictures stand still and the controls are not shown.
"""

from __future__ import annotations

import json
import math
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from chainrule.showing.language import Language, Phrase

_LABELS = {
    "play": Phrase("play", "播放"),
    "pause": Phrase("pause", "暂停"),
    "first": Phrase("to the beginning", "回到开头"),
    "back": Phrase("one step back", "后退一步"),
    "on": Phrase("one step on", "前进一步"),
    "last": Phrase("to the end", "跳到结尾"),
}
_SIGNS = {"first": "|◁", "back": "◁", "play": "▶", "on": "▷", "last": "▷|"}


def player(
    pictures: str, data: dict[str, Any], name: str, scrubbed: str, lang: Language, *, step: str = "", after: str = ""
) -> str:
    """The piece of HTML around `pictures`.

    `name` says to a screen reader what is played, `scrubbed` what the slider moves, `step` (if given) what a second
    slider does; it takes the positions of the data's `offsets`. `after` stands below.
    """
    labels = {key: phrase.say(lang) for key, phrase in _LABELS.items()}
    content = json.dumps(_finite({**data, "labels": labels}), ensure_ascii=False, separators=(",", ":"))
    buttons = "".join(
        f'<button type="button" class="{key}" aria-label="{labels[key]}" title="{labels[key]}">{sign}</button>'
        for key, sign in _SIGNS.items()
    )
    second = ""
    if step:
        most = len(data["offsets"]) - 1
        second = (
            f'<label><span>{escape(step)}</span><input type="range" class="step" min="0" max="{most}" value="{most}" '
            f'aria-label="{escape(step)}"></label>'
        )
    return (
        f'<section class="chainrule-player" lang="{lang}" aria-label="{escape(name)}" '
        f'data-content="{escape(content)}">\n<style>{_file("player.css")}</style>\n{pictures}\n'
        f'<div class="controls" role="group" aria-label="{escape(name)}" hidden>{buttons}'
        f'<label><span>{escape(scrubbed)}</span><input type="range" class="scrub" min="0" value="0" '
        f'aria-label="{escape(scrubbed)}"></label>{second}</div>\n'
        f'<p class="said" aria-live="polite"></p>\n<p class="numbers"></p>\n{after}'
        f"<script>\n{_file('player.js')}</script>\n</section>\n"
    )


def page(piece: str, title: str, lang: Language) -> str:
    """A whole HTML page with the piece, which opens without a network."""
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{escape(title)}</title>\n</head>\n'
        f"<body>\n{piece}</body>\n</html>\n"
    )


@cache
def _file(name: str) -> str:
    return files("chainrule.showing").joinpath(name).read_text(encoding="utf-8")


def _finite(content: Any) -> Any:
    """The data with None for numbers that JSON does not have."""
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
