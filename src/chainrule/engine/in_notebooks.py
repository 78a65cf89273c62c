"""What a notebook shows of a tracked value: its number or array, its shape and its dtype."""

from __future__ import annotations

from collections.abc import Container
from html import escape
from typing import Any

import numpy as np

from chainrule.engine.values import Tracked, plain
from chainrule.formula.equations import space_of_arrays
from chainrule.formula.expression import Constant
from chainrule.formula.latex import latex
from chainrule.showing.notebook import bundle, text_picture


def mimebundle(variable: Tracked, include: Container[str] | None, exclude: Container[str] | None) -> dict[str, str]:
    """The forms of a tracked value. LaTeX writes a number out, and of an array the space that it lies in."""
    value = np.asarray(plain(variable))
    return bundle(
        include,
        exclude,
        plain=lambda: repr(variable),
        html=lambda: _table(value),
        svg=lambda: text_picture(repr(variable)),
        latex=lambda: rf"$\displaystyle {_latex(value)}$",
    )


def _table(value: Any) -> str:
    entries = np.array2string(value, precision=6, threshold=100, edgeitems=3, separator=", ")
    return (
        "<table>\n<tr><th>value</th><th>shape</th><th>dtype</th></tr>\n"
        f"<tr><td><pre>{escape(entries)}</pre></td><td>{value.shape}</td><td>{value.dtype}</td></tr>\n</table>\n"
    )


def _latex(value: Any) -> str:
    if value.ndim:
        return space_of_arrays(value.shape, value.dtype.kind == "c")
    number = value.item()
    if isinstance(number, complex):
        return rf"{number.real} {number.imag:+} \mathrm{{i}}"
    return latex(Constant(number))
