"""The passes in their order. A pass is a function from a program to one with the same results, bit for bit."""

from __future__ import annotations

from chainrule.compile.common import without_repetition
from chainrule.compile.constants import folded
from chainrule.compile.dead import without_dead_code
from chainrule.compile.identities import simplified
from chainrule.compile.signs import decided
from chainrule.compile.strength import reduced
from chainrule.engine.program import Program

PASSES = (
    without_dead_code, folded, simplified, without_repetition, decided, folded, simplified, reduced,
    without_repetition, without_dead_code,
)  # fmt: skip


def optimised(program: Program) -> Program:
    """`program` after all passes."""
    for each in PASSES:
        program = each(program)
    return program
