"""Which entries of a result depend on which entries of an argument: a reading of the program.

Every value has a row of marks for each of its entries: the entries of the input that it depends on. An elementwise
function joins the marks of its operands' entries, a function that moves entries moves their marks, a sum joins those
of what it sums. Any other function joins the marks of all entries: a pattern may have too many, never too few.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.location import at_user_line
from chainrule.engine.operations import Operation, Reference
from chainrule.engine.program import Program
from chainrule.errors import ShapeError
from chainrule.rules import Elementwise, find
from chainrule.rules.complexes import astype
from chainrule.rules.memory import laid_out, replace, replace_through, view
from chainrule.rules.shaping import scatter

MOST_MARKS = 10**7


def pattern(program: Program, number: int, result: Any) -> Any:
    """Where the entries of `result`, a part of the program's, depend on those of the input with this number.

    A SciPy array of truth values, with a row for each entry of the result and a column for each of the input.
    """
    import scipy.sparse as sparse  # late: an extra

    size = int(np.prod(program.inputs[number].shape))
    marks: list[Any] = [None] * len(program.inputs)
    marks[number] = sparse.identity(size, dtype=np.int32, format="csr")
    shapes: list[Any] = [given.shape for given in program.inputs]
    for operation in program.operations:
        marks.append(_marks(operation, marks, shapes, size))
        shapes.append(operation.shape)
    found = marks[result.number] if type(result) is Reference else None
    shape = shapes[result.number] if type(result) is Reference else np.shape(result)
    if found is None:
        found = sparse.csr_array((int(np.prod(shape)), size), dtype=np.int32)
    return sparse.csr_array(found.astype(bool))


def _marks(operation: Operation, marks: Sequence[Any], shapes: Sequence[Any], size: int) -> Any:
    """The marks of an operation's result; None where it depends on nothing."""
    used = [(r, marks[r.number]) for r in operation.references() if marks[r.number] is not None]
    if not used or (operation.dtype is not None and operation.dtype.kind not in "fc"):
        return None
    if operation.function is operator.getitem and shapes[used[0][0].number] is None:  # one of several results
        return _rows(marks[used[0][0].number], int(np.prod(operation.shape or ())))
    if operation.shape is None:
        return _all_of([mark for _, mark in used], 1)
    form = _form(operation)
    places = [(k, r) for k, argument in enumerate(operation.args) for _, r in _places(argument)]
    followed = {reference.number for k, reference in places if _moves(operation, k)}
    if form is None or any(r.number not in followed for r in operation.references() if _counts(operation, r, marks)):
        return _all_of([mark for _, mark in used], int(np.prod(operation.shape)))
    found = None
    for position, argument in enumerate(operation.args):
        for path, reference in _places(argument):
            mark = marks[reference.number]
            if mark is not None:
                part = form(operation, position, path, mark, shapes)
                found = part if found is None else found + part
    return None if found is None else _as_marks(found)


def _as_marks(matrix: Any) -> Any:
    matrix = matrix.tocsr()
    matrix.data[:] = matrix.data != 0
    return matrix


def _places(argument: Any) -> list[tuple[Any, Reference]]:
    """The references in an argument, with their places in a list."""
    if type(argument) is Reference:
        return [(None, argument)]
    if type(argument) is list or type(argument) is tuple:
        return [(k, item) for k, item in enumerate(argument) if type(item) is Reference]
    return []


def _moves(operation: Operation, position: int) -> bool:
    """Whether the marks of the argument at a position are followed: those of an index are not."""
    if operation.function in _MOVING:
        return position < (2 if operation.function in _WRITING else 1)
    return True


def _counts(operation: Operation, reference: Reference, marks: Sequence[Any]) -> bool:
    """Whether a reference matters: where entries are moved, every one, for it may say where to."""
    return operation.function in _MOVING or marks[reference.number] is not None


def _all_of(marks: Sequence[Any], rows: int) -> Any:
    """Marks of a result whose every entry depends on all entries of the operands."""
    joined = np.any([np.asarray(mark.sum(axis=0)).ravel() != 0 for mark in marks], axis=0)
    if rows * np.count_nonzero(joined) > MOST_MARKS:
        raise ShapeError(
            f"the pattern of {rows} entries that depend on {np.count_nonzero(joined)} each is not sparse"
            f"{at_user_line()}. Leave sparse=True out."
        )
    import scipy.sparse as sparse  # late: an extra

    return sparse.csr_matrix(np.broadcast_to(joined.astype(np.int32), (rows, len(joined))))


def _rows(mark: Any, rows: int) -> Any:
    return _picked(mark, np.zeros(rows, int)) if rows else mark[:0]


def _picked(mark: Any, places: Any) -> Any:
    """The rows at these places; those at -1 are empty."""
    import scipy.sparse as sparse  # late: an extra

    kept = np.flatnonzero(places >= 0)
    ones = np.ones(len(kept), np.int32)
    return sparse.csr_matrix((ones, (kept, places[kept])), (len(places), mark.shape[0])) @ mark


# ---------------------------------------------------------------------- the kinds of functions

Form = Callable[[Operation, int, Any, Any, Sequence[Any]], Any]


