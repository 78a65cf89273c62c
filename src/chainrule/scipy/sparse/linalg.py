"""Solutions of sparse systems, as in scipy.sparse.linalg, differentiable in the right-hand side.

What is not named here is SciPy's own. The matrix is a constant; of the derivative, which is a solution with the matrix
or its transpose, iterative solvers ask for more digits than of the value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import linalg as _theirs

from chainrule.engine.dispatch import apply
from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked
from chainrule.errors import GradientCheckError, TrackingError
from chainrule.formula.expression import Function
from chainrule.namesakes import namesake
from chainrule.rules.rule import as_array, explicit
from chainrule.scipy.following import like
from chainrule.scipy.sequences import joined

__all__ = [
    "bicg", "bicgstab", "cg", "cgs", "gcrotmk", "gmres", "lgmres", "minres", "qmr", "spsolve", "spsolve_triangular",
]  # fmt: skip


def system_solution(b: Any, first: Function, solve: Function, back: Function) -> Any:
    """The solution x of A·x = b that `first` computes; `solve` does so for derivatives, `back` for the transpose."""
    if isinstance(b, Tracked):
        return apply(system_solution, (b, first, solve, back), {})
    return first(b)


explicit(
    system_solution, 1,
    lambda out, operands, tracked, first, solve, back: lambda g: (system_solution(g, back, back, solve),),
    lambda out, operands, tangents, first, solve, back: system_solution(tangents[0], solve, solve, back),
    source="the solution is linear in the right-hand side",
)


def _constant(A: Any) -> Any:  # noqa: N803, as SciPy names it
    if isinstance(A, Tracked):
        raise TrackingError(
            f"a sparse solver got a tracked matrix{at_user_line()}, whose derivative it does not follow. Use "
            "chainrule.scipy.linalg.solve for a matrix that is not sparse, or pass cr.stop_gradient(A)."
        )
    return A


@like(_theirs.spsolve)
def spsolve(A: Any, b: Any, permc_spec: Any = None, use_umfpack: bool = True) -> Any:  # noqa: N803
    """SciPy's `spsolve`: the solution of A·x = b for a sparse matrix `A`, differentiable in `b` (n,) or (n, k)."""
    b = as_array(joined(b))
    if not isinstance(b, Tracked):
        return _theirs.spsolve(_constant(A), b, permc_spec, use_umfpack)
    A = _constant(A).copy()  # noqa: N806
    transposed = A.T.asformat(A.format if A.format in ("csc", "csr") else "csc")

    def solving(matrix: Any) -> Function:
        return lambda b: np.reshape(_theirs.spsolve(matrix, b, permc_spec, use_umfpack), np.shape(b))

    return system_solution(b, solving(A), solving(A), solving(transposed))


@like(_theirs.spsolve_triangular)
def spsolve_triangular(A: Any, b: Any, lower: bool = True, unit_diagonal: bool = False, **_: Any) -> Any:  # noqa: N803
    """SciPy's `spsolve_triangular`, differentiable in `b`."""
    b = as_array(joined(b))
    if not isinstance(b, Tracked):
        return _theirs.spsolve_triangular(_constant(A), b, lower, unit_diagonal=unit_diagonal)
    A = _constant(A).copy()  # noqa: N806

    def solving(matrix: Any, lower: bool) -> Function:
        return lambda b: _theirs.spsolve_triangular(matrix, b, lower, unit_diagonal=unit_diagonal)

    return system_solution(b, solving(A, lower), solving(A, lower), solving(A.T.tocsr(), not lower))


def _exactly(solver: Function, A: Any, b: Any, options: dict[str, Any]) -> Any:  # noqa: N803, as SciPy names it
    """A solution for a derivative; by GMRES where a method breaks down, as it may where a cotangent has many zeros."""
    if not np.any(b):
        return np.zeros(np.shape(b))
    for method, given in ((solver, options), (_theirs.gmres, {"rtol": 1e-12, "restart": min(200, np.size(b))})):
        x, report = method(A, b, **given)
        if report == 0 and np.linalg.norm(A @ np.ravel(x) - np.ravel(b)) <= 1e-8 * np.linalg.norm(b):
            return x
    raise GradientCheckError(
        f"the linear system for the derivative of a sparse solution{at_user_line()} was not solved: the method stopped "
        f"with the report {report}. Use spsolve, or give a preconditioner M."
    )


def _iterative(name: str) -> Function:
    theirs = getattr(_theirs, name)

    @like(theirs)
    def solver(A: Any, b: Any, x0: Any = None, **options: Any) -> Any:  # noqa: N803, as SciPy names it
        b = as_array(joined(b))
        if not isinstance(b, Tracked):
            return theirs(_constant(A), b, x0, **options)
        A = _constant(A).copy() if hasattr(A, "copy") else A  # noqa: N806
        exact = {key: value for key, value in options.items() if key not in ("callback", "callback_type")}
        exact["rtol"] = 1e-12
        reports = []

        def first(b: Any) -> Any:
            x, report = theirs(A, b, x0, **options)
            reports.append(report)
            return np.reshape(x, np.shape(b))

        def again(matrix: Any, options: Any) -> Function:
            return lambda b: np.reshape(_exactly(theirs, matrix, b, options), np.shape(b))

        transposed = {**exact, **{key: exact[key].T for key in ("M", "M1", "M2") if exact.get(key) is not None}}
        x = system_solution(b, first, again(A, exact), again(A.T, transposed))
        return x, reports[0]

    solver.__name__ = solver.__qualname__ = name
    solver.__doc__ = f"SciPy's `{name}`: the solution of A·x = b and a report, differentiable in `b`."
    return solver


cg, bicg, bicgstab, cgs, gmres, lgmres, minres, qmr, gcrotmk = map(
    _iterative, ("cg", "bicg", "bicgstab", "cgs", "gmres", "lgmres", "minres", "qmr", "gcrotmk")
)

__getattr__, __dir__ = namesake(_theirs, globals())
