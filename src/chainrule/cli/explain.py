"""`chainrule explain`: the derivation of a derivative, with the name of every rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chainrule.cli.arguments import LANGUAGE, check_defined, read_function, read_values, takes_formula
from chainrule.cli.echoing import echo
from chainrule.cli.failures import of_users_code
from chainrule.cli.output import console, fits, print_json, written

FORMS = {".html": "html", ".tex": "latex_document", ".md": "markdown", ".txt": "text"}


@click.command("explain", context_settings=takes_formula, short_help="The derivation, rule by rule.")
@click.argument("function")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with every digit.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the derivation to a file: .html, .tex, .md or .txt.",
)  # fmt: skip
@click.option("--open", "open_it", is_flag=True, help="Show the file that was written.")
@click.option("--lang", type=LANGUAGE, default="en", help="The language of the derivation.")
def command(
    function: str, values: tuple[str, ...], as_json: bool, output: Path | None, open_it: bool, lang: Any
) -> None:
    """Derive the derivative of FUNCTION and name every rule on the way.

    FUNCTION is a formula, which needs no values, or module:function in the current folder. With values the numbers
    stand beside the symbols. A value is a number or a formula for one (x=π/2), or a file (x=data.npy, x=data.csv).

    \b
    chainrule explain "x^2 * sin(x)"
    chainrule explain "tanh(x)/(1 + x^2)" x=0.5
    chainrule explain "x*y + sin(x)" x=0.5 y=2 --lang zh -o derivation.html
    """
    given = read_function(function)
    at = read_values(values, given, lang) if values or given.formula is None else {}
    fits(output, FORMS, "a derivation")
    from chainrule.explanation import explain  # late: `chainrule explain --help` needs no engine
    from chainrule.explanation.data import as_data

    if at:
        check_defined(given, at)
    with of_users_code(given.name):
        derivation = explain(given.function, *at.values(), lang=lang)
    if as_json:
        print_json(as_data(derivation, lang))
    elif output is None:
        console().print(derivation) if console().is_terminal else echo(derivation.text().rstrip())
    else:
        written(output, getattr(derivation, FORMS[output.suffix])(), open_it)
