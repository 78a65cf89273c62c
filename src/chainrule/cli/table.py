"""`chainrule table`: the table of derivatives, as the engine uses it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from chainrule.cli import elementary
from chainrule.cli.arguments import LANGUAGE
from chainrule.cli.failures import Failure
from chainrule.cli.output import as_json as json_text
from chainrule.cli.output import console, fits, on_paper, print_json, table, written
from chainrule.showing.chinese import translated_source
from chainrule.showing.language import Language

if TYPE_CHECKING:
    from chainrule.formula.expression import Expression
    from chainrule.rules import Rule

SUFFIXES = (".md", ".txt", ".json")
ALSO_CALLED = {
    "log": "ln", "absolute": "abs", "sign": "sgn", "arcsin": "asin", "arccos": "acos", "arctan": "atan tg⁻¹",
    "tan": "tg", "power": "pow ^ **", "multiply": "* × times product", "divide": "/ ÷ quotient", "add": "+ sum",
    "subtract": "- − difference", "matmul": "@",
}  # fmt: skip

COLUMNS = {
    "en": ("name", "function", "derivative", "defined where", "except", "source"),
    "zh": ("名称", "函数", "导数", "定义域", "例外", "来源"),
}
WORDS = {
    "en": {
        "exception": "where {condition}: {partials} ({reason})",
        "composite": "by the functions that it is made of",
        "constant": "none: its result does not change continuously",
        "array": "a rule for whole arrays, forward and reverse",
        "nothing": "the table has no function like {word}",
        "similar": "Similar: {names}.",
        "more": "With --all: every NumPy and SciPy function that has a rule.",
    },
    "zh": {
        "exception": "当 {condition}：{partials}（{reason}）",
        "composite": "由组成它的函数得出",
        "constant": "无：结果不连续变化",
        "array": "对整个数组的规则，正向与反向",
        "nothing": "表中没有类似 {word} 的函数",
        "similar": "相近的有：{names}。",
        "more": "加上 --all 可列出有求导规则的全部 NumPy 与 SciPy 函数。",
    },
}  # fmt: skip



@dataclass(frozen=True)
class Exceptional:
    """Where `condition` holds, these derivatives hold (None: as usual), because of `reason`."""

    condition: str
    derivatives: tuple[str | None, ...]
    reason: str


@dataclass(frozen=True)
class Row:
    """What the table says of one function, in text. `kind` is "elementwise", "array", "composite" or "constant"."""

    name: str
    kind: str
    function: str
    derivatives: tuple[str | None, ...] = ()
    domain: str | None = None
    exceptions: tuple[Exceptional, ...] = ()
    source: str = ""


@click.command("table", short_help="The table of derivatives.")
@click.argument("word", required=False, default="")
@click.option("--all", "whole", is_flag=True, help="The whole table: every NumPy and SciPy function that has a rule.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file: .md, .txt or .json."
)
@click.option("--open", "open_it", is_flag=True, help="Show the file that was written.")
@click.option("--lang", type=LANGUAGE, default="en", help="The language of the headings.")
def command(word: str, whole: bool, as_json: bool, output: Path | None, open_it: bool, lang: Language) -> None:
    """Print the table of derivatives as a textbook has it: the elementary functions.

    With WORD, only the functions that it names, in English, Chinese or as a formula, the closest first. A word that is
    in no textbook is looked up in the whole table, from which every gradient is computed; --all looks there at once.

    \b
    chainrule table
    chainrule table logarithm
    chainrule table 正弦 --lang zh
    chainrule table --all erf
    chainrule table -o derivatives.md
    """
    fits(output, SUFFIXES, "the table")
    if not whole and (short := elementary.lines(word)):
        _write_short(short, as_json, output, open_it, lang)
        if not word and output is None and not as_json:
            click.echo(WORDS[lang]["more"], err=True)
        return
    found = search(rows(), word)
    if not found:
        words = WORDS[lang]
        similar = difflib.get_close_matches(word, sorted({row.name for row in rows()}), cutoff=0.5)
        hint = " " + words["similar"].format(names=", ".join(similar)) if similar else ""
        raise Failure(words["nothing"].format(word=word) + "." + hint)
    data = [asdict(row) for row in found]
    if as_json:
        print_json(data)
    if output is not None:
        written(output, _file(output.suffix, found, data, lang), open_it)
    elif not as_json:
        _print(console(), found, lang)


def _write_short(
    lines: list[elementary.Line], as_json: bool, output: Path | None, open_it: bool, lang: Language
) -> None:
    """Print the lines of the textbook's table, or write them to a file."""
    data = [line.data() for line in lines]
    if as_json:
        print_json(data)
    columns, cells = COLUMNS[lang][:4], [line.cells(lang) for line in lines]
    if output is None:
        if not as_json:
            _print_cells(console(), columns, cells)
        return
    if output.suffix == ".json":
        written(output, json_text(data), open_it)
    elif output.suffix == ".md":
        written(output, _as_markdown(columns, cells), open_it)
    else:
        file = StringIO()
        _print_cells(on_paper(file), columns, cells)
        written(output, file.getvalue(), open_it)


