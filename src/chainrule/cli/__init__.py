"""The command line: `chainrule COMMAND`, one file for each command.

A new command is a module here with a click command called `command`, and one line in `COMMANDS`. It is imported
when it is asked for, so that `chainrule --help` starts quickly.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from chainrule.cli.echoing import echo
from chainrule.cli.failures import Failure, readable
from chainrule.cli.language import Speaking, SpeakingGroup, in_language, language_of, speak, spoken
from chainrule.showing.chinese import translated
from chainrule.showing.language import Language

COMMANDS = {
    "tour": "chainrule.cli.tour",
    "draw": "chainrule.cli.draw",
    "grad": "chainrule.cli.grad",
    "graph": "chainrule.cli.graph",
    "explain": "chainrule.cli.explain",
    "practice": "chainrule.cli.practice",
    "table": "chainrule.cli.table",
}


class _Commands(SpeakingGroup):
    """A group that imports a command at its first use and reports failures without a traceback, in its language."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return Speaking.of(import_module(COMMANDS[cmd_name]).command, spoken(ctx))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        speak(ctx, language_of(args))
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with readable():
            return super().invoke(ctx)

    def main(
        self, args: Sequence[str] | None = None, prog_name: str | None = None, complete_var: str | None = None,
        standalone_mode: bool = True, **extra: Any,
    ) -> Any:  # fmt: skip
        words = sys.argv[1:] if args is None else list(args)
        with _characters_that_fit():
            if not standalone_mode:
                return super().main(words, prog_name, complete_var, False, **extra)
            sys.exit(self._run(words, prog_name, complete_var, language_of(words), **extra))

    def _run(
        self, words: list[str], prog_name: str | None, complete_var: str | None, lang: Language, **extra: Any
    ) -> int:
        """Run a command to its exit code; whatever goes wrong is said."""
        try:
            found = super().main(words, prog_name, complete_var, False, **extra)
            sys.stdout.flush()
        except click.ClickException as problem:
            _report(problem, lang)
            return problem.exit_code
        except click.Abort:
            echo(translated("Aborted!", lang), err=True)
            return 1
        except OSError as problem:  # of the output itself: a pipe that was closed, a disk that is full
            _drop_output()
            if problem.errno != errno.EPIPE:
                reason = translated(problem.strerror or str(problem), lang)
                _report(Failure(f"the output could not be written: {reason}"), lang)
            return 1
        return found if isinstance(found, int) else 0


def _report(problem: click.ClickException, lang: Language) -> None:
    """Say on stderr what went wrong."""
    if isinstance(problem, Failure):
        Failure.tell(in_language(problem.message, lang), translated("error: ", lang))
    elif lang == "en":
        problem.show()
    else:
        if isinstance(problem, click.UsageError) and problem.ctx is not None:
            echo(problem.ctx.get_usage(), err=True)
            echo(translated(f"Try '{problem.ctx.command_path} --help' for help.", lang), err=True)
        Failure.tell(translated(problem.format_message(), lang), translated("error: ", lang))


@contextmanager
def _characters_that_fit() -> Iterator[None]:
    """What the encoding of stdout or stderr does not have is written in plainer characters, such as x^2 for x²."""
    changed = []
    for stream in (sys.stdout, sys.stderr):
        if not (stream.encoding or "").lower().replace("-", "").startswith("utf") and hasattr(stream, "reconfigure"):
            changed.append((stream, stream.errors))
            stream.reconfigure(errors="chainrule")
    try:
        yield
    finally:
        for stream, errors in changed:
            stream.reconfigure(errors=errors)


def _drop_output() -> None:
    """Let what is still to be written to stdout go nowhere: Python would try once more at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _print_version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"chainrule {import_module('chainrule').__version__}")
        ctx.exit()


@click.group(
    name="chainrule",
    cls=_Commands,
    epilog="Completion of commands and options in your shell: put the line "
    'eval "$(_CHAINRULE_COMPLETE=bash_source chainrule)" into ~/.bashrc, or with zsh_source into ~/.zshrc. '
    "Output is plain text when it is piped, and without colours when NO_COLOR is set.",
)
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), expose_value=False,
    help="The language of everything that is said; by default that of the system.",
)  # fmt: skip
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def main() -> None:
    """Derivatives of plain NumPy functions and typed formulas, with the work shown.

    \b
    chainrule tour                        every figure of the tutorial, as pages and pictures
    chainrule draw "x^3 - 2x" --at 1      a function, its tangent, its derivative
    chainrule grad "tanh(x)*x^2" x=1.5    its value and its gradient
    chainrule graph "x*sin(x)" x=1        values forward, gradients back, step by step
    chainrule explain "x*sin(x)"          the derivation, with every rule named
    chainrule practice --rule chain       exercises; a wrong answer's mistake is named
    chainrule table cosh                  what the table of derivatives says of cosh

    Each command explains itself: chainrule draw --help
    """
