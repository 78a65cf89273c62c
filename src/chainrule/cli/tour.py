"""`chainrule tour`: every figure of the tutorial and a network that learns, as pictures and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chainrule.cli.output import console, table
from chainrule.showing.language import Language

if TYPE_CHECKING:
    from rich.console import Console

    from chainrule.tour import Tour

LANGUAGES: dict[str, tuple[Language, ...]] = {"en": ("en",), "zh": ("zh",), "both": ("en", "zh")}
COLUMNS = {"en": ("figure", "file"), "zh": ("图", "文件")}

WORDS = {
    "en": {
        "drawing": "Drawing",
        "made": "{figures} figures, each as SVG and PNG, in {seconds:.1f} s.",
        "accuracy": "The network reads {accuracy:.1%} of the digits that it has not seen before.",
        "missing": 'The network was left out: it needs {missing}. Install it with: pip install "chainrule[examples]"',
        "open": "Open {page}",
    },
    "zh": {
        "drawing": "正在绘图",
        "made": "共 {figures} 幅图，每幅有 SVG 与 PNG，用时 {seconds:.1f} 秒。",
        "accuracy": "网络对未见过的数字识别正确率为 {accuracy:.1%}。",
        "missing": '略去了网络：它需要 {missing}。安装命令：pip install "chainrule[examples]"',
        "open": "请打开 {page}",
    },
}


@click.command("tour", short_help="Every figure of the tutorial, and a network that learns.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("tour"), metavar="DIR",
    help="The folder to make; by default tour. An earlier tour there is replaced.",
)  # fmt: skip
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", help="The language; by default en.")
def command(out: Path, lang: str) -> None:
    """Draw every figure of the tutorial, train a network, and write a page that explains them.

    The folder then holds index.html, which opens without a network, and every figure as SVG and PNG. With
    --lang both the Chinese page is in the folder zh within it.

    \b
    chainrule tour
    chainrule tour --lang zh --out 导览
    """
    from chainrule.tour import make_tour  # late: matplotlib takes half a second to start
    from chainrule.tour.make import stations

    languages = LANGUAGES[lang]
    screen = console()
    words = WORDS[languages[0]]
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    bar = Progress(*columns, TimeElapsedColumn(), console=screen, disable=not screen.is_terminal)
    task = bar.add_task(words["drawing"], total=len(stations()) * len(languages))

    def announce(title: str) -> None:
        bar.start()  # only now: while the network learns, its own progress bar is on the screen
        bar.update(task, advance=1, description=title)

    try:
        tour = make_tour(out, languages, announce=announce, progress=screen.is_terminal)
        bar.update(task, description=words["drawing"])
    finally:
        bar.stop()
    _print(tour, screen, languages[0])


def _print(tour: Tour, screen: Console, lang: Language) -> None:
    from chainrule.tour.plan import heading  # late, as above

    words = WORDS[lang]
    made = table(screen, *COLUMNS[lang])
    for each in tour.made:
        made.add_row(heading(each.station, each.language), each.files[0])
    screen.print(made, markup=False)
    screen.print(words["made"].format(figures=len(tour.made), seconds=tour.seconds))
    if tour.accuracy is not None:
        screen.print(words["accuracy"].format(accuracy=tour.accuracy))
    if tour.missing is not None:
        screen.print(words["missing"].format(missing=tour.missing), markup=False)
    for page in tour.pages:
        screen.print(words["open"].format(page=page), soft_wrap=True, markup=False)
