"""Let Graphviz order and place the slots of a large layout, where it is installed.

Graphviz's `dot` (Gansner, Koutsofios, North and Vo 1993, "A technique for drawing directed graphs") finds fewer
crossings in large graphs than a few sweeps do. It gets the layout's slots as they are, and answers with heights.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Sequence

POINTS_PER_INCH = 72.0


def is_available() -> bool:
    """Whether both are there: the package (`pip install "chainrule[graphviz]"`) and the program `dot`."""
    return importlib.util.find_spec("graphviz") is not None and shutil.which("dot") is not None


def dot_heights(
    layers: Sequence[Sequence[float]], joins: Sequence[tuple[int, int, float]], gap: float
) -> list[float] | None:
    """For each slot the height of its middle (downwards), in the order of `layers`; None if dot fails.

    `layers` holds the heights of the slots in each layer from left to right, `joins` pairs of slots, numbered through
    all layers, that are connected, with a weight; `gap` is the least distance between neighbours.
    """
    import graphviz  # late: an optional package

    lines = [
        "digraph {",
        f"rankdir=LR; splines=false; nodesep={gap / POINTS_PER_INCH:.4f}; ranksep=0.5;",
        'node [shape=box, fixedsize=true, label="", width=0.2];',
    ]
    number = 0
    for heights in layers:
        names = []
        for height in heights:
            lines.append(f"{number} [height={max(height, 1.0) / POINTS_PER_INCH:.4f}];")
            names.append(str(number))
            number += 1
        lines.append("{ rank=same; " + "; ".join(names) + " }")
    lines += [f"{one} -> {other} [weight={max(round(weight), 1)}];" for one, other, weight in joins]
    lines.append("}")
    try:
        answer = graphviz.Source("\n".join(lines)).pipe(format="plain", encoding="utf-8")
    except (graphviz.ExecutableNotFound, graphviz.CalledProcessError):
        return None
    found: dict[int, float] = {}
    for line in answer.splitlines():
        parts = line.split()
        if parts and parts[0] == "node":
            found[int(parts[1])] = -float(parts[3]) * POINTS_PER_INCH
    return [found[k] for k in range(number)]
