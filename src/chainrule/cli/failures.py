"""Say what went wrong in words on stderr, without a traceback."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from chainrule.errors import ChainruleError, FormulaError


class Failure(click.ClickException):
    """A message for the user. The exit code is 1; see :class:`Mistyped`."""

    def show(self, file: IO[Any] | None = None) -> None:
        self.tell(self.message)

    @staticmethod
    def tell(message: str, heading: str = "error: ") -> None:
        """Print a message on stderr, after a heading in red."""
        from rich.console import Console  # late: only a failure needs it
        from rich.text import Text

        # soft_wrap: a line broken at the screen's edge would part the caret from its column.
        Console(stderr=True, soft_wrap=True).print(Text.assemble((heading, "bold red"), message))


class Mistyped(Failure):
    """What was typed cannot be understood: the exit code is 2."""

    exit_code = 2


@contextmanager
def readable() -> Iterator[None]:
    """Turn every error that chainrule raises on purpose into a :class:`Failure`."""
    try:
        yield
    except FormulaError as problem:
        raise Mistyped(str(problem)) from problem
    except ChainruleError as problem:
        raise Failure(str(problem)) from problem


@contextmanager
def of_users_code(name: str) -> Iterator[None]:
    """Turn an error inside the user's own function into a :class:`Failure` that names its last line there."""
    try:
        yield
    except (ChainruleError, click.ClickException):
        raise
    except Exception as problem:
        raise Failure(f"{name} raised {type(problem).__name__}: {problem}{_where(problem)}") from problem


def _where(problem: BaseException) -> str:
    installed = (str(Path(__file__).parents[1]), sys.prefix, sys.base_prefix)
    frames = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if not frame.filename.startswith((*installed, "<"))
    ]
    return f"\n  {Path(frames[-1].filename).name}:{frames[-1].lineno}: {frames[-1].line}" if frames else ""
