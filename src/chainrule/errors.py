"""The exception tree.

ChainruleError                       every error that chainrule raises on purpose
├── TrackingError      (TypeError)   a tracked value left tracking: float(v), np.asarray(v), an ended trace
├── NoRuleError        (TypeError)   a NumPy function for which there is no rule yet
├── NotDifferentiableError (TypeError)   an argument that has no derivative: a string, an object array
├── ShapeError         (ValueError)  shapes that do not fit, a non-scalar result under grad
│   ├── AxisError      (np.exceptions.AxisError)  an axis that the array does not have
│   └── MatrixError    (np.linalg.LinAlgError)    a matrix that is singular, not square, or not positive definite
├── PositionError      (IndexError)  a position that the array does not have
├── CallError          (TypeError)   arguments that NumPy's function does not take
├── LazyError          (TypeError)   a function that would compute a lazy array, such as Dask's, before its time
├── MutationError      (ValueError)  an array was written to between its use and the backward pass
├── GradientCheckError (AssertionError)  check_grads found a derivative that differs
├── NonFiniteError     (FloatingPointError)  under debug_nans: the first operation that made a NaN or an infinity
├── RuleError          (ValueError)  a rule given to cr.custom that does not fit its function
├── FormulaError       (ValueError)  a formula's text that cannot be read; has .text, .column
├── DomainError        (ValueError)  a point outside a function's domain, where a picture needs one inside
├── PathError          (ValueError)  values for which a function takes another path than the program made of it
├── ImpurityError      (ValueError)  a function given to cr.jit whose result depends on more than what it reads
├── PictureError       (ValueError)  a graph with more nodes than anybody can see in a picture
└── OutputError        (OSError)     a file or folder that cannot be written
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

import numpy as np


class ChainruleError(Exception):
    """The root of every error that chainrule raises on purpose."""


class TrackingError(ChainruleError, TypeError):
    """A tracked value was about to leave tracking, which would have lost its derivative."""

    place: object = None
    """What :mod:`chainrule.engine.lost` knows of the place, until the message says it."""


class NoRuleError(ChainruleError, TypeError):
    """The function has a derivative, but chainrule has no rule for it yet."""


class NotDifferentiableError(ChainruleError, TypeError):
    """The argument is not made of real or complex numbers, so it has no derivative."""


class ShapeError(ChainruleError, ValueError):
    """Shapes that do not fit together, or a result of the wrong shape for the transform."""


class AxisError(ShapeError, np.exceptions.AxisError):
    """An axis that the array does not have; NumPy's own AxisError, and so an IndexError as well."""


class MatrixError(ShapeError, np.linalg.LinAlgError):
    """A matrix that a function of linear algebra cannot take: singular, not square, not positive definite."""


class PositionError(ChainruleError, IndexError):
    """A position that the array does not have, or an index of a kind that arrays do not take."""


class CallError(ChainruleError, TypeError):
    """Arguments that NumPy's function does not take: too many, of the wrong kind, or of unknown name."""


class LazyError(ChainruleError, TypeError):
    """A function of a lazy array, such as Dask's, that cannot be followed without computing the array."""


class MutationError(ChainruleError, ValueError):
    """An array was written to after a tracked operation used it and before its gradient was computed."""


class GradientCheckError(ChainruleError, AssertionError):
    """A derivative that differs from its numerical check."""


class NonFiniteError(ChainruleError, FloatingPointError):
    """An operation that made a NaN or an infinity of finite numbers, found by debug_nans.

    `derivative` says that the operation's value was finite and its derivative was not.
    """

    def __init__(self, message: str, derivative: bool = False) -> None:
        self.derivative = derivative
        super().__init__(message)


class RuleError(ChainruleError, ValueError):
    """A rule given to cr.custom that does not fit its function: a wrong number, shape or value."""


class DomainError(ChainruleError, ValueError):
    """A point outside the domain of a function, where a point inside is needed."""


class PathError(ChainruleError, ValueError):
    """Values for which a function takes another path than the program made of it: a branch, a number of iterations."""


class ImpurityError(ChainruleError, ValueError):
    """A function that computes something else at each run, or changes what others see; it cannot be replayed."""


class PictureError(ChainruleError, ValueError):
    """A picture that would hold more than anybody can see in it."""


class OutputError(ChainruleError, OSError):
    """A file or a folder that could not be written."""


class FormulaError(ChainruleError, ValueError):
    """A formula's text that cannot be read.

    `text` is the whole formula, `column` the place of the fault (from 0), `reason` one sentence. `str()` shows the
    formula with a caret under the column.
    """

    def __init__(self, text: str, column: int, reason: str) -> None:
        self.text = text
        self.column = column
        self.reason = reason
        super().__init__(text, column, reason)

    def __str__(self) -> str:
        start = max(0, self.column - 60)
        # A tab or a line break would move the caret away from its column.
        shown = "".join(" " if letter in _CONTROLS else letter for letter in self.text[start : self.column + 60])
        return f"{self.reason}\n  {shown}\n  {_blank(shown[: self.column - start])}^"


_CONTROLS = "\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def _blank(text: str) -> str:
    """Spaces as wide as `text` on a terminal, where full-width characters take two columns and accents none."""
    return "".join(
        "\N{IDEOGRAPHIC SPACE}" if east_asian_width(letter) in "WF" else "" if combining(letter) else " "
        for letter in text
    )
