"""Write the picture of a graph to a file, whole or not at all."""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from pathlib import Path

from chainrule.graphs.graph import Graph
from chainrule.graphs.pictures.svg import svg
from chainrule.showing.files import write_whole
from chainrule.showing.language import Language

DOTS_PER_INCH = 200.0
PIXELS_MOST = 16_000.0  # larger pictures get fewer dots per inch: matplotlib stops at 65,536 a side


def save(graph: Graph, path: str | PathLike[str], lang: Language = "en") -> None:
    """Write the picture as `.svg`, `.png`, `.pdf` or (moving) `.gif`, as the ending of `path` says.

    Raises ValueError for another ending, :class:`~chainrule.errors.OutputError` when the file cannot be
    written; then an existing file is as it was.
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending == ".svg":
        content = svg(graph, lang).encode()
    elif ending in (".png", ".pdf"):
        from chainrule.graphs.pictures.figure import (
            draw,  # late: matplotlib is slow to start, and SVG needs none
        )

        buffer = BytesIO()
        figure = draw(graph, lang=lang)
        dpi = min(DOTS_PER_INCH, PIXELS_MOST / max(figure.get_size_inches()))
        figure.savefig(buffer, format=ending[1:], dpi=dpi)
        content = buffer.getvalue()
    elif ending == ".gif":
        from chainrule.graphs.pictures.animation import gif, shown_progress  # late: as above

        content = gif(graph, lang, shown_progress)
    else:
        raise ValueError(
            f"a picture is saved as .svg, .png, .pdf or .gif, but got {target.name!r}. "
            "Write graph.save('graph.svg')."
        )
    write_whole(target, content)
