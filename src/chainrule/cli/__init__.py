"""The command line: `chainrule COMMAND`, one file for each command.

A new command is a module here with a click command called `command`, and one line in `COMMANDS`. It is imported
when it is asked for, so that `chainrule --help` starts quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from chainrule.cli.failures import readable

COMMANDS = {
    "tour": "chainrule.cli.tour",
    "draw": "chainrule.cli.draw",
    "grad": "chainrule.cli.grad",
    "graph": "chainrule.cli.graph",
    "explain": "chainrule.cli.explain",
    "practice": "chainrule.cli.practice",
    "table": "chainrule.cli.table",
    "lab": "chainrule.cli.lab",
    "export": "chainrule.cli.export",
}


class _Commands(click.Group):
    """A group that imports a command at its first use and reports failures without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        with readable():
            return super().invoke(ctx)


def _print_version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"chainrule {import_module('chainrule').__version__}")
        ctx.exit()


@click.group(
    cls=_Commands,
    epilog="Completion of commands and options in your shell: put the line "
    'eval "$(_CHAINRULE_COMPLETE=bash_source chainrule)" into ~/.bashrc, or with zsh_source into ~/.zshrc. '
    "Output is plain text when it is piped, and without colours when NO_COLOR is set.",
)
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
    chainrule lab                         a page on which all of this moves
    chainrule export "x^2" -o page.html   the same page for one function, as one file

    Each command explains itself: chainrule draw --help
    """
