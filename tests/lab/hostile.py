"""Formulas that somebody types to see what happens, and random ones."""

from __future__ import annotations

import numpy as np

HOSTILE = (
    "", " ", "\x00", "\n\n", "x" * 500, "(" * 250, ")" * 250, "(" * 120 + "x" + ")" * 120, "-" * 400 + "x",
    "sin(" * 80 + "x" + ")" * 80, "|" * 99, "√" * 200 + "x", "x" + "²" * 90, "{" * 100, "where(" * 60, "9" * 400,
    "1e999*x", "1e308*1e308*x", "0/0", "x/0", "1/(x-x)", "ln(-1-x^2)", "sqrt(-1)", "x^1e9", "(1+x)^100000",
    "x//1e-300", "sin(1e300*x)", "1/sin(1/x)", "floor(1e6*x)", "tan(1e4*x)", "x mod 1e-9", "nan", "inf*x", "nan*x",
    "e^e^e^e^x", "__import__('os').system('id')", "().__class__", "lambda x: x", "import os", "x;y", "x=1;", "f(x)=",
    "f(x)=f(x)", "x==x", "x<1", "<script>alert(1)</script>", "</script><script>", "\\frac{1}{",
    "\\input{/etc/passwd}", "\\sqrt[0]{x}", "'", '"', "`x`", "${x}", "{{x}}", "%s%n", "x\u202ey", "\ud83d\ude00",
    "ｘ＾２", "ё+x", "а*x", "一", "∞", "∑x", "∫x", "d/dx x", "x!", "x'", "x″", "1..2", "1.2.3", "0x10", "1_000x",
    "a*b*c*d*e*f*g*h", "+".join(f"a{i}*x" for i in range(25)), "*".join(["(x+1)"]* 60), "+".join(["sin(x)"]* 60),
    "cos(x*y*z)", "x1+x_1+x₁", "gamma(x)", "erf(x)", "sinc(x)", "heaviside(x, 0.5)", "arctan2(y, x)",
    "logaddexp(x, y)", "i0(x)", "min(x, 1, -x)",
)  # fmt: skip
"""Too long, too deep, without a value, with code in them, with other alphabets, with many variables."""

SLOW = ("x" + "^x" * 60, "max(" + "x," * 100 + "x)")
"""What takes minutes to draw: the server must end it."""

_PIECES = (
    *"xyab12+-*/^²()|,.=<>√⌊⌋{}_'\"一＋\u202e\x07", "0.5", "1e3", "π", "e", "sin", "cos", "tan", "ln", "exp", "sqrt",
    "abs", "floor", "max", "where", "if", "and", "mod", "//", "\\frac", "\\sin",
)  # fmt: skip


def random_text(rng: np.random.Generator) -> str:
    """A few pieces of formulas in a random order."""
    return " ".join(str(piece) for piece in rng.choice(_PIECES, size=int(rng.integers(1, 14))))
