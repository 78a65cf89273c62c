"""Matrices of derivatives: Jacobians by either mode, Hessians, and products with Hessians."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.arguments import Argnums, Function, Inputs, as_function, defined_at, name_of
from chainrule.engine.containers import Rebuild, flatten
from chainrule.engine.values import known, plain, settled
from chainrule.errors import NotDifferentiableError
from chainrule.transforms.directions import jvp, vjp
from chainrule.transforms.gradients import grad


def jacrev(f: Function, argnums: Argnums = 0) -> Function:
    """The Jacobian by reverse mode: one pullback for each entry of the result. See :func:`jacobian`.

    >>> import numpy as np, chainrule as cr
    >>> cr.jacrev(lambda x: np.array([2.0, 3.0]) * x)(np.array([1.0, 1.0]))
    array([[2., 0.],
           [0., 3.]])
    """
    f = as_function(f)

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        chosen, call = Inputs(f, argnums, args, kwargs).arguments()
        out, pullback = vjp(call, *chosen)
        outputs, rebuild_out = flatten(out)
        if _kinds(chosen) & {"f"} and _kinds(out) & {"c"}:
            raise NotDifferentiableError(
                f"jacrev would lose the imaginary part: {name_of(f)} made a complex result of a real argument"
                f"{defined_at(f)}. Use cr.jacfwd or cr.jacobian."
            )
        leaves, rebuild = flatten(tuple(chosen))
        rows: list[Any] = []
        pulled = _one_at_a_time(lambda seeds: flatten(pullback(rebuild_out(seeds)))[0], outputs)
        for output, columns in zip(outputs, pulled, strict=True):
            nowhere = np.isnan(np.ravel(settled(output)))
            if columns and (not known(nowhere) or np.any(nowhere)):
                shapes = [np.reshape(nowhere, (-1, *(1,) * np.ndim(plain(leaf)))) for leaf in leaves]
                columns = [np.where(w, np.nan, c) for w, c in zip(shapes, columns, strict=True)]
            blocks = [
                np.reshape(
                    columns[j] if columns else np.zeros((0, *np.shape(leaf))),
                    (*np.shape(plain(output)), *np.shape(plain(leaf))),
                )[()]
                for j, leaf in enumerate(leaves)
            ]
            made = rebuild(blocks)
            rows.append(made[0] if isinstance(argnums, int | str) else made)
        return rebuild_out(rows)

    return jacobian_of_f


def jacfwd(f: Function, argnums: Argnums = 0) -> Function:
    """The Jacobian by forward mode: one pass for each entry of the argument. See :func:`jacobian`.

    >>> import numpy as np, chainrule as cr
    >>> cr.jacfwd(lambda x: np.stack([x, x**2]))(3.0)
    array([1., 6.])
    """
    f = as_function(f)

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        chosen, call = Inputs(f, argnums, args, kwargs).arguments()
        values, rebuild = flatten(tuple(chosen))
        rebuild_out: Rebuild | None = None
        shapes: list[Any] = []
        kinds: set[str] = set()

        def along(seeds: Sequence[Any]) -> list[Any]:
            nonlocal rebuild_out, shapes, kinds
            out, moved = jvp(call, rebuild(values), rebuild(seeds))
            outputs, rebuild_out = flatten(out)
            shapes, kinds = [np.shape(plain(o)) for o in outputs], _kinds(out)
            return flatten(moved)[0]

        columns = _one_at_a_time(along, values)
        if _kinds(values) & {"c"} and "f" in kinds:  # of a real result: ∂f/∂a − i ∂f/∂b
            turned = _one_at_a_time(along, values, 1.0j)
            for column, by_b, value in zip(columns, turned, values, strict=True):
                if value.dtype.kind == "c":
                    column[:] = [c if c.dtype.kind == "c" else c - 1j * t for c, t in zip(column, by_b, strict=True)]
        if rebuild_out is None:  # every argument is empty
            outputs, rebuild_out = flatten(vjp(call, *chosen)[0])
            shapes = [np.shape(plain(o)) for o in outputs]
        rows = []
        for k, shape in enumerate(shapes):
            blocks = [
                np.reshape(
                    np.moveaxis(columns[j][k], 0, -1) if columns[j] else np.zeros((*shape, 0)),
                    (*shape, *value.shape),
                )[()]
                for j, value in enumerate(values)
            ]
            made = rebuild(blocks)
            rows.append(made[0] if isinstance(argnums, int | str) else made)
        return rebuild_out(rows)

    return jacobian_of_f


MANY = 16
"""From this number of passes on they are made together, as one batch."""
LARGEST = 2**20
"""Entries that the seeds of a batch have at most."""


def _one_at_a_time(
    move: Callable[[Sequence[Any]], list[Any]], like: Sequence[Any], step: complex = 1.0
) -> list[list[Any]]:
    """For each leaf what `move` makes of seeds that are `step` in one of its entries, stacked, and 0 elsewhere.

    A leaf without entries has no results, nor has a real one of an imaginary step.
    """
    shapes = [np.shape(plain(leaf)) for leaf in like]
    zeros = [np.zeros(shape, leaf.dtype)[()] for shape, leaf in zip(shapes, like, strict=True)]
    found = []
    for j, shape in enumerate(shapes):
        size = math.prod(shape)

        def of(seed: Any, j: int = j) -> tuple[Any, ...]:
            return tuple(move([seed[()] if k == j else zero for k, zero in enumerate(zeros)]))

        dtype = like[j].dtype if like[j].dtype.kind == "c" else np.result_type(like[j].dtype, np.float16)
        fits = like[j].dtype.kind == "c" or not isinstance(step, complex)
        found.append(_stacked(of, shape, dtype, step) if size and fits else [])
    return found


def _stacked(of: Callable[[Any], tuple[Any, ...]], shape: tuple[int, ...], dtype: Any, step: complex) -> list[Any]:
    size = math.prod(shape)
    parts: list[tuple[Any, ...]] = []
    if size >= MANY:
        from chainrule.transforms.vectorized import vmap  # late: few functions have so many entries

        together = vmap(of)
        count = max(1, LARGEST // size)
        try:
            for start in range(0, size, count):
                seeds = np.zeros((min(count, size - start), size), dtype)
                seeds[np.arange(len(seeds)), start + np.arange(len(seeds))] = step
                parts.append(together(seeds.reshape(-1, *shape)))
        except Exception:  # what cannot be recorded; one after the other they give their own error, or none
            parts = []
        if parts:
            return [np.concatenate(some) if len(some) > 1 else some[0] for some in zip(*parts, strict=True)]
    for i in range(size):
        seed = np.zeros(shape, dtype)
        seed.flat[i] = step
        parts.append(of(seed))
    return [np.stack(some) for some in zip(*parts, strict=True)]


def jacobian(f: Function, argnums: Argnums = 0, *, sparse: Any = False) -> Function:
    """The Jacobian: the derivative of every entry of the result by every entry of the argument.

    Its shape is that of the result followed by that of the argument; containers nest, the result's outside. Forward
    or reverse mode is used, whichever needs fewer passes; from complex to complex numbers always reverse mode, for the
    two differ where a function is not holomorphic. Many passes are made together, as a batch.

    With `sparse=True` it is a SciPy sparse array with a row for each entry of the result and a column for each entry
    of the argument, which are one array each. Its pattern is :func:`chainrule.sparsity`'s, and columns that have no row
    in common are computed in one pass: three for a tridiagonal one. A known pattern is given as `sparse` itself.

    >>> import numpy as np, chainrule as cr
    >>> cr.jacobian(lambda x: x[0] * x)(np.array([2.0, 3.0]))
    array([[4., 0.],
           [3., 2.]])
    """
    f = as_function(f)
    if sparse is not False:
        from chainrule.transforms.sparse import sparse_jacobian  # late: it needs the extra SciPy

        return sparse_jacobian(f, argnums, sparse)
    forward, reverse = jacfwd(f, argnums), jacrev(f, argnums)

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        chosen, call = Inputs(f, argnums, args, kwargs).arguments()
        size_in = sum(np.size(plain(leaf)) for leaf in flatten(tuple(chosen))[0])
        kinds = _kinds(chosen)
        if size_in <= 2 and "c" not in kinds:
            return forward(*args, **kwargs)
        out, _ = vjp(call, *chosen)  # not a plain call: what cannot be followed is the same error as elsewhere
        if len(kinds) > 1 or _kinds(out) != kinds:  # the one that keeps the imaginary part
            return (forward if "c" in _kinds(out) else reverse)(*args, **kwargs)
        size_out = sum(np.size(plain(leaf)) for leaf in flatten(out)[0])
        return (forward if size_in < size_out and "c" not in kinds else reverse)(*args, **kwargs)

    return jacobian_of_f


def hessian(f: Function, argnums: Argnums = 0, *, sparse: Any = False) -> Function:
    """The matrix of second derivatives of a function with a scalar result: forward over reverse mode.

    Its shape is that of the argument, twice. For a container it is nested twice in the container's structure. `sparse`
    is that of :func:`jacobian`: the Hessian of a sum of terms in few variables each has few entries.

    >>> import numpy as np, chainrule as cr
    >>> cr.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    if sparse is not False:
        return jacobian(grad(f, argnums), argnums, sparse=sparse)
    return jacfwd(grad(f, argnums), argnums)


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of `f` at `primals` times the vector `tangents`, without forming the Hessian.

    For one primal it has that primal's structure; for several it is a tuple.

    >>> import numpy as np, chainrule as cr
    >>> cr.hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 1.0]),))
    array([ 6., 12.])
    """
    argnums = 0 if not isinstance(primals, (tuple, list)) or len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]


def _kinds(tree: Any) -> set[str]:
    """The kinds of numbers in `tree`: "f" for real ones, "c" for complex ones."""
    return {"c" if np.asarray(plain(leaf)).dtype.kind == "c" else "f" for leaf in flatten(tree)[0]}
