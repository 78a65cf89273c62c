"""Arrange a derivation as headings, equations and sentences: what every reading of it shows, in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from chainrule.explanation import words
from chainrule.explanation.derivation import Derivation, Line, Result, Stage
from chainrule.explanation.from_formula import MOST_SYMBOLS, rounded
from chainrule.formula.expression import Constant, Expression, Symbol, call, free_symbols, substitute
from chainrule.formula.latex import latex, latex_name
from chainrule.formula.text import text
from chainrule.showing.language import Language, Phrase

MOST_LINES = 60  # of one list; the middle of a longer one is left out


@dataclass(frozen=True)
class Label:
    """Mathematics that is no formula: df/dx, f(x), an array's shape."""

    text: str
    latex: str


Mathematics = Expression | Label


@dataclass(frozen=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True)
class Sentence:
    """A remark in words."""

    text: str


@dataclass(frozen=True)
class Equation:
    """`left sign right`, with the same in numbers after it, and a note beside it: the rule that was used."""

    left: Mathematics | None
    right: Mathematics
    then: tuple[Mathematics, ...] = ()
    note: str = ""
    sign: str = "="


Block = Heading | Sentence | Equation


def document(derivation: Derivation, lang: Language) -> tuple[Block, ...]:
    """Everything that is shown of a derivation, in one language.

    >>> from chainrule.explanation import explain
    >>> [block.text for block in document(explain("exp(sin(x))"), "en") if isinstance(block, Heading)]
    ['Name the parts', 'Differentiate each part', 'Result', 'Check at x = 0.5']
    """
    return tuple(_blocks(derivation, lang))


def _blocks(derivation: Derivation, lang: Language) -> Iterator[Block]:
    yield from _title(derivation, lang)
    for remark in derivation.remarks:
        yield Sentence(remark.say(lang))
    if not derivation.inputs:
        yield Sentence(words.NO_VARIABLES.say(lang))
    if len(derivation.parts) > 1:
        yield Heading(words.PARTS.say(lang))
        yield from _shortened(_with_remarks(derivation.parts, _part, lang), lang)
    else:
        yield from (Sentence(remark.say(lang)) for line in derivation.parts for remark in line.remarks)
    for stage in derivation.stages:
        yield from _stage(derivation, stage, lang)
    if derivation.results:
        yield from _results(derivation, lang)
        yield from _checks(derivation, lang)


def _title(derivation: Derivation, lang: Language) -> Iterator[Block]:
    inputs = derivation.inputs
    left = Label(
        f"{derivation.result}({', '.join(inputs)})" if inputs else derivation.result,
        rf"{latex_name(derivation.result)}\left({', '.join(map(latex_name, inputs))}\right)"
        if inputs
        else latex_name(derivation.result),
    )
    note = words.AT.filled(point=_point(derivation.point, lang)).say(lang) if derivation.point else ""
    root = derivation.root
    if root is not None and root.written_size <= MOST_SYMBOLS:
        value = () if derivation.value is None else (number(derivation.value, lang),)
        yield Equation(left, root, value if text(root) not in {to_text(v) for v in value} else (), note)
    elif derivation.value is not None:
        yield Equation(left, number(derivation.value, lang), (), note)


def _part(line: Line, lang: Language) -> Equation:
    then: list[Mathematics] = [] if line.numbers is None else [line.numbers]
    if line.value is not None:
        then.append(number(line.value, lang))
    return Equation(Symbol(line.name), line.formula, _different(line.formula, then))


def _stage(derivation: Derivation, stage: Stage, lang: Language) -> Iterator[Block]:
    if stage.variable is None:
        yield Heading(words.BACKWARD.say(lang))
    elif len(derivation.inputs) > 1:
        yield Heading(words.BY.filled(name=stage.variable).say(lang))
    else:
        yield Heading(words.DIFFERENTIATE.say(lang))
    yield from _shortened(_with_remarks(stage.lines, _rate, lang), lang)
    if stage.paths and stage.variable is not None:
        heading = words.PATHS.filled(count=str(len(stage.paths)), name=stage.variable, result=derivation.result)
        yield Heading(heading.say(lang))
        for path in stage.paths:
            route = Label(" → ".join(map(shown_name, path.names)), r" \to ".join(map(latex_name, path.names)))
            yield Equation(route, path.product, () if path.value is None else (number(path.value, lang),), sign=":")
        yield from _sum_of_paths(derivation, stage, lang)


