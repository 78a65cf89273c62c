"""The language of the command line: chosen by --lang or by the system, in its help and in every error."""

from __future__ import annotations

import codecs
import copy
import inspect
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import click

from chainrule.showing.chinese import translated
from chainrule.showing.chinese.command_line import HELP
from chainrule.showing.columns import columns, filled
from chainrule.showing.language import Language

_META = "chainrule.language"
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as for other programs


def language_of(words: Sequence[str], system: Mapping[str, str] | None = None) -> Language:
    """The language that is asked for: by --lang among the words of a command, or else by the system's variables.

    Chinese that the system's encoding cannot show is not chosen by itself.

    >>> language_of(["table", "--lang", "zh"]), language_of(["table"], {"LANG": "zh_CN.UTF-8"})
    ('zh', 'zh')
    """
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option == "--lang":
            value = value if equals else next(iter(words[place + 1 :]), "")
            return "zh" if value == "zh" else "en"
    system = os.environ if system is None else system
    chosen = next((system[name] for name in _VARIABLES if system.get(name)), "")
    return "zh" if chosen.startswith("zh") and _holds_chinese(sys.stdout.encoding or "utf-8") else "en"


def _holds_chinese(encoding: str) -> bool:
    try:
        "导数".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def spoken(ctx: click.Context | None = None) -> Language:
    """The language of the command that is running."""
    ctx = click.get_current_context(silent=True) if ctx is None else ctx
    found: Language = "en" if ctx is None else ctx.meta.get(_META, "en")
    return found


def speak(ctx: click.Context, lang: Language) -> None:
    """Set the language of a command and of those below it."""
    ctx.meta[_META] = lang


def in_language(message: str, lang: Language) -> str:
    """An error's message in a language: its first line is the sentence, and what follows shows the place."""
    head, line_break, rest = message.partition("\n")
    return translated(head, lang) + line_break + rest


