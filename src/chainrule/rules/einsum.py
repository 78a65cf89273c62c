"""Einstein sums: linear in every operand, so every derivative is another Einstein sum.

For operand i the cotangent is the sum of the result's cotangent with the other operands, labelled as operand i. Two
things need care: a label that only operand i has (the cotangent is constant along it), and a label that it has twice
(only the diagonal is read, so only the diagonal receives).
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.rules.function import dispatched
from chainrule.rules.rule import composite, explicit, in_dtype
from chainrule.rules.shaping import scatter


@dispatched(lazy=True)
def contract(
    operands: Sequence[Any], inputs: tuple[str, ...], output: str, options: tuple[tuple[str, Any], ...] = ()
) -> Any:
    """The Einstein sum of a list of operands, whose axes are labelled by the letters of `inputs`; no ellipses.

    >>> contract([np.eye(2), np.array([3.0, 4.0])], ("ij", "j"), "i")
    array([3., 4.])
    """
    return np.einsum(f"{','.join(inputs)}->{output}", *operands, **dict(options))


def _reverse(
    out: Any, operands: Any, tracked: Any, inputs: tuple[str, ...], output: str, options: Any = ()
) -> Callable[[Any], tuple[Any, ...]]:
    shapes = [np.shape(operand) for operand in operands]

    def pull(g: Any) -> tuple[Any, ...]:
        return tuple(_transposed(g, i, operands, shapes[i], inputs, output, options) for i in tracked)

    return pull


def _transposed(g: Any, i: int, operands: Any, shape: tuple[int, ...], inputs: Any, output: str, options: Any) -> Any:
    others = [j for j in range(len(operands)) if j != i]
    own = "".join(dict.fromkeys(inputs[i]))
    known = set(output).union(*(inputs[j] for j in others)) if others else set(output)
    reached = "".join(label for label in own if label in known)
    terms = (output, *(inputs[j] for j in others))
    g = contract([g, *(operands[j] for j in others)], terms, reached, options)
    alone = tuple(k for k, label in enumerate(own) if label not in known)
    if alone:
        g = np.expand_dims(g, alone)
    if len(own) == len(inputs[i]):
        return g
    sizes = [shape[inputs[i].index(label)] for label in own]
    grids = np.ix_(*(np.arange(n) for n in sizes))
    return scatter(np.broadcast_to(g, sizes), tuple(grids[own.index(label)] for label in inputs[i]), shape)


def _forward(out: Any, operands: Any, tangents: Any, inputs: tuple[str, ...], output: str, options: Any = ()) -> Any:
    total = None
    for i, tangent in enumerate(tangents):
        if tangent is not None:
            part = contract([*operands[:i], tangent, *operands[i + 1 :]], inputs, output, options)
            total = part if total is None else total + part
    return total


explicit(contract, -1, _reverse, _forward, source="product rule")


def _labels(args: tuple[Any, ...]) -> tuple[list[Any], list[str], str | None]:
    """The operands, their labels and the output's (None where it is implied), from either form of call."""
    if isinstance(args[0], str):
        text = args[0].replace(" ", "")
        left, arrow, right = text.partition("->")
        return list(args[1:]), left.split(","), right if arrow else None
    operands, lists = list(args[: 2 * (len(args) // 2) : 2]), args[1::2]
    output = args[-1] if len(args) % 2 else None

    def spelled(labels: Sequence[Any]) -> str:
        return "".join("..." if label is Ellipsis else _LETTERS[int(label)] for label in labels)

    return operands, [spelled(labels) for labels in lists], None if output is None else spelled(output)


_LETTERS = string.ascii_uppercase + string.ascii_lowercase


def _without_ellipses(operands: list[Any], inputs: list[str], output: str | None) -> tuple[tuple[str, ...], str]:
    """Give the axes under every ellipsis letters of their own, and write the output out."""
    named = "".join(inputs).replace(".", "")
    if output is None:
        once = sorted(label for label in set(named) if named.count(label) == 1)
        output = ("..." if any("..." in term for term in inputs) else "") + "".join(once)
    ranks = [
        np.ndim(x) - len(term.replace("...", "")) if "..." in term else 0
        for x, term in zip(operands, inputs, strict=True)
    ]
    free = [letter for letter in _LETTERS if letter not in named + output]
    extra = "".join(free[: max(ranks, default=0)])
    inputs = [term.replace("...", extra[len(extra) - rank :]) for term, rank in zip(inputs, ranks, strict=True)]
    return tuple(inputs), output.replace("...", extra)


def _einsum(
    *args: Any, out: Any = None, optimize: Any = False, dtype: Any = None, order: str = "K", casting: str = "safe"
) -> Any:
    operands, inputs, output = _labels(args)
    if dtype is not None:  # it is summed up in this dtype too
        operands = [in_dtype(operand, dtype) for operand in operands]
    inputs_spelled, output_spelled = _without_ellipses(operands, inputs, output)
    if len(operands) > 2 or optimize is not False:  # the cheapest order, for the value and for every derivative
        options: tuple[tuple[str, Any], ...] = (("optimize", True),)
    else:
        options = ()
    return contract(operands, inputs_spelled, output_spelled, options)


def _asks(*args: Any, dtype: Any = None, **options: Any) -> bool:
    """A sum over nothing of one operand may be a view of it; and which dtypes can be had, NumPy says."""
    return dtype is not None or (len(args) == 2 if isinstance(args[0], str) else len(args) < 4)


composite(np.einsum, _einsum, asks=_asks)