def _file(suffix: str, found: list[Row], data: list[dict[str, object]], lang: str) -> str:
    if suffix == ".json":
        return json_text(data)
    if suffix == ".md":
        return _markdown(found, lang)
    file = StringIO()
    _print(on_paper(file), found, lang)
    return file.getvalue()


def rows() -> list[Row]:
    """Every row of the table, in the table's order."""
    from chainrule.rules import every_rule  # late: `chainrule table --help` needs no rules

    return [_row(rule) for rule in every_rule()]


def search(among: list[Row], word: str) -> list[Row]:
    """The rows that contain `word`: first in the whole name, then within a name, then within a formula."""
    wanted = word.strip().lower()
    if not wanted:
        return among
    ranks: list[list[Row]] = [[], [], []]
    for row in among:
        names = [row.name, *ALSO_CALLED.get(row.name, "").split()]
        if wanted in names:
            ranks[0].append(row)
        elif any(wanted in name for name in names):
            ranks[1].append(row)
        elif any(wanted in formula.lower() for formula in (row.function, *row.derivatives) if formula):
            ranks[2].append(row)
    return [row for rank in ranks for row in rank]


def _row(rule: Rule) -> Row:
    from chainrule.formula.expression import call, substitute, symbols  # late, as above
    from chainrule.formula.text import text
    from chainrule.rules import Composite, Elementwise, Piecewise

    if isinstance(rule, Elementwise):
        function = call(rule.function, *symbols(" ".join(rule.arguments)))

        def written(formula: Expression | None) -> str | None:
            return None if formula is None else text(substitute(formula, {"out": function}))

        return Row(
            rule.name,
            "elementwise",
            text(function),
            tuple(written(partial) for partial in rule.partials),
            written(rule.domain),
            tuple(
                Exceptional(text(row.condition), tuple(written(partial) for partial in row.partials), row.reason)
                for row in rule.at
            ),
            rule.source,
        )
    kind = "composite" if isinstance(rule, Composite) else "constant" if isinstance(rule, Piecewise) else "array"
    return Row(rule.name, kind, "", source=getattr(rule, "source", ""))


def _print(out: Console, found: list[Row], lang: str) -> None:
    _print_cells(out, COLUMNS[lang], _cells(found, lang))


def _print_cells(out: Console, columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    made = table(out, *columns)
    for cells in rows:
        made.add_row(*cells)
    out.print(made, markup=False)


def _markdown(found: list[Row], lang: str) -> str:
    return _as_markdown(COLUMNS[lang], _cells(found, lang))


def _as_markdown(columns: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown; a bar within a formula, as in |x|, would end its cell."""
    rows = [columns, ("---",) * len(columns), *cells]
    escaped = [[cell.replace("|", "\\|").replace("*", "\\*").replace("\n", "<br>") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in escaped)


def _cells(found: list[Row], lang: str) -> Iterator[tuple[str, ...]]:
    """Each row as texts, in the order of `COLUMNS`."""
    words = WORDS[lang]
    for row in found:
        exceptions = [
            words["exception"].format(
                condition=each.condition,
                partials=_partials(each.derivatives),
                reason=_said(each.reason, lang),
            )
            for each in row.exceptions
        ]
        derivative = _partials(row.derivatives) if row.kind == "elementwise" else words[row.kind]
        source = translated_source(row.source, lang)
        yield row.name, row.function, derivative, row.domain or "", "\n".join(exceptions), source


def _said(reason: str, lang: str) -> str:
    """The reason of an exceptional row in a language."""
    from chainrule.explanation.words import reason as in_both  # late, as above

    phrase = in_both(reason)
    return phrase.zh if lang == "zh" else phrase.en


def _partials(derivatives: tuple[str | None, ...]) -> str:
    if len(derivatives) == 1:
        return derivatives[0] or ""
    return ", ".join(f"∂{name}: {each}" for name, each in zip("xyz", derivatives, strict=False) if each is not None)
