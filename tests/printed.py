"""Read mathematics as it is printed, in text, LaTeX or MathML, and evaluate it: nothing of chainrule takes part.

A reader makes one line of plain signs of it (`plain_of_text`, `plain_of_latex`, `plain_of_mathml`), in which products
may be implied, and :func:`evaluate` gives its value, by the usual precedence, with the numbers for its names.
"""

from __future__ import annotations

import math
import operator
import re
import xml.etree.ElementTree as Tree
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "ln": np.log,
    "exp": np.exp, "arctan": np.arctan, "arcsin": np.arcsin, "sgn": np.sign, "sqrt": np.sqrt, "abs": np.abs,
    "max": np.maximum, "min": np.minimum, "cbrt": np.cbrt, "hypot": np.hypot,
}  # fmt: skip
CONSTANTS = {"e": math.e, "π": math.pi}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ᐟˣʸ", "0123456789-+()/xy", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))


# ---------------------------------------------------------------------- to one line of plain signs


def plain_of_text(text: str) -> str:
    """Plain signs for a line of text."""
    text = re.sub(f"[{''.join(_RAISED)}]+", lambda m: f"^({''.join(_RAISED[sign] for sign in m[0])})", text)
    text = "".join(_LOWERED.get(sign, sign) for sign in text)
    text = re.sub(r"(\w+)\u0304", r"bar_\1", text)  # a gradient has a bar: v̄₁
    return _common(re.sub(r"bar_(\w)(\d*)", r"bar_\1\2", re.sub(r"(\w)\u0304(\d*)", r"bar_\1\2", text)))


def _common(text: str) -> str:
    for sign, plain in (("−", "-"), ("·", "*"), ("⋅", "*"), ("′", "'"), ("≥", ">="), ("≤", "<="), ("√", "sqrt ")):
        text = text.replace(sign, plain)
    return text


def plain_of_latex(latex: str) -> str:
    """Plain signs for a formula in LaTeX."""
    text = latex.replace(r"\left", "").replace(r"\right", "").replace(r"\displaystyle", "")
    text = re.sub(r"\\begin\{cases\}(.*?)\\end\{cases\}", lambda m: _cases(m[1]), text)
    text = re.sub(r"\\\{(.*?),\\ 0\\ \\mathrm\{otherwise\}\.", r"❴\1, 0 otherwise❵", text)
    text = text.replace(r"\ \mathrm{if}\ ", " if ").replace(r",\ ", ", ")
    text = re.sub(
        r"\\bar\{([^{}_]*)(?:_\{(\d+)\})?\}(?:_\{(\d+)\})?", lambda m: f"bar_{m[1]}{m[2] or m[3] or ''}", text
    )
    text = re.sub(r"_\{(\w+)\}", r"\1", text)
    while r"\frac" in text or r"\sqrt" in text or "^{" in text or "|" in text:
        before = text
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r" ((\1)/(\2)) ", text)
        text = re.sub(r"\\sqrt\{([^{}]*)\}", r" sqrt(\1) ", text)
        text = re.sub(r"\^\{([^{}]*)\}", r"^(\1)", text)
        text = re.sub(r"\|([^{}|]*)\|", r" abs(\1) ", text)
        if text == before:
            raise ValueError(latex)
    text = text.replace(r"\,", " * ").replace(r"\cdot", "*").replace("❴", "{").replace("❵", "}")
    text = re.sub(r"\\operatorname\{(\w+)\}|\\mathrm\{(\w+)\}", lambda m: f" {m[1] or m[2]} ", text)
    return re.sub(r"\\(\w+)", r" \1 ", text)


def _cases(rows: str) -> str:
    parts = [row.split("&") for row in rows.split(r"\\")]
    said = [f"{value} {re.sub(r'.text{(if |otherwise)}', lambda m: m[1], rest)}" for value, rest in parts]
    return "❴" + ", ".join(said) + "❵"


