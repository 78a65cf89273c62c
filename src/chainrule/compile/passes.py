"""The passes in their order: functions from a program to one with the same results. Kernels come last."""

from __future__ import annotations

from chainrule.compile.common import sharing, without_repeated_questions
from chainrule.compile.constants import fold
from chainrule.compile.dead import without_dead_code
from chainrule.compile.fusion import fused
from chainrule.compile.identities import simplify
from chainrule.compile.kernels import is_available
from chainrule.compile.rewriting import rewritten
from chainrule.compile.signs import deciding
from chainrule.compile.strength import reduce
from chainrule.engine.program import Program


def optimised(program: Program) -> Program:
    """`program` after all passes; those that look at single operations share one sweep."""
    program = rewritten(without_dead_code(program), fold, simplify, deciding(), reduce, sharing())
    program = without_dead_code(without_repeated_questions(program))
    return fused(program) if is_available() else program