def _with_remarks(
    lines: Sequence[Line], made: Callable[[Line, Language], Equation], lang: Language
) -> list[Callable[[], Block]]:
    """Each line as an equation, and after it what is said of it."""
    blocks: list[Callable[[], Block]] = []
    for line in lines:
        blocks.append(partial(made, line, lang))
        blocks += [partial(Sentence, remark.say(lang)) for remark in line.remarks]
    return blocks


def _rate(line: Line, lang: Language) -> Equation:
    then: list[Mathematics] = [] if line.numbers is None else [line.numbers]
    if line.value is not None:
        then.append(number(line.value, lang))
    note = words.SEPARATOR.say(lang).join(rule.say(lang) for rule in line.rules)
    return Equation(Symbol(line.name), line.formula, _different(line.formula, then), note)


def _sum_of_paths(derivation: Derivation, stage: Stage, lang: Language) -> Iterator[Block]:
    """0.02967 + 0.0462 − 0.4898 = −0.4139, where there are numbers."""
    values = [path.value for path in stage.paths]
    if any(value is None or np.ndim(value) or not np.isfinite(value) for value in values):
        return
    total: Expression = rounded(values[0])
    for value in values[1:]:
        total = call(np.add, total, rounded(value))
    left = rate(derivation.result, stage.variable or "", len(derivation.inputs) > 1)
    yield Equation(left, total, (number(sum(values), lang),), words.THEIR_SUM.say(lang))


def _results(derivation: Derivation, lang: Language) -> Iterator[Block]:
    yield Heading(words.RESULT.say(lang))
    for result in derivation.results:
        left = rate(derivation.result, result.variable, len(derivation.inputs) > 1)
        value = () if result.value is None else (number(result.value, lang, 6),)
        if result.computed is None or result.simplified is None:
            if value:
                yield Equation(left, value[0])
            continue
        forms = [(words.COMPUTED, result.computed.expression)]
        forms += [(step.name, step.formula) for step in result.steps]
        if result.sympy is not None:
            forms.append((words.BY_SYMPY, result.sympy.expression))
        seen: set[Expression] = set()
        for name, form in forms:
            if form in seen:
                continue
            seen.add(form)
            size = form.written_size
            if size > MOST_SYMBOLS:
                if len(seen) == 1:
                    yield Sentence(words.TOO_LONG.filled(count=words.count(size)).say(lang))
                continue
            yield Equation(
                left,
                form,
                (),
                name.say(lang) if form != result.simplified.expression or len(seen) > 1 else "",
            )
        if value and not isinstance(result.simplified.expression, Constant):
            yield Equation(left, value[0], (), words.AT.filled(point=_point(derivation.point, lang)).say(lang))


def _checks(derivation: Derivation, lang: Language) -> Iterator[Block]:
    checked = [result for result in derivation.results if result.check is not None]
    if not checked:
        return
    plain = derivation.checked_at and not any(np.ndim(value) for _, value in derivation.checked_at)
    heading = words.CHECK_AT.filled(point=_point(derivation.checked_at, lang)) if plain else words.CHECK
    yield Heading(heading.say(lang))
    step = 0.0
    for result in checked:
        check = result.check
        assert check is not None
        left = rate(derivation.result, result.variable, len(derivation.inputs) > 1)
        along = words.ALONG.say(lang) if check.directional else ""
        separator = words.SEPARATOR.say(lang) if along else ""
        yield Equation(left, number(check.exact, lang, 12), (), words.EXACT.say(lang) + separator + along)
        if check.difference is None:
            yield Sentence(words.NO_DIFFERENCES.say(lang))
        else:
            yield Equation(left, number(check.difference, lang, 12), (), words.DIFFERENCES.say(lang), "≈")
            step = max(step, check.step)
    if step:
        yield Sentence(words.TOGETHER.filled(step=to_text(number(step, lang, 1))).say(lang))