def _form(operation: Operation) -> Form | None:
    """How the marks of a function's results come from those of its operands."""
    function = operation.function
    if function in _MOVING:
        return _moved
    if function in _SUMMING:
        return _summed
    if function is np.matmul or function is np.dot:
        return _product
    if function is np.where:
        return _elementwise if len(operation.args) == 3 else None
    if isinstance(function, np.ufunc):
        return _elementwise if function.signature is None and not operation.kwargs else None
    if function in _ENTRYWISE or isinstance(find(function), Elementwise):
        return _elementwise
    ufunc = getattr(function, "__self__", None)
    return _summed if isinstance(ufunc, np.ufunc) and function.__name__ == "reduce" else None


def _elementwise(operation: Operation, position: int, path: Any, mark: Any, shapes: Sequence[Any]) -> Any:
    of = operation.args[position] if path is None else operation.args[position][path]
    shape = shapes[of.number]
    places = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), operation.shape or ())
    return _picked(mark, places.ravel())


def _moved(operation: Operation, position: int, path: Any, mark: Any, shapes: Sequence[Any]) -> Any:
    """Of a function that moves entries: it is called on their places, counted from 1, with 0 for all else."""

    def stand_in(argument: Any, k: int, inner: Any = None) -> Any:
        if type(argument) is Reference:
            shape = shapes[argument.number]
            if (k, inner) == (position, path):
                return np.arange(1.0, 1 + int(np.prod(shape))).reshape(shape)[()]
            return np.zeros(shape)[()]
        if k == 0 and type(argument) is list:
            return [stand_in(item, k, i) for i, item in enumerate(argument)]
        if isinstance(argument, np.ndarray) and argument.dtype.kind in "fc" and k < 2:
            return np.zeros(argument.shape)
        return 0.0 if k == 1 and operation.function in _WRITING and isinstance(argument, float) else argument

    if operation.function is scatter:
        return _scattered(operation, mark, shapes)
    args = [stand_in(argument, k) for k, argument in enumerate(operation.args)]
    places = np.asarray(operation.function(*args, **operation.kwargs))
    return _picked(mark, np.rint(places).astype(int).ravel() - 1)


def _scattered(operation: Operation, mark: Any, shapes: Sequence[Any]) -> Any:
    """Of the transpose of an index, which may name an entry several times."""
    import scipy.sparse as sparse  # late: an extra

    shape = operation.shape or ()
    into = np.arange(int(np.prod(shape))).reshape(shape)[operation.args[1]]
    given = shapes[operation.args[0].number]
    places = np.broadcast_to(np.arange(int(np.prod(given))).reshape(given), into.shape)
    ones = np.ones(into.size, np.int32)
    moved = sparse.csr_matrix((ones, (into.ravel(), places.ravel())), (int(np.prod(shape)), int(np.prod(given))))
    return moved @ mark


def _summed(operation: Operation, position: int, path: Any, mark: Any, shapes: Sequence[Any]) -> Any:
    """Of a function along axes: which entry of the result each entry of the operand goes into."""
    import scipy.sparse as sparse  # late: an extra

    shape = shapes[operation.args[position].number]
    default = 0 if getattr(operation.function, "__name__", "") == "reduce" else None
    axis = operation.args[1] if len(operation.args) > 1 else operation.kwargs.get("axis", default)
    axes = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    summed = {one % max(len(shape), 1) for one in axes}
    kept = tuple(1 if k in summed else n for k, n in enumerate(shape))
    into = np.broadcast_to(np.arange(int(np.prod(kept))).reshape(kept), shape).ravel()
    ones = np.ones(len(into), np.int32)
    return sparse.csr_matrix((ones, (into, np.arange(len(into)))), (int(np.prod(kept)), len(into))) @ mark


def _product(operation: Operation, position: int, path: Any, mark: Any, shapes: Sequence[Any]) -> Any:
    """Of a product of vectors and matrices: the entries of constants that are 0 count for nothing."""
    import scipy.sparse as sparse  # late: an extra

    one, other = operation.args[position], operation.args[1 - position]
    shape = shapes[one.number]
    fixed = type(other) is not Reference
    counterpart = np.asarray(other) if fixed else np.ones(shapes[other.number])
    if len(shape) > 2 or counterpart.ndim > 2 or not shape or not counterpart.ndim:
        return _all_of([mark], int(np.prod(operation.shape or ())))
    factor = sparse.csr_matrix((counterpart != 0).astype(np.int32).reshape(
        counterpart.shape if counterpart.ndim == 2 else (1, -1) if position else (-1, 1)
    ))  # fmt: skip
    if position == 0:  # (rows × inner) · factor: entry (i, k) of the result is of row i
        rows = shape[0] if len(shape) == 2 else 1
        return sparse.kron(sparse.identity(rows, dtype=np.int32), factor.T, "csr") @ mark
    columns = shape[1] if len(shape) == 2 else 1
    return sparse.kron(factor, sparse.identity(columns, dtype=np.int32), "csr") @ mark


_WRITING = {replace, replace_through}
_ENTRYWISE = {astype, np.real, np.imag, np.conjugate}
_MOVING = {
    operator.getitem, scatter, view, laid_out, *_WRITING, np.reshape, np.ravel, np.squeeze, np.expand_dims,
    np.atleast_1d, np.atleast_2d, np.broadcast_to, np.transpose, np.swapaxes, np.moveaxis, np.concatenate, np.stack,
    np.flip, np.roll, np.tile, np.repeat, np.diag, np.diagonal, np.tril, np.triu, np.take, np.rot90,
}  # fmt: skip
_SUMMING = {
    np.sum, np.mean, np.prod, np.max, np.min, np.amax, np.amin, np.std, np.var, np.median, np.nansum, np.nanmean, np.ptp
}  # fmt: skip
"""Their second argument is the axis."""
