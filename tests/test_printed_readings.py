"""What readings print is read back, as a person would, and held against differences and `grad`.

The formulas of every line of a derivation are evaluated with the values of the lines above them, and so are those of
the steps of a graph; the numbers that stand beside them are what comes out, to the digits that are shown.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import chainrule as cr
from chainrule.cli import main
from chainrule.graphs import lettering
from tests.printed import evaluate, plain_of_latex, plain_of_mathml, plain_of_text

POINT = {"x": 1.3, "y": -0.7}
H = 1e-6


@functools.cache
def formulas(count: int, seed: int) -> list[str]:
    """Random formulas in x and y, as they are typed, that have values near the point."""
    random = np.random.default_rng(seed)

    def part(depth: int) -> str:
        kind = random.random()
        if depth == 0 or kind < 0.15:
            return str(random.choice(["x", "y", "x", "y", "2", "0.5", "3"]))
        a, b = part(depth - 1), part(depth - 1)
        if kind < 0.5:
            return f"({a}{random.choice(['+', '-', '*', '/'])}{b})"
        if kind < 0.8:
            return f"{random.choice(['sin', 'cos', 'tanh', 'exp', 'arctan', 'abs', 'cosh'])}({a})"
        if kind < 0.9:
            return f"({a})^{random.choice([2, 3])}"
        return random.choice([f"max({a},{b})", f"min({a},{b})", f"sqrt(1+({a})^2)", f"ln(2+({a})^2)"])

    found: list[str] = []
    while len(found) < count:
        text = part(3)
        f = cr.parse(text)
        if set(f.variables) != {"x", "y"}:
            continue
        with np.errstate(all="ignore"):
            near = [f(x=1.3 + a, y=-0.7 + b) for a in (-1e-3, 0, 1e-3) for b in (-1e-3, 0, 1e-3)]
            slopes = cr.grad(f, (0, 1))(*(POINT[name] for name in f.variables))
        sizes = np.abs([*near, *slopes])
        if np.all(sizes < 1e3) and np.max(np.abs(slopes)) > 1e-2:
            found.append(text)
    return found


def arguments(text: str) -> list[float]:
    """The values at the point, in the order in which the formula takes them."""
    return [POINT[name] for name in cr.parse(text).variables]


def gradient_of(text: str, name: str) -> float:
    return float(cr.grad(text, name)(*arguments(text)))


def slopes_of(text: str) -> dict[str, float]:
    """The gradient by central differences."""
    f = cr.parse(text)

    def moved(name: str, h: float) -> float:
        return float(f(**{**POINT, name: POINT[name] + h}))

    return {name: (moved(name, H) - moved(name, -H)) / (2 * H) for name in POINT}


@dataclass
class Row:
    """A line of a derivation: a name, what it equals one after the other, and a note, all in plain signs."""

    name: str
    equal: list[str]
    note: str = ""


@dataclass
class Section:
    title: str
    rows: list[Row] = field(default_factory=list)


def split(plain: str) -> list[str]:
    """The sides of a chain of equations; an equals sign within braces belongs to a condition."""
    sides, depth = [""], 0
    for sign in plain:
        depth += (sign in "{(") - (sign in "})")
        if sign in "=≈" and not depth:
            sides.append("")
        else:
            sides[-1] += sign
    return [side.strip() for side in sides]


def of_text(derivation: Any) -> Iterator[Section]:
    section = Section("")
    for line in derivation.text(3000).splitlines():
        if not line.strip():
            yield section
            section = Section("")
        elif not section.title and not line.startswith("  ") and " = " not in line:
            section.title = line.strip()
        else:
            parts = [part for part in re.split(" {2,}", line) if part]
            if "→" in parts[0]:
                parts = [f"{parts[0]} = {parts[1]}", *parts[2:]]
            plain = plain_of_text(parts[0])
            if " = " not in line and "≈" not in line:
                continue  # a remark in words
            if plain.startswith(("Defined", "The rules")):
                continue
            name, *equal = split(plain)
            if name:
                section.rows.append(Row(name, equal, " ".join(parts[1:])))
            else:
                section.rows[-1].equal += equal
    yield section


def of_latex(derivation: Any) -> Iterator[Section]:
    for block in re.split(r"(?=\\paragraph)", derivation.latex()):
        title = re.match(r"\\paragraph\{(.*)\}", block)
        section = Section(title[1] if title else "")
        body = re.search(r"\\begin\{align\*\}\n(.*?)\n\\end\{align\*\}", block, re.S)
        for line in body[1].split(" \\\\\n") if body else ():
            formula, _, note = line.partition(" && ")
            name, _, rest = re.sub(r"&:\\ ", "&= ", formula).partition("&")
            equal = split(plain_of_latex(rest.replace(r"\approx", "=")))[1:]
            if name.strip():
                section.rows.append(Row(name.strip(), equal, note))
            else:
                section.rows[-1].equal += equal
        yield section


def of_html(derivation: Any) -> Iterator[Section]:
    page = derivation.html()
    for block in re.split("(?=<h3>)", page):
        title = re.match("<h3>(.*?)</h3>", block)
        section = Section(html.unescape(title[1]) if title else "")
        for row in re.findall("<tr>(.*?)</tr>", block, re.S):
            cells = re.findall("<td>(.*?)</td>", row, re.S)
            if len(cells) != 3:
                continue  # a remark in words
            names, sides = (re.findall("<math.*?</math>", cell, re.S) for cell in cells[:2])
            equal = [side for math in sides for side in split(plain_of_mathml(math).removeprefix(": *")) if side]
            name = plain_of_mathml(names[0]) if names else cells[0]
            if names:
                section.rows.append(Row(name, equal, cells[2]))
            elif section.rows:
                section.rows[-1].equal += equal
        yield section


NOTATIONS: dict[str, Callable[[Any], Iterator[Section]]] = {"text": of_text, "LaTeX": of_latex, "HTML": of_html}


def name_in(written: str) -> str:
    """A name in plain signs, in whatever notation."""
    return re.sub(r"[{}_\\ ]", "", plain_of_text(written))


def assert_shown(shown: str, value: float, digits: int, told: Any) -> None:
    """A number that is shown is the value, rounded to so many digits."""
    found = float(evaluate(shown))
    size = 10.0 ** (np.floor(np.log10(abs(value))) + 1 - digits) if value else 1e-12
    assert abs(found - value) <= 0.51 * size + 1e-9 * abs(value), (told, shown, value)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_line_of_a_printed_derivation_is_true(notation: str) -> None:
    lines = 0
    for text in formulas(25, 1):
        derivation = cr.explain(text, *arguments(text))
        sections = list(NOTATIONS[notation](derivation))
        slopes = slopes_of(text)
        values: dict[str, float] = dict(POINT)
        parts = next((s for s in sections if s.title.startswith("Name the parts")), Section(""))

        def at(point: dict[str, float], parts: Section = parts) -> dict[str, float]:
            known = dict(point)
            for row in parts.rows:
                known[name_in(row.name)] = evaluate(row.equal[0], known)
            return known

        values = at(POINT)
        for row in parts.rows:
            if len(row.equal) > 1:
                assert_shown(row.equal[-1], values[name_in(row.name)], 4, (text, row))
            lines += 1
        for section in sections:
            lines += check_section(section, values, at, slopes, text)
    assert lines > 300


def check_section(section: Section, values: Any, at: Any, slopes: Any, text: str) -> int:
    """The lines of one section of a derivation; says how many."""
    by = re.match("Differentiate by ([xy])|The .* paths? from ([xy]) |(Differentiate each part)", section.title)
    if section.title.startswith("Differentiate"):
        variable = by[1]  # type: ignore[index]
        high, low = ({**at({**POINT, variable: POINT[variable] + k * H})} for k in (1, -1))
        known = dict(values)
        for row in section.rows:
            name = name_in(row.name)
            known[name] = evaluate(row.equal[0], known)
            part = name.rstrip("'")
            if part in high:
                difference = (high[part] - low[part]) / (2 * H)
            else:
                assert part == "f"
                difference = slopes[variable]
            assert abs(known[name] - difference) <= 1e-5 * max(1.0, abs(difference)), (text, row, difference)
            if len(row.equal) > 1:
                assert_shown(row.equal[-1], known[name], 4, (text, row))
        return len(section.rows)
    if by and by[2]:
        total = 0.0
        for row in section.rows[:-1] or section.rows:
            once = evaluate(row.equal[0], values)
            if row.equal[1:]:
                assert_shown(row.equal[-1], once, 4, (text, row))
            total += once
        assert abs(total - slopes[by[2]]) <= 1e-5 * max(1.0, abs(total)), (text, section)
        return len(section.rows)
    if section.title == "Result":
        for row in section.rows:
            variable = re.sub(r"[^xy]", "", name_in(row.name).replace("frac", "").replace("partial", ""))[-1]
            numeric = re.search("at ", row.note) is not None
            if numeric:
                assert_shown(row.equal[-1], float(gradient_of(text, variable)), 6, (text, row))
            else:
                assert abs(evaluate(row.equal[0], POINT) - slopes[variable]) <= 1e-5 * max(1.0, abs(slopes[variable]))
        return len(section.rows)
    if section.title.startswith("Check"):
        for row in section.rows:
            variable = re.sub(r"[^xy]", "", name_in(row.name).replace("frac", "").replace("partial", ""))[-1]
            exact = float(gradient_of(text, variable))
            digits = 1e-11 if "rules" in row.note else 1e-6
            assert abs(evaluate(row.equal[0]) - exact) <= digits * max(1.0, abs(exact))
        return len(section.rows)
    return 0


def said(number: str) -> float:
    return float(evaluate(plain_of_text(number)))


def test_every_step_of_a_graph_is_true_in_symbols_numbers_and_words() -> None:
    told = 0
    for text in formulas(40, 2):
        made = cr.graph(text, *arguments(text))
        slopes = slopes_of(text)
        known: dict[str, Any] = {}
        arrived: dict[str, float] = {}
        names = {node.id: plain_of_text(lettering.symbol(node).text) for node in made.nodes}
        for step in made.steps():
            name = names[step.node]
            shown = split(plain_of_text(step.numbers))
            if step.kind == "input":
                known[name] = POINT[name]
            elif step.kind == "forward":
                left, formula = split(plain_of_text(step.formula))
                assert left == name
                known[name] = evaluate(formula, known)
                assert abs(known[name] - made.node(step.node).value) <= 1e-9 * max(1, abs(known[name])), (text, step)
                assert_shown(shown[-1], known[name], 3, step)
                assert_words(step, [known[name]], 3)
            elif step.kind == "seed":
                known[f"bar_{name}"] = arrived[name] = 1.0
            elif step.kind == "backward":
                flowed = evaluate(plain_of_text(step.formula), known)
                assert abs(flowed - step.edge.contribution) <= 1e-9 * max(1, abs(flowed)), (text, step)
                arrived[name] = arrived.get(name, 0.0) + flowed
                known[f"bar_{name}"] = arrived[name]
                target = names[step.edge.target]
                local = flowed / known[f"bar_{target}"] if known[f"bar_{target}"] else step.edge.local
                assert_shown(shown[-1], flowed, 3, step)
                assert_words(step, [known[f"bar_{target}"], local, flowed], 3)
                assert f"gradient of {target}" in plain_of_text(step.english)
                assert f"to {name} " in plain_of_text(step.english)
            else:
                total = evaluate(split(plain_of_text(step.formula))[1], known)
                assert abs(total - arrived[name]) <= 1e-9 * max(1.0, abs(total)), (text, step)
                assert_shown(shown[-1], total, 3, step)
                assert_words(step, [total], 3)
            told += 1
        for name, slope in slopes.items():
            assert abs(arrived.get(name, 0.0) - slope) <= 1e-5 * max(1.0, abs(slope)), text
    assert told > 500


def assert_words(step: Any, values: list[float], digits: int) -> None:
    """The last numbers in a sentence, in both languages, are these values."""
    for sentence in (step.english, step.chinese):
        numbers = re.findall(r"(?<![\w.^])-?\d+(?:\.\d+)?(?:e[-+]\d+)?(?![\w])", plain_of_text(sentence).rstrip(".。"))
        for shown, value in zip(numbers[-len(values) :], values, strict=True):
            assert_shown(shown, value, digits, (sentence, values))


def test_the_latex_of_a_graph_is_true() -> None:
    rows = 0
    for text in formulas(25, 3):
        made = cr.graph(text, *arguments(text))
        known: dict[str, Any] = {}
        for line in re.sub(r"\\(begin|end)\{align\*\}", "", made.latex()).strip().split(" \\\\\n"):
            left, *equal = split(plain_of_latex(line.replace("&", "")))
            name = left.replace(" ", "")
            known[name] = POINT[name] if name in POINT else evaluate(equal[0], known)
            assert_shown(equal[-1], known[name], 3, (text, line))
            rows += 1
        for name, slope in slopes_of(text).items():
            assert abs(known.get(f"bar_{name}", 0.0) - slope) <= 1e-5 * max(1.0, abs(slope)), text
    assert rows > 300


def test_the_command_line_prints_the_values_and_gradients() -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
        return result.stdout

    typed = [f"{name}={value}" for name, value in POINT.items()]
    for text in formulas(12, 4):
        value, slopes = float(cr.parse(text)(**POINT)), slopes_of(text)
        first, _, *rows = run("grad", text, *typed).strip().splitlines()
        assert_shown(first.rpartition(" = ")[2], value, 9, text)
        for row in rows:
            name, at, gradient, *derivative = re.split(" {2,}", row.strip())
            assert float(at) == POINT[name]
            assert_shown(gradient, float(gradient_of(text, name)), 9, text)
            for formula in derivative:  # those that are short enough
                assert abs(evaluate(plain_of_text(formula), POINT) - slopes[name]) <= 1e-5 * max(1.0, abs(slopes[name]))
        data = json.loads(run("grad", "--json", text, *typed))
        assert data["value"] == value
        assert data["gradient"] == {name: float(gradient_of(text, name)) for name in POINT}
        sentences = run("graph", text, *typed).strip().splitlines()
        assert sentences == [step.english for step in cr.graph(text, *arguments(text)).steps()]
        assert run("explain", text, *typed).split() == cr.explain(text, *arguments(text)).text(80).split()
