"""Matrices of derivatives: Jacobians by either mode, Hessians, and products with Hessians."""

from __future__ import annotations

import functools
from collections.abc import Sequence
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
        undefined = [np.full(leaf.shape, np.nan, leaf.dtype)[()] for leaf in leaves]
        rows: list[Any] = []
        for k, output in enumerate(outputs):
            columns: list[list[Any]] = []
            for i in range(np.size(plain(output))):
                nowhere = np.isnan(np.ravel(settled(output))[i])
                if known(nowhere) and nowhere:
                    columns.append(undefined)
                    continue
                seeds = [np.zeros(np.shape(plain(o)), o.dtype) for o in outputs]
                seeds[k].flat[i] = 1.0
                column = flatten(pullback(rebuild_out([seed[()] for seed in seeds])))[0]
                if not known(nowhere):
                    column = [np.where(nowhere, none, c)[()] for none, c in zip(undefined, column, strict=True)]
                columns.append(column)
            blocks = [
                np.reshape(
                    np.stack([column[j] for column in columns]) if columns else np.zeros((0, *np.shape(leaf))),
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
        columns: list[list[list[Any]]] = []
        rebuild_out: Rebuild | None = None
        shapes: list[Any] = []
        for j, value in enumerate(values):
            columns.append([])
            for i in range(value.size):
                seeds = [np.zeros(v.shape, v.dtype) for v in values]

                def along(step: complex, entry: Any = seeds[j], i: int = i, seeds: Any = seeds) -> tuple[Any, Any]:
                    entry.flat[i] = step
                    return jvp(call, rebuild(values), rebuild([seed[()] for seed in seeds]))

                out, moved = along(1.0)
                outputs, rebuild_out = flatten(out)
                shapes = [np.shape(plain(o)) for o in outputs]
                column = flatten(moved)[0]
                if value.dtype.kind == "c" and "f" in _kinds(out):  # of a real result: ∂f/∂a − i ∂f/∂b
                    turned = flatten(along(1.0j)[1])[0]
                    column = [
                        c if c.dtype.kind == "c" else c - 1j * t for c, t in zip(column, turned, strict=True)
                    ]
                columns[j].append(column)
        if rebuild_out is None:  # every argument is empty
            outputs, rebuild_out = flatten(vjp(call, *chosen)[0])
            shapes = [np.shape(plain(o)) for o in outputs]
        rows = []
        for k, shape in enumerate(shapes):
            blocks = [
                np.reshape(
                    np.stack([c[k] for c in columns[j]], axis=-1) if columns[j] else np.zeros((*shape, 0)),
                    (*shape, *value.shape),
                )[()]
                for j, value in enumerate(values)
            ]
            made = rebuild(blocks)
            rows.append(made[0] if isinstance(argnums, int | str) else made)
        return rebuild_out(rows)

    return jacobian_of_f


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """The Jacobian: the derivative of every entry of the result by every entry of the argument.

    Its shape is that of the result followed by that of the argument; containers nest, the result's outside. Forward
    or reverse mode is used, whichever needs fewer passes; from complex to complex numbers always reverse mode, for the
    two differ where a function is not holomorphic.

    >>> import numpy as np, chainrule as cr
    >>> cr.jacobian(lambda x: x[0] * x)(np.array([2.0, 3.0]))
    array([[4., 0.],
           [3., 2.]])
    """
    f = as_function(f)
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


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """The matrix of second derivatives of a function with a scalar result: forward over reverse mode.

    Its shape is that of the argument, twice. For a container it is nested twice in the container's structure.

    >>> import numpy as np, chainrule as cr
    >>> cr.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
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
