"""What a notebook shows of a value: one bundle of forms, none of which needs a script or the network."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Container, Iterable, Sequence
from html import escape

MEDIA = {
    "plain": "text/plain",
    "html": "text/html",
    "svg": "image/svg+xml",
    "latex": "text/latex",
    "markdown": "text/markdown",
    "png": "image/png",
}
_COLUMN, _LINE, _MARGIN = 8.4, 20, 12  # pixels, of a fixed-width font of 14 px


def bundle(
    include: Container[str] | None, exclude: Container[str] | None, **forms: Callable[[], str]
) -> dict[str, str]:
    """The forms of a value by their media types, made only if they are asked for.

    `include` and `exclude` are media types, as IPython passes them to `_repr_mimebundle_`.

    >>> bundle(None, {"text/latex"}, plain=lambda: "½", latex=lambda: "$1/2$")
    {'text/plain': '½'}
    """
    wanted = {MEDIA[form]: make for form, make in forms.items()}
    return {
        media: make()
        for media, make in wanted.items()
        if (include is None or media in include) and (exclude is None or media not in exclude)
    }


def picture(svg: str, alternative: str) -> str:
    """An SVG within HTML, `alternative` for readers who cannot see it.

    It stands in an image of its own, since the style sheet and ids of an SVG written into a page would act on all of
    the page, and on the other pictures there.
    """
    found = _WIDTH.search(svg)
    wide = round(float(found[1])) if found else 0
    # On a phone a wide picture is not shrunk until nothing can be read: then it can be moved sideways.
    style = f"width: 100%; max-width: {wide}px; min-width: {round(READABLE * wide)}px" if wide else "max-width: 100%"
    return f'<div style="overflow-x: auto; max-width: 100%">{image(svg, alternative, f"{style}; height: auto")}</div>'


_WIDTH = re.compile(r'<svg\b[^>]*?\swidth="([\d.]+)(?:px)?"')
READABLE = 0.6  # of a picture's own size

def image(svg: str, alternative: str, style: str) -> str:
    """An SVG as an image within HTML, with the words for who cannot see it and the style of the element."""
    encoded = base64.b64encode(svg.encode()).decode("ascii")
    return f'<img src="data:image/svg+xml;base64,{encoded}" alt="{escape(alternative)}" style="{style}"/>'


def beside(svgs: Sequence[str], alternative: str, narrowest: int = 320) -> str:
    """Several SVGs side by side where there is room for them, each at least `narrowest` pixels wide, else stacked."""
    wide = f"flex: 1 1 {narrowest}px; min-width: 0; max-width: 560px; height: auto; align-self: flex-start"
    count = len(svgs)
    images = [
        image(svg, alternative if count == 1 else f"{alternative} ({place}/{count})", wide)
        for place, svg in enumerate(svgs, 1)
    ]
    return (
        '<div class="chainrule-panels" style="display: flex; flex-wrap: wrap; gap: 8px; max-width: 100%">'
        f"{''.join(images)}</div>"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], lang: str = "en") -> str:
    """A table of texts as HTML that looks the same whatever the style sheet of the page says of tables."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return (
        f'<section class="chainrule-table" lang="{lang}">\n<style>{TABLE_CSS}</style>\n'
        f"<table><thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody></table>\n</section>\n"
    )


TABLE_CSS = """
section.chainrule-table[lang] { max-width: 100%; overflow-x: auto; color: #1a1a1a; background: #fff;
  font: 14px/1.45 system-ui, "Noto Sans", "Noto Sans SC", sans-serif; }
section.chainrule-table[lang] table { border-collapse: collapse; margin: .4em 0; table-layout: auto; width: auto; }
section.chainrule-table[lang] table tr th, section.chainrule-table[lang] table tr td { text-align: left; border: 0;
  padding: .25em .9em .25em .3em; vertical-align: baseline; color: inherit; background: none; white-space: normal; }
section.chainrule-table[lang] table tr { border-bottom: 1px solid #ddd; background: none; }
@media (prefers-color-scheme: dark) { section.chainrule-table[lang] { color: #e8e8e8; background: #161616; }
  section.chainrule-table[lang] table tr { border-color: #444; } }
"""


def text_picture(text: str) -> str:
    """Lines of text as an SVG, in a fixed-width font."""
    from rich.cells import cell_len  # late: only notebooks need it

    lines = text.splitlines()
    width = 2 * _MARGIN + _COLUMN * max(map(cell_len, lines), default=0)
    height = 2 * _MARGIN + _LINE * len(lines)
    written = "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _LINE * place + 15}" xml:space="preserve">{escape(line)}</text>'
        for place, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}" font-family="monospace" font-size="14" fill="#1a1a1a">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{written}\n</svg>\n'
    )
