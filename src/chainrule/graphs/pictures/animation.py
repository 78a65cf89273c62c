"""Play the steps of a graph: values appear from left to right, then gradients from right to left.

Two forms show the same: an SVG that moves by style sheet alone (no scripts; it stands still for readers who asked their
system for less motion), and a GIF. Each step has its sentence and its numbers below the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.formula.data import Data
from chainrule.formula.expression import Expression
from chainrule.graphs.equations import latex
from chainrule.graphs.graph import Graph
from chainrule.graphs.lettering import Written
from chainrule.graphs.pictures import svg as still_picture
from chainrule.graphs.pictures.scene import MARGIN, Measure, Moments, Scene, Text, TextStyle, refuse_crowd, scene
from chainrule.graphs.steps import Step
from chainrule.graphs.steps import steps as steps_of
from chainrule.showing.files import write_whole
from chainrule.showing.language import Language
from chainrule.showing.notebook import bundle, picture

SECONDS = 1.4  # for each step
REST = 4.0  # seconds at the end, before it starts again
CAPTION = TextStyle(13.0)
CAPTION_LINE = 19.0
LEAST_WIDTH = 560.0
DOTS_PER_INCH = 110.0
PIXELS_MOST = 1600  # a side: larger pictures get fewer dots per inch
COLOURS = 64


@dataclass(frozen=True, eq=False, repr=False)
class Animation(Data):
    """A graph's steps as a moving picture; a notebook shows it. `svg` is the SVG file's text."""

    graph: Graph
    lang: Language
    svg: str

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a `.svg` or `.gif` file, whole or not at all.

        Raises ValueError for another ending, :class:`~chainrule.errors.OutputError` when it cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() == ".gif":
            write_whole(target, gif(self.graph, self.lang, shown_progress))
        elif target.suffix.lower() == ".svg":
            write_whole(target, self.svg.encode())
        else:
            raise ValueError(
                f"an animation is saved as .svg or .gif, but got {target.name!r}. Write .save('graph.gif')."
            )

    def __repr__(self) -> str:
        return f"Animation({self.graph!r})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(
            include,
            exclude,
            plain=self.__repr__,
            html=lambda: picture(self.svg, repr(self)),
            svg=lambda: self.svg,
            latex=lambda: latex(self.graph),
        )


def animate(graph: Graph, lang: Language = "en") -> Animation:
    """The animation of a graph's steps, its captions in English ("en") or Chinese ("zh")."""
    return Animation(graph, lang, animated_svg(graph, lang))


def moments(graph: Graph, steps: Sequence[Step]) -> Moments:
    """At which step, from 1 on, each value, gradient and flow is there for the first time."""
    values: dict[int, int] = {}
    gradients: dict[int, int] = {}
    forward: dict[tuple[int, int], int] = {}
    backward: dict[tuple[int, int], int] = {}
    seeds: dict[int, int] = {}
    for moment, step in enumerate(steps, 1):
        if step.kind in ("input", "forward"):
            values[step.node] = moment
            forward |= {(edge.target, edge.position): moment for edge in graph.incoming(step.node)}
            continue
        if step.kind == "branch":
            continue  # it is told in words
        gradients[step.node] = moment  # the last step that adds to a gradient completes it
        if step.kind == "seed":
            seeds |= {index: moment for index, output in enumerate(graph.outputs) if output == step.node}
        elif step.edge is not None:
            backward[step.edge.target, step.edge.position] = moment
    return Moments(values, gradients, forward, backward, seeds)


def animated_svg(graph: Graph, lang: Language = "en") -> str:
    """The text of an SVG file that plays the graph's steps, again and again."""
    refuse_crowd(graph)  # before the steps, which take longer
    steps = steps_of(graph)
    picture, captions = _with_captions(graph, steps, still_picture.measure, lang)
    total = len(steps) * SECONDS + REST
    rules = []
    for moment in range(1, len(steps) + 1):
        start = 100 * (moment - 1) * SECONDS / total
        end = 100.0 if moment == len(steps) else start + 100 * SECONDS / total
        grown = start + 20 * SECONDS / total
        rules.append(
            f"@keyframes m{moment} {{ 0%, {start:.2f}% {{ opacity: 0; }} {grown:.2f}%, 100% {{ opacity: 1; }} }}\n"
            f"@keyframes c{moment} {{ 0%, {start:.2f}% {{ opacity: 0; }} {start + 0.01:.2f}%, {end:.2f}% "
            f"{{ opacity: 1; }} {min(end + 0.01, 100):.2f}%, 100% {{ opacity: {int(end == 100)}; }} }}\n"
            f".m{moment} {{ animation: m{moment} {total:.1f}s linear infinite; }}\n"
            f".c{moment} {{ opacity: 0; animation: c{moment} {total:.1f}s linear infinite; }}"
        )
    rules.append(
        "@media print, (prefers-reduced-motion: reduce) { [class^=m] { animation: none; } "
        f"[class^=c] {{ animation: none; }} .c{len(steps)} {{ opacity: 1; }} }}"
    )
    lines = []
    for moment, caption in enumerate(captions, 1):
        written = "".join(
            f'<text class="legend" x="{text.at[0]:.1f}" y="{text.at[1]:.1f}" font-size="{text.style.size}">'
            f"{escape(text.written.text)}</text>"
            for text in caption
        )
        lines.append(f'<g class="c{moment}">{written}</g>')
    still = still_picture.draw(picture, lang)
    return still.replace("</style>", "\n".join(rules) + "</style>", 1).replace("</svg>", "\n".join(lines) + "\n</svg>")


