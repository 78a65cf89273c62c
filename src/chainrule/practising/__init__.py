"""Practice: exercises in differentiating, the verdict on an answer with the mistake that leads to it, and hints.

    session = practice("chain", level=2, seed=1)
    session.exercise.question          # f(x) = …
    session.answer("cos(x^2)")         # a Verdict: right, or the mistake by its name and its step
    session.hint()                     # one step of the derivation after another

Under it are functions from data to data, :func:`exercises`, :func:`judge` and :func:`hints`; all that they give has
`as_data`, for JSON.
"""

from __future__ import annotations

from chainrule.practising.diagnosis import Diagnosis, Step
from chainrule.practising.exercises import Exercise, exercises
from chainrule.practising.hints import hints
from chainrule.practising.kinds import KINDS, Kind
from chainrule.practising.session import Practice, Record, practice
from chainrule.practising.verdict import Verdict, judge

__all__ = [
    "KINDS",
    "Diagnosis",
    "Exercise",
    "Kind",
    "Practice",
    "Record",
    "Step",
    "Verdict",
    "exercises",
    "hints",
    "judge",
    "practice",
]