def _different(formula: Expression, then: Sequence[Mathematics]) -> tuple[Mathematics, ...]:
    """The members of an equation chain without one that reads like the member before it."""
    kept, before = [], to_text(formula)
    for member in then:
        shown = to_text(member)
        if shown != before:
            kept.append(member)
            before = shown
    return tuple(kept)


def _shortened(blocks: Sequence[Callable[[], Block]], lang: Language) -> list[Block]:
    """The blocks that are shown, of which only these are made."""
    if len(blocks) <= MOST_LINES:
        return [make() for make in blocks]
    half = MOST_LINES // 2
    more = Sentence(words.MORE.filled(count=str(len(blocks) - 2 * half)).say(lang))
    return [*(make() for make in blocks[:half]), more, *(make() for make in blocks[-half:])]


def _point(point: Sequence[tuple[str, Any]], lang: Language) -> str:
    return ", ".join(
        words.OF_SHAPE.filled(name=name, shape=" × ".join(map(str, np.shape(value)))).say(lang)
        if np.ndim(value)
        else f"{name} = {to_text(number(value, lang, 6))}"
        for name, value in point
    )


def rate(result: str, variable: str, partial: bool) -> Label:
    """df/dx, or ∂f/∂x where there are other variables."""
    d, latex_d = ("∂", r"\partial ") if partial else ("d", "d")
    return Label(
        f"{d}{result}/{d}{variable}", rf"\frac{{{latex_d}{latex_name(result)}}}{{{latex_d}{latex_name(variable)}}}"
    )


def number(value: Any, lang: Language, digits: int = 4) -> Mathematics:
    """A value as it is shown: a number rounded, a small array in full, a large one by its shape."""
    if np.ndim(value) == 0 and not np.iscomplexobj(value):
        return rounded(value, digits)
    if np.size(value) <= 6:
        return Label(_entries(value, to_text, lang, digits), _entries(value, to_latex, lang, digits))
    shape = words.ARRAY.filled(shape=" × ".join(map(str, np.shape(value)))).say(lang)
    return Label(shape, rf"\text{{{shape}}}")


def _entries(value: Any, read: Callable[[Mathematics], str], lang: Language, digits: int) -> str:
    """The entries of a small array in brackets, one row in another."""
    if np.iscomplexobj(value) and not np.ndim(value):
        return f"{value:.{digits}g}".replace("-", "−" if read is to_text else "-")
    if not np.ndim(value):
        return read(number(value, lang, digits))
    return "[" + ", ".join(_entries(entry, read, lang, digits) for entry in value) + "]"


def to_text(written: Mathematics) -> str:
    """A piece of mathematics as plain text, with u₁ for u1 and x̄ for the gradient by x."""
    if isinstance(written, Label):
        return written.text
    names: dict[str, Expression] = {name: Symbol(shown_name(name)) for name in free_symbols(written) if _is_ours(name)}
    return text(substitute(written, names))


def to_latex(written: Mathematics) -> str:
    """A piece of mathematics in LaTeX's mathematics mode."""
    if isinstance(written, Label):
        return written.latex
    return latex(written).replace("ᵀ}", "}^{T}")


def _is_ours(name: str) -> bool:
    """Whether a name was given by the derivation: a part (u1), a derivative (u1′), a gradient (x̄)."""
    return name.endswith(("′", _MACRON)) or re.fullmatch(r"[uvwpqrst]\d+", name) is not None


def shown_name(name: str) -> str:
    """A name in running text.

    >>> shown_name("u12"), shown_name("u1′"), shown_name("loss")
    ('u₁₂', 'u₁′', 'loss')
    """
    if name.endswith(_MACRON):
        stem = name[:-1]
        return f"{stem[0]}{_MACRON}{stem[1:].translate(_SUBSCRIPTS)}" if re.fullmatch(r"\w\d*", stem) else f"∇{stem}"
    prime = "′" if name.endswith("′") else ""
    stem = name.removesuffix("′")
    return (stem.translate(_SUBSCRIPTS) if re.fullmatch(r"[uvwpqrst]\d+", stem) else stem) + prime


_MACRON = "\N{COMBINING MACRON}"
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

__all__ = [
    "Block", "Equation", "Heading", "Label", "Mathematics", "Phrase", "Result", "Sentence", "document", "number",
    "rate", "shown_name", "to_latex", "to_text",
]  # fmt: skip