Progress = Callable[[Iterable[int], int], Iterable[int]]


def gif(graph: Graph, lang: Language = "en", progress: Progress | None = None) -> bytes:
    """The graph's steps as a GIF. `progress(numbers, total)` passes on the numbers of the frames, to count them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # late: matplotlib takes half a second to start
    from PIL import Image

    from chainrule.graphs.pictures.figure import measure, paint

    refuse_crowd(graph)  # as above
    steps = steps_of(graph)
    picture, captions = _with_captions(graph, steps, measure, lang)
    texts = tuple(replace(text, moment=-moment) for moment, caption in enumerate(captions, 1) for text in caption)
    figure = paint(replace(picture, texts=(*picture.texts, *texts)))
    figure.set_dpi(min(DOTS_PER_INCH, PIXELS_MOST / max(figure.get_size_inches())))
    canvas = FigureCanvasAgg(figure)
    timed = [(artist, int(artist.get_gid() or 0)) for artist in figure.axes[0].get_children()]
    timed = [(artist, moment) for artist, moment in timed if moment]
    frames = []
    numbers: Iterable[int] = range(1, len(steps) + 1)
    for now in progress(numbers, len(steps)) if progress else numbers:
        for artist, moment in timed:
            artist.set_visible(moment <= now if moment > 0 else -moment == now)
        canvas.draw()  # type: ignore[no-untyped-call]
        pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        frames.append(Image.fromarray(np.asarray(pixels)[..., :3]).quantize(COLOURS))
    out = BytesIO()
    durations = [round(1000 * SECONDS)] * (len(steps) - 1) + [round(1000 * REST)]
    frames[0].save(
        out, format="GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=False
    )
    return out.getvalue()


def shown_progress(numbers: Iterable[int], total: int) -> Iterator[int]:
    """The numbers, with a bar on a terminal's error output when there are many."""
    from rich.console import Console  # late: only needed for the bar
    from rich.progress import track

    console = Console(stderr=True)
    silent = total < 30 or not console.is_terminal
    yield from track(numbers, "GIF", total=total, console=console, disable=silent, transient=True)


def _with_captions(
    graph: Graph, steps: Sequence[Step], measure: Measure, lang: Language
) -> tuple[Scene, list[tuple[Text, ...]]]:
    """The scene with room below it, and for each step the lines of its caption there."""
    picture = scene(graph, measure, lang, moments(graph, steps))
    width = max(picture.width, LEAST_WIDTH)
    symbolic = any(isinstance(node.value, Expression) for node in graph.nodes)
    captions: list[tuple[Text, ...]] = []
    most = 0
    for number, step in enumerate(steps, 1):
        said = f"{number}/{len(steps)}: {step.sentence(lang)}"
        shown = [step.formula] if symbolic else [step.numbers] if step.kind == "input" else [step.formula, step.numbers]
        lines = [line for text in (said, *shown) for line in _broken(text, width - 2 * MARGIN, measure)]
        most = max(most, len(lines))
        captions.append(
            tuple(
                Text(
                    (MARGIN, picture.height + CAPTION_LINE * (k + 0.6)),
                    Written(line, ""),
                    "legend",
                    CAPTION,
                    centred=False,
                )
                for k, line in enumerate(lines)
            )
        )
    return replace(picture, width=width, height=picture.height + CAPTION_LINE * most + MARGIN), captions


def _broken(text: str, width: float, measure: Measure) -> Iterator[str]:
    """The text in lines of at most this width, broken after spaces and Chinese characters."""
    line = ""
    for piece in _pieces(text):
        if line and measure(Written((line + piece).rstrip(), ""), CAPTION)[0] > width:
            yield line.rstrip()
            line = ""
        line += piece
    if line:
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    piece = ""
    for character in text:
        piece += character
        if character == " " or "\u3000" <= character <= "\uffef":
            yield piece
            piece = ""
    yield piece
