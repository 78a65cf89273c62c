"""Print for people on a screen, and plainly for programs behind a pipe."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from chainrule.cli.echoing import echo
from chainrule.cli.failures import Mistyped


def console() -> Console:
    """The console of stdout; behind a pipe its lines are wide, so that rows stay on one line."""
    made = Console(highlight=False)
    return made if made.is_terminal else on_paper()


def on_paper(file: IO[str] | None = None) -> Console:
    """A console of plain and wide lines that writes to `file`, by default to stdout."""
    return Console(highlight=False, width=240, file=file, no_color=True, force_terminal=False if file else None)


def table(on: Console, *columns: str, title: str | None = None) -> Table:
    """An empty table, with rules under its head on a screen and without any in a pipe."""
    made = Table(box=box.SIMPLE_HEAD if on.is_terminal else None, title=title, title_justify="left", pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def written(file: Path, text: str, open_it: bool) -> None:
    """Write a file of text, whole or not at all, and say so; see :func:`opened`."""
    from chainrule.showing.files import write_whole  # late: most commands only print

    write_whole(file, text.encode())
    opened(file, open_it)


def opened(file: Path, wanted: bool) -> None:
    """Say where a file was written, and show it in the program that the system has for it if that is wanted."""
    echo(str(file))
    if wanted:
        click.launch(str(file))


def print_json(content: Any) -> None:
    """Print `content` as JSON. Numbers that JSON does not have are the texts "nan", "inf" and "-inf"."""
    echo(as_json(content))


def as_json(content: Any) -> str:
    """`content` as the text of :func:`print_json`."""
    return json.dumps(_allowed(content), ensure_ascii=False, indent=1, allow_nan=False)


def as_json_line(content: Any) -> str:
    """`content` as JSON on one line."""
    return json.dumps(_allowed(content), ensure_ascii=False, allow_nan=False)


def fits(file: Path | None, suffixes: Iterable[str], what: str) -> None:
    """Refuse a file whose name does not end in one of `suffixes`."""
    if file is not None and file.suffix not in suffixes:
        raise Mistyped(f"{what} is written to {', '.join(suffixes)}, not to {file.suffix or file.name!r}")


def _allowed(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _allowed(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_allowed(value) for value in content]
    return str(content) if isinstance(content, float) and not math.isfinite(content) else content
