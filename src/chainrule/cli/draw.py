"""`chainrule draw`: a function with its tangent, and beside it its derivative, as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule.cli.arguments import LANGUAGE, NUMBER, read_function, takes_formula
from chainrule.cli.failures import of_users_code
from chainrule.cli.output import console

SAID = {
    "en": "{file}: at {variable} = {x} the value is {y} and the slope {slope}",
    "zh": "{file}：在 {variable} = {x} 处函数值为 {y}，斜率为 {slope}",
}


@click.command("draw", context_settings=takes_formula, short_help="A function, its tangent and its derivative.")
@click.argument("function")
@click.option("--at", type=NUMBER, help="The point of the tangent; by default 1.")
@click.option("--over", type=NUMBER, nargs=2, metavar="FROM TO", help="The interval of x; by default -5 5.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("drawing.png"),
    help="The picture's file: .png, .svg or .pdf; by default drawing.png.",
)  # fmt: skip
@click.option("--open", "open_it", is_flag=True, help="Show the picture that was written.")
@click.option("--lang", type=LANGUAGE, default="en", is_eager=True, help="The language of the labels.")
def command(
    function: str, at: float | None, over: tuple[float, float] | None, output: Path, open_it: bool, lang: str
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
    drawing.save(output)
    tangent = drawing.data.tangent
    numbers = {"x": f"{tangent.x:.6g}", "y": f"{tangent.y:.6g}", "slope": f"{tangent.slope:.6g}"}
    said = SAID[lang].format(file=output, variable=drawing.data.variable, **numbers)
    console().print(said, markup=False, soft_wrap=True)
    given.say_notes(lang)
    if open_it:
        click.launch(str(output))
