"""Functions of a matrix: the exponential, logarithm, roots, powers and their like.

The derivative in a direction is the corner of the function of a block matrix (R. Mathias, A chain rule for matrix
functions and applications, 1996, theorem 2.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg as plain_linalg

from chainrule.engine.dispatch import apply
from chainrule.engine.values import Tracked, plain
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_array, dtype_of, explicit
from chainrule.rules.untracked import plain_array
from chainrule.scipy.following import composed, like, named_as
from chainrule.scipy.sequences import joined

__all__ = [
    "coshm", "cosm", "expm", "expm_frechet", "fractional_matrix_power", "logm", "signm", "sinhm", "sinm", "sqrtm",
    "tanhm", "tanm",
]  # fmt: skip

MODULE = "chainrule.scipy.linalg"


def _in_direction(function: Function, a: Any, da: Any) -> Any:
    """The derivative of a matrix function in the direction `da`: the corner of f([[a, da], [0, a]]).

    R. Mathias, A chain rule for matrix functions and applications, 1996, theorem 2.1. It calls `function` again, so it
    can itself be differentiated.
    """
    n = np.shape(a)[-1]
    kind = np.result_type(dtype_of(a), dtype_of(da))
    # Beside a direction that is much larger than `a`, or smaller, `a` or the result would lose its digits.
    scale = _size(da) / _size(a)
    above = np.concatenate([a, da / scale], axis=-1)
    below = np.concatenate([np.zeros(np.shape(a), kind), a], axis=-1)
    return function(np.concatenate([above, below], axis=-2))[..., :n, n:] * scale


def _size(a: Any) -> Any:
    """A power of two near the largest entry of each matrix, 1 for a matrix of zeros; a constant to every transform."""
    largest = np.max(np.abs(plain_array(a)), axis=(-2, -1), keepdims=True, initial=0)
    usual = (largest > 0) & (largest < np.inf)
    return np.ldexp(1.0, np.frexp(np.where(usual, largest, 0.5))[1]).astype(largest.dtype)


def _matrix_function(theirs: Function, meaning: str) -> Function:
    def function(A: Any) -> Any:  # noqa: N803, as SciPy names it
        A = as_array(joined(A))  # noqa: N806
        return apply(function, (A,), {}) if isinstance(A, Tracked) else theirs(A)

    named_as(function, theirs, MODULE)
    function.__doc__ = f"{meaning} of a square matrix, as scipy.linalg.{theirs.__name__}; same shape as `A`."
    explicit(
        function,
        1,
        lambda out, operands, tracked: (
            lambda g: (np.swapaxes(_in_direction(function, operands[0], np.swapaxes(g, -1, -2)), -1, -2),)
        ),
        lambda out, operands, tangents: _in_direction(function, operands[0], tangents[0]),
        source="Mathias 1996, theorem 2.1",
    )
    return function


expm = _matrix_function(plain_linalg.expm, "The exponential")
_sqrtm = _matrix_function(plain_linalg.sqrtm, "The principal square root")
_logm = _matrix_function(plain_linalg.logm, "The principal logarithm")
cosm = _matrix_function(plain_linalg.cosm, "The cosine")
sinm = _matrix_function(plain_linalg.sinm, "The sine")
tanm = _matrix_function(plain_linalg.tanm, "The tangent")
coshm = _matrix_function(plain_linalg.coshm, "The hyperbolic cosine")
sinhm = _matrix_function(plain_linalg.sinhm, "The hyperbolic sine")
tanhm = _matrix_function(plain_linalg.tanhm, "The hyperbolic tangent")


def _with_report(theirs: Function, function: Function) -> Function:
    """A matrix function with SciPy's options; with disp=False it returns an estimate of its error too."""

    @like(theirs)
    def method(A: Any, **options: Any) -> Any:  # noqa: N803, as SciPy names it
        A = as_array(joined(A))  # noqa: N806
        if not isinstance(A, Tracked):
            return theirs(A, **options)
        report = theirs(plain(A), **options) if options else None
        return (function(A), *report[1:]) if isinstance(report, tuple) else function(A)

    method.__name__ = method.__qualname__ = theirs.__name__
    method.__doc__ = function.__doc__
    function.__module__, function.__qualname__ = __name__, f"_{theirs.__name__}"  # by which the table's is pickled
    return method


logm, sqrtm = _with_report(plain_linalg.logm, _logm), _with_report(plain_linalg.sqrtm, _sqrtm)


def _fractional_power(A: Any, t: Any) -> Any:  # noqa: N803, as SciPy names it
    if not isinstance(t, Tracked) and t == int(t):
        return np.linalg.matrix_power(A, int(t))
    return expm(t * _logm(A))


def _frechet(A: Any, E: Any, compute_expm: bool = True, **_: Any) -> Any:  # noqa: N803, as SciPy names it
    moved = _in_direction(expm, A, E)
    return (expm(A), moved) if compute_expm else moved


def _sign(A: Any, **_: Any) -> Any:  # noqa: N803, as SciPy names it
    return A @ np.linalg.inv(_sqrtm(A @ A))


fractional_matrix_power = composed(plain_linalg.fractional_matrix_power, MODULE, _fractional_power, "A")
expm_frechet = composed(plain_linalg.expm_frechet, MODULE, _frechet, "A E")
signm = composed(plain_linalg.signm, MODULE, _sign, "A")
