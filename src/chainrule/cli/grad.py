"""`chainrule grad`: the value of a function and its gradient at a point."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from chainrule.cli.arguments import LANGUAGE, Given, check_defined, no_value, read_function, read_values, takes_formula
from chainrule.cli.failures import of_users_code
from chainrule.cli.output import as_json as json_text
from chainrule.cli.output import console, fits, on_paper, print_json, table, written
from chainrule.errors import DomainError, ShapeError

SUFFIXES = (".txt", ".json")
_LONGEST_FORMULA = 60
WORDS = {
    "en": ("variable", "at", "gradient", "derivative", "value", "The gradient is that of the sum of all values: {}"),
    "zh": ("变量", "取值", "梯度", "导数", "函数值", "梯度是所有函数值之和的梯度：{}"),
}


@click.command("grad", context_settings=takes_formula, short_help="The value of a function and its gradient.")
@click.argument("function")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with every digit.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="Write what would be printed to a file: .txt, or .json with every digit.",
)  # fmt: skip
@click.option("--open", "open_it", is_flag=True, help="Show the file that was written.")
@click.option("--lang", type=LANGUAGE, default="en", help="The language of the labels.")
def command(
    function: str, values: tuple[str, ...], as_json: bool, output: Path | None, open_it: bool, lang: str
) -> None:
    """Print the value of FUNCTION and its gradient by every variable.

    FUNCTION is a formula, or module:function in the current folder. A variable's value is a number or a formula for
    one (x=π/2), numbers with commas between them (x=1,2,3), or a file (x=data.npy, x=data.csv). A formula acts on
    arrays entry by entry, and the gradient is then that of the sum of all values.

    \b
    chainrule grad "tanh(x)*x^2" x=1.5
    chainrule grad "x*y + sin(x)" x=0.5 y=2 --json
    chainrule grad "x^2" x=data.csv -o gradient.json
    chainrule grad model:loss weights=weights.npy
    """
    given = read_function(function)
    at = read_values(values, given, lang)
    fits(output, SUFFIXES, "a gradient")
    check_defined(given, at)
    with of_users_code(given.name):
        value, gradient = _value_and_gradient(given, at)
    arrays = {"value": value.tolist(), "gradient": {name: g.tolist() for name, g in gradient.items()}}
    data = {"function": function, **arrays}
    if as_json:
        print_json(data)
        given.say_notes(lang, to_stderr=True)
    if output is not None and output.suffix == ".json":
        written(output, json_text(data), open_it)
    elif output is not None:
        file = StringIO()
        _print(on_paper(file), given, at, value, gradient, lang)
        written(output, file.getvalue(), open_it)
    elif not as_json:
        _print(console(), given, at, value, gradient, lang)


def _value_and_gradient(given: Given, at: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    import numpy as np  # late: `chainrule grad --help` needs no engine

    from chainrule.transforms.directions import vjp

    with np.errstate(all="ignore"):  # a point outside the domain is told below, in words
        value, pullback = vjp(given.function, *at.values())
        gradient = pullback(np.ones(value.shape, value.dtype)[()]) if at and hasattr(value, "dtype") else ()
    if not isinstance(value, (np.ndarray, np.generic)):
        raise ShapeError(f"{given.name} returned a {type(value).__name__}; grad needs one number or one array")
    if np.ndim(value) == 0 and np.isnan(value):
        raise DomainError(no_value(at))
    return value, dict(zip(at, gradient, strict=True))


def _print(out: Console, given: Given, at: dict[str, Any], value: Any, gradient: dict[str, Any], lang: str) -> None:
    variable, point, slope, derivative, result, of_sum = WORDS[lang]
    formula = f"{given.formula.text()} = " if given.formula is not None else f"{result}: "
    out.print(f"{formula}{_shown(value)}", markup=False)
    if value.ndim:
        out.print(of_sum.format(_shown(value.sum())), markup=False)
    for line in given.notes(lang):
        out.print(line, markup=False, soft_wrap=True)
    if not gradient:
        return
    formulas = {name: _derivative_text(given, name) for name in gradient}
    columns = [variable, point, slope] + ([derivative] if any(formulas.values()) else [])
    made = table(out, *columns)
    for name, part in gradient.items():
        row = [name, _shown(at[name]), _shown(part)]
        made.add_row(*row, *([formulas[name]] if any(formulas.values()) else []))
    out.print(made, markup=False)


def _derivative_text(given: Given, name: str) -> str:
    if given.formula is None:
        return ""
    from chainrule.formula.text import text
    from chainrule.formula.textbook import textbook
    from chainrule.rules.symbolic import derivative_expression

    shown = text(textbook(derivative_expression(given.formula.expression, name)))
    return shown if len(shown) <= _LONGEST_FORMULA else ""


def _shown(value: Any) -> str:
    import numpy as np

    if np.ndim(value) == 0:
        return f"{value:.10g}"
    short = np.array2string(np.asarray(value), precision=6, threshold=20, edgeitems=3, separator=", ")
    return short if "\n" not in short else f"{np.shape(value)} {short.splitlines()[0]} …"
