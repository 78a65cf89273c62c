"""Sparse Jacobians and Hessians: as many passes as colours, and the pattern of the program.

Columns without a common row get one colour and are computed in one pass, along the sum of their directions; so do rows
without a common column, in reverse mode. (A. R. Curtis, M. J. D. Powell and J. K. Reid, "On the estimation of sparse
Jacobian matrices", 1974; D. K. Gebremedhin, F. Manne and A. Pothen, "What color is your Jacobian?", 2005.)
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.engine.arguments import Argnums, Function, Inputs, as_function, name_of
from chainrule.engine.location import at_user_line
from chainrule.engine.staging import stage
from chainrule.errors import ShapeError
from chainrule.transforms.directions import jvp, vjp
from chainrule.transforms.pattern import pattern


def sparsity(f: Function | str, *args: Any) -> Any:
    """Where the result of `f(*args)` depends on the first argument: a SciPy sparse array of truth values.

    It has a row for each entry of the result and a column for each entry of the argument, in C order, and holds for all
    arguments with which the function goes the same way. It may have too many entries, never too few.

    Raises ShapeError where argument and result are not one array each, and ImportError without SciPy.

    >>> import numpy as np, chainrule as cr
    >>> cr.sparsity(lambda x: x[1:] - x[:-1], np.ones(4)).toarray().astype(int)
    array([[1, 1, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 1, 1]])
    """
    f = as_function(f)
    return _of_program(f, args, {}, 0)[0]


def _of_program(f: Function, args: Any, kwargs: dict[str, Any], argnums: Argnums) -> tuple[Any, Function, Any]:
    """The pattern, and the function of the one argument that it is for, with this argument."""
    chosen, call = Inputs(f, argnums, args, kwargs).arguments()
    if len(chosen) != 1 or not isinstance(chosen[0], np.ndarray):
        got = f"{len(chosen)} arguments" if len(chosen) != 1 else f"a {type(chosen[0]).__name__}"
        raise ShapeError(
            f"a sparse derivative of {name_of(f)} is by one array{at_user_line()}, but got {got}. Leave sparse out."
        )
    program = stage(call, chosen[0])
    if isinstance(program.result, tuple | list | dict):
        raise ShapeError(
            f"a sparse derivative is of one array{at_user_line()}, but {name_of(f)} returned "
            f"{type(program.result).__name__}. Join the results with np.concatenate."
        )
    return pattern(program, 0, program.result), call, chosen[0]


def sparse_jacobian(f: Function, argnums: Argnums, known: Any) -> Function:
    """The Jacobian as a SciPy array; `known` is its pattern, or True."""

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        found, call, x = _of_program(f, args, kwargs, argnums)
        places = found if known is True else known
        if places.shape != found.shape:
            raise ShapeError(
                f"the pattern is of shape {places.shape}{at_user_line()}, but the Jacobian of {name_of(f)} has shape "
                f"{found.shape}"
            )
        if known is not True and (found > sparse_array(places)).nnz:
            raise ShapeError(
                f"the pattern leaves out an entry of the Jacobian of {name_of(f)}{at_user_line()}. Make it with "
                "cr.sparsity, for arguments with which the function goes the same way."
            )
        return _coloured(call, x, places)

    return jacobian_of_f


def sparse_array(places: Any) -> Any:
    """A pattern as SciPy has it."""
    import scipy.sparse as sparse  # late: an extra

    return sparse.csr_array(places).astype(bool)


def _coloured(f: Function, x: Any, places: Any) -> Any:
    """The Jacobian with entries at these places."""
    import scipy.sparse as sparse  # late: an extra

    rows, columns = sparse.csr_matrix(places), sparse.csc_matrix(places)
    forward = int(np.diff(rows.indptr).max(initial=0)) <= int(np.diff(columns.indptr).max(initial=0))
    colours = colouring(rows if forward else columns.T.tocsr())
    made = rows.tocoo()
    values = np.zeros(made.nnz, np.result_type(x.dtype, np.float32))
    of_entry = colours[made.col if forward else made.row]
    out, pullback = (x, None) if forward else vjp(f, x)
    for colour in range(int(colours.max(initial=-1)) + 1):
        seeds = (colours == colour).astype(x.dtype)
        here = of_entry == colour
        if forward:
            out, moved = jvp(f, (x,), (seeds.reshape(x.shape),))
            values[here] = np.ravel(moved)[made.row[here]]
        else:
            assert pullback is not None
            values[here] = np.ravel(pullback(seeds.reshape(np.shape(out)).astype(out.dtype)[()]))[made.col[here]]
    if made.nnz:
        values[np.isnan(np.ravel(out))[made.row]] = np.nan  # as in a dense Jacobian
    return sparse.csr_array((values, (made.row, made.col)), shape=places.shape)


def colouring(rows: Any) -> Any:
    """A colour for each column of a pattern in rows (CSR), so that columns of one colour have no row in common.

    Columns are coloured in the order of how many others they meet, most first; each gets the first colour that is free.

    >>> import numpy as np, scipy.sparse
    >>> tridiagonal = scipy.sparse.diags_array([np.ones(5)] * 3, offsets=[-1, 0, 1], shape=(5, 5)).tocsr()
    >>> int(colouring(tridiagonal).max()) + 1
    3
    """
    columns = rows.tocsc()
    count = rows.shape[1]
    colours = np.full(count, -1)
    lengths = np.diff(rows.indptr)
    meeting = np.asarray(columns.T.astype(bool) @ lengths).ravel()
    for column in np.argsort(-meeting, kind="stable"):
        mine = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        near = [rows.indices[rows.indptr[row] : rows.indptr[row + 1]] for row in mine]
        taken = set(colours[np.concatenate(near)].tolist()) if near else set()
        colours[column] = next(colour for colour in range(count + 1) if colour not in taken)
    return colours
