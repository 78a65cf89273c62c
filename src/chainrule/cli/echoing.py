"""Print a line in the encoding of the terminal."""

from __future__ import annotations

import sys

import click


def echo(text: str = "", err: bool = False) -> None:
    """Print a line on stdout or stderr. Left to choose, click would write UTF-8 to a terminal that shows ASCII only."""
    click.echo(text, file=sys.stderr if err else sys.stdout)