def plain_of_mathml(node: Any) -> str:
    """Plain signs for an element of MathML."""
    if isinstance(node, str):
        node = Tree.fromstring(re.sub(r' xmlns="[^"]*"', "", node))
    tag, parts = node.tag, [plain_of_mathml(child) for child in node]
    if tag == "mfrac":
        return f" (({parts[0]})/({parts[1]})) "
    if tag == "msup":
        return parts[0] + "'" if parts[1].strip() in ("'", "′") else f"{parts[0]}^({parts[1]})"
    if tag == "msub":
        return parts[0] + parts[1]
    if tag == "msqrt":
        return f" sqrt({''.join(parts)}) "
    if tag == "mtable":
        return ", ".join(parts) + "}"  # the brace before it is printed
    if tag == "mspace":
        return " * "
    if tag in ("mi", "mn", "mo", "mtext"):
        said = _common(node.text or "").replace("\u2061", "").replace("\xa0", " ")
        return f" {said} " if tag == "mtext" or len(said) > 1 else said
    inside = "".join(parts)
    bars = re.fullmatch(r"\|(.*)\|", inside)
    return f" abs({bars[1]}) " if bars and tag == "mrow" else inside


# ---------------------------------------------------------------------- to a value

_TOKENS = re.compile(r"\s*(\d+(?:\.\d+)?(?:e[-+]\d+)?|bar_\w+|[A-Za-zπ_]+\d*'?|<=|>=|[-+*/^(),|{}=<>])")
_COMPARE = {"=": operator.eq, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


def evaluate(plain: str, values: Mapping[str, Any] = {}) -> Any:
    """The value of one line of plain signs."""
    tokens, end = [], 0
    while plain[end:].strip():
        found = _TOKENS.match(plain, end)
        if found is None:
            raise ValueError(f"{plain!r} at {plain[end:]!r}")
        tokens.append(found[1])
        end = found.end()
    reader = _Reader(tokens, values)
    result = reader.sum()
    if reader.at < len(tokens):
        raise ValueError(f"{plain!r} at {tokens[reader.at :]}")
    return result


class _Reader:
    """A reader by recursive descent; each method reads the longest phrase of its kind."""

    def __init__(self, tokens: list[str], values: Mapping[str, Any]) -> None:
        self.tokens, self.values, self.at = tokens, values, 0
        self.bars = 0

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.next()
        if wanted and token != wanted:
            raise ValueError(f"{wanted} expected: {self.tokens[self.at :]}")
        self.at += 1
        return token

    def sum(self) -> Any:
        total = self.product()
        while self.next() in ("+", "-"):
            sign = self.take()
            total = total + self.product() if sign == "+" else total - self.product()
        return total

    def product(self) -> Any:
        if self.next() == "-":
            self.take()
            return -self.product()
        total = self.power()
        while True:
            token = self.next()
            if token in ("*", "/"):
                self.take()
                factor = self.power()
                total = total * factor if token == "*" else total / factor
            elif (token[:1].isalnum() and token not in ("if", "otherwise")) or token in ("(", "{"):
                total = total * self.power()
            else:
                return total

    def power(self) -> Any:
        if self.next() == "-":
            self.take()
            return -self.power()
        name = self.next()
        if name in FUNCTIONS:
            return self.applied(self.take())
        base = self.atom()
        if self.next() == "^":
            self.take()
            return np.float_power(base, self.power())
        return base

    def applied(self, name: str) -> Any:
        raised = None
        if self.next() == "^":  # cosh²(y)
            self.take()
            raised = self.power()
        if self.next() == "(":
            self.take()
            arguments = [self.sum()]
            while self.next() == ",":
                self.take()
                arguments.append(self.sum())
            self.take(")")
        else:
            arguments = [self.atom()]  # √x
        value = FUNCTIONS[name](*arguments)
        if self.next() == "^":
            self.take()
            return np.float_power(value, self.power())
        return value if raised is None else np.float_power(value, raised)

    def atom(self) -> Any:
        token = self.take()
        if token == "(":
            inside = self.sum()
            self.take(")")
            return inside
        if token == "|":
            inside = self.sum()
            self.take("|")
            return np.abs(inside)
        if token == "{":
            return self.cases()
        if token[:1].isdigit():
            return np.float64(token)
        return np.float64(self.values[token] if token in self.values else CONSTANTS[token])

    def cases(self) -> Any:
        chosen: Any = None
        while True:
            value = self.sum()
            if self.next() == "otherwise":
                self.take()
                holds = True
            else:
                self.take("if")
                left = self.sum()
                compare = _COMPARE[self.take()]
                holds = compare(left, self.sum())
            if holds and chosen is None:
                chosen = value
            if self.take() == "}":
                return chosen