class Speaking(click.Command):
    """A command whose help is in the language of the command line."""

    @classmethod
    def of(cls, command: click.Command, lang: Language) -> Speaking:
        """`command` with help in both languages; `lang` is what its --lang is by default."""
        parameters = [copy.copy(parameter) for parameter in command.params]
        for parameter in parameters:
            if parameter.name == "lang" and parameter.default == "en":
                parameter.default = lang
        return cls(
            command.name, callback=command.callback, params=parameters, help=command.help,
            short_help=command.short_help, context_settings=command.context_settings,
        )  # fmt: skip

    def get_short_help_str(self, limit: int = 45) -> str:
        return translated(super().get_short_help_str(limit), spoken())

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        prefix = translated("Usage: ", spoken(ctx))
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=prefix)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if spoken(ctx) == "en":
            super().format_help_text(ctx, formatter)
        else:
            formatter.write_paragraph()
            _write_chinese(HELP[str(self.name)], formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if spoken(ctx) == "en":
            super().format_options(ctx, formatter)
            return
        records = [_record(parameter, ctx) for parameter in self.get_params(ctx)]
        _write_list(translated("Options", "zh"), [record for record in records if record is not None], formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.epilog and spoken(ctx) == "zh":
            formatter.write_paragraph()
            _write_chinese(HELP["epilog"], formatter)
        else:
            super().format_epilog(ctx, formatter)


class SpeakingGroup(Speaking, click.Group):
    """A group of commands whose help is in the language of the command line."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if spoken(ctx) == "en":
            click.Group.format_options(self, ctx, formatter)
            return
        Speaking.format_options(self, ctx, formatter)
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, command.get_short_help_str()) for name, command in found if command is not None]
        _write_list(translated("Commands", "zh"), rows, formatter)


def _record(parameter: click.Parameter, ctx: click.Context) -> tuple[str, str] | None:
    """An option and its help in Chinese, with what click adds to it (a range)."""
    record = parameter.get_help_record(ctx)
    said = getattr(parameter, "help", None)
    if record is None or not said:
        return record
    return record[0], record[1].replace(inspect.cleandoc(said), translated(inspect.cleandoc(said), "zh"))


def _width() -> int:
    """The columns of the screen, at most 80 of them. (click takes at least 50, also where there are fewer.)"""
    return min(shutil.get_terminal_size().columns, 80)


def _write_chinese(text: str, formatter: click.HelpFormatter) -> None:
    """Paragraphs, broken after any character; those that begin with \\b keep their lines."""
    width = max(_width() - 6, 20)  # a row may end with two signs of punctuation more
    for number, paragraph in enumerate(inspect.cleandoc(text).split("\n\n")):
        if number:
            formatter.write_paragraph()
        lines = paragraph.splitlines()
        kept = lines[0] == "\b"
        for line in lines[1:] if kept else rows("".join(lines), width):
            formatter.write(f"  {line}\n")


def _write_list(heading: str, records: Sequence[tuple[str, str]], formatter: click.HelpFormatter) -> None:
    first = min(max((columns(name) for name, _ in records), default=0), _width() // 3) + 4
    width = max(_width() - first - 4, 12)
    formatter.write_paragraph()
    formatter.write(f"{heading}：\n")
    for name, said in records:
        beside = columns(name) + 4 <= first
        if not beside:
            formatter.write(f"  {name}\n")
        for number, line in enumerate(rows(said, width)):
            start = f"  {name}" if beside and not number else ""
            formatter.write(f"{start}{' ' * (first - columns(start))}{line}\n")


def rows(text: str, width: int) -> Iterator[str]:
    """Chinese text in rows of at most `width` columns; no row begins with a closing sign of punctuation.

    >>> list(rows("函数值与梯度，由 chainrule 求得。", 12))
    ['函数值与梯度，', '由 chainrule', '求得。']
    """
    return filled(re.findall(r"[!-~]+|\s+|.", text), width)


# ---- what an encoding cannot hold ----------------------------------------------------------------

_PLAINER = {
    "−": "-", "–": "-", "—": "-", "·": "*", "×": "*", "÷": "/", "′": "'", "″": "''", "π": "pi", "τ": "tau", "∞": "inf",
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∂": "d", "→": "->", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'",
    "✓": "[ok]", "✗": "[x]", "∛": "cbrt", "√": "sqrt", "─": "-", "━": "-", "│": "|", "┃": "|", "ᵀ": "^T",
    "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "。": ".", "、": ",", "《": '"', "》": '"', "∈": " in ",
}  # fmt: skip


def plainer(problem: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: what an encoding cannot hold in plainer characters, x² as x^2; else a question mark.

    >>> "x⁻¹² ≥ √y".encode("ascii", "chainrule")
    b'x^-12 >= sqrt y'
    """
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    text = problem.object
    made = [_plain(text, place, problem.encoding) for place in range(problem.start, problem.end)]
    return "".join(made), problem.end


codecs.register_error("chainrule", plainer)


def _plain(text: str, place: int, encoding: str) -> str:
    letter = text[place]
    decomposed = unicodedata.decomposition(letter)
    if decomposed.startswith("<super>") or decomposed.startswith("<sub>"):
        inside = unicodedata.normalize("NFKC", letter).replace("−", "-")
        before = text[place - 1] if place else ""
        raised = decomposed.startswith("<super>")
        continued = raised and unicodedata.decomposition(before).startswith("<super>") if before else False
        found = inside if continued or not raised else f"^{inside}"
    elif letter in "√∛":
        found = _PLAINER[letter] + ("" if text[place + 1 : place + 2] == "(" else " ")
    else:
        found = _PLAINER.get(letter) or unicodedata.normalize("NFKC", letter)
    if found == letter and "GREEK" in unicodedata.name(letter, ""):
        found = unicodedata.name(letter).split()[-1].lower()
    try:
        found.encode(encoding)
    except UnicodeEncodeError:
        return "?"
    return found
