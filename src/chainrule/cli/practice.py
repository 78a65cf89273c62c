"""`chainrule practice`: exercises, answers, and the mistake by its name."""

from __future__ import annotations

import itertools
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from chainrule.cli.arguments import LANGUAGE, takes_formula
from chainrule.cli.echoing import echo
from chainrule.cli.language import in_language
from chainrule.cli.output import as_json_line as json_line
from chainrule.cli.output import console
from chainrule.showing.language import Language, Phrase

if TYPE_CHECKING:
    from rich.console import Console

    from chainrule.practising import Exercise, Practice, Verdict

RULES = (
    "mixed", "power", "sum", "product", "quotient", "chain", "exponential", "logarithm", "trigonometric", "inverse",
    "root", "hyperbolic",
)  # fmt: skip
LIST_LENGTH = 10

WELCOME = Phrase(
    "Type the derivative. ? gives a hint, ! the solution, Enter the next exercise, q ends.",
    "请输入导数。? 给出提示，! 给出解答，直接回车做下一题，q 结束。",
)
AGAIN = Phrase("These exercises again: --seed {seed}", "再做同样的题：--seed {seed}")
HEADING = Phrase("Exercise {number} ({rule}, level {level})", "第 {number} 题（{rule}，第 {level} 级）")
OWN = Phrase("Exercise", "题目")
STEP = Phrase("The step: {part}", "出错的一步：{part}")
WITH = Phrase(", with {names}", "，其中 {names}")
MADE = Phrase("It was done as {made}", "你的做法相当于 {made}")
NO_MORE = Phrase("That was the last hint.", "没有更多提示了。")
TRY_AGAIN = Phrase("Try again, or type ? for a hint.", "再试一次，或输入 ? 看提示。")
ANSWERS = Phrase("Answers", "答案")
COMMA = Phrase(", ", "，")
_HINT, _SOLUTION, _SKIP, _END = (
    {"?", "？", "hint", "help", "提示"}, {"!", "！", "solution", "answer", "解答", "答案"},
    {"", "skip", "next", "跳过", "下一题"}, {"q", "quit", "exit", "end", "退出", "结束"},
)  # fmt: skip


@click.command("practice", context_settings=takes_formula, short_help="Exercises; the mistake is named.")
@click.argument("function", required=False)
@click.option("--rule", type=click.Choice(RULES), default="mixed", help="What to practise; by default all rules.")
@click.option(
    "--level", type=click.IntRange(1, 4), default=1,
    help="From 1, one rule with plain x, to 4, three functions in one another; by default 1.",
)  # fmt: skip
@click.option("--seed", type=int, help="The same number gives the same exercises; by default new ones.")
@click.option("--count", type=click.IntRange(min=1), help="End after so many exercises.")
@click.option(
    "--list", "as_list", is_flag=True, help="Print exercises with their answers, 10 or --count, and ask nothing."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print exercises, verdicts, hints and the record as lines of JSON."
)
@click.option("--lang", type=LANGUAGE, default="en", help="The language.")
def command(
    function: str | None, rule: str, level: int, seed: int | None, count: int | None, as_list: bool, as_json: bool,
    lang: Language,
) -> None:  # fmt: skip
    """Practise differentiating: exercises are set, and a wrong answer's mistake is named.

    An answer is right in any equivalent form: 2sin(x)cos(x) for sin(2x). If it is wrong, the mistake that leads to it
    is looked for, such as a forgotten inner derivative, and shown in the step where it was made. With FUNCTION, a
    formula, that one is practised. Answers may also come from a file or a pipe, one a line; at the end the
    record is printed.

    \b
    chainrule practice
    chainrule practice --rule chain --level 2
    chainrule practice "x^2*sin(x)"
    chainrule practice --rule product --seed 7 --count 5 < answers.txt
    chainrule practice --rule quotient --list --count 20
    """
    from random import SystemRandom

    from chainrule.practising import practice  # late: `chainrule practice --help` needs no engine

    own = function is not None
    new = seed is None and not own
    seed = SystemRandom().randrange(1, 10_000) if seed is None else seed
    session = practice(rule, level, seed=seed, formula=function, lang=lang)
    if as_list:
        _print_list(session, count or LIST_LENGTH, as_json, lang)
        return
    talk = _Talk(session, as_json, lang)
    if not as_json:
        talk.say(WELCOME)
        if new:
            talk.say(AGAIN.filled(seed=str(seed)))
    try:
        talk.hold(1 if own else count)
    except KeyboardInterrupt:
        talk.end()
        sys.exit(130)
    talk.end()


