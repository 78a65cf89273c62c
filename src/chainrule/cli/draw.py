"""`chainrule draw`: a function with its tangent, and beside it its derivative, as a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chainrule.cli.arguments import LANGUAGE, NUMBER, Given, number, read_function, takes_formula
from chainrule.cli.failures import Failure, Mistyped, of_users_code
from chainrule.cli.output import console, print_json
from chainrule.errors import ChainruleError
from chainrule.showing.language import Language

if TYPE_CHECKING:
    from chainrule.drawing.picture import Picture

WORDS = {
    "en": {
        "point": "{file}: at {variable} = {x} the value is {y} and the slope {slope}",
        "none": "{file}: at {variable} = {x} there is no value",
        "secant": "  secant, h = {h}: slope {slope}",
        "through": "  tangent at ({x}, {y}): slope {slope}",
        "root": "  root: {variable} = {x}",
        "maximum": "  maximum: ({x}, {y})",
        "minimum": "  minimum: ({x}, {y})",
        "inflection": "  inflection: ({x}, {y})",
        "unmarked": "  no roots, extrema or inflections here",
        "band": "  {name} turns about {turns:,} times where it is drawn as its envelope",
        "twice": "{name} is given twice",
    },
    "zh": {
        "point": "{file}：在 {variable} = {x} 处函数值为 {y}，斜率为 {slope}",
        "none": "{file}：在 {variable} = {x} 处没有值",
        "secant": "  割线，h = {h}：斜率 {slope}",
        "through": "  ({x}, {y}) 处的切线：斜率 {slope}",
        "root": "  零点：{variable} = {x}",
        "maximum": "  极大值点：({x}, {y})",
        "minimum": "  极小值点：({x}, {y})",
        "inflection": "  拐点：({x}, {y})",
        "unmarked": "  此区间没有零点、极值点与拐点",
        "band": "  {name} 约有 {turns:,} 次起伏的部分只画出包络",
        "twice": "{name} 给出了两次",
    },
}
_ASSIGNMENT = re.compile(r"\s*([^\W\d]\w*)\s*[=＝](?![=＝])(.+)")


@click.command("draw", context_settings=takes_formula, short_help="A function, its tangent and its derivative.")
@click.argument("words", nargs=-1, required=True, metavar="FUNCTION... [NAME=VALUE]...")
@click.option("--at", type=NUMBER, help="The point of the tangent; by default 1.")
@click.option("--over", type=NUMBER, nargs=2, metavar="FROM TO", help="The interval of x; by default -5 5.")
@click.option(
    "--secant", type=NUMBER, multiple=True, metavar="H",
    help="Draw the secant through the points at x and x + H, with its slope; may be given several times.",
)  # fmt: skip
@click.option("--order", type=int, default=1, metavar="N", help="Draw derivatives up to the N-th, at most the fourth.")
@click.option("--mark", is_flag=True, help="Mark zeros, maxima, minima and points of inflection, and print them.")
@click.option(
    "--through", type=NUMBER, nargs=2, metavar="X Y", help="Draw the tangents that go through the point (X, Y)."
)
@click.option("--equal", is_flag=True, help="Units of the same length on both axes of the function.")
@click.option("--stacked", is_flag=True, help="The derivative below the function, not beside it.")
@click.option("--json", "as_json", is_flag=True, help="Print the curves and points as JSON, and draw nothing.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("drawing.png"),
    help="The picture's file: .png, .jpg, .svg, .pdf, or .html with a point to move; by default drawing.png.",
)  # fmt: skip
@click.option("--open", "open_it", is_flag=True, help="Show the picture that was written.")
@click.option("--lang", type=LANGUAGE, default="en", is_eager=True, help="The language of the labels.")
def command(
    words: tuple[str, ...],
    at: float | None,
    over: tuple[float, float] | None,
    secant: tuple[float, ...],
    order: int,
    mark: bool,
    through: tuple[float, float] | None,
    equal: bool,
    stacked: bool,
    as_json: bool,
    output: Path,
    open_it: bool,
    lang: Language,
) -> None:
    """Draw FUNCTION with its tangent at a point, and beside it its derivative.

    FUNCTION is a formula, or module:function for a NumPy function of one variable in the current folder. Several are
    drawn on the same axes. Further variables take values, as in a=2. Curves are cut at poles and jumps; stretches
    outside the domain are hatched; a curve that swings too fast for the picture is shown by its envelope.

    \b
    chainrule draw "x^3 - 2x" --at 1 --over -2 2 --mark -o cubic.png
    chainrule draw "x^2" --at 1 --secant 2 --secant 1 --secant 0.5
    chainrule draw "sin(x)" "cos(x)" --order 2 --over -π π
    chainrule draw "a*x^2 + b" a=2 b=-1 --through 0 -3
    chainrule draw "x^3 - 2x" -o cubic.html --open
    chainrule draw model:activation --lang zh
    """
    given, parameters = _read(words, lang)
    functions = [each.function for each in given]
    options: dict[str, Any] = {"secant": secant or None, "order": order, "mark": mark, "through": through}
    options |= {"parameters": parameters, "equal": equal}
    try:
        with of_users_code(given[0].name):
            if as_json:
                from chainrule.drawing.curve import describe  # late: matplotlib takes half a second to start
                from chainrule.drawing.data import as_data

                described = {"secants": options.pop("secant"), "outside": options.pop("through")}
                print_json(as_data(describe(functions, at, over, **options, **described)))
                return
            from chainrule.drawing import draw

            moving = output.suffix.lower() in (".html", ".htm")
            drawing = draw(functions, at, over, **options, stacked=stacked, interactive=moving, lang=lang)
    except ChainruleError as problem:
        _retold(problem, lang)
        raise
    drawing.save(output)
    for line in _lines(drawing.data, str(output), WORDS[lang]):
        console().print(line, markup=False, soft_wrap=True)
    for each in given:
        each.say_notes(lang)
    if open_it:
        click.launch(str(output))


def _read(words: tuple[str, ...], lang: Language) -> tuple[list[Given], dict[str, float]]:
    """The functions and the values of parameters among the words.

    `a=2` is a value, and so is `y=2` where a function has a y; `y = x^2` is a function.
    """
    assigned = [_ASSIGNMENT.fullmatch(word) if place else None for place, word in enumerate(words)]
    given = [read_function(word) for word, match in zip(words, assigned, strict=True) if match is None]
    parameters: dict[str, float] = {}
    for word, match in zip(words, assigned, strict=True):
        if match is None:
            continue
        names = [name for each in given if (name := each.variable(match[1])) is not None]
        if not names and read_function(match[2]).variables:
            given.append(read_function(word))
            continue
        name = names[0] if names else match[1]
        if name in parameters:
            raise Mistyped(WORDS[lang]["twice"].format(name=name))
        parameters[name] = number(match[2].strip(), lang)
    return given, parameters


def _retold(problem: ChainruleError, lang: Language) -> None:
    """Raise the error again in the words of the command line, if it has them."""
    from chainrule.drawing.faults import Message  # late: an error is rare

    if problem.args and isinstance(problem.args[0], Message):
        raise Failure(problem.args[0].said(lang, command=True)) from problem


def _lines(picture: Picture, file: str, words: dict[str, str]) -> Iterator[str]:
    """What was drawn, in words: the point, and whatever was asked for besides."""
    from chainrule.drawing.captions import derivative_name  # late, as above

    x = picture.variable
    for each in (picture, *picture.others):
        tangent = each.tangent
        where = file if not picture.others else f"{file}, {each.name}"
        numbers = {"x": f"{tangent.x:.6g}", "y": f"{tangent.y:.6g}", "slope": f"{tangent.slope:.6g}"}
        known = "point" if tangent.y == tangent.y else "none"
        yield words[known].format(file=where, variable=x, **numbers)
        for secant in each.secants:
            yield words["secant"].format(h=f"{secant.h:.6g}", slope=f"{secant.slope:.6g}")
        for touching in each.tangents:
            numbers = {"x": f"{touching.x:.6g}", "y": f"{touching.y:.6g}", "slope": f"{touching.slope:.6g}"}
            yield words["through"].format(**numbers)
        for point in each.special or ():
            yield words[point.kind].format(variable=x, x=f"{point.x:.6g}", y=f"{point.y:.6g}")
        if each.special == ():
            yield words["unmarked"]
        for order, curve in enumerate(each.curves):
            if curve.bands:
                turns = sum(band.turns for band in curve.bands)
                yield words["band"].format(name=derivative_name(each.name, order), turns=turns)
