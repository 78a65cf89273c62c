"""`chainrule export`: the lab's page for one function, as one file that works offline."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule.cli.arguments import LANGUAGE, Given, number, read_function, takes_formula
from chainrule.cli.failures import Failure, Mistyped
from chainrule.cli.output import fits, written

_BETWEEN = ".."


@click.command("export", context_settings=takes_formula, short_help="An interactive page of one function.")
@click.argument("formula")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The page's file: .html."
)
@click.option("--over", help="The interval to draw, such as -5..5.")
@click.option("--order", type=click.IntRange(1, 4), default=1, help="The highest derivative to draw.")
@click.option("--open", "open_it", is_flag=True, help="Show the page that was written.")
@click.option("--lang", type=LANGUAGE, default="en", help="The language of the page.")
def command(
    formula: str, values: tuple[str, ...], output: Path, over: str | None, order: int, open_it: bool, lang: str
) -> None:
    """Write the lab's page for FORMULA: one file of HTML that works without a network or a server.

    The tangent is dragged, the derivative traced, and the graph steps forward and back; for a page of one's course, or
    for mail. With values the point starts there, and further variables have them.

    \b
    chainrule export "x^2 * sin(x)" -o page.html
    chainrule export "a*sin(b*x)" a=2 b=3 x=1 --over -5..5 -o wave.html --lang zh
    """
    fits(output, (".html",), "a page")
    from chainrule.lab.export import exported  # late: `chainrule export --help` needs no engine

    given = read_function(formula)
    if given.formula is None:
        raise Mistyped('a page is made of a formula, such as chainrule export "x^2" -o page.html')
    data = {"formula": formula, "lang": lang, "order": order, "over": _interval(over, lang)}
    at = dict(_assignment(each, given, lang) for each in values)
    variable = "x" if "x" in given.variables else next(iter(given.variables), "x")
    data |= {"variable": variable if given.variables else None, "at": at.pop(variable, None), "values": at}
    made = exported(data)
    if "error" in made:
        raise Failure(made["error"]["reason"])
    written(output, made["page"], open_it)


def _assignment(typed: str, given: Given, lang: str) -> tuple[str, float]:
    name, equals, value = typed.replace("＝", "=", 1).partition("=")
    known = given.variable(name)
    if not equals or known is None:
        variables = ", ".join(given.variables) or "none"
        raise Mistyped(f"a variable's value is written like x=1.5, but got {typed!r}; the variables: {variables}")
    return known, number(value, lang)


def _interval(typed: str | None, lang: str) -> list[float] | None:
    if typed is None:
        return None
    low, between, high = typed.partition(_BETWEEN)
    if not between:
        raise Mistyped(f"an interval is written like -5..5, but got {typed!r}")
    return [number(low, lang), number(high, lang)]