class _Talk:
    """The talk with a learner about the exercises of a session."""

    def __init__(self, session: Practice, as_json: bool, lang: Language) -> None:
        self.session, self.as_json, self.lang = session, as_json, lang
        self.out: Console = console()
        self.asked = False  # a question stands on the screen, and the cursor behind it

    def hold(self, count: int | None) -> None:
        """Set exercises and hear answers until the end: of the input, of the exercises, or `q`."""
        for done in itertools.count(1):
            self._set()
            if not self._worked() or done == count:
                return
            try:
                self.session.next()
            except StopIteration:
                return

    def end(self) -> None:
        """Say how it went."""
        if self.asked:
            echo()
        if self.as_json:
            self._data("record", self.session.record.as_data())
            return
        self._line()
        for sentence in self.session.record.say():
            self.say(sentence)

    def say(self, phrase: Phrase, indent: str = "") -> None:
        self._line(indent + phrase.say(self.lang))

    def _set(self) -> None:
        exercise = self.session.exercise
        if self.as_json:
            self._data("exercise", exercise.as_data(self.lang))
            return
        self._line()
        self._line(_heading(exercise, self.lang))
        self._line(f"  {exercise.question}")

    def _worked(self) -> bool:
        """Hear answers to one exercise; False at the end of the input and after `q`."""
        names = set(self.session.exercise.function.variables)
        while True:
            typed = self._asked()
            if typed is None:
                return False
            word = typed.strip() if typed.strip() in names else typed.strip().lower()
            if word in _END - names:
                return False
            if word in _SKIP:
                return True
            if word in _HINT:
                self._hint()
            elif word in _SOLUTION:
                for step in self.session.solution():
                    self._hinted(step)
                return True
            elif self._answered(typed.strip()):
                return True

    def _asked(self) -> str | None:
        """What is typed next; None at the end of the input."""
        prompt = f"  {self.session.exercise.name.replace('f', 'f′', 1)} = "
        self.asked = sys.stdin.isatty() and not self.as_json
        if self.asked:
            with suppress(ImportError):
                import readline  # noqa: F401 - late: it gives `input` the keys for editing, where there is one
            try:
                typed = input(prompt)
            except EOFError:
                return None
            self.asked = False
            return typed
        line = sys.stdin.readline()
        if not line:
            return None
        if not self.as_json:
            self._line(f"{prompt}{line.rstrip()}")
        return line

    def _answered(self, typed: str) -> bool:
        """Say what is to be said of an answer; True if the exercise is solved."""
        verdict = self.session.answer(typed)
        if self.as_json:
            self._data("verdict", verdict.as_data(self.lang))
        else:
            self._judged(verdict)
        return verdict.outcome == "right"

    def _judged(self, verdict: Verdict) -> None:
        if verdict.error is not None:
            self._line(in_language(str(verdict.error), self.lang))
            return
        mark = {"right": "✓ ", "wrong": "✗ "}.get(verdict.outcome, "")
        first, *others = verdict.sentences
        self._line(f"  {mark}{first.say(self.lang)}")
        step = None if verdict.diagnosis is None else verdict.diagnosis.step
        if step is not None:
            names = WITH.say(self.lang).format(names=COMMA.say(self.lang).join(step.names)) if step.names else ""
            self.say(STEP.filled(part=step.part + names), "    ")
            self.say(MADE.filled(made=step.made), "    ")
        for sentence in others:
            self.say(sentence, "    ")
        if verdict.outcome in ("wrong", "narrower"):
            self.say(TRY_AGAIN, "    ")

    def _hint(self) -> None:
        step = self.session.hint()
        if step is None:
            self.say(NO_MORE, "    ")
        else:
            self._hinted(step)

    def _hinted(self, step: Phrase) -> None:
        if self.as_json:
            self._data("hint", step.say(self.lang))
        else:
            self.say(step, "    ")

    def _data(self, name: str, content: Any) -> None:
        echo(json_line({name: content}))

    def _line(self, text: str = "") -> None:
        self.out.print(text, markup=False, highlight=False)


def _heading(exercise: Exercise, lang: Language) -> str:
    from chainrule.practising.exercises import NAMES  # late, as above

    if not exercise.number:
        return OWN.say(lang)
    rule = NAMES[exercise.rule].say(lang)
    return HEADING.say(lang).format(number=exercise.number, rule=rule, level=exercise.level)


def _print_list(session: Practice, count: int, as_json: bool, lang: Language) -> None:
    """Exercises, and below them their answers, for a sheet of paper."""
    from chainrule.explanation import explain  # late, as above

    found = [session.exercise, *itertools.islice(session.coming, count - 1)]
    answers = [explain(exercise.function).formula(exercise.variable).text() for exercise in found]
    if as_json:
        for exercise, answer in zip(found, answers, strict=True):
            echo(json_line({"exercise": exercise.as_data(lang), "answer": answer}))
        return
    out = console()
    for place, exercise in enumerate(found, 1):
        out.print(f"{place:>3}. {exercise.question}", markup=False, highlight=False)
    out.print(f"\n{ANSWERS.say(lang)}", markup=False, highlight=False)
    for place, (exercise, answer) in enumerate(zip(found, answers, strict=True), 1):
        out.print(f"{place:>3}. {exercise.name.replace('f', 'f′', 1)} = {answer}", markup=False, highlight=False)
