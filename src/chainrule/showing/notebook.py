"""What a notebook shows of a value: one bundle of forms, none of which needs a script or the network."""

from __future__ import annotations

import base64
from collections.abc import Callable, Container
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
    encoded = base64.b64encode(svg.encode()).decode("ascii")
    return (
        f'<img src="data:image/svg+xml;base64,{encoded}" alt="{escape(alternative)}" '
        'style="max-width: 100%; height: auto"/>'
    )


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
