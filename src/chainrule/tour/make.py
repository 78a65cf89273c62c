"""Make the tour: draw every station, write the page, and move the finished folder to its place.

All is written into a folder beside the target, which is moved there at the end: a tour that fails half-way
leaves nothing behind, and an older tour as it was.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.errors import OutputError
from chainrule.showing.language import Language
from chainrule.tour import network
from chainrule.tour.page import page
from chainrule.tour.plan import (
    SECTIONS,
    CompositionStation,
    FunctionStation,
    NetworkStation,
    Station,
    file_name,
    heading,
)

MANIFEST = "tour.json"


@dataclass(frozen=True)
class Made:
    """One station's pictures: `files` are their paths within the tour's folder."""

    language: Language
    station: Station
    files: tuple[str, ...]


@dataclass(frozen=True)
class Tour:
    """A finished tour: where it is, what it shows, how long it took.

    `accuracy` is the share of unseen digits that the network read correctly; None where it was left out, because
    the package `missing` is not installed.
    """

    folder: Path
    pages: tuple[Path, ...]
    made: tuple[Made, ...]
    accuracy: float | None
    missing: str | None
    seconds: float


def stations() -> tuple[Station, ...]:
    """The stations that can be made here, in order: the network's only where scikit-learn is installed."""
    left_out = NetworkStation if network.missing() else ()
    return tuple(each for section in SECTIONS for each in section.stations if not isinstance(each, left_out))


def make_tour(
    out: Path,
    languages: Sequence[Language] = ("en",),
    *,
    announce: Callable[[str], None] = lambda title: None,
    progress: bool = False,
) -> Tour:
    """Make the tour in the folder `out`, the first language in it and another one in a folder within.

    `announce` is called with the title of each picture when it is made; `progress` shows a progress bar while the
    network learns. Raises OutputError when `out` cannot be written, or holds anything but an earlier tour.
    """
    start = time.perf_counter()
    out = Path(os.path.abspath(out))
    _require_replaceable(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as problem:
        raise _cannot_write(out, problem) from problem
    try:
        training = None if network.missing() else network.train(progress)
        made: list[Made] = []
        pages = []
        for language in languages:
            folder = unfinished if language == languages[0] else unfinished / language
            folder.mkdir(exist_ok=True)
            for station in stations():
                files = _draw(station, folder, language, training)
                announce(heading(station, language))
                made.append(Made(language, station, tuple(str(file.relative_to(unfinished)) for file in files)))
            others = {other: _link(language, other, languages) for other in languages if other != language}
            (folder / "index.html").write_text(page(language, stations(), training, others), encoding="utf-8")
            pages.append(out / folder.relative_to(unfinished) / "index.html")
        _write_manifest(unfinished)
        _move(unfinished, out)
    except OSError as problem:
        if isinstance(problem, OutputError):
            raise
        raise _cannot_write(out, problem) from problem
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    accuracy = None if training is None else training.accuracy
    return Tour(out, tuple(pages), tuple(made), accuracy, network.missing(), time.perf_counter() - start)


def _draw(station: Station, folder: Path, lang: Language, training: Any) -> list[Path]:
    files = [folder / f"{file_name(station)}.{ending}" for ending in ("svg", "png")]
    if isinstance(station, FunctionStation):
        from chainrule.drawing import draw  # late: matplotlib takes half a second to start

        drawing = draw(station.function, lang=lang, title=heading(station, lang))
        for file in files:
            drawing.save(file)
    elif isinstance(station, CompositionStation):
        graph = station.graph()
        for file in files:
            graph.save(file, lang=lang)
    else:
        figure = network.draw(training, lang)
        for file in files:
            figure.savefig(file, dpi=150)
    return files


def _link(source: Language, target: Language, languages: Sequence[Language]) -> str:
    """The address of the page in another language, seen from the page in `source`."""
    up = "" if source == languages[0] else "../"
    return f"{up}index.html" if target == languages[0] else f"{up}{target}/index.html"


# ── the folder ──


def _require_replaceable(out: Path) -> None:
    """Refuse a target that is not a folder, or a folder with files that no earlier tour wrote."""
    if not out.exists():
        return
    if not out.is_dir():
        raise OutputError(f"cannot make the tour in {out}: it is not a folder. Name another one.")
    try:
        listed = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        listed = []
    foreign = sorted(_files(out) - set(listed) - {MANIFEST})
    if foreign:
        raise OutputError(
            f"cannot make the tour in {out}: it holds other files ({foreign[0]}), which would be lost. "
            "Name a new folder."
        )


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def _write_manifest(folder: Path) -> None:
    """List the tour's files, so that a later tour knows which it may replace."""
    content = {"files": sorted(_files(folder))}
    (folder / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _move(unfinished: Path, out: Path) -> None:
    umask = os.umask(0)
    os.umask(umask)
    unfinished.chmod(0o777 & ~umask)  # mkdtemp makes folders that only their owner can read
    old = unfinished.with_name(f"{unfinished.name}.old")
    if out.exists():
        out.replace(old)
    try:
        unfinished.replace(out)
    except OSError:
        if old.exists():
            old.replace(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _cannot_write(out: Path, problem: OSError) -> OutputError:
    return OutputError(
        f"cannot make the tour in {out}: {problem.strerror or problem}. Name a folder that you may write to."
    )
