"""`chainrule graph`: the computation as a picture, values flowing forward and gradients flowing back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chainrule.cli.arguments import LANGUAGE, check_defined, read_function, read_values, takes_formula
from chainrule.cli.echoing import echo
from chainrule.cli.failures import of_users_code
from chainrule.cli.output import fits, opened, print_json

SUFFIXES = (".svg", ".png", ".pdf", ".gif")


@click.command("graph", context_settings=takes_formula, short_help="The graph on which gradients flow back.")
@click.argument("function")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="The picture's file: .svg, .png, .pdf, or .gif for a moving one; without it the steps are printed.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print nodes and edges as JSON.")
@click.option("--open", "open_it", is_flag=True, help="Show the picture that was written.")
@click.option("--lang", type=LANGUAGE, default="en", help="The language of the labels and the steps.")
def command(
    function: str, values: tuple[str, ...], output: Path | None, as_json: bool, open_it: bool, lang: Any
) -> None:
    """Record FUNCTION at a point: the values that flow forward, the gradients that flow back.

    FUNCTION is a formula, or module:function in the current folder. A value is a number or a formula for one (x=π/2),
    numbers with commas between them (x=1,2,3), or a file (x=data.npy, x=data.csv).

    \b
    chainrule graph "tanh(sin(x) * e^x) / (1 + x^2)" x=1 -o graph.svg
    chainrule graph "x*y + sin(x)" x=0.5 y=2
    chainrule graph model:loss weights=weights.npy -o loss.png --open
    """
    given = read_function(function)
    at = read_values(values, given, lang)
    fits(output, SUFFIXES, "a graph")
    from chainrule.graphs.building import graph  # late: `chainrule graph --help` needs no engine

    check_defined(given, at)
    with of_users_code(given.name):
        made = graph(given.function, *at.values())
    given.say_notes(lang, to_stderr=as_json)
    if as_json:
        print_json(_as_data(made))
    if output is not None:
        made.save(output, lang=lang)
        opened(output, open_it)
    elif not as_json:
        for step in made.steps():
            echo(step.sentence(lang))


def _as_data(made: Any) -> dict[str, object]:
    return {
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind,
                "operation": node.operation,
                "symbol": node.symbol,
                "value": _plain(node.value),
                "gradient": _plain(node.gradient),
                "line": None if node.where is None else f"{node.where[0]}:{node.where[1]}",
            }
            for node in made.nodes
        ],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "position": edge.position,
                "local": _plain(edge.local),
                "contribution": _plain(edge.contribution),
            }
            for edge in made.edges
        ],
        "outputs": list(made.outputs),
    }


def _plain(value: object) -> object:
    """A number as it is, the facts of an array, a formula's text; None for what was not computed."""
    from dataclasses import asdict, is_dataclass

    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, complex):
        return [value.real, value.imag]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
