"""`chainrule draw`: a function with its tangent, and beside it its derivative, as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule.cli.arguments import LANGUAGE, NUMBER, read_function, takes_formula
from chainrule.cli.failures import of_users_code
from chainrule.cli.output import console


@click.command("draw", context_settings=takes_formula)
@click.argument("function")
@click.option("--at", type=NUMBER, help="The point of the tangent; by default 1.")
@click.option("--over", type=NUMBER, nargs=2, metavar="FROM TO", help="The interval of x; by default -5 5.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("drawing.png"),
    help="The picture's file: .png, .svg or .pdf; by default drawing.png.",
)  # fmt: skip
@click.option("--lang", type=LANGUAGE, default="en", help="The language of the labels.")
def command(
    function: str, at: float | None, over: tuple[float, float] | None, output: Path, lang: str
) -> None:
    """Draw FUNCTION with its tangent at a point, and beside it its derivative.

    FUNCTION is a formula, or module:function for a NumPy function of one variable in the current folder. Curves are
    cut at poles and jumps; stretches outside the domain are hatched.

    \b
    chainrule draw "x^3 - 2x" --at 1 --over -2 2 -o cubic.png
    chainrule draw "sin(x)/x" --at π --over -10 10 -o wave.svg
    chainrule draw model:activation --lang zh
    """
    given = read_function(function)
    with of_users_code(given.name):
        from chainrule.drawing import draw  # late: matplotlib takes half a second to start

        drawing = draw(given.function, at, over, lang=lang)
    tangent = drawing.data.tangent
    drawing.save(output)
    variable = drawing.data.variable
    console().print(
        f"{output}: at {variable} = {tangent.x:.6g} the value is {tangent.y:.6g} and the slope {tangent.slope:.6g}"
    )
