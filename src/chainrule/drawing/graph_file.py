"""Write the picture of a graph to a file, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from io import BytesIO
from os import PathLike
from pathlib import Path

from chainrule.drawing.graph_svg import svg
from chainrule.errors import OutputError
from chainrule.graphs.graph import Graph, Language

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
        from chainrule.drawing.graph_figure import (
            draw,  # late: matplotlib is slow to start, and SVG needs none
        )

        buffer = BytesIO()
        figure = draw(graph, lang=lang)
        dpi = min(DOTS_PER_INCH, PIXELS_MOST / max(figure.get_size_inches()))
        figure.savefig(buffer, format=ending[1:], dpi=dpi)
        content = buffer.getvalue()
    elif ending == ".gif":
        from chainrule.drawing.graph_animation import gif, shown_progress  # late: as above

        content = gif(graph, lang, shown_progress)
    else:
        raise ValueError(
            f"a picture is saved as .svg, .png, .pdf or .gif, but got {target.name!r}. "
            "Write graph.save('graph.svg')."
        )
    write_whole(target, content)


def write_whole(target: Path, content: bytes) -> None:
    """Write to a file beside the target, then rename, which replaces the target in one step."""
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(beside, 0o666 & ~umask)  # mkstemp makes files that only their owner can read
        os.replace(beside, target)
    except OSError as error:
        if beside and os.path.exists(beside):
            os.unlink(beside)
        raise OutputError(
            f"the file could not be written to {str(target)!r}: {error.strerror}. "
            "Choose a folder that exists and can be written to."
        ) from error
